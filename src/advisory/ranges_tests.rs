use super::*;
use proptest::prelude::*;

fn v(text: &str) -> Version {
    Version::parse(text).expect(text)
}

fn rustsec(patched: &[&str], unaffected: &[&str]) -> Vec<Range> {
    let list = |l: &[&str]| l.iter().map(|s| (*s).to_owned()).collect();
    vec![Range::RustSec { patched: list(patched), unaffected: list(unaffected) }]
}

#[test]
fn pre_releases_are_ordered_not_skipped() {
    let r = rustsec(&[">=1.0.0"], &[]);
    assert!(affects(&r, &v("1.0.0-rc.1")));
    assert!(!affects(&r, &v("1.0.0")));
    assert!(!affects(&r, &v("1.0.1-alpha")));
    let r = rustsec(&["^1.2"], &["<0.3"]);
    assert!(!affects(&r, &v("1.9.0-beta")));
    assert!(affects(&r, &v("2.0.0-alpha")));
    assert!(affects(&r, &v("1.2.0-0")));
    assert!(!affects(&r, &v("0.3.0-alpha")));
}

#[test]
fn no_requirement_means_every_version() {
    assert!(affects(&rustsec(&[], &[]), &v("9.9.9-pre+build")));
    assert!(!affects(&[], &v("1.0.0")));
}

#[test]
fn fixes() {
    let r = rustsec(&[">=0.8.5, <0.9.0", ">=0.9.3"], &["<0.5.0"]);
    assert_eq!(fixed_above(&r, &v("0.7.0")), Some(FixedIn::At("0.8.5".to_owned())));
    assert_eq!(fixed_above(&r, &v("0.9.1")), Some(FixedIn::At("0.9.3".to_owned())));
    assert_eq!(fixed_above(&rustsec(&[">1.27.0"], &[]), &v("1.0.0")), Some(FixedIn::After("1.27.0".to_owned())));
    assert_eq!(fixed_above(&rustsec(&[], &["<0.5.0"]), &v("1.0.0")), None);
}

#[test]
fn osv_events() {
    let e = |list: &[(&str, &str)]| {
        vec![Range::Semver(
            list.iter()
                .map(|(k, at)| match *k {
                    "introduced" => Event::Introduced((*at).to_owned()),
                    "fixed" => Event::Fixed((*at).to_owned()),
                    _ => Event::LastAffected((*at).to_owned()),
                })
                .collect(),
        )]
    };
    let r = e(&[("introduced", "0.0.0-0"), ("fixed", "1.2.0"), ("introduced", "2.0.0"), ("last_affected", "2.3.0")]);
    for (text, hit) in [("0.1.0", true), ("1.2.0", false), ("1.9.0", false), ("2.3.0", true), ("2.3.1", false)] {
        assert_eq!(affects(&r, &v(text)), hit, "{text}");
    }
    // Order of events does not matter, `0` is the beginning, short versions are completed.
    let r = e(&[("fixed", "4"), ("introduced", "0")]);
    assert!(affects(&r, &v("3.9.9")) && !affects(&r, &v("4.0.0")) && affects(&r, &v("0.0.0-alpha")));
}

fn version() -> impl Strategy<Value = Version> {
    (0..4_u64, 0..4_u64, 0..4_u64, prop_oneof![3 => Just(""), 1 => Just("0"), 1 => Just("alpha"), 1 => Just("rc.1")])
        .prop_map(|(a, b, c, pre)| {
            let mut version = Version::new(a, b, c);
            version.pre = Prerelease::new(pre).expect("a pre-release");
            version
        })
}

fn requirement() -> impl Strategy<Value = String> {
    prop_oneof![
        (prop_oneof![Just(">="), Just(">"), Just("<"), Just("<="), Just("="), Just("^"), Just("~")], version())
            .prop_map(|(op, v)| format!("{op}{v}")),
        (version(), version()).prop_map(|(a, b)| format!(">={}, <{}", a.clone().min(b.clone()), a.max(b))),
        (0..4_u64, 0..4_u64).prop_map(|(a, b)| format!("^{a}.{b}")),
        (0..4_u64).prop_map(|a| format!("~{a}")),
        (0..4_u64, 0..4_u64, prop_oneof![Just(">="), Just(">"), Just("<"), Just("<=")])
            .prop_map(|(a, b, op)| format!("{op}{a}.{b}")),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// The same verdict as RustSec's own code, wherever RustSec accepts the requirements at all.
    #[test]
    fn agrees_with_rustsec(
        patched in prop::collection::vec(requirement(), 0..3),
        unaffected in prop::collection::vec(requirement(), 0..3),
        at in version(),
    ) {
        let parse = |list: &[String]| list.iter().map(|r| VersionReq::parse(r).expect(r)).collect::<Vec<_>>();
        // The other side asserts that bounds differ; where they do not it has no answer to compare with.
        let theirs = std::panic::catch_unwind(|| rustsec::advisory::Versions::new(parse(&patched), parse(&unaffected)));
        if let Ok(Ok(theirs)) = theirs {
            let ours = [Range::RustSec { patched, unaffected }];
            prop_assert_eq!(affects(&ours, &at), theirs.is_vulnerable(&at));
        }
    }

    /// A version a patched requirement covers is never affected.
    #[test]
    fn patched_is_never_affected(
        patched in prop::collection::vec(requirement(), 1..4),
        at in version(),
    ) {
        let covered = patched.iter().filter_map(|r| Interval::of(r)).any(|i| i.contains(&at));
        let ranges = [Range::RustSec { patched, unaffected: Vec::new() }];
        prop_assert_eq!(affects(&ranges, &at), !covered);
    }

    /// What is offered as a fix is above the version and not affected.
    #[test]
    fn a_fix_fixes(patched in prop::collection::vec(requirement(), 1..4), at in version()) {
        let ranges = [Range::RustSec { patched, unaffected: Vec::new() }];
        if let Some(FixedIn::At(fix)) = fixed_above(&ranges, &at) {
            let fix = v(&fix);
            prop_assert!(!affects(&ranges, &fix) && fix >= at);
        }
    }

    /// Between `introduced` and `fixed` everything is affected, elsewhere nothing.
    #[test]
    fn events_are_half_open(a in version(), b in version(), at in version()) {
        let (low, high) = (a.clone().min(b.clone()), a.max(b));
        let events = vec![Event::Introduced(low.to_string()), Event::Fixed(high.to_string())];
        prop_assert_eq!(affects(&[Range::Semver(events)], &at), at >= low && at < high);
    }
}
