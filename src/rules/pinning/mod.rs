//! What may move under its name.

mod unpinned_action;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "pinning",
    title: "What may move under its name",
    rules: RULES,
};

static RULES: &[&Rule] = &[&unpinned_action::RULE];
