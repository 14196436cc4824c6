//! What a workflow hands out.

mod agent;
mod agent_reads_strangers;
mod broad_permissions;
mod executed;
mod head;
pub(crate) mod images;
mod missing_permissions;
mod planted_workflow;
pub(super) mod reach;
mod script_injection;
mod secret_sent_away;
mod sending;
mod unrestrained_agent;
mod untrusted_checkout;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &agent_reads_strangers::RULE,
    &broad_permissions::RULE,
    &missing_permissions::RULE,
    &planted_workflow::RULE,
    &script_injection::RULE,
    &secret_sent_away::RULE,
    &unrestrained_agent::RULE,
    &untrusted_checkout::RULE,
];
