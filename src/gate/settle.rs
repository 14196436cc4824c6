//! What follows from the states: decisions, groups and the verdict.

use crate::audit::Audit;
use crate::config::Effective;

/// Decides by state, as the policy says.
pub fn settle(_audit: &mut Audit, _policy: &Effective) {}
