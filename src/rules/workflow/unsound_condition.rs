//! Conditions that are texts, and so always true.

use super::written::{self, Written, and_others, shown};
use crate::diag::{Edit, Severity};
use crate::graph::kinds::workflow::Template;
use crate::parse::expression::{ExpressionKind, Operator, parse};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{SourceFile, Span};

pub(super) static RULE: Rule = Rule {
    id: "unsound-condition",
    title: "a condition that always holds",
    many: "{n} workflows have conditions that always hold",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("unsound_condition.md"),
    check,
};

/// A condition that is a text.
struct Unsound<'a> {
    template: &'a Template,
    /// Nothing but line breaks stand beside the braces.
    is_only_break: bool,
    fix: Option<Vec<Edit>>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let found: Vec<Unsound<'_>> = file.conditions().filter_map(|t| unsound(scene, &file, t)).collect();
        let Some(first) = found.first() else { continue };
        let label = if first.is_only_break {
            "the line break at its end makes it a text"
        } else {
            "the text beside the braces makes it a text"
        };
        let fixes: Option<Vec<Edit>> =
            found.iter().map(|f| f.fix.clone()).collect::<Option<Vec<_>>>().map(|f| f.concat());
        let draft = report
            .at(file.at(first.template.span), label)
            .about("condition", shown(&first.template.text.text), None)
            .also(found.iter().map(|f| file.at(f.template.span)))
            .evidence("GitHub puts the values into the text first; a text that is not empty is true")
            .fix(fixes.unwrap_or_default());
        let draft = if found.iter().any(|f| f.is_only_break) {
            draft.advise("write `|-` or `>-`, which drop the line break, or leave the braces out")
        } else {
            draft.advise("leave the braces out, or put them around the whole condition")
        };
        draft.say(format!(
            "the condition of {} always holds{}",
            file.owner(first.template.span),
            and_others(found.len())
        ));
    }
}

fn unsound<'a>(scene: &Scene<'_>, file: &Written<'_>, template: &'a Template) -> Option<Unsound<'a>> {
    let text = template.text.text.as_str();
    let first = template.expressions.first().filter(|_| text.contains("${{"))?;
    if first.range.len() == text.len() {
        return None;
    }
    let host = scene.sources.get(file.file)?;
    let is_only_break = first.range.start == 0 && text.get(first.range.end..)?.trim_matches('\n').is_empty();
    let edits = if is_only_break { chomped(host, template.span).map(|e| vec![e]) } else { bare(host, template) };
    let edits = edits.map(|list| list.into_iter().map(|(span, text)| Edit { place: file.at(span), text }).collect());
    Some(Unsound { template, is_only_break, fix: edits })
}

/// The header of a block that drops the line break at its end.
fn chomped(host: &SourceFile, span: Span) -> Option<(Span, String)> {
    let header: String = host.text_at(span).chars().take_while(|c| matches!(c, '|' | '>' | '+' | '0'..='9')).collect();
    if !header.starts_with(['|', '>']) {
        return None;
    }
    let kept = header.trim_end_matches('+').to_owned() + "-";
    Some((Span { start: span.start, end: span.start + header.len() as u64 }, kept))
}

/// The braces taken out, where what is left means what was meant.
fn bare(host: &SourceFile, template: &Template) -> Option<Vec<(Span, String)>> {
    let text = template.text.text.as_str();
    if text.contains('\n') || text.matches("${{").count() != template.expressions.len() {
        return None;
    }
    let (mut whole, mut at) = (String::new(), 0);
    let (mut edits, mut holds_together) = (Vec::new(), true);
    for each in &template.expressions {
        let inner = each.inner(&each.tree);
        whole.push_str(text.get(at..each.range.start)?);
        whole.push_str(text.get(inner.clone())?);
        at = each.range.end;
        edits.push((template.text.editable(each.range.start..inner.start)?, String::new()));
        edits.push((template.text.editable(inner.end..each.range.end)?, String::new()));
        let before = text.get(..each.range.start)?.trim_end();
        let after = text.get(each.range.end..)?.trim_start();
        // `&&` and `||` bind less than a comparison, whatever it is made of.
        let is_joined = (before.is_empty() || before.ends_with("&&") || before.ends_with("||"))
            && (after.is_empty() || after.starts_with("&&") || after.starts_with("||"));
        holds_together &= match &each.tree.kind {
            ExpressionKind::Binary(Operator::And | Operator::Or, ..) => false,
            ExpressionKind::Binary(..) => is_joined,
            _ => true,
        };
    }
    whole.push_str(text.get(at..)?);
    let is_quoted = host.text_at(template.span).starts_with(['"', '\'']);
    let is_plain = whole.starts_with(|c: char| c.is_ascii_alphanumeric());
    (holds_together && (is_quoted || is_plain) && whole.trim() == whole && parse(&whole).is_ok()).then_some(edits)
}
