//! Loose objects: one compressed file each.
#![allow(clippy::disallowed_methods, reason = "the object folder of the audited repository is read here")]

use std::io::Read as _;
use std::path::{Path, PathBuf};

use gix_object::Kind;

use super::Oid;
use super::store::{Failure, Work};
use crate::source::git::read_limited;

/// Longest header, as git itself reads it.
const HEADER: usize = 64;

/// Where the file of an object would be.
fn path_of(objects: &Path, id: &Oid) -> PathBuf {
    let hex = id.to_string();
    let (folder, name) = hex.split_at(2);
    objects.join(folder).join(name)
}

/// The first bytes of an object's content, at most `limit` of them, its kind and its whole size;
/// `None` where there is no such file.
pub(super) fn read(objects: &Path, id: &Oid, limit: u64, work: &Work) -> Result<Option<Loose>, Failure> {
    // Deflate makes nothing much longer than it was.
    let most = limit.saturating_add(limit / 64).saturating_add(64 << 10);
    match read_limited(&path_of(objects, id), most) {
        Ok(None) => Ok(None),
        Ok(Some(file)) => decode(&file, limit, work).map(Some),
        Err(why) => Err(Failure::Damaged(why)),
    }
}

/// The kind and size of an object; `None` where there is no such file.
pub(super) fn read_head(objects: &Path, id: &Oid, work: &Work) -> Result<Option<Loose>, Failure> {
    let path = path_of(objects, id);
    if !is_there(objects, id) {
        return Ok(None);
    }
    let mut start = Vec::new();
    let file = std::fs::File::open(path).map_err(|error| Failure::Damaged(error.to_string()))?;
    file.take(4 * HEADER as u64).read_to_end(&mut start).map_err(|error| Failure::Damaged(error.to_string()))?;
    decode(&start, 0, work).map(Some)
}

/// Whether an object has a file.
pub(super) fn is_there(objects: &Path, id: &Oid) -> bool {
    path_of(objects, id).symlink_metadata().is_ok_and(|meta| meta.is_file())
}

/// What a loose object holds.
pub(super) struct Loose {
    pub(super) kind: Kind,
    /// Bytes of the whole content.
    pub(super) size: u64,
    /// The content, or the beginning that was asked for.
    pub(super) bytes: Vec<u8>,
}

/// Inflates the bytes of a loose object's file up to `limit` bytes of content.
pub(super) fn decode(file: &[u8], limit: u64, work: &Work) -> Result<Loose, Failure> {
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
    Ok(Loose { kind, size, bytes })
}

/// The loose objects whose names begin with these hex digits (two or more), no more than `most`.
pub(super) fn with_prefix(objects: &Path, prefix: &str, most: usize, out: &mut Vec<Oid>) {
    let Some((folder, rest)) = prefix.split_at_checked(2) else { return };
    let Ok(listing) = std::fs::read_dir(objects.join(folder)) else { return };
    let names = listing.flatten().filter_map(|child| child.file_name().into_string().ok());
    let matching = names.filter(|name| name.starts_with(rest));
    out.extend(matching.filter_map(|name| Oid::from_hex(&format!("{folder}{name}"))).take(most));
}
