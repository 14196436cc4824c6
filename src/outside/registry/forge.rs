//! Repositories: where their names lead, what holds a commit, and what an action is made of. Which documents are
//! asked for, and what of them is kept.
//!
//! Whether a branch or tag holds a commit is told by a document of GitHub's own pages, which it does not describe;
//! anything but the two lists that are expected there leaves the question open. Sources: Git's "HTTP transfer
//! protocols"; GitHub community, discussion 78161, on `branch_commits`.

use serde::{Deserialize, Serialize};

use super::patience::Patience;
use super::refs::{self, Refs};
use super::{Host, Keep, Lack, Manner, Target, repository};
use crate::advisory::{Date, Ecosystem};
use crate::graph::indexes::GITHUB;
use crate::outside::Answer;
use crate::outside::facts::{CommitFacts, DefinitionFacts, RevisionFacts};

/// The form of kept records; another is asked for again.
const FORMAT: u32 = 1;
/// Most bytes of an action's own file.
const MAX_FILE: usize = 1 << 20;
/// Longest name of a kept record, in bytes.
const LONGEST: usize = 150;

/// One question about a repository.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'q> {
    /// A branch or tag; none for the default branch.
    Name(Option<&'q str>),
    /// A commit.
    Commit(&'q str),
}

/// Asks repositories.
pub(super) struct Forge<'a> {
    hosts: Patience<'a>,
    keep: &'a dyn Keep,
    manner: &'a Manner,
}

/// Where names of a repository lead, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptRefs {
    format: u32,
    of: String,
    as_of: String,
    refs: Refs,
}

/// The file of an action, as it is kept. A commit does not change, so that it is never too old.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeptFile {
    format: u32,
    of: String,
    as_of: String,
    file: String,
    text: String,
}

/// The two lists of `branch_commits` that tell whether anything holds the commit.
#[derive(Deserialize)]
struct Holders {
    branches: Vec<serde_json::Value>,
    tags: Vec<serde_json::Value>,
}

impl<'a> Forge<'a> {
    pub(super) fn new(hosts: Patience<'a>, keep: &'a dyn Keep, manner: &'a Manner) -> Self {
        Self { hosts, keep, manner }
    }

