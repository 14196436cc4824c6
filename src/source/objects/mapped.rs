//! The two files of a pack, mapped from disk or held in memory.

use std::path::{Path, PathBuf};

use gix_hash::Kind as Hash;
use gix_pack::data;
use gix_pack::index;

use super::Oid;

/// An index: names of objects and where they begin in the pack.
pub(super) trait Index: Send + Sync {
    /// Where an object begins.
    fn find(&self, id: &Oid) -> Option<u64>;
    /// Objects whose names begin so, as many as `most`.
    fn with_prefix(&self, prefix: gix_hash::Prefix, most: usize, out: &mut Vec<Oid>);
}

impl<T: gix_pack::FileData + Send + Sync> Index for index::File<T> {
    fn find(&self, id: &Oid) -> Option<u64> {
        self.lookup(id.raw()).map(|at| self.pack_offset_at_index(at))
    }

    fn with_prefix(&self, prefix: gix_hash::Prefix, most: usize, out: &mut Vec<Oid>) {
        let mut range = 0..0;
        self.lookup_prefix(prefix, Some(&mut range));
        out.extend(range.take(most).map(|at| Oid::new(self.oid_at_index(at).to_owned())));
    }
}

/// A pack: the objects, one after the other.
pub(super) trait Data: Send + Sync {
    /// Where the last object ends.
    fn end(&self) -> u64;
    /// What begins at an offset.
    fn entry(&self, offset: u64) -> Result<data::Entry, String>;
    /// Compressed bytes from an offset to the end.
    fn packed(&self, offset: u64) -> &[u8];
    /// Inflates all of an entry; `None` where it is not as long as it says.
    fn inflate(&self, entry: &data::Entry, inflate: &mut gix_zlib::Inflate, out: &mut [u8]) -> Option<()>;
}

impl<T: gix_pack::FileData + Send + Sync> Data for data::File<T> {
    fn end(&self) -> u64 {
        self.pack_end() as u64
    }

    fn entry(&self, offset: u64) -> Result<data::Entry, String> {
        self.entry(offset).map_err(|error| error.to_string())
    }

    fn packed(&self, offset: u64) -> &[u8] {
        self.entry_slice(offset..self.end()).unwrap_or_default()
    }

    fn inflate(&self, entry: &data::Entry, inflate: &mut gix_zlib::Inflate, out: &mut [u8]) -> Option<()> {
        self.decompress_entry(entry, inflate, out).ok().map(drop)
    }
}

/// Where the files of a pack come from.
pub(super) enum Origin {
    /// The path of the index; the pack lies beside it.
    Disk(PathBuf),
    /// The bytes of the index and of the pack.
    Memory(Vec<u8>, Vec<u8>),
}

impl Origin {
    /// Opens the index, which checks that it is one.
    pub(super) fn index(&self, hash: Hash) -> Result<Box<dyn Index>, String> {
        match self {
            Self::Disk(path) => mapped(path, |path| index::File::at(path, hash)).map(|file| Box::new(file) as _),
            Self::Memory(index, _) => {
                let file = index::File::from_data(index.clone(), PathBuf::new(), hash);
                file.map(|file| Box::new(file) as _).map_err(|error| error.to_string())
            }
        }
    }

    /// Opens the pack.
    pub(super) fn data(&self, hash: Hash) -> Result<Box<dyn Data>, String> {
        match self {
            Self::Disk(path) => {
                mapped(&path.with_extension("pack"), |path| data::File::at(path, hash)).map(|file| Box::new(file) as _)
            }
            Self::Memory(_, pack) => {
                let file = data::File::from_data(pack.clone(), PathBuf::new(), hash);
                file.map(|file| Box::new(file) as _).map_err(|error| error.to_string())
            }
        }
    }
}

fn mapped<T, E: std::fmt::Display>(path: &Path, open: impl FnOnce(&Path) -> Result<T, E>) -> Result<T, String> {
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // What is no plain file must not be opened: it may be a pipe that nobody writes to.
    match path.metadata() {
        Ok(meta) if meta.is_file() => {
            open(path).map_err(|error| format!("the pack file {name} cannot be read: {error}"))
        }
        _ => Err(format!("the pack file {name} is not there")),
    }
}
