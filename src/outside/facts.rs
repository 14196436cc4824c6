//! What registries say of a release: whether it is there, withdrawn, how old, by whom. Facts of a day,
//! asked only where somebody asked for it. Sources: PyPI's "JSON API" and "Index API" (PEP 691, 700, 740),
//! crates.io's sparse index ("Registry Index" of the Cargo book) and data access policy.

use crate::advisory::Date;

/// What a registry says of a release and of its name. None where it was not asked or does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReleaseFacts {
    /// Whether the registry knows the name at all.
    pub name_exists: Option<bool>,
    /// Whether it knows the release.
    pub release_exists: Option<bool>,
    /// Whether the release was withdrawn.
    pub yanked: Option<bool>,
    /// Why it was, as its publisher says.
    pub yanked_reason: Option<String>,
    /// The day the release came out.
    pub released: Option<Date>,
    /// The day the first release of the name came out.
    pub first_released: Option<Date>,
    /// Whether its files have attestations (PEP 740) or it came by trusted publishing.
    pub attested: Option<bool>,
    /// Whether the release before it had them.
    pub attested_before: Option<bool>,
    /// The repository that its metadata names.
    pub repository: Option<String>,
    /// The repository that its attestation names: proven, not claimed.
    pub attested_repository: Option<String>,
    /// Who may publish, sorted.
    pub owners: Vec<String>,
    /// Who could when it was last asked, sorted; none where it was not asked before.
    pub owners_before: Option<Vec<String>>,
    /// Whether all of its files are source distributions.
    pub only_source: Option<bool>,
    /// The licence its metadata states.
    pub licence: Option<String>,
    /// Who said so, in a few words: `crates.io`, `cargo's index cache`.
    pub source: String,
    /// The day the registry said so.
    pub as_of: Option<Date>,
    /// What was asked beside and could not be had, a reason each that names no release.
    pub missing: Vec<String>,
}

/// What a repository says of a branch or tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RevisionFacts {
    /// The commit it leads to now; none where there is no such branch or tag.
    pub commit: Option<String>,
    /// The commit of the branch of that name.
    pub branch: Option<String>,
    /// The commit of the tag of that name.
    pub tag: Option<String>,
    /// Tags that lead to the same commit, sorted.
    pub tags: Vec<String>,
    /// The day it was asked.
    pub as_of: Option<Date>,
}

/// What a repository says of a commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CommitFacts {
    /// Tags that lead to it, sorted.
    pub tags: Vec<String>,
    /// Branches that end with it, sorted.
    pub branches: Vec<String>,
    /// Whether any branch or tag of the repository holds it; none where that could not be told.
    pub held: Option<bool>,
    /// The day it was asked.
    pub as_of: Option<Date>,
    /// Why it could not be told whether it is held.
    pub missing: Option<String>,
}

/// The file that says what an action or reusable workflow is made of, at a commit.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DefinitionFacts {
    /// Its name: `action.yml`, or the path of a workflow.
    pub file: String,
    /// Its text; none where the repository has no such file at that commit.
    pub text: Option<String>,
    /// The day it was asked for.
    pub as_of: Option<Date>,
}
