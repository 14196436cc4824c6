//! A line for every finding, as editors and `grep` like them: `path:line:column: level[rule] message`.

use std::io::{self, Write};

use super::escape::{line as guarded, terminal as clean};
use super::tally::{Tally, count, missing, word};
use super::{Options, gate};
use crate::audit::{Audit, Decision, Finding, Verdict};

pub(super) fn render(audit: &Audit, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut left = 0;
    if let Some(words) = audit.gate.as_ref().and_then(gate::forced) {
        writeln!(out, "{}", guarded(&clean(&words)))?;
    }
    for decision in [Decision::Block, Decision::Advise, Decision::Note] {
        for finding in gate::in_order(audit, decision) {
            if decision == Decision::Note && !options.all {
                left += 1;
                continue;
            }
            writeln!(out, "{}", guarded(&told(audit, finding)))?;
        }
    }
    for (path, why) in missing(audit) {
        let place = if path.is_empty() { String::new() } else { format!("{}: ", clean(path)) };
        writeln!(out, "{}", guarded(&format!("{place}incomplete: {}", clean(why))))?;
    }
    writeln!(out, "{}", guarded(&summary(audit, left)))
}

fn told(audit: &Audit, finding: &Finding) -> String {
    let level = match finding.decision {
        Decision::Block => "error",
        Decision::Advise => "warning",
        Decision::Note => "note",
    };
    let state = if audit.gate.is_some() { format!(" ({})", finding.state.as_str()) } else { String::new() };
    format!(
        "{}:{}:{}: {level}[{}] {}{state}",
        clean(&finding.path),
        finding.line,
        finding.column,
        clean(&finding.rule),
        clean(&finding.message)
    )
}

fn summary(audit: &Audit, left: usize) -> String {
    let tally = Tally::of(audit);
    let mut out = format!(
        "{}: {} block ({}), {} advise, {} note",
        word(audit.judged()),
        tally.block,
        clean(&audit.policy),
        tally.advise,
        tally.note
    );
    if !audit.complete && audit.judged() != Verdict::Incomplete {
        out.push_str(", incomplete");
    }
    if let Some(of) = &audit.gate {
        out.push_str(&format!("; {}", clean(&gate::counts(audit, of))));
    }
    if left > 0 {
        out.push_str(&format!("; {} under --all", count(left, "finding")));
    }
    out
}
