//! Downloads that build files declare, and what says which content they must have: shared by the rules on CMake,
//! Bazel and Meson.

use std::collections::BTreeMap;

use super::download::{self, Fixity};
use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildFetch, BuildForm, Fetched, Fixed};
use crate::rules::{Reporter, Scene};
use crate::source::{FileId, Place, Role};

/// What a rule says of its kind of file.
pub(super) struct Words {
    pub(super) form: BuildForm,
    /// When it is fetched: `when CMake configures the build`.
    pub(super) when: &'static str,
    /// What to do for an archive.
    pub(super) archive: &'static str,
    /// What to do for a repository.
    pub(super) repository: &'static str,
}

/// Names that are told of several downloads.
const SHOWN: usize = 3;

/// One download of one file.
struct Found<'a> {
    fetch: &'a BuildFetch,
    place: Place,
}

/// Tells of what is not fixed by its content: each that may change at any moment by itself, the others of a role
/// together.
pub(super) fn check(scene: &Scene<'_>, report: &mut Reporter<'_>, words: &Words) {
    let mut moving: BTreeMap<(String, String), Vec<Found<'_>>> = BTreeMap::new();
    let mut others: BTreeMap<Role, Vec<Found<'_>>> = BTreeMap::new();
    for code in of_form(scene, words.form) {
        for fetch in &code.fetches {
            let found = Found { fetch, place: Place::new(code.file, fetch.span) };
            match state(code, fetch) {
                State::Fixed => {}
                State::Moving => {
                    let key = (fetch.name.clone().unwrap_or_default(), fetch.url.text.clone());
                    moving.entry(key).or_default().push(found);
                }
                State::Named => others.entry(role(scene, code.file)).or_default().push(found),
            }
        }
    }
    for found in moving.values() {
        say_moving(scene, report, words, found);
    }
    for (role, found) in &others {
        say_named(report, words, found, *role);
    }
}

/// Files of a form that something of this tree builds: no copy of others' and no test data.
pub(super) fn of_form<'a>(scene: &Scene<'a>, form: BuildForm) -> impl Iterator<Item = &'a BuildCode> {
    let of_form = scene.documents.iter().filter_map(move |document| match document {
        Document::BuildCode(code) if code.form == form => Some(code),
        _ => None,
    });
    of_form.filter(move |code| !role(scene, code.file).is_set_aside())
}

/// What a build file is for. `cmake/third_party/json.cmake` says where others' code comes from, and is none of it.
pub(super) fn role(scene: &Scene<'_>, file: FileId) -> Role {
    let role = scene.role(file);
    let own = scene.sources.get(file).and_then(|file| {
        let mut folder = file.path.parent();
        while folder.name() != "cmake" {
            if folder.is_root() {
                return None;
            }
            folder = folder.parent();
        }
        folder.join(file.path.name())
    });
    match own {
        Some(own) if role == Role::Vendored => Role::of_path(&own),
        _ => role,
    }
}

/// How far a download is fixed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// By its content.
    Fixed,
    /// By a name that its publisher can give to other content.
    Named,
    /// Whoever answers at that moment decides.
    Moving,
}

/// How far a download of a build file is fixed.
pub(super) fn state(code: &BuildCode, fetch: &BuildFetch) -> State {
    // Anybody on the way may answer, unless a digest is compared.
    let is_plain = fetch.url.text.starts_with("http://") || fetch.url.text.starts_with("git://") || fetch.tls_off;
    match &fetch.fixed {
        Fixed::Content => State::Fixed,
        Fixed::Open if code.verifies() => State::Fixed,
        Fixed::Weak(_) | Fixed::Unknown => State::Named,
        _ if is_plain => State::Moving,
        Fixed::Reference(name) if is_branch(name) => State::Moving,
        Fixed::Reference(_) => State::Named,
        Fixed::Open if fetch.what == Fetched::Repository => State::Moving,
        Fixed::Open if !fetch.url.known && fetch.url.text.starts_with("${") => State::Named,
        Fixed::Open => match download::fixity(&fetch.url) {
            Fixity::Content => State::Fixed,
            Fixity::Version => State::Named,
            Fixity::Moving => State::Moving,
        },
    }
}

/// Whether a reference is a branch by its name. A tag is usually a version.
pub(super) fn is_branch(name: &str) -> bool {
    const BRANCHES: &[&str] = &[
        "main",
        "master",
        "develop",
        "development",
        "dev",
        "devel",
        "trunk",
        "next",
        "nightly",
        "latest",
        "HEAD",
        "head",
        "edge",
    ];
    let own = name.strip_prefix("origin/").unwrap_or(name);
    BRANCHES.contains(&own) || name.starts_with("origin/") || own.starts_with("refs/heads/")
}

