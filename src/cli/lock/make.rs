//! `lock` and `lock --check`: what the tree loads, held against its lock.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Result, bail};

use super::asked::{self, Found};
use super::count;
use super::file::Here;
use super::{attributes, diff, hub};
use crate::cli::args::LockOptions;
use crate::cli::waive::say;
use crate::cli::{Surroundings, output};
use crate::lock::{self, Asked, Local, Lock, Made, Means, Subject, Update};
use crate::report::escape;
use crate::scan::Limits;

/// Exit code where something could not be looked up.
const INCOMPLETE: u8 = 3;
/// Lines of one kind that are told.
const TOLD: usize = 100;

pub(super) fn run(options: &LockOptions, around: &Surroundings) -> Result<u8> {
    let mut here = Here::of(options.path.clone(), around)?;
    let (before, update) = before(&mut here, options)?;
    let given = given(options, around)?;
    let mut found = asked::find(&here.root, options.all, around)?;
    let left = leave_out(&mut found.asked, &before, options.online.online);
    let looked_up: Vec<_> = found.asked.entries.keys().collect();
    let mut roots: Vec<PathBuf> = options.cache.iter().map(|dir| around.directory.join(dir)).collect();
    roots.extend(around.caches.iter().filter(|dir| dir.is_dir()).cloned());
    let threads = options.jobs.map_or(around.threads, std::num::NonZero::get);
    let scans = (!options.no_scan).then(Limits::default);
    let local = Local::look(&roots, looked_up.into_iter(), given, threads, scans);
    let Made { lock: after, gaps, notes } = hub::with(&options.online, around, |online| {
        let means = Means { held: &local, online, version: env!("CARGO_PKG_VERSION") };
        lock::make(&before, &found.asked, &update, means)
    })?;
    for (place, why) in local.unread() {
        say(&format!("`{}` could not be looked into: {why}", place.display()));
    }
    some(notes.iter().map(String::as_str));
    tell_unread(&found);
    some(gaps.iter().map(|gap| {
        let place = gap.place.as_ref().map_or_else(String::new, |at| format!("{}: ", found.shown(at)));
        format!("{place}{} could not be locked: {}", gap.subject, gap.why)
    }));
    // A lock that would hold nothing, and only point to others, is not made.
    let holds = !(after.entries.is_empty() && after.images.is_empty() && after.tools.is_empty());
    let is_written = here.text.is_some() || holds;
    if is_written {
        let mut text = String::new();
        lock::diff(&before, &after).iter().for_each(|change| diff::line(change, &mut text));
        output::print(text.as_bytes())?;
        here.write(&after.to_text(), options.dry_run, around)?;
        if here.text.is_none() && !options.dry_run && !options.no_attributes {
            attributes::add(&here.root)?;
        }
    }
    summary(&after, &found, gaps.len(), &left, options, is_written);
    Ok(if gaps.is_empty() && found.unread.is_empty() && local.unread().is_empty() { 0 } else { INCOMPLETE })
}

/// What is held so far, without what a merge left in two states and is named now; and what is looked up again.
fn before(here: &mut Here, options: &LockOptions) -> Result<(Lock, Update)> {
    let read = &mut here.read;
    if let Some(first) = read.mistakes.first().filter(|_| here.text.is_some()) {
        bail!("{} line {}: {}", lock::FILE, first.line, first.message);
    }
    let update = if options.update.is_empty() {
        Update::Nothing
    } else if options.update.iter().any(String::is_empty) {
        Update::All
    } else {
        let mut named = BTreeSet::new();
        for name in &options.update {
            named.insert(subject(&read.lock, name)?);
        }
        Update::These(named)
    };
    // A lock may be large.
    let mut before = std::mem::take(&mut read.lock);
    for (subject, mistake) in &read.broken {
        let is_named = match &update {
            Update::All => true,
            Update::These(subjects) => subjects.contains(subject),
            Update::Nothing => false,
        };
        if !is_named && !matches!(subject, Subject::Elsewhere(_)) {
            bail!("{} line {}: {}", lock::FILE, mistake.line, mistake.message);
        }
        match subject {
            Subject::Entry(key) => drop(before.entries.remove(key)),
            Subject::Image(name) => drop(before.images.remove(name)),
            Subject::Tool(url) => drop(before.tools.remove(url)),
            Subject::Elsewhere(path) => drop(before.elsewhere.remove(path)),
        }
    }
    Ok((before, update))
}

fn subject(held: &Lock, name: &str) -> Result<Subject> {
    if held.images.contains_key(name) {
        return Ok(Subject::Image(name.to_owned()));
    }
    if held.tools.contains_key(name) {
        return Ok(Subject::Tool(name.to_owned()));
    }
    lock::select(held, name).map(Subject::Entry).map_err(anyhow::Error::msg)
}

