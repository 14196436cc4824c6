//! What a workflow hands out.

mod broad_permissions;
mod executed;
mod handover;
mod head;
pub(crate) mod images;
mod leaks;
mod local_action_path;
mod missing_concurrency;
mod missing_permissions;
mod persisted_credentials;
pub(super) mod reach;
mod script_injection;
mod sinks;
mod superfluous_action;
mod template_expansion;
mod undocumented_permissions;
mod unnamed_workflow;
mod untrusted_checkout;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &broad_permissions::RULE,
    &local_action_path::RULE,
    &missing_concurrency::RULE,
    &missing_permissions::RULE,
    &persisted_credentials::RULE,
    &script_injection::RULE,
    &superfluous_action::RULE,
    &undocumented_permissions::RULE,
    &unnamed_workflow::RULE,
    &missing_permissions::RULE,
    &script_injection::RULE,
    &template_expansion::RULE,
    &untrusted_checkout::RULE,
];
