//! What to do about a hit. What newer releases of other crates need is not known offline, so advice
//! on them says what to try, and what is left if that does not help.

use semver::{Version, VersionReq};

use super::{Declared, Hit, Locked};
use crate::advisory::{FixedIn, Kind};
use crate::diag::Edit;
use crate::graph::cargo::declaration;
use crate::graph::cargo::satisfies;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Lock, LockPackage, LockSource, Table};
use crate::rules::Scene;
use crate::source::Place;

/// Crates in one command, and locks in one sentence.
const NAMED: usize = 3;

pub(super) fn advice(scene: &Scene<'_>, hit: &Hit<'_>, declared: Option<&Declared<'_>>) -> Vec<String> {
    let package = hit.package();
    let (name, version) = (&package.name.value, &package.version.value);
    if hit.flaw.kind == Kind::Malicious {
        let rest = match &hit.flaw.fixed {
            Some(FixedIn::At(fixed)) => format!("move to {fixed} or later"),
            _ => "remove it".to_owned(),
        };
        return vec![format!(
            "{rest}; treat every machine that built or fetched it as taken over, and renew the secrets it held"
        )];
    }
    if !hit.is_published_release() {
        let patch = match declared.and_then(|d| d.patch.as_ref()) {
            Some(patch) if patch.index == hit.main().index => {
                "; if not, point its `[patch]` to a commit that has".to_owned()
            }
            _ => String::new(),
        };
        return vec![format!("look whether this copy of `{name}` has the fix of {}{patch}", hit.flaw.id)];
    }
    if hit.main().is_stray {
        return vec!["remove the lock, since cargo does not read it".to_owned()];
    }
    let is_own = strangers(hit).is_empty();
    vec![match &hit.flaw.fixed {
        Some(FixedIn::At(fixed)) if is_within_reach(scene, hit, declared, fixed) => {
            let which = if hit.at.len() > 1 { "each lock" } else { "the lock" };
            let command = format!("cargo update -p {name}@{version} --precise {fixed}{}", beside(scene, hit.main()));
            format!("update {which}: {command}{}", likewise(scene, hit))
        }
        Some(FixedIn::At(fixed)) if is_own => format!("raise the requirement on `{name}` to {fixed}"),
        Some(FixedIn::At(fixed)) => by_update(scene, hit, declared, &format!("take `{name}` {fixed} or later")),
        Some(FixedIn::After(last)) if is_own => format!("move `{name}` to a release above {last}"),
        Some(FixedIn::After(last)) => {
            by_update(scene, hit, declared, &format!("take a release of `{name}` above {last}"))
        }
        None if hit.flaw.kind == Kind::Unmaintained && is_own => format!("plan to replace `{name}`"),
        None if hit.flaw.kind == Kind::Unmaintained => by_update(scene, hit, declared, &format!("do without `{name}`")),
        None if is_own => format!("no release fixes it; do without `{name}` or accept it with a reason"),
        None => format!(
            "no release fixes it; {}; or accept it with a reason",
            by_update(scene, hit, declared, &format!("do without `{name}`"))
        ),
    }]
}

/// The requirement of a direct dependency, raised within what it allows to the release that fixes all known
/// flaws of the crate; cargo moves the lock when it builds next.
pub(super) fn raised(scene: &Scene<'_>, hit: &Hit<'_>, declared: Option<&Declared<'_>>) -> Option<Edit> {
    let declared = declared.filter(|d| d.patch.is_none() && hit.is_direct() && hit.is_published_release())?;
    let flaws = scene.known.advisories(hit.node).iter().filter(|m| m.kind == Kind::Vulnerability);
    let mut fixed = flaws.filter_map(|m| match &m.fixed {
        Some(FixedIn::At(fixed)) if is_within_reach(scene, hit, Some(declared), fixed) => Some(fixed),
        _ => None,
    });
    let first = fixed.next()?;
    let newest = fixed.fold(first, |best, next| match (Version::parse(best), Version::parse(next)) {
        (Ok(one), Ok(other)) if other > one => next,
        _ => best,
    });
    let fixes_this =
        matches!(&hit.flaw.fixed, Some(FixedIn::At(f)) if Version::parse(f).ok() <= Version::parse(newest).ok());
    let requirement = declared.dependency.requirement.as_ref().filter(|_| fixes_this)?;
    // `1.2` and `^1.2` mean the same; what bounds otherwise was meant to.
    let bare = requirement.value.trim().strip_prefix('^').unwrap_or(requirement.value.trim());
    let is_plain = bare.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let place = Place::new(declared.place.file, requirement.span);
    let written = scene.sources.get(place.file)?.text_at(place.span);
    (is_plain && written.contains(bare)).then(|| Edit { place, text: written.replacen(bare, newest, 1) })
}

