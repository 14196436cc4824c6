//! What may move under its name.

mod containers;
mod fetchers;
mod held;
mod image;
mod impostor_commit;
mod included;
mod missing_lockfile;
mod missing_python_lock;
mod moved_branch;
mod ref_confusion;
mod reference;
mod stale_action_pin;
mod stale_actions_lock;
mod stale_lockfile;
mod stale_python_lock;
mod unhashed_lock;
mod unpinned_action;
mod unpinned_artifact;
mod unpinned_base_image;
mod unpinned_component;
mod unpinned_conda_package;
mod unpinned_git_dependency;
mod unpinned_image;
mod unpinned_include;
mod unpinned_inside_pinned;
mod unpinned_python_source;
mod unpinned_requirement;
mod unpinned_tool;
mod version_comment_mismatch;
mod wildcard_requirement;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "pinning", title: "What may move under its name", rules: RULES };

static RULES: &[&Rule] = &[
    &impostor_commit::RULE,
    &missing_lockfile::RULE,
    &missing_python_lock::RULE,
    &moved_branch::RULE,
    &ref_confusion::RULE,
    &stale_action_pin::RULE,
    &stale_actions_lock::RULE,
    &stale_lockfile::RULE,
    &stale_python_lock::RULE,
    &unhashed_lock::RULE,
    &unpinned_action::RULE,
    &unpinned_artifact::RULE,
    &unpinned_base_image::RULE,
    &unpinned_component::RULE,
    &unpinned_conda_package::RULE,
    &unpinned_git_dependency::RULE,
    &unpinned_image::RULE,
    &unpinned_include::RULE,
    &unpinned_inside_pinned::RULE,
    &unpinned_python_source::RULE,
    &unpinned_requirement::RULE,
    &unpinned_tool::RULE,
    &version_comment_mismatch::RULE,
    &wildcard_requirement::RULE,
];
