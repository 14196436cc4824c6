//! Hubs, a registry of images and tools over a real connection on loopback: what is asked and what is understood.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start a server and insist on its answers"
)]
#![allow(dead_code, reason = "the hub and its server serve other tests, too")]

#[path = "common/hub.rs"]
mod hub;
#[path = "common/server.rs"]
mod server;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cargo_custody::advisory::Date;
use cargo_custody::outside::hub::{ContentFacts, HubFile, HubState, Hubs, Manner, RepoKind};
use cargo_custody::outside::live::{Address, Authorities, Client, HubAsker, Netrc, Proxies, Settings};
use cargo_custody::outside::{Answer, Oracle, Question};
use hub::Hub;
use server::{Reply, Server};

const TINY: &str = "models/acme/tiny";

fn ask_at(url: &str, token: Option<&str>, questions: &[Question]) -> Vec<Answer> {
    let settings = Settings {
        authorities: Authorities::default(),
        proxies: Proxies::default(),
        netrc: Netrc::default(),
        patience: Duration::from_secs(5),
        retries: 0,
        most: 32 << 20,
        whole: Duration::from_secs(20),
        allow_http: false,
        started: Instant::now(),
    };
    let address = Address::parse(url, false).expect("an address");
    let client = Arc::new(Client::new(settings, &address).expect("a client"));
    let asker = HubAsker::new(client, address.clone(), token.map(str::to_owned));
    let hosts = BTreeSet::from([address.authority()]);
    let today = Date::new(2026, 11, 27).expect("a day");
    Hubs::new(&asker, Manner { today, hosts, at_once: 4 }).ask(questions)
}

fn ask(hub: &Hub, question: Question) -> Answer {
    ask_at(&hub.url(), None, &[question]).remove(0)
}

fn revision(name: &str, revision: Option<&str>) -> Question {
    Question::HubRevision { kind: RepoKind::Model, name: name.to_owned(), revision: revision.map(str::to_owned) }
}

fn files(kind: RepoKind, name: &str, commit: &str) -> Question {
    Question::HubFiles { kind, name: name.to_owned(), commit: commit.to_owned() }
}

