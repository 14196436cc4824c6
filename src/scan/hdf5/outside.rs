//! What a dataset takes from elsewhere: values in other files, and filters that are libraries.

use super::file::File;
use super::group::local_heap;
use super::heap::global;
use super::numbers::Reader;

/// Filters that come with the library or are registered and in common use.
const FILTERS: &[usize] = &[
    1, 2, 3, 4, 5, 6, 305, 307, 32000, 32001, 32002, 32003, 32004, 32005, 32006, 32008, 32010, 32011, 32012, 32013,
    32014, 32015, 32016, 32017, 32018, 32019, 32020, 32021, 32022, 32023, 32024, 32025, 32026, 32027, 32028, 32029,
];
/// Filters of one dataset at most, by the specification.
const MOST_FILTERS: u8 = 32;

/// Filters of a pipeline message that are none of the known ones; none where it is broken.
pub(super) fn unknown_filters(mut reader: Reader<'_>) -> Option<Vec<usize>> {
    let version = reader.byte()?;
    let count = reader.byte()?;
    if count > MOST_FILTERS || !(1..=2).contains(&version) {
        return None;
    }
    if version == 1 {
        reader.skip(6)?;
    }
    let mut out = Vec::new();
    for _ in 0..count {
        let id = reader.short()?;
        let name = if version == 1 || id >= 256 { reader.short()? } else { 0 };
        reader.skip(2)?;
        let values = reader.short()?;
        reader.skip(if version == 1 { (name + 7) & !7 } else { name })?;
        reader.skip(4 * values)?;
        if version == 1 && values % 2 == 1 {
            reader.skip(4)?;
        }
        if !FILTERS.contains(&id) {
            out.push(id);
        }
    }
    Some(out)
}

/// Files that hold the values of a dataset.
pub(super) fn external_files(file: &File<'_>, mut reader: Reader<'_>) -> Result<Vec<String>, String> {
    let early = || "a list of outer files is broken".to_owned();
    reader.skip(4).ok_or_else(early)?;
    reader.short().ok_or_else(early)?;
    let count = reader.short().ok_or_else(early)?;
    let heap = reader.address().flatten().ok_or_else(early)?;
    let names = local_heap(file, heap)?;
    let mut out = Vec::new();
    for _ in 0..count {
        let name = reader.length().and_then(|at| usize::try_from(at).ok()).ok_or_else(early)?;
        reader.skip(2 * file.length_size).ok_or_else(early)?;
        let name = names.get(name..).and_then(|names| file.reader(names).text()).ok_or_else(early)?;
        out.push(name);
    }
    Ok(out)
}

/// What a layout message says.
pub(super) enum Layout {
    /// Values are in the file: where, and how many bytes, if that is one range.
    Here(Option<(u64, u64)>),
    /// Values are in the message itself: these.
    Within(Vec<u8>),
    /// Values are in pieces, which a tree of keys of so many dimensions lists.
    Pieces(Option<(u64, usize)>),
    /// Values are put together from other datasets, which a heap's object lists.
    Virtual(Option<(u64, u64)>),
}

/// Reads a layout message; none for an unknown version.
pub(super) fn layout(mut reader: Reader<'_>) -> Option<Layout> {
    let version = reader.byte()?;
    Some(match version {
        1 | 2 => old(reader)?,
        3..=5 => match reader.byte()? {
            1 => {
                let address = reader.address()?;
                let size = reader.length()?;
                Layout::Here(address.map(|address| (address, size)))
            }
            3 if version > 3 => {
                let address = reader.address()?;
                Layout::Virtual(address.zip(reader.word()))
            }
            0 => {
                let size = reader.short()?;
                Layout::Within(reader.take(size)?.to_vec())
            }
            2 if version == 3 => {
                let rank = usize::from(reader.byte()?);
                Layout::Pieces(reader.address()?.map(|address| (address, rank)))
            }
            2 => single(reader).unwrap_or(Layout::Here(None)),
            _ => return None,
        },
        _ => return None,
    })
}

