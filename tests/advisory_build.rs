//! The text under `advisories-cache/` follows from the feeds it names, byte for byte.
//!
//! The feeds are not part of the repository, so this runs only where `CUSTODY_SHARED` names a folder
//! with `advisories/*.tar.zst`. With `UPDATE_ADVISORIES=1` it writes the text instead of comparing.

#![allow(clippy::disallowed_methods, reason = "a test that unpacks archives into a temporary folder")]
#![allow(clippy::expect_used, clippy::print_stdout, reason = "helpers of a test")]

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_custody::advisory::build::{self, Built, Origin};
use cargo_custody::advisory::model::Date;

fn unpack(shared: &Path, name: &str) -> PathBuf {
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&to);
    std::fs::create_dir_all(&to).expect("a temporary folder");
    let from = shared.join("advisories").join(format!("{name}.tar.zst"));
    let status = Command::new("tar").arg("--zstd").arg("-xf").arg(&from).arg("-C").arg(&to).status();
    assert!(status.is_ok_and(|s| s.success()), "cannot unpack {}", from.display());
    to
}

fn rebuild(shared: &Path) -> Vec<(String, String)> {
    let origin = |name: &str, commit: &str, day: &str, licence: &str, url: &str| Origin {
        name: name.to_owned(),
        commit: commit.to_owned(),
        as_of: Date::parse(day).expect("a date"),
        licence: licence.to_owned(),
        url: url.to_owned(),
    };
    let rustsec = build::from_rustsec(
        &unpack(shared, "rustsec-advisory-db"),
        &origin(
            "rustsec/advisory-db",
            "bf5c0d245a92671908518d7e765914d437954ed6",
            "2026-08-21",
            "CC0-1.0 AND CC-BY-4.0",
            "https://github.com/rustsec/advisory-db",
        ),
    );
    let pypa = build::from_osv(
        &unpack(shared, "pypa-advisory-database"),
        &origin(
            "pypa/advisory-database",
            "57da901aadaf5862a588727ec949df1e56908f4f",
            "2026-07-23",
            "CC-BY-4.0",
            "https://github.com/pypa/advisory-database",
        ),
    );
    let mut sections = Vec::new();
    for built in [rustsec, pypa] {
        let Built { sections: these, report } = built.expect("a readable feed");
        println!("{} records, {} of other ecosystems", report.records, report.other_ecosystems);
        assert_eq!(report.malformed, [], "records that cannot be used");
        sections.extend(these);
    }
    build::files(&sections)
}

#[test]
fn the_text_follows_from_the_feeds() {
    let Some(shared) = std::env::var_os("CUSTODY_SHARED") else {
        println!("skipped: CUSTODY_SHARED is not set");
        return;
    };
    let cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("advisories-cache");
    let rebuilt = rebuild(Path::new(&shared));
    if std::env::var_os("UPDATE_ADVISORIES").is_some() {
        for (name, content) in &rebuilt {
            std::fs::write(cache.join(name), content).expect("a writable cache");
        }
        return;
    }
    let hand_kept = ["curated.tsv", "github-actions.tsv"];
    let kept: Vec<_> = build::read_text(&cache)
        .expect("the cache")
        .into_iter()
        .filter(|(name, _)| !hand_kept.contains(&name.as_str()))
        .collect();
    let names = |files: &[(String, String)]| files.iter().map(|(n, _)| n.clone()).collect::<Vec<_>>();
    assert_eq!(names(&kept), names(&rebuilt));
    for ((name, kept), (_, rebuilt)) in kept.iter().zip(&rebuilt) {
        // Not assert_eq: a megabyte of text helps nobody.
        let line = kept.lines().zip(rebuilt.lines()).position(|(a, b)| a != b);
        assert!(kept == rebuilt, "{name} differs from line {line:?}");
    }
}
