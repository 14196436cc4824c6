//! One view of JSON and YAML: maps, lists and texts with places.

use crate::parse::json;
use crate::parse::yaml;
use crate::source::Span;

/// A node of a document.
pub(in crate::scan) trait Tree: Sized {
    /// The keys that are texts, with their values, in order, duplicates included.
    fn fields(&self) -> impl Iterator<Item = (&str, &Self)>;

    /// The items of a list.
    fn elements(&self) -> &[Self];

    /// The text. Of YAML also numbers and the like, as they are written.
    fn text(&self) -> Option<&str>;

    /// Whether it is nothing.
    fn is_nothing(&self) -> bool;

    /// Where it is written.
    fn place(&self) -> Span;

    /// The value of a key.
    fn field(&self, key: &str) -> Option<&Self> {
        self.fields().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The text of a key.
    fn word(&self, key: &str) -> Option<&str> {
        self.field(key).and_then(Self::text)
    }

    /// Whether it has keys.
    fn is_map(&self) -> bool {
        self.fields().next().is_some()
    }
}

impl Tree for json::Value {
    fn fields(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.entries().iter().map(|entry| (entry.key.as_str(), &entry.value))
    }

    fn elements(&self) -> &[Self] {
        self.items()
    }

    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn is_nothing(&self) -> bool {
        matches!(self.kind, json::Kind::Null)
    }

    fn place(&self) -> Span {
        self.span
    }

    fn field(&self, key: &str) -> Option<&Self> {
        self.get(key)
    }
}

impl Tree for yaml::Node {
    fn fields(&self) -> impl Iterator<Item = (&str, &Self)> {
        self.entries().iter().filter_map(|entry| entry.key.as_str().map(|key| (key, &entry.value)))
    }

    fn elements(&self) -> &[Self] {
        self.items()
    }

    fn text(&self) -> Option<&str> {
        if self.is_null() { None } else { self.as_str() }
    }

    fn is_nothing(&self) -> bool {
        self.is_null()
    }

    fn place(&self) -> Span {
        self.span
    }

    fn field(&self, key: &str) -> Option<&Self> {
        self.get(key)
    }
}
