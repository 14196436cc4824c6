//! `.cargo-checksum.json`, which stands in every vendored copy of a crate.

use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::cargo::Checksums;
use crate::parse::{Budget, cargo_checksum};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads `.cargo-checksum.json`.
#[derive(Debug)]
pub struct CargoChecksumsReader;

impl Reader for CargoChecksumsReader {
    fn id(&self) -> &'static str {
        "cargo-checksums"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == ".cargo-checksum.json"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.cargo-checksum.json` of vendored crates",
            read: "checksum of the crate, digests of its files",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        match cargo_checksum::parse(&file.text, budget) {
            Ok(read) => out.documents.push(Document::CargoChecksums(Checksums {
                file: file.id,
                package: read.package.map(|(sum, span)| Spanned::new(sum, span)),
                files: read.files,
                ..Checksums::default()
            })),
            Err(problem) => {
                out.unread = Some(problem.message.clone());
                out.problems.push(problem);
            }
        }
    }
}
