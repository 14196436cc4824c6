//! A Python requirement whose repository or address may change what it stands for.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Impact, Severity};
use crate::graph::indexes;
use crate::graph::kinds::python::{LockedOrigin, Origin, Requirement};
use crate::graph::kinds::workflow::Uses;
use crate::graph::python::{Install, Project, Purpose, RequirementSet, Use};
use crate::rules::python::lookup::shown;
use crate::rules::python::site::Sites;
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::{FileId, Place, Role};

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
const PLACES: usize = 20;

/// What is asked for, the steadiest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Asked {
    /// A file whose address names a version, without a hash.
    File,
    /// An abbreviated commit.
    Short(String),
    /// What looks like a tag.
    Tag(String),
    /// A branch, or a tag that looks like one.
    Branch(String),
    /// The default branch.
    Default,
    /// A file whose address stands for whatever is there.
    Moving,
    /// A file or repository that is read unencrypted.
    Plain,
}

impl Asked {
    /// `None` where nothing can move.
    fn of(requirement: &Requirement) -> Option<(String, Self)> {
        match requirement.origin.as_ref()? {
            Origin::Vcs { url, revision, .. } => {
                let address = plain(&url.value);
                if has_variable(&url.value) || is_of_tree(&url.value) {
                    return None;
                }
                if url.value.starts_with("http://") || url.value.starts_with("git://") {
                    return Some((address, Self::Plain));
                }
                let asked = match revision.as_ref().map(|r| r.value.as_str()).filter(|r| !r.is_empty()) {
                    None => Self::Default,
                    Some(text) if Uses::is_commit(text) || has_variable(text) => return None,
                    Some(text) if text.len() >= 7 && text.bytes().all(|b| b.is_ascii_hexdigit()) => {
                        Self::Short(text.to_owned())
                    }
                    Some(text) if is_version(text) => Self::Tag(text.to_owned()),
                    Some(text) => Self::Branch(text.to_owned()),
                };
                Some((address, asked))
            }
            Origin::Url { url } => {
                let address = &url.value;
                let held = has_hash(address) || !requirement.hashes.is_empty() || names_commit(address);
                if held || has_variable(address) || is_of_tree(address) {
                    return None;
                }
                let asked = if address.starts_with("http://") {
                    Self::Plain
                } else if moves(address) {
                    Self::Moving
                } else {
                    Self::File
                };
                Some((shown(address), asked))
            }
            Origin::Path { .. } | Origin::Workspace => None,
        }
    }

    fn words(&self) -> String {
        match self {
            Self::File => "a file without a hash".to_owned(),
            Self::Short(name) => format!("the abbreviated commit `{name}`"),
            Self::Tag(name) => format!("the tag `{name}`"),
            Self::Branch(name) => format!("the branch or tag `{name}`"),
            Self::Default => "the default branch".to_owned(),
            Self::Moving => "whatever lies at the address".to_owned(),
            Self::Plain => "whatever an unencrypted connection hands over".to_owned(),
        }
    }

    fn is_file(&self) -> bool {
        matches!(self, Self::File | Self::Moving)
    }
}

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
    used_by: &'a [Use],
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let own = python::own_names(scene);
    let sites = Sites::of(scene);
    // The tree's own package from its own repository is how a project shows itself being used.
    let asked = |requirement: &Requirement| {
        Asked::of(requirement).filter(|(url, _)| !own.contains(&python::normal(&name(requirement, url))))
    };
    let mut found: BTreeMap<(String, Asked), Vec<Line<'_>>> = BTreeMap::new();
    for set in &scene.python.sets {
        for requirement in scene.requirements(set.document).into_iter().flat_map(|f| &f.requirements) {
            if let Some(key) = asked(requirement) {
                let line = of_set(set, requirement, &key);
                found.entry(in_file(scene, set.file, key)).or_default().push(line);
            }
        }
    }
    for project in &scene.python.projects {
        for requirement in scene.pyproject(project.document).into_iter().flat_map(|f| &f.requirements) {
            if let Some(key) = asked(requirement) {
                let line = of_project(scene, project, requirement, &key);
                // A lock that holds the hash of a file holds the file.
                if key.1 == Asked::File && line.held.is_some() {
                    continue;
                }
                found.entry(in_file(scene, project.file, key)).or_default().push(line);
            }
        }
    }
    for install in &scene.python.installs {
        for requirement in &install.requirements {
            if let Some(key) = asked(requirement) {
                let line = of_install(&sites, install, requirement, &key);
                found.entry(in_file(scene, install.place.file, key)).or_default().push(line);
            }
        }
    }
    for ((url, asked), mut lines) in found {
        lines.sort_by_key(|l| (l.impact.is_none(), l.role, std::cmp::Reverse(l.severity), l.place));
        say(report, &sites, &url, &asked, &lines);
    }
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
        _ => Severity::Medium,
    }
}

