//! A lock that goes back to an older version of a package, and no manifest asks for it.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use super::compared::{Compared, listed};
use super::packages::{Locked, Packages};
use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::identity;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "version-lowered",
    title: "a lock goes back to older versions",
    many: "{n} locks go back to older versions",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("version_lowered.md"),
    check,
};

struct Lowered<'a> {
    name: &'a str,
    from: &'a str,
    to: &'a str,
    place: Place,
    old: Place,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(compared) = Compared::of(scene) else { return };
    let asked = changed_requirements(&compared);
    for (document, was) in compared.touched() {
        let now = Packages::of(document, scene.indexes);
        let old = was.and_then(|was| Packages::of(was, compared.base().indexes));
        let (Some(now), Some(old), Some(was)) = (now, old, was) else { continue };
        let before = old.by_name();
        let mut found: Vec<Lowered<'_>> = Vec::new();
        for (name, entries) in now.by_name() {
            let Some(known) = before.get(name) else { continue };
            if asked.contains(&(now.what, name.to_owned())) {
                continue;
            }
            // With several versions in a lock the newest may leave it while nothing goes back.
            let (Some(new), Some(old)) = (newest(&entries), newest(known)) else { continue };
            let is_fresh = !known.iter().any(|one| one.version == new.version);
            if is_fresh && new.origin == old.origin && compare(new.version, old.version) == Some(Ordering::Less) {
                let (place, old_place) = (Place::new(document.file(), new.span), Place::new(was.file(), old.span));
                found.push(Lowered { name, from: old.version, to: new.version, place, old: old_place });
            }
        }
        say(&compared, report, document.file(), now.what, &found);
    }
}

fn newest<'p, 'a>(entries: &[&'p Locked<'a>]) -> Option<&'p Locked<'a>> {
    entries.iter().copied().reduce(|best, next| match compare(next.version, best.version) {
        Some(Ordering::Greater) => next,
        _ => best,
    })
}

/// The numbers of two versions. Pre-releases and local parts are left out: what differs in them alone is not told
/// apart. None where one has no numbers, or an epoch.
fn compare(one: &str, other: &str) -> Option<Ordering> {
    let numbers = |text: &str| -> Option<Vec<u64>> {
        if text.contains('!') {
            return None;
        }
        let release = text.split(['-', '+']).next().unwrap_or(text);
        let mut out = Vec::new();
        for part in release.split('.') {
            let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
            match digits.parse() {
                Ok(number) => out.push(number),
                Err(_) => break,
            }
            if digits.len() < part.len() {
                break;
            }
        }
        while out.last() == Some(&0) {
            out.pop();
        }
        (!release.is_empty()).then_some(out)
    };
    Some(numbers(one)?.cmp(&numbers(other)?))
}

/// Packages for which a manifest asks in another way than before.
fn changed_requirements(compared: &Compared<'_>) -> BTreeSet<(&'static str, String)> {
    let mut out = BTreeSet::new();
    for (document, was) in compared.touched() {
        let (Some(now), old) = (asked(document), was.and_then(asked).unwrap_or_default()) else { continue };
        for (name, requirements) in &now {
            if old.get(name) != Some(requirements) {
                out.insert(name.clone());
            }
        }
    }
    out
}

type Asked = BTreeMap<(&'static str, String), BTreeSet<String>>;

fn asked(document: &Document) -> Option<Asked> {
    let mut out = Asked::new();
    match document {
        Document::CargoManifest(manifest) => {
            for one in manifest.dependencies.iter().filter(|d| !d.inherited) {
                let said = one.requirement.as_ref().map_or_else(String::new, |r| r.value.clone());
                out.entry(("crate", one.package_name().to_owned())).or_default().insert(said);
            }
        }
        Document::PyProject(project) => requirements(&project.requirements, &mut out),
        Document::Requirements(file) if file.generated_by.is_none() => requirements(&file.requirements, &mut out),
        Document::CondaEnvironment(environment) => {
            for one in &environment.packages {
                let said = one.version.as_ref().map_or_else(String::new, |v| v.value.clone());
                out.entry(("conda-package", one.name.value.clone())).or_default().insert(said);
            }
        }
        _ => return None,
    }
    Some(out)
}

fn requirements(all: &[crate::graph::kinds::python::Requirement], out: &mut Asked) {
    for one in all {
        let said = one.specifiers.as_ref().map_or_else(String::new, |s| s.value.clone());
        out.entry(("distribution", identity::distribution_name(&one.name.value))).or_default().insert(said);
    }
}

fn say(compared: &Compared<'_>, report: &mut Reporter<'_>, file: FileId, what: &'static str, found: &[Lowered<'_>]) {
    let Some(first) = found.first() else { return };
    let path = compared.scene.sources.path(file);
    let steps: Vec<String> = found.iter().map(|one| format!("{} {} to {}", one.name, one.from, one.to)).collect();
    report
        .at(first.place, format!("was {}", first.from))
        .about("lock", path, None)
        .also(found.iter().map(|one| one.place))
        .content(steps.join(" "))
        .via(path.to_owned(), Some(first.place))
        .evidence(compared.was(first.old))
        .evidence("no manifest of the tree asks for the package in another way than before")
        .advise("say in the change why; a version that was left behind may be one that had a flaw")
        .say(format!("{path} goes back to an older {what}: {}", listed(&steps)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_by_their_numbers() {
        for (one, other, order) in [
            ("1.2.3", "1.10.0", Some(Ordering::Less)),
            ("2.0", "2.0.0", Some(Ordering::Equal)),
            ("1.0.0-rc.1", "1.0.0", Some(Ordering::Equal)),
            ("2.1.0+cpu", "2.1.0", Some(Ordering::Equal)),
            ("1.0rc1", "0.9", Some(Ordering::Greater)),
            ("1!1.0", "2.0", None),
            ("", "1.0", None),
        ] {
            assert_eq!(compare(one, other), order, "{one} {other}");
        }
    }
}
