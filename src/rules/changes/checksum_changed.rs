//! The same release of the same publisher with other digests than the lock had before.

use std::collections::{BTreeMap, BTreeSet};

use super::compared::{Compared, listed, short};
use super::held::{self, Rewritten};
use super::packages::{Packages, Release};
use crate::diag::{Confidence, Impact, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "checksum-changed",
    title: "locked release with another digest than before",
    many: "{n} locked releases have other digests than before",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("checksum_changed.md"),
    check,
};

/// What became of the digests of a release.
#[derive(Debug, PartialEq, Eq)]
enum Fate {
    /// One file, two digests.
    Rewritten { file: String, old: String, new: String },
    /// None of the old ones is left.
    Replaced { old: String, new: String },
    /// Files came that were not there.
    Added(Vec<String>),
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    for (document, was) in compared.touched() {
        for one in was.map(|was| held::rewritten(document, was)).unwrap_or_default() {
            say_rewritten(&compared, report, &one);
        }
        let now = Packages::of(document, scene.indexes);
        let old = was.and_then(|was| Packages::of(was, compared.base().indexes));
        let (Some(now), Some(old), Some(was)) = (now, old, was) else { continue };
        let before = old.by_release();
        let mut added: Vec<(String, Span)> = Vec::new();
        for (key, release) in now.by_release() {
            let Some(known) = before.get(&key) else { continue };
            let (name, version, origin) = key;
            match fate(known, &release).filter(|fate| !is_rebuild(now.what, fate)) {
                None => {}
                Some(Fate::Added(files)) => {
                    let more = if files.len() == 1 { files.concat() } else { format!("{} files", files.len()) };
                    added.push((format!("{name} {version} ({more})"), release.span));
                }
                Some(fate) => {
                    let subject = Subject { what: now.what, name, version, origin: origin.say() };
                    let old_place = Place::new(was.file(), known.span);
                    say(&compared, report, document.file(), &release, old_place, &subject, &fate);
                }
            }
        }
        newcomers(scene, report, document.file(), &added);
    }
}

/// Whether it is a build that was not there before: the name of a conda file holds the number of its build, so that
/// another name is another build of the same release, made every week.
fn is_rebuild(what: &str, fate: &Fate) -> bool {
    what == "conda-package" && matches!(fate, Fate::Replaced { .. } | Fate::Added(_))
}

struct Subject<'a> {
    what: &'static str,
    name: &'a str,
    version: &'a str,
    origin: String,
}

/// The part of a digest that names the function.
fn algorithm(digest: &str) -> &str {
    digest.split_once([':', '-']).map_or("", |(algorithm, _)| algorithm)
}

/// What became of a release. Digests of another function cannot be compared.
fn fate(old: &Release<'_>, new: &Release<'_>) -> Option<Fate> {
    let mut before: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for (file, digest) in &old.digests {
        before.entry((file, algorithm(digest))).or_default().insert(digest);
    }
    for (file, digest) in &new.digests {
        let same = before.get(&(*file, algorithm(digest)));
        if let Some(known) = same.filter(|known| !file.is_empty() && !known.contains(digest)) {
            let old = known.first().copied().unwrap_or("");
            return Some(Fate::Rewritten { file: (*file).to_owned(), old: old.to_owned(), new: (*digest).to_owned() });
        }
    }
    let functions: BTreeSet<&str> = old.digests.iter().map(|(_, digest)| algorithm(digest)).collect();
    let comparable: Vec<_> = new.digests.iter().filter(|(_, digest)| functions.contains(algorithm(digest))).collect();
    let (first_old, first_new) = (old.digests.first()?, comparable.first()?);
    let known: BTreeSet<&str> = old.digests.iter().map(|(_, digest)| *digest).collect();
    if !comparable.iter().any(|(_, digest)| known.contains(digest)) {
        return Some(Fate::Replaced { old: first_old.1.to_owned(), new: first_new.1.to_owned() });
    }
    let fresh = comparable.iter().filter(|(_, digest)| !known.contains(digest));
    let files: Vec<String> =
        fresh.map(|(file, digest)| if file.is_empty() { short(digest) } else { (*file).to_owned() }).collect();
    (!files.is_empty()).then_some(Fate::Added(files))
}

fn say(
    compared: &Compared<'_>,
    report: &mut Reporter<'_>,
    file: FileId,
    release: &Release<'_>,
    old_place: Place,
    subject: &Subject<'_>,
    fate: &Fate,
) {
    let Subject { what, name, version, origin } = subject;
    let (said, old, new, confidence) = match fate {
        Fate::Rewritten { file, old, new } => (format!("{file} of {name} {version}"), old, new, Confidence::High),
        // Other files with other names may be other builds of the same source.
        Fate::Replaced { old, new } if *what == "crate" => (format!("{name} {version}"), old, new, Confidence::High),
        Fate::Replaced { old, new } => (format!("every file of {name} {version}"), old, new, Confidence::Medium),
        Fate::Added(_) => return,
    };
    let sources = compared.scene.sources;
    report
        .at(Place::new(file, release.span), "same release, other digest")
        .about(what, *name, Some((*version).to_owned()))
        .impact(Some(Impact::AltersRelease))
        .confidence(confidence)
        .content(format!("{name} {version} {old} {new}"))
        .via(sources.path(file).to_owned(), Some(Place::new(file, release.span)))
        .evidence(compared.was(old_place))
        .evidence(format!("the digest was {old} and is {new}"))
        .advise(format!(
            "do not install it: ask {origin} for the digest of {name} {version}, compare both, and put the old digest back unless the publisher explains the new one"
        ))
        .say(format!("{said} from {origin} has the digest {} and had {} under the same version", short(new), short(old)));
}

