//! Routines of command files, hooks and jobs, in the order in which they hand files on.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Files, Held, Spot};
use super::machine::Machine;
use super::places::{below, globs, join, parent};
use super::shell::Shell;
use super::world::World;
use super::{Home, Routine};
use crate::graph::Document;
use crate::graph::ci::trust::{Actions, From, Placed, artifacts};
use crate::graph::images::layout::Layout;
use crate::graph::kinds::commands::{CommandFile, CommandForm};
use crate::graph::kinds::workflow::{Script, Service, Step, Uses, Workflow};
use crate::parse::shell::basename;
use crate::source::{FileId, Place, RepoPath, Sources};

/// Files that jobs of one workflow hand on.
const MAX_HANDED: usize = 1_024;

/// Something a job leaves for others of its workflow.
struct Left<'a> {
    name: String,
    /// Where it lies in the artifact.
    path: String,
    held: Held<'a>,
    from: Files<'a>,
}

/// Actions that make releases of files, with the input that names those.
const RELEASERS: &[(&str, &str)] = &[
    ("softprops/action-gh-release", "files"),
    ("ncipollo/release-action", "artifacts"),
    ("svenstaro/upload-release-action", "file"),
    ("actions/upload-release-asset", "asset_path"),
];

/// Runs the jobs of a workflow, those first that others need.
pub(super) fn workflow<'a>(
    world: &mut World<'a>,
    actions: &mut Actions<'a>,
    document: usize,
    workflow: &'a Workflow,
    routines: &mut Vec<Routine>,
) {
    let mut left: Vec<Left<'a>> = Vec::new();
    for index in by_need(workflow) {
        let Some(job) = workflow.jobs.get(index) else { continue };
        if job.steps.is_empty() {
            continue;
        }
        let placed = actions.placed(workflow.file, &job.steps);
        let mut layout = Layout::of_job();
        layout.know("GITHUB_WORKSPACE", "/github/workspace");
        let mut shell = Shell::new(layout);
        for (name, value) in workflow.env.iter().chain(&job.env) {
            shell.assign(&name.value, &value.value);
        }
        routines.push(Routine { home: Home::Job { document, job: index }, file: workflow.file });
        let mut machine = Machine::new(world, routines.len() - 1, shell, Files::default());
        let is_one_shell = workflow.service == Service::GitLab;
        steps(&mut machine, workflow.file, &placed, is_one_shell, &mut left);
        machine.settle();
    }
}

/// Jobs in an order in which those needed come first.
fn by_need(workflow: &Workflow) -> Vec<usize> {
    if workflow.jobs.iter().all(|job| job.needs.is_empty()) {
        return (0..workflow.jobs.len()).collect();
    }
    let by_name: BTreeMap<&str, usize> =
        workflow.jobs.iter().enumerate().map(|(i, job)| (job.id.value.as_str(), i)).collect();
    let mut waits: Vec<usize> = Vec::with_capacity(workflow.jobs.len());
    let mut needed_by: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (index, job) in workflow.jobs.iter().enumerate() {
        let needs: BTreeSet<usize> = job.needs.iter().filter_map(|n| by_name.get(n.value.as_str()).copied()).collect();
        waits.push(needs.len());
        for need in needs {
            needed_by.entry(need).or_default().push(index);
        }
    }
    let mut ready: BTreeSet<usize> = (0..waits.len()).filter(|i| waits.get(*i) == Some(&0)).collect();
    let mut out = Vec::new();
    while let Some(index) = ready.pop_first() {
        out.push(index);
        for &next in needed_by.get(&index).map_or(&[][..], Vec::as_slice) {
            if let Some(count) = waits.get_mut(next) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(next);
                }
            }
        }
    }
    // Those that need each other in a circle never run; their scripts are looked at all the same.
    let done: BTreeSet<usize> = out.iter().copied().collect();
    out.extend((0..workflow.jobs.len()).filter(|i| !done.contains(i)));
    out
}

