//! The lock's text: what is written is read again, and what is wrong is told.

use proptest::prelude::*;

use super::*;
use crate::references::AssetKind;

fn digest(byte: u8) -> Digest {
    Digest([byte; 32])
}

fn key(name: &str, requested: Option<&str>) -> Key {
    Key {
        kind: AssetKind::Model,
        hub: "huggingface".to_owned(),
        name: name.to_owned(),
        requested: requested.map(str::to_owned),
    }
}

fn entry(byte: u8) -> Entry {
    let mut entry = Entry {
        revision: Some(format!("{byte:02x}").repeat(20)),
        licence: Some("mit".to_owned()),
        scan: Some(Scanned { verdict: "clean".to_owned(), by: "0.1.0".to_owned() }),
        ..Entry::default()
    };
    entry.files.insert("config.json".to_owned(), FileDigest { sha256: digest(byte), size: 665 });
    entry.files.insert("model.safetensors".to_owned(), FileDigest { sha256: digest(byte + 1), size: 548_105_171 });
    entry
}

fn lock() -> Lock {
    let mut lock = Lock::default();
    lock.entries.insert(key("a/b", None), entry(1));
    let mut approved = entry(3);
    let evidence = [("red-team/report.pdf".to_owned(), digest(9))].into();
    approved.approvals.push(Approval {
        on: "2026-11-27".to_owned(),
        by: "Ada".to_owned(),
        reason: "read the card".to_owned(),
        of: approved.state(),
        evidence,
    });
    lock.entries.insert(key("c/d", Some("v2")), approved);
    lock.images.insert("python:3.12".to_owned(), Image { digest: format!("sha256:{}", digest(5)) });
    lock.tools.insert("https://example.com/x.tgz".to_owned(), Tool { sha256: digest(6), size: 7 });
    lock.elsewhere.insert("Cargo.lock".to_owned(), "crates".to_owned());
    lock
}

#[test]
fn what_is_written_is_read_again() {
    let text = lock().to_text();
    let read = read_text(&text);
    assert_eq!((&read.mistakes, &read.broken), (&Vec::new(), &Default::default()), "{text}");
    assert_eq!(read.lock, lock());
    assert_eq!(read.lock.to_text(), text);
    let place = &read.places[&Subject::Entry(key("c/d", Some("v2")))];
    let line = text.lines().nth(place.line as usize - 1).expect("a line");
    assert!(line.starts_with("model.\"huggingface:c/d@v2\".revision = "), "{line}");
    assert!(text.contains(&line_of_file(&key("a/b", None), "config.json")));
    let toml = crate::parse::toml::parse(&text, &mut crate::parse::Budget::default());
    assert_eq!((toml.problems.len(), toml.duplicates.len()), (0, 0), "it is TOML");
}

#[test]
fn order_repetition_and_line_ends_mean_nothing() {
    let text = lock().to_text();
    let mut lines: Vec<&str> = text.lines().collect();
    lines.reverse();
    lines.extend(lines.clone());
    let shuffled = lines.join("\r\n");
    let read = read_text(&shuffled);
    assert_eq!((read.mistakes.len(), read.broken.len()), (0, 0));
    assert_eq!(read.lock, lock());
}

#[test]
fn two_sides_of_a_merge_are_told_of_what_they_change_alone() {
    let (mut ours, mut theirs) = (lock(), lock());
    ours.entries.insert(key("a/b", None), entry(20));
    theirs.entries.insert(key("a/b", None), entry(30));
    theirs.images.insert("python:3.12".to_owned(), Image { digest: format!("sha256:{}", digest(50)) });
    let read = read_text(&format!("{}{}", ours.to_text(), theirs.to_text()));
    assert_eq!(read.mistakes, []);
    let told: Vec<String> = read.broken.keys().map(ToString::to_string).collect();
    assert_eq!(told, ["huggingface:a/b", "python:3.12"]);
    let why = read.strict("custody.lock").expect_err("two sides");
    assert!(why.starts_with("custody.lock line "), "{why}");
    assert!(why.contains("two revisions of model huggingface:a/b: the sides of a merge differ"), "{why}");
}

#[test]
fn a_lost_line_is_told() {
    let text = lock().to_text();
    for (gone, told) in [
        ("\"huggingface:a/b\".state", "the line of its `state` is lost"),
        ("\"huggingface:a/b\".file.\"config.json\"", "are not those that its `state`"),
        ("\"huggingface:c/d@v2\".approved", "a report belongs to an approval"),
    ] {
        let left: String = text.split_inclusive('\n').filter(|line| !line.contains(gone)).collect();
        let read = read_text(&left);
        let broken: Vec<&Mistake> = read.broken.values().collect();
        assert!(broken.len() == 1 && broken[0].message.contains(told), "{gone}: {broken:?}");
    }
}

