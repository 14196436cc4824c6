//! Registries that are made up, and what is asked of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::{Fetch, Host, Keep, Lack, Manner, Registries, Target};
use crate::advisory::{Date, Ecosystem};
use crate::outside::facts::ReleaseFacts;
use crate::outside::{Answer, Oracle, Question};

/// Documents by path, and what was asked.
#[derive(Default)]
struct Made {
    documents: BTreeMap<String, Result<String, Lack>>,
    asked: Mutex<Vec<String>>,
}

impl Made {
    fn with(mut self, path: &str, document: &str) -> Self {
        self.documents.insert(path.to_owned(), Ok(document.to_owned()));
        self
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

impl Fetch for Made {
    fn get(&self, target: &Target) -> Result<Vec<u8>, Lack> {
        let host = match &target.host {
            Host::PyPi => "pypi".to_owned(),
            Host::CratesIndex => "index".to_owned(),
            Host::CratesIo => "site".to_owned(),
            Host::Repository(url) => url.clone(),
            Host::GitHubRaw => "raw".to_owned(),
        };
        let path = format!("{host}/{}", target.path.join("/"));
        self.asked.lock().unwrap().push(path.clone());
        match self.documents.get(&path) {
            Some(Ok(document)) => Ok(document.clone().into_bytes()),
            Some(Err(lack)) => Err(lack.clone()),
            None => Err(Lack::NotThere),
        }
    }
}

#[derive(Default)]
struct Memory(Mutex<BTreeMap<String, Vec<u8>>>);

impl Keep for Memory {
    fn find(&self, ecosystem: Ecosystem, name: &str) -> Option<Vec<u8>> {
        self.0.lock().unwrap().get(&format!("{ecosystem}/{name}")).cloned()
    }
    fn put(&self, ecosystem: Ecosystem, name: &str, bytes: &[u8]) {
        self.0.lock().unwrap().insert(format!("{ecosystem}/{name}"), bytes.to_vec());
    }
}

fn on(day: u8) -> Manner {
    Manner {
        today: Date::new(2026, 11, day).unwrap(),
        max_age: 2,
        hosts: BTreeSet::from(["github.com".to_owned()]),
        at_once: 3,
        pypi: "https://pypi.example.com".to_owned(),
        crates_io: "https://index.example.com".to_owned(),
    }
}

fn of(ecosystem: Ecosystem, name: &str, version: Option<&str>) -> Question {
    Question::Release { ecosystem, name: name.to_owned(), version: version.map(str::to_owned) }
}

fn ask(made: &Made, keep: &dyn Keep, day: u8, questions: &[Question]) -> Vec<Result<ReleaseFacts, String>> {
    let answer = |answer| match answer {
        Answer::Release(facts) => Ok(*facts),
        Answer::Unknown(why) => Err(why),
        other => panic!("{other:?}"),
    };
    Registries::new(made, keep, on(day)).ask(questions).into_iter().map(answer).collect()
}

const PAGE: &str = r#"{"name": "demo", "versions": ["1.0", "1.1"], "files": [
    {"filename": "demo-1.0.tar.gz", "yanked": false, "upload-time": "2026-01-01T10:00:00Z", "provenance": "https://elsewhere.example.com/p"},
    {"filename": "demo-1.1.tar.gz", "yanked": "broken", "upload-time": "2026-11-20T10:00:00Z", "provenance": null}]}"#;

fn project(owner: &str) -> String {
    format!(
        r#"{{"info": {{"project_urls": {{"Source": "https://github.com/a/demo"}}}}, "ownership": {{"roles": [{{"role": "Owner", "user": "{owner}"}}]}}}}"#
    )
}

const PROVENANCE: &str = r#"{"version": 1, "attestation_bundles": [{"publisher": {"kind": "GitHub", "repository": "b/demo"}, "attestations": []}]}"#;