/// Runs a composite action that no job uses.
pub(super) fn action<'a>(
    world: &mut World<'a>,
    actions: &mut Actions<'a>,
    document: usize,
    file: FileId,
    own: &'a [Step],
    routines: &mut Vec<Routine>,
) {
    let placed = actions.placed(file, own);
    routines.push(Routine { home: Home::Action { document }, file });
    let mut machine = Machine::new(world, routines.len() - 1, Shell::new(Layout::of_job()), Files::default());
    steps(&mut machine, file, &placed, false, &mut Vec::new());
    machine.settle();
}

/// Folders of the tree's actions that steps use.
pub(super) fn local_actions(steps: &[Step]) -> impl Iterator<Item = RepoPath> {
    steps.iter().filter_map(|step| match &step.uses.as_ref()?.value {
        Uses::Local(path) => RepoPath::new(path),
        _ => None,
    })
}

fn steps<'a>(
    machine: &mut Machine<'_, 'a>,
    file: FileId,
    placed: &[Placed<'a>],
    is_one_shell: bool,
    left: &mut Vec<Left<'a>>,
) {
    for (at, one) in placed.iter().enumerate() {
        let line = || one.through.iter().copied().chain([one.step]);
        let conditions: Vec<&str> = line().filter_map(|s| s.condition.as_ref()).map(|c| c.value.as_str()).collect();
        let condition = (!conditions.is_empty()).then(|| conditions.join(" && "));
        machine.leg(one.top, line().any(|s| s.continue_on_error), condition.as_deref());
        machine.calls = through(machine.world.sources, file, one);
        if let Some(script) = &one.step.run {
            run(machine, one, script, is_one_shell);
        } else {
            hand_on(machine, one, at, left);
        }
    }
    machine.calls.clear();
}

/// The steps that lead to one of an action, as calls.
fn through(sources: &Sources, job_file: FileId, placed: &Placed<'_>) -> Vec<(String, Place)> {
    let mut file = None;
    let mut out = Vec::new();
    for step in &placed.through {
        let Some(uses) = &step.uses else { continue };
        let Uses::Local(path) = &uses.value else { continue };
        // The first stands in the job's own file, the others in the action before.
        let own = file.unwrap_or(job_file);
        out.push((format!("action {path}"), Place::new(own, uses.span)));
        file = action_file(sources, path);
    }
    out
}

fn action_file(sources: &Sources, path: &str) -> Option<FileId> {
    let folder = RepoPath::new(path)?;
    ["action.yml", "action.yaml"].iter().find_map(|name| sources.by_path(&folder.join(name)?)).map(|f| f.id)
}

fn run<'a>(machine: &mut Machine<'_, 'a>, placed: &Placed<'a>, script: &'a Script, is_one_shell: bool) {
    for (name, value) in std::mem::take(&mut machine.exported) {
        machine.shell.assign(&name, &value);
    }
    for folder in std::mem::take(&mut machine.exported_folders) {
        machine.shell.add(&folder);
    }
    if is_one_shell {
        machine.process(script, placed.file);
        return;
    }
    let before = machine.shell.clone();
    if let Some(Uses::Local(path)) = placed.through.last().and_then(|s| s.uses.as_ref()).map(|u| &u.value) {
        let folder = machine.shell.path(&format!("$GITHUB_WORKSPACE/{path}"));
        machine.shell.layout.know("GITHUB_ACTION_PATH", &folder);
    }
    for (name, value) in placed.through.iter().flat_map(|s| &s.env).chain(&placed.step.env) {
        machine.shell.assign(&name.value, &value.value);
    }
    if let Some(folder) = &placed.step.working_directory {
        machine.shell.go(Some(&folder.value));
    }
    machine.process(script, placed.file);
    machine.shell = before;
}

