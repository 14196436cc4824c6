//! What only the comparison of two trees shows.

use super::{Family, Rule};

/// The family.
pub static FAMILY: Family =
    Family { id: "changes", title: "What a change does that no single tree shows", rules: RULES };

static RULES: &[&Rule] = &[];
