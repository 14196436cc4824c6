//! Colours, links, and lines cut to a width.

use crate::report::escape::terminal as clean;
use crate::report::links;

/// Puts colours and links around text, or none.
#[derive(Clone, Copy)]
pub(super) struct Paint<'a> {
    pub on: bool,
    /// Address of the audited folder, where the terminal shows links.
    pub root: Option<&'a str>,
}

impl Paint<'_> {
    fn with(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
    pub(super) fn bold(self, text: &str) -> String {
        self.with("1", text)
    }
    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
    pub(super) fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }
    pub(super) fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }
    pub(super) fn green(self, text: &str) -> String {
        self.with("1;32", text)
    }
    /// `path:line`, which leads to that line where the terminal knows how.
    pub(super) fn place(self, path: &str, line: u32) -> String {
        self.linked(path, line, &format!("{}:{line}", clean(path)))
    }
    /// A text, escaped already, that leads to a line of a file.
    pub(super) fn linked(self, path: &str, line: u32, text: &str) -> String {
        match self.root.and_then(|root| links::of_line(root, path, line)) {
            Some(address) => format!("{}{address}{}{text}{CLOSE}", links::OPEN, links::END),
            None => text.to_owned(),
        }
    }
}

/// Ends a link.
const CLOSE: &str = "\u{1b}]8;;\u{1b}\\";

/// Cuts a line to a width, escape sequences not counted. What is open at the cut is closed.
pub(super) fn cut(line: &str, width: usize) -> String {
    let total = visible(line);
    let mut out = String::new();
    let mut shown = 0;
    let (mut is_painted, mut is_linked) = (false, false);
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let sequence = sequence(rest);
        if sequence > 0 {
            let (before, after) = rest.split_at(sequence);
            match before.strip_prefix(links::OPEN) {
                Some(address) => is_linked = !address.starts_with('\u{1b}'),
                None => is_painted = !before.ends_with("[0m"),
            }
            out.push_str(before);
            rest = after;
            continue;
        }
        if shown + 1 >= width && total > width {
            out.push('…');
            if is_linked {
                out.push_str(CLOSE);
            }
            if is_painted {
                out.push_str("\u{1b}[0m");
            }
            return out;
        }
        out.push(c);
        shown += 1;
        rest = &rest[c.len_utf8()..];
    }
    out
}

/// Columns of a line.
pub(super) fn visible(line: &str) -> usize {
    let mut count = 0;
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        let sequence = sequence(rest);
        count += usize::from(sequence == 0);
        rest = &rest[if sequence == 0 { c.len_utf8() } else { sequence }..];
    }
    count
}

/// Bytes of the escape sequence that a text begins with: of ours, a colour or a link.
fn sequence(text: &str) -> usize {
    if text.starts_with(links::OPEN) {
        text[1..].find(links::END).map_or(text.len(), |at| 1 + at + links::END.len())
    } else if text.starts_with('\u{1b}') {
        text.find('m').map_or(text.len(), |at| at + 1)
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_leads_to_its_line() {
        let paint = Paint { on: false, root: Some("file:///srv/my%20tree/") };
        assert_eq!(
            paint.place("a b.yml", 3),
            "\u{1b}]8;;file:///srv/my%20tree/a%20b.yml#3\u{1b}\\a b.yml:3\u{1b}]8;;\u{1b}\\"
        );
        assert_eq!(Paint { on: true, root: None }.place("a b.yml", 3), "a b.yml:3");
    }

    #[test]
    fn a_name_opens_and_closes_nothing() {
        let paint = Paint { on: true, root: Some("file:///srv/") };
        for name in ["\u{1b}]8;;https://example.com\u{1b}\\x", "a\u{7}b", "\u{9d}8;;x\u{9c}", "]8;;", "\\"] {
            let text = paint.place(name, 1);
            assert_eq!(text.matches('\u{1b}').count(), 4, "{text:?}");
            assert!(!text.chars().any(|c| c.is_control() && c != '\u{1b}'), "{text:?}");
            assert_eq!(text.matches(links::OPEN).count(), 2, "{text:?}");
        }
    }

    #[test]
    fn sequences_take_no_room_and_are_closed_at_the_cut() {
        let paint = Paint { on: true, root: Some("file:///srv/") };
        let line = format!("{} {}", paint.bold("ab"), paint.place("some/file", 12));
        assert_eq!(visible(&line), 15);
        assert_eq!(cut(&line, 15), line);
        for width in 4..15 {
            let short = cut(&line, width);
            assert_eq!(visible(&short), width, "{short:?}");
            assert!(short.ends_with(CLOSE), "{short:?}");
            assert_eq!(short.matches("[1m").count(), short.matches("[0m").count());
        }
        assert!(cut(&line, 2).ends_with("[0m"));
    }
}
