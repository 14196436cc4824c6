//! What a step runs of a tree or an artifact that was put into the workspace before.

use std::collections::BTreeMap;

use super::steps::Placed;
use super::tools::{self, BY_CARGO, BY_COMPOSE, BY_DOCKER, BY_PYTHON};
use crate::commands::{ActKind, Output};
use crate::graph::kinds::workflow::{Script, Uses};
use crate::parse::shell::Invocation;
use crate::source::Place;

/// Something that runs.
#[derive(Debug, Clone)]
pub(crate) struct Executed {
    /// In words: the command, the action.
    pub(crate) what: String,
    /// Where it stands.
    pub(crate) place: Place,
    /// Files that give it code; none where the command names what it runs.
    pub(crate) files: &'static [&'static str],
}

/// The steps of a job, with what is asked of them again and again.
#[derive(Debug)]
pub(crate) struct Course<'a, 's> {
    /// The steps as they run.
    pub(crate) steps: &'s [Placed<'a>],
    /// Files that scripts fetch from elsewhere, each with the steps that do.
    fetched: BTreeMap<String, Vec<usize>>,
    /// Steps whose scripts put anything outside the workspace.
    fills: Vec<usize>,
}

impl<'a, 's> Course<'a, 's> {
    /// Reads it off the steps.
    pub(crate) fn of(steps: &'s [Placed<'a>]) -> Self {
        let mut out = Self { steps, fetched: BTreeMap::new(), fills: Vec::new() };
        for (at, placed) in steps.iter().enumerate() {
            let Some(script) = &placed.step.run else { continue };
            if fills_outside(script) {
                out.fills.push(at);
            }
            for act in &script.acts {
                if let ActKind::Fetch { to: Output::File(to), .. } = &act.kind {
                    let known = out.fetched.entry(bare(to).to_owned()).or_default();
                    if known.last() != Some(&at) {
                        known.push(at);
                    }
                }
            }
        }
        out
    }

    /// Whether a file was made by the steps from one to another themselves: fetched from elsewhere, or part of an
    /// environment that an installer has just laid out.
    fn is_own(&self, since: usize, until: usize, path: &str) -> bool {
        path.ends_with("/bin/activate")
            || path.ends_with("/Scripts/activate")
            || self.fetched.get(bare(path)).is_some_and(|steps| is_between(steps, since, until))
    }

    /// Whether a script of the steps from one to another puts anything outside the workspace.
    fn fills_outside(&self, since: usize, until: usize) -> bool {
        is_between(&self.fills, since, until)
    }
}

fn bare(path: &str) -> &str {
    path.trim_start_matches("./")
}

/// Whether one of the sorted positions lies from one to another.
fn is_between(sorted: &[usize], since: usize, until: usize) -> bool {
    let next = sorted.partition_point(|at| *at < since);
    sorted.get(next).is_some_and(|at| *at <= until)
}

