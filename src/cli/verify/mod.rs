//! `verify`: whether the files on this machine, in a cache or in an image are what `custody.lock` says.

mod kept;
mod progress;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::{VerifyFormat, VerifyOptions};
use super::{Surroundings, audit, journal, output, shown};
use crate::config::closest;
use crate::lock::hash::Watch;
use crate::lock::verify::{Demand, Options, verify};
use crate::lock::{self, Key, Lock, Read, Subject, cache};
use crate::references::{self, Pin, Standing};
use crate::report::verify::{Shown, json, text};
use crate::source::{Bytes, DiskFolder, FileBytes, Window};
use kept::Kept;
use progress::Progress;

/// The lock's file.
const LOCK: &str = "custody.lock";

pub(super) fn run(options: &VerifyOptions, around: &Surroundings, as_cargo: bool) -> Result<u8> {
    let (file, passed_over) = lock_file(options, around)?;
    let bytes = FileBytes::open(&file)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("failed to read `{}`", shown(&file)))?;
    let name = shown(file.strip_prefix(&around.directory).unwrap_or(&file));
    let Read { lock, mistakes, broken, places, .. } = lock::read(&bytes);
    if let Some(mistake) = mistakes.iter().chain(broken.values()).min() {
        bail!("{name} line {}: {}", mistake.line, mistake.message);
    }
    let only = only(&lock, &options.model)?;
    let roots = roots(options, &file, around);
    let kept = match &options.journal {
        Some(path) => {
            let path = around.directory.join(path);
            journal::outside(&path, &roots, around)?;
            Some(Kept::open(&path)?)
        }
        None => None,
    };
    let watch = Watch::default();
    let threads = options.jobs.map_or(around.threads, std::num::NonZero::get);
    let quiet = options.quiet || !around.stderr_is_terminal || around.in_ci;
    let found = cache::find(&roots, &lock);
    let memory = kept.as_ref().map(|kept| kept as _);
    let how = Options { threads, only: &only, memory, watch: &watch };
    let mut verified =
        Progress { watch: &watch, quiet }.during(|| verify(&lock, &found, &how)).map_err(anyhow::Error::msg)?;
    drop(found);
    if verified.has_moved() {
        verified.pass_pinned(&pinned(&lock, &file, threads));
    }
    let demand = Demand { complete: options.complete, present_only: options.present_only };
    let of_entries = places.into_iter().filter_map(|(subject, place)| match subject {
        Subject::Entry(key) => Some((key, place.line)),
        _ => None,
    });
    let shown_as = Shown {
        verified: &verified,
        demand,
        lock: &name,
        passed_over: passed_over.as_deref(),
        entries: of_entries.collect(),
        files: lines(&bytes, &verified)?,
        others: lock.images.len() + lock.tools.len(),
    };
    let mut out = Vec::new();
    match options.format {
        VerifyFormat::Json => json(&shown_as, &mut out)?,
        VerifyFormat::Text => {
            let (colour, width) = output::paint(options.color, around, true);
            let looks = crate::report::scan::Options {
                all: options.all,
                colour,
                width,
                elapsed: Some(around.started.elapsed()),
                as_cargo,
                paths: None,
            };
            text(&shown_as, &looks, &mut out)?;
        }
    }
    output::print(&out)?;
    Ok(verified.exit_code(demand))
}

/// Where the lock lies, and one that is passed over. The project's own goes before that of a folder that is named:
/// whoever made the files there could have made a lock to go with them.
fn lock_file(options: &VerifyOptions, around: &Surroundings) -> Result<(PathBuf, Option<String>)> {
    if let Some(file) = &options.lock {
        return Ok((around.directory.join(file), None));
    }
    let named = options.path.as_ref().map(|path| around.directory.join(path));
    let root = audit::root(None, around);
    // The nearest on the way up to the repository's own.
    let above = around.directory.ancestors().take_while(|folder| folder.starts_with(&root)).map(Path::to_owned);
    let ours = above.map(|folder| folder.join(LOCK)).find(|file| file.is_file());
    let named = named.map(|folder| folder.join(LOCK)).filter(|file| file.is_file());
    match (ours, named) {
        (Some(ours), Some(named)) => {
            let is_other = ours.canonicalize().ok() != named.canonicalize().ok();
            let shown = shown(named.strip_prefix(&around.directory).unwrap_or(&named));
            Ok((ours, is_other.then_some(shown)))
        }
        (Some(file), None) | (None, Some(file)) => Ok((file, None)),
        (None, None) => bail!("there is no `{LOCK}`: `cargo custody lock` writes it, or name it with --lock"),
    }
}

