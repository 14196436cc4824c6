//! `db update`, `rollback`, `export` and `import` against a real server on loopback.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program, a server and files"
)]

#[path = "common/server.rs"]
mod server;
#[path = "common/zip.rs"]
mod zipped;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use server::{Reply, Request, Server, authority};
use zipped::zip;

/// The folders that OSV keeps its zips in, as they stand in an address, and the ecosystems' names.
const FEEDS: [(&str, &str); 3] =
    [("/crates.io/", "crates.io"), ("/PyPI/", "PyPI"), ("/GitHub%20Actions/", "GitHub Actions")];

/// A folder of its own for each test.
struct Place {
    dir: PathBuf,
}

impl Place {
    fn new(name: &str) -> Self {
        let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("db_update").join(name);
        let _ = fs::remove_dir_all(&dir);
        fs::create_dir_all(&dir).expect("a folder");
        Self { dir }
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.dir.join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(&path, content).expect("a file");
        path.to_string_lossy().into_owned()
    }

    fn path(&self, name: &str) -> String {
        self.dir.join(name).to_string_lossy().into_owned()
    }

    fn program(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
        command
            .current_dir(&self.dir)
            .env_clear()
            .env("SOURCE_DATE_EPOCH", "1795392000")
            .env("CARGO_CUSTODY_HOME", self.dir.join("home"))
            .args(words);
        command
    }

    fn run(&self, words: &[&str]) -> Ran {
        Ran::of(self.program(words).output().expect("the program starts"))
    }

    /// `db update`, taking the small feeds of these tests.
    fn update(&self, from: &str, more: &[&str]) -> Ran {
        self.run(&[&["db", "update", "--from", from, "--allow-shrink"], more].concat())
    }

    /// The audit of a lock with the crate that the feeds speak of, as JSON.
    fn audit(&self, more: &[&str]) -> serde_json::Value {
        let ran = self.audit_run(more);
        serde_json::from_str(&ran.out).unwrap_or_else(|_| panic!("{}{}", ran.out, ran.err))
    }

    fn audit_run(&self, more: &[&str]) -> Ran {
        self.write(
            "tree/Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\nedition = \"2024\"\n\n[dependencies]\nflawed = \"1\"\n",
        );
        self.write(
            "tree/Cargo.lock",
            "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\"flawed\"]\n\n[[package]]\nname = \"flawed\"\nversion = \"1.0.0\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"0000000000000000000000000000000000000000000000000000000000000000\"\n",
        );
        self.run(&[&["audit", "tree", "--format", "json"], more].concat())
    }

    /// Everything that tells which index is in use.
    fn state(&self) -> Option<String> {
        fs::read_to_string(self.dir.join("home/current.json")).ok()
    }

    /// Folders of indexes, finished or not.
    fn folders(&self) -> usize {
        let listing = fs::read_dir(self.dir.join("home")).expect("the folder");
        listing.filter(|entry| entry.as_ref().expect("an entry").path().is_dir()).count()
    }
}

#[derive(Debug)]
struct Ran {
    code: i32,
    out: String,
    err: String,
}

impl Ran {
    fn of(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Self { code: output.status.code().expect("an exit code"), out: text(output.stdout), err: text(output.stderr) }
    }

    #[track_caller]
    fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{self:?}");
        self
    }

    /// A mistake or failure that says so in one line, without what must not be said.
    #[track_caller]
    fn fails(self, word: &str) -> Self {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.err.contains(word), "`{word}` is missing: {self:?}");
        for secret in ["secret", "c2VjcmV0"] {
            assert!(!self.err.contains(secret) && !self.out.contains(secret), "{self:?}");
        }
        self
    }
}

/// A feed of so many advisories, all about versions before 2.0.0.
fn feed(ecosystem: &str, count: usize) -> Vec<u8> {
    let kind = if ecosystem == "crates.io" { "SEMVER" } else { "ECOSYSTEM" };
    let records: Vec<_> = (0..count)
        .map(|i| {
            let name = match i {
                0 => "flawed".to_owned(),
                _ => format!("package-{i}"),
            };
            let name = if ecosystem == "GitHub Actions" { format!("example/{name}") } else { name };
            let record = format!(
                r#"{{"id":"EXAMPLE-2026-{i}","modified":"2026-11-20T00:00:00Z","published":"2026-11-01T00:00:00Z",
                "summary":"Reads past the end of {name}","affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},
                "ranges":[{{"type":"{kind}","events":[{{"introduced":"0"}},{{"fixed":"2.0.0"}}]}}]}}]}}"#
            );
            (format!("EXAMPLE-2026-{i}.json"), record)
        })
        .collect();
    zip(&records)
}

