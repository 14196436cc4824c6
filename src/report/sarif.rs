//! SARIF 2.1.0 for code scanning: one run, results with exactly one place, and notifications for
//! what could not be read. Knows GitHub's limits, since a file beyond them is refused or cut in
//! silence.

mod descriptors;
mod model;
mod notices;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::escape::{sarif as clean, shorten, uri};
use super::tally::{Tally, route};
use crate::audit::{Audit, Decision, Finding, Verdict};
use crate::diag::fingerprint::{digest, hex};
use crate::diag::{Severity, WaivedBy};
use model::{
    Artifact, ArtifactChange, Automation, Content, CoverageCounts, Driver, FindingCounts, Fingerprints, Fix,
    Invocation, Location, Log, Outcome, OutcomeProperties, Physical, Region, Replacement, Run, RunProperties,
    Suppression, Text, Tool,
};

/// Where the schema is published.
const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What GitHub takes. Source: GitHub Docs, "SARIF support for code scanning" and "SARIF results
/// exceed one or more limits".
mod limits {
    /// Results of a run that are kept; which ones is not ours to say, so no more are sent.
    pub(super) const RESULTS: usize = 5000;
    /// Locations of a result, the primary one among them.
    pub(super) const LOCATIONS: usize = 1000;
    /// Related locations of a whole run: ours, so that the file stays below 10 MB compressed.
    pub(super) const RELATED: usize = 100_000;
    /// Characters of a description.
    pub(super) const DESCRIPTION: usize = 1024;
    /// Characters of a message: ours; what does not fit is in the audit.
    pub(super) const MESSAGE: usize = 4000;
}

pub(super) fn render(audit: &Audit, out: &mut dyn Write) -> io::Result<()> {
    serde_json::to_writer(&mut *out, &log(audit)).map_err(io::Error::from)?;
    out.write_all(b"\n")
}

fn log(audit: &Audit) -> Log {
    let mut rules = descriptors::Table::new(audit);
    let mut state = State { related: limits::RELATED, seen: BTreeMap::new() };
    let kept = kept(audit);
    let results: Vec<Outcome> = kept
        .iter()
        .map(|finding| {
            let index = rules.of(finding);
            let id = rules.list.get(index).map_or_else(String::new, |rule| rule.id.clone());
            outcome(finding, id, index, &mut state)
        })
        .collect();
    let left_out = audit.findings.len() - results.len();
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
                Verdict::Pass => "passed",
                Verdict::Fail => "the gate failed",
                Verdict::Incomplete => "not everything could be read",
            },
            tool_execution_notifications: notices::notices(audit, left_out),
        }],
        automation_details: Automation { id: "cargo-custody/" },
        column_kind: "unicodeCodePoints",
        results,
        properties: properties(audit, left_out),
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

/// The findings that are sent, in the audit's order. Where there are too many, the light ones stay.
fn kept(audit: &Audit) -> Vec<&Finding> {
    if audit.findings.len() <= limits::RESULTS {
        return audit.findings.iter().collect();
    }
    let mut order: Vec<usize> = (0..audit.findings.len()).collect();
    order.sort_by_key(|i| (audit.findings[*i].decision, Reverse(audit.findings[*i].severity), *i));
    let chosen: BTreeSet<usize> = order.into_iter().take(limits::RESULTS).collect();
    chosen.into_iter().map(|i| &audit.findings[i]).collect()
}

/// What is shared by the results of a run.
struct State {
    /// Related locations that may still be written.
    related: usize,
    /// How often a fingerprint was seen under a rule and path.
    seen: BTreeMap<(String, String, String), usize>,
}

