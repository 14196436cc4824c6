//! What single acts do to files that hold what was fetched.

use std::rc::Rc;

use super::checks::{self, Moment};
use super::files::{Held, Spot};
use super::machine::{MAX_DOWNLOADS, Machine, Waiting};
use super::places::{below, globs, is_of_programs, is_of_system, is_prefix, is_shared, parent, shares_name};
use super::strength::Key;
use super::{Checked, Download, Stop, Use, UseKind};
use crate::commands::{self, Act, ActKind, Input, Kept, KeySource, Output, Transfer, UrlText, kept, read_by, readers};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{Command, Invocation, Part, RedirectOp, Word, basename};
use crate::source::Place;

/// Uses told of one download.
pub(super) const MAX_USES: usize = 64;

/// What becomes of what a call prints.
#[derive(Debug, Clone, Default)]
pub(super) struct Sink<'a> {
    /// Interpreters that read it, with the moment they do.
    readers: Vec<(Stop<'a>, Moment<'a>)>,
    /// Where it is kept.
    kept: Vec<Kept>,
}

impl<'a> Machine<'_, 'a> {
    /// What becomes of what the command at hand prints.
    pub(super) fn sink(&self, script: &'a Script, command: usize) -> Sink<'a> {
        let reading = readers(&script.program, &script.acts, command);
        let reading = reading.into_iter().filter_map(|act| {
            let at = script.acts.get(act)?.command;
            Some((self.stop(script, act), self.moment_at(at)))
        });
        Sink { readers: reading.collect(), kept: kept(&script.program, &script.acts, command) }
    }

    /// The moment of another command of the script at hand.
    fn moment_at(&self, command: usize) -> Moment<'a> {
        let mut moment = self.moment();
        if let Some(frame) = moment.frames.last_mut() {
            frame.command = command;
        }
        moment
    }

    /// Does an act. `piped` are interpreters that read what it fetches.
    pub(super) fn act(&mut self, script: &'a Script, at: usize, piped: &[usize]) {
        let Some(act) = script.acts.get(at) else { return };
        if let ActKind::Fetch { url, to, tls_off, .. } = &act.kind {
            self.fetch(script, at, url, to, *tls_off, piped);
            return;
        }
        if let ActKind::ImportKey { keys, .. } = &act.kind
            && self.keys.len() < MAX_USES
        {
            self.keys.extend(keys.iter().map(|key| match key {
                // Its file may be moved or fetched anew; what it is now counts.
                KeySource::File(path) => Key::File(self.shell.path(path)),
                KeySource::Address(url) => Key::Fetched(self.shell.url(url)),
                KeySource::Id(id) => Key::Id(id.clone()),
                KeySource::Person(_) | KeySource::Stdin => Key::Unknown,
            }));
        }
        // Nothing else has to do with what was not fetched.
        if self.files.held.is_empty() {
            return;
        }
        self.has_built |= builds(&act.kind);
        match &act.kind {
            ActKind::Clone { .. } => self.has_built = true,
            ActKind::Extract { archive: Some(archive), dir, members } => {
                self.extract(script, at, archive, dir.as_deref(), members);
            }
            // `curl ... | tar xz -C ~/.cargo/bin`
            ActKind::Extract { archive: None, dir: Some(dir), .. } => {
                let into = self.shell.path(dir);
                let is_of_programs = self.is_of_programs(&into);
                if is_of_programs || is_prefix(&into) {
                    let is_it = |held: &&Held<'a>| matches!(&held.place, Spot::Folder { path, .. } if *path == into);
                    let held: Vec<Held<'a>> = self.files.held.iter().filter(is_it).cloned().collect();
                    let kind = if is_of_programs { UseKind::OnPath } else { UseKind::Placed };
                    self.wait(script, at, kind, &held);
                }
            }
            ActKind::MakeExecutable { path } => {
                let full = self.shell.path(path);
                let is_of_programs = self.is_of_programs(parent(&full));
                let kind = if is_of_programs { UseKind::OnPath } else { UseKind::MadeExecutable };
                let held = self.find(path, false);
                self.wait(script, at, kind, &held);
            }
            ActKind::Transfer { how, from, to, executable } => self.transfer(script, at, *how, from, to, *executable),
            ActKind::Verify { .. } => self.verify(script, at),
            ActKind::Execute { path } => self.used(script, at, UseKind::Executed, path, !path.contains('/')),
            ActKind::InstallLocal { path, .. } => {
                self.used(script, at, UseKind::Installed, path, false);
            }
            ActKind::Load { path, .. } => self.used(script, at, UseKind::Loaded, path, false),
            ActKind::Publish { subjects, .. } => {
                for subject in subjects.iter().filter(|s| !s.starts_with('-') && !s.contains("://")) {
                    self.published(script, at, subject);
                }
            }
            ActKind::Interpret { input: Input::File(path), .. } => {
                self.used(script, at, UseKind::Interpreted, path, false);
            }
            ActKind::Interpret { input, .. } => self.read(script, at, act, input),
            ActKind::BuildFolder { folder, .. } => self.built(script, at, folder.as_deref().unwrap_or(".")),
            ActKind::CargoInstall { path: Some(path), .. } => self.built(script, at, path),
            ActKind::CargoBuild { subcommand, .. }
                if matches!(subcommand.as_str(), "build" | "b" | "run" | "r" | "rustc") =>
            {
                self.built(script, at, ".");
            }
            ActKind::CallsScript { by: Some(by), .. } if matches!(by.as_str(), "make" | "gmake" | "just") => {
                let call = script.program.commands.get(act.command).and_then(|c| Invocation::of(&script.program, c));
                let folder = call.as_ref().and_then(|c| c.value(Some('C'), "directory")).unwrap_or(".").to_owned();
                self.built(script, at, &folder);
            }
            ActKind::PackageInstall { manager, names, .. } => {
                let is_folder = |name: &str| name == "." || name.starts_with("./") || name.starts_with(".[");
                let is_npm = matches!(manager.as_str(), "npm" | "yarn" | "pnpm") && names.is_empty();
                for name in names.iter().map(|n| n.text.as_str()).filter(|n| is_folder(n)).chain(is_npm.then_some("."))
                {
                    let folder = name.split('[').next().unwrap_or(".").to_owned();
                    self.built(script, at, &folder);
                }
            }
            _ => {}
        }
    }

    fn is_of_programs(&self, folder: &str) -> bool {
        is_of_programs(folder, &self.shell.added)
    }

    /// What is held under a path of a command. `by_name` is set where it is looked for on the search path.
    pub(super) fn find(&self, path: &str, by_name: bool) -> Vec<Held<'a>> {
        let (layout, paths) = (&self.shell.layout, &self.world.paths);
        let is_of_tree = |full: &str| layout.resolve(paths, full).is_some_and(|path| !path.is_root());
        let moment = self.moment();
        let mut out: Vec<Held<'a>> = Vec::new();
        for path in self.shell.spellings(path) {
            let full = self.shell.path(&path);
            let found = self.files.at(&full, by_name.then_some(path.as_str()), &moment, &is_of_tree);
            out.extend(found);
        }
        out
    }

    fn fetch(&mut self, script: &'a Script, at: usize, url: &UrlText, to: &Output, is_tls_off: bool, piped: &[usize]) {
        let Some(act) = script.acts.get(at) else { return };
        if self.world.downloads.len() >= MAX_DOWNLOADS {
            self.world.is_cut = true;
            return;
        }
        let download = self.world.downloads.len();
        let url = self.shell.url(url);
        let stop = self.stop(script, at);
        let name = url.file_name().unwrap_or("").to_owned();
        let routine = self.routine;
        self.world.downloads.push(Download { routine, at: stop, url, is_tls_off, uses: Vec::new() });
        let since = Rc::new(self.moment());
        let mut places = Vec::new();
        match to {
            Output::File(path) => places.push(Kept::File(path.clone())),
            Output::Dir(dir) => places.push(Kept::Unpacked(Some(dir.clone()))),
            Output::Stdout => places = kept(&script.program, &script.acts, act.command),
            Output::Nowhere | Output::Unknown => {}
        }
        let is_printed = matches!(to, Output::Stdout) && places.is_empty() && piped.is_empty();
        for &usage in piped {
            let Some(command) = script.acts.get(usage).map(|a| a.command) else { continue };
            let (stop, moment) = (self.stop(script, usage), self.moment_at(command));
            self.note(download, UseKind::Interpreted, stop, &moment);
        }
        // What a function prints, its caller reads or keeps.
        if is_printed && let Some(sink) = self.sinks.last().cloned() {
            for (stop, moment) in sink.readers {
                self.note(download, UseKind::Interpreted, stop, &moment);
            }
            places = sink.kept;
        }
        for kept in places {
            let is_unpacked = matches!(kept, Kept::Unpacked(_));
            let place = match kept {
                Kept::File(path) => Spot::File(self.shell.path(&self.named(&path))),
                Kept::Variable(name) => Spot::Variable(name),
                Kept::Unpacked(dir) => Spot::Folder {
                    path: self.shell.path(dir.as_deref().unwrap_or(".")),
                    archive: name.clone(),
                    is_own: self.is_own_folder(dir.as_deref()),
                },
            };
            self.files.replace(Held { download, place, is_unpacked, since: Rc::clone(&since) });
        }
    }

    /// A file's name, its variables put in before it is split at `/`.
    fn named(&self, path: &str) -> String {
        self.shell.expand(path).0
    }

    fn extract(&mut self, script: &'a Script, at: usize, archive: &str, dir: Option<&str>, members: &[String]) {
        let into = self.shell.path(dir.unwrap_or("."));
        let is_own = self.is_own_folder(dir);
        let held = self.find(archive, false);
        for one in &held {
            let members: Vec<String> = members.iter().map(|m| self.named(m)).collect();
            self.files.unpack(one, archive, &into, is_own, &members);
        }
        if self.is_of_programs(&into) && (dir.is_some() || is_own) {
            self.wait(script, at, UseKind::OnPath, &held);
        } else if dir.is_some() && members.is_empty() && is_prefix(&into) {
            self.wait(script, at, UseKind::Placed, &held);
        }
    }

    /// Whether a folder that something is unpacked into is there for that: it is named, or was made before.
    fn is_own_folder(&self, dir: Option<&str>) -> bool {
        match dir {
            Some(dir) if !matches!(dir, "." | "./") => true,
            _ => self.own_folders.contains(&self.shell.folder),
        }
    }

    /// Adds a folder to the search path: programs of what was unpacked there are found from then on.
    pub(super) fn add_folder(&mut self, folder: &str, place: Place) {
        self.shell.add(folder);
        if self.files.held.is_empty() {
            return;
        }
        let full = self.shell.path(folder);
        let is_it = |held: &&Held<'a>| match &held.place {
            Spot::Folder { path, archive, is_own } => below(&full, path)
                .is_some_and(|rest| (*is_own && !is_shared(path)) || (!rest.is_empty() && shares_name(rest, archive))),
            Spot::File(_) | Spot::Variable(_) => false,
        };
        let held: Vec<usize> = self.files.held.iter().filter(is_it).map(|h| h.download).take(MAX_USES).collect();
        for download in held {
            let (at, moment) = (self.stop_at(place), self.moment());
            self.waiting.push(Waiting { download, kind: UseKind::OnPath, at, moment });
        }
    }

    fn transfer(&mut self, script: &'a Script, at: usize, how: Transfer, from: &[String], to: &str, executable: bool) {
        let target = self.shell.path(to);
        let earlier = script.acts.get(..at).unwrap_or_default();
        let made = |path: &String| {
            earlier.iter().any(|a| matches!(&a.kind, ActKind::MakeExecutable { path: made } if made == path))
        };
        let is_program = self.is_of_programs(&target) || self.is_of_programs(parent(&target));
        let is_into = to.ends_with('/') || to == "." || from.len() > 1 || basename(&target) == "bin";
        let is_system = is_of_system(&target) || is_of_system(parent(&target));
        for path in from {
            let mut held = self.find(path, false);
            if held.is_empty() && (is_program || is_system) && how != Transfer::Link {
                held = self.lying_about(path);
            }
            if held.is_empty() {
                continue;
            }
            if is_program && (executable || made(path)) {
                self.wait(script, at, UseKind::OnPath, &held);
            } else if is_program || is_system {
                let unpacked: Vec<Held<'a>> = held.iter().filter(|h| h.is_unpacked).cloned().collect();
                let kind = if is_program { UseKind::OnPath } else { UseKind::Placed };
                self.wait(script, at, kind, &unpacked);
            }
            let full = self.shell.path(path);
            for one in &held {
                self.files.transfer(one, how, &full, &target, is_into);
            }
        }
    }

    /// Archives that were unpacked where a command stands, of which a path is that nothing else made.
    fn lying_about(&self, path: &str) -> Vec<Held<'a>> {
        let full = self.shell.path(path);
        let is_of_tree = self.shell.layout.resolve(&self.world.paths, &full).is_some_and(|path| !path.is_root());
        let is_made = self.own_folders.iter().any(|own| below(&full, own).is_some());
        if self.has_built || is_of_tree || is_made || path.contains('$') {
            return Vec::new();
        }
        let is_it = |held: &&Held<'a>| match &held.place {
            Spot::Folder { path, is_own: false, .. } => below(&full, path).is_some_and(|rest| rest.contains('/')),
            _ => false,
        };
        let moment = self.moment();
        let mut out: Vec<Held<'a>> = Vec::new();
        for held in self.files.held.iter().filter(is_it).filter(|held| !moment.excludes(&held.since)) {
            if out.len() < MAX_USES && out.iter().all(|known| known.download != held.download) {
                out.push(held.clone());
            }
        }
        out
    }

    /// A use of a path.
    fn used(&mut self, script: &'a Script, at: usize, kind: UseKind, path: &str, by_name: bool) {
        for held in self.find(path, by_name) {
            let (stop, moment) = (self.stop(script, at), self.moment());
            self.note(held.download, kind, stop, &moment);
        }
    }

    fn published(&mut self, script: &'a Script, at: usize, path: &str) {
        let full = self.shell.path(path.split('#').next().unwrap_or(path));
        let is_it = |held: &&Held<'a>| match &held.place {
            Spot::File(file) => *file == full || globs(&full, file),
            Spot::Folder { .. } | Spot::Variable(_) => false,
        };
        let found: Vec<usize> = self.files.held.iter().filter(is_it).map(|h| h.download).collect();
        for download in found {
            let (stop, moment) = (self.stop(script, at), self.moment());
            self.note(download, UseKind::Published, stop, &moment);
        }
    }

    /// Files that a step hands to others.
    pub(super) fn published_by_step(&mut self, path: &str, place: Place) {
        let full = self.shell.path(path);
        let is_it = |held: &&Held<'a>| match &held.place {
            Spot::File(file) => *file == full || globs(&full, file),
            Spot::Folder { .. } | Spot::Variable(_) => false,
        };
        let found: Vec<usize> = self.files.held.iter().filter(is_it).map(|h| h.download).collect();
        for download in found {
            let (stop, moment) = (self.stop_at(place), self.moment());
            self.note(download, UseKind::Published, stop, &moment);
        }
    }

    /// A build of what was unpacked.
    fn built(&mut self, script: &'a Script, at: usize, folder: &str) {
        let full = self.shell.path(folder);
        let found = self.find(folder, false).into_iter().filter(|held| match &held.place {
            Spot::Folder { path, is_own, .. } => *is_own || below(&full, path).is_some_and(|rest| !rest.is_empty()),
            _ => false,
        });
        let found: Vec<usize> = found.map(|held| held.download).collect();
        for download in found {
            let (stop, moment) = (self.stop(script, at), self.moment());
            self.note(download, UseKind::Built, stop, &moment);
        }
    }

    /// An interpreter that reads a pipe or a text: files printed into it, variables that hold what was fetched.
    fn read(&mut self, script: &'a Script, at: usize, act: &Act, input: &Input) {
        let program = &script.program;
        let mut paths: Vec<String> = Vec::new();
        let mut words: Vec<&Word> = Vec::new();
        let own = program.commands.get(act.command);
        for commands in read_by(program, act.command, input) {
            for command in program.commands.get(commands).unwrap_or_default() {
                printed(script, command, &mut paths, &mut words);
            }
        }
        if self.files.has_variables() {
            match input {
                Input::Text => words.extend(own.iter().flat_map(|c| &c.args)),
                Input::Heredoc => {
                    let strings = own.iter().flat_map(|c| &c.redirects).filter(|r| r.op == RedirectOp::HereString);
                    words.extend(strings.map(|r| &r.target));
                }
                _ => {}
            }
        } else {
            words.clear();
        }
        for path in paths {
            self.used(script, at, UseKind::Interpreted, &path, false);
        }
        let moment = self.moment();
        for word in words {
            let Some(Part::Variable(name)) = word.parts.first() else { continue };
            for held in self.files.in_variable(name, &moment) {
                let stop = self.stop(script, at);
                self.note(held.download, UseKind::Interpreted, stop, &moment);
            }
        }
    }

    fn wait(&mut self, script: &'a Script, at: usize, kind: UseKind, held: &[Held<'a>]) {
        for one in held.iter().take(MAX_USES) {
            let (stop, moment) = (self.stop(script, at), self.moment());
            self.waiting.push(Waiting { download: one.download, kind, at: stop, moment });
        }
    }

    /// What was put on the search path counts as run, unless the routine runs it itself. A check behind that
    /// speaks for it too: nothing ran in between.
    pub(super) fn settle(&mut self) {
        let mut all = std::mem::take(&mut self.waiting);
        all.sort_by_key(|waiting| waiting.kind);
        for waiting in all {
            let Waiting { download, kind, at, moment } = waiting;
            let is_used = self.world.downloads.get(download).is_none_or(|d| !d.uses.is_empty());
            if is_used {
                continue;
            }
            let before = self.check_of(download, &moment);
            let mut end = moment.clone();
            end.frames.clear();
            let after = self.check_of(download, &end);
            let check = match (before, after) {
                (yes @ Checked::Yes { .. }, _) | (_, yes @ Checked::Yes { .. }) => yes,
                (Checked::No, other) | (other, _) => other,
            };
            self.push(download, kind, at, check);
        }
    }

    fn check_of(&self, download: usize, usage: &Moment<'a>) -> Checked<'a> {
        let Some(proofs) = self.files.proofs.get(&download) else { return Checked::No };
        let since = self.files.held.iter().find(|h| h.download == download).map(|h| Rc::clone(&h.since));
        let since = since.unwrap_or_else(|| Rc::new(usage.clone()));
        checks::checked(proofs, &since, usage)
    }

    /// Notes a use with what stands before it.
    pub(super) fn note(&mut self, download: usize, kind: UseKind, at: Stop<'a>, moment: &Moment<'a>) {
        let check = self.check_of(download, moment);
        self.push(download, kind, at, check);
    }

    fn push(&mut self, download: usize, kind: UseKind, at: Stop<'a>, check: Checked<'a>) {
        let routine = self.routine;
        let Some(found) = self.world.downloads.get_mut(download) else { return };
        let is_known = found.uses.iter().any(|u| u.kind == kind && u.at.place == at.place && u.routine == routine);
        if !is_known && found.uses.len() < MAX_USES {
            found.uses.push(Use { kind, routine, at, check });
        }
    }
}

/// Whether an act leaves files of its own behind.
fn builds(kind: &ActKind) -> bool {
    let is_make = |by: &str| matches!(by, "make" | "gmake" | "just");
    match kind {
        ActKind::BuildFolder { .. } | ActKind::CargoBuild { .. } | ActKind::CargoInstall { .. } => true,
        ActKind::CallsScript { by: Some(by), .. } => is_make(by),
        _ => false,
    }
}

/// Files and words that a command prints.
fn printed<'a>(script: &'a Script, command: &'a Command, paths: &mut Vec<String>, words: &mut Vec<&'a Word>) {
    let Some(call) = Invocation::of(&script.program, command) else { return };
    match call.name.as_str() {
        "echo" | "printf" => words.extend(&command.args),
        "tar" | "unzip" | "head" | "tail" => paths.extend(call.operands(&["-n"]).iter().map(|a| a.text.clone())),
        name if commands::passes_on(name) => paths.extend(call.operands(&["-e"]).iter().map(|a| a.text.clone())),
        _ => return,
    }
    let read = command.redirects.iter().filter(|r| r.op == RedirectOp::Read);
    paths.extend(read.map(|r| script.program.show(&r.target).0));
}
