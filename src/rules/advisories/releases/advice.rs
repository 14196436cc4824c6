//! What to do about a hit, in the words of the tool that holds it. What newer releases of other
//! distributions need is not known offline, so advice on them says what to try, and what is left if
//! that does not help.

use super::words::{path, written};
use super::{Hit, Locked, Stand, entry};
use crate::advisory::pep440::Allowed;
use crate::advisory::{FixedIn, Kind};
use crate::graph::Document;
use crate::graph::distributions::{CondaHolder, Holder};
use crate::graph::identity::distribution_name;
use crate::graph::kinds::python::Tool;
use crate::rules::Scene;
use crate::source::FileId;

pub(super) fn advice(scene: &Scene<'_>, hit: &Hit<'_>) -> String {
    let name = hit.name;
    if hit.flaw.kind == Kind::Malicious {
        let rest = match &hit.flaw.fixed {
            Some(FixedIn::At(fixed)) => format!("move to {fixed} or later"),
            _ => "remove it, or move to a release that no advisory names".to_owned(),
        };
        return format!("{rest}; treat every machine that installed it as taken over, and renew the secrets it held");
    }
    match &hit.flaw.fixed {
        Some(FixedIn::At(fixed)) => raise(scene, hit, fixed, &format!("{fixed} or later{}", clear(hit, fixed))),
        // Another advisory may name a release that is free of this one too.
        Some(FixedIn::After(_)) if hit.flaw.clear.is_some() => {
            let clear = hit.flaw.clear.as_deref().unwrap_or_default();
            raise(scene, hit, clear, &format!("{clear} or later"))
        }
        Some(FixedIn::After(last)) => raise(scene, hit, "", &format!("a release above {last}")),
        None => format!("no release fixes it; do without `{name}` or accept it with a reason"),
    }
}

/// The release that mends the other flaws too, where it is another.
fn clear(hit: &Hit<'_>, fixed: &str) -> String {
    match &hit.flaw.clear {
        Some(clear) if clear != fixed => format!(" ({clear} mends its other flaws too)"),
        _ => String::new(),
    }
}

/// How the place takes a newer release. `fixed` is empty where the release itself is not known; `aim`
/// says it in words.
fn raise(scene: &Scene<'_>, hit: &Hit<'_>, fixed: &str, aim: &str) -> String {
    let (name, main) = (hit.name, hit.main());
    let pin = format!("the pin of `{}` to {aim}", written(scene, main.named));
    let elsewhere = match hit.files() {
        0 | 1 => String::new(),
        2 => ", likewise in the other file".to_owned(),
        n => format!(", likewise in the other {} files", n - 1),
    };
    let text = match main.named.holder {
        Holder::Lock(..) => match Locked::of(scene, main.named) {
            Some(locked) => by_lock(scene, hit, &locked, fixed, aim),
            None => format!("move `{name}` to {aim}"),
        },
        Holder::Set(set, _) => {
            let file = scene.python.sets.get(set).and_then(|s| scene.requirements(s.document));
            match file.and_then(|f| f.generated_by.as_ref()) {
                Some(tool) => {
                    let command = if tool.value.contains("uv") { "uv pip compile" } else { "pip-compile" };
                    let to = if fixed.is_empty() { name.to_owned() } else { format!("'{name}>={fixed}'") };
                    // Input, output and bounds stand in the command that wrote it.
                    let command = if file.is_some_and(|f| tells_command(scene, f.file)) {
                        "the command in its first lines, with"
                    } else {
                        command
                    };
                    format!("compile the file anew with {aim}: {command} --upgrade-package {to}")
                }
                None => match lock_beside(scene, hit, main) {
                    Some(locked) => {
                        let text = by_lock(scene, hit, &locked, fixed, aim);
                        let list = path(scene, main.named.place.file);
                        return format!("{text}; then write {list} anew from it, or raise the pin there by hand");
                    }
                    None => format!("raise {pin}"),
                },
            }
        }
        Holder::Project(..) => {
            let lock = if is_in_lock(scene, main) { ", and lock again" } else { "" };
            format!("raise {pin}{lock}")
        }
        Holder::Built(_) => format!("replace it by `{name}` {aim}"),
        Holder::Install(..) | Holder::Conda(CondaHolder::Install(_), _) => format!("raise {pin} in the command"),
        Holder::Conda(CondaHolder::Environment(_), _) => format!("raise {pin}"),
        Holder::Conda(CondaHolder::Lock(lock), _) => {
            let lock = scene.python.conda.locks.get(lock).and_then(|view| match scene.documents.get(view.document) {
                Some(Document::CondaLock(lock)) => Some(lock),
                _ => None,
            });
            let package = written(scene, main.named);
            match lock.map(|l| l.tool) {
                Some("pixi") => format!("update the lock to {aim}: pixi update {package}"),
                Some("conda-lock") => format!("update the lock to {aim}: conda-lock lock --update {package}"),
                _ => format!("solve the list anew with `{package}` at {aim}"),
            }
        }
    };
    format!("{text}{elsewhere}")
}

