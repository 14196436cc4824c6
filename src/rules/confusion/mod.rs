//! Who may answer for a name.

mod build_tool_override;
mod missing_checksum;
mod names;
mod patched_crate;
mod shadowing_alias;
mod source_replacement;
mod two_sources_one_name;
mod unclaimed_crate_name;
mod untrusted_registry;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "confusion", title: "Who may answer for a name", rules: RULES };

static RULES: &[&Rule] = &[
    &build_tool_override::RULE,
    &missing_checksum::RULE,
    &patched_crate::RULE,
    &shadowing_alias::RULE,
    &source_replacement::RULE,
    &two_sources_one_name::RULE,
    &unclaimed_crate_name::RULE,
    &untrusted_registry::RULE,
];
