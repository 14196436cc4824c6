//! Members of an archive as a folder of files.

use super::zip::Member;
use crate::scan::Limits;
use crate::source::{Bytes, Folder, Part};

/// How the bytes of one member are had.
enum Content<'b> {
    /// A range of the archive.
    Range(u64, u64),
    /// A member of a zip.
    Zip(&'b Member),
    /// Bytes that were unpacked.
    Held(Vec<u8>),
}

/// Members of an archive, each name once.
pub(super) struct Members<'b> {
    bytes: &'b dyn Bytes,
    limits: Limits,
    /// In order.
    names: Vec<String>,
    /// Of each name, in the same order.
    contents: Vec<Content<'b>>,
}

impl<'b> Members<'b> {
    /// Of a name that stands twice, the last.
    fn new(bytes: &'b dyn Bytes, limits: &Limits, files: impl Iterator<Item = (String, Content<'b>)>) -> Self {
        let mut all: Vec<(String, Content<'b>)> = files.collect();
        all.reverse();
        all.sort_by(|a, b| a.0.cmp(&b.0));
        all.dedup_by(|next, kept| next.0 == kept.0);
        let (names, contents) = all.into_iter().unzip();
        Self { bytes, limits: limits.clone(), names, contents }
    }

    /// Members of a zip; of a name that stands twice, the last.
    pub(super) fn of_zip(bytes: &'b dyn Bytes, limits: &Limits, members: impl Iterator<Item = &'b Member>) -> Self {
        let files = members.filter(|member| !member.is_folder());
        Self::new(bytes, limits, files.map(|member| (member.name(), Content::Zip(member))))
    }

    /// Members of a zip under the names that stand before their bytes.
    pub(super) fn of_zip_by_local_names(
        bytes: &'b dyn Bytes,
        limits: &Limits,
        members: impl Iterator<Item = &'b Member>,
    ) -> Self {
        let files = members.filter(|member| !member.is_folder());
        Self::new(bytes, limits, files.map(|member| (member.local_name(), Content::Zip(member))))
    }

    /// Ranges of an archive by name.
    pub(super) fn of_ranges(
        bytes: &'b dyn Bytes,
        limits: &Limits,
        ranges: impl Iterator<Item = (String, u64, u64)>,
    ) -> Self {
        Self::new(bytes, limits, ranges.map(|(name, start, length)| (name, Content::Range(start, length))))
    }

    /// Bytes by name.
    pub(super) fn of_bytes(
        bytes: &'b dyn Bytes,
        limits: &Limits,
        files: impl Iterator<Item = (String, Vec<u8>)>,
    ) -> Self {
        Self::new(bytes, limits, files.map(|(name, bytes)| (name, Content::Held(bytes))))
    }
}

impl Folder for Members<'_> {
    fn files(&self) -> &[String] {
        &self.names
    }

    fn size(&self, path: &str) -> Option<u64> {
        let found = self.names.binary_search_by(|name| name.as_str().cmp(path)).ok()?;
        match self.contents.get(found)? {
            Content::Range(_, length) => Some(*length),
            Content::Held(bytes) => Some(bytes.len() as u64),
            Content::Zip(member) => Some(member.size()),
        }
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        let found = self.names.binary_search_by(|name| name.as_str().cmp(path));
        match found.ok().and_then(|at| self.contents.get(at)) {
            None => Err("it is not there".to_owned()),
            Some(Content::Range(start, length)) => Ok(Box::new(Part::new(self.bytes, *start, *length))),
            Some(Content::Held(bytes)) => Ok(Box::new(bytes.as_slice())),
            Some(Content::Zip(member)) => member.open(self.bytes, &self.limits),
        }
    }
}
