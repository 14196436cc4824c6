//! `rust-toolchain.toml` and the older `rust-toolchain`. Source: the rustup book, "Overrides".

use super::toml_help::{document, table, text};
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::cargo::Toolchain;
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

/// Reads toolchain files.
#[derive(Debug)]
pub struct ToolchainReader;

impl Reader for ToolchainReader {
    fn id(&self) -> &'static str {
        "rust-toolchain"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "rust-toolchain" | "rust-toolchain.toml")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format { files: "`rust-toolchain.toml`, `rust-toolchain`", read: "channel, components", not_read: "-" })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut toolchain = Toolchain { file: file.id, ..Toolchain::default() };
        let bare = file.text.trim();
        // The older form is one line with the channel's name.
        if file.path.name() == "rust-toolchain" && !bare.is_empty() && !bare.contains(['\n', '[', '=']) {
            let start = file.text.find(bare).unwrap_or(0);
            let channel = Spanned::new(bare.to_owned(), Span::new(start, start + bare.len()));
            toolchain.channel = Some(channel);
            out.documents.push(Document::Toolchain(toolchain));
            return;
        }
        let toml = document(file, budget, out);
        match table(&toml.root, &["toolchain"]) {
            Some(inner) => {
                toolchain.channel = text(inner.get("channel"));
                toolchain.path = text(inner.get("path"));
            }
            None => out.problems.push(Problem::new(toml.root.span, "a toolchain file without `[toolchain]`")),
        }
        out.documents.push(Document::Toolchain(toolchain));
    }
}
