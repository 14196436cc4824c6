//! Formats that are data and nothing else, by their beginning.

use crate::scan::Format;
use crate::source::Bytes;

/// Beginnings of data.
const BEGINS: &[&[u8]] = &[
    // Pictures.
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"II*\0",
    b"MM\0*",
    b"\0\0\x01\0",
    b"8BPS",
    b"v/1\x01",
    b"#?RADIANCE",
    b"P5\n",
    b"P6\n",
    b"qoif",
    b"\xff\x0a",
    b"\0\0\0\x0cJXL ",
    b"\0\0\0\x0cjP  ",
    b"DDS ",
    b"Xcur",
    // Sound and video.
    b"OggS",
    b"fLaC",
    b"ID3",
    b"\xff\xfb",
    b"\xff\xf3",
    b"\xff\xf2",
    b"MThd",
    b".snd",
    b"FORM",
    b"\x1aE\xdf\xa3",
    b"FLV\x01",
    b"#!AMR",
    b"wvpk",
    // Fonts and documents.
    b"\0\x01\0\0\0",
    b"OTTO",
    b"wOFF",
    b"wOF2",
    b"ttcf",
    b"%PDF-",
    b"%!PS",
    b"{\\rtf",
    // What systems keep beside files.
    b"\0\x05\x16\x07",
    // Tables and numbers.
    b"PAR1",
    b"ARROW1\0\0",
    b"FEA1",
    b"ORC",
    b"Obj\x01",
    b"SQLite format 3\0",
    b"MATLAB 5.0 MAT-file",
    b"SIMPLE  =",
    b"CDF\x01",
    b"CDF\x02",
    b"CDF\x05",
    b"$FL2@(#)",
    b"<FWGHTS>",
    b"DUCK",
    // Models and indexes that are tables: fastText, CatBoost, CRFsuite, marisa, KenLM, XGBoost, faiss, Annoy's kin.
    &[0xba, 0x16, 0x4f, 0x2f],
    b"CBM1",
    b"lCRF",
    b"We love Marisa.\0",
    b"mmap lm http://kheafield.com/",
    b"binf",
    b"IxF2",
    b"IxFI",
    b"IxFl",
    b"IwFl",
    b"IxPq",
    b"IwPQ",
    b"IHNf",
    b"IxMp",
    b"IxM2",
    b"IBxF",
    b"usearch",
    b"7767517\n",
    b"Trie Language Model",
    // Weights of old GGML, of TVM, of MXNet, of XGBoost's kin.
    b"lmgg",
    b"fmgg",
    b"tjgg",
    b"algg",
    &[0xb7, 0x9c, 0x04, 0x05, 0x4f, 0x8d, 0xe5, 0xf7],
    &[0x12, 0x01, 0, 0, 0, 0, 0, 0],
    // Scenes, pictures of old, colours.
    b"glTF\x02\0\0\0",
    b"ply\n",
    b"ply\r\n",
    b"Kaydara FBX Binary",
    b"BLENDER",
    b"icns",
    b"II+\0",
    &[0xd7, 0xcd, 0xc6, 0x9a],
    &[0xc1, 0x83, 0x2a, 0x9e],
    &[0, 0, 1, 0xba],
    &[0, 0, 1, 0xb3],
    // Folders of desktops, clocks, translations, captures, git, logs of runs.
    b"\0\0\0\x01Bud1",
    b"TZif",
    &[0xde, 0x12, 0x04, 0x95],
    &[0x95, 0x04, 0x12, 0xde],
    &[0xd4, 0xc3, 0xb2, 0xa1],
    &[0x0a, 0x0d, 0x0d, 0x0a],
    b"DIRC\0\0\0",
    b"PACK\0\0\0",
    b"crc\0",
    b":W&B",
    b"rust-regex-automata-dfa-",
    b"#ROSBAG V",
    // Finite state machines of OpenFst and Kaldi.
    &[0xd6, 0xfd, 0xb2, 0x7e],
    b"\0B<Nnet3>",
    b"\0BFM ",
    b"\0BFV ",
];

/// The format of data.
pub(super) fn kind(head: &[u8], bytes: &dyn Bytes) -> Option<Format> {
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    let is_picture = head.starts_with(b"BM") && head.len() > 26 && u64::from(number(head, 2)) == bytes.len();
    let is_media = at(4, b"ftyp") || head.starts_with(b"RIFF") && (at(8, b"WAVE") || at(8, b"WEBP") || at(8, b"AVI "));
    if BEGINS.iter().any(|magic| head.starts_with(magic)) || is_picture || is_media {
        return Some(Format::Data);
    }
    if is_sentencepiece(head) {
        return Some(Format::Tokenizer);
    }
    // A table of sorted strings ends with its magic: the index of a checkpoint of TensorFlow, LevelDB.
    if bytes
        .up_to(bytes.len().saturating_sub(8), 8)
        .is_ok_and(|end| end == [0x57, 0xfb, 0x80, 0x8b, 0x24, 0x75, 0x47, 0xdb])
    {
        return Some(Format::TensorflowCheckpoint);
    }
    // Weights of Core ML: a version, zeros, and a mark before the first.
    let is_blob = number(head, 4) == 2 && number(head, 64) == 0xdead_beef;
    if is_der(head, bytes) || is_tensor(head) || is_placed(head, bytes) {
        return Some(Format::Data);
    }
    (is_blob || is_ubjson(head) || is_word_vectors(head) || at(4, b"ET12") || at(4, b"FB")).then_some(Format::Data)
}

