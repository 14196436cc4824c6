//! What may move under its name.

mod unpinned_action;
mod unpinned_image;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "pinning",
    title: "What may move under its name",
    rules: RULES,
};

static RULES: &[&Rule] = &[&unpinned_action::RULE, &unpinned_image::RULE];