fn of_set<'a>(set: &'a RequirementSet, requirement: &Requirement, (url, asked): &(String, Asked)) -> Line<'a> {
    Line {
        name: name(requirement, url),
        url: url.clone(),
        place: Place::new(set.file, requirement.span),
        role: set.role,
        severity: severity(asked, set.purpose, false),
        impact: None,
        held: None,
        install: None,
        guessed: set.used_by.is_empty(),
        used_by: &set.used_by,
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
        name: name(requirement, url),
        url: url.clone(),
        place: Place::new(project.file, requirement.span),
        role: project.role,
        severity: severity(asked, project.purpose, held.is_some()),
        impact: None,
        held,
        install: None,
        guessed: false,
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
    let usual = severity(asked, install.purpose, false);
    Line {
        name: name(requirement, url),
        url: url.clone(),
        place: Place::new(install.place.file, requirement.span),
        role: install.role,
        severity: if impact.is_some() { Severity::High } else { usual },
        impact,
        held: None,
        install: Some(install),
        guessed: false,
        used_by: &[],
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

fn say(report: &mut Reporter<'_>, sites: &Sites<'_, '_>, url: &str, asked: &Asked, lines: &[Line<'_>]) {
    let Some(main) = lines.first() else { return };
    let what = python::list(lines.iter().map(|l| l.name.as_str()));
    let verb = if lines.iter().any(|l| l.name != main.name) { "come" } else { "comes" };
    let loose = lines.iter().any(|l| l.held.is_none());
    let hold = match &main.held {
        Some(commit) if !loose => {
            format!("; the lock holds {} until it is written again", commit.get(..12).unwrap_or(commit))
        }
        _ if asked.is_file() => String::new(),
        _ => "; no lock holds a commit".to_owned(),
    };
    let reaches = main.install.map(|i| sites.held(i)).filter(|_| main.impact.is_some()).unwrap_or_default();
    let confidence = if lines.iter().all(|l| l.guessed) { Confidence::Medium } else { Confidence::High };
    let mut draft = report
        .at(main.place, asked.words())
        .about("source", format!("{url} {}", asked.words()), None)
        .severity(lines.iter().map(|l| l.severity).max().unwrap_or(Severity::Medium))
        .confidence(confidence)
        .impact(main.impact)
        .role(main.role)
        .also(lines.iter().take(PLACES).map(|l| l.place))
        .content(format!("{url} {}", asked.words()))
        .evidence(if loose { "the line, and no lock entry for it" } else { "the line and the lock" });
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
        _ => {
            let commit = main.held.as_deref().unwrap_or("<commit>");
            format!("name the commit, with the branch or version in a comment: {name} @ git+{url}@{commit}")
        }
    };
    let text = match asked {
        Asked::File => {
            let host = address.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or(address);
            let files = if lines.len() == 1 { "a file".to_owned() } else { format!("{} files", lines.len()) };
            format!("{url} takes {files} without a hash from {host}: {what}")
        }
        _ => format!("{what} {verb} from {url}, {}{hold}{reaches}", asked.words()),
    };
    draft.advise(advice).say(text);
}

