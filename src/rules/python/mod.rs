//! What the rules on Python's requirements share: when a requirement is open, which index a resolver
//! asks, and who runs an install. Not a family: no rule stands here.

pub(super) mod asked;
pub(super) mod lookup;
pub(super) mod site;
pub(super) mod tools;

use std::collections::BTreeSet;

use super::Scene;
use crate::graph::identity::distribution_name;
use crate::graph::kinds::python::{Group, Requirement, RequirementsFile};
use crate::graph::python::{PythonView, RequirementSet};
use crate::source::{RepoPath, Role};

/// Names put into one sentence.
const NAMED: usize = 3;

/// Sets followed along `-r` and `-c`. Real chains are short.
const MAX_INCLUDES: usize = 64;

/// A name in the one spelling that indexes compare. Source: PEP 503.
pub(super) fn normal(name: &str) -> String {
    distribution_name(name.trim())
}

/// `` `a`, `b` and 3 more ``.
pub(super) fn list<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut seen = BTreeSet::new();
    let names: Vec<&str> = names.into_iter().filter(|n| seen.insert(*n)).collect();
    let shown: Vec<String> = names.iter().take(NAMED).map(|n| format!("`{n}`")).collect();
    match (names.len().saturating_sub(NAMED), shown.as_slice()) {
        (0, [head @ .., last]) if !head.is_empty() => format!("{} and {last}", head.join(", ")),
        (0, _) => shown.join(", "),
        (more, _) => format!("{} and {more} more", shown.join(", ")),
    }
}

/// How much a requirement leaves open, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Open {
    /// Any version.
    Any,
    /// No upper bound.
    Above,
    /// Between bounds, or all of a series (`~=1.4`, `==1.*`).
    Within,
}

/// What a requirement leaves open; `None` where it is exact, held by hashes, or not an index's to answer.
pub(super) fn open(requirement: &Requirement) -> Option<Open> {
    if requirement.origin.is_some() || requirement.editable || !is_plain(&requirement.name.value) {
        return None;
    }
    if requirement.group == Group::Constraint || !requirement.hashes.is_empty() {
        return None;
    }
    let Some(specifiers) = &requirement.specifiers else { return Some(Open::Any) };
    let text = specifiers.value.trim().trim_start_matches('(').trim_end_matches(')');
    // What a variable holds may well be exact.
    if text.contains(['$', '{']) {
        return None;
    }
    let parts: Vec<&str> = text.split(',').map(str::trim).filter(|p| !p.is_empty()).collect();
    if parts.is_empty() {
        return Some(Open::Any);
    }
    let is_exact = |p: &&str| p.starts_with("===") || (p.starts_with("==") && !p.ends_with('*'));
    let is_upper = |p: &&str| p.starts_with('<') || p.starts_with("~=") || p.starts_with("==");
    if parts.iter().any(is_exact) {
        None
    } else if parts.iter().any(is_upper) {
        Some(Open::Within)
    } else {
        Some(Open::Above)
    }
}

/// Whether a word is a distribution's name and nothing else: no path, address, pattern or variable.
pub(super) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
}

/// The requirement as a person wrote it, without marker and hashes.
pub(super) fn words(requirement: &Requirement) -> String {
    let specifiers = requirement.specifiers.as_ref().map_or("", |s| s.value.as_str());
    format!("{}{specifiers}", requirement.name.value)
}

/// Names of the projects of the tree: what installs one of them installs the tree itself. A project
/// that only tests, shows or copies something gives no name: a file laid there would else excuse what is
/// installed under its name.
pub(super) fn own_names(scene: &Scene<'_>) -> BTreeSet<String> {
    let projects = scene.python.projects.iter().filter(|p| p.role <= Role::Development);
    projects.filter_map(|p| p.name.as_deref()).map(normal).collect()
}

/// Whether a name is that of a project or a package folder of the tree.
pub(super) fn is_of_tree(scene: &Scene<'_>, own: &BTreeSet<String>, name: &str) -> bool {
    let name = normal(name);
    let folder = name.replace('-', "_");
    let holds = |path: String| RepoPath::new(&path).is_some_and(|path| scene.files.contains(&path));
    own.contains(&name)
        || (is_plain(&folder) && (holds(format!("src/{folder}/__init__.py")) || holds(format!("{folder}/__init__.py"))))
}

