use super::*;
use crate::audit::{Coverage, CoveredFile, Knowledge, SCHEMA, Spot, Status, Tool, Verdict};
use crate::source::Role;
use proptest::prelude::*;

pub(crate) fn finding(path: &str, line: u32, id: u8, content: u8) -> Finding {
    Finding {
        message: "`example/x@v1` can be moved".to_owned(),
        label: "example/x@v1".to_owned(),
        fingerprint: format!("{path}{id}:{content}"),
        kin: format!("{id}:{content}"),
        ..Finding::plain("unpinned-action", path, line)
    }
}

pub(crate) fn audit(findings: Vec<Finding>) -> Audit {
    let covered = |path: &str| CoveredFile {
        path: path.to_owned(),
        reader: "workflow".to_owned(),
        status: Status::Read,
        why: None,
        role: Role::Ci,
        counts: true,
    };
    let paths: BTreeSet<&str> = findings.iter().map(|f| f.path.as_str()).collect();
    Audit {
        schema: SCHEMA.to_owned(),
        tool: Tool { name: "cargo-custody".to_owned(), version: "0.0.0".to_owned() },
        name: None,
        prefix: String::new(),
        known_as: None,
        commit: None,
        policy: "built-in policy".to_owned(),
        policy_digest: String::new(),
        verdict: Verdict::Pass,
        complete: true,
        gate: None,
        services: Vec::new(),
        coverage: Coverage { files: paths.into_iter().map(covered).collect(), ..Coverage::default() },
        findings,
        groups: Vec::new(),
        good: Vec::new(),
        knowledge: Knowledge {
            index: "embedded".to_owned(),
            digest: "ab".repeat(32),
            today: "2026-11-23".to_owned(),
            sources: Vec::new(),
            online: false,
            registries: None,
        },
        rules: Vec::new(),
        excerpts: Vec::new(),
    }
}

fn states(before: Vec<Finding>, now: Vec<Finding>) -> (Vec<State>, Held) {
    let file = make_baseline(&audit(before), None);
    let mut audit = audit(now);
    let held = hold_against(&mut audit, &file);
    (audit.findings.iter().map(|f| f.state).collect(), held)
}

#[test]
fn what_is_in_it_exists_and_the_rest_is_new() {
    use State::{Changed, Existing, New};
    let one = || finding("a.yml", 3, 1, 1);
    for (name, before, now, wanted, gone) in [
        ("the same", vec![one()], vec![one()], vec![Existing], 0),
        ("moved by lines", vec![one()], vec![finding("a.yml", 9, 1, 1)], vec![Existing], 0),
        ("other content", vec![one()], vec![finding("a.yml", 3, 1, 2)], vec![Changed], 0),
        (
            "a third of two",
            vec![one(), one()],
            vec![one(), one(), finding("a.yml", 8, 1, 1)],
            vec![Existing, Existing, New],
            0,
        ),
        (
            "the line decides which of equal ones is new",
            vec![finding("a.yml", 8, 1, 1)],
            vec![one(), finding("a.yml", 8, 1, 1)],
            vec![New, Existing],
            0,
        ),
        ("the file was moved", vec![one()], vec![finding("b.yml", 3, 1, 1)], vec![Existing], 0),
        ("a copy of the file", vec![one()], vec![one(), finding("b.yml", 3, 1, 1)], vec![Existing, New], 0),
        ("moved and changed", vec![one()], vec![finding("b.yml", 3, 1, 2)], vec![New], 1),
        ("gone", vec![one()], vec![], vec![], 1),
    ] {
        let (states, held) = states(before, now);
        assert_eq!((states, held.gone), (wanted, gone), "{name}");
    }
}

#[test]
fn what_became_worse_is_brought() {
    let block = Finding { decision: Decision::Block, ..finding("a.yml", 3, 1, 1) };
    let (found, _) = states(vec![finding("a.yml", 3, 1, 1)], vec![block.clone()]);
    assert_eq!(found, [State::Changed]);
    let (found, held) = states(vec![block.clone()], vec![block]);
    assert_eq!((found, held.blocking), (vec![State::Existing], 1));
}

