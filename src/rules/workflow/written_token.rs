//! A token that is written into a pipeline.

use std::collections::BTreeMap;

use crate::diag::{Confidence, Impact, Severity};
use crate::graph::kinds::workflow::{Pair, Workflow};
use crate::rules::tokens::SHAPES;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "written-token",
    title: "a token is written into a pipeline",
    many: "{n} tokens are written into pipelines",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("written_token.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<(FileId, Span), &'static str> = BTreeMap::new();
    for workflow in scene.pipelines() {
        let mut add = |text: &str, span: &dyn Fn(usize, usize) -> Span| {
            for (at, length, owner) in tokens(text) {
                found.insert((workflow.file, span(at, at + length)), owner);
            }
        };
        for (_, value) in values(workflow) {
            add(&value.value, &|_, _| value.span);
        }
        for step in workflow.jobs.iter().flat_map(|job| &job.steps) {
            for (_, value) in step.env.iter().chain(&step.with) {
                add(&value.value, &|_, _| value.span);
            }
            if let Some(run) = &step.run {
                add(&run.text.text, &|from, to| run.text.host_span(from..to));
            }
        }
    }
    for ((file, span), owner) in &found {
        report
            .at(Place::new(*file, *span), "in plain sight")
            .confidence(Confidence::Medium)
            .impact(Some(Impact::ReachesSecrets))
            .about("token", *owner, None)
            .content(*owner)
            .evidence("it has the shape of a token; whether it still works is not tried")
            .advise(format!(
                "revoke it at {owner}, whatever becomes of the file, and keep the next one in the project's secrets"
            ))
            .say(format!("a token of {owner} is written into the pipeline"));
    }
}

fn values(workflow: &Workflow) -> impl Iterator<Item = &Pair> {
    let of_jobs = workflow.jobs.iter().flat_map(|job| job.env.iter().chain(&job.with));
    workflow.env.iter().chain(of_jobs)
}

/// Where tokens stand in a text, their lengths and whose they are.
fn tokens(text: &str) -> Vec<(usize, usize, &'static str)> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    let mut out = Vec::new();
    for (shape, least) in SHAPES.iter().filter_map(|shape| Some((shape, shape.sure?))) {
        let start = shape.start;
        for (at, _) in text.match_indices(start) {
            let is_inside = text.get(..at).and_then(|before| before.chars().next_back()).is_some_and(is_part);
            let rest = text.get(at + start.len()..).unwrap_or_default();
            let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            let body = rest.get(..length).unwrap_or_default();
            if !is_inside && length >= least && is_random(body) {
                out.push((at, start.len() + length, shape.owner));
            }
        }
    }
    out
}

/// Whether a text looks drawn by lot: examples repeat themselves, count, or say what they are.
fn is_random(body: &str) -> bool {
    let lower = body.to_ascii_lowercase();
    let distinct: std::collections::BTreeSet<char> = body.chars().collect();
    let says = ["example", "xxxx", "0000", "1234567", "abcdefg", "your", "token", "secret", "dummy", "fake"];
    let has_both = body.bytes().any(|b| b.is_ascii_digit()) && body.bytes().any(|b| b.is_ascii_alphabetic());
    distinct.len() >= 10 && has_both && !says.iter().any(|word| lower.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_told_from_examples() {
        let shown = |text: &str| tokens(text).into_iter().map(|(_, _, owner)| owner).collect::<Vec<_>>().join(" ");
        let body = "kT7xWq2mVb9ZsR4nYc3L";
        assert_eq!(shown(&format!("a {}{body} b", "glrt-")), "GitLab");
        assert_eq!(shown(&format!("a{}{body}", "glrt-")), "");
        assert_eq!(shown(&format!("{}{}", "glrt-", "x".repeat(20))), "");
        assert_eq!(shown(&format!("{}EXAMPLE{body}", "glrt-")), "");
        assert_eq!(shown("hf_hub_download_with_a_rather_long_name_of_a_function"), "");
        assert_eq!(shown("glrt-short"), "");
    }
}