/// What is told by marks elsewhere than at the beginning.
fn is_placed(head: &[u8], bytes: &dyn Bytes) -> bool {
    let at = |offset: usize, magic: &[u8]| head.get(offset..offset + magic.len()) == Some(magic);
    let end = bytes.up_to(bytes.len().saturating_sub(4), 4).unwrap_or_default();
    // Lance tells its kind at its end.
    end == b"LANC"
        // A profile of colours, a font of old browsers, a metafile.
        || at(36, b"acsp")
        || at(34, b"LP") && u64::from(number(head, 0)) == bytes.len()
        || at(40, b" EMF") && number(head, 0) == 1
        // Pictures of medicine.
        || at(128, b"DICM")
        || at(344, b"n+1\0")
        || at(344, b"ni1\0")
        // LMDB, and settings of a printer in office documents.
        || at(16, &[0xde, 0xc0, 0xef, 0xbe])
        || at(64, &[1, 4]) && bytes.len() < 1 << 16 && u64::from(number(head, 68) & 0xffff) < bytes.len() && is_utf16_name(head)
        // Triangles of 50 bytes behind their number.
        || bytes.len() == 84 + 50 * u64::from(number(head, 80))
}

/// Whether the first 64 bytes are a name in UTF-16.
fn is_utf16_name(head: &[u8]) -> bool {
    let mut units = head.chunks_exact(2).take(32);
    units.next().is_some_and(|unit| unit[0] >= b' ' && unit[1] == 0)
}

/// A structure of ASN.1 that is all of the file: keys, certificates, signatures.
fn is_der(head: &[u8], bytes: &dyn Bytes) -> bool {
    let (length, start) = match head {
        [0x30, length @ 0..=0x7f, ..] => (u64::from(*length), 2),
        [0x30, 0x81, length, ..] => (u64::from(*length), 3),
        [0x30, 0x82, high, low, ..] => (u64::from(*high) << 8 | u64::from(*low), 4),
        [0x30, 0x83, high, middle, low, ..] => (u64::from(*high) << 16 | u64::from(*middle) << 8 | u64::from(*low), 5),
        _ => return false,
    };
    let is_known = head.get(start).is_some_and(|tag| matches!(tag, 2..=6 | 0x0c | 0x13 | 0x30 | 0x31 | 0xa0..=0xa3));
    is_known && start as u64 + length == bytes.len()
}

/// A tensor of Paddle: versions and levels that are zero, then its description.
fn is_tensor(head: &[u8]) -> bool {
    let Some(size) = head.get(16..20).map(|_| number(head, 16)) else { return false };
    head[..16].iter().all(|byte| *byte == 0)
        && (4..256).contains(&size)
        && head.get(20) == Some(&8)
        && head.get(22) == Some(&0x10)
}

fn number(head: &[u8], at: usize) -> u32 {
    head.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}

/// A model of sentencepiece: pieces of a text and a score each, `<unk>` among the first.
fn is_sentencepiece(head: &[u8]) -> bool {
    let Some(&[0x0a, whole, 0x0a, length, ..]) = head.get(..4) else { return false };
    let (whole, length) = (usize::from(whole), usize::from(length));
    let is_score = head.get(4 + length) == Some(&0x15) && whole >= length + 7;
    let is_known = head.get(..256.min(head.len())).is_some_and(|near| near.windows(5).any(|five| five == b"<unk>"));
    whole < 0x80 && is_score && is_known
}

/// A model of XGBoost in UBJSON: an object whose first key is one of its own.
fn is_ubjson(head: &[u8]) -> bool {
    let key = match head {
        [b'{', b'L', 0, 0, 0, 0, 0, 0, 0, length, rest @ ..] => rest.get(..usize::from(*length)),
        [b'{', b'i' | b'U', length, rest @ ..] => rest.get(..usize::from(*length)),
        _ => None,
    };
    key.is_some_and(|key| matches!(key, b"learner" | b"version" | b"Config" | b"Model"))
}

/// Vectors of words: two numbers in text, then a word and its numbers.
fn is_word_vectors(head: &[u8]) -> bool {
    let Some(line) = head.split(|byte| *byte == b'\n').next().filter(|line| line.len() < 32) else { return false };
    let mut words = line.split(|byte| *byte == b' ');
    let is_number =
        |word: Option<&[u8]>| word.is_some_and(|word| !word.is_empty() && word.iter().all(u8::is_ascii_digit));
    is_number(words.next())
        && is_number(words.next())
        && words.next().is_none_or(<[u8]>::is_empty)
        && head.len() > line.len() + 1
}
