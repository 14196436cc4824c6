//! The central directory of a zip as the zip library within torch reads it: the last end record, entries in
//! order, no checksums. Source: `caffe2/serialize/inline_container.cc` and miniz as torch builds it.

use crate::scan::fields::Fields;
use crate::source::{Bytes, Window};

/// Entries of one directory.
const MOST: usize = 1_000_000;

/// An entry of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Record {
    /// Its name; bytes that are no UTF-8 are replaced.
    pub name: String,
    pub method: u16,
    pub is_encrypted: bool,
    pub packed: u64,
    pub size: u64,
    /// Where its local header stands.
    pub header: u64,
}

/// All entries.
///
/// # Errors
/// Where torch would not open the zip.
pub(super) fn records(bytes: &dyn Bytes) -> Result<Vec<Record>, String> {
    const END: usize = 22;
    let tail_length = bytes.len().min(END as u64 + 0xffff);
    let tail_start = bytes.len() - tail_length;
    let tail = bytes.exactly(tail_start, usize::try_from(tail_length).unwrap_or(0))?;
    let end = (0..tail.len().saturating_sub(END - 1)).rev().find(|at| tail[*at..].starts_with(b"PK\x05\x06"));
    let Some(end) = end else { return Err("the zip has no end record".to_owned()) };
    let record = &tail[end..];
    let (mut count, mut size, mut start) =
        (u64::from(Fields(record).u16(10)), u64::from(Fields(record).u32(12)), u64::from(Fields(record).u32(16)));
    let at = tail_start + end as u64;
    if let Some(locator) = at.checked_sub(20).and_then(|at| bytes.exactly(at, 20).ok())
        && locator.starts_with(b"PK\x06\x07")
        && let Ok(large) = bytes.exactly(Fields(&locator).u64(8), 56)
        && large.starts_with(b"PK\x06\x06")
    {
        (count, size, start) = (Fields(&large).u64(32), Fields(&large).u64(40), Fields(&large).u64(48));
    }
    if start.checked_add(size).is_none_or(|end| end > bytes.len()) {
        return Err("the directory of the zip reaches beyond the end".to_owned());
    }
    let count = usize::try_from(count).ok().filter(|count| *count <= MOST);
    let count = count.ok_or_else(|| "the zip has too many entries".to_owned())?;
    let mut window = Window::new(bytes, 64 << 10);
    let mut at = start;
    let mut out = Vec::new();
    for _ in 0..count {
        let head = window.at(at, 46)?;
        if head.len() < 46 || !head.starts_with(b"PK\x01\x02") {
            return Err("the directory of the zip is broken".to_owned());
        }
        let (flags, method) = (Fields(head).u16(8), Fields(head).u16(10));
        let (packed, size) = (u64::from(Fields(head).u32(20)), u64::from(Fields(head).u32(24)));
        let lengths = [Fields(head).u16(28), Fields(head).u16(30), Fields(head).u16(32)].map(usize::from);
        let header = u64::from(Fields(head).u32(42));
        let whole = 46 + lengths.iter().sum::<usize>();
        let entry = window.at(at, whole)?;
        let Some(entry) = entry.get(..whole) else { return Err("the directory of the zip is broken".to_owned()) };
        let name = String::from_utf8_lossy(&entry[46..46 + lengths[0]]).into_owned();
        let extra = &entry[46 + lengths[0]..46 + lengths[0] + lengths[1]];
        let mut record = Record { name, method, is_encrypted: flags & 0x2041 != 0, packed, size, header };
        large(extra, &mut record);
        out.push(record);
        at += whole as u64;
    }
    Ok(out)
}

/// Numbers beyond 32 bits stand in an extra field, those that are needed, in order.
fn large(mut extra: &[u8], record: &mut Record) {
    const NONE: u64 = 0xffff_ffff;
    while extra.len() >= 4 {
        let (kind, length) = (Fields(extra).u16(0), usize::from(Fields(extra).u16(2)));
        let Some(body) = extra.get(4..4 + length) else { return };
        if kind == 1 {
            let mut at = 0;
            for field in [&mut record.size, &mut record.packed, &mut record.header] {
                if *field == NONE && body.len() >= at + 8 {
                    *field = Fields(body).u64(at);
                    at += 8;
                }
            }
            return;
        }
        extra = &extra[4 + length..];
    }
}

/// Where the bytes of an entry begin.
///
/// # Errors
/// Where it has no local header.
pub(super) fn start(bytes: &dyn Bytes, record: &Record) -> Result<u64, String> {
    let head = bytes.up_to(record.header, 30)?;
    if head.len() < 30 || !head.starts_with(b"PK\x03\x04") {
        return Err(format!("`{}` has no local header", record.name));
    }
    let skip = 30 + u64::from(Fields(&head).u16(26)) + u64::from(Fields(&head).u16(28));
    Ok(record.header.saturating_add(skip))
}
