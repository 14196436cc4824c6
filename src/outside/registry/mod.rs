//! Registries and repositories as an oracle: what they say of names, releases and branches, asked only
//! on request.
//!
//! Which document is asked for and what it means is decided here; how it comes over the network is
//! behind [`Fetch`], where answers are kept behind [`Keep`]. Every answer is a stranger's: its size is
//! bounded before it gets here, texts of it are cut. An answer that cannot be had or understood leaves
//! its question without one and never means "nothing there". Only a host that knows what everybody knows
//! is believed when it says that it does not know a name.
//!
//! Sources: PyPI's "Index API" (PEP 691, 700, 740), "JSON API" and "Integrity API"; the Cargo book,
//! "Registry Index"; crates.io's data access policy; Git's "HTTP transfer protocols".

pub mod crates;
mod forge;
mod names;
mod patience;
pub mod pypi;
pub mod record;
pub mod refs;
pub mod repository;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use super::{Answer, Oracle, Question};
use crate::advisory::{Date, Ecosystem};

use forge::{Asked, Forge};
use names::Names;
use patience::Patience;

/// Names that are asked about in one audit: a tree decides how many there are.
pub const MAX_NAMES: usize = 4_096;
/// Repositories that are asked about in one audit.
pub const MAX_REPOSITORIES: usize = 256;
/// Actions whose files are asked for in one go.
pub const MAX_DEFINITIONS: usize = 256;
/// Questions about one name that are answered.
const MAX_ASKED: usize = 512;

/// Who is asked.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Host {
    /// PyPI or its mirror.
    PyPi,
    /// The sparse index of crates.io.
    CratesIndex,
    /// The site of crates.io.
    CratesIo,
    /// A repository, by its address without credentials.
    Repository(String),
    /// Files of GitHub's repositories: owner, repository and commit lead their path.
    GitHubRaw,
}

/// A document of a host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target {
    /// Who has it.
    pub host: Host,
    /// The segments of its path below the host's address; an empty one at the end is a final `/`.
    pub path: Vec<String>,
    /// The media type that is asked for.
    pub accept: &'static str,
    /// `service=git-upload-pack` and the like.
    pub query: Option<&'static str>,
}

impl Target {
    fn new(host: Host, path: &[&str], accept: &'static str) -> Self {
        Self { host, path: path.iter().map(|p| (*p).to_owned()).collect(), accept, query: None }
    }
}

/// Why a document is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    /// The host says that it has no such document.
    NotThere,
    /// It could not be had. The reason names no document, so that it is one reason for many of them.
    Why(String),
}

/// Gets documents.
pub trait Fetch: Sync {
    /// A document, of limited size.
    ///
    /// # Errors
    /// Why there is none.
    fn get(&self, target: &Target) -> Result<Vec<u8>, Lack>;
}

/// Keeps what was answered, by ecosystem and name. Whatever it gives is looked at as if it were new.
pub trait Keep: Sync {
    /// What was kept of a name.
    fn find(&self, ecosystem: Ecosystem, name: &str) -> Option<Vec<u8>>;
    /// Keeps it; that it could not is no fault of the audit.
    fn put(&self, ecosystem: Ecosystem, name: &str, bytes: &[u8]);
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy)]
pub struct Forget;

impl Keep for Forget {
    fn find(&self, _: Ecosystem, _: &str) -> Option<Vec<u8>> {
        None
    }
    fn put(&self, _: Ecosystem, _: &str, _: &[u8]) {}
}

/// How registries are asked.
#[derive(Debug, Clone)]
pub struct Manner {
    /// The day.
    pub today: Date,
    /// Days for which an answer is kept; with one, what was asked today is not asked again.
    pub max_age: u32,
    /// Hosts whose repositories may be asked, in lower case. A tree must not choose who is contacted.
    pub hosts: BTreeSet<String>,
    /// Questions that are under way at once.
    pub at_once: usize,
    /// Where names of PyPI are looked up, for [`Keep`]: an answer of one mirror is not another's.
    pub pypi: String,
    /// The same for crates.io.
    pub crates_io: String,
}

/// The oracle.
pub struct Registries<'a> {
    fetch: &'a dyn Fetch,
    keep: &'a dyn Keep,
    manner: Manner,
}

impl std::fmt::Debug for Registries<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Registries").field("manner", &self.manner).finish_non_exhaustive()
    }
}

/// Places of questions, with the version or branch that each asks about.
type Places<'q> = Vec<(usize, Option<&'q str>)>;

