//! Words for a hit: message, way, evidence and advice.

use semver::{Version, VersionReq};

use super::{Declared, Hit, Locked};
use crate::advisory::{FixedIn, Kind};
use crate::diag::{Confidence, Impact, Severity, Topic};
use crate::graph::cargo::satisfies;
use crate::graph::cargo::{Reach, declaration};
use crate::graph::identity::source_name;
use crate::graph::kinds::cargo::{LockSource, Table};
use crate::rules::{Reporter, Scene};
use crate::source::Place;

/// Functions named in the evidence.
const FUNCTIONS: usize = 4;

/// Reports a hit. `verdict` follows the crate's name in the message.
pub(in crate::rules::advisories) fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    hit: &Hit<'_>,
    severity: Severity,
    verdict: &str,
) {
    let main = hit.main();
    let package = main.package();
    let (name, version) = (&package.name.value, &package.version.value);
    let declared = hit.declared(scene);
    let is_malicious = hit.flaw.kind == Kind::Malicious && hit.is_published_release();
    let confidence = if is_malicious { Confidence::High } else { hit.confidence() };
    let (at, label) = match &declared {
        Some(line) => (line.place, format!("lets `{name}` {version} in")),
        None => (main.place(), format!("{name} {version}")),
    };
    let mut draft = report
        .at(at, label)
        .on(hit.node)
        .severity(severity)
        .confidence(confidence)
        .role(main.reached().role)
        .impact(is_malicious.then_some(Impact::Malicious))
        .content(format!("{} {name} {version}", hit.flaw.id))
        .also(hit.at.iter().map(Locked::place))
        .related(main.place(), format!("{name} {version}"))
        .topic(Topic {
            id: hit.flaw.id.clone(),
            aliases: hit.flaw.aliases.clone(),
            score: hit.flaw.score.as_ref().map(|s| s.value),
            fixed: hit.flaw.patched.clone(),
            upgrade: match &hit.flaw.fixed {
                Some(FixedIn::At(version)) => Some(version.clone()),
                _ => None,
            },
        });
    if let Some(line) = declared.as_ref().filter(|d| d.used_at != d.place) {
        draft = draft.also([line.used_at]);
    }
    for (text, place) in way(main, declared.as_ref()) {
        draft = draft.via(text, place);
    }
    for text in evidence(hit) {
        draft = draft.evidence(text);
    }
    for text in advice(scene, hit, declared.as_ref()) {
        draft = draft.advise(text);
    }
    draft.say(format!("`{name}` {version} {verdict}{}", circumstances(hit)));
}

/// Member, direct dependency, and on to the crate itself.
fn way(main: Locked<'_>, declared: Option<&Declared<'_>>) -> Vec<(String, Option<Place>)> {
    let mut out = Vec::new();
    if let Some(member) = main.member() {
        out.push((format!("package {}", member.name), declared.map(|d| d.used_at)));
    }
    for (number, index) in main.view.way(main.index).into_iter().enumerate() {
        let package = &main.lock.packages[index];
        let own = Place::new(main.lock.file, package.name.span);
        let place = declared.filter(|_| number == 0).map_or(own, |d| d.place);
        out.push((format!("crate {} {}", package.name.value, package.version.value), Some(place)));
    }
    out
}

fn circumstances(hit: &Hit<'_>) -> String {
    let main = hit.main();
    let reached = main.reached();
    let mut out = String::new();
    match reached.reach {
        Reach::Dev => out.push_str(", reached only through dev-dependencies"),
        Reach::Build => out.push_str(", used only while building"),
        Reach::Unknown if main.workspace.is_some() => {
            out.push_str(", in the lock but reached from no manifest of the tree")
        }
        Reach::Normal | Reach::Unknown => {}
    }
    if main.is_stray {
        out.push_str(", in a lock that cargo does not read, since its package belongs to another workspace");
    }
    if reached.optional {
        out.push_str(", behind an optional dependency");
    }
    if let Some(target) = &reached.target {
        out.push_str(&format!(", only for target {target}"));
    }
    if hit.is_elsewhere() {
        out.push_str(&format!(", flawed on {} only", platforms(hit).join(", ")));
    }
    if hit.at.len() > 1 {
        out.push_str(&format!(", in {} locks", hit.at.len()));
    }
    match hit.source() {
        LockSource::CratesIo => {}
        LockSource::Local => out.push_str("; the name matches, the code is a path of this tree"),
        other => out.push_str(&format!("; the name matches, the source is another: {}", source_name(&other))),
    }
    out
}

