//! A Python requirement whose repository or address may change what it stands for.

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::{Confidence, Edit, Impact, Severity};
use crate::graph::kinds::python::{LockedOrigin, Origin, Requirement, Tool};
use crate::graph::python::{Install, Project, Purpose, RequirementSet, Site, Use};
use crate::rules::python::asked::Asked;
use crate::rules::python::site::Sites;
use crate::rules::versionless::versionless;
use crate::rules::{Reporter, Rule, Scene, edits, python};
use crate::source::{FileId, Place, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-python-source",
    title: "Python requirement from a repository or address that can move",
    many: "{n} Python requirements come from repositories or addresses that can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_python_source.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 100;

/// Sources one file may name for whoever runs it by hand before they are told together.
const FEW: usize = 3;

/// One line that asks for it.
struct Line<'a> {
    name: String,
    url: String,
    place: Place,
    role: Role,
    severity: Severity,
    impact: Option<Impact>,
    /// A commit or hash that a lock holds.
    held: Option<String>,
    install: Option<&'a Install>,
    /// What the file is for was told by its name and place.
    guessed: bool,
    /// The name is written there, and not taken from the address.
    is_named: bool,
    /// The tree holds a package of this name.
    is_own: bool,
    used_by: &'a [Use],
    /// What answers it.
    fix: Option<Vec<Edit>>,
}

impl Line<'_> {
    /// A project that installs itself from its own repository shows how it is used. That the repository is
    /// its own is not known here, so it is told, and told quietly.
    fn of_tree(mut self, is_own: bool) -> Self {
        if is_own {
            self.severity = self.severity.min(Severity::Low);
            self.impact = None;
            self.is_own = true;
        }
        self
    }
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let own = python::own_names(scene);
    let sites = Sites::of(scene);
    let is_own = |requirement: &Requirement, url: &str| python::is_of_tree(scene, &own, &name(requirement, url));
    let mut found: BTreeMap<(String, Asked), Vec<Line<'_>>> = BTreeMap::new();
    for set in &scene.python.sets {
        for requirement in scene.requirements(set.document).into_iter().flat_map(|f| &f.requirements) {
            if let Some(key) = Asked::of(requirement) {
                // The lock of an environment holds commits and files.
                if set.held_by.is_some() && key.1 != Asked::Plain {
                    continue;
                }
                let line = of_set(set, requirement, &key).of_tree(is_own(requirement, &key.0));
                found.entry(in_file(scene, set.file, key)).or_default().push(line);
            }
        }
    }
    for project in &scene.python.projects {
        for requirement in scene.pyproject(project.document).into_iter().flat_map(|f| &f.requirements) {
            if let Some(key) = Asked::of(requirement) {
                let line = of_project(scene, project, requirement, &key).of_tree(is_own(requirement, &key.0));
                // A lock that holds the hash of a file holds the file.
                if key.1 == Asked::File && line.held.is_some() {
                    continue;
                }
                found.entry(in_file(scene, project.file, key)).or_default().push(line);
            }
        }
    }
    let tried = tried_by_hand(scene);
    for install in &scene.python.installs {
        let file = install.place.file;
        let together = is_by_hand(install) && tried.contains(&file);
        for requirement in &install.requirements {
            if let Some(key) = Asked::of(requirement) {
                let line = of_install(&sites, install, requirement, &key).of_tree(is_own(requirement, &key.0));
                let key = match together {
                    true => (scene.sources.path(file).to_owned(), key.1),
                    false => in_file(scene, file, key),
                };
                found.entry(key).or_default().push(line);
            }
        }
    }
    for ((url, asked), mut lines) in found {
        lines.sort_by_key(|l| (l.impact.is_none(), l.role, std::cmp::Reverse(l.severity), l.place));
        say(scene, report, &sites, &url, &asked, &lines);
    }
}

/// Whether nobody but whoever runs it by hand runs a command.
fn is_by_hand(install: &Install) -> bool {
    matches!(install.starts_at(), Site::Block { .. })
}

/// Files that try many projects as they stand today: an environment of tox that tests against all branches.
fn tried_by_hand(scene: &Scene<'_>) -> BTreeSet<FileId> {
    let mut sources: BTreeMap<FileId, BTreeSet<String>> = BTreeMap::new();
    for install in scene.python.installs.iter().filter(|i| is_by_hand(i)) {
        let named = install.requirements.iter().filter_map(Asked::of).map(|(url, _)| url);
        sources.entry(install.place.file).or_default().extend(named);
    }
    sources.into_iter().filter(|(_, named)| named.len() > FEW).map(|(file, _)| file).collect()
}

/// Files that only lack a hash are one decision of whoever wrote the list; a source that moves is told by
/// itself.
fn in_file(scene: &Scene<'_>, file: FileId, (url, asked): (String, Asked)) -> (String, Asked) {
    match asked {
        Asked::File => (scene.sources.path(file).to_owned(), asked),
        _ => (url, asked),
    }
}

