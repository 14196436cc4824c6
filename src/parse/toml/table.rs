//! Tables: ordered, with duplicates kept, quick to look up however many keys they have.

use std::collections::BTreeMap;

use super::{Entry, Kind, Value};
use crate::source::{Span, Spanned};

/// Tables up to this size are searched, larger ones indexed.
const INDEXED: usize = 16;

/// How a table came to be, which decides who may add to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Origin {
    /// The top level, or the parent of a table with a header.
    #[default]
    Implicit,
    /// `[name]` or `[[name]]`.
    Header,
    /// The first part of `a.b = 1`.
    Dotted,
    /// `{ ... }`.
    Inline,
}

/// A table. Entries keep their order and duplicates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Table {
    /// An inline table with its braces; else the header and the table's own lines, without the
    /// tables below it.
    pub span: Span,
    /// The `[name]` or `[[name]]`, brackets included.
    pub header: Option<Span>,
    /// How it came to be.
    pub origin: Origin,
    entries: Vec<Entry>,
    /// Positions by key, for large tables; most are small, and an empty tree is three words.
    index: BTreeMap<String, usize>,
}

impl Table {
    /// An empty table.
    pub(super) fn new(span: Span, origin: Origin) -> Self {
        Self { span, origin, ..Self::default() }
    }

    /// The value of a key; the first of duplicates.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key; the first of duplicates.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(self.position(key)?)
    }

    /// The entries in order, duplicates included.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|e| (e.key.as_str(), &e.value))
    }

    /// Whether the table has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of entries, duplicates included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where a key stands.
    pub(super) fn position(&self, key: &str) -> Option<usize> {
        if self.index.is_empty() {
            self.entries.iter().position(|e| e.key.value == key)
        } else {
            self.index.get(key).copied()
        }
    }

    /// An entry to add to.
    pub(super) fn at(&mut self, position: usize) -> Option<&mut Entry> {
        self.entries.get_mut(position)
    }

    /// Appends an entry; a second one of the same key stays behind the first. Returns its position.
    pub(super) fn push(&mut self, key: Spanned<String>, value: Value) -> usize {
        let position = self.entries.len();
        if !self.index.is_empty() {
            self.index.entry(key.value.clone()).or_insert(position);
        }
        self.entries.push(Entry { key, value });
        if self.index.is_empty() && self.entries.len() > INDEXED {
            for (at, entry) in self.entries.iter().enumerate() {
                self.index.entry(entry.key.value.clone()).or_insert(at);
            }
        }
        position
    }

    /// The table at positions from here: through arrays, the last of their tables.
    pub(super) fn descend(&mut self, path: &[usize]) -> Option<&mut Table> {
        let mut table = self;
        for &position in path {
            let value = &mut table.at(position)?.value;
            table = match &mut value.kind {
                Kind::Table(inner) => inner,
                Kind::Array(items) => match &mut items.last_mut()?.kind {
                    Kind::Table(inner) => inner,
                    _ => return None,
                },
                _ => return None,
            };
        }
        Some(table)
    }
}
