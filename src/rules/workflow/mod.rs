//! What a workflow hands out.

mod broad_permissions;
mod credentials;
mod executed;
mod head;
pub(crate) mod images;
mod leaks;
mod local_action_path;
mod long_lived_publish_token;
mod missing_concurrency;
mod missing_permissions;
mod persisted_credentials;
pub(super) mod reach;
mod registries;
mod scope_table;
mod scopes;
mod script_injection;
mod superfluous_action;
mod undocumented_permissions;
mod unnamed_workflow;
mod untrusted_checkout;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &broad_permissions::RULE,
    &local_action_path::RULE,
    &long_lived_publish_token::RULE,
    &missing_concurrency::RULE,
    &missing_permissions::RULE,
    &persisted_credentials::RULE,
    &script_injection::RULE,
    &superfluous_action::RULE,
    &undocumented_permissions::RULE,
    &unnamed_workflow::RULE,
    &untrusted_checkout::RULE,
];
