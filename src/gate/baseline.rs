//! A file of findings that were accepted as they stood, for trees without a history to compare with. The JSON
//! contract `custody/baseline/v1`; its schema is published as `docs/baseline-v1.schema.json`.
//!
//! It excuses what is in it and nothing beside: as many findings as entries, each with the content it had. What is
//! malicious is never in it, and a finding that became worse since is one that the change brings.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::audit::{Approval, Audit, Decision, Finding, State};
use crate::diag::fingerprint::SCHEME;
use crate::diag::{Impact, Severity};

/// Name of the contract.
pub const BASELINE_SCHEMA: &str = "custody/baseline/v1";

/// A baseline as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineFile {
    /// [`BASELINE_SCHEMA`].
    pub schema: String,
    /// The scheme of its fingerprints, see `diag::fingerprint`.
    pub scheme: String,
    /// The day it was first written, `YYYY-MM-DD`.
    pub written: String,
    /// The day it was last written, `YYYY-MM-DD`.
    pub updated: String,
    /// SHA-256 of the index it was last written with, hex.
    pub index: String,
    /// Who wrote it last: `cargo-custody 0.1.0`.
    pub tool: String,
    /// The findings, in order of path, line, rule and fingerprint; equal ones stand as often as they were found.
    pub entries: Vec<BaselineEntry>,
}

/// A finding that was accepted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// File of the line a person would change.
    pub path: String,
    /// 1-based, on the day it was last written.
    pub line: u32,
    /// The rule's id.
    pub rule: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// Its identity without the path.
    pub kin: String,
    /// How bad it was.
    pub severity: Severity,
    /// What the policy made of it.
    pub decision: Decision,
    /// The day it first came into the baseline, `YYYY-MM-DD`.
    pub first_seen: String,
    /// How many places of which file it stands for; left out where that is its own line alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, usize>,
    /// Digests of the things it lists, where it is about a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
}

impl BaselineEntry {
    /// How many places of a finding are more than the entry stands for. Those of files that are gone may stand
    /// elsewhere by now.
    fn more_places(&self, finding: &Finding, files: &BTreeSet<&str>) -> usize {
        let own = BTreeMap::from([(self.path.clone(), 1)]);
        let was = if self.places.is_empty() { &own } else { &self.places };
        let more = |(path, count): (&String, &usize)| count.saturating_sub(was.get(path).copied().unwrap_or(0));
        let more: usize = places(finding).iter().map(more).sum();
        let moved: usize = was.iter().filter(|(path, _)| !files.contains(path.as_str())).map(|(_, count)| count).sum();
        more.saturating_sub(moved)
    }

    /// Whether a finding lists nothing that the entry does not.
    fn lists(&self, finding: &Finding) -> bool {
        !finding.parts.is_empty() && finding.parts.iter().all(|part| self.parts.contains(part))
    }
}

/// How many places of which file a finding stands for.
fn places(finding: &Finding) -> BTreeMap<String, usize> {
    let mut out = BTreeMap::new();
    for place in &finding.places {
        *out.entry(place.path.clone()).or_default() += 1;
    }
    out
}

/// Why a file is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct BrokenBaseline {
    /// 1-based.
    pub line: usize,
    /// One fragment, no full stop.
    pub why: String,
}

/// How an audit stands to a baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Held {
    /// Findings that are in it as they are.
    pub known: usize,
    /// Of these, how many would block by themselves.
    pub blocking: usize,
    /// Entries that are no longer found.
    pub gone: usize,
}

/// Reads a baseline.
///
/// # Errors
/// It is no JSON of the contract, or its fingerprints are of another scheme. Nothing of such a file counts.
pub fn read_baseline(text: &str) -> Result<BaselineFile, BrokenBaseline> {
    let file: BaselineFile = serde_json::from_str(text.trim_start_matches('\u{feff}'))
        .map_err(|error| BrokenBaseline { line: error.line().max(1), why: without_place(&error.to_string()) })?;
    let wrong = |key: &str, why: String| BrokenBaseline { line: line_of(text, &format!("\"{key}\"")), why };
    if file.schema != BASELINE_SCHEMA {
        return Err(wrong(
            "schema",
            format!("the schema is `{}`; this version reads `{BASELINE_SCHEMA}`", file.schema),
        ));
    }
    if file.scheme != SCHEME {
        let why = format!(
            "its fingerprints are of scheme `{}`, and this version makes `{SCHEME}`: write the baseline again",
            file.scheme
        );
        return Err(wrong("scheme", why));
    }
    for (key, day) in [("written", &file.written), ("updated", &file.updated)] {
        if !is_day(day) {
            return Err(wrong(key, format!("`{key}` is a day, `YYYY-MM-DD`")));
        }
    }
    if let Some(entry) = file.entries.iter().find(|entry| !is_day(&entry.first_seen)) {
        let line = line_of(text, &format!("\"{}\"", entry.fingerprint));
        return Err(BrokenBaseline { line, why: "`first_seen` is a day, `YYYY-MM-DD`".to_owned() });
    }
    Ok(file)
}

