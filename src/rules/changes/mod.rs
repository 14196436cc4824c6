//! What only the comparison of two trees shows.

mod build_code_added;
mod checksum_changed;
mod compared;
mod file_moved_aside;
mod gate_edited;
mod held;
mod hidden_from_review;
mod host_newly_named;
mod lock_removed;
mod locked_model_moved;
mod origin;
mod packages;
mod pin_loosened;
mod pin_moved;
mod policy_edited;
mod secrets_newly_read;
mod source_changed;
mod version_lowered;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family =
    Family { id: "changes", title: "What a change does that no single tree shows", rules: RULES };

static RULES: &[&Rule] = &[
    &build_code_added::RULE,
    &checksum_changed::RULE,
    &file_moved_aside::RULE,
    &gate_edited::RULE,
    &hidden_from_review::RULE,
    &host_newly_named::RULE,
    &lock_removed::RULE,
    &locked_model_moved::RULE,
    &pin_loosened::RULE,
    &pin_moved::RULE,
    &policy_edited::RULE,
    &secrets_newly_read::RULE,
    &source_changed::RULE,
    &version_lowered::RULE,
];
