//! Answers of registries and repositories that a test or a rule's page brings along, in a file
//! `registry.facts`: a JSON list of objects. `ecosystem`, `name` and perhaps `version` with any field of
//! `ReleaseFacts` by its name; or `url` and perhaps `branch` with `commit`. A field `as_of` is the day.

use cargo_custody::advisory::{Date, Ecosystem};
use cargo_custody::outside::facts::{ReleaseFacts, RevisionFacts};
use cargo_custody::outside::{Answer, Oracle, Question};
use serde_json::Value;

/// The file's name.
pub(crate) const FILE: &str = "registry.facts";

/// An oracle that knows what was recorded and nothing else.
pub(crate) struct Recorded(Vec<(Question, Answer)>);

impl Recorded {
    /// Reads the file.
    pub(crate) fn parse(text: &str) -> Self {
        let list: Vec<Value> = serde_json::from_str(text).expect("registry.facts is a list of objects");
        Self(list.iter().map(entry).collect())
    }
}

fn entry(value: &Value) -> (Question, Answer) {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    let flag = |key: &str| value.get(key).and_then(Value::as_bool);
    let day = |key: &str| text(key).map(|day| Date::parse(&day).expect("a day, YYYY-MM-DD"));
    let list = |key: &str| -> Option<Vec<String>> {
        let items = value.get(key)?.as_array().expect("a list");
        Some(items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect())
    };
    let as_of = day("as_of");
    if let Some(url) = text("url") {
        let facts = RevisionFacts { commit: text("commit"), as_of };
        return (Question::Revision { url, name: text("branch") }, Answer::Revision(facts));
    }
    let ecosystem = match text("ecosystem").expect("whose name it is").as_str() {
        "crates.io" => Ecosystem::CratesIo,
        "PyPI" => Ecosystem::PyPi,
        other => panic!("no registry of {other}"),
    };
    let question = Question::Release { ecosystem, name: text("name").expect("a name"), version: text("version") };
    let facts = ReleaseFacts {
        name_exists: flag("name_exists"),
        release_exists: flag("release_exists"),
        yanked: flag("yanked"),
        yanked_reason: text("yanked_reason"),
        released: day("released"),
        first_released: day("first_released"),
        attested: flag("attested"),
        attested_before: flag("attested_before"),
        repository: text("repository"),
        attested_repository: text("attested_repository"),
        owners: list("owners").unwrap_or_default(),
        owners_before: list("owners_before"),
        only_source: flag("only_source"),
        licence: text("licence"),
        source: text("source").unwrap_or_else(|| "a recorded answer".to_owned()),
        as_of,
        ..ReleaseFacts::default()
    };
    (question, Answer::Release(Box::new(facts)))
}

impl Oracle for Recorded {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let answer = |question: &Question| {
            let known = self.0.iter().find(|(asked, _)| asked == question);
            known.map_or_else(|| Answer::Unknown("nothing is recorded".to_owned()), |(_, answer)| answer.clone())
        };
        questions.iter().map(answer).collect()
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        self.0.iter().any(|(asked, _)| asked == question)
    }
}
