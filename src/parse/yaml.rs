//! YAML as a lenient document: every node knows its bytes, a broken line costs that line, and the
//! rest of the file is still read.
//!
//! `granit-parser` gives events with byte offsets and stops at the first error. [`repair`] then
//! blanks what offended, with as many spaces, so that offsets stay true, and the file is read again.
//! [`scalar`] maps decoded text back to the file, which the parser does not.

mod build;
mod repair;
mod scalar;
#[cfg(test)]
mod tests;

use super::problems::Problems;
use super::{Budget, Problem};
use crate::source::{Embedded, Span, Spanned};

/// Times one file is read again after a repair.
const RETRIES: usize = 32;
/// Bytes that retries may read in any file, however large: keeps the total work linear.
const RETRY_BYTES: usize = 4 << 20;
/// Retries of a large file may read it this many times more.
const RETRY_FACTOR: usize = 4;
/// Said where reading ends early.
const REST: &str = "; the rest of the file is not read";

/// A file of YAML, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Yaml {
    /// The root nodes of its documents; an empty file has none.
    pub docs: Vec<Node>,
    /// Comments in order, since they carry versions of pins and suppressions.
    pub comments: Vec<Comment>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Keys written twice in one mapping.
    pub duplicates: Vec<Duplicate>,
}

impl Yaml {
    /// The first document, which is all that most files have.
    #[must_use]
    pub fn root(&self) -> Option<&Node> {
        self.docs.first()
    }
}

/// A comment of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// From the `#` to the end of the line.
    pub span: Span,
    /// The text after the `#`, untrimmed.
    pub text: String,
}

/// A key that stands twice in one mapping. YAML forbids it, and readers of YAML differ in which one
/// they take, so it is a way to show one thing and run another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Duplicate {
    /// The key.
    pub key: String,
    /// Where it stands first; [`Node::get`] returns this one.
    pub first: Span,
    /// Where it stands again.
    pub again: Span,
}

/// One value with its place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Node {
    /// The bytes of the value, quotes and brackets included. A missing value has an empty span.
    pub span: Span,
    /// What it is.
    pub kind: NodeKind,
    /// The tag as written, such as `!reference` or `!Ref`.
    pub tag: Option<Box<Spanned<String>>>,
    /// The `*name` this value was copied from; its spans then point at the anchor's value.
    pub alias: Option<Span>,
}

/// The kinds of a value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum NodeKind {
    /// Nothing is written, or what is written could not be read.
    #[default]
    Null,
    /// Text of any style, also numbers and booleans.
    Scalar(Scalar),
    /// A list.
    Sequence(Vec<Node>),
    /// Keys and values, in order, duplicates included.
    Mapping(Vec<Entry>),
}

/// A scalar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    /// How it is written.
    pub style: Style,
    /// The decoded text with the map back to the file.
    pub text: Embedded,
}

/// How a scalar is written. Only plain scalars can be null, a boolean or a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In `'`.
    Single,
    /// In `"`.
    Double,
    /// After `|`.
    Literal,
    /// After `>`.
    Folded,
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key, mostly a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
}

impl Entry {
    /// From the key to the end of the value.
    #[must_use]
    pub fn span(&self) -> Span {
        let end = if self.value.alias.is_some() { self.value.alias } else { Some(self.value.span) };
        end.filter(|s| s.start >= self.key.span.start).map_or(self.key.span, |s| self.key.span.to(s))
    }
}

impl Node {
    /// The value of a key: the first of duplicates, and where the mapping itself lacks it, the one
    /// that `<<` brings in.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|e| &e.value)
    }

    /// The entry of a key, chosen like [`Node::get`].
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        let NodeKind::Mapping(entries) = &self.kind else { return None };
        if let Some(own) = entries.iter().find(|e| e.key.as_str() == Some(key)) {
            return Some(own);
        }
        entries.iter().filter(|e| e.is_merge()).find_map(|e| match &e.value.kind {
            NodeKind::Sequence(items) => items.iter().find_map(|n| n.entry(key)),
            _ => e.value.entry(key),
        })
    }

    /// The entries of a mapping in order, `<<` among them; none for another kind.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        if let NodeKind::Mapping(entries) = &self.kind { entries } else { &[] }
    }

    /// The items of a sequence; none for another kind.
    #[must_use]
    pub fn items(&self) -> &[Node] {
        if let NodeKind::Sequence(items) = &self.kind { items } else { &[] }
    }

    /// The scalar.
    #[must_use]
    pub fn as_scalar(&self) -> Option<&Scalar> {
        if let NodeKind::Scalar(scalar) = &self.kind { Some(scalar) } else { None }
    }

    /// The decoded text of a scalar, whatever it would mean: `on`, `1.10` and `null` stay as written.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        self.as_scalar().map(|s| s.text.text.as_str())
    }

    /// The boolean of the YAML 1.2 core schema. `on` and `yes` are text there.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        match self.plain()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// Whether there is no value: nothing written, or a null of the core schema.
    #[must_use]
    pub fn is_null(&self) -> bool {
        match &self.kind {
            NodeKind::Null => true,
            _ => matches!(self.plain(), Some("" | "~" | "null" | "Null" | "NULL")),
        }
    }

    /// Where this value is used: the `*name` of an alias, else the value itself.
    #[must_use]
    pub fn place(&self) -> Span {
        self.alias.unwrap_or(self.span)
    }

    /// The text, where the core schema may give it another type.
    fn plain(&self) -> Option<&str> {
        let scalar = self.as_scalar()?;
        (scalar.style == Style::Plain && self.tag.is_none()).then_some(scalar.text.text.as_str())
    }
}

impl Entry {
    /// Whether this is the merge key `<<`.
    #[must_use]
    pub fn is_merge(&self) -> bool {
        self.key.plain() == Some("<<")
    }
}

/// Reads a file of YAML. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Yaml {
    let mut problems = Problems::new(budget);
    if text.len() > budget.bytes {
        let message = format!("file has {} bytes, more than the limit of {}", text.len(), budget.bytes);
        problems.push(Span::new(0, text.len()), message);
        return Yaml { problems: problems.finish(), ..Yaml::default() };
    }
    let mut work = repair::Work::new(text, &mut problems);
    let mut allowance = RETRY_BYTES.max(text.len().saturating_mul(RETRY_FACTOR));
    let mut tries = 0;
    loop {
        let attempt = build::attempt(&work, budget);
        if let Some(failure) = attempt.failure.as_ref().filter(|f| !f.is_final && tries <= RETRIES) {
            let cost = failure.at.max(1);
            // The last repair gives up the rest, so that what stands before is read to its end.
            let is_last = tries >= RETRIES || allowance < cost;
            allowance = allowance.saturating_sub(cost);
            tries = if is_last { RETRIES + 1 } else { tries + 1 };
            if let Some(lost) = work.repair(failure, is_last) {
                let rest = if is_last { REST } else { "" };
                problems.push(lost, format!("{}{rest}", failure.message));
                continue;
            }
        }
        if let Some(failure) = &attempt.failure {
            let span = work.place(&(failure.at..text.len()));
            problems.push(span, format!("{}{REST}", failure.message));
        }
        budget.items = attempt.items;
        budget.aliases = attempt.aliases;
        for problem in attempt.problems {
            problems.push(problem.span, problem.message);
        }
        return Yaml {
            docs: attempt.docs,
            comments: attempt.comments,
            problems: problems.finish(),
            duplicates: attempt.duplicates,
        };
    }
}
