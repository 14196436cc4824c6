use proptest::prelude::*;

use super::*;
use crate::diag::{Confidence, Label, Severity};
use crate::source::{Place, RepoPath, SourceFile};

fn sources(texts: &[(&str, &str)]) -> Sources {
    let files = texts.iter().enumerate().map(|(index, (path, text))| {
        let id = FileId(u32::try_from(index).unwrap());
        SourceFile::new(id, RepoPath::new(path).unwrap(), text.as_bytes().to_vec())
    });
    Sources::new(files.collect())
}

fn finding(edits: &[(u32, usize, usize, &str)]) -> Diagnostic {
    let place = |file: u32, start, end| Place::new(FileId(file), Span::new(start, end));
    let (file, start, end, _) = edits[0];
    Diagnostic {
        rule: "a-rule",
        severity: Severity::Low,
        confidence: Confidence::High,
        message: String::new(),
        primary: Label { place: place(file, start, end), text: String::new() },
        places: Vec::new(),
        related: Vec::new(),
        subject: None,
        node: None,
        route: Vec::new(),
        advice: Vec::new(),
        evidence: Vec::new(),
        impact: None,
        topic: None,
        role: None,
        content: String::new(),
        inner_path: None,
        offset: None,
        parts: Vec::new(),
        anchor: String::new(),
        joins: false,
        fix: edits
            .iter()
            .map(|(file, start, end, text)| Edit { place: place(*file, *start, *end), text: (*text).to_owned() })
            .collect(),
    }
}

#[test]
fn edits_of_a_finding_are_taken_together_or_not_at_all() {
    let sources = sources(&[("a", "one two three\n"), ("b", "four\n")]);
    let findings = [
        finding(&[(0, 0, 3, "1"), (1, 0, 4, "4")]),
        finding(&[(0, 4, 7, "2"), (1, 0, 4, "IV")]),
        finding(&[(0, 8, 13, "3"), (1, 0, 4, "4")]),
        finding(&[(0, 1, 2, "x")]),
        finding(&[(0, 20, 30, "x")]),
    ];
    let plan = plan(&findings, &sources, |_| true);
    assert_eq!((plan.answered.len(), plan.later), (2, 3));
    let texts: Vec<String> = plan.files.iter().map(|c| c.apply(&sources.get(c.file).unwrap().text)).collect();
    assert_eq!(texts, ["1 two 3\n", "4\n"]);
}

#[test]
fn a_diff_shows_whole_lines_with_their_surroundings() {
    let text = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm";
    let change = Change {
        file: FileId(0),
        edits: vec![(Span::new(4, 5), "C".to_owned()), (Span::new(24, 25), "M\nn".to_owned())],
    };
    let expected = "--- a/x y\n+++ b/x y\n@@ -1,6 +1,6 @@\n a\n b\n-c\n+C\n d\n e\n f\n@@ -10,4 +10,5 @@\n j\n k\n l\n-m\n\\ No newline at end of file\n+M\n+n\n\\ No newline at end of file\n";
    assert_eq!(unified("x y", text, &change), expected);
    assert!(unified("q\"\u{1b}", text, &change).starts_with("--- \"a/q\\\"\\033\"\n"));
}

/// Applies a diff as `patch` does, without searching.
fn patch(text: &str, diff: &str) -> String {
    let old: Vec<&str> = text.split_inclusive('\n').collect();
    let mut out = String::new();
    let mut at = 0;
    let mut lines = diff.split_inclusive('\n').skip(2).peekable();
    while let Some(line) = lines.next() {
        if let Some(head) = line.strip_prefix("@@ -") {
            let (start, count) = head.split(' ').next().unwrap().split_once(',').unwrap();
            let (start, count): (usize, usize) = (start.parse().unwrap(), count.parse().unwrap());
            let start = if count == 0 { start } else { start - 1 };
            out.extend(old[at..start].iter().copied());
            at = start;
            continue;
        }
        let ends = lines.peek().is_some_and(|next| next.starts_with('\\'));
        let body = if ends { line[1..].trim_end_matches('\n') } else { &line[1..] };
        match &line[..1] {
            " " => {
                assert_eq!(old[at], body);
                out.push_str(body);
                at += 1;
            }
            "-" => {
                assert_eq!(old[at], body);
                at += 1;
            }
            "+" => out.push_str(body),
            _ => {}
        }
    }
    out.extend(old[at..].iter().copied());
    out
}

proptest! {
    #[test]
    fn a_diff_makes_of_the_old_text_the_new_one(
        lines in proptest::collection::vec("[a-c]{0,3}", 1..30),
        ends in any::<bool>(),
        cuts in proptest::collection::vec((0usize..90, 0usize..6, "[x\\n]{0,4}"), 0..8),
    ) {
        let mut text = lines.join("\n");
        if ends {
            text.push('\n');
        }
        let mut edits: Vec<(Span, String)> = Vec::new();
        for (start, length, new) in cuts {
            let start = start.min(text.len());
            let end = (start + length).min(text.len());
            let fits = edits.iter().all(|(s, _)| (end as u64) < s.start || (start as u64) > s.end);
            if fits {
                edits.push((Span::new(start, end), new));
            }
        }
        edits.sort();
        let change = Change { file: FileId(0), edits };
        if !text.is_empty() {
            prop_assert_eq!(patch(&text, &unified("x", &text, &change)), change.apply(&text));
        }
    }
}
