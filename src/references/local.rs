//! Data of trainings that no hub is asked for: files of the tree, and names that a table of data sets explains.
//!
//! Sources: the documentation of LLaMA-Factory (`data/dataset_info.json`), axolotl (`datasets[].path`, `data_files`)
//! and of the example scripts of transformers (`train_file`).

use std::collections::HashMap;
use std::sync::Arc;

use super::config::document::{Document, Node, find};
use super::training::{DataFile, Named, Part, Training};
use super::{AssetKind, At, Reference, Standing};
use crate::source::Span;

/// The table of data sets that LLaMA-Factory looks names up in.
const TABLE: &str = "dataset_info.json";
/// Names of one table.
const MOST_NAMES: usize = 10_000;
/// Names that one text lists.
const MOST_LISTED: usize = 40;
/// Endings of files of data.
const ENDINGS: &[&str] = &[".arrow", ".csv", ".json", ".jsonl", ".jsonl.gz", ".parquet", ".tsv", ".txt"];

/// Data that a training names by what is no name of a hub.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::references) struct Local {
    /// What it is for.
    pub part: Part,
    /// As it is written.
    pub text: String,
    /// Where.
    pub at: At,
}

/// What a table of data sets says of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::references) struct Row {
    /// The name.
    pub name: String,
    /// The bytes of what is said.
    pub span: Span,
    /// The file beside the table.
    pub file: Option<String>,
}

/// A table of data sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::references) struct Table {
    /// The file.
    pub path: Arc<str>,
    /// Its rows.
    pub rows: Vec<Row>,
}

/// The table that a document is, by the name of its file.
pub(in crate::references) fn table(path: &str, document: &Document) -> Option<Table> {
    if path.rsplit('/').next() != Some(TABLE) {
        return None;
    }
    let entries = document.roots.iter().flat_map(Node::entries).take(MOST_NAMES);
    let rows = entries.map(|entry| Row {
        name: entry.key.clone(),
        span: entry.value.span,
        file: find(entry.value.entries(), &["file_name"]).and_then(|e| e.value.as_str()).map(str::to_owned),
    });
    Some(Table { path: Arc::from(path), rows: rows.collect() })
}

/// Whether a key or option of a training names its data, plain as keys are: `train_file`, `dataset`.
pub(in crate::references) fn names_data(key: &str) -> bool {
    let of_split = |end: &str| {
        let before = key.strip_suffix(end).map(|before| before.trim_end_matches('_'));
        before
            .is_some_and(|before| matches!(before, "" | "train" | "training" | "eval" | "test" | "validation" | "val"))
    };
    matches!(key, "data_files" | "train_data" | "train_data_path" | "data_path" | "train_files" | "validation_files")
        || ["dataset", "datasets", "file", "dataset_path"].into_iter().any(of_split) && key != "file"
}

/// Whether a text may be a file of data, or names of a table.
pub(in crate::references) fn may_name(text: &str) -> bool {
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | ',' | ' ');
    !text.is_empty() && text.len() <= 400 && text.chars().all(is_plain)
}

