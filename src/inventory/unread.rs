//! What of a tree could not be read, so that its bill of materials may lack something.

use crate::read::Outcome;
use crate::read::Reading;
use crate::source::Tree;

/// Files of known kinds, or lines of them, that could not be read: the path, the line from 1 or 0, and why.
#[must_use]
pub fn unread(tree: &Tree, reading: &Reading) -> Vec<(String, u32, String)> {
    let mut out = Vec::new();
    for file in reading.files.iter().chain(&reading.beside) {
        let path = file.path.as_str().to_owned();
        match &file.outcome {
            Outcome::Unread(why) => out.push((path, 0, why.clone())),
            Outcome::Partial(problems) => {
                let line = |offset| {
                    let source = file.file.and_then(|id| reading.sources.get(id));
                    source.map_or(0, |source| source.position(offset).line)
                };
                out.extend(problems.iter().map(|p| (path.clone(), line(p.span.start), p.message.clone())));
            }
            Outcome::Read | Outcome::Skipped(_) => {}
        }
    }
    let passed = tree.passed_over.iter().filter(|passed| passed.incomplete);
    out.extend(passed.map(|passed| (passed.path.clone(), 0, passed.why.clone())));
    out.sort();
    out.dedup();
    out
}