/// The zip that a request is for.
fn zip_for(request: &Request, count: usize) -> Option<Vec<u8>> {
    let (_, ecosystem) = FEEDS.iter().find(|(folder, _)| request.target.contains(folder))?;
    request.target.ends_with("/all.zip").then(|| feed(ecosystem, count))
}

fn serve(request: &Request, count: usize) -> Reply {
    zip_for(request, count).map_or_else(|| Reply::status(404), Reply::ok)
}

/// A mirror of feeds with so many advisories each.
fn mirror(count: usize) -> Server {
    Server::start(move |request| serve(request, count))
}

/// A mirror that treats crates.io otherwise, with the number of the try, counted from one.
fn odd(answer: impl Fn(usize, &Request) -> Reply + Send + Sync + 'static) -> Server {
    let tries = AtomicUsize::new(0);
    Server::start(move |request| match request.target.contains("/crates.io/") {
        true => answer(tries.fetch_add(1, Ordering::SeqCst) + 1, request),
        false => serve(request, 3),
    })
}

#[test]
fn feeds_are_fetched_and_audits_use_them_with_titles() {
    let place = Place::new("fetched");
    let server = mirror(3);
    let before = place.audit(&[]);
    assert_eq!(
        (before["knowledge"]["index"].as_str(), before["findings"].as_array().map(Vec::len)),
        (Some("embedded"), Some(0))
    );
    let ran = place.update(&format!("{}/osv/", server.url("127.0.0.1")), &[]).ok();
    assert!(ran.out.contains("local index") && ran.out.contains("3 records · 2026-11-20 (3 days old)"), "{ran:?}");
    let asked: Vec<_> = server.seen().into_iter().map(|r| (r.method, r.target)).collect();
    let expected: Vec<_> = FEEDS.iter().map(|(folder, _)| ("GET".to_owned(), format!("/osv{folder}all.zip"))).collect();
    assert_eq!(asked, expected);

    let audit = place.audit(&[]);
    assert_eq!(audit["knowledge"]["index"], "local");
    assert_eq!(audit["knowledge"]["online"], false);
    let finding = &audit["findings"][0];
    assert_eq!((&finding["rule"], &finding["advisory"]["id"]), (&"vulnerable-crate".into(), &"EXAMPLE-2026-0".into()));
    assert_eq!(finding["advisory"]["title"], "Reads past the end of flawed");
    let screen = place.run(&["audit", "tree", "--all"]);
    assert!(screen.out.contains("Reads past the end of flawed") && screen.out.contains("local index"), "{screen:?}");
    // Feeds speak of their own day; what is laid over them by hand does not make them older.
    assert!(screen.out.contains("GitHub Actions 2026-11-20"), "{screen:?}");

    assert_eq!(place.audit(&["--index", "embedded"])["knowledge"]["index"], "embedded");
    assert_eq!(place.audit(&["--index", "local"])["knowledge"]["index"], "local");
    let status = place.run(&["db", "status"]).ok();
    assert!(
        status.out.contains("embedded index") && status.out.contains("an audit uses the local index"),
        "{status:?}"
    );
    let json: serde_json::Value =
        serde_json::from_str(&place.run(&["db", "status", "--format", "json"]).ok().out).expect("JSON");
    assert_eq!((&json["in_use"], &json["indexes"][1]["index"]), (&"local".into(), &"local".into()));
}

