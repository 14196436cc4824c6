//! A lock that the tree before had is gone, and what it locked stays.

use super::compared::{Compared, listed};
use super::held::{self, LetGo};
use crate::diag::Severity;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath, Role, SourceFile};

pub(super) static RULE: Rule = Rule {
    id: "lock-removed",
    title: "a lock is gone and its manifest stays",
    many: "{n} locks are gone and their manifests stay",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("lock_removed.md"),
    check,
};

/// Locks, with the manifests beside them, and what may stand in their place.
struct Kind {
    locks: &'static [&'static str],
    manifests: &'static [&'static str],
    /// Whether one in a folder above holds as well, that of a workspace.
    above: bool,
}

const KINDS: &[Kind] = &[
    Kind { locks: &["Cargo.lock"], manifests: &["Cargo.toml"], above: true },
    Kind {
        locks: &["uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "pixi.lock", "Pipfile.lock"],
        manifests: &["pyproject.toml", "Pipfile", "pixi.toml"],
        above: true,
    },
    Kind {
        locks: &[
            "package-lock.json",
            "npm-shrinkwrap.json",
            "yarn.lock",
            "pnpm-lock.yaml",
            "bun.lock",
            "bun.lockb",
            "deno.lock",
        ],
        manifests: &["package.json"],
        above: true,
    },
    Kind { locks: &["go.sum"], manifests: &["go.mod"], above: false },
    Kind { locks: &["flake.lock"], manifests: &["flake.nix"], above: false },
    Kind { locks: &["Gemfile.lock"], manifests: &["Gemfile"], above: false },
    Kind { locks: &["composer.lock"], manifests: &["composer.json"], above: false },
    Kind { locks: &["MODULE.bazel.lock"], manifests: &["MODULE.bazel"], above: false },
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let (now, was) = (scene.files, compared.base().files);
    let is_moved = |path: &RepoPath| compared.before.moved.values().any(|old| old == path);
    for path in was.iter().filter(|path| !now.contains(*path) && !is_moved(path)) {
        let Some(kind) = KINDS.iter().find(|kind| kind.locks.contains(&path.name())) else { continue };
        let folder = path.parent();
        let has =
            |folder: &RepoPath| kind.locks.iter().any(|lock| folder.join(lock).is_some_and(|lock| now.contains(&lock)));
        if has(&folder) || kind.above && above(&folder).any(|folder| has(&folder)) {
            continue;
        }
        let manifest = kind.manifests.iter().filter_map(|name| folder.join(name)).find(|path| now.contains(path));
        let Some(manifest) = manifest else { continue };
        // What no reader looks at has no place to show; a file that was read beside it stands in.
        let Some(file) = scene.sources.by_path(&manifest) else { continue };
        say(&compared, report, path, file);
    }
    for gone in held::let_go(&compared) {
        say_let_go(report, &gone);
    }
}

/// Entries of `custody.lock` that are gone, or all of it, while what they held is loaded still.
fn say_let_go(report: &mut Reporter<'_>, gone: &LetGo<'_>) {
    let places: Vec<Place> =
        gone.entries.iter().flat_map(|(_, loads)| loads.iter().map(|load| load.loaded.place)).collect();
    let Some(first) = places.first().copied() else { return };
    let names: Vec<String> = gone.entries.iter().map(|(key, _)| key.to_string()).collect();
    let path = gone.path;
    let (evidence, message) = if gone.stays {
        (
            format!("{path} held it in the tree before"),
            format!("{path} no longer holds {}, and it is loaded still", listed(&names)),
        )
    } else {
        (
            format!("{path} was in the tree before; no lock is there now"),
            format!("{path} is gone, and {} is loaded still", listed(&names)),
        )
    };
    report
        .at(first, format!("{path} held what is loaded here"))
        .about("lock", path, None)
        .also(places.iter().copied())
        .content(format!("{path}\n{}", names.join("\n")))
        .evidence(evidence)
        .advise(format!("put the lines of {path} back, or take out what loads it"))
        .say(message);
}

/// Folders above one, the nearest first.
fn above(folder: &RepoPath) -> impl Iterator<Item = RepoPath> {
    std::iter::successors(Some(folder.clone()), |folder| (!folder.is_root()).then(|| folder.parent())).skip(1)
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, lock: &RepoPath, manifest: &SourceFile) {
    let role = match compared.base().sources.by_path(lock) {
        Some(old) => compared.base().role(old.id),
        None => Role::of_path(lock),
    };
    if role.is_set_aside() || compared.scene.role(manifest.id).is_set_aside() {
        return;
    }
    let place: Place = compared.head_of(manifest.id);
    report
        .at(place, format!("{lock} locked what is asked for here"))
        .about("lock", lock.as_str(), None)
        .content(lock.as_str())
        .via(manifest.path.as_str().to_owned(), Some(place))
        .evidence(format!("{lock} was in the tree before; nothing of its kind is there now"))
        .advise(format!("put {lock} back, or say in the change what fixes the versions from now on"))
        .say(format!("{lock} is gone, so that {} takes whatever is newest when it is built", manifest.path));
}
