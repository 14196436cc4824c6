//! What runs without having been verified.

mod added_package_source;
mod adhoc_package;
mod advice;
mod asked_for;
mod broad_apt_key;
mod build_code_fetches;
mod building;
mod clones;
pub(super) mod committed_binary;
mod declared;
mod download;
mod download_then_execute;
mod fetch_to_interpreter;
mod floating_toolchain;
mod followed;
mod ignored_verification;
mod install_scripts;
mod known_versions;
mod lock_files;
mod mutable_url;
mod prebuilt_binary;
mod released;
mod remote_manifest;
mod tools;
mod uncompared_digest;
mod unhashed_bazel_archive;
mod unhashed_cmake_fetch;
mod unhashed_install;
mod unhashed_meson_wrap;
mod unlocked_cargo_install;
mod unlocked_go_install;
mod unlocked_install;
mod unlocked_npm_install;
pub(super) mod unpinned_hub_download;
mod unpinned_signer;
mod unverified_add;
mod unverified_git_clone;
mod unversioned_system_package;
mod verification_disabled;
mod weak_verification;

use super::{Family, Rule};

pub(super) use known_versions::of_distribution as known_distribution;
pub(super) use unlocked_npm_install::is_open as is_open_npm;

/// The family.
pub static FAMILY: Family = Family { id: "build-steps", title: "What runs without having been verified", rules: RULES };

static RULES: &[&Rule] = &[
    &added_package_source::RULE,
    &adhoc_package::RULE,
    &broad_apt_key::RULE,
    &build_code_fetches::RULE,
    &committed_binary::RULE,
    &download_then_execute::RULE,
    &fetch_to_interpreter::RULE,
    &floating_toolchain::RULE,
    &ignored_verification::RULE,
    &install_scripts::RULE,
    &mutable_url::RULE,
    &prebuilt_binary::RULE,
    &remote_manifest::RULE,
    &uncompared_digest::RULE,
    &unhashed_bazel_archive::RULE,
    &unhashed_cmake_fetch::RULE,
    &unhashed_install::RULE,
    &unhashed_meson_wrap::RULE,
    &unlocked_cargo_install::RULE,
    &unlocked_go_install::RULE,
    &unlocked_install::RULE,
    &unlocked_npm_install::RULE,
    &unpinned_hub_download::RULE,
    &unpinned_signer::RULE,
    &unverified_add::RULE,
    &unverified_git_clone::RULE,
    &unversioned_system_package::RULE,
    &verification_disabled::RULE,
    &weak_verification::RULE,
];
