//! `audit --online` against a real server on loopback: what is asked, what is kept, and what is said when
//! a registry misbehaves.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program, a server and files"
)]
#![allow(dead_code, reason = "the server serves other tests, too")]

#[path = "common/server.rs"]
mod server;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use server::{Reply, Request, Server, authority};

/// A folder of its own for each test.
struct Place {
    dir: PathBuf,
}

/// What a run left.
struct Ran {
    code: i32,
    audit: Value,
    err: String,
}

impl Place {
    fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("online").join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(dir.join("tree")).expect("a folder");
        Self { dir }
    }

    fn write(&self, name: &str, content: &str) -> String {
        let path = self.dir.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path.to_string_lossy().into_owned()
    }

    fn audit(&self, words: &[&str]) -> Ran {
        let output = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
            .current_dir(&self.dir)
            .env_clear()
            .env("SOURCE_DATE_EPOCH", "1795392000")
            .env("CARGO_CUSTODY_HOME", self.dir.join("home"))
            .args(["audit", "tree", "--format", "json"])
            .args(words)
            .output()
            .expect("the program starts");
        let err = String::from_utf8(output.stderr).expect("UTF-8");
        let audit = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        Ran { code: output.status.code().expect("an exit code"), audit, err }
    }

    /// An audit that asks one server for everything.
    fn online(&self, server: &Server, more: &[&str]) -> Ran {
        let url = server.url("127.0.0.1");
        let index = format!("{url}/index");
        let words = ["--online", "--retries", "0", "--pypi", &url, "--crates-io-index", &index, "--crates-io", &url];
        self.audit(&[&words, more].concat())
    }
}

impl Ran {
    /// Rules of this family that spoke, with what they said.
    fn said(&self) -> Vec<(String, String)> {
        let findings = self.audit["findings"].as_array().unwrap_or_else(|| panic!("{}", self.err));
        let mut out: Vec<(String, String)> = findings
            .iter()
            .filter(|finding| finding["family"] == "registry")
            .map(|finding| {
                let text = |key: &str| finding[key].as_str().expect("a text").to_owned();
                (text("rule"), text("message"))
            })
            .collect();
        out.sort();
        out
    }

    fn unknown(&self) -> Vec<String> {
        let list = self.audit["coverage"]["unknown"].as_array().unwrap_or_else(|| panic!("{}", self.err));
        list.iter().map(|text| text.as_str().expect("a text").to_owned()).collect()
    }
}