fn listed(answer: &Answer) -> &[HubFile] {
    match answer {
        Answer::HubFiles(facts) => &facts.files,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_branch_leads_elsewhere_once_it_is_moved() {
    let hub = Hub::start();
    let first = hub.publish(TINY, "apache-2.0", &hub::model(1));
    let second = hub.publish(TINY, "apache-2.0", &hub::model(2));
    hub.point(TINY, "refs/pr/1", &first);
    assert_ne!(first, second);
    for (asked, expected) in [(None, &second), (Some("refs/pr/1"), &first), (Some(first.as_str()), &first)] {
        match ask(&hub, revision("acme/tiny", asked)) {
            Answer::HubRevision(facts) => {
                assert_eq!(facts.commit.as_ref(), Some(expected));
                assert_eq!(facts.licence.as_deref(), Some("apache-2.0"));
            }
            other => panic!("{other:?}"),
        }
    }
    for (name, asked, state) in
        [("acme/none", None, HubState::AbsentOrPrivate), ("acme/tiny", Some("v9"), HubState::NoRevision)]
    {
        let answer = ask(&hub, revision(name, asked));
        assert!(matches!(&answer, Answer::HubRevision(facts) if facts.state == state), "{answer:?}");
    }
}

#[test]
fn every_file_of_a_commit_has_its_digest() {
    let hub = Hub::start();
    for (repo, kind, name, content) in [
        (TINY, RepoKind::Model, "acme/tiny", hub::model(1)),
        ("datasets/acme/facts", RepoKind::Dataset, "acme/facts", hub::facts(1)),
        ("kernels/acme/fast", RepoKind::Kernel, "acme/fast", hub::model(3)),
    ] {
        let commit = hub.publish(repo, "mit", &content);
        let answer = ask(&hub, files(kind, name, &commit));
        let told: Vec<(String, u64, Option<String>)> = listed(&answer)
            .iter()
            .map(|file| {
                assert_eq!(file.missing, None);
                let hex = file.sha256.map(|all| all.iter().map(|b| format!("{b:02x}")).collect());
                (file.path.clone(), file.size, hex)
            })
            .collect();
        let expected: Vec<(String, u64, Option<String>)> =
            content.iter().map(|(path, bytes)| (path.clone(), bytes.len() as u64, Some(hub::sha256(bytes)))).collect();
        assert_eq!(told, expected);
    }
    // Large files are not fetched, whose digest the hub says.
    assert!(hub.server.seen().iter().all(|request| !request.target.ends_with(".safetensors")));
}

#[test]
fn what_a_hub_sends_must_be_what_it_lists() {
    let hub = Hub::start();
    let commit = hub.publish(TINY, "mit", &hub::model(1));
    hub.spoil("config.json");
    let answer = ask(&hub, files(RepoKind::Model, "acme/tiny", &commit));
    let missing: Vec<&str> = listed(&answer).iter().filter(|f| f.missing.is_some()).map(|f| f.path.as_str()).collect();
    assert_eq!(missing, ["config.json"]);
}

#[test]
fn files_behind_a_login_are_a_gap() {
    let hub = Hub::start();
    let commit = hub.publish(TINY, "mit", &hub::model(1));
    hub.gate(TINY);
    assert!(matches!(ask(&hub, revision("acme/tiny", None)), Answer::HubRevision(facts) if facts.gated));
    let answer = ask(&hub, files(RepoKind::Model, "acme/tiny", &commit));
    for file in listed(&answer) {
        let is_large = file.path.ends_with(".safetensors");
        assert_eq!(file.sha256.is_some(), is_large, "{file:?}");
        assert_eq!(file.missing.as_deref(), (!is_large).then(|| HubState::Closed.why()), "{file:?}");
    }
}

#[test]
fn images_and_tools_are_asked_for() {
    let hub = Hub::start();
    let digest = format!("sha256:{}", "12".repeat(32));
    hub.push("acme/app:1.0", &digest);
    hub.offer("tool", b"#!/bin/sh\n");
    let at = hub.url().replace("http://", "");
    let image = |name: &str| Question::Image { reference: format!("{at}/{name}") };
    assert!(matches!(ask(&hub, image("acme/app:1.0")), Answer::Image(told) if told == digest));
    let gone = ask(&hub, image("acme/app:2.0"));
    assert!(matches!(&gone, Answer::Unknown(why) if why.ends_with("has no such image or tag")), "{gone:?}");
    let elsewhere = ask(&hub, Question::Image { reference: "registry.example.com/x:1".to_owned() });
    assert!(matches!(&elsewhere, Answer::Unknown(why) if why.contains("is not asked")), "{elsewhere:?}");
    let tool = |name: &str| Question::Tool { url: format!("{}/tools/{name}", hub.url()) };
    match ask(&hub, tool("tool")) {
        Answer::Tool(ContentFacts { sha256, size: 10, .. }) => {
            let hex: String = sha256.iter().map(|b| format!("{b:02x}")).collect();
            assert_eq!(hex, hub::sha256(b"#!/bin/sh\n"));
        }
        other => panic!("{other:?}"),
    }
    let gone = ask(&hub, tool("other"));
    assert!(matches!(&gone, Answer::Unknown(why) if why.contains("404")), "{gone:?}");
}

#[test]
fn a_token_is_for_the_hub_alone() {
    let other = Server::start(|_| Reply::ok(b"{}".to_vec()));
    let away = other.url("localhost");
    let server = Server::start(move |request| match request.target.as_str() {
        "/api/models/acme/near/revision/main" => Reply::status(307).with("Location", "/api/models/acme/new"),
        "/api/models/acme/far/revision/main" => Reply::status(307).with("Location", &away),
        _ => Reply::ok(format!("{{\"id\": \"acme/new\", \"sha\": \"{}\"}}", "a".repeat(40)).into_bytes()),
    });
    let url = server.url("127.0.0.1");
    let image = Question::Image { reference: format!("{}/acme/app:1", url.replace("http://", "")) };
    let questions = [revision("acme/near", None), revision("acme/far", None), image];
    let answers = ask_at(&url, Some("hf_secret"), &questions);
    assert!(matches!(&answers[0], Answer::HubRevision(facts) if facts.name == "acme/new"), "{answers:?}");
    let sent = |server: &Server, path: &str| -> Vec<bool> {
        let all = server.seen().into_iter().filter(|request| request.target.starts_with(path));
        all.map(|request| request.header("authorization") == Some("Bearer hf_secret")).collect()
    };
    assert_eq!(sent(&server, "/api/models/acme/near"), [true]);
    assert_eq!(sent(&server, "/api/models/acme/new"), [true]);
    assert_eq!(sent(&other, "/"), [false]);
    let elsewhere = sent(&server, "/v2/");
    assert!(!elsewhere.is_empty() && elsewhere.iter().all(|sent| !sent));
    assert!(other.seen().iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn a_hub_that_misbehaves_is_a_gap() {
    type Answers = fn() -> Reply;
    let cases: [(Answers, &str); 6] = [
        (|| Reply::status(503), "it answers 503"),
        (|| Reply::ok(b"<!doctype html>".to_vec()), "something else than what it knows of a name"),
        (|| Reply::Short(64 << 20, b"{".to_vec()), "sends more than 32 MiB"),
        (|| Reply::Short(1_000, b"{\"sha\": ".to_vec()), "breaks off"),
        (|| Reply::Hang, "could not be asked"),
        (|| Reply::status(302).with("Location", "http://example.com/"), "leads where it is not followed"),
    ];
    for (reply, why) in cases {
        let server = Server::start(move |_| reply());
        let answers = ask_at(&server.url("127.0.0.1"), None, &[revision("acme/tiny", None)]);
        assert!(matches!(&answers[0], Answer::Unknown(told) if told.contains(why)), "{answers:?}");
    }
}
