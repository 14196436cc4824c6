//! Signatures of models against bundles made by the `model-signing` package (1.1.1) with keys that were thrown away,
//! and a Sigstore of our own: what is accepted, and that everything else that is tried is not.

#![allow(clippy::disallowed_methods, clippy::expect_used, clippy::panic, reason = "the tests read and write files")]

use std::fs;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use cargo_custody::sign::{
    self, Difference, Failure, Keyless, Method, Model, PublicKey, Roots, Terms, Trust, Verified,
};
use serde_json::{Value, json};

/// The first of January 2026, after which one of the certificates has run out.
const NOW: i64 = 1_767_225_600;

const WHO: (&str, &str) = ("signer@example.com", "https://accounts.example.com");

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/signatures")
}

fn text(name: &str) -> String {
    fs::read_to_string(fixtures().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn bundle(name: &str) -> Vec<u8> {
    text(&format!("{name}.sig")).into_bytes()
}

fn key(name: &str) -> Trust {
    Trust::Key(PublicKey::from_pem(&text(&format!("{name}.pub"))).expect("a key"))
}

fn roots(name: &str) -> Trust {
    Trust::Certificates(Roots::from_pem(&text(name)).expect("certificates"))
}

fn keyless(root: &str, (identity, issuer): (&str, &str)) -> Trust {
    Trust::Sigstore(Keyless::new(&text(root), identity, issuer).expect("a trust root"))
}

fn terms() -> Terms {
    Terms { now: NOW, threads: 3, ..Terms::default() }
}

fn verify(bundle: &[u8], trust: &Trust) -> Result<Verified, Failure> {
    verify_at(bundle, &fixtures().join("model"), trust, &terms())
}

fn verify_at(bundle: &[u8], model: &Path, trust: &Trust, terms: &Terms) -> Result<Verified, Failure> {
    sign::verify(bundle, &Model::at(model), trust, terms)
}

/// A copy of the model that a test may change.
fn copy(name: &str) -> PathBuf {
    fn below(from: &Path, to: &Path) {
        fs::create_dir_all(to).expect("a folder");
        for entry in fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            let target = to.join(entry.file_name());
            if entry.path().is_dir() {
                below(&entry.path(), &target);
            } else {
                fs::copy(entry.path(), target).expect("copied");
            }
        }
    }
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("signatures").join(name);
    let _ = fs::remove_dir_all(&dir);
    below(&fixtures().join("model"), &dir);
    dir
}

#[test]
fn what_the_package_signed_is_accepted() {
    let cases: &[(&str, Trust, Method, bool)] = &[
        ("key-p256", key("p256"), Method::Key, false),
        ("key-p384", key("p384"), Method::Key, false),
        ("key-p521", key("p521"), Method::Key, false),
        ("key-blake2b", key("p256"), Method::Key, false),
        ("key-blake3", key("p256"), Method::Key, false),
        ("key-shards", key("p256"), Method::Key, false),
        ("key-before-1.1", key("p256"), Method::Key, true),
        ("certificate-p256", roots("root.pem"), Method::Certificate, false),
        ("certificate-p521", roots("root.pem"), Method::Certificate, false),
        ("certificate-0.2", roots("root.pem"), Method::Certificate, true),
        ("sigstore", keyless("trusted_root.json", WHO), Method::Sigstore, false),
    ];
    for (name, trust, method, old) in cases {
        // An empty file has no piece, so that a list of pieces says nothing of it: it has to be passed over by name.
        let ignore = if *name == "key-shards" { vec!["empty.txt".to_owned()] } else { Vec::new() };
        let asked = Terms { ignore, ..terms() };
        let verified = verify_at(&bundle(name), &fixtures().join("model"), trust, &asked);
        let verified = verified.unwrap_or_else(|failure| panic!("{name}: {failure}"));
        assert_eq!((verified.method, verified.old_format), (*method, *old), "{name}");
        let paths: Vec<&str> = verified.files.iter().map(|file| file.path.as_str()).collect();
        let mut expected = vec!["config.json", "empty.txt", "sub-a/notes.txt", "sub/tokenizer.json", "weights.dat"];
        if *name == "key-shards" {
            // An empty file has no piece.
            expected.remove(1);
        }
        assert_eq!(paths, expected, "{name}");
        assert_eq!(verified.root.is_none(), *name == "certificate-0.2", "{name}");
    }
    let workflow = ("https://example.com/o/r/.github/workflows/w.yml@refs/heads/main", WHO.1);
    let verified = verify(&bundle("sigstore-workflow"), &keyless("trusted_root.json", workflow)).expect("it is good");
    assert_eq!(verified.signer, format!("{} {}", workflow.0, workflow.1));
    let single = fixtures().join("model/weights.dat");
    let verified = verify_at(&bundle("key-single"), &single, &key("p256"), &terms()).expect("it is good");
    assert_eq!(
        verified.files.iter().map(|file| (file.path.as_str(), file.size)).collect::<Vec<_>>(),
        [("weights.dat", 3000)]
    );
    let verified = verify(&bundle("certificate-p256"), &roots("root.pem")).expect("it is good");
    assert_eq!(verified.signer, "CN=throwaway signer,O=example.com");
}

#[test]
fn who_holds_the_certificate_is_compared_letter_for_letter() {
    let model = fixtures().join("model");
    for (subject, expected) in [
        ("CN=throwaway signer,O=example.com", "verified"),
        ("CN=throwaway signer", "certificate"),
        ("cn=throwaway signer,O=example.com", "certificate"),
        ("", "certificate"),
    ] {
        let asked = Terms { subject: Some(subject.to_owned()), ..terms() };
        let result = verify_at(&bundle("certificate-p256"), &model, &roots("root.pem"), &asked);
        assert_eq!(word(&result), expected, "{subject}");
    }
}

#[test]
fn what_was_passed_over_is_told_and_counted() {
    let told = |result: Result<Verified, Failure>| -> Vec<(String, usize)> {
        let verified = result.expect("it is good");
        verified.passed_over.into_iter().map(|one| (one.path, one.files)).collect()
    };
    let model = copy("passed-over");
    assert_eq!(told(verify_at(&bundle("key-p256"), &model, &key("p256"), &terms())), []);
    for path in [".git/hooks/evil.py", ".git/config", "cache/a/b", "model.sig"] {
        put(&model, path);
    }
    let asked = Terms { bundle: Some("model.sig".to_owned()), ..terms() };
    let expected = vec![(".git".to_owned(), 2), ("cache".to_owned(), 1), ("sub".to_owned(), 1)];
    assert_eq!(told(verify_at(&bundle("key-ignoring"), &model, &key("p256"), &asked)), expected);
    // What may be there unsigned is told file by file.
    let asked = Terms { unsigned_files: true, ..asked };
    let expected = vec![(".git".to_owned(), 2), ("cache/a/b".to_owned(), 1)];
    assert_eq!(told(verify_at(&bundle("key-p256"), &model, &key("p256"), &asked)), expected);
}

/// What a bundle is refused for, in the words that tell the ways apart.
fn word(result: &Result<Verified, Failure>) -> &'static str {
    match result {
        Ok(_) => "verified",
        Err(Failure::Malformed(_)) => "malformed",
        Err(Failure::OtherMethod { .. }) => "other method",
        Err(Failure::OtherKey(_)) => "other key",
        Err(Failure::Signature(_)) => "signature",
        Err(Failure::Certificate(_)) => "certificate",
        Err(Failure::Sigstore(_)) => "sigstore",
        Err(Failure::Statement(_)) => "statement",
        Err(Failure::Files(_)) => "files",
        Err(Failure::Unsupported(_)) => "unsupported",
        Err(Failure::Unread { .. }) => "unread",
        Err(_) => "trust",
    }
}