/// Folders that a person says hold a name.
fn given(options: &LockOptions, around: &Surroundings) -> Result<BTreeMap<String, PathBuf>> {
    let mut out = BTreeMap::new();
    for text in &options.from {
        let Some((name, folder)) = text.split_once('=').filter(|(name, _)| !name.is_empty()) else {
            bail!("`--from {text}` is not NAME=DIR");
        };
        let place = around.directory.join(folder);
        if !place.is_dir() {
            bail!("`--from {text}`: `{folder}` is no folder");
        }
        out.insert(name.to_owned(), place);
    }
    Ok(out)
}

/// What a lock does not yet hold and nobody can look up offline is not asked for, and counted: images and tools come
/// into the lock with `--online`, and are held from then on.
#[derive(Debug, Default)]
struct Left {
    images: usize,
    tools: usize,
}

fn leave_out(asked: &mut Asked, before: &Lock, is_online: bool) -> Left {
    let mut left = Left::default();
    if !is_online && before.images.is_empty() {
        left.images = asked.images.take().map_or(0, |images| images.len());
    }
    if !is_online && before.tools.is_empty() {
        left.tools = asked.tools.take().map_or(0, |tools| tools.len());
    }
    left
}

fn tell_unread(found: &Found) {
    some(found.unread.iter().map(|(path, why)| format!("{path} was not read in full, and may load more: {why}")));
}

fn tell_unresolved(found: &Found) {
    if found.unresolved > 0 {
        let calls = count(found.unresolved, "call loads", "calls load");
        say(&format!("{calls} what only running them tells, and no lock holds; `cargo custody graph` shows them"));
    }
}

/// Says lines, the first hundred of them.
fn some(lines: impl ExactSizeIterator<Item = impl AsRef<str>>) {
    let left = lines.len().saturating_sub(TOLD);
    for line in lines.take(TOLD) {
        say(line.as_ref());
    }
    if left > 0 {
        say(&format!("and {left} more"));
    }
}

fn summary(after: &Lock, found: &Found, gaps: usize, left: &Left, options: &LockOptions, is_written: bool) {
    let held = after.entries.len() + after.images.len() + after.tools.len();
    if !is_written {
        say(match gaps {
            0 => "nothing is loaded that a lock would hold; no lock is made",
            _ => "nothing could be locked; no lock is made",
        });
    } else {
        let done = if options.dry_run { "would hold" } else { "holds" };
        say(&format!("{} {done} {}", lock::FILE, count(held, "thing", "things")));
    }
    if gaps > 0 {
        let hint = if options.online.online { "" } else { "; `--online` asks hubs and registries" };
        say(&format!("{} could not be locked{hint}", count(gaps, "thing", "things")));
    }
    tell_unresolved(found);
    if left.images + left.tools > 0 {
        let (images, tools) = (count(left.images, "image", "images"), count(left.tools, "download", "downloads"));
        say(&format!("{images} and {tools} without a digest are not held; `--online` holds them"));
    }
}

pub(super) fn check(options: &LockOptions, around: &Surroundings) -> Result<u8> {
    let mut here = Here::of(options.path.clone(), around)?;
    let held = match &here.text {
        Some(_) => here.strict()?,
        None => Lock::default(),
    };
    let mut found = asked::find(&here.root, options.all, around)?;
    leave_out(&mut found.asked, &held, false);
    if here.text.is_none() {
        // A tree that loads nothing needs no lock, and its other locks need none to point to them.
        found.asked.elsewhere.clear();
    }
    let drifts = lock::check(&held, &found.asked);
    let mut text = String::new();
    for drift in &drifts {
        let place = match (&drift.place, here.read.places.get(&drift.subject)) {
            (Some(at), _) => found.shown(at),
            (None, Some(place)) => format!("{}:{}", lock::FILE, place.line),
            (None, None) => lock::FILE.to_owned(),
        };
        text.push_str(&escape::terminal(&format!("{place}: {}", drift.message())));
        text.push('\n');
    }
    output::print(text.as_bytes())?;
    tell_unread(&found);
    tell_unresolved(&found);
    some(found.below.iter().map(|path| {
        format!("{path} speaks of what lies below its folder, and is not looked at here: check it there as well")
    }));
    if drifts.is_empty() && found.unread.is_empty() {
        say(&match here.text {
            Some(_) => format!("{} holds what the tree loads", lock::FILE),
            None => "nothing is loaded that a lock would hold".to_owned(),
        });
    }
    Ok(match (drifts.is_empty(), found.unread.is_empty()) {
        (false, _) => 1,
        (true, false) => INCOMPLETE,
        (true, true) => 0,
    })
}