fn pypi() -> Made {
    Made::default()
        .with("pypi/simple/demo/", PAGE)
        .with("pypi/simple/pip/", "{}")
        .with("pypi/pypi/demo/json", &project("amy"))
        .with("pypi/integrity/demo/1.0/demo-1.0.tar.gz/provenance", PROVENANCE)
}

#[test]
fn a_release_of_pypi() {
    let (made, keep) = (pypi(), Memory::default());
    let answers = ask(&made, &keep, 23, &[of(Ecosystem::PyPi, "demo", Some("1.1.0"))]);
    let facts = answers[0].clone().unwrap();
    assert_eq!((facts.name_exists, facts.release_exists), (Some(true), Some(true)));
    assert_eq!((facts.yanked, facts.yanked_reason.as_deref()), (Some(true), Some("broken")));
    assert_eq!((facts.released, facts.first_released), (Date::new(2026, 11, 20), Date::new(2026, 1, 1)));
    assert_eq!((facts.attested, facts.attested_before), (Some(false), Some(true)));
    assert_eq!((facts.source.as_str(), facts.as_of), ("PyPI", Date::new(2026, 11, 23)));
    assert_eq!(facts.owners, Vec::<String>::new(), "nobody chose the name, so less is asked");
    assert_eq!(made.asked(), ["pypi/simple/demo/"]);
}

#[test]
fn a_name_that_a_person_chose() {
    let (made, keep) = (pypi(), Memory::default());
    let questions = [of(Ecosystem::PyPi, "demo", None), of(Ecosystem::PyPi, "demo", Some("1.0"))];
    let answers = ask(&made, &keep, 23, &questions);
    let (name, release) = (answers[0].clone().unwrap(), answers[1].clone().unwrap());
    assert_eq!((name.release_exists, name.owners.as_slice()), (None, &["amy".to_owned()][..]));
    assert_eq!(release.repository.as_deref(), Some("https://github.com/a/demo"));
    assert_eq!(release.attested_repository.as_deref(), Some("https://github.com/b/demo"));
    assert!(name.missing.is_empty() && name.owners_before.is_none());
    let asked = made.asked();
    assert_eq!(
        asked,
        ["pypi/integrity/demo/1.0/demo-1.0.tar.gz/provenance", "pypi/pypi/demo/json", "pypi/simple/demo/"]
    );
}

#[test]
fn kept_answers_serve_until_they_are_old() {
    let (mut made, keep) = (pypi(), Memory::default());
    let questions = [of(Ecosystem::PyPi, "demo", None), of(Ecosystem::PyPi, "demo", Some("1.0"))];
    ask(&made, &keep, 20, &questions);
    made.asked();
    let again = ask(&made, &keep, 21, &questions);
    assert_eq!(made.asked(), Vec::<String>::new());
    assert_eq!(again[0].clone().unwrap().as_of, Date::new(2026, 11, 20));
    made = made.with("pypi/pypi/demo/json", &project("zoe"));
    let later = ask(&made, &keep, 22, &questions)[0].clone().unwrap();
    // The proof of a file does not change.
    assert_eq!(made.asked(), ["pypi/pypi/demo/json", "pypi/simple/demo/"]);
    assert_eq!(later.owners, ["zoe"]);
    assert_eq!(later.owners_before, Some(vec!["amy".to_owned()]));
    // An audit of another tree that did not choose the name forgets nothing of it.
    ask(&made, &keep, 25, &questions[1..]);
    made = made.with("pypi/pypi/demo/json", &project("eve"));
    let last = ask(&made, &keep, 25, &questions)[0].clone().unwrap();
    assert_eq!((last.owners, last.owners_before), (vec!["eve".to_owned()], Some(vec!["zoe".to_owned()])));
}

