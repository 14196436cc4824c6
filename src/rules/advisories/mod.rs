//! What is known to be bad.

mod blinding_setting;
mod compromised_action;
mod compromised_image;
mod dead_ignore;
mod expired_ignore;
mod exposed_requirement;
mod hits;
mod ignoring;
mod malicious_crate;
mod malicious_distribution;
mod malicious_name;
mod noticed_crate;
pub(in crate::rules) mod releases;
mod topic;
mod unexplained_ignore;
mod unmaintained_crate;
mod unsound_crate;
mod vulnerable_action;
mod vulnerable_crate;
mod vulnerable_distribution;
mod vulnerable_toolchain;
mod yanked_crate;

pub(super) use releases::{route, speaker};

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "advisories", title: "What is known to be bad", rules: RULES };

static RULES: &[&Rule] = &[
    &blinding_setting::RULE,
    &compromised_action::RULE,
    &compromised_image::RULE,
    &dead_ignore::RULE,
    &expired_ignore::RULE,
    &exposed_requirement::RULE,
    &malicious_crate::RULE,
    &malicious_distribution::RULE,
    &malicious_name::RULE,
    &noticed_crate::RULE,
    &unexplained_ignore::RULE,
    &unmaintained_crate::RULE,
    &unsound_crate::RULE,
    &vulnerable_action::RULE,
    &vulnerable_crate::RULE,
    &vulnerable_distribution::RULE,
    &vulnerable_toolchain::RULE,
    &yanked_crate::RULE,
];
