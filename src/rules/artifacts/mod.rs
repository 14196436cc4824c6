//! What lies in the tree already built.

mod altered_distribution;
mod startup_code;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "artifacts", title: "What lies in the tree already built", rules: RULES };

static RULES: &[&Rule] = &[&altered_distribution::RULE, &startup_code::RULE];
