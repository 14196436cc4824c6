//! JSON and YAML of models: tokenizers, processors, configurations, indexes of shards.

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are JSON or YAML of a model, by their beginning.
#[must_use]
pub fn claims(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans JSON or YAML of a model.
pub fn scan(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
