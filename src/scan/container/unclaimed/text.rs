//! Text: whether bytes are text to their end, and which.

use crate::scan::Format;
use crate::source::Bytes;

/// Bytes read at a time.
const STEP: usize = 64 << 10;

/// What kind of text bytes are; none where they are none.
///
/// # Errors
/// Why the bytes cannot be read.
pub(super) fn kind(head: &[u8], bytes: &dyn Bytes) -> Result<Option<Format>, String> {
    let is_wide = head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]);
    if is_wide && bytes.len().is_multiple_of(2) {
        let is_little = head[0] == 0xff;
        let units = head[..head.len() / 2 * 2]
            .chunks_exact(2)
            .map(|b| if is_little { u16::from_le_bytes([b[0], b[1]]) } else { u16::from_be_bytes([b[0], b[1]]) });
        let odd = units.filter(|unit| *unit < 0x20 && !matches!(*unit, 9 | 10 | 13)).count();
        return Ok((odd == 0 && all(bytes, Count::is_wide)?).then_some(Format::Text));
    }
    // Most binary files are told here, without reading on.
    let mut first = Count::default();
    first.take(head);
    if !first.is_text(head.len() as u64 == bytes.len()) {
        return Ok(None);
    }
    if !all(bytes, |count| count.is_text(true))? {
        return Ok(None);
    }
    Ok(Some(language(head)))
}

fn all(bytes: &dyn Bytes, is_it: impl Fn(&Count) -> bool) -> Result<bool, String> {
    let mut count = Count::default();
    let mut at = 0;
    while at < bytes.len() {
        let piece = bytes.up_to(at, STEP)?;
        if piece.is_empty() {
            return Err("it became shorter while it was read".to_owned());
        }
        count.take(&piece);
        at += piece.len() as u64;
        if count.zeros > 0 && !is_it(&count) {
            return Ok(false);
        }
    }
    Ok(is_it(&count))
}

/// What bytes of a text were met.
#[derive(Default)]
struct Count {
    all: u64,
    zeros: u64,
    /// Control characters that text has no use for.
    controls: u64,
    high: u64,
    /// Bytes that are no UTF-8.
    invalid: u64,
    /// The first bytes of a character that goes on in the next piece.
    left: Vec<u8>,
}

impl Count {
    fn take(&mut self, piece: &[u8]) {
        self.all += piece.len() as u64;
        for byte in piece {
            match byte {
                0 => self.zeros += 1,
                b'\t' | b'\n' | b'\r' | 0x0b | 0x0c | 0x1b => {}
                ..0x20 | 0x7f => self.controls += 1,
                0x80.. => self.high += 1,
                _ => {}
            }
        }
        let mut joined = std::mem::take(&mut self.left);
        joined.extend_from_slice(piece);
        let mut rest: &[u8] = &joined;
        while let Err(error) = std::str::from_utf8(rest) {
            let after = &rest[error.valid_up_to()..];
            match error.error_len() {
                Some(length) => {
                    self.invalid += length as u64;
                    rest = &after[length..];
                }
                None => {
                    self.left = after.to_vec();
                    return;
                }
            }
        }
    }

    /// Whether it is text so far, or as a whole.
    fn is_text(&self, is_end: bool) -> bool {
        let invalid = self.invalid + if is_end { self.left.len() as u64 } else { 0 };
        // Lists of tokens hold a stray control character; Latin-1 and its kin have letters beyond ASCII.
        let few_controls = self.controls * 500 <= self.all;
        // Those of East Asia take two such bytes for a character; what is packed has control characters by then.
        let is_long = self.controls == 0 && self.all >= 128;
        let is_narrow = invalid == 0 || (self.controls == 0 && self.high * 4 <= self.all) || is_long;
        self.zeros == 0 && few_controls && is_narrow
    }

    /// UTF-16 has zeros, of Latin letters every second byte.
    fn is_wide(&self) -> bool {
        self.controls * 50 <= self.all
    }
}

/// Which text it is, by its beginning.
fn language(head: &[u8]) -> Format {
    let text = String::from_utf8_lossy(head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.starts_with(['{', '[']) {
        return Format::Json;
    }
    let is_python = text.lines().take(400).filter(|line| is_python(line)).count();
    let first = text.lines().next().unwrap_or_default();
    let is_script = first.starts_with("#!") && first.contains("python");
    if is_script || is_python >= 2 { Format::Python } else { Format::Text }
}

/// Whether a line is one of Python, and of hardly anything else.
fn is_python(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().take(4).collect();
    match words.as_slice() {
        ["from", _, "import", ..] => true,
        ["import", module] => {
            module.trim_end_matches(',').bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.'))
        }
        ["import", _, "as", ..] => true,
        ["def" | "class", ..] => line.trim_end().ends_with(':'),
        _ => false,
    }
}
