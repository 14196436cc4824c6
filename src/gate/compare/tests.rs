//! Tables and properties of the comparison on findings made by hand.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::audit::{Coverage, CoveredFile, Gap, Knowledge, Passed, Status, Tool, Verdict};
use crate::diag::fingerprint::{Identity, of_identity};
use crate::diag::{Confidence, Subject, Topic, WaivedBy};
use crate::source::{FileId, RepoPath, Role, SourceFile};

fn finding(rule: &str, path: &str, line: u32, name: &str, content: &str) -> Finding {
    let known_by = of_identity(Identity { rule, topic: "", path, subject: name, anchor: "", content });
    Finding {
        message: format!("`{name}` is {content}"),
        label: content.to_owned(),
        subject: Some(Subject { kind: "action".to_owned(), name: name.to_owned(), version: None, purl: None }),
        fingerprint: known_by.to_string(),
        kin: known_by.kin,
        ..Finding::plain(rule, path, line)
    }
}

fn flaw(path: &str, line: u32, id: &str, alias: &str) -> Finding {
    let mut out = finding("vulnerable-crate", path, line, "time", "");
    let identity = Identity { rule: &out.rule, topic: id, path, subject: "time", anchor: "", content: "" };
    (out.fingerprint, out.kin) = (of_identity(identity).to_string(), of_identity(identity).kin);
    out.advisory = Some(Topic {
        id: id.to_owned(),
        aliases: vec![alias.to_owned()],
        score: None,
        fixed: Vec::new(),
        upgrade: None,
        title: None,
    });
    out
}

fn audit(findings: Vec<Finding>) -> Audit {
    Audit {
        schema: String::new(),
        tool: Tool { name: String::new(), version: String::new() },
        name: None,
        prefix: String::new(),
        known_as: None,
        commit: None,
        policy: String::new(),
        policy_digest: String::new(),
        verdict: Verdict::Pass,
        complete: true,
        gate: None,
        services: Vec::new(),
        findings,
        groups: Vec::new(),
        good: Vec::new(),
        coverage: Coverage::default(),
        knowledge: Knowledge {
            index: String::new(),
            digest: String::new(),
            today: String::new(),
            sources: Vec::new(),
            online: false,
            registries: None,
        },
        rules: Vec::new(),
        excerpts: Vec::new(),
    }
}

fn path(text: &str) -> RepoPath {
    RepoPath::new(text).unwrap()
}

fn altered(paths: &[&str]) -> Changes {
    Changes { altered: paths.iter().map(|p| path(p)).collect(), ..Changes::default() }
}

/// The states of findings after a change, and how many are fixed.
fn states(base: &[Finding], head: &[Finding], changes: &Changes) -> (Vec<State>, usize) {
    let mut after = audit(head.to_vec());
    let difference = compare(&audit(base.to_vec()), &mut after, changes, None);
    (after.findings.iter().map(|f| f.state).collect(), difference.fixed.len())
}

