use super::*;
use crate::advisory::model::{Range, Section, SourceInfo};
use crate::advisory::{Date, Event, encode};

fn index(advisories: Vec<Advisory>) -> Index {
    let mut section = Section {
        source: SourceInfo {
            ecosystem: advisories[0].ecosystem,
            name: "test".to_owned(),
            commit: "-".to_owned(),
            as_of: Date::new(2026, 1, 1).unwrap(),
            licence: "CC0-1.0".to_owned(),
            url: "-".to_owned(),
            count: 0,
        },
        advisories,
    };
    section.sort();
    Index::from_bytes(encode::encode(vec![section], [7; 32]).unwrap()).unwrap()
}

fn advisory(id: &str, kind: Kind, aliases: &[&str], patched: &str) -> Advisory {
    let mut a = Advisory::new(Ecosystem::CratesIo, "demo", id, kind);
    a.aliases = aliases.iter().map(|s| (*s).to_owned()).collect();
    a.ranges = vec![Range::RustSec { patched: vec![patched.to_owned()], unaffected: Vec::new() }];
    a
}

fn at(index: &Index, version: &str) -> Vec<Match> {
    match_crate(index, "demo", &Version::parse(version).unwrap()).unwrap()
}

#[test]
fn one_flaw_is_one_match() {
    let i = index(vec![
        advisory("RUSTSEC-2026-0001", Kind::Vulnerability, &["CVE-2026-1"], ">=1.2.0"),
        advisory("GHSA-aaaa-bbbb-cccc", Kind::Vulnerability, &["CVE-2026-1"], ">=1.3.0"),
        advisory("RUSTSEC-2026-0002", Kind::Unsound, &["CVE-2026-1"], ">=1.2.0"),
    ]);
    let got = at(&i, "1.0.0");
    assert_eq!(got.len(), 2);
    assert_eq!(got[0].id, "RUSTSEC-2026-0001");
    assert_eq!(got[0].aliases, ["CVE-2026-1", "GHSA-aaaa-bbbb-cccc"]);
    assert_eq!(got[0].fixed, Some(FixedIn::At("1.3.0".to_owned())), "only there both call it fixed");
    assert_eq!(got[0].patched, [">=1.2.0", ">=1.3.0"]);
    assert_eq!((got[1].id.as_str(), got[1].kind), ("RUSTSEC-2026-0002", Kind::Unsound));
    // Still named canonically when only the other record matches.
    assert_eq!(at(&i, "1.2.5").first().map(|m| m.id.as_str()), Some("RUSTSEC-2026-0001"));
    assert!(at(&i, "1.3.0").is_empty());
}

#[test]
fn malware_absorbs_its_plain_record() {
    let i = index(vec![
        advisory("GHSA-aaaa-bbbb-cccc", Kind::Vulnerability, &["MAL-2026-1"], ">=2.0.0"),
        advisory("MAL-2026-1", Kind::Malicious, &[], ">=2.0.0"),
    ]);
    let got = at(&i, "1.0.0");
    assert_eq!(got.len(), 1);
    assert_eq!((got[0].id.as_str(), got[0].kind), ("GHSA-aaaa-bbbb-cccc", Kind::Malicious));
}

#[test]
fn rustsec_records_stay_apart() {
    let i = index(vec![
        advisory("RUSTSEC-2026-0001", Kind::Vulnerability, &["CVE-2026-1"], ">=2.0.0"),
        advisory("RUSTSEC-2026-0002", Kind::Vulnerability, &["CVE-2026-1"], ">=2.0.0"),
    ]);
    assert_eq!(at(&i, "1.0.0").len(), 2);
}

