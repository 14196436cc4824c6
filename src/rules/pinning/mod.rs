//! What may move under its name.

mod fetchers;
mod held;
mod image;
mod missing_lockfile;
mod missing_python_lock;
mod moved_branch;
mod reference;
mod stale_actions_lock;
mod stale_lockfile;
mod stale_python_lock;
mod unhashed_lock;
mod unpinned_action;
mod unpinned_base_image;
mod unpinned_conda_package;
mod unpinned_git_dependency;
mod unpinned_image;
mod unpinned_python_source;
mod unpinned_requirement;
mod unpinned_tool;
mod wildcard_requirement;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "pinning", title: "What may move under its name", rules: RULES };

static RULES: &[&Rule] = &[
    &missing_lockfile::RULE,
    &missing_python_lock::RULE,
    &moved_branch::RULE,
    &stale_actions_lock::RULE,
    &stale_lockfile::RULE,
    &stale_python_lock::RULE,
    &unhashed_lock::RULE,
    &unpinned_action::RULE,
    &unpinned_base_image::RULE,
    &unpinned_conda_package::RULE,
    &unpinned_git_dependency::RULE,
    &unpinned_image::RULE,
    &unpinned_python_source::RULE,
    &unpinned_requirement::RULE,
    &unpinned_tool::RULE,
    &wildcard_requirement::RULE,
];
