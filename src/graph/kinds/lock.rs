//! `custody.lock` as it was read.

use std::sync::Arc;

use crate::lock::Entry;
use crate::lock::Key;
use crate::lock::Read;
use crate::lock::Subject;
use crate::source::FileId;
use crate::source::Place;
use crate::source::SourceFile;
use crate::source::Span;

/// Lines behind the first of an entry among which its facts stand; files and approvals come after them.
const FACTS: usize = 8;

/// A lock of what the tree loads.
#[derive(Debug, Clone)]
pub struct CustodyLock {
    /// The file.
    pub file: FileId,
    /// What it says, shared between the trees of a comparison.
    pub read: Arc<Read>,
}

impl CustodyLock {
    /// The first line of something that is held.
    #[must_use]
    pub fn place(&self, subject: &Subject) -> Place {
        Place::new(self.file, self.read.places.get(subject).map_or(Span::default(), |first| bare(first.span)))
    }

    /// The line of a fact of an entry, `scan`, as the writer orders them; its first line where it stands elsewhere.
    #[must_use]
    pub fn fact(&self, file: &SourceFile, key: &Key, fact: &str) -> Place {
        let first = self.place(&Subject::Entry(key.clone()));
        let range = first.span.range(file.text.len());
        let start = range.start;
        let line = file.text.get(range).unwrap_or("");
        let Some(prefix) = line.find("\".").and_then(|at| line.get(..at + 2)) else { return first };
        let mut at = start;
        for line in file.text.get(start..).unwrap_or("").split_inclusive('\n').take(FACTS) {
            let body = line.trim_end();
            let rest = body.strip_prefix(prefix).and_then(|rest| rest.strip_prefix(fact));
            if rest.is_some_and(|rest| rest.trim_start().starts_with('=')) {
                return Place::new(self.file, Span::new(at, at + body.len()));
            }
            at += line.len();
        }
        first
    }

    /// Whether all of it is understood: what is not there may stand on a line that is not.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.read.mistakes.is_empty()
    }

    /// An entry that can be relied on.
    #[must_use]
    pub fn sound(&self, key: &Key) -> Option<&Entry> {
        let is_broken = self.read.broken.contains_key(&Subject::Entry(key.clone()));
        self.read.lock.entries.get(key).filter(|_| !is_broken)
    }
}

/// A line without its end; the reader's spans hold it.
fn bare(line: Span) -> Span {
    Span { end: line.end.saturating_sub(1).max(line.start), ..line }
}
