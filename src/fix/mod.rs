//! What can be put right without asking anybody: edits of findings, put together file by file.
//!
//! A plan is text in memory. Whether it is shown or written is the caller's business, and rules alone
//! decide what has one right answer.

mod diff;

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Edit};
use crate::source::{FileId, Sources, Span};

pub use diff::unified;

/// Everything that can be put right in one tree.
#[derive(Debug, Default)]
pub struct Plan {
    /// Files that change, in path order.
    pub files: Vec<Change>,
    /// Findings that are answered.
    pub answered: Vec<Answered>,
    /// Findings whose edits do not fit with those of another: a second run will do them.
    pub later: usize,
    /// Files that are not written as they were read (another encoding), by path.
    pub foreign: Vec<String>,
}

/// A finding that is answered.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Answered {
    /// The path of the line it speaks of.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The rule's id.
    pub rule: &'static str,
    /// What it said.
    pub message: String,
}

/// One file, before and after.
#[derive(Debug)]
pub struct Change {
    /// The file.
    pub file: FileId,
    /// The edits, in order; they do not overlap.
    pub edits: Vec<(Span, String)>,
}

impl Change {
    /// What makes one text of another, as one edit of whole lines: what both begin and end with stays.
    #[must_use]
    pub fn between(file: FileId, before: &str, after: &str) -> Self {
        let shared =
            |a: Vec<&str>, b: Vec<&str>| a.iter().zip(&b).take_while(|(a, b)| a == b).map(|(a, _)| a.len()).sum();
        let lines = |text| str::split_inclusive(text, '\n').collect::<Vec<&str>>();
        let start: usize = shared(lines(before), lines(after));
        let (old, new) = (before.get(start..).unwrap_or(""), after.get(start..).unwrap_or(""));
        let back = |text| str::split_inclusive(text, '\n').rev().collect::<Vec<&str>>();
        let end: usize = shared(back(old), back(new));
        let text = new.get(..new.len() - end).unwrap_or("").to_owned();
        Self { file, edits: vec![(Span::new(start, before.len() - end), text)] }
    }

    /// The text with all edits made.
    #[must_use]
    pub fn apply(&self, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        for (span, new) in &self.edits {
            let range = span.range(text.len());
            out.push_str(text.get(at..range.start).unwrap_or(""));
            out.push_str(new);
            at = range.end;
        }
        out.push_str(text.get(at..).unwrap_or(""));
        out
    }
}

/// Puts the edits of findings together. All edits of a finding are taken or none; what two findings want
/// alike is done once. The result does not depend on the order of the findings.
#[must_use]
pub fn plan(findings: &[Diagnostic], sources: &Sources, is_wanted: impl Fn(&Diagnostic) -> bool) -> Plan {
    let mut order: Vec<&Diagnostic> = findings.iter().filter(|d| !d.fix.is_empty() && is_wanted(d)).collect();
    order.sort_by(|a, b| {
        let key = |d: &Diagnostic| (sources.path(d.primary.place.file).to_owned(), d.primary.place.span.start);
        key(a).cmp(&key(b)).then_with(|| (a.rule, &a.message, &a.fix).cmp(&(b.rule, &b.message, &b.fix)))
    });
    let mut plan = Plan::default();
    let mut taken: BTreeMap<FileId, BTreeMap<Span, String>> = BTreeMap::new();
    for finding in order {
        if let Some(path) = finding.fix.iter().find_map(|edit| foreign(edit, sources)) {
            plan.foreign.push(path);
            continue;
        }
        if !finding.fix.iter().all(|edit| fits(edit, &taken) && is_sound(edit, sources)) {
            plan.later += 1;
            continue;
        }
        for edit in &finding.fix {
            taken.entry(edit.place.file).or_default().insert(edit.place.span, edit.text.clone());
        }
        plan.answered.push(Answered {
            path: sources.path(finding.primary.place.file).to_owned(),
            line: sources.start(finding.primary.place).line,
            rule: finding.rule,
            message: finding.message.clone(),
        });
    }
    plan.foreign.sort();
    plan.foreign.dedup();
    plan.files = taken.into_iter().map(|(file, edits)| Change { file, edits: edits.into_iter().collect() }).collect();
    plan.files.sort_by_key(|change| sources.path(change.file).to_owned());
    plan
}

/// The path of a file whose text is not, byte for byte, what lies there.
fn foreign(edit: &Edit, sources: &Sources) -> Option<String> {
    let file = sources.get(edit.place.file)?;
    (file.invalid_utf8.is_some()).then(|| file.path.as_str().to_owned())
}

/// Whether an edit touches none that was taken, or is one of them.
fn fits(edit: &Edit, taken: &BTreeMap<FileId, BTreeMap<Span, String>>) -> bool {
    let Some(taken) = taken.get(&edit.place.file) else { return true };
    let span = edit.place.span;
    if let Some(same) = taken.get(&span) {
        return *same == edit.text;
    }
    // Those that were taken do not overlap, so only the nearest on either side can be in the way.
    let before = taken.range(..span).next_back();
    let after = taken.range(span..).next();
    before.is_none_or(|(other, _)| other.end <= span.start && !(other.is_empty() && other.start == span.start))
        && after.is_none_or(|(other, _)| span.end <= other.start && !(span.is_empty() && other.start == span.start))
}

/// Whether an edit is one of the text: in its bounds, between characters.
fn is_sound(edit: &Edit, sources: &Sources) -> bool {
    let Some(file) = sources.get(edit.place.file) else { return false };
    let (start, end) = (usize::try_from(edit.place.span.start), usize::try_from(edit.place.span.end));
    matches!((start, end), (Ok(start), Ok(end)) if file.text.get(start..end).is_some())
}

#[cfg(test)]
mod tests;
