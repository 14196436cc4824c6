use super::*;
use crate::graph::kinds::workflow::{ActionsLock, LockedAction};
use crate::source::FileId;

const C1: &str = "1111111111111111111111111111111111111111";

#[test]
fn versions_of_comments() {
    for (comment, expected) in [
        ("v4.1.2", Some("v4.1.2")),
        ("v4", Some("v4")),
        ("4.1.2 (latest)", Some("4.1.2")),
        ("tag=v4.1.2", Some("v4.1.2")),
        ("ratchet:actions/checkout@v4", Some("v4")),
        ("pin@v4", Some("v4")),
        ("v4.1.2, keep in step", Some("v4.1.2")),
        ("v1.2.3-rc.1", Some("v1.2.3-rc.1")),
        ("v1.20", Some("v1.20")),
        ("2024-01-02", None),
        ("main", None),
        ("4", None),
        ("see #12", None),
        ("zizmor: ignore[unpinned-uses]", None),
        ("", None),
    ] {
        assert_eq!(version(comment), expected, "{comment}");
    }
    for (one, other, same) in [
        ("v4", "v4.1.2", true),
        ("4.1.2", "v4.1.2", true),
        ("v4.1.2", "v4.1", true),
        ("v4.1", "v4.10", false),
        ("v3", "v4", false),
        ("v4.1.2", "v4.1.3", false),
    ] {
        assert_eq!(agree(one, other), same, "{one} {other}");
    }
}

fn spanned(text: &str) -> Spanned<String> {
    Spanned::new(text.to_owned(), Span::new(0, text.len()))
}

fn lock(entries: &[(&str, &[&str])]) -> Document {
    let pins = entries.iter().map(|(pin, uses)| LockedAction {
        pin: spanned(pin),
        reference: Some(spanned("v1")),
        commit: Some(spanned(C1)),
        uses: uses.iter().map(|u| spanned(u)).collect(),
    });
    let workflows = vec![(spanned(".github/workflows/a.yml"), vec![spanned("A/one@v1")])];
    Document::ActionsLock(ActionsLock { file: FileId(0), workflows, pins: pins.collect() })
}

#[test]
fn a_lock_holds_names_for_the_workflows_it_lists() {
    let documents = [lock(&[("a/one@v1", &["b/two@v2"]), ("b/two@v2", &["a/one@v1", "c/three@v3"])])];
    let pins = Pins::of(&documents, &Sources::default());
    let path = |text: &str| RepoPath::new(text).unwrap();
    let one = Uses::parse("a/ONE/sub@v1");
    assert!(pins.is_held(&path(".github/workflows/a.yml"), &one));
    assert!(!pins.is_held(&path(".github/workflows/b.yml"), &one));
    assert!(!pins.is_held(&path(".github/workflows/a.yml"), &Uses::parse("a/one@V1")));
    assert!(!pins.is_held(&path(".github/workflows/a.yml"), &Uses::parse("b/two@v2")));
    assert_eq!(pins.commit("B/two", "v2").unwrap().id, C1);
    let reached: Vec<(String, usize)> =
        pins.reached(&one).into_iter().map(|r| (r.uses.to_string(), r.through.len())).collect();
    // A circle ends where it began, whatever folder of it is used.
    assert_eq!(reached, [("b/two@v2".to_owned(), 0), ("a/one@v1".to_owned(), 1), ("c/three@v3".to_owned(), 1)]);
}

#[test]
fn long_chains_end() {
    let names: Vec<String> = (0..40).map(|n| format!("a/n{n}@v1")).collect();
    let entries: Vec<(&str, Vec<&str>)> =
        names.windows(2).map(|pair| (pair[0].as_str(), vec![pair[1].as_str()])).collect();
    let entries: Vec<(&str, &[&str])> = entries.iter().map(|(name, uses)| (*name, uses.as_slice())).collect();
    let pins = Pins::of(&[lock(&entries)], &Sources::default());
    assert_eq!(pins.reached(&Uses::parse("a/n0@v1")).len(), MAX_DEPTH);
    let many: Vec<String> = (0..400).map(|n| format!("a/n{n}@v1")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let pins = Pins::of(&[lock(&[("a/one@v1", &many)])], &Sources::default());
    assert_eq!(pins.reached(&Uses::parse("a/one@v1")).len(), MAX_REACHED);
}