#[test]
fn others_and_wrong_lists_are_refused() {
    let other = ("other@example.com", WHO.1);
    let elsewhere = (WHO.0, "https://accounts.example.com/");
    let cases: &[(&str, Trust, &str)] = &[
        ("key-p256", key("other"), "other key"),
        ("key-before-1.1", key("other"), "signature"),
        ("key-p256", key("p384"), "other key"),
        ("key-p256", roots("root.pem"), "other method"),
        ("key-p256", keyless("trusted_root.json", WHO), "other method"),
        ("certificate-p256", key("p256"), "other method"),
        ("certificate-p256", roots("other-root.pem"), "certificate"),
        ("certificate-run-out", roots("root.pem"), "certificate"),
        ("certificate-no-signer", roots("root.pem"), "certificate"),
        ("sigstore", keyless("trusted_root.json", other), "sigstore"),
        ("sigstore", keyless("trusted_root.json", elsewhere), "sigstore"),
        ("sigstore", keyless("other_trusted_root.json", WHO), "sigstore"),
        ("sigstore-workflow", keyless("trusted_root.json", WHO), "sigstore"),
        ("sigstore-late", keyless("trusted_root.json", WHO), "sigstore"),
        ("sigstore-no-sct", keyless("trusted_root.json", WHO), "sigstore"),
        ("sigstore-no-code", keyless("trusted_root.json", WHO), "sigstore"),
        ("sigstore-no-signing", keyless("trusted_root.json", WHO), "certificate"),
        ("sigstore-other-log", keyless("trusted_root.json", WHO), "sigstore"),
        ("sigstore-other-kind", keyless("trusted_root.json", WHO), "sigstore"),
        ("bad-predicate", key("p256"), "statement"),
        ("bad-root", key("p256"), "statement"),
        ("bad-twice", key("p256"), "statement"),
        ("bad-outside", key("p256"), "statement"),
        ("bad-unlisted", key("p256"), "files"),
        ("bad-extra", key("p256"), "files"),
        ("bad-pieces", key("p256"), "files"),
        ("unknown-digest", key("p256"), "unsupported"),
        ("key-single", key("p256"), "files"),
        ("key-ignoring", key("p256"), "verified"),
    ];
    for (name, trust, expected) in cases {
        let result = verify(&bundle(name), trust);
        assert_eq!(word(&result), *expected, "{name}: {result:?}");
        let undecided = matches!(*expected, "unsupported" | "unread" | "trust");
        assert_eq!(result.is_err_and(|failure| failure.is_undecided()), undecided, "{name}");
    }
    assert!(matches!(PublicKey::from_pem(&text("rsa.pub")), Err(Failure::Unsupported(_))));
    assert!(matches!(PublicKey::from_pem(&text("root.pem")), Err(Failure::Trust(_))));
    assert!(matches!(Roots::from_pem(&text("p256.pub")), Err(Failure::Trust(_))));
    assert!(Keyless::new("{}", "a", "b").is_err());
}

