//! What was read of one tree serves another one, where the file is the same.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::{FileOutcome, Mention, Outcome, READERS, Reader, Reading};
use crate::graph::Document;
use crate::references;
use crate::scan::FileReport;
use crate::source::{Changes, FileId, RepoPath, SourceFile};

/// Readers whose documents are filled in from other files of the tree once all are read.
const FILLED_IN: &[&str] = &["python-record", "cargo-checksums", super::models::ID];

/// A tree that was read before.
#[derive(Clone, Copy)]
pub struct Earlier<'a> {
    /// What was read of it.
    pub reading: &'a Reading,
    /// Whether the same bytes lie at a path of both trees.
    pub is_same: &'a (dyn Fn(&RepoPath) -> bool + Sync),
}

/// Whether nothing that is read differs between two trees: each has the same files, those that were read are the same
/// in both, and no list speaks of the content of files that are of no kind of their own. What holds of one tree then
/// holds of the other.
#[must_use]
pub fn reads_alike(base: &Reading, head: &Reading, changes: &Changes) -> bool {
    let reads = |reading: &Reading, path: &RepoPath| {
        let is_read = |path| reading.files.binary_search_by(|file| file.path.cmp(path)).is_ok();
        is_read(path) || reading.claimed.contains_key(path)
    };
    let cards = |reading: &Reading| -> BTreeSet<String> {
        let cards = reading.documents.iter().filter(|document| matches!(document, Document::Card(_)));
        cards.map(|document| reading.sources.path(document.file()).to_owned()).collect()
    };
    let (before, after) = (cards(base), cards(head));
    let is_list = |document: &Document| matches!(document, Document::Record(_) | Document::CargoChecksums(_));
    // Code and configuration are of no kind of their own and are read for what they load, and for what they say of
    // models that lie beside them.
    let is_beside = |path: &RepoPath| {
        let text = path.as_str();
        references::claims(text) || references::may_point(text) || path.name().ends_with(".json")
    };
    changes.added.is_empty()
        && changes.removed.is_empty()
        && changes.moved.is_empty()
        && !changes.altered.iter().any(|path| reads(base, path) || reads(head, path))
        && !changes.altered.iter().any(is_beside)
        && !changes.altered.iter().any(|path| before.contains(path.as_str()) || after.contains(path.as_str()))
        && !base.documents.iter().chain(&head.documents).any(is_list)
}

/// What was read of one file.
pub(super) struct Again {
    pub(super) file: SourceFile,
    pub(super) documents: Vec<Document>,
    pub(super) mentions: Vec<Mention>,
    pub(super) outcome: Outcome,
}

/// Files of an earlier reading, by path.
pub(super) struct Known<'a> {
    earlier: Earlier<'a>,
    by_path: BTreeMap<&'a RepoPath, usize>,
    /// For each file, its first document and how many there are.
    documents: Vec<(usize, usize)>,
}

impl<'a> Known<'a> {
    pub(super) fn of(earlier: Earlier<'a>) -> Self {
        let reading = earlier.reading;
        let by_path = reading.files.iter().enumerate().map(|(index, file)| (&file.path, index)).collect();
        let mut documents = vec![(0, 0); reading.files.len()];
        for (index, document) in reading.documents.iter().enumerate() {
            if let Some((first, count)) = documents.get_mut(document.file().0 as usize) {
                if *count == 0 {
                    *first = index;
                }
                *count += 1;
            }
        }
        Self { earlier, by_path, documents }
    }

    /// What a scan said of a model file, if the same bytes lay there.
    pub(super) fn model(&self, path: &RepoPath) -> Option<Arc<FileReport>> {
        let index = *self.by_path.get(path)?;
        let (first, count) = *self.documents.get(index)?;
        if !(self.earlier.is_same)(path) {
            return None;
        }
        self.earlier.reading.documents.get(first..first + count)?.iter().find_map(|document| match document {
            Document::Model(model) if model.report.path == path.as_str() => Some(Arc::clone(&model.report)),
            _ => None,
        })
    }

