use super::*;
use crate::source::FileId;

fn read(path: &str, text: &str) -> (IgnoreFile, Vec<Problem>) {
    let file = SourceFile::new(FileId(0), RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
    let mut out = Facts::default();
    IgnoresReader.read(&file, &mut Budget::default(), &mut out);
    match out.documents.pop() {
        Some(Document::Ignores(found)) => (found, out.problems),
        other => panic!("{other:?}"),
    }
}

fn told(file: &IgnoreFile) -> Vec<String> {
    let entry = |e: &IgnoreEntry| {
        let part = |part: &Option<Spanned<String>>| part.as_ref().map_or("-".to_owned(), |p| p.value.clone());
        format!("{}|{}|{}|{}", e.id.value, part(&e.package), part(&e.reason), part(&e.until))
    };
    file.entries.iter().map(entry).collect()
}

#[test]
fn reasons_are_found_where_people_write_them() {
    let text = "[advisories]
ignore = [
    # paste is done
    \"RUSTSEC-1\",
    \"RUSTSEC-2\", # beside
    \"RUSTSEC-3\",

    \"RUSTSEC-4\",
    # one for two
    \"RUSTSEC-5\",
    \"RUSTSEC-6\",
    #{ id = \"RUSTSEC-0000-0000\", reason = \"you can specify a reason\" },
    { id = \"RUSTSEC-7\", reason = \"told\" },
    { crate = \"a@1.0\" },
    \"b@2.0\",
]
";
    let (file, problems) = read("deny.toml", text);
    assert_eq!(
        told(&file),
        [
            "RUSTSEC-1|-|paste is done|-",
            "RUSTSEC-2|-|beside|-",
            "RUSTSEC-3|-|-|-",
            "RUSTSEC-4|-|-|-",
            "RUSTSEC-5|-|one for two|-",
            "RUSTSEC-6|-|one for two|-",
            "RUSTSEC-7|-|told|-",
            "|a@1.0|-|-",
            "|b@2.0|-|-",
        ]
    );
    assert!(problems.is_empty(), "{problems:?}");
}

#[test]
fn ends_and_overrides_of_the_scanner_are_read() {
    let text = "[[IgnoredVulns]]
id = \"GO-1\"
ignoreUntil = 2022-11-09
reason = \"no\"

[[IgnoredVulns]]
id = \"X-2\"

[[PackageOverrides]]
name = \"lib\"
version = \"1.0\"
ignore = true

[[PackageOverrides]]
ecosystem = \"PyPI\"
vulnerability.ignore = true
";
    let (file, problems) = read("a/osv-scanner.toml", text);
    assert_eq!(told(&file), ["GO-1|-|no|2022-11-09", "X-2|-|-|-", "|lib@1.0|-|-"]);
    assert!(file.entries[0].is_expired("2022-11-10") && !file.entries[0].is_expired("2022-11-09"));
    assert!(!file.entries[1].is_expired("2026-01-01"));
    assert_eq!((file.blinding.len(), problems.len()), (1, 0));
}

#[test]
fn settings_that_blind_are_read() {
    for (path, text, wanted) in [
        (".cargo/audit.toml", "[database]\npath = \"db\"\nfetch = false\n", &["path = \"db\"", "fetch = false"][..]),
        (".cargo/audit.toml", "[database]\nurl = \"https://github.com/RustSec/advisory-db.git\"\n", &[]),
        (".cargo/audit.toml", "[advisories]\nseverity_threshold = \"high\"\n", &["severity_threshold = \"high\""]),
        (
            "deny.toml",
            "[advisories]\ndb-urls = [\"https://git.example.com/db\"]\n",
            &["db-urls = [\"https://git.example.com/db\"]"],
        ),
        ("deny.toml", "[advisories]\nyanked = \"deny\"\nunmaintained = \"none\"\n", &[]),
        ("deny.toml", "[licenses]\nallow = []\n", &[]),
    ] {
        let (file, _) = read(path, text);
        let found: Vec<&str> = file.blinding.iter().map(|b| b.setting.as_str()).collect();
        assert_eq!(found, wanted, "{text}");
    }
}
