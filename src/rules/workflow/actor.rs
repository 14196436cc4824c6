//! Conditions that ask who acted last, where a bot's name is no proof. Shared by the rules on them.
//!
//! `github.actor` is whoever set off the last event. A stranger opens a pull request, has Dependabot act on
//! it (by a comment, or by a commit of Dependabot's in the branch), and is Dependabot for the condition.

use super::reach::{self, Calls};
use super::written::Written;
use crate::graph::ci::condition::{Passage, passage};
use crate::graph::kinds::workflow::{Evaluated, Job, Step, Template, Uses, Workflow};
use crate::parse::expression::{Expression, ExpressionKind, Function, Operator};

/// Who acted last, by name.
const NAMES: &[&str] =
    &["github.actor", "github.triggering_actor", "github.event.sender.login", "github.event.pull_request.sender.login"];
/// The same by number.
const NUMBERS: &[&str] = &["github.actor_id", "github.event.sender.id", "github.event.pull_request.sender.id"];
/// The numbers of Dependabot's app and account, of its preview, and of Renovate. Source: GitHub's users API.
const BOTS: &[&str] = &["29110", "49699333", "27856297", "29139614"];

/// Events under which the last to act need not be who opened the pull request, and which run with the
/// repository's own rights.
const TAKEN_OVER: &[&str] = &["pull_request_target", "workflow_run"];

/// A condition that takes the last to act for the author.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    /// The condition.
    pub(crate) template: &'a Template,
    /// Its expression.
    pub(crate) of: &'a Evaluated,
    /// The comparison.
    pub(crate) part: &'a Expression,
    /// The context in it.
    pub(crate) context: &'a Expression,
    /// Nothing else must hold.
    pub(crate) is_alone: bool,
}

/// What a condition asks of the last to act, unless something sound is asked as well.
pub(crate) fn asked(template: &Template) -> Option<Asked<'_>> {
    let of = template.expressions.first()?;
    let (part, context, is_alone) = find(template, of, &of.tree, true, true)?;
    Some(Asked { template, of, part, context, is_alone })
}

type Found<'a> = (&'a Expression, &'a Expression, bool);

fn find<'a>(
    template: &Template,
    of: &Evaluated,
    at: &'a Expression,
    is_wanted: bool,
    is_alone: bool,
) -> Option<Found<'a>> {
    match &at.kind {
        ExpressionKind::Not(inner) => find(template, of, inner, !is_wanted, is_alone),
        // `!(a || b)` asks for both to fail, as `a && b` asks for both to hold.
        ExpressionKind::Binary(operator @ (Operator::And | Operator::Or), left, right) => {
            let both = (*operator == Operator::And) == is_wanted;
            let sound = |side: &Expression| {
                let text = template.written(of, side);
                let text = if is_wanted { text.to_owned() } else { format!("!({text})") };
                !asks_who(side) && TAKEN_OVER.iter().all(|event| passage(&text, event) != Passage::Open)
            };
            let each = [(left, right), (right, left)];
            each.into_iter().find_map(|(side, other)| {
                if both && sound(other) {
                    return None;
                }
                find(template, of, side, is_wanted, is_alone && !both)
            })
        }
        ExpressionKind::Binary(operator @ (Operator::Equal | Operator::NotEqual), left, right) => {
            if (*operator == Operator::Equal) != is_wanted {
                return None;
            }
            [(left, right), (right, left)]
                .into_iter()
                .find(|(context, value)| is_bot(context, value))
                .map(|(context, _)| (at, &**context, is_alone))
        }
        ExpressionKind::Call(function, arguments) if is_wanted => {
            let [first, second] = arguments.as_slice() else { return None };
            let (context, value) = match function {
                // A list, or a text, that holds the actor.
                Function::Contains if second.context().is_some() => (second, first),
                Function::Contains | Function::StartsWith | Function::EndsWith => (first, second),
                _ => return None,
            };
            let named = context.context().is_some_and(|name| NAMES.contains(&name.as_str()));
            let bots = value.all().iter().any(|part| match &part.kind {
                ExpressionKind::Text(text) => text.contains("[bot]") || text.starts_with("dependabot"),
                _ => false,
            });
            (named && bots).then_some((at, context, is_alone))
        }
        _ => None,
    }
}

fn is_bot(context: &Expression, value: &Expression) -> bool {
    let Some(name) = context.context() else { return false };
    let text = match &value.kind {
        ExpressionKind::Text(text) => text.clone(),
        ExpressionKind::Number(number) => number.to_string(),
        _ => return false,
    };
    (NAMES.contains(&name.as_str()) && text.ends_with("[bot]"))
        || (NUMBERS.contains(&name.as_str()) && BOTS.contains(&text.as_str()))
}

/// Whether a part speaks of the last to act, whose name proves nothing.
fn asks_who(part: &Expression) -> bool {
    part.all()
        .iter()
        .filter_map(|p| p.context())
        .any(|name| NAMES.contains(&name.as_str()) || NUMBERS.contains(&name.as_str()))
}

/// Whether the context names the actor by number.
pub(crate) fn is_number(context: &Expression) -> bool {
    context.context().is_some_and(|name| NUMBERS.contains(&name.as_str()))
}

/// The event under which a stranger takes a bot's name for a job, where there is one.
pub(crate) fn taken_over(calls: &Calls<'_>, workflow: &Workflow, job: &Job) -> Option<reach::Cause> {
    reach::causes(calls, workflow, job).into_iter().find(|cause| TAKEN_OVER.contains(&cause.event.as_str()))
}

