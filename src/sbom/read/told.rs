//! What of a document could not be used, each with its line.

use std::cell::OnceCell;

use super::Problem;
use crate::source::Span;

/// Problems that are kept of one document; those beyond are counted in the last.
const KEPT: usize = 200;

/// Collects what could not be used of a document.
#[derive(Debug)]
pub struct Told<'t> {
    text: &'t str,
    starts: OnceCell<Vec<usize>>,
    problems: Vec<Problem>,
    dropped: usize,
}

impl<'t> Told<'t> {
    /// Nothing yet, of a text.
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { text, starts: OnceCell::new(), problems: Vec::new(), dropped: 0 }
    }

    /// The line of a place, from 1.
    #[must_use]
    pub fn line(&self, span: Span) -> u32 {
        let starts = self.starts.get_or_init(|| self.text.match_indices('\n').map(|(at, _)| at).collect());
        let at = usize::try_from(span.start).unwrap_or(usize::MAX);
        u32::try_from(starts.partition_point(|end| *end < at) + 1).unwrap_or(u32::MAX)
    }

    /// Notes that something at a place could not be used, as a sentence.
    pub fn at(&mut self, span: Span, message: impl Into<String>) {
        let line = self.line(span);
        self.on(line, message);
    }

    /// The same by its line, from 1.
    pub fn on(&mut self, line: u32, message: impl Into<String>) {
        if self.problems.len() < KEPT {
            self.problems.push(Problem { line, message: message.into() });
        } else {
            self.dropped += 1;
        }
    }

    /// All of it, by line.
    #[must_use]
    pub fn finish(mut self) -> Vec<Problem> {
        self.problems.sort();
        self.problems.dedup();
        if self.dropped > 0 {
            let line = self.problems.last().map_or(1, |last| last.line);
            self.problems.push(Problem { line, message: format!("{} more problems", self.dropped) });
        }
        self.problems
    }
}
