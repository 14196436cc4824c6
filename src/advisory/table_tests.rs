//! Text to table to records: nothing is lost, and damage is an error, never a panic.

use proptest::prelude::*;

use super::index::Index;
use super::model::{Advisory, Date, Ecosystem, Event, Function, Kind, Range, Section, SourceInfo, Window};
use super::{build, encode, text};

fn word() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z][a-z0-9_-]{0,4}(\\.[a-z0-9]{1,2})?",
        "(CVE|GHSA|PYSEC|RUSTSEC|MAL)-[0-9]{1,4}-[0-9]{1,6}",
        "GHSA-[a-z0-9]{4}-[a-z0-9]{4}-[a-z0-9]{4}",
        "[0-9]{1,2}(\\.[0-9]{1,2}){0,2}((a|rc|\\.post)[0-9])?",
    ]
}

fn words(most: usize) -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(word(), 0..most)
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = (0..4_u8, word()).prop_map(|(k, v)| match k {
        0 => Event::Introduced(v),
        1 => Event::Fixed(v),
        2 => Event::LastAffected(v),
        _ => Event::Limit(v),
    });
    prop::collection::vec(event, 1..4)
}

fn range() -> impl Strategy<Value = Range> {
    prop_oneof![
        (words(3), words(2)).prop_map(|(patched, unaffected)| Range::RustSec { patched, unaffected }),
        events().prop_map(Range::Semver),
        events().prop_map(Range::Ecosystem),
        (word(), events()).prop_map(|(r, events)| Range::Git { repo: format!("https://github.com/{r}"), events }),
        prop::collection::btree_set(word(), 1..6).prop_map(|set| {
            let mut list: Vec<String> = set.into_iter().collect();
            list.sort_by(|a, b| super::pool::natural_cmp(a, b));
            Range::Versions(list)
        }),
    ]
}

fn date() -> impl Strategy<Value = Option<Date>> {
    prop::option::of((1970..2100_u16, 1..13_u8, 1..32_u8).prop_map(|(y, m, d)| Date::new(y, m, d).unwrap()))
}

prop_compose! {
    fn advisory()(
        names in (word(), word(), 0..5_usize),
        aliases in prop::collection::btree_set(word(), 0..3),
        ranges in prop::collection::vec(range(), 0..3),
        lists in (words(3), words(2), words(2)),
        dates in (date(), date(), date()),
        functions in prop::collection::vec((word(), words(2)), 0..2),
        commits in words(2),
        window in prop::option::of(Just(Window { from: "2026-03-19T17:43Z".into(), until: "2026-03-20T05:40Z".into() })),
        links in prop::collection::vec("https://(github\\.com|x\\.org)/[a-z]{1,3}/[a-z]{1,3}/[a-z]{1,3}", 0..2),
    ) -> Advisory {
        let (package, id, kind) = names;
        let mut a = Advisory::new(Ecosystem::PyPi, &package, &id, Kind::ALL[kind]);
        a.aliases = aliases.into_iter().collect();
        a.ranges = ranges;
        (a.cvss, a.arch, a.os) = lists;
        (a.published, a.modified, a.withdrawn) = dates;
        a.functions = functions.into_iter().map(|(path, versions)| Function { path, versions }).collect();
        a.commits = commits;
        a.window = window;
        a.links = links;
        a
    }
}

fn section(advisories: Vec<Advisory>) -> Section {
    let source = SourceInfo {
        ecosystem: Ecosystem::PyPi,
        name: "test".into(),
        commit: "-".into(),
        as_of: Date::new(2026, 1, 1).unwrap(),
        licence: "CC0-1.0".into(),
        url: "-".into(),
        count: 0,
    };
    let mut section = Section { source, advisories };
    section.sort();
    // One record per package and identifier, as feeds have it.
    section.advisories.dedup_by(|a, b| a.package == b.package && a.id == b.id);
    section.source.count = section.advisories.len() as u64;
    section
}

