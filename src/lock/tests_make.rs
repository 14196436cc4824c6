//! From references to a lock, to what differs from it, and back in its history.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::*;
use crate::references::AssetKind;
use crate::references::At;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Reference;
use crate::references::Standing;
use crate::source::Span;

const OLD: &str = "1111111111111111111111111111111111111111";
const NEW: &str = "2222222222222222222222222222222222222222";

fn at(line: usize) -> At {
    At { path: "app.py".into(), span: Span::new(line * 10, line * 10 + 5) }
}

fn reference(kind: AssetKind, name: &str, line: usize) -> Reference {
    Reference::new(kind, Hub::HuggingFace, name, at(line), "from_pretrained")
}

fn model(name: &str, line: usize) -> Reference {
    reference(AssetKind::Model, name, line)
}

fn identities(references: &[Reference]) -> Vec<String> {
    wants(references).keys().map(|key| format!("{} {key}", key.kind.word())).collect()
}

/// Files whose content is the commit's first digit.
fn entry_at(commit: &str) -> Entry {
    let byte = commit.as_bytes()[0];
    let files = [("model.safetensors".to_owned(), FileDigest { sha256: Digest([byte; 32]), size: 10 })].into();
    Entry { revision: Some(commit.to_owned()), files, ..Entry::default() }
}

/// What a machine or hub holds, by name and branch; of every name both commits.
#[derive(Default)]
struct Says {
    branches: BTreeMap<String, &'static str>,
}