/// Operating systems and processors that the advisory is limited to.
fn platforms<'a>(hit: &Hit<'a>) -> Vec<&'a str> {
    let mut out: Vec<&str> =
        hit.flaw.advisories.iter().flat_map(|a| a.os.iter().chain(&a.arch)).map(String::as_str).collect();
    out.sort_unstable();
    out.dedup();
    out
}

fn evidence(hit: &Hit<'_>) -> Vec<String> {
    let mut out =
        vec!["Cargo.lock and the manifests; which features and targets are built was not evaluated".to_owned()];
    let mut functions: Vec<&str> =
        hit.flaw.advisories.iter().flat_map(|a| &a.functions).map(|f| f.path.as_str()).collect();
    functions.sort_unstable();
    functions.dedup();
    let platforms = platforms(hit);
    if !platforms.is_empty() {
        out.push(format!("the advisory speaks of {} only", platforms.join(", ")));
    }
    if !functions.is_empty() {
        let more = functions.len().saturating_sub(FUNCTIONS);
        functions.truncate(FUNCTIONS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        out.push(format!(
            "the advisory names {}{more}; whether they are called was not looked at",
            functions.join(", ")
        ));
    }
    out
}

fn advice(scene: &Scene<'_>, hit: &Hit<'_>, declared: Option<&Declared<'_>>) -> Vec<String> {
    let package = hit.package();
    let (name, version) = (&package.name.value, &package.version.value);
    let enters = enters_by(hit);
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
        return vec![format!("look whether this copy of `{name}` has the fix of {}", hit.flaw.id)];
    }
    match &hit.flaw.fixed {
        Some(FixedIn::At(fixed)) if is_within_reach(scene, hit, declared, fixed) => {
            let which = if hit.at.len() > 1 { "each lock" } else { "the lock" };
            vec![format!("update {which}: cargo update -p {name}@{version} --precise {fixed}")]
        }
        Some(FixedIn::At(fixed)) => vec![match (taken_by(hit), enters) {
            // The parent's own update is the smaller step and often enough.
            (Some(parent), Some(direct)) if parent != direct => format!(
                "update `{parent}`, or `{direct}` which lets it in, to a release that takes `{name}` {fixed} or later: cargo update -p {parent}"
            ),
            (Some(parent), _) => format!("upgrade `{parent}` to a release that takes `{name}` {fixed} or later"),
            (None, _) => format!("raise the requirement on `{name}` to {fixed}"),
        }],
        Some(FixedIn::After(last)) => vec![format!("move `{name}` to a release above {last}")],
        None if hit.flaw.kind == Kind::Unmaintained => vec![match enters {
            Some(direct) => format!("look for a release of `{direct}` that does without `{name}`"),
            None => format!("plan to replace `{name}`"),
        }],
        None => vec![match enters {
            Some(direct) => format!(
                "no release fixes it; do without `{name}`, which `{direct}` lets in, or accept it with a reason"
            ),
            None => format!("no release fixes it; do without `{name}` or accept it with a reason"),
        }],
    }
}

/// The first crate from outside of the tree by which a transitive one comes.
fn enters_by<'a>(hit: &Hit<'a>) -> Option<&'a str> {
    strangers(hit).first().copied()
}

/// The crate that needs it, as far along the way as the tree does not reach.
fn taken_by<'a>(hit: &Hit<'a>) -> Option<&'a str> {
    strangers(hit).last().copied()
}

/// The way to the crate without the packages of the tree and without the crate itself.
fn strangers<'a>(hit: &Hit<'a>) -> Vec<&'a str> {
    let main = hit.main();
    let before = main.view.way(main.index).into_iter().filter(|index| *index != main.index);
    before
        .map(|index| &main.lock.packages[index])
        .filter(|p| p.source.is_some())
        .map(|p| p.name.value.as_str())
        .collect()
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
