//! Tables of the odd cases, and properties held against plain loops over versions.

use proptest::prelude::*;

use super::*;
use crate::advisory::Event;
use crate::advisory::model::{Kind, Range};

const PACKAGING: &str = include_str!("packaging.tsv");

fn events(text: &str) -> Vec<Event> {
    text.split_whitespace()
        .map(|word| match (word.strip_prefix(">="), word.strip_prefix("<="), word.strip_prefix('<')) {
            (Some(v), ..) => Event::Introduced(v.to_owned()),
            (_, Some(v), _) => Event::LastAffected(v.to_owned()),
            (_, _, Some(v)) => Event::Fixed(v.to_owned()),
            _ => panic!("{word}"),
        })
        .collect()
}

fn advisory(id: &str, range: &str, versions: &[&str]) -> Advisory {
    let mut out = Advisory::new(Ecosystem::PyPi, "demo", id, Kind::Vulnerability);
    if !range.is_empty() {
        out.ranges.push(Range::Ecosystem(events(range)));
    }
    if !versions.is_empty() {
        out.ranges.push(Range::Versions(versions.iter().map(|v| (*v).to_owned()).collect()));
    }
    out
}

fn matching(advisories: &[Advisory], version: &str) -> Option<Vec<Match>> {
    Flaws::of(advisories.to_vec()).matching(version)
}

fn exposure(advisories: &[Advisory], specifiers: &str) -> Option<Exposure> {
    Flaws::of(advisories.to_vec()).exposure(specifiers)
}

fn is_hit(advisories: &[Advisory], version: &str) -> Option<bool> {
    matching(advisories, version).map(|m| !m.is_empty())
}

#[test]
fn specifiers_contain_what_packaging_says() {
    let mut lines = PACKAGING.lines().filter(|l| !l.starts_with('#'));
    let versions: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let mut compared = 0;
    for line in lines {
        let (text, answers) = line.split_once('\t').unwrap();
        let allowed = Allowed::parse(if text == "(none)" { "" } else { text }).unwrap();
        for (version, answer) in versions.iter().zip(answers.chars()) {
            assert_eq!(allowed.admits(version), answer == '1', "{text} and {version}");
            compared += 1;
        }
    }
    assert!(compared > 1500, "{compared}");
}

#[test]
fn a_version_is_affected() {
    for (range, versions, version, expected) in [
        (">=0 <2.0", &[] as &[&str], "1.9", Some(true)),
        (">=0 <2.0", &[], "2.0", Some(false)),
        // A pre-release of the fix has it not yet, a post-release has it.
        (">=0 <2.0", &[], "2.0rc1", Some(true)),
        (">=0 <2.0", &[], "2.0.dev5", Some(true)),
        (">=0 <2.0", &[], "2.0.post1", Some(false)),
        (">=0 <1.9rc1", &[], "1.9b2", Some(true)),
        (">=0 <=2.0", &[], "2.0", Some(true)),
        (">=0 <=2.0", &[], "2.0.post1", Some(false)),
        (">=1.0 <1.2 >=2.0 <2.2", &[], "1.5", Some(false)),
        (">=1.0 <1.2 >=2.0 <2.2", &[], "2.1", Some(true)),
        // Order in the record does not count.
        (">=2.0 <1.2 <2.2 >=1.0", &[], "1.5", Some(false)),
        // An epoch starts a line of its own.
        (">=0 <2.0", &[], "1!0.5", Some(false)),
        (">=1!0 <1!2.0", &[], "1!1", Some(true)),
        (">=1!0 <1!2.0", &[], "5", Some(false)),
        // A local label is left out where the advisory has none.
        (">=0 <=2.6.0", &[], "2.6.0+cu124", Some(true)),
        ("", &["2.6.0"], "2.6.0+cu124", Some(true)),
        (">=0 <2.6.0", &[], "2.6.0+cu124", Some(false)),
        (">=0 <=2.6.0+cu124", &[], "2.6.0+cu118", Some(true)),
        (">=0 <=2.6.0+cu124", &[], "2.6.0+cu126", Some(false)),
        ("", &["2.6.0+cu124"], "2.6.0+cpu", Some(false)),
        // Spelling does not count.
        ("", &["1.0"], "1.0.0", Some(true)),
        ("", &["v1.0-RC.1"], "1rc1", Some(true)),
        ("", &["1!1.0"], "1!1", Some(true)),
        ("", &["1.0-1"], "1.0.post1", Some(true)),
        ("", &["01.0"], "1.0", Some(true)),
        ("", &["trunk", "0.3X"], "0.3", Some(false)),
        // What PEP 440 cannot read is taken at its beginning, and inside.
        (">=0 <=2.6.0-NA", &[], "2.6.0", Some(true)),
        (">=0 <=2.6.0-NA", &[], "2.6.1", Some(false)),
        (">=0 <4.6.0.stable11", &[], "4.6.0", Some(true)),
        (">=0 <4.6.0.stable11", &[], "4.6.1", Some(false)),
        (">=x1 <=y2", &[], "9", Some(true)),
        // Several last affected versions in a row: the highest.
        (">=0 <=1.2.0 <=1.2.1", &[], "1.2.1", Some(true)),
        ("<=1.2.1", &[], "1.0", Some(true)),
        // A version that cannot be read is not clean.
        (">=0 <2.0", &[], "1.0-final", None),
        (">=0 <2.0", &[], "", None),
    ] {
        assert_eq!(
            is_hit(&[advisory("PYSEC-1", range, versions)], version),
            expected,
            "{range} {versions:?} {version}"
        );
    }
}

