//! `[gate]`: what blocks, by state, family and rule.

use std::collections::BTreeMap;

use super::effective::{GatePolicy, Level, Threshold};
use super::words::{CONFIDENCES, SEVERITIES, flag, hint, only, text, word};
use crate::parse::Problem;
use crate::parse::toml::{Entry, Table, Value};
use crate::source::Spanned;

/// Words for what is made of a finding.
const LEVELS: &[&str] = &["note", "advise", "block"];
/// Keys of a threshold.
pub(super) const THRESHOLD: &[&str] =
    &["level", "block", "advise", "confidence", "fixable-only", "reachable-only", "direct-only", "may-loosen"];
/// Keys of `[gate]`. It has no `level`: one word for everything would be no gate.
pub(super) const KEYS: &[&str] = &[
    "on-change",
    "on-schedule",
    "spread",
    "incomplete",
    "approval-label",
    "break-glass-label",
    "baseline",
    "block",
    "advise",
    "confidence",
    "fixable-only",
    "reachable-only",
    "direct-only",
    "may-loosen",
    "family",
    "rule",
];
/// Families or rules that may be spoken of.
const MANY: usize = 1_000;

/// Reads `[gate]`. A table with a mistake is left out whole.
pub(super) fn read(table: &Table, problems: &mut Vec<Problem>) -> GatePolicy {
    let before = problems.len();
    only(table, "`[gate]`", KEYS, problems);
    let mut gate = GatePolicy {
        on_change: word(table, "on-change", &["new", "all"], problems),
        on_schedule: word(table, "on-schedule", &["new", "all"], problems),
        spread: word(table, "spread", LEVELS, problems).map(|word| word.map(|word| level(&word))),
        incomplete: word(table, "incomplete", &["new", "all"], problems),
        approval_label: label(table, "approval-label", problems),
        break_glass_label: label(table, "break-glass-label", problems),
        baseline: text(table, "baseline", problems),
        default: fields(table, problems),
        ..GatePolicy::default()
    };
    gate.default.level = None;
    if problems.len() > before {
        gate = GatePolicy::default();
    }
    gate.families = thresholds(table.entry("family"), "gate.family", problems);
    gate.rules = thresholds(table.entry("rule"), "gate.rule", problems);
    gate
}

/// A label of a pull request: one line, as GitHub has them.
fn label(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Option<Spanned<String>> {
    let label = text(table, key, problems)?;
    if label.value.len() > 50 || label.value.contains(char::is_control) || label.value.contains(',') {
        problems.push(Problem::new(label.span, "a label has at most 50 signs, one line, and no comma"));
        return None;
    }
    Some(label)
}

fn thresholds(entry: Option<&Entry>, name: &str, problems: &mut Vec<Problem>) -> BTreeMap<String, Threshold> {
    let mut out = BTreeMap::new();
    let Some(entry) = entry else { return out };
    let Some(table) = entry.value.as_table() else {
        problems.push(Problem::new(entry.span(), format!("`{name}` is a table, `[{name}]`")));
        return out;
    };
    for (count, entry) in table.entries().iter().enumerate() {
        if count == MANY {
            problems.push(Problem::new(entry.key.span, format!("`{name}` has at most {MANY} entries")));
            break;
        }
        let before = problems.len();
        let mut threshold = match entry.value.as_table() {
            Some(table) => {
                only(table, &format!("`[{name}.{}]`", entry.key.value), THRESHOLD, problems);
                fields(table, problems)
            }
            None => short(&entry.value, problems),
        };
        threshold.name = Some(entry.key.clone());
        if problems.len() == before {
            out.entry(entry.key.value.clone()).or_insert(threshold);
        }
    }
    out
}

/// `advisories = "high"`: what blocks from there on; `advisories = "note"`: what is made of all.
fn short(value: &Value, problems: &mut Vec<Problem>) -> Threshold {
    let mut out = Threshold::default();
    let known = || LEVELS.iter().chain(SEVERITIES).copied();
    match value.as_str() {
        Some(word) if LEVELS.contains(&word) => out.level = Some(Spanned::new(level(word), value.span)),
        Some(word) if SEVERITIES.contains(&word) => out.block = Some(Spanned::new(word.to_owned(), value.span)),
        word => {
            let hint = word.map(|word| hint(word, known())).unwrap_or_default();
            let words: Vec<&str> = known().collect();
            let why = format!("a threshold is a table or one of {}{hint}", words.join(", "));
            problems.push(Problem::new(value.span, why));
        }
    }
    out
}

/// The fields of a threshold that a table has; unknown keys are the caller's.
pub(super) fn fields(table: &Table, problems: &mut Vec<Problem>) -> Threshold {
    Threshold {
        name: None,
        level: word(table, "level", LEVELS, problems).map(|word| word.map(|word| level(&word))),
        block: word(table, "block", SEVERITIES, problems),
        advise: word(table, "advise", SEVERITIES, problems),
        confidence: word(table, "confidence", CONFIDENCES, problems),
        fixable_only: flag(table, "fixable-only", problems),
        reachable_only: flag(table, "reachable-only", problems),
        direct_only: flag(table, "direct-only", problems),
        may_loosen: flag(table, "may-loosen", problems),
    }
}

fn level(word: &str) -> Level {
    match word {
        "block" => Level::Block,
        "advise" => Level::Advise,
        _ => Level::Note,
    }
}