/// The lock in the folder of a list that holds the same release: the list is mostly an export of it.
fn lock_beside<'a>(scene: &Scene<'a>, hit: &Hit<'a>, main: &Stand<'a>) -> Option<Locked<'a>> {
    let folder = |file: FileId| scene.sources.get(file).map(|f| f.path.parent());
    let own = folder(main.named.place.file)?;
    hit.at
        .iter()
        .filter(|_| hit.files() == 2)
        .filter_map(|stand| Locked::of(scene, stand.named))
        .find(|locked| folder(locked.lock.file).is_some_and(|beside| beside == own))
}

/// Lines at the head of a file that are looked at for the command that wrote it.
const HEAD: u32 = 12;

/// Whether a comment at the head of a compiled file is the command that wrote it.
fn tells_command(scene: &Scene<'_>, file: FileId) -> bool {
    let Some(file) = scene.sources.get(file) else { return false };
    let comments = (1..=HEAD).filter_map(|line| file.line(line)?.strip_prefix('#').map(str::trim));
    comments.into_iter().any(|text| text.starts_with("uv pip compile ") || text.starts_with("pip-compile "))
}

fn is_in_lock(scene: &Scene<'_>, stand: &Stand<'_>) -> bool {
    let Holder::Project(project, _) = stand.named.holder else { return false };
    scene.python.projects.get(project).is_some_and(|p| p.lock.is_some())
}

fn by_lock(scene: &Scene<'_>, hit: &Hit<'_>, locked: &Locked<'_>, fixed: &str, aim: &str) -> String {
    let name = hit.name;
    let last = match &hit.flaw.fixed {
        Some(FixedIn::After(last)) => Some(last),
        _ => None,
    };
    let command = command(scene, locked, name);
    let reached = locked.reached();
    let declared = entry(scene, reached);
    let direct = declared.filter(|r| reached.hops == 1 && distribution_name(&r.name.value) == name);
    if let Some(requirement) = direct {
        let specifiers = requirement.specifiers.as_ref().map_or("", |s| s.value.as_str());
        let allowed = Allowed::parse(specifiers);
        let is_within = !fixed.is_empty() && allowed.as_ref().is_some_and(|a| a.admits(fixed));
        // Nobody knows yet which release it will be; one right above stands for it.
        let next = last.map(|last| format!("{last}.post1"));
        let is_open = next.is_some_and(|next| allowed.is_some_and(|a| a.admits(&next)));
        return match (is_within, fixed.is_empty()) {
            (false, true) if is_open => format!("once there is {aim}, update the lock: {command}"),
            (true, _) => format!("update the lock to {aim}: {command}"),
            (false, true) => format!("let the requirement on `{name}` take {aim}, then {command}"),
            (false, false) => {
                format!("raise the requirement on `{name}`, which is `{specifiers}` now, to {aim}, then {command}")
            }
        };
    }
    let way = locked.way();
    let parent = way.iter().rev().nth(1).map(|index| locked.lock.packages[*index].name.value.as_str());
    match parent {
        Some(parent) => {
            format!("update the lock to {aim}: {command}; where `{parent}` holds it back, that has to move as well")
        }
        None => format!("update the lock to {aim}: {command}"),
    }
}

fn command(scene: &Scene<'_>, locked: &Locked<'_>, name: &str) -> String {
    let file = path(scene, locked.lock.file);
    let folder = file.rsplit_once('/').map_or("", |(folder, _)| folder);
    let within = |option: &str| if folder.is_empty() { String::new() } else { format!(" {option} {folder}") };
    match locked.lock.tool {
        Tool::Uv => format!("uv lock{} --upgrade-package {name}", within("--project")),
        Tool::Poetry => format!("poetry{} update {name}", within("-C")),
        Tool::Pdm => format!("pdm update{} {name}", within("-p")),
        Tool::Pipenv => format!("pipenv update {name}"),
        Tool::Pip => "lock again with the tool that wrote it".to_owned(),
        Tool::Pixi => format!("pixi update{} {name}", within("--manifest-path")),
        Tool::CondaLock => format!("conda-lock lock --lockfile {file} --update {name}"),
    }
}
