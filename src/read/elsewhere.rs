//! Files of other repositories: what an action or reusable workflow is made of, read as those of the tree are.

use super::workflow::{ActionReader, WorkflowReader};
use super::{Facts, Reader};
use crate::graph::Document;
use crate::graph::ci::pins;
use crate::graph::kinds::workflow::Uses;
use crate::parse::Budget;
use crate::source::{FileId, RepoPath, SourceFile};

/// What a file uses, with the line of each, and the image it runs in.
pub type Made = (Vec<(Uses, u32)>, Option<String>);

/// Reads such a file. A workflow is told by its path.
///
/// # Errors
/// Why it cannot be read in full.
pub fn definition(path: &str, text: &str) -> Result<Made, String> {
    let is_workflow = path.starts_with(".github/workflows/");
    let name = if is_workflow { ".github/workflows/called.yml" } else { "action.yml" };
    let place = RepoPath::new(name).unwrap_or_default();
    let file = SourceFile::new(FileId(u32::MAX), place, text.as_bytes().to_vec());
    let (mut budget, mut read) = (Budget::default(), Facts::default());
    if is_workflow {
        WorkflowReader.read(&file, &mut budget, &mut read);
    } else {
        ActionReader.read(&file, &mut budget, &mut read);
    }
    let is_there = !read.documents.is_empty();
    let why = read.unread.or_else(|| read.problems.into_iter().next().map(|problem| problem.message));
    if let Some(why) = why.or_else(|| (!is_there).then(|| "it is no action".to_owned())) {
        return Err(why);
    }
    let image = read.documents.iter().find_map(|document| match document {
        Document::Action(action) => action.image.as_ref().map(|image| image.value.clone()),
        _ => None,
    });
    let uses = pins::all_uses(&read.documents)
        .filter(|(_, used)| matches!(used, Uses::Repository { .. } | Uses::Docker(_)))
        .map(|(place, used)| (used.clone(), file.position(place.span.start).line))
        .collect();
    Ok((uses, image))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_repository_uses() {
        let composite = "name: x\nruns:\n  using: composite\n  steps:\n    - uses: a/b@v1\n    - uses: ./own\n    - uses: docker://alpine:3\n";
        let (uses, image) = definition("sub/action.yml", composite).unwrap();
        let uses: Vec<(String, u32)> = uses.into_iter().map(|(used, line)| (used.to_string(), line)).collect();
        assert_eq!(uses, [("a/b@v1".to_owned(), 5), ("docker://alpine:3".to_owned(), 7)]);
        assert_eq!(image, None);
        let docker = "name: x\nruns:\n  using: docker\n  image: docker://alpine:3\n";
        assert_eq!(definition("action.yml", docker).unwrap().1.as_deref(), Some("docker://alpine:3"));
        let called = "on: workflow_call\njobs:\n  a:\n    uses: a/b/.github/workflows/x.yml@main\n";
        assert_eq!(definition(".github/workflows/y.yml", called).unwrap().0.len(), 1);
        for (path, text) in [
            ("action.yml", ""),
            ("action.yml", "name: x\n"),
            ("action.yml", "runs: [\n"),
            (".github/workflows/y.yml", "on: push\n"),
            ("action.yml", "runs:\n  using: composite\n  steps:\n    - name: nothing\n"),
        ] {
            assert!(definition(path, text).is_err(), "{text}");
        }
    }
}
