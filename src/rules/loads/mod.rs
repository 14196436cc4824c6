//! Models, data sets and their kin that code and configuration load by name.

pub(super) mod advice;
pub(super) mod group;
mod moving_model_alias;
mod pickle_preferred;
mod pin;
mod trusted_remote_code;
mod unpinned_dataset;
mod unpinned_kernel;
mod unpinned_model;
mod unsafe_model_load;
mod unverified_weights;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "loads", title: "Models and data that are loaded by name", rules: RULES };

static RULES: &[&Rule] = &[
    &moving_model_alias::RULE,
    &pickle_preferred::RULE,
    &trusted_remote_code::RULE,
    &unpinned_dataset::RULE,
    &unpinned_kernel::RULE,
    &unpinned_model::RULE,
    &unsafe_model_load::RULE,
    &unverified_weights::RULE,
];
