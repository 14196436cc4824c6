//! What packs other files: zip, tar, 7z, and streams of one file.

use super::{Context, Format, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// What packs other files, told by beginning and end: several where the bytes can be read as several.
#[must_use]
pub fn formats(_head: &[u8], _bytes: &dyn Bytes) -> Vec<Format> {
    Vec::new()
}

/// Scans a container of the given format.
pub fn scan(_format: Format, _bytes: &dyn Bytes, _context: &mut Context<'_>) {}

/// What no reader claims: text, pictures, machine code; else something unknown, in which pickles are looked for.
pub fn unclaimed(_head: &[u8], _bytes: &dyn Bytes, context: &mut Context<'_>) {
    context.find(&super::context::UNKNOWN_FORMAT, None, "it is of no known format");
}
