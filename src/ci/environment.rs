//! The environment of a run, and which service it speaks of.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::event::Payload;
use super::{Run, github, gitlab, others};

/// Variables that are looked at. No other is read, so that no secret of a job comes near a report.
pub const VARIABLES: &[&str] = &[
    // GitHub Actions
    "GITHUB_ACTIONS",
    "GITHUB_ACTOR",
    "GITHUB_BASE_REF",
    "GITHUB_EVENT_NAME",
    "GITHUB_EVENT_PATH",
    "GITHUB_OUTPUT",
    "GITHUB_REF",
    "GITHUB_REPOSITORY",
    "GITHUB_RUN_ID",
    "GITHUB_SERVER_URL",
    "GITHUB_SHA",
    "GITHUB_STEP_SUMMARY",
    "GITHUB_WORKSPACE",
    "RUNNER_TEMP",
    // GitLab CI/CD
    "CI_COMMIT_BEFORE_SHA",
    "CI_COMMIT_BRANCH",
    "CI_COMMIT_SHA",
    "CI_COMMIT_TAG",
    "CI_DEFAULT_BRANCH",
    "CI_EXTERNAL_PULL_REQUEST_IID",
    "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_NAME",
    "CI_EXTERNAL_PULL_REQUEST_TARGET_BRANCH_SHA",
    "CI_JOB_URL",
    "CI_MERGE_REQUEST_DESCRIPTION",
    "CI_MERGE_REQUEST_DIFF_BASE_SHA",
    "CI_MERGE_REQUEST_EVENT_TYPE",
    "CI_MERGE_REQUEST_IID",
    "CI_MERGE_REQUEST_LABELS",
    "CI_MERGE_REQUEST_PROJECT_ID",
    "CI_MERGE_REQUEST_SOURCE_BRANCH_SHA",
    "CI_MERGE_REQUEST_SOURCE_PROJECT_ID",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME",
    "CI_MERGE_REQUEST_TARGET_BRANCH_SHA",
    "CI_PIPELINE_SOURCE",
    "CI_PROJECT_DIR",
    "CI_PROJECT_PATH",
    "GITLAB_CI",
    "GITLAB_USER_LOGIN",
    // Azure Pipelines
    "BUILD_ARTIFACTSTAGINGDIRECTORY",
    "BUILD_REASON",
    "BUILD_REPOSITORY_NAME",
    "BUILD_SOURCEBRANCH",
    "BUILD_SOURCESDIRECTORY",
    "BUILD_SOURCEVERSION",
    "SYSTEM_PULLREQUEST_ISFORK",
    "SYSTEM_PULLREQUEST_PULLREQUESTID",
    "SYSTEM_PULLREQUEST_PULLREQUESTNUMBER",
    "SYSTEM_PULLREQUEST_SOURCECOMMITID",
    "SYSTEM_PULLREQUEST_TARGETBRANCH",
    "TF_BUILD",
    // Buildkite
    "BUILDKITE",
    "BUILDKITE_BUILD_CHECKOUT_PATH",
    "BUILDKITE_BUILD_URL",
    "BUILDKITE_PIPELINE_DEFAULT_BRANCH",
    "BUILDKITE_PULL_REQUEST",
    "BUILDKITE_PULL_REQUEST_BASE_BRANCH",
    "BUILDKITE_PULL_REQUEST_LABELS",
    "BUILDKITE_PULL_REQUEST_REPO",
    "BUILDKITE_REPO",
    "BUILDKITE_SOURCE",
    "BUILDKITE_TAG",
    // Jenkins
    "BUILD_URL",
    "CHANGE_FORK",
    "CHANGE_ID",
    "CHANGE_TARGET",
    "GIT_PREVIOUS_COMMIT",
    "JENKINS_URL",
    "TAG_NAME",
    "WORKSPACE",
    // Bitbucket Pipelines
    "BITBUCKET_BUILD_NUMBER",
    "BITBUCKET_CLONE_DIR",
    "BITBUCKET_PR_DESTINATION_BRANCH",
    "BITBUCKET_PR_DESTINATION_COMMIT",
    "BITBUCKET_PR_ID",
    "BITBUCKET_REPO_FULL_NAME",
    "BITBUCKET_TAG",
];

/// What the process was told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Environment {
    /// Those of [`VARIABLES`] that are set.
    pub variables: BTreeMap<String, String>,
    /// The event, where the service names a file with one.
    pub event: Payload,
}

impl Environment {
    /// A variable that is set to something.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        debug_assert!(VARIABLES.contains(&name), "`{name}` is not among the variables that are read");
        self.variables.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.get(name).map(str::to_owned)
    }

    pub(super) fn path(&self, name: &str) -> Option<PathBuf> {
        self.get(name).map(PathBuf::from)
    }

    /// A commit's full id; zeros and other text are none.
    pub(super) fn commit(&self, name: &str) -> Option<String> {
        self.get(name).and_then(super::commit)
    }

    pub(super) fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The file with the event, where the service names one.
    #[must_use]
    pub fn event_file(&self) -> Option<PathBuf> {
        self.is_true("GITHUB_ACTIONS").then(|| self.path("GITHUB_EVENT_PATH"))?
    }

    /// What the run is about.
    #[must_use]
    pub fn run(&self) -> Run {
        if self.is_true("GITHUB_ACTIONS") {
            github::run(self)
        } else if self.is_true("GITLAB_CI") {
            gitlab::run(self)
        } else {
            others::run(self)
        }
    }
}
