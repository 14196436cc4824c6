//! Hubs and registries that are made up, and what is asked of them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Mutex;

use sha2::Digest as _;
use sha2::Sha256;

use super::Ask;
use super::HubState;
use super::Hubs;
use super::Manner;
use super::Reply;
use super::RepoKind;
use super::Request;
use super::Site;
use crate::advisory::Date;
use crate::outside::Answer;
use crate::outside::Oracle;
use crate::outside::Question;

const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// Answers by address, and what was asked.
#[derive(Default)]
struct Made {
    replies: BTreeMap<String, Reply>,
    asked: Mutex<Vec<String>>,
}

impl Made {
    fn with(mut self, address: &str, code: u16, headers: &[(&str, &str)], body: &str) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.replies.insert(address.to_owned(), Reply { code, headers, bytes: body.as_bytes().to_vec() });
        self
    }

    fn note(&self, address: String) -> Option<&Reply> {
        let reply = self.replies.get(&address);
        self.asked.lock().unwrap().push(address);
        reply
    }

    fn asked(&self) -> Vec<String> {
        let mut asked = std::mem::take(&mut *self.asked.lock().unwrap());
        asked.sort();
        asked
    }
}

impl Ask for Made {
    fn ask(&self, request: &Request) -> Result<Reply, String> {
        let site = match &request.site {
            Site::Hub => "hub",
            Site::Registry(host) | Site::At(host) => host,
        };
        let method = if request.is_head { "HEAD " } else { "" };
        let query = request.query.as_ref().map_or_else(String::new, |query| format!("?{query}"));
        let bearer = request.bearer.as_ref().map_or_else(String::new, |token| format!(" with {token}"));
        let address = format!("{method}{site}/{}{query}{bearer}", request.path.join("/"));
        self.note(address).cloned().ok_or_else(|| "hub.example.com could not be asked".to_owned())
    }

    fn digest(&self, url: &str, most: u64) -> Result<([u8; 32], u64), String> {
        let reply = self.note(url.to_owned()).ok_or("example.com answers 404")?;
        assert!(most >= 1 << 30, "tools are large");
        Ok((Sha256::digest(&reply.bytes).into(), reply.bytes.len() as u64))
    }
}

fn ask(made: &Made, questions: &[Question]) -> Vec<Answer> {
    let hosts = ["docker.io", "ghcr.io", "github.com"].map(str::to_owned);
    let manner = Manner { today: Date::new(2026, 11, 27).unwrap(), hosts: BTreeSet::from(hosts), at_once: 3 };
    Hubs::new(made, manner).ask(questions)
}

fn revision(name: &str, revision: Option<&str>) -> Question {
    Question::HubRevision { kind: RepoKind::Model, name: name.to_owned(), revision: revision.map(str::to_owned) }
}

/// The answer in a line.
fn said(answer: &Answer) -> String {
    match answer {
        Answer::HubRevision(facts) => format!(
            "{:?} {} {} {} {}",
            facts.state,
            facts.name,
            facts.commit.as_deref().unwrap_or("-"),
            facts.licence.as_deref().unwrap_or("-"),
            if facts.gated { "gated" } else { "free" }
        ),
        Answer::HubFiles(facts) => {
            let file = |file: &super::HubFile| {
                let known = file.sha256.map_or("?".to_owned(), |sha256| format!("{:02x}", sha256[0]));
                format!("{} {} {known} {}", file.path, file.size, file.missing.as_deref().unwrap_or("-"))
            };
            facts.files.iter().map(file).collect::<Vec<_>>().join("\n")
        }
        Answer::Image(digest) => digest.clone(),
        Answer::Tool(facts) => format!("{:02x} {}", facts.sha256[0], facts.size),
        Answer::Unknown(why) => why.clone(),
        other => format!("{other:?}"),
    }
}

/// What is asked for, the status, headers and body that answer it, and what that says.
type Case<'c> = (Option<&'c str>, u16, &'c [(&'c str, &'c str)], String, &'c str);

