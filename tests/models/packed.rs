//! Tars, 7z and packed streams.

use std::io::Write as _;

/// A member of a tar of kind `0` (file), `2` (link) and so on.
pub fn tar_member(name: &str, kind: u8, link: &str, content: &[u8]) -> Vec<u8> {
    let mut head = vec![0; 512];
    head[..name.len()].copy_from_slice(name.as_bytes());
    head[100..108].copy_from_slice(b"0000644\0");
    head[108..116].copy_from_slice(b"0000000\0");
    head[116..124].copy_from_slice(b"0000000\0");
    head[124..136].copy_from_slice(format!("{:011o}\0", content.len()).as_bytes());
    head[136..148].copy_from_slice(b"00000000000\0");
    head[156] = kind;
    head[157..157 + link.len()].copy_from_slice(link.as_bytes());
    head[257..265].copy_from_slice(b"ustar\x0000");
    seal(&mut head);
    head.extend(content);
    head.resize(head.len().next_multiple_of(512), 0);
    head
}

/// Writes the checksum of a head.
pub fn seal(head: &mut [u8]) {
    head[148..156].copy_from_slice(b"        ");
    let sum: u32 = head[..512].iter().map(|byte| u32::from(*byte)).sum();
    head[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
}

/// A tar of plain files.
pub fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let members: Vec<Vec<u8>> = files.iter().map(|(name, content)| tar_member(name, b'0', "", content)).collect();
    tar_of(&members)
}

/// A tar of members.
pub fn tar_of(members: &[Vec<u8>]) -> Vec<u8> {
    [members.concat(), vec![0; 1024]].concat()
}

/// zlib.
pub fn zlib(content: &[u8]) -> Vec<u8> {
    miniz_oxide::deflate::compress_to_vec_zlib(content, 6)
}

/// gzip.
pub fn gzip(content: &[u8]) -> Vec<u8> {
    let mut out = b"\x1f\x8b\x08\0\0\0\0\0\0\xff".to_vec();
    out.extend(miniz_oxide::deflate::compress_to_vec(content, 6));
    out.extend(crc32fast::hash(content).to_le_bytes());
    out.extend((content.len() as u32).to_le_bytes());
    out
}

/// bzip2.
pub fn bzip2(content: &[u8]) -> Vec<u8> {
    let mut writer = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    writer.write_all(content).expect("a vector takes everything");
    writer.finish().expect("a vector takes everything")
}

/// A frame of Zstandard with one block that is stored as it is.
pub fn zstd(content: &[u8]) -> Vec<u8> {
    let mut out = b"\x28\xb5\x2f\xfd\xa0".to_vec();
    out.extend((content.len() as u32).to_le_bytes());
    out.extend(&((content.len() as u32) << 3 | 1).to_le_bytes()[..3]);
    out.extend(content);
    out
}

/// LZMA2 that holds its bytes as they are.
fn lzma2_stored(content: &[u8]) -> Vec<u8> {
    let mut out = vec![1];
    out.extend(((content.len() - 1) as u16).to_be_bytes());
    out.extend(content);
    out.push(0);
    out
}

/// xz with one block that holds its bytes as they are, for up to 64 KiB.
pub fn xz(content: &[u8]) -> Vec<u8> {
    let flags = [0, 1];
    let mut out = b"\xfd7zXZ\0".to_vec();
    out.extend(flags);
    out.extend(crc32fast::hash(&flags).to_le_bytes());
    let mut head = vec![2, 0, 0x21, 1, 22, 0, 0, 0];
    head.extend(crc32fast::hash(&head).to_le_bytes());
    let stream = lzma2_stored(content);
    let unpadded = head.len() + stream.len() + 4;
    out.extend(&head);
    out.extend(&stream);
    out.resize(out.len().next_multiple_of(4), 0);
    out.extend(crc32fast::hash(content).to_le_bytes());
    let mut index = vec![0, 1];
    index.extend(varint(unpadded as u64));
    index.extend(varint(content.len() as u64));
    index.resize(index.len().next_multiple_of(4), 0);
    index.extend(crc32fast::hash(&index).to_le_bytes());
    let backward = (index.len() / 4 - 1) as u32;
    out.extend(&index);
    let tail = [&backward.to_le_bytes()[..], &flags].concat();
    out.extend(crc32fast::hash(&tail).to_le_bytes());
    out.extend(tail);
    out.extend(b"YZ");
    out
}

fn varint(mut value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
    out
}

/// A number of 7z, for small ones.
fn seven_number(value: usize) -> Vec<u8> {
    if value < 0x80 { vec![value as u8] } else { vec![0x80 | (value >> 8) as u8, value as u8] }
}

/// A 7z with one file that is stored as it is.
pub fn seven(name: &str, content: &[u8]) -> Vec<u8> {
    let wide: Vec<u8> = name.encode_utf16().chain([0]).flat_map(u16::to_le_bytes).collect();
    let crc = crc32fast::hash(content).to_le_bytes();
    let mut header = vec![1, 4, 6, 0, 1, 9];
    header.extend(seven_number(content.len()));
    header.extend([0, 7, 0x0b, 1, 0, 1, 1, 0, 0x0c]);
    header.extend(seven_number(content.len()));
    header.extend([0x0a, 1]);
    header.extend(crc);
    header.extend([0, 8, 0, 0, 5, 1, 0x11]);
    header.extend(seven_number(wide.len() + 1));
    header.push(0);
    header.extend(wide);
    header.extend([0, 0]);
    let mut start = (content.len() as u64).to_le_bytes().to_vec();
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc32fast::hash(&header).to_le_bytes());
    let mut out = b"7z\xbc\xaf\x27\x1c\0\x04".to_vec();
    out.extend(crc32fast::hash(&start).to_le_bytes());
    out.extend(start);
    out.extend(content);
    out.extend(header);
    out
}
