//! SARIF 2.1.0 for code scanning: one run, results with exactly one place, and notifications for
//! what could not be read. Knows GitHub's limits, since a file beyond them is refused or cut in
//! silence.

mod descriptors;
mod model;
mod notices;
mod properties;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::escape::{sarif as clean, shorten, uri};
use super::excused::is_excused;
use super::tally::route;
use crate::audit::{Audit, Decision, Finding, Fixed, State, Verdict};
use crate::diag::fingerprint::{SCHEME, digest, hex};
use crate::diag::{Severity, WaivedBy};
use model::{
    Artifact, ArtifactChange, Automation, Content, Driver, Fix, Invocation, Location, Log, Outcome, OutcomeProperties,
    Physical, Region, Replacement, Run, Suppression, Text, Tool,
};
use notices::LeftOut;

/// Where the schema is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// Key of the fingerprint that GitHub knows an alert by.
const LINE_HASH: &str = "primaryLocationLineHash";

/// What GitHub takes. Source: GitHub Docs, "SARIF support for code scanning" and "SARIF results
/// exceed one or more limits".
mod limits {
    /// Results of a run that are kept; which ones is not ours to say, so no more are sent.
    pub(super) const RESULTS: usize = 5000;
    /// Locations of a result, the primary one among them. A thousand are taken and a hundred shown.
    pub(super) const LOCATIONS: usize = 100;
    /// Edits of a fix: ours. A longer one is left away whole.
    pub(super) const EDITS: usize = 1000;
    /// Characters of a description.
    pub(super) const DESCRIPTION: usize = 1024;
    /// Characters of a message: ours; what does not fit is in the audit.
    pub(super) const MESSAGE: usize = 4000;
    /// Bytes of the file once compressed: 10 MB, less a margin for another compressor.
    pub(super) const PACKED: usize = 9_500_000;
}

/// Who reads the file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reader {
    /// Whoever knows the standard: with what is excused, and with what a change takes away.
    Any,
    /// Code scanning of GitHub. It makes an open alert of every result, whatever its `kind`, its suppressions and
    /// its state against a baseline say, so it is given what is open.
    CodeScanning,
}

/// How much of an audit is put in.
#[derive(Clone, Copy)]
struct Share {
    results: usize,
    related: usize,
    pages: bool,
    /// What is left out, in words.
    told: &'static str,
}

/// From everything to the least, until the file is small enough.
const SHARES: &[Share] = &[
    Share { results: limits::RESULTS, related: limits::LOCATIONS - 1, pages: true, told: "" },
    Share {
        results: limits::RESULTS,
        related: limits::LOCATIONS - 1,
        pages: false,
        told: "the pages of the rules are left out, so that the file is small enough; `explain` has them",
    },
    Share { results: limits::RESULTS, related: 3, pages: false, told: DETAILS },
    Share { results: limits::RESULTS / 5, related: 3, pages: false, told: DETAILS },
    Share { results: limits::RESULTS / 50, related: 0, pages: false, told: DETAILS },
];
const DETAILS: &str = "pages of rules, fixes and most related places are left out, so that the file is small enough; \
                       the audit as JSON has all of them";

pub(super) fn render(audit: &Audit, reader: Reader, out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    for share in SHARES {
        bytes = serde_json::to_vec(&log(audit, reader, *share)).map_err(io::Error::from)?;
        if fits(&bytes) {
            break;
        }
    }
    out.write_all(&bytes)?;
    out.write_all(b"\n")
}

/// Whether a file is taken once it is compressed.
fn fits(bytes: &[u8]) -> bool {
    // What is small as it is need not be tried.
    bytes.len() <= limits::PACKED || miniz_oxide::deflate::compress_to_vec(bytes, 1).len() <= limits::PACKED
}