#[test]
fn what_has_not_changed_is_not_sent_again() {
    let place = Place::new("unchanged");
    let server = Server::start(|request| {
        let tag = format!("\"{}\"", request.target.len());
        match request.header("if-none-match") {
            Some(known) if known == tag && request.header("if-modified-since").is_some() => Reply::status(304),
            _ => serve(request, 3).with("ETag", &tag).with("Last-Modified", "Sun, 22 Nov 2026 10:00:00 GMT"),
        }
    });
    let from = server.url("127.0.0.1");
    assert!(place.update(&from, &[]).ok().out.contains("3 records · 2026-11-22"));
    let state = place.state();
    let again = place.update(&from, &[]).ok();
    assert!(again.err.contains("nothing has changed"), "{again:?}");
    assert_eq!(place.state(), state);
    assert_eq!(server.seen().len(), 6);
    // Of another address nothing is known, nor where the kept text is not what it was.
    place.update(&format!("{from}/other"), &[]).ok();
    assert!(server.seen()[6].header("if-none-match").is_none());
    for entry in fs::read_dir(place.dir.join("home")).expect("the folder").flatten() {
        let text = entry.path().join("osv-pypi.tsv");
        if text.is_file() {
            fs::write(text, "changed").expect("a file");
        }
    }
    place.update(&format!("{from}/other"), &[]).ok();
    let seen = server.seen();
    let conditional: Vec<bool> = seen[9..].iter().map(|r| r.header("if-none-match").is_some()).collect();
    assert_eq!(conditional, [true, false, true]);
}

#[test]
fn an_unasked_not_modified_is_refused() {
    let place = Place::new("unasked");
    let server = odd(|_, _| Reply::status(304));
    place.update(&server.url("127.0.0.1"), &[]).fails("304");
    assert_eq!(place.state(), None);
}

#[test]
fn failures_that_pass_are_tried_again() {
    for (name, failure) in [("error", 0), ("short", 1), ("hang", 2), ("busy", 3)] {
        let place = Place::new(&format!("again-{name}"));
        let server = odd(move |attempt, request| match (attempt, failure) {
            (1, 0) => Reply::status(500),
            (1, 1) => Reply::Short(4000, b"PK".to_vec()),
            (1, 2) => Reply::Hang,
            (1, _) => Reply::status(429).with("Retry-After", "0"),
            _ => serve(request, 3),
        });
        place.update(&server.url("127.0.0.1"), &[]).ok();
        assert_eq!(server.seen().len(), 4, "{name}");
    }
}

#[test]
fn whatever_fails_leaves_the_index_as_it_was() {
    let place = Place::new("fails");
    place.update(&mirror(3).url("127.0.0.1"), &[]).ok();
    let state = place.state();
    let large = || vec![b'x'; (1 << 20) + 1];
    let cases: Vec<(Server, &[&str], &str)> = vec![
        (odd(|_, _| Reply::status(500)), &["--retries", "1"], "tried 2 times: it answers 500"),
        (odd(|_, _| Reply::Short(4000, feed("crates.io", 3)[..50].to_vec())), &["--retries", "0"], "tried once"),
        (odd(|_, _| Reply::Undeclared(feed("crates.io", 3)[..50].to_vec())), &[], "not a zip"),
        (odd(|_, _| Reply::ok(b"<html>please log in</html>".to_vec())), &[], "not a zip"),
        (odd(|_, _| Reply::ok(Vec::new())), &[], "not a zip"),
        (odd(|_, _| Reply::ok(feed("PyPI", 3))), &[], "no advisory about crates.io"),
        (odd(|_, _| Reply::status(404)), &[], "answers 404 Not Found; a mirror holds ECOSYSTEM/all.zip"),
        (odd(|_, _| Reply::status(403)), &[], "403"),
        (odd(|_, _| Reply::status(206)), &[], "206"),
        (odd(move |_, _| Reply::ok(large())), &["--max-size", "1"], "larger than 1 MiB"),
        (odd(move |_, _| Reply::Undeclared(large())), &["--max-size", "1"], "larger than 1 MiB"),
        (odd(|_, _| Reply::Short(usize::MAX / 2, Vec::new())), &[], "larger than 512 MiB"),
        (odd(|_, _| Reply::Stall), &["--timeout", "1", "--retries", "0"], "tried once"),
        (odd(|_, _| Reply::status(302)), &[], "leads nowhere"),
        (odd(|_, _| Reply::status(302).with("Location", "/crates.io/all.zip")), &[], "on and on"),
        (odd(|_, _| Reply::status(302).with("Location", "http://example.com/?sig=secret")), &[], "not followed"),
        (odd(|_, _| Reply::status(302).with("Location", "file:///etc/passwd")), &[], "not followed"),
    ];
    for (server, more, said) in cases {
        place.update(&server.url("127.0.0.1"), more).fails(said);
        assert_eq!(place.state(), state, "{said}");
    }
    let broken = {
        let mut bytes = feed("crates.io", 3);
        // In the packed data of the first record, past its header and name.
        bytes[30 + "EXAMPLE-2026-0.json".len() + 20] ^= 0xff;
        bytes
    };
    let server = odd(move |_, _| Reply::ok(broken.clone()));
    let ran = place.update(&server.url("127.0.0.1"), &[]);
    assert!(ran.code == 3 && ran.err.contains("not used: EXAMPLE-2026-0.json"), "{ran:?}");
    place.update("http://127.0.0.1:1", &["--retries", "0"]).fails("tried once");
}