fn outcome(finding: &Finding, rule_id: String, rule_index: usize, state: &mut State) -> Outcome {
    let (related, left_out) = related(finding, state);
    let purl = finding.subject.as_ref().and_then(|s| s.purl.as_deref()).map(clean);
    Outcome {
        partial_fingerprints: fingerprints(finding, &rule_id, state),
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
        fixes: fixes(finding),
        suppressions: suppressions(finding),
        properties: OutcomeProperties {
            rule: finding.rule.clone(),
            severity: finding.severity.as_str(),
            confidence: finding.confidence.as_str(),
            role: finding.role.as_str(),
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

/// What excuses the finding. A comment stands in the file, the list of another tool outside of it.
fn suppressions(finding: &Finding) -> Vec<Suppression> {
    let kind = |by| if by == WaivedBy::Comment { "inSource" } else { "external" };
    let justification = finding.waiver.as_deref().map(|text| shorten(&clean(text), limits::DESCRIPTION));
    let suppression =
        |by| Suppression { kind: kind(by), status: "accepted", justification: justification.unwrap_or_default() };
    finding.waived_by.map(suppression).into_iter().collect()
}

/// Edits, file by file. Their texts are inserted as they are, so nothing in them is spelled out.
fn fixes(finding: &Finding) -> Vec<Fix> {
    let mut by_file: BTreeMap<&str, Vec<Replacement>> = BTreeMap::new();
    for edit in finding.fix.iter().take(limits::LOCATIONS) {
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
    if by_file.is_empty() || finding.fix.len() > limits::LOCATIONS {
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

/// GitHub knows an alert again by `primaryLocationLineHash`, within its rule and file. An advisory
/// is known by its identity alone: a dismissed one stays so over an upgrade that does not cure it.
/// Anything else includes its content: what was dismissed never covers something new in its place.
/// Equal ones are counted, as GitHub's own hash does.
fn fingerprints(finding: &Finding, rule_id: &str, state: &mut State) -> Fingerprints {
    let identity = finding.fingerprint.split(':').next().unwrap_or_default();
    let basis = if finding.advisory.is_some() { identity } else { &finding.fingerprint };
    let hash = hex(&digest(&[basis])[..8]);
    let count = state.seen.entry((rule_id.to_owned(), finding.path.clone(), hash.clone())).or_default();
    *count += 1;
    Fingerprints { custody: finding.fingerprint.clone(), primary_location_line_hash: format!("{hash}:{count}") }
}

/// Other places, the hops of the route and what helps to understand; and how many did not fit.
fn related(finding: &Finding, state: &mut State) -> (Vec<Location>, usize) {
    let others = finding.places.iter().skip(1).map(|p| (p.path.as_str(), p.line, "the same here"));
    let hops = finding.route.iter().filter_map(|hop| Some((hop.path.as_deref()?, hop.line?, hop.text.as_str())));
    let helps = finding.related.iter().map(|r| (r.path.as_str(), r.line, r.why.as_str()));
    let total = finding.places.len().saturating_sub(1)
        + finding.route.iter().filter(|h| h.path.is_some() && h.line.is_some()).count()
        + finding.related.len();
    let room = state.related.min(limits::LOCATIONS - 1);
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
    state.related -= list.len();
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

fn properties(audit: &Audit, left_out: usize) -> RunProperties {
    let tally = Tally::of(audit);
    let coverage = &audit.coverage;
    RunProperties {
        name: clean(audit.name.as_deref().unwrap_or("repository")),
        commit: audit.commit.clone(),
        verdict: audit.judged(),
        complete: audit.complete,
        policy: audit.policy.clone(),
        policy_digest: audit.policy_digest.clone(),
        findings: FindingCounts { block: tally.block, advise: tally.advise, note: tally.note, left_out },
        coverage: CoverageCounts {
            read: tally.read,
            partial: tally.partial,
            unread: tally.unread,
            skipped: tally.skipped,
            gaps: coverage.gaps.len(),
            passed_over: coverage.passed_over.len(),
            unknown: coverage.unknown.len(),
            out_of_scope: coverage.out_of_scope.clone(),
        },
        knowledge: audit.knowledge.clone(),
    }
}
