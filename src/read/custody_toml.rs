//! `custody.toml`, the tree's own word to the audit. What its keys mean is `config`'s.

use super::toml_help::document;
use super::{Facts, Format, Reader};
use crate::config;
use crate::graph::Document;
use crate::parse::Budget;
use crate::source::{RepoPath, SourceFile};

/// Reads `custody.toml`.
#[derive(Debug)]
pub struct CustodyTomlReader;

impl Reader for CustodyTomlReader {
    fn id(&self) -> &'static str {
        "custody-config"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.as_str() == config::FILE
    }

    fn describe(&self) -> Option<Format> {
        Some(Format { files: "`custody.toml`", read: "policy, exceptions, indexes that are mirrors", not_read: "-" })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let (config, mut problems) = config::of(&toml, file.id);
        out.problems.append(&mut problems);
        out.documents.push(Document::Custody(config));
    }
}
