//! Sections that only a gate has: what needs approval, and what the change takes away.

use super::paint::Paint;
use crate::audit::Audit;
use crate::report::escape::terminal as clean;
use crate::report::{Options, gate};

/// Lines of what needs approval on the first screen.
const OPEN: usize = 3;
/// The same, of what somebody agreed to.
const AGREED: usize = 1;
/// Findings that the change takes away, on the first screen.
const FIXED: usize = 5;

/// What the change brings to excuse findings, by the line that somebody has to agree to.
pub(super) fn approvals(audit: &Audit, options: &Options<'_>, paint: Paint<'_>) -> Vec<String> {
    let Some(of) = &audit.gate else { return Vec::new() };
    let (open, agreed) = gate::approvals(of);
    if open.is_empty() && agreed.is_empty() {
        return Vec::new();
    }
    let title = if open.is_empty() { paint.yellow("APPROVED") } else { paint.red("NEEDS APPROVAL") };
    let mut lines = vec![String::new(), title];
    let mut more = 0;
    for (list, room) in [(open, OPEN), (agreed, AGREED)] {
        let room = if options.all { list.len() } else { room };
        lines.extend(list.iter().take(room).map(|approval| {
            format!(
                "   {}    {} · {}",
                paint.place(&approval.path, approval.line),
                clean(&approval.text),
                clean(&gate::excuses(audit, approval))
            )
        }));
        more += list.len().saturating_sub(room);
    }
    if more > 0 {
        lines.push(format!("   and {more} more under --all"));
    }
    lines
}

/// Lines that the shortest list of what is fixed needs.
pub(super) fn least_fixed(audit: &Audit) -> usize {
    audit.gate.as_ref().map_or(0, |of| if of.fixed.is_empty() { 0 } else { 2 + of.fixed.len().min(2) })
}

/// What the base has and the change takes away, in so many lines.
pub(super) fn fixed(audit: &Audit, options: &Options<'_>, paint: Paint<'_>, room: usize) -> Vec<String> {
    let Some(of) = audit.gate.as_ref().filter(|g| !g.fixed.is_empty()) else { return Vec::new() };
    let mut lines = vec![String::new(), format!("{}  {}", paint.green("FIXED"), of.fixed.len())];
    let rows = room.saturating_sub(2);
    let rows = match of.fixed.len() {
        all if options.all => all,
        all if all <= rows.min(FIXED) => all,
        // The last line says how many are left out.
        _ => rows.saturating_sub(1).min(FIXED),
    };
    for fixed in of.fixed.iter().take(rows) {
        lines.push(format!("   {}    {}:{} of the base", clean(&fixed.message), clean(&fixed.path), fixed.line));
    }
    let more = of.fixed.len().saturating_sub(rows);
    if more > 0 {
        lines.push(format!("   and {more} more under --all"));
    }
    lines
}
