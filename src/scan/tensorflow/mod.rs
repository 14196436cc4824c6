//! TensorFlow: SavedModel, graphs, `TFLite`; and Core ML, which is protocol buffers too.

use super::{Context, Rule};
use crate::source::Bytes;

pub(super) const RULES: &[&Rule] = &[];

/// Whether bytes are a SavedModel, a graph or a meta graph, by their beginning.
#[must_use]
pub fn claims(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans a SavedModel, a graph or a meta graph.
pub fn scan(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}

/// Whether bytes are TFLite, by their beginning.
#[must_use]
pub fn claims_tflite(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans TFLite.
pub fn scan_tflite(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}

/// Whether bytes are Core ML, by their beginning.
#[must_use]
pub fn claims_coreml(_head: &[u8], _bytes: &dyn Bytes) -> bool {
    false
}

/// Scans Core ML.
pub fn scan_coreml(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
