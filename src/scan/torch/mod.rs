//! What `torch.load` reads: its zips, its legacy files, TorchScript; and what its restricted loader refuses.

use super::{Context, Format, Limits, Rule, WeightsOnly};
use crate::source::{Bytes, Folder};

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are a legacy file of torch, by their beginning.
#[must_use]
pub fn claims_legacy(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans a legacy file.
pub fn scan_legacy(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}

/// Of an archive's members, those that are raw tensors: no reader takes them for anything else, so they are
/// not looked into. None where the archive is none of torch.
#[must_use]
pub fn tensors(_folder: &dyn Folder) -> Option<Vec<String>> {
    None
}

/// What `torch.load(weights_only=True)` does with a file; none where it is of a format that nobody loads with
/// torch.
#[must_use]
pub fn weights_only(_bytes: &dyn Bytes, _format: Format, _limits: &Limits) -> Option<WeightsOnly> {
    None
}