#[test]
fn records_that_cannot_be_used_are_named_and_make_it_incomplete() {
    let place = Place::new("unusable");
    let server = odd(|_, _| {
        let good =
            r#"{"id":"X-1","affected":[{"package":{"ecosystem":"crates.io","name":"flawed"},"versions":["1.0.0"]}]}"#;
        Reply::ok(zip(&[("X-1.json".to_owned(), good.to_owned()), ("X-2.json".to_owned(), "{".to_owned())]))
    });
    let ran = place.update(&server.url("127.0.0.1"), &[]);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("not used: X-2.json") && ran.err.contains("1 records could not be used"), "{ran:?}");
    assert!(place.run(&["db", "status"]).ok().out.contains("1 records could not be used"));
}

#[test]
fn a_title_is_redacted_and_cut() {
    let place = Place::new("title");
    let server = odd(|_, _| {
        let summary = format!("See https://user:secret@example.com/\\n\\u001b[31m{}", "long ".repeat(60));
        let record = format!(
            r#"{{"id":"X-1","summary":"{summary}","affected":[{{"package":{{"ecosystem":"crates.io","name":"flawed"}},
            "ranges":[{{"type":"SEMVER","events":[{{"introduced":"0"}}]}}]}}]}}"#
        );
        Reply::ok(zip(&[("X-1.json".to_owned(), record)]))
    });
    place.update(&server.url("127.0.0.1"), &["--as-of", "2026-11-20"]).fails("for folders");
    place.update(&server.url("127.0.0.1"), &[]).ok();
    let audit = place.audit(&["--index", "local"]);
    let title = audit["findings"][0]["advisory"]["title"].as_str().expect("a title");
    assert!(title.starts_with("See https://[redacted]@example.com/ [31mlong long"), "{title}");
    assert!(title.ends_with('…') && title.chars().count() == 120, "{title}");
}

#[test]
fn a_password_goes_to_its_host_and_to_no_other() {
    let place = Place::new("netrc");
    let there = mirror(3);
    let to = there.url("localhost");
    let here = Server::start(move |request| match request.header("authorization") {
        // user:secret
        Some("Basic dXNlcjpzZWNyZXQ=") => {
            Reply::status(307).with("Location", &format!("{}{}", to.replace("//", "//user:secret@"), request.target))
        }
        _ => Reply::status(401),
    });
    let from = here.url("127.0.0.1");
    place.update(&from, &[]).fails("401 Unauthorized; credentials are read from the netrc file");
    let netrc = place
        .write("netrc", "machine 127.0.0.1 login user password secret\nmachine localhost login user password secret\n");
    let update = |place: &Place, netrc: &str| {
        let mut command = place.program(&["db", "update", "--allow-shrink", "--from", &from]);
        Ran::of(command.env("NETRC", netrc).output().expect("it starts"))
    };
    update(&place, &netrc).ok();
    assert_eq!(there.seen().len(), 3);
    assert!(there.seen().iter().all(|request| request.header("authorization").is_none()));
    // The file is also found at home.
    place.write(
        "user/.netrc",
        "default login user password wrong\nmachine 127.0.0.1\n\tlogin user\n\tpassword \"secret\"\n",
    );
    let mut command = place.program(&["db", "update", "--allow-shrink", "--from", &from]);
    Ran::of(command.env("HOME", place.dir.join("user")).output().expect("it starts")).ok();

    let broken = place.write("broken", "machine 127.0.0.1 login user\nsecret\n");
    update(&place, &broken).fails("line 2 has a word that is no keyword");
    update(&place, &place.path("absent")).fails("failed to read");
}

