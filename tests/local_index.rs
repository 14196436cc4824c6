//! RustSec's records in OSV's form, each with a second record of GitHub's beside it, give the same
//! matches as RustSec's own files: ids, kinds, for every version that a record names and its neighbours.
//!
//! Runs only where `CUSTODY_SHARED` names a folder with `advisories/rustsec-advisory-db.tar.zst`, of the
//! revision that is embedded.

#![allow(clippy::disallowed_methods, reason = "a test that unpacks an archive into a temporary folder")]
#![allow(clippy::expect_used, clippy::print_stdout, reason = "helpers of a test")]

#[path = "common/zip.rs"]
mod zipped;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use cargo_custody::advisory::build::local;
use cargo_custody::advisory::{Date, Ecosystem, Index, match_crate};
use semver::Version;
use serde_json::{Value, json};

/// One of RustSec's files in OSV's form, as its exporter writes it, and a record of GitHub's.
fn records(text: &str, out: &mut Vec<(String, String)>) -> String {
    let record: rustsec::Advisory = text.parse().expect("a RustSec file");
    let meta = &record.metadata;
    let name = meta.package.as_str().to_owned();
    let ranges: Vec<Value> = rustsec::osv::ranges_for_advisory(&record.versions)
        .iter()
        .map(|range| {
            let from = range.introduced.as_ref().map_or_else(|| "0.0.0-0".to_owned(), ToString::to_string);
            let mut events = vec![json!({"introduced": from})];
            events.extend(range.fixed.as_ref().map(|fixed| json!({"fixed": fixed.to_string()})));
            json!({"type": "SEMVER", "events": events})
        })
        .collect();
    let informational = meta.informational.as_ref().map(ToString::to_string);
    let aliases: Vec<String> = meta.aliases.iter().map(ToString::to_string).collect();
    let day = format!("{}T12:00:00Z", meta.date.as_str());
    let own = json!({
        "id": meta.id.as_str(), "published": day, "modified": day, "aliases": aliases, "summary": meta.title,
        "withdrawn": meta.withdrawn.as_ref().map(|d| format!("{}T12:00:00Z", d.as_str())),
        "affected": [{
            "package": {"ecosystem": "crates.io", "name": name}, "ranges": ranges, "versions": [],
            "ecosystem_specific": {"affects": {"arch": [], "os": [], "functions": []}, "affected_functions": null},
            "database_specific": {"informational": informational, "categories": []},
        }],
    });
    out.push((format!("{}.json", meta.id.as_str()), own.to_string()));
    // Where RustSec withdrew its record, GitHub's stands for itself.
    if meta.withdrawn.is_none()
        && let Some(ghsa) = aliases.iter().find(|a| a.starts_with("GHSA-"))
    {
        let second = json!({
            "id": ghsa, "published": day, "modified": day, "aliases": [meta.id.as_str()], "summary": "S",
            "affected": [{"package": {"ecosystem": "crates.io", "name": name}, "ranges": ranges}],
        });
        out.push((format!("{ghsa}-{name}.json"), second.to_string()));
    }
    name
}

#[test]
fn osv_records_give_the_matches_of_the_files_they_were_made_from() {
    let Some(shared) = std::env::var_os("CUSTODY_SHARED") else {
        println!("skipped: CUSTODY_SHARED is not set");
        return;
    };
    let to = Path::new(env!("CARGO_TARGET_TMPDIR")).join("local_index");
    let _ = std::fs::remove_dir_all(&to);
    std::fs::create_dir_all(&to).expect("a temporary folder");
    let from = Path::new(&shared).join("advisories/rustsec-advisory-db.tar.zst");
    let status = Command::new("tar").arg("--zstd").arg("-xf").arg(&from).arg("-C").arg(&to).status();
    assert!(status.is_ok_and(|s| s.success()), "cannot unpack {}", from.display());
    let (mut all, mut names) = (Vec::new(), BTreeSet::new());
    for package in std::fs::read_dir(to.join("crates")).expect("a folder").flatten() {
        for file in std::fs::read_dir(package.path()).expect("a folder").flatten() {
            let text = std::fs::read_to_string(file.path()).expect("a file");
            names.insert(records(&text, &mut all));
        }
    }
    let today = Date::new(2026, 11, 23).expect("a day");
    let feed = local::feed(&zipped::zip(&all), Ecosystem::CratesIo, None, today).expect("a feed");
    assert_eq!(feed.report.malformed, []);
    let local = Index::from_bytes(local::table(&[feed]).expect("a table")).expect("a table");
    local.verify().expect("a sound table");
    let (mut compared, mut wrong) = (0, Vec::new());
    for name in &names {
        let mut tried: BTreeSet<Version> = BTreeSet::from([Version::new(0, 0, 1), Version::new(999, 0, 0)]);
        for advisory in local.lookup(Ecosystem::CratesIo, name).expect("records") {
            for at in versions_of(&advisory) {
                tried.insert(Version::new(at.major, at.minor, at.patch + 1));
                tried.insert(Version::new(at.major, at.minor + 1, 0));
                tried.extend(at.patch.checked_sub(1).map(|patch| Version::new(at.major, at.minor, patch)));
                tried.insert(at);
            }
        }
        for version in tried {
            let told = |index: &Index| -> Vec<_> {
                match_crate(index, name, &version).expect("matches").into_iter().map(|m| (m.id, m.kind)).collect()
            };
            compared += 1;
            let (embedded, fetched) = (told(Index::embedded()), told(&local));
            if embedded != fetched {
                wrong.push(format!("{name} {version}: {embedded:?}, from OSV {fetched:?}"));
            }
        }
    }
    println!("{} records, {compared} releases of {} crates compared", all.len(), names.len());
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
}

fn versions_of(advisory: &cargo_custody::advisory::Advisory) -> Vec<Version> {
    let events = advisory.ranges.iter().flat_map(|range| match range {
        cargo_custody::advisory::Range::Semver(events) => events.as_slice(),
        _ => &[],
    });
    events.filter_map(|event| Version::parse(event.at()).ok()).collect()
}
