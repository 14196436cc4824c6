//! Files that carry compiled code and of which only the kind matters: archives of Java, packages of systems.
//! Sources: the Java Virtual Machine Specification, 4.1; APPNOTE.TXT of ZIP; the manuals of deb and RPM.

use crate::graph::Document;
use crate::graph::kinds::artifact::{OpaqueFile, OpaqueKind};
use crate::parse::Budget;
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Bytes that tell them from other files.
const HEAD: usize = 24;

/// Tells files of compiled code by their beginnings.
#[derive(Debug)]
pub struct OpaqueReader;

impl Reader for OpaqueReader {
    fn id(&self) -> &'static str {
        "compiled-code"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        may_be(path.name()).then_some(HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        kind(path.name(), head).is_some()
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn takes_beginning(&self) -> Option<usize> {
        Some(HEAD)
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.jar` and its kin, `*.class`, `*.deb`, `*.rpm`, `*.apk`",
            read: "that they are what their names say, by their first bytes",
            not_read: "what is in them",
        })
    }

    fn read(&self, file: &SourceFile, _budget: &mut Budget, out: &mut Facts) {
        if let Some(kind) = kind(file.path.name(), &file.bytes) {
            out.documents.push(Document::Opaque(OpaqueFile { file: file.id, kind }));
        }
    }
}

fn may_be(name: &str) -> bool {
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
    matches!(ending.as_deref(), Some("jar" | "war" | "ear" | "aar" | "class" | "deb" | "rpm" | "apk"))
}

/// What a file is, by its first bytes and its name: an archive of Java begins as every ZIP does.
fn kind(name: &str, head: &[u8]) -> Option<OpaqueKind> {
    match head {
        [b'P', b'K', 3, 4, ..] if !name.ends_with(".class") => Some(OpaqueKind::Archive),
        [0xCA, 0xFE, 0xBA, 0xBE, ..] if name.ends_with(".class") => Some(OpaqueKind::Class),
        [0xED, 0xAB, 0xEE, 0xDB, ..] => Some(OpaqueKind::Package),
        [0x1F, 0x8B, ..] if name.ends_with(".apk") => Some(OpaqueKind::Package),
        _ if head.starts_with(b"!<arch>\ndebian-binary") => Some(OpaqueKind::Package),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_makes_nothing_compiled() {
        for (name, head, expected) in [
            ("a.jar", &b"PK\x03\x04xx"[..], Some(OpaqueKind::Archive)),
            ("a.jar", b"version https://git-lfs", None),
            ("a.class", b"\xCA\xFE\xBA\xBE\0\0", Some(OpaqueKind::Class)),
            ("a.class", b"class A {}", None),
            ("a.deb", b"!<arch>\ndebian-binary   ", Some(OpaqueKind::Package)),
            ("a.rpm", b"\xED\xAB\xEE\xDB", Some(OpaqueKind::Package)),
        ] {
            assert_eq!(kind(name, head), expected, "{name}");
        }
    }
}
