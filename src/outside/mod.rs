//! Knowledge from outside comes through one door. Questions are about supply chains, never about
//! HTTP; offline is an oracle that says it does not know. `live` is the network, which no oracle uses.

pub mod cached;
pub mod cargo_home;
pub mod facts;
pub mod hub;
pub mod layered;
pub mod live;
pub mod metadata;
pub mod registry;
pub mod remembered;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::advisory::Date;
use crate::advisory::Ecosystem;
use crate::advisory::Match;
use crate::advisory::pep440::Exposure;
use crate::graph::NodeId;
use crate::graph::kinds::sbom::{RecordedRelease, Registry};

use facts::CommitFacts;
use facts::DefinitionFacts;
use facts::ReleaseFacts;
use facts::RevisionFacts;
use hub::ContentFacts;
use hub::HubFilesFacts;
use hub::HubRevisionFacts;
use hub::RepoKind;

/// What a rule may ask.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Question {
    /// Which advisories name this release of a crate.
    Crate {
        /// Name on the registry.
        name: String,
        /// Version.
        version: String,
    },
    /// Which advisories name this release of a distribution of PyPI.
    Distribution {
        /// Name, in any spelling.
        name: String,
        /// Version, in any spelling.
        version: String,
    },
    /// Which advisories a requirement on a distribution of PyPI lets in.
    Requirement {
        /// Name, in any spelling.
        name: String,
        /// PEP 440 specifiers; empty where every version will do.
        specifiers: String,
    },
    /// Which advisories name this toolchain.
    Toolchain {
        /// Channel as written: `1.85.1`, `nightly-2026-01-01`.
        channel: String,
    },
    /// Which advisories name this action at this reference.
    Action {
        /// `owner/repo`.
        repository: String,
        /// Folder in it; empty for the root.
        path: String,
        /// Tag, branch or commit.
        reference: String,
    },
    /// What its registry says of a release, or of a name where no version is given. Only an oracle that
    /// was asked for answers it.
    Release {
        /// Whose names.
        ecosystem: Ecosystem,
        /// Name, normalised as the ecosystem does.
        name: String,
        /// Version.
        version: Option<String>,
    },
    /// Which advisories say that every release of a name is an attack.
    Malware {
        /// Whose names.
        ecosystem: Ecosystem,
        /// Name, normalised as the ecosystem does.
        name: String,
    },
    /// Which packages an advisory names.
    Advisory {
        /// Its id, or another name of it.
        id: String,
    },
    /// Where a branch or tag of a repository leads now.
    Revision {
        /// The address of the repository.
        url: String,
        /// The branch or tag; none for its default branch.
        name: Option<String>,
    },
    /// What a repository says of a commit.
    Commit {
        /// The address of the repository.
        url: String,
        /// The commit, in hexadecimal.
        commit: String,
    },
    /// What an action or reusable workflow of GitHub is made of.
    Definition {
        /// `owner/repo`.
        repository: String,
        /// Folder of the action, or path of the workflow; empty for the root.
        path: String,
        /// The commit, in hexadecimal.
        commit: String,
    },
    /// Where a branch, tag or commit of a hub's repository leads now.
    HubRevision {
        /// Whose names.
        kind: RepoKind,
        /// Name, as the hub spells it.
        name: String,
        /// The branch, tag or commit; none for what is loaded where nobody names one.
        revision: Option<String>,
    },
    /// The files of a hub's repository.
    HubFiles {
        /// Whose names.
        kind: RepoKind,
        /// Name, as the hub spells it.
        name: String,
        /// The commit, in full.
        commit: String,
    },
    /// The bytes of a small file of a hub's repository.
    HubContent {
        /// Whose names.
        kind: RepoKind,
        /// Name, as the hub spells it.
        name: String,
        /// The commit, in full.
        commit: String,
        /// The file.
        path: String,
    },
    /// The digest that the reference of an image leads to now.
    Image {
        /// As it is written.
        reference: String,
    },
    /// The digest of what an address holds now.
    Tool {
        /// The address.
        url: String,
    },
}

impl Question {
    /// Whether every release of a distribution of PyPI is an attack.
    #[must_use]
    pub fn malware_of_pypi(name: &str) -> Self {
        Self::Malware { ecosystem: Ecosystem::PyPi, name: name.to_owned() }
    }

    /// Whether every release of a crate of crates.io is an attack.
    #[must_use]
    pub fn malware_of_crates_io(name: &str) -> Self {
        Self::Malware { ecosystem: Ecosystem::CratesIo, name: name.to_owned() }
    }

