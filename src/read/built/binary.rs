//! Programs and libraries that carry the list of crates they were built from.

use crate::graph::Document;
use crate::graph::kinds::artifact::{AuditableBinary, AuditableCrate};
use crate::parse::{Budget, Problem, auditable};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span};

/// Bytes that tell a binary from other files.
const HEAD: usize = 8;

/// Reads binaries.
#[derive(Debug)]
pub struct BinaryReader;

impl Reader for BinaryReader {
    fn id(&self) -> &'static str {
        "binary"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        may_be_binary(path.name()).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        auditable::is_binary(head)
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "programs and libraries (ELF, PE, Mach-O, WebAssembly)",
            read: "the list of crates that cargo-auditable puts in",
            not_read: "code; binaries without such a list are none of ours",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut document = AuditableBinary { file: file.id, ..AuditableBinary::default() };
        match crates(&file.bytes, budget) {
            Ok(found) => document.crates = found,
            Err(why) => out.problems.push(Problem::new(Span::default(), why)),
        }
        out.documents.push(Document::Auditable(document));
    }
}

/// The crates that a binary says it was built from; none where it says nothing.
pub(super) fn crates(bytes: &[u8], budget: &mut Budget) -> Result<Vec<AuditableCrate>, String> {
    let one = |package: auditable::Package| AuditableCrate {
        name: package.name,
        version: package.version,
        source: package.source,
        is_build: package.is_build,
        is_root: package.is_root,
        dependencies: package.dependencies,
    };
    Ok(auditable::parse(bytes, budget)?.into_iter().flatten().map(one).collect())
}

/// Whether a file of this name may be a program or library: one without an ending, or with one of theirs.
fn may_be_binary(name: &str) -> bool {
    let Some((stem, ending)) = name.rsplit_once('.') else { return true };
    match ending {
        "so" | "dll" | "dylib" | "exe" | "wasm" | "node" | "pyd" | "bin" | "elf" | "out" => true,
        // `libx.so.1.2`
        _ if ending.bytes().all(|b| b.is_ascii_digit()) => stem.contains(".so") || !stem.contains(' '),
        _ => false,
    }
}
