//! What the tree's own `custody.toml` does not allow.

mod denied_duplicate;
mod forbidden_action;
mod unlisted_build_code;
mod unlisted_licence;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "policy", title: "What the tree's own policy does not allow", rules: RULES };

static RULES: &[&Rule] =
    &[&denied_duplicate::RULE, &forbidden_action::RULE, &unlisted_build_code::RULE, &unlisted_licence::RULE];