#[test]
fn states_follow_from_what_differs() {
    use State::{Changed, Existing, New, Spread};
    let one = |content: &str| finding("r", "a.yml", 3, "x", content);
    let twice = altered(&["a.yml"]);
    let job = |path: &str| finding("r", path, 3, "x", "v1");
    let moved = Changes { moved: BTreeMap::from([(path("b.yml"), path("a.yml"))]), ..Changes::default() };
    let both = altered(&["a.yml", "b.yml"]);
    let mut attack = flaw("b/Cargo.lock", 1, "MAL-1", "GHSA-1");
    attack.impact = Some(Impact::Malicious);
    let mut attack_before = flaw("a/Cargo.lock", 1, "MAL-1", "GHSA-1");
    attack_before.impact = Some(Impact::Malicious);
    let mut heavy = one("v1");
    (heavy.decision, heavy.impact) = (Decision::Block, Some(Impact::ReachesSecrets));
    for (what, base, head, changes, wanted, fixed) in [
        ("nothing", vec![one("v1")], vec![one("v1")], &twice, vec![Existing], 0),
        ("other content", vec![one("v1")], vec![one("v2")], &twice, vec![Changed], 0),
        ("one more", vec![one("v1"); 2], vec![one("v1"); 3], &twice, vec![Existing, Existing, New], 0),
        ("one less", vec![one("v1"); 2], vec![one("v1")], &twice, vec![Existing], 1),
        ("a moved file", vec![job("a.yml")], vec![job("b.yml")], &moved, vec![Existing], 0),
        ("a moved job", vec![job("a.yml")], vec![job("b.yml")], &both, vec![Existing], 0),
        ("a copied job", vec![job("a.yml")], vec![job("a.yml"), job("b.yml")], &both, vec![Existing, New], 0),
        ("not touched", vec![job("a.yml")], vec![job("b.yml")], &altered(&["b.yml"]), vec![New], 1),
        ("more weight", vec![one("v1")], vec![heavy], &twice, vec![Changed], 0),
        (
            "another lock",
            vec![flaw("a/Cargo.lock", 1, "RUSTSEC-1", "CVE-1")],
            vec![flaw("a/Cargo.lock", 1, "RUSTSEC-1", "CVE-1"), flaw("b/Cargo.lock", 9, "GHSA-1", "CVE-1")],
            &altered(&["b/Cargo.lock"]),
            vec![Existing, Spread],
            0,
        ),
        (
            "another flaw",
            vec![flaw("Cargo.lock", 1, "RUSTSEC-1", "CVE-1")],
            vec![flaw("Cargo.lock", 1, "RUSTSEC-2", "CVE-2")],
            &altered(&["Cargo.lock"]),
            vec![New],
            1,
        ),
        ("an attack elsewhere", vec![attack_before], vec![attack], &both, vec![New], 1),
    ] {
        assert_eq!(states(&base, &head, changes), (wanted, fixed), "{what}");
    }
}

fn with_places(lines: &[(&str, u32)]) -> Finding {
    let mut out = finding("r", lines[0].0, lines[0].1, "x", "v1");
    out.places = lines.iter().map(|(path, line)| Spot { path: (*path).to_owned(), line: *line }).collect();
    out
}

#[test]
fn places_that_came_stand_first() {
    let base = audit(vec![with_places(&[("a.yml", 1), ("b.yml", 5)])]);
    let mut head = audit(vec![with_places(&[("a.yml", 1), ("b.yml", 5), ("c.yml", 7)])]);
    let _ = compare(&base, &mut head, &altered(&["c.yml"]), None);
    let found = &head.findings[0];
    assert_eq!((found.state, found.path.as_str(), found.line), (State::Changed, "c.yml", 7));
    assert_eq!(found.places[0], Spot { path: "c.yml".to_owned(), line: 7 });
    assert_eq!(found.evidence, ["1 of 3 places is new"]);
    let mut less = audit(vec![with_places(&[("a.yml", 1)])]);
    let difference = compare(&base, &mut less, &altered(&["b.yml"]), None);
    assert_eq!((less.findings[0].state, difference.fixed.len()), (State::Existing, 0));
}

#[test]
fn a_list_with_a_thing_less_is_the_same() {
    let list = |parts: &[&str]| {
        let mut out = finding("r", "a.yml", 3, "x", &parts.join(" "));
        out.parts = parts.iter().map(|p| (*p).to_owned()).collect();
        out
    };
    let changes = altered(&["a.yml"]);
    assert_eq!(states(&[list(&["a", "b"])], &[list(&["b"])], &changes).0, [State::Existing]);
    assert_eq!(states(&[list(&["a", "b"])], &[list(&["b", "c"])], &changes).0, [State::Changed]);
    assert_eq!(states(&[list(&["a"])], &[list(&["a", "a"])], &changes).0, [State::Changed]);
}

