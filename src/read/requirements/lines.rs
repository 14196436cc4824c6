//! Physical lines to logical ones, in pip's order: continuations are joined first, comments are
//! taken off after. Source: pip `req/req_file.py`.

use crate::source::{Embedded, Span};

/// A logical line, without its comment and outer blanks; never empty.
pub(super) type Line = Embedded;

/// The comment lines at the head of a file, and its logical lines.
pub(super) fn logical(text: &str) -> impl Iterator<Item = Line> {
    let start = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut physical = physical(text, start);
    std::iter::from_fn(move || {
        loop {
            let mut joined = Embedded::new();
            let mut is_any = false;
            for (at, line) in physical.by_ref() {
                is_any = true;
                let is_comment = line.trim_start().starts_with('#');
                if is_comment || !line.ends_with('\\') {
                    if is_comment {
                        // It ends the line before it, and stays a comment.
                        joined.push_replaced(" ", Span::new(at, at));
                    }
                    joined.push_verbatim(line, at as u64);
                    break;
                }
                let inner = line.trim_matches('\\');
                let cut = line.len() - line.trim_start_matches('\\').len();
                joined.push_verbatim(inner, (at + cut) as u64);
            }
            if !is_any {
                return None;
            }
            let line = stripped(joined);
            if !line.text.is_empty() {
                return Some(line);
            }
        }
    })
}

/// Lines with their places, without line breaks. Breaks are those of Python's `splitlines`.
fn physical(text: &str, start: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut at = start;
    std::iter::from_fn(move || {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        let from = at;
        let (length, next) = match rest.find(is_break) {
            None => (rest.len(), rest.len()),
            Some(end) => {
                let tail = rest.get(end..).unwrap_or("");
                let width = if tail.starts_with("\r\n") { 2 } else { tail.chars().next().map_or(1, char::len_utf8) };
                (end, end + width)
            }
        };
        at += next;
        Some((from, rest.get(..length).unwrap_or("")))
    })
}

fn is_break(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{1c}'..='\u{1e}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Without the comment, which starts at the line's start or after a blank, and without outer blanks.
pub(super) fn stripped(line: Embedded) -> Embedded {
    let text = &line.text;
    let comment = text.match_indices('#').map(|(at, _)| at);
    let comment = comment.into_iter().find(|at| text[..*at].chars().next_back().is_none_or(char::is_whitespace));
    let body = text.get(..comment.unwrap_or(text.len())).unwrap_or("");
    let start = body.len() - body.trim_start().len();
    line.part(start..start + body.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_joined_before_comments_go() {
        for (text, wanted) in [
            ("a\nb\r\nc\rd", vec!["a", "b", "c", "d"]),
            ("\u{feff}a # b\n#c\n  d  ", vec!["a", "d"]),
            (
                "a==1 \\\n  --hash=sha256:00 \\\n  --hash=sha256:11\nb",
                vec!["a==1   --hash=sha256:00   --hash=sha256:11", "b"],
            ),
            ("a \\\n# b\nc", vec!["a", "c"]),
            ("a # b \\\nc\nd", vec!["a", "d"]),
            ("a#b\nc\t#d", vec!["a#b", "c"]),
            ("a\\", vec!["a"]),
            ("\\\\\na", vec!["a"]),
            ("a\u{2028}b", vec!["a", "b"]),
        ] {
            let found: Vec<String> = logical(text).map(|line| line.text).collect();
            assert_eq!(found, wanted, "{text:?}");
        }
    }

    #[test]
    fn places_survive_joining() {
        let text = "a==1 \\\r\n    --hash=sha256:00";
        let line = logical(text).next().unwrap();
        let at = line.text.find("--hash").unwrap();
        let span = line.host_span(at..line.text.len());
        assert_eq!(&text[span.range(text.len())], "--hash=sha256:00");
    }
}
