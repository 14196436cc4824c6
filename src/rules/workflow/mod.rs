//! What a workflow hands out.

mod broad_permissions;
mod environment_file_injection;
mod evaluated;
mod executed;
mod handover;
mod head;
pub(crate) mod images;
mod missing_permissions;
pub(super) mod reach;
mod script_injection;
mod seen;
mod sinks;
mod template_expansion;
mod untrusted_checkout;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &broad_permissions::RULE,
    &environment_file_injection::RULE,
    &missing_permissions::RULE,
    &script_injection::RULE,
    &template_expansion::RULE,
    &untrusted_checkout::RULE,
];
