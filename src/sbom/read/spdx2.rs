//! SPDX 2.2 and 2.3, as JSON and as tag-value. Source: SPDX 2.3, sections 6 to 12 and annex H.
//!
//! Both spellings are lowered to the same lists of what they hold, each with its line; what those say is told in one
//! place. Snippets and reviews are passed over.

mod document;
mod json;
mod meaning;
mod relations;
mod tags;
#[cfg(test)]
mod tests;

use super::Told;
use crate::parse::json::Value;
use crate::sbom::Bom;
use crate::source::Span;

/// Bytes of texts that are copied, beside those that a document itself has.
const COPIED: usize = 256 << 20;

/// How much may yet be copied: what a short text is named by, it may be named by a million times.
pub(super) struct Copies {
    left: usize,
    is_told: bool,
}

impl Copies {
    /// Nothing is copied yet.
    pub(super) fn new() -> Self {
        Self { left: COPIED, is_told: false }
    }

    /// Takes a copy of so many bytes; false, and told once, where there are too many.
    pub(super) fn take(&mut self, bytes: usize, at: Span, told: &mut Told<'_>) -> bool {
        let line = told.line(at);
        self.take_on(bytes, line, told)
    }

    /// The same by the line.
    pub(super) fn take_on(&mut self, bytes: usize, line: u32, told: &mut Told<'_>) -> bool {
        let left = self.left.checked_sub(bytes);
        self.left = left.unwrap_or(0);
        if left.is_none() && !std::mem::replace(&mut self.is_told, true) {
            told.on(line, "parts name each other so often that the rest of it is left out");
        }
        left.is_some()
    }
}

/// Reads a document of JSON.
pub fn read(root: &Value, told: &mut Told<'_>) -> Bom {
    let document = json::read(root, told);
    meaning::tell(&document, told)
}

/// Reads a document of tags and values.
pub fn read_text(text: &str, told: &mut Told<'_>) -> Bom {
    let document = tags::read(text, told);
    meaning::tell(&document, told)
}
