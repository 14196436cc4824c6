//! The audit: everything a report may say, self-contained, and the JSON contract
//! `custody/audit/v1` at the same time. Its schema is published as `docs/audit-v1.schema.json`.
//!
//! The same tree, the same index and the same day give the same bytes: nothing here holds a time
//! span, a thread's order or a path of the machine.

mod coverage;
mod gate;
#[cfg(test)]
mod plain;

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

pub use coverage::{Coverage, CoveredFile, Gap, Level, LockEvidence, NotAuditable, Passed, Status};
pub use gate::{Approval, Baseline, Fixed, Gate, Mode, Override, Revision, ServiceVerdict, State};

use crate::diag::{Confidence, Impact, Severity, Stance, Subject, Topic, WaivedBy};
use crate::source::Role;

/// Name of the contract.
pub const SCHEMA: &str = "custody/audit/v1";
/// Readers of what a tree says of itself, to us and to other tools.
const OF_ITSELF: &[&str] = &["custody-config", "lines"];

/// An audit as it is saved and rendered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// [`SCHEMA`].
    pub schema: String,
    /// Who wrote it.
    pub tool: Tool,
    /// The package at the root of the tree; null where there is none. A folder's name is the
    /// machine's business.
    pub name: Option<String>,
    /// Where the tree lies in its repository; empty where it is the whole of it. Paths are from the
    /// tree's root.
    pub prefix: String,
    /// What VEX documents call the tree, and who answers for what is said of it; absent where neither is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_as: Option<KnownAs>,
    /// The commit that was checked out; null outside a repository.
    pub commit: Option<String>,
    /// The policy in force, by name.
    pub policy: String,
    /// SHA-256 of the policy in force, hex.
    pub policy_digest: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether everything of a known kind could be read that the verdict is held against.
    pub complete: bool,
    /// What was compared, where there was something to compare with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// Verdicts of the parts of a monorepo, where some are configured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub services: Vec<ServiceVerdict>,
    /// What was found, in order of weight.
    pub findings: Vec<Finding>,
    /// How findings are shown together; each finding that is `shown` is in one group.
    pub groups: Vec<Group>,
    /// What is right, in sentences.
    pub good: Vec<String>,
    /// What was looked at.
    pub coverage: Coverage,
    /// What was known.
    pub knowledge: Knowledge,
    /// The rules that fired, with their pages.
    pub rules: Vec<RuleInfo>,
    /// Lines around the primary places, redacted.
    pub excerpts: Vec<Excerpt>,
}

/// What VEX documents call the tree, and who answers for what is said of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownAs {
    /// Package URLs and addresses, the one that is written first.
    pub products: Vec<String>,
    /// Who answers, as `[sbom] author` says.
    pub authors: Vec<String>,
}

/// The program that made the audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// `cargo-custody`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// How an audit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Nothing blocks and everything could be read.
    Pass,
    /// Something blocks.
    Fail,
    /// Nothing blocks, but something could not be read.
    Incomplete,
}

impl Verdict {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "fail",
            Self::Incomplete => "incomplete",
        }
    }
}

/// What the policy makes of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decision {
    /// The gate fails for it.
    Block,
    /// It is worth reading.
    Advise,
    /// It is kept for `--all`.
    Note,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// The rule's family.
    pub family: String,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// What the affected thing is for.
    pub role: Role,
    /// Whether the default screen shows it: the policy's noise level, not the screen's length.
    pub shown: bool,
    /// What the policy makes of it.
    pub decision: Decision,
    /// Why it blocks; null where it does not.
    pub because: Option<String>,
    /// One sentence.
    pub message: String,
    /// File of the line a person would change.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// 1-based.
    pub end_line: u32,
    /// 1-based, one past the last character.
    pub end_column: u32,
    /// What stands at that line, in a few words.
    pub label: String,
    /// Member of an archive, where the place lies in one.
    pub inner_path: Option<String>,
    /// Byte offset in a binary file.
    pub offset: Option<u64>,
    /// Every place it stands for, the primary one first.
    pub places: Vec<Spot>,
    /// Places that help to understand it.
    pub related: Vec<Related>,
    /// What it is about.
    pub subject: Option<Subject>,
    /// The advisory behind it.
    pub advisory: Option<Topic>,
    /// Part of a monorepo it belongs to, where one is configured.
    pub service: Option<String>,
    /// Who owns it, where that is configured.
    pub owner: Option<String>,
    /// What excuses it, where something does.
    pub waiver: Option<String>,
    /// What kind of thing excuses it; absent where nothing does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived_by: Option<WaivedBy>,
    /// Where that stands in the tree, if it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived_at: Option<Spot>,
    /// What somebody says of the flaw in the terms of VEX; absent where nobody does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stance: Option<Stance>,
    /// What it rests on.
    pub evidence: Vec<String>,
    /// What it reaches.
    pub impact: Option<Impact>,
    /// How the project comes to reach it.
    pub route: Vec<Step>,
    /// What to do.
    pub advice: Vec<String>,
    /// Edits that answer it together, where it has one right answer that needs no network.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fix: Vec<Replacement>,
    /// Its identity across commits, see `diag::fingerprint`.
    pub fingerprint: String,
    /// What it is, without the path, the place in it and the content: what it is known by where its file was moved.
    /// Audits of older versions lack it.
    #[serde(default)]
    pub kin: String,
    /// Digests of the things it lists, where it is about a list. 16 hex digits each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
    /// How it stands to the base; `existing` where there is none to compare with.
    pub state: State,
    /// What the policy makes of it by itself, before its state and what excuses it are considered; absent where
    /// that is the decision.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alone: Option<Decision>,
}

