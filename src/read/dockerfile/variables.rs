//! What `ARG` and `ENV` are known to hold at a place of the file.

use std::collections::BTreeMap;
use std::rc::Rc;

use crate::parse::Budget;
use crate::parse::dockerfile::{Expanded, Lookup, expand};

/// Longest value kept. Longer ones count as unknown: values are put into values.
const MAX_VALUE: usize = 8 << 10;
/// Bytes of a value for one item of the budget.
const BYTES_PER_ITEM: usize = 8;

/// What one name holds.
#[derive(Debug, Clone)]
pub(super) enum Held {
    Text(Rc<str>),
    /// Declared without a value.
    Unset,
    /// Given by who builds, or put together of such.
    Unknown,
}

/// Names and what they hold. `ENV` hides `ARG`.
#[derive(Debug, Clone, Default)]
pub(super) struct Variables {
    env: BTreeMap<String, Held>,
    args: BTreeMap<String, Held>,
}

/// Arguments that BuildKit sets itself. Source: the Dockerfile reference, "Automatic platform ARGs".
const PLATFORM: &[&str] = &[
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETARCH",
    "TARGETVARIANT",
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDARCH",
    "BUILDVARIANT",
];

impl Variables {
    /// How many there are: what a copy of them costs.
    pub(super) fn len(&self) -> usize {
        self.env.len() + self.args.len()
    }

    /// What a stage that starts from another takes over: arguments end with their stage.
    pub(super) fn inherited(&self) -> Self {
        Self { env: self.env.clone(), args: BTreeMap::new() }
    }

    pub(super) fn set_env(&mut self, name: &str, value: &Expanded, budget: &mut Budget) {
        self.env.insert(name.to_owned(), held(value, budget));
    }

    pub(super) fn set_arg(&mut self, name: &str, value: Held) {
        self.args.insert(name.to_owned(), value);
    }

    pub(super) fn arg(&self, name: &str) -> Option<&Held> {
        self.args.get(name)
    }

    /// The value of a name, where it has one.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        match self.env.get(name).or_else(|| self.args.get(name))? {
            Held::Text(text) => Some(text),
            Held::Unset | Held::Unknown => None,
        }
    }

    /// Puts values into a word of `FROM` or of an `ARG` before it: names not declared hold nothing.
    pub(super) fn expand_global(&self, word: &str, escape: char) -> Expanded {
        self.expand(word, escape, Lookup::Unset)
    }

    /// Puts values into a word of a stage: the base image may declare names too.
    pub(super) fn expand_in_stage(&self, word: &str, escape: char) -> Expanded {
        self.expand(word, escape, Lookup::Unknown)
    }

    fn expand(&self, word: &str, escape: char, undeclared: Lookup<'static>) -> Expanded {
        let lookup = |name: &str| match self.env.get(name).or_else(|| self.args.get(name)) {
            Some(Held::Text(text)) => Lookup::Value(text),
            Some(Held::Unknown) => Lookup::Unknown,
            _ if PLATFORM.contains(&name) => Lookup::Unknown,
            Some(Held::Unset) => Lookup::Unset,
            None => undeclared,
        };
        expand(word, escape, MAX_VALUE, &lookup)
    }
}

/// What is kept of a value, charged to the budget.
pub(super) fn held(value: &Expanded, budget: &mut Budget) -> Held {
    let small = value.text.len() <= MAX_VALUE && budget.take_items(1 + value.text.len() / BYTES_PER_ITEM);
    if value.known && small { Held::Text(Rc::from(value.text.as_str())) } else { Held::Unknown }
}

/// Whether a text put together may be kept, charged to the budget.
pub(super) fn affordable(text: &str, budget: &mut Budget) -> bool {
    budget.take_items(1 + text.len() / BYTES_PER_ITEM)
}
