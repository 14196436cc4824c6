//! What a workflow hands out.

mod actor;
mod broad_permissions;
mod confused_auto_merge;
mod constant;
mod debug_logging;
mod executed;
mod head;
mod hidden_characters;
pub(crate) mod images;
mod insecure_commands;
mod missing_permissions;
mod misused_feature;
mod obfuscated_workflow;
pub(super) mod reach;
mod script_injection;
mod settings;
mod spoofable_actor;
mod unsound_condition;
mod unsound_contains;
mod unsound_ternary;
mod untrusted_checkout;
pub(crate) mod written;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &broad_permissions::RULE,
    &confused_auto_merge::RULE,
    &debug_logging::RULE,
    &hidden_characters::RULE,
    &insecure_commands::RULE,
    &missing_permissions::RULE,
    &misused_feature::RULE,
    &obfuscated_workflow::RULE,
    &script_injection::RULE,
    &spoofable_actor::RULE,
    &unsound_condition::RULE,
    &unsound_contains::RULE,
    &unsound_ternary::RULE,
    &untrusted_checkout::RULE,
];
