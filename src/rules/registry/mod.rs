//! What registries say of what is used: asked with `--online` only, and true on the day they said so.

mod foreign_repository;
mod lost_provenance;
mod new_name;
mod new_release;
mod owners_changed;
mod subject;
mod yanked_distribution;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "registry", title: "What registries say of it", rules: RULES };

static RULES: &[&Rule] = &[
    &foreign_repository::RULE,
    &lost_provenance::RULE,
    &new_name::RULE,
    &new_release::RULE,
    &owners_changed::RULE,
    &yanked_distribution::RULE,
];