/// The crates between the tree and the flawed one may have moved on within the ranges that are asked
/// of them; where they have not, the line of the manifest has to.
fn by_update(scene: &Scene<'_>, hit: &Hit<'_>, declared: Option<&Declared<'_>>, aim: &str) -> String {
    let main = hit.main();
    let way = strangers(hit);
    let patched = declared.and_then(|d| d.patch.as_ref()).map(|p| p.index);
    let held = way.iter().rposition(|&index| Some(index) == patched || is_held(&main.lock.packages[index]));
    // Crates of one repository move together, by the one that leads there.
    let source = |index: usize| main.lock.packages[index].source.as_ref().map(|s| s.value.as_str());
    let leads =
        |at: usize| way.iter().position(|&index| source(index) == source(way[at])).map_or(way[at], |first| way[first]);
    let name = |index: usize| format!("`{}`", main.lock.packages[index].name.value);
    let (inner, last): (&[usize], String) = match held {
        Some(at) if Some(way[at]) == patched => {
            (&way[at + 1..], format!("point the `[patch]` of {} to a commit that may {aim}", name(way[at])))
        }
        Some(at) => (&way[at + 1..], format!("point {} to a commit that may {aim}", name(leads(at)))),
        None => {
            let Some(&direct) = way.first() else { return format!("look for a way to {aim}") };
            let requirement = declared.and_then(|d| d.dependency.requirement.as_ref());
            let is_exact = requirement.is_some_and(|r| r.value.trim_start().starts_with('='));
            // A direct dependency may move within its range as well, unless it has none.
            let inner = if way.len() == 1 && !is_exact { &way[..] } else { &way[1..] };
            let last = match inner {
                [_, ..] if way.len() > 1 => format!("{} must move", name(direct)),
                _ => format!("raise the requirement on {} to a release that may {aim}", name(direct)),
            };
            (inner, last)
        }
    };
    let more = if hit.other_ways(scene, declared).is_empty() { "" } else { "; the other ways in need the same" };
    if inner.is_empty() {
        return format!("{}{more}", last.replace("that may take", "that takes").replace("that may do", "that does"));
    }
    let nearest: Vec<usize> = inner.iter().rev().take(NAMED).copied().collect();
    let specs: Vec<String> = nearest.iter().map(|&index| format!(" -p {}", spec(main.lock, index))).collect();
    let who = match nearest.as_slice() {
        [one] => format!("a newer {} within its range", name(*one)),
        _ => "newer releases of them within their ranges".to_owned(),
    };
    let last = last.replace(&format!("that may {aim}"), "that does");
    format!("try cargo update{}{}: {who} may {aim}; if not, {last}{more}", specs.concat(), beside(scene, main))
}

/// A commit by its number does not move by an update, nor does a tag that stays where it is.
fn is_held(package: &LockPackage) -> bool {
    match lock_source(package.source.as_ref().map(|s| s.value.as_str())) {
        LockSource::Git { asked, .. } => asked.is_some_and(|a| a.starts_with("rev=") || a.starts_with("tag=")),
        _ => false,
    }
}

/// How cargo is told which package is meant.
fn spec(lock: &Lock, index: usize) -> String {
    let package = &lock.packages[index];
    let same = lock.packages.iter().filter(|p| p.name.value == package.name.value).count();
    match same {
        1 => package.name.value.clone(),
        _ => format!("{}@{}", package.name.value, package.version.value),
    }
}

/// The option that leads cargo to a lock outside the root.
fn beside(scene: &Scene<'_>, locked: Locked<'_>) -> String {
    manifest(scene, locked).map(|path| format!(" --manifest-path {path}")).unwrap_or_default()
}

fn manifest(scene: &Scene<'_>, locked: Locked<'_>) -> Option<String> {
    let folder = scene.sources.get(locked.lock.file)?.path.parent();
    let path = folder.child("Cargo.toml").filter(|_| !folder.is_root() && locked.workspace.is_some())?;
    Some(path.shell_word())
}

/// The other locks that the same command is for.
fn likewise(scene: &Scene<'_>, hit: &Hit<'_>) -> String {
    let others: Vec<String> = hit.at[1..].iter().filter(|l| !l.is_stray).filter_map(|l| manifest(scene, *l)).collect();
    if others.is_empty() {
        return String::new();
    }
    let more = match others.len().saturating_sub(NAMED) {
        0 => String::new(),
        n => format!(" and {n} more"),
    };
    let named: Vec<&str> = others.iter().take(NAMED).map(String::as_str).collect();
    format!(", likewise for {}{more}", named.join(", "))
}

/// The way to the crate without the packages of the tree and without the crate itself, by index in
/// the lock.
fn strangers(hit: &Hit<'_>) -> Vec<usize> {
    let main = hit.main();
    let way = main.view.way(main.index).into_iter();
    way.filter(|&index| index != main.index && main.lock.packages[index].source.is_some()).collect()
}

/// Whether `cargo update --precise` would be accepted, as far as the tree tells. What a crate of the
/// registry requires is not in the lock; that it takes a compatible release is the rule.
fn is_within_reach(scene: &Scene<'_>, hit: &Hit<'_>, declared: Option<&Declared<'_>>, fixed: &str) -> bool {
    let package = hit.package();
    let Ok(fixed_version) = Version::parse(fixed) else { return false };
    let by_members = requirements_hold(scene, hit, fixed);
    if hit.is_direct() && declared.is_some_and(|d| d.dependency.requirement.is_some()) && only_members(hit) {
        return by_members;
    }
    let compatible = VersionReq::parse(&format!("^{}", package.version.value)).is_ok_and(|r| r.matches(&fixed_version));
    compatible && by_members
}

/// Whether only packages of the tree need the crate.
fn only_members(hit: &Hit<'_>) -> bool {
    let main = hit.main();
    let mut parents = main.view.edges.iter().enumerate().filter(|(_, edges)| edges.contains(&main.index));
    parents.all(|(index, _)| main.lock.packages[index].source.is_none())
}

/// Whether every member that names this release would take the fixed one.
fn requirements_hold(scene: &Scene<'_>, hit: &Hit<'_>, fixed: &str) -> bool {
    let main = hit.main();
    let package = hit.package();
    let Some(workspace) = main.workspace else { return true };
    workspace.members.iter().all(|member| {
        let Some(manifest) = scene.manifest(member.document) else { return true };
        let mut named = manifest
            .dependencies
            .iter()
            .filter(|d| d.table != Table::Workspace)
            .map(|d| declaration(scene.documents, workspace, member.document, d).1)
            .filter(|d| d.package_name() == package.name.value && satisfies(d, &package.version.value));
        named.all(|d| satisfies(d, fixed))
    })
}
