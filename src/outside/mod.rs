//! Knowledge from outside comes through one door. Questions are about supply chains, never about
//! HTTP; offline is an oracle that says it does not know. `live` is the network, which no oracle uses.

pub mod cached;
pub mod live;

use std::collections::BTreeMap;

use crate::advisory::Match;
use crate::graph::NodeId;

/// What a rule may ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Which advisories name this release of a crate.
    Crate {
        /// Name on the registry.
        name: String,
        /// Version.
        version: String,
    },
    /// Which advisories name this toolchain.
    Toolchain {
        /// Channel as written: `1.85.1`, `nightly-2026-01-01`.
        channel: String,
    },
    /// Which advisories name this action at this reference.
    Action {
        /// `owner/repo`.
        repository: String,
        /// Folder in it; empty for the root.
        path: String,
        /// Tag, branch or commit.
        reference: String,
    },
}

/// What is known.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Advisories that apply; empty where none does.
    Advisories(Vec<Match>),
    /// It cannot be told, and why.
    Unknown(String),
}

/// Answers questions, one answer for each, in order.
pub trait Oracle: Sync {
    /// Asks all at once.
    fn ask(&self, questions: &[Question]) -> Vec<Answer>;
}

/// Answers by node of the graph.
#[derive(Debug, Default)]
pub struct Known {
    answers: BTreeMap<NodeId, Answer>,
}

impl Known {
    /// Pairs nodes with their answers.
    #[must_use]
    pub fn new(answers: BTreeMap<NodeId, Answer>) -> Self {
        Self { answers }
    }

    /// Advisories that apply to a node.
    #[must_use]
    pub fn advisories(&self, node: NodeId) -> &[Match] {
        match self.answers.get(&node) {
            Some(Answer::Advisories(matches)) => matches,
            _ => &[],
        }
    }

    /// Nodes about which nothing could be told, and why.
    pub fn unknown(&self) -> impl Iterator<Item = (NodeId, &str)> {
        self.answers.iter().filter_map(|(node, answer)| match answer {
            Answer::Unknown(why) => Some((*node, why.as_str())),
            Answer::Advisories(_) => None,
        })
    }
}
