//! Who may answer for a name.

mod build_tool_override;
mod extra_index;
mod insecure_index;
mod missing_checksum;
mod mixed_lock_sources;
mod patched_crate;
mod registry_override;
mod registry_variables;
mod shadowing_alias;
mod source_replacement;
mod trusted_host;
mod two_sources_one_name;
mod unbound_package_source;
mod unbound_uv_index;
mod unclaimed_crate_name;
mod unlisted_source;
mod unsafe_index_strategy;
mod untrusted_registry;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "confusion", title: "Who may answer for a name", rules: RULES };

static RULES: &[&Rule] = &[
    &build_tool_override::RULE,
    &extra_index::RULE,
    &insecure_index::RULE,
    &missing_checksum::RULE,
    &mixed_lock_sources::RULE,
    &patched_crate::RULE,
    &registry_override::RULE,
    &shadowing_alias::RULE,
    &source_replacement::RULE,
    &trusted_host::RULE,
    &two_sources_one_name::RULE,
    &unbound_package_source::RULE,
    &unbound_uv_index::RULE,
    &unclaimed_crate_name::RULE,
    &unlisted_source::RULE,
    &unsafe_index_strategy::RULE,
    &untrusted_registry::RULE,
];
