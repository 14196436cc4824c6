//! Values of a configuration with the way to each, read as a stream: keys that stand twice are all seen.

use crate::parse::json_stream::{Dialect, Event, Reader};
use crate::scan::Context;
use crate::source::Bytes;

/// Bytes that are kept of one key or string.
const KEPT: usize = 4096;
/// Values that cost one node: what is read is not kept.
const VALUES: usize = 16;

/// An object or a list that is open.
#[derive(Debug)]
pub(super) struct Step {
    /// The key of the value that is read; none in a list.
    pub key: Option<String>,
    /// How many values of a list came before.
    pub index: usize,
}

/// The way to a value, the outermost first.
#[derive(Debug)]
pub(super) struct Way(Vec<Step>);

impl Way {
    /// How many objects and lists stand around the value.
    pub(super) fn depth(&self) -> usize {
        self.0.len()
    }

    /// The key at the given depth; none where that is a list.
    pub(super) fn key(&self, depth: usize) -> Option<&str> {
        self.0.get(depth)?.key.as_deref()
    }

    /// The nearest key.
    pub(super) fn last(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| step.key.as_deref())
    }

    /// Whether a key stands on the way.
    pub(super) fn is_below(&self, key: &str) -> bool {
        self.0.iter().any(|step| step.key.as_deref() == Some(key))
    }

    /// The place in the list that holds the value; none where an object does.
    pub(super) fn index(&self) -> Option<usize> {
        self.0.last().filter(|step| step.key.is_none()).map(|step| step.index)
    }
}

/// A value that has no others in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar<'t> {
    /// A string, as far as it is kept.
    Text(&'t str),
    /// `true`.
    True,
    /// Any other.
    Other,
}

/// Hands each value of a document to `see` with the way to it and its offset. What cannot be read is told by the
/// report of the file itself.
pub(super) fn values(bytes: &dyn Bytes, context: &mut Context<'_>, mut see: impl FnMut(&Way, Scalar<'_>, u64)) {
    let mut reader = Reader::new(bytes, Dialect::Lenient, KEPT);
    let mut way = Way(Vec::new());
    let mut seen = 0_usize;
    while let Ok(event) = reader.next_event() {
        match event {
            Event::End => break,
            Event::Object => way.0.push(Step { key: Some(String::new()), index: 0 }),
            Event::Array => way.0.push(Step { key: None, index: 0 }),
            Event::Key => {
                let text = reader.text();
                if let Some(Step { key: Some(key), .. }) = way.0.last_mut() {
                    key.clear();
                    key.push_str(text);
                }
                continue;
            }
            Event::EndObject | Event::EndArray => {
                way.0.pop();
            }
            Event::Text => see(&way, Scalar::Text(reader.text()), reader.start()),
            Event::Bool(true) => see(&way, Scalar::True, reader.start()),
            Event::Bool(false) | Event::Number | Event::Null => see(&way, Scalar::Other, reader.start()),
        }
        if !matches!(event, Event::Object | Event::Array)
            && let Some(step) = way.0.last_mut()
        {
            step.index += 1;
        }
        seen += 1;
        if seen.is_multiple_of(VALUES) && !context.take_nodes(1) {
            return;
        }
    }
}
