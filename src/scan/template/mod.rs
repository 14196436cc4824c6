//! Chat templates: Jinja, read for what reaches out of its sandbox.

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are a template by itself, by their beginning.
#[must_use]
pub fn claims(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans a template by itself.
pub fn scan(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
