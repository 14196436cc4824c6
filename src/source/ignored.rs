//! `.gitignore` files of the tree, as git applies them to untracked files.
#![allow(clippy::disallowed_methods, reason = "reads the .gitignore files of the audited tree")]

use std::io::Read as _;
use std::path::Path;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::RepoPath;

/// Largest `.gitignore` that is honoured. A larger one ignores nothing, so that it hides nothing.
const MAX_BYTES: u64 = 1 << 20;

/// The `.gitignore` files in force at a point of the walk, outermost first.
#[derive(Default)]
pub(super) struct Ignored {
    stack: Vec<(String, Gitignore)>,
}

impl Ignored {
    /// The files between the repository's top and a folder inside it that is audited alone.
    pub(super) fn enter_above(&mut self, root: &Path, prefix: &RepoPath) {
        let depth = prefix.parts().count();
        for (above, ancestor) in root.ancestors().skip(1).take(depth).enumerate() {
            // Matching is by the path from that folder down, so the parts in between are kept.
            let tail: Vec<&str> = prefix.parts().skip(depth - above - 1).collect();
            if let Some(matcher) = load(ancestor) {
                self.stack.insert(0, (format!("\0{}", tail.join("/")), matcher));
            }
        }
    }

    /// Loads the `.gitignore` of a folder; says whether there was one to leave again.
    pub(super) fn enter(&mut self, disk: &Path, dir: &RepoPath) -> bool {
        let Some(matcher) = load(disk) else { return false };
        self.stack.push((dir.as_str().to_owned(), matcher));
        true
    }

    /// Forgets the innermost file.
    pub(super) fn leave(&mut self) {
        self.stack.pop();
    }

    /// Whether an untracked path is ignored. The innermost file that speaks of it decides.
    pub(super) fn matches(&self, path: &RepoPath, is_dir: bool) -> bool {
        for (dir, matcher) in self.stack.iter().rev() {
            let relative = match dir.strip_prefix('\0') {
                Some(tail) => format!("{tail}/{path}"),
                None if dir.is_empty() => path.as_str().to_owned(),
                None => match path.as_str().strip_prefix(dir.as_str()).and_then(|p| p.strip_prefix('/')) {
                    Some(rest) => rest.to_owned(),
                    None => continue,
                },
            };
            let verdict = matcher.matched(&relative, is_dir);
            if !verdict.is_none() {
                return verdict.is_ignore();
            }
        }
        false
    }
}

fn load(folder: &Path) -> Option<Gitignore> {
    let path = folder.join(".gitignore");
    let meta = path.symlink_metadata().ok()?;
    // git does not follow a link here either (since 2.32).
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return None;
    }
    let mut bytes = Vec::new();
    std::fs::File::open(&path).ok()?.take(MAX_BYTES).read_to_end(&mut bytes).ok()?;
    let mut builder = GitignoreBuilder::new("");
    for line in String::from_utf8_lossy(&bytes).lines() {
        // A pattern that does not compile ignores nothing.
        let _ = builder.add_line(None, line.trim_start_matches('\u{feff}'));
    }
    builder.build().ok()
}
