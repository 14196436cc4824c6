//! Feeds as they come: folders, zips, broken records.

use std::path::{Path, PathBuf};

use super::*;

fn origin() -> Origin {
    Origin {
        name: "test".into(),
        commit: "-".into(),
        as_of: Date::new(2026, 1, 1).unwrap(),
        licence: "CC0-1.0".into(),
        url: "-".into(),
    }
}

fn record(id: &str, package: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-01-01T00:00:00Z","affected":[{{"package":{{"ecosystem":"PyPI","name":"{package}"}},
        "ranges":[{{"type":"ECOSYSTEM","events":[{{"introduced":"0"}},{{"fixed":"1.10"}}]}}]}}]}}"#
    )
}

const YAML: &str = "id: PYSEC-2026-3\nmodified: 2026-01-01T00:00:00Z\naffected:\n- package: {name: c, ecosystem: PyPI}\n  versions:\n  - 1.10\n";

/// What a test wrote, gone when it ends.
struct Scratch(PathBuf);

impl std::ops::Deref for Scratch {
    type Target = Path;

    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
        let _ = std::fs::remove_file(&self.0);
    }
}

#[allow(clippy::disallowed_methods, reason = "a test's own folder")]
fn folder(name: &str, files: &[(&str, &str)]) -> Scratch {
    let dir = std::env::temp_dir().join(format!("custody-feed-{name}-{}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    for (path, content) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }
    Scratch(dir)
}

/// A zip in memory, as OSV packs them.
pub(super) fn packed(files: &[(&str, &str)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (path, content) in files {
        let (mut entry, config) =
            archive.new_file(path).compression_method(rawzip::CompressionMethod::DEFLATE).start().unwrap();
        let packed = miniz_oxide::deflate::compress_to_vec(content.as_bytes(), 6);
        std::io::Write::write_all(&mut entry, &packed).unwrap();
        let mut plain = config.wrap(std::io::sink());
        std::io::Write::write_all(&mut plain, content.as_bytes()).unwrap();
        let (_, descriptor) = plain.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    out
}

#[allow(clippy::disallowed_methods, reason = "a test's own file")]
fn zip(name: &str, files: &[(&str, &str)], spoil: bool) -> Scratch {
    let mut out = packed(files);
    if spoil {
        // A byte of the first entry's packed data, past its header and name.
        out[30 + files[0].0.len() + 20] ^= 0xff;
    }
    let path = std::env::temp_dir().join(format!("custody-feed-{name}-{}.zip", std::process::id()));
    std::fs::write(&path, out).unwrap();
    Scratch(path)
}

fn text_of(path: &Path) -> (Vec<(String, String)>, Report) {
    let built = from_osv(path, &origin()).unwrap();
    (files(&built.sections), built.report)
}

#[test]
fn folder_and_zip_give_the_same_bytes_in_any_order() {
    let (a, b) = (record("PYSEC-2026-1", "b"), record("PYSEC-2026-2", "a"));
    let (from_folder, report) =
        text_of(&folder("order", &[("x/1.json", &a), ("a/2.json", &b), ("3.yaml", YAML), ("notes.txt", "-")]));
    assert_eq!((report.records, report.malformed.len()), (3, 0));
    let (from_zip, _) = text_of(&zip("order", &[("3.yaml", YAML), ("2.json", &b), ("1.json", &a)], false));
    assert_eq!(from_folder, from_zip);
    assert!(from_zip[0].1.contains("=\tc\t1.10\n"), "a version is text: {}", from_zip[0].1);
}

#[test]
fn broken_records_are_named_and_counted() {
    let good = record("PYSEC-2026-1", "b");
    let dir = folder("broken", &[("1.json", &good), ("2.json", "{"), ("d/3.yaml", "a: [")]);
    let (files, report) = text_of(&dir);
    assert_eq!(report.records, 3);
    let paths: Vec<&str> = report.malformed.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths, ["2.json", "d/3.yaml"]);
    assert!(report.malformed[0].reason.starts_with("not JSON"));
    assert!(files[0].1.contains("PYSEC-2026-1"));
    let (_, report) = text_of(&zip("broken", &[("1.json", &good)], true));
    assert_eq!(report.malformed.len(), 1, "{report:?}");
}

#[test]
fn rustsec_files_are_checked_against_their_place() {
    let md = "```toml\n[advisory]\nid = \"RUSTSEC-2026-0001\"\npackage = \"demo\"\ndate = \"2026-01-02\"\naliases = [\"CVE-2026-1\"]\ncategories = [\"malicious\"]\n[versions]\npatched = [\"^1.2\", \">= 2\"]\n```\n\n# Title\n\nProse.\n";
    let dir = folder(
        "rustsec",
        &[
            ("crates/demo/RUSTSEC-2026-0001.md", md),
            ("crates/other/RUSTSEC-2026-0001.md", md),
            ("rust/std/CVE-2026-2.md", "no front matter"),
        ],
    );
    let built = from_rustsec(&dir, &origin()).unwrap();
    assert_eq!(built.report.records, 3);
    let paths: Vec<&str> = built.report.malformed.iter().map(|m| m.path.as_str()).collect();
    assert_eq!(paths, ["crates/other/RUSTSEC-2026-0001.md", "rust/std/CVE-2026-2.md"]);
    let text = &files(&built.sections)[0];
    assert_eq!(text.0, "crates-io.tsv");
    assert!(
        text.1.ends_with(
            "demo\tRUSTSEC-2026-0001\tmalicious\tpublished=2026-01-02\talias=CVE-2026-1\tpatched=^1.2; >=2\n"
        )
    );
}
