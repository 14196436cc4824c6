//! One type for everything that is said: findings, gaps in reading, mistakes in configuration.
//! It knows no renderer.

pub mod fingerprint;
pub mod redact;
mod stance;

pub use stance::FlawStatus;
pub use stance::Stance;

use serde::{Deserialize, Serialize};

use crate::graph::NodeId;
use crate::source::{Place, Role};

/// How bad it is if it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// A weakness that needs another to matter.
    Low,
    /// A weakness.
    Medium,
    /// Somebody else's code or data can take over.
    High,
    /// It has, or needs nothing else to.
    Critical,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure we are that it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Confidence {
    /// A person should look.
    Low,
    /// True as far as the files tell; something that decides it lies outside them.
    Medium,
    /// The files prove it.
    High,
}

impl Confidence {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// What a weakness reaches. The built-in policy blocks by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Impact {
    /// The code is known to be malicious.
    Malicious,
    /// A stranger can have their code executed.
    StrangerExecutes,
    /// Unverified or movable code runs where secrets or a token that writes can be read.
    ReachesSecrets,
    /// Unverified or movable code runs in a job that releases.
    ReachesRelease,
    /// Unverified or movable code goes into an image that is deployed.
    ReachesImage,
    /// A release that is already locked has other bytes than before.
    AltersRelease,
    /// The change takes away what judges it.
    TakesGateAway,
}

impl Impact {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Malicious => "malicious code",
            Self::StrangerExecutes => "a stranger's code is executed",
            Self::ReachesSecrets => "reaches secrets or a writing token",
            Self::ReachesRelease => "reaches a release",
            Self::ReachesImage => "reaches an image",
            Self::AltersRelease => "a locked release has other bytes",
            Self::TakesGateAway => "takes the gate away",
        }
    }
}

/// A place and what to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub place: Place,
    /// What is there, a fragment without full stop.
    pub text: String,
}

/// One hop of the way by which the project reaches the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    /// What is passed through: `schedule`, `job publish`, `crate hyper 0.14.2`.
    pub text: String,
    /// Where it stands, if in one place.
    pub place: Option<Place>,
}

/// The advisory behind a finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Topic {
    /// Its main id.
    pub id: String,
    /// Its other ids.
    pub aliases: Vec<String>,
    /// CVSS base score, 0 to 10; `None` where nobody scored it, which is not 0.
    pub score: Option<f64>,
    /// Versions that fix it, as the advisory writes them; empty where there are none.
    pub fixed: Vec<String>,
    /// The version to move to: the smallest above the present one that fixes it, and where that is
    /// known all other flaws of the package.
    pub upgrade: Option<String>,
    /// What the database calls the flaw, redacted and cut; only a local index has titles.
    #[serde(default)]
    pub title: Option<String>,
}

/// What a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Subject {
    /// Node kind: `crate`, `action`, `image`, ...
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Its version or reference.
    pub version: Option<String>,
    /// Its package URL.
    pub purl: Option<String>,
}

/// A change to one file that would answer a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    /// The bytes that go; an empty span inserts.
    pub place: Place,
    /// The text that comes in their place.
    pub text: String,
}

/// What excuses a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiver {
    /// `ignored in FILE line N: why`.
    pub text: String,
    /// What stands there.
    pub by: WaivedBy,
    /// Where it stands, if in the tree that is judged.
    pub at: Option<Place>,
    /// What it says of a flaw in the terms of VEX, where it says so much.
    pub stance: Option<Stance>,
}

/// Where a finding is excused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WaivedBy {
    /// A comment beside the line.
    Comment,
    /// A file in which another tool is told what to ignore.
    IgnoreFile,
    /// An entry of the policy.
    Policy,
    /// A statement of a VEX document.
    Vex,
    /// A line of a baseline.
    Baseline,
}

/// Something found.
#[derive(Debug, Clone, PartialEq)]
pub struct Diagnostic {
    /// The rule's id.
    pub rule: &'static str,
    /// How bad.
    pub severity: Severity,
    /// How sure.
    pub confidence: Confidence,
    /// One sentence, names the thing, no full stop.
    pub message: String,
    /// The line a person would change.
    pub primary: Label,
    /// Every other place this stands for.
    pub places: Vec<Place>,
    /// Places that help to understand it.
    pub related: Vec<Label>,
    /// What it is about.
    pub subject: Option<Subject>,
    /// The node it is about.
    pub node: Option<NodeId>,
    /// How the project comes to reach it.
    pub route: Vec<Hop>,
    /// What to do: a sentence, or a command after a colon.
    pub advice: Vec<String>,
    /// What the finding rests on.
    pub evidence: Vec<String>,
    /// What it reaches.
    pub impact: Option<Impact>,
    /// The advisory.
    pub topic: Option<Topic>,
    /// Role of what is affected, where it differs from the file's.
    pub role: Option<Role>,
    /// Content the finding is about, for the content hash; the identity does not hold it.
    pub content: String,
    /// Digests of the things that the content lists, where it is a list.
    pub parts: Vec<String>,
    /// The place inside the file by what it is called: a job and its step; empty where it has no name.
    pub anchor: String,
    /// Whether it may stand for several places: then it is not known by the anchor of one of them.
    pub joins: bool,
    /// Edits that answer it together, where it has one right answer that needs no network; `fix` shows and
    /// applies them.
    pub fix: Vec<Edit>,
    /// Members of an archive on the way to it, joined by `!`; none in the file itself.
    pub inner_path: Option<String>,
    /// Bytes from the start of the innermost member, where the file is no text.
    pub offset: Option<u64>,
}