/// The distribution's name; of a repository without one, that of the repository.
fn name(requirement: &Requirement, url: &str) -> String {
    if requirement.name.value.is_empty() {
        let last = url.rsplit('/').next().unwrap_or(url);
        // The head of a wheel's name is the distribution's.
        if last.ends_with(".whl") { last.split('-').next().unwrap_or(last).to_owned() } else { last.to_owned() }
    } else {
        requirement.name.value.clone()
    }
}

/// Without a lock each install takes what is there that day.
fn severity(asked: &Asked, purpose: Purpose, held: bool) -> Severity {
    let ships = matches!(purpose, Purpose::Image | Purpose::Application);
    match asked {
        Asked::Plain => Severity::High,
        _ if held => Severity::Low,
        Asked::File | Asked::Short(_) => Severity::Low,
        Asked::Branch(_) | Asked::Default | Asked::Moving if ships => Severity::High,
        // Jobs test against branches on purpose. One that holds something is raised by what it reaches.
        _ if purpose == Purpose::Ci => Severity::Low,
        _ => Severity::Medium,
    }
}

fn of_set<'a>(set: &'a RequirementSet, requirement: &Requirement, (url, asked): &(String, Asked)) -> Line<'a> {
    Line {
        name: name(requirement, url),
        is_named: !requirement.name.value.is_empty(),
        url: url.clone(),
        place: Place::new(set.file, requirement.span),
        role: set.role,
        severity: severity(asked, set.purpose, false),
        impact: None,
        held: None,
        install: None,
        guessed: set.used_by.is_empty(),
        is_own: false,
        used_by: &set.used_by,
        fix: None,
    }
}

fn of_project<'a>(
    scene: &Scene<'a>,
    project: &'a Project,
    requirement: &Requirement,
    (url, asked): &(String, Asked),
) -> Line<'a> {
    let held = held(scene, project, &requirement.name.value);
    Line {
        fix: fix(scene, project, requirement),
        name: name(requirement, url),
        is_named: !requirement.name.value.is_empty(),
        url: url.clone(),
        place: Place::new(project.file, requirement.span),
        role: project.role,
        severity: severity(asked, project.purpose, held.is_some()),
        impact: None,
        held,
        install: None,
        guessed: false,
        is_own: false,
        used_by: &[],
    }
}

fn of_install<'a>(
    sites: &Sites<'_, '_>,
    install: &'a Install,
    requirement: &Requirement,
    (url, asked): &(String, Asked),
) -> Line<'a> {
    // Whoever can push there runs code here; a registry at least keeps what it served.
    let moves = matches!(asked, Asked::Branch(_) | Asked::Default | Asked::Tag(_) | Asked::Moving | Asked::Plain);
    let impact = sites.impact(install).filter(|_| moves);
    let usual = match severity(asked, install.purpose, false) {
        // What people run by hand, they run knowing what it says.
        usual if is_by_hand(install) && *asked != Asked::Plain => usual.min(Severity::Low),
        usual => usual,
    };
    Line {
        name: name(requirement, url),
        is_named: !requirement.name.value.is_empty(),
        url: url.clone(),
        place: Place::new(install.place.file, requirement.span),
        role: install.role,
        severity: if impact.is_some() { Severity::High } else { usual },
        impact,
        held: None,
        install: Some(install),
        guessed: false,
        is_own: false,
        used_by: &[],
        fix: None,
    }
}

/// The commit or hash that the project's lock holds for a name.
fn held(scene: &Scene<'_>, project: &Project, name: &str) -> Option<String> {
    let lock = scene.python_lock(scene.python.locks.get(project.lock?)?.document)?;
    let name = python::normal(name);
    lock.packages.iter().filter(|p| python::normal(&p.name.value) == name).find_map(|package| match &package.source {
        LockedOrigin::Vcs { commit, .. } => commit.clone(),
        LockedOrigin::Url(_) => package.artifacts.iter().find_map(|a| a.hash.clone()),
        _ => None,
    })
}

/// The commit that uv's lock holds, in the project file and in the lock, which has to say the same.
fn fix(scene: &Scene<'_>, project: &Project, requirement: &Requirement) -> Option<Vec<Edit>> {
    let Some(Origin::Vcs { url, revision, .. }) = &requirement.origin else { return None };
    let lock = scene.python_lock(scene.python.locks.get(project.lock?)?.document).filter(|l| l.tool == Tool::Uv)?;
    let name = python::normal(&requirement.name.value);
    let mut packages = lock.packages.iter().filter(|p| python::normal(&p.name.value) == name);
    let (Some(package), None) = (packages.next(), packages.next()) else { return None };
    let LockedOrigin::Vcs { url: locked, commit: Some(commit) } = &package.source else { return None };
    let (lock_file, file) = (scene.sources.get(lock.file)?, scene.sources.get(project.file)?);
    let source = lock_file.text_at(package.source_span?);
    let rest = source.split_once(locked.as_str())?.1;
    let query = rest.strip_prefix('?').map(|rest| rest.split(['#', '"']).next().unwrap_or(rest));
    let edit = if file.text_at(url.span) == url.value {
        // A requirement as text: `name @ git+https://..@branch`.
        match revision {
            Some(written) if file.text_at(written.span) == written.value => (written.span, commit.clone()),
            Some(_) => return None,
            None => (Span { start: url.span.end, end: url.span.end }, format!("@{commit}")),
        }
    } else {
        let named = revision.as_ref().and_then(|r| Some((query?.split_once('=')?.0, r.span)));
        if revision.is_some() != named.is_some() {
            return None;
        }
        edits::rev(file, url.span, named, commit)?
    };
    let place = |file, (span, text): (Span, String)| Edit { place: Place::new(file, span), text };
    let of_lock = edits::sources(lock_file, locked, query, commit)?;
    Some(std::iter::once(place(project.file, edit)).chain(of_lock.into_iter().map(|e| place(lock.file, e))).collect())
}