/// git takes `.git` and a last slash for noise, and GitHub's case as well.
fn plain(url: &str) -> String {
    let url = shown(url.strip_prefix("git+").unwrap_or(url));
    let url = url.trim_end_matches('/').trim_end_matches(".git");
    if url.to_ascii_lowercase().contains("github.com") { url.to_ascii_lowercase() } else { url.to_owned() }
}

fn has_variable(text: &str) -> bool {
    text.contains(['$', '{', '`', '<'])
}

/// A folder of the machine or a server on it: the image's or the job's own.
fn is_of_tree(url: &str) -> bool {
    let rest = url.strip_prefix("git+").unwrap_or(url);
    rest.starts_with("file:") || ["://localhost", "://127.0.0.1"].iter().any(|host| rest.contains(host))
}

fn is_version(text: &str) -> bool {
    let digits = text.rsplit(['/', '-']).next().unwrap_or(text).trim_start_matches(['v', 'V', 'r']);
    digits.starts_with(|c: char| c.is_ascii_digit()) && digits.contains('.')
}

fn has_hash(url: &str) -> bool {
    let fragment = url.split_once('#').map_or("", |(_, f)| f);
    ["sha256=", "sha384=", "sha512="].iter().any(|h| fragment.contains(h))
}

/// Whether the path holds a commit, as archives of a hosted repository do, or the digest of the file.
fn names_commit(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url);
    path.split(['/', '-', '.']).any(|part| Uses::is_commit(part)) || indexes::is_file_of_pypi(path)
}

/// Whether an address stands for whatever is newest.
fn moves(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or(url).to_ascii_lowercase();
    path.split(['/', '-', '_', '.']).any(|p| matches!(p, "latest" | "main" | "master" | "nightly" | "head" | "develop"))
        && !path.ends_with(".whl")
        || path.contains("/releases/latest/")
        || path.contains("/refs/heads/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    fn text(value: &str) -> Spanned<String> {
        Spanned::new(value.to_owned(), Span::default())
    }

    #[test]
    fn a_commit_holds_and_nothing_else_does() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (revision, expected) in [
            (None, Some(Asked::Default)),
            (Some("main"), Some(Asked::Branch("main".to_owned()))),
            (Some("v1.2.0"), Some(Asked::Tag("v1.2.0".to_owned()))),
            (Some("release/2.0.1"), Some(Asked::Tag("release/2.0.1".to_owned()))),
            (Some("0123456"), Some(Asked::Short("0123456".to_owned()))),
            (Some(commit), None),
            (Some("${REF}"), None),
        ] {
            let requirement = Requirement {
                name: text("example"),
                origin: Some(Origin::Vcs {
                    kind: "git".to_owned(),
                    url: text("https://git.example.com/a/b.git"),
                    revision: revision.map(text),
                }),
                ..Requirement::default()
            };
            assert_eq!(Asked::of(&requirement).map(|(_, asked)| asked), expected, "{revision:?}");
        }
    }

    #[test]
    fn files_are_held_by_hashes_and_commits() {
        for (url, expected) in [
            ("https://example.com/a-1.0-py3-none-any.whl", Some(Asked::File)),
            ("https://example.com/a-1.0-py3-none-any.whl#sha256=00", None),
            ("http://example.com/a-1.0.tar.gz", Some(Asked::Plain)),
            ("https://example.com/a/archive/main.zip", Some(Asked::Moving)),
            ("https://example.com/a/archive/refs/heads/x.zip", Some(Asked::Moving)),
            ("https://example.com/a/archive/0123456789abcdef0123456789abcdef01234567.zip", None),
            ("https://example.com/${X}.whl", None),
            ("file:///wheels/a.whl", None),
        ] {
            let requirement =
                Requirement { name: text("a"), origin: Some(Origin::Url { url: text(url) }), ..Requirement::default() };
            assert_eq!(Asked::of(&requirement).map(|(_, asked)| asked), expected, "{url}");
        }
    }
}
