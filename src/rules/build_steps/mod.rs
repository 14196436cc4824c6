//! What runs without having been verified.

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "build-steps",
    title: "What runs without having been verified",
    rules: RULES,
};

static RULES: &[&Rule] = &[];
