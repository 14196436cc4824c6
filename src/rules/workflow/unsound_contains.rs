//! `contains('a b', x)`, which holds for every part of the text.

use super::reach;
use super::written::{self, Written, and_others, shown};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::kinds::workflow::{Evaluated, Template};
use crate::parse::expression::{Expression, ExpressionKind, Function};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "unsound-contains",
    title: "a list that is a text",
    many: "{n} workflows look for a value in a text instead of a list",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unsound_contains.md"),
    check,
};

/// Values that whoever opens a pull request or comments may choose, as the beginnings of their names.
const STRANGERS: &[&str] = &[
    "github.head_ref",
    "github.actor",
    "github.triggering_actor",
    "github.event.pull_request.head.",
    "github.event.pull_request.user.login",
    "github.event.pull_request.title",
    "github.event.issue.title",
    "github.event.issue.user.login",
    "github.event.comment.body",
    "github.event.comment.user.login",
    "github.event.sender.login",
    "github.event.workflow_run.head_branch",
    "github.event.workflow_run.actor.login",
];

/// Values that people who may push or start a workflow choose.
const WRITERS: &[&str] =
    &["github.ref", "github.ref_name", "github.base_ref", "github.sha", "github.event.inputs.", "inputs.", "env."];

/// A text searched for a value.
struct Searched<'a> {
    template: &'a Template,
    of: &'a Evaluated,
    call: &'a Expression,
    text: &'a str,
    value: String,
    severity: Severity,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in written::files(scene) {
        let is_reached =
            file.workflow.is_some_and(|w| w.triggers.iter().any(|t| reach::is_stranger_event(&t.name.value)));
        let mut found: Vec<Searched<'_>> = file
            .parts()
            .filter(|(template, ..)| template.is_condition)
            .filter_map(|(template, of, call)| searched(is_reached, template, of, call))
            .collect();
        found.sort_by_key(|f| (std::cmp::Reverse(f.severity), f.template.span.start));
        let Some(first) = found.first() else { continue };
        let edits = found.iter().map(|f| list(scene, &file, f)).collect::<Option<Vec<_>>>();
        let part: String = first.text.chars().take((first.text.chars().count() / 2).clamp(1, 4)).collect();
        let advice = "compare with a list: contains(fromJSON('[\"a\", \"b\"]'), ...)";
        report
            .at(file.at(first.template.place(first.of, first.call)), "looks for a part of a text")
            .severity(first.severity)
            .confidence(if first.severity == Severity::Info { Confidence::Low } else { Confidence::High })
            .about("condition", first.value.clone(), None)
            .also(found.iter().map(|f| file.at(f.template.place(f.of, f.call))))
            .evidence(format!("a value of `{part}` passes"))
            .fix(edits.unwrap_or_default())
            .advise(advice)
            .say(format!(
                "`{}` holds for every part of the text, not only for its words{}",
                shown(first.template.written(first.of, first.call)),
                and_others(found.len())
            ));
    }
}

fn searched<'a>(
    is_reached: bool,
    template: &'a Template,
    of: &'a Evaluated,
    call: &'a Expression,
) -> Option<Searched<'a>> {
    let ExpressionKind::Call(Function::Contains, arguments) = &call.kind else { return None };
    let [Expression { kind: ExpressionKind::Text(text), .. }, value] = arguments.as_slice() else { return None };
    let name = value.context()?;
    let is_one_of =
        |names: &[&str]| names.iter().any(|known| name == *known || (known.ends_with('.') && name.starts_with(known)));
    let severity = match (is_one_of(STRANGERS), is_one_of(WRITERS)) {
        (true, _) if is_reached => Severity::High,
        (true, _) => Severity::Medium,
        (false, true) => Severity::Low,
        (false, false) => Severity::Info,
    };
    Some(Searched { template, of, call, text, value: name, severity })
}

/// The text as a list, where its words are clear.
fn list(scene: &Scene<'_>, file: &Written<'_>, found: &Searched<'_>) -> Option<Edit> {
    let ExpressionKind::Call(_, arguments) = &found.call.kind else { return None };
    let is_quoted = scene.sources.get(file.file)?.text_at(found.template.span).starts_with(['"', '\'']);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.' | '[' | ']');
    let words: Vec<&str> = found.text.split([' ', ',']).filter(|w| !w.is_empty()).collect();
    if is_quoted || words.is_empty() || !words.iter().all(|w| w.chars().all(is_word)) {
        return None;
    }
    let span = found.template.text.editable(found.of.inner(arguments.first()?))?;
    let text = words.iter().map(|w| format!("\"{w}\"")).collect::<Vec<_>>().join(", ");
    Some(Edit { place: file.at(span), text: format!("fromJSON('[{text}]')") })
}
