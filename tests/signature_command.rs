//! `cargo custody verify-signature` as a person starts it: exit codes, the screen, and the contract of its JSON.

#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the tests start the program and read what it says"
)]

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

/// The first of January 2026.
const NOW: &str = "1767225600";

fn run(words: &[&str]) -> Output {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/signatures");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-custody"));
    command.current_dir(fixtures).env_clear().env("SOURCE_DATE_EPOCH", NOW);
    command.arg("verify-signature").args(words).output().expect("the program starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

#[test]
fn exit_codes_tell_what_holds() {
    let sigstore = ["--trust-root", "trusted_root.json", "--issuer", "https://accounts.example.com", "--identity"];
    let cases: &[(&[&str], i32, &str)] = &[
        (&["model", "--signature", "key-p256.sig", "--key", "p256.pub"], 0, "verified: 5 files of `model` are what"),
        (
            &["model/weights.dat", "--signature", "key-single.sig", "--key", "p256.pub"],
            0,
            "verified: 1 file of `model/weights.dat` is what",
        ),
        (
            &["model", "--signature", "certificate-p256.sig", "--certificate-chain", "root.pem"],
            0,
            "CN=throwaway signer",
        ),
        (
            &[
                "model",
                "--signature",
                "certificate-p256.sig",
                "--certificate-chain",
                "other-root.pem",
                "--certificate-chain",
                "root.pem",
            ],
            0,
            "(certificate)",
        ),
        (
            &[
                "model",
                "--signature",
                "certificate-p256.sig",
                "--certificate-chain",
                "root.pem",
                "--subject",
                "CN=somebody else",
            ],
            1,
            "signed, and not `CN=somebody else`",
        ),
        (&["model", "--signature", "certificate-run-out.sig", "--certificate-chain", "root.pem"], 1, "has run out"),
        (
            &["model", "--signature", "certificate-run-out.sig", "--certificate-chain", "root.pem", "--allow-expired"],
            0,
            "note: the certificate",
        ),
        (
            &["model", "--signature", "key-p256.sig", "--key", "other.pub"],
            1,
            "rejected: `model`: the bundle names the key",
        ),
        (&["model", "--signature", "bad-unlisted.sig", "--key", "p256.pub"], 1, "is there and was not signed"),
        (
            &["model", "--signature", "bad-unlisted.sig", "--key", "p256.pub", "--ignore-unsigned-files"],
            0,
            "verified: 4",
        ),
        (
            &["model", "--signature", "unknown-digest.sig", "--key", "p256.pub"],
            3,
            "undecided: `model`: could not be verified",
        ),
        (&["model", "--signature", "key-p256.sig", "--key", "rsa.pub"], 3, "a key of the kind RSA"),
        (&["model", "--signature", "key-before-1.1.sig", "--key", "p256.pub"], 0, "note: the bundle is of a form"),
    ];
    for (words, code, expected) in cases {
        let output = run(words);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(*code), "{words:?}: {said}{}", text(&output.stderr));
        assert!(said.contains(expected), "{words:?}: {said}");
    }
    let with = |identity| [&["model", "--signature", "sigstore.sig"][..], &sigstore, &[identity]].concat();
    assert_eq!(run(&with("signer@example.com")).status.code(), Some(0));
    assert_eq!(run(&with("other@example.com")).status.code(), Some(1));
}

#[test]
fn what_cannot_work_is_said() {
    let cases: &[(&[&str], &str)] = &[
        (&["model"], "required"),
        (&["model", "--key", "p256.pub"], "model.sig"),
        (&["model", "--key", "p256.pub", "--subject", "CN=signer"], "cannot be used with"),
        (&["nothing", "--key", "p256.pub"], "there is no `nothing`"),
        (&["model/weights.dat", "--key", "p256.pub"], "name its bundle"),
        (&["model", "--signature", "key-p256.sig", "--key", "root.pem"], "`root.pem`: there is no `PUBLIC KEY`"),
        (
            &["model", "--signature", "key-p256.sig", "--key", "p256.pub", "--certificate-chain", "root.pem"],
            "cannot be used with",
        ),
        (&["model", "--signature", "sigstore.sig", "--trust-root", "trusted_root.json"], "--identity"),
        (
            &["model", "--signature", "sigstore.sig", "--trust-root", "root.pem", "--identity", "a", "--issuer", "b"],
            "the trust root cannot be used",
        ),
    ];
    for (words, expected) in cases {
        let output = run(words);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {}", text(&output.stdout));
        assert!(text(&output.stderr).contains(expected), "{words:?}: {}", text(&output.stderr));
    }
}

#[test]
fn the_json_is_a_contract() {
    let json = |words: &[&str]| -> Value {
        serde_json::from_slice(&run(&[words, &["--format", "json"]].concat()).stdout).expect("JSON")
    };
    let good = json(&["model", "--signature", "key-p256.sig", "--key", "p256.pub"]);
    assert_eq!(good["schema"], "custody/signature/v1");
    assert_eq!((&good["verdict"], &good["exit_code"], &good["method"]), (&"verified".into(), &0.into(), &"key".into()));
    assert_eq!(good["files"][0]["path"], "config.json");
    assert_eq!(good["files"][0]["algorithm"], "sha256");
    assert_eq!(good["files"][0]["digest"].as_str().map(str::len), Some(64));
    assert_eq!(good["root"].as_str().map(str::len), Some(64));
    assert_eq!(good["signer"], good["fingerprint"]);
    let bad = json(&["model", "--signature", "bad-extra.sig", "--key", "p256.pub"]);
    assert_eq!((&bad["verdict"], &bad["exit_code"]), (&"rejected".into(), &1.into()));
    assert_eq!(bad["differences"], serde_json::json!([{ "kind": "missing", "path": "zz" }]));
    let undecided = json(&["model", "--signature", "unknown-digest.sig", "--key", "p256.pub"]);
    assert_eq!((&undecided["verdict"], &undecided["exit_code"]), (&"undecided".into(), &3.into()));
}
