//! What runs without having been verified.

mod download;
mod download_then_execute;
mod fetch_to_interpreter;
mod ignored_verification;
mod unlocked_cargo_install;
mod verification_disabled;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "build-steps", title: "What runs without having been verified", rules: RULES };

static RULES: &[&Rule] = &[
    &download_then_execute::RULE,
    &fetch_to_interpreter::RULE,
    &ignored_verification::RULE,
    &unlocked_cargo_install::RULE,
    &verification_disabled::RULE,
];
