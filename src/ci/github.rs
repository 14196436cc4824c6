//! GitHub Actions: which event compares what.
//!
//! Sources: docs.github.com "Events that trigger workflows" and "Variables reference"; what the commits of a pull
//! request are is told in actions/checkout.

use std::path::PathBuf;

use super::base::Candidate;
use super::environment::Environment;
use super::event::Event;
use super::{Occasion, PullRequest, Run, Service, WithoutChange, remote};

const TWO: &str = "set `fetch-depth: 2` at actions/checkout";
const ALL: &str = "set `fetch-depth: 0` at actions/checkout";
/// Who opens updates of dependencies, and gets a token that can only read.
const DEPENDABOT: &str = "dependabot[bot]";

pub(super) fn run(environment: &Environment) -> Run {
    let name = environment.get("GITHUB_EVENT_NAME").unwrap_or_default();
    let event = Event::of(&environment.event);
    let mut run = Run::of(Service::GitHub, name, Occasion::Whole);
    run.actor = environment.text("GITHUB_ACTOR");
    run.repository = environment.text("GITHUB_REPOSITORY");
    run.server = environment.text("GITHUB_SERVER_URL");
    run.page = page(environment);
    run.workspace = environment.path("GITHUB_WORKSPACE");
    run.places.values = environment.path("GITHUB_OUTPUT");
    run.places.summary = environment.path("GITHUB_STEP_SUMMARY");
    run.places.reports = environment.path("RUNNER_TEMP").map(|folder: PathBuf| folder.join("custody"));
    run.depth = ALL.to_owned();
    // A token of an update by Dependabot can only read, whoever opened the change.
    run.can_upload = run.actor.as_deref() != Some(DEPENDABOT);
    match name {
        // Reviews run on the same merge commit.
        "pull_request" | "pull_request_review" | "pull_request_review_comment" => {
            pull_request(&mut run, &event, environment);
        }
        "pull_request_target" => pull_request_target(&mut run, &event, environment),
        "merge_group" => merge_group(&mut run, &event),
        "push" => push(&mut run, &event, environment),
        _ => {}
    }
    if run.occasion == Occasion::Change
        && let Some(problem) = &event.problem
    {
        run.notes.push(format!("{problem}, so that no label counts and the change is taken for one of a fork"));
    }
    run
}

fn page(environment: &Environment) -> Option<String> {
    let number = environment.get("GITHUB_RUN_ID").filter(|id| id.bytes().all(|b| b.is_ascii_digit()))?;
    let (server, repository) = (environment.get("GITHUB_SERVER_URL")?, environment.get("GITHUB_REPOSITORY")?);
    Some(format!("{server}/{repository}/actions/runs/{number}"))
}

/// The target branch by this clone's copy and by the event. The copy is the newer where there is one.
fn target(event: &Event, environment: &Environment) -> Candidate {
    let branch = environment.get("GITHUB_BASE_REF").or(event.base_branch.as_deref());
    let with = branch.and_then(remote).into_iter().chain(event.base_commit.clone()).collect();
    Candidate::ancestor(with, "the target branch")
}

fn describe(run: &mut Run, event: &Event) {
    run.occasion = Occasion::Change;
    let home = event.base_repository.as_ref().or(run.repository.as_ref());
    // A repository that is gone, or an event that cannot be read, is nobody's of ours.
    let is_fork = match (&event.head_repository, home) {
        (Some(head), Some(home)) => !head.eq_ignore_ascii_case(home),
        _ => true,
    };
    let is_dependabot = [event.author.as_deref(), run.actor.as_deref()].contains(&Some(DEPENDABOT));
    if is_fork || is_dependabot {
        run.can_upload = false;
    }
    run.pull_request = Some(PullRequest {
        number: event.number,
        is_fork,
        is_dependabot,
        action: event.action.clone(),
        label: event.label.clone(),
        text: event.text.clone(),
        author: event.author.clone(),
        labels: event.labels.clone(),
    });
}

fn pull_request(run: &mut Run, event: &Event, environment: &Environment) {
    describe(run, event);
    run.depth = format!("{TWO}, or `fetch-depth: 0` where the head of the change is checked out");
    // Only the commit that GitHub made for this run: whoever wrote the change can make merge commits too.
    if let Some(merge) = environment.commit("GITHUB_SHA")
        && environment.get("GITHUB_REF").is_some_and(|r| r.starts_with("refs/pull/") && r.ends_with("/merge"))
        && event.head_commit.as_ref() != Some(&merge)
    {
        run.base.push(Candidate::MergeParent { merge, second: event.head_commit.clone() });
    }
    run.base.push(target(event, environment));
}

/// The workflow and the checkout are the target's: what the change brings is not there unless somebody fetched it.
fn pull_request_target(run: &mut Run, event: &Event, environment: &Environment) {
    describe(run, event);
    run.notes.push(
        "pull_request_target runs with the secrets of the target branch; run the gate on pull_request, which needs none"
            .to_owned(),
    );
    run.without_change = environment.commit("GITHUB_SHA").map(|commit| WithoutChange {
        commit,
        sentence: "a checkout of pull_request_target holds the target branch and nothing of the change: run the gate \
                   on pull_request, or name what is compared with --base and --head"
            .to_owned(),
    });
    let mut with: Vec<String> = environment.commit("GITHUB_SHA").into_iter().collect();
    if let Candidate::Ancestor { with: others, .. } = target(event, environment) {
        with.extend(others);
    }
    run.base.push(Candidate::ancestor(with, "the target branch"));
}

fn merge_group(run: &mut Run, event: &Event) {
    run.occasion = Occasion::Change;
    if let Some(base) = event.queue_base.clone() {
        run.base.push(Candidate::revision(base, "what the merge queue builds on"));
    }
    if let Some(branch) = event.queue_branch.as_deref().and_then(remote) {
        run.base.push(Candidate::ancestor(vec![branch], "the target branch"));
    }
}

fn push(run: &mut Run, event: &Event, environment: &Environment) {
    let name = environment.get("GITHUB_REF").unwrap_or_default();
    // A tag is what is released, all of it.
    let Some(branch) = name.strip_prefix("refs/heads/") else { return };
    let is_default = event.default_branch.as_deref() == Some(branch);
    if event.problem.is_none() && event.before.is_none() && is_default {
        run.notes.push("the branch begins with this push, so all that is there is judged".to_owned());
        return;
    }
    run.occasion = Occasion::Change;
    if let Some(before) = event.before.clone() {
        let how = if event.is_forced { "the commit before the forced push" } else { "the commit before the push" };
        run.base.push(Candidate::revision(before, how));
    }
    if !is_default && let Some(default) = event.default_branch.as_deref().and_then(remote) {
        run.base.push(Candidate::ancestor(vec![default], "the default branch"));
    }
}