#[test]
fn what_holds_nothing_is_broken() {
    let files = || entry(1).files;
    let of = |hub: &str, revision: Option<&str>, files| {
        let key = Key { hub: hub.to_owned(), ..key("a/b", None) };
        let entry = Entry { revision: revision.map(str::to_owned), files, ..Entry::default() };
        let lock = Lock { entries: [(key, entry)].into(), ..Lock::default() };
        let read = read_text(&lock.to_text());
        assert_eq!(read.mistakes, []);
        read.broken.into_values().next().map(|mistake| mistake.message)
    };
    let (commit, digest) = ("a".repeat(40), format!("sha256:{}", "b".repeat(64)));
    let none = Default::default;
    for (hub, revision, files) in [
        ("huggingface", Some(commit.as_str()), none()),
        ("huggingface", None, files()),
        ("modelscope", Some(&commit), files()),
        ("ollama", Some(&digest), none()),
        ("ollama", Some("latest"), files()),
        ("torch-hub", None, files()),
    ] {
        assert_eq!(of(hub, revision, files), None, "{hub} {revision:?}");
    }
    for (hub, revision, files, told) in [
        ("huggingface", None, none(), "holds neither a commit nor a file"),
        ("huggingface", Some("main"), none(), "no commit in full"),
        ("huggingface", Some("main"), files(), "no commit in full"),
        ("modelscope", Some(&commit[..12]), files(), "no commit in full"),
        ("ollama", Some("latest"), none(), "holds neither"),
        ("torch-hub", Some("v1.0"), none(), "holds neither"),
    ] {
        assert!(of(hub, revision, files).is_some_and(|why| why.contains(told)), "{hub} {revision:?}");
    }
}

#[test]
fn what_is_not_understood_is_told_with_its_line() {
    for (line, told) in [
        ("lock.version = \"2\"", "of version `2`"),
        ("lock.made = \"x\"", "`lock.made` is nothing that this version"),
        ("model.\"huggingface:a/b\".weights = \"x\"", "`weights` of a model is nothing"),
        ("agent.\"huggingface:a/b\".revision = \"x\"", "`agent` is nothing"),
        ("model.\"gpt2\".revision = \"x\"", "names nothing"),
        ("model.\"huggingface:a/b@\".revision = \"x\"", "names nothing"),
        ("model.\"huggingface:a/b\".revision = \"x y\"", "is no revision"),
        ("model.\"huggingface:a/b\".file.\"../x\" = \"sha256:00 1\"", "a digest is"),
        ("model.\"huggingface:a/b\".state = \"sha256:00\"", "a digest is"),
        ("model.\"huggingface:a/b\".approved.\"Ada\".\"00\" = \"2026-11-27 x\"", "of a state"),
        ("image.\"x\".digest = \"sha256:00\"", "the digest of an image"),
        ("x", "KEY ="),
        (">>>>>>> theirs", "a merge that git left open"),
    ] {
        let read = read_text(&format!("lock.version = \"1\"\n{line}\n"));
        let first = read.mistakes.first().unwrap_or_else(|| panic!("{line}"));
        assert!(first.line == 2 && first.message.contains(told), "{line}: {first:?}");
    }
    let file = format!("lock.version = \"1\"\nmodel.\"huggingface:a/b\".file.\"../x\" = \"sha256:{} 1\"\n", digest(1));
    assert!(read_text(&file).mistakes[0].message.contains("no path of a file"));
    assert!(read_text("").mistakes[0].message.contains("this is no lock"));
    let long = format!("lock.version = \"1\"\n# {}\n", "x".repeat(3 << 20));
    assert!(read_text(&long).mistakes[0].message.contains("at most 64 KiB"));
}

#[test]
fn an_approval_lapses_with_what_it_was_of() {
    let mut lock = lock();
    let held = lock.entries.get_mut(&key("c/d", Some("v2"))).expect("there");
    assert_eq!(held.standing_approvals().map(|a| a.by.as_str()).collect::<Vec<_>>(), ["Ada"]);
    assert_eq!(held.approvals[0].kinds().collect::<Vec<_>>(), ["red-team"]);
    held.licence = Some("other".to_owned());
    assert_eq!(held.standing_approvals().count(), 1);
    held.files.insert("x".to_owned(), FileDigest { sha256: digest(1), size: 1 });
    assert_eq!(held.standing_approvals().count(), 0);
}

