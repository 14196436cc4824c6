//! The first screen: verdict and coverage first, then what blocks, what advises, what is right,
//! and something to type. At most forty lines; `--all` leaves nothing out.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::{line as guarded, terminal as clean};
use super::{Options, snippet, tally};
use crate::audit::{Audit, Decision, Finding, Group, Status, Verdict};

/// Lines of the first screen.
const SCREEN: usize = 40;
/// Lines of the last part: good and next.
const FOOT: usize = 4;
/// Days after which the index's age is worth a colour.
const OLD: i64 = 90;

pub(super) fn render(audit: &Audit, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let paint = Paint { on: options.colour };
    let mut lines = head(audit, options, paint);
    if options.all {
        all(audit, options, paint, &mut lines);
    } else {
        let room = SCREEN.saturating_sub(lines.len() + FOOT);
        let room = if options.snippets { usize::MAX } else { room };
        groups(audit, options, paint, room, &mut lines);
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

#[derive(Clone, Copy)]
struct Paint {
    on: bool,
}

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }
    fn dim(self, text: &str) -> String {
        self.with("2", text)
    }
    fn red(self, text: &str) -> String {
        self.with("1;31", text)
    }
    fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }
    fn green(self, text: &str) -> String {
        self.with("1;32", text)
    }
}

fn head(audit: &Audit, options: &Options<'_>, paint: Paint) -> Vec<String> {
    let called = audit.name.as_deref().or(options.folder).unwrap_or("audit");
    let mut first = paint.bold(&clean(called));
    if let Some(commit) = &audit.commit {
        let _ = write!(first, " @ {}", clean(commit.get(..7).unwrap_or(commit)));
    }
    let time = options.elapsed.map(|t| format!("{:.2} s · ", t.as_secs_f64())).unwrap_or_default();
    let executed = if audit.coverage.asked_cargo { "nothing of it executed, cargo asked" } else { "nothing executed" };
    let net = clean(&tally::net(audit));
    let _ = write!(first, "    {}", paint.dim(&format!("{time}{net} · {executed}")));
    let mut lines = vec![first, verdict(audit, options, paint)];
    lines.extend(coverage(audit, paint));
    lines.extend(tally::evidence(audit).map(|text| clean(&text)));
    lines.push(knowledge(audit, paint));
    lines.extend(tally::excused(audit).map(|text| {
        let told = if options.all { "" } else { "; told under --all" };
        format!("{}{told}", paint.yellow(&text))
    }));
    lines
}

fn verdict(audit: &Audit, options: &Options<'_>, paint: Paint) -> String {
    let word = match audit.judged() {
        Verdict::Pass => paint.green("PASS"),
        Verdict::Fail => paint.red("FAIL"),
        Verdict::Incomplete => paint.yellow("INCOMPLETE"),
    };
    let policy = clean(&audit.policy);
    let mut line = if options.all {
        let count = |d| audit.decided(d).count();
        let (block, advise, note) = (count(Decision::Block), count(Decision::Advise), count(Decision::Note));
        format!("{word}  {block} block ({policy}) · {advise} advise · {note} note")
    } else {
        // The numbers are those of the lines below: ninety-six advisories of one lock are one.
        let count = |d| audit.groups.iter().filter(|g| g.decision == d).count();
        let (block, advise) = (count(Decision::Block), count(Decision::Advise));
        let findings = audit.findings.len();
        let all = match findings {
            0 => String::new(),
            1 => " · 1 finding, told whole under --all".to_owned(),
            n => format!(" · {n} findings, one by one under --all"),
        };
        format!("{word}  {block} block ({policy}) · {advise} advise{all}")
    };
    if !audit.complete && audit.judged() == Verdict::Fail {
        line.push_str(&format!(" · {}", paint.yellow("incomplete")));
    }
    line
}