/// Whether the requirement is a table of poetry or uv, with keys of its own for a commit.
fn is_table(scene: &Scene<'_>, place: Place) -> bool {
    let text = scene.sources.get(place.file).map_or("", |file| file.text_at(place.span));
    let is_key = |part: &str| part.trim_start().strip_prefix("git").is_some_and(|r| r.trim_start().starts_with('='));
    text.split(['{', ',', '\n']).any(is_key)
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    sites: &Sites<'_, '_>,
    url: &str,
    asked: &Asked,
    lines: &[Line<'_>],
) {
    let Some(main) = lines.first() else { return };
    // One distribution may be written in two ways.
    let mut seen = BTreeSet::new();
    let names: Vec<&str> =
        lines.iter().map(|l| l.name.as_str()).filter(|name| seen.insert(python::normal(name))).collect();
    let what = python::list(names.iter().copied());
    let verb = if names.len() > 1 { "come" } else { "comes" };
    let loose = lines.iter().any(|l| l.held.is_none());
    let hold = match &main.held {
        Some(commit) if !loose => {
            format!("; the lock holds {} until it is written again", commit.get(..12).unwrap_or(commit))
        }
        _ if asked.is_file() => String::new(),
        _ => "; no lock holds a commit".to_owned(),
    };
    let reaches = match main.install.map(|i| sites.held(i)).filter(|_| main.impact.is_some()) {
        Some(held) if !held.is_empty() => format!(",{held}"),
        _ => String::new(),
    };
    // Many sources of one file, told together.
    let several = !asked.is_file() && lines.iter().any(|l| l.url != main.url);
    let url = if asked.is_file() || several { url } else { main.url.as_str() };
    let confidence = if lines.iter().all(|l| l.guessed) { Confidence::Medium } else { Confidence::High };
    let mut draft = report
        .at(main.place, asked.words())
        .about("source", format!("{url} {}", versionless(&asked.words())), None)
        .severity(lines.iter().map(|l| l.severity).max().unwrap_or(Severity::Medium))
        .confidence(confidence)
        .impact(main.impact)
        .role(main.role)
        .also(lines.iter().take(PLACES).map(|l| l.place))
        .content(format!("{url} {}", versionless(&asked.words())))
        .evidence(if loose { "the line, and no lock entry for it" } else { "the line and the lock" });
    if main.is_own {
        draft = draft.evidence("the tree holds a package of this name, so the repository is taken for its own");
    }
    if let Some(user) = main.used_by.first() {
        draft = draft.via(user.text.clone(), Some(user.place));
    }
    if let Some(install) = main.install {
        draft = sites.route(install, draft);
    }
    let (name, address) = (&main.name, &main.url);
    let advice = match asked {
        Asked::Plain => format!("use https, and name a commit or a hash: {}", url.replacen("http://", "https://", 1)),
        Asked::File => format!("add the hash of the file: {name} @ {address}#sha256=<hash>"),
        Asked::Moving => {
            format!("use an address that names a version, with its hash: {name} @ <address>#sha256=<hash>")
        }
        _ if is_table(scene, main.place) => {
            let commit = main.held.as_deref().unwrap_or("<commit>");
            format!("name the commit, in place of a branch or tag: rev = \"{commit}\"")
        }
        _ => {
            let commit = main.held.as_deref().unwrap_or("<commit>");
            // pip refuses a name that is not the distribution's own.
            let name = if main.is_named { format!("{name} @ ") } else { String::new() };
            format!("name the commit, with the branch or version in a comment: {name}git+{address}@{commit}")
        }
    };
    let text = match asked {
        Asked::File => {
            let host = address.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(address);
            let files = if lines.len() == 1 { "a file".to_owned() } else { format!("{} files", lines.len()) };
            format!("{url} takes {files} without a hash from {host}: {what}")
        }
        _ if several => format!("{what} {verb} from their repositories, {}{hold}{reaches}", asked.words()),
        _ => format!("{what} {verb} from {url}, {}{hold}{reaches}", asked.words()),
    };
    draft = draft.fix(edits::together(lines.iter().map(|l| l.fix.as_ref())));
    draft.advise(advice).say(text);
}
