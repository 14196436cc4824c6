//! Files that were read, and places in them.

use std::sync::OnceLock;

use super::{RepoPath, Span};

/// A file of one audit, by its position in [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(pub u32);

/// A range of bytes in a file of the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Which file.
    pub file: FileId,
    /// Which bytes of it.
    pub span: Span,
}

impl Place {
    /// A place.
    #[must_use]
    pub fn new(file: FileId, span: Span) -> Self {
        Self { file, span }
    }
}

/// 1-based line and column; the column counts characters, as editors and SARIF do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

/// Bytes between two counts of characters.
const BLOCK: usize = 1 << 10;

/// One file as it was read.
#[derive(Debug)]
pub struct SourceFile {
    /// Its id.
    pub id: FileId,
    /// Where it lies.
    pub path: RepoPath,
    /// Its text. Bytes that are no UTF-8 stand as one replacement byte each, so that offsets in
    /// the text are offsets in the file.
    pub text: String,
    /// Offset of the first byte that was no UTF-8, if any.
    pub invalid_utf8: Option<usize>,
    /// The bytes of a file that is no text, while it is read; empty for all others.
    pub bytes: Vec<u8>,
    lines: OnceLock<Vec<u32>>,
    /// Characters before each [`BLOCK`] of bytes.
    blocks: OnceLock<Vec<u32>>,
}

impl SourceFile {
    /// Takes the bytes of a file. Invalid UTF-8 becomes `?`, byte for byte: readers go on and the
    /// caller reports the gap.
    #[must_use]
    pub fn new(id: FileId, path: RepoPath, bytes: Vec<u8>) -> Self {
        let (text, invalid_utf8) = match String::from_utf8(bytes) {
            Ok(text) => (text, None),
            Err(error) => {
                let at = error.utf8_error().valid_up_to();
                (replace_invalid(error.as_bytes()), Some(at))
            }
        };
        Self { id, path, text, invalid_utf8, bytes: Vec::new(), lines: OnceLock::new(), blocks: OnceLock::new() }
    }

    /// Takes the bytes of a file that is no text. It has no lines: every place in it is the file.
    #[must_use]
    pub fn binary(id: FileId, path: RepoPath, bytes: Vec<u8>) -> Self {
        Self { bytes, ..Self::new(id, path, Vec::new()) }
    }

    /// Takes the bytes of a file whose tools allow more than UTF-8: UTF-16 behind a byte order mark, as
    /// PowerShell writes it, and Latin-1 that one of the first two lines declares (PEP 263). Offsets
    /// are then those of the text in UTF-8.
    #[must_use]
    pub fn decoded(id: FileId, path: RepoPath, bytes: Vec<u8>) -> Self {
        let unit: Option<fn([u8; 2]) -> u16> = match bytes.get(..2) {
            Some([0xFF, 0xFE]) => Some(u16::from_le_bytes),
            Some([0xFE, 0xFF]) => Some(u16::from_be_bytes),
            _ => None,
        };
        if let Some(unit) = unit {
            let (pairs, rest) = bytes.as_chunks::<2>();
            let units: Vec<u16> = pairs.iter().skip(1).map(|pair| unit(*pair)).collect();
            if let Ok(text) = String::from_utf16(&units)
                && rest.is_empty()
            {
                return Self::new(id, path, text.into_bytes());
            }
        } else if declares_latin(&bytes) && std::str::from_utf8(&bytes).is_err() {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            return Self::new(id, path, text.into_bytes());
        }
        Self::new(id, path, bytes)
    }

    fn line_starts(&self) -> &[u32] {
        self.lines.get_or_init(|| {
            let ends = self.text.match_indices('\n');
            std::iter::once(0).chain(ends.map(|(at, _)| u32::try_from(at + 1).unwrap_or(u32::MAX))).collect()
        })
    }

    /// How many characters start before a byte. Counted from the nearest block, since a file may be one
    /// line with a finding at every few bytes of it.
    fn characters_before(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        let blocks = self.blocks.get_or_init(|| {
            let sums = bytes.chunks(BLOCK).scan(0, |sum, block| {
                let before = *sum;
                *sum += characters(block);
                Some(u32::try_from(before).unwrap_or(u32::MAX))
            });
            sums.collect()
        });
        let block = at / BLOCK;
        let rest = bytes.get(block * BLOCK..at).map_or(0, characters);
        blocks.get(block).map_or_else(|| characters(bytes), |before| *before as usize + rest)
    }

    /// Line and column of a byte.
    #[must_use]
    pub fn position(&self, offset: u64) -> Position {
        let starts = self.line_starts();
        let at = u32::try_from(offset.min(self.text.len() as u64)).unwrap_or(u32::MAX);
        let line = starts.partition_point(|start| *start <= at).max(1);
        let start = starts.get(line - 1).copied().unwrap_or(0) as usize;
        let column = match self.text.as_bytes().get(start..at as usize) {
            // The usual line; only a long one is worth a table of the whole file.
            Some(before) if before.len() <= BLOCK => characters(before),
            _ => self.characters_before(at as usize).saturating_sub(self.characters_before(start)),
        };
        Position {
            line: u32::try_from(line).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The text of a line (1-based), without its line break.
    #[must_use]
    pub fn line(&self, line: u32) -> Option<&str> {
        let starts = self.line_starts();
        let index = (line as usize).checked_sub(1)?;
        let start = *starts.get(index)? as usize;
        let end = starts.get(index + 1).map_or(self.text.len(), |end| *end as usize);
        self.text.get(start..end).map(|text| text.trim_end_matches(['\n', '\r']))
    }

    /// The text of a span; empty where the span does not fit.
    #[must_use]
    pub fn text_at(&self, span: Span) -> &str {
        self.text.get(span.range(self.text.len())).unwrap_or("")
    }
}

/// Whether a comment in the first two lines says that the file is in Latin-1 or a code page like it.
fn declares_latin(bytes: &[u8]) -> bool {
    bytes.split(|byte| *byte == b'\n').take(2).filter(|line| line.starts_with(b"#")).any(|line| {
        let line = String::from_utf8_lossy(line).to_ascii_lowercase();
        let name = line.split_once("coding:").or_else(|| line.split_once("coding="));
        let name = name.map(|(_, rest)| rest.trim_start().replace('_', "-"));
        let known = ["latin-1", "latin1", "iso-8859-1", "cp1252", "windows-1252"];
        name.is_some_and(|name| known.iter().any(|known| name.starts_with(known)))
    })
}

/// Continuation bytes are no characters of their own.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|b| (**b & 0xC0) != 0x80).count()
}

fn replace_invalid(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        out.extend(chunk.invalid().iter().map(|_| '?'));
    }
    out
}

