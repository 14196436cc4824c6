//! What a CI service says of the run: which change is judged, against what, and where reports are to go. Pure: the
//! environment and the event come in as text.
//!
//! Everything that comes in may have been chosen by a stranger: names of branches, titles, labels. Commits are taken
//! as hexadecimal digits and branches by git's own rules for their names, or not at all; nothing is ever handed to a
//! shell. Knows no rule and no report.

pub mod approval;
pub mod base;
pub mod deliver;
mod environment;
mod event;
mod github;
mod gitlab;
mod others;

use std::path::PathBuf;

pub use base::{Candidate, Comparison, History, Missing, Point};
pub use environment::{Environment, VARIABLES};
pub use event::Payload;

/// A service that runs jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Service {
    /// GitHub Actions, and what speaks its language.
    GitHub,
    /// GitLab CI/CD.
    GitLab,
    /// Azure Pipelines.
    Azure,
    /// Buildkite.
    Buildkite,
    /// Jenkins, multibranch.
    Jenkins,
    /// Bitbucket Pipelines.
    Bitbucket,
    /// Any other, or a person's machine.
    Generic,
}

impl Service {
    /// What people call it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::GitHub => "GitHub Actions",
            Self::GitLab => "GitLab CI/CD",
            Self::Azure => "Azure Pipelines",
            Self::Buildkite => "Buildkite",
            Self::Jenkins => "Jenkins",
            Self::Bitbucket => "Bitbucket Pipelines",
            Self::Generic => "no service that is known",
        }
    }
}

/// What kind of thing is judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Occasion {
    /// A change, against what was there before it.
    Change,
    /// All that is there: a schedule, a release, a run by hand.
    Whole,
}

/// A pull request or merge request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: Option<u64>,
    /// Whether it comes from another repository. Where nobody says, it does: then less is relied upon.
    pub is_fork: bool,
    /// Whether a bot of the service opened it, which gets no more rights than a fork.
    pub is_dependabot: bool,
    /// What set the run off: `opened`, `synchronize`, `labeled`.
    pub action: Option<String>,
    /// The label that was put or taken off, where that set the run off.
    pub label: Option<String>,
    /// Its text, where it is known.
    pub text: Option<String>,
    /// Who opened it.
    pub author: Option<String>,
    /// Its labels; none where they are not known, which is not the same as having none.
    pub labels: Option<Vec<String>>,
}

/// Where the service wants things, as it names the files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// Named values for later steps are appended to it (`GITHUB_OUTPUT`).
    pub values: Option<PathBuf>,
    /// The page of the job; Markdown is appended to it (`GITHUB_STEP_SUMMARY`).
    pub summary: Option<PathBuf>,
    /// The folder for reports, where nobody names another; it may lie in the work tree.
    pub reports: Option<PathBuf>,
}

/// A commit that holds nothing of the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WithoutChange {
    /// The commit.
    pub commit: String,
    /// What to say where it is checked out.
    pub sentence: String,
}

/// What a run is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Who runs us.
    pub service: Service,
    /// What set it off, in the service's word: `pull_request`. Empty where there is none.
    pub event: String,
    /// Whether a change is judged.
    pub occasion: Occasion,
    /// Where the tree before the change may be found, the best first.
    pub base: Vec<Candidate>,
    /// The revision that is judged.
    pub head: String,
    /// The commit that the service checks out where it holds nothing of the change.
    pub without_change: Option<WithoutChange>,
    /// What to set so that the clone holds the base: `fetch-depth: 2`.
    pub depth: String,
    /// The pull request.
    pub pull_request: Option<PullRequest>,
    /// Who set it off.
    pub actor: Option<String>,
    /// `owner/name` of the repository.
    pub repository: Option<String>,
    /// Address of the service.
    pub server: Option<String>,
    /// Address of this run's own page.
    pub page: Option<String>,
    /// Where the service checked the repository out.
    pub workspace: Option<PathBuf>,
    /// Where things go.
    pub places: Places,
    /// Whether the run may hand SARIF to the service; forks and Dependabot may not.
    pub can_upload: bool,
    /// What a person should know of how the run was set up, a sentence each.
    pub notes: Vec<String>,
}

