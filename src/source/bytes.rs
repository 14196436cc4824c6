//! Bytes that are read where they are asked for: a file of any size, a part of one, or a slice.
//!
//! Model files are larger than memory, and what can execute in them is a small part. They are read by
//! position rather than mapped: a mapped file that is cut short while it is read ends the process, and
//! its pages count as ours.
#![allow(clippy::disallowed_methods, reason = "one of the places that open files of the audited tree")]

use std::fmt;
use std::fs::File;
use std::path::Path;

/// Something that has a length and can be read at any offset. All numbers are bytes.
pub trait Bytes: Sync {
    /// How many bytes there are.
    fn len(&self) -> u64;

    /// Reads from an offset as many bytes as fit, fewer only at the end; how many.
    ///
    /// # Errors
    /// A sentence fragment that says why what lies there cannot be read: the disk fails, a stream is broken.
    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String>;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Up to so many bytes from an offset.
    ///
    /// # Errors
    /// As [`Bytes::read_at`].
    fn up_to(&self, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        let there = self.len().saturating_sub(offset);
        let mut out = vec![0; length.min(usize::try_from(there).unwrap_or(usize::MAX))];
        let read = self.read_at(offset, &mut out)?;
        out.truncate(read);
        Ok(out)
    }

    /// Exactly so many bytes from an offset. Never takes memory for more than there are.
    ///
    /// # Errors
    /// As [`Bytes::read_at`], and where fewer are left.
    fn exactly(&self, offset: u64, length: usize) -> Result<Vec<u8>, String> {
        let out = self.up_to(offset, length)?;
        if out.len() < length { Err(format!("it ends {} bytes early", length - out.len())) } else { Ok(out) }
    }
}

impl fmt::Debug for dyn Bytes + '_ {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}

impl Bytes for [u8] {
    fn len(&self) -> u64 {
        self.len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        let from = usize::try_from(offset).ok().and_then(|offset| self.get(offset..)).unwrap_or_default();
        let count = from.len().min(into.len());
        into[..count].copy_from_slice(&from[..count]);
        Ok(count)
    }
}

impl Bytes for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        Bytes::read_at(self.as_slice(), offset, into)
    }
}

impl<T: Bytes + ?Sized> Bytes for &T {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        (**self).read_at(offset, into)
    }
}

impl<T: Bytes + ?Sized> Bytes for Box<T> {
    fn len(&self) -> u64 {
        (**self).len()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        (**self).read_at(offset, into)
    }
}

/// A range of other bytes.
#[derive(Debug, Clone, Copy)]
pub struct Part<'b> {
    whole: &'b dyn Bytes,
    start: u64,
    length: u64,
}

impl<'b> Part<'b> {
    /// So many bytes of `whole` from an offset, or what of them there is.
    #[must_use]
    pub fn new(whole: &'b dyn Bytes, start: u64, length: u64) -> Self {
        let start = start.min(whole.len());
        Self { whole, start, length: length.min(whole.len() - start) }
    }

    /// All from an offset on.
    #[must_use]
    pub fn from(whole: &'b dyn Bytes, start: u64) -> Self {
        Self::new(whole, start, u64::MAX)
    }
}

impl Bytes for Part<'_> {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        let left = self.length.saturating_sub(offset);
        let count = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        if count == 0 {
            return Ok(0);
        }
        self.whole.read_at(self.start + offset, &mut into[..count])
    }
}

/// An open file, as long as it was when it was opened.
#[derive(Debug)]
pub struct FileBytes {
    file: File,
    length: u64,
}

impl FileBytes {
    /// Opens a regular file. Links are followed; whoever calls decides whether they may be.
    ///
    /// # Errors
    /// A sentence fragment that says why it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, String> {
        // Asked before it is opened: to open a named pipe would wait for its writer.
        let meta = path.metadata().map_err(|error| super::tree::plain(&error))?;
        if meta.is_dir() {
            return Err("it is a folder".to_owned());
        }
        if !meta.is_file() {
            return Err("it is no regular file".to_owned());
        }
        let file = File::open(path).map_err(|error| super::tree::plain(&error))?;
        Ok(Self { file, length: meta.len() })
    }
}

