//! Pointers of git LFS that lie where content was not fetched.

use crate::lock::cache::StoredFile;
use crate::lock::{Digest, FileDigest};
use crate::source::{Bytes as _, FileBytes};

use super::What;

/// No pointer is as large as this.
const MOST: u64 = 1024;

/// What a pointer stands for: the content and its size; none where the text is no pointer.
pub(in crate::lock) fn read(text: &str) -> Option<FileDigest> {
    let mut lines = text.lines();
    let version = lines.next()?.strip_prefix("version ")?;
    if !version.contains("git-lfs") && !version.contains("hawser") {
        return None;
    }
    let (mut sha256, mut size) = (None, None);
    for line in lines {
        match line.split_once(' ') {
            Some(("oid", oid)) => sha256 = oid.strip_prefix("sha256:").and_then(Digest::from_hex),
            Some(("size", bytes)) => size = bytes.parse().ok(),
            _ => {}
        }
    }
    Some(FileDigest { sha256: sha256?, size: size? })
}

/// What a pointer in the place of a locked file means; none where it is none.
pub(super) fn judge(held: &StoredFile, expected: &FileDigest) -> Option<What> {
    if held.size >= MOST {
        return None;
    }
    let bytes = FileBytes::open(&held.place).ok()?.up_to(0, usize::try_from(MOST).ok()?).ok()?;
    let to = read(std::str::from_utf8(&bytes).ok()?)?;
    Some(if to == *expected { What::Pointer } else { What::PointsElsewhere { to: to.sha256 } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_are_read_as_git_lfs_writes_them() {
        let oid = "0123456789abcdef".repeat(4);
        let text = format!("version https://git-lfs.github.com/spec/v1\noid sha256:{oid}\nsize 12345\n");
        let expected = FileDigest { sha256: Digest::from_hex(&oid).expect("a digest"), size: 12345 };
        assert_eq!(read(&text), Some(expected));
        for (no, why) in [
            (String::new(), "nothing"),
            (text.replace("git-lfs", "example"), "another format"),
            (text.replace("size 12345\n", ""), "no size"),
            (text.replace("sha256:0", "sha256:x"), "no digest"),
        ] {
            assert_eq!(read(&no), None, "{why}");
        }
    }
}