#[test]
fn nothing_is_said_of_a_name_without_live_advisories() {
    let mut withdrawn = advisory("PYSEC-1", ">=0", &[]);
    withdrawn.withdrawn = crate::advisory::Date::new(2026, 1, 1);
    assert_eq!(is_hit(&[withdrawn], "1.0-final"), Some(false));
    assert_eq!(is_hit(&[], "1.0-final"), Some(false));
}

#[test]
fn the_nearest_fix_is_above_and_free_of_the_flaw() {
    for (range, version, expected) in [
        (">=0 <1.2.10 >=2.0 <2.2", "1.2.9", Some(FixedIn::At("1.2.10".to_owned()))),
        (">=0 <1.2.10 >=2.0 <2.2", "2.1", Some(FixedIn::At("2.2".to_owned()))),
        (">=0 <1.2 >=1.2 <1.3", "1.0", Some(FixedIn::At("1.3".to_owned()))),
        (">=0 <=2.6.0-NA", "2.5", Some(FixedIn::After("2.6.0".to_owned()))),
        (">=0 <=1.0 >=1.0 <=2.0", "0.5", Some(FixedIn::After("2.0".to_owned()))),
        (">=0 <10.0", "9.0+cpu", Some(FixedIn::At("10.0".to_owned()))),
        (">=0", "9.0", None),
    ] {
        let found = matching(&[advisory("PYSEC-1", range, &[])], version).unwrap();
        assert_eq!(found[0].fixed, expected, "{range} {version}");
    }
}

#[test]
fn one_version_clears_all_that_can_be_cleared() {
    let advisories = [
        advisory("PYSEC-1", ">=0 <1.2 >=2.0 <2.3", &[]),
        advisory("PYSEC-2", ">=0 <2.1rc1", &[]),
        advisory("PYSEC-3", ">=2.2 <2.2.5 >=2.3 <2.3.4", &[]),
        advisory("PYSEC-4", ">=0", &[]),
    ];
    let found = matching(&advisories, "1.0+cpu").unwrap();
    let clear: Vec<Option<&str>> = found.iter().map(|m| m.clear.as_deref()).collect();
    assert_eq!(clear, [Some("2.3.4"), Some("2.3.4"), None]);
}

#[test]
fn the_highest_of_two_records_of_one_flaw_is_the_fix() {
    let (mut one, mut two) = (advisory("PYSEC-1", ">=0 <1.9", &[]), advisory("GHSA-1", ">=0 <1.10", &[]));
    one.cluster = "PYSEC-1".to_owned();
    two.cluster = "PYSEC-1".to_owned();
    let found = matching(&[one, two], "1.0").unwrap();
    assert_eq!((found.len(), &found[0].fixed), (1, &Some(FixedIn::At("1.10".to_owned()))));
}

