//! What is known to be bad.

mod hits;
mod malicious_crate;
mod noticed_crate;
mod unmaintained_crate;
mod unsound_crate;
mod vulnerable_crate;
mod vulnerable_toolchain;

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family = Family {
    id: "advisories",
    title: "What is known to be bad",
    rules: RULES,
};

static RULES: &[&Rule] = &[
    &malicious_crate::RULE,
    &noticed_crate::RULE,
    &unmaintained_crate::RULE,
    &unsound_crate::RULE,
    &vulnerable_crate::RULE,
    &vulnerable_toolchain::RULE,
];