impl Run {
    /// Takes a person's word for what is compared; it goes before all that the service says.
    pub fn ask(&mut self, base: Option<&str>, head: Option<&str>) {
        if let Some(head) = head {
            head.clone_into(&mut self.head);
            self.without_change = None;
        }
        if let Some(base) = base {
            self.occasion = Occasion::Change;
            self.without_change = None;
            self.base = vec![Candidate::Revision {
                revision: base.to_owned(),
                how: "as it was asked for".to_owned(),
                is_asked: true,
            }];
        }
    }

    /// A run of which nothing is known yet.
    fn of(service: Service, event: &str, occasion: Occasion) -> Self {
        Self {
            service,
            event: event.to_owned(),
            occasion,
            base: Vec::new(),
            head: "HEAD".to_owned(),
            without_change: None,
            depth: "fetch the whole history, or name the base with --base".to_owned(),
            pull_request: None,
            actor: None,
            repository: None,
            server: None,
            page: None,
            workspace: None,
            places: Places::default(),
            can_upload: false,
            notes: Vec::new(),
        }
    }
}

/// A commit's full id: forty or sixty-four hexadecimal digits that are not all zero, which services write for *none*.
fn commit(text: &str) -> Option<String> {
    let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit());
    (is_id && text.bytes().any(|b| b != b'0')).then(|| text.to_ascii_lowercase())
}

/// A branch's name by the rules of `git check-ref-format`; none of them can be taken for an option or an operator.
fn branch(text: &str) -> Option<&str> {
    let text = text.strip_prefix("refs/heads/").unwrap_or(text);
    let is_odd = |c: char| c.is_control() || matches!(c, ' ' | '~' | '^' | ':' | '?' | '*' | '[' | '\\');
    let is_fine = !text.is_empty()
        && text.len() <= 1024
        && !text.starts_with('-')
        && text != "@"
        && !text.ends_with('.')
        && !text.contains("..")
        && !text.contains("@{")
        && !text.chars().any(is_odd)
        && text.split('/').all(|part| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock"));
    is_fine.then_some(text)
}

/// The branch as this clone's copy of the remote has it.
fn remote(name: &str) -> Option<String> {
    branch(name).map(|name| format!("refs/remotes/origin/{name}"))
}

#[cfg(test)]
mod tests;

#[cfg(test)]
mod name_tests {
    use super::*;

    #[test]
    fn names_of_branches_are_gits() {
        for good in ["main", "release/1.2", "refs/heads/main", "a@b", "ünïcode", "$(x)", "a;b", "`id`", "x::set-output"]
        {
            // A colon is no character of a branch's name.
            assert_eq!(branch(good).is_some(), !good.contains(':'), "{good}");
        }
        for bad in [
            "",
            "-x",
            "--upload-pack=x",
            "a..b",
            "a b",
            "a\nb",
            "main~1",
            "main^",
            "@",
            "@{u}",
            "a//b",
            "/a",
            "a/",
            ".a",
            "x.lock",
            "a.",
        ] {
            assert_eq!(branch(bad), None, "{bad:?}");
        }
    }

    #[test]
    fn a_commit_is_hexadecimal_and_not_zero() {
        assert!(commit(&"a1".repeat(20)).is_some());
        assert_eq!(commit(&"A1".repeat(20)), Some("a1".repeat(20)));
        assert!(commit(&"b".repeat(64)).is_some());
        for bad in [
            String::new(),
            "0".repeat(40),
            "0".repeat(64),
            "HEAD".to_owned(),
            "g".repeat(40),
            "a".repeat(39),
            format!("{}\n", "a".repeat(40)),
        ] {
            assert_eq!(commit(&bad), None, "{bad:?}");
        }
    }
}
