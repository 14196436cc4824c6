//! `db update`: fetches the feeds, compiles them, and puts the result in use if nothing speaks against
//! it. All feeds or none: half an index would look like a whole one.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow, bail};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use sha2::{Digest, Sha256};

use super::feeds::tell_unusable;
use super::{refuse_shrunk, status, today};
use crate::advisory::build::local::{self, FETCHED, FeedText};
use crate::advisory::{Date, Ecosystem, Index};
use crate::cli::args::UpdateOptions;
use crate::cli::index::{LOCAL, is_current, store_or_fail};
use crate::cli::network::Network;
use crate::cli::store::{About, AboutFeed, Stored, read_up_to};
use crate::cli::{Surroundings, shown};
use crate::diag::fingerprint::hex;
use crate::diag::redact::redact;
use crate::outside::live::{self, Address, Client, Fetched, Version};

/// Name of a feed in its folder.
const ZIP: &str = "all.zip";
/// Records named that could not be used.
const NAMED: usize = 5;

/// Where feeds come from.
enum Source {
    Network { client: Box<Client>, base: Address, is_origin: bool },
    Folder { path: PathBuf, as_of: Option<Date> },
}

/// A feed, and what to remember of it.
struct Got {
    feed: FeedText,
    about: AboutFeed,
    is_new: bool,
}

pub(super) fn run(options: &UpdateOptions, around: &Surroundings) -> Result<u8> {
    let source = source(options, around)?;
    let store = store_or_fail(around)?;
    let locked = store.lock()?;
    let mut err = std::io::stderr().lock();
    let in_use = match store.current() {
        Ok(in_use) => in_use,
        Err(error) => {
            writeln!(err, "note: {}", crate::report::escape::terminal(&format!("{error:#}")))?;
            None
        }
    };
    let mut all = Vec::new();
    for ecosystem in FETCHED {
        let got = get(&source, ecosystem, in_use.as_ref(), options, around)?;
        tell_unusable(&got.feed.report, NAMED, &mut err)?;
        all.push(got);
    }
    let unusable = all.iter().map(|got| got.about.unusable).sum();
    let is_same = all.iter().all(|got| !got.is_new);
    let feeds: Vec<FeedText> = all.iter().map(|got| got.feed.clone()).collect();
    let table = local::table(&feeds).context("the feeds cannot be compiled")?;
    let index = Index::from_bytes(table).context("the feeds cannot be compiled")?;
    index.verify().context("the feeds cannot be compiled")?;
    if !options.allow_shrink {
        refuse_shrunk(&index, in_use.as_ref().map(|stored| &stored.index))?;
    }
    let code = if unusable > 0 { 3 } else { 0 };
    if is_same && in_use.as_ref().is_some_and(|stored| stored.index.digest() == index.digest()) {
        writeln!(err, "nothing has changed")?;
        status::print_one(LOCAL, &index, around)?;
        return Ok(code);
    }
    let texts: Vec<(String, String)> = all.iter().map(|got| (got.about.text.clone(), got.feed.text.clone())).collect();
    let about = About {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: hex(&Sha256::digest(index.as_bytes())),
        from: source.to_string(),
        signed_by: None,
        unusable,
        feeds: all.into_iter().map(|got| got.about).collect(),
    };
    locked.install(index.as_bytes(), &about, &texts, is_same)?;
    status::print_one(LOCAL, &index, around)?;
    if !is_current(&index) {
        writeln!(err, "note: it is older than the embedded index, which audits keep using (`--index local` insists)")?;
    }
    if unusable > 0 {
        writeln!(err, "note: {unusable} records could not be used, so the index is incomplete")?;
    }
    Ok(code)
}

impl std::fmt::Display for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Network { base, .. } => write!(f, "{base}"),
            Self::Folder { path, .. } => write!(f, "folder {}", path.display()),
        }
    }
}

fn source(options: &UpdateOptions, around: &Surroundings) -> Result<Source> {
    let as_of = match &options.as_of {
        Some(day) => Some(Date::parse(day).ok_or_else(|| anyhow!("`--as-of` is no date of the form YYYY-MM-DD"))?),
        None => None,
    };
    let from = options.from.as_deref();
    if let Some(folder) = from.filter(|text| !text.contains("://")) {
        let path = around.directory.join(folder);
        if !path.is_dir() {
            bail!("`{}` is no folder, and no address of the form https://HOST/PATH", redact(folder));
        }
        return Ok(Source::Folder { path, as_of });
    }
    if as_of.is_some() {
        bail!("`--as-of` is for folders; what is fetched says itself for which day it stands");
    }
    let base = Address::parse(from.unwrap_or(live::OSV), options.allow_http).context("`--from` cannot be used")?;
    let settings = Network {
        ca_file: options.ca_file.as_deref(),
        timeout: options.timeout,
        retries: options.retries,
        allow_http: options.allow_http,
        most: options.max_size << 20,
        whole: Duration::from_secs(30 * 60),
    }
    .settings(around)?;
    let client = Box::new(Client::new(settings, &base)?);
    Ok(Source::Network { client, base, is_origin: from.is_none() })
}