    /// What it is about, in a few words.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Crate { name, .. }
            | Self::Distribution { name, .. }
            | Self::Requirement { name, .. }
            | Self::Malware { name, .. }
            | Self::Release { name, .. }
            | Self::HubRevision { name, .. }
            | Self::HubFiles { name, .. }
            | Self::HubContent { name, .. } => name,
            Self::Revision { url, .. } | Self::Commit { url, .. } | Self::Tool { url } => url,
            Self::Image { reference } => reference,
            Self::Advisory { id } => id,
            Self::Toolchain { channel } => channel,
            Self::Action { repository, .. } | Self::Definition { repository, .. } => repository,
        }
    }

    /// Whether registries, repositories and hubs answer it, and not an index of advisories.
    #[must_use]
    pub fn is_of_registries(&self) -> bool {
        matches!(self, Self::Release { .. } | Self::Revision { .. } | Self::Commit { .. } | Self::Definition { .. })
            || self.is_of_hubs()
    }

    /// Whether hubs, registries of images and servers of tools answer it.
    #[must_use]
    pub fn is_of_hubs(&self) -> bool {
        matches!(
            self,
            Self::HubRevision { .. }
                | Self::HubFiles { .. }
                | Self::HubContent { .. }
                | Self::Image { .. }
                | Self::Tool { .. }
        )
    }
}

/// What is known.
#[derive(Debug, Clone)]
pub enum Answer {
    /// Advisories that apply; empty where none does.
    Advisories(Vec<Match>),
    /// What a requirement may let in.
    Exposure(Exposure),
    /// Names of packages, sorted; empty where the advisory is not known.
    Packages(Vec<String>),
    /// What a registry says of a release.
    Release(Box<ReleaseFacts>),
    /// Where a branch or tag leads.
    Revision(RevisionFacts),
    /// What a repository says of a commit.
    Commit(CommitFacts),
    /// What an action is made of.
    Definition(DefinitionFacts),
    /// Where a revision of a hub's repository leads.
    HubRevision(HubRevisionFacts),
    /// The files of a hub's repository.
    HubFiles(Arc<HubFilesFacts>),
    /// The bytes of a file.
    HubContent(Arc<[u8]>),
    /// The digest of an image's manifest, or of its list of manifests: `sha256:..`.
    Image(String),
    /// What an address holds.
    Tool(ContentFacts),
    /// It cannot be told, and why.
    Unknown(String),
}

impl RecordedRelease {
    /// Which advisories name the release.
    #[must_use]
    pub fn question(&self) -> Question {
        let (name, version) = (self.name.clone(), self.version.clone());
        match self.registry {
            Registry::CratesIo => Question::Crate { name, version },
            Registry::PyPi => Question::Distribution { name, version },
        }
    }
}

/// Answers questions, one answer for each, in order.
pub trait Oracle: Sync {
    /// Asks all at once.
    fn ask(&self, questions: &[Question]) -> Vec<Answer>;

    /// Whether it was given registries or repositories to ask. Where none was, nobody asks for their
    /// facts, so that nothing is said to be unknown that nobody wanted to know.
    fn answers_registries(&self) -> bool {
        false
    }

    /// Whether it is worth asking: false where it never has an answer to such a question.
    fn may_know(&self, question: &Question) -> bool {
        !question.is_of_registries() || self.answers_registries()
    }
}

/// Nobody to ask.
#[derive(Debug, Clone, Copy, Default)]
pub struct Nobody;

impl Oracle for Nobody {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        questions.iter().map(|_| Answer::Unknown("nobody was asked".to_owned())).collect()
    }

    fn may_know(&self, _: &Question) -> bool {
        false
    }
}

/// Answers, by node of the graph and by question.
#[derive(Debug, Default)]
pub struct Known {
    nodes: BTreeMap<NodeId, Answer>,
    questions: BTreeMap<Question, Answer>,
}

impl Known {
    /// Pairs nodes and questions with their answers.
    #[must_use]
    pub fn new(nodes: BTreeMap<NodeId, Answer>, questions: BTreeMap<Question, Answer>) -> Self {
        Self { nodes, questions }
    }

    /// Advisories that apply to a node.
    #[must_use]
    pub fn advisories(&self, node: NodeId) -> &[Match] {
        match self.nodes.get(&node) {
            Some(Answer::Advisories(matches)) => matches,
            _ => &[],
        }
    }

    /// Advisories that answer a question, where it was asked and could be told.
    #[must_use]
    pub fn of(&self, question: &Question) -> &[Match] {
        match self.questions.get(question) {
            Some(Answer::Advisories(matches)) => matches,
            _ => &[],
        }
    }

    /// Releases of distributions with the advisories that apply to each, by name and version as they
    /// were asked about.
    pub fn releases(&self) -> impl Iterator<Item = (&str, &str, &[Match])> {
        self.questions.iter().filter_map(|(question, answer)| match (question, answer) {
            (Question::Distribution { name, version }, Answer::Advisories(matches)) => {
                Some((name.as_str(), version.as_str(), matches.as_slice()))
            }
            _ => None,
        })
    }

    /// What a requirement may let in, where that was asked and could be told.
    #[must_use]
    pub fn exposure(&self, name: &str, specifiers: &str) -> Option<&Exposure> {
        let question = Question::Requirement { name: name.to_owned(), specifiers: specifiers.to_owned() };
        match self.questions.get(&question) {
            Some(Answer::Exposure(exposure)) => Some(exposure),
            _ => None,
        }
    }