#[test]
fn what_a_requirement_lets_in() {
    let old = || advisory("PYSEC-1", ">=0 <2.5", &["1.0", "2.0", "2.4"]);
    let two = || advisory("PYSEC-2", ">=2.0 <2.4.3 >=3.0 <3.0.2", &["2.0", "2.4", "3.0", "3.0.1", "3.1a1"]);
    let late = || advisory("PYSEC-5", ">=3.1 <3.2", &["3.1"]);
    let open = || advisory("PYSEC-3", ">=0", &["1.0", "2.0"]);
    let list = || advisory("PYSEC-4", "", &["2.0"]);
    use Reach::{Every, Newest, Some as Part};
    for (advisories, specifiers, expected, safe) in [
        (vec![old()], "<2.5", vec![Every], Some("2.5")),
        (vec![old()], "==2.4.*", vec![Every], Some("2.5")),
        (vec![old()], "~=2.3", vec![Part], Some("2.5")),
        (vec![old()], ">=1.0", vec![Part], Some("2.5")),
        (vec![old()], "", vec![Part], Some("2.5")),
        (vec![old()], ">=2.5", vec![], None),
        (vec![old()], "<=2.5rc1", vec![Every], Some("2.5")),
        (vec![two()], ">=2.0,<2.4", vec![Every], Some("2.4.3")),
        (vec![two()], ">=1.0,<2.4", vec![Newest], Some("2.4.3")),
        (vec![two()], "<3.0.2", vec![Newest], Some("3.0.2")),
        (vec![two()], ">=2.0", vec![Part], Some("3.0.2")),
        (vec![old(), two()], ">=2.0,<2.4", vec![Every, Every], Some("2.5")),
        (vec![old(), two()], ">=2.0", vec![Part, Part], Some("3.0.2")),
        // No fix: every version has it, and no bound keeps it out.
        (vec![open()], "", vec![Every], None),
        (vec![open(), old()], ">=1.0", vec![Every, Part], Some("2.5")),
        // A list speaks of what it lists.
        (vec![list(), old()], ">=2.0", vec![Part, Part], Some("2.5")),
        (vec![list(), old()], "==2.0", vec![Every, Every], Some("2.5")),
        // Between releases that are known.
        (vec![old()], "==1.5.*", vec![Every], Some("2.5")),
        // No PEP 440, but pip took it.
        (vec![old()], ">=2.0+cpu,<=2.4+cu118", vec![Every], Some("2.5")),
        // What is allowed comes before a new range.
        (vec![two(), late()], ">=2.2,<3.1,!=3.0.2", vec![Part], Some("3.0.2")),
        (vec![two(), late()], ">=2.2,!=3.0.2", vec![Part, Part], Some("3.2")),
        // A contradiction allows nothing.
        (vec![old()], ">2,<1", vec![], None),
    ] {
        let found = exposure(&advisories, specifiers).unwrap();
        let reaches: Vec<Reach> = found.flaws.iter().map(|f| f.reach).collect();
        assert_eq!((reaches, found.safe.as_deref()), (expected, safe), "{specifiers}");
    }
    assert_eq!(exposure(&[old()], "^1.0"), None);
    assert_eq!(exposure(&[old()], ">=1.0,<2,>"), None);
}

#[test]
fn the_embedded_index_answers() {
    let index = Index::embedded();
    let hits = |name: &str, version: &str| match_distribution(index, name, version).unwrap().unwrap();
    assert!(hits("PyYAML", "5.3").iter().any(|m| m.aliases.iter().any(|a| a == "CVE-2020-14343")));
    assert!(hits("torch", "2.5.0+cu121").len() > 2);
    assert_eq!(hits("pyyaml", "6.0.3"), []);
    assert_eq!(match_distribution(index, "pyyaml", "latest").unwrap(), None);
    let django = expose(index, "Django", "~=3.2.0").unwrap().unwrap();
    assert!(django.flaws.iter().any(|f| f.reach == Reach::Every), "{django:?}");
}

