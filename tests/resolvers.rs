//! Which index answers, asked of the resolvers themselves: two indexes on loopback, a private one that
//! holds version 1.0 of a name and a public one that holds 99.0.
//!
//! Runs what `CUSTODY_RESOLVER_PIP` and `CUSTODY_RESOLVER_UV` name, and says so where one is not named;
//! cargo is there, since it runs the tests. Nothing is installed: pip makes a dry run, uv and cargo only
//! resolve.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::print_stderr,
    reason = "the test starts the resolvers it is told of"
)]

#[path = "common/server.rs"]
#[allow(dead_code, reason = "the server is shared by several tests")]
mod server;
#[path = "common/zip.rs"]
mod zip;

use std::path::PathBuf;
use std::process::Command;

use server::{Reply, Server};

const NAME: &str = "custody-example";

/// A wheel of nothing.
fn wheel(version: &str) -> Vec<u8> {
    let info = format!("custody_example-{version}.dist-info");
    let text = |name: &str, text: String| (name.to_owned(), text);
    zip::zip(&[
        text("custody_example.py", String::new()),
        text(&format!("{info}/METADATA"), format!("Metadata-Version: 2.1\nName: {NAME}\nVersion: {version}\n")),
        text(
            &format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
        ),
        text(&format!("{info}/RECORD"), format!("custody_example.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n")),
    ])
}

/// An index after PEP 503 with one version of the name.
fn index(version: &'static str) -> Server {
    let bytes = wheel(version);
    let file = format!("custody_example-{version}-py3-none-any.whl");
    Server::start(move |request| {
        let page = format!("<!DOCTYPE html><html><body><a href=\"/{NAME}/{file}\">{file}</a></body></html>");
        match request.target.as_str() {
            target if target == format!("/{NAME}/") => Reply::ok(page.into_bytes()).with("Content-Type", "text/html"),
            target if target.ends_with(".whl") => Reply::ok(bytes.clone()),
            _ => Reply::status(404),
        }
    })
}

/// The version a resolver chose, from what it printed.
fn chosen(program: &str, arguments: &[&str], folder: &PathBuf) -> String {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(std::env::vars().filter(|(name, _)| matches!(name.as_str(), "PATH" | "HOME" | "SYSTEMROOT")))
        .env("PIP_CONFIG_FILE", "/dev/null")
        .env("PIP_DISABLE_PIP_VERSION_CHECK", "1")
        .env("PIP_NO_CACHE_DIR", "1")
        .output()
        .expect("the resolver starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    match (text.contains("99.0"), output.status.success()) {
        (true, true) => "public".to_owned(),
        (false, true) if text.contains("1.0") => "private".to_owned(),
        _ => text,
    }
}

fn named(variable: &str) -> Option<String> {
    let found = std::env::var(variable).ok().filter(|program| !program.is_empty());
    if found.is_none() {
        eprintln!("skipped: {variable} names no program");
    }
    found
}

#[test]
fn pip_takes_the_highest_version_of_all_indexes() {
    let Some(pip) = named("CUSTODY_RESOLVER_PIP") else { return };
    let (private, public) = (index("1.0").url("127.0.0.1"), index("99.0").url("127.0.0.1"));
    let folder = std::env::temp_dir();
    for (options, expected) in [
        (vec!["--index-url", &private, "--extra-index-url", &public], "public"),
        (vec!["--index-url", &public, "--extra-index-url", &private], "public"),
        (vec!["--index-url", &private], "private"),
    ] {
        let mut arguments = vec!["install", "--dry-run", "--no-deps", "--ignore-installed"];
        arguments.extend(&options);
        arguments.push(NAME);
        assert_eq!(chosen(&pip, &arguments, &folder), expected, "{options:?}");
    }
}

#[test]
fn uv_takes_the_first_index_that_has_the_name() {
    let Some(uv) = named("CUSTODY_RESOLVER_UV") else { return };
    let (private, public) = (index("1.0").url("127.0.0.1"), index("99.0").url("127.0.0.1"));
    let folder = std::env::temp_dir().join(format!("custody-resolvers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("asked.in"), format!("{NAME}\n")).expect("a file");
    for (options, expected) in [
        (vec!["--default-index", &public, "--index", &private], "private"),
        (vec!["--default-index", &private, "--index", &public], "public"),
        (vec!["--default-index", &private], "private"),
        (vec!["--default-index", &public, "--index", &private, "--index-strategy", "unsafe-best-match"], "public"),
    ] {
        let mut arguments = vec!["pip", "compile", "--no-cache", "--no-config", "-q", "--no-header", "asked.in"];
        arguments.extend(&options);
        assert_eq!(chosen(&uv, &arguments, &folder), expected, "{options:?}");
    }
    std::fs::remove_dir_all(&folder).expect("the folder goes");
}

/// A sparse index with one version of the name. Source: the Cargo book, "Registry Index".
fn registry(version: &'static str) -> Server {
    Server::start(move |request| match request.target.as_str() {
        "/config.json" => Reply::ok(b"{\"dl\":\"https://example.com/{crate}\"}".to_vec()),
        target if target == format!("/cu/st/{NAME}") => {
            let checksum = "0".repeat(64);
            let line = format!(
                "{{\"name\":\"{NAME}\",\"vers\":\"{version}\",\"deps\":[],\"cksum\":\"{checksum}\",\"features\":{{}},\"yanked\":false}}\n"
            );
            Reply::ok(line.into_bytes())
        }
        _ => Reply::status(404),
    })
}

#[test]
fn cargo_asks_the_registry_that_is_named_and_no_other() {
    let (private, public) = (registry("1.0.0").url("127.0.0.1"), registry("99.0.0").url("127.0.0.1"));
    let base = std::env::temp_dir().join(format!("custody-cargo-{}", std::process::id()));
    for (case, (dependency, variable, expected)) in [
        ("\"*\"", None, "public"),
        ("{ version = \"*\", registry = \"company\" }", None, "private"),
        // A variable sends the name of a registry elsewhere, and the lock names that place.
        ("{ version = \"*\", registry = \"company\" }", Some(&public), "public"),
    ]
    .into_iter()
    .enumerate()
    {
        let folder = base.join(case.to_string());
        for (path, text) in [
            (
                "Cargo.toml",
                format!(
                    "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[workspace]\n[dependencies]\n{NAME} = {dependency}\n"
                ),
            ),
            ("src/lib.rs", String::new()),
            (
                ".cargo/config.toml",
                format!(
                    "[registries.company]\nindex = \"sparse+{private}/\"\n[source.crates-io]\nreplace-with = \"public\"\n[source.public]\nregistry = \"sparse+{public}/\"\n"
                ),
            ),
        ] {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["generate-lockfile", "--quiet"]).current_dir(&folder).env("CARGO_HOME", base.join("home"));
        // The registries of whoever runs the test are not those of the test.
        for (name, _) in std::env::vars().filter(|(n, _)| n.starts_with("CARGO_REGIS") || n.starts_with("CARGO_SOURCE"))
        {
            cargo.env_remove(name);
        }
        if let Some(url) = variable {
            cargo.env("CARGO_REGISTRIES_COMPANY_INDEX", format!("sparse+{url}/"));
        }
        let output = cargo.output().expect("cargo starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let lock = std::fs::read_to_string(folder.join("Cargo.lock")).expect("a lock");
        let found = if lock.contains("99.0.0") { "public" } else { "private" };
        assert_eq!(found, expected, "{dependency}: {lock}");
    }
    std::fs::remove_dir_all(&base).expect("the folder goes");
}
