//! The oracle of the embedded index: the default, and offline.

use semver::Version;

use super::{Answer, Oracle, Question};
use crate::advisory::{Index, IndexError, Match, match_action, match_crate, match_toolchain};

/// Answers from an index in memory.
#[derive(Debug)]
pub struct Cached<'a> {
    index: &'a Index,
}

impl<'a> Cached<'a> {
    /// An oracle over an index.
    #[must_use]
    pub fn new(index: &'a Index) -> Self {
        Self { index }
    }

    fn answer(&self, question: &Question) -> Answer {
        match question {
            Question::Crate { name, version } => match Version::parse(version) {
                Ok(version) => known(match_crate(self.index, name, &version)),
                Err(_) => Answer::Unknown(format!("version `{version}` cannot be compared")),
            },
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
        questions.iter().map(|q| self.answer(q)).collect()
    }
}
