//! The oracle of the embedded index: the default, and offline.

use semver::Version;

use super::{Answer, Oracle, Question};
use crate::advisory::pep440::{Comparison, Exposures};
use crate::advisory::{Ecosystem, Index, IndexError, Match, match_action, match_crate, match_toolchain};

/// Answers from an index in memory.
#[derive(Debug)]
pub struct Cached<'a> {
    index: &'a Index,
}

/// Releases and requirements of one distribution that are compared with advisories. A tree that names
/// more of them wants to be slow.
const MAX_ASKED: usize = 256;

impl<'a> Cached<'a> {
    /// An oracle over an index.
    #[must_use]
    pub fn new(index: &'a Index) -> Self {
        Self { index }
    }

    /// Questions in a row about one distribution. Unpacking its records costs more than comparing with
    /// them.
    fn of_distribution(&self, name: &str, questions: &[Question]) -> Vec<Answer> {
        let advisories = match self.index.lookup(Ecosystem::PyPi, name) {
            Ok(advisories) => advisories,
            Err(error) => return questions.iter().map(|_| unreadable(&error)).collect(),
        };
        let comparison = Comparison::of(&advisories);
        let mut exposures = None;
        let mut answer = |(index, question): (usize, &Question)| match question {
            _ if index >= MAX_ASKED && !advisories.is_empty() => {
                Answer::Unknown(format!("more than {MAX_ASKED} of its releases or ranges, the rest are not compared"))
            }
            Question::Distribution { version, .. } => comparison.with(version).map_or_else(
                || Answer::Unknown(format!("version `{version}` cannot be compared with those of advisories")),
                Answer::Advisories,
            ),
            Question::Requirement { specifiers, .. } => {
                let exposures = exposures.get_or_insert_with(|| Exposures::of(&advisories));
                exposures.within(specifiers).map_or_else(
                    || Answer::Unknown(format!("`{specifiers}` cannot be compared with versions of advisories")),
                    Answer::Exposure,
                )
            }
            other => self.answer(other),
        };
        questions.iter().enumerate().map(&mut answer).collect()
    }

    fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Crate { name, version } => match Version::parse(version) {
                Ok(version) => known(match_crate(self.index, name, &version)),
                Err(_) => Answer::Unknown(format!("version `{version}` cannot be compared")),
            },
            Question::Distribution { name, .. } | Question::Requirement { name, .. } => self
                .of_distribution(name, std::slice::from_ref(question))
                .pop()
                .unwrap_or_else(|| Answer::Unknown("no answer".to_owned())),
            Question::Toolchain { channel } => match match_toolchain(self.index, channel) {
                // A channel that names no version is what it says; there is nothing to look up.
                Ok(None) => Answer::Advisories(Vec::new()),
                Ok(Some(matches)) => Answer::Advisories(matches),
                Err(error) => unreadable(&error),
            },
            Question::Action { repository, path, reference } => {
                known(match_action(self.index, repository, path, reference))
            }
        }
    }
}

fn known(result: Result<Vec<Match>, IndexError>) -> Answer {
    result.map_or_else(|error| unreadable(&error), Answer::Advisories)
}

fn unreadable(error: &IndexError) -> Answer {
    Answer::Unknown(format!("the advisory index cannot be read: {error}"))
}

impl Oracle for Cached<'_> {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let in_a_row =
            questions.chunk_by(|one, next| distribution(one).is_some() && distribution(one) == distribution(next));
        in_a_row
            .flat_map(|questions| match questions.first().and_then(distribution) {
                Some(name) => self.of_distribution(name, questions),
                None => questions.iter().map(|question| self.answer(question)).collect(),
            })
            .collect()
    }
}

/// The distribution of PyPI that a question is about.
fn distribution(question: &Question) -> Option<&str> {
    match question {
        Question::Distribution { name, .. } | Question::Requirement { name, .. } => Some(name),
        _ => None,
    }
}
