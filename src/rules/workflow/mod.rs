//! What a workflow hands out.

mod actor;
mod agent;
mod agent_reads_strangers;
mod broad_id_token;
mod broad_permissions;
mod build_and_publish_in_one_job;
mod cache_poisoning;
mod confused_auto_merge;
mod constant;
mod credentials;
mod dangerous_trigger;
mod debug_logging;
mod debug_trace;
mod environment_file_injection;
mod evaluated;
mod evaluated_variable;
mod handover;
mod hardcoded_registry_password;
mod hidden_characters;
pub(crate) mod images;
mod inherited_secrets;
mod insecure_commands;
mod leaks;
mod local;
mod local_action_path;
mod long_lived_publish_token;
mod merge_request_checkout;
mod missing_concurrency;
mod missing_permissions;
mod misused_feature;
mod obfuscated_workflow;
mod open_docker_daemon;
mod overprovisioned_secrets;
pub(crate) mod parts;
mod pasted;
mod persisted_credentials;
mod planted_workflow;
pub(super) mod reach;
mod registries;
mod releasing;
mod scope_table;
mod scopes;
mod script_injection;
mod secret_sent_away;
mod secrets_outside_environment;
mod seen;
mod self_hosted_runner;
mod sending;
mod settings;
mod sinks;
mod spoofable_actor;
mod superfluous_action;
mod template_expansion;
mod token_to_another_host;
mod unattested_release;
mod undocumented_permissions;
mod unnamed_workflow;
mod unprotected_cache;
mod unprotected_publish;
mod unredacted_secrets;
mod unrestrained_agent;
mod unscoped_app_token;
mod unsound_condition;
mod unsound_contains;
mod unsound_ternary;
mod untrusted_artifact;
mod untrusted_checkout;
pub(crate) mod written;
mod written_token;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &agent_reads_strangers::RULE,
    &broad_id_token::RULE,
    &broad_permissions::RULE,
    &build_and_publish_in_one_job::RULE,
    &cache_poisoning::RULE,
    &confused_auto_merge::RULE,
    &dangerous_trigger::RULE,
    &debug_logging::RULE,
    &debug_trace::RULE,
    &environment_file_injection::RULE,
    &evaluated_variable::RULE,
    &hardcoded_registry_password::RULE,
    &hidden_characters::RULE,
    &inherited_secrets::RULE,
    &insecure_commands::RULE,
    &local_action_path::RULE,
    &long_lived_publish_token::RULE,
    &merge_request_checkout::RULE,
    &missing_concurrency::RULE,
    &missing_permissions::RULE,
    &misused_feature::RULE,
    &obfuscated_workflow::RULE,
    &open_docker_daemon::RULE,
    &overprovisioned_secrets::RULE,
    &persisted_credentials::RULE,
    &planted_workflow::RULE,
    &script_injection::RULE,
    &secret_sent_away::RULE,
    &secrets_outside_environment::RULE,
    &self_hosted_runner::RULE,
    &spoofable_actor::RULE,
    &superfluous_action::RULE,
    &template_expansion::RULE,
    &token_to_another_host::RULE,
    &unattested_release::RULE,
    &undocumented_permissions::RULE,
    &unnamed_workflow::RULE,
    &unprotected_cache::RULE,
    &unprotected_publish::RULE,
    &unredacted_secrets::RULE,
    &unrestrained_agent::RULE,
    &unscoped_app_token::RULE,
    &unsound_condition::RULE,
    &unsound_contains::RULE,
    &unsound_ternary::RULE,
    &untrusted_artifact::RULE,
    &untrusted_checkout::RULE,
    &written_token::RULE,
];
