//! What a change brings: how findings stand to the base, and what the verdict of a gate rests on.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Decision, Verdict};
use crate::diag::Severity;

/// A finding's state against a base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// The change brings it.
    New,
    /// The base has it about the same thing, with other content: another command, another address, another version
    /// of what is not judged by its version. It counts as new.
    Changed,
    /// What excused it has come to its end.
    Expired,
    /// The change brings what excuses it: somebody other than the change has to agree.
    NeedsApproval,
    /// The base has the same flaw of the same package in a sibling file.
    Spread,
    /// It stands in the base as well; where there is none, nothing is said of when it came.
    Existing,
    /// Something in force excuses it.
    Suppressed,
    /// The base has it and the change takes it away. Such findings stand in [`Gate::fixed`].
    Fixed,
}

impl State {
    /// All states, the weightiest first.
    pub const ALL: &'static [Self] = &[
        Self::New,
        Self::Changed,
        Self::Expired,
        Self::NeedsApproval,
        Self::Spread,
        Self::Existing,
        Self::Suppressed,
        Self::Fixed,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Changed => "changed",
            Self::Expired => "expired",
            Self::NeedsApproval => "needs-approval",
            Self::Spread => "spread",
            Self::Existing => "existing",
            Self::Suppressed => "suppressed",
            Self::Fixed => "fixed",
        }
    }

    /// Whether the change under review is answerable for it.
    #[must_use]
    pub fn is_brought(self) -> bool {
        matches!(self, Self::New | Self::Changed | Self::Expired | Self::NeedsApproval)
    }
}

/// Which findings a gate is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Those that the change brings.
    New,
    /// All, whenever they came.
    All,
}

impl Mode {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::All => "all",
        }
    }
}

/// What was compared with what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// Which findings it is held against.
    pub mode: Mode,
    /// The tree that was compared with; null where a baseline stands in for it.
    pub base: Option<Revision>,
    /// The tree that was judged.
    pub head: Revision,
    /// The baseline, where one stands in for the base.
    pub baseline: Option<Baseline>,
    /// Files that the change adds, alters or takes away.
    pub changed_files: usize,
    /// How many findings have which state, excused ones and fixed ones among them.
    pub counts: BTreeMap<State, usize>,
    /// Findings of the base that the change takes away, in order of weight.
    pub fixed: Vec<Fixed>,
    /// What the change itself brings to excuse findings, and what it would excuse.
    pub approvals: Vec<Approval>,
    /// Who forced the gate open, and why; null where nobody did.
    pub forced: Option<Override>,
}

/// A tree of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revision {
    /// As it was asked for.
    pub name: String,
    /// The commit; null for what is staged or lies in the work tree.
    pub commit: Option<String>,
    /// How it was found: `first parent of the merge commit`.
    pub how: String,
}

/// A file that lists findings that were accepted as they stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Baseline {
    /// Where it lies, as it was named.
    pub path: String,
    /// SHA-256 of it, hex.
    pub digest: String,
    /// The day it was first written, `YYYY-MM-DD`.
    pub written: String,
    /// Days between that and the audit.
    pub age_days: i64,
    /// Findings in it.
    pub entries: usize,
    /// How many of them are no longer found.
    pub gone: usize,
    /// How many would block by themselves.
    pub blocking: usize,
}

/// A finding of the base that is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fixed {
    /// The rule's id.
    pub rule: String,
    /// How bad it was.
    pub severity: Severity,
    /// What the policy made of it.
    pub decision: Decision,
    /// One sentence.
    pub message: String,
    /// File of the base.
    pub path: String,
    /// 1-based, in the base.
    pub line: u32,
    /// Its fingerprint.
    pub fingerprint: String,
}

/// What a change brings to excuse findings: a comment, an entry of the policy, a baseline's line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Approval {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: u32,
    /// What stands there, in a few words.
    pub text: String,
    /// Fingerprints of what it would excuse.
    pub findings: Vec<String>,
    /// Who agreed, where somebody other than the change did: `label custody-approved`.
    pub by: Option<String>,
}

/// A gate that was forced open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Override {
    /// Who or what did it: `label custody-break-glass`, `--break-glass`.
    pub by: String,
    /// Why, in their words.
    pub reason: String,
    /// The verdict without it.
    pub verdict: Verdict,
}

/// The verdict of one part of a monorepo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceVerdict {
    /// Its name.
    pub name: String,
    /// Who owns it, where that is said.
    pub owner: Option<String>,
    /// What it ships, as the policy names it.
    pub ships: Vec<String>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Findings of it that block.
    pub block: usize,
    /// Findings of it that advise.
    pub advise: usize,
}