#[test]
fn an_excuse_that_the_change_brings_needs_agreement() {
    let plain = finding("r", "a.yml", 3, "x", "v1");
    let excused = |by: WaivedBy, content: &str| {
        let mut out = finding("r", "a.yml", 3, "x", content);
        (out.state, out.waived_by) = (State::Suppressed, Some(by));
        out.waiver = Some("ignored in a.yml line 3: ours".to_owned());
        out.waived_at = Some(Spot { path: "a.yml".to_owned(), line: 3 });
        out
    };
    let proposed = |content: &str| {
        let mut out = finding("r", "a.yml", 3, "x", content);
        out.state = State::NeedsApproval;
        out.waiver = Some("waived in custody.toml line 1: ours".to_owned());
        out.waived_at = Some(Spot { path: "custody.toml".to_owned(), line: 1 });
        out
    };
    let expired = Finding { state: State::Expired, ..plain.clone() };
    use State::{Existing, NeedsApproval, New, Suppressed};
    use WaivedBy::{Comment, Policy};
    for (what, base, head, wanted, asked) in [
        ("came", vec![plain.clone()], excused(Comment, "v1"), NeedsApproval, 1),
        ("was there", vec![excused(Comment, "v1")], excused(Comment, "v1"), Suppressed, 0),
        ("speaks of another thing", vec![excused(Comment, "v1")], excused(Comment, "v2"), NeedsApproval, 1),
        ("came with the finding", vec![], excused(Comment, "v1"), NeedsApproval, 1),
        ("is the base's", vec![plain.clone()], excused(Policy, "v1"), Suppressed, 0),
        ("is an entry that came with the finding", vec![], proposed("v1"), NeedsApproval, 1),
        ("is an entry for what stood there", vec![plain.clone()], proposed("v1"), Existing, 1),
        ("is an entry for another thing", vec![plain.clone()], proposed("v2"), NeedsApproval, 1),
        ("is an entry in place of a comment", vec![excused(Comment, "v1")], proposed("v1"), NeedsApproval, 1),
        ("is an entry in place of one that is over", vec![expired], proposed("v1"), NeedsApproval, 1),
        ("is gone", vec![excused(Comment, "v1")], plain.clone(), New, 0),
        ("never was", vec![plain.clone()], plain.clone(), Existing, 0),
    ] {
        let mut after = audit(vec![head]);
        let difference = compare(&audit(base), &mut after, &altered(&["a.yml"]), None);
        assert_eq!((after.findings[0].state, difference.approvals.len()), (wanted, asked), "{what}");
    }
}

#[test]
fn what_the_base_could_not_read_is_not_held_against_the_change() {
    let file = |path: &str, status| CoveredFile {
        path: path.to_owned(),
        reader: "workflow".to_owned(),
        status,
        why: None,
        role: Role::Ci,
        counts: true,
    };
    let coverage = |unknown: &[&str]| Coverage {
        files: vec![file("a.yml", Status::Partial), file("b.yml", Status::Partial), file("c.yml", Status::Read)],
        gaps: vec![
            Gap { path: "a.yml".to_owned(), line: 1, why: "odd".to_owned(), counts: true, lost: None },
            Gap { path: "b.yml".to_owned(), line: 1, why: "odd".to_owned(), counts: true, lost: None },
        ],
        passed_over: vec![
            Passed { path: "vendor/".to_owned(), why: "large".to_owned(), counts: true },
            Passed { path: "third/".to_owned(), why: "large".to_owned(), counts: true },
        ],
        unknown: unknown.iter().map(|u| (*u).to_owned()).collect(),
        ..Coverage::default()
    };
    let (mut base, mut head) = (audit(Vec::new()), audit(Vec::new()));
    let rule = "rule r failed: a bug of cargo-custody";
    (base.coverage, head.coverage) = (coverage(&["x is unknown", rule]), coverage(&["x is unknown", "y too", rule]));
    let _ = compare(&base, &mut head, &altered(&["b.yml", "vendor/x"]), None);
    let counts: Vec<bool> = head.coverage.files.iter().map(|f| f.counts).collect();
    assert_eq!(counts, [false, true, false]);
    assert_eq!(head.coverage.gaps.iter().map(|g| g.counts).collect::<Vec<_>>(), [false, true]);
    assert_eq!(head.coverage.passed_over.iter().map(|p| p.counts).collect::<Vec<_>>(), [true, false]);
    assert_eq!(
        (head.coverage.unknown, head.coverage.unknown_before),
        (vec!["y too".to_owned(), rule.to_owned()], vec!["x is unknown".to_owned()])
    );
    assert!(!head.complete);
}