/// All files that were read, in path order.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<SourceFile>,
    /// Files of another tree that places are named in; their ids follow those of the tree.
    aside: Vec<SourceFile>,
}

impl Sources {
    /// Files must come in the order of their ids.
    #[must_use]
    pub fn new(files: Vec<SourceFile>) -> Self {
        Self { files, aside: Vec::new() }
    }

    /// The file of an id. Ids are only made together with the files, so this finds one; a foreign
    /// id yields the first file or panics nowhere.
    #[must_use]
    pub fn get(&self, id: FileId) -> Option<&SourceFile> {
        let index = id.0 as usize;
        self.files.get(index).or_else(|| self.aside.get(index.checked_sub(self.files.len())?))
    }

    /// Takes a file of another tree, so that places in it can be named. It is no file of this one: it has an id,
    /// and neither its path nor [`Sources::iter`] lead to it.
    pub fn set_aside(&mut self, path: RepoPath, text: String) -> FileId {
        let id = FileId(u32::try_from(self.files.len() + self.aside.len()).unwrap_or(u32::MAX));
        self.aside.push(SourceFile::new(id, path, text.into_bytes()));
        id
    }

    /// Gives a file that was taken as bytes its text, so that places in it have lines.
    pub fn set_text(&mut self, id: FileId, text: String) {
        if let Some(file) = self.files.get_mut(id.0 as usize) {
            *file = SourceFile::new(id, file.path.clone(), text.into_bytes());
        }
    }

    /// The path of an id.
    #[must_use]
    pub fn path(&self, id: FileId) -> &str {
        self.get(id).map_or("", |file| file.path.as_str())
    }

    /// The file at a path.
    #[must_use]
    pub fn by_path(&self, path: &RepoPath) -> Option<&SourceFile> {
        let index = self.files.binary_search_by(|file| file.path.cmp(path)).ok()?;
        self.files.get(index)
    }

    /// All files.
    pub fn iter(&self) -> impl Iterator<Item = &SourceFile> {
        self.files.iter()
    }

    /// Line and column where a place starts.
    #[must_use]
    pub fn start(&self, place: Place) -> Position {
        self.get(place.file).map_or(Position { line: 1, column: 1 }, |file| file.position(place.span.start))
    }

    /// Line and column where a place ends.
    #[must_use]
    pub fn end(&self, place: Place) -> Position {
        self.get(place.file).map_or(Position { line: 1, column: 1 }, |file| file.position(place.span.end))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_survive_bad_bytes() {
        let file = SourceFile::new(FileId(0), RepoPath::default(), b"a\xc3\xa9b\nc\xffd".to_vec());
        assert_eq!(file.invalid_utf8, Some(6));
        assert_eq!(file.position(3), Position { line: 1, column: 3 });
        assert_eq!(file.position(5), Position { line: 2, column: 1 });
        assert_eq!(file.position(99), Position { line: 2, column: 4 });
        assert_eq!(file.line(2), Some("c?d"));
        assert_eq!(file.line(3), None);
    }

    #[test]
    fn other_encodings_are_decoded_where_they_are_said() {
        let decoded = |bytes: &[u8]| SourceFile::decoded(FileId(0), RepoPath::default(), bytes.to_vec());
        assert_eq!(decoded(b"\xff\xfea\0\xe9\0\n\0").text, "a\u{e9}\n");
        assert_eq!(decoded(b"\xfe\xff\0a").text, "a");
        assert_eq!(decoded(b"\xff\xfea").invalid_utf8, Some(0));
        assert_eq!(decoded(b"# -*- coding: latin-1 -*-\n# \xe9\n").invalid_utf8, None);
        assert_eq!(decoded(b"# \xe9\n").invalid_utf8, Some(2));
    }

    #[test]
    fn columns_of_a_long_line_count_characters() {
        let text = format!("x\n{}", "a\u{e9}".repeat(2000));
        let file = SourceFile::new(FileId(0), RepoPath::default(), text.clone().into_bytes());
        for (at, _) in text.char_indices().skip(2).chain([(text.len(), ' ')]) {
            let column = u32::try_from(text[2..at].chars().count() + 1).unwrap();
            assert_eq!(file.position(at as u64), Position { line: 2, column });
        }
    }

    #[test]
    fn columns_stand_at_the_end_of_a_full_block() {
        let file = SourceFile::new(FileId(0), RepoPath::default(), vec![b'a'; 2 * BLOCK]);
        assert_eq!(file.position(2 * BLOCK as u64), Position { line: 1, column: 2 * BLOCK as u32 + 1 });
    }
}
