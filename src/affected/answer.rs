//! What is answered.

use crate::sbom::model::Occurrence;

/// How something stands to what was asked for. The order is that of weight.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It does not have it.
    No,
    /// It cannot be told from what is there.
    CannotKnow,
    /// Nothing holds it at another version: who built it in that window could have got it.
    CouldHaveResolved,
    /// It is held at what was asked for: a lock, a commit, a digest, an exact version.
    Locked,
}

impl Standing {
    /// As the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::CannotKnow => "cannot-know",
            Self::CouldHaveResolved => "could-have-resolved",
            Self::Locked => "locked",
        }
    }
}

/// An answer about one target at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What was asked for, as a person names it.
    pub target: String,
    /// Who: the document, the tree or the repository, as it was named.
    pub who: String,
    /// Where in a repository: branches and tags, `main`, `v1.2`; empty for documents and trees.
    pub at: Vec<String>,
    /// Whether that is the branch of the repository itself.
    pub is_main: bool,
    /// How it stands.
    pub standing: Standing,
    /// Why, in one sentence: `uv.lock holds litellm 1.82.7`.
    pub why: String,
    /// The way to it, from the root to the part, in words.
    pub path: Vec<String>,
    /// Lines that say so.
    pub spots: Vec<Occurrence>,
    /// When it stood so, in seconds since 1970: the first and the last moment, of a history. None for the last where it
    /// still does.
    pub when: Option<(i64, Option<i64>)>,
    /// The commits at which that began and ended.
    pub commits: Option<(String, Option<String>)>,
    /// Releases, images and other artefacts that are to be made again.
    pub rebuild: Vec<String>,
    /// Jobs that ran it or could have, each with the names of the secrets it could read.
    pub jobs: Vec<Exposed>,
    /// What of tests, examples and docs could hide it, in sentences. It does not decide.
    pub aside: Vec<String>,
}

impl Answer {
    /// An answer without anything found.
    #[must_use]
    pub fn new(target: &str, who: &str, standing: Standing, why: String) -> Self {
        Self {
            target: target.to_owned(),
            who: who.to_owned(),
            at: Vec::new(),
            is_main: false,
            standing,
            why,
            path: Vec::new(),
            spots: Vec::new(),
            when: None,
            commits: None,
            rebuild: Vec::new(),
            jobs: Vec::new(),
            aside: Vec::new(),
        }
    }
}

/// A job, or another place that runs what was asked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exposed {
    /// What it is called: `release.yml: job publish`.
    pub name: String,
    /// Where it stands.
    pub at: Occurrence,
    /// Names of secrets that it could read, `GITHUB_TOKEN (contents: write)` among them.
    pub secrets: Vec<String>,
}
