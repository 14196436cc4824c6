//! What packs other files: zip, tar, 7z, and streams of one file; and what no reader claims.

mod folder;
mod magic;
mod names;
mod rules;
mod seven;
mod stream;
mod tar;
mod unclaimed;
mod zip;

use super::{Context, Format, Rule};
use crate::source::Bytes;

pub use unclaimed::unclaimed;

pub(super) const RULES: &[&Rule] = rules::ALL;

/// What packs other files, told by beginning and end: several where the bytes can be read as several.
#[must_use]
pub fn formats(head: &[u8], bytes: &dyn Bytes) -> Vec<Format> {
    let mut out = Vec::new();
    if tar::claims(head) {
        out.push(Format::Tar);
    }
    if seven::claims(head) {
        out.push(Format::SevenZip);
    }
    if let Some((format, ..)) = magic::stream(head, bytes) {
        out.push(format);
    }
    // A zip that is stored as the last member of one of these ends as a zip does; it is found where it lies.
    // So it is with the themes of office documents of old.
    let is_document = head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]);
    if zip::begins(head) || out.is_empty() && !is_document && zip::ends(bytes) {
        out.push(Format::Zip);
    }
    if magic::other_archive(head, bytes).is_some() {
        out.push(Format::OtherArchive);
    }
    out
}

/// Scans a container of the given format.
pub fn scan(format: Format, bytes: &dyn Bytes, context: &mut Context<'_>) {
    match format {
        Format::Zip => zip::scan(bytes, context),
        Format::Tar => tar::scan(bytes, context),
        Format::SevenZip => seven::scan(bytes, context),
        Format::OtherArchive => {
            let head = bytes.up_to(0, 4096).unwrap_or_default();
            let kind = magic::other_archive(&head, bytes).unwrap_or("archive");
            context.unread(0, format!("it is packed as {kind}, which is not opened"));
        }
        other => stream::scan(other, bytes, context),
    }
}