impl Bytes for FileBytes {
    fn len(&self) -> u64 {
        self.length
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        let left = self.length.saturating_sub(offset);
        let count = into.len().min(usize::try_from(left).unwrap_or(usize::MAX));
        let mut done = 0;
        while done < count {
            match at(&self.file, offset + done as u64, &mut into[done..count]) {
                Ok(0) => return Err("it became shorter while it was read".to_owned()),
                Ok(read) => done += read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => return Err(super::tree::plain(&error)),
            }
        }
        Ok(done)
    }
}

#[cfg(unix)]
fn at(file: &File, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, offset)
}

#[cfg(windows)]
fn at(file: &File, offset: u64, into: &mut [u8]) -> std::io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, offset)
}

/// Reads forward, or back and forth nearby, through a piece that is held.
#[derive(Debug)]
pub struct Window<'b> {
    bytes: &'b dyn Bytes,
    start: u64,
    held: Vec<u8>,
    piece: usize,
}

impl<'b> Window<'b> {
    /// A window that reads pieces of so many bytes at least.
    #[must_use]
    pub fn new(bytes: &'b dyn Bytes, piece: usize) -> Self {
        Self { bytes, start: 0, held: Vec::new(), piece }
    }

    /// What is looked at.
    #[must_use]
    pub fn bytes(&self) -> &'b dyn Bytes {
        self.bytes
    }

    /// All that is held from an offset on: `length` bytes at least, fewer only where the bytes end.
    ///
    /// # Errors
    /// As [`Bytes::read_at`].
    pub fn at(&mut self, offset: u64, length: usize) -> Result<&[u8], String> {
        let inside = offset.checked_sub(self.start).and_then(|skip| usize::try_from(skip).ok());
        let held = inside.and_then(|skip| self.held.get(skip..)).map_or(0, <[u8]>::len);
        let left = usize::try_from(self.bytes.len().saturating_sub(offset)).unwrap_or(usize::MAX);
        if held < length.min(left) {
            let wanted = length.max(self.piece).min(left);
            self.held.resize(wanted, 0);
            self.start = offset;
            match self.bytes.read_at(offset, &mut self.held) {
                Ok(read) => self.held.truncate(read),
                Err(why) => {
                    self.held.clear();
                    return Err(why);
                }
            }
            return Ok(&self.held);
        }
        Ok(inside.and_then(|skip| self.held.get(skip..)).unwrap_or_default())
    }
}

/// Files that belong together and name each other by relative paths: a folder on disk, a tree of git, the
/// members of an archive.
pub trait Folder: Sync {
    /// Paths of all files, with `/` between their parts, in order.
    fn files(&self) -> &[String];

    /// The bytes of a listed file.
    ///
    /// # Errors
    /// A sentence fragment that says why it cannot be read.
    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String>;

    /// Where a listed file leads that is a link out of the folder, other than to a store of a hub that names files
    /// by their digests; none where it is no such link.
    fn leads_out(&self, _path: &str) -> Option<String> {
        None
    }

    /// How many bytes a listed file has, where that is known without opening it.
    fn size(&self, _path: &str) -> Option<u64> {
        None
    }

    /// Whether a file is listed.
    fn has(&self, path: &str) -> bool {
        self.files().binary_search_by(|file| file.as_str().cmp(path)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_windows_read_what_is_there() {
        let bytes: Vec<u8> = (0..=255).collect();
        let part = Part::new(&bytes, 250, 100);
        assert_eq!(part.len(), 6);
        assert_eq!(part.up_to(4, 9), Ok(vec![254, 255]));
        assert_eq!(part.exactly(4, 3), Err("it ends 1 bytes early".to_owned()));
        assert_eq!(Part::from(&bytes, 1000).len(), 0);
        let mut window = Window::new(&bytes, 16);
        assert_eq!(window.at(3, 2).map(|b| (b[0], b.len())), Ok((3, 16)));
        assert_eq!(window.at(17, 2).map(|b| (b[0], b.len())), Ok((17, 2)));
        assert_eq!(window.at(18, 2).map(|b| (b[0], b.len())), Ok((18, 16)));
        assert_eq!(window.at(250, 40).map(<[u8]>::len), Ok(6));
        assert_eq!(window.at(9999, 40).map(<[u8]>::len), Ok(0));
    }
}
