//! Keeps the first problems of a file and counts the rest, so that a file made of nothing but
//! mistakes cannot fill the report.

use super::{Budget, Problem};
use crate::source::Span;

/// Collects problems up to the budget's limit.
#[derive(Debug)]
pub(crate) struct Problems {
    kept: Vec<Problem>,
    limit: usize,
    dropped: usize,
    dropped_span: Span,
}

impl Problems {
    /// An empty collection with the budget's limit.
    pub(crate) fn new(budget: &Budget) -> Self {
        Self { kept: Vec::new(), limit: budget.problems, dropped: 0, dropped_span: Span::default() }
    }

    /// Notes one problem.
    pub(crate) fn push(&mut self, span: Span, message: impl Into<String>) {
        if self.kept.len() < self.limit {
            self.kept.push(Problem::new(span, message));
        } else {
            self.dropped_span = if self.dropped == 0 { span } else { self.dropped_span.to(span) };
            self.dropped += 1;
        }
    }

    /// The problems in order of place; the last one stands for those beyond the limit.
    pub(crate) fn finish(mut self) -> Vec<Problem> {
        self.kept.sort_by_key(|p| (p.span.start, p.span.end));
        if self.dropped > 0 {
            let more = Problem::new(self.dropped_span, format!("{} more problems", self.dropped));
            self.kept.push(more);
        }
        self.kept
    }
}
