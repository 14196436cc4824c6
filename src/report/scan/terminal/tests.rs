use std::collections::BTreeSet;

use super::*;
use crate::scan::{Format, unread};

fn report(path: &str, why: &str) -> FileReport {
    FileReport { format: Format::Torch, size: 512, ..unread(path, why) }
}

fn shown(files: Vec<FileReport>, width: Option<usize>, all: bool) -> String {
    let scanned = Scanned { files, fail_on: Verdict::Suspicious, resumed: 0 };
    let options = Options { width, all, paths: Some("models"), ..Options::default() };
    let mut out = Vec::new();
    render(&scanned, &options, &mut out).expect("memory takes it");
    String::from_utf8(out).expect("it is text")
}

#[test]
fn sizes_are_for_people() {
    for (bytes, expected) in
        [(0, "0 B"), (1023, "1023 B"), (1024, "1.0 KiB"), (1 << 30, "1.0 GiB"), (u64::MAX, "16384.0 PiB")]
    {
        assert_eq!(size(bytes), expected);
    }
}

#[test]
fn files_of_which_the_same_is_said_are_told_together() {
    let mut files: Vec<_> = (0..9).map(|n| report(&format!("models/x/{n}.pt"), "its disk fails")).collect();
    files.push(report("models/y.pt", "its stream breaks off"));
    let text = shown(files.clone(), None, false);
    assert!(text.starts_with("10 files in models/, 5.0 KiB · nothing executed\n"), "{text}");
    assert!(text.contains("UNREAD 10\n   x/0.pt, x/1.pt, x/2.pt and 6 more    9 torch, 4.5 KiB\n"), "{text}");
    assert_eq!(text.matches("its disk fails").count(), 1);
    assert!(text.contains("   y.pt    torch, 512 B\n      unread  its stream breaks off\n"), "{text}");
    assert!(text.ends_with("NEXT  cargo-custody scan models --all\n"), "{text}");
    let text = shown(files, None, true);
    assert_eq!(text.matches("its disk fails").count(), 9);
    assert!(!text.contains("NEXT"));
}

#[test]
fn lines_are_broken_at_blanks() {
    let line = format!("   rule: {}", "word ".repeat(30));
    let broken = wrapped(&line, 6, Some(50));
    assert!(broken.iter().all(|line| line.chars().count() <= 50), "{broken:?}");
    assert!(broken[1..].iter().all(|line| line.starts_with("      word")));
    let words = |lines: &[String]| lines.iter().flat_map(|line| line.split_whitespace()).count();
    assert_eq!(words(&broken), 31);
    assert_eq!(wrapped(&line, 6, None).len(), 1);
    let path = "x".repeat(100);
    assert_eq!(wrapped(&format!("   {path}"), 6, Some(50)), [format!("   {path}")]);
}

#[test]
fn the_folder_of_all_is_named_once() {
    let paths: BTreeSet<(&[&str], &str)> = BTreeSet::from([
        (&["a/b/c", "a/b/d"][..], "a/b/"),
        (&["a/b/c", "a/bc"][..], "a/"),
        (&["a/b"][..], ""),
        (&["a", "b"][..], ""),
        (&["/a/", "/a/b"][..], "/a/"),
        (&[][..], ""),
    ]);
    for (paths, expected) in paths {
        assert_eq!(below(paths.iter().copied()), expected, "{paths:?}");
    }
}
