//! Releases that a bill of materials of the tree lists. Nothing in the tree holds them but the document's word, and
//! what helps is to change what it was made of.

use std::collections::BTreeSet;

use crate::advisory::{FixedIn, Kind, Match};
use crate::diag::{Confidence, Impact, Severity, Topic};
use crate::graph::Document;
use crate::graph::distributions::Held;
use crate::graph::identity::locked_crate;
use crate::graph::kinds::cargo::LockSource;
use crate::graph::kinds::sbom::{RecordedRelease, Registry};
use crate::rules::advisories::topic::topic;
use crate::rules::{Reporter, Scene};
use crate::source::Place;

/// Severity of a flaw, and the words that follow the name.
type Judge<'j> = dyn Fn(&Match) -> (Severity, String) + 'j;

/// Reports flaws of one kind in releases of one registry that documents list. What the tree holds by itself is told
/// there, and what several documents list is told of the first.
pub(super) fn in_documents(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    registry: Registry,
    kind: Kind,
    judge: &Judge<'_>,
) {
    let mut documents: Vec<_> = scene
        .documents
        .iter()
        .filter_map(|document| match document {
            Document::Sbom(document) => Some(document),
            _ => None,
        })
        .collect();
    if documents.is_empty() {
        return;
    }
    // Stable: among those of one role the first path speaks.
    documents.sort_by_key(|document| scene.role(document.file));
    let held: BTreeSet<(&str, &str)> = match registry {
        Registry::CratesIo => BTreeSet::new(),
        Registry::PyPi => scene
            .distributions
            .named
            .iter()
            .filter(|named| named.whose.is_published())
            .filter_map(|named| match &named.held {
                Held::At(version) => Some((named.name.as_str(), version.as_str())),
                Held::Within(_) => None,
            })
            .collect(),
    };
    let is_held = |release: &RecordedRelease| match registry {
        Registry::PyPi => held.contains(&(release.name.as_str(), release.version.as_str())),
        Registry::CratesIo => {
            scene.graph.find(&locked_crate(&release.name, &release.version, &LockSource::CratesIo)).is_some()
        }
    };
    let mut said = BTreeSet::new();
    for document in documents {
        for release in document.releases.iter().filter(|r| r.registry == registry && !is_held(r)) {
            for flaw in scene.known.of(&release.question()).iter().filter(|m| m.kind == kind) {
                if said.insert((&release.name, &release.version, &flaw.id)) {
                    let at = Place::new(document.file, release.span);
                    say(scene, report, at, release, flaw, judge(flaw));
                }
            }
        }
    }
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    place: Place,
    release: &RecordedRelease,
    flaw: &Match,
    (severity, verdict): (Severity, String),
) {
    let (name, version) = (&release.name, &release.version);
    let word = match release.registry {
        Registry::CratesIo => "crate",
        Registry::PyPi => "distribution",
    };
    let is_malicious = flaw.kind == Kind::Malicious;
    let path = scene.sources.path(place.file);
    let upgrade = match &flaw.fixed {
        Some(FixedIn::At(fixed)) => Some(fixed.clone()),
        _ => None,
    };
    let advice = match (&upgrade, is_malicious) {
        (_, true) => format!(
            "take `{name}` out of what the document lists; treat every machine that built or ran it as taken over"
        ),
        (Some(fixed), _) => {
            format!("build what the document lists with `{name}` {fixed} or later, and make the document anew")
        }
        (None, _) => format!("build what the document lists without `{name}`, or accept it with a reason"),
    };
    let confidence = match (is_malicious, release.is_excluded) {
        (true, _) => Confidence::High,
        (false, true) => Confidence::Low,
        (false, false) => Confidence::Medium,
    };
    let mut draft = report
        .at(place, format!("lists `{name}` {version}"))
        .about(word, name.clone(), Some(version.clone()))
        .severity(severity)
        .confidence(confidence)
        .role(scene.role(place.file))
        .impact(is_malicious.then_some(Impact::Malicious))
        .content(if is_malicious { format!("{} {version}", flaw.id) } else { flaw.id.clone() })
        .topic(Topic { upgrade, ..topic(flaw) })
        .evidence("the document says so; nothing else in the tree holds this release")
        .via(format!("bill of materials {path}"), Some(place));
    for hop in &release.way {
        draft = draft.via(format!("part {hop}"), None);
    }
    let when = if release.is_excluded { ", as something that is not shipped" } else { "" };
    draft.advise(advice).say(format!("`{name}` {version} {verdict}, listed in {path}{when}"));
}
