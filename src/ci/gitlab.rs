//! GitLab CI/CD: merge requests of three kinds, branches, schedules.
//!
//! Source: docs.gitlab.com "Predefined CI/CD variables". A change can set these variables in its own
//! `.gitlab-ci.yml`; what cannot be set there is told in `docs/ci.md`.

use super::base::Candidate;
use super::environment::Environment;
use super::{Occasion, PullRequest, Run, Service, remote};

const DEPTH: &str = "set `GIT_DEPTH: \"0\"` in the variables of the job";

pub(super) fn run(environment: &Environment) -> Run {
    let source = environment.get("CI_PIPELINE_SOURCE").unwrap_or_default();
    let mut run = Run::of(Service::GitLab, source, Occasion::Whole);
    run.actor = environment.text("GITLAB_USER_LOGIN");
    run.repository = environment.text("CI_PROJECT_PATH");
    run.server = environment.text("CI_SERVER_URL");
    run.page = environment.text("CI_JOB_URL");
    run.workspace = environment.path("CI_PROJECT_DIR");
    // Artifacts have to lie in the project.
    run.places.reports = environment.path("CI_PROJECT_DIR").map(|folder| folder.join("custody-reports"));
    run.depth = DEPTH.to_owned();
    if environment.get("CI_MERGE_REQUEST_IID").is_some() {
        merge_request(&mut run, environment);
    } else if environment.get("CI_EXTERNAL_PULL_REQUEST_IID").is_some() {
        external(&mut run, environment);
    } else if source == "push" && environment.get("CI_COMMIT_TAG").is_none() {
        push(&mut run, environment);
    }
    run
}

fn number(environment: &Environment, name: &str) -> Option<u64> {
    environment.get(name).and_then(|text| text.parse().ok())
}

fn target(environment: &Environment, name: &str) -> Option<Candidate> {
    let branch = environment.get(name).and_then(remote)?;
    Some(Candidate::ancestor(vec![branch], "the target branch"))
}

fn merge_request(run: &mut Run, environment: &Environment) {
    run.occasion = Occasion::Change;
    let home = environment.get("CI_MERGE_REQUEST_PROJECT_ID");
    let origin = environment.get("CI_MERGE_REQUEST_SOURCE_PROJECT_ID");
    let labels = environment.get("CI_MERGE_REQUEST_LABELS").unwrap_or_default();
    run.pull_request = Some(PullRequest {
        number: number(environment, "CI_MERGE_REQUEST_IID"),
        is_fork: home.is_none() || home != origin,
        is_dependabot: false,
        action: None,
        label: None,
        text: environment.text("CI_MERGE_REQUEST_DESCRIPTION"),
        author: None,
        // The variable is absent where there are none.
        labels: Some(labels.split(',').map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()),
    });
    let kind = environment.get("CI_MERGE_REQUEST_EVENT_TYPE").unwrap_or_default();
    if matches!(kind, "merged_result" | "merge_train") {
        // The second parent has to be known: elsewhere the commit is the author's own.
        if let (Some(merge), Some(second)) =
            (environment.commit("CI_COMMIT_SHA"), environment.commit("CI_MERGE_REQUEST_SOURCE_BRANCH_SHA"))
        {
            run.base.push(Candidate::MergeParent { merge, second: Some(second) });
        }
        if let Some(tip) = environment.commit("CI_MERGE_REQUEST_TARGET_BRANCH_SHA") {
            run.base.push(Candidate::revision(tip, "the target branch that GitLab merged with"));
        }
    }
    if let Some(base) = environment.commit("CI_MERGE_REQUEST_DIFF_BASE_SHA") {
        run.base.push(Candidate::revision(base, "the base of the merge request"));
    }
    run.base.extend(target(environment, "CI_MERGE_REQUEST_TARGET_BRANCH_NAME"));
}

/// A pull request of another service, for which GitLab only runs the jobs.
fn external(run: &mut Run, environment: &Environment) {
    run.occasion = Occasion::Change;
    run.pull_request = Some(PullRequest {
        number: number(environment, "CI_EXTERNAL_PULL_REQUEST_IID"),
        is_fork: true,
        ..PullRequest::default()
    });
    let tip = environment.commit("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA");
    let branch = environment.get("CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME").and_then(remote);
    let with: Vec<String> = branch.into_iter().chain(tip).collect();
    run.base.push(Candidate::ancestor(with, "the target branch"));
}

fn push(run: &mut Run, environment: &Environment) {
    let default = environment.get("CI_DEFAULT_BRANCH");
    let is_default = default.is_some() && default == environment.get("CI_COMMIT_BRANCH");
    let before = environment.commit("CI_COMMIT_BEFORE_SHA");
    if before.is_none() && is_default {
        run.notes.push("the branch begins with this push, so all that is there is judged".to_owned());
        return;
    }
    run.occasion = Occasion::Change;
    if let Some(before) = before {
        run.base.push(Candidate::revision(before, "the commit before the push"));
    }
    if !is_default && let Some(default) = default.and_then(remote) {
        run.base.push(Candidate::ancestor(vec![default], "the default branch"));
    }
}
