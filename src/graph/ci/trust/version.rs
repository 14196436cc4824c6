//! The version of an action, from its tag or from the comment beside a commit.

use super::steps::Placed;
use crate::graph::kinds::workflow::Uses;
use crate::source::{FileId, SourceFile, Sources, Span};

/// The major version a step uses, where it is written.
pub(crate) fn major(sources: &Sources, file: FileId, placed: &Placed<'_>, reference: &str) -> Option<u32> {
    let span = placed.step.uses.as_ref()?.span;
    parts(&written(sources.get(file), span, reference)?).0
}

/// The version as written: the reference, or the comment beside a commit.
pub(crate) fn written(file: Option<&SourceFile>, span: Span, reference: &str) -> Option<String> {
    if Uses::is_commit(reference) { comment(file?, span) } else { Some(reference.to_owned()) }
}

/// Major and minor version of a text like `v4.2.1`.
pub(crate) fn parts(text: &str) -> (Option<u32>, Option<u32>) {
    let mut parts = text.trim_start_matches(['v', 'V']).split('.').map(|part| part.parse::<u32>().ok());
    let major = parts.next().flatten();
    (major, major.and(parts.next().flatten()))
}

/// The version written as a comment behind a pinned action: `# v4.2.2`.
fn comment(file: &SourceFile, span: Span) -> Option<String> {
    let line = file.line(file.position(span.start).line)?;
    let (_, comment) = line.split_once(" #")?;
    let word = comment.trim().trim_start_matches("tag=").split_whitespace().next()?;
    word.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()).then(|| word.to_owned())
}
