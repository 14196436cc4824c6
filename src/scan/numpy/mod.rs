//! Arrays of numpy (`npy`) and pickles with arrays within (joblib).

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are an array of numpy, by their beginning.
#[must_use]
pub fn claims_npy(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans an array of numpy.
pub fn scan_npy(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
