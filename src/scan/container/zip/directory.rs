//! Directories at the end of a zip: all that some program would find.
//!
//! Source: APPNOTE.TXT 4.3 to 4.5; `zipfile` of Python, which counts back from the end record, and miniz in torch,
//! which takes the offset as it stands.

use crate::scan::fields::Fields;
use crate::source::{Bytes, Window};

/// Where an end record can stand: it and its comment.
pub(super) const TAIL: u64 = 22 + 65_535;
/// A record of the directory without its names.
const RECORD: usize = 46;

/// One record of a directory.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// The name as it stands.
    pub(super) name: Box<[u8]>,
    /// Another name, in UTF-8, that some programs take instead.
    pub(super) other_name: Option<Box<[u8]>>,
    pub(super) flags: u16,
    pub(super) method: u16,
    pub(super) crc: u32,
    /// Packed bytes.
    pub(super) packed: u64,
    /// Unpacked bytes.
    pub(super) size: u64,
    /// Where its local header lies in the file.
    pub(super) offset: u64,
    /// Mode of Unix, where it was made there.
    pub(super) mode: u32,
    /// Where this record lies.
    pub(super) at: u64,
}

/// One directory.
#[derive(Debug, Clone)]
pub(super) struct Directory {
    pub(super) entries: Vec<Entry>,
    /// Its bytes.
    pub(super) start: u64,
    pub(super) finish: u64,
    /// The end record.
    pub(super) end: u64,
    /// Where the end record and its comment end.
    pub(super) over: u64,
    /// The first of the end records, zip64 ones included.
    pub(super) ends: u64,
    /// What does not fit together, sentence fragments.
    pub(super) problems: Vec<String>,
    /// Whether there were more records than are looked at.
    pub(super) is_cut: bool,
}

/// Fields of an extra block by id.
pub(super) fn extra(block: &[u8], id: u16) -> Option<&[u8]> {
    let mut rest = block;
    while rest.len() >= 4 {
        let length = usize::from(Fields(rest).u16(2));
        let field = rest.get(4..4 + length)?;
        if Fields(rest).u16(0) == id {
            return Some(field);
        }
        rest = &rest[4 + length..];
    }
    None
}

/// What stands in an extra block of zip64 for those numbers that do not fit, in order.
pub(super) fn wide(block: &[u8], numbers: &mut [&mut u64]) {
    let Some(mut field) = extra(block, 1) else { return };
    for number in numbers {
        if **number == u64::from(u32::MAX) && field.len() >= 8 {
            **number = Fields(field).u64(0);
            field = &field[8..];
        }
    }
}

/// All end records, the last first, each with the directories that it can be understood to mean.
///
/// # Errors
/// Why the end of the file cannot be read.
pub(super) fn ends(bytes: &dyn Bytes) -> Result<Vec<(u64, Vec<Span>)>, String> {
    /// End records that are looked at.
    const MOST: usize = 64;
    let from = bytes.len().saturating_sub(TAIL);
    let tail = bytes.up_to(from, usize::try_from(TAIL).unwrap_or(0))?;
    let mut out = Vec::new();
    let places = tail.windows(4).enumerate().rev().filter(|(_, four)| *four == b"PK\x05\x06").map(|(at, _)| at);
    for at in places.filter(|at| tail.len() - at >= 22).take(MOST) {
        let end = from + at as u64;
        out.push((end, spans(bytes, end, &tail[at..at + 22])?));
    }
    Ok(out)
}

/// Where the archive begins of which the last bytes are the end record, without a comment; none where there is
/// no such archive.
///
/// # Errors
/// Why the end of the file cannot be read.
pub(super) fn start_of_last(bytes: &dyn Bytes) -> Result<Option<u64>, String> {
    let Some(end) = bytes.len().checked_sub(22) else { return Ok(None) };
    let record = bytes.up_to(end, 22)?;
    if !record.starts_with(b"PK\x05\x06") || record.len() < 22 || record[20..] != [0, 0] {
        return Ok(None);
    }
    let mut fields = (u64::from(Fields(&record).u32(12)), u64::from(Fields(&record).u32(16)), end);
    // What a locator says counts from the beginning of its own archive, so the record right before it is taken.
    if let Some(wide) = end.checked_sub(20 + 56) {
        let there = bytes.up_to(wide, 56 + 20)?;
        if there.starts_with(b"PK\x06\x06") && there.get(56..60) == Some(b"PK\x06\x07") {
            fields = (Fields(&there).u64(40), Fields(&there).u64(48), wide);
        }
    }
    let (size, offset, ends) = fields;
    let Some(start) = ends.checked_sub(size).filter(|_| size > 0) else { return Ok(None) };
    let Some(base) = start.checked_sub(offset) else { return Ok(None) };
    let is_there = bytes.up_to(start, 4)? == b"PK\x01\x02" && bytes.up_to(base, 4)? == b"PK\x03\x04";
    Ok(is_there.then_some(base))
}

/// Where an end record says that its directory lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) start: u64,
    pub(super) size: u64,
    pub(super) count: u64,
    /// What is added to its offsets.
    pub(super) base: u64,
    /// The first of the end records.
    pub(super) ends: u64,
    /// Bytes of the comment.
    pub(super) comment: u16,
}

