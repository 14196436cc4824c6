//! How much work one file may cause. Counted in items, never in time, so that the result does not
//! depend on the machine.

use crate::source::Span;

/// Something that could not be read, and where. One costs a line or a key, not the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where reading failed.
    pub span: Span,
    /// One sentence fragment in lower case, no full stop: "unclosed string".
    pub message: String,
}

impl Problem {
    /// A problem at a place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into() }
    }
}

/// Limits for one file, used up as it is read.
#[derive(Debug, Clone)]
pub struct Budget {
    /// Largest input in bytes.
    pub bytes: usize,
    /// Deepest nesting.
    pub depth: usize,
    /// Nodes, events, tokens: whatever the parser counts.
    pub items: usize,
    /// Nodes copied by alias expansion.
    pub aliases: usize,
    /// Problems kept per file; later ones are counted in the last.
    pub problems: usize,
}

impl Default for Budget {
    fn default() -> Self {
        Self { bytes: 32 << 20, depth: 96, items: 2_000_000, aliases: 10_000, problems: 64 }
    }
}

impl Budget {
    /// Takes `n` items; false once they are used up.
    pub fn take_items(&mut self, n: usize) -> bool {
        let left = self.items.checked_sub(n);
        self.items = left.unwrap_or(0);
        left.is_some()
    }

    /// Takes `n` copied nodes; false once they are used up.
    pub fn take_aliases(&mut self, n: usize) -> bool {
        let left = self.aliases.checked_sub(n);
        self.aliases = left.unwrap_or(0);
        left.is_some()
    }
}
