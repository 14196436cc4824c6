//! A signed list beside the files as they are: every file that was signed is there and is the same, and nothing is
//! there that was neither signed nor ignored.

use std::collections::BTreeMap;

use super::digest::{self, Job};
use super::failure::{Difference, Failure};
use super::statement::{Statement, normal};
use super::tree::{Entry, Ignored, Listing, Model};
use super::{PassedOver, SignedFile, Terms, hex};

/// A listed file: its pieces, from which byte to before which, with their digests. No range is the whole file.
type Pieces<'s> = Vec<(Option<(u64, u64)>, &'s [u8])>;

/// What a comparison found good.
#[derive(Debug)]
pub(super) struct Compared {
    /// All files that were signed.
    pub files: Vec<SignedFile>,
    /// What was not compared.
    pub passed_over: Vec<PassedOver>,
    /// Links that were followed out of the model, and where to.
    pub out: Vec<(String, String)>,
}

/// Compares.
///
/// # Errors
/// [`Failure::Files`] with every difference, or [`Failure::Unread`].
pub(super) fn compare(statement: &Statement, model: &Model<'_>, terms: &Terms) -> Result<Compared, Failure> {
    let ignored = Ignored::new(statement.ignored.iter().chain(&terms.ignore).chain(&terms.bundle));
    let listing = Listing::read(model, &ignored, statement.links)?;
    let mut differences = Vec::new();
    let mut listed: BTreeMap<&str, Pieces<'_>> = BTreeMap::new();
    for resource in &statement.resources {
        let path = match &listing.single {
            // The specification names a model of one file by its name, the package by a point.
            Some(name) if *name == resource.path => "",
            _ => resource.path.as_str(),
        };
        listed.entry(path).or_default().push((resource.range, &resource.digest));
    }
    let mut jobs = Vec::new();
    let mut files = Vec::new();
    for (&path, pieces) in &mut listed {
        let shown = shown(path, &listing);
        if listing.single.is_none() && ignored.covers(path) {
            differences.push(Difference::Ignored(shown));
            continue;
        }
        let size = match listing.entry(path) {
            Some(Entry::File(size)) => size,
            Some(Entry::Link) => {
                differences.push(Difference::Link(shown));
                continue;
            }
            Some(Entry::Special) => {
                differences.push(Difference::Special(shown));
                continue;
            }
            None => {
                differences.push(Difference::Missing(shown));
                continue;
            }
        };
        pieces.sort_unstable();
        if !fits(pieces, size, statement.shard) {
            differences.push(Difference::Pieces(shown));
            continue;
        }
        for &(range, digest) in pieces.iter() {
            let (from, to) = range.unwrap_or((0, size));
            jobs.push(Job { path, from, to, size, digest });
        }
        let digest = statement.shard.is_none().then(|| pieces.first().map(|(_, digest)| hex(digest))).flatten();
        files.push(SignedFile { path: shown, size, algorithm: statement.algorithm.name(), digest });
    }
    let strangers = strangers(&listing, &listed);
    let mut passed_over = passed_over(&listing, terms);
    if terms.unsigned_files {
        let unsigned = strangers.iter().map(|one| (one.path().to_owned(), 1, true));
        passed_over.extend(unsigned.map(|(path, files, counted)| PassedOver { path, files, counted }));
        passed_over.sort_unstable();
    } else {
        differences.extend(strangers);
    }
    // Files that are missing are known at once; hashing gigabytes tells the rest, and a person wants it too.
    let mut changed: Vec<&str> = match digest::differing(&listing, &jobs, statement.algorithm, terms.threads) {
        Ok(changed) => changed.into_iter().map(|job| jobs[job].path).collect(),
        Err(failure) if differences.is_empty() => return Err(failure),
        Err(_) => Vec::new(),
    };
    changed.dedup();
    differences.extend(changed.into_iter().map(|path| Difference::Changed(self::shown(path, &listing))));
    if !differences.is_empty() {
        return Err(Failure::Files(differences));
    }
    Ok(Compared { files, passed_over, out: listing.out })
}

/// What lies there and is ignored, apart from the bundle.
fn passed_over(listing: &Listing<'_>, terms: &Terms) -> Vec<PassedOver> {
    let bundle = terms.bundle.as_deref().map(normal);
    let others = listing.ignored.iter().filter(|(path, _)| Some(*path) != bundle.as_ref());
    others.map(|(path, (files, counted))| PassedOver { path: path.clone(), files: *files, counted: *counted }).collect()
}

/// What is there and was not signed.
fn strangers(listing: &Listing<'_>, listed: &BTreeMap<&str, Pieces<'_>>) -> Vec<Difference> {
    let mut out = Vec::new();
    for (path, entry) in &listing.entries {
        if listed.contains_key(path.as_str()) {
            continue;
        }
        let shown = shown(path, listing);
        match entry {
            Entry::File(_) => out.push(Difference::Unsigned(shown)),
            Entry::Link => out.push(Difference::Link(shown)),
            Entry::Special => out.push(Difference::Special(shown)),
        }
    }
    out.extend(listing.nameless.iter().cloned().map(Difference::Unsigned));
    out
}

/// Whether pieces, in their order, are those of a file of so many bytes.
fn fits(pieces: &Pieces<'_>, size: u64, shard: Option<u64>) -> bool {
    let Some(shard) = shard else { return pieces.len() == 1 };
    let mut at = 0;
    for (range, _) in pieces {
        let Some((from, to)) = *range else { return false };
        if from != at || to != from.saturating_add(shard).min(size) || to <= from {
            return false;
        }
        at = to;
    }
    at == size
}

/// A path as people read it.
fn shown(path: &str, listing: &Listing<'_>) -> String {
    match (&listing.single, path) {
        (Some(name), "") => name.clone(),
        _ => path.to_owned(),
    }
}
