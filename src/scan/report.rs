//! What is known of a file after its scan.

use std::collections::BTreeSet;

use super::{Format, Rule, Weights};

/// What a file is. The order is that of gravity: a file is the gravest of what was found in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Verdict {
    /// All that could execute was read and is known to be harmless.
    #[default]
    Clean,
    /// Something was not read: encrypted, too large, of an unknown kind.
    Unread,
    /// It breaks the rules of its format, so that readers may see different things.
    Malformed,
    /// It holds what is not known to be harmless and needs a person's eyes.
    Suspicious,
    /// Loading it runs, reads or writes what whoever made it chose.
    Dangerous,
}

impl Verdict {
    /// The word for it, as the JSON has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Unread => "unread",
            Self::Malformed => "malformed",
            Self::Suspicious => "suspicious",
            Self::Dangerous => "dangerous",
        }
    }
}

/// Something found in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind of thing.
    pub rule: &'static Rule,
    /// One sentence, names the thing, no full stop.
    pub message: String,
    /// Where, in bytes from the start of the innermost part that [`Finding::inner_path`] names; none where
    /// it is about the file as a whole.
    pub offset: Option<u64>,
    /// Members on the way to it, joined by `!`, as in `archive.zip!model/data.pkl`; none in the file itself.
    pub inner_path: Option<String>,
}

/// How much of a pickle is more than data, the gravest of all pickles in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PickleClass {
    /// No global is named.
    DataOnly,
    /// All globals are known, each with the use that is made of it.
    AllowListed,
    /// Some global is not known.
    Unknown,
    /// Some global is known to execute, load, read or write.
    Dangerous,
}

impl PickleClass {
    /// The word for it, as the JSON has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DataOnly => "data-only",
            Self::AllowListed => "allow-listed",
            Self::Unknown => "unknown",
            Self::Dangerous => "dangerous",
        }
    }
}

/// A global that some pickle of the file names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Global {
    /// The module, as the pickle spells it.
    pub module: String,
    /// The name in it, dots included.
    pub name: String,
    /// How it is rated.
    pub class: PickleClass,
}

/// What `torch.load(path, weights_only=True)` of the newest torch does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WeightsOnly {
    /// It loads.
    Loads,
    /// It refuses, and why.
    Refuses {
        /// The first reason, one sentence fragment.
        why: String,
        /// Globals that a person would have to allow, `module.name`, in order.
        globals: Vec<String>,
    },
}

/// What is known of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileReport {
    /// What it was called.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// What it is, by its content.
    pub format: Format,
    /// The gravest of all findings.
    pub verdict: Verdict,
    /// What torch's restricted loader does with it; none where that loader is not for such files.
    pub weights_only: Option<WeightsOnly>,
    /// The gravest class of all pickles in it; none where there is none.
    pub pickle: Option<PickleClass>,
    /// Globals that its pickles name, each once.
    pub globals: BTreeSet<Global>,
    /// SHA-256 of the whole file, lower-case hexadecimal, where it was asked for.
    pub sha256: Option<String>,
    /// What was found, gravest first, then by place.
    pub findings: Vec<Finding>,
    /// How many more findings there were than are kept.
    pub more: usize,
    /// What its header says of the model; none of formats whose header says nothing.
    pub weights: Option<Box<Weights>>,
}

impl FileReport {
    /// Adds what is only known of a file together with those around it.
    pub(super) fn add(&mut self, rule: &'static Rule, message: String) {
        self.verdict = self.verdict.max(rule.verdict);
        self.findings.push(Finding { rule, message, offset: None, inner_path: None });
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.rule.severity));
    }

    /// Whether something of it was not read, or read as something that readers see differently.
    #[must_use]
    pub fn is_incomplete(&self) -> bool {
        self.findings.iter().any(|finding| matches!(finding.rule.verdict, Verdict::Unread | Verdict::Malformed))
            || matches!(self.verdict, Verdict::Unread | Verdict::Malformed)
    }
}
