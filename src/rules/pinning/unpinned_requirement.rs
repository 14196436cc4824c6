//! Requirements that leave open what is installed, where it should be the same each time.

mod by_hand;
mod listed;

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::python::{IndexOptionKind, Requirement, RequirementsFile};
use crate::graph::python::{Install, Purpose, RequirementSet};
use crate::rules::build_steps::known_distribution;
use crate::rules::python::site::{self, Sites};
use crate::rules::python::tools::{INSTALLERS, TOOLS};
use crate::rules::python::{self, Open};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unpinned-requirement",
    title: "Python requirement that nothing holds at a version",
    many: "{n} lists of Python requirements take whatever is newest",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_requirement.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 100;

/// Lines left open among many that name their version; those are best done likewise.
const FEW: usize = 2;
/// How many lines to each such line are many.
const MANY: usize = 4;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let own = python::own_names(scene);
    let includers = listed::includers(scene);
    // What an environment of conda asks of pip is told with the rest of it.
    for (index, set) in scene.python.sets.iter().enumerate().filter(|(_, set)| set.part_of.is_none()) {
        if let Some(file) = scene.requirements(set.document) {
            of_file(scene, report, &own, &listed::users(scene, &includers, index), (index, set, file));
        }
    }
    of_commands(scene, report, &own);
    listed::of_commands(scene, report, &own);
    by_hand::of_commands(scene, report);
}

fn of_file(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    own: &BTreeSet<String>,
    users: &[Place],
    (index, set, file): (usize, &RequirementSet, &RequirementsFile),
) {
    // A comment that a tool wrote the file, or one line with a hash, holds no other line: uv installs
    // those as they stand.
    let is_held = file.require_hashes.is_some();
    if !set.purpose.wants_pins() || set.only_constrains || is_held || is_compiled(scene, set) {
        return;
    }
    let mut held = python::constrained(scene, index);
    held.extend(python::held_by_installs(scene.python, scene, index));
    // `name` and `name[extra]` are one choice.
    let distinct = |all: &mut dyn Iterator<Item = &Requirement>| -> usize {
        all.map(|r| python::normal(&r.name.value)).collect::<BTreeSet<String>>().len()
    };
    let plain = |r: &&Requirement| r.origin.is_none() && python::is_plain(&r.name.value);
    let asked = distinct(&mut file.requirements.iter().filter(plain));
    let mut open: Vec<(Open, &Requirement)> = file
        .requirements
        .iter()
        .filter(|r| {
            let name = python::normal(&r.name.value);
            !held.contains(&name) && !own.contains(&name)
        })
        .filter_map(|r| Some((python::open(r)?, r)))
        .collect();
    open.sort_by_key(|(how, r)| (*how, r.span.start));
    let Some((worst, first)) = open.first().copied() else { return };
    let path = scene.sources.path(set.file).to_owned();
    let severity = match (set.purpose, worst) {
        (Purpose::Ci, _) | (_, Open::Within) => Severity::Low,
        // Nobody in the tree installs it; at the root it is what a reader is told to install.
        _ if set.used_by.is_empty() && path.contains('/') => Severity::Low,
        _ if open.iter().all(|(_, r)| is_one_of(r, INSTALLERS)) => Severity::Info,
        _ if open.iter().all(|(_, r)| is_one_of(r, TOOLS) || is_one_of(r, INSTALLERS)) => Severity::Low,
        _ => Severity::Medium,
    };
    let who = set.used_by.first();
    let place = |r: &Requirement| Place::new(set.file, r.span);
    let mut draft = report
        .at(place(first), python::words(first))
        .about("requirements", path.clone(), None)
        .severity(severity)
        .confidence(if who.is_some() { Confidence::High } else { Confidence::Medium })
        .role(set.role)
        .also(open.iter().take(PLACES).map(|(_, r)| place(r)))
        // Who installs it could ask for hashes as well.
        .also(users.iter().take(PLACES).copied())
        // Another bound leaves it as open as it was.
        .each(open.iter().map(|(_, r)| python::normal(&r.name.value)))
        .evidence(match who {
            Some(_) => "the file and what installs it; what they need in turn is open as well",
            None => "the file; what it is for was told by its name and place",
        });
    if let Some(user) = set.used_by.first() {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    let names = python::list(open.iter().map(|(_, r)| r.name.value.as_str()));
    let left = distinct(&mut open.iter().map(|(_, r)| *r));
    let count = if left == asked { format!("all of {asked}") } else { format!("{left} of {asked}") };
    let count = if asked == 1 { "its only requirement".to_owned() } else { format!("{count} requirements") };
    let for_whom = who.map_or_else(String::new, |u| format!(", and {} installs it", u.text));
    let source = input_name(&path);
    let folder = path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("cd {folder} && "));
    let name = path.rsplit('/').next().unwrap_or(&path);
    let compile = format!("{folder}uv pip compile --generate-hashes");
    let advice = if left <= FEW && asked >= left * MANY {
        let pins: Vec<String> = open.iter().take(FEW).map(|(_, r)| format!("{}==<version>", with_extras(r))).collect();
        format!("name the version, as the other lines do: {}", pins.join(" "))
    } else if is_beside_setup(scene, set) {
        // Its lines may be what the distribution asks of its users.
        let lock = source.replace(".in", ".lock.txt");
        format!("setup.py may read these lines, so leave them and install a lock of them: {compile} {name} -o {lock}")
    } else {
        format!("keep these lines as {source} and install what it resolves to: {compile} {source} -o {name}")
    };
    draft.advise(advice).say(format!("{path} leaves {count} open: {names}{for_whom}"));
}

