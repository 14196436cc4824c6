//! Files that hold what was fetched, while scripts run.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::checks::{Moment, Proof};
use super::places::{below, globs, is_shared, join, parent, shares_name};
use crate::commands::Transfer;
use crate::parse::shell::basename;

/// Files followed at once; a generated script of thousands of downloads stops there.
const MAX_HELD: usize = 512;
/// Checks kept of one download.
const MAX_PROOFS: usize = 64;

/// A file or folder that holds what was downloaded.
#[derive(Debug, Clone)]
pub(super) struct Held<'a> {
    /// Index of the download.
    pub(super) download: usize,
    /// Where.
    pub(super) place: Spot,
    /// It came out of an archive: its mode came along.
    pub(super) is_unpacked: bool,
    /// When it came there.
    pub(super) since: Rc<Moment<'a>>,
}

/// Where it is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Spot {
    /// A file, or a pattern of files.
    File(String),
    /// What was unpacked.
    Folder {
        /// The folder.
        path: String,
        /// The archive's name.
        archive: String,
        /// The folder was named for the purpose; else only what shares its name with the archive is of it.
        is_own: bool,
    },
    /// A variable.
    Variable(String),
}

/// Whether a path stands for several. Long paths are searched for one byte at a time, which is the fast way.
fn is_pattern(path: &str) -> bool {
    path.contains('*') || path.contains('?')
}

/// What was downloaded and where it lies now.
#[derive(Debug, Clone, Default)]
pub(super) struct Files<'a> {
    pub(super) held: Vec<Held<'a>>,
    /// More was fetched than is followed.
    pub(super) is_full: bool,
    /// Checks by download.
    pub(super) proofs: BTreeMap<usize, Vec<Rc<Proof<'a>>>>,
}

impl<'a> Files<'a> {
    /// The checks of one download alone.
    pub(super) fn of(&self, download: usize) -> Self {
        let proofs = self.proofs.get(&download).map(|known| (download, known.clone()));
        Self { proofs: proofs.into_iter().collect(), ..Self::default() }
    }

    /// Takes over those of another, as far as they may be kept.
    pub(super) fn take(&mut self, held: Held<'a>, from: &Files<'a>) {
        if let Some(proofs) = from.proofs.get(&held.download) {
            self.proofs.entry(held.download).or_insert_with(|| proofs.clone());
        }
        self.hold(held);
    }

    pub(super) fn hold(&mut self, held: Held<'a>) {
        if self.held.len() < MAX_HELD {
            self.held.push(held);
        } else {
            self.is_full = true;
        }
    }

    /// Puts something fetched in the place of what was there, unless that may still be there.
    pub(super) fn replace(&mut self, held: Held<'a>) {
        self.held.retain(|old| old.place != held.place || held.since.may_be_left_out(&old.since));
        self.hold(held);
    }

    pub(super) fn remove(&mut self, path: &str) {
        self.held.retain(|held| match &held.place {
            Spot::File(file) => file != path && below(file, path).is_none(),
            Spot::Folder { path: folder, .. } => below(folder, path).is_none(),
            Spot::Variable(_) => true,
        });
    }

    /// A variable that is given another value holds nothing fetched.
    pub(super) fn forget_variable(&mut self, name: &str) {
        self.held.retain(|held| !matches!(&held.place, Spot::Variable(own) if own == name));
    }

