//! Takes a key out of a mapping of YAML.

use crate::source::{SourceFile, Span};

/// The lines that go with a key and its value on one line of their own: that line, and the line of the mapping
/// above where nothing else stands in it. `None` where the text is of another form.
pub(in crate::rules) fn line_of(file: &SourceFile, key: Span, value: Span) -> Option<Span> {
    let text = file.text.as_str();
    let (start, end) = (usize::try_from(key.start).ok()?, usize::try_from(value.end).ok()?);
    let line = text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(end..)?;
    let line_end = end + rest.find('\n').map_or(rest.len(), |at| at + 1);
    let tail = text.get(end..line_end)?.trim();
    let is_alone = text.get(line..start)?.trim().is_empty() && !text.get(start..end)?.contains('\n');
    if !is_alone || !(tail.is_empty() || tail.starts_with('#')) {
        return None;
    }
    let indent = start - line;
    let has_more_after =
        text.get(line_end..)?.lines().find(|l| !l.trim().is_empty()).is_some_and(|l| width(l) == indent);
    let above = text.get(..line)?;
    let header = above.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let parent = above.get(header..)?;
    if has_more_after || width(parent) >= indent {
        return Some(Span::new(line, line_end));
    }
    // The only entry. What is left of the mapping would be null.
    let is_plain = parent.trim_end().ends_with(':') && !parent.trim_start().starts_with('-');
    is_plain.then(|| Span::new(header, line_end))
}

/// How far a line is indented.
fn width(line: &str) -> usize {
    line.len() - line.trim_start_matches(' ').len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, RepoPath};

    #[test]
    fn a_key_goes_and_the_mapping_stays_valid() {
        for (text, expected) in [
            ("env:\n  A: 1\n  X: true # why\n  B: 2\n", Some("env:\n  A: 1\n  B: 2\n")),
            ("env:\n  A: 1\n  X: true\njobs: 1\n", Some("env:\n  A: 1\njobs: 1\n")),
            ("env:\n  X: true\n\n  B: 2\n", Some("env:\n\n  B: 2\n")),
            ("a:\n  env:\n    X: true\n  b: 1\n", Some("a:\n  b: 1\n")),
            ("env:\n  X: true", Some("")),
            ("- env:\n    X: true\n  run: a\n", None),
            ("env: { X: true }\n", None),
        ] {
            let file = SourceFile::new(FileId(0), RepoPath::new("a.yml").unwrap(), text.as_bytes().to_vec());
            let at = text.find("X: true").unwrap();
            let span = line_of(&file, Span::new(at, at + 1), Span::new(at + 3, at + 7));
            let left = span.map(|span| {
                let mut left = text.to_owned();
                left.replace_range(span.range(text.len()), "");
                left
            });
            assert_eq!(left.as_deref(), expected, "{text}");
        }
    }
}
