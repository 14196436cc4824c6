//! TOML as a lenient document: every key, value and header knows its bytes, a broken line costs that
//! line, and the rest of the file is still read.
//!
//! Tokens and the decoding of scalars are `toml_parser`'s; the statements are read here, since the
//! recovery of the parser above it invents values and lets an unclosed bracket swallow the tables
//! that follow.

mod read;
mod scalar;
mod table;
#[cfg(test)]
mod tests;
mod value;

use super::{Budget, Problem};
use crate::source::{Embedded, Span, Spanned};

pub use table::{Origin, Table};

/// A file of TOML, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Toml {
    /// The top level.
    pub root: Table,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Keys and tables that are defined twice.
    pub duplicates: Vec<Duplicate>,
    /// Comments in order: the text after the `#`, the span with it.
    pub comments: Vec<Spanned<String>>,
}

impl Toml {
    /// The value at a path of keys, such as `["package", "name"]`.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        let (last, tables) = path.split_last()?;
        let table = tables.iter().try_fold(&self.root, |table, key| table.get(key)?.as_table())?;
        table.get(last)
    }
}

/// A key or table that is defined twice, which TOML forbids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The last part of the key.
    pub key: String,
    /// Where it is defined first; [`Table::get`] returns this one.
    pub first: Span,
    /// Where it is defined again.
    pub again: Span,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key without quotes; its span has them. Of a dotted key, one part.
    pub key: Spanned<String>,
    /// The value.
    pub value: Value,
}

impl Entry {
    /// From the key to the end of the value: the `key = value` of a line. For a table with a header,
    /// the header with its own lines.
    #[must_use]
    pub fn span(&self) -> Span {
        match &self.value.kind {
            Kind::Table(table) if table.header.is_some() => table.span,
            _ => self.key.span.to(self.value.span),
        }
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
    /// Text, decoded and mapped.
    String(Embedded),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// `true` or `false`.
    Bool(bool),
    /// A date, a time or both, as written.
    Datetime(String),
    /// A list, or the tables of `[[name]]`.
    Array(Vec<Value>),
    /// A table of any origin.
    Table(Table),
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

    /// The table.
    #[must_use]
    pub fn as_table(&self) -> Option<&Table> {
        if let Kind::Table(table) = &self.kind { Some(table) } else { None }
    }

    /// The value of a key, if this is a table.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.as_table()?.get(key)
    }

    /// The tables of an array, which is what `[[name]]` makes.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.as_array().unwrap_or_default().iter().filter_map(Value::as_table)
    }
}

/// Reads a file of TOML. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Toml {
    read::read(text, budget)
}