#[test]
fn a_certificate_that_has_run_out_is_taken_where_that_is_said() {
    let terms = Terms { expired: true, ..terms() };
    let model = fixtures().join("model");
    let verified = verify_at(&bundle("certificate-run-out"), &model, &roots("root.pem"), &terms).expect("it is good");
    assert_eq!(verified.notes.len(), 1);
    let before = Terms { now: 1_740_000_000, ..Terms::default() };
    let verified = verify_at(&bundle("certificate-run-out"), &model, &roots("root.pem"), &before).expect("it is good");
    assert_eq!(verified.notes, [""; 0]);
    let early = Terms { now: 1_700_000_000, expired: true, ..Terms::default() };
    assert_eq!(word(&verify_at(&bundle("certificate-p256"), &model, &roots("root.pem"), &early)), "certificate");
}

/// What is done to a copy of the model, and what is told of it: for whole files, and for pieces.
type Change =
    (&'static str, fn(&Path), &'static [(&'static str, &'static str)], &'static [(&'static str, &'static str)]);

const CHANGES: &[Change] = &[
    ("nothing", |_| {}, &[], &[]),
    ("first-byte", |model| flip(model, 0), CHANGED, CHANGED),
    ("byte-of-second-piece", |model| flip(model, 1000), CHANGED, CHANGED),
    ("last-byte", |model| flip(model, 2999), CHANGED, CHANGED),
    ("cut", |model| resize(model, 2999), CHANGED, PIECES),
    ("cut-at-a-piece", |model| resize(model, 2000), CHANGED, PIECES),
    ("grown", |model| resize(model, 3001), CHANGED, PIECES),
    ("emptied", |model| resize(model, 0), CHANGED, PIECES),
    ("pieces-swapped", swap_pieces, CHANGED, CHANGED),
    ("missing", |model| remove(model, "config.json"), &[("missing", "config.json")], &[("missing", "config.json")]),
    ("renamed", |model| rename(model, "config.json", "Config.json"), RENAMED, RENAMED),
    ("moved", |model| rename(model, "config.json", "sub/config.json"), MOVED, MOVED),
    ("added", |model| put(model, "evil.py"), &[("unsigned", "evil.py")], &[("unsigned", "evil.py")]),
    ("added-below", |model| put(model, "sub/evil.py"), &[("unsigned", "sub/evil.py")], &[("unsigned", "sub/evil.py")]),
    ("added-hidden", |model| put(model, ".hidden"), &[("unsigned", ".hidden")], &[("unsigned", ".hidden")]),
    ("git", |model| put(model, ".git/config"), &[], &[]),
    ("github", |model| put(model, ".github/w.yml"), &[], &[]),
    ("gitignore", |model| put(model, ".gitignore"), &[], &[]),
    ("git-below", |model| put(model, "sub/.git/x"), &[("unsigned", "sub/.git/x")], &[("unsigned", "sub/.git/x")]),
    ("gitmodules", |model| put(model, ".gitmodules"), &[("unsigned", ".gitmodules")], &[("unsigned", ".gitmodules")]),
    (
        "empty-added",
        |model| fs::write(model.join("new"), "").expect("a file"),
        &[("unsigned", "new")],
        &[("unsigned", "new")],
    ),
    ("empty-missing", |model| remove(model, "empty.txt"), &[("missing", "empty.txt")], &[]),
    ("empty-folder", |model| fs::create_dir(model.join("new")).expect("a folder"), &[], &[]),
];

const CHANGED: &[(&str, &str)] = &[("changed", "weights.dat")];
const PIECES: &[(&str, &str)] = &[("pieces", "weights.dat")];
const RENAMED: &[(&str, &str)] = &[("missing", "config.json"), ("unsigned", "Config.json")];
const MOVED: &[(&str, &str)] = &[("missing", "config.json"), ("unsigned", "sub/config.json")];

fn flip(model: &Path, at: usize) {
    let mut bytes = fs::read(model.join("weights.dat")).expect("a file");
    bytes[at] ^= 1;
    fs::write(model.join("weights.dat"), bytes).expect("a file");
}

fn resize(model: &Path, length: usize) {
    let mut bytes = fs::read(model.join("weights.dat")).expect("a file");
    bytes.resize(length, 0);
    fs::write(model.join("weights.dat"), bytes).expect("a file");
}

fn swap_pieces(model: &Path) {
    let bytes = fs::read(model.join("weights.dat")).expect("a file");
    let swapped = [&bytes[1000..2000], &bytes[..1000], &bytes[2000..]].concat();
    fs::write(model.join("weights.dat"), swapped).expect("a file");
}

fn remove(model: &Path, name: &str) {
    fs::remove_file(model.join(name)).expect("removed");
}

fn rename(model: &Path, from: &str, to: &str) {
    fs::rename(model.join(from), model.join(to)).expect("renamed");
}

fn put(model: &Path, name: &str) {
    let path = model.join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    fs::write(path, "x").expect("a file");
}

fn differences(result: Result<Verified, Failure>) -> Vec<(String, String)> {
    match result {
        Ok(_) => Vec::new(),
        Err(Failure::Files(differences)) => {
            differences.iter().map(|one: &Difference| (one.word().to_owned(), one.path().to_owned())).collect()
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn every_change_of_the_files_is_told() {
    let trust = key("p256");
    for (name, change, whole, pieces) in CHANGES {
        for (kind, bundle, expected) in [("whole", bundle("key-p256"), whole), ("pieces", bundle("key-shards"), pieces)]
        {
            let model = copy(&format!("{kind}-{name}"));
            change(&model);
            let ignore = if kind == "pieces" { vec!["empty.txt".to_owned()] } else { Vec::new() };
            let found = differences(verify_at(&bundle, &model, &trust, &Terms { ignore, ..terms() }));
            let expected: Vec<_> =
                expected.iter().map(|(word, path)| ((*word).to_owned(), (*path).to_owned())).collect();
            assert_eq!(found, expected, "{kind}: {name}");
        }
    }
}

#[test]
fn who_decides_what_is_passed_over() {
    let trust = key("p256");
    let model = copy("ignoring");
    put(&model, "cache/a/b");
    put(&model, "model.sig");
    let expected = [("unsigned".to_owned(), "cache/a/b".to_owned()), ("unsigned".to_owned(), "model.sig".to_owned())];
    assert_eq!(differences(verify_at(&bundle("key-p256"), &model, &trust, &terms())), expected);
    let asked = Terms { ignore: vec!["./cache/".to_owned()], bundle: Some("model.sig".to_owned()), ..terms() };
    assert_eq!(differences(verify_at(&bundle("key-p256"), &model, &trust, &asked)), []);
    // The bundle names `cache` and `sub` itself.
    let asked = Terms { bundle: Some("model.sig".to_owned()), ..terms() };
    assert_eq!(differences(verify_at(&bundle("key-ignoring"), &model, &trust, &asked)), []);
    put(&model, "sub/cache");
    put(&model, "cache2");
    let expected = [("unsigned".to_owned(), "cache2".to_owned())];
    assert_eq!(differences(verify_at(&bundle("key-ignoring"), &model, &trust, &asked)), expected);
    // What was signed cannot be passed over.
    let asked = Terms { ignore: vec!["config.json".to_owned()], unsigned_files: true, ..terms() };
    let expected = [("ignored".to_owned(), "config.json".to_owned())];
    assert_eq!(differences(verify_at(&bundle("key-p256"), &model, &trust, &asked)), expected);
    // Paths that lead out, and stars, are no paths.
    for path in ["..", "/", "*", "../ignoring", "sub/../cache2"] {
        let asked = Terms { ignore: vec![path.to_owned()], ..terms() };
        assert!(!differences(verify_at(&bundle("key-p256"), &model, &trust, &asked)).is_empty(), "{path}");
    }
    let asked = Terms { unsigned_files: true, ..terms() };
    assert_eq!(differences(verify_at(&bundle("key-p256"), &model, &trust, &asked)), []);
}

#[cfg(unix)]
#[test]
fn links_are_what_the_signer_allowed() {
    use std::os::unix::fs::symlink;
    let trust = key("p256");
    let told = |bundle: &str, name: &str, change: fn(&Path)| {
        let model = copy(&format!("links-{name}"));
        change(&model);
        differences(verify_at(&self::bundle(bundle), &model, &trust, &terms()))
    };
    let one = |word: &str, path: &str| vec![(word.to_owned(), path.to_owned())];
    assert_eq!(
        told("key-p256", "file", |model| symlink("config.json", model.join("l")).expect("a link")),
        one("link", "l")
    );
    assert_eq!(told("key-p256", "folder", |model| symlink("sub", model.join("l")).expect("a link")), one("link", "l"));
    assert_eq!(
        told("key-p256", "nowhere", |model| symlink("none", model.join("l")).expect("a link")),
        one("link", "l")
    );
    assert_eq!(
        told("key-p256", "replaced", |model| {
            rename(model, "config.json", "sub/../../content");
            symlink("../content", model.join("config.json")).expect("a link");
        }),
        one("link", "config.json")
    );
    let allowed = |model: &Path| symlink("config.json", model.join("link")).expect("a link");
    assert_eq!(told("key-links", "allowed", allowed), []);
    assert_eq!(told("key-links", "gone", |_| {}), one("missing", "link"));
    assert_eq!(
        told("key-links", "elsewhere", |model| symlink("empty.txt", model.join("link")).expect("a link")),
        one("changed", "link")
    );
    // A folder of the model is looked at where it lies, one outside through the link.
    assert_eq!(
        told("key-links", "within", |model| {
            symlink("config.json", model.join("link")).expect("a link");
            symlink("sub", model.join("again")).expect("a link");
        }),
        []
    );
    assert_eq!(
        told("key-links", "outside", |model| {
            symlink("config.json", model.join("link")).expect("a link");
            fs::create_dir_all(model.join("../out")).expect("a folder");
            fs::write(model.join("../out/evil.py"), "x").expect("a file");
            symlink("../out", model.join("out")).expect("a link");
        }),
        one("unsigned", "out/evil.py")
    );
    assert_eq!(
        told("key-links", "passed-over", |model| {
            symlink("config.json", model.join("link")).expect("a link");
            put(model, ".git/hooks/evil.py");
            symlink(".git/hooks", model.join("hooks")).expect("a link");
        }),
        one("unsigned", "hooks/evil.py")
    );
    // A link out of the model that the signer allowed is told.
    let out = copy("links-out");
    fs::copy(out.join("config.json"), out.join("../config-elsewhere")).expect("copied");
    symlink("../config-elsewhere", out.join("link")).expect("a link");
    let verified = verify_at(&bundle("key-links"), &out, &trust, &terms()).expect("it is good");
    assert!(matches!(verified.notes.as_slice(), [note] if note.starts_with("`link` is a link out of the model, to `")));
    // Two links back to their own folder: more paths than anybody can count.
    let outside = copy("links-many");
    let away = outside.join("../away");
    fs::create_dir_all(&away).expect("a folder");
    for name in ["a", "b"] {
        let _ = fs::remove_file(away.join(name));
        symlink(".", away.join(name)).expect("a link");
    }
    symlink("config.json", outside.join("link")).expect("a link");
    symlink("../away", outside.join("away")).expect("a link");
    assert_eq!(word(&verify_at(&bundle("key-links"), &outside, &trust, &terms())), "unread");
    let loops = copy("links-loop");
    symlink("config.json", loops.join("link")).expect("a link");
    symlink("..", loops.join("up")).expect("a link");
    assert_eq!(word(&verify_at(&bundle("key-links"), &loops, &trust, &terms())), "unread");
}

/// What is done to a bundle, and with which word it is refused.
type Edit = (&'static str, fn(&mut Value), &'static str);

const EDITS: &[Edit] = &[
    ("as it is", |_| {}, "verified"),
    ("no keyid", |bundle| drop(signature(bundle).remove("keyid")), "verified"),
    ("keyid null", |bundle| drop(signature(bundle).insert("keyid".to_owned(), Value::Null)), "verified"),
    ("no log", |bundle| drop(at(bundle, "/verificationMaterial").remove("tlogEntries")), "verified"),
    ("log null", |bundle| bundle["verificationMaterial"]["tlogEntries"] = Value::Null, "malformed"),
    ("payload flipped", |bundle| recode(&mut bundle["dsseEnvelope"]["payload"], |bytes| bytes[40] ^= 1), "signature"),
    ("payload longer", |bundle| recode(&mut bundle["dsseEnvelope"]["payload"], |bytes| bytes.push(b' ')), "signature"),
    ("payload empty", |bundle| bundle["dsseEnvelope"]["payload"] = json!(""), "malformed"),
    ("payload no base64", |bundle| bundle["dsseEnvelope"]["payload"] = json!("@@@@"), "malformed"),
    (
        "signature flipped",
        |bundle| recode(&mut bundle["dsseEnvelope"]["signatures"][0]["sig"], |bytes| bytes[20] ^= 1),
        "signature",
    ),
    (
        "signature longer",
        |bundle| recode(&mut bundle["dsseEnvelope"]["signatures"][0]["sig"], |bytes| bytes.push(0)),
        "signature",
    ),
    ("signature nothing", |bundle| bundle["dsseEnvelope"]["signatures"][0]["sig"] = json!("MAYCAQACAQA="), "signature"),
    ("no signature", |bundle| bundle["dsseEnvelope"]["signatures"] = json!([]), "malformed"),
    ("two signatures", twice, "malformed"),
    ("other type of payload", |bundle| bundle["dsseEnvelope"]["payloadType"] = json!("application/json"), "malformed"),
    ("other type of bundle", |bundle| bundle["mediaType"] = json!("application/json"), "malformed"),
    ("other hint", |bundle| bundle["verificationMaterial"]["publicKey"]["hint"] = json!("ab"), "other key"),
    ("no hint", |bundle| bundle["verificationMaterial"]["publicKey"] = json!({}), "malformed"),
    (
        "key of another beside no hint",
        |bundle| bundle["verificationMaterial"]["publicKey"] = json!({"rawBytes": "AAAA"}),
        "verified",
    ),
    (
        "beside a certificate",
        |bundle| bundle["verificationMaterial"]["certificate"] = json!({"rawBytes": "AAAA"}),
        "malformed",
    ),
    ("no material", |bundle| drop(at(bundle, "").remove("verificationMaterial")), "malformed"),
    ("material empty", |bundle| bundle["verificationMaterial"] = json!({}), "malformed"),
    ("no envelope", |bundle| drop(at(bundle, "").remove("dsseEnvelope")), "malformed"),
    ("unknown at the top", |bundle| bundle["x"] = json!(1), "malformed"),
    ("unknown in the envelope", |bundle| bundle["dsseEnvelope"]["x"] = json!(1), "malformed"),
    ("unknown in the material", |bundle| bundle["verificationMaterial"]["x"] = json!(1), "malformed"),
];

fn at<'v>(bundle: &'v mut Value, path: &str) -> &'v mut serde_json::Map<String, Value> {
    bundle.pointer_mut(path).and_then(Value::as_object_mut).expect("an object")
}

fn signature(bundle: &mut Value) -> &mut serde_json::Map<String, Value> {
    at(bundle, "/dsseEnvelope/signatures/0")
}

fn twice(bundle: &mut Value) {
    let first = bundle["dsseEnvelope"]["signatures"][0].clone();
    bundle["dsseEnvelope"]["signatures"].as_array_mut().expect("a list").push(first);
}

fn recode(value: &mut Value, change: impl Fn(&mut Vec<u8>)) {
    let mut bytes = BASE64_STANDARD.decode(value.as_str().expect("a text")).expect("base64");
    change(&mut bytes);
    *value = json!(BASE64_STANDARD.encode(bytes));
}

#[test]
fn every_change_of_a_bundle_is_told() {
    let trust = key("p256");
    for (name, edit, expected) in EDITS {
        let mut value: Value = serde_json::from_slice(&bundle("key-p256")).expect("JSON");
        edit(&mut value);
        let result = verify(value.to_string().as_bytes(), &trust);
        assert_eq!(word(&result), *expected, "{name}: {result:?}");
    }
    let whole = text("key-p256.sig");
    for (name, text) in [
        ("doubled field", whole.replacen("\"dsseEnvelope\":", "\"dsseEnvelope\": {}, \"dsseEnvelope\":", 1)),
        ("trailing", format!("{whole}}}")),
        ("cut", whole[..whole.len() / 2].to_owned()),
        ("empty", String::new()),
        ("list", "[]".to_owned()),
        ("deep", "[".repeat(200_000)),
    ] {
        assert_eq!(word(&verify(text.as_bytes(), &trust)), "malformed", "{name}");
    }
}

/// One byte of the certificate, the entry of the log or the signature, and nothing holds any more.
#[test]
fn every_part_of_the_evidence_of_sigstore_counts() {
    let trust = keyless("trusted_root.json", WHO);
    let entry = "/verificationMaterial/tlogEntries/0";
    let parts = [
        "/verificationMaterial/certificate/rawBytes".to_owned(),
        "/dsseEnvelope/payload".to_owned(),
        "/dsseEnvelope/signatures/0/sig".to_owned(),
        format!("{entry}/inclusionPromise/signedEntryTimestamp"),
        format!("{entry}/inclusionProof/rootHash"),
        format!("{entry}/inclusionProof/hashes/0"),
        format!("{entry}/logId/keyId"),
        format!("{entry}/canonicalizedBody"),
    ];
    for part in parts {
        for tenth in 0..10 {
            let mut value: Value = serde_json::from_slice(&bundle("sigstore")).expect("JSON");
            let text = value.pointer_mut(&part).unwrap_or_else(|| panic!("no {part}"));
            recode(text, |bytes| {
                let place = bytes.len() * tenth / 10;
                bytes[place] ^= 1;
            });
            let result = verify(value.to_string().as_bytes(), &trust);
            assert!(result.is_err(), "{part}, {tenth} tenths in");
        }
    }
    for (part, other) in [
        ("integratedTime", json!("1744329661")),
        ("logIndex", json!("1")),
        ("kindVersion", json!({"kind": "intoto", "version": "0.0.2"})),
        ("inclusionProof", Value::Null),
        ("inclusionPromise", Value::Null),
    ] {
        let mut value: Value = serde_json::from_slice(&bundle("sigstore")).expect("JSON");
        let place = &mut value["verificationMaterial"]["tlogEntries"][0][part];
        assert!(*place != Value::Null && *place != other, "{part}");
        *place = other;
        assert!(verify(value.to_string().as_bytes(), &trust).is_err(), "{part}");
    }
}