fn coverage(audit: &Audit, paint: Paint) -> Vec<String> {
    let files = &audit.coverage.files;
    let due: Vec<_> = files.iter().filter(|f| f.status != Status::Skipped).collect();
    let read = due.iter().filter(|f| f.status == Status::Read).count();
    let skipped = files.len() - due.len();
    let mut line = format!("Read {read}/{} manifests, locks, configs, workflows, Dockerfiles, scripts", due.len());
    if skipped > 0 {
        let _ = write!(line, " · {skipped} skipped");
    }
    let mut lines = Vec::new();
    let lost: Vec<_> = due.iter().filter(|f| f.status != Status::Read && f.counts).collect();
    let aside = due.iter().filter(|f| f.status != Status::Read && !f.counts).count();
    if aside > 0 {
        let _ = write!(line, " · {aside} broken fixture{} set aside", if aside == 1 { "" } else { "s" });
    }
    lines.push(line);
    if !lost.is_empty() {
        let named: Vec<_> = lost
            .iter()
            .take(2)
            .map(|f| format!("{} ({})", clean(&f.path), clean(f.why.as_deref().unwrap_or(""))))
            .collect();
        let more = if lost.len() > 2 { format!(" and {} more", lost.len() - 2) } else { String::new() };
        lines.push(format!("{} {}{more}", paint.yellow("Could not read:"), named.join(", ")));
    }
    let folders: Vec<_> = audit.coverage.passed_over.iter().filter(|p| p.counts).collect();
    if let Some(first) = folders.first() {
        let more = if folders.len() > 1 { format!(" and {} more", folders.len() - 1) } else { String::new() };
        lines.push(format!(
            "{} {} ({}){more}",
            paint.yellow("Could not look at:"),
            clean(&first.path),
            clean(&first.why)
        ));
    }
    let untold: Vec<&str> =
        tally::missing(audit).into_iter().filter(|(of, _)| of.is_empty()).map(|(_, why)| why).collect();
    if let Some(first) = untold.first() {
        let more = if untold.len() > 1 { format!(" and {} more", untold.len() - 1) } else { String::new() };
        lines.push(format!("{} {}{more}", paint.yellow("Could not tell:"), clean(first)));
    }
    if !audit.coverage.out_of_scope.is_empty() {
        let parts: Vec<_> = audit.coverage.out_of_scope.iter().map(|(name, n)| format!("{name} {n}")).collect();
        lines.push(format!("Out of scope: {}", clean(&parts.join(", "))));
    }
    if !audit.coverage.not_auditable.is_empty() {
        let parts: Vec<_> = tally::apart(audit).into_iter().map(|(what, count)| format!("{count} {what}")).collect();
        lines.push(format!("No advisories for: {}", clean(&parts.join(", "))));
    }
    lines
}

fn knowledge(audit: &Audit, paint: Paint) -> String {
    let parts: Vec<_> = tally::known(audit)
        .iter()
        .map(|k| {
            let age = format!("{} ({} days old)", clean(k.as_of), k.age_days);
            let age = if k.age_days > OLD { paint.yellow(&age) } else { age };
            format!("{} {age}", clean(k.ecosystem))
        })
        .collect();
    let parts = if parts.is_empty() { "none".to_owned() } else { parts.join(", ") };
    // The embedded index is the rule, and is known by its digest.
    let which = match audit.knowledge.index.as_str() {
        "embedded" => String::new(),
        other => format!("{} ", clean(other)),
    };
    format!("Advisories: {parts} · {which}index {}", clean(audit.knowledge.digest.get(..12).unwrap_or("")))
}

