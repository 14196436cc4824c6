//! Answers of registries and repositories that a test or a rule's page brings along, in a file
//! `registry.facts`: a JSON list of objects. `ecosystem`, `name` and perhaps `version` with any field of
//! `ReleaseFacts` by its name; or `url` and perhaps `branch` (a branch or tag) with `commit`, and `as_branch`,
//! `as_tag` and `tags` where they matter; or `url` and `of`, a commit, with `tags`, `branches` and `held`; or
//! `repository_of_action` and `commit`, perhaps `path`, with `file` and `text`. A field `as_of` is the day.

use cargo_custody::advisory::{Date, Ecosystem};
use cargo_custody::outside::facts::{CommitFacts, DefinitionFacts, ReleaseFacts, RevisionFacts};
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
    if let (Some(url), Some(commit)) = (text("url"), text("of")) {
        let (tags, branches) = (list("tags").unwrap_or_default(), list("branches").unwrap_or_default());
        let facts = CommitFacts { tags, branches, held: flag("held"), as_of, missing: None };
        return (Question::Commit { url, commit }, Answer::Commit(facts));
    }
    if let Some(url) = text("url") {
        let (commit, tags) = (text("commit"), list("tags").unwrap_or_default());
        let (branch, tag) = (text("as_branch"), text("as_tag"));
        let facts = RevisionFacts { commit, branch, tag, tags, as_of };
        return (Question::Revision { url, name: text("branch") }, Answer::Revision(facts));
    }
    if let Some(repository) = text("repository_of_action") {
        let commit = text("commit").expect("a commit");
        let facts = DefinitionFacts { file: text("file").unwrap_or_default(), text: text("text"), as_of };
        let path = text("path").unwrap_or_default();
        return (Question::Definition { repository, path, commit }, Answer::Definition(facts));
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
