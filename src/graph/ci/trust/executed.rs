//! What a step runs of a tree or an artifact that was put into the workspace before.

use super::steps::Placed;
use super::tools::{self, BY_CARGO, BY_COMPOSE, BY_DOCKER, BY_PYTHON};
use crate::commands::ActKind;
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

/// What a step runs of the tree in `folder`, which the step at the position `since` put there.
pub(crate) fn executes(steps: &[Placed<'_>], at: usize, folder: &str, since: usize) -> Option<Executed> {
    let placed = steps.get(at)?;
    let step = placed.step;
    if let Some(uses) = &step.uses {
        let found = |what: String, files| Some(Executed { what, place: placed.place(), files });
        return match &uses.value {
            // A local action is read from the workspace, the stranger's by now.
            Uses::Local(path) if path.trim_matches(['.', '/']).starts_with(folder) => {
                found(format!("the action {path}"), &[])
            }
            Uses::Repository { owner, repo, .. } => {
                let name = format!("{owner}/{repo}").to_ascii_lowercase();
                let files = tools::action(&name)?.files;
                // Without `context` an image is built from what git has, not from the workspace.
                let by_git = name == "docker/build-push-action"
                    && step.input("context").is_none_or(|c| c.value.contains("://") || c.value.starts_with("{{"));
                let named = folder.is_empty() || step.with.iter().any(|(_, value)| value.value.contains(folder));
                if by_git || !named { None } else { found(name, files) }
            }
            _ => None,
        };
    }
    let script = step.run.as_ref()?;
    let found = |what: String, range: std::ops::Range<usize>, files| {
        Some(Executed { what, place: Place::new(placed.file, script.text.host_span(range)), files })
    };
    let inside =
        |text: &str| !is_outside(text) && (folder.is_empty() || text.trim_start_matches("./").starts_with(folder));
    // A copy that was made before the checkout is the repository's own, as long as nothing is put there later.
    let kept = |path: &str| is_outside(path) && !fills_outside(steps, since, at);
    let home = step.working_directory.as_ref().is_some_and(|d| inside(&d.value));
    // A checkout into a folder of its own is reached by going there or by naming it.
    let away = step.working_directory.as_ref().is_some_and(|d| kept(&d.value));
    let mut here = (folder.is_empty() && !away) || home;
    let mut acts = script.acts.iter().peekable();
    for (index, command) in script.program.commands.iter().enumerate() {
        while let Some(act) = acts.next_if(|a| a.command <= index) {
            if let Some((path, by)) = act.called()
                && !kept(path)
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

/// Whether a script of the steps from one to another puts anything outside the workspace.
fn fills_outside(steps: &[Placed<'_>], since: usize, until: usize) -> bool {
    let between = steps.get(since..=until.max(since)).unwrap_or(&[]);
    between.iter().filter_map(|s| s.step.run.as_ref()).any(|script| {
        let moved = script.acts.iter().any(|act| match &act.kind {
            ActKind::Transfer { to, .. } => is_outside(to),
            ActKind::Extract { dir, .. } => dir.as_deref().is_some_and(is_outside),
            _ => false,
        });
        let commands = &script.program.commands;
        let redirects = || commands.iter().flat_map(|c| &c.redirects);
        moved || redirects().any(|r| is_outside(&script.program.show(&r.target).0))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

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
