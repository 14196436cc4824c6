//! What a step runs of a tree that was checked out before.

use super::reach::Run;
use crate::commands::ActKind;
use crate::graph::kinds::workflow::{Script, Step, Uses};
use crate::parse::shell::Invocation;
use crate::source::Place;

/// Programs that run what lies in the folder they are started in: build scripts, hooks, plugins,
/// configuration that is code.
pub(super) const BUILDERS: &[&str] = &[
    "make",
    "gmake",
    "just",
    "task",
    "cmake",
    "ninja",
    "meson",
    "npm",
    "npx",
    "yarn",
    "pnpm",
    "bun",
    "bunx",
    "deno",
    "node",
    "pytest",
    "tox",
    "nox",
    "poetry",
    "pdm",
    "hatch",
    "pipenv",
    "pre-commit",
    "mkdocs",
    "sphinx-build",
    "ansible-playbook",
    "mvn",
    "mvnw",
    "gradle",
    "gradlew",
    "ant",
    "bazel",
    "bazelisk",
    "bundle",
    "rake",
    "rspec",
    "jekyll",
    "go",
    "goreleaser",
    "docker-compose",
    "terraform",
    "tofu",
    "mix",
    "composer",
    "dotnet",
    "msbuild",
    "swift",
    "sbt",
    "stack",
    "cabal",
    "nix",
    "earthly",
    "dagger",
    "act",
    "turbo",
    "nx",
    "lerna",
    "vite",
    "webpack",
    "eslint",
    "prettier",
    "jest",
    "maturin",
];

/// Actions that build or run what is checked out. Lower case.
const BUILDING_ACTIONS: &[&str] = &[
    "docker/build-push-action",
    "docker/bake-action",
    "pre-commit/action",
    "golangci/golangci-lint-action",
    "goreleaser/goreleaser-action",
    "pypa/cibuildwheel",
    "pyo3/maturin-action",
    "actions-rs/cargo",
    "hynek/build-and-inspect-python-package",
    "gradle/gradle-build-action",
    "cloudflare/wrangler-action",
    "codspeedhq/action",
    "release-plz/action",
    "changesets/action",
    "actions/jekyll-build-pages",
];

/// What a step runs of the tree in `folder`, which the step with the index `since` put there, and where.
pub(crate) fn executes(run: &Run<'_>, step: &Step, folder: &str, since: usize) -> Option<(String, Place)> {
    if let Some(uses) = &step.uses {
        let place = Place::new(run.file, uses.span);
        return match &uses.value {
            // A local action is read from the workspace, the stranger's by now.
            Uses::Local(path) if path.trim_matches(['.', '/']).starts_with(folder) => {
                Some((format!("the action {path}"), place))
            }
            Uses::Repository { owner, repo, .. } => {
                let name = format!("{owner}/{repo}").to_ascii_lowercase();
                BUILDING_ACTIONS.contains(&name.as_str()).then_some((name, place))
            }
            _ => None,
        };
    }
    let script = step.run.as_ref()?;
    let at = |range: std::ops::Range<usize>| Place::new(run.file, script.text.host_span(range));
    let inside =
        |text: &str| !is_outside(text) && (folder.is_empty() || text.trim_start_matches("./").starts_with(folder));
    // A copy that was made before the checkout is the repository's own, as long as nothing is put there later.
    let kept = |path: &str| is_outside(path) && !fills_outside(run, since, step.index);
    let home = step.working_directory.as_ref().is_some_and(|d| inside(&d.value));
    // A checkout into a folder of its own is reached by going there or by naming it.
    let away = step.working_directory.as_ref().is_some_and(|d| kept(&d.value));
    let mut here = (folder.is_empty() && !away) || home;
    let mut acts = script.acts.iter().peekable();
    for (index, command) in script.program.commands.iter().enumerate() {
        while let Some(act) = acts.next_if(|a| a.command <= index) {
            match &act.kind {
                ActKind::ChangeDir { path: Some(path) } if kept(path) => here = false,
                ActKind::ChangeDir { path: Some(path) } if inside(path) => here = true,
                ActKind::CallsScript { path, .. } if !kept(path) && (here || inside(path)) => {
                    return Some((shown(script, act.command), at(act.range.clone())));
                }
                ActKind::CargoBuild { subcommand, .. }
                    if here && !matches!(subcommand.as_str(), "metadata" | "fetch" | "tree" | "update") =>
                {
                    return Some((format!("cargo {subcommand}"), at(act.range.clone())));
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
                        return Some((format!("{manager} {verb}"), at(act.range.clone())));
                    }
                }
                _ => {}
            }
        }
        let Some(call) = Invocation::of(&script.program, command) else { continue };
        let asks = call.args.first().is_some_and(|a| matches!(a.text.as_str(), "--version" | "-v" | "version" | "-V"));
        let global = call.args.iter().any(|a| matches!(a.text.as_str(), "-g" | "--global"));
        let docker = call.name == "docker"
            && call.args.iter().take(2).any(|a| matches!(a.text.as_str(), "build" | "compose" | "buildx"));
        if here && !asks && !global && (docker || BUILDERS.contains(&call.name.as_str())) {
            return Some((shown(script, index), at(command.range.clone())));
        }
    }
    None
}

/// A command in one short line.
fn shown(script: &Script, command: usize) -> String {
    let range = script.program.commands.get(command).map(|c| c.range.clone()).unwrap_or_default();
    let text = script.text.text.get(range).unwrap_or("").lines().next().unwrap_or("").trim_end_matches('\\').trim();
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or("")),
        None => text.to_owned(),
    }
}

/// Whether a path lies outside the workspace, as far as it is written: in the runner's folder for
/// temporary files, or in the system's.
fn is_outside(path: &str) -> bool {
    let path = path.trim_start_matches(['"', '\'']);
    let inner = path.strip_prefix("${{").and_then(|rest| rest.split_once("}}")).map(|(inner, _)| inner.trim());
    if let Some(inner) = inner {
        return inner.eq_ignore_ascii_case("runner.temp");
    }
    let name = path.strip_prefix('$').map(|rest| rest.trim_start_matches('{'));
    name.is_some_and(|name| name.starts_with("RUNNER_TEMP")) || path == "/tmp" || path.starts_with("/tmp/")
}

/// Whether a script of the steps from one to another puts anything outside the workspace.
fn fills_outside(run: &Run<'_>, since: usize, until: usize) -> bool {
    let between = run.steps.iter().filter(|s| (since..=until).contains(&s.index));
    between.filter_map(|s| s.run.as_ref()).any(|script| {
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
