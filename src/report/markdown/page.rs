//! A page that is filled up to a limit, and texts of strangers on their way into it.

use crate::report::escape::{markdown as clean, shorten};

/// Length of one text of a stranger, before escaping.
const TEXT: usize = 600;

/// How far each part may fill a page, in bytes. Later parts are never crowded out.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    pub block: usize,
    pub advise: usize,
    pub right: usize,
    pub coverage: usize,
    pub whole: usize,
    /// What nothing may be longer than.
    pub most: usize,
}

/// GitHub refuses a summary beyond 1 MiB as a whole. Some room is left for what other steps write.
pub(super) const SUMMARY: Limits =
    Limits { block: 500_000, advise: 700_000, right: 720_000, coverage: 898_000, whole: 900_000, most: 1 << 20 };

/// GitHub refuses a comment beyond 65,536 characters. Counted in bytes, which are at least as many.
pub(super) const COMMENT: Limits =
    Limits { block: 30_000, advise: 45_000, right: 46_000, coverage: 58_000, whole: 60_000, most: 65_000 };

/// The text so far.
pub(super) struct Page {
    pub text: String,
}

impl Page {
    /// Adds a line of bounded length.
    pub(super) fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// Adds an entry, unless the part it belongs to is full.
    pub(super) fn entry(&mut self, entry: &str, end: usize) -> bool {
        let fits = self.text.len() + entry.len() < end;
        if fits {
            self.line(entry);
        }
        fits
    }

    /// Adds entries while they fit and returns how many did not. The first that does not fit ends
    /// the part: a list with holes would be read as complete.
    pub(super) fn entries(&mut self, entries: impl ExactSizeIterator<Item = String>, end: usize) -> usize {
        let total = entries.len();
        let written = entries.take_while(|entry| self.entry(entry, end)).count();
        total - written
    }
}

/// Text of a stranger: cut, then made inert.
pub(super) fn text(text: &str) -> String {
    clean(&shorten(text, TEXT))
}

pub(super) fn at(path: &str, line: u32) -> String {
    format!("{}:{line}", text(path))
}