#[test]
fn addresses_that_cannot_be_used_are_refused_unseen() {
    let place = Place::new("addresses");
    for (from, said) in [
        ("https://user:secret@example.com", "netrc"),
        ("https://example.com/?sig=secret", "query"),
        ("http://example.com/osv", "--allow-http"),
        ("ftp://example.com/", "neither https nor http"),
        ("no/such/folder", "is no folder"),
    ] {
        place.update(from, &[]).fails(said);
    }
    place.update("https://example.com", &["--as-of", "2026-01-01"]).fails("for folders");
    place.update("https://example.com", &["--ca-file", "absent.pem"]).fails("absent.pem");
}

#[test]
fn proxies_are_used_and_passed_by() {
    let place = Place::new("proxy");
    let proxy = mirror(3);
    let run = |variables: &[(&str, &str)], from: &str| {
        let mut command =
            place.program(&["db", "update", "--allow-shrink", "--allow-http", "--retries", "0", "--from", from]);
        Ran::of(command.envs(variables.iter().copied()).output().expect("it starts"))
    };
    let address = format!("http://user:secret@127.0.0.1:{}", proxy.at.port());
    run(&[("HTTP_PROXY", &address)], "http://mirror.example.com/osv").ok();
    let seen = proxy.seen();
    assert_eq!(seen[0].target, "http://mirror.example.com/osv/crates.io/all.zip");
    assert_eq!(seen[0].header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    // Not for this host, and not where a web server started us.
    let direct = mirror(3);
    run(&[("HTTP_PROXY", &address), ("NO_PROXY", "127.0.0.1,example.com")], &direct.url("127.0.0.1")).ok();
    run(&[("HTTP_PROXY", &address), ("REQUEST_METHOD", "GET")], &direct.url("127.0.0.1")).ok();
    assert_eq!((proxy.seen().len(), direct.seen().len()), (3, 6));
    // Whatever goes wrong, the password is not said.
    run(&[("HTTP_PROXY", "http://user:secret@127.0.0.1:1")], "http://mirror.example.com/osv").fails("tried once");
    run(&[("HTTP_PROXY", "socks5://user:secret@127.0.0.1:1")], "http://mirror.example.com/osv").fails("HTTP_PROXY");
    let refusing = Server::start(|_| Reply::status(407));
    let address = format!("http://user:secret@127.0.0.1:{}", refusing.at.port());
    run(&[("HTTP_PROXY", &address)], "http://mirror.example.com/osv").fails("the proxy wants credentials");
}

#[test]
fn a_certificate_authority_of_ones_own_is_trusted_where_it_is_named() {
    let place = Place::new("tls");
    let (pem, config) = authority(&["localhost", "mirror.example.com"]);
    let pem = place.write("ca.pem", pem);
    let server = Server::start_tls(config, |request| serve(request, 3));
    let from = format!("https://localhost:{}", server.at.port());
    let (other, _) = authority(&["localhost"]);
    let other = place.write("other.pem", other);
    let run = |variables: &[(&str, &str)], from: &str, more: &[&str]| {
        let words = [&["db", "update", "--allow-shrink", "--retries", "0", "--from", from], more].concat();
        Ran::of(place.program(&words).envs(variables.iter().copied()).output().expect("it starts"))
    };
    run(&[("SSL_CERT_FILE", &other)], &from, &[]).fails("certificate");
    run(&[("SSL_CERT_FILE", &other)], &from, &["--ca-file", &pem]).ok();
    run(&[], &from, &["--ca-file", &pem]).ok();
    run(&[("SSL_CERT_FILE", &pem)], &from, &[]).ok();
    run(&[], &from, &["--ca-file", &place.write("empty.pem", "nothing")]).fails("no certificate");
    // The name counts as well.
    run(&[("SSL_CERT_FILE", &pem)], &from.replace("localhost", "127.0.0.1"), &[]).fails("certificate");
    // Through a proxy, which sees the host and nothing else.
    let proxy = Server::tunnel(server.at);
    let address = format!("http://user:secret@127.0.0.1:{}", proxy.at.port());
    run(&[("https_proxy", &address), ("SSL_CERT_FILE", &pem)], "https://mirror.example.com/osv", &[]).ok();
    let seen = &proxy.seen()[0];
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("CONNECT", "mirror.example.com:443"));
    assert_eq!(seen.header("proxy-authorization"), Some("Basic dXNlcjpzZWNyZXQ="));
    // From https to http nothing is followed.
    let (pem, config) = authority(&["localhost"]);
    let pem = place.write("second.pem", pem);
    let server = Server::start_tls(config, |_| Reply::status(302).with("Location", "http://localhost:1/"));
    run(&[("SSL_CERT_FILE", &pem)], &format!("https://localhost:{}", server.at.port()), &[]).fails("from https to");
}