    /// Advisories that call every release of a name an attack.
    #[must_use]
    pub fn malware(&self, ecosystem: Ecosystem, name: &str) -> &[Match] {
        match self.questions.get(&Question::Malware { ecosystem, name: name.to_owned() }) {
            Some(Answer::Advisories(matches)) => matches,
            _ => &[],
        }
    }

    /// What a registry says of a release or name, where that was asked and could be told.
    #[must_use]
    pub fn release(&self, ecosystem: Ecosystem, name: &str, version: Option<&str>) -> Option<&ReleaseFacts> {
        let version = version.map(str::to_owned);
        match self.questions.get(&Question::Release { ecosystem, name: name.to_owned(), version }) {
            Some(Answer::Release(facts)) => Some(facts),
            _ => None,
        }
    }

    /// The packages that an advisory names; empty where it is not known or was not asked about.
    #[must_use]
    pub fn packages(&self, id: &str) -> &[String] {
        match self.questions.get(&Question::Advisory { id: id.to_owned() }) {
            Some(Answer::Packages(names)) => names,
            _ => &[],
        }
    }

    /// Where a branch or tag of a repository leads, where that was asked and could be told.
    #[must_use]
    pub fn revision(&self, url: &str, name: Option<&str>) -> Option<&RevisionFacts> {
        let question = Question::Revision { url: url.to_owned(), name: name.map(str::to_owned) };
        match self.questions.get(&question) {
            Some(Answer::Revision(facts)) => Some(facts),
            _ => None,
        }
    }

    /// What a repository says of a commit, where that was asked and could be told.
    #[must_use]
    pub fn commit(&self, url: &str, commit: &str) -> Option<&CommitFacts> {
        let question = Question::Commit { url: url.to_owned(), commit: commit.to_owned() };
        match self.questions.get(&question) {
            Some(Answer::Commit(facts)) => Some(facts),
            _ => None,
        }
    }

    /// Where a revision of a hub's repository leads, where that was asked and could be told.
    #[must_use]
    pub fn hub_revision(&self, kind: RepoKind, name: &str, revision: Option<&str>) -> Option<&HubRevisionFacts> {
        let (name, revision) = (name.to_owned(), revision.map(str::to_owned));
        match self.questions.get(&Question::HubRevision { kind, name, revision }) {
            Some(Answer::HubRevision(facts)) => Some(facts),
            _ => None,
        }
    }

    /// Advisories that name an action at a reference it is known to have besides the one it is used by.
    #[must_use]
    pub fn action(&self, repository: &str, path: &str, reference: &str) -> &[Match] {
        let (repository, path, reference) = (repository.to_owned(), path.to_owned(), reference.to_owned());
        match self.questions.get(&Question::Action { repository, path, reference }) {
            Some(Answer::Advisories(matches)) => matches,
            _ => &[],
        }
    }

    /// Nodes about which nothing could be told, and why.
    pub fn unknown_nodes(&self) -> impl Iterator<Item = (NodeId, &str)> {
        self.nodes.iter().filter_map(|(node, answer)| match answer {
            Answer::Unknown(why) => Some((*node, why.as_str())),
            _ => None,
        })
    }

    /// Questions to registries that have no answer, or not all of one, and why.
    pub fn unanswered(&self) -> impl Iterator<Item = (&Question, &str)> {
        self.questions.iter().filter(|(question, _)| question.is_of_registries()).flat_map(|(question, answer)| {
            let whole = if let Answer::Unknown(why) = answer { Some(why.as_str()) } else { None };
            let parts = if let Answer::Release(facts) = answer { facts.missing.as_slice() } else { &[] };
            let part = if let Answer::Commit(facts) = answer { facts.missing.as_deref() } else { None };
            whole.into_iter().chain(part).chain(parts.iter().map(String::as_str)).map(move |why| (question, why))
        })
    }

    /// Days of answers of registries: the oldest and the newest, where any has one.
    #[must_use]
    pub fn registry_days(&self) -> Option<(Date, Date)> {
        let days = || {
            self.questions.values().filter_map(|answer| match answer {
                Answer::Release(facts) => facts.as_of,
                Answer::Revision(facts) => facts.as_of,
                Answer::Commit(facts) => facts.as_of,
                Answer::Definition(facts) => facts.as_of,
                Answer::HubRevision(facts) => facts.as_of,
                Answer::HubFiles(facts) => facts.as_of,
                Answer::Tool(facts) => facts.as_of,
                _ => None,
            })
        };
        Some((days().min()?, days().max()?))
    }

    /// Questions that have no answer, and why.
    pub fn unknown_questions(&self) -> impl Iterator<Item = (&Question, &str)> {
        self.questions.iter().filter_map(|(question, answer)| match answer {
            Answer::Unknown(why) => Some((question, why.as_str())),
            _ => None,
        })
    }
}
