//! Crates that a binary of the tree was built from, as it says itself. There is no line to change: what
//! helps is to build it anew.

use std::collections::BTreeSet;

use crate::advisory::{FixedIn, Kind, Match};
use crate::diag::{Confidence, Impact, Severity, Topic};
use crate::graph::Document;
use crate::graph::identity::locked_crate;
use crate::graph::kinds::artifact::{AuditableBinary, AuditableCrate};
use crate::graph::kinds::cargo::LockSource;
use crate::rules::advisories::topic::topic;
use crate::rules::{Reporter, Scene};
use crate::source::{Place, Span};

/// Severity of a flaw, and the words that follow the crate's name.
type Judge<'j> = dyn Fn(&Match) -> (Severity, String) + 'j;

/// Reports flaws of one kind of crates that binaries hold. Only what came from crates.io is compared.
pub(in crate::rules::advisories) fn in_binaries(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    kind: Kind,
    judge: &Judge<'_>,
) {
    // A wheel may hold two binaries of one build; one finding stands for both.
    let mut said = BTreeSet::new();
    for document in scene.documents {
        let Document::Auditable(binary) = document else { continue };
        for package in binary.crates.iter().filter(|p| p.source == "crates.io") {
            let key = locked_crate(&package.name, &package.version, &LockSource::CratesIo);
            let Some(node) = scene.graph.find(&key) else { continue };
            for flaw in scene.known.advisories(node).iter().filter(|m| m.kind == kind) {
                if !said.insert((binary.file, &flaw.id, &package.name, &package.version)) {
                    continue;
                }
                let (severity, verdict) = judge(flaw);
                let is_malicious = kind == Kind::Malicious;
                // What built it is not in it; whether it ran where it was built is another matter.
                let is_gone = package.is_build && !is_malicious;
                let severity = if is_gone { Severity::Info } else { severity };
                let place = Place::new(binary.file, Span::default());
                let path = scene.sources.path(binary.file);
                let path = match &binary.inner {
                    Some(inner) => format!("{path} ({inner})"),
                    None => path.to_owned(),
                };
                let is_packed = binary.inner.is_some();
                let anew = if is_packed { "take a release that was built" } else { "build it anew" };
                let upgrade = match &flaw.fixed {
                    Some(FixedIn::At(version)) => Some(version.clone()),
                    _ => None,
                };
                let advice = match (&upgrade, is_malicious) {
                    (_, true) => "remove it; treat every machine that built or ran it as taken over".to_owned(),
                    (Some(fixed), _) => format!("{anew} with `{}` {fixed} or later", package.name),
                    (None, _) => format!("{anew} without `{}`, or accept it with a reason", package.name),
                };
                let mut draft = report
                    .at(place, format!("holds `{}` {}", package.name, package.version))
                    .on(node)
                    .severity(severity)
                    .confidence(if is_malicious { Confidence::High } else { Confidence::Medium })
                    .role(scene.role(binary.file))
                    .impact(is_malicious.then_some(Impact::Malicious))
                    .content(if is_malicious { format!("{} {}", flaw.id, package.version) } else { flaw.id.clone() })
                    .topic(Topic { upgrade, ..topic(flaw) })
                    .evidence("the binary's own list of crates (cargo-auditable)")
                    .via(format!("binary {path}"), Some(place));
                for hop in way(binary, package) {
                    draft = draft.via(format!("crate {} {}", hop.name, hop.version), None);
                }
                let when = if is_gone { ", used only while it was built" } else { "" };
                draft
                    .advise(advice)
                    .say(format!("`{}` {} {verdict}, built into {path}{when}", package.name, package.version));
            }
        }
    }
}

/// Hops of a way that are told.
const HOPS: usize = 16;

/// From what was built to the crate, the shortest way, without what was built.
fn way<'a>(binary: &'a AuditableBinary, package: &'a AuditableCrate) -> Vec<&'a AuditableCrate> {
    let Some(root) = binary.crates.iter().position(|p| p.is_root) else { return vec![package] };
    let mut from: Vec<Option<usize>> = vec![None; binary.crates.len()];
    let mut queue = std::collections::VecDeque::from([root]);
    while let Some(index) = queue.pop_front() {
        for &next in binary.crates.get(index).map(|p| p.dependencies.as_slice()).unwrap_or_default() {
            if next != root
                && let Some(slot) = from.get_mut(next).filter(|slot| slot.is_none())
            {
                *slot = Some(index);
                queue.push_back(next);
            }
        }
    }
    let mut way = Vec::new();
    let mut at = binary.crates.iter().position(|p| std::ptr::eq(p, package));
    while let Some(index) = at.filter(|index| *index != root && way.len() < HOPS) {
        way.extend(binary.crates.get(index));
        at = from.get(index).copied().flatten();
    }
    way.reverse();
    if way.is_empty() { vec![package] } else { way }
}