#[test]
fn a_gap_in_a_changed_file_is_old_where_all_that_it_may_hide_is_as_it_was() {
    let script = "on: push\nrun: |\n  odd\n  more\nlast: 1\n";
    let gap = |line: u32, lost: Option<(u32, u32)>| Coverage {
        files: vec![CoveredFile {
            path: "a.yml".to_owned(),
            reader: "workflow".to_owned(),
            status: Status::Partial,
            why: None,
            role: Role::Ci,
            counts: true,
        }],
        gaps: vec![Gap { path: "a.yml".to_owned(), line, why: "odd".to_owned(), counts: true, lost }],
        ..Coverage::default()
    };
    for (what, after, line, lost, counts) in [
        ("a line above", "# a word\non: push\nrun: |\n  odd\n  more\nlast: 1\n", 4, Some((4, 5)), false),
        ("a line below", "on: push\nrun: |\n  odd\n  more\nlast: 2\n", 3, Some((3, 4)), false),
        ("a line more in it", "on: push\nrun: |\n  odd\n  curl\n  more\nlast: 1\n", 3, Some((3, 5)), true),
        ("a line more at its end", "on: push\nrun: |\n  odd\n  more\n  curl\nlast: 1\n", 3, Some((3, 5)), true),
        ("the line itself", "on: push\nrun: |\n  odd odd\n  more\nlast: 1\n", 3, Some((3, 4)), true),
        ("no known end", "# a word\non: push\nrun: |\n  odd\n  more\nlast: 1\n", 4, None, true),
    ] {
        let (mut base, mut head) = (audit(Vec::new()), audit(Vec::new()));
        (base.coverage, head.coverage) = (gap(3, Some((3, 4))), gap(line, lost));
        let sources =
            |text: &str| Sources::new(vec![SourceFile::new(FileId(0), path("a.yml"), text.as_bytes().to_vec())]);
        let (before, after) = (sources(script), sources(after));
        let texts = Texts { before: &before, after: &after };
        let _ = compare(&base, &mut head, &altered(&["a.yml"]), Some(texts));
        let seen = (head.coverage.gaps[0].counts, head.coverage.files[0].counts);
        assert_eq!(seen, (counts, counts), "{what}");
    }
}

/// A small world, so that equal findings meet often.
fn some() -> impl Strategy<Value = Finding> {
    ((0_usize..2), (0_usize..3), 1_u32..6, (0_usize..2), (0_usize..3)).prop_map(|(rule, path, line, name, content)| {
        finding(["r", "s"][rule], ["a.yml", "b.yml", "c.yml"][path], line, ["x", "y"][name], ["1", "2", "3"][content])
    })
}

fn all_changed() -> Changes {
    altered(&["a.yml", "b.yml", "c.yml"])
}

/// What is said of each fingerprint, whatever the order.
fn told(base: &[Finding], head: &[Finding]) -> BTreeMap<(String, State), usize> {
    let mut out = BTreeMap::new();
    for (finding, state) in head.iter().zip(states(base, head, &all_changed()).0) {
        *out.entry((finding.fingerprint.clone(), state)).or_default() += 1;
    }
    out
}

fn fixed_of(base: &[Finding], head: &[Finding]) -> Vec<String> {
    let mut after = audit(head.to_vec());
    let difference = compare(&audit(base.to_vec()), &mut after, &all_changed(), None);
    let mut out: Vec<String> = difference.fixed.into_iter().map(|f| f.fingerprint).collect();
    out.sort();
    out
}

fn new_of(base: &[Finding], head: &[Finding]) -> Vec<String> {
    let states = states(base, head, &all_changed()).0;
    let new = head.iter().zip(states).filter(|(_, state)| *state == State::New);
    let mut out: Vec<String> = new.map(|(f, _)| f.fingerprint.clone()).collect();
    out.sort();
    out
}

