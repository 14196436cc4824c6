//! Comments that excuse a finding where it stands: `# custody: ignore[rule] until=2027-01-31 -- why`.
//!
//! They are looked for in the text of every file that was read and of code that loads models, whatever its format, as
//! long as `#` begins a comment there. What they excuse is for others to say.

use std::collections::BTreeSet;

use crate::graph::Document;
use crate::graph::kinds::ignores::InlineIgnore;
use crate::source::{FileId, SourceFile, Sources, Span, Spanned};

/// What the comment begins with.
const NAME: &str = "custody:";
/// Comments of one file that are read; a file with more was not written by hand.
const MAX_COMMENTS: usize = 10_000;
/// Rules named by one comment.
const MAX_RULES: usize = 64;
/// Formats in which `#` begins no comment.
const OTHER: &[&str] = &["json", "jsonc", "json5", "ipynb", "rs", "js", "mjs", "ts", "md", "mdc", "html", "xml"];

/// The comments of all files, in path order and by line.
#[must_use]
pub fn inline(sources: &Sources, documents: &[Document]) -> Vec<InlineIgnore> {
    let mut out = Vec::new();
    // Code is kept where something in it is loaded by name.
    let mut code: BTreeSet<FileId> = BTreeSet::new();
    for document in documents {
        if let Document::References(references) = document {
            code.insert(references.file);
            code.extend(references.loads.iter().map(|load| load.place.file));
        }
    }
    let read: BTreeSet<FileId> = sources.iter().map(|file| file.id).collect();
    let code = code.into_iter().filter(|id| !read.contains(id)).filter_map(|id| sources.get(id));
    for file in sources.iter().chain(code) {
        let ending = file.path.name().rsplit_once('.').map_or("", |(_, ending)| ending);
        // One pass over the text tells whether the slow one is worth it.
        if !OTHER.contains(&ending) && file.text.contains(NAME) {
            of_file(file, &mut out);
        }
    }
    out
}

fn of_file(file: &SourceFile, out: &mut Vec<InlineIgnore>) {
    let mut start = 0;
    // Comments that stand alone and wait for the line they speak of.
    let mut waiting: Vec<usize> = Vec::new();
    let first = out.len();
    for (number, raw) in (1u32..).zip(file.text.split_inclusive('\n')) {
        let line = raw.trim_end_matches(['\n', '\r']);
        let code = line.trim_start();
        if code.is_empty() {
            waiting.clear();
        } else if !code.starts_with('#') {
            for index in waiting.drain(..) {
                if let Some(ignore) = out.get_mut(index) {
                    ignore.target = Some(number);
                }
            }
        }
        if let Some(mut found) = comment(line).filter(|_| out.len() - first < MAX_COMMENTS) {
            found.file = file.id;
            found.line = number;
            shift(&mut found, start as u64);
            if code.starts_with('#') {
                found.whole = Span::new(start, start + raw.len());
                waiting.push(out.len());
            } else {
                found.target = Some(number);
            }
            out.push(found);
        }
        start += raw.len();
    }
}

/// Moves places of a line to places of the file.
fn shift(ignore: &mut InlineIgnore, by: u64) {
    let move_span = |span: &mut Span| *span = Span { start: span.start + by, end: span.end + by };
    move_span(&mut ignore.span);
    move_span(&mut ignore.whole);
    ignore.rules.iter_mut().for_each(|rule| move_span(&mut rule.span));
    ignore.until.iter_mut().for_each(|until| move_span(&mut until.span));
    ignore.reason.iter_mut().for_each(|reason| move_span(&mut reason.span));
    ignore.trouble.iter_mut().for_each(|trouble| move_span(&mut trouble.span));
}