    /// What is held under a path at a moment. `name` is set for a program that is looked for by name.
    pub(super) fn at(
        &self,
        full: &str,
        name: Option<&str>,
        moment: &Moment<'a>,
        is_of_tree: &dyn Fn(&str) -> bool,
    ) -> Vec<Held<'a>> {
        let mut out: Vec<Held<'a>> = Vec::new();
        let is_asked_by_pattern = is_pattern(full);
        // The newest first: it stands before an older one of the same place.
        for held in self.held.iter().rev() {
            let found = match &held.place {
                Spot::File(file) if is_asked_by_pattern || is_pattern(file) => globs(file, full) || globs(full, file),
                Spot::File(file) => file == full || name.is_some_and(|name| basename(file) == name),
                Spot::Folder { path, archive, is_own } => match below(full, path) {
                    Some(rest) => {
                        let is_whole = *is_own && (!is_shared(path) || moment.is_of_leg(&held.since));
                        let is_named = is_whole || (!rest.is_empty() && shares_name(rest, archive));
                        is_named && !is_of_tree(full)
                    }
                    None => false,
                },
                Spot::Variable(_) => false,
            };
            if !found || moment.excludes(&held.since) {
                continue;
            }
            let is_hidden = out.iter().any(|newer| newer.place == held.place && !newer.since.may_be_left_out(moment));
            if !is_hidden && !out.iter().any(|newer| newer.download == held.download && newer.place == held.place) {
                out.push(held.clone());
            }
        }
        out.reverse();
        out
    }

    /// What a variable holds.
    pub(super) fn in_variable(&self, name: &str, moment: &Moment<'a>) -> Vec<Held<'a>> {
        let is_it = |held: &&Held<'a>| matches!(&held.place, Spot::Variable(own) if own == name);
        self.held.iter().filter(is_it).filter(|held| !moment.excludes(&held.since)).cloned().collect()
    }

    /// Whether any variable holds something.
    pub(super) fn has_variables(&self) -> bool {
        self.held.iter().any(|held| matches!(held.place, Spot::Variable(_)))
    }

    /// Unpacks what lies at a place into a folder.
    pub(super) fn unpack(&mut self, held: &Held<'a>, archive: &str, into: &str, is_own: bool, members: &[String]) {
        let since = &held.since;
        for member in members {
            let path = if member.starts_with('/') { member.clone() } else { join(into, member) };
            let (place, since) = (Spot::File(path), Rc::clone(since));
            self.hold(Held { download: held.download, place, is_unpacked: true, since });
        }
        if members.is_empty() {
            // A folder named for the purpose holds the archive alone; the current one does not.
            let place = Spot::Folder { path: into.to_owned(), archive: basename(archive).to_owned(), is_own };
            self.hold(Held { download: held.download, place, is_unpacked: true, since: Rc::clone(since) });
        }
    }

    /// Moves, copies or links what lies at a path.
    pub(super) fn transfer(&mut self, held: &Held<'a>, how: Transfer, full: &str, target: &str, is_into: bool) {
        let place = match &held.place {
            // A folder moved as a whole, or everything in it.
            Spot::Folder { path, archive, .. } if path == full || full.contains('*') => {
                Spot::Folder { path: target.to_owned(), archive: archive.clone(), is_own: true }
            }
            _ if is_into => Spot::File(join(target, basename(full))),
            _ => Spot::File(target.to_owned()),
        };
        if how == Transfer::Move {
            self.held.retain(|h| h.place != Spot::File(full.to_owned()));
        }
        // What is taken out of an archive may be a folder too.
        if let (Spot::Folder { archive, .. }, Spot::File(path)) = (&held.place, &place) {
            let place = Spot::Folder { path: path.clone(), archive: archive.clone(), is_own: true };
            self.hold(Held { place, ..held.clone() });
        }
        self.hold(Held { place, ..held.clone() });
    }

    /// Notes a check for the downloads it speaks of.
    pub(super) fn prove(&mut self, download: usize, proof: &Rc<Proof<'a>>) {
        let known = self.proofs.entry(download).or_default();
        if known.len() < MAX_PROOFS {
            known.push(Rc::clone(proof));
        }
    }

    /// Downloads that a check of these files speaks of; one that names none speaks for what the script fetched
    /// and what lies in its folder.
    pub(super) fn checked(&self, targets: &[String], folder: &str, moment: &Moment<'a>) -> Vec<usize> {
        let mut out: Vec<usize> = Vec::new();
        for held in &self.held {
            let is_named = match &held.place {
                Spot::File(file) if targets.is_empty() => parent(file) == folder || moment.is_of_script(&held.since),
                Spot::File(file) => targets
                    .iter()
                    .any(|t| t == file || basename(t) == basename(file) || globs(t, file) || globs(file, t)),
                Spot::Folder { .. } if targets.is_empty() => moment.is_of_script(&held.since),
                Spot::Folder { path, archive, is_own } => targets.iter().any(|target| {
                    let is_whole = *is_own && !is_shared(path);
                    below(target, path).is_some_and(|rest| is_whole || shares_name(rest, archive))
                }),
                Spot::Variable(_) => false,
            };
            if is_named && !out.contains(&held.download) {
                out.push(held.download);
            }
        }
        out
    }
}
