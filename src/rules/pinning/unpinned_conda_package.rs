//! Environments and commands of conda that leave open what is installed, where it should be the same each
//! time. One finding an environment, its part for pip included.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::conda::{EnvironmentView, Hold};
use crate::graph::kinds::conda::CondaRequirement;
use crate::graph::python::{Install, Purpose};
use crate::rules::python::site::{self, Sites};
use crate::rules::python::{self, Open};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, RepoPath};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-conda-package",
    title: "conda package that nothing holds at a version",
    many: "{n} conda environments take whatever is newest",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_conda_package.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

/// What installs everything else, and conda itself.
const INSTALLERS: &[&str] = &["pip", "setuptools", "wheel", "uv", "conda", "mamba", "micromamba"];

/// One thing that is left open: how far, what it is called, where it stands.
struct Loose<'a> {
    hold: Hold,
    name: &'a str,
    words: String,
    place: Place,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let own = python::own_names(scene);
    let sets: BTreeMap<FileId, usize> = scene.python.sets.iter().enumerate().map(|(i, set)| (set.file, i)).collect();
    let mut alone: BTreeMap<RepoPath, Vec<Found<'_>>> = BTreeMap::new();
    for view in &scene.python.conda.environments {
        let Some(found) = of_environment(scene, &own, &sets, view) else { continue };
        match scene.sources.get(view.file) {
            // What nobody in the tree installs is one decision of whoever keeps the folder.
            Some(file) if view.used_by.is_empty() => alone.entry(file.path.parent()).or_default().push(found),
            _ => say(scene, report, &[found]),
        }
    }
    alone.into_values().for_each(|found| say(scene, report, &found));
    of_commands(scene, report);
}

fn words(package: &CondaRequirement) -> String {
    format!("{}{}", package.name.value, package.version.as_ref().map_or("", |v| v.value.as_str()))
}

fn loose(package: &CondaRequirement, place: Place) -> Option<Loose<'_>> {
    let hold = package.hold();
    let name = package.name.value.as_str();
    let is_open = hold < Hold::Exact && !INSTALLERS.contains(&name);
    is_open.then(|| Loose { hold, name, words: words(package), place })
}

/// An environment that leaves something open, the most open first.
struct Found<'a> {
    view: &'a EnvironmentView,
    open: Vec<Loose<'a>>,
    asked: usize,
    is_pixi: bool,
    severity: Severity,
}

fn of_environment<'a>(
    scene: &Scene<'a>,
    own: &BTreeSet<String>,
    sets: &BTreeMap<FileId, usize>,
    view: &'a EnvironmentView,
) -> Option<Found<'a>> {
    if !view.purpose.wants_pins() || view.is_held {
        return None;
    }
    let Document::CondaEnvironment(found) = scene.documents.get(view.document)? else { return None };
    let place = |span| Place::new(view.file, span);
    let mut open: Vec<Loose<'_>> = found.packages.iter().filter_map(|p| loose(p, place(p.span))).collect();
    let mut asked = found.packages.len();
    let set = sets.get(&view.file).and_then(|&index| Some((index, scene.python.sets.get(index)?)));
    if let Some((index, file)) = set.and_then(|(index, set)| Some((index, scene.requirements(set.document)?))) {
        let held = python::constrained(scene, index);
        for requirement in file.requirements.iter().filter(|r| python::is_plain(&r.name.value)) {
            asked += 1;
            let name = python::normal(&requirement.name.value);
            if held.contains(&name) || own.contains(&name) {
                continue;
            }
            let hold = match python::open(requirement) {
                None => continue,
                Some(Open::Any) => Hold::Any,
                Some(Open::Above) => Hold::Above,
                Some(Open::Within) => Hold::Within,
            };
            let words = python::words(requirement);
            open.push(Loose { hold, name: &requirement.name.value, words, place: place(requirement.span) });
        }
    }
    open.sort_by_key(|one| (one.hold, one.place));
    let worst = open.first()?.hold;
    // A series is how conda's users pin; it is open all the same, and told where an image ships it.
    let severity = match (view.purpose, worst) {
        (Purpose::Image, Hold::Within) if open.iter().any(|o| o.name != "python") => Severity::Low,
        (_, Hold::Within) => return None,
        (Purpose::Ci, _) => Severity::Low,
        // Nobody in the tree installs it; at the root it is what a reader is told to install.
        _ if view.used_by.is_empty() && scene.sources.path(view.file).contains('/') => Severity::Low,
        _ => Severity::Medium,
    };
    Some(Found { view, open, asked, is_pixi: found.tool == "pixi", severity })
}

