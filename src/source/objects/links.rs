//! Where symbolic links of a commit lead, as they would on a disk that holds nothing but its tree.

use super::listing::{Content, Leaf};
use crate::source::RepoPath;

/// Links that lead to links, at most; Linux stops there as well.
const MAX_HOPS: usize = 40;

/// Longest text of a link; a longer one leads nowhere.
pub(super) const MAX_TEXT: u64 = 4096;

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// To a file of the tree.
    File(RepoPath),
    /// To this folder of the tree.
    Folder(RepoPath),
    /// Out of the tree.
    Out,
    /// Into a git folder.
    Git,
    /// To nothing.
    Nowhere,
}

impl Target {
    /// Why it is not read, as the tree on disk says it.
    pub(super) fn obstacle(&self) -> Option<&'static str> {
        match self {
            Self::File(_) => None,
            Self::Folder(_) => Some("a link to a folder"),
            Self::Out => Some("a link that leads out of the tree is not followed"),
            Self::Git => Some("a link into the git folder is not followed"),
            Self::Nowhere => Some("a link that leads nowhere"),
        }
    }
}

/// Follows the link at `path`. `leaves` and `folders` are in path order; `text_of` gives the text of
/// a link.
pub(super) fn follow(
    path: &RepoPath,
    leaves: &[Leaf],
    folders: &[RepoPath],
    text_of: &mut dyn FnMut(&Leaf) -> Option<String>,
) -> Target {
    let mut hops = 0;
    let mut at = RepoPath::default();
    // Parts that are still to be walked, the next one last.
    let mut todo: Vec<String> = path.parts().rev().map(str::to_owned).collect();
    while let Some(part) = todo.pop() {
        match part.as_str() {
            "" | "." => continue,
            ".." => {
                if at.is_root() {
                    return Target::Out;
                }
                at = at.parent();
                continue;
            }
            ".git" => return Target::Git,
            _ => {}
        }
        let Some(child) = at.child(&part) else { return Target::Nowhere };
        if folders.binary_search(&child).is_ok() {
            at = child;
            continue;
        }
        let found = leaves.binary_search_by(|leaf| leaf.path.cmp(&child)).ok().and_then(|index| leaves.get(index));
        let Some(leaf) = found else { return Target::Nowhere };
        if leaf.content != Content::Link {
            return if todo.is_empty() { Target::File(child) } else { Target::Nowhere };
        }
        hops += 1;
        if hops > MAX_HOPS {
            return Target::Nowhere;
        }
        let Some(text) = text_of(leaf) else { return Target::Nowhere };
        if text.is_empty() {
            return Target::Nowhere;
        }
        if text.starts_with('/') || text.as_bytes().get(1) == Some(&b':') {
            return Target::Out;
        }
        // A `\` is part of a name here.
        todo.extend(text.split('/').rev().map(str::to_owned));
    }
    Target::Folder(at)
}