/// The message of a JSON error without the place, which is told apart from it.
fn without_place(message: &str) -> String {
    message.rsplit_once(" at line ").map_or(message, |(why, _)| why).to_owned()
}

fn is_day(text: &str) -> bool {
    text.len() == 10
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() })
}

/// Makes a baseline of an audit. What an older one knew already keeps its first day.
#[must_use]
pub fn make_baseline(audit: &Audit, old: Option<&BaselineFile>) -> BaselineFile {
    let today = &audit.knowledge.today;
    let old_entries = old.map_or(&[][..], |old| &old.entries);
    let mut by: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, entry) in old_entries.iter().enumerate() {
        by.entry(&entry.fingerprint).or_default().push(index);
        by.entry(&entry.kin).or_default().push(index);
    }
    // Of equal ones the oldest is taken first.
    by.values_mut().for_each(|list| list.sort_by(|a, b| old_entries[*b].first_seen.cmp(&old_entries[*a].first_seen)));
    let mut taken = vec![false; old_entries.len()];
    let mut entries: Vec<BaselineEntry> = audit
        .findings
        .iter()
        .filter(|finding| is_absorbed(finding) && finding.state != State::Suppressed)
        .map(|finding| BaselineEntry {
            path: finding.path.clone(),
            line: finding.line,
            rule: finding.rule.clone(),
            fingerprint: finding.fingerprint.clone(),
            kin: finding.kin.clone(),
            severity: finding.severity,
            decision: alone(finding),
            first_seen: today.clone(),
            places: if finding.places.len() > 1 { places(finding) } else { BTreeMap::new() },
            parts: finding.parts.clone(),
        })
        .collect();
    entries.sort();
    for key in [|entry: &BaselineEntry| entry.fingerprint.clone(), |entry: &BaselineEntry| entry.kin.clone()] {
        for entry in entries.iter_mut().filter(|entry| entry.first_seen == *today) {
            let list = by.get_mut(key(entry).as_str());
            // One entry gives its day to one finding.
            let free = list.and_then(|list| std::iter::from_fn(|| list.pop()).find(|index| !taken[*index]));
            if let Some(index) = free {
                taken[index] = true;
                entry.first_seen.clone_from(&old_entries[index].first_seen);
            }
        }
    }
    BaselineFile {
        schema: BASELINE_SCHEMA.to_owned(),
        scheme: SCHEME.to_owned(),
        written: old.map_or(today, |old| &old.written).clone(),
        updated: today.clone(),
        index: audit.knowledge.digest.clone(),
        tool: format!("{} {}", audit.tool.name, audit.tool.version),
        entries,
    }
}

impl BaselineFile {
    /// As text: one entry a line, so that a review shows what comes and goes.
    ///
    /// # Errors
    /// None that can happen: texts and numbers can always be written.
    pub fn text(&self) -> serde_json::Result<String> {
        let mut out = String::from("{\n");
        for (key, value) in [
            ("schema", &self.schema),
            ("scheme", &self.scheme),
            ("written", &self.written),
            ("updated", &self.updated),
            ("index", &self.index),
            ("tool", &self.tool),
        ] {
            out.push_str(&format!("  \"{key}\": {},\n", serde_json::to_string(value)?));
        }
        out.push_str("  \"entries\": [");
        for (at, entry) in self.entries.iter().enumerate() {
            out.push_str(if at == 0 { "\n    " } else { ",\n    " });
            out.push_str(&serde_json::to_string(entry)?);
        }
        out.push_str(if self.entries.is_empty() { "]\n}\n" } else { "\n  ]\n}\n" });
        Ok(out)
    }
}

/// Whether a baseline may hold a finding at all.
fn is_absorbed(finding: &Finding) -> bool {
    finding.impact != Some(Impact::Malicious)
}

/// What the policy makes of a finding by itself.
fn alone(finding: &Finding) -> Decision {
    finding.alone.unwrap_or(finding.decision)
}

fn identity(fingerprint: &str) -> &str {
    fingerprint.split_once(':').map_or(fingerprint, |(identity, _)| identity)
}