fn get(
    source: &Source,
    ecosystem: Ecosystem,
    in_use: Option<&Stored>,
    options: &UpdateOptions,
    around: &Surroundings,
) -> Result<Got> {
    let folder = live::folder(ecosystem).with_context(|| format!("no feed of {ecosystem} is published"))?;
    let today = today(around)?;
    let (from, bytes, version, as_of) = match source {
        Source::Folder { path, as_of } => {
            let file = find(path, folder)?;
            let bytes = read_up_to(&file, options.max_size << 20)
                .with_context(|| format!("failed to read `{}`", shown(&file)))?;
            (shown(&file), bytes, Version::default(), *as_of)
        }
        Source::Network { client, base, is_origin } => {
            let address = base.file(folder, ZIP);
            let before = kept(&address, ecosystem, in_use);
            let known =
                before.as_ref().map(|(feed, _)| Version { etag: feed.etag.clone(), modified: feed.modified.clone() });
            let bar = Bar::new(ecosystem, options.quiet, around);
            let fetched = client
                .fetch(&address, &known.unwrap_or_default(), &|done, total| bar.tick(done, total))
                .map_err(|error| anyhow!(redact(&error.to_string())));
            bar.end();
            match (fetched?, before) {
                // Published is what was published then, and it is today that it was asked.
                (Fetched::Unchanged, Some((about, text))) => {
                    let feed = local::kept(ecosystem, text, is_origin.then_some(today))
                        .with_context(|| format!("the kept feed of {ecosystem} cannot be used"))?;
                    let about = AboutFeed { sha256: hex(&Sha256::digest(&feed.text)), ..about };
                    return Ok(Got { feed, about, is_new: false });
                }
                (Fetched::Unchanged, None) => bail!("{address} answers that nothing has changed, unasked"),
                // A mirror may lag behind; it says by how much.
                (Fetched::New { bytes, version }, _) => {
                    let as_of = if *is_origin { Some(today) } else { version.day() };
                    (address.to_string(), bytes, version, as_of)
                }
            }
        }
    };
    let feed = local::feed(&bytes, ecosystem, as_of, today).with_context(|| format!("{from} cannot be used"))?;
    let about = AboutFeed {
        ecosystem: ecosystem.as_str().to_owned(),
        from,
        etag: version.etag,
        modified: version.modified,
        text: local::file_name(ecosystem).to_owned(),
        sha256: hex(&Sha256::digest(&feed.text)),
        unusable: feed.report.malformed.len(),
    };
    Ok(Got { feed, about, is_new: true })
}

/// What was fetched from an address before, where it is still as it was.
fn kept(address: &Address, ecosystem: Ecosystem, in_use: Option<&Stored>) -> Option<(AboutFeed, String)> {
    let stored = in_use?;
    let from = address.to_string();
    let feed = stored.about.feeds.iter().find(|f| f.ecosystem == ecosystem.as_str() && f.from == from)?;
    let text = stored.text(feed)?;
    Some((feed.clone(), text))
}

/// A feed in a folder: as OSV lays them out, or one zip per ecosystem.
fn find(path: &Path, folder: &str) -> Result<PathBuf> {
    let encoded = folder.replace(' ', "%20");
    let dashed = folder.replace(' ', "-");
    let names = [
        format!("{folder}/{ZIP}"),
        format!("{encoded}/{ZIP}"),
        format!("{dashed}/{ZIP}"),
        format!("{folder}.zip"),
        format!("{encoded}.zip"),
        format!("{dashed}.zip"),
    ];
    let found = names.iter().map(|name| path.join(name)).find(|file| file.is_file());
    found.ok_or_else(|| anyhow!("`{}` has neither `{}` nor `{}`", shown(path), names[0], names[3]))
}

/// A bar on standard error, only on a terminal.
struct Bar {
    bar: Option<ProgressBar>,
}

impl Bar {
    fn new(ecosystem: Ecosystem, quiet: bool, around: &Surroundings) -> Self {
        let wanted = around.stderr_is_terminal && !quiet && !around.in_ci;
        let bar = wanted.then(|| {
            let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{msg:<15} {bar:30} {bytes}/{total_bytes}");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar.set_message(ecosystem.as_str());
            bar
        });
        Self { bar }
    }

    fn tick(&self, done: u64, total: Option<u64>) {
        if let Some(bar) = &self.bar {
            if let Some(total) = total {
                bar.set_length(total);
            }
            bar.set_position(done);
        }
    }

    fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
