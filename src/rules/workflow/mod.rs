//! What a workflow hands out.

mod broad_permissions;
mod cache_poisoning;
mod dangerous_trigger;
pub(crate) mod images;
mod missing_permissions;
pub(super) mod reach;
mod script_injection;
mod untrusted_artifact;
mod untrusted_checkout;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &broad_permissions::RULE,
    &cache_poisoning::RULE,
    &dangerous_trigger::RULE,
    &missing_permissions::RULE,
    &script_injection::RULE,
    &untrusted_artifact::RULE,
    &untrusted_checkout::RULE,
];
