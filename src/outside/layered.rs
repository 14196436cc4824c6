//! Several oracles behind one: the first that knows an answer gives it.

use super::{Answer, Oracle, Question};

/// Oracles in the order they are asked.
#[derive(Default)]
pub struct Layered<'a> {
    layers: Vec<&'a dyn Oracle>,
}

impl<'a> Layered<'a> {
    /// Asks these, the first first.
    #[must_use]
    pub fn new(layers: Vec<&'a dyn Oracle>) -> Self {
        Self { layers }
    }

    /// Asks another after those.
    pub fn push(&mut self, oracle: &'a dyn Oracle) {
        self.layers.push(oracle);
    }
}

impl std::fmt::Debug for Layered<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Layered").field("layers", &self.layers.len()).finish()
    }
}

impl Oracle for Layered<'_> {
    /// Asks each layer what no layer before it knew. Where none knows, the reason of the last that was
    /// asked is given: it looked furthest.
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let nobody = || Answer::Unknown("nothing was asked that could know".to_owned());
        let mut out: Vec<Answer> = questions.iter().map(|_| nobody()).collect();
        for layer in &self.layers {
            let is_open = |at: &usize| matches!(out[*at], Answer::Unknown(_)) && layer.may_know(&questions[*at]);
            let open: Vec<usize> = (0..questions.len()).filter(is_open).collect();
            if open.is_empty() {
                continue;
            }
            let asked: Vec<Question> = open.iter().map(|at| questions[*at].clone()).collect();
            for (at, answer) in open.into_iter().zip(layer.ask(&asked)) {
                out[at] = answer;
            }
        }
        out
    }

    fn answers_registries(&self) -> bool {
        self.layers.iter().any(|layer| layer.answers_registries())
    }

    fn may_know(&self, question: &Question) -> bool {
        self.layers.iter().any(|layer| layer.may_know(question))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::advisory::Ecosystem;
    use crate::outside::facts::ReleaseFacts;

    /// Knows releases of the names it is given, and says who it is.
    struct Knows(&'static str, &'static [&'static str], bool);

    impl Oracle for Knows {
        fn ask(&self, questions: &[Question]) -> Vec<Answer> {
            let answer = |question: &Question| match question {
                Question::Release { name, .. } if self.1.contains(&name.as_str()) => {
                    Answer::Release(Box::new(ReleaseFacts { source: self.0.to_owned(), ..ReleaseFacts::default() }))
                }
                Question::Crate { .. } if !self.2 => Answer::Advisories(Vec::new()),
                _ => Answer::Unknown(self.0.to_owned()),
            };
            questions.iter().map(answer).collect()
        }

        fn answers_registries(&self) -> bool {
            self.2
        }
    }

    fn release(name: &str) -> Question {
        Question::Release { ecosystem: Ecosystem::CratesIo, name: name.to_owned(), version: None }
    }

    #[test]
    fn the_first_that_knows_answers() {
        let (advisories, one, two) =
            (Knows("advisories", &["a"], false), Knows("one", &["a", "b"], true), Knows("two", &["b", "c"], true));
        let layered = Layered::new(vec![&advisories, &one, &two]);
        let of_crate = Question::Crate { name: "x".to_owned(), version: "1.0.0".to_owned() };
        let answers = layered.ask(&[release("a"), release("b"), of_crate, release("c"), release("d")]);
        let said: Vec<String> = answers
            .iter()
            .map(|answer| match answer {
                Answer::Release(facts) => facts.source.clone(),
                Answer::Advisories(_) => "advisories".to_owned(),
                Answer::Unknown(why) => format!("unknown: {why}"),
                _ => String::new(),
            })
            .collect();
        assert_eq!(said, ["one", "one", "advisories", "two", "unknown: two"]);
        assert!(layered.answers_registries() && layered.may_know(&release("a")));
    }

    #[test]
    fn advisories_alone_answer_for_no_registry() {
        let advisories = Knows("advisories", &["a"], false);
        let layered = Layered::new(vec![&advisories]);
        assert!(!layered.answers_registries() && !layered.may_know(&release("a")));
        let answers = layered.ask(&[release("a")]);
        assert!(matches!(&answers[..], [Answer::Unknown(why)] if why == "nothing was asked that could know"));
        assert!(Layered::default().ask(&[]).is_empty());
    }
}