/// What a step runs of the tree in `folder`, which the step at the position `since` put there.
pub(crate) fn executes(course: &Course<'_, '_>, at: usize, folder: &str, since: usize) -> Option<Executed> {
    let placed = course.steps.get(at)?;
    let step = placed.step;
    if let Some(uses) = &step.uses {
        let found = |what: String, files| Some(Executed { what, place: placed.place(), files });
        return match &uses.value {
            // A local action is read from the workspace, the stranger's by now.
            Uses::Local(path) if is_within(path.trim_matches(['.', '/']), folder) => {
                found(format!("the action {path}"), &[])
            }
            Uses::Repository { owner, repo, .. } => {
                let name = format!("{owner}/{repo}").to_ascii_lowercase();
                let files = tools::action(&name)?.files;
                // Without `context` an image is built from what git has, not from the workspace.
                let by_git = name == "docker/build-push-action"
                    && step.input("context").is_none_or(|c| c.value.contains("://") || c.value.starts_with("{{"));
                let named = step.with.iter().any(|(_, value)| names_folder(&value.value, folder)) || folder.is_empty();
                if by_git || !named { None } else { found(name, files) }
            }
            _ => None,
        };
    }
    let script = step.run.as_ref()?;
    let found = |what: String, range: std::ops::Range<usize>, files| {
        Some(Executed { what, place: Place::new(placed.file, script.text.host_span(range)), files })
    };
    let inside = |text: &str| !is_outside(text) && is_within(text, folder);
    // A copy that was made before the checkout is the repository's own, as long as nothing is put there later.
    let kept = |path: &str| is_outside(path) && !course.fills_outside(since, at);
    let home = step.working_directory.as_ref().is_some_and(|d| inside(&d.value));
    // A checkout into a folder of its own is reached by going there or by naming it.
    let away = step.working_directory.as_ref().is_some_and(|d| kept(&d.value));
    let mut here = (folder.is_empty() && !away) || home;
    let mut acts = script.acts.iter().peekable();
    for (index, command) in script.program.commands.iter().enumerate() {
        while let Some(act) = acts.next_if(|a| a.command <= index) {
            if let Some((path, by)) = act.called()
                && !kept(path)
                && !course.is_own(since, at, path)
                && (inside(path) || here)
                // In the workspace itself a program that is run may have come by another way.
                && (matches!(act.kind, ActKind::CallsScript { .. }) || !folder.is_empty() && inside(path))
            {
                let files = by.and_then(tools::program).map_or(&[][..], |tool| tool.files);
                return found(shown(script, act.command), act.range.clone(), files);
            }
            match &act.kind {
                ActKind::ChangeDir { path: Some(path) } if kept(path) => here = false,
                ActKind::ChangeDir { path: Some(path) } if inside(path) => here = true,
                ActKind::CargoBuild { subcommand, .. }
                    if here && !matches!(subcommand.as_str(), "metadata" | "fetch" | "tree" | "update") =>
                {
                    return found(format!("cargo {subcommand}"), act.range.clone(), BY_CARGO);
                }
                ActKind::PackageInstall { manager, verb, names, files, .. } if here => {
                    let own = names
                        .iter()
                        .map(|n| n.text.as_str())
                        .any(|n| n == "." || n.starts_with("./") || n.starts_with(".["));
                    let by_lock = names.is_empty()
                        && matches!(manager.as_str(), "npm" | "pnpm" | "yarn" | "bun" | "poetry" | "pdm" | "pipenv");
                    let project = manager == "uv" && matches!(verb.as_str(), "sync" | "run");
                    if own || by_lock || project || files.iter().any(|f| !kept(&f.text)) {
                        let files = tools::program(manager).map_or(BY_PYTHON, |tool| tool.files);
                        return found(format!("{manager} {verb}"), act.range.clone(), files);
                    }
                }
                _ => {}
            }
        }
        let Some(call) = Invocation::of(&script.program, command) else { continue };
        // `python -m pytest` is pytest.
        let by_python = call.name.starts_with("python") && call.args.first().is_some_and(|a| a.text == "-m");
        let module =
            call.args.get(1).filter(|_| by_python).map(|a| if a.text == "build" { "pyproject-build" } else { &a.text });
        let name = module.unwrap_or(&call.name);
        let arguments = call.args.get(if by_python { 2 } else { 0 }..).unwrap_or(&[]);
        let asks = arguments.first().is_some_and(|a| matches!(a.text.as_str(), "--version" | "-v" | "version" | "-V"));
        let global = arguments.iter().any(|a| matches!(a.text.as_str(), "-g" | "--global"));
        let docker = (name == "docker")
            .then(|| arguments.iter().take(2).find(|a| matches!(a.text.as_str(), "build" | "compose" | "buildx")))
            .flatten();
        let files = match docker {
            Some(verb) if verb.text == "compose" => Some(BY_COMPOSE),
            Some(_) => Some(BY_DOCKER),
            None => tools::program(name).map(|tool| tool.files),
        };
        if let Some(files) = files.filter(|_| here && !asks && !global) {
            return found(shown(script, index), command.range.clone(), files);
        }
    }
    None
}

