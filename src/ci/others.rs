//! Services that name a target branch at least, and machines where nobody says anything.

use super::base::Candidate;
use super::environment::Environment;
use super::{Occasion, PullRequest, Run, Service, remote};

pub(super) fn run(environment: &Environment) -> Run {
    if environment.is_true("TF_BUILD") {
        azure(environment)
    } else if environment.is_true("BUILDKITE") {
        buildkite(environment)
    } else if environment.get("BITBUCKET_BUILD_NUMBER").is_some() {
        bitbucket(environment)
    } else if environment.get("JENKINS_URL").is_some() {
        jenkins(environment)
    } else {
        let mut run = Run::of(Service::Generic, "", Occasion::Change);
        run.base.push(default(None));
        run
    }
}

/// The default branch, by name where it is known, else by what branches are called.
fn default(name: Option<&str>) -> Candidate {
    const USUAL: [&str; 5] = [
        "refs/remotes/origin/HEAD",
        "refs/remotes/origin/main",
        "refs/remotes/origin/master",
        "refs/heads/main",
        "refs/heads/master",
    ];
    let with = match name.and_then(remote) {
        Some(branch) => vec![branch],
        None => USUAL.map(str::to_owned).to_vec(),
    };
    Candidate::ancestor(with, "the default branch")
}

fn target(run: &mut Run, branch: Option<&str>, commit: Option<String>) {
    run.occasion = Occasion::Change;
    let with: Vec<String> = branch.and_then(remote).into_iter().chain(commit).collect();
    run.base.push(Candidate::ancestor(with, "the target branch"));
}

fn number(text: Option<&str>) -> Option<u64> {
    text.and_then(|text| text.parse().ok())
}

/// Source: learn.microsoft.com "Predefined variables", of Azure Pipelines.
fn azure(environment: &Environment) -> Run {
    let reason = environment.get("BUILD_REASON").unwrap_or_default();
    let mut run = Run::of(Service::Azure, reason, Occasion::Whole);
    run.repository = environment.text("BUILD_REPOSITORY_NAME");
    run.workspace = environment.path("BUILD_SOURCESDIRECTORY");
    run.places.reports = environment.path("BUILD_ARTIFACTSTAGINGDIRECTORY").map(|folder| folder.join("custody"));
    run.depth = "set `fetchDepth: 0` at the checkout step".to_owned();
    if reason == "PullRequest" {
        let on_github = environment.get("SYSTEM_PULLREQUEST_PULLREQUESTNUMBER");
        run.pull_request = Some(PullRequest {
            number: number(on_github.or_else(|| environment.get("SYSTEM_PULLREQUEST_PULLREQUESTID"))),
            is_fork: !environment.get("SYSTEM_PULLREQUEST_ISFORK").is_some_and(|v| v.eq_ignore_ascii_case("false")),
            ..PullRequest::default()
        });
        if let (Some(merge), Some(second)) =
            (environment.commit("BUILD_SOURCEVERSION"), environment.commit("SYSTEM_PULLREQUEST_SOURCECOMMITID"))
            && merge != second
        {
            run.base.push(Candidate::MergeParent { merge, second: Some(second) });
        }
        target(&mut run, environment.get("SYSTEM_PULLREQUEST_TARGETBRANCH"), None);
    } else if matches!(reason, "IndividualCI" | "BatchedCI")
        && !environment.get("BUILD_SOURCEBRANCH").is_some_and(|r| r.starts_with("refs/tags/"))
    {
        run.occasion = Occasion::Change;
        run.base.push(default(None));
    }
    run
}

/// Source: buildkite.com/docs "Environment variables".
fn buildkite(environment: &Environment) -> Run {
    let source = environment.get("BUILDKITE_SOURCE").unwrap_or_default();
    let mut run = Run::of(Service::Buildkite, source, Occasion::Whole);
    run.page = environment.text("BUILDKITE_BUILD_URL");
    run.workspace = environment.path("BUILDKITE_BUILD_CHECKOUT_PATH");
    let request = environment.get("BUILDKITE_PULL_REQUEST").filter(|text| *text != "false");
    if request.is_some() {
        let (origin, home) = (environment.get("BUILDKITE_PULL_REQUEST_REPO"), environment.get("BUILDKITE_REPO"));
        let labels = environment.get("BUILDKITE_PULL_REQUEST_LABELS").unwrap_or_default();
        run.pull_request = Some(PullRequest {
            number: number(request),
            is_fork: origin.is_none() || repository(origin) != repository(home),
            labels: Some(labels.split(',').map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()),
            ..PullRequest::default()
        });
        target(&mut run, environment.get("BUILDKITE_PULL_REQUEST_BASE_BRANCH"), None);
    } else if source == "webhook" && environment.get("BUILDKITE_TAG").is_none() {
        run.occasion = Occasion::Change;
        run.base.push(default(environment.get("BUILDKITE_PIPELINE_DEFAULT_BRANCH")));
    }
    run
}

/// Owner and name at the end of an address: `git@host:owner/name.git` and `https://host/owner/name` are one.
fn repository(address: Option<&str>) -> Option<String> {
    let text = address?.trim_end_matches('/').trim_end_matches(".git");
    let mut parts = text.rsplit(['/', ':']);
    let (name, owner) = (parts.next()?, parts.next()?);
    Some(format!("{owner}/{name}").to_ascii_lowercase())
}

/// Source: support.atlassian.com "Variables and secrets", of Bitbucket Pipelines.
fn bitbucket(environment: &Environment) -> Run {
    let mut run = Run::of(Service::Bitbucket, "", Occasion::Whole);
    run.repository = environment.text("BITBUCKET_REPO_FULL_NAME");
    run.workspace = environment.path("BITBUCKET_CLONE_DIR");
    run.depth = "set `clone: depth: full` in the pipeline".to_owned();
    if let Some(id) = environment.get("BITBUCKET_PR_ID") {
        run.pull_request = Some(PullRequest { number: number(Some(id)), is_fork: true, ..PullRequest::default() });
        let commit = environment.commit("BITBUCKET_PR_DESTINATION_COMMIT");
        target(&mut run, environment.get("BITBUCKET_PR_DESTINATION_BRANCH"), commit);
    } else if environment.get("BITBUCKET_TAG").is_none() {
        run.occasion = Occasion::Change;
        run.base.push(default(None));
    }
    run
}

/// Source: jenkins.io "Using environment variables", and the Branch API and Git plugins.
fn jenkins(environment: &Environment) -> Run {
    let mut run = Run::of(Service::Jenkins, "", Occasion::Whole);
    run.page = environment.text("BUILD_URL");
    run.workspace = environment.path("WORKSPACE");
    if let Some(branch) = environment.get("CHANGE_TARGET") {
        run.pull_request = Some(PullRequest {
            number: number(environment.get("CHANGE_ID")),
            is_fork: environment.get("CHANGE_FORK").is_some(),
            ..PullRequest::default()
        });
        target(&mut run, Some(branch), None);
    } else if environment.get("TAG_NAME").is_none() {
        run.occasion = Occasion::Change;
        if let Some(previous) = environment.commit("GIT_PREVIOUS_COMMIT") {
            run.base.push(Candidate::revision(previous, "the commit of the build before"));
        }
        run.base.push(default(None));
    }
    run
}
