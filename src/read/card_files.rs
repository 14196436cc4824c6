//! Cards, configurations and other files of the tree that tell of models and data sets. They are of no kind of their
//! own: who reads them for something else reads them as well.

use super::cards;
use super::models;
use super::rounds::in_parallel;
use super::{FileOutcome, Outcome, Reading};
use crate::graph::Document;
use crate::graph::kinds::card::CardFile;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Told;
use crate::parse::Problem;
use crate::source::{Bytes, Folder, RepoPath, Span, Tree, TreeFolder};

/// Its name, as coverage prints it.
pub(super) const ID: &str = "model-card";

/// Files of one tree that are read.
const FILES: usize = 20_000;
/// Bytes of all of them.
const ALL: u64 = 256 << 20;

/// Finds them and adds a document for each that tells something. One that cannot be read is told aside: no part of an
/// audit rests on it.
pub(super) fn find(reading: &mut Reading, tree: &Tree, threads: usize) {
    let files = TreeFolder::unlisted(tree);
    let mut wanted: Vec<(&RepoPath, Form)> = Vec::new();
    let mut too_many = None;
    for entry in &tree.entries {
        let Some(form) = cards::form_of(entry.path.name()).filter(|_| entry.obstacle.is_none()) else { continue };
        if wanted.len() < FILES {
            wanted.push((&entry.path, form));
        } else {
            too_many = Some(&entry.path);
            break;
        }
    }
    let found = read_all(&files, &wanted, threads);
    let mut left = ALL;
    for ((path, _), one) in wanted.iter().zip(found) {
        let Some((told, size)) = one else { continue };
        match (told, left.checked_sub(size)) {
            (Ok(Some(told)), Some(rest)) => {
                left = rest;
                let Some(file) = models::source(reading, path.as_str(), &files) else { continue };
                // Documents stand in the order of their files.
                let after = reading.documents.partition_point(|other| other.file() <= file);
                reading.documents.insert(after, Document::Card(Box::new(CardFile { file, told })));
            }
            (Ok(Some(_)), None) => {
                tell(reading, path, "cards and configurations of the tree hold more than is read of them");
                break;
            }
            (Ok(None), _) => {}
            (Err(why), _) => tell(reading, path, &why),
        }
    }
    if let Some(path) = too_many {
        tell(reading, path, "the tree has more cards and configurations than are read");
    }
}

type Read = Option<(Result<Option<Told>, String>, u64)>;

fn read_all(files: &TreeFolder<'_>, wanted: &[(&RepoPath, Form)], threads: usize) -> Vec<Read> {
    in_parallel(threads, wanted.len(), |index| {
        let (path, form) = wanted.get(index)?;
        let path = path.as_str();
        // A reader that panics is our mistake: it costs this file, said aloud, and nothing else.
        let read = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cards::of_file(files, path, *form)));
        let told = read.unwrap_or_else(|_| Err("reading it failed: a bug of cargo-custody".to_owned()));
        let size = files.open(path).map_or(0, |bytes| bytes.len());
        Some((told, size))
    })
}

/// Says that a file was not read. What its own reader says of it comes first.
fn tell(reading: &mut Reading, path: &RepoPath, why: &str) {
    let problem = Problem::new(Span::default(), why).aside();
    if reading.files.binary_search_by(|file| file.path.cmp(path)).is_ok() {
        return;
    }
    if reading.beside.iter().all(|one| one.path != *path) {
        let outcome = Outcome::Partial(vec![problem]);
        reading.beside.push(FileOutcome { path: path.clone(), reader: ID, file: None, outcome });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::read::read_tree;

    #[test]
    fn files_that_tell_of_models_are_documents() {
        let files = [
            ("README.md", "# A project\n"),
            ("model/README.md", "---\nbase_model: orion/small\n---\n"),
            ("model/adapter_config.json", r#"{"peft_type": "LORA", "base_model_name_or_path": "orion/small"}"#),
            ("model/config.json", r#"{"debug": true}"#),
            ("site/README.md", "---\ntitle: x\nlayout: post\n---\n"),
        ];
        let files = files.map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec()));
        let tree = Tree::from_memory("t", BTreeMap::from(files));
        let reading = read_tree(&tree, 2, &|_, _| {});
        let found: BTreeMap<&str, Form> = reading
            .documents
            .iter()
            .filter_map(|document| match document {
                Document::Card(card) => Some((reading.sources.path(card.file), card.told.form)),
                _ => None,
            })
            .collect();
        let expected = [("model/README.md", Form::Card), ("model/adapter_config.json", Form::AdapterConfig)];
        assert_eq!(found, BTreeMap::from(expected));
        for document in &reading.documents {
            let Document::Card(card) = document else { continue };
            let source = reading.sources.get(card.file).unwrap();
            assert_eq!(source.text_at(card.told.bases[0].span).trim_matches('"'), "orion/small");
        }
        assert!(reading.documents.is_sorted_by_key(Document::file));
    }
}
