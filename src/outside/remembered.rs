//! Two trees mostly ask the same: what was answered once is given again, so that nothing is looked up or asked over
//! a network twice, and both trees hear the same.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Answer, Oracle, Question};

/// An oracle with its answers so far.
pub struct Remembered<'a> {
    oracle: &'a dyn Oracle,
    answers: Mutex<BTreeMap<Question, Answer>>,
}

impl<'a> Remembered<'a> {
    /// Remembers what this oracle answers.
    #[must_use]
    pub fn new(oracle: &'a dyn Oracle) -> Self {
        Self { oracle, answers: Mutex::new(BTreeMap::new()) }
    }
}

impl std::fmt::Debug for Remembered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Remembered").finish_non_exhaustive()
    }
}

/// Whether an answer holds whoever asks. That an index says nothing may be for what else was asked with it.
fn is_lasting(question: &Question, answer: &Answer) -> bool {
    question.is_of_registries() || !matches!(answer, Answer::Unknown(_))
}

impl Oracle for Remembered<'_> {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let mut known = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let open: Vec<Question> = questions.iter().filter(|q| !known.contains_key(*q)).cloned().collect();
        if open.is_empty() {
            return questions.iter().filter_map(|question| known.get(question).cloned()).collect();
        }
        // One answer a question, in order; an oracle that answers less leaves the rest unknown.
        let mut fresh = self.oracle.ask(&open).into_iter();
        let mut next = || fresh.next().unwrap_or_else(|| Answer::Unknown("no answer".to_owned()));
        let answers: Vec<Answer> =
            questions.iter().map(|question| known.get(question).cloned().unwrap_or_else(&mut next)).collect();
        for (question, answer) in questions.iter().zip(&answers) {
            if is_lasting(question, answer) && !known.contains_key(question) {
                known.insert(question.clone(), answer.clone());
            }
        }
        answers
    }

    fn answers_registries(&self) -> bool {
        self.oracle.answers_registries()
    }

    fn may_know(&self, question: &Question) -> bool {
        self.oracle.may_know(question)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// Counts what it is asked, and knows all but one.
    struct Counting(AtomicUsize);

    impl Oracle for Counting {
        fn ask(&self, questions: &[Question]) -> Vec<Answer> {
            self.0.fetch_add(questions.len(), Ordering::Relaxed);
            let answer = |question: &Question| match question.subject() {
                "unknown" => Answer::Unknown("too many".to_owned()),
                name => Answer::Packages(vec![name.to_owned()]),
            };
            questions.iter().map(answer).collect()
        }
    }

    fn of(names: &[&str]) -> Vec<Question> {
        names.iter().map(|name| Question::Advisory { id: (*name).to_owned() }).collect()
    }

    fn said(answers: &[Answer]) -> Vec<String> {
        let word = |answer: &Answer| match answer {
            Answer::Packages(names) => names.concat(),
            other => format!("{other:?}"),
        };
        answers.iter().map(word).collect()
    }

    #[test]
    fn what_was_answered_is_not_asked_again() {
        let counting = Counting(AtomicUsize::new(0));
        let remembered = Remembered::new(&counting);
        assert_eq!(said(&remembered.ask(&of(&["a", "b", "a"]))), ["a", "b", "a"]);
        assert_eq!(counting.0.load(Ordering::Relaxed), 3);
        assert_eq!(said(&remembered.ask(&of(&["c", "b", "a"]))), ["c", "b", "a"]);
        assert_eq!(counting.0.load(Ordering::Relaxed), 4);
        assert!(remembered.ask(&[]).is_empty());
    }

    #[test]
    fn what_an_index_could_not_say_is_asked_again() {
        let counting = Counting(AtomicUsize::new(0));
        let remembered = Remembered::new(&counting);
        for asked in [1, 2] {
            assert_eq!(said(&remembered.ask(&of(&["unknown"]))), ["Unknown(\"too many\")"]);
            assert_eq!(counting.0.load(Ordering::Relaxed), asked);
        }
    }
}
