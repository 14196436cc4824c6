//! GGUF, and programs that carry it.

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are GGUF, by their beginning.
#[must_use]
pub fn claims(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans GGUF.
pub fn scan(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
