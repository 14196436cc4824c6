//! Which lock an install of a project is to hold to, and whether the tree has one where the command stands.

use std::collections::BTreeSet;

use crate::commands::ActKind;
use crate::graph::kinds::commands::CommandForm;
use crate::graph::kinds::docker::{Base, InstructionKind};
use crate::graph::kinds::workflow::{Pair, Script};
use crate::parse::shell::ScopeKind;
use crate::rules::Scene;
use crate::rules::workflow::reach::{Piece, Run};
use crate::source::RepoPath;

/// Stages that one starts from, followed.
const MAX_BASES: usize = 16;

/// A manager's files.
pub(super) struct Files {
    pub(super) manager: &'static str,
    pub(super) locks: &'static [&'static str],
    pub(super) manifests: &'static [&'static str],
}

/// By manager. Of those without a manifest here the absence of a lock is told nowhere or by another rule.
const FILES: &[Files] = &[
    Files { manager: "npm", locks: &["package-lock.json", "npm-shrinkwrap.json"], manifests: &["package.json"] },
    Files { manager: "yarn", locks: &["yarn.lock"], manifests: &["package.json"] },
    Files { manager: "pnpm", locks: &["pnpm-lock.yaml"], manifests: &["package.json"] },
    Files { manager: "bun", locks: &["bun.lock", "bun.lockb"], manifests: &["package.json"] },
    Files { manager: "bundle", locks: &["Gemfile.lock", "gems.locked"], manifests: &["Gemfile"] },
    Files { manager: "composer", locks: &["composer.lock"], manifests: &["composer.json"] },
    Files { manager: "cargo", locks: &["Cargo.lock"], manifests: &[] },
    Files { manager: "uv", locks: &["uv.lock"], manifests: &["pyproject.toml"] },
    Files { manager: "poetry", locks: &["poetry.lock"], manifests: &["pyproject.toml"] },
    Files { manager: "pdm", locks: &["pdm.lock", "pylock.toml"], manifests: &["pyproject.toml"] },
    Files { manager: "pipenv", locks: &["Pipfile.lock"], manifests: &["Pipfile"] },
    Files { manager: "pixi", locks: &["pixi.lock"], manifests: &[] },
    Files { manager: "go", locks: &["go.sum"], manifests: &[] },
    Files { manager: "dotnet", locks: &["packages.lock.json"], manifests: &[] },
];

/// The files of a manager.
pub(super) fn files(manager: &str) -> Option<&'static Files> {
    FILES.iter().find(|f| f.manager == manager)
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lock {
    /// This one.
    Tracked(RepoPath),
    /// None; the manifest that is installed from.
    Missing(RepoPath),
    /// It cannot be told.
    Unknown,
}

/// The lock that a command is to hold to. `folder` is one that the command itself names.
pub(super) fn of_command(
    scene: &Scene<'_>,
    run: &Run<'_>,
    piece: &Piece<'_>,
    command: usize,
    files: &Files,
    folder: Option<&str>,
) -> Lock {
    let start = match (piece.step.and_then(|s| s.working_directory.as_ref()), &run.part) {
        (Some(folder), _) => folder.value.clone(),
        // Targets start in the folder of their file, scripts where they are called: most often at the root.
        (None, Some(part)) if part.form != CommandForm::Shell => {
            scene.sources.get(run.file).map(|f| f.path.parent().to_string()).unwrap_or_default()
        }
        (None, _) => piece.folder.clone(),
    };
    let moved = folder_at(piece.script, command, folder);
    if run.stage.is_some() {
        return moved.map_or(Lock::Unknown, |moved| in_image(scene, run, &start, &moved, files));
    }
    let Some(moved) = moved else { return Lock::Unknown };
    let start = start.replace("${{ github.workspace }}", ".").replace("$GITHUB_WORKSPACE", ".");
    let Some(at) = joined(&start, &moved) else { return Lock::Unknown };
    in_tree(scene, at, files)
}

/// A folder of the tree; none where it cannot be told.
fn joined(start: &str, moved: &str) -> Option<RepoPath> {
    if moved.contains(['$', '~', '*']) || start.contains(['$', '~', '*']) {
        return None;
    }
    if moved.starts_with('/') || start.starts_with('/') {
        return None;
    }
    let start = RepoPath::default().join(if start.is_empty() { "." } else { start })?;
    start.join(if moved.is_empty() { "." } else { moved })
}

/// Looked for from a folder upwards, as all managers do that know workspaces.
fn in_tree(scene: &Scene<'_>, folder: RepoPath, files: &Files) -> Lock {
    let mut at = folder;
    let mut manifest = None;
    loop {
        let there = |name: &&str| at.join(name).filter(|path| scene.files.contains(path));
        if let Some(lock) = files.locks.iter().find_map(there) {
            return Lock::Tracked(lock);
        }
        manifest = manifest.or_else(|| files.manifests.iter().find_map(there));
        // A workspace of its own has the lock beside its manifest or none.
        if files.manager == "cargo" && scene.cargo.workspaces.iter().any(|w| w.folder == at) {
            return Lock::Unknown;
        }
        if at.is_root() {
            return manifest.map_or(Lock::Unknown, Lock::Missing);
        }
        at = at.parent();
    }
}

