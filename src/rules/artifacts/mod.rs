//! What lies in the tree already built.

mod altered_distribution;
mod altered_vendored_crate;
mod startup_code;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "artifacts", title: "What lies in the tree already built", rules: RULES };

static RULES: &[&Rule] = &[&altered_distribution::RULE, &altered_vendored_crate::RULE, &startup_code::RULE];
