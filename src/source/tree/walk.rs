//! Lists a tree: what git tracks, and what else lies there and is not ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::Path;

use super::{Entry, Limits, Obstacle, PassedOver, obstacle_of, plain};
use crate::source::RepoPath;
use crate::source::git::{self, GitState, Tracked};
use crate::source::ignored::Ignored;

/// What a walk found.
pub(super) struct Walked {
    pub(super) commit: Option<String>,
    pub(super) prefix: RepoPath,
    pub(super) entries: Vec<Entry>,
    pub(super) folders: Vec<RepoPath>,
    pub(super) passed_over: Vec<PassedOver>,
}

/// Walks a folder. Anything unreadable below it is listed.
pub(super) fn walk(root: &Path, limits: &Limits) -> Walked {
    let (git, prefix) = repository_around(root);
    let commit = git.as_ref().and_then(|g| g.commit.clone());
    let tracked = tracked_below(git.as_ref(), &prefix);
    let mut walk = Walk {
        root,
        limits,
        // A folder in which nothing is tracked was named on purpose, though a `.gitignore` above
        // it may name it too: all of it is read.
        has_index: git.as_ref().is_some_and(|g| g.problem.is_none()) && !tracked.is_empty(),
        tracked,
        tracked_dirs: BTreeSet::new(),
        entries: BTreeMap::new(),
        folders: Vec::new(),
        passed_over: Vec::new(),
        full: false,
    };
    if let Some(git) = &git {
        walk.note_git_problems(git);
    }
    walk.run(&prefix);
    let (mut folders, mut passed_over) = (walk.folders, walk.passed_over);
    folders.sort();
    passed_over.sort();
    // A tracked link to a folder is met in the index and in the folder.
    passed_over.dedup();
    let entries = walk.entries.into_values().collect();
    Walked { commit, prefix, entries, folders, passed_over }
}

fn repository_around(root: &Path) -> (Option<GitState>, RepoPath) {
    let Some(top) = git::find_root(root) else { return (None, RepoPath::default()) };
    let below = root.strip_prefix(&top).unwrap_or(Path::new(""));
    match below.to_str().and_then(RepoPath::new).filter(|p| Path::new(p.as_str()) == below) {
        Some(prefix) => (git::read(&top), prefix),
        // A folder whose name we cannot spell as git does: nothing counts as tracked, all is read.
        None => (None, RepoPath::default()),
    }
}

fn tracked_below(git: Option<&GitState>, prefix: &RepoPath) -> BTreeMap<RepoPath, git::IndexEntry> {
    let Some(git) = git else { return BTreeMap::new() };
    if prefix.is_root() {
        return git.tracked.clone();
    }
    let below = git.tracked.iter().filter_map(|(path, entry)| {
        let rest = path.as_str().strip_prefix(prefix.as_str())?.strip_prefix('/')?;
        Some((RepoPath::new(rest)?, *entry))
    });
    below.collect()
}

struct Walk<'a> {
    root: &'a Path,
    limits: &'a Limits,
    tracked: BTreeMap<RepoPath, git::IndexEntry>,
    tracked_dirs: BTreeSet<RepoPath>,
    has_index: bool,
    entries: BTreeMap<RepoPath, Entry>,
    folders: Vec<RepoPath>,
    passed_over: Vec<PassedOver>,
    full: bool,
}