#[test]
fn a_place_more_is_not_masked() {
    let spot = |path: &str, line| Spot { path: path.to_owned(), line };
    let with = |places: &[Spot]| Finding { places: places.to_vec(), ..finding("a.yml", 3, 1, 1) };
    let (a, b) = (spot("a.yml", 3), spot("a.yml", 9));
    let (two, three) = ([a.clone(), b.clone()], [a.clone(), b.clone(), spot("c.yml", 1)]);
    let moved = [a.clone(), spot("c.yml", 9)];
    for (name, before, now, wanted) in [
        ("the same", with(&two), with(&two), State::Existing),
        ("one less", with(&two), with(&two[..1]), State::Existing),
        ("one more", with(&two), with(&three), State::Changed),
        ("a second", with(&two[..1]), with(&two), State::Changed),
        ("one in a file that is there, now in another", with(&two), with(&moved), State::Changed),
        ("one in a file that is gone", with(&[a.clone(), spot("gone.yml", 9)]), with(&moved), State::Existing),
    ] {
        assert_eq!(states(vec![before], vec![now]).0, [wanted], "{name}");
    }
    let listed = |content, parts: &[&str]| Finding {
        parts: parts.iter().map(|p| (*p).to_owned()).collect(),
        ..finding("a.yml", 3, 1, content)
    };
    assert_eq!(states(vec![listed(1, &["a", "b"])], vec![listed(2, &["b"])]).0, [State::Existing]);
    assert_eq!(states(vec![listed(1, &["a", "b"])], vec![listed(2, &["b", "c"])]).0, [State::Changed]);
}

#[test]
fn malicious_code_is_never_absorbed() {
    let attack = Finding { impact: Some(Impact::Malicious), ..finding("a.yml", 3, 1, 1) };
    assert_eq!(make_baseline(&audit(vec![attack.clone()]), None).entries, []);
    // Nor by an entry that somebody wrote by hand.
    let (found, held) = states(vec![finding("a.yml", 3, 1, 1)], vec![attack]);
    assert_eq!((found, held), (vec![State::New], Held { gone: 1, ..Held::default() }));
}

#[test]
fn what_is_excused_otherwise_stays_so() {
    let excused = Finding { state: State::Suppressed, ..finding("a.yml", 3, 1, 1) };
    assert_eq!(make_baseline(&audit(vec![excused.clone()]), None).entries, []);
    let (found, held) = states(vec![finding("a.yml", 3, 1, 1)], vec![excused]);
    assert_eq!((found, held.gone), (vec![State::Suppressed], 0));
    let expired = Finding { state: State::Expired, ..finding("a.yml", 3, 1, 1) };
    assert_eq!(states(vec![], vec![expired]).0, [State::Expired]);
}

#[test]
fn writing_it_again_keeps_first_days() {
    let mut old = make_baseline(&audit(vec![finding("a.yml", 3, 1, 1), finding("m.yml", 1, 3, 1)]), None);
    old.written = "2025-01-02".to_owned();
    old.entries[0].first_seen = "2025-01-02".to_owned();
    old.entries[1].first_seen = "2025-02-03".to_owned();
    let now = vec![finding("n.yml", 1, 3, 1), finding("a.yml", 9, 1, 1), finding("a.yml", 4, 2, 1)];
    let new = make_baseline(&audit(now), Some(&old));
    assert_eq!((new.written.as_str(), new.updated.as_str()), ("2025-01-02", "2026-11-23"));
    let days: Vec<(u32, &str)> = new.entries.iter().map(|e| (e.line, e.first_seen.as_str())).collect();
    assert_eq!(days, [(4, "2026-11-23"), (9, "2025-01-02"), (1, "2025-02-03")]);
}

