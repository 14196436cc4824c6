//! What runs without having been verified.

mod adhoc_package;
mod asked_for;
mod broad_apt_key;
mod build_code_fetches;
mod building;
mod clones;
mod committed_binary;
mod declared;
mod download;
mod download_then_execute;
mod fetch_to_interpreter;
mod ignored_verification;
mod mutable_url;
mod prebuilt_binary;
mod tools;
mod unhashed_bazel_archive;
mod unhashed_cmake_fetch;
mod unhashed_meson_wrap;
mod unlocked_cargo_install;
mod unlocked_go_install;
mod unlocked_npm_install;
mod unverified_add;
mod unverified_git_clone;
mod verification_disabled;

use super::{Family, Rule};

pub(super) use unlocked_npm_install::is_open as is_open_npm;

/// The family.
pub static FAMILY: Family = Family { id: "build-steps", title: "What runs without having been verified", rules: RULES };

static RULES: &[&Rule] = &[
    &adhoc_package::RULE,
    &broad_apt_key::RULE,
    &build_code_fetches::RULE,
    &committed_binary::RULE,
    &download_then_execute::RULE,
    &fetch_to_interpreter::RULE,
    &ignored_verification::RULE,
    &mutable_url::RULE,
    &prebuilt_binary::RULE,
    &unhashed_bazel_archive::RULE,
    &unhashed_cmake_fetch::RULE,
    &unhashed_meson_wrap::RULE,
    &unlocked_cargo_install::RULE,
    &unlocked_go_install::RULE,
    &unlocked_npm_install::RULE,
    &unverified_add::RULE,
    &unverified_git_clone::RULE,
    &verification_disabled::RULE,
];
