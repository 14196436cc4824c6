//! Feeds of `db update`: several databases of one ecosystem, titles, days.

use super::*;
use crate::advisory::build::feed_tests::packed;
use crate::advisory::{match_action, match_crate, match_toolchain};

fn today() -> Date {
    Date::new(2026, 11, 23).unwrap()
}

fn record(id: &str, ecosystem: &str, name: &str, more: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-11-20T00:00:00Z","summary":"Title of\n {id}",{more}
        "affected":[{{"package":{{"ecosystem":"{ecosystem}","name":"{name}"}},"ranges":[{{"type":"SEMVER",
        "events":[{{"introduced":"0"}},{{"fixed":"1.2.0"}}]}}]}}]}}"#
    )
}

fn rustsec(id: &str, name: &str, informational: &str, aliases: &str) -> String {
    format!(
        r#"{{"id":"{id}","modified":"2026-11-20T00:00:00Z","aliases":[{aliases}],"summary":"S",
        "affected":[{{"package":{{"ecosystem":"crates.io","name":"{name}"}},
        "ecosystem_specific":{{"affected_functions":null,"affects":{{"arch":[],"os":[],"functions":[]}}}},
        "database_specific":{{"categories":[],"cvss":null,"informational":{informational}}},
        "ranges":[{{"type":"SEMVER","events":[{{"introduced":"0.0.0-0"}},{{"fixed":"1.2.0"}}]}}],"versions":[]}}]}}"#
    )
}

fn index(feeds: &[FeedText]) -> Index {
    let index = Index::from_bytes(table(feeds).unwrap()).unwrap();
    index.verify().unwrap();
    index
}

fn read(ecosystem: Ecosystem, records: &[String]) -> FeedText {
    let names: Vec<String> = (0..records.len()).map(|i| format!("{i}.json")).collect();
    let files: Vec<(&str, &str)> = names.iter().map(String::as_str).zip(records.iter().map(String::as_str)).collect();
    feed(&packed(&files), ecosystem, None, today()).unwrap()
}

