//! JSON as a lenient document: every key and value knows its bytes, a broken item costs that item, and
//! the rest of the file is still read.
//!
//! A lock or a notebook is read for its places as much as for its text, which no parser of values
//! keeps. A byte order mark is passed over. What RFC 8259 forbids is a problem; what readers in common
//! use accept (`NaN`, control characters within strings) is not.

mod comments;
mod read;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::{Budget, Problem};
use crate::source::{Embedded, Span, Spanned};

/// Objects up to this size are searched, larger ones indexed.
const INDEXED: usize = 16;

/// A file of JSON, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Json {
    /// The value; none in a file without one.
    pub root: Option<Value>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Keys that stand twice in one object.
    pub duplicates: Vec<Duplicate>,
}

impl Json {
    /// The value at a path of keys, such as `["_meta", "sources"]`.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        path.iter().try_fold(self.root.as_ref()?, |value, key| value.get(key))
    }
}

/// A key that stands twice in one object. Readers of JSON take the last one, people see the first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// Where it stands first.
    pub first: Span,
    /// Where it stands again; [`Object::get`] returns the last.
    pub again: Span,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key without quotes; its span has them.
    pub key: Spanned<String>,
    /// The value.
    pub value: Value,
}

impl Entry {
    /// From the key to the end of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        self.key.span.to(self.value.span)
    }
}

/// One value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Value {
    /// The bytes of the value, quotes and brackets included.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of a value.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number that fits.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// Text, decoded and mapped.
    String(Embedded),
    /// A list.
    Array(Vec<Value>),
    /// Keys and values.
    Object(Object),
    /// There is a value, but it could not be read; a problem says why.
    Unreadable,
}

impl Value {
    /// The text of a string.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_text().map(|text| text.text.as_str())
    }

    /// The text of a string with its map to the file.
    #[must_use]
    pub fn as_text(&self) -> Option<&Embedded> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }

    /// The whole number.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        if let Kind::Integer(number) = &self.kind { Some(*number) } else { None }
    }

    /// The boolean.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Kind::Bool(value) = &self.kind { Some(*value) } else { None }
    }

    /// The items of an array.
    #[must_use]
    pub fn as_array(&self) -> Option<&[Value]> {
        if let Kind::Array(items) = &self.kind { Some(items) } else { None }
    }

    /// The object.
    #[must_use]
    pub fn as_object(&self) -> Option<&Object> {
        if let Kind::Object(object) = &self.kind { Some(object) } else { None }
    }

    /// The value of a key, if this is an object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_object()?.get(key)
    }

    /// The items of an array; none for another kind.
    #[must_use]
    pub fn items(&self) -> &[Value] {
        self.as_array().unwrap_or_default()
    }

    /// The entries of an object in order; none for another kind.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        self.as_object().map_or(&[], Object::entries)
    }
}

/// An object. Entries keep their order and duplicates.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object {
    entries: Vec<Entry>,
    /// Last positions by key, for large objects.
    index: BTreeMap<String, usize>,
}

impl Object {
    /// The value of a key; the last of duplicates, as every reader of JSON in common use has it.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The entry of a key; the last of duplicates.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        if self.index.is_empty() {
            self.entries.iter().rev().find(|entry| entry.key.value == key)
        } else {
            self.entries.get(*self.index.get(key)?)
        }
    }

    /// The entries in order, duplicates included.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().map(|entry| (entry.key.as_str(), &entry.value))
    }

    /// Whether the object has no key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Number of entries, duplicates included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Where a key stands, the last of duplicates.
    fn position(&self, key: &str) -> Option<Span> {
        self.entry(key).map(|entry| entry.key.span)
    }

    /// Appends an entry.
    fn push(&mut self, entry: Entry) {
        let position = self.entries.len();
        if !self.index.is_empty() {
            self.index.insert(entry.key.value.clone(), position);
        }
        self.entries.push(entry);
        if self.index.is_empty() && self.entries.len() > INDEXED {
            self.index = self.entries.iter().enumerate().map(|(at, e)| (e.key.value.clone(), at)).collect();
        }
    }
}

/// Reads a file of JSON. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Json {
    read::read(text, &[], budget)
}

/// The same of a file that an editor reads: comments and commas before closing brackets are passed over.
#[must_use]
pub fn parse_with_comments(text: &str, budget: &mut Budget) -> Json {
    // Blanking costs as much as reading, so what is too long is left to the reader to refuse.
    if text.len() > budget.bytes {
        return parse(text, budget);
    }
    read::read(&comments::blank(text), &[], budget)
}

/// The same without what stands under some keys, wherever they stand: it is read for its problems and
/// is there as `null`.
#[must_use]
pub fn parse_without(text: &str, keys: &[&str], budget: &mut Budget) -> Json {
    read::read(text, keys, budget)
}
