//! Walks a feed: a folder, a zip, or one file. Hands out each record's name and bytes.

use std::io;
use std::path::Path;

use rawzip::{CompressionMethod, ZipArchive};

use super::MAX_RECORD;

/// Largest zip read; the largest OSV zip of an ecosystem is about 200 MiB.
const MAX_ARCHIVE: u64 = 1 << 30;
/// Most bytes that all records of a zip may unpack to, and most records. Entries of a zip can share
/// one packed stream, so the size of the zip bounds neither.
const MAX_UNPACKED: u64 = 4 << 30;
const MAX_RECORDS: u64 = 1_000_000;

/// Receives a record's path in the feed, and its bytes or why they could not be had.
type Visit<'a> = dyn FnMut(&str, Result<&[u8], String>) + 'a;

/// Calls `visit` for every record of a feed. Order does not matter to callers; they sort.
#[allow(clippy::disallowed_methods, reason = "the builder reads feeds")]
pub(super) fn each_record(path: &Path, visit: &mut Visit<'_>) -> io::Result<()> {
    let meta = std::fs::metadata(path)?;
    if meta.is_dir() {
        return walk(path, "", visit);
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if path.extension().is_some_and(|e| e.eq_ignore_ascii_case("zip")) {
        if meta.len() > MAX_ARCHIVE {
            return Err(io::Error::other("the zip is larger than 1 GiB"));
        }
        return unzip(&std::fs::read(path)?, visit);
    }
    read(path, &name, visit);
    Ok(())
}

fn is_record(name: &str) -> bool {
    let extension = name.rsplit('.').next().unwrap_or_default();
    ["json", "yaml", "yml"].iter().any(|e| extension.eq_ignore_ascii_case(e))
}

#[allow(clippy::disallowed_methods, reason = "the builder reads feeds")]
fn walk(dir: &Path, prefix: &str, visit: &mut Visit<'_>) -> io::Result<()> {
    let mut entries = std::fs::read_dir(dir)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let path = format!("{prefix}{name}");
        // Links are not followed: a feed is plain files.
        let kind = entry.file_type()?;
        if kind.is_dir() {
            walk(&entry.path(), &format!("{path}/"), visit)?;
        } else if kind.is_file() && is_record(&name) {
            read(&entry.path(), &path, visit);
        }
    }
    Ok(())
}

#[allow(clippy::disallowed_methods, reason = "the builder reads feeds")]
fn read(path: &Path, name: &str, visit: &mut Visit<'_>) {
    let too_large = std::fs::metadata(path).is_ok_and(|m| m.len() > MAX_RECORD as u64);
    if too_large {
        return visit(name, Err("larger than 16 MiB".to_owned()));
    }
    match std::fs::read(path) {
        Ok(bytes) => visit(name, Ok(&bytes)),
        Err(error) => visit(name, Err(format!("cannot be read: {error}"))),
    }
}

/// Calls `visit` for every record of a zip.
pub(super) fn unzip(bytes: &[u8], visit: &mut Visit<'_>) -> io::Result<()> {
    unzip_within(bytes, MAX_UNPACKED, MAX_RECORDS, visit)
}

/// As [`unzip`], with the most bytes that may come out and the most records.
fn unzip_within(bytes: &[u8], most: u64, records: u64, visit: &mut Visit<'_>) -> io::Result<()> {
    let (mut left, mut seen) = (most, 0_u64);
    let broken = |e: rawzip::Error| io::Error::other(format!("not a zip: {e}"));
    let archive = ZipArchive::from_slice(bytes).map_err(broken)?;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(broken)? {
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_ref()).into_owned();
        if entry.is_dir() || !is_record(&name) {
            continue;
        }
        seen += 1;
        if seen > records {
            return Err(io::Error::other(format!("the zip holds more than {records} records")));
        }
        let content = archive.get_entry(entry.wayfinder()).map_err(|e| e.to_string()).and_then(|file| {
            let data = match entry.compression_method() {
                CompressionMethod::STORE if file.data().len() > MAX_RECORD => {
                    return Err("larger than 16 MiB".to_owned());
                }
                CompressionMethod::STORE => file.data().to_vec(),
                CompressionMethod::DEFLATE => {
                    miniz_oxide::inflate::decompress_to_vec_with_limit(file.data(), MAX_RECORD)
                        .map_err(|e| format!("cannot be unpacked: {e}"))?
                }
                _ => return Err("packed by a method other than deflate".to_owned()),
            };
            if rawzip::crc32(&data) == entry.crc32() { Ok(data) } else { Err("the checksum is wrong".to_owned()) }
        });
        match content {
            Ok(data) => {
                left = left
                    .checked_sub(data.len() as u64)
                    .ok_or_else(|| io::Error::other(format!("the zip unpacks to more than {most} bytes")))?;
                visit(&name, Ok(&data));
            }
            Err(reason) => visit(&name, Err(reason)),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::feed_tests::packed;
    use super::unzip_within;

    #[test]
    fn what_comes_out_of_a_zip_is_bounded() {
        let bytes = packed(&[("a.json", "12345"), ("b.json", "12345")]);
        let run = |most, records| unzip_within(&bytes, most, records, &mut |_, _| {}).map_err(|e| e.to_string());
        assert_eq!(run(10, 2), Ok(()));
        assert_eq!(run(9, 2), Err("the zip unpacks to more than 9 bytes".to_owned()));
        assert_eq!(run(10, 1), Err("the zip holds more than 1 records".to_owned()));
    }
}