/// Gives every finding its state against a baseline. What is excused in another way stays so.
pub fn hold_against(audit: &mut Audit, file: &BaselineFile) -> Held {
    let files: BTreeSet<&str> = audit.coverage.files.iter().map(|file| file.path.as_str()).collect();
    let entries = &file.entries;
    let mut is_taken = vec![false; entries.len()];
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    // One after the other: a finding must not take the entry of one that it fits better.
    for way in [Way::Line, Way::Exact, Way::OtherContent, Way::Moved] {
        let mut open: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
        for (at, entry) in entries.iter().enumerate().rev().filter(|(at, _)| !is_taken[*at]) {
            // Where a file was moved, there is none any more at its old path.
            if way != Way::Moved || !files.contains(entry.path.as_str()) {
                open.entry(way.key(&entry.fingerprint, &entry.kin, entry.line)).or_default().push(at);
            }
        }
        for (at, finding) in audit.findings.iter().enumerate() {
            if !is_absorbed(finding) || taken.contains_key(&at) {
                continue;
            }
            let key = way.key(&finding.fingerprint, &finding.kin, finding.line);
            if let Some(entry) = open.get_mut(&key).and_then(Vec::pop) {
                is_taken[entry] = true;
                taken.insert(at, entry);
            }
        }
    }
    let mut held = Held { gone: file.entries.len() - taken.len(), ..Held::default() };
    let same_index = audit.knowledge.digest == file.index;
    for (at, finding) in audit.findings.iter_mut().enumerate() {
        if finding.state == State::Suppressed {
            continue;
        }
        let Some(entry) = taken.get(&at).and_then(|entry| file.entries.get(*entry)) else {
            if finding.state != State::Expired {
                finding.state = State::New;
            }
            continue;
        };
        let now = alone(finding);
        // A flaw that somebody scored anew is none that the tree made worse.
        let rose = now < entry.decision && (same_index || finding.advisory.is_none());
        let more = entry.more_places(finding, &files);
        let is_other = entry.fingerprint != finding.fingerprint && entry.path == finding.path && !entry.lists(finding);
        let since = &entry.first_seen;
        let why = if rose {
            Some(format!("the baseline has it since {since} as one that {}", verb(entry.decision)))
        } else if more > 0 {
            Some(format!("the baseline has it since {since}, without {more} of its {} places", finding.places.len()))
        } else {
            is_other.then(|| format!("the baseline has it since {since} with other content"))
        };
        finding.state = if let Some(why) = why {
            finding.evidence.push(why);
            State::Changed
        } else {
            held.known += 1;
            held.blocking += usize::from(now == Decision::Block);
            State::Existing
        };
    }
    held
}

fn verb(decision: Decision) -> &'static str {
    match decision {
        Decision::Block => "blocks",
        Decision::Advise => "advises",
        Decision::Note => "is noted",
    }
}

/// How an entry is told to be that of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Line,
    Exact,
    OtherContent,
    Moved,
}

impl Way {
    fn key<'a>(self, fingerprint: &'a str, kin: &'a str, line: u32) -> (&'a str, u32) {
        match self {
            Self::Line => (fingerprint, line),
            Self::Exact => (fingerprint, 0),
            Self::OtherContent => (identity(fingerprint), 0),
            Self::Moved => (kin, 0),
        }
    }
}

/// What a change adds to a baseline, and which findings that would excuse. `base` is none where the change brings
/// the file; `text` is that of `head`, for the lines.
#[must_use]
pub fn added_entries(
    path: &str,
    text: &str,
    base: Option<&BaselineFile>,
    head: &BaselineFile,
    findings: &[Finding],
) -> Vec<Approval> {
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for entry in base.iter().flat_map(|base| &base.entries) {
        *known.entry(&entry.fingerprint).or_default() += 1;
    }
    let excusable: BTreeSet<&str> =
        findings.iter().filter(|f| is_absorbed(f) && f.state.is_brought()).map(|f| f.fingerprint.as_str()).collect();
    let mut lines = lines_of(text, &head.entries);
    let mut out = Vec::new();
    for entry in &head.entries {
        let line = lines.get_mut(entry.fingerprint.as_str()).and_then(Vec::pop).unwrap_or(1);
        if let Some(left) = known.get_mut(entry.fingerprint.as_str()).filter(|left| **left > 0) {
            *left -= 1;
            continue;
        }
        if excusable.contains(entry.fingerprint.as_str()) {
            out.push(Approval {
                path: path.to_owned(),
                line: u32::try_from(line).unwrap_or(u32::MAX),
                text: format!("an entry of the baseline for {} in {}", entry.rule, entry.path),
                findings: vec![entry.fingerprint.clone()],
                by: None,
            });
        }
    }
    out
}

/// Lines on which the fingerprints of entries stand, the last first.
fn lines_of<'e>(text: &str, entries: &'e [BaselineEntry]) -> BTreeMap<&'e str, Vec<usize>> {
    let mut out: BTreeMap<&str, Vec<usize>> =
        entries.iter().map(|entry| (entry.fingerprint.as_str(), Vec::new())).collect();
    for (at, line) in text.lines().enumerate() {
        for word in line.split('"') {
            if let Some(lines) = out.get_mut(word) {
                lines.push(at + 1);
            }
        }
    }
    out.values_mut().for_each(|lines| lines.reverse());
    out
}

/// The line of the first place of a text, from 1.
fn line_of(text: &str, word: &str) -> usize {
    text.find(word).and_then(|at| text.get(..at)).map_or(1, |before| before.matches('\n').count() + 1)
}

#[cfg(test)]
#[path = "baseline_tests.rs"]
pub(super) mod tests;
