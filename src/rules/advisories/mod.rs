//! What is known to be bad.

mod compromised_action;
mod vulnerable_action;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "advisories",
    title: "What is known to be bad",
    rules: RULES,
};

static RULES: &[&Rule] = &[&compromised_action::RULE, &vulnerable_action::RULE];
