//! What the tree's own `custody.toml` does not allow, and what is to be said of its waivers.

mod denied_duplicate;
mod expired_waiver;
mod expiring_waiver;
mod forbidden_action;
mod unjustified_waiver;
mod unlisted_build_code;
mod unlisted_licence;
mod unused_waiver;
mod waivers;

use super::{Family, Rule};

pub(crate) use waivers::{Around, Entry, of_waivers};

/// The family.
pub static FAMILY: Family = Family { id: "policy", title: "What the tree's own policy does not allow", rules: RULES };

static RULES: &[&Rule] = &[
    &denied_duplicate::RULE,
    &expired_waiver::RULE,
    &expiring_waiver::RULE,
    &forbidden_action::RULE,
    &unjustified_waiver::RULE,
    &unlisted_build_code::RULE,
    &unlisted_licence::RULE,
    &unused_waiver::RULE,
];