/// Questions that one document or a few answer, by their places.
enum Job<'q> {
    Name(Ecosystem, &'q str, Places<'q>),
    Repository(&'q str, Vec<(usize, Asked<'q>)>),
    /// Repository, path and commit.
    Definition(usize, [&'q str; 3]),
}

impl<'a> Registries<'a> {
    /// An oracle that gets its documents from `fetch`.
    #[must_use]
    pub fn new(fetch: &'a dyn Fetch, keep: &'a dyn Keep, manner: Manner) -> Self {
        Self { fetch, keep, manner }
    }

    fn jobs<'q>(questions: &'q [Question], out: &mut [Answer]) -> Vec<Job<'q>> {
        let mut names: BTreeMap<(Ecosystem, &str), Places<'_>> = BTreeMap::new();
        let mut repositories: BTreeMap<&str, Vec<(usize, Asked<'_>)>> = BTreeMap::new();
        let mut definitions = Vec::new();
        for (at, question) in questions.iter().enumerate() {
            match question {
                Question::Release { ecosystem, name, version } => {
                    names.entry((*ecosystem, name)).or_default().push((at, version.as_deref()));
                }
                Question::Revision { url, name } => {
                    repositories.entry(url).or_default().push((at, Asked::Name(name.as_deref())));
                }
                Question::Commit { url, commit } => {
                    repositories.entry(url).or_default().push((at, Asked::Commit(commit)));
                }
                Question::Definition { repository, path, commit } => {
                    definitions.push(Job::Definition(at, [repository, path, commit]));
                }
                _ => {}
            }
        }
        let mut leave = |at: usize, why: String| out[at] = Answer::Unknown(why);
        for (at, _) in names.values().skip(MAX_NAMES).flatten() {
            leave(*at, format!("more than {MAX_NAMES} names, the rest were not asked about"));
        }
        for (at, _) in repositories.values().skip(MAX_REPOSITORIES).flatten() {
            leave(*at, format!("more than {MAX_REPOSITORIES} repositories, the rest were not asked"));
        }
        for job in definitions.iter().skip(MAX_DEFINITIONS) {
            if let Job::Definition(at, _) = job {
                leave(*at, format!("more than {MAX_DEFINITIONS} actions, the rest were not looked into"));
            }
        }
        definitions.truncate(MAX_DEFINITIONS);
        let too_many = || format!("more than {MAX_ASKED} of its releases or branches, the rest were not looked up");
        for asked in names.values_mut().filter(|asked| asked.len() > MAX_ASKED) {
            asked.split_off(MAX_ASKED).iter().for_each(|(at, _)| leave(*at, too_many()));
        }
        for asked in repositories.values_mut().filter(|asked| asked.len() > MAX_ASKED) {
            asked.split_off(MAX_ASKED).iter().for_each(|(at, _)| leave(*at, too_many()));
        }
        let names = names.into_iter().take(MAX_NAMES).map(|((eco, name), asked)| Job::Name(eco, name, asked));
        let repositories =
            repositories.into_iter().take(MAX_REPOSITORIES).map(|(url, asked)| Job::Repository(url, asked));
        names.chain(repositories).chain(definitions).collect()
    }

    fn answer(job: Job<'_>, names: &Names<'_>, forge: &Forge<'_>) -> Vec<(usize, Answer)> {
        match job {
            Job::Name(ecosystem, name, asked) => {
                let versions: Vec<Option<&str>> = asked.iter().map(|(_, version)| *version).collect();
                let answers = names.ask(ecosystem, name, &versions);
                asked.iter().map(|(at, _)| *at).zip(answers).collect()
            }
            Job::Repository(url, asked) => {
                let questions: Vec<Asked<'_>> = asked.iter().map(|(_, asked)| *asked).collect();
                asked.iter().map(|(at, _)| *at).zip(forge.ask(url, &questions)).collect()
            }
            Job::Definition(at, [name, path, commit]) => vec![(at, forge.definition(name, path, commit))],
        }
    }
}

impl Oracle for Registries<'_> {
    fn ask(&self, questions: &[Question]) -> Vec<Answer> {
        let mut out: Vec<Answer> =
            questions.iter().map(|_| Answer::Unknown("registries do not know".to_owned())).collect();
        let jobs = Self::jobs(questions, &mut out);
        let names = Names::new(self.fetch, self.keep, &self.manner);
        let forge = Forge::new(Patience::new(self.fetch), self.keep, &self.manner);
        let threads = self.manner.at_once.clamp(1, jobs.len().max(1));
        let (jobs, answers) = (Mutex::new(jobs.into_iter()), Mutex::new(Vec::new()));
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    while let Some(job) = jobs.lock().ok().and_then(|mut jobs| jobs.next()) {
                        let answered = Self::answer(job, &names, &forge);
                        if let Ok(mut answers) = answers.lock() {
                            answers.extend(answered);
                        }
                    }
                });
            }
        });
        for (at, answer) in answers.into_inner().unwrap_or_default() {
            out[at] = answer;
        }
        out
    }

    fn answers_registries(&self) -> bool {
        true
    }

    fn may_know(&self, question: &Question) -> bool {
        match question {
            Question::Release { ecosystem, .. } => matches!(ecosystem, Ecosystem::PyPi | Ecosystem::CratesIo),
            Question::Revision { url, .. } | Question::Commit { url, .. } => {
                repository::to_ask(url, &self.manner.hosts).is_some()
            }
            Question::Definition { repository, path, commit } => forge::is_of_github(repository, path, commit),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests;