#[test]
fn damaged_answers_are_asked_for_again() {
    let (made, keep) = (pypi(), Memory::default());
    let questions = [of(Ecosystem::PyPi, "demo", Some("1.0"))];
    for damage in [&b""[..], b"{", b"{\"format\":1}", b"\xff\xfe"] {
        keep.put(Ecosystem::PyPi, "demo", damage);
        assert_eq!(ask(&made, &keep, 23, &questions)[0].clone().unwrap().release_exists, Some(true));
        assert_eq!(made.asked(), ["pypi/simple/demo/"]);
    }
    // What says to be of tomorrow is not believed.
    ask(&made, &keep, 25, &questions);
    made.asked();
    ask(&made, &keep, 23, &questions);
    assert_eq!(made.asked().len(), 1);
}

#[test]
fn only_who_knows_what_everybody_knows_is_believed() {
    let questions = [of(Ecosystem::PyPi, "gone", None), of(Ecosystem::PyPi, "lost", Some("1.0"))];
    let made = pypi();
    for answer in ask(&made, &Memory::default(), 23, &questions) {
        assert_eq!(answer.unwrap().name_exists, Some(false));
    }
    assert_eq!(made.asked(), ["pypi/simple/gone/", "pypi/simple/lost/", "pypi/simple/pip/"]);
    let mirror = Made::default();
    for answer in ask(&mirror, &Memory::default(), 23, &questions) {
        assert_eq!(answer, Err("it does not know `pip` either, so it is no such registry".to_owned()));
    }
}

#[test]
fn a_host_that_fails_is_left_alone() {
    let mut made = Made::default();
    let names: Vec<String> = (0..40).map(|n| format!("demo{n}")).collect();
    for name in &names {
        let why = Lack::Why("pypi.example.com answers 503".to_owned());
        made.documents.insert(format!("pypi/simple/{name}/"), Err(why));
    }
    let questions: Vec<Question> = names.iter().map(|name| of(Ecosystem::PyPi, name, None)).collect();
    let answers = ask(&made, &Memory::default(), 23, &questions);
    let reasons: BTreeSet<String> = answers.into_iter().map(|answer| answer.unwrap_err()).collect();
    assert!(reasons.len() <= 2 && reasons.iter().all(|why| why.starts_with("pypi.example.com answers 503")));
    assert!(made.asked().len() <= 4 + 3);
}

#[test]
fn something_else_is_no_answer() {
    for document in ["<!doctype html>", "", "[]", "{\"name\": \"other\", \"files\": []}"] {
        let made = Made::default().with("pypi/simple/demo/", document).with("index/de/mo/demo", document);
        for ecosystem in [Ecosystem::PyPi, Ecosystem::CratesIo] {
            let keep = Memory::default();
            let answers = ask(&made, &keep, 23, &[of(ecosystem, "demo", None)]);
            assert!(answers[0].as_ref().unwrap_err().contains("answers something else"), "{answers:?}");
            assert_eq!(keep.find(ecosystem, "demo"), None);
        }
    }
}

#[test]
fn what_could_not_be_had_beside_is_said() {
    let made = Made::default().with("pypi/simple/demo/", PAGE);
    let answers = ask(&made, &Memory::default(), 23, &[of(Ecosystem::PyPi, "demo", None)]);
    let facts = answers[0].clone().unwrap();
    assert_eq!(facts.name_exists, Some(true));
    assert_eq!(facts.missing, ["it has no documents about owners and repositories"]);
}

