//! `a && '' || b`, which never yields what stands in the middle.

use super::constant;
use super::written::{self, Written, and_others, shown};
use crate::diag::{Edit, Severity};
use crate::graph::kinds::workflow::{Evaluated, Template};
use crate::parse::expression::{Expression, ExpressionKind, Operator};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unsound-ternary",
    title: "a choice that never takes its first value",
    many: "{n} files have choices that never take their first value",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unsound_ternary.md"),
    check,
};

/// `condition && value || other` with a value that is false.
struct Ternary<'a> {
    template: &'a Template,
    of: &'a Evaluated,
    whole: &'a Expression,
    condition: &'a Expression,
    value: &'a Expression,
    other: &'a Expression,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let mut found: Vec<Ternary<'_>> =
            file.parts().filter_map(|(template, of, part)| ternary(template, of, part)).collect();
        found.sort_by_key(|f| f.template.place(f.of, f.value).start);
        let Some(first) = found.first() else { continue };
        let edits = found.iter().map(|f| turned(&file, f)).collect::<Option<Vec<_>>>();
        let value = first.template.written(first.of, first.value);
        report
            .at(file.at(first.template.place(first.of, first.value)), "counts as false")
            .about("expression", shown(first.template.written(first.of, first.whole)), None)
            .also(found.iter().map(|f| file.at(f.template.place(f.of, f.value))))
            .fix(edits.unwrap_or_default())
            .advise("turn the condition round, so that the value in the middle is one that counts as true")
            .advise(format!("or: case({}, {value}, ...)", shown(first.template.written(first.of, first.condition))))
            .say(format!(
                "`{}` never yields `{value}`{}",
                shown(first.template.written(first.of, first.whole)),
                and_others(found.len())
            ));
    }
}

/// A choice whose value is false. Of `a && '' || b || c` the outer `||` holds the inner one on its left.
fn ternary<'a>(template: &'a Template, of: &'a Evaluated, whole: &'a Expression) -> Option<Ternary<'a>> {
    let ExpressionKind::Binary(Operator::Or, left, other) = &whole.kind else { return None };
    let mut last = &**left;
    if let ExpressionKind::Binary(Operator::Or, _, right) = &last.kind {
        last = right;
    }
    let ExpressionKind::Binary(Operator::And, condition, value) = &last.kind else { return None };
    let is_false = constant::value(value).is_some_and(|known| !known.is_true());
    let is_known = constant::value(condition).is_some();
    (is_false && !is_known).then_some(Ternary { template, of, whole, condition, value, other })
}

/// `!condition && other || value`, which is right where the other value counts as true.
fn turned(file: &Written<'_>, found: &Ternary<'_>) -> Option<Edit> {
    let ExpressionKind::Binary(_, left, _) = &found.whole.kind else { return None };
    let is_simple = matches!(left.kind, ExpressionKind::Binary(Operator::And, ..));
    let other_is_true = constant::value(found.other).is_some_and(|known| known.is_true());
    if !is_simple || !other_is_true || found.template.is_condition {
        return None;
    }
    let written = |part: &Expression| found.template.written(found.of, part);
    let condition = match &found.condition.kind {
        ExpressionKind::Context(_) | ExpressionKind::Call(..) => format!("!{}", written(found.condition)),
        ExpressionKind::Not(inner) => written(inner).to_owned(),
        _ => format!("!({})", written(found.condition)),
    };
    let text = format!("{condition} && {} || {}", written(found.other), written(found.value));
    // Brackets around the whole belong to it, and it may stand where they are needed.
    let text = if written(found.whole).starts_with('(') { format!("({text})") } else { text };
    Some(Edit { place: file.at(found.template.text.editable(found.of.inner(found.whole))?), text })
}