fn log(audit: &Audit, reader: Reader, share: Share) -> Log {
    let mut rules = descriptors::Table::new(audit, share.pages);
    let mut seen = Seen::new();
    let (kept, excused) = kept(audit, reader, share.results);
    let mut results: Vec<Outcome> = Vec::with_capacity(kept.len());
    for finding in &kept {
        let rule = rules.of(finding);
        let id = rules.list.get(rule).map_or_else(String::new, |rule| rule.id.clone());
        results.push(outcome(audit, finding, (id, rule), share, &mut seen));
    }
    let mut left_out = audit.findings.len() - excused - kept.len();
    if let Some(of) = audit.gate.as_ref().filter(|_| reader == Reader::Any) {
        let room = share.results - results.len().min(share.results);
        for fixed in of.fixed.iter().take(room) {
            let rule = rules.of_fixed(fixed);
            results.push(absent(fixed, rule, &mut seen));
        }
        left_out += of.fixed.len().saturating_sub(room);
    }
    let left = LeftOut { results: left_out, excused, details: share.told };
    let forced = audit.gate.as_ref().is_some_and(|of| of.forced.is_some());
    let run = Run {
        tool: Tool {
            driver: Driver {
                name: audit.tool.name.clone(),
                semantic_version: audit.tool.version.clone(),
                version: audit.tool.version.clone(),
                information_uri: env!("CARGO_PKG_REPOSITORY"),
                rules: rules.list,
                notifications: notices::kinds(),
            },
        },
        invocations: [Invocation {
            // The run came to its end. What it could not read is told by the notifications, and
            // what it found by the exit code: neither means that the tool failed.
            execution_successful: true,
            exit_code: audit.exit_code(),
            exit_code_description: match audit.judged() {
                _ if forced => "the gate was forced open",
                Verdict::Pass => "passed",
                Verdict::Fail => "the gate failed",
                Verdict::Incomplete => "not everything could be read",
            },
            tool_execution_notifications: notices::notices(audit, &left),
        }],
        automation_details: Automation { id: "cargo-custody/" },
        column_kind: "unicodeCodePoints",
        results,
        properties: properties::properties(audit, left_out, excused),
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

/// The findings that are sent, in the audit's order, and how many are not because they are excused. Where there are
/// too many, what blocks goes before what does not, what the change brings before what stood there, and the severe
/// before the light.
fn kept(audit: &Audit, reader: Reader, room: usize) -> (Vec<&Finding>, usize) {
    let is_sent = |finding: &Finding| reader == Reader::Any || !is_excused(finding);
    let mut order: Vec<usize> = (0..audit.findings.len()).filter(|i| is_sent(&audit.findings[*i])).collect();
    let excused = audit.findings.len() - order.len();
    if order.len() > room {
        order.sort_by_key(|index| {
            let of = &audit.findings[*index];
            (of.decision, !of.state.is_brought(), Reverse(of.severity), *index)
        });
        let chosen: BTreeSet<usize> = order.into_iter().take(room).collect();
        order = chosen.into_iter().collect();
    }
    (order.into_iter().map(|index| &audit.findings[index]).collect(), excused)
}

/// How often a fingerprint was seen under a rule and path.
type Seen = BTreeMap<(String, String, String), usize>;

fn outcome(
    audit: &Audit,
    finding: &Finding,
    (rule_id, rule_index): (String, usize),
    share: Share,
    seen: &mut Seen,
) -> Outcome {
    let (related, left_out) = related(finding, share.related);
    let purl = finding.subject.as_ref().and_then(|s| s.purl.as_deref()).map(clean);
    Outcome {
        partial_fingerprints: fingerprints(finding, &rule_id, seen),
        rule_id,
        rule_index,
        level: if finding.decision == Decision::Block { "error" } else { level(finding.severity) },
        message: Text::plain(message(finding)),
        locations: [Location {
            id: None,
            physical_location: place(&finding.path, region(finding)),
            message: label(&finding.label),
        }],
        related_locations: related,
        fixes: if share.told == DETAILS { Vec::new() } else { fixes(finding) },
        suppressions: suppressions(audit, finding),
        baseline_state: audit.gate.as_ref().map(|_| baseline_state(finding.state)),
        properties: OutcomeProperties {
            rule: finding.rule.clone(),
            severity: finding.severity.as_str(),
            confidence: Some(finding.confidence.as_str()),
            role: Some(finding.role.as_str()),
            state: audit.gate.as_ref().map(|_| finding.state),
            decision: finding.decision,
            shown: finding.shown,
            because: finding.because.as_deref().map(clean),
            impact: finding.impact,
            purl,
            inner_path: finding.inner_path.as_deref().map(clean),
            byte_offset: finding.offset,
            places_left_out: left_out,
        },
    }
}

/// A finding of the base that is gone: a result all the same, since that is how SARIF says so.
fn absent(fixed: &Fixed, rule_index: usize, seen: &mut Seen) -> Outcome {
    Outcome {
        partial_fingerprints: counted(&fixed.fingerprint, &fixed.fingerprint, (&fixed.rule, &fixed.path), seen),
        rule_id: fixed.rule.clone(),
        rule_index,
        level: level(fixed.severity),
        message: Text::plain(shorten(&clean(&fixed.message), limits::MESSAGE)),
        locations: [Location { id: None, physical_location: place(&fixed.path, line(fixed.line)), message: None }],
        related_locations: Vec::new(),
        fixes: Vec::new(),
        suppressions: Vec::new(),
        baseline_state: Some(baseline_state(State::Fixed)),
        properties: OutcomeProperties {
            rule: fixed.rule.clone(),
            severity: fixed.severity.as_str(),
            confidence: None,
            role: None,
            state: Some(State::Fixed),
            decision: fixed.decision,
            shown: false,
            because: None,
            impact: None,
            purl: None,
            inner_path: None,
            byte_offset: None,
            places_left_out: 0,
        },
    }
}

/// The four states of SARIF. A finding whose excuse has ended has changed in just that.
fn baseline_state(state: State) -> &'static str {
    match state {
        State::New | State::NeedsApproval | State::Spread => "new",
        State::Changed | State::Expired => "updated",
        State::Existing | State::Suppressed => "unchanged",
        State::Fixed => "absent",
    }
}

/// What excuses the finding, or would once somebody agrees. A comment stands in the file, all else outside of it.
fn suppressions(audit: &Audit, finding: &Finding) -> Vec<Suppression> {
    let waits = finding.state == State::NeedsApproval;
    if finding.waived_by.is_none() && !waits {
        return Vec::new();
    }
    let kind = if finding.waived_by == Some(WaivedBy::Comment) { "inSource" } else { "external" };
    let status = if waits { "underReview" } else { "accepted" };
    let approval = || {
        let of = audit.gate.iter().flat_map(|of| &of.approvals);
        let known = of.into_iter().find(|a| a.findings.contains(&finding.fingerprint))?;
        Some(format!("{}:{}: {}", known.path, known.line, known.text))
    };
    let justification = finding.waiver.clone().or_else(approval).unwrap_or_default();
    vec![Suppression { kind, status, justification: shorten(&clean(&justification), limits::DESCRIPTION) }]
}

/// Edits, file by file. Their texts are inserted as they are, so nothing in them is spelled out.
fn fixes(finding: &Finding) -> Vec<Fix> {
    let mut by_file: BTreeMap<&str, Vec<Replacement>> = BTreeMap::new();
    for edit in finding.fix.iter().take(limits::EDITS) {
        let deleted_region = Region {
            start_line: edit.line.max(1),
            start_column: Some(edit.column.max(1)),
            end_line: Some(edit.end_line.max(1)),
            end_column: Some(edit.end_column.max(1)),
        };
        let inserted_content = Content { text: edit.text.clone() };
        by_file.entry(&edit.path).or_default().push(Replacement { deleted_region, inserted_content });
    }
    // All of them or none: half of an answer leaves a lock that its tool refuses.
    if by_file.is_empty() || finding.fix.len() > limits::EDITS {
        return Vec::new();
    }
    let change = |(path, replacements)| ArtifactChange {
        artifact_location: Artifact { uri: uri(path), uri_base_id: "%SRCROOT%" },
        replacements,
    };
    let description = Text::plain(finding.advice.first().map(|a| clean(a)).unwrap_or_default());
    vec![Fix { description, artifact_changes: by_file.into_iter().map(change).collect() }]
}

/// The message, the way to it, and the first thing to do about it, each on its line.
fn message(finding: &Finding) -> String {
    let mut lines = vec![clean(&finding.message)];
    lines.extend(route(finding).map(|route| format!("Reached by: {}", clean(&route))));
    lines.extend(finding.advice.first().map(|advice| format!("Fix: {}", clean(advice))));
    shorten(&lines.join("\n"), limits::MESSAGE)
}

/// Level of a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// GitHub knows an alert again by its line hash, within its rule and file. An advisory
/// is known by its identity alone: a dismissed one stays so over an upgrade that does not cure it.
/// Anything else includes its content: what was dismissed never covers something new in its place.
/// Equal ones are counted, as GitHub's own hash does.
fn fingerprints(finding: &Finding, rule_id: &str, seen: &mut Seen) -> BTreeMap<&'static str, String> {
    let identity = finding.fingerprint.split(':').next().unwrap_or_default();
    let basis = if finding.advisory.is_some() { identity } else { &finding.fingerprint };
    counted(basis, &finding.fingerprint, (rule_id, &finding.path), seen)
}