/// The records a table should give back for a package: those of the section, clusters aside.
fn expected(section: &Section, key: &str) -> Vec<Advisory> {
    let mut out: Vec<Advisory> = section.advisories.iter().filter(|a| a.key() == key).cloned().collect();
    out.sort_by(|a, b| (&a.id, &a.package).cmp(&(&b.id, &b.package)));
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn text_and_table_keep_everything(advisories in prop::collection::vec(advisory(), 0..8)) {
        let section = section(advisories);
        let printed = text::print(std::slice::from_ref(&section));
        let parsed = text::parse(&printed).map_err(|e| TestCaseError::fail(e.to_string()))?;
        prop_assert_eq!(&parsed, std::slice::from_ref(&section));
        prop_assert_eq!(text::print(&parsed), printed.clone());

        let table = encode::compile(&[("x.tsv".to_owned(), printed)], [9; 32]).unwrap();
        let index = Index::from_bytes(table).unwrap();
        prop_assert_eq!(index.verify(), Ok(()));
        prop_assert_eq!(index.digest(), [9; 32]);
        prop_assert_eq!(index.count(), section.advisories.len());
        prop_assert_eq!(index.sources().unwrap(), vec![section.source.clone()]);
        for a in &section.advisories {
            let mut got = index.lookup(Ecosystem::PyPi, &a.package).unwrap();
            for g in &mut got {
                g.cluster = g.id.clone();
            }
            prop_assert_eq!(got, expected(&section, &a.key()));
        }
        prop_assert!(index.lookup(Ecosystem::PyPi, "no-such-package").unwrap().is_empty());
        prop_assert!(index.lookup(Ecosystem::CratesIo, "a").unwrap().is_empty());
    }

    #[test]
    fn damage_never_panics(
        advisories in prop::collection::vec(advisory(), 1..5),
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
    ) {
        let section = section(advisories);
        let names: Vec<String> = section.advisories.iter().map(|a| a.package.clone()).collect();
        let table = encode::encode(vec![section], [0; 32]).unwrap();
        let mut flipped = table.clone();
        for (at, value) in flips {
            let at = at.index(flipped.len());
            flipped[at] = value;
        }
        for bytes in [flipped, table[..cut.index(table.len())].to_vec()] {
            let Ok(index) = Index::from_bytes(bytes) else { continue };
            let _ = (index.verify(), index.sources(), index.all(), index.as_of(Ecosystem::PyPi));
            for name in &names {
                let _ = index.lookup(Ecosystem::PyPi, name);
            }
        }
    }

    #[test]
    fn noise_is_no_text(noise in "(# cargo-custody advisories 1\n)?([@=]?\t?[a-z0-9=.\t<>-]{0,30}\n){0,6}") {
        let _ = text::parse(&noise);
    }
}

#[test]
fn every_truncation_of_a_small_table_is_noticed() {
    let mut a = Advisory::new(Ecosystem::PyPi, "demo", "PYSEC-2026-1", Kind::Vulnerability);
    a.ranges = vec![Range::Versions(vec!["1.0".into(), "1.1".into()])];
    a.links = vec!["https://github.com/a/b/issues/1".into()];
    let table = encode::encode(vec![section(vec![a])], [0; 32]).unwrap();
    assert_eq!(Index::from_bytes(table.clone()).unwrap().verify(), Ok(()));
    for n in 0..table.len() {
        let noticed = Index::from_bytes(table[..n].to_vec()).and_then(|i| i.verify());
        assert!(noticed.is_err(), "cut at {n}");
    }
}

/// A small table can name far more than it holds; reading all of it must not take forever.
#[test]
fn a_table_that_says_more_than_it_holds_is_refused() {
    let versions: Vec<String> = (0..1200).map(|i| format!("{i}")).collect();
    let many = (0..1200)
        .map(|i| {
            let mut a = Advisory::new(Ecosystem::PyPi, "demo", &format!("X-{i}"), Kind::Vulnerability);
            a.ranges = vec![Range::Versions(versions.clone())];
            a
        })
        .collect();
    let index = Index::from_bytes(encode::encode(vec![section(many)], [0; 32]).unwrap()).unwrap();
    assert!(matches!(index.verify(), Err(super::IndexError::Damaged { .. })), "{} bytes", index.size());
}

#[test]
fn identifiers_survive_odd_numbers() {
    for id in ["CVE-2026-0001", "CVE-2026-1", "RUSTSEC-2026-12345678901234567", "PYSEC-x", "GHSA-0a-1", "MAL-0-0", "X"]
    {
        let table = encode::encode(vec![section(vec![Advisory::new(Ecosystem::PyPi, "d", id, Kind::Notice)])], [0; 32]);
        let index = Index::from_bytes(table.unwrap()).unwrap();
        assert_eq!(index.lookup(Ecosystem::PyPi, "d").unwrap()[0].id, id);
    }
}

fn cache() -> Vec<(String, String)> {
    build::read_text(std::path::Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/advisories-cache"))).unwrap()
}

#[test]
fn the_embedded_table_is_sound_and_follows_from_the_text() {
    let index = Index::embedded();
    assert_eq!(index.verify(), Ok(()));
    let files = cache();
    let table = build::table(&files).unwrap();
    assert_eq!(table.len(), index.size());
    assert_eq!(Index::from_bytes(table).unwrap().digest(), index.digest());
    assert!(index.count() > 8000, "{}", index.count());
    for ecosystem in Ecosystem::ALL {
        assert!(index.as_of(ecosystem).is_some(), "{ecosystem}");
    }
}

#[test]
fn the_text_is_sorted_and_in_its_one_form() {
    for (name, content) in cache() {
        let sections = text::parse(&content).unwrap_or_else(|e| panic!("{name}: {e}"));
        for section in &sections {
            let mut sorted = section.clone();
            sorted.sort();
            assert!(sorted == *section, "{name} is not sorted");
        }
        // Comments are for people and not printed.
        let bare: String = content
            .lines()
            .filter(|l| !l.starts_with("# ") || *l == text::FIRST_LINE)
            .map(|l| format!("{l}\n"))
            .collect();
        assert!(text::print(&sections) == bare, "{name} is not in the form it is printed in");
        assert!(content.len() < 1 << 20, "{name} is too large to review");
    }
}
