//! Members of an archive as a folder of files.

use std::collections::BTreeMap;

use super::zip::Member;
use crate::scan::Limits;
use crate::source::{Bytes, Folder, Part};

/// How the bytes of one member are had.
enum Content {
    /// A range of the archive.
    Range(u64, u64),
    /// A member of a zip.
    Zip(Box<Member>),
    /// Bytes that were unpacked.
    Held(Vec<u8>),
}

/// Members of an archive, each name once.
pub(super) struct Members<'b> {
    bytes: &'b dyn Bytes,
    limits: Limits,
    names: Vec<String>,
    contents: BTreeMap<String, Content>,
}

impl<'b> Members<'b> {
    fn new(bytes: &'b dyn Bytes, limits: &Limits, contents: BTreeMap<String, Content>) -> Self {
        Self { bytes, limits: limits.clone(), names: contents.keys().cloned().collect(), contents }
    }

    /// Members of a zip; of a name that stands twice, the last.
    pub(super) fn of_zip<'m>(bytes: &'b dyn Bytes, limits: &Limits, members: impl Iterator<Item = &'m Member>) -> Self {
        let files = members.filter(|member| !member.is_folder());
        Self::new(bytes, limits, files.map(|member| (member.name(), Content::Zip(Box::new(member.clone())))).collect())
    }

    /// Members of a zip under the names that stand before their bytes.
    pub(super) fn of_zip_by_local_names<'m>(
        bytes: &'b dyn Bytes,
        limits: &Limits,
        members: impl Iterator<Item = &'m Member>,
    ) -> Self {
        let files = members.filter(|member| !member.is_folder());
        Self::new(
            bytes,
            limits,
            files.map(|member| (member.local_name(), Content::Zip(Box::new(member.clone())))).collect(),
        )
    }

    /// Ranges of an archive by name.
    pub(super) fn of_ranges(
        bytes: &'b dyn Bytes,
        limits: &Limits,
        ranges: impl Iterator<Item = (String, u64, u64)>,
    ) -> Self {
        Self::new(bytes, limits, ranges.map(|(name, start, length)| (name, Content::Range(start, length))).collect())
    }

    /// Bytes by name.
    pub(super) fn of_bytes(
        bytes: &'b dyn Bytes,
        limits: &Limits,
        files: impl Iterator<Item = (String, Vec<u8>)>,
    ) -> Self {
        Self::new(bytes, limits, files.map(|(name, bytes)| (name, Content::Held(bytes))).collect())
    }
}

impl Folder for Members<'_> {
    fn files(&self) -> &[String] {
        &self.names
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        match self.contents.get(path) {
            None => Err("it is not there".to_owned()),
            Some(Content::Range(start, length)) => Ok(Box::new(Part::new(self.bytes, *start, *length))),
            Some(Content::Held(bytes)) => Ok(Box::new(bytes.as_slice())),
            Some(Content::Zip(member)) => member.open(self.bytes, &self.limits),
        }
    }
}
