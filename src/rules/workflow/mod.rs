//! What a workflow hands out.

mod broad_permissions;
mod debug_trace;
mod evaluated_variable;
mod executed;
mod head;
pub(crate) mod images;
mod merge_request_checkout;
mod missing_permissions;
mod open_docker_daemon;
mod pasted;
pub(super) mod reach;
mod script_injection;
mod token_to_another_host;
mod unprotected_cache;
mod untrusted_checkout;
mod written_token;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "workflow", title: "What a workflow hands out", rules: RULES };

static RULES: &[&Rule] = &[
    &broad_permissions::RULE,
    &debug_trace::RULE,
    &evaluated_variable::RULE,
    &merge_request_checkout::RULE,
    &missing_permissions::RULE,
    &open_docker_daemon::RULE,
    &script_injection::RULE,
    &token_to_another_host::RULE,
    &unprotected_cache::RULE,
    &untrusted_checkout::RULE,
    &written_token::RULE,
];
