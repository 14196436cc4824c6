//! What is known of a value: its texts, the files it was read from, and whether code had a hand in it.

use crate::parse::pep508::normalise;
use crate::source::{Embedded, Span};

use super::Text;

/// A text with the whole literal's place.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    pub(super) text: Embedded,
    pub(super) span: Span,
}

/// A value, as far as it is known. One of several kinds, or of none: a value that may be a list or a
/// dictionary is both.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    /// The texts of a list, or the only one.
    pub(super) texts: Vec<Piece>,
    /// Whether it is a list; else one text is a text.
    pub(super) is_list: bool,
    /// Keys and values of a dictionary.
    pub(super) entries: Vec<(String, Known)>,
    /// Files it was read from, as named.
    pub(super) files: Vec<Text>,
    /// Texts that code made it from; of a table of requirements, they are found by name.
    pub(super) pool: Vec<Piece>,
    /// Set where a part of it is not known.
    pub(super) computed: Option<Span>,
}

impl Known {
    /// A value of which nothing is known.
    pub(super) fn computed(span: Span) -> Self {
        Self { computed: Some(span), ..Self::default() }
    }

    /// One text.
    pub(super) fn text(text: Embedded, span: Span) -> Self {
        Self { texts: vec![Piece { text, span }], ..Self::default() }
    }

    /// The entry of a key: the last of several.
    pub(super) fn get(&self, key: &str) -> Option<&Known> {
        self.entries.iter().rev().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The requirement of a name among those that a table was made from.
    pub(super) fn pooled(&self, name: &str) -> Option<Known> {
        let wanted = normalise(name.split('[').next().unwrap_or(name));
        let is_it = |piece: &&Piece| {
            let text = piece.text.text.trim_start();
            let end = text.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(text.len());
            normalise(text.get(..end).unwrap_or("")) == wanted
        };
        let piece = self.pool.iter().find(is_it)?;
        Some(Known { texts: vec![piece.clone()], ..Known::default() })
    }

    /// The text, where it is one and nothing else.
    pub(super) fn as_text(&self) -> Option<Text> {
        let [only] = self.texts.as_slice() else { return None };
        let is_text = !self.is_list && self.computed.is_none() && self.files.is_empty();
        is_text.then(|| Text::new(only.text.text.clone(), only.span))
    }

    /// Every text in it.
    pub(super) fn all_texts(&self) -> Vec<&Piece> {
        self.texts.iter().collect()
    }

    /// What a copy of it takes, in bytes and pieces.
    pub(super) fn size(&self) -> usize {
        let texts: usize = self.texts.iter().map(|piece| 48 + piece.text.text.len()).sum();
        let pool: usize = self.pool.iter().map(|piece| 48 + piece.text.text.len()).sum();
        let files: usize = self.files.iter().map(|file| 48 + file.value.len()).sum();
        let entries: usize = self.entries.iter().map(|(key, value)| 48 + key.len() + value.size()).sum();
        16 + texts + pool + files + entries
    }

    /// Both, one after the other.
    pub(super) fn join(&mut self, other: Self) {
        self.is_list |= other.is_list;
        self.texts.extend(other.texts);
        self.files.extend(other.files);
        self.pool.extend(other.pool);
        for (key, value) in other.entries {
            self.set(key, value);
        }
        self.computed = self.computed.or(other.computed);
    }

    /// Gives a key a value.
    pub(super) fn set(&mut self, key: String, value: Self) {
        match self.entries.iter_mut().find(|(name, _)| *name == key) {
            Some((_, known)) => *known = value,
            None => self.entries.push((key, value)),
        }
    }

    /// The values of a dictionary as one list.
    pub(super) fn values(self) -> Self {
        let mut out = Self { is_list: true, computed: self.computed, ..Self::default() };
        for (_, value) in self.entries {
            out.join(value);
        }
        out
    }
}
