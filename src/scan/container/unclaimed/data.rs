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
    (is_blob || is_ubjson(head) || is_word_vectors(head) || at(4, b"ET12") || at(4, b"FB")).then_some(Format::Data)
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
