//! What code and configuration load by name. Found over the whole tree once all files are read, since a name may be
//! written in another file than the call that loads it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{FileOutcome, Outcome, Reading};
use crate::graph::Document;
use crate::graph::kinds::references::Loaded;
use crate::graph::kinds::references::References;
use crate::graph::kinds::references::Trained;
use crate::parse::Problem;
use crate::references::{self, AssetKind, At, Limits, Pin};
use crate::source::{FileId, Place, RepoPath, Span, Tree, TreeFolder};

/// Its name, as coverage prints it.
pub(super) const ID: &str = "references";

/// Sentences about one file that become gaps.
const GAPS: usize = 4;

/// Finds them and adds a document for each file that loads something.
pub(super) fn find(reading: &mut Reading, tree: &Tree, threads: usize) {
    let files = TreeFolder::of(tree);
    let found = references::of_folder(&files, threads, &Limits::default());
    let mut files = Known { folder: files, ids: BTreeMap::new() };
    let mut by_file: BTreeMap<FileId, References> = BTreeMap::new();
    for reference in found.references {
        let Some(place) = files.place(reading, &reference.place) else { continue };
        let call = reference.call.as_ref().and_then(|at| files.place(reading, at)).unwrap_or(place);
        let mut edit = reference.edit.as_ref().and_then(|edit| files.place(reading, &edit.at));
        let other_edits: Vec<Place> =
            reference.other_edits.iter().filter_map(|edit| files.place(reading, &edit.at)).collect();
        if other_edits.len() < reference.other_edits.len() {
            edit = None;
        }
        // What `kernels.lock` says itself, and a call that writes the commit it holds, are held by it as well.
        let held = Some(reference.kind)
            .filter(|kind| *kind == AssetKind::Kernel)
            .and_then(|_| found.kernels.get(&reference.name).cloned())
            .filter(|commit| reference.pin != Pin::Commit || reference.revision.as_deref() == Some(commit.as_str()));
        let one = of(&mut by_file, call.file);
        one.loads.push(Loaded { reference, place, call, edit, other_edits, held });
    }
    for unresolved in found.unresolved {
        if let Some(place) = files.place(reading, &unresolved.place) {
            of(&mut by_file, place.file).unresolved.push((unresolved, place));
        }
    }
    for pointer in found.pointers {
        if let Some(place) = files.place(reading, &pointer.at) {
            of(&mut by_file, place.file).pointers.push(pointer);
        }
    }
    for training in found.trainings {
        let Some(place) = files.place(reading, &training.place) else { continue };
        let mut places = |all: &mut dyn Iterator<Item = &At>| -> Vec<Place> {
            all.map(|at| files.place(reading, at).unwrap_or(place)).collect()
        };
        let named = places(&mut training.named.iter().map(|one| &one.reference.place));
        let data = places(&mut training.files.iter().map(|one| &one.at));
        let outputs = places(&mut training.outputs.iter().map(|(_, at)| at));
        of(&mut by_file, place.file).trainings.push(Trained { training, place, named, files: data, outputs });
    }
    for (file, references) in by_file {
        // Documents stand in the order of their files.
        let after = reading.documents.partition_point(|other| other.file() <= file);
        reading.documents.insert(after, Document::References(references));
    }
    let unread = found.unread.into_iter().map(|(path, why)| (path, Problem::new(Span::default(), why)));
    let unfollowed = found.unfollowed.into_iter();
    let unfollowed = unfollowed.map(|(path, why)| (path, Problem::new(Span::default(), why).aside()));
    tell(reading, unread.chain(unfollowed), &mut files);
}

fn of(by_file: &mut BTreeMap<FileId, References>, file: FileId) -> &mut References {
    by_file.entry(file).or_insert_with(|| References {
        file,
        loads: Vec::new(),
        unresolved: Vec::new(),
        pointers: Vec::new(),
        trainings: Vec::new(),
    })
}

/// Files that places are in, so that none is opened twice.
struct Known<'t> {
    folder: TreeFolder<'t>,
    ids: BTreeMap<String, Option<FileId>>,
}

impl Known<'_> {
    fn id(&mut self, reading: &mut Reading, path: &str) -> Option<FileId> {
        if let Some(id) = self.ids.get(path) {
            return *id;
        }
        let id = super::models::source(reading, path, &self.folder);
        self.ids.insert(path.to_owned(), id);
        id
    }

    fn place(&mut self, reading: &mut Reading, at: &At) -> Option<Place> {
        Some(Place::new(self.id(reading, &at.path)?, at.span))
    }
}

/// What could not be read of a file that speaks of models is a gap of the audit.
fn tell(reading: &mut Reading, problems: impl Iterator<Item = (Arc<str>, Problem)>, files: &mut Known<'_>) {
    for (path, problem) in problems {
        let Some(path) = RepoPath::new(&path) else { continue };
        // What the work tree has lost loads nothing.
        if files.folder.tree().lacks(&path) {
            continue;
        }
        match reading.files.binary_search_by(|file| file.path.cmp(&path)) {
            Ok(at) => {
                let Some(file) = reading.files.get_mut(at) else { continue };
                match &mut file.outcome {
                    outcome @ Outcome::Read => *outcome = Outcome::Partial(vec![problem]),
                    Outcome::Partial(problems) if problems.len() < GAPS => problems.push(problem),
                    Outcome::Partial(_) | Outcome::Unread(_) | Outcome::Skipped(_) => {}
                }
            }
            Err(_) => {
                let file = files.id(reading, path.as_str());
                let known = reading.beside.iter_mut().find(|one| one.path == path);
                match known.map(|one| &mut one.outcome) {
                    Some(Outcome::Partial(problems)) if problems.len() < GAPS => problems.push(problem),
                    Some(_) => {}
                    None => {
                        let outcome = Outcome::Partial(vec![problem]);
                        reading.beside.push(FileOutcome { path, reader: ID, file, outcome });
                    }
                }
            }
        }
    }
}