    /// Answers to questions about one repository.
    pub(super) fn ask(&self, url: &str, asked: &[Asked<'_>]) -> Vec<Answer> {
        // What is kept has branches and tags alone.
        let is_plain = |asked: &Asked<'_>| match asked {
            Asked::Name(Some(name)) => {
                !name.starts_with("refs/") || name.starts_with("refs/heads/") || name.starts_with("refs/tags/")
            }
            _ => true,
        };
        let (refs, day) = match self.refs(url, asked.iter().all(is_plain)) {
            Ok(found) => found,
            Err(why) => return asked.iter().map(|_| Answer::Unknown(why.clone())).collect(),
        };
        let answer = |asked: &Asked<'_>| match asked {
            Asked::Name(name) => {
                let commit = refs.find(*name).map(str::to_owned);
                let named = |of: Option<&String>| of.cloned();
                Answer::Revision(RevisionFacts {
                    branch: name.and_then(|name| named(refs.branches.get(name))),
                    tag: name.and_then(|name| named(refs.tags.get(name))),
                    tags: commit.as_deref().map(|commit| refs.tags_of(commit)).unwrap_or_default(),
                    commit,
                    as_of: Some(day),
                })
            }
            Asked::Commit(commit) => {
                let mut facts = CommitFacts {
                    tags: refs.tags_of(commit),
                    branches: refs.branches_of(commit),
                    as_of: Some(day),
                    ..CommitFacts::default()
                };
                if !facts.tags.is_empty() || !facts.branches.is_empty() {
                    facts.held = Some(true);
                } else {
                    match self.is_held(url, commit) {
                        Ok(held) => facts.held = Some(held),
                        Err(why) => facts.missing = Some(why),
                    }
                }
                Answer::Commit(facts)
            }
        };
        asked.iter().map(answer).collect()
    }

    /// What a repository advertises, with the day it did.
    fn refs(&self, url: &str, may_be_kept: bool) -> Result<(Refs, Date), String> {
        let Some(address) = repository::to_ask(url, &self.manner.hosts) else {
            return Err("its host is not asked (`--online-host` names more)".to_owned());
        };
        let (today, key) = (self.manner.today, file_name("refs", &address));
        let kept = self.keep.find(Ecosystem::GitHubActions, &key).filter(|_| may_be_kept);
        let kept = kept.and_then(|bytes| serde_json::from_slice::<KeptRefs>(&bytes).ok());
        let kept = kept.filter(|kept| kept.format == FORMAT && kept.of == address);
        if let Some((kept, day)) = kept.and_then(|kept| Date::parse(&kept.as_of).map(|day| (kept, day)))
            && (0..i64::from(self.manner.max_age)).contains(&super::record::age(&kept.as_of, today))
        {
            return Ok((kept.refs, day));
        }
        let mut target = Target::new(Host::Repository(address.clone()), &["info", "refs"], "*/*");
        target.query = Some("service=git-upload-pack");
        let bytes = self.hosts.get(&target).map_err(|lack| match lack {
            Lack::NotThere => "the host knows no such repository, or shows it only to some".to_owned(),
            Lack::Why(why) => why,
        })?;
        let refs = refs::read(&bytes).map_err(|error| self.hosts.failed(&target.host, error.to_string()))?;
        self.hosts.well(&target.host);
        let record = KeptRefs { format: FORMAT, of: address, as_of: today.to_string(), refs };
        self.put(&key, &record);
        Ok((record.refs, today))
    }

    /// Whether any branch or tag of a repository holds a commit.
    fn is_held(&self, url: &str, commit: &str) -> Result<bool, String> {
        let address = repository::to_ask(url, &self.manner.hosts);
        let Some(address) = address.filter(|address| address.starts_with(&format!("{GITHUB}/"))) else {
            return Err("whether a branch holds a commit is asked of GitHub alone".to_owned());
        };
        let target = Target::new(Host::Repository(address), &["branch_commits", commit], "application/json");
        let other = || "GitHub does not say which branches hold a commit".to_owned();
        let bytes = self.hosts.get(&target).map_err(|lack| match lack {
            Lack::NotThere => other(),
            Lack::Why(why) => why,
        })?;
        let holders: Holders = serde_json::from_slice(&bytes).map_err(|_| self.hosts.failed(&target.host, other()))?;
        self.hosts.well(&target.host);
        Ok(!holders.branches.is_empty() || !holders.tags.is_empty())
    }

    /// The file of an action or reusable workflow at a commit.
    pub(super) fn definition(&self, name: &str, path: &str, commit: &str) -> Answer {
        if !is_of_github(name, path, commit) {
            return Answer::Unknown("it is no name that GitHub holds".to_owned());
        }
        let of = format!("{name}/{path}@{commit}").to_ascii_lowercase();
        let key = file_name(&format!("file-{commit}"), &of);
        let kept = self.keep.find(Ecosystem::GitHubActions, &key);
        let kept = kept.and_then(|bytes| serde_json::from_slice::<KeptFile>(&bytes).ok());
        let kept = kept.filter(|kept| kept.format == FORMAT && kept.of == of && kept.text.len() <= MAX_FILE);
        if let Some((kept, day)) = kept.and_then(|kept| Date::parse(&kept.as_of).map(|day| (kept, day))) {
            return Answer::Definition(DefinitionFacts { file: kept.file, text: Some(kept.text), as_of: Some(day) });
        }
        let files: &[&str] = if is_workflow(path) { &[""] } else { &["action.yml", "action.yaml"] };
        for file in files {
            let whole = [path, file].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
            let parts: Vec<&str> = name.split('/').chain([commit]).chain(whole.split('/')).collect();
            let target = Target::new(Host::GitHubRaw, &parts, "*/*");
            let bytes = match self.hosts.get(&target) {
                Ok(bytes) => bytes,
                Err(Lack::NotThere) => continue,
                Err(Lack::Why(why)) => return Answer::Unknown(why),
            };
            self.hosts.well(&target.host);
            if bytes.len() > MAX_FILE {
                return Answer::Unknown(format!("its file has more than {} MiB", MAX_FILE >> 20));
            }
            let Ok(text) = String::from_utf8(bytes) else {
                return Answer::Unknown("its file is no text".to_owned());
            };
            let as_of = self.manner.today.to_string();
            let record = KeptFile { format: FORMAT, of, as_of, file: whole, text };
            self.put(&key, &record);
            let as_of = Some(self.manner.today);
            return Answer::Definition(DefinitionFacts { file: record.file, text: Some(record.text), as_of });
        }
        Answer::Definition(DefinitionFacts { file: String::new(), text: None, as_of: Some(self.manner.today) })
    }

    fn put(&self, key: &str, record: &impl Serialize) {
        if let Ok(mut bytes) = serde_json::to_vec(record) {
            bytes.push(b'\n');
            self.keep.put(Ecosystem::GitHubActions, key, &bytes);
        }
    }
}

/// Whether a path names a workflow and not the folder of an action.
pub(super) fn is_workflow(path: &str) -> bool {
    path.starts_with(".github/workflows/") && (path.ends_with(".yml") || path.ends_with(".yaml"))
}

/// Whether these could be a repository of GitHub, a path in it and a commit. No other is put into an address.
pub(super) fn is_of_github(name: &str, path: &str, commit: &str) -> bool {
    let is_plain = |part: &str| {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
        !matches!(part, "" | "." | "..") && part.bytes().all(is_plain)
    };
    let is_commit = matches!(commit.len(), 40 | 64) && commit.bytes().all(|b| b.is_ascii_hexdigit());
    name.split('/').count() == 2
        && name.len() + path.len() <= 512
        && name.split('/').all(is_plain)
        && (path.is_empty() || path.split('/').all(is_plain))
        && is_commit
}

/// A name for what is kept, of letters, digits, `-`, `_` and `.`. Two of them may share one: what is kept says
/// itself what it is of.
fn file_name(kind: &str, of: &str) -> String {
    let plain = of.chars().map(|c| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '.' });
    let name: String = kind.chars().chain(['-']).chain(plain).take(LONGEST).collect();
    name
}

#[cfg(test)]
#[path = "forge_tests.rs"]
mod tests;
