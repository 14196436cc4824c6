//! VEX documents: what is said of each known flaw that the audit found, and by whom.
//!
//! A document says no more than somebody decided. What is excused without a word on the flaw is a risk that somebody
//! took, not a flaw that does not matter; what nobody spoke of is being looked into.

mod cyclonedx;
mod openvex;

pub(super) use cyclonedx::render as cyclonedx;
pub(super) use openvex::render as openvex;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::audit::Audit;
use crate::audit::Finding;
use crate::audit::State;
use crate::diag::FlawStatus;
use crate::diag::Impact;
use crate::diag::WaivedBy;
use crate::diag::fingerprint::digest;
use crate::report::escape::terminal as clean;
use crate::sbom::purl::Purl;
use crate::sbom::write::cyclonedx::serial;

/// Who answers, where the policy names nobody.
const NOBODY: &str = "unknown";

/// What is said of a flaw of some packages.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    /// What the flaw does.
    status: FlawStatus,
    /// Why it does not matter: a word of OpenVEX.
    justification: Option<String>,
    /// The same in words, or what is done about it.
    text: Option<String>,
}

/// A package with a flaw.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Part {
    /// Its package URL, in its one spelling.
    purl: String,
    /// Its type: `cargo`.
    kind: String,
    /// Its name, as its registry has it.
    name: String,
    /// Its version.
    version: Option<String>,
}

/// A flaw: its main id and its others.
type Flaw = (String, Vec<String>);

/// What is said of every flaw, and of which parts.
fn said(audit: &Audit) -> Vec<(Flaw, Word, BTreeSet<Part>)> {
    let authors = authors(audit);
    let mut by_part: BTreeMap<(Flaw, Part), Word> = BTreeMap::new();
    for finding in &audit.findings {
        let Some((flaw, part)) = flaw_of(finding) else { continue };
        let word = word(finding, part.version.is_some(), &authors);
        // Of one that stands in several files that holds which excuses least.
        let known = by_part.entry((flaw, part)).or_insert_with(|| word.clone());
        if word.status < known.status {
            *known = word;
        }
    }
    let mut out: BTreeMap<(Flaw, Word), BTreeSet<Part>> = BTreeMap::new();
    for ((flaw, part), word) in by_part {
        out.entry((flaw, word)).or_default().insert(part);
    }
    out.into_iter().map(|((flaw, word), parts)| (flaw, word, parts)).collect()
}

fn flaw_of(finding: &Finding) -> Option<(Flaw, Part)> {
    let (topic, subject) = (finding.advisory.as_ref()?, finding.subject.as_ref()?);
    let purl = Purl::parse(subject.purl.as_deref()?)?;
    let mut aliases: Vec<String> = topic.aliases.iter().filter(|id| **id != topic.id).map(|id| clean(id)).collect();
    aliases.sort();
    aliases.dedup();
    let part = Part {
        kind: purl.kind().to_owned(),
        name: clean(&subject.name),
        version: purl.version.as_deref().map(clean),
        purl: purl.to_string(),
    };
    Some(((clean(&topic.id), aliases), part))
}

/// What is said of the flaw behind a finding.
fn word(finding: &Finding, has_version: bool, authors: &[String]) -> Word {
    let plain = |status, text: Option<String>| Word { status, justification: None, text };
    if finding.impact == Some(Impact::Malicious) {
        let advice = finding.advice.first().map_or_else(|| "it has to go".to_owned(), |advice| clean(advice));
        return plain(FlawStatus::Affected, Some(format!("the code is malicious: {advice}")));
    }
    let is_excused = finding.state == State::Suppressed;
    let Some(stance) = finding.stance.as_ref().filter(|stance| is_excused || stance.status < FlawStatus::Fixed) else {
        let accepted =
            finding.waiver.as_deref().filter(|_| is_excused && finding.waived_by != Some(WaivedBy::Baseline));
        return match accepted {
            Some(text) => plain(FlawStatus::Affected, Some(format!("the risk is accepted: {}", clean(text)))),
            None => plain(FlawStatus::UnderInvestigation, None),
        };
    };
    let by = stance.by.as_deref().map(|by| format!(" by {}", clean(by))).unwrap_or_default();
    let until = stance.until.as_deref().map(|until| format!(" until {}", clean(until))).unwrap_or_default();
    let reason = stance.reason.as_deref().map(clean).filter(|reason| !reason.is_empty());
    match (stance.status, finding.waived_by.filter(|_| is_excused)) {
        // Of which version it is fixed has to be said.
        (FlawStatus::Fixed, _) if !has_version => plain(FlawStatus::UnderInvestigation, reason),
        (FlawStatus::Affected, Some(_)) => {
            let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
            plain(FlawStatus::Affected, Some(format!("accepted{until}{by}{reason}")))
        }
        (status, waived_by) => {
            // What a document says that was heeded leaves under our name: whose word it is goes with it.
            let is_heeded = waived_by == Some(WaivedBy::Vex) || !is_excused;
            let other = stance.by.as_deref().map(clean).filter(|by| is_heeded && !authors.contains(by));
            let text = match (other, reason) {
                (Some(by), Some(reason)) => Some(format!("{by} says: {reason}")),
                (Some(by), None) => Some(format!("{by} says so")),
                (None, reason) => reason,
            };
            Word { status, justification: stance.justification.clone(), text }
        }
    }
}

/// What the documents call the tree.
fn product(audit: &Audit) -> Option<String> {
    audit.known_as.as_ref()?.products.first().map(|product| clean(product))
}

/// Who answers.
fn authors(audit: &Audit) -> Vec<String> {
    audit.known_as.as_ref().map(|known| known.authors.iter().map(|one| clean(one)).collect()).unwrap_or_default()
}

/// The begin of the day of the audit.
fn time(audit: &Audit) -> String {
    format!("{}T00:00:00Z", audit.knowledge.today)
}

/// An address for a document that is made of what the document says: the same is known by the same.
fn address(text: &str) -> String {
    serial(&digest(&["custody/vex/v1", text]))
}
