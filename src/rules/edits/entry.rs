//! Takes an element out of a TOML array.

use crate::source::{SourceFile, Span};

/// What goes with an element of an array: where it stands on lines of its own, those lines with the comment at
/// their end; comments above stay, since nobody knows what they belong to. Else the element and the comma that
/// is one too many, and the second value is false. `None` where the text around is of another form.
pub(in crate::rules) fn without(file: &SourceFile, entry: Span) -> Option<(Span, bool)> {
    let text = file.text.as_str();
    let (start, end) = (usize::try_from(entry.start).ok()?, usize::try_from(entry.end).ok()?);
    let (before, after) = (text.get(..start)?, text.get(end..)?);
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let blank = |text: &str| text.len() - text.trim_start_matches([' ', '\t']).len();
    let mut rest = blank(after);
    let has_comma = after.get(rest..)?.starts_with(',');
    rest += usize::from(has_comma);
    let tail = after.get(rest..)?;
    let line_end = tail.find('\n').map_or(tail.len(), |at| at + 1);
    let to_line_end = tail.get(..line_end)?.trim();
    let is_alone = before.get(line..)?.trim().is_empty() && (to_line_end.is_empty() || to_line_end.starts_with('#'));
    if is_alone {
        return Some((Span::new(line, end + rest + line_end), true));
    }
    if has_comma {
        return Some((Span::new(start, end + rest + blank(tail)), false));
    }
    // The last one takes the comma before it along.
    let kept = before.trim_end_matches([' ', '\t']);
    match kept.strip_suffix(',') {
        Some(kept) => Some((Span::new(kept.len(), end), false)),
        None => kept.ends_with('[').then_some((entry, false)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, RepoPath};

    #[test]
    fn an_element_goes_and_the_array_stays() {
        for (text, wanted, is_alone) in [
            ("x = [\n  \"a\",\n  \"A\", # why\n  \"b\",\n]\n", "x = [\n  \"a\",\n  \"b\",\n]\n", true),
            ("x = [\n  # about it\n  \"A\"\n]\n", "x = [\n  # about it\n]\n", true),
            ("x = [\r\n  \"A\",\r\n  \"b\",\r\n]\r\n", "x = [\r\n  \"b\",\r\n]\r\n", true),
            ("x = [\"A\", \"b\"]", "x = [\"b\"]", false),
            ("x = [\"a\", \"A\"]", "x = [\"a\"]", false),
            ("x = [\"A\"]", "x = []", false),
            ("x = [\"a\", \"A\",]", "x = [\"a\", ]", false),
            ("x = [\n  \"a\", \"A\",\n]", "x = [\n  \"a\", \n]", false),
        ] {
            let file = SourceFile::new(FileId(0), RepoPath::new("deny.toml").unwrap(), text.as_bytes().to_vec());
            let at = text.find("\"A\"").unwrap();
            let (span, alone) = without(&file, Span::new(at, at + 3)).unwrap();
            let mut left = text.to_owned();
            left.replace_range(span.range(text.len()), "");
            assert_eq!((left.as_str(), alone), (wanted, is_alone), "{text}");
        }
        let file = SourceFile::new(FileId(0), RepoPath::new("deny.toml").unwrap(), b"x = \"A\" y".to_vec());
        assert_eq!(without(&file, Span::new(4, 7)), None);
    }
}