#[test]
fn hostile_lengths_end() {
    let long = format!("1{}", ".1".repeat(100_000));
    assert_eq!(read(&long), None);
    assert_eq!(is_hit(&[advisory("PYSEC-1", &format!(">=0 <{long}x"), &[&long])], "1.0"), Some(true));
    assert!(Allowed::parse(&">=1,".repeat(5000)).is_none());
    assert!(Allowed::parse(&"<1,".repeat(65)).is_none());
    assert!(Allowed::parse("==18446744073709551615.*").is_some());
    assert_eq!(read("18446744073709551616"), None);
}

/// The versions of the properties: enough of them that something lies between any two bounds.
fn universe() -> Vec<String> {
    let mut out = Vec::new();
    for epoch in ["", "1!"] {
        for major in 0..4 {
            for minor in 0..4 {
                for suffix in
                    [".dev1", "a1", "rc1", "rc2", "", ".post0", ".post1", ".1.dev1", ".1", ".1.post0", ".1.post1", ".7"]
                {
                    out.push(format!("{epoch}{major}.{minor}{suffix}"));
                }
            }
        }
    }
    out.push("2!0".to_owned());
    out
}

/// OSV's algorithm as its page gives it, one version at a time.
fn by_osv(events: &[Event], version: &Version) -> bool {
    let mut sorted: Vec<(Option<Version>, &Event)> =
        events.iter().map(|e| (if e.at() == "0" { None } else { Some(read(e.at()).unwrap()) }, e)).collect();
    sorted.sort_by_key(|(v, e)| (v.clone(), matches!(e, Event::LastAffected(_))));
    let mut affected = false;
    for (at, event) in sorted {
        let order = at.map_or(Ordering::Greater, |at| version.cmp(&at));
        match event {
            Event::Introduced(_) if order.is_ge() => affected = true,
            Event::Fixed(_) if order.is_ge() => affected = false,
            Event::LastAffected(_) if order.is_gt() => affected = false,
            _ => {}
        }
    }
    affected
}

fn version() -> impl Strategy<Value = String> {
    (0..2_u8, 0..4_u8, 0..4_u8, prop::sample::select(vec!["", "", "", "rc1", ".post1", ".1"])).prop_map(
        |(epoch, major, minor, suffix)| format!("{}{major}.{minor}{suffix}", if epoch == 1 { "1!" } else { "" }),
    )
}

/// Pairs of an introduced and an end, as records have them.
fn range() -> impl Strategy<Value = Vec<Event>> {
    let pair = (version(), version(), 0..3_u8).prop_map(|(a, b, kind)| {
        let introduced = Event::Introduced(if kind == 2 { "0".to_owned() } else { a });
        let end = if kind == 1 { Event::LastAffected(b) } else { Event::Fixed(b) };
        [introduced, end]
    });
    (prop::collection::vec(pair, 1..3), prop::option::of(version())).prop_map(|(pairs, open)| {
        let mut out = pairs.concat();
        out.extend(open.map(Event::Introduced));
        out
    })
}

fn specifiers() -> impl Strategy<Value = String> {
    let operator = prop::sample::select(vec![">=", ">", "<", "<=", "!=", "==", "~="]);
    let one = (operator, version(), 0..4_u8).prop_map(|(operator, version, star)| match operator {
        "==" | "!=" if star == 0 => {
            let numbers = version.replace("rc1", "").replace(".post1", "");
            format!("{operator}{numbers}.*")
        }
        _ => format!("{operator}{version}"),
    });
    prop::collection::vec(one, 0..3).prop_map(|list| list.join(","))
}