/// Whether a step before `end` asks GitHub whose the pull request and its commits are: Dependabot's own action
/// does, and says nothing of a pull request that is not Dependabot's.
pub(crate) fn is_verified(steps: &[Step], end: usize) -> bool {
    steps.iter().take_while(|step| step.index < end).any(|step| {
        let is_lookup = matches!(step.uses.as_ref().map(|u| &u.value), Some(Uses::Repository { owner, repo, .. })
            if owner.eq_ignore_ascii_case("dependabot") && repo.eq_ignore_ascii_case("fetch-metadata"));
        is_lookup && step.input("skip-verification").is_none_or(|v| v.value.trim() != "true")
    })
}

/// Actions that merge or approve a pull request. Lower case.
const MERGERS: &[&str] = &[
    "ahmadnassri/action-dependabot-auto-merge",
    "fastify/github-action-merge-dependabot",
    "hmarr/auto-approve-action",
    "juliangruber/approve-pull-request-action",
    "koj-co/dependabot-pr-action",
    "nahsi/dependabot-auto-merge",
    "pascalgn/automerge-action",
    "peter-evans/enable-pull-request-automerge",
    "reitermarkus/automerge",
    "ridedott/merge-me-action",
];

/// Calls of GitHub's interface that do the same, in scripts.
const MERGING_CALLS: &[&str] =
    &["pulls.merge(", "enablePullRequestAutoMerge", "mergePullRequest", "\"APPROVE\"", "'APPROVE'", "/merge -X PUT"];

/// What a step merges or approves a pull request with.
pub(crate) fn merges(step: &Step) -> Option<String> {
    if let Some(Uses::Repository { owner, repo, .. }) = step.uses.as_ref().map(|u| &u.value) {
        let name = format!("{owner}/{repo}");
        if MERGERS.contains(&name.to_ascii_lowercase().as_str()) {
            return Some(name);
        }
        let script = step.input("script").filter(|_| name.eq_ignore_ascii_case("actions/github-script"))?;
        return MERGING_CALLS
            .iter()
            .find(|c| script.value.contains(**c))
            .map(|c| c.trim_matches(['(', '"', '\'']).to_owned());
    }
    let text = &step.run.as_ref()?.text.text;
    let lines = text.lines().map(str::trim).filter(|line| !line.starts_with('#'));
    lines.into_iter().find_map(|line| {
        if line.contains("gh pr merge") {
            Some("gh pr merge".to_owned())
        } else if line.contains("gh pr review") && (line.contains("--approve") || line.contains(" -a")) {
            Some("gh pr review --approve".to_owned())
        } else {
            None
        }
    })
}

/// A step that merges or approves behind nothing but a bot's name.
#[derive(Debug)]
pub(crate) struct Merge<'a> {
    /// The step.
    pub(crate) step: &'a Step,
    /// What it merges with.
    pub(crate) with: String,
    /// The condition that holds it back, the step's own or the job's.
    pub(crate) asked: Asked<'a>,
    /// Whether Dependabot's action looked before.
    pub(crate) is_verified: bool,
}

/// The steps of a job that merge or approve behind nothing but a bot's name.
pub(crate) fn merges_of<'a>(file: &Written<'a>, job: &'a Job) -> Vec<Merge<'a>> {
    let merging: Vec<(&Step, String)> = job.steps.iter().filter_map(|step| Some((step, merges(step)?))).collect();
    if merging.is_empty() {
        return Vec::new();
    }
    let of_job = job.condition.as_ref().and_then(|c| file.conditions_in(c.span).next());
    let mut out = Vec::new();
    for (step, with) in merging {
        let of_step = file.conditions_in(step.span).next();
        let both = [of_step, of_job];
        let Some(asked) = both.iter().flatten().find_map(|t| asked(t)) else { continue };
        // The other condition may be sound, unless it asks for the name as well.
        let is_sound = both.iter().flatten().any(|t| {
            !t.expressions.iter().any(|e| asks_who(&e.tree))
                && TAKEN_OVER.iter().all(|event| passage(&t.text.text, event) != Passage::Open)
        });
        if !is_sound {
            out.push(Merge { step, with, asked, is_verified: is_verified(&job.steps, step.index) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::expression::parse;
    use crate::source::{Embedded, Span};

    #[test]
    fn names_of_bots_are_told_from_sound_conditions() {
        for (text, expected) in [
            ("github.actor == 'dependabot[bot]'", Some(true)),
            ("github['ACTOR'] == 'mystery[bot]'", Some(true)),
            ("github.actor_id == 49699333", Some(true)),
            ("'dependabot[bot]' == github.triggering_actor || x", Some(true)),
            ("github.actor == 'dependabot[bot]' && github.repository == 'a/b'", Some(false)),
            ("!(github.actor != 'dependabot[bot]')", Some(true)),
            ("contains(fromJSON('[\"dependabot[bot]\"]'), github.actor)", Some(true)),
            ("startsWith(github.actor, 'dependabot')", Some(true)),
            ("github.actor != 'dependabot[bot]'", None),
            ("github.actor == 'a-person'", None),
            ("github.event.pull_request.user.login == 'dependabot[bot]'", None),
            ("github.actor == 'dependabot[bot]' && github.event.pull_request.user.login == 'dependabot[bot]'", None),
            (
                "github.actor == 'dependabot[bot]' && github.event.pull_request.head.repo.full_name == github.repository",
                None,
            ),
        ] {
            let template = Template {
                key: "if".to_owned(),
                above: "jobs".to_owned(),
                is_condition: true,
                span: Span::default(),
                text: Embedded::verbatim(text, 0),
                expressions: vec![Evaluated { range: 0..text.len(), start: 0, tree: parse(text).unwrap() }],
            };
            assert_eq!(asked(&template).map(|a| a.is_alone), expected, "{text}");
        }
    }
}
