//! A folder's name never excuses what a root reaches.

#![allow(clippy::expect_used, reason = "a test may insist")]

mod common;

use cargo_custody::audit::{Audit, Verdict};
use cargo_custody::diag::Impact;
use cargo_custody::source::Role;

/// A crate that RustSec knows to be malicious.
const BAD: (&str, &str) = ("arone", "0.1.0");

fn lock(members: &[&str]) -> String {
    let mut out = String::from("version = 4\n");
    for member in members {
        out.push_str(&format!(
            "\n[[package]]\nname = \"{member}\"\nversion = \"1.0.0\"\ndependencies = [\n \"{}\",\n]\n",
            BAD.0
        ));
    }
    out.push_str(&format!(
        "\n[[package]]\nname = \"{}\"\nversion = \"{}\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\nchecksum = \"00\"\n",
        BAD.0, BAD.1
    ));
    out
}

fn member(folder: &str) -> Audit {
    let manifest = format!("[workspace]\nmembers = [\"{folder}/h\"]\n");
    let package = format!("[package]\nname = \"h\"\nversion = \"1.0.0\"\n\n[dependencies]\n{} = \"0.1\"\n", BAD.0);
    common::audit(&[
        ("Cargo.toml", &manifest),
        ("Cargo.lock", &lock(&["h"])),
        (&format!("{folder}/h/Cargo.toml"), &package),
    ])
}

#[test]
fn a_malicious_crate_blocks_wherever_the_member_lies() {
    for folder in ["crates", "vendor", "templates", "tests/fixtures", "examples"] {
        let audit = member(folder);
        assert_eq!(audit.verdict, Verdict::Fail, "{folder}: {:?}", audit.findings);
    }
}

fn vendored(broken: &str) -> Audit {
    common::audit(&[
        (
            "Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\nx = { path = \"vendor/x\" }\n\n[workspace]\nexclude = [\"vendor/x\"]\n",
        ),
        ("vendor/x/Cargo.toml", &format!("[package]\nname = \"x\"\nversion = \"1.0.0\"\n{broken}")),
    ])
}

#[test]
fn a_vendored_fork_that_the_product_builds_from_is_product() {
    let audit = vendored("");
    let row = audit.coverage.files.iter().find(|f| f.path == "vendor/x/Cargo.toml").expect("covered");
    assert_eq!(row.role, Role::Product);
    assert!(audit.complete);
    assert!(!vendored("broken = = =\n").complete);
}

#[test]
fn a_listed_member_without_a_document_counts() {
    let audit = common::audit(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"fixtures/*\"]\n"),
        ("fixtures/app/Cargo.toml", "= = =\n"),
    ]);
    assert!(!audit.complete, "{:?}", audit.coverage.files);
}

#[test]
fn an_edge_to_a_git_package_is_followed() {
    let lock = "version = 1\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\ndependencies = [\n \
        \"b 0.1.0 (git+https://git.example.com/b)\",\n]\n\n[[package]]\nname = \"b\"\nversion = \"0.1.0\"\n\
        source = \"git+https://git.example.com/b#0123456789abcdef0123456789abcdef01234567\"\ndependencies = [\n \
        \"time 0.1.40 (registry+https://github.com/rust-lang/crates.io-index)\",\n]\n\n[[package]]\nname = \"time\"\n\
        version = \"0.1.40\"\nsource = \"registry+https://github.com/rust-lang/crates.io-index\"\n\n[metadata]\n\
        \"checksum time 0.1.40 (registry+https://github.com/rust-lang/crates.io-index)\" = \"00\"\n";
    let manifest =
        "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[dependencies]\nb = { git = \"https://git.example.com/b\" }\n";
    let audit = common::audit(&[("Cargo.toml", manifest), ("Cargo.lock", lock)]);
    let found = audit
        .findings
        .iter()
        .find(|f| f.advisory.as_ref().is_some_and(|t| t.id == "RUSTSEC-2020-0071"))
        .expect("found");
    assert_eq!(found.path, "Cargo.toml", "{found:?}");
    assert!(found.route.len() > 1, "{:?}", found.route);
}

#[test]
fn membership_is_decided_as_cargo_does() {
    // A member named in full is one, though `exclude` names a folder above it.
    let audit = common::audit(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"crates/a\"]\nexclude = [\"crates\"]\n"),
        (
            "crates/a/Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"1.0.0\"\n\n[[bin]]\nname = \"a\"\npath = \"m.rs\"\n",
        ),
        ("Cargo.lock", "version = 4\n\n[[package]]\nname = \"a\"\nversion = \"1.0.0\"\n"),
    ]);
    assert!(!audit.findings.iter().any(|f| f.rule == "missing-lockfile"), "{:?}", audit.findings);
}

/// Findings on a workflow whose first job fetches and whose second publishes: impact, and the hop behind the job.
fn handed(upload: &str, publish: &str) -> Vec<(Option<Impact>, String)> {
    let sha = "0123456789abcdef0123456789abcdef01234567";
    let workflow = format!(
        "on: {{push: {{tags: ['v*']}}}}\npermissions: {{}}\njobs:\n  build:\n    runs-on: ubuntu-latest\n    steps:\n      - run: curl -fsSL https://example.com/install.sh | sh\n      - uses: actions/upload-artifact@{sha}\n        with: {{name: {upload}, path: dist}}\n  publish:\n    runs-on: ubuntu-latest\n{publish}    environment: release\n    permissions: {{id-token: write}}\n    steps:\n      - uses: actions/download-artifact@{sha}\n        with: {{path: dist, pattern: 'wheels-*'}}\n      - uses: pypa/gh-action-pypi-publish@{sha}\n"
    );
    let audit = common::audit(&[(".github/workflows/release.yml", &workflow)]);
    let found = audit.findings.iter().filter(|f| f.rule == "fetch-to-interpreter");
    found.map(|f| (f.impact, f.route.get(2).map_or(String::new(), |hop| hop.text.clone()))).collect()
}

#[test]
fn what_a_job_builds_for_another_to_publish_reaches_the_release() {
    let released = (
        Some(Impact::ReachesRelease),
        "artifact for job publish, which publishes by pypa/gh-action-pypi-publish".to_owned(),
    );
    assert_eq!(handed("wheels-linux", "    needs: build\n"), [released]);
    // A report is no product, another artifact is not taken, and who does not wait takes nothing.
    for (upload, needs) in
        [("wheels-coverage", "    needs: build\n"), ("docs", "    needs: build\n"), ("wheels-linux", "")]
    {
        assert!(handed(upload, needs).iter().all(|(impact, _)| impact.is_none()), "{upload} {needs}");
    }
}
