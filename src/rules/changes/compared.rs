//! Two trees side by side: which files a change touches, and what stood in them. Shared by the rules on changes.

use std::collections::BTreeMap;
use std::mem::discriminant;

use crate::graph::Document;
use crate::rules::{Before, Scene};
use crate::source::{FileId, Place, SourceFile};

/// Characters of an old line that evidence quotes.
const MAX_QUOTED: usize = 160;

/// The tree after a change, and the one before it.
pub(super) struct Compared<'s> {
    /// After.
    pub(super) scene: &'s Scene<'s>,
    /// Before.
    pub(super) before: &'s Before<'s>,
    documents: BTreeMap<FileId, Vec<&'s Document>>,
}

impl<'s> Compared<'s> {
    /// None where there is nothing to compare with.
    pub(super) fn of(scene: &'s Scene<'s>) -> Option<Self> {
        // Where nothing was there is nothing that changed.
        let before = scene.before.filter(|before| !before.scene.files.is_empty())?;
        let mut documents: BTreeMap<FileId, Vec<&Document>> = BTreeMap::new();
        for document in before.scene.documents {
            documents.entry(document.file()).or_default().push(document);
        }
        Some(Self { scene, before, documents })
    }

    /// The tree before.
    pub(super) fn base(&self) -> &'s Scene<'s> {
        self.before.scene
    }

    /// A file as it was; none where the change brings it.
    pub(super) fn old(&self, file: FileId) -> Option<&'s SourceFile> {
        self.before.file(&self.scene.sources.get(file)?.path)
    }

    /// Whether the change brings the file or other text in it.
    pub(super) fn is_touched(&self, file: FileId) -> bool {
        let Some(now) = self.scene.sources.get(file) else { return false };
        self.before.file(&now.path).is_none_or(|old| old.text != now.text)
    }

    /// Documents of files that count and that the change touches, each with what it was.
    pub(super) fn touched(&self) -> impl Iterator<Item = (&'s Document, Option<&'s Document>)> {
        let counts = |file| !self.scene.role(file).is_set_aside() && self.is_touched(file);
        self.scene.documents.iter().filter(move |d| counts(d.file())).map(|d| (d, self.was_document(d)))
    }

    /// What a document was: the one of its kind in the same file.
    pub(super) fn was_document(&self, document: &Document) -> Option<&'s Document> {
        let old = self.old(document.file())?;
        self.documents.get(&old.id)?.iter().copied().find(|was| discriminant(*was) == discriminant(document))
    }

    /// What stood at a place of the tree before, in words: `was Cargo.toml line 12: serde = "1"`.
    pub(super) fn was(&self, place: Place) -> String {
        let sources = self.base().sources;
        let number = sources.start(place).line;
        let line = sources.get(place.file).and_then(|file| file.line(number)).unwrap_or("").trim();
        let quoted: String = line.chars().take(MAX_QUOTED).collect();
        let cut = if quoted.len() < line.len() { " ..." } else { "" };
        format!("was {} line {number}: {quoted}{cut}", sources.path(place.file))
    }

    /// The first place of a file, for what no line of it says any more.
    pub(super) fn head_of(&self, file: FileId) -> Place {
        let text = self.scene.sources.get(file).map_or("", |file| file.text.as_str());
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let body = line.trim();
            if !body.is_empty() && !body.starts_with('#') {
                break;
            }
            start += line.len();
        }
        let start = if start >= text.len() { 0 } else { start };
        let end = text.get(start..).and_then(|rest| rest.find(['\n', '\r'])).map_or(text.len(), |len| start + len);
        Place::new(file, crate::source::Span::new(start, end))
    }
}

/// Names in order of the list, three at the most, and how many more.
pub(super) fn listed<T: AsRef<str>>(names: &[T]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{}`", name.as_ref())).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// One digest in a few letters.
pub(super) fn short(digest: &str) -> String {
    let hex = digest.rsplit_once([':', '-']).map_or(digest, |(_, hex)| hex);
    hex.chars().take(12).collect()
}
