//! What `custody.lock` holds of what the tree loads, and what it does not.

mod broken_lock;
mod entries;
mod lock_disagrees;
mod stale_lock_entry;
mod unlocked_model;
mod unsafe_locked_model;

use super::Family;
use super::Rule;

/// The family.
pub static FAMILY: Family = Family { id: "locks", title: "What is locked, and what is not", rules: RULES };

static RULES: &[&Rule] = &[
    &broken_lock::RULE,
    &lock_disagrees::RULE,
    &stale_lock_entry::RULE,
    &unlocked_model::RULE,
    &unsafe_locked_model::RULE,
];
