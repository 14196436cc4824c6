//! What may move under its name.

mod missing_lockfile;
mod stale_lockfile;
mod unpinned_action;
mod unpinned_git_dependency;
mod unpinned_image;
mod wildcard_requirement;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "pinning", title: "What may move under its name", rules: RULES };

static RULES: &[&Rule] = &[
    &missing_lockfile::RULE,
    &stale_lockfile::RULE,
    &unpinned_action::RULE,
    &unpinned_git_dependency::RULE,
    &unpinned_image::RULE,
    &wildcard_requirement::RULE,
];