/// An edit of one file: the text that goes, by its place, and what comes there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// 1-based, in characters.
    pub column: u32,
    /// 1-based.
    pub end_line: u32,
    /// 1-based, one past the last character that goes.
    pub end_column: u32,
    /// What comes.
    pub text: String,
}

/// A place by line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Spot {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: u32,
}

/// A place that helps to understand a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Related {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// What is there.
    pub why: String,
}

/// One hop of a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// What is passed through.
    pub text: String,
    /// Where it stands, if in one place.
    pub path: Option<String>,
    /// 1-based.
    pub line: Option<u32>,
}

/// Findings that are shown together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// What the policy makes of them.
    pub decision: Decision,
    /// One line that stands for all.
    pub title: String,
    /// Further lines, the most useful first.
    pub lines: Vec<String>,
    /// What to do about all of them.
    pub fix: Option<String>,
    /// Positions in `findings`, the weightiest first.
    pub findings: Vec<usize>,
}

/// What was known, and as of when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Knowledge {
    /// `embedded`, or the name of another index.
    pub index: String,
    /// SHA-256 of the index, hex.
    pub digest: String,
    /// The day of the audit, `YYYY-MM-DD`.
    pub today: String,
    /// Where the records come from.
    pub sources: Vec<KnowledgeSource>,
    /// Whether anything was asked of the network.
    pub online: bool,
    /// The days of what registries said, where any did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registries: Option<RegistryDays>,
}

/// Days of answers of registries; those that were kept are older.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryDays {
    /// The oldest, `YYYY-MM-DD`.
    pub oldest: String,
    /// The newest, `YYYY-MM-DD`.
    pub newest: String,
}

/// One source of the index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnowledgeSource {
    /// What it covers: `crates.io`, `PyPI`, ...
    pub ecosystem: String,
    /// Who publishes it.
    pub name: String,
    /// Its commit, where it has one.
    pub commit: String,
    /// The day it speaks of, `YYYY-MM-DD`.
    pub as_of: String,
    /// Days between that and the audit.
    pub age_days: i64,
    /// Records.
    pub records: usize,
}

/// A rule, as data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleInfo {
    /// Id.
    pub id: String,
    /// Family.
    pub family: String,
    /// Title.
    pub title: String,
    /// Its usual severity.
    pub severity: Severity,
    /// Its page, Markdown.
    pub page: String,
}

/// Lines of a file, redacted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The file.
    pub path: String,
    /// 1-based number of the first line.
    pub start: u32,
    /// The lines.
    pub lines: Vec<String>,
}

impl Audit {
    /// Whether everything could be read that the verdict is held against, and there was something to look at.
    #[must_use]
    pub fn completeness(&self) -> bool {
        let lost = |f: &CoveredFile| f.counts && !matches!(f.status, Status::Read | Status::Skipped);
        // What a tree says of itself is nothing to look at.
        let is_policy = |f: &CoveredFile| OF_ITSELF.contains(&f.reader.as_str());
        let nothing_here = self.coverage.files.iter().all(is_policy) && self.coverage.out_of_scope.is_empty();
        !self.coverage.files.iter().any(lost)
            && !self.coverage.passed_over.iter().any(|p| p.counts)
            && self.coverage.unknown.is_empty()
            && !self.knowledge.sources.is_empty()
            && !nothing_here
    }

    /// The verdict that follows from the decisions: a saved audit may have been edited.
    #[must_use]
    pub fn judged(&self) -> Verdict {
        match (self.findings.iter().any(|f| f.decision == Decision::Block), self.complete) {
            (true, _) => Verdict::Fail,
            (false, false) => Verdict::Incomplete,
            (false, true) => Verdict::Pass,
        }
    }

    /// The exit code, the same for every report. A gate that somebody forced open says so in every report and
    /// lets the change in.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        if self.gate.as_ref().is_some_and(|gate| gate.forced.is_some()) {
            return 0;
        }
        match self.judged() {
            Verdict::Pass => 0,
            Verdict::Fail => 1,
            Verdict::Incomplete => 3,
        }
    }

    /// The audit with paths from the root of the repository.
    #[must_use]
    pub fn rooted(&self) -> Cow<'_, Self> {
        if self.prefix.is_empty() {
            return Cow::Borrowed(self);
        }
        let mut out = self.clone();
        let prefix = std::mem::take(&mut out.prefix);
        let put = |path: &mut String| path.insert_str(0, &format!("{prefix}/"));
        if let Some(gate) = &mut out.gate {
            gate.fixed.iter_mut().for_each(|f| put(&mut f.path));
            gate.approvals.iter_mut().for_each(|a| put(&mut a.path));
        }
        for finding in &mut out.findings {
            put(&mut finding.path);
            finding.places.iter_mut().for_each(|p| put(&mut p.path));
            finding.related.iter_mut().for_each(|r| put(&mut r.path));
            finding.waived_at.iter_mut().for_each(|s| put(&mut s.path));
            finding.route.iter_mut().filter_map(|s| s.path.as_mut()).for_each(put);
        }
        out.coverage.files.iter_mut().for_each(|f| put(&mut f.path));
        out.coverage.gaps.iter_mut().for_each(|g| put(&mut g.path));
        out.coverage.evidence.iter_mut().for_each(|e| put(&mut e.path));
        out.coverage.passed_over.iter_mut().for_each(|p| put(&mut p.path));
        out.excerpts.iter_mut().for_each(|e| put(&mut e.path));
        Cow::Owned(out)
    }

    /// Findings of one decision.
    pub fn decided(&self, decision: Decision) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(move |f| f.decision == decision)
    }
}