impl Walk<'_> {
    fn note_git_problems(&mut self, git: &GitState) {
        if let Some(problem) = &git.problem {
            // Without the index every file counts as one that matters; nothing is lost.
            self.pass(".git/index".to_owned(), format!("{problem}; every file is read"), false);
        }
        for folder in &git.sparse_folders {
            self.pass(folder.clone(), "left out of the work tree by a sparse checkout".to_owned(), true);
        }
        for path in &git.odd_paths {
            self.pass(path.clone(), "its name is not valid UTF-8 or leaves the tree".to_owned(), true);
        }
    }

    fn pass(&mut self, path: String, why: String, incomplete: bool) {
        self.passed_over.push(PassedOver { path, why, incomplete });
    }

    fn run(&mut self, prefix: &RepoPath) {
        let tracked = std::mem::take(&mut self.tracked);
        for (path, entry) in &tracked {
            let mut dir = path.parent();
            while !dir.is_root() && self.tracked_dirs.insert(dir.clone()) {
                dir = dir.parent();
            }
            self.add_tracked(path, *entry);
        }
        self.tracked = tracked;
        let mut ignored = Ignored::default();
        if self.has_index {
            // `.gitignore` files above a folder that is audited alone still hold inside it.
            ignored.enter_above(self.root, prefix);
        }
        self.folder(&RepoPath::default(), 0, &mut ignored);
    }

    fn add_tracked(&mut self, path: &RepoPath, entry: git::IndexEntry) {
        if entry.kind == Tracked::Submodule {
            self.pass(format!("{path}/"), "a submodule, another repository: audit it on its own".to_owned(), false);
            return;
        }
        if entry.kind == Tracked::Link && self.linked_folder(path) {
            return;
        }
        let listed = Entry { path: path.clone(), tracked: true, obstacle: None, sparse: entry.skip_worktree };
        self.entries.insert(path.clone(), listed);
    }

    fn folder(&mut self, dir: &RepoPath, depth: usize, ignored: &mut Ignored) {
        if depth > self.limits.depth {
            self.pass(format!("{dir}/"), format!("nested deeper than {} folders", self.limits.depth), true);
            return;
        }
        let disk = self.root.join(dir.as_str());
        let listing = match std::fs::read_dir(&disk) {
            Ok(listing) => listing,
            Err(error) => {
                self.pass(format!("{dir}/"), format!("the folder cannot be listed: {}", plain(&error)), true);
                return;
            }
        };
        let mut children = Vec::new();
        for child in listing {
            match child {
                Ok(child) => children.push((child.file_name(), child)),
                Err(error) => {
                    self.pass(format!("{dir}/"), format!("not all of it could be listed: {}", plain(&error)), true)
                }
            }
        }
        children.sort_by(|a, b| a.0.cmp(&b.0));
        let has_rules = children.binary_search_by(|(name, _)| name.as_os_str().cmp(".gitignore".as_ref())).is_ok();
        let entered = self.has_index && has_rules && ignored.enter(&disk, dir);
        for (name, child) in children {
            if self.full {
                break;
            }
            self.child(dir, &name, &child, depth, ignored);
        }
        if entered {
            ignored.leave();
        }
    }

    /// Notes a link to a folder; says whether it is one. A folder inside the tree is walked where it
    /// lies; one outside is not looked at, and the audit says so.
    fn linked_folder(&mut self, path: &RepoPath) -> bool {
        let Ok(target) = self.root.join(path.as_str()).canonicalize() else { return false };
        if !target.is_dir() {
            return false;
        }
        let inside = target.starts_with(self.root);
        // What tools look for by name is expected under that name.
        let by_name = matches!(path.name(), "workflows" | ".github" | ".cargo" | "actions");
        let why = if inside {
            "a link to a folder, which is read where it lies"
        } else {
            "a link that leads out of the tree is not followed"
        };
        self.pass(format!("{path}/"), why.to_owned(), !inside || by_name);
        true
    }

    fn child(&mut self, dir: &RepoPath, name: &OsStr, child: &std::fs::DirEntry, depth: usize, ignored: &mut Ignored) {
        let Some(path) = name.to_str().and_then(|n| dir.child(n)) else {
            // With an index, a tracked one is already listed among the odd paths.
            self.pass(
                format!("{dir}/{}", name.to_string_lossy().escape_debug()),
                "its name is not valid UTF-8 or holds a backslash".to_owned(),
                !self.has_index,
            );
            return;
        };
        if name == ".git" {
            return;
        }
        if self.entries.contains_key(&path) {
            return;
        }
        let Ok(kind) = child.file_type() else {
            self.pass(path.as_str().to_owned(), "the system does not say what it is".to_owned(), true);
            return;
        };
        if kind.is_symlink() && self.linked_folder(&path) {
            return;
        }
        if kind.is_dir() {
            self.folders.push(path.clone());
            let holds_tracked = self.tracked_dirs.contains(&path);
            if !holds_tracked && self.has_index && ignored.matches(&path, true) {
                self.pass(format!("{path}/"), "untracked and named by .gitignore".to_owned(), false);
            } else if !holds_tracked && self.has_index && child.path().join(".git").symlink_metadata().is_ok() {
                self.pass(format!("{path}/"), "another repository: audit it on its own".to_owned(), false);
            } else {
                self.folder(&path, depth + 1, ignored);
            }
            return;
        }
        if self.entries.len() >= self.limits.files {
            self.full = true;
            self.pass(String::new(), format!("more than {} files: the rest is not listed", self.limits.files), true);
            return;
        }
        let obstacle = if self.has_index && ignored.matches(&path, false) {
            Some(Obstacle::Skipped("untracked and named by .gitignore".to_owned()))
        } else if kind.is_file() {
            None
        } else {
            child
                .metadata()
                .map_or_else(|e| Some(Obstacle::Unread(plain(&e))), |meta| obstacle_of(self.root, &path, &meta))
        };
        self.entries.insert(path.clone(), Entry { path, tracked: false, obstacle, sparse: false });
    }
}