#[test]
fn withdrawn_never_matches_nor_joins() {
    let mut a = advisory("RUSTSEC-2026-0001", Kind::Vulnerability, &["CVE-2026-1"], ">=2.0.0");
    a.withdrawn = Date::new(2026, 2, 1);
    let i = index(vec![a, advisory("GHSA-aaaa-bbbb-cccc", Kind::Vulnerability, &["CVE-2026-1"], ">=2.0.0")]);
    let got = at(&i, "1.0.0");
    assert_eq!(got.len(), 1);
    assert_eq!(got[0].id, "GHSA-aaaa-bbbb-cccc");
    assert_eq!(got[0].score, None, "unscored is not zero");
}

#[test]
fn crate_names_are_exact() {
    let i = index(vec![advisory("RUSTSEC-2026-0001", Kind::Malicious, &[], ">=9.0.0")]);
    assert!(match_crate(&i, "Demo", &Version::new(1, 0, 0)).unwrap().is_empty());
}

#[test]
fn toolchains() {
    let got = |channel: &str| {
        match_toolchain(Index::embedded(), channel).unwrap().map(|m| m.into_iter().map(|m| m.id).collect::<Vec<_>>())
    };
    assert_eq!(got("stable"), None);
    assert_eq!(got("nightly-2021-01-01"), None);
    assert_eq!(got("1.85.1"), Some(Vec::new()));
    let old = got("1.57-x86_64-unknown-linux-gnu").unwrap();
    assert!(old.contains(&"CVE-2022-21658".to_owned()), "{old:?}");
    assert_eq!(got("1.58.0").unwrap(), ["CVE-2022-21658"]);
    assert_eq!(got("1.58"), Some(Vec::new()), "the last 1.58 is 1.58.1, which has the fix");
}

#[test]
fn known_crates() {
    let m = match_crate(Index::embedded(), "time", &Version::new(0, 1, 42)).unwrap();
    let ids: Vec<&str> = m.iter().map(|m| m.id.as_str()).collect();
    assert!(ids.contains(&"RUSTSEC-2020-0071"), "{ids:?}");
    let segfault = m.iter().find(|m| m.id == "RUSTSEC-2020-0071").unwrap();
    assert_eq!(segfault.fixed, Some(FixedIn::At("0.2.23".to_owned())));
    assert!(segfault.score.as_ref().is_some_and(|s| s.value > 0.0));
}

/// These releases carry no mark in PyPI's own records.
#[test]
fn known_malware_on_pypi() {
    for (package, id, versions) in
        [("litellm", "PYSEC-2026-2", ["1.82.7", "1.82.8"]), ("telnyx", "PYSEC-2026-3", ["4.87.1", "4.87.2"])]
    {
        let found = Index::embedded().lookup(Ecosystem::PyPi, package).unwrap();
        let a = found.iter().find(|a| a.id == id).expect(id);
        assert_eq!(a.kind, Kind::Malicious);
        let list: Vec<&str> =
            crate::advisory::text::version_lists(std::iter::once(a)).flatten().map(String::as_str).collect();
        assert_eq!(list, versions);
    }
    // A release was taken over, not all that followed it.
    let found = Index::embedded().lookup(Ecosystem::PyPi, "Deep_Translator").unwrap();
    let a = found.iter().find(|a| a.id == "PYSEC-2022-252").unwrap();
    assert_eq!(a.ranges, [Range::Versions(vec!["1.8.5".to_owned()])]);
    // Marked by a MAL- alias.
    let found = Index::embedded().lookup(Ecosystem::PyPi, "durabletask").unwrap();
    assert!(found.iter().any(|a| a.kind == Kind::Malicious));
}

#[test]
fn events_of_pypi_are_kept() {
    let found = Index::embedded().lookup(Ecosystem::PyPi, "litellm").unwrap();
    let a = found.iter().find(|a| a.id == "PYSEC-2026-391").unwrap();
    let expected = vec![Event::Introduced("1.81.16".to_owned()), Event::Fixed("1.83.7".to_owned())];
    assert!(a.ranges.contains(&Range::Ecosystem(expected)));
    assert!(a.ranges.iter().any(|r| matches!(r, Range::Versions(v) if v.len() == 15)), "{:?}", a.ranges);
}