/// A lock that an image's stage has been given; what is not copied is not there.
fn in_image(scene: &Scene<'_>, run: &Run<'_>, start: &str, moved: &str, files: &Files) -> Lock {
    let Some(stage) = &run.stage else { return Lock::Unknown };
    let Some(image) = scene.images.files.iter().find(|image| image.file == run.file) else { return Lock::Unknown };
    let mut stages = BTreeSet::from([stage.stage.index]);
    let mut at = stage.stage;
    for _ in 0..MAX_BASES {
        let Base::Stage(below) = at.base else { break };
        let Some(next) = stage.dockerfile.stages.get(below).filter(|s| stages.insert(s.index)) else { break };
        at = next;
    }
    let is_there = |path: &RepoPath| {
        image.copied.iter().any(|c| stages.contains(&c.stage) && (c.path == *path || path.is_under(&c.path)))
    };
    let named = |names: &'static [&'static str]| -> Vec<&RepoPath> {
        scene.files.iter().filter(|path| names.contains(&path.name()) && is_there(path)).collect()
    };
    let found = named(files.locks);
    let ending = moved.trim_matches(['/', '.']);
    let ending = if ending.is_empty() { start.trim_matches('/') } else { ending };
    let last = ending.rsplit('/').next().unwrap_or("");
    let fits = |path: &&RepoPath| !last.is_empty() && path.parent().name() == last;
    let best = found
        .iter()
        .find(|path| fits(path))
        .or_else(|| found.iter().find(|path| path.parent() == image.context))
        .or_else(|| found.first().filter(|_| found.len() == 1));
    if let Some(lock) = best {
        return Lock::Tracked((*lock).clone());
    }
    let manifests = named(files.manifests);
    match (found.is_empty(), manifests.as_slice()) {
        (true, [one]) => Lock::Missing((*one).clone()),
        _ => Lock::Unknown,
    }
}

/// The folder a command stands in, from where its script starts; none where it cannot be told.
fn folder_at(script: &Script, command: usize, own: Option<&str>) -> Option<String> {
    let program = &script.program;
    let scope = program.commands.get(command)?.scope;
    let mut folder = String::new();
    let changes = script.acts.iter().filter(|act| act.command < command).filter_map(|act| match &act.kind {
        ActKind::ChangeDir { path } => Some((act.command, path)),
        _ => None,
    });
    for (at, path) in changes {
        // A subshell keeps its changes to itself.
        let kept = program.scopes_of(at).take_while(|s| {
            !matches!(
                s.kind,
                ScopeKind::Subshell
                    | ScopeKind::Substitution(_)
                    | ScopeKind::ProcessSubstitution(_)
                    | ScopeKind::NestedShell(_)
            )
        });
        let levels = kept.count();
        let mut holder = program.commands.get(at)?.scope;
        for _ in 0..levels {
            let Some(parent) = program.scopes.get(holder).and_then(|s| s.parent) else { break };
            holder = parent;
        }
        if program.within(scope, holder) {
            folder = onto(&folder, path.as_deref()?);
        }
    }
    Some(own.map_or_else(|| folder.clone(), |own| onto(&folder, own)))
}

fn onto(folder: &str, path: &str) -> String {
    match path {
        path if path.starts_with(['/', '~', '$']) => path.to_owned(),
        path if folder.is_empty() => path.to_owned(),
        path => format!("{folder}/{path}"),
    }
}

/// Whether a variable is set around a command to anything that does not mean no.
pub(super) fn is_set(run: &Run<'_>, piece: &Piece<'_>, command: usize, names: &[&str]) -> bool {
    let yes = |name: &str, value: &str| {
        names.contains(&name) && !matches!(value.trim().to_ascii_lowercase().as_str(), "" | "0" | "false" | "no")
    };
    let pair = |(name, value): &Pair| yes(&name.value, &value.value);
    // A target or an action is handed what is set around the job that calls it; an image is not.
    let caller = run.holder.as_ref().filter(|_| !run.is_off_runner()).map(|h| (h.workflow, h.job));
    let around = run.job().or(caller).into_iter().flat_map(|(workflow, job)| workflow.env.iter().chain(&job.env));
    if around.chain(piece.step.iter().flat_map(|s| &s.env)).any(pair) {
        return true;
    }
    let set = run.stage.iter().flat_map(|s| &s.stage.instructions).filter_map(|i| match &i.kind {
        InstructionKind::Env(pairs) => Some(pairs),
        _ => None,
    });
    if set.flatten().any(pair) {
        return true;
    }
    let program = &piece.script.program;
    let commands = program.commands.iter().take(command + 1);
    commands.flat_map(|c| &c.assignments).any(|a| yes(&a.name, &program.show(&a.value).0))
}