#[test]
fn one_flaw_in_two_databases_is_one_match() {
    let alias = |id: &str| format!(r#""aliases":["{id}"],"#);
    let feed = read(
        Ecosystem::CratesIo,
        &[
            rustsec("RUSTSEC-2026-0901", "flawed", "null", r#""GHSA-aaaa-aaaa-aaaa""#),
            record("GHSA-aaaa-aaaa-aaaa", "crates.io", "flawed", &alias("RUSTSEC-2026-0901")),
            rustsec("RUSTSEC-2026-0902", "shaky", "\"unsound\"", r#""GHSA-bbbb-bbbb-bbbb""#),
            record("GHSA-bbbb-bbbb-bbbb", "crates.io", "shaky", ""),
            rustsec("RUSTSEC-2026-0903", "left", "\"unmaintained\"", ""),
            record("GHSA-cccc-cccc-cccc", "crates.io", "left", &alias("RUSTSEC-2026-0903")),
            rustsec("RUSTSEC-2026-0904", "told", "\"notice\"", ""),
        ],
    );
    assert_eq!((feed.records, feed.report.malformed.as_slice()), (7, [].as_slice()));
    let index = index(&[feed]);
    let version = "1.0.0".parse().unwrap();
    for (name, id, kind) in [
        ("flawed", "RUSTSEC-2026-0901", Kind::Vulnerability),
        ("shaky", "RUSTSEC-2026-0902", Kind::Unsound),
        ("left", "RUSTSEC-2026-0903", Kind::Unmaintained),
        ("told", "RUSTSEC-2026-0904", Kind::Notice),
    ] {
        let found = match_crate(&index, name, &version).unwrap();
        let seen: Vec<_> = found.iter().map(|m| (m.id.as_str(), m.kind)).collect();
        assert_eq!(seen, [(id, kind)], "{name}");
    }
}

#[test]
fn titles_are_kept_on_one_line_and_only_here() {
    let feed = read(Ecosystem::CratesIo, &[record("GHSA-aaaa-aaaa-aaaa", "crates.io", "flawed", "")]);
    let again = kept(Ecosystem::CratesIo, feed.text.clone(), None).unwrap();
    assert_eq!((again.records, again.as_of, &again.text), (feed.records, feed.as_of, &feed.text));
    let found = match_crate(&index(&[again]), "flawed", &"1.0.0".parse().unwrap()).unwrap();
    assert_eq!(found[0].title().as_deref(), Some("Title of GHSA-aaaa-aaaa-aaaa"));
    assert!(Index::embedded().all().unwrap().iter().all(|a| a.title.is_none()));
}

#[test]
fn hand_kept_files_lie_over_the_feeds() {
    let action = record("GHSA-aaaa-aaaa-aaaa", "GitHub Actions", "example/act", "");
    let index = index(&[read(Ecosystem::GitHubActions, &[action])]);
    assert_eq!(match_action(&index, "example/act", "", "v1.0.0").unwrap().len(), 1);
    // From the hand-kept files: an action, and the toolchain, which no feed speaks of.
    assert!(!match_action(&index, "tj-actions/changed-files", "", "v44").unwrap().is_empty());
    let flaws = |index| match_toolchain(index, "1.50.0").unwrap().unwrap();
    assert!(!flaws(&index).is_empty());
    assert_eq!(flaws(&index), flaws(Index::embedded()));
}

#[test]
fn a_release_marked_as_malicious_stays_so() {
    let known = Index::embedded().all().unwrap();
    let bad = known.iter().find(|a| a.kind == Kind::Malicious && a.id.starts_with("RUSTSEC-")).unwrap();
    let feed = read(Ecosystem::CratesIo, &[rustsec(&bad.id, &bad.package, "null", "")]);
    let all = index(&[feed]).lookup(Ecosystem::CratesIo, &bad.package).unwrap();
    assert!(all.iter().any(|a| a.id == bad.id && a.kind == Kind::Malicious));
}

#[test]
fn days_and_counts() {
    let of =
        |as_of| feed(&packed(&[("a.json", &record("X-1", "PyPI", "a", ""))]), Ecosystem::PyPi, as_of, today()).unwrap();
    assert_eq!(of(None).as_of, Date::new(2026, 11, 20).unwrap());
    assert_eq!(of(Date::new(2026, 11, 22)).as_of, Date::new(2026, 11, 22).unwrap());
    assert_eq!(of(Date::new(2027, 1, 1)).as_of, today(), "not after today");
    let later = kept(Ecosystem::PyPi, of(None).text, Some(today())).unwrap();
    assert_eq!((later.as_of, later.text.contains("2026-11-23")), (today(), true), "still the same on another day");
    assert_eq!(kept(Ecosystem::PyPi, later.text, Date::new(2026, 1, 1)).unwrap().as_of, today());
    let index = index(&[of(Date::new(2026, 11, 22))]);
    assert_eq!(index.newest(false), Date::new(2026, 11, 22));
    let counts = counts(&index).unwrap();
    assert_eq!(counts.get(&Ecosystem::PyPi), Some(&1), "what is laid over does not count");
    assert!(counts.get(&Ecosystem::GitHubActions).is_some_and(|n| *n > 10));
}

#[test]
fn a_zip_of_another_ecosystem_is_refused() {
    let bytes = packed(&[("a.json", &record("X-1", "PyPI", "a", ""))]);
    let said = feed(&bytes, Ecosystem::CratesIo, None, today()).unwrap_err().to_string();
    assert_eq!(said, "the zip holds no advisory about crates.io");
    assert!(feed(b"<html>", Ecosystem::PyPi, None, today()).unwrap_err().to_string().contains("not a zip"));
    assert!(kept(Ecosystem::CratesIo, "nonsense".to_owned(), None).is_err());
}