/// Whether a file is what a lock beside it was compiled from: `requirements.in` with a `requirements.txt`
/// that a tool wrote. What an image or a job installs from the file itself, no lock holds.
fn is_compiled(scene: &Scene<'_>, set: &RequirementSet) -> bool {
    let path = scene.sources.path(set.file);
    let Some(stem) = path.strip_suffix(".in") else { return false };
    if set.used_by.iter().any(|u| !u.constraint && matches!(u.purpose, Purpose::Image | Purpose::Ci)) {
        return false;
    }
    scene.python.sets.iter().any(|other| {
        scene.sources.path(other.file).strip_suffix(".txt").is_some_and(|o| o == stem)
            && scene.requirements(other.document).is_some_and(|f| f.generated_by.is_some() || other.is_locked)
    })
}

/// Whether a `setup.py` stands in the folder of a list, or over a folder of lists.
fn is_beside_setup(scene: &Scene<'_>, set: &RequirementSet) -> bool {
    let Some(file) = scene.sources.get(set.file) else { return false };
    let folder = file.path.parent();
    let above = (folder.name() == "requirements").then(|| folder.parent());
    std::iter::once(folder)
        .chain(above)
        .any(|folder| ["setup.py", "setup.cfg"].iter().filter_map(|n| folder.join(n)).any(|p| scene.files.contains(&p)))
}

fn input_name(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, _)) => format!("{stem}.in"),
        None => format!("{name}.in"),
    }
}

fn is_one_of(requirement: &Requirement, list: &[&str]) -> bool {
    list.contains(&python::normal(&requirement.name.value).as_str())
}

/// One command, or several that leave the same open.
struct Call<'a> {
    install: &'a Install,
    open: Vec<&'a Requirement>,
    severity: Severity,
}

impl Call<'_> {
    /// The first word that a version would be added to.
    fn place(&self) -> Place {
        let file = self.install.place.file;
        self.open.first().map_or(self.install.place, |r| Place::new(file, r.span))
    }
}

