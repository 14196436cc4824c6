//! Sections that only a gate has: what needs approval, and what the change takes away.

use super::paint::Paint;
use crate::audit::Audit;
use crate::report::escape::terminal as clean;
use crate::report::{Options, gate};

/// Lines of approvals on the first screen.
const APPROVALS: usize = 3;
/// Findings that the change takes away, on the first screen.
const FIXED: usize = 2;

/// What the change brings to excuse findings, by the line that somebody has to agree to.
pub(super) fn approvals(audit: &Audit, options: &Options<'_>, paint: Paint) -> Vec<String> {
    let Some(of) = &audit.gate else { return Vec::new() };
    let (open, agreed) = gate::approvals(of);
    let mut lines = Vec::new();
    let needs = (paint.red("NEEDS APPROVAL"), open, APPROVALS);
    for (title, list, room) in [needs, (paint.yellow("APPROVED"), agreed, 1)] {
        if list.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(title);
        let room = if options.all { list.len() } else { room };
        for approval in list.iter().take(room) {
            lines.push(format!(
                "   {}:{}    {} · {}",
                clean(&approval.path),
                approval.line,
                clean(&approval.text),
                clean(&gate::excuses(audit, approval))
            ));
        }
        let more = list.len().saturating_sub(room);
        if more > 0 {
            lines.push(format!("   and {more} more under --all"));
        }
    }
    lines
}

/// What the base has and the change takes away.
pub(super) fn fixed(audit: &Audit, options: &Options<'_>, paint: Paint) -> Vec<String> {
    let Some(of) = audit.gate.as_ref().filter(|g| !g.fixed.is_empty()) else { return Vec::new() };
    let mut lines = vec![String::new(), format!("{}  {}", paint.green("FIXED"), of.fixed.len())];
    let room = if options.all { of.fixed.len() } else { FIXED };
    for fixed in of.fixed.iter().take(room) {
        lines.push(format!("   {}    {}:{} of the base", clean(&fixed.message), clean(&fixed.path), fixed.line));
    }
    let more = of.fixed.len().saturating_sub(room);
    if more > 0 {
        lines.push(format!("   and {more} more under --all"));
    }
    lines
}
