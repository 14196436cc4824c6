//! Models that are archives of parts: NeMo, skops, MAR, Keras 3, npz, MLflow; told by their members.

use super::{Context, Rule};
use crate::source::Folder;

pub(super) const RULES: &[&Rule] = &[];

/// Tells what an archive or folder of members is and scans it as that: the members as such are scanned by
/// whoever calls.
pub fn scan(_folder: &dyn Folder, _context: &mut Context<'_>) {}