/// Where to look. A folder that is named is looked at alone, unless it is the one that the lock is for.
fn roots(options: &VerifyOptions, lock: &Path, around: &Surroundings) -> Vec<PathBuf> {
    let named = options.path.as_ref().map(|path| around.directory.join(path));
    let is_project = named.as_ref().is_none_or(|named| lock.parent() == Some(named));
    let mut roots: Vec<PathBuf> = options.cache.iter().map(|cache| around.directory.join(cache)).collect();
    if is_project && roots.is_empty() {
        roots.extend(around.caches.iter().filter(|cache| cache.is_dir()).cloned());
    }
    match named {
        Some(named) => roots.push(named),
        None if options.cache.is_empty() => match lock.parent() {
            Some(folder) if options.lock.is_none() => roots.push(folder.to_owned()),
            _ => roots.push(audit::root(None, around)),
        },
        None => {}
    }
    roots
}

/// The names that were asked for, each of which the lock must know.
fn only(lock: &Lock, names: &[String]) -> Result<BTreeSet<String>> {
    for name in names {
        if lock.entries.keys().any(|key| key.name == *name) {
            continue;
        }
        let near = closest(name, lock.entries.keys().map(|key| key.name.as_str()));
        let hint = near.map_or_else(String::new, |near| format!(", did you mean `{near}`?"));
        bail!("the lock holds no `{name}`{hint}");
    }
    Ok(names.iter().cloned().collect())
}

/// Entries that all code and configuration beside the lock asks for by their commits. None where a file could not be
/// read, and none of a hub of which something is loaded by a name that is not known: that may be the entry's.
fn pinned(lock: &Lock, file: &Path, threads: usize) -> BTreeSet<Key> {
    let Some(Ok(folder)) = file.parent().map(DiskFolder::walk) else { return BTreeSet::new() };
    let tree = references::of_folder(&folder, threads, &references::Limits::default());
    if !tree.unread.is_empty() {
        return BTreeSet::new();
    }
    let is_held = |(key, entry): &(&Key, &lock::Entry)| {
        let asks = tree.references.iter().filter(|reference| {
            reference.standing != Standing::Told
                && reference.hub.word() == key.hub
                && reference.name.eq_ignore_ascii_case(&key.name)
        });
        let mut asks = asks.peekable();
        if tree.unresolved.iter().any(|call| call.hub.word() == key.hub) {
            return false;
        }
        asks.peek().is_some() && asks.all(|ask| ask.pin == Pin::Commit && ask.revision == entry.revision)
    };
    lock.entries.iter().filter(is_held).map(|(key, _)| key.clone()).collect()
}

/// The lines of the lock that hold the files of which something is told.
fn lines(bytes: &FileBytes, verified: &lock::verify::Verified) -> Result<BTreeMap<(Key, String), u32>> {
    /// Bytes that are read at a time; a line is shorter.
    const PIECE: usize = 1 << 20;
    /// Files whose lines are looked for: nobody reads on.
    const MOST: usize = 10_000;
    let mut wanted: BTreeMap<String, (Key, String)> = BTreeMap::new();
    let troubles = verified.entries.iter().flat_map(|entry| {
        let troubles = entry.copies.iter().flat_map(|copy| &copy.troubles);
        troubles.map(|trouble| (&entry.key, &trouble.path))
    });
    for (key, path) in troubles.take(MOST) {
        wanted.insert(lock::line_of_file(key, path), (key.clone(), path.clone()));
    }
    let mut out = BTreeMap::new();
    if wanted.is_empty() {
        return Ok(out);
    }
    let mut window = Window::new(bytes, PIECE);
    let (mut offset, mut number) = (0, 0);
    while offset < bytes.len() {
        let piece = window.at(offset, PIECE).map_err(anyhow::Error::msg)?;
        let end = piece.iter().rposition(|byte| *byte == b'\n').map_or(piece.len(), |end| end + 1);
        for line in String::from_utf8_lossy(&piece[..end]).split_inclusive('\n') {
            number += 1;
            let start = line.rfind(" = \"").and_then(|at| line.get(..at + 3));
            if let Some(of) = start.and_then(|start| wanted.get(start)) {
                out.entry(of.clone()).or_insert(number);
            }
        }
        offset += end as u64;
    }
    Ok(out)
}
