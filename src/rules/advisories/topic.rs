//! The advisory behind a finding, as every rule of the family tells it.

use crate::advisory::{FixedIn, Match};
use crate::diag::Topic;

/// What is told of a flaw, with the version that fixes it.
pub(super) fn topic(flaw: &Match) -> Topic {
    let upgrade = match &flaw.fixed {
        Some(FixedIn::At(version)) => Some(version.clone()),
        _ => None,
    };
    Topic {
        id: flaw.id.clone(),
        aliases: flaw.aliases.clone(),
        score: flaw.score.as_ref().map(|s| s.value),
        fixed: flaw.patched.clone(),
        upgrade,
        title: flaw.title(),
    }
}