const LOCK: &str = "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"direct\"]\n\n\
    [[package]]\nname = \"direct\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
    checksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\ndependencies = [\"deeper\"]\n\n\
    [[package]]\nname = \"deeper\"\nversion = \"2.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\
    checksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n";
const MANIFEST: &str =
    "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ndirect = \"1\"\n";

/// A page of PyPI's index for a name with one release.
fn page(name: &str, version: &str, more: &str) -> Reply {
    let text = format!(
        "{{\"name\": \"{name}\", \"versions\": [\"{version}\"], \"files\": [{{\"filename\": \"{name}-{version}.tar.gz\"{more}}}]}}"
    );
    Reply::ok(text.into_bytes())
}

/// Registries that know a few names and answer as they should.
fn registries(request: &Request) -> Reply {
    let text = |text: &str| Reply::ok(text.as_bytes().to_vec());
    match request.target.as_str() {
        "/simple/demo/" => page(
            "demo",
            "1.0",
            ", \"yanked\": \"broken\", \"upload-time\": \"2026-01-01T00:00:00Z\", \"provenance\": null",
        ),
        "/simple/fresh/" => page("fresh", "0.1", ", \"upload-time\": \"2026-11-21T00:00:00Z\", \"provenance\": \"x\""),
        "/simple/pip/" => page("pip", "25.0", ""),
        "/pypi/demo/json" | "/pypi/fresh/json" => text(
            "{\"info\": {\"project_urls\": {\"Source\": \"https://github.com/a/b\"}}, \"ownership\": {\"roles\": [{\"user\": \"amy\"}]}}",
        ),
        "/integrity/fresh/0.1/fresh-0.1.tar.gz/provenance" => {
            text("{\"attestation_bundles\": [{\"publisher\": {\"kind\": \"GitHub\", \"repository\": \"c/d\"}}]}")
        }
        "/index/di/re/direct" => {
            text("{\"name\":\"direct\",\"vers\":\"1.0.0\",\"yanked\":false,\"pubtime\":\"2026-11-20T00:00:00Z\"}\n")
        }
        "/index/de/ep/deeper" => text(
            "{\"name\":\"deeper\",\"vers\":\"1.0.0\",\"pubtime\":\"2020-01-01T00:00:00Z\"}\n{\"name\":\"deeper\",\"vers\":\"2.0.0\",\"pubtime\":\"2026-11-22T00:00:00Z\"}\n",
        ),
        "/api/v1/crates/direct" => text(
            "{\"crate\": {\"created_at\": \"2026-11-20T00:00:00Z\"}, \"versions\": [{\"num\": \"1.0.0\", \"trustpub_data\": null}]}",
        ),
        "/api/v1/crates/direct/owners" => text("{\"users\": [{\"login\": \"amy\"}]}"),
        _ => Reply::status(404),
    }
}

#[test]
fn what_registries_say_is_reported_and_kept() {
    let place = Place::new("whole");
    place.write("tree/requirements.txt", "demo==1.0\nfresh==0.1\n");
    place.write("tree/Cargo.toml", MANIFEST);
    place.write("tree/Cargo.lock", LOCK);
    let server = Server::start(registries);
    let offline = place.audit(&[]);
    assert!(server.seen().is_empty() && offline.said().is_empty());
    assert_eq!(offline.audit["knowledge"]["online"], false);

    let ran = place.online(&server, &[]);
    assert_eq!(ran.unknown(), Vec::<String>::new());
    let rules: Vec<String> = ran.said().into_iter().map(|(rule, message)| format!("{rule}: {message}")).collect();
    let expected = [
        "foreign-repository: `fresh` 0.1 says that it is of github.com/a/b, but was built and published from github.com/c/d",
        "new-name: `direct` is a new name on crates.io: its first release came out 3 days ago",
        "new-name: `fresh` is a new name on PyPI: its first release came out 2 days ago",
        "new-release: `deeper` 2.0.0 came out 1 day ago, while releases are to be out 7 days",
        "new-release: `direct` 1.0.0 came out 3 days ago, while releases are to be out 7 days",
        "new-release: `fresh` 0.1 came out 2 days ago, while releases are to be out 7 days",
        "yanked-distribution: `demo` 1.0 was withdrawn from PyPI by its publisher: broken",
    ];
    assert_eq!(rules, expected);
    assert_eq!(ran.audit["knowledge"]["online"], true);
    assert_eq!(ran.audit["knowledge"]["registries"]["oldest"], "2026-11-23");
    let mut asked: Vec<String> = server.seen().into_iter().map(|request| request.target).collect();
    asked.sort();
    let expected = [
        "/api/v1/crates/direct",
        "/api/v1/crates/direct/owners",
        "/index/de/ep/deeper",
        "/index/di/re/direct",
        "/integrity/fresh/0.1/fresh-0.1.tar.gz/provenance",
        "/pypi/demo/json",
        "/pypi/fresh/json",
        "/simple/demo/",
        "/simple/fresh/",
    ];
    assert_eq!(asked, expected);
    let seen = server.seen();
    assert!(seen.iter().all(|r| r.header("user-agent").is_some_and(|agent| agent.contains("cargo-custody"))));
    let simple = seen.iter().find(|r| r.target == "/simple/demo/").expect("it was asked");
    assert_eq!(simple.header("accept"), Some("application/vnd.pypi.simple.v1+json"));

    // On the same day nothing is asked again, and the same is said.
    let again = place.online(&server, &[]);
    assert_eq!(server.seen().len(), 9);
    assert_eq!(again.said(), ran.said());
    place.online(&server, &["--online-max-age", "0"]);
    assert_eq!(server.seen().len(), 18 - 1, "the proof of a file does not change");
    // Damaged answers are asked for again.
    for file in fs::read_dir(place.dir.join("home/online/pypi")).expect("answers are kept") {
        fs::write(file.expect("a file").path(), "{").expect("a file");
    }
    assert_eq!(place.online(&server, &[]).said(), ran.said());
    assert_eq!(server.seen().len(), 17 + 5);
    // A cooldown that somebody asked for weighs more.
    let strict = place.online(&server, &["--cooldown", "2"]);
    assert_eq!(strict.said().iter().filter(|(rule, _)| rule == "new-release").count(), 1);
    // Without `--online` what was kept says nothing.
    assert_eq!(place.audit(&[]).said(), Vec::new());
}

/// A file that keeps its resolver from PyPI keeps its names from us as well.
#[test]
fn names_that_another_index_answers_stay_here() {
    let url = "https://packages.example.com/simple";
    let table = |text: &str| format!("[project]\nname = \"x\"\nversion = \"1\"\ndependencies = [\"private-{text}");
    let trees: &[(&str, &[(&str, String)])] = &[
        (
            "pip",
            &[
                ("pip.conf", format!("[global]\nindex-url = {url}\n")),
                ("a/requirements.txt", "private-pip==1\n".to_owned()),
            ],
        ),
        (
            "image",
            &[
                (
                    "Dockerfile",
                    format!("FROM python:3.13\nENV PIP_INDEX_URL={url}\nCOPY r.txt .\nRUN pip install -r r.txt\n"),
                ),
                ("r.txt", "private-image==1\n".to_owned()),
            ],
        ),
        ("uv", &[("pyproject.toml", table(&format!("uv\"]\n[[tool.uv.index]]\nurl = \"{url}\"\ndefault = true\n")))]),
        ("uv-toml", &[("uv.toml", format!("index-url = \"{url}\"\n")), ("pyproject.toml", table("uv-toml\"]\n"))]),
        (
            "pdm",
            &[("pyproject.toml", table(&format!("pdm\"]\n[[tool.pdm.source]]\nname = \"pypi\"\nurl = \"{url}\"\n")))],
        ),
        (
            "poetry",
            &[(
                "pyproject.toml",
                format!(
                    "[tool.poetry]\nname = \"x\"\nversion = \"1\"\n[tool.poetry.dependencies]\nprivate-poetry = \"*\"\n[[tool.poetry.source]]\nname = \"own\"\nurl = \"{url}\"\n"
                ),
            )],
        ),
        (
            "pipenv",
            &[(
                "Pipfile",
                format!(
                    "[[source]]\nname = \"own\"\nurl = \"{url}\"\nverify_ssl = true\n[packages]\nprivate-pipenv = \"*\"\n"
                ),
            )],
        ),
        (
            "built",
            &[(
                "site/private-1.0.dist-info/METADATA",
                "Metadata-Version: 2.1\nName: private\nVersion: 1.0\n".to_owned(),
            )],
        ),
    ];
    for (name, files) in trees {
        let place = Place::new(&format!("kept-back-{name}"));
        for (path, text) in *files {
            place.write(&format!("tree/{path}"), text);
        }
        let server = Server::start(registries);
        let ran = place.online(&server, &[]);
        let asked: Vec<String> = server.seen().into_iter().map(|request| request.target).collect();
        assert_eq!(asked, Vec::<String>::new(), "{name}");
        let apart = ran.audit["coverage"]["not_auditable"].to_string();
        assert!(apart.contains("private"), "{name}: {apart}");
    }
    // One more index beside PyPI keeps nobody from PyPI.
    let place = Place::new("kept-back-not");
    place.write("tree/pip.conf", &format!("[global]\nextra-index-url = {url}\n"));
    place.write("tree/requirements.txt", "demo==1.0\n");
    let server = Server::start(registries);
    place.online(&server, &[]);
    assert!(server.seen().iter().any(|request| request.target == "/simple/demo/"));
}

#[test]
fn only_public_names_are_asked_about() {
    let place = Place::new("privacy");
    place.write("tree/requirements.txt", "--index-url https://pypi.example.com/simple\nprivate-one==1.0\n");
    place.write(
        "tree/requirements-dev.txt",
        "private-two @ https://example.com/x.whl\ngit+https://git.example.com/a/b#egg=private-three\n",
    );
    place.write(
        "tree/pyproject.toml",
        "[project]\nname = \"private-app\"\nversion = \"1\"\ndependencies = [\"private-four\", \"demo\"]\n\n[tool.uv.sources]\nprivate-four = { path = \"../four\" }\n",
    );
    place.write(
        "tree/Cargo.toml",
        &MANIFEST.replace("direct = \"1\"", "direct = { version = \"1\", registry = \"own\" }"),
    );
    place.write(
        "tree/Cargo.lock",
        &LOCK.replace("https://github.com/rust-lang/crates.io-index", "https://crates.example.com/index"),
    );
    let server = Server::start(registries);
    place.online(&server, &[]);
    let mut asked: Vec<String> = server.seen().into_iter().map(|request| request.target).collect();
    asked.sort();
    assert_eq!(asked, ["/pypi/demo/json", "/simple/demo/"]);
}

/// What is said of a registry that answers everything alike.
fn misbehaving(name: &str, reply: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> (Ran, usize) {
    let place = Place::new(name);
    let names: String = (0..30).map(|n| format!("demo{n}==1.0\n")).collect();
    place.write("tree/requirements.txt", &names);
    let server = Server::start(reply);
    let ran = place.online(&server, &["--timeout", "1"]);
    (ran, server.seen().len())
}

#[test]
fn a_registry_that_misbehaves_is_a_gap_and_is_left_alone() {
    type Answer = fn(&Request) -> Reply;
    let cases: [(&str, Answer, &str); 8] = [
        ("refuses", |_| Reply::status(403), "answers 403"),
        ("fails", |_| Reply::status(503), "it answers 503"),
        ("garbage", |_| Reply::ok(b"<!doctype html>".to_vec()), "answers something else than the index in JSON"),
        ("oversize", |_| Reply::Short(64 << 20, b"{".to_vec()), "sends more than 32 MiB"),
        ("short", |_| Reply::Short(1_000, b"{\"name\": ".to_vec()), "breaks off"),
        ("hangs", |_| Reply::Hang, "could not be asked"),
        ("stalls", |_| Reply::Stall, "timed out"),
        ("away", |_| Reply::status(302).with("Location", "http://example.com/"), "leads where it is not followed"),
    ];
    for (name, reply, why) in cases {
        let (ran, asked) = misbehaving(name, reply);
        let unknown = ran.unknown();
        assert!(
            unknown.iter().all(|text| text.starts_with("facts of PyPI on ") && text.contains(why)),
            "{name}: {unknown:?}"
        );
        // One sentence for a reason, and one for those who were not asked for it any more.
        assert!((1..=2).contains(&unknown.len()), "{name}: {unknown:?}");
        assert_eq!(ran.said(), Vec::new(), "{name}");
        assert_eq!((ran.code, &ran.audit["complete"]), (3, &Value::Bool(false)), "{name}");
        assert!(asked <= 4 + 8, "{name}: asked {asked} times");
    }
}

#[test]
fn endless_answers_end() {
    let (ran, _) = misbehaving("endless", |_| Reply::Undeclared(vec![b' '; 40 << 20]));
    assert!(ran.unknown()[0].contains("sends more than 32 MiB"), "{:?}", ran.unknown());
}

#[test]
fn a_mirror_of_another_form_does_not_make_names_disappear() {
    let (ran, _) = misbehaving("other-form", |_| Reply::status(404));
    let unknown = ran.unknown();
    assert!(unknown.len() == 1 && unknown[0].contains("does not know `pip` either"), "{unknown:?}");
    assert_eq!(ran.code, 3);
}

#[test]
fn who_asks_for_patience_gets_it() {
    let place = Place::new("patience");
    place.write("tree/requirements.txt", "demo==1.0\n");
    let first = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&first);
    let server = Server::start(move |request| {
        if count.fetch_add(1, Ordering::SeqCst) == 0 {
            return Reply::status(429).with("Retry-After", "0");
        }
        registries(request)
    });
    let url = server.url("127.0.0.1");
    let ran = place.audit(&["--online", "--pypi", &url]);
    assert_eq!(ran.unknown(), Vec::<String>::new());
    assert_eq!(ran.said().len(), 1);
    assert_eq!(first.load(Ordering::SeqCst), 3);
}

#[test]
fn few_questions_are_under_way_at_once_and_each_is_asked_once() {
    let place = Place::new("bound");
    let names: String = (0..60).map(|n| format!("demo{n}==1.0\n")).collect();
    place.write("tree/requirements.txt", &names);
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (under_way, highest) = (Arc::clone(&now), Arc::clone(&most));
    let server = Server::start(move |request| {
        highest.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
        std::thread::sleep(std::time::Duration::from_millis(5));
        let name = request.target.split('/').nth(2).unwrap_or_default().to_owned();
        let reply = match request.target.starts_with("/simple/") {
            true => page(&name, "1.0", ", \"upload-time\": \"2020-01-01T00:00:00Z\""),
            false => Reply::ok(b"{\"info\": {}}".to_vec()),
        };
        under_way.fetch_sub(1, Ordering::SeqCst);
        reply
    });
    let ran = place.online(&server, &[]);
    assert_eq!(ran.unknown(), Vec::<String>::new());
    let mut asked: Vec<String> = server.seen().into_iter().map(|request| request.target).collect();
    asked.sort();
    let all = asked.len();
    asked.dedup();
    assert_eq!((all, asked.len()), (120, 120));
    assert!((2..=8).contains(&most.load(Ordering::SeqCst)), "{most:?} at once");
}

#[test]
fn repositories_are_asked_where_somebody_named_their_host() {
    let place = Place::new("repositories");
    let (pem, config) = authority(&["localhost"]);
    let pem = place.write("ca.pem", &pem);
    let line = |text: &str| format!("{:04x}{text}", text.len() + 4);
    let refs = [
        line("# service=git-upload-pack\n"),
        "0000".to_owned(),
        line(&format!("{} refs/heads/main\n", "a".repeat(40))),
        "0000".to_owned(),
    ]
    .concat();
    let server = Server::start_tls(config, move |_| Reply::ok(refs.clone().into_bytes()));
    let host = format!("localhost:{}", server.at.port());
    let source = format!("git+https://{host}/a/direct?branch=main#{}", "b".repeat(40));
    place.write(
        "tree/Cargo.toml",
        &MANIFEST.replace("\"1\"", &format!("{{ git = \"https://{host}/a/direct\", branch = \"main\" }}")),
    );
    let lock = format!(
        "version = 4\n\n[[package]]\nname = \"app\"\nversion = \"0.1.0\"\ndependencies = [\"direct\"]\n\n[[package]]\nname = \"direct\"\nversion = \"1.0.0\"\nsource = \"{source}\"\n"
    );
    place.write("tree/Cargo.lock", &lock);
    // The tree does not choose who is contacted.
    let ran = place.audit(&["--online", "--ca-file", &pem]);
    assert!(server.seen().is_empty());
    let apart = ran.audit["coverage"]["not_auditable"].to_string();
    assert!(apart.contains("whose host is not asked"), "{apart}");
    let ran = place.audit(&["--online", "--ca-file", &pem, "--online-host", &host]);
    assert_eq!(ran.unknown(), Vec::<String>::new());
    let seen = server.seen();
    assert_eq!(seen.len(), 1);
    assert_eq!(seen[0].target, "/a/direct/info/refs?service=git-upload-pack");
    assert_eq!(ran.audit["knowledge"]["registries"]["newest"], "2026-11-23");
}

#[test]
fn mistakes_in_the_call_are_told_before_anything_is_asked() {
    let place = Place::new("usage");
    place.write("tree/requirements.txt", "demo==1.0\n");
    for (words, said) in [
        (&["--pypi", "https://pypi.example.com"][..], "--online"),
        (&["--online", "--pypi", "http://pypi.example.com"], "`--pypi` cannot be used"),
        (&["--online", "--pypi", "https://user:secret@pypi.example.com"], "credentials"),
        (&["--online", "--online-host", "https://git.example.com/"], "takes a host"),
    ] {
        let ran = place.audit(words);
        assert_eq!(ran.code, 2, "{words:?}");
        assert!(ran.err.contains(said) && !ran.err.contains("secret"), "{words:?}: {}", ran.err);
    }
    // The tree must not say what registries say.
    let inside = Command::new(env!("CARGO_BIN_EXE_cargo-custody"))
        .current_dir(&place.dir)
        .env_clear()
        .env("CARGO_CUSTODY_HOME", place.dir.join("tree/home"))
        .args(["audit", "tree", "--online"])
        .output()
        .expect("the program starts");
    assert_eq!(inside.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&inside.stderr).contains("lies in the audited tree"));
}
