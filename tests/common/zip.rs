//! Zips as OSV publishes them.

use std::io::Write as _;

/// A zip of records, given as name and content.
pub(crate) fn zip(records: &[(String, String)]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut out);
    for (path, content) in records {
        let (mut entry, config) =
            archive.new_file(path).compression_method(rawzip::CompressionMethod::DEFLATE).start().expect("an entry");
        entry.write_all(&miniz_oxide::deflate::compress_to_vec(content.as_bytes(), 6)).expect("written");
        let mut plain = config.wrap(std::io::sink());
        plain.write_all(content.as_bytes()).expect("written");
        let (_, descriptor) = plain.finish().expect("finished");
        entry.finish(descriptor).expect("finished");
    }
    archive.finish().expect("finished");
    out
}
