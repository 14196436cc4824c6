//! What is known to be bad.

mod compromised_action;
mod exposed_requirement;
mod hits;
mod malicious_crate;
mod malicious_distribution;
mod noticed_crate;
mod releases;
mod unmaintained_crate;
mod unsound_crate;
mod vulnerable_action;
mod vulnerable_crate;
mod vulnerable_distribution;
mod vulnerable_toolchain;

pub(super) use releases::{route, speaker};

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "advisories", title: "What is known to be bad", rules: RULES };

static RULES: &[&Rule] = &[
    &compromised_action::RULE,
    &exposed_requirement::RULE,
    &malicious_crate::RULE,
    &malicious_distribution::RULE,
    &noticed_crate::RULE,
    &unmaintained_crate::RULE,
    &unsound_crate::RULE,
    &vulnerable_action::RULE,
    &vulnerable_crate::RULE,
    &vulnerable_distribution::RULE,
    &vulnerable_toolchain::RULE,
];
