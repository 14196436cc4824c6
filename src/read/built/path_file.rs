//! `.pth` files. Python reads those of its site folders at every start: lines that begin with `import` and
//! a blank are executed whole, the others are folders for the search path. Source: CPython, `Lib/site.py`.

use crate::graph::Document;
use crate::graph::kinds::artifact::PathFile;
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

/// Bytes that show whether a file of this ending is a list of paths or a saved model.
const HEAD: usize = 4 << 10;

/// Reads `.pth` files.
#[derive(Debug)]
pub struct PathFileReader;

impl Reader for PathFileReader {
    fn id(&self) -> &'static str {
        "python-path-file"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        path.name().ends_with(".pth").then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        is_text(head)
    }

    fn decodes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format { files: "`*.pth`", read: "lines that Python runs at every start", not_read: "what the code does" })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut document = PathFile { file: file.id, ..PathFile::default() };
        for (line, span) in lines(&file.text) {
            if !budget.take_entry(line.len()) {
                out.problems.push(Problem::new(span, "too many lines; the rest was not read"));
                break;
            }
            let line = Spanned::new(line.to_owned(), span);
            if is_code(&line.value) {
                document.code.push(line);
            } else {
                document.folders.push(line);
            }
        }
        out.documents.push(Document::PathFile(document));
    }
}

/// Whether Python would take a file that starts like this for a list of paths. A saved model is a zip or a
/// pickle: a zero stands before the first line break, or the first byte is no text. A line that is a
/// comment may hold anything.
pub(super) fn is_text(head: &[u8]) -> bool {
    let first = head.split(|byte| *byte == b'\n').find(|line| !line.starts_with(b"#"));
    let first = first.unwrap_or_default();
    !head.starts_with(&[0x80]) && !first.contains(&0)
}

/// Whether a line is executed.
pub(super) fn is_code(line: &str) -> bool {
    line.starts_with("import ") || line.starts_with("import\t")
}

/// Lines that Python looks at, without comments and blank ones.
pub(super) fn lines(text: &str) -> impl Iterator<Item = (&str, Span)> {
    let text = text.strip_prefix('\u{feff}').map_or((0, text), |rest| (3, rest));
    let mut at = text.0;
    text.1.split_inclusive(['\n', '\r']).filter_map(move |whole| {
        let line = whole.trim_end();
        let span = Span::new(at, at + line.len());
        at += whole.len();
        (!line.is_empty() && !line.starts_with('#')).then_some((line, span))
    })
}