proptest! {
    #[test]
    fn ranges_mean_what_the_algorithm_says(events in range()) {
        // Two last affected versions in a row are read more widely than the algorithm does.
        let in_a_row = {
            let mut sorted: Vec<&Event> = events.iter().collect();
            sorted.sort_by_key(|e| (read(e.at()), matches!(e, Event::LastAffected(_))));
            sorted.windows(2).any(|w| matches!(w, [Event::LastAffected(_), Event::LastAffected(_)]))
        };
        let advisories = [Advisory { ranges: vec![Range::Ecosystem(events.clone())], ..advisory("PYSEC-1", "", &[]) }];
        for version in universe() {
            let (ours, theirs) = (is_hit(&advisories, &version), by_osv(&events, &read(&version).unwrap()));
            if in_a_row {
                prop_assert!(!theirs || ours == Some(true), "{} {:?}", version, events);
            } else {
                prop_assert_eq!(ours, Some(theirs), "{} {:?}", version, events);
            }
        }
    }

    #[test]
    fn a_fix_is_above_and_clean(events in range(), version in version()) {
        let advisories = [Advisory { ranges: vec![Range::Ecosystem(events.clone())], ..advisory("PYSEC-1", "", &[]) }];
        let found = matching(&advisories, &version).unwrap();
        if let Some(FixedIn::At(fixed)) = found.first().and_then(|m| m.fixed.as_ref()) {
            prop_assert_eq!(is_hit(&advisories, fixed), Some(false));
            prop_assert!(compare(fixed, &version).unwrap().is_gt());
            // No fixed bound below it would do.
            for nearer in events.iter().filter(|e| matches!(e, Event::Fixed(_))).map(Event::at) {
                let is_between = compare(nearer, &version).unwrap().is_gt() && compare(nearer, fixed).unwrap().is_lt();
                prop_assert!(!is_between || is_hit(&advisories, nearer) == Some(true), "{} {:?}", nearer, events);
            }
        }
    }

    #[test]
    fn reach_agrees_with_a_loop_over_releases(events in range(), specifiers in specifiers()) {
        let advisories = [Advisory { ranges: vec![Range::Ecosystem(events.clone())], ..advisory("PYSEC-1", "", &[]) }];
        let allowed = Allowed::parse(&specifiers).unwrap();
        let all: Vec<String> = universe().into_iter().filter(|v| allowed.admits(v)).collect();
        let stable: Vec<String> = all.iter().filter(|v| read(v).unwrap().is_stable()).cloned().collect();
        let offered = if allowed.wants_prereleases() || stable.is_empty() { all } else { stable };
        let hit: Vec<bool> = offered.iter().map(|v| is_hit(&advisories, v) == Some(true)).collect();
        let found = exposure(&advisories, &specifiers).unwrap();
        let newest = offered.iter().max_by_key(|v| read(v)).map(|v| is_hit(&advisories, v) == Some(true));
        match found.flaws.first().map(|f| f.reach) {
            Some(Reach::Every) => prop_assert!(hit.iter().all(|h| *h), "{} {:?}", specifiers, events),
            Some(Reach::Newest) => prop_assert!(newest != Some(false), "{} {:?}", specifiers, events),
            _ => {}
        }
        // The other way round, where more than one release is offered: the universe has one between
        // any two bounds.
        if offered.len() > 1 && hit.iter().all(|h| *h) {
            prop_assert!(found.flaws.first().is_some_and(|f| f.reach <= Reach::Newest), "{} {:?}", specifiers, events);
        }
        if let Some(safe) = &found.safe {
            prop_assert!(compare(safe, "0.0").unwrap().is_ge() && !found.flaws.is_empty());
            prop_assert_eq!(is_hit(&advisories, safe), Some(false), "{} {:?}", specifiers, events);
        }
    }

    #[test]
    fn any_text_has_an_answer(version in ".{0,40}", specifiers in "[0-9a-z.!<>=~*+ ,-]{0,40}", bound in ".{0,20}") {
        let advisories = [Advisory {
            ranges: vec![Range::Ecosystem(vec![Event::Introduced("0".to_owned()), Event::Fixed(bound.clone())]), Range::Versions(vec![bound])],
            ..advisory("PYSEC-1", "", &[])
        }];
        let _ = matching(&advisories, &version);
        let _ = exposure(&advisories, &specifiers);
    }
}