    /// Which reader, if any, the beginning of a file that is the same was for; none where it has to be looked at.
    pub(super) fn claim(&self, path: &RepoPath) -> Option<Option<&'static dyn Reader>> {
        let Earlier { reading, is_same } = self.earlier;
        is_same(path).then(|| {
            let id = reading.claimed.get(path)?;
            READERS.iter().find(|reader| reader.id() == *id).copied()
        })
    }

    /// What was read of a file, if the same bytes lay there and the same reader read them in full.
    pub(super) fn find(&self, path: &RepoPath, reader: &str) -> Option<Again> {
        let index = *self.by_path.get(path)?;
        let Earlier { reading, is_same } = self.earlier;
        let known: &FileOutcome = reading.files.get(index)?;
        if known.reader != reader || FILLED_IN.contains(&reader) || !is_same(path) {
            return None;
        }
        let outcome = match &known.outcome {
            Outcome::Read => Outcome::Read,
            Outcome::Partial(problems) => Outcome::Partial(problems.clone()),
            Outcome::Unread(_) | Outcome::Skipped(_) => return None,
        };
        let mentions = reading.mentions.get(index).cloned().unwrap_or_default();
        // Whether what it needs is there is for its own tree to say.
        if mentions.iter().any(|mention| mention.needed_at.is_some()) {
            return None;
        }
        let source = reading.sources.get(known.file?)?;
        let mut file = SourceFile::new(FileId::default(), path.clone(), Vec::new());
        file.text.clone_from(&source.text);
        file.invalid_utf8 = source.invalid_utf8;
        let (first, count) = *self.documents.get(index)?;
        let documents = reading.documents.get(first..first + count)?.to_vec();
        Some(Again { file, documents, mentions, outcome })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::read::{read_after, read_tree};
    use crate::source::Tree;

    fn tree(files: &[(&str, &str)]) -> Tree {
        let files = files.iter().map(|(path, text)| (RepoPath::new(path).unwrap(), text.as_bytes().to_vec()));
        Tree::from_memory("t", files.collect::<BTreeMap<_, _>>())
    }

    #[test]
    fn trees_read_alike_where_only_what_nobody_reads_differs() {
        let files = [
            ("Cargo.toml", "[package]\nname = \"app\"\n"),
            ("src/main.rs", "fn main() {}\n"),
            ("conda-linux-64.txt", "a\n"),
            ("notes.txt", "a\n"),
        ];
        let record = ("p-1.dist-info/RECORD", "src/main.rs,,\n");
        let changed = |path: &str, text: &'static str| {
            let mut files = files.to_vec();
            files.iter_mut().filter(|file| file.0 == path).for_each(|file| file.1 = text);
            files
        };
        let more = |extra: (&'static str, &'static str)| files.iter().copied().chain([extra]).collect::<Vec<_>>();
        for (before, after, alike) in [
            (files.to_vec(), files.to_vec(), true),
            (files.to_vec(), changed("notes.txt", "b\n"), true),
            // Code is read for what it loads.
            (files.to_vec(), changed("src/main.rs", "fn main() { run() }\n"), false),
            (files.to_vec(), changed("Cargo.toml", "[package]\nname = \"other\"\n"), false),
            (files.to_vec(), more(("src/lib.rs", "\n")), false),
            (more(("src/lib.rs", "\n")), files.to_vec(), false),
            // A text that becomes a list of conda's packages is read from then on.
            (
                files.to_vec(),
                changed("conda-linux-64.txt", "@EXPLICIT\nhttps://conda.example.com/c/noarch/a-1-0.conda\n"),
                false,
            ),
            (more(record), more(record), false),
        ] {
            let (before, after) = (tree(&before), tree(&after));
            let changes = crate::source::objects::changes(&before, &after);
            let (base, head) = (read_tree(&before, 1, &|_, _| {}), read_tree(&after, 1, &|_, _| {}));
            assert_eq!(reads_alike(&base, &head, &changes), alike, "{changes:?}");
        }
    }

    #[test]
    fn reading_again_gives_what_reading_anew_gives() {
        let before = [
            (".github/workflows/a.yml", "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: make\n"),
            ("Cargo.toml", "[package]\nname = \"app\"\nversion = \"1.0.0\"\n"),
            ("Makefile", "all:\n\tcurl https://example.com | sh\n"),
            ("a/requirements.txt", "-r ../base.txt\nflask\n"),
            ("base.txt", "torch==1\n"),
            ("broken/Cargo.toml", "[package\n"),
            ("run", "#!/bin/sh\npip install x\n"),
            ("script.py", "# /// script\n# dependencies = [\"rich\"]\n# ///\n"),
            ("z.sh", "curl https://example.com | sh\n"),
        ];
        let mut after = before.to_vec();
        after[1].1 = "[package]\nname = \"app\"\nversion = \"2.0.0\"\n";
        after.remove(4);
        after.insert(0, ("A.sh", "echo hello\n"));
        let (before, after) = (tree(&before), tree(&after));
        let changed = ["A.sh", "Cargo.toml", "base.txt"];
        let is_same = |path: &RepoPath| !changed.contains(&path.as_str());
        let earlier = read_tree(&before, 1, &|_, _| {});
        let again = read_after(&after, Some(Earlier { reading: &earlier, is_same: &is_same }), 2, &|_, _| {});
        let anew = read_tree(&after, 2, &|_, _| {});
        let told = |reading: &Reading| {
            let texts: Vec<_> = reading.sources.iter().map(|f| (f.id, f.path.clone(), f.text.clone())).collect();
            format!("{:#?} {:#?} {texts:?} {:?}", reading.files, reading.documents, reading.claimed)
        };
        assert_eq!(told(&again), told(&anew));
        assert!(
            again
                .files
                .iter()
                .any(|f| f.path.as_str() == "a/requirements.txt" && matches!(f.outcome, Outcome::Partial(_)))
        );
    }
}