/// Artifacts that a step leaves or takes, and releases that it makes of files.
fn hand_on<'a>(machine: &mut Machine<'_, 'a>, placed: &Placed<'a>, at: usize, left: &mut Vec<Left<'a>>) {
    let Some((name, _)) = placed.action() else { return };
    if let Some((_, input)) = RELEASERS.iter().find(|(action, _)| *action == name) {
        let Some(files) = placed.step.input(input) else { return };
        let place = Place::new(placed.file, files.span);
        for line in files.value.split(['\n', ',']).map(str::trim).filter(|line| !line.is_empty()) {
            machine.published_by_step(line, place);
        }
        return;
    }
    if let Some(upload) = artifacts::upload(placed) {
        let paths = placed.step.input("path").map(|p| p.value.as_str()).unwrap_or_default();
        for line in paths.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('!')) {
            let full = machine.shell.path(line);
            for held in &machine.files.held {
                let Some(path) = relative(&held.place, &full) else { continue };
                if left.len() < MAX_HANDED {
                    let from = machine.files.of(held.download);
                    left.push(Left { name: upload.name.clone(), path, held: held.clone(), from });
                }
            }
        }
        return;
    }
    for taken in artifacts::downloads(placed, at, machine.world.sources, &|_| None) {
        let (From::Own, Some(folder)) = (&taken.from, &taken.folder) else { continue };
        let is_merged = placed.step.input("merge-multiple").is_some_and(|v| v.value == "true");
        let is_one = placed.step.input("name").is_some() || is_merged;
        for one in left.iter().filter(|one| taken.may_be(&one.name)) {
            let folder = if is_one { folder.clone() } else { join(folder, &one.name) };
            let path = machine.shell.path(&if folder.is_empty() { ".".to_owned() } else { folder });
            let path = join(&path, &one.path);
            let place = match &one.held.place {
                Spot::Folder { archive, .. } => Spot::Folder { path, archive: archive.clone(), is_own: true },
                _ => Spot::File(path),
            };
            machine.files.take(Held { place, ..one.held.clone() }, &one.from);
        }
    }
}

/// Where something lies in an artifact of a path, if it is part of it.
fn relative(place: &Spot, full: &str) -> Option<String> {
    match place {
        Spot::File(file) if file == full => Some(basename(file).to_owned()),
        Spot::File(file) if full.contains('*') && globs(full, file) => {
            let folder = full.split('*').next().map_or("/", parent);
            Some(below(file, folder).unwrap_or(basename(file)).to_owned())
        }
        Spot::File(path) => below(path, full).map(str::to_owned),
        Spot::Folder { path, is_own: true, .. } => below(path, full).map(str::to_owned),
        Spot::Folder { .. } | Spot::Variable(_) => None,
    }
}

/// Runs a command that a hook, an agent or an editor starts.
pub(super) fn local<'a>(
    world: &mut World<'a>,
    home: Home,
    file: FileId,
    script: &'a Script,
    routines: &mut Vec<Routine>,
) {
    routines.push(Routine { home, file });
    let mut machine = Machine::new(world, routines.len() - 1, Shell::new(Layout::of_job()), Files::default());
    machine.leg(0, false, None);
    machine.process(script, file);
    machine.settle();
}

/// Runs the parts of command files that nothing else runs: people do.
pub(super) fn by_hand<'a>(world: &mut World<'a>, documents: &'a [Document], routines: &mut Vec<Routine>) {
    let mut files: Vec<(usize, &'a CommandFile)> = Vec::new();
    for (document, what) in documents.iter().enumerate() {
        if let Document::Commands(file) = what {
            files.push((document, file));
        }
    }
    // A Makefile runs scripts, and scripts run each other: what is run comes last.
    files.sort_by_key(|(document, file)| (file.form == CommandForm::Shell, *document));
    let (scripts, others): (Vec<_>, Vec<_>) = files.into_iter().partition(|(_, f)| f.form == CommandForm::Shell);
    for (document, file) in others {
        parts(world, document, file, routines);
    }
    let mut run_by_scripts: BTreeSet<usize> = BTreeSet::new();
    for (document, file) in &scripts {
        let shell = shell_of(world, file);
        for script in file.blocks.iter().filter_map(|b| b.script.as_ref()) {
            for act in &script.acts {
                if act.called().is_none() {
                    continue;
                }
                let (layout, folder) = (&shell.layout, &shell.folder);
                if let Some(called) = world.callable.called(&world.paths, script, act, layout, folder)
                    && called.document != *document
                {
                    run_by_scripts.insert(called.document);
                }
            }
        }
    }
    let (last, first): (Vec<_>, Vec<_>) = scripts.into_iter().partition(|(d, _)| run_by_scripts.contains(d));
    for (document, file) in first.into_iter().chain(last) {
        parts(world, document, file, routines);
    }
}