#[test]
fn a_hundred_thousand_files_are_read_again() {
    let mut big = Entry { revision: Some("a".repeat(40)), ..Entry::default() };
    for at in 0..100_000_u32 {
        let mut sha256 = [0; 32];
        sha256[..4].copy_from_slice(&at.to_le_bytes());
        big.files.insert(format!("data/{at:06}.parquet"), FileDigest { sha256: Digest(sha256), size: u64::from(at) });
    }
    let mut lock = Lock::default();
    lock.entries.insert(key("a/b", None), big);
    let read = read_text(&lock.to_text());
    assert_eq!(read.strict("custody.lock"), Ok(lock));
}

fn texts() -> impl Strategy<Value = String> {
    prop_oneof!["[a-zA-Z0-9/._-]{1,20}", "[%@:\"\\\\a45 20]{1,12}", "\\PC{1,8}", Just("\u{202e}\n".to_owned())]
}

fn paths() -> impl Strategy<Value = String> {
    texts().prop_map(|text| {
        let text = text.replace(['/', '\\', ':', '\0'], "_");
        if text.trim_matches('.').is_empty() { "x".to_owned() } else { text }
    })
}

fn keys() -> impl Strategy<Value = Key> {
    let kinds = prop::sample::select(entry::KINDS.to_vec());
    (kinds, prop::sample::select(vec!["huggingface", "ollama", "torch-hub"]), texts(), prop::option::of(texts()))
        .prop_map(|(kind, hub, name, requested)| Key { kind, hub: hub.to_owned(), name, requested })
}

fn entries() -> impl Strategy<Value = Entry> {
    let digests = || any::<[u8; 32]>().prop_map(Digest);
    let files = prop::collection::btree_map(paths(), (digests(), any::<u64>()), 0..4);
    let approvals = prop::collection::btree_map((texts(), digests()), (texts(), texts(), digests()), 0..3);
    (prop::option::of("[a-f0-9]{40}"), prop::option::of(texts()), files, approvals).prop_map(
        |(revision, licence, files, approvals)| Entry {
            // What holds neither a commit nor a file is no entry.
            revision: revision.or_else(|| files.is_empty().then(|| "a".repeat(40))),
            licence,
            scan: None,
            signer: None,
            files: files.into_iter().map(|(path, (sha256, size))| (path, FileDigest { sha256, size })).collect(),
            approvals: approvals
                .into_iter()
                .map(|((by, of), (reason, report, digest))| Approval {
                    on: "2026-11-27".to_owned(),
                    by,
                    reason: format!("r{reason}"),
                    of,
                    evidence: [(report, digest)].into(),
                })
                .collect(),
        },
    )
}

proptest! {
    #[test]
    fn any_lock_is_read_as_it_was_written(
        entries in prop::collection::btree_map(keys(), entries(), 0..5),
        elsewhere in prop::collection::btree_map(texts(), texts(), 0..3),
    ) {
        let lock = Lock { entries, elsewhere, ..Lock::default() };
        let text = lock.to_text();
        let read = read_text(&text);
        prop_assert_eq!(&read.mistakes, &Vec::new());
        prop_assert_eq!(read.broken.len(), 0);
        prop_assert_eq!(read.lock.to_text(), text);
        prop_assert_eq!(read.lock, lock);
    }

    #[test]
    fn the_union_of_two_locks_that_share_no_entry_is_the_lock_of_both(
        ours in prop::collection::btree_map(keys(), entries(), 0..4),
        theirs in prop::collection::btree_map(keys(), entries(), 0..4),
    ) {
        let theirs: std::collections::BTreeMap<_, _> =
            theirs.into_iter().filter(|(key, _)| !ours.contains_key(key)).collect();
        let both = ours.clone().into_iter().chain(theirs.clone()).collect();
        let of = |entries| Lock { entries, ..Lock::default() };
        let text = format!("{}{}", of(ours).to_text(), of(theirs).to_text());
        prop_assert_eq!(read_text(&text).strict("custody.lock"), Ok(of(both)));
    }

    #[test]
    fn any_key_is_one_identity(key in keys()) {
        prop_assert_eq!(Key::of_identity(key.kind, &key.identity()), Some(key));
    }

    #[test]
    fn any_text_is_read_without_harm(text in "(?s).{0,200}") {
        let _ = read_text(&text);
    }
}
