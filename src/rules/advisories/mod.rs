//! What is known to be bad.

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "advisories",
    title: "What is known to be bad",
    rules: RULES,
};

static RULES: &[&Rule] = &[];
