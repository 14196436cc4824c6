//! The oracle of the embedded index: the default, and offline.

use std::collections::BTreeSet;

use semver::Version;

use super::{Answer, Oracle, Question};
use crate::advisory::pep440::Flaws;
use crate::advisory::{Ecosystem, Index, IndexError, Match, malware, match_action, match_crate, match_toolchain};

/// Answers from an index in memory.
#[derive(Debug)]
pub struct Cached<'a> {
    index: &'a Index,
}

/// The distribution that was asked about last, with what advisories say of it. A name is mostly asked
/// about several times in a row, and unpacking its records costs more than comparing with them.
type Last<'q> = Option<LastName<'q>>;

struct LastName<'q> {
    name: &'q str,
    flaws: Flaws,
    /// How often it was asked about in a row.
    asked: usize,
}

/// Releases and ranges of one name that are compared with its advisories. A tree may ask about as many
/// as it likes, and some names have hundreds of advisories.
const MAX_ASKED: usize = 512;

impl<'a> Cached<'a> {
    /// An oracle over an index.
    #[must_use]
    pub fn new(index: &'a Index) -> Self {
        Self { index }
    }

    fn answer<'q>(&self, question: &'q Question, last: &mut Last<'q>) -> Answer {
        match question {
            Question::Crate { name, version } => match Version::parse(version) {
                Ok(version) => known(match_crate(self.index, name, &version)),
                Err(_) => Answer::Unknown(format!("version `{version}` cannot be compared")),
            },
            Question::Distribution { name, version } => match self.distribution(name, last) {
                Ok(None) => too_many(),
                Ok(Some(flaws)) => flaws.matching(version).map_or_else(
                    || Answer::Unknown(format!("version `{version}` cannot be compared with those of advisories")),
                    Answer::Advisories,
                ),
                Err(error) => unreadable(&error),
            },
            Question::Requirement { name, specifiers } => match self.distribution(name, last) {
                Ok(None) => too_many(),
                Ok(Some(flaws)) => flaws.exposure(specifiers).map_or_else(
                    || Answer::Unknown(format!("`{specifiers}` cannot be compared with versions of advisories")),
                    Answer::Exposure,
                ),
                Err(error) => unreadable(&error),
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
            Question::Malware { ecosystem, name } => known(malware(self.index, *ecosystem, name)),
            // Asked all at once, below.
            Question::Advisory { .. } => Answer::Packages(Vec::new()),
            Question::Release { .. }
            | Question::Revision { .. }
            | Question::Commit { .. }
            | Question::Definition { .. }
            | Question::HubRevision { .. }
            | Question::HubFiles { .. }
            | Question::HubContent { .. }
            | Question::Image { .. }
            | Question::Tool { .. } => Answer::Unknown("no registry was asked".to_owned()),
        }
    }

    /// The advisories of a name; none where they were asked for too often and there are any.
    fn distribution<'q, 'l>(&self, name: &'q str, last: &'l mut Last<'q>) -> Result<Option<&'l Flaws>, IndexError> {
        let mut current = match last.take() {
            Some(known) if known.name == name => known,
            _ => LastName { name, flaws: Flaws::of(self.index.lookup(Ecosystem::PyPi, name)?), asked: 0 },
        };
        current.asked += 1;
        let current = last.insert(current);
        Ok((current.asked <= MAX_ASKED || current.flaws.is_empty()).then_some(&current.flaws))
    }
}

fn too_many() -> Answer {
    Answer::Unknown(format!("more than {MAX_ASKED} of its releases or ranges, the rest are not compared"))
}

fn known(result: Result<Vec<Match>, IndexError>) -> Answer {
    result.map_or_else(|error| unreadable(&error), Answer::Advisories)
}

fn unreadable(error: &IndexError) -> Answer {
    Answer::Unknown(format!("the advisory index cannot be read: {error}"))
}

impl Oracle for Cached<'_> {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let mut last = None;
        let mut answers: Vec<Answer> = questions.iter().map(|q| self.answer(q, &mut last)).collect();
        let ids =
            questions.iter().filter_map(|q| if let Question::Advisory { id } = q { Some(id.as_str()) } else { None });
        let ids: BTreeSet<&str> = ids.collect();
        if ids.is_empty() {
            return answers;
        }
        // Every record is looked at once, whatever was asked.
        let named = self.index.named(&ids);
        for (question, answer) in questions.iter().zip(&mut answers) {
            if let Question::Advisory { id } = question {
                *answer = match &named {
                    Ok(named) => Answer::Packages(named.get(id.as_str()).cloned().unwrap_or_default()),
                    Err(error) => unreadable(error),
                };
            }
        }
        answers
    }
}