/// Ties the data of trainings to files of the tree and to what tables say. `references` gains what is loaded by way
/// of a table; `is_file` tells whether the tree has a file.
pub(in crate::references) fn settle(
    tables: &[Table],
    trainings: &mut [Training],
    references: &mut Vec<Reference>,
    is_file: &dyn Fn(&str) -> bool,
) {
    let mut rows: HashMap<&str, Vec<(&Table, &Row)>> = HashMap::new();
    for table in tables {
        for row in &table.rows {
            rows.entry(&row.name).or_default().push((table, row));
        }
    }
    let of_tables: Vec<Reference> = references
        .iter()
        .filter(|one| one.kind == AssetKind::Dataset && one.place.path.ends_with(TABLE))
        .cloned()
        .collect();
    let mut by_file: HashMap<&str, Vec<&Reference>> = HashMap::new();
    for one in &of_tables {
        by_file.entry(&*one.place.path).or_default().push(one);
    }
    for training in trainings {
        for local in std::mem::take(&mut training.local) {
            for name in local.text.split(',').map(str::trim).filter(|name| !name.is_empty()).take(MOST_LISTED) {
                let told = match rows.get(name).map(Vec::as_slice) {
                    // Of several tables nobody can tell which is asked.
                    Some([(table, row)]) => Some((*table, *row)),
                    _ => None,
                };
                let Some((table, row)) = told else {
                    let is_data = ENDINGS.iter().any(|end| name.ends_with(end));
                    if let Some(path) = is_data.then(|| located(name, &local.at.path, is_file)).flatten() {
                        push(training, local.part, path, &local.at);
                    }
                    continue;
                };
                let on_hub = by_file.get(&*table.path).into_iter().flatten();
                // A table says the same for several hubs; the first is asked.
                if let Some(known) = on_hub.filter(|one| row.span.contains(one.place.span)).min() {
                    let mut reference = (*known).clone();
                    reference.standing = Standing::Runs;
                    reference.call = Some(local.at.clone());
                    reference.edit = None;
                    reference.other_edits = Vec::new();
                    training.named.push(Named::new(local.part, reference.clone()));
                    references.push(reference);
                } else if let Some(file) = &row.file
                    && let Some(path) = beside(&table.path, file).filter(|path| is_file(path))
                {
                    push(training, local.part, path, &local.at);
                }
            }
        }
        training.named.sort();
        training.named.dedup();
    }
}

fn push(training: &mut Training, part: Part, path: String, at: &At) {
    if training.files.iter().all(|known| *known.path != *path || known.part != part) {
        training.files.push(DataFile { part, path: Arc::from(path), at: at.clone() });
    }
}

/// A path beside a file; none where it leaves the tree.
fn beside(from: &str, path: &str) -> Option<String> {
    let folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    joined(folder, path)
}

fn joined(folder: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => _ = parts.pop()?,
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

/// The file of the tree that a path means: from the folder of the file that names it, or from one above.
fn located(path: &str, from: &str, is_file: &dyn Fn(&str) -> bool) -> Option<String> {
    if path.starts_with('/') {
        return None;
    }
    let mut folder = from.rsplit_once('/').map_or("", |(folder, _)| folder);
    loop {
        if let Some(found) = joined(folder, path).filter(|found| is_file(found)) {
            return Some(found);
        }
        if folder.is_empty() {
            return None;
        }
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::found::FileFound;

    #[test]
    fn names_are_looked_up_in_the_table_and_among_files() {
        let mut found = FileFound::default();
        let info = r#"{"a": {"file_name": "a.json"}, "b": {"hf_hub_url": "orion/b"}, "c": {"file_name": "gone.json"}}"#;
        crate::references::config::of_file("data/dataset_info.json", info, &mut found);
        let recipe = "model_name_or_path: orion/base\nstage: sft\nlearning_rate: 1e-4\ndataset: a,b,c,other\neval_dataset: data/held.jsonl\n";
        crate::references::config::of_file("examples/x.yaml", recipe, &mut found);
        let files = ["data/a.json", "data/dataset_info.json", "data/held.jsonl", "examples/x.yaml"];
        settle(&found.tables, &mut found.trainings, &mut found.references, &|path| files.contains(&path));
        let one = &found.trainings[0];
        let data: Vec<(Part, &str)> = one.files.iter().map(|file| (file.part, &*file.path)).collect();
        assert_eq!(data, [(Part::Data, "data/a.json"), (Part::TestData, "data/held.jsonl")]);
        let named: Vec<&str> = one.of_part(Part::Data).map(|named| named.reference.name.as_str()).collect();
        assert_eq!(named, ["orion/b"]);
        assert!(found.references.iter().any(|one| one.name == "orion/b" && one.standing == Standing::Runs));
    }

    #[test]
    fn keys_of_data_are_told_from_others() {
        for (key, expected) in [
            ("dataset", true),
            ("train_file", true),
            ("eval_dataset", true),
            ("data_files", true),
            ("file", false),
            ("config_file", false),
            ("dataset_dir", false),
        ] {
            assert_eq!(names_data(key), expected, "{key}");
        }
    }
}
