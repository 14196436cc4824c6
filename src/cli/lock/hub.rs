//! Hubs, registries of images and servers of tools, asked where `--online` allows it.

use anyhow::Result;

use crate::cli::args::OnlineOptions;
use crate::cli::{Surroundings, online};
use crate::lock::{Digest, FileDigest, HubAnswers, Key, Resolved};
use crate::outside::hub::{HubRevisionFacts, HubState, RepoKind};
use crate::outside::{Answer, Oracle, Question};
use crate::references::{AssetKind, Hub};

/// Calls `make` with who answers online; with none where the network is not allowed.
pub(super) fn with<T>(
    options: &OnlineOptions,
    around: &Surroundings,
    make: impl FnOnce(Option<&dyn HubAnswers>) -> T,
) -> Result<T> {
    online::with_hubs(options, around, |oracle| match oracle {
        Some(oracle) => make(Some(&Answers { oracle })),
        None => make(None),
    })
}

struct Answers<'a> {
    oracle: &'a dyn Oracle,
}

impl Answers<'_> {
    fn ask(&self, question: Question) -> Result<Answer, String> {
        match self.oracle.ask(&[question]).into_iter().next() {
            Some(Answer::Unknown(why)) => Err(why),
            Some(answer) => Ok(answer),
            None => Err("nobody answered".to_owned()),
        }
    }

    fn revision(&self, kind: RepoKind, name: &str, revision: Option<&str>) -> Result<HubRevisionFacts, String> {
        let revision = revision.map(str::to_owned);
        match self.ask(Question::HubRevision { kind, name: name.to_owned(), revision })? {
            Answer::HubRevision(facts) => Ok(facts),
            _ => Err(other()),
        }
    }

    /// Where a name leads, and under what the hub keeps it. Kernels were models before they had names of their own.
    fn found(&self, key: &Key, revision: Option<&str>) -> Result<(RepoKind, HubRevisionFacts), String> {
        let kind = kind_of(key)?;
        let facts = self.revision(kind, &key.name, revision);
        let is_there = facts.as_ref().is_ok_and(|facts| facts.state != HubState::AbsentOrPrivate);
        if kind == RepoKind::Kernel
            && !is_there
            && let Ok(older) = self.revision(RepoKind::Model, &key.name, revision)
            && older.state == HubState::Open
        {
            return Ok((RepoKind::Model, older));
        }
        Ok((kind, facts?))
    }
}

/// What the hub keeps under such a name; none where another hub keeps it.
fn kind_of(key: &Key) -> Result<RepoKind, String> {
    if key.hub != Hub::HuggingFace.word() {
        return Err(format!("names of {} are not asked about online", key.hub));
    }
    Ok(match key.kind {
        AssetKind::Dataset => RepoKind::Dataset,
        AssetKind::Kernel => RepoKind::Kernel,
        AssetKind::Model | AssetKind::Tokenizer | AssetKind::Adapter => RepoKind::Model,
    })
}

fn other() -> String {
    "the answer is to another question".to_owned()
}

impl HubAnswers for Answers<'_> {
    fn resolve(&self, key: &Key, at: Option<&str>) -> Result<Resolved, String> {
        let revision = at.or(key.requested.as_deref());
        let (kind, facts) = self.found(key, revision)?;
        let commit = match (facts.state, facts.commit) {
            (_, Some(commit)) => commit,
            (HubState::NoRevision, None) => {
                return Err(format!("the hub has the name and not {}", revision.unwrap_or("its default branch")));
            }
            (state, None) => return Err(state.why().to_owned()),
        };
        let question = Question::HubFiles { kind, name: key.name.clone(), commit: commit.clone() };
        let Answer::HubFiles(listed) = self.ask(question)? else { return Err(other()) };
        let mut files = Vec::with_capacity(listed.files.len());
        for file in &listed.files {
            let Some(sha256) = file.sha256 else {
                let why = file.missing.as_deref().unwrap_or("the hub does not say what it is");
                return Err(format!("`{}`: {why}", file.path));
            };
            files.push((file.path.clone(), FileDigest { sha256: Digest(sha256), size: file.size }));
        }
        Ok(Resolved { revision: commit, licence: facts.licence, files })
    }

    fn image(&self, reference: &str) -> Result<String, String> {
        match self.ask(Question::Image { reference: reference.to_owned() })? {
            Answer::Image(digest) => Ok(digest),
            _ => Err(other()),
        }
    }

    fn tool(&self, url: &str) -> Result<(Digest, u64), String> {
        match self.ask(Question::Tool { url: url.to_owned() })? {
            Answer::Tool(facts) => Ok((Digest(facts.sha256), facts.size)),
            _ => Err(other()),
        }
    }
}
