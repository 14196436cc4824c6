//! The first screen: verdict and coverage first, then what blocks, what advises, what is right,
//! and something to type. At most forty lines; `--all` leaves nothing out.
//!
//! Of a gate it shows what the change brings, what it takes away and what needs somebody's approval; what stood there
//! before is a number, and told under `--all`.

mod all;
mod brought;
mod explained;
mod groups;
mod head;
mod paint;

use std::io::{self, Write};

use super::escape::{line as guarded, terminal as clean};
use super::{Options, gate};
use crate::audit::Audit;
pub(super) use explained::{explain_findings, explain_group, groups_shown};
use paint::{Paint, cut, visible};

/// Lines of the first screen.
const SCREEN: usize = 40;
/// Lines of the last part: good and next.
const FOOT: usize = 4;

pub(super) fn render(audit: &Audit, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let paint = paint_of(options);
    let mut lines = head::head(audit, options, paint);
    let approvals = brought::approvals(audit, options, paint);
    if options.all {
        all::all(audit, options, paint, approvals, &mut lines);
        lines.extend(brought::fixed(audit, options, paint, usize::MAX));
    } else {
        let least = brought::least_fixed(audit);
        let room = SCREEN.saturating_sub(lines.len() + FOOT + approvals.len() + least);
        let room = if options.snippets { usize::MAX } else { room };
        groups::groups(audit, options, paint, (room, approvals), &mut lines);
        let left = SCREEN.saturating_sub(lines.len() + FOOT).max(least);
        lines.extend(brought::fixed(audit, options, paint, left));
    }
    foot(audit, options, paint, &mut lines);
    for line in lines {
        let line = match options.width {
            Some(width) if !options.all => cut(&line, width),
            _ => line,
        };
        // Logs of CI obey lines that begin in a certain way.
        writeln!(out, "{}", guarded(&line))?;
    }
    Ok(())
}

fn paint_of<'a>(options: &Options<'a>) -> Paint<'a> {
    Paint { on: options.colour, root: options.links }
}

fn foot(audit: &Audit, options: &Options<'_>, paint: Paint<'_>, lines: &mut Vec<String>) {
    lines.push(String::new());
    // Of a change it is not asked what else is right.
    if audit.gate.is_none() && !audit.good.is_empty() {
        let good: Vec<_> = audit.good.iter().map(|g| clean(g)).collect();
        lines.push(format!("{}  {}", paint.green("GOOD"), good.join(" · ")));
    }
    let mut next = String::new();
    for words in commands(audit, options) {
        let joined = if next.is_empty() { words } else { format!("{next} · {words}") };
        // Half a command is of no use; the first is the one to type.
        let fits = options.width.is_none_or(|width| visible(&joined) + 6 <= width);
        if next.is_empty() || fits {
            next = joined;
        }
    }
    lines.push(format!("{}  {next}", paint.bold("NEXT")));
}

/// What to type next, the most useful first.
fn commands(audit: &Audit, options: &Options<'_>) -> Vec<String> {
    let call = if options.as_cargo { "cargo custody" } else { "cargo-custody" };
    let again = options.again.unwrap_or_default();
    let compare = again.compare;
    let folder = again.place.map(|place| format!(" {place}")).unwrap_or_default();
    let tree = again.place.map(|place| format!(" --tree {place}")).unwrap_or_default();
    let mut next = Vec::new();
    let first = groups::numbered(audit).first().and_then(|g| g.findings.first()).and_then(|i| audit.findings.get(*i));
    if let Some(first) = first {
        next.push(match options.again {
            Some(again) if again.has_numbers => format!("{call} explain 1{tree}{compare}"),
            _ => format!("{call} explain {}", clean(&first.rule)),
        });
    }
    let fixable = audit.findings.iter().filter(|f| !f.fix.is_empty() && gate::is_told(audit, f)).count();
    if fixable > 0 {
        next.push(format!("{call} fix{folder} ({fixable} can be put right)"));
    }
    let audit_again = match (folder.as_str(), compare) {
        ("", compare) => format!("{call}{compare}"),
        (folder, compare) => format!("{call} audit{folder}{compare}"),
    };
    if !options.all {
        next.push(format!("{audit_again} --all"));
    }
    if !options.snippets {
        next.push(format!("{audit_again} -v"));
    }
    next
}