fn groups(audit: &Audit, options: &Options<'_>, paint: Paint, room: usize, lines: &mut Vec<String>) {
    let mut left = room;
    let mut number = 0;
    let total = audit.groups.len();
    for decision in [Decision::Block, Decision::Advise] {
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
            8
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

fn long(audit: &Audit, group: &Group, number: usize, options: &Options<'_>, paint: Paint) -> Vec<String> {
    let members: Vec<&Finding> = group.findings.iter().filter_map(|i| audit.findings.get(*i)).collect();
    let Some(first) = members.first() else { return Vec::new() };
    let mut lines = vec![format!("{number:<2} {}", paint.bold(&clean(&group.title)))];
    if group.lines.is_empty() {
        // One finding names its subject in the title; of several, the first names it here.
        let what = match (&first.subject, members.len()) {
            (Some(_), 2..) => subject(first),
            _ => clean(&first.label),
        };
        lines.push(format!("   {}:{}    {what}", clean(&first.path), first.line));
        lines.extend(route(first));
        if members.len() > 1 {
            lines.extend(others(&members).map(|also| format!("   {also}")));
        }
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
fn others(members: &[&Finding]) -> Option<String> {
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
            format!("{what}{space}{}:{}", clean(f.path.rsplit('/').next().unwrap_or(&f.path)), f.line)
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

fn route(finding: &Finding) -> Option<String> {
    tally::route(finding).map(|route| format!("   {}", clean(&route)))
}

fn all(audit: &Audit, options: &Options<'_>, paint: Paint, lines: &mut Vec<String>) {
    for (decision, title) in [
        (Decision::Block, paint.red("BLOCK")),
        (Decision::Advise, paint.yellow("ADVISE")),
        (Decision::Note, paint.bold("NOTE")),
    ] {
        let of: Vec<&Finding> = audit.decided(decision).collect();
        if of.is_empty() {
            continue;
        }
        lines.push(String::new());
        lines.push(format!("{title}  {}", of.len()));
        for finding in of {
            full(audit, finding, options, paint, lines);
        }
    }
    lines.push(String::new());
    lines.push(paint.bold("COVERAGE"));
    for file in audit.coverage.files.iter().filter(|f| f.status != Status::Read) {
        let status = match file.status {
            Status::Partial => "in part",
            Status::Unread => "unread",
            Status::Skipped | Status::Read => "skipped",
        };
        let aside = if file.counts || file.status == Status::Skipped { "" } else { ", set aside" };
        lines.push(format!(
            "   {status:<8} {} ({}){aside}: {}",
            clean(&file.path),
            file.role.as_str(),
            clean(file.why.as_deref().unwrap_or(""))
        ));
    }
    for gap in &audit.coverage.gaps {
        lines.push(format!("   gap      {}:{}: {}", clean(&gap.path), gap.line, clean(&gap.why)));
    }
    for passed in &audit.coverage.passed_over {
        lines.push(format!("   passed   {}: {}", clean(&passed.path), clean(&passed.why)));
    }
    for unknown in &audit.coverage.unknown {
        lines.push(format!("   unknown  {}", clean(unknown)));
    }
    for apart in &audit.coverage.not_auditable {
        let more = if apart.names.len() < apart.count { " and more" } else { "" };
        let names = clean(&apart.names.join(", "));
        let line = apart.because.as_ref().map(|at| format!(" ({}:{})", clean(&at.path), at.line)).unwrap_or_default();
        lines.push(format!("   apart    {} {}{line}: {names}{more}", apart.count, clean(&apart.what)));
        if let Some(hint) = &apart.hint {
            lines.push(format!("            {}", clean(hint)));
        }
    }
    let read = audit.coverage.files.iter().filter(|f| f.status == Status::Read).count();
    lines.push(format!("   read     {read} files in full"));
}

fn full(audit: &Audit, finding: &Finding, options: &Options<'_>, paint: Paint, lines: &mut Vec<String>) {
    lines.push(String::new());
    lines.push(format!("{}  {}", paint.bold(&clean(&finding.rule)), clean(&finding.message)));
    lines.push(format!("   {}:{}:{}    {}", clean(&finding.path), finding.line, finding.column, clean(&finding.label)));
    let mut facts = format!(
        "{} severity, {} confidence, {}",
        finding.severity.as_str(),
        finding.confidence.as_str(),
        finding.role.as_str()
    );
    if let Some(because) = &finding.because {
        let _ = write!(facts, "; blocks: {}", clean(because));
    }
    lines.push(format!("   {}", paint.dim(&facts)));
    if let Some(title) = tally::published_title(finding) {
        lines.push(format!("   {}", clean(title)));
    }
    lines.extend(route(finding));
    if finding.places.len() > 1 {
        let places: Vec<_> = finding.places.iter().skip(1).map(|p| format!("{}:{}", clean(&p.path), p.line)).collect();
        lines.push(format!("   also at {}", places.join(", ")));
    }
    for related in &finding.related {
        lines.push(format!("   see {}:{}    {}", clean(&related.path), related.line, clean(&related.why)));
    }
    for evidence in &finding.evidence {
        lines.push(format!("   rests on {}", clean(evidence)));
    }
    for advice in &finding.advice {
        lines.push(format!("   {} {}", paint.green("fix:"), clean(advice)));
    }
    lines.push(format!("   {}", paint.dim(&clean(&finding.fingerprint))));
    if options.snippets {
        let shown = snippet::snippet(audit, finding, options.colour);
        lines.extend(shown.iter().flat_map(|s| s.lines()).map(|line| format!("   {line}")));
    }
}

fn foot(audit: &Audit, options: &Options<'_>, paint: Paint, lines: &mut Vec<String>) {
    lines.push(String::new());
    if !audit.good.is_empty() {
        let good: Vec<_> = audit.good.iter().map(|g| clean(g)).collect();
        lines.push(format!("{}  {}", paint.green("GOOD"), good.join(" · ")));
    }
    let call = if options.as_cargo { "cargo custody" } else { "cargo-custody" };
    let mut next = Vec::new();
    if let Some(first) = audit.groups.first().and_then(|g| g.findings.first()).and_then(|i| audit.findings.get(*i)) {
        next.push(format!("{call} explain {}", clean(&first.rule)));
    }
    let fixable = audit.findings.iter().filter(|f| !f.fix.is_empty()).count();
    if fixable > 0 {
        next.push(format!("{call} fix ({fixable} can be put right)"));
    }
    if !options.all {
        next.push(format!("{call} --all"));
    }
    if !options.snippets {
        next.push(format!("{call} -v"));
    }
    lines.push(format!("{}  {}", paint.bold("NEXT"), next.join(" · ")));
}

/// Cuts a line to a width, escape sequences not counted.
fn cut(line: &str, width: usize) -> String {
    let mut out = String::new();
    let mut shown = 0;
    let mut chars = line.chars().peekable();
    let total = visible(line);
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            out.push(c);
            for c in chars.by_ref() {
                out.push(c);
                if c == 'm' {
                    break;
                }
            }
            continue;
        }
        if shown + 1 >= width && total > width {
            out.push('…');
            if line.contains('\u{1b}') {
                out.push_str("\u{1b}[0m");
            }
            return out;
        }
        out.push(c);
        shown += 1;
    }
    out
}

fn visible(line: &str) -> usize {
    let mut count = 0;
    let mut in_escape = false;
    for c in line.chars() {
        match c {
            '\u{1b}' => in_escape = true,
            'm' if in_escape => in_escape = false,
            _ if in_escape => {}
            _ => count += 1,
        }
    }
    count
}