/// The comment of one line, places counted from its beginning.
fn comment(line: &str) -> Option<InlineIgnore> {
    let (mark, rest) = line.match_indices(NAME).find_map(|(at, _)| {
        let before = line.get(..at)?.trim_end();
        let mark = before.len().checked_sub(1).filter(|_| before.ends_with('#'))?;
        let opens = before.get(..mark)?.chars().next_back().is_none_or(char::is_whitespace);
        let rest = line.get(at + NAME.len()..)?.trim_start().strip_prefix("ignore")?;
        // `ignored by` is prose.
        (opens && !rest.starts_with(|c: char| c.is_alphanumeric() || c == '-' || c == '_')).then_some((mark, rest))
    })?;
    let blank = line.get(..mark).map_or(mark, |before| before.trim_end().len());
    let end = line.trim_end().len();
    let mut out =
        InlineIgnore { span: Span::new(mark, end), whole: Span::new(blank, line.len()), ..InlineIgnore::default() };
    let at = |part: &str| part.as_ptr() as usize - line.as_ptr() as usize;
    let spanned = |part: &str| Spanned::new(part.to_owned(), Span::new(at(part), at(part) + part.len()));
    let whole = out.span;
    let Some((names, rest)) = rest.trim_start().strip_prefix('[').and_then(|inner| inner.split_once(']')) else {
        out.trouble = Some(Spanned::new("no rules in brackets stand behind `ignore`", whole));
        return Some(out);
    };
    out.rules = names.split(',').map(str::trim).filter(|n| !n.is_empty()).take(MAX_RULES).map(spanned).collect();
    if out.rules.is_empty() {
        out.trouble = Some(Spanned::new("the brackets name no rule", whole));
    }
    let mut rest = rest.trim();
    while !rest.is_empty() {
        if let Some(reason) = rest.strip_prefix("--") {
            let reason = reason.trim();
            out.reason = (!reason.is_empty()).then(|| spanned(reason));
            break;
        }
        let word = rest.split_whitespace().next().unwrap_or(rest);
        match word.strip_prefix("until=") {
            Some(day) if is_day(day) => out.until = Some(spanned(day)),
            Some(_) => out.trouble = Some(spanned(word).map(|_| "`until` wants a day of the calendar, `2027-01-31`")),
            None => {
                out.trouble =
                    Some(spanned(word).map(|_| "behind the brackets stand `until=` and `-- why`, nothing else"));
                break;
            }
        }
        rest = rest.get(word.len()..).unwrap_or("").trim_start();
    }
    Some(out)
}

/// Whether a text is a day, `YYYY-MM-DD`, as far as its digits tell.
fn is_day(text: &str) -> bool {
    let shape = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let number = |from: usize| text.get(from..from + 2).and_then(|n| n.parse::<u8>().ok()).unwrap_or(0);
    shape && (1..=12).contains(&number(5)) && (1..=31).contains(&number(8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, RepoPath};

    fn read(path: &str, text: &str) -> Vec<InlineIgnore> {
        let file = SourceFile::new(FileId(0), RepoPath::new(path).unwrap(), text.as_bytes().to_vec());
        inline(&Sources::new(vec![file]), &[])
    }

    #[test]
    fn comments_are_read_and_prose_is_not() {
        for (line, rules, until, reason, trouble) in [
            ("a: b # custody: ignore[x]", Some(vec!["x"]), None, None, false),
            ("a: b  #custody:ignore[ x , y-z ]", Some(vec!["x", "y-z"]), None, None, false),
            (
                "# custody: ignore[x] until=2027-01-31 -- why -- so",
                Some(vec!["x"]),
                Some("2027-01-31"),
                Some("why -- so"),
                false,
            ),
            ("# custody: ignore[x] --", Some(vec!["x"]), None, None, false),
            ("# custody: ignore", Some(vec![]), None, None, true),
            ("# custody: ignore[]", Some(vec![]), None, None, true),
            ("# custody: ignore[x", Some(vec![]), None, None, true),
            ("# custody: ignore[x] until=soon", Some(vec!["x"]), None, None, true),
            ("# custody: ignore[x] until=2027-13-01", Some(vec!["x"]), None, None, true),
            ("# custody: ignore[x] because", Some(vec!["x"]), None, None, true),
            ("# custody: ignored by nobody", None, None, None, false),
            ("# custody: see below", None, None, None, false),
            ("a#custody: ignore[x]", None, None, None, false),
            ("custody: ignore[x]", None, None, None, false),
        ] {
            let found = read("a.yml", line);
            assert_eq!(found.first().map(|f| f.rules.iter().map(Spanned::as_str).collect()), rules, "{line}");
            let Some(found) = found.first() else { continue };
            assert_eq!(found.until.as_ref().map(Spanned::as_str), until, "{line}");
            assert_eq!(found.reason.as_ref().map(Spanned::as_str), reason, "{line}");
            assert_eq!(found.trouble.is_some(), trouble, "{line}");
        }
    }

    #[test]
    fn a_comment_speaks_of_its_line_or_of_the_next_below_comments() {
        let text = "a: 1 # custody: ignore[x]\n  # custody: ignore[y]\n# more\nb: 2\n# custody: ignore[z]\n\nc: 3\n";
        let found = read("a.yml", text);
        let targets: Vec<_> = found.iter().map(|f| (f.line, f.target)).collect();
        assert_eq!(targets, [(1, Some(1)), (2, Some(4)), (5, None)]);
        let shown = |span: Span| text.get(span.range(text.len())).unwrap();
        assert_eq!(shown(found[0].whole), " # custody: ignore[x]");
        assert_eq!(shown(found[1].whole), "  # custody: ignore[y]\n");
        assert_eq!(shown(found[1].rules[0].span), "y");
        assert!(read("a.json", text).is_empty());
    }

    #[test]
    fn many_comments_end() {
        let text = "# custody: ignore[x]\n".repeat(50_000);
        assert_eq!(read("a.yml", &text).len(), MAX_COMMENTS);
    }
}