/// A shell that starts in the folder of a file.
fn shell_of<'a>(world: &World<'a>, file: &CommandFile) -> Shell<'a> {
    let mut layout = Layout::of_job();
    let path = world.sources.get(file.file).map(|f| f.path.parent());
    let folder = path.and_then(|parent| layout.of_tree(&parent)).map(|f| f.trim_end_matches('/').to_owned());
    // Scripts are run from the root as a rule; Makefiles and notebooks start where they lie.
    match (file.form, folder) {
        (CommandForm::Shell, Some(folder)) => layout.script_folder = Some(folder),
        (_, Some(folder)) => layout.folder = folder,
        _ => {}
    }
    Shell::new(layout)
}

fn parts<'a>(world: &mut World<'a>, document: usize, file: &'a CommandFile, routines: &mut Vec<Routine>) {
    // Cells of a notebook follow one another.
    if file.form == CommandForm::Notebook {
        let cells: Vec<usize> = (0..file.blocks.len()).collect();
        return together(world, document, file, &cells, routines);
    }
    let needed: BTreeSet<&str> = file.blocks.iter().flat_map(|b| &b.needs).map(String::as_str).collect();
    let has_targets = matches!(file.form, CommandForm::Make | CommandForm::Just);
    // Those that others need run with them.
    let is_root = |index: &usize| file.blocks.get(*index).is_some_and(|b| !needed.contains(b.name.value.as_str()));
    let roots: Vec<usize> = (0..file.blocks.len()).filter(is_root).collect();
    let mut done: BTreeSet<usize> = BTreeSet::new();
    for index in roots.into_iter().chain(0..file.blocks.len()) {
        if done.contains(&index) || world.called.contains(&(document, index)) {
            continue;
        }
        let name = file.blocks.get(index).map_or("", |b| b.name.value.as_str());
        let mut blocks = if has_targets { world.callable.with_needs(document, name) } else { vec![index] };
        blocks.retain(|block| !done.contains(block));
        done.extend(blocks.iter().copied().chain([index]));
        together(world, document, file, &blocks, routines);
    }
}

/// Runs parts of a file one after another over the same files.
fn together<'a>(
    world: &mut World<'a>,
    document: usize,
    file: &'a CommandFile,
    blocks: &[usize],
    routines: &mut Vec<Routine>,
) {
    let scripts = blocks.iter().filter_map(|b| Some((*b, file.blocks.get(*b)?)));
    let scripts: Vec<_> = scripts.filter_map(|(b, part)| Some((b, part, part.script.as_ref()?))).collect();
    let Some((first, ..)) = scripts.first() else { return };
    let is_notebook = file.form == CommandForm::Notebook;
    let shell = shell_of(world, file);
    // The last part is the one that needs the others.
    let named = if is_notebook { *first } else { scripts.last().map_or(*first, |(b, ..)| *b) };
    routines.push(Routine { home: Home::Block { document, block: named }, file: file.file });
    let mut machine = Machine::new(world, routines.len() - 1, shell, Files::default());
    for (block, part, script) in scripts {
        machine.leg(block, is_notebook, None);
        for (name, value) in file.env.iter().chain(&part.env) {
            machine.shell.assign(&name.value, &value.value);
        }
        if file.form == CommandForm::Shell {
            machine.own_folder(file.file, script);
        }
        let start = machine.shell.folder.clone();
        machine.process(script, file.file);
        if !is_notebook {
            machine.shell.folder = start;
        }
    }
    machine.settle();
}
