//! `custody.lock`, of the tree or of a folder of it. What its lines mean is `lock`'s; what two sides of a merge say
//! differently is for a rule to tell, since it is understood.

use std::sync::Arc;

use super::Facts;
use super::Format;
use super::Reader;
use crate::graph::Document;
use crate::graph::kinds::lock::CustodyLock;
use crate::lock;
use crate::parse::Budget;
use crate::parse::Problem;
use crate::source::RepoPath;
use crate::source::SourceFile;

/// Reads `custody.lock`.
#[derive(Debug)]
pub struct CustodyLockReader;

impl Reader for CustodyLockReader {
    fn id(&self) -> &'static str {
        "custody-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == lock::FILE
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`custody.lock`",
            read: "models, data sets, tokenizers, adapters and kernels with the commits and files that are held, what \
                   scans said, who signed and who approved; images and tools",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, _budget: &mut Budget, out: &mut Facts) {
        let read = lock::read_text(&file.text);
        out.problems.extend(read.mistakes.iter().map(|one| Problem::new(one.span, one.message.clone())));
        out.documents.push(Document::CustodyLock(CustodyLock { file: file.id, read: Arc::new(read) }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::Subject;
    use crate::source::FileId;

    fn read(text: &str) -> (CustodyLock, Vec<String>, SourceFile) {
        let path = RepoPath::new("services/chat/custody.lock").unwrap();
        assert!(CustodyLockReader.claims(&path));
        let file = SourceFile::new(FileId(0), path, text.as_bytes().to_vec());
        let mut facts = Facts::default();
        CustodyLockReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::CustodyLock(lock)) = facts.documents.pop() else { panic!("a lock") };
        (lock, facts.problems.into_iter().map(|p| p.message).collect(), file)
    }

    #[test]
    fn entries_have_their_lines() {
        let text = "lock.version = \"1\"\n\n# model huggingface:a/b\nmodel.\"huggingface:a/b\".revision = \"0123\"\n\
                    model.\"huggingface:a/b\".scan = \"dangerous, 0.1.0\"\n\
                    model.\"huggingface:a/c\".scan = \"clean, 0.1.0\"\n";
        let (lock, problems, file) = read(text);
        assert_eq!(problems, Vec::<String>::new());
        let key = lock.read.lock.entries.keys().next().unwrap();
        let at = |place: crate::source::Place| file.text_at(place.span);
        let first = "model.\"huggingface:a/b\".revision = \"0123\"";
        assert_eq!(at(lock.place(&Subject::Entry(key.clone()))), first);
        assert_eq!(at(lock.fact(&file, key, "scan")), "model.\"huggingface:a/b\".scan = \"dangerous, 0.1.0\"");
        assert_eq!(at(lock.fact(&file, key, "signer")), first);
        // Without its state it is not to be relied on.
        assert!(lock.sound(key).is_none() && lock.is_whole());
    }

    #[test]
    fn lines_that_are_not_understood_are_told() {
        let (lock, problems, _) = read("lock.version = \"1\"\nx\n");
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(!lock.is_whole());
        let (lock, problems, _) = read("");
        assert!(!lock.is_whole() && problems.len() == 1);
    }
}
