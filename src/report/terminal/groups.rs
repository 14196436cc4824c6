//! Findings by group, for the first screen.

use std::collections::BTreeSet;

use super::paint::Paint;
use crate::audit::{Audit, Decision, Finding, Group};
use crate::report::escape::terminal as clean;
use crate::report::{Options, gate, snippet, tally};

/// Findings by group, as many lines of each as there is room for. What stands `between` comes after what blocks.
pub(super) fn groups(
    audit: &Audit,
    options: &Options<'_>,
    paint: Paint<'_>,
    (room, mut between): (usize, Vec<String>),
    lines: &mut Vec<String>,
) {
    let mut left = room;
    let mut number = 0;
    let total = audit.groups.len();
    for decision in [Decision::Block, Decision::Advise] {
        if decision == Decision::Advise {
            lines.append(&mut between);
        }
        let of: Vec<&Group> = audit.groups.iter().filter(|g| g.decision == decision).collect();
        if of.is_empty() || left < 4 {
            continue;
        }
        let title = if decision == Decision::Block { paint.red("BLOCK") } else { paint.yellow("ADVISE") };
        lines.push(String::new());
        lines.push(title);
        left = left.saturating_sub(2);
        // What advises always gets some of the screen, what blocks the rest.
        let reserve = if decision == Decision::Block && audit.groups.iter().any(|g| g.decision == Decision::Advise) {
            // The head of a gate is long, and what blocks matters more.
            if audit.gate.is_some() { (left / 3).min(8) } else { 8 }
        } else {
            0
        };
        for (index, group) in of.iter().enumerate() {
            let waiting = of.len() - index;
            let long = long(audit, group, number + 1, options, paint);
            let spare = left.saturating_sub(reserve);
            if long.len() + (waiting - 1).min(3) <= spare {
                left -= long.len();
                lines.extend(long);
            } else if spare > 1 || (waiting == 1 && spare > 0) {
                left -= 1;
                lines.extend(long.into_iter().take(1));
            } else {
                lines.push(format!("   and {waiting} more groups, all under --all"));
                left = left.saturating_sub(1);
                number += waiting;
                break;
            }
            number += 1;
        }
    }
    if number < total {
        lines.push(format!("   and {} more groups under --all", total - number));
    }
}

/// The groups of the first screen, by their numbers, which begin at one.
pub(super) fn numbered(audit: &Audit) -> Vec<&Group> {
    let of = |decision| audit.groups.iter().filter(move |g| g.decision == decision);
    of(Decision::Block).chain(of(Decision::Advise)).collect()
}

fn long(audit: &Audit, group: &Group, number: usize, options: &Options<'_>, paint: Paint<'_>) -> Vec<String> {
    let members: Vec<&Finding> = group.findings.iter().filter_map(|i| audit.findings.get(*i)).collect();
    let Some(first) = members.first() else { return Vec::new() };
    let mut lines = vec![format!("{number:<2} {}", paint.bold(&clean(&group.title)))];
    if group.lines.is_empty() {
        // One finding names its subject in the title; of several, the first names it here.
        let what = match (&first.subject, members.len()) {
            (Some(_), 2..) => subject(first),
            _ => clean(&first.label),
        };
        lines.push(format!("   {}    {what}", paint.place(&first.path, first.line)));
        lines.extend(route(first));
        if members.len() > 1 {
            lines.extend(others(&members, paint).map(|also| format!("   {also}")));
        }
    }
    // Where all of a group stand to the base in one way that is not simply new, that is worth a line.
    let remarks: BTreeSet<_> = members.iter().map(|f| gate::remark(f)).collect();
    if audit.gate.is_some() && remarks.len() == 1 {
        lines.extend(remarks.into_iter().flatten().map(|remark| format!("   {}", paint.dim(remark))));
    }
    lines.extend(group.lines.iter().map(|line| format!("   {}", clean(line))));
    if let Some(fix) = &group.fix {
        lines.push(format!("   {} {}", paint.green("fix:"), clean(fix)));
    }
    if options.snippets {
        for member in members.iter().take(5) {
            let shown = snippet::snippet(audit, member, options.colour);
            lines.extend(shown.iter().flat_map(|s| s.lines()).map(|line| format!("   {line}")));
        }
    }
    lines
}

/// The other members of a group, by what they are about and where; none where all say the same.
fn others(members: &[&Finding], paint: Paint<'_>) -> Option<String> {
    // Two flaws of one package stand at one line; naming it again says nothing.
    let told = |f: &Finding| (f.path.clone(), f.line, subject(f));
    let mut seen = BTreeSet::from([told(members[0])]);
    let rest: Vec<&Finding> = members[1..].iter().copied().filter(|f| seen.insert(told(f))).collect();
    if rest.is_empty() {
        return None;
    }
    let names: Vec<String> = rest
        .iter()
        .take(3)
        .map(|f| {
            let what = subject(f);
            let space = if what.is_empty() { "" } else { " " };
            let place = format!("{}:{}", clean(f.path.rsplit('/').next().unwrap_or(&f.path)), f.line);
            format!("{what}{space}{}", paint.linked(&f.path, f.line, &place))
        })
        .collect();
    let more = rest.len().saturating_sub(3);
    Some(format!("also {}{}", names.join(", "), if more > 0 { format!(" and {more} more") } else { String::new() }))
}

/// Name and version of what a finding is about; empty where it is about nothing that has a name.
fn subject(finding: &Finding) -> String {
    finding.subject.as_ref().map_or_else(String::new, |s| match &s.version {
        Some(version) => format!("{}@{}", clean(&s.name), clean(&short(version))),
        None => clean(&s.name),
    })
}

fn short(version: &str) -> String {
    if version.len() >= 40 && version.bytes().all(|b| b.is_ascii_hexdigit()) {
        version[..7].to_owned()
    } else {
        version.to_owned()
    }
}

pub(super) fn route(finding: &Finding) -> Option<String> {
    tally::route(finding).map(|route| format!("   {}", clean(&route)))
}
