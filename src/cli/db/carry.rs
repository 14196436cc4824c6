//! `db export`, `db import`, `db keygen`: an index in one signed file, for where there is no network.
#![allow(clippy::disallowed_methods, reason = "reads and writes the files a person named")]

use std::fs::File;
use std::io::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};

use super::{refuse_shrunk, status, today};
use crate::advisory::Index;
use crate::advisory::carry::{MAX_INDEX, PublicKey, SecretKey, Trust, pack, unpack};
use crate::cli::args::IndexChoice;
use crate::cli::index::{LOCAL, choose, store_or_fail};
use crate::cli::store::{About, read_up_to, replace};
use crate::cli::{Surroundings, shown};

/// Largest key file, in bytes.
const MAX_KEY: u64 = 4096;

/// What an import may do that is mostly a mistake or an attack.
#[derive(Debug, Clone, Copy)]
pub(super) struct Allow {
    pub shrink: bool,
    pub older: bool,
}

pub(super) fn export(
    file: &Path,
    key: Option<&Path>,
    choice: Option<&IndexChoice>,
    around: &Surroundings,
) -> Result<u8> {
    let key = match key {
        Some(path) => Some(secret(&around.directory.join(path))?),
        None => None,
    };
    let chosen = choose(choice, None, around)?;
    let bytes = pack(chosen.index().as_bytes(), &today(around)?.to_string(), key.as_ref())?;
    replace(&around.directory.join(file), &bytes).with_context(|| format!("failed to write `{}`", shown(file)))?;
    let mut out = std::io::stderr().lock();
    let signed = match &key {
        Some(key) => format!("signed; import it with `--trusted-key {}`", key.public()?),
        None => "not signed".to_owned(),
    };
    writeln!(out, "the {} index was written, {signed}", crate::report::escape::terminal(&chosen.name))?;
    Ok(0)
}

/// Without keys, any file is taken.
pub(super) fn import(file: &Path, trusted: Option<&[String]>, allow: Allow, around: &Surroundings) -> Result<u8> {
    let keys = match trusted {
        Some(words) => Some(words.iter().map(|word| public(word, around)).collect::<Result<Vec<_>>>()?),
        None => None,
    };
    let path = around.directory.join(file);
    let refused = || format!("`{}` was not imported", shown(file));
    let bytes = read_up_to(&path, MAX_INDEX as u64 + (1 << 20)).with_context(refused)?;
    let trust = keys.as_deref().map_or(Trust::Anybody, Trust::Keys);
    let carried = unpack(&bytes, trust).with_context(refused)?;
    let index = Index::from_bytes(carried.index.to_vec()).with_context(refused)?;
    index.verify().with_context(refused)?;
    let store = store_or_fail(around)?;
    let locked = store.lock()?;
    // An index that cannot be read is no measure, and is what is mended here.
    let in_use = store.current().ok().flatten();
    if !allow.shrink {
        refuse_shrunk(&index, in_use.as_ref().map(|stored| &stored.index)).with_context(refused)?;
    }
    let newest = in_use.as_ref().and_then(|stored| stored.index.newest(false));
    if let (false, Some(old), Some(new)) = (allow.older, newest, index.newest(false))
        && new < old
    {
        bail!("{}: it stands for {new}, the index in use for {old} (`--allow-older` takes it)", refused());
    }
    let name = Path::new(file.file_name().unwrap_or_default());
    let about = About {
        program: env!("CARGO_PKG_VERSION").to_owned(),
        sha256: carried.header.sha256,
        from: format!("file {}, written {}", name.display(), carried.header.written),
        signed_by: carried.signed_by.map(|key| key.to_string()),
        unusable: 0,
        feeds: Vec::new(),
    };
    locked.install(carried.index, &about, &[], false)?;
    status::print_one(LOCAL, &index, around)?;
    Ok(0)
}

pub(super) fn keygen(file: &Path, around: &Surroundings) -> Result<u8> {
    let key = SecretKey::generate()?;
    let public = key.public()?;
    let path = around.directory.join(file);
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let write = || -> std::io::Result<()> {
        let mut secret = options.open(&path)?;
        writeln!(secret, "{}", key.text())?;
        secret.sync_all()
    };
    write().with_context(|| format!("failed to write `{}`", shown(file)))?;
    let mut beside = path.into_os_string();
    beside.push(".pub");
    replace(Path::new(&beside), format!("{public}\n").as_bytes()).context("failed to write the public key")?;
    writeln!(std::io::stdout().lock(), "{public}")?;
    Ok(0)
}

fn secret(path: &Path) -> Result<SecretKey> {
    let text = read_up_to(path, MAX_KEY).with_context(|| format!("failed to read `{}`", shown(path)))?;
    let key = String::from_utf8(text).ok().and_then(|text| SecretKey::parse(&text));
    key.ok_or_else(|| anyhow!("`{}` is no key of `db keygen`", shown(path)))
}

/// A key as text, or a file that holds one.
fn public(word: &str, around: &Surroundings) -> Result<PublicKey> {
    if let Some(key) = PublicKey::parse(word) {
        return Ok(key);
    }
    let text = read_up_to(&around.directory.join(word), MAX_KEY)
        .with_context(|| format!("`{word}` is neither a public key nor a file with one"))?;
    let key = String::from_utf8(text).ok().and_then(|text| PublicKey::parse(&text));
    key.ok_or_else(|| anyhow!("`{word}` holds no public key of `db keygen`"))
}