fn of_commands(scene: &Scene<'_>, report: &mut Reporter<'_>, own: &BTreeSet<String>) {
    let sites = Sites::of(scene);
    let mut found: BTreeMap<String, Vec<Call<'_>>> = BTreeMap::new();
    for install in &scene.python.installs {
        let offline = install.options.iter().any(|(_, o)| o.kind == IndexOptionKind::NoIndex);
        if !install.purpose.wants_pins() || install.is_locked || offline {
            continue;
        }
        let held = python::constraints_of(scene, &install.files);
        let open: Vec<&Requirement> = install
            .requirements
            .iter()
            .filter(|r| {
                let name = python::normal(&r.name.value);
                !held.contains(&name) && python::open(r).is_some()
            })
            .collect();
        if open.is_empty() {
            continue;
        }
        let words: Vec<String> = open.iter().map(|r| python::words(r)).collect();
        let key = format!("{} {}", site::command(install), words.join(" "));
        // What the tree itself releases is its own, and still another one than what stands here.
        let is_own = |r: &&Requirement| own.contains(&python::normal(&r.name.value));
        let severity = if open.iter().all(is_own) { Severity::Info } else { severity(&sites, install, &open) };
        found.entry(key).or_default().push(Call { install, open, severity });
    }
    for (key, mut calls) in found {
        calls.sort_by_key(|c| (std::cmp::Reverse(c.severity), c.install.role, c.install.place));
        say(scene, report, &sites, &key, &calls);
    }
}

/// What only builds or looks at code weighs less than what is put into an image; the newest release of
/// anything weighs more where it meets secrets.
fn severity(sites: &Sites<'_, '_>, install: &Install, open: &[&Requirement]) -> Severity {
    let installers = open.iter().all(|r| is_one_of(r, INSTALLERS));
    let tools = open.iter().all(|r| is_one_of(r, TOOLS) || is_one_of(r, INSTALLERS));
    let bounded = open.iter().all(|r| python::open(r) == Some(Open::Within));
    let reaches = sites.impact(install).is_some();
    match install.purpose {
        _ if installers => Severity::Info,
        // What builds a release decides what is in it; what tests or looks at code only runs beside it.
        Purpose::Ci if tools && !sites.publishes(install) => Severity::Low,
        Purpose::Ci if reaches && !bounded => Severity::Medium,
        Purpose::Ci => Severity::Low,
        _ if tools || bounded => Severity::Low,
        _ => Severity::Medium,
    }
}

/// `name[extra]`, as it is typed.
fn with_extras(requirement: &Requirement) -> String {
    let name = &requirement.name.value;
    if requirement.extras.is_empty() { name.clone() } else { format!("{name}[{}]", requirement.extras.join(",")) }
}

/// `name==1.2.3`, as a lock of the tree holds it.
fn pin(scene: &Scene<'_>, requirement: &Requirement) -> String {
    let version = known_distribution(scene, &requirement.name.value);
    format!("{}=={}", with_extras(requirement), version.as_deref().unwrap_or("<version>"))
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, sites: &Sites<'_, '_>, key: &str, calls: &[Call<'_>]) {
    let Some(main) = calls.first() else { return };
    let command = site::command(main.install);
    let names = python::list(main.open.iter().map(|r| r.name.value.as_str()));
    let pins: Vec<String> = main.open.iter().take(2).map(|r| pin(scene, r)).collect();
    let more = if main.open.len() > pins.len() { " .." } else { "" };
    let held = if main.severity >= Severity::Medium { sites.held(main.install) } else { String::new() };
    let draft = report
        .at(main.place(), "the newest release of that day")
        .about("command", key, None)
        .severity(main.severity)
        .role(main.install.role)
        .also(calls.iter().map(Call::place))
        .content(key)
        .evidence("the command; no constraints, lock or hash holds what it names");
    let advice = match main.install.manager.as_str() {
        // `uvx --from tool@1.2 command` as well.
        "uvx" if !pins.iter().any(|pin| pin.contains('[')) => {
            format!("name the version: {command} {}", pins.join(" ").replace("==", "@"))
        }
        "uvx" | "pipx" => format!("name the version: {command} {}", pins.join(" ")),
        _ if main.open.len() > 2 => {
            let uv = if main.install.manager == "uv" { "uv " } else { "" };
            format!(
                "install from a file that a resolver wrote, with hashes: \
                 {uv}pip install --require-hashes -r requirements.txt"
            )
        }
        _ => format!("name the version: {command} {}{more}", pins.join(" ")),
    };
    let into = match main.install.purpose {
        _ if !held.is_empty() => held,
        purpose => format!(" for {}", site::purpose(purpose)),
    };
    sites
        .route(main.install, draft)
        .advise(advice)
        .say(format!("`{command}` takes whatever is newest of {names}{into}"));
}