#[test]
fn a_shrunk_index_is_refused_and_a_replaced_one_comes_back() {
    let place = Place::new("shrunk");
    let (large, small) = (mirror(40), mirror(37));
    // Against what the program brings.
    place.run(&["db", "update", "--from", &large.url("127.0.0.1")]).fails("this program brings 1205");
    assert_eq!(place.state(), None);
    place.run(&["db", "rollback"]).fails("there is no local index");
    place.update(&large.url("127.0.0.1"), &[]).ok();
    place.run(&["db", "rollback"]).fails("there is no previous index");
    let state = place.state();
    let ran = place
        .run(&["db", "update", "--from", &small.url("127.0.0.1")])
        .fails("37 advisories of crates.io, while the index in use has 40");
    assert!(ran.err.contains("--allow-shrink"), "{ran:?}");
    assert_eq!(place.state(), state);
    assert!(place.update(&small.url("127.0.0.1"), &[]).ok().out.contains("37 records"));
    assert!(place.run(&["db", "status"]).ok().out.contains("previous index"));
    assert!(place.run(&["db", "rollback"]).ok().out.contains("40 records"));
    assert!(place.run(&["db", "rollback"]).ok().out.contains("37 records"));
    // No more than two are kept.
    place.update(&mirror(3).url("127.0.0.1"), &[]).ok();
    assert_eq!(place.folders(), 2);
}

