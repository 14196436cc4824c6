//! What a workflow hands out.

mod agent;
mod agent_reads_strangers;
mod broad_id_token;
mod broad_permissions;
mod build_and_publish_in_one_job;
mod executed;
mod head;
pub(crate) mod images;
mod missing_permissions;
mod planted_workflow;
pub(super) mod reach;
mod releasing;
mod script_injection;
mod secret_sent_away;
mod sending;
mod unattested_release;
mod unprotected_publish;
mod unrestrained_agent;
mod untrusted_checkout;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &agent_reads_strangers::RULE,
    &broad_id_token::RULE,
    &broad_permissions::RULE,
    &build_and_publish_in_one_job::RULE,
    &missing_permissions::RULE,
    &planted_workflow::RULE,
    &script_injection::RULE,
    &secret_sent_away::RULE,
    &unattested_release::RULE,
    &unprotected_publish::RULE,
    &unrestrained_agent::RULE,
    &untrusted_checkout::RULE,
];
