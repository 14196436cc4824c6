//! How parts relate, and the processes that make one from others.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Occurrence;
use super::Scope;

/// How one part stands to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    /// The id of the one.
    pub from: String,
    /// What it is to the other.
    pub kind: RelationKind,
    /// The id of the other.
    pub to: String,
    /// What it is needed for.
    pub scope: Scope,
    /// Where the tree says so.
    pub evidence: Vec<Occurrence>,
}

/// What one part is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// It needs it, loads it or calls it.
    DependsOn,
    /// It holds it.
    Contains,
    /// A model was made from that one by further training.
    FineTunedFrom,
    /// Weights of less precision, made from that one.
    QuantisedFrom,
    /// It was mixed from that one and others.
    MergedFrom,
    /// An adapter is put onto that one.
    AdapterOf,
    /// It was made from that one in a way that is not told.
    DerivedFrom,
    /// A model was trained on that data.
    TrainedOn,
    /// A model was measured with that data.
    TestedOn,
    /// It was trained by that script or recipe.
    TrainedBy,
    /// It was built from that: an image from a Dockerfile, a wheel from a crate.
    BuiltFrom,
    /// It was built, trained or checked with that tool.
    BuiltWith,
    /// It answers with that model.
    Serves,
    /// It is another copy of it.
    CopyOf,
}

impl RelationKind {
    /// The kind as our own JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DependsOn => "depends-on",
            Self::Contains => "contains",
            Self::FineTunedFrom => "fine-tuned-from",
            Self::QuantisedFrom => "quantised-from",
            Self::MergedFrom => "merged-from",
            Self::AdapterOf => "adapter-of",
            Self::DerivedFrom => "derived-from",
            Self::TrainedOn => "trained-on",
            Self::TestedOn => "tested-on",
            Self::TrainedBy => "trained-by",
            Self::BuiltFrom => "built-from",
            Self::BuiltWith => "built-with",
            Self::Serves => "serves",
            Self::CopyOf => "copy-of",
        }
    }

    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::DependsOn,
        Self::Contains,
        Self::FineTunedFrom,
        Self::QuantisedFrom,
        Self::MergedFrom,
        Self::AdapterOf,
        Self::DerivedFrom,
        Self::TrainedOn,
        Self::TestedOn,
        Self::TrainedBy,
        Self::BuiltFrom,
        Self::BuiltWith,
        Self::Serves,
        Self::CopyOf,
    ];

    /// The kind of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Whether it tells of which model another one was made.
    #[must_use]
    pub fn is_descent(self) -> bool {
        matches!(
            self,
            Self::FineTunedFrom | Self::QuantisedFrom | Self::MergedFrom | Self::AdapterOf | Self::DerivedFrom
        )
    }
}

/// A process that makes parts from others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Process {
    /// Its reference in the document.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it does: `train`, `build`, `test`, `copy`, as CycloneDX names task types.
    pub task: String,
    /// Ids of what goes in.
    pub inputs: BTreeSet<String>,
    /// Ids of what comes out.
    pub outputs: BTreeSet<String>,
    /// Ids of the scripts and recipes that are followed, in order.
    pub steps: Vec<String>,
    /// Settings of it that are written down: `learning_rate`.
    pub parameters: BTreeMap<String, String>,
    /// Where the tree says so.
    pub evidence: Vec<Occurrence>,
}
