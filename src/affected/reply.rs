//! Everything that is said to a set of questions.

use std::collections::BTreeMap;

use super::Answer;
use super::Asked;
use super::Standing;

/// The answers to all questions, over all places.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reply {
    /// What was asked.
    pub questions: Vec<Asked>,
    /// What was answered, in the order of questions and places.
    pub answers: Vec<Answer>,
    /// Files of folders that are no documents, and were passed over.
    pub passed_over: usize,
    /// What is to be known beside the answers, in sentences.
    pub notes: Vec<String>,
}

/// How many places stand how to one question.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Those that have it locked.
    pub locked: usize,
    /// Those that could have got it.
    pub could: usize,
    /// Those of which it cannot be known.
    pub unknown: usize,
    /// Those that do not have it.
    pub no: usize,
}

impl Counts {
    /// All places.
    #[must_use]
    pub fn all(self) -> usize {
        self.locked + self.could + self.unknown + self.no
    }
}

impl Reply {
    /// Puts answers in the order of questions, and of each the weightiest place first.
    pub fn settle(&mut self) {
        let order: BTreeMap<&str, usize> =
            self.questions.iter().enumerate().map(|(at, asked)| (asked.text.as_str(), at)).collect();
        let weights = self.weights();
        let place = |answer: &Answer| order.get(answer.target.as_str()).copied().unwrap_or(usize::MAX);
        let weight = |answer: &Answer| weights.get(&(answer.target.clone(), answer.who.clone())).copied();
        self.answers.sort_by(|a, b| {
            let key = |answer: &Answer| (place(answer), std::cmp::Reverse(weight(answer)), answer.who.clone());
            key(a).cmp(&key(b)).then_with(|| b.standing.cmp(&a.standing)).then_with(|| b.is_main.cmp(&a.is_main))
        });
    }

    /// How each place stands to each question: as the weightiest of its answers.
    fn weights(&self) -> BTreeMap<(String, String), Standing> {
        let mut out: BTreeMap<(String, String), Standing> = BTreeMap::new();
        for answer in &self.answers {
            let known = out.entry((answer.target.clone(), answer.who.clone())).or_insert(answer.standing);
            *known = (*known).max(answer.standing);
        }
        out
    }

    /// How many places stand how to a question.
    #[must_use]
    pub fn counts(&self, asked: &Asked) -> Counts {
        let mut out = Counts::default();
        for ((target, _), standing) in self.weights() {
            if target == asked.text {
                match standing {
                    Standing::Locked => out.locked += 1,
                    Standing::CouldHaveResolved => out.could += 1,
                    Standing::CannotKnow => out.unknown += 1,
                    Standing::No => out.no += 1,
                }
            }
        }
        out
    }

    /// 0 where nobody has it, 1 where somebody has it or could have got it, 3 where it cannot be known everywhere.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self.answers.iter().map(|answer| answer.standing).max() {
            Some(Standing::Locked | Standing::CouldHaveResolved) => 1,
            Some(Standing::CannotKnow) => 3,
            Some(Standing::No) | None => 0,
        }
    }
}
