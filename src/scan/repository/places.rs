//! Which folders are models of their own, and which belong to one above them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Format;
use crate::source::Folder;

/// Files that make a folder a model together with all folders below it.
const WHOLE: &[&str] = &["model_index.json", "modules.json", "MLmodel", "saved_model.pb", "model_index.yaml"];
/// Files that make a folder a model of its own where none above takes it.
const OWN: &[&str] =
    &["config.json", "tokenizer_config.json", "adapter_config.json", "handler.py", "config.pbtxt", "Manifest.json"];

/// A folder and its files.
#[derive(Debug)]
pub(super) struct Place<'f> {
    /// Its path with the slash; empty for the root.
    pub dir: &'f str,
    /// Paths of the files that lie in it directly, in order.
    pub files: Vec<&'f str>,
}

impl<'f> Place<'f> {
    /// Names of files with their paths.
    pub(super) fn named(&self) -> impl Iterator<Item = (&'f str, &'f str)> {
        self.files.iter().map(|path| (&path[self.dir.len()..], *path))
    }

    /// Whether a file of that name lies in it.
    pub(super) fn has(&self, name: &str) -> bool {
        self.files.binary_search_by(|path| path[self.dir.len()..].cmp(name)).is_ok()
    }
}

/// A model: a folder, and those below that belong to it.
#[derive(Debug)]
pub(super) struct Model<'f> {
    /// The folder's path with the slash; empty for the root.
    pub root: &'f str,
    /// It, where it has files of its own, and those below.
    pub places: Vec<Place<'f>>,
}

impl Model<'_> {
    /// What it is, by the file that says so.
    pub(super) fn format(&self) -> Format {
        let first = self.places.iter().find(|place| place.dir == self.root);
        match first {
            Some(place) if place.has("MLmodel") => Format::Mlflow,
            Some(place) if place.has("saved_model.pb") => Format::SavedModel,
            _ => Format::HubRepository,
        }
    }
}

/// All folders, grouped into models. Folders of sources are among them: what they are is for others to see.
pub(super) fn models(folder: &dyn Folder) -> Vec<Model<'_>> {
    let mut files: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for path in folder.files() {
        files.entry(dir_of(path)).or_default().push(path);
    }
    let mut whole = BTreeSet::new();
    let mut own = BTreeSet::new();
    let mut models: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    // A folder comes before those below it.
    for (dir, files) in files {
        let place = Place { dir, files };
        if WHOLE.iter().any(|name| place.has(name)) {
            whole.insert(dir);
        }
        if OWN.iter().any(|name| place.has(name)) {
            own.insert(dir);
        }
        let root = ancestors(dir).filter(|dir| whole.contains(dir)).last();
        let root = root.or_else(|| ancestors(dir).find(|dir| own.contains(dir)));
        models.entry(root.unwrap_or(dir)).or_default().push(place);
    }
    models.into_iter().map(|(root, places)| Model { root, places }).collect()
}

/// The folder of a path, with its slash; empty for the root.
pub(super) fn dir_of(path: &str) -> &str {
    path.rfind('/').map_or("", |slash| &path[..=slash])
}

/// A folder, the one above it, and so on up to the root.
pub(super) fn ancestors(dir: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(dir), |dir| (!dir.is_empty()).then(|| dir_of(dir.trim_end_matches('/'))))
}
