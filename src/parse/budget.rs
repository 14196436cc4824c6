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
    /// All that may have been lost by it, where that is known to end: the script it stands in.
    pub lost: Option<Span>,
    /// Whether it is told, and no reason to call the audit incomplete: what was read was not followed to its end.
    pub is_aside: bool,
}

impl Problem {
    /// A problem at a place.
    pub fn new(span: Span, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), lost: None, is_aside: false }
    }

    /// The same, with what at most was lost by it.
    pub fn within(self, lost: Span) -> Self {
        Self { lost: Some(lost), ..self }
    }

    /// The same, told aside.
    pub fn aside(self) -> Self {
        Self { is_aside: true, ..self }
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

/// Items that an entry of a document stands for: a requirement, a locked package, an option. It is
/// hundreds of bytes, and once more in the graph and the views, however short its text.
const ENTRY: usize = 20;
/// Items that a script stands for: its syntax tree is lowered to several kilobytes, however short it is.
/// The largest real files have a few hundred.
const SCRIPT: usize = 150;
/// Bytes of its text for one item more.
const BYTES_PER_ITEM: usize = 16;

impl Budget {
    /// Takes what an entry of a document with so many bytes of text stands for; false once that is used
    /// up. The largest real lists have a few thousand entries, locks a few ten thousand.
    pub fn take_entry(&mut self, bytes: usize) -> bool {
        self.take_items(ENTRY + bytes / BYTES_PER_ITEM)
    }

    /// Takes what a script stands for; false once that is used up.
    pub fn take_script(&mut self) -> bool {
        self.take_items(SCRIPT)
    }

    /// Takes what so many copies of a text of so many bytes stand for; false once that is used up.
    pub fn take_copies(&mut self, bytes: usize, copies: usize) -> bool {
        self.take_items((bytes / BYTES_PER_ITEM).saturating_mul(copies))
    }

    /// Whether something did not fit.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        self.items == 0
    }

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
