//! Hubs, registries of images and servers of tools, asked where `--online` allows it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::cli::Surroundings;
use crate::cli::args::OnlineOptions;
use crate::cli::network::Network;
use crate::graph::indexes::{HUB, IMAGE_REGISTRIES, TOOL_HOSTS};
use crate::lock::{Digest, FileDigest, HubAnswers, Key, Resolved};
use crate::outside::hub::{HubState, Hubs, Manner, RepoKind};
use crate::outside::live::{Address, Client, HubAsker};
use crate::outside::{Answer, Oracle, Question};
use crate::references::AssetKind;

/// Questions under way at once.
const AT_ONCE: usize = 8;
/// Most bytes of one answer.
const MOST: u64 = 64 << 20;
/// The longest that one answer may take.
const WHOLE: Duration = Duration::from_secs(120);
/// Calls `make` with who answers online; with none where the network is not allowed.
pub(super) fn with<T>(
    options: &OnlineOptions,
    hub: Option<&str>,
    around: &Surroundings,
    make: impl FnOnce(Option<&dyn HubAnswers>) -> T,
) -> Result<T> {
    if !options.online {
        return Ok(make(None));
    }
    let hub = Address::parse(hub.unwrap_or(HUB), options.allow_http).context("`--hub` cannot be used")?;
    let settings = Network {
        ca_file: options.ca_file.as_deref().map(Path::new),
        timeout: options.timeout,
        retries: options.retries,
        allow_http: options.allow_http,
        most: MOST,
        whole: WHOLE,
    }
    .settings(around)?;
    let client = Arc::new(Client::new(settings, &hub)?);
    let asker = HubAsker::new(client, hub, None);
    let named = options.online_host.iter().map(|host| host.to_ascii_lowercase());
    let hosts: BTreeSet<String> =
        IMAGE_REGISTRIES.iter().chain(TOOL_HOSTS).map(|host| (*host).to_owned()).chain(named).collect();
    let today = around.today().context("the clock is out of bounds")?;
    let hubs = Hubs::new(&asker, Manner { today, hosts, at_once: AT_ONCE });
    Ok(make(Some(&Answers { oracle: &hubs })))
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
}

/// What the hub keeps under such a name; none where another hub keeps it.
fn kind_of(key: &Key) -> Result<RepoKind, String> {
    if key.hub != "huggingface" {
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
        let kind = kind_of(key)?;
        let revision = at.map(str::to_owned).or_else(|| key.requested.clone());
        let named = revision.as_deref().unwrap_or("its default branch").to_owned();
        let question = Question::HubRevision { kind, name: key.name.clone(), revision };
        let Answer::HubRevision(facts) = self.ask(question)? else { return Err(other()) };
        let commit = match (facts.state, facts.commit) {
            (HubState::Open, Some(commit)) => commit,
            (HubState::Open, None) => return Err("the hub names no commit of it".to_owned()),
            (HubState::AbsentOrPrivate, _) => {
                return Err("the hub has no such name, or does not show it to strangers".to_owned());
            }
            (HubState::NoRevision, _) => return Err(format!("the hub has the name and not {named}")),
            (HubState::Closed, _) => return Err("the hub asks for a login and a consent".to_owned()),
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
