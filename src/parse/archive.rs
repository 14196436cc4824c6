//! Archives, walked in memory within limits and never unpacked: zips (wheels), and tars packed by gzip
//! (source distributions). Sources: PKWARE's APPNOTE; RFC 1952; POSIX.1-2001 `pax`.

mod gzip;
mod tar;
mod zip;

pub use tar::tar_gz;
pub use zip::zip;

use super::Budget;

/// How much of one archive is unpacked.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of all members together.
    pub total: u64,
    /// Bytes of one member.
    pub member: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { total: 256 << 20, member: 128 << 20 }
    }
}

/// A member of an archive.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Its path, as the archive writes it; bytes that are no UTF-8 are replaced.
    pub path: &'a str,
    /// What it is.
    pub kind: Kind,
    /// Its bytes; why there are none where it is a file that could not be unpacked. Empty for all that is
    /// no file, and for a file that was not asked for.
    pub content: Result<&'a [u8], &'a str>,
}

/// What a member is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A file.
    File,
    /// A folder.
    Folder,
    /// A link to another member or beyond the archive.
    Link,
    /// A device or another special file.
    Other,
}

/// Hears of every member, in the order of the archive.
pub type Visit<'v> = dyn FnMut(Member<'_>) + 'v;

/// Says whether the bytes of a member are wanted.
pub type Wants<'w> = dyn Fn(&str) -> bool + 'w;

/// Whether a path leaves the folder it is unpacked to.
#[must_use]
pub fn escapes(path: &str) -> bool {
    let drive = path.as_bytes().get(1) == Some(&b':');
    path.starts_with(['/', '\\']) || drive || path.split(['/', '\\']).any(|part| part == "..")
}

/// The path of the first member of a zip or of a tar in gzip, told by the beginning of its bytes alone.
#[must_use]
pub fn first_path(head: &[u8]) -> Option<String> {
    if head.starts_with(b"PK\x03\x04") {
        let length = usize::from(u16::from_le_bytes([*head.get(26)?, *head.get(27)?]));
        return Some(String::from_utf8_lossy(head.get(30..30 + length)?).into_owned());
    }
    tar::first_path(head)
}

const TOO_MANY: &str = "it holds too many members; the rest was not looked at";

fn take_member(budget: &mut Budget, path: &str) -> bool {
    budget.take_entry(path.len())
}

#[cfg(test)]
mod tests;