/// The directories that an end record can be understood to mean: only those that are there.
fn spans(bytes: &dyn Bytes, end: u64, record: &[u8]) -> Result<Vec<Span>, String> {
    let fields = Fields(record);
    let comment = fields.u16(20);
    let narrow = (u64::from(fields.u16(10)), u64::from(fields.u32(12)), u64::from(fields.u32(16)));
    let mut claims = vec![(narrow, end)];
    if let Some(locator) = end.checked_sub(20) {
        let place = bytes.up_to(locator, 20)?;
        if place.starts_with(b"PK\x06\x07") {
            let said = Fields(&place).u64(8);
            // By the locator, and as Python has it: right before the locator.
            let mut places = vec![Some(said), locator.checked_sub(56)];
            // By the locator in an archive with something before it.
            let near = locator.saturating_sub(4096);
            let before = bytes.up_to(near, 4096)?;
            places.push(before.windows(4).rposition(|four| four == b"PK\x06\x06").map(|at| near + at as u64));
            let is_narrow_full = narrow.0 == 0xffff || narrow.1 == 0xffff_ffff || narrow.2 == 0xffff_ffff;
            let mut wide = Vec::new();
            for at in places.into_iter().flatten() {
                let record = bytes.up_to(at, 56)?;
                if record.starts_with(b"PK\x06\x06") && record.len() == 56 && at < end {
                    let fields = Fields(&record);
                    wide.push(((fields.u64(32), fields.u64(40), fields.u64(48)), at));
                }
            }
            // Whoever counts back does so from the record of zip64, if there is one.
            let first = wide.iter().map(|(_, at)| *at).min().unwrap_or(end);
            claims = if is_narrow_full { Vec::new() } else { vec![(narrow, first)] };
            claims.extend(wide);
        }
    }
    let mut out: Vec<Span> = Vec::new();
    for ((count, size, offset), ends) in claims {
        let counted = ends.checked_sub(size);
        for (start, base) in [(counted, counted.and_then(|start| start.checked_sub(offset))), (Some(offset), Some(0))] {
            let Some(start) = start.filter(|start| *start < end || size == 0) else { continue };
            let is_there = if count == 0 && size == 0 { start <= end } else { bytes.up_to(start, 4)? == b"PK\x01\x02" };
            if is_there && !out.iter().any(|span| span.start == start) {
                out.push(Span { start, size, count, base: base.unwrap_or(0), ends, comment });
            }
        }
    }
    // The first of them may start later than the rest of the end records.
    let first = out.iter().map(|span| span.ends).min();
    for span in &mut out {
        span.ends = first.unwrap_or(end);
    }
    Ok(out)
}

/// Reads a directory: as many records as there are, whatever its end record says.
///
/// # Errors
/// Why its bytes cannot be read.
pub(super) fn read(bytes: &dyn Bytes, end: u64, span: Span, most: usize) -> Result<Directory, String> {
    let mut window = Window::new(bytes, 64 << 10);
    let mut at = span.start;
    let mut entries = Vec::new();
    let mut problems = Vec::new();
    let mut is_cut = false;
    loop {
        let record = window.at(at, RECORD)?;
        if !record.starts_with(b"PK\x01\x02") || at >= span.ends {
            break;
        }
        if record.len() < RECORD {
            problems.push("its directory ends in the middle of a record".to_owned());
            break;
        }
        if entries.len() >= most {
            is_cut = true;
            break;
        }
        let fields = Fields(record);
        let lengths = [28, 30, 32].map(|field| usize::from(fields.u16(field)));
        let whole = RECORD + lengths.iter().sum::<usize>();
        let record = window.at(at, whole)?;
        if record.len() < whole {
            problems.push("its directory ends in the middle of a record".to_owned());
            break;
        }
        entries.push(entry(&record[..whole], lengths, span.base, at));
        at += whole as u64;
    }
    let found = entries.len() as u64;
    if !is_cut && (found & 0xffff) != (span.count & 0xffff) {
        problems.push(format!("its directory says that it has {} members and has {found}", span.count));
    }
    if !is_cut && at != span.start.saturating_add(span.size) {
        problems.push(format!("its directory says that it is {} bytes long and is {}", span.size, at - span.start));
    }
    let over = end + 22 + u64::from(span.comment);
    Ok(Directory { entries, start: span.start, finish: at, end, over, ends: span.ends, problems, is_cut })
}

fn entry(record: &[u8], lengths: [usize; 3], base: u64, at: u64) -> Entry {
    let fields = Fields(record);
    let (mut size, mut packed, mut offset) =
        (u64::from(fields.u32(24)), u64::from(fields.u32(20)), u64::from(fields.u32(42)));
    let name: Box<[u8]> = record[RECORD..RECORD + lengths[0]].into();
    let block = &record[RECORD + lengths[0]..RECORD + lengths[0] + lengths[1]];
    wide(block, &mut [&mut size, &mut packed, &mut offset]);
    let is_unix = matches!(record[5], 3 | 19);
    Entry {
        other_name: other_name(block, &name),
        name,
        flags: fields.u16(8),
        method: fields.u16(10),
        crc: fields.u32(16),
        packed,
        size,
        offset: offset.saturating_add(base),
        mode: if is_unix { fields.u32(38) >> 16 } else { 0 },
        at,
    }
}

/// The name in the extra block that programs with regard to Unicode take, where it differs.
pub(super) fn other_name(block: &[u8], name: &[u8]) -> Option<Box<[u8]>> {
    let field = extra(block, 0x7075)?;
    let other = field.get(5..)?;
    let is_ascii_same = other == name || !name.is_ascii();
    (field[0] == 1 && !is_ascii_same && Fields(field).u32(1) == crc32fast::hash(name)).then(|| other.into())
}