/// A command in one short line.
pub(crate) fn shown(script: &Script, command: usize) -> String {
    let range = script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
    let text = script.text.text.get(range).unwrap_or("").lines().next().unwrap_or("").trim_end_matches('\\').trim();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// Whether a path lies outside the workspace, as far as it is written: in the runner's folder for
/// temporary files, or in the system's.
pub(crate) fn is_outside(path: &str) -> bool {
    let path = path.trim_start_matches(['"', '\'']);
    let inner = path.strip_prefix("${{").and_then(|rest| rest.split_once("}}")).map(|(inner, _)| inner.trim());
    if let Some(inner) = inner {
        return inner.eq_ignore_ascii_case("runner.temp");
    }
    let name = path.strip_prefix('$').map(|rest| rest.trim_start_matches('{'));
    name.is_some_and(|name| name.starts_with("RUNNER_TEMP")) || path == "/tmp" || path.starts_with("/tmp/")
}

/// Whether a path is a folder or lies in it, by whole names: `prepare.sh` does not lie in `pr`. A pattern may
/// stand where a name ends. The empty folder holds all.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    let (path, folder) = (bare(path), bare(folder).trim_end_matches('/'));
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '*']))
}

/// Whether a text names a folder or something in it, by whole names.
pub(crate) fn names_folder(text: &str, folder: &str) -> bool {
    let goes_on = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    !folder.is_empty()
        && text.match_indices(folder).any(|(at, found)| {
            let before = text.get(..at).unwrap_or("");
            let before = before.strip_suffix("./").unwrap_or(before);
            let after = text.get(at + found.len()..).unwrap_or("");
            !before.ends_with(goes_on) && !after.starts_with(goes_on)
        })
}

/// Whether a script puts anything outside the workspace.
fn fills_outside(script: &Script) -> bool {
    let moved = script.acts.iter().any(|act| match &act.kind {
        ActKind::Transfer { to, .. } => is_outside(to),
        ActKind::Extract { dir, .. } => dir.as_deref().is_some_and(is_outside),
        _ => false,
    });
    let mut redirects = script.program.commands.iter().flat_map(|c| &c.redirects);
    moved || redirects.any(|r| is_outside(&script.program.show(&r.target).0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_compared_by_whole_names() {
        for (path, folder, within) in [
            ("pr/build.sh", "pr", true),
            ("./pr/build.sh", "pr", true),
            ("pr", "pr/", true),
            ("prepare.sh", "pr", false),
            ("dist*", "dist", true),
            ("distribution/a.whl", "dist", false),
            ("/tmp/art/a", "/tmp/art", true),
            ("/tmp/artifacts/a", "/tmp/art", false),
            ("anything", "", true),
        ] {
            assert_eq!(is_within(path, folder), within, "{path} {folder}");
        }
        for (text, folder, named) in [
            ("context=./pr", "pr", true),
            ("--file pr/Dockerfile", "pr", true),
            ("production", "pr", false),
            ("a/pr-2", "pr", false),
            ("anything", "", false),
        ] {
            assert_eq!(names_folder(text, folder), named, "{text} {folder}");
        }
    }

    #[test]
    fn folders_for_temporary_files_are_not_the_workspace() {
        for (path, outside) in [
            ("${{ runner.temp }}/a.py", true),
            ("$RUNNER_TEMP/a.py", true),
            ("\"${RUNNER_TEMP}\"/a.py", true),
            ("/tmp/a.py", true),
            ("${{ github.workspace }}/a.py", false),
            ("./tmp/a.py", false),
            ("scripts/a.py", false),
        ] {
            assert_eq!(is_outside(path), outside, "{path}");
        }
    }
}