#[test]
fn where_a_branch_leads_and_under_what_licence() {
    let info = |more: &str| format!(r#"{{"id": "acme/tiny", "sha": "{COMMIT}"{more}}}"#);
    let error = |code| [("x-error-code", code)];
    let cases: &[Case<'_>] = &[
        (None, 200, &[], info(r#", "cardData": {"license": "mit"}"#), "Open acme/tiny 0123 mit free"),
        (Some("v1/x"), 200, &[], info(r#", "tags": ["a", "license:mit"]"#), "Open acme/tiny 0123 mit free"),
        (
            Some("main"),
            200,
            &[],
            info(r#", "gated": "auto", "cardData": {"license": "other", "license_name": "acme-1"}"#),
            "Open acme/tiny 0123 acme-1 gated",
        ),
        (
            Some("main"),
            200,
            &[],
            info(r#", "gated": false, "cardData": {"license": ["mit", "isc"]}"#),
            "Open acme/tiny 0123 mit, isc free",
        ),
        (Some(COMMIT), 200, &[], info(""), "Open acme/tiny 0123 - free"),
        (
            Some("ffffffffffffffffffffffffffffffffffffffff"),
            200,
            &[],
            info(""),
            "the hub answers another commit than the one that was asked for",
        ),
        (Some("x"), 404, &error("RevisionNotFound"), String::new(), "NoRevision acme/old - - free"),
        (None, 401, &error("RepoNotFound"), String::new(), "AbsentOrPrivate acme/old - - free"),
        (None, 403, &error("GatedRepo"), String::new(), "Closed acme/old - - gated"),
        (
            None,
            401,
            &[("x-error-message", "Invalid username or password.")],
            String::new(),
            "AbsentOrPrivate acme/old - - free",
        ),
        (
            None,
            401,
            &[("x-error-message", "Invalid credentials in Authorization header")],
            String::new(),
            "the hub does not take the token or password that it was sent",
        ),
        // What is no hub knows no name, which says nothing of the name.
        (None, 404, &[], String::new(), "the hub answers 404"),
        (None, 200, &[], "<html>".to_owned(), "the hub answers something else than what it knows of a name"),
        (
            None,
            200,
            &[],
            r#"{"sha": "main"}"#.to_owned(),
            "the hub answers something else than what it knows of a name",
        ),
    ];
    for (asked, code, headers, body, expected) in cases {
        let address = format!("hub/api/models/acme/old/revision/{}", asked.unwrap_or("main"));
        let made = Made::default().with(&address, *code, headers, body);
        let answers = ask(&made, &[revision("acme/old", *asked)]);
        assert_eq!(said(&answers[0]).replace(COMMIT, "0123"), *expected, "{body}");
    }
}

#[test]
fn what_is_no_name_is_not_asked_about() {
    let made = Made::default();
    for (name, asked) in
        [("a/b/c", None), ("../x", None), ("", None), ("a b", None), ("a", Some("../x")), ("a", Some(""))]
    {
        let answers = ask(&made, &[revision(name, asked)]);
        assert!(said(&answers[0]).starts_with("it is no "), "{name}: {answers:?}");
    }
    assert_eq!(made.asked(), Vec::<String>::new());
}

#[test]
fn a_hub_that_does_not_answer_is_left_alone() {
    let made = Made::default();
    let questions: Vec<Question> = (0..40).map(|n| revision(&format!("acme/x{n}"), None)).collect();
    let answers = ask(&made, &questions);
    assert!(answers.iter().all(|answer| said(answer).contains("hub.example.com could not be asked")));
    assert!((4..=6).contains(&made.asked().len()));
}

#[test]
fn small_files_are_fetched_compared_and_hashed() {
    let (large, blob) = ("ab".repeat(32), "9daeafb9864cf43055ae93beb0afd6c7d144bfa4");
    let list = format!(
        r#"[{{"type": "file", "path": "d/test", "size": 5, "oid": "{blob}"}},
        {{"type": "file", "path": "gone", "size": 5, "oid": "{blob}"}},
        {{"type": "file", "path": "huge", "size": 10485761, "oid": "{blob}"}},
        {{"type": "file", "path": "other", "size": 5, "oid": "{blob}"}},
        {{"type": "file", "path": "short", "size": 4, "oid": "{blob}"}},
        {{"type": "file", "path": "w", "size": 9, "oid": "{blob}", "lfs": {{"oid": "{large}", "size": 99, "pointerSize": 1}}}}]"#
    );
    let of = |path: &str| format!("hub/datasets/acme/facts/resolve/{COMMIT}/{path}");
    let made = Made::default()
        .with(&format!("hub/api/datasets/acme/facts/tree/{COMMIT}?recursive=true&expand=false"), 200, &[], &list)
        .with(&of("d/test"), 200, &[], "test\n")
        .with(&of("other"), 200, &[], "tent\n")
        .with(&of("short"), 200, &[], "test\n")
        .with(&of("gone"), 404, &[("x-error-code", "EntryNotFound")], "");
    let files =
        Question::HubFiles { kind: RepoKind::Dataset, name: "acme/facts".to_owned(), commit: COMMIT.to_owned() };
    let answers = ask(&made, &[files]);
    let others = "the hub sends other bytes than its list of files names";
    assert_eq!(
        said(&answers[0]),
        format!(
            "d/test 5 f2 -\ngone 5 ? the hub does not have a file that it lists\n\
             huge 10485761 ? it has more than 10 MiB and no SHA-256 on the hub, which asks for a download\n\
             other 5 ? {others}\nshort 4 ? {others}\nw 99 ab -"
        )
    );
    assert_eq!(made.asked().len(), 5);
}

#[test]
fn a_repository_that_wants_a_login_is_asked_for_one_file() {
    let rows: Vec<String> =
        (0..50).map(|n| format!(r#"{{"type": "file", "path": "f{n}", "size": 1, "oid": "{COMMIT}"}}"#)).collect();
    let mut made = Made::default().with(
        &format!("hub/api/models/acme/shut/tree/{COMMIT}?recursive=true&expand=false"),
        200,
        &[],
        &format!("[{}]", rows.join(",")),
    );
    for n in 0..50 {
        let path = format!("hub/acme/shut/resolve/{COMMIT}/f{n}");
        made = made.with(&path, 401, &[("x-error-code", "GatedRepo")], "");
    }
    let files = Question::HubFiles { kind: RepoKind::Model, name: "acme/shut".to_owned(), commit: COMMIT.to_owned() };
    let answers = ask(&made, &[files]);
    let Answer::HubFiles(facts) = &answers[0] else { panic!("{answers:?}") };
    assert!(facts.files.iter().all(|file| file.missing.as_deref() == Some(HubState::Closed.why())));
    assert!(made.asked().len() <= 4);
}

#[test]
fn images_are_asked_for_with_a_token_that_anybody_gets() {
    let digest = format!("sha256:{}", "ab".repeat(32));
    let challenge = r#"Bearer realm="https://auth.example.com/token",service="registry",scope="repository:all:push""#;
    let manifest = "HEAD registry-1.docker.io/v2/library/python/manifests/3.12";
    let made = Made::default()
        .with(manifest, 401, &[("www-authenticate", challenge)], "")
        .with(
            "https://auth.example.com/token/?service=registry&scope=repository:library%2Fpython:pull",
            200,
            &[],
            r#"{"token": "abc"}"#,
        )
        .with(&format!("{manifest} with abc"), 200, &[("docker-content-digest", &digest)], "")
        .with("HEAD ghcr.io/v2/acme/app/manifests/latest", 200, &[], "")
        .with("ghcr.io/v2/acme/app/manifests/latest", 200, &[], "{}")
        .with("HEAD ghcr.io/v2/acme/gone/manifests/1", 404, &[], "")
        .with("HEAD ghcr.io/v2/acme/odd/manifests/1", 200, &[("docker-content-digest", "md5:1")], "")
        .with("ghcr.io/v2/acme/odd/manifests/1", 200, &[], "<html>");
    let of_nothing = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    let pinned = format!("registry.example.com/a@{digest}");
    for (reference, expected) in [
        ("python:3.12", digest.as_str()),
        ("docker.io/library/python:3.12", &digest),
        ("ghcr.io/acme/app", of_nothing),
        ("ghcr.io/acme/gone:1", "ghcr.io has no such image or tag"),
        ("ghcr.io/acme/odd:1", "ghcr.io answers something else than a manifest"),
        (&pinned, &digest),
        (
            "registry.example.com/a:1",
            "registry.example.com is not asked because the tree alone names it; \
             `--online-host registry.example.com` allows it",
        ),
        ("ghcr.io/A:1", "it is no reference of an image that a registry could hold"),
        ("ghcr.io/../a:1", "it is no reference of an image that a registry could hold"),
        ("ghcr.io/a:${TAG}", "it is no reference of an image that a registry could hold"),
    ] {
        let answers = ask(&made, &[Question::Image { reference: reference.to_owned() }]);
        assert_eq!(said(&answers[0]), expected, "{reference}");
    }
}

#[test]
fn tools_are_fetched_from_hosts_that_somebody_named() {
    let made = Made::default().with("https://github.com/acme/tool.tar.gz", 200, &[], "tool");
    for (url, expected) in [
        ("https://github.com/acme/tool.tar.gz", "7c 4"),
        ("https://github.com/acme/other", "example.com answers 404"),
        (
            "https://example.com/tool",
            "example.com is not asked because the tree alone names it; `--online-host example.com` allows it",
        ),
        ("https://user@github.com/x", "its address is none of the form https://HOST/PATH"),
        ("file:///etc/passwd", "its address is none of the form https://HOST/PATH"),
    ] {
        let answers = ask(&made, &[Question::Tool { url: url.to_owned() }]);
        assert_eq!(said(&answers[0]), expected, "{url}");
    }
    assert_eq!(made.asked().len(), 2);
}