fn counted(
    basis: &str,
    fingerprint: &str,
    (rule, path): (&str, &str),
    seen: &mut Seen,
) -> BTreeMap<&'static str, String> {
    let hash = hex(&digest(&[basis])[..8]);
    let count = seen.entry((rule.to_owned(), path.to_owned(), hash.clone())).or_default();
    *count += 1;
    BTreeMap::from([(SCHEME, fingerprint.to_owned()), (LINE_HASH, format!("{hash}:{count}"))])
}

/// Other places, the hops of the route and what helps to understand; and how many did not fit.
fn related(finding: &Finding, room: usize) -> (Vec<Location>, usize) {
    let others = finding.places.iter().skip(1).map(|p| (p.path.as_str(), p.line, "the same here"));
    let hops = finding.route.iter().filter_map(|hop| Some((hop.path.as_deref()?, hop.line?, hop.text.as_str())));
    let helps = finding.related.iter().map(|r| (r.path.as_str(), r.line, r.why.as_str()));
    let total = finding.places.len().saturating_sub(1)
        + finding.route.iter().filter(|h| h.path.is_some() && h.line.is_some()).count()
        + finding.related.len();
    let list: Vec<Location> = others
        .chain(hops)
        .chain(helps)
        .take(room)
        .enumerate()
        .map(|(id, (path, at, why))| Location {
            id: Some(id + 1),
            physical_location: place(path, line(at)),
            message: label(why),
        })
        .collect();
    let left_out = total - list.len();
    (list, left_out)
}

fn label(text: &str) -> Option<Text> {
    (!text.is_empty()).then(|| Text::plain(shorten(&clean(text), limits::DESCRIPTION)))
}

fn place(path: &str, region: Region) -> Physical {
    // A folder has no lines.
    let region = (!path.ends_with('/')).then_some(region);
    Physical { artifact_location: Artifact { uri: uri(path), uri_base_id: "%SRCROOT%" }, region }
}

fn line(number: u32) -> Region {
    Region { start_line: number.max(1), start_column: None, end_line: None, end_column: None }
}

/// The marked text. An end that does not come after the start is left away: readers refuse it.
fn region(finding: &Finding) -> Region {
    let (start, end) = ((finding.line.max(1), finding.column.max(1)), (finding.end_line, finding.end_column));
    let forward = end.1 > 0 && end >= start;
    Region {
        start_line: start.0,
        start_column: Some(start.1),
        end_line: forward.then_some(end.0),
        end_column: forward.then_some(end.1),
    }
}
