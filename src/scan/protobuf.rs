//! Protocol buffers at the level of the wire: fields, lengths, and no schema.

use super::Rule;

pub(super) const RULES: &[&Rule] = &[];