/// What it is called.
pub(super) fn title(fetch: &BuildFetch) -> String {
    match (&fetch.name, fetch.url.file_name()) {
        (Some(name), _) => format!("`{name}`"),
        (None, Some(file)) if !file.contains("${") => format!("`{file}`"),
        _ => "a file".to_owned(),
    }
}

fn say_moving(scene: &Scene<'_>, report: &mut Reporter<'_>, words: &Words, found: &[Found<'_>]) {
    let is_weighty = |f: &&Found<'_>| matches!(role(scene, f.place.file), Role::Product | Role::Ci);
    let Some(first) = found.iter().find(is_weighty).or_else(|| found.first()) else { return };
    let fetch = first.fetch;
    let severity = if is_weighty(&first) { Severity::Medium } else { Severity::Low };
    let host = download::host(&fetch.url);
    let (why, evidence) = why(fetch);
    let draft = report
        .at(first.place, download::shown(&fetch.url))
        .severity(severity)
        .role(role(scene, first.place.file))
        .also(found.iter().map(|f| f.place))
        .about("download", fetch.name.clone().unwrap_or_else(|| host.clone()), None)
        .content(format!("{} {}", fetch.url.text, fetch.name.as_deref().unwrap_or("")))
        .via(format!("{} fetches it {}", fetch.by, words.when), Some(first.place))
        .evidence(evidence);
    draft.advise(advice(words, fetch)).say(format!("{} from {host} is fetched {} and {why}", title(fetch), words.when));
}

/// Why nobody can tell what comes.
fn why(fetch: &BuildFetch) -> (String, String) {
    let is_plain = fetch.url.text.starts_with("http://") || fetch.url.text.starts_with("git://");
    match &fetch.fixed {
        _ if fetch.tls_off => {
            ("no certificate is checked".to_owned(), "verification of the host is turned off".to_owned())
        }
        _ if is_plain => ("anybody on the way can answer".to_owned(), "the address is not encrypted".to_owned()),
        Fixed::Reference(name) => (format!("follows the branch `{name}`"), format!("`{name}` is a branch by its name")),
        _ if fetch.what == Fetched::Repository => {
            ("follows the default branch".to_owned(), "no commit and no tag is named".to_owned())
        }
        _ => ("no digest is compared".to_owned(), download::evidence(&fetch.url)),
    }
}

/// What to do about one.
pub(super) fn advice(words: &Words, fetch: &BuildFetch) -> String {
    match fetch.what {
        Fetched::Repository => words.repository.to_owned(),
        _ => words.archive.to_owned(),
    }
}

fn say_named(report: &mut Reporter<'_>, words: &Words, found: &[Found<'_>], role: Role) {
    let Some(first) = found.first() else { return };
    let unknown = found.iter().all(|f| f.fetch.fixed == Fixed::Unknown || !f.fetch.url.known);
    let mut titles: Vec<String> = Vec::new();
    for title in found.iter().map(|f| title(f.fetch)) {
        if !titles.contains(&title) {
            titles.push(title);
        }
    }
    let more = titles.len().saturating_sub(SHOWN);
    let listed = titles.iter().take(SHOWN).cloned().collect::<Vec<_>>().join(", ");
    let (verb, listed) = match (titles.len(), more) {
        (1, _) => ("is", listed),
        (_, 0) => ("are", listed),
        (_, more) => ("are", format!("{listed} and {more} more")),
    };
    let draft = report
        .at(first.place, download::shown(&first.fetch.url))
        .severity(Severity::Low)
        .confidence(if unknown { Confidence::Low } else { Confidence::High })
        .role(role)
        .also(found.iter().map(|f| f.place))
        .about("download", titles.first().cloned().unwrap_or_default().trim_matches('`').to_owned(), None)
        .each(titles.iter().map(|one| one.to_string()))
        .via(format!("{} fetches it {}", first.fetch.by, words.when), Some(first.place))
        .evidence(match &first.fetch.fixed {
            Fixed::Weak(function) => format!("{function} no longer tells one file from another that was made for it"),
            Fixed::Unknown => "which commit it is, is set elsewhere".to_owned(),
            Fixed::Reference(name) => format!("`{name}` is a tag or version, which its publisher can move"),
            _ => download::evidence(&first.fetch.url),
        });
    let fixed_by = if found.iter().all(|f| matches!(f.fetch.fixed, Fixed::Weak(_))) {
        "by a digest that can be forged"
    } else if unknown {
        "by a name that is set elsewhere"
    } else {
        "by a version and not by content"
    };
    draft.advise(advice(words, first.fetch)).say(format!("{listed} {verb} fetched {} {fixed_by}", words.when));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_known_by_their_names() {
        for (name, expected) in
            [("main", true), ("origin/x", true), ("v1.2", false), ("release-1.14.0", false), ("refs/heads/a", true)]
        {
            assert_eq!(is_branch(name), expected, "{name}");
        }
    }
}