#[test]
fn it_is_read_as_it_was_written() {
    let file = make_baseline(&audit(vec![finding("a.yml", 3, 1, 1), finding("b\"\n.yml", 1, 3, 1)]), None);
    let text = file.text().unwrap();
    assert_eq!(read_baseline(&text), Ok(file));
    assert_eq!(text.lines().count(), 12, "one entry a line: {text}");
    let empty = make_baseline(&audit(vec![]), None);
    assert_eq!(read_baseline(&empty.text().unwrap()), Ok(empty));
}

#[test]
fn a_broken_one_is_refused_with_its_line() {
    let text = make_baseline(&audit(vec![finding("a.yml", 3, 1, 1)]), None).text().unwrap();
    for (old, new, line, why) in [
        ("{\n", "", 1, "invalid type"),
        (BASELINE_SCHEMA, "custody/baseline/v9", 2, "the schema is `custody/baseline/v9`"),
        (SCHEME, "custody/v0", 3, "write the baseline again"),
        ("\"written\": \"2026", "\"written\": \"26", 4, "`written` is a day"),
        ("\"line\":3", "\"line\":\"3\"", 9, "invalid type: string"),
        ("\"first_seen\":\"2026-11-23\"", "\"first_seen\":\"never\"", 9, "`first_seen` is a day"),
        ("\"line\":3", "\"line\":3,\"why\":1", 9, "unknown field `why`"),
        ("  ]\n}\n", "", 10, "EOF"),
    ] {
        let broken = read_baseline(&text.replacen(old, new, 1)).unwrap_err();
        assert!(broken.line == line && broken.why.contains(why), "{new}: {broken}");
    }
}

#[test]
fn entries_that_a_change_adds_need_somebody_to_agree() {
    let (known, brought) = (finding("a.yml", 3, 1, 1), Finding { state: State::New, ..finding("a.yml", 4, 2, 1) });
    let base = make_baseline(&audit(vec![known.clone()]), None);
    let head = make_baseline(&audit(vec![known.clone(), brought.clone()]), None);
    let text = head.text().unwrap();
    let found = added_entries("base.json", &text, Some(&base), &head, &[known.clone(), brought.clone()]);
    let line = u32::try_from(text.lines().position(|l| l.contains(&brought.fingerprint)).unwrap() + 1).unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].line, &found[0].findings), (line, &vec![brought.fingerprint.clone()]));
    // What it lists and nobody finds excuses nothing, and neither does malicious code.
    assert_eq!(added_entries("base.json", &text, None, &head, &[]), []);
    let attack = Finding { impact: Some(Impact::Malicious), ..brought };
    assert_eq!(added_entries("base.json", &text, None, &head, &[attack]), []);
    assert_eq!(added_entries("base.json", &text, Some(&head), &head, &[known]), []);
}

proptest! {
    #[test]
    fn each_entry_excuses_one_finding(
        before in prop::collection::vec((0u8..3, 1u32..4, 0u8..3, 0u8..3), 0..12),
        now in prop::collection::vec((0u8..3, 1u32..4, 0u8..3, 0u8..3), 0..12),
    ) {
        let made = |list: &[(u8, u32, u8, u8)]| -> Vec<Finding> {
            list.iter().map(|(path, line, id, content)| finding(&format!("{path}.yml"), *line, *id, *content)).collect()
        };
        let (before, now) = (made(&before), made(&now));
        let (found, held) = states(before.clone(), now.clone());
        let existing = found.iter().filter(|s| **s == State::Existing).count();
        let changed = found.iter().filter(|s| **s == State::Changed).count();
        prop_assert_eq!(existing, held.known);
        prop_assert_eq!(existing + changed + held.gone, before.len());
        let (all, held) = states(now.clone(), now);
        prop_assert!(all.iter().all(|s| *s == State::Existing) && held.gone == 0);
    }
}
