//! Names that pretend to be others.

mod confusable_name;
mod lookalike_action;
mod lookalike_crate;
mod lookalike_distribution;
mod lookalike_model;
mod nonexistent_name;
mod recorded;
mod words;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "impostors", title: "Names that pretend to be others", rules: RULES };

static RULES: &[&Rule] = &[
    &confusable_name::RULE,
    &lookalike_action::RULE,
    &lookalike_crate::RULE,
    &lookalike_distribution::RULE,
    &lookalike_model::RULE,
    &nonexistent_name::RULE,
];