impl Says {
    fn of(pairs: &[(&str, &'static str)]) -> Self {
        Self { branches: pairs.iter().map(|(name, commit)| ((*name).to_owned(), *commit)).collect() }
    }
}

impl HeldFiles for Says {
    fn held(&self, key: &Key, at: Option<&str>) -> Result<Option<Held>, String> {
        let Some(known) = self.branches.get(&key.name) else { return Ok(None) };
        let entry = entry_at(at.unwrap_or(known));
        Ok(Some(Held {
            revision: entry.revision,
            licence: Some("mit".to_owned()),
            files: entry.files.into_iter().collect(),
            verdict: Some("clean".to_owned()),
            place: "the cache".to_owned(),
        }))
    }
}

impl HubAnswers for Says {
    fn resolve(&self, key: &Key, at: Option<&str>) -> Result<Resolved, String> {
        let known = self.branches.get(&key.name).ok_or("the hub has no such name")?;
        let entry = entry_at(at.unwrap_or(known));
        Ok(Resolved {
            revision: entry.revision.unwrap_or_default(),
            licence: Some("apache-2.0".to_owned()),
            files: entry.files.into_iter().collect(),
        })
    }

    fn image(&self, reference: &str) -> Result<String, String> {
        let known = self.branches.contains_key(reference);
        if known { Ok(format!("sha256:{}", Digest([7; 32]))) } else { Err("no such image".to_owned()) }
    }

    fn tool(&self, _url: &str) -> Result<(Digest, u64), String> {
        Ok((Digest([8; 32]), 80))
    }
}

fn asked(references: &[Reference]) -> Asked {
    Asked { entries: wants(references), is_whole: true, ..Asked::default() }
}

fn offline(before: &Lock, asked: &Asked, update: &Update, says: &Says) -> Made {
    make(before, asked, update, Means { held: says, online: None, version: "0.1.0" })
}

#[test]
fn one_repository_is_one_entry_and_names_that_move_are_kept_apart() {
    let mut tokenizer = reference(AssetKind::Tokenizer, "a/b", 2);
    tokenizer.pin = Pin::None;
    let at_main = model("a/b", 3).at_revision("main", None);
    let at_tag = model("a/b", 4).at_revision("v2", None);
    let data = reference(AssetKind::Dataset, "a/b", 5);
    assert_eq!(
        identities(&[model("a/b", 1), tokenizer, at_main, at_tag, data]),
        ["model huggingface:a/b", "model huggingface:a/b@v2", "dataset huggingface:a/b"]
    );
    let (one, other) = (model("a/b", 1).at_revision(OLD, None), model("a/b", 2).at_revision(NEW, None));
    assert_eq!(identities(&[one.clone(), model("a/b", 3)]), ["model huggingface:a/b"]);
    let both = [format!("model huggingface:a/b@{OLD}"), format!("model huggingface:a/b@{NEW}")];
    assert_eq!(identities(&[one, other]), both);
}

#[test]
fn what_nothing_could_hold_is_not_asked_for() {
    let hosted = Reference::new(AssetKind::Model, Hub::Hosted("openai"), "gpt-4o", at(1), "model");
    let mut told = model("a/b", 2);
    told.standing = Standing::Told;
    let mut compared = model("a/c", 3);
    compared.digest = Some("sha256:00".to_owned());
    assert_eq!(wants(&[hosted, told, compared]), BTreeMap::new());
}

#[test]
fn what_is_held_stays_until_somebody_says_otherwise() {
    let says = Says::of(&[("a/b", OLD)]);
    let asked = asked(&[model("a/b", 1), model("a/gone", 2)]);
    let made = offline(&Lock::default(), &asked, &Update::Nothing, &says);
    let held: Vec<String> = made.lock.entries.keys().map(ToString::to_string).collect();
    assert_eq!(held, ["huggingface:a/b"]);
    let (key, entry) = made.lock.entries.first_key_value().expect("one");
    let scan = Some(Scanned { verdict: "clean".to_owned(), by: "0.1.0".to_owned() });
    assert_eq!((entry.revision.as_deref(), &entry.scan), (Some(OLD), &scan));
    let gaps: Vec<String> = made.gaps.iter().map(|gap| format!("{}: {}", gap.subject, gap.why)).collect();
    assert_eq!(gaps, ["huggingface:a/gone: this machine holds nothing of it"]);

    let moved = Says::of(&[("a/b", NEW)]);
    let again = offline(&made.lock, &asked, &Update::Nothing, &moved);
    assert_eq!(again.lock, made.lock, "a branch that moved changes nothing");
    let named = Update::These([Subject::Entry(key.clone())].into());
    let updated = offline(&made.lock, &asked, &named, &moved);
    assert_eq!(updated.lock.entries[key].revision.as_deref(), Some(NEW));
}

#[test]
fn the_hub_is_asked_first_and_what_the_machine_holds_of_it_is_scanned() {
    let (machine, hub) = (Says::of(&[("a/b", NEW), ("a/c", OLD)]), Says::of(&[("a/b", NEW)]));
    let asked = asked(&[model("a/b", 1), model("a/c", 2)]);
    let means = Means { held: &machine, online: Some(&hub), version: "0.1.0" };
    let made = make(&Lock::default(), &asked, &Update::Nothing, means);
    let entries: Vec<&Entry> = made.lock.entries.values().collect();
    assert_eq!(entries[0].licence.as_deref(), Some("apache-2.0"));
    assert!(entries[0].scan.is_some());
    assert_eq!(entries[1].licence.as_deref(), Some("mit"), "what the hub no longer gives is taken from here");
    assert_eq!(made.gaps, []);
}

#[test]
fn approvals_go_with_the_state_they_were_of() {
    let says = Says::of(&[("a/b", OLD)]);
    let asked = asked(&[model("a/b", 1)]);
    let mut held = offline(&Lock::default(), &asked, &Update::Nothing, &says).lock;
    let entry = held.entries.values_mut().next().expect("one");
    let approval = Approval {
        on: "2026-11-27".to_owned(),
        by: "Ada".to_owned(),
        reason: "read".to_owned(),
        of: entry.state(),
        evidence: BTreeMap::new(),
    };
    entry.approvals.push(approval);
    let same = offline(&held, &asked, &Update::All, &says).lock;
    assert_eq!(same, held);
    let moved = offline(&held, &asked, &Update::All, &Says::of(&[("a/b", NEW)])).lock;
    assert_eq!(moved.entries.values().map(|entry| entry.approvals.len()).sum::<usize>(), 0);
    let changes = diff(&held, &moved);
    assert_eq!((changes.len(), changes[0].what), (1, "changed"));
    assert_eq!(
        (changes[0].files.changed, changes[0].approvals.lost.as_slice()),
        (1, &["Ada (2026-11-27)".to_owned()][..])
    );
}

#[test]
fn what_differs_is_told_and_what_was_not_read_is_not_let_go() {
    let says = Says::of(&[("a/b", OLD), ("a/t", OLD)]);
    let mut asked = asked(&[model("a/b", 1), model("a/t", 9)]);
    let held = offline(&Lock::default(), &asked, &Update::Nothing, &says).lock;
    assert_eq!(check(&held, &asked), []);
    // Now the code writes another commit, loads one thing more and one less.
    asked.entries = wants(&[model("a/b", 1).at_revision(NEW, None), model("a/d", 2)]);
    let told: Vec<String> = check(&held, &asked).iter().map(Drift::message).collect();
    assert!(told[0].starts_with(&format!("huggingface:a/b is written at {NEW} and held at {OLD}: ")), "{told:?}");
    assert_eq!(told[1], "huggingface:a/d is loaded and not held: run `cargo custody lock`");
    assert!(told[2].starts_with("huggingface:a/t is held and nothing loads it"), "{told:?}");
    let made = offline(&held, &asked, &Update::Nothing, &says);
    assert_eq!(made.lock.entries.values().next().and_then(|entry| entry.revision.as_deref()), Some(NEW));
    assert_eq!(made.lock.entries.len(), 1);
    // Tests may load it, or a file that was not read.
    asked.may = held.entries.keys().filter(|key| key.name == "a/t").cloned().collect();
    assert_eq!(check(&held, &asked).len(), 2);
    assert_eq!(offline(&held, &asked, &Update::Nothing, &says).lock.entries.len(), 2);
    (asked.may, asked.is_whole) = (BTreeSet::new(), false);
    assert_eq!(check(&held, &asked).len(), 2);
    assert_eq!(offline(&held, &asked, &Update::Nothing, &says).lock.entries.len(), 2);
}

#[test]
fn images_and_tools_are_held_by_their_digests() {
    let wish = |digest: Option<&str>| Wish { place: at(1), digest: digest.map(str::to_owned) };
    let images = [("python:3.12".to_owned(), wish(None)), ("other:1".to_owned(), wish(None))].into();
    let tools = [("https://example.com/x.tgz".to_owned(), wish(None))].into();
    let asked = Asked { images: Some(images), tools: Some(tools), is_whole: true, ..Asked::default() };
    let (machine, hub) = (Says::default(), Says::of(&[("python:3.12", OLD)]));
    let none = offline(&Lock::default(), &asked, &Update::Nothing, &machine);
    assert_eq!((none.lock, none.gaps.len()), (Lock::default(), 3));
    let means = Means { held: &machine, online: Some(&hub), version: "0.1.0" };
    let made = make(&Lock::default(), &asked, &Update::Nothing, means);
    assert_eq!((made.lock.images.len(), made.lock.tools.len(), made.gaps.len()), (1, 1, 1));
    let drifts = check(&made.lock, &asked);
    assert_eq!(drifts.iter().map(|drift| drift.subject.to_string()).collect::<Vec<_>>(), ["other:1"]);
    let unlooked = Asked { images: None, tools: None, ..asked };
    assert_eq!(check(&made.lock, &unlooked), []);
    assert_eq!(offline(&made.lock, &unlooked, &Update::Nothing, &machine).lock, made.lock);
}

#[test]
fn names_are_taken_as_people_write_them() {
    let mut lock = Lock::default();
    let found = wants(&[
        model("a/b", 1),
        model("a/b", 2).at_revision("v2", None),
        reference(AssetKind::Dataset, "a/b", 3),
        model("c", 4),
    ]);
    lock.entries = found.into_keys().map(|key| (key, entry_at(OLD))).collect();
    let named = |name: &str| select(&lock, name).map(|key| format!("{} {key}", key.kind.word()));
    assert_eq!(named("c").as_deref(), Ok("model huggingface:c"));
    assert_eq!(named("a/b@v2").as_deref(), Ok("model huggingface:a/b@v2"));
    assert_eq!(named("dataset a/b").as_deref(), Ok("dataset huggingface:a/b"));
    assert!(named("a/b").is_err_and(|why| why.contains("is 2 entries; name one: `model huggingface:a/b`")));
    assert!(named("x/b").is_err_and(|why| why.contains("near it are")));
}

fn approved(commit: &str) -> Entry {
    let mut entry = entry_at(commit);
    let (of, on) = (entry.state(), "2026-11-27".to_owned());
    let approval = Approval { on, by: "Ada".to_owned(), reason: "read".to_owned(), of, evidence: BTreeMap::new() };
    entry.approvals.push(approval);
    entry
}

#[test]
fn the_way_back_leads_to_what_was_approved() {
    let key = wants(&[model("a/b", 1)]).into_keys().next().expect("one");
    let earlier = |commit: &str, entry: Entry| Earlier {
        commit: commit.repeat(40),
        lock: Ok(Lock { entries: [(key.clone(), entry)].into(), ..Lock::default() }),
    };
    const THIRD: &str = "3333333333333333333333333333333333333333";
    let now = entry_at(NEW);
    let history = || {
        let damaged = Earlier { commit: "e".repeat(40), lock: Err("damaged".to_owned()) };
        vec![
            earlier("a", now.clone()),
            earlier("b", entry_at(THIRD)),
            damaged,
            earlier("c", approved(OLD)),
            earlier("d", entry_at(OLD)),
        ]
    };
    let go = |to: &str, unapproved: bool| {
        let target = Target::of(to).expect("a target");
        find(&key, Some(&now), &target, &mut history().into_iter(), unapproved).map(|(commit, entry)| {
            format!("{} {}", &commit[..1], entry.revision.map_or_else(String::new, |r| r[..1].to_owned()))
        })
    };
    assert_eq!(go("last-good", false).as_deref(), Ok("c 1"));
    assert_eq!(go("cccc", false).as_deref(), Ok("c 1"));
    assert_eq!(go("1111", false).as_deref(), Ok("c 1"), "its own commit, approved later");
    assert!(go("bbbb", false).is_err_and(|why| why.contains("is not approved, or no longer")));
    assert_eq!(go("3333", true).as_deref(), Ok("b 3"));
    assert!(go("2222", true).is_err_and(|why| why.contains("is held at 2222 already")));
    assert!(go("ffff", true).is_err_and(|why| why.contains("1 states of the lock could not be read")));
    assert!(Target::of("main").is_err());
    let mut twice = vec![earlier("1", entry_at(NEW)), earlier("c", approved(OLD))].into_iter();
    let target = Target::of("1111").expect("a target");
    assert!(find(&key, None, &target, &mut twice, true).is_err_and(|why| why.contains("several states")));
}

#[test]
fn an_approval_that_was_taken_back_leads_nowhere() {
    let key = wants(&[model("a/b", 1)]).into_keys().next().expect("one");
    let earlier = |commit: &str, entry: Entry| Earlier {
        commit: commit.repeat(40),
        lock: Ok(Lock { entries: [(key.clone(), entry)].into(), ..Lock::default() }),
    };
    const GOOD: &str = "3333333333333333333333333333333333333333";
    // `b` took the word for OLD back, `c` had given it.
    let history = || {
        vec![
            earlier("a", entry_at(NEW)),
            earlier("b", entry_at(OLD)),
            earlier("c", approved(OLD)),
            earlier("d", approved(GOOD)),
        ]
    };
    let go = |now: &Entry, to: &str, unapproved: bool| {
        let target = Target::of(to).expect("a target");
        let found = find(&key, Some(now), &target, &mut history().into_iter(), unapproved);
        found.map(|(commit, entry)| (commit[..1].to_owned(), entry.approvals.len()))
    };
    let now = entry_at(NEW);
    assert_eq!(go(&now, "last-good", false), Ok(("d".to_owned(), 1)));
    for to in ["1111", "cccc"] {
        assert!(go(&now, to, false).is_err_and(|why| why.contains("is not approved, or no longer")), "{to}");
    }
    assert_eq!(go(&now, "cccc", true), Ok(("c".to_owned(), 0)), "the word does not come back with the state");
    // Taken back in the folder, and not committed yet.
    let held = entry_at(GOOD);
    assert!(go(&held, "last-good", false).is_err_and(|why| why.contains("no earlier state")));
}

#[test]
fn one_entry_is_put_in_the_place_of_another_state_of_it() {
    let keys: Vec<Key> = wants(&[model("a/a", 1), model("a/b", 2), model("a/c", 3)]).into_keys().collect();
    let mut lock = Lock { entries: keys.iter().map(|key| (key.clone(), entry_at(NEW))).collect(), ..Lock::default() };
    let text = lock.to_text();
    lock.entries.insert(keys[1].clone(), approved(OLD));
    assert_eq!(with_entry(&text, &keys[1], &lock.entries[&keys[1]]), lock.to_text());
    // A file that is not in the order of its writer keeps the order of its other lines.
    let odd = format!("# by hand\n{text}");
    assert_eq!(with_entry(&odd, &keys[1], &lock.entries[&keys[1]]), format!("# by hand\n{}", lock.to_text()));
    let new = wants(&[model("x/y", 1)]).into_keys().next().expect("one");
    let added = with_entry(&lock.to_text(), &new, &entry_at(OLD));
    lock.entries.insert(new, entry_at(OLD));
    assert_eq!(read_text(&added).strict("custody.lock"), Ok(lock));
}