/// Values in one piece, as the newest versions of the library write small ones.
fn single(mut reader: Reader<'_>) -> Option<Layout> {
    let flags = reader.byte()?;
    let rank = usize::from(reader.byte()?);
    let width = usize::from(reader.byte()?);
    let mut size = 1_u64;
    for _ in 0..rank {
        size = size.saturating_mul(reader.number(width)?);
    }
    if reader.byte()? != 1 {
        return None;
    }
    if flags & 2 != 0 {
        size = reader.length()?;
        reader.skip(4)?;
    }
    reader.address()?.map(|address| Layout::Here(Some((address, size))))
}

/// The first pieces that a tree lists: where, and how many bytes. Of a tree that is broken none: it is told nowhere,
/// since the library reads no values of it either.
pub(super) fn pieces(file: &File<'_>, address: u64, rank: usize) -> Vec<(u64, u64)> {
    /// Levels of a tree.
    const LEVELS: usize = 16;
    /// Pieces that are looked at.
    const PIECES: usize = 8;
    let mut at = address;
    for _ in 0..LEVELS {
        let head = 8 + 2 * file.offset_size;
        let key = 8 + 8 * rank;
        let Ok(held) = file.up_to(at, head + PIECES * (key + file.offset_size)) else { return Vec::new() };
        let [b'T', b'R', b'E', b'E', 1, level, low, high, ..] = held[..] else { return Vec::new() };
        let count = usize::from(u16::from_le_bytes([low, high]));
        let mut reader = file.reader(&held);
        let mut out = Vec::new();
        if reader.skip(head).is_none() {
            return Vec::new();
        }
        for _ in 0..count.min(PIECES) {
            let Some(size) = reader.word() else { break };
            if reader.skip(key - 4).is_none() {
                break;
            }
            let Some(Some(child)) = reader.address() else { break };
            out.push((child, size));
        }
        match (level, out.first()) {
            (0, _) => return out,
            (_, Some((child, _))) => at = *child,
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

/// The layout as versions of the library before 1.6.3 write it: the size is that of the dimensions.
fn old(mut reader: Reader<'_>) -> Option<Layout> {
    let rank = reader.byte()?;
    let class = reader.byte()?;
    reader.skip(5)?;
    match class {
        1 => {
            let address = reader.address()?;
            let mut size = 1_u64;
            for _ in 0..rank {
                size = size.saturating_mul(reader.word()?);
            }
            // The dimensions are those of the values, the last one the bytes of one.
            Some(Layout::Here(address.map(|address| (address, size))))
        }
        _ => Some(Layout::Here(None)),
    }
}

/// Files that a virtual dataset is put together from, `.` for the file itself, and whether that is all.
pub(super) fn virtual_files(file: &File<'_>, address: u64, index: u64) -> Result<(Vec<String>, bool), String> {
    let (_, held) = global(file, address, index)?;
    let mut reader = file.reader(&held);
    let mut out = Vec::new();
    let version = reader.byte();
    let count = reader.length().unwrap_or(0);
    let mut read = 0;
    while version == Some(0) && read < count {
        let Some(name) = reader.text() else { break };
        out.push(name);
        let rest = reader.text().and_then(|_| selection(&mut reader)).and_then(|()| selection(&mut reader));
        if rest.is_none() {
            break;
        }
        read += 1;
    }
    Ok((out, version == Some(0) && read == count))
}

/// Passes a selection; none for one of an unknown kind.
fn selection(reader: &mut Reader<'_>) -> Option<()> {
    let kind = reader.word()?;
    let version = reader.word()?;
    match (kind, version) {
        (0 | 3, 1) => reader.skip(8),
        (1 | 2, 1) => {
            reader.skip(4)?;
            let length = usize::try_from(reader.word()?).ok()?;
            reader.skip(length)
        }
        (2, 2) => {
            reader.skip(1)?;
            let length = usize::try_from(reader.word()?).ok()?;
            reader.skip(length)
        }
        (2, 3) => {
            let flags = reader.byte()?;
            let size = usize::from(reader.byte()?);
            let rank = usize::try_from(reader.word()?).ok()?;
            if flags & 1 != 0 {
                return reader.skip(rank.checked_mul(4)?.checked_mul(size)?);
            }
            let blocks = usize::try_from(reader.number(size)?).ok()?;
            reader.skip(blocks.checked_mul(rank)?.checked_mul(2)?.checked_mul(size)?)
        }
        _ => None,
    }
}