/// A file of `custody.lock` that is another one at the same commit, that came or that went.
fn say_rewritten(compared: &Compared<'_>, report: &mut Reporter<'_>, one: &Rewritten<'_>) {
    let Rewritten { key, revision, path, digests, place, was, more } = one;
    let others = match more {
        0 => String::new(),
        n => format!(" and {n} more files"),
    };
    let noun = key.kind.word();
    let (old, new) = (digests.0.as_deref(), digests.1.as_deref());
    let (severity, evidence, message) = match (old, new) {
        (Some(old), Some(new)) => (
            Severity::High,
            format!("the digest was {old} and is {new}"),
            format!(
                "`{path}`{others} of the {noun} `{key}` has the digest {} and had {} at the same commit",
                short(new),
                short(old)
            ),
        ),
        // The lock may have been made from a cache that held a part.
        (None, _) => (
            Severity::Medium,
            "a commit has one list of files; the lock before may have held a part of it".to_owned(),
            format!("`{path}`{others} of the {noun} `{key}` is new in the lock at the same commit"),
        ),
        (Some(_), None) => (
            Severity::Medium,
            "a commit has one list of files; what the lock does not hold is not verified".to_owned(),
            format!("`{path}`{others} of the {noun} `{key}` is let go of by the lock at the same commit"),
        ),
    };
    report
        .at(*place, "same commit, other files")
        .about(noun, key.name.clone(), Some((*revision).to_owned()))
        .severity(severity)
        .impact(Some(Impact::AltersRelease))
        .content(format!("{key} {revision} {path} {} {}", old.unwrap_or("-"), new.unwrap_or("-")))
        .via(compared.scene.sources.path(place.file).to_owned(), Some(*place))
        .evidence(compared.was(*was))
        .evidence(evidence)
        .advise(format!(
            "do not load it: have it locked anew from the hub with `cargo custody lock --online --update {key}`, and \
             find out who changed the lines"
        ))
        .say(message);
}

/// Files that an index has gained for a release that was out: usual, and how a late wheel is slipped in.
fn newcomers(scene: &Scene<'_>, report: &mut Reporter<'_>, file: FileId, added: &[(String, Span)]) {
    let Some((_, first)) = added.first() else { return };
    let names: Vec<&str> = added.iter().map(|(name, _)| name.as_str()).collect();
    let (are, have) = if added.len() == 1 { ("a release", "has") } else { ("releases", "have") };
    report
        .at(Place::new(file, *first), "more files than before")
        .severity(Severity::Info)
        .about("lock", scene.sources.path(file), None)
        .also(added.iter().map(|(_, span)| Place::new(file, *span)))
        .content(names.join(" "))
        .evidence("the digests that were locked before are still there")
        .advise("nothing, where the publisher adds builds for more platforms; else look at the day of the upload")
        .say(format!(
            "{are} that did not change {have} more files in {}: {}",
            scene.sources.path(file),
            listed(&names)
        ));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release<'p>(digests: &[(&'p str, &'p str)]) -> Release<'p> {
        Release { span: Span::default(), digests: digests.iter().copied().collect() }
    }

    #[test]
    fn digests_are_compared_by_file_and_function() {
        let old = release(&[("a.whl", "sha256:1"), ("a.tar.gz", "sha256:2")]);
        let fate = |new: &[(&'static str, &'static str)]| super::fate(&old, &release(new));
        assert_eq!(fate(&[("a.whl", "sha256:1"), ("a.tar.gz", "sha256:2")]), None);
        assert_eq!(fate(&[("a.whl", "sha256:1")]), None);
        assert_eq!(fate(&[("a.whl", "md5:9")]), None);
        assert_eq!(fate(&[]), None);
        assert!(matches!(fate(&[("a.whl", "sha256:9")]), Some(Fate::Rewritten { .. })));
        assert!(matches!(fate(&[("b.whl", "sha256:9")]), Some(Fate::Replaced { .. })));
        let added = fate(&[("a.whl", "sha256:1"), ("b.whl", "sha256:9")]);
        assert_eq!(added, Some(Fate::Added(vec!["b.whl".to_owned()])));
    }

    #[test]
    fn another_build_of_a_conda_package_is_no_other_content() {
        let old = release(&[("aom-3.14.1-h1_0.conda", "sha256:1"), ("aom-3.14.1-h1_0.conda", "md5:1")]);
        let fate = |new: &[(&'static str, &'static str)]| super::fate(&old, &release(new)).expect("another digest");
        let rebuilt = fate(&[("aom-3.14.1-h1_1.conda", "sha256:2")]);
        assert!(is_rebuild("conda-package", &rebuilt) && !is_rebuild("distribution", &rebuilt), "{rebuilt:?}");
        let rewritten = fate(&[("aom-3.14.1-h1_0.conda", "sha256:2")]);
        assert!(!is_rebuild("conda-package", &rewritten), "{rewritten:?}");
    }

    #[test]
    fn digests_without_names_are_compared_as_a_whole() {
        let old = release(&[("", "aa"), ("", "bb")]);
        assert_eq!(fate(&old, &release(&[("", "bb")])), None);
        assert!(matches!(fate(&old, &release(&[("", "cc")])), Some(Fate::Replaced { .. })));
    }
}
