//! Models of Keras: what a configuration makes of itself when it is loaded.

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are a configuration of Keras, by their beginning.
#[must_use]
pub fn claims_config(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans a configuration of Keras.
pub fn scan_config(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}

/// Scans the text of a configuration.
pub fn scan_text(_text: &str, _offset: Option<u64>, _context: &mut Context<'_>) {}
