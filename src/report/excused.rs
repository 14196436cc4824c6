//! Which findings something excuses: formats that have no word for it leave them out.

use crate::audit::{Finding, State};

/// Whether something in force excuses a finding. What only waits for approval does not.
pub(super) fn is_excused(finding: &Finding) -> bool {
    finding.state == State::Suppressed || (finding.waived_by.is_some() && finding.state != State::NeedsApproval)
}