proptest! {
    #[test]
    fn an_audit_brings_nothing_against_itself(all in prop::collection::vec(some(), 0..12)) {
        let (states, fixed) = states(&all, &all, &all_changed());
        prop_assert!(states.iter().all(|s| *s == State::Existing), "{states:?}");
        prop_assert_eq!(fixed, 0);
    }

    #[test]
    fn every_finding_is_joined_once(base in prop::collection::vec(some(), 0..12), head in prop::collection::vec(some(), 0..12)) {
        let (states, fixed) = states(&base, &head, &all_changed());
        let joined = states.iter().filter(|s| **s != State::New).count();
        prop_assert_eq!(base.len() - fixed, joined);
        // Equal fingerprints are joined as often as both sides have them.
        for fingerprint in head.iter().map(|f| &f.fingerprint) {
            let count = |all: &[Finding]| all.iter().filter(|f| &f.fingerprint == fingerprint).count();
            let same = head.iter().zip(&states).filter(|(f, s)| &f.fingerprint == fingerprint && **s == State::Existing);
            prop_assert!(same.count() >= count(&base).min(count(&head)));
        }
    }

    #[test]
    fn order_means_nothing(base in prop::collection::vec(some(), 0..10), head in prop::collection::vec(some(), 0..10).prop_shuffle(), turn in 0_usize..10) {
        let mut turned = head.clone();
        turned.rotate_left(turn % head.len().max(1));
        turned.reverse();
        let mut other = base.clone();
        other.reverse();
        prop_assert_eq!(told(&base, &head), told(&other, &turned));
        prop_assert_eq!(fixed_of(&base, &head), fixed_of(&other, &turned));
    }

    #[test]
    fn what_comes_one_way_goes_the_other(base in prop::collection::vec(some(), 0..10), head in prop::collection::vec(some(), 0..10)) {
        prop_assert_eq!(new_of(&base, &head), fixed_of(&head, &base));
        prop_assert_eq!(fixed_of(&base, &head), new_of(&head, &base));
    }

    #[test]
    fn a_stranger_among_them_changes_nothing_else(base in prop::collection::vec(some(), 0..10), head in prop::collection::vec(some(), 0..10), at in 0_usize..10) {
        let mut more = head.clone();
        let at = at % (head.len() + 1);
        more.insert(at, finding("other-rule", "a.yml", 2, "x", "1"));
        let mut states_of_more = states(&base, &more, &all_changed()).0;
        prop_assert_eq!(states_of_more.remove(at), State::New);
        prop_assert_eq!(states_of_more, states(&base, &head, &all_changed()).0);
    }
}

#[test]
fn a_list_raised_to_the_release_of_another_brings_nothing() {
    // Two releases with one flaw become one release in two lists.
    let base = [flaw("a/requirements.txt", 1, "X-1", "C-1"), flaw("b/requirements.txt", 1, "X-1", "C-1")];
    let mut one = base[1].clone();
    one.places.push(base[0].places[0].clone());
    assert_eq!(states(&base, &[one], &altered(&["a/requirements.txt"])), (vec![State::Existing], 0));
    // One release becomes two in the same list, by what the resolver splits.
    let two = [base[0].clone(), base[0].clone()];
    assert_eq!(states(&base[..1], &two, &altered(&["a/requirements.txt"])).0, [State::Existing, State::Existing]);
}

#[test]
fn a_finding_that_stands_first_in_another_of_its_files_is_the_same() {
    let mut before = finding("unpinned-action", "one.yml", 3, "a/b", "a/b@#");
    before.places.push(Spot { path: "two.yml".to_owned(), line: 9 });
    let mut after = finding("unpinned-action", "two.yml", 9, "a/b", "a/b@#");
    after.places.push(Spot { path: "one.yml".to_owned(), line: 3 });
    assert_eq!(states(&[before.clone()], &[after.clone()], &altered(&["one.yml"])), (vec![State::Existing], 0));
    // A place that no finding had is told.
    after.places.push(Spot { path: "three.yml".to_owned(), line: 1 });
    assert_ne!(states(&[before], &[after], &altered(&["one.yml", "three.yml"])).0, [State::Existing]);
}

#[test]
fn a_flaw_that_is_only_surer_is_no_more_than_before() {
    let mut before = flaw("pyproject.toml", 3, "X-1", "C-1");
    before.confidence = Confidence::Medium;
    let mut after = before.clone();
    (after.confidence, after.decision) = (Confidence::High, Decision::Block);
    assert_eq!(states(&[before.clone()], &[after.clone()], &altered(&["uv.lock"])).0, [State::Existing]);
    // That it goes into the product now is the change's doing.
    before.role = Role::Development;
    after.role = Role::Product;
    assert_eq!(states(&[before], &[after], &altered(&["uv.lock"])).0, [State::Changed]);
}
