//! `--online`: what is asked of registries, how, and where the answers are kept.

mod kept;

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::args::OnlineOptions;
use super::network::Network;
use super::{Surroundings, index, shown};
use crate::graph::indexes::{
    CRATES_IO_INDEX, CRATES_IO_SITE, GITHUB, GITHUB_RAW, HUB, IMAGE_REGISTRIES, PYPI_SITE, TOOL_HOSTS,
};
use crate::outside::Oracle;
use crate::outside::hub as hubs;
use crate::outside::hub::Hubs;
use crate::outside::layered::Layered;
use crate::outside::live::{Address, Asker, Bases, Client, HubAsker};
use crate::outside::registry::{Forget, Keep, Manner, Registries};

use kept::Kept;

/// Forges that may always be asked where branches lead.
const FORGES: &[&str] = &["github.com", "gitlab.com", "codeberg.org", "bitbucket.org"];
/// Questions under way at once.
const AT_ONCE: usize = 8;
/// Most bytes of one answer. The page of a name with ten thousand files has eight million.
const MOST: u64 = 32 << 20;
/// The longest that one answer may take.
const WHOLE: Duration = Duration::from_secs(120);
/// The wait between two questions to the site of crates.io, and to no other.
const SPACING: Duration = Duration::from_secs(1);

/// Calls `audit` with the oracle of an index and, where that was asked for, of registries. What this
/// machine keeps of releases is older, so that it is asked last.
pub(super) fn with<T>(
    options: &OnlineOptions,
    (index, machine): (&dyn Oracle, Option<&dyn Oracle>),
    root: &Path,
    around: &Surroundings,
    audit: impl FnOnce(&dyn Oracle) -> T,
) -> Result<T> {
    let mut layers = Layered::new(vec![index]);
    if !options.online {
        machine.into_iter().for_each(|machine| layers.push(machine));
        return Ok(audit(&layers));
    }
    let bases = bases(options)?;
    let manner = Manner {
        today: around.today().context("the clock is out of bounds")?,
        max_age: options.online_max_age,
        hosts: hosts(options)?,
        at_once: AT_ONCE,
        pypi: bases.pypi.to_string(),
        crates_io: bases.crates_index.to_string(),
    };
    let client = client(options, around)?;
    let asker = Asker::new(Arc::clone(&client), bases, around.started);
    let kept = kept(root, around)?;
    let keep: &dyn Keep = kept.as_ref().map_or(&Forget, |kept| kept);
    let registries = Registries::new(&asker, keep, manner);
    layers.push(&registries);
    let hub_asker = hub_asker(options, client, around)?;
    let hubs = Hubs::new(&hub_asker, hub_manner(options, around)?);
    layers.push(&hubs);
    machine.into_iter().for_each(|machine| layers.push(machine));
    Ok(audit(&layers))
}

/// Calls `body` with the oracle of hubs, registries of images and servers of tools, where that was asked for.
pub(super) fn with_hubs<T>(
    options: &OnlineOptions,
    around: &Surroundings,
    body: impl FnOnce(Option<&dyn Oracle>) -> T,
) -> Result<T> {
    if !options.online {
        return Ok(body(None));
    }
    let asker = hub_asker(options, client(options, around)?, around)?;
    let hubs = Hubs::new(&asker, hub_manner(options, around)?);
    Ok(body(Some(&hubs)))
}

fn client(options: &OnlineOptions, around: &Surroundings) -> Result<Arc<Client>> {
    let settings = Network {
        ca_file: options.ca_file.as_deref(),
        timeout: options.timeout,
        retries: options.retries,
        allow_http: options.allow_http,
        most: MOST,
        whole: WHOLE,
    }
    .settings(around)?;
    // Repositories are asked over https whatever the registries are; without certificates none answers.
    let any = Address::parse(PYPI_SITE, false)?;
    Ok(Arc::new(Client::new(settings, &any)?))
}

fn hub_asker(options: &OnlineOptions, client: Arc<Client>, around: &Surroundings) -> Result<HubAsker> {
    let hub = address(options, "--hub", options.hub.as_ref(), HUB)?;
    let token = match &around.hub_token {
        _ if !options.hub_token => None,
        Some(token) => Some(token.reveal().to_owned()),
        None => bail!("`--hub-token` sends the token of HF_TOKEN, which is not set"),
    };
    Ok(HubAsker::new(client, hub, token))
}

fn hub_manner(options: &OnlineOptions, around: &Surroundings) -> Result<hubs::Manner> {
    let usual = IMAGE_REGISTRIES.iter().chain(TOOL_HOSTS).map(|host| (*host).to_owned());
    Ok(hubs::Manner {
        today: around.today().context("the clock is out of bounds")?,
        hosts: usual.chain(hosts(options)?).collect(),
        at_once: AT_ONCE,
    })
}

fn address(options: &OnlineOptions, flag: &str, own: Option<&String>, usual: &str) -> Result<Address> {
    Address::parse(own.map_or(usual, String::as_str), options.allow_http)
        .with_context(|| format!("`{flag}` cannot be used"))
}

fn bases(options: &OnlineOptions) -> Result<Bases> {
    let address = |flag: &str, own: &Option<String>, usual: &str| address(options, flag, own.as_ref(), usual);
    Ok(Bases {
        pypi: address("--pypi", &options.pypi, PYPI_SITE)?,
        crates_index: address("--crates-io-index", &options.crates_io_index, CRATES_IO_INDEX)?,
        crates_io: address("--crates-io", &options.crates_io, CRATES_IO_SITE)?,
        github: address("--github", &options.github, GITHUB)?,
        github_raw: address("--github-raw", &options.github_raw, GITHUB_RAW)?,
        spacing: if options.crates_io.is_none() { SPACING } else { Duration::ZERO },
    })
}

fn hosts(options: &OnlineOptions) -> Result<BTreeSet<String>> {
    let mut out: BTreeSet<String> = FORGES.iter().map(|host| (*host).to_owned()).collect();
    for host in &options.online_host {
        if host.is_empty() || host.contains(['/', '@', '?', '#']) {
            bail!("`--online-host` takes a host such as git.example.com, with a port where it has one");
        }
        out.insert(host.to_ascii_lowercase());
    }
    Ok(out)
}

/// Where answers are kept; nowhere on a system that names no folder. Never in the audited tree, which
/// must not say what registries say.
fn kept(root: &Path, around: &Surroundings) -> Result<Option<Kept>> {
    let Some(store) = index::store(around) else { return Ok(None) };
    if index::is_inside(store.folder(), root) {
        bail!(
            "the folder for answers of registries, `{}`, lies in the audited tree, which must not say what is \
             known; name another in CARGO_CUSTODY_HOME",
            shown(store.folder())
        );
    }
    Ok(Some(Kept::new(store.folder().join("online"))))
}
