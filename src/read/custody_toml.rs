//! `custody.toml`, the tree's own word to the audit, and its other places: `.github/custody.toml` and tables of the
//! root's manifests. What its keys mean is `config`'s.

use super::toml_help::{document, table};
use super::{Facts, Format, Mention, Reader};
use crate::config::{self, Config, Home};
use crate::graph::Document;
use crate::parse::toml::Table;
use crate::parse::{Budget, Problem};
use crate::source::{FileId, RepoPath, SourceFile};

/// Reads `custody.toml`, `.github/custody.toml`, and the file that one of them inherits.
#[derive(Debug)]
pub struct CustodyTomlReader;

/// Its id: a policy that inherits names the reader of what it inherits.
const ID: &str = "custody-config";

impl Reader for CustodyTomlReader {
    fn id(&self) -> &'static str {
        ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        Home::of_path(path.as_str()) != Home::Inherited
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`custody.toml`, `.github/custody.toml`, `[workspace.metadata.custody]`, `[tool.custody]`",
            read: "policy, exceptions, services, roles, indexes that are mirrors",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        keep(config::of(&toml, file.id, Home::of_path(file.path.as_str())), out);
    }
}

/// Reads the policy in the root's `Cargo.toml`, where it has one.
pub(super) fn of_manifest(file: &SourceFile, root: &Table, out: &mut Facts) {
    if file.path.as_str() == "Cargo.toml" {
        of_table(file.id, table(root, &["workspace", "metadata", "custody"]), Home::Workspace, out);
        of_table(file.id, table(root, &["package", "metadata", "custody"]), Home::Package, out);
    }
}

/// Reads the policy in the root's `pyproject.toml`, where it has one.
pub(super) fn of_project(file: &SourceFile, root: &Table, out: &mut Facts) {
    if file.path.as_str() == "pyproject.toml" {
        of_table(file.id, table(root, &["tool", "custody"]), Home::Project, out);
    }
}

fn of_table(file: FileId, found: Option<&Table>, home: Home, out: &mut Facts) {
    if let Some(found) = found {
        keep(config::of_table(found, file, home), out);
    }
}

fn keep((config, mut problems): (Config, Vec<Problem>), out: &mut Facts) {
    out.problems.append(&mut problems);
    if let Some(extends) = &config.extends
        && let Some(path) = RepoPath::new(extends.path.as_str())
    {
        out.mentions.push(Mention { path, reader: ID, needed_at: Some(extends.path.span) });
    }
    out.documents.push(Document::Custody(Box::new(config)));
}
