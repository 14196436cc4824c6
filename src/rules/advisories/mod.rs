//! What is known to be bad.

mod compromised_action;
mod hits;
mod malicious_crate;
mod noticed_crate;
mod unmaintained_crate;
mod unsound_crate;
mod vulnerable_action;
mod vulnerable_crate;
mod vulnerable_toolchain;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family { id: "advisories", title: "What is known to be bad", rules: RULES };

static RULES: &[&Rule] = &[
    &compromised_action::RULE,
    &malicious_crate::RULE,
    &noticed_crate::RULE,
    &unmaintained_crate::RULE,
    &unsound_crate::RULE,
    &vulnerable_action::RULE,
    &vulnerable_crate::RULE,
    &vulnerable_toolchain::RULE,
];
