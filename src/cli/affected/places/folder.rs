//! What lies in a folder that was named.
#![allow(clippy::disallowed_methods, reason = "lists the folders that a person named")]

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::sbom::read::is_name;

/// Files of a folder that are looked at.
const MOST_FILES: usize = 500_000;

/// Files that make a folder a tree.
pub(super) const OF_TREES: &[&str] = &[
    "Cargo.toml",
    "pyproject.toml",
    "setup.py",
    "setup.cfg",
    "requirements.txt",
    "Pipfile",
    "package.json",
    "go.mod",
    "Dockerfile",
    "Makefile",
    "uv.lock",
    "poetry.lock",
    ".github",
    ".gitlab-ci.yml",
    "environment.yml",
    "tox.ini",
];

/// Endings of files that may be documents, in forms that are not read among them: these say that they were not.
const ENDINGS: &[&str] = &[".json", ".spdx", ".jsonld", ".cdx", ".xml", ".rdf", ".yaml", ".yml"];
/// Endings of packed files.
const PACKED: &[&str] = &[".gz", ".zst", ".xz", ".bz2", ".zip", ".tgz", ".tar", ".7z"];

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    /// Whether only what is named like a bill of materials is taken.
    pub(super) by_name: bool,
    /// Files that may be documents.
    pub(super) files: Vec<PathBuf>,
    /// Packed files and links that are named like documents.
    pub(super) closed: Vec<PathBuf>,
    /// Other packed files and links, and folders that lie too deep.
    pub(super) others: usize,
    /// Whether it holds files of a tree somewhere.
    pub(super) is_tree: bool,
}

impl Found {
    /// Looks below a folder. Links are not followed.
    pub(super) fn walk(&mut self, folder: &Path, depth: usize) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let entry = entry?;
            let (kind, path) = (entry.file_type()?, entry.path());
            let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            self.is_tree |= is_of_tree(&name);
            if kind.is_dir() {
                let is_passed = name.starts_with('.') || self.by_name && name == "node_modules";
                match depth.checked_sub(1) {
                    _ if is_passed => {}
                    Some(depth) => self.walk(&path, depth)?,
                    None => self.others += 1,
                }
                continue;
            }
            self.take(path, &name.to_ascii_lowercase(), kind.is_file());
            if self.files.len() > MOST_FILES {
                bail!("the folder holds more than {MOST_FILES} files");
            }
        }
        Ok(())
    }

    fn take(&mut self, path: PathBuf, name: &str, is_file: bool) {
        let has = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
        let unpacked = PACKED.iter().find_map(|ending| name.strip_suffix(ending));
        if is_file && unpacked.is_none() {
            let is_wanted = if self.by_name { is_bill(name) } else { has(ENDINGS) };
            if is_wanted {
                self.files.push(path);
            }
        } else if is_bill(unpacked.unwrap_or(name)) {
            self.closed.push(path);
        } else if unpacked.is_some() || !is_file && has(ENDINGS) {
            self.others += 1;
        }
    }
}

/// Whether a file is named like a bill of materials, in forms that are not read among them.
fn is_bill(name: &str) -> bool {
    const OTHERS: &[&str] = &[".cdx.xml", ".spdx.yaml", ".spdx.yml", ".spdx.rdf", ".spdx.xml", ".bom.xml", ".sbom.xml"];
    is_name(name) || matches!(name, "bom.xml" | "sbom.xml") || OTHERS.iter().any(|ending| name.ends_with(ending))
}

/// Whether a file or folder belongs to a tree.
fn is_of_tree(name: &str) -> bool {
    OF_TREES.contains(&name)
        || name.starts_with("requirements") && name.ends_with(".txt")
        || name.starts_with("Dockerfile")
        || [".py", ".rs", ".ipynb", ".sh"].iter().any(|ending| name.ends_with(ending))
}
