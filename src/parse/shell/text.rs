//! Script text as the grammar sees it, with the way back to the bytes of the caller's text.

use std::ops::Range;

use super::ir::ExpressionAt;

/// Text to parse. Offsets of it map to the outermost script through `segments`.
#[derive(Debug, Default)]
pub(super) struct Source {
    pub(super) text: String,
    /// `(offset here, offset in the script)`, ascending; each runs on byte for byte to the next.
    segments: Vec<(usize, usize)>,
    /// Expressions in this text.
    pub(super) expressions: Vec<ExpressionAt>,
}

/// How the text of a nested shell is quoted in the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// As it stands: single quotes, a here-document with a quoted delimiter.
    Raw,
    /// Double quotes: `\` escapes `$`, `` ` ``, `"`, `\` and a line break.
    Double,
    /// A here-document that is expanded: as double quotes, but `"` is plain.
    HereDoc,
}

impl Source {
    /// The script itself: each `${{ ... }}` becomes an identifier of the same length, since the
    /// grammar reads a quarter of real scripts wrongly with them in place.
    pub(super) fn script(text: &str) -> Self {
        let mut out = String::with_capacity(text.len());
        let mut expressions = Vec::new();
        let mut at = 0;
        while let Some(found) = text.get(at..).and_then(|rest| rest.find("${{")) {
            let start = at + found;
            let Some(length) = text.get(start..).and_then(expression_length) else { break };
            let end = start + length;
            out.push_str(text.get(at..start).unwrap_or_default());
            out.extend(std::iter::repeat_n('_', length));
            let inner = text.get(start + 3..end.saturating_sub(2)).unwrap_or_default();
            expressions.push(ExpressionAt { range: start..end, text: inner.trim().to_owned() });
            at = end;
        }
        out.push_str(text.get(at..).unwrap_or_default());
        // A continuation that nothing follows: the shell drops it, the grammar gives up on it.
        let end = out.trim_end().len();
        if out.get(..end).is_some_and(|t| t.ends_with('\\') && !t.ends_with("\\\\")) {
            let tail = " ".repeat(out.len() - end + 1);
            out.replace_range(end - 1.., &tail);
        }
        Self { text: out, segments: vec![(0, 0)], expressions }
    }

    /// The text of a nested shell, out of `range` of this text. `blanked` ranges, substitutions
    /// the outer shell makes and in order, become identifiers.
    pub(super) fn nested(&self, range: Range<usize>, quoting: Quoting, blanked: &[Range<usize>]) -> Self {
        let mut out = Self::default();
        let text = self.text.get(range.clone()).unwrap_or_default();
        let mut escaped = false;
        let mut broken = true;
        for (offset, c) in text.char_indices() {
            let at = range.start + offset;
            if quoting != Quoting::Raw && c == '\\' && !escaped {
                let next = text.get(offset + 1..).and_then(|rest| rest.chars().next());
                let special = match next {
                    Some('$' | '`' | '\\' | '\n') => true,
                    Some('"') => quoting == Quoting::Double,
                    _ => false,
                };
                if special {
                    escaped = true;
                    broken = true;
                    continue;
                }
            }
            if escaped && c == '\n' {
                escaped = false;
                continue;
            }
            escaped = false;
            if broken {
                out.segments.push((out.text.len(), self.outer(at)));
                broken = false;
            }
            let found = self.expressions.binary_search_by_key(&at, |e| e.range.start).ok();
            if let Some(expression) = found.and_then(|index| self.expressions.get(index)) {
                let here = out.text.len()..out.text.len() + expression.range.len();
                out.expressions.push(ExpressionAt { range: here, text: expression.text.clone() });
            }
            let blank = blanked.partition_point(|b| b.end <= at);
            if blanked.get(blank).is_some_and(|b| b.contains(&at)) {
                out.text.extend(std::iter::repeat_n('_', c.len_utf8()));
            } else {
                out.text.push(c);
            }
        }
        out
    }

    /// An offset of this text in the outermost script.
    pub(super) fn outer(&self, at: usize) -> usize {
        let index = self.segments.partition_point(|(inner, _)| *inner <= at);
        self.segments.get(index.saturating_sub(1)).map_or(at, |(inner, outer)| outer + (at.saturating_sub(*inner)))
    }

    /// A range of this text in the outermost script.
    pub(super) fn outer_range(&self, range: Range<usize>) -> Range<usize> {
        let start = self.outer(range.start);
        // The end belongs to the byte before it: a removed escape after the word is not the word's.
        let end = if range.end > range.start { self.outer(range.end - 1) + 1 } else { start };
        start..end.max(start)
    }

    /// The bytes of a range, or nothing where it is not on character borders.
    pub(super) fn slice(&self, range: Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }
}

/// Length of the `${{ ... }}` a text starts with. `}}` inside a quoted string does not end it.
fn expression_length(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut quoted = false;
    let mut at = 3;
    while at < bytes.len() {
        match bytes.get(at) {
            Some(b'\'') => quoted = !quoted,
            Some(b'}') if !quoted && bytes.get(at + 1) == Some(&b'}') => return Some(at + 2),
            // A quote that never closes on the line is an apostrophe, not a string.
            Some(b'\n') => quoted = false,
            _ => {}
        }
        at += 1;
    }
    None
}