/// Names that constraints bound exactly, `-c` of a requirements file and of those it includes.
pub(super) fn constrained(scene: &Scene<'_>, set: usize) -> BTreeSet<String> {
    let mut out = BTreeSet::new();
    let mut queue = vec![(set, false)];
    let mut seen = BTreeSet::new();
    while let Some((index, constrains)) = queue.pop() {
        if seen.len() >= MAX_INCLUDES || !seen.insert((index, constrains)) {
            continue;
        }
        let Some(set) = scene.python.sets.get(index) else { continue };
        if constrains {
            out.extend(exact_names(scene, set));
        }
        queue.extend(set.includes.iter().map(|(inner, as_constraint)| (*inner, constrains || *as_constraint)));
    }
    out
}

/// Names that a requirements file gives an exact version.
pub(super) fn exact_names(scene: &Scene<'_>, set: &RequirementSet) -> BTreeSet<String> {
    let requirements = scene.requirements(set.document).map_or(&[][..], |f| f.requirements.as_slice());
    let is_exact = |r: &&Requirement| {
        let mut plain = (*r).clone();
        plain.group = Group::Runtime;
        r.origin.is_none() && open(&plain).is_none()
    };
    requirements.iter().filter(is_exact).map(|r| normal(&r.name.value)).collect()
}

/// Whether pip takes nothing without a hash from a file: it says so, or one of its lines has one.
pub(super) fn is_hashed(file: &RequirementsFile) -> bool {
    file.require_hashes.is_some() || file.requirements.iter().any(|r| !r.hashes.is_empty())
}

/// Files and commands that install a set, by index: constraints that hold it there.
pub(super) fn held_by_installs(view: &PythonView, scene: &Scene<'_>, set: usize) -> BTreeSet<String> {
    let mut installs = view
        .installs
        .iter()
        .filter(|i| i.files.iter().any(|(_, used, as_constraint)| *used == Some(set) && !as_constraint))
        .peekable();
    if installs.peek().is_none() {
        return BTreeSet::new();
    }
    // A name is held where every command that installs the file holds it.
    let mut common: Option<BTreeSet<String>> = None;
    for install in installs {
        let held = constraints_of(scene, &install.files);
        common = Some(match common {
            None => held,
            Some(before) => before.intersection(&held).cloned().collect(),
        });
    }
    common.unwrap_or_default()
}

/// Names that the constraints of a command bound exactly.
pub(super) fn constraints_of(scene: &Scene<'_>, files: &[(String, Option<usize>, bool)]) -> BTreeSet<String> {
    let sets = files.iter().filter(|(.., as_constraint)| *as_constraint).filter_map(|(_, set, _)| *set);
    sets.filter_map(|set| scene.python.sets.get(set)).flat_map(|set| exact_names(scene, set)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    #[test]
    fn requirements_are_open_or_not() {
        for (specifiers, expected) in [
            (None, Some(Open::Any)),
            (Some(">=1"), Some(Open::Above)),
            (Some("!=1.2"), Some(Open::Above)),
            (Some(">=1,<2"), Some(Open::Within)),
            (Some("~=1.4"), Some(Open::Within)),
            (Some("==1.*"), Some(Open::Within)),
            (Some("(>=1, <2)"), Some(Open::Within)),
            (Some("==1.2"), None),
            (Some("===1.2"), None),
            (Some(" == 1.2 , >1"), None),
            (Some("==${VERSION}"), None),
        ] {
            let requirement = Requirement {
                name: Spanned::new("example".to_owned(), Span::default()),
                specifiers: specifiers.map(|s| Spanned::new(s.to_owned(), Span::default())),
                ..Requirement::default()
            };
            assert_eq!(open(&requirement), expected, "{specifiers:?}");
        }
    }

    #[test]
    fn names_and_lists_read_well() {
        assert_eq!(normal("Foo_Bar..baz"), "foo-bar-baz");
        assert_eq!(list(["a"]), "`a`");
        assert_eq!(list(["a", "b"]), "`a` and `b`");
        assert_eq!(list(["a", "b", "c"]), "`a`, `b` and `c`");
        assert_eq!(list(["a", "b", "c", "d", "a"]), "`a`, `b`, `c` and 1 more");
    }
}
