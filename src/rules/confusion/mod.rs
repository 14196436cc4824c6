//! Who may answer for a name.

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "confusion",
    title: "Who may answer for a name",
    rules: RULES,
};

static RULES: &[&Rule] = &[];