/// Reports environments that are one decision.
fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_>]) {
    let Some(main) = found.iter().max_by_key(|f| (f.severity, Reverse(f.view.role), Reverse(f.view.file))) else {
        return;
    };
    let Some(first) = main.open.first() else { return };
    let path = scene.sources.path(main.view.file).to_owned();
    let user = main.view.used_by.first();
    let mut draft = report
        .at(first.place, first.words.clone())
        .about("environment", path.clone(), None)
        .severity(main.severity)
        .confidence(if user.is_some() { Confidence::High } else { Confidence::Medium })
        .role(main.view.role)
        .also(main.open.iter().chain(found.iter().flat_map(|f| f.open.first())).take(PLACES).map(|one| one.place))
        .each(main.open.iter().map(|one| one.words.as_str()))
        .evidence(match user {
            Some(_) => "the file and what installs it; what they need in turn is open as well",
            None => "the file; what it is for was told by its name and place",
        });
    if let Some(user) = user {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    let (open, asked) = (main.open.len(), main.asked);
    let names = python::list(main.open.iter().map(|one| one.name));
    let count = if open == asked { format!("all of {asked}") } else { format!("{open} of {asked}") };
    let count = if asked == 1 { "its only package".to_owned() } else { format!("{count} packages") };
    let for_whom = user.map_or_else(String::new, |u| format!(", and {} installs it", u.text));
    let others = match found.len() {
        0 | 1 => String::new(),
        2 => "; another environment beside it does likewise".to_owned(),
        n => format!("; {} environments beside it do likewise", n - 1),
    };
    let name = path.rsplit('/').next().unwrap_or(&path);
    let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("cd {folder} && "));
    let advice = if main.is_pixi {
        format!("lock it, commit pixi.lock, and install with `pixi install --locked`: {folder}pixi lock")
    } else {
        format!(
            "lock it for every platform, and install from the lock with `conda-lock install`: {folder}conda-lock -f {name} -p {}",
            platform(name)
        )
    };
    draft.advise(advice).say(format!("{path} leaves {count} open: {names}{for_whom}{others}"));
}

/// The platform that a file's name says it is for; the most common one where it says none.
fn platform(name: &str) -> &'static str {
    let has = |words: &[&str]| words.iter().any(|word| name.contains(word));
    match (has(&["osx", "macos", "darwin"]), has(&["aarch64", "arm64"])) {
        (true, true) => "osx-arm64",
        (true, false) => "osx-64",
        (false, true) => "linux-aarch64",
        (false, false) if has(&["win-64", "windows"]) => "win-64",
        (false, false) => "linux-64",
    }
}

/// A command, what it leaves open, how grave that is.
struct Call<'a> {
    install: &'a Install,
    open: Vec<Loose<'a>>,
    severity: Severity,
}

fn of_commands(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let sites = Sites::of(scene);
    let mut found: BTreeMap<String, Vec<Call<'_>>> = BTreeMap::new();
    for install in &scene.python.installs {
        let Some(conda) = &install.conda else { continue };
        // What people run on their machines is one note a file.
        let by_hand = !install.purpose.wants_pins();
        let place = |package: &CondaRequirement| Place::new(install.place.file, package.span);
        let mut open: Vec<Loose<'_>> = conda.packages.iter().filter_map(|p| loose(p, place(p))).collect();
        open.sort_by_key(|one| (one.hold, one.place));
        // A series by itself is what an environment is made for: `python=3.11`.
        let is_loose = |hold: &Hold| *hold < Hold::Within || by_hand;
        open.retain(|one| !by_hand || one.name != "python");
        let Some(worst) = open.first().map(|one| one.hold).filter(is_loose) else { continue };
        let severity = match install.purpose {
            _ if by_hand => Severity::Info,
            Purpose::Ci if sites.impact(install).is_some() && worst == Hold::Any => Severity::Medium,
            Purpose::Ci => Severity::Low,
            _ if worst == Hold::Above => Severity::Low,
            _ => Severity::Medium,
        };
        open.retain(|one| is_loose(&one.hold));
        let words: Vec<&str> = open.iter().map(|one| one.words.as_str()).collect();
        let key = match by_hand {
            true => format!("{} by hand", scene.sources.path(install.place.file)),
            false => format!("{} {}", site::command(install), words.join(" ")),
        };
        found.entry(key).or_default().push(Call { install, open, severity });
    }
    for (key, mut calls) in found {
        calls.sort_by_key(|c| (Reverse(c.severity), c.install.role, c.install.place));
        let Some(main) = calls.first() else { continue };
        let Some(first) = main.open.first() else { continue };
        let by_hand = !main.install.purpose.wants_pins();
        let command = site::command(main.install);
        let pins: Vec<String> = main.open.iter().take(2).map(|o| format!("{}=<version>", o.name)).collect();
        let more = if main.open.len() > pins.len() { " .." } else { "" };
        let held = if main.severity >= Severity::Medium { sites.held(main.install) } else { String::new() };
        let into = match held.is_empty() {
            _ if by_hand => " for who runs it by hand".to_owned(),
            true => format!(" for {}", site::purpose(main.install.purpose)),
            false => held,
        };
        let draft = report
            .at(first.place, "the newest release of that day")
            .about("command", key.clone(), None)
            .severity(main.severity)
            .role(main.install.role)
            .also(calls.iter().flat_map(|c| c.open.first()).take(100).map(|one| one.place))
            .content(key)
            .evidence("the command; no lock holds what it names");
        sites.route(main.install, draft).advise(format!("name the version: {command} {}{more}", pins.join(" "))).say(
            format!("`{command}` takes whatever is newest of {}{into}", python::list(main.open.iter().map(|o| o.name))),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_says_its_platform_by_its_name() {
        for (name, expected) in [
            ("environment.yml", "linux-64"),
            ("all_cuda-129_arch-aarch64.yaml", "linux-aarch64"),
            ("env-osx-arm64.yml", "osx-arm64"),
            ("environment_macos.yml", "osx-64"),
            ("environment-windows.yml", "win-64"),
        ] {
            assert_eq!(platform(name), expected, "{name}");
        }
    }
}
