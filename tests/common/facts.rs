//! What registries say, as pages of rules write it: a line for each release.
//!
//! ```text
//! pypi demo 1.4.0 released=2026-11-20 yanked="a reason" owners=amy,zoe
//! ```

use std::collections::BTreeMap;

use cargo_custody::advisory::{Date, Ecosystem};
use cargo_custody::outside::facts::ReleaseFacts;
use cargo_custody::outside::{Answer, Oracle, Question};

/// The file of a page's tree that holds such lines.
pub(crate) const FILE: &str = "registry.facts";
/// The day registries are asked in tests.
const DAY: &str = "2026-11-23";

/// Registries that know what they are told.
pub(crate) struct Recorded {
    releases: BTreeMap<(Ecosystem, String, Option<String>), ReleaseFacts>,
}

impl Recorded {
    /// Reads the lines of a page.
    pub(crate) fn parse(text: &str) -> Self {
        let mut releases = BTreeMap::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let words = words(line);
            let [ecosystem, name, rest @ ..] = words.as_slice() else { panic!("no fact: {line}") };
            let ecosystem = match ecosystem.as_str() {
                "pypi" => Ecosystem::PyPi,
                "crates.io" => Ecosystem::CratesIo,
                other => panic!("`{other}` is no registry"),
            };
            let version = rest.first().filter(|word| !word.contains('=')).cloned();
            let mut facts = ReleaseFacts {
                name_exists: Some(true),
                release_exists: version.as_ref().map(|_| true),
                source: if ecosystem == Ecosystem::PyPi { "PyPI" } else { "crates.io" }.to_owned(),
                as_of: Date::parse(DAY),
                ..ReleaseFacts::default()
            };
            for (key, value) in rest.iter().filter_map(|word| word.split_once('=')) {
                set(&mut facts, key, value);
            }
            releases.insert((ecosystem, name.clone(), version.clone()), facts.clone());
            facts.release_exists = None;
            releases.entry((ecosystem, name.clone(), None)).or_insert(facts);
        }
        Self { releases }
    }
}

fn set(facts: &mut ReleaseFacts, key: &str, value: &str) {
    let is = match value {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let list = || value.split(',').map(str::to_owned).collect();
    match key {
        "name-exists" => facts.name_exists = is,
        "release-exists" => facts.release_exists = is,
        "yanked" => {
            facts.yanked = Some(is.unwrap_or(true));
            facts.yanked_reason = is.is_none().then(|| value.to_owned());
        }
        "released" => facts.released = Date::parse(value),
        "first-released" => facts.first_released = Date::parse(value),
        "attested" => facts.attested = is,
        "attested-before" => facts.attested_before = is,
        "repository" => facts.repository = Some(value.to_owned()),
        "attested-repository" => facts.attested_repository = Some(value.to_owned()),
        "owners" => facts.owners = list(),
        "owners-before" => facts.owners_before = Some(list()),
        "only-source" => facts.only_source = is,
        "licence" => facts.licence = Some(value.to_owned()),
        _ => panic!("`{key}` is no fact"),
    }
}

/// Words of a line; blanks within quotes belong to a word.
fn words(line: &str) -> Vec<String> {
    let (mut out, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for letter in line.chars().chain([' ']) {
        match letter {
            '"' => quoted = !quoted,
            ' ' if !quoted => {
                if !word.is_empty() {
                    out.push(std::mem::take(&mut word));
                }
            }
            letter => word.push(letter),
        }
    }
    out
}

impl Oracle for Recorded {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let answer = |question: &Question| match question {
            Question::Release { ecosystem, name, version } => {
                match self.releases.get(&(*ecosystem, name.clone(), version.clone())) {
                    Some(facts) => Answer::Release(Box::new(facts.clone())),
                    None => Answer::Unknown("no registry was asked".to_owned()),
                }
            }
            _ => Answer::Unknown("no registry was asked".to_owned()),
        };
        questions.iter().map(answer).collect()
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        match question {
            Question::Release { ecosystem, name, version } => {
                self.releases.contains_key(&(*ecosystem, name.clone(), version.clone()))
            }
            _ => false,
        }
    }
}
