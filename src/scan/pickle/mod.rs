//! Pickles of Python, run on symbols.

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are pickles, by their beginning.
#[must_use]
pub fn claims(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans pickles.
pub fn scan(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
