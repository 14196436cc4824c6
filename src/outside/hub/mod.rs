//! Hubs of models, registries of images and servers of tools as an oracle: what a name that moves leads to now.
//!
//! Which document is asked for and what it means is decided here; how it comes over the network is behind [`Ask`].
//! Every answer is a stranger's: its size and the number of its parts are bounded, and what cannot be had or
//! understood leaves its question, or its file, without an answer. A tree must not choose who is contacted: registries
//! and servers are asked where a person or this program names their hosts.
//!
//! Sources: Hugging Face, "Hub API Endpoints", and the requests of `huggingface_hub`; OCI, "Distribution
//! Specification"; Docker, "Token authentication specification".

mod contents;
mod facts;
mod image;
mod listing;
mod manners;
mod repository;
mod tool;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Answer;
use super::Oracle;
use super::Question;
use crate::advisory::Date;

use manners::Manners;
use manners::at_once;

pub use facts::ContentFacts;
pub use facts::HubFile;
pub use facts::HubFilesFacts;
pub use facts::HubRevisionFacts;
pub use facts::HubState;
pub use facts::RepoKind;

/// Names and addresses that are asked about in one go: a tree decides how many there are.
pub const MAX_QUESTIONS: usize = 1_024;
/// Most bytes of a document of an API.
const MOST: u64 = 32 << 20;

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Site {
    /// The hub, whose address a person may choose.
    Hub,
    /// A registry of images, by host and port.
    Registry(String),
    /// An address that a registry names, for a token.
    At(String),
}

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// Who has it.
    pub site: Site,
    /// The segments of its path below the site's address.
    pub path: Vec<String>,
    /// What follows the question mark.
    pub query: Option<String>,
    /// Media types that are understood; empty for any.
    pub accept: &'static str,
    /// Whether the headers alone are wanted.
    pub is_head: bool,
    /// A token that a registry gave.
    pub bearer: Option<String>,
    /// Most bytes of the answer.
    pub most: u64,
}

/// What is answered, whatever its code.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reply {
    /// The code.
    pub code: u16,
    /// Headers that count, by their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The content.
    pub bytes: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// Asks over a network.
pub trait Ask: Sync {
    /// An answer of any code.
    ///
    /// # Errors
    /// Why there is none; the reason names no document, so that it is one reason for many of them.
    fn ask(&self, request: &Request) -> Result<Reply, String>;

    /// The SHA-256 of what an address holds and its bytes, of which none are kept.
    ///
    /// # Errors
    /// Why it cannot be told.
    fn digest(&self, url: &str, most: u64) -> Result<([u8; 32], u64), String>;
}

/// How hubs, registries and servers are asked.
#[derive(Debug, Clone)]
pub struct Manner {
    /// The day.
    pub today: Date,
    /// Registries and servers that may be asked, as a tree writes their hosts, in lower case.
    pub hosts: BTreeSet<String>,
    /// Questions that are under way at once.
    pub at_once: usize,
}

/// The oracle.
pub struct Hubs<'a> {
    manners: Manners<'a>,
}

impl std::fmt::Debug for Hubs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hubs").field("manner", &self.manners.manner).finish_non_exhaustive()
    }
}

impl<'a> Hubs<'a> {
    /// An oracle that asks by means of `ask`.
    #[must_use]
    pub fn new(ask: &'a dyn Ask, manner: Manner) -> Self {
        Self { manners: Manners::new(ask, manner) }
    }

    fn answer(&self, question: &Question) -> Answer {
        let manners = &self.manners;
        let answer = match question {
            Question::HubRevision { kind, name, revision } => {
                repository::revision(manners, *kind, name, revision.as_deref()).map(Answer::HubRevision)
            }
            Question::HubFiles { kind, name, commit } => {
                repository::files(manners, *kind, name, commit).map(|facts| Answer::HubFiles(facts.into()))
            }
            Question::HubContent { kind, name, commit, path } => {
                contents::content(manners, *kind, name, commit, path).map(|bytes| Answer::HubContent(bytes.into()))
            }
            Question::Image { reference } => image::digest(manners, reference).map(Answer::Image),
            Question::Tool { url } => tool::digest(manners, url).map(Answer::Tool),
            _ => Err("hubs do not know".to_owned()),
        };
        answer.unwrap_or_else(Answer::Unknown)
    }
}

impl Oracle for Hubs<'_> {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let asked = questions.len().min(MAX_QUESTIONS);
        let (asked, left) = questions.split_at(asked);
        // A list of files is asked for by several at once itself.
        let (many, few): (Vec<_>, Vec<_>) =
            asked.iter().enumerate().partition(|(_, question)| matches!(question, Question::HubFiles { .. }));
        let mut answers: BTreeMap<usize, Answer> =
            at_once(self.manners.manner.at_once, few, |(at, question)| (at, self.answer(question)))
                .into_iter()
                .collect();
        answers.extend(many.into_iter().map(|(at, question)| (at, self.answer(question))));
        let unasked = || Answer::Unknown(format!("more than {MAX_QUESTIONS} names, the rest were not asked about"));
        let of_asked = (0..asked.len()).map(|at| answers.remove(&at).unwrap_or_else(unasked)).collect::<Vec<_>>();
        of_asked.into_iter().chain(left.iter().map(|_| unasked())).collect()
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        question.is_of_hubs()
    }
}

#[cfg(test)]
mod tests;
