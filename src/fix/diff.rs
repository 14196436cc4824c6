//! A change as a unified diff, as `git apply` and `patch` take it. Source: POSIX, `diff -u`; GNU
//! diffutils, "Detailed Description of Unified Format".

use super::Change;
use crate::source::Span;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// One stretch of lines that is replaced.
struct Piece {
    /// The first line, from 0.
    start: usize,
    /// Behind the last line.
    end: usize,
    /// What comes in their place, whole lines.
    new: String,
}

/// The diff of one file. The edits are known, so nothing is searched for: linear in the size of the text.
#[must_use]
pub fn unified(path: &str, text: &str, change: &Change) -> String {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let starts: Vec<usize> = lines
        .iter()
        .scan(0, |at, line| {
            let start = *at;
            *at += line.len();
            Some(start)
        })
        .collect();
    let pieces = pieces(text, &lines, &starts, &change.edits);
    let quoted = quote(path);
    let mut out = format!("--- {}\n+++ {}\n", prefixed("a/", &quoted), prefixed("b/", &quoted));
    let mut at = 0;
    let mut shift: isize = 0;
    while at < pieces.len() {
        // Pieces whose context would meet are one hunk.
        let mut end = at + 1;
        while end < pieces.len() && pieces[end].start <= pieces[end - 1].end + 2 * CONTEXT {
            end += 1;
        }
        shift = hunk(&mut out, &lines, &pieces[at..end], shift);
        at = end;
    }
    out
}

/// Edits as whole lines.
fn pieces(text: &str, lines: &[&str], starts: &[usize], edits: &[(Span, String)]) -> Vec<Piece> {
    let line_of = |offset: usize| starts.partition_point(|start| *start <= offset).saturating_sub(1);
    let mut out: Vec<Piece> = Vec::new();
    let mut index = 0;
    while index < edits.len() {
        let first = line_of(edits[index].0.range(text.len()).start);
        let mut last = first;
        let mut until = index;
        // Edits of the same lines are one piece.
        while until < edits.len() {
            let range = edits[until].0.range(text.len());
            if until > index && line_of(range.start) > last {
                break;
            }
            let end = if range.end > range.start { range.end - 1 } else { range.end };
            last = last.max(line_of(end));
            until += 1;
        }
        let from = starts.get(first).copied().unwrap_or(text.len());
        let to = starts.get(last + 1).copied().unwrap_or(text.len());
        let mut new = String::new();
        let mut at = from;
        for (span, with) in &edits[index..until] {
            let range = span.range(text.len());
            new.push_str(text.get(at..range.start).unwrap_or(""));
            new.push_str(with);
            at = range.end.max(at);
        }
        new.push_str(text.get(at..to).unwrap_or(""));
        out.push(Piece { start: first, end: (last + 1).min(lines.len()), new });
        index = until;
    }
    out
}

/// Writes one hunk; gives how far lines are shifted behind it.
fn hunk(out: &mut String, lines: &[&str], pieces: &[Piece], shift: isize) -> isize {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return shift };
    let start = first.start.saturating_sub(CONTEXT);
    let end = (last.end + CONTEXT).min(lines.len());
    let mut body = String::new();
    let mut after = shift;
    let (mut old_count, mut new_count) = (0usize, 0usize);
    let mut at = start;
    for piece in pieces {
        for line in lines.get(at..piece.start).unwrap_or_default() {
            put(&mut body, ' ', line);
            old_count += 1;
            new_count += 1;
        }
        for line in lines.get(piece.start..piece.end).unwrap_or_default() {
            put(&mut body, '-', line);
            old_count += 1;
            after -= 1;
        }
        for line in piece.new.split_inclusive('\n') {
            put(&mut body, '+', line);
            new_count += 1;
            after += 1;
        }
        at = piece.end;
    }
    for line in lines.get(at..end).unwrap_or_default() {
        put(&mut body, ' ', line);
        old_count += 1;
        new_count += 1;
    }
    let number = |start: usize, count: usize| if count == 0 { start } else { start + 1 };
    let new_start = usize::try_from(isize::try_from(start).unwrap_or(isize::MAX) + shift).unwrap_or(0);
    out.push_str(&format!(
        "@@ -{},{old_count} +{},{new_count} @@\n{body}",
        number(start, old_count),
        number(new_start, new_count)
    ));
    after
}

fn put(out: &mut String, mark: char, line: &str) {
    out.push(mark);
    out.push_str(line);
    if !line.ends_with('\n') {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

/// A path as git writes it: in quotes with escapes where it holds what would be read otherwise.
fn quote(path: &str) -> String {
    let is_plain = |c: char| !c.is_control() && !matches!(c, '"' | '\\');
    if path.chars().all(is_plain) && !path.starts_with(' ') && !path.ends_with(' ') {
        return path.to_owned();
    }
    let mut out = String::from("\"");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            0x20..=0x7E => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

fn prefixed(prefix: &str, quoted: &str) -> String {
    match quoted.strip_prefix('"') {
        Some(rest) => format!("\"{prefix}{rest}"),
        None => format!("{prefix}{quoted}"),
    }
}