#[test]
fn a_crate() {
    let made = Made::default()
        .with("index/de/mo/demo", "{\"name\":\"demo\",\"vers\":\"1.0.0\",\"yanked\":true,\"pubtime\":\"2026-11-01T00:00:00Z\"}\n")
        .with("site/api/v1/crates/demo", r#"{"crate": {"created_at": "2026-10-01T00:00:00Z", "repository": "https://github.com/a/demo"}, "versions": [{"num": "1.0.0", "trustpub_data": null, "yank_message": "no"}]}"#)
        .with("site/api/v1/crates/demo/owners", r#"{"users": [{"login": "amy"}]}"#);
    let keep = Memory::default();
    let transitive = ask(&made, &keep, 23, &[of(Ecosystem::CratesIo, "demo", Some("1.0.0"))]);
    let facts = transitive[0].clone().unwrap();
    assert_eq!((facts.yanked, facts.released, facts.attested), (Some(true), Date::new(2026, 11, 1), None));
    assert_eq!(made.asked(), ["index/de/mo/demo"]);
    let questions = [of(Ecosystem::CratesIo, "demo", None), of(Ecosystem::CratesIo, "demo", Some("1.0.0"))];
    let direct = ask(&made, &keep, 23, &questions);
    let facts = direct[1].clone().unwrap();
    assert_eq!((facts.attested, facts.yanked_reason.as_deref()), (Some(false), Some("no")));
    assert_eq!((facts.first_released, facts.owners), (Date::new(2026, 10, 1), vec!["amy".to_owned()]));
    assert_eq!(made.asked(), ["site/api/v1/crates/demo", "site/api/v1/crates/demo/owners"]);
}

#[test]
fn odd_names_and_too_many_are_not_asked_about() {
    let made = pypi();
    let odd = ["", "..", "a/b", "a%2fb", "-a", "é", &"a".repeat(129)];
    let questions: Vec<Question> = odd.iter().map(|name| of(Ecosystem::PyPi, name, None)).collect();
    for answer in ask(&made, &Memory::default(), 23, &questions) {
        assert_eq!(answer, Err("it is no name that a registry holds".to_owned()));
    }
    assert_eq!(made.asked(), Vec::<String>::new());
    let many: Vec<Question> =
        (0..super::MAX_NAMES + 10).map(|n| of(Ecosystem::PyPi, &format!("demo{n:05}"), None)).collect();
    let answers = ask(&made, &Memory::default(), 23, &many);
    assert_eq!(answers.iter().filter(|a| a.is_err()).count(), 10);
    assert_eq!(made.asked().len(), super::MAX_NAMES + 1);
    let versions: Vec<Question> = (0..600).map(|n| of(Ecosystem::PyPi, "demo", Some(&format!("{n}")))).collect();
    let answers = ask(&made, &Memory::default(), 23, &versions);
    assert_eq!(answers.iter().filter(|a| a.is_err()).count(), 600 - 512);
}

#[test]
fn branches() {
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let refs = [
        line("# service=git-upload-pack\n"),
        "0000".to_owned(),
        line(&format!("{} refs/heads/main\n", "a".repeat(40))),
        "0000".to_owned(),
    ]
    .concat();
    let made = Made::default().with("https://github.com/a/demo/info/refs", &refs);
    let of = |url: &str, name: &str| Question::Revision { url: url.to_owned(), name: Some(name.to_owned()) };
    let questions = [
        of("https://github.com/a/demo", "main"),
        of("https://github.com/a/demo", "gone"),
        of("https://github.com/a/other", "main"),
        of("https://git.example.com/a/demo", "main"),
    ];
    let keep = Memory::default();
    let oracle = Registries::new(&made, &keep, on(23));
    let answers = oracle.ask(&questions);
    let commits: Vec<Result<Option<String>, String>> = answers
        .into_iter()
        .map(|answer| match answer {
            Answer::Revision(facts) => Ok(facts.commit),
            Answer::Unknown(why) => Err(why),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        commits,
        [
            Ok(Some("a".repeat(40))),
            Ok(None),
            Err("the host knows no such repository, or shows it only to some".to_owned()),
            Err("its host is not asked (`--online-host` names more)".to_owned()),
        ]
    );
    assert_eq!(made.asked(), ["https://github.com/a/demo/info/refs", "https://github.com/a/other/info/refs"]);
    assert_eq!(questions.each_ref().map(|q| oracle.may_know(q)), [true, true, true, false]);
}
