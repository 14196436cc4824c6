//! Loose objects: one compressed file each.
#![allow(clippy::disallowed_methods, reason = "the object folder of the audited repository is read here")]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use gix_object::Kind;

use super::Oid;
use super::store::{Failure, Work};
use crate::source::git::read_limited;

/// Longest header, as git itself reads it.
const HEADER: usize = 64;

/// Where loose objects are.
#[derive(Debug)]
pub(super) enum Loose {
    /// In a folder of folders, each named by the first two digits.
    Folder(PathBuf),
    /// In memory, the bytes of each file.
    Held(BTreeMap<Oid, Vec<u8>>),
}

impl Loose {
    /// An object up to `limit` bytes of its content; `None` where it is not among them.
    pub(super) fn read(&self, id: &Oid, limit: u64, work: &Work) -> Result<Option<Inflated>, Failure> {
        // Deflate makes nothing much longer than it was.
        let most = limit.saturating_add(limit / 64).saturating_add(64 << 10);
        let objects = match self {
            Self::Folder(objects) => objects,
            Self::Held(all) => return all.get(id).map(|file| decode(file, limit, work)).transpose(),
        };
        match read_limited(&path_of(objects, id), most) {
            Ok(None) => Ok(None),
            Ok(Some(file)) => decode(&file, limit, work).map(Some),
            // Where so much is compressed, its header says how much there is.
            Err(why) => match self.header(id, work)? {
                Some(head) if head.size > limit => Ok(Some(head)),
                _ => Err(Failure::Damaged(why)),
            },
        }
    }

    /// The kind and size of an object; `None` where it is not among them.
    pub(super) fn header(&self, id: &Oid, work: &Work) -> Result<Option<Inflated>, Failure> {
        let objects = match self {
            Self::Folder(objects) => objects,
            Self::Held(all) => return all.get(id).map(|file| decode(file, 0, work)).transpose(),
        };
        if !self.holds(id) {
            return Ok(None);
        }
        let broken = |error: std::io::Error| Failure::Damaged(error.to_string());
        let mut start = Vec::new();
        let file = std::fs::File::open(path_of(objects, id)).map_err(broken)?;
        file.take(4 * HEADER as u64).read_to_end(&mut start).map_err(broken)?;
        decode(&start, 0, work).map(Some)
    }

    /// Whether an object is among them.
    pub(super) fn holds(&self, id: &Oid) -> bool {
        match self {
            Self::Folder(objects) => path_of(objects, id).symlink_metadata().is_ok_and(|meta| meta.is_file()),
            Self::Held(all) => all.contains_key(id),
        }
    }

    /// Those whose names begin with these hex digits (two or more), no more than `most`.
    pub(super) fn with_prefix(&self, prefix: &str, most: usize, out: &mut Vec<Oid>) {
        let objects = match self {
            Self::Folder(objects) => objects,
            Self::Held(all) => {
                out.extend(all.keys().filter(|id| id.to_string().starts_with(prefix)).take(most));
                return;
            }
        };
        let Some((folder, rest)) = prefix.split_at_checked(2) else { return };
        let Ok(listing) = std::fs::read_dir(objects.join(folder)) else { return };
        let names = listing.flatten().filter_map(|child| child.file_name().into_string().ok());
        let matching = names.filter(|name| name.starts_with(rest));
        out.extend(matching.filter_map(|name| Oid::from_hex(&format!("{folder}{name}"))).take(most));
    }
}

/// Where the file of an object would be.
fn path_of(objects: &Path, id: &Oid) -> PathBuf {
    let hex = id.to_string();
    let (folder, name) = hex.split_at(2);
    objects.join(folder).join(name)
}

/// What a loose object holds.
pub(super) struct Inflated {
    pub(super) kind: Kind,
    /// Bytes of the whole content.
    pub(super) size: u64,
    /// The content, or the beginning that was asked for.
    pub(super) bytes: Vec<u8>,
}

/// Inflates the bytes of a loose object's file up to `limit` bytes of content.
fn decode(file: &[u8], limit: u64, work: &Work) -> Result<Inflated, Failure> {
    let mut inflate = gix_zlib::Inflate::default();
    let mut head = [0_u8; HEADER];
    let broken = |_| Failure::Damaged("it cannot be inflated".to_owned());
    let (_, _, read) = inflate.prefix(file, &mut head).map_err(broken)?;
    let head = head.get(..read).unwrap_or_default();
    let (kind, size, skip) = gix_object::decode::loose_header(head)
        .map_err(|_| Failure::Damaged("its header is not one of a loose object".to_owned()))?;
    let wanted = size.min(limit);
    work.inflated(wanted)?;
    let wanted = usize::try_from(wanted).map_err(|_| Failure::TooLarge(size))?;
    // One byte more than the header promises shows a header that promises too little.
    let more = usize::from(wanted as u64 == size);
    let mut bytes = vec![0_u8; skip + wanted + more];
    inflate.reset();
    let (status, _, written) = inflate.prefix(file, &mut bytes).map_err(broken)?;
    let is_whole = status == gix_zlib::Status::StreamEnd && written == skip + wanted;
    if written < skip + wanted || (more == 1 && !is_whole) {
        return Err(Failure::Damaged("its size is not what its header says".to_owned()));
    }
    bytes.truncate(skip + wanted);
    bytes.drain(..skip);
    Ok(Inflated { kind, size, bytes })
}
