//! Stages of Dockerfiles: each starts with the files of its base, and takes files from others.

use std::rc::Rc;

use super::files::{Files, Held, Spot};
use super::machine::{MAX_DOWNLOADS, Machine};
use super::places::{absolute, below, globs, is_of_programs, join, parent, shares_name};
use super::shell::Shell;
use super::world::World;
use super::{Download, Home, Routine, UseKind};
use crate::commands::UrlText;
use crate::graph::images::ImageFile;
use crate::graph::images::layout::{Layout, Seen, walk};
use crate::graph::kinds::docker::{Base, Copy, Dockerfile, InstructionKind};
use crate::parse::shell::basename;
use crate::source::{Place, RepoPath};

/// A stage that was run.
struct Done<'a> {
    files: Files<'a>,
    added: Vec<String>,
}

/// Runs the stages of a Dockerfile in their order.
pub(super) fn run<'a>(
    world: &mut World<'a>,
    document: usize,
    dockerfile: &'a Dockerfile,
    image: Option<&ImageFile>,
    routines: &mut Vec<Routine>,
) {
    let context = image.map_or_else(RepoPath::default, |i| i.context.clone());
    let paths = Rc::clone(&world.paths);
    let mut done: Vec<Done<'a>> = Vec::new();
    let mut at: Option<usize> = None;
    walk(dockerfile, &context, &paths, &mut |seen: Seen<'_, 'a>| {
        let stage = seen.stage.index;
        // Stages without any instruction are not come by.
        while done.len() <= stage {
            let index = done.len();
            let base = match dockerfile.stages.get(index).map(|s| &s.base) {
                Some(Base::Stage(from)) => done.get(*from),
                _ => None,
            };
            let files = base.map(|d| d.files.clone()).unwrap_or_default();
            let added = base.map(|d| d.added.clone()).unwrap_or_default();
            done.push(Done { files, added });
        }
        if at != Some(stage) {
            at = Some(stage);
            routines.push(Routine { home: Home::Stage { document, stage }, file: dockerfile.file });
        }
        let (before, own) = done.split_at_mut(stage);
        let Some(own) = own.first_mut() else { return };
        let mut shell = Shell::new(seen.layout.clone());
        shell.added.clone_from(&own.added);
        let mut machine = Machine::new(world, routines.len() - 1, shell, std::mem::take(&mut own.files));
        machine.leg(seen.instruction, false, None);
        match &seen.what.kind {
            InstructionKind::Run { script, .. } | InstructionKind::Start(script) => {
                machine.process(script, dockerfile.file);
            }
            InstructionKind::Env(pairs) => {
                for (_, value) in pairs.iter().filter(|(name, _)| name.value == "PATH") {
                    for folder in value.value.split(':').filter(|f| !f.contains("PATH")) {
                        machine.add_folder(folder, Place::new(dockerfile.file, seen.what.span));
                    }
                }
            }
            InstructionKind::Copy(copy) => {
                let place = Place::new(dockerfile.file, seen.what.span);
                match &copy.from {
                    None if copy.is_add => add(&mut machine, copy, place),
                    Some((_, Base::Stage(from))) => {
                        if let Some(from) = before.get(*from) {
                            take(&mut machine, copy, &from.files, place);
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
        machine.settle();
        own.added = std::mem::take(&mut machine.shell.added);
        own.files = std::mem::take(&mut machine.files);
    });
}

/// `ADD https://.. /x`
fn add<'a>(machine: &mut Machine<'_, 'a>, copy: &'a Copy, place: Place) {
    let Some(destination) = &copy.destination else { return };
    for source in copy.sources.iter().filter(|s| s.value.contains("://") && !s.value.ends_with(".git")) {
        if machine.world.downloads.len() >= MAX_DOWNLOADS {
            machine.world.is_cut = true;
            return;
        }
        let url = machine.shell.url(&UrlText::new(source.value.clone(), !source.value.contains('$')));
        let into = machine.shell.path(&destination.value);
        let is_folder = destination.value.ends_with('/') || copy.sources.len() > 1;
        let path = match url.file_name() {
            Some(name) if is_folder => join(&into, name),
            _ => into,
        };
        // Its digest is compared by who builds the image: it stands for no check of a script.
        if copy.checksum.is_some() {
            continue;
        }
        let download = machine.world.downloads.len();
        let at = machine.stop_at(Place::new(place.file, source.span));
        let routine = machine.routine;
        machine.world.downloads.push(Download { routine, at, url, is_tls_off: false, uses: Vec::new() });
        let since = Rc::new(machine.moment());
        machine.files.replace(Held { download, place: Spot::File(path), is_unpacked: false, since });
    }
}

/// `COPY --from=build /x /y`
fn take<'a>(machine: &mut Machine<'_, 'a>, copy: &'a Copy, from: &Files<'a>, place: Place) {
    let Some(destination) = &copy.destination else { return };
    let target = machine.shell.path(&destination.value);
    let is_into = destination.value.ends_with('/') || copy.sources.len() > 1 || destination.value == ".";
    let layout: &Layout = &machine.shell.layout;
    let mut taken: Vec<Held<'a>> = Vec::new();
    for source in &copy.sources {
        let full = absolute(layout, "/", &source.value);
        for held in &from.held {
            let Some(spot) = moved(&held.place, &full, &target, is_into) else { continue };
            taken.push(Held { place: spot, ..held.clone() });
        }
    }
    for held in taken {
        let download = held.download;
        let (at, moment) = (machine.stop_at(place), machine.moment());
        let path = match &held.place {
            Spot::File(path) | Spot::Folder { path, .. } => path.as_str(),
            Spot::Variable(_) => "",
        };
        let is_program = is_of_programs(parent(path), &machine.shell.added);
        machine.files.take(held, from);
        machine.note(download, UseKind::InImage, at.clone(), &moment);
        if is_program {
            machine.note(download, UseKind::OnPath, at, &moment);
        }
    }
}

/// Where a copy puts something held, if it takes it along.
fn moved(place: &Spot, full: &str, target: &str, is_into: bool) -> Option<Spot> {
    match place {
        Spot::File(file) if file == full || (full.contains('*') && globs(full, file)) => {
            let is_into = is_into || full.contains('*');
            Some(Spot::File(if is_into { join(target, basename(file)) } else { target.to_owned() }))
        }
        Spot::File(file) => Some(Spot::File(join(target, below(file, full)?))),
        Spot::Folder { path, archive, is_own } => {
            if let Some(rest) = below(path, full) {
                let is_own = *is_own || !rest.is_empty();
                return Some(Spot::Folder { path: join(target, rest), archive: archive.clone(), is_own });
            }
            // One file or folder of what was unpacked.
            let rest = below(full, path)?;
            let is_of_it = *is_own || shares_name(rest, archive);
            let to = if is_into { join(target, basename(full)) } else { target.to_owned() };
            is_of_it.then(|| Spot::Folder { path: to, archive: archive.clone(), is_own: true })
        }
        Spot::Variable(_) => None,
    }
}
