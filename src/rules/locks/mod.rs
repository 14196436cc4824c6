//! What `custody.lock` holds of what the tree loads, and what it does not.

mod asked;
mod broken_lock;
mod entries;
mod lock_disagrees;
mod model_without_evidence;
mod stale_lock_entry;
mod unapproved_model;
mod unlocked_model;
mod unsafe_locked_model;
mod unsigned_model;

use super::Family;
use super::Rule;

/// The family.
pub static FAMILY: Family = Family { id: "locks", title: "What is locked, and what is not", rules: RULES };

static RULES: &[&Rule] = &[
    &broken_lock::RULE,
    &lock_disagrees::RULE,
    &model_without_evidence::RULE,
    &stale_lock_entry::RULE,
    &unapproved_model::RULE,
    &unlocked_model::RULE,
    &unsafe_locked_model::RULE,
    &unsigned_model::RULE,
];
