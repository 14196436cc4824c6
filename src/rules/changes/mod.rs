//! What only the comparison of two trees shows.

mod checksum_changed;
mod compared;
mod gate_edited;
mod lock_removed;
mod origin;
mod packages;
mod pin_loosened;
mod pin_moved;
mod source_changed;
mod version_lowered;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family =
    Family { id: "changes", title: "What a change does that no single tree shows", rules: RULES };

static RULES: &[&Rule] = &[
    &checksum_changed::RULE,
    &gate_edited::RULE,
    &lock_removed::RULE,
    &pin_loosened::RULE,
    &pin_moved::RULE,
    &source_changed::RULE,
    &version_lowered::RULE,
];
