//! The lines before the findings: verdict, what was compared, coverage, knowledge.

use std::fmt::Write as _;

use super::paint::Paint;
use crate::audit::{Audit, Decision, Status, Verdict};
use crate::report::escape::terminal as clean;
use crate::report::{Options, gate, tally};

/// Days after which the index's age is worth a colour.
const OLD: i64 = 90;

/// Verdict, coverage and knowledge: what is to be read before anything else.
pub(super) fn head(audit: &Audit, options: &Options<'_>, paint: Paint<'_>) -> Vec<String> {
    let called = audit.name.as_deref().or(options.folder).unwrap_or("audit");
    let mut first = paint.bold(&clean(called));
    if let Some(commit) = &audit.commit {
        let _ = write!(first, " @ {}", clean(commit.get(..7).unwrap_or(commit)));
    }
    let time = options.elapsed.map(|t| format!("{:.2} s · ", t.as_secs_f64())).unwrap_or_default();
    let executed = if audit.coverage.asked_cargo { "nothing of it executed, cargo asked" } else { "nothing executed" };
    let net = clean(&tally::net(audit));
    let _ = write!(first, "    {}", paint.dim(&format!("{time}{net} · {executed}")));
    let mut lines = vec![first];
    if let Some(of) = &audit.gate {
        // Before the verdict: nobody should read on without it.
        lines.extend(gate::forced(of).map(|text| paint.red(&clean(&text))));
        lines.push(verdict(audit, options, paint));
        lines.push(format!("Compared: {}", clean(&gate::compared(of))));
        lines.push(format!("Findings: {}", clean(&gate::counts(audit, of))));
        lines.extend(gate::baseline(of).map(|text| format!("Baseline: {}", clean(&text))));
    } else {
        lines.push(verdict(audit, options, paint));
    }
    lines.extend(services(audit, options, paint));
    lines.extend(coverage(audit, paint));
    lines.extend(tally::evidence(audit).map(|text| clean(&text)));
    lines.push(knowledge(audit, paint));
    // A gate counts them among its states.
    let excused = tally::excused(audit).filter(|_| options.all || audit.gate.is_none());
    lines.extend(excused.map(|text| {
        let told = if options.all { "" } else { "; told under --all" };
        format!("{}{told}", paint.yellow(&text))
    }));
    lines
}

fn verdict(audit: &Audit, options: &Options<'_>, paint: Paint<'_>) -> String {
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

/// Parts of a monorepo: those that do not pass are named, the rest is counted.
fn services(audit: &Audit, options: &Options<'_>, paint: Paint<'_>) -> Vec<String> {
    let of = &audit.services;
    if options.all {
        return of.iter().map(|s| format!("Service: {}", clean(&gate::service(s)))).collect();
    }
    let fails: Vec<_> = of.iter().filter(|s| s.verdict != Verdict::Pass).collect();
    let mut parts: Vec<String> = fails.iter().take(3).map(|s| clean(&gate::service(s))).collect();
    let more = fails.len().saturating_sub(3);
    if more > 0 {
        parts.push(paint.yellow(&format!("{more} more that do not pass")));
    }
    let passes: Vec<_> = of.iter().filter(|s| s.verdict == Verdict::Pass).collect();
    match passes.as_slice() {
        [] => {}
        [one] => parts.push(format!("{} PASS", clean(&one.name))),
        more => parts.push(format!("{} others PASS", more.len())),
    }
    if parts.is_empty() { Vec::new() } else { vec![format!("Services: {}", parts.join(" · "))] }
}

fn coverage(audit: &Audit, paint: Paint<'_>) -> Vec<String> {
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
    let left: Vec<_> = due.iter().filter(|f| f.status != Status::Read && !f.counts).collect();
    // A gate is not held against what the change did not touch.
    let untouched = left.iter().filter(|f| audit.gate.is_some() && !f.role.is_set_aside()).count();
    if untouched > 0 {
        let _ = write!(line, " · {untouched} not read before either");
    }
    let aside = left.len() - untouched;
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
    if let Some(first) = audit.coverage.unknown_before.first() {
        let more = audit.coverage.unknown_before.len() - 1;
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("The base could not tell either: {}{more}", clean(first)));
    }
    let mut aside = Vec::new();
    if !audit.coverage.out_of_scope.is_empty() {
        let parts: Vec<_> = audit.coverage.out_of_scope.iter().map(|(name, n)| format!("{name} {n}")).collect();
        aside.push(format!("Out of scope: {}", clean(&parts.join(", "))));
    }
    if !audit.coverage.not_auditable.is_empty() {
        let parts: Vec<_> = tally::apart(audit).into_iter().map(|(what, count)| format!("{count} {what}")).collect();
        aside.push(format!("No advisories for: {}", clean(&parts.join(", "))));
    }
    if audit.gate.is_some() && !aside.is_empty() {
        aside = vec![aside.join(" · ")];
    }
    lines.extend(aside);
    lines
}

fn knowledge(audit: &Audit, paint: Paint<'_>) -> String {
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
