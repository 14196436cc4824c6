//! What registries said, recorded as text, so that pages and tests need none.
//!
//! A line: `pypi NAME VERSION key=value ..`, `-` for a version where the name alone is asked about. Keys are
//! the fields of `ReleaseFacts`; lists are separated by commas. What is not recorded, nobody says.

use std::collections::BTreeMap;

use cargo_custody::advisory::{Date, Ecosystem};
use cargo_custody::outside::facts::ReleaseFacts;
use cargo_custody::outside::{Answer, Oracle, Question};

/// The file of a tree that holds them.
pub(crate) const FILE: &str = "registry.facts";

/// Whose name, the name, and the version where one was asked about.
type Key = (Ecosystem, String, Option<String>);

/// Answers from a recording.
pub(crate) struct Recorded {
    facts: BTreeMap<Key, ReleaseFacts>,
}

impl Recorded {
    /// Reads a recording; a line of no form is a mistake in the test.
    pub(crate) fn parse(text: &str) -> Self {
        let lines = text.lines().filter(|line| !line.trim().is_empty());
        Self {
            facts: lines.map(|line| fact(line).expect("a line of the form `pypi NAME VERSION key=value`")).collect(),
        }
    }
}

fn fact(line: &str) -> Option<(Key, ReleaseFacts)> {
    let mut words = line.split_whitespace();
    let ecosystem = match words.next()? {
        "pypi" => Ecosystem::PyPi,
        "crates.io" => Ecosystem::CratesIo,
        _ => return None,
    };
    let name = words.next()?.to_owned();
    let version = words.next().filter(|version| *version != "-").map(str::to_owned);
    let registry = if ecosystem == Ecosystem::PyPi { "PyPI" } else { "crates.io" };
    let mut out =
        ReleaseFacts { source: registry.to_owned(), as_of: Date::parse("2026-11-23"), ..ReleaseFacts::default() };
    for (key, value) in words.map(|word| word.split_once('=')).collect::<Option<Vec<_>>>()? {
        let text = || Some(value.to_owned());
        let flag = || value.parse::<bool>().ok();
        let list = || value.split(',').map(str::to_owned).collect::<Vec<_>>();
        match key {
            "name_exists" => out.name_exists = flag(),
            "release_exists" => out.release_exists = flag(),
            "yanked" => out.yanked = flag(),
            "yanked_reason" => out.yanked_reason = text(),
            "released" => out.released = Date::parse(value),
            "first_released" => out.first_released = Date::parse(value),
            "attested" => out.attested = flag(),
            "attested_before" => out.attested_before = flag(),
            "repository" => out.repository = text(),
            "attested_repository" => out.attested_repository = text(),
            "owners" => out.owners = list(),
            "owners_before" => out.owners_before = Some(list()),
            "only_source" => out.only_source = flag(),
            "licence" => out.licence = text(),
            _ => return None,
        }
    }
    Some(((ecosystem, name, version), out))
}

impl Oracle for Recorded {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let answer = |question: &Question| match question {
            Question::Release { ecosystem, name, version } => {
                let known = self.facts.get(&(*ecosystem, name.clone(), version.clone()));
                Answer::Release(Box::new(known.cloned().unwrap_or_default()))
            }
            _ => Answer::Unknown("nothing of it was recorded".to_owned()),
        };
        questions.iter().map(answer).collect()
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        matches!(question, Question::Release { .. })
    }
}
