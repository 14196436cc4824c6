//! Zips: members of the central directory, stored or deflated.

use rawzip::{CompressionMethod, ZipArchive};

use super::{Kind, Limits, Member, TOO_MANY, Visit, Wants, take_member};
use crate::parse::Budget;

/// Walks a zip; `wants` says of which files the bytes are unpacked for `visit`.
///
/// # Errors
/// Why not all of it could be walked; what came before was visited.
pub fn zip(
    bytes: &[u8],
    limits: Limits,
    budget: &mut Budget,
    wants: &Wants<'_>,
    visit: &mut Visit<'_>,
) -> Result<(), String> {
    let archive = ZipArchive::from_slice(bytes).map_err(|_| "it is no zip".to_owned())?;
    let mut entries = archive.entries();
    let mut left = limits.total;
    while let Some(entry) = entries.next_entry().map_err(|_| "its list of members is damaged".to_owned())? {
        let raw = entry.file_path();
        let path = String::from_utf8_lossy(raw.as_ref());
        if !take_member(budget, &path) {
            return Err(TOO_MANY.to_owned());
        }
        // The upper half of the attributes is a mode of Unix, where one is given.
        let kind = match (entry.external_attributes() >> 16) & 0o170_000 {
            _ if path.ends_with('/') => Kind::Folder,
            0o120_000 => Kind::Link,
            0 | 0o100_000 => Kind::File,
            0o040_000 => Kind::Folder,
            _ => Kind::Other,
        };
        let mut content = Vec::new();
        let mut result = Ok(&[][..]);
        if kind == Kind::File && wants(&path) {
            let most = usize::try_from(limits.member.min(left)).unwrap_or(usize::MAX);
            // What was unpacked in vain counts as well: a list may name the same bytes over and over.
            let mut spent = 0;
            let unpacked = archive.get_entry(entry.wayfinder()).map_err(|_| "it is damaged").and_then(|file| {
                let data = match entry.compression_method() {
                    CompressionMethod::STORE if file.data().len() > most => Err("it is too large"),
                    CompressionMethod::STORE => Ok(file.data().to_vec()),
                    CompressionMethod::DEFLATE => miniz_oxide::inflate::decompress_to_vec_with_limit(file.data(), most)
                        .map_err(|error| {
                            spent = error.output.len();
                            match error.status {
                                miniz_oxide::inflate::TINFLStatus::HasMoreOutput => "it is too large",
                                _ => "it is damaged",
                            }
                        }),
                    _ => Err("it is packed by a method other than deflate"),
                }?;
                spent = data.len();
                if rawzip::crc32(&data) == entry.crc32() { Ok(data) } else { Err("its checksum is wrong") }
            });
            left = left.saturating_sub(spent as u64);
            match unpacked {
                Ok(data) => {
                    content = data;
                    result = Ok(&content);
                }
                Err(why) => result = Err(why),
            }
        }
        visit(Member { path: &path, kind, content: result });
        content.clear();
    }
    Ok(())
}