#[test]
fn an_interrupted_update_changes_nothing() {
    let place = Place::new("interrupted");
    place.update(&mirror(3).url("127.0.0.1"), &[]).ok();
    let state = place.state();
    let (send, receive) = std::sync::mpsc::channel();
    let send = std::sync::Mutex::new(send);
    let server = odd(move |_, _| {
        let _ = send.lock().expect("no panic").send(());
        Reply::Stall
    });
    let mut child = place
        .program(&["db", "update", "--allow-shrink", "--from", &server.url("127.0.0.1")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("it starts");
    receive.recv().expect("it asks");
    place.update(&mirror(3).url("127.0.0.1"), &[]).fails("another update is at work");
    child.kill().expect("it can be ended");
    child.wait().expect("it ends");
    assert_eq!(place.state(), state);
    assert_eq!(place.audit(&[])["knowledge"]["index"], "local");
    // What a run leaves that ends while it writes is cleared away by the next.
    place.write("home/incoming-1/index.bin", "half");
    place.update(&mirror(4).url("127.0.0.1"), &[]).ok();
    assert_eq!(place.folders(), 2);
}

#[test]
fn a_damaged_index_is_an_error_and_can_be_mended() {
    let place = Place::new("damaged");
    let server = mirror(3);
    place.update(&server.url("127.0.0.1"), &[]).ok();
    let pointer = place.dir.join("home/current.json");
    let sound = fs::read(&pointer).expect("a file");
    let folder = fs::read_dir(place.dir.join("home"))
        .expect("the folder")
        .map(|entry| entry.expect("an entry").path())
        .find(|path| path.is_dir())
        .expect("an index");
    let table = fs::read(folder.join("index.bin")).expect("a table");
    let mut changed = table.clone();
    changed[table.len() / 2] ^= 1;
    for (path, content) in [
        (folder.join("index.bin"), Some(changed)),
        (folder.join("index.bin"), Some(table[..table.len() / 2].to_vec())),
        (folder.join("index.bin"), None),
        (folder.join("about.json"), Some(b"{}".to_vec())),
        (pointer.clone(), Some(b"{".to_vec())),
        (pointer.clone(), Some(br#"{"current":"../../etc","previous":null}"#.to_vec())),
        (pointer.clone(), None),
    ] {
        let was = fs::read(&path).expect("a file");
        match content {
            Some(bytes) => fs::write(&path, bytes).expect("a file"),
            None => fs::remove_file(&path).expect("removed"),
        }
        place.audit_run(&[]).fails("damaged");
        place.run(&["db", "status"]).fails("damaged");
        assert_eq!(place.audit(&["--index", "embedded"])["knowledge"]["index"], "embedded");
        fs::write(&path, was).expect("a file");
        assert_eq!(place.audit(&[])["knowledge"]["index"], "local", "{}", path.display());
    }
    fs::write(&pointer, "{").expect("a file");
    assert!(place.update(&server.url("127.0.0.1"), &[]).ok().err.contains("note: the local index is damaged"));
    assert_eq!(place.audit(&[])["knowledge"]["index"], "local");
    assert_ne!(fs::read(&pointer).expect("a file"), sound);
}

#[test]
fn an_audited_tree_cannot_bring_its_own_knowledge() {
    let place = Place::new("inside");
    place.update(&mirror(3).url("127.0.0.1"), &[]).ok();
    place.audit(&[]);
    let run = |more: &[&str]| {
        let words = [&["audit", ".", "--format", "json"], more].concat();
        Ran::of(place.program(&words).output().expect("it starts"))
    };
    run(&[]).fails("lies in the audited tree");
    run(&["--index", "local"]).fails("lies in the audited tree");
    let ran = run(&["--index", "embedded"]);
    assert!(ran.out.contains("\"embedded\""), "{ran:?}");
}

#[test]
fn an_older_local_index_is_not_used_unasked() {
    let place = Place::new("older");
    for (folder, ecosystem) in FEEDS {
        place.write(&format!("feeds{}all.zip", folder.replace("%20", " ")), feed(ecosystem, 3));
    }
    let ran = place.update("feeds", &["--as-of", "2026-08-20"]).ok();
    assert!(ran.err.contains("older than the embedded index"), "{ran:?}");
    assert_eq!(place.audit(&[])["knowledge"]["index"], "embedded");
    assert_eq!(place.audit(&["--index", "local"])["knowledge"]["index"], "local");
    assert!(place.run(&["db", "status"]).ok().out.contains("an audit uses the embedded index"));
    // One zip per ecosystem is a folder of feeds, too; it stands for its newest change.
    for (folder, ecosystem) in FEEDS {
        place.write(&format!("flat/{}.zip", folder.trim_matches('/').replace("%20", "-")), feed(ecosystem, 3));
    }
    assert!(place.update("flat", &[]).ok().out.contains("3 records · 2026-11-20"));
    assert_eq!(place.audit(&[])["knowledge"]["index"], "local");
    fs::remove_file(place.dir.join("flat/PyPI.zip")).expect("removed");
    place.update("flat", &[]).fails("has neither `PyPI/all.zip` nor `PyPI.zip`");
}

#[test]
fn a_table_of_ones_own_is_used_where_it_is_named() {
    let place = Place::new("table");
    let zip = place.write("feed.zip", feed("crates.io", 3));
    place.run(&["db", "build", "--osv", &zip, "--out", "out", "--table", "a.bin"]).ok();
    let audit = place.audit(&["--index", "a.bin"]);
    assert_eq!(audit["knowledge"]["index"], "file a.bin");
    let finding = &audit["findings"][0]["advisory"];
    assert_eq!((&finding["id"], &finding["title"]), (&"EXAMPLE-2026-0".into(), &serde_json::Value::Null));
    let bytes = fs::read(place.dir.join("a.bin")).expect("a table");
    place.write("cut.bin", &bytes[..bytes.len() - 9]);
    place.audit_run(&["--index", "cut.bin"]).fails("cannot be used");
    place.audit_run(&["--index", "tree/Cargo.toml"]).fails("not an advisory table");
    place.audit_run(&["--index", "absent.bin"]).fails("absent.bin");
    place.audit_run(&["--index", "local"]).fails("there is no local index");
}

#[test]
fn an_index_is_carried_signed() {
    let (there, here) = (Place::new("carry-from"), Place::new("carry-to"));
    there.update(&mirror(3).url("127.0.0.1"), &[]).ok();
    let key = there.run(&["db", "keygen", "site.key"]).ok().out.trim().to_owned();
    assert!(key.starts_with("custody-ed25519:"), "{key}");
    there.run(&["db", "keygen", "site.key"]).fails("site.key");
    there.run(&["db", "export", "index.custody", "--key", "site.key"]).ok();
    there.run(&["db", "export", "unsigned.custody"]).ok();
    there.run(&["db", "export", "x", "--key", "site.key.pub"]).fails("is no key");
    let file = there.path("index.custody");
    let bytes = fs::read(&file).expect("a file");

    let import = |file: &str, more: &[&str]| here.run(&[&["db", "import", file, "--allow-shrink"], more].concat());
    assert_eq!(import(&file, &[]).code, 2, "whom to trust must be said");
    for (name, content, said) in [
        ("cut.custody", bytes[..bytes.len() - 1].to_vec(), "ends too early"),
        ("half.custody", bytes[..bytes.len() / 2].to_vec(), "ends too early"),
        ("more.custody", [bytes.as_slice(), b"x"].concat(), "something follows"),
        ("other.custody", b"nothing of the kind".to_vec(), "not an exported index"),
        (
            "changed.custody",
            {
                let mut b = bytes.clone();
                let at = b.len() / 2;
                b[at] ^= 1;
                b
            },
            "does not hold",
        ),
    ] {
        let file = here.write(name, content);
        import(&file, &["--trusted-key", &key]).fails(said);
        assert_eq!(here.state(), None, "{name}");
    }
    here.run(&["db", "keygen", "own.key"]).ok();
    import(&file, &["--trusted-key", "own.key.pub"]).fails("not the key that is trusted");
    import(&file, &["--trusted-key", "nonsense"]).fails("neither a public key nor a file");
    import(&file, &["--trusted-key", "own.key"]).fails("holds no public key");
    let unsigned = there.path("unsigned.custody");
    import(&unsigned, &["--trusted-key", &key]).fails("not signed");
    here.run(&["db", "import", &file, "--trusted-key", &key]).fails("--allow-shrink");
    assert_eq!(here.state(), None);

    import(&file, &["--trusted-key", "own.key.pub", "--trusted-key", &there.path("site.key.pub")]).ok();
    let audit = here.audit(&[]);
    assert_eq!((&audit["knowledge"]["index"], audit["findings"].as_array().map(Vec::len)), (&"local".into(), Some(1)));
    assert_eq!(audit["knowledge"]["digest"], there.audit(&[])["knowledge"]["digest"]);
    let status = here.run(&["db", "status"]).ok();
    assert!(
        status.out.contains(&format!("signed by {key}")) && status.out.contains("file index.custody"),
        "{status:?}"
    );
    import(&unsigned, &["--allow-unsigned"]).ok();
    // What is older than what is in use may be replayed by somebody who hides advisories.
    for (folder, ecosystem) in FEEDS {
        there.write(&format!("feeds{}all.zip", folder.replace("%20", " ")), feed(ecosystem, 3));
    }
    there.update("feeds", &["--as-of", "2026-10-01"]).ok();
    there.run(&["db", "export", "old.custody", "--key", "site.key"]).ok();
    let old = there.path("old.custody");
    import(&old, &["--trusted-key", &key]).fails("--allow-older");
    import(&old, &["--trusted-key", &key, "--allow-older"]).ok();
}

#[cfg(unix)]
#[test]
fn a_secret_key_is_for_its_owner_alone() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::new("keygen");
    place.run(&["db", "keygen", "site.key"]).ok();
    let mode = fs::metadata(place.dir.join("site.key")).expect("a key").permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn without_a_folder_there_is_no_local_index() {
    let place = Place::new("homeless");
    let run =
        |words: &[&str]| Ran::of(place.program(words).env_remove("CARGO_CUSTODY_HOME").output().expect("it starts"));
    run(&["db", "update"]).fails("CARGO_CUSTODY_HOME");
    assert!(run(&["db", "status"]).ok().out.contains("embedded index"));
    let data = place.dir.join("data");
    let mut command = place.program(&["db", "update", "--allow-shrink", "--from", &mirror(3).url("127.0.0.1")]);
    command
        .env_remove("CARGO_CUSTODY_HOME")
        .env("HOME", &data)
        .env("XDG_DATA_HOME", data.join("xdg"))
        .env("LOCALAPPDATA", &data);
    Ran::of(command.output().expect("it starts")).ok();
    assert_eq!(place.state(), None, "nothing lies where it was not sent");
    if cfg!(target_os = "linux") {
        assert!(data.join("xdg/cargo-custody/current.json").is_file());
    }
}
