//! What a workflow hands out.

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "workflow",
    title: "What a workflow hands out",
    rules: RULES,
};

static RULES: &[&Rule] = &[];
