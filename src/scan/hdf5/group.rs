//! Links of a group in each of the ways that they are stored.

use std::collections::BTreeSet;

use super::file::File;
use super::heap::{Heap, records};
use super::numbers::Reader;

/// Nodes of one index of links at most.
const NODES: usize = 200_000;

/// A link of a group.
pub(super) struct Link {
    /// Its name.
    pub(super) name: String,
    /// Where it leads.
    pub(super) target: Target,
}

/// Where a link leads.
pub(super) enum Target {
    /// To the object at an address.
    Object(u64),
    /// To a path in the same file.
    Path,
    /// To a path in another file.
    File {
        /// The file, as it is written.
        file: String,
        /// The path in it.
        path: String,
    },
    /// A kind that a program defines for itself.
    Other(u8),
}

/// Reads a link message.
pub(super) fn link(mut reader: Reader<'_>) -> Option<Link> {
    if reader.byte()? != 1 {
        return None;
    }
    let flags = reader.byte()?;
    let kind = if flags & 0x08 != 0 { reader.byte()? } else { 0 };
    if flags & 0x04 != 0 {
        reader.skip(8)?;
    }
    if flags & 0x10 != 0 {
        reader.skip(1)?;
    }
    let length = usize::try_from(reader.number(1 << (flags & 3))?).ok()?;
    let name = String::from_utf8_lossy(reader.take(length)?).into_owned();
    let target = match kind {
        0 => Target::Object(reader.address()??),
        1 => Target::Path,
        64 => {
            let length = reader.short()?;
            let value = reader.take(length)?;
            let mut value = Reader::new(value.get(1..)?, 8, 8);
            Target::File { file: value.text()?, path: value.text().unwrap_or_default() }
        }
        other => Target::Other(other),
    };
    Some(Link { name, target })
}

/// Links that a link info message tells of: those in the fractal heap.
pub(super) fn dense(file: &File<'_>, mut reader: Reader<'_>) -> Result<Vec<Link>, String> {
    let early = || "the links of a group end early".to_owned();
    reader.skip(1).ok_or_else(early)?;
    let flags = reader.byte().ok_or_else(early)?;
    if flags & 1 != 0 {
        reader.skip(8).ok_or_else(early)?;
    }
    let heap = reader.address().ok_or_else(early)?;
    let by_name = reader.address().ok_or_else(early)?;
    let by_order = if flags & 2 != 0 { reader.address().ok_or_else(early)? } else { None };
    let Some(heap) = heap else { return Ok(Vec::new()) };
    let heap = Heap::open(file, heap)?;
    let mut out = Vec::new();
    for id in ids(file, &heap, &[by_name, by_order])? {
        let (_, body) = heap.object(&id)?;
        out.push(link(file.reader(&body)).ok_or("a link is of an unknown kind")?);
    }
    Ok(out)
}

/// Ids of the objects of a heap that its indexes know, each once.
pub(super) fn ids(file: &File<'_>, heap: &Heap<'_, '_>, indexes: &[Option<u64>]) -> Result<BTreeSet<Vec<u8>>, String> {
    let mut out = BTreeSet::new();
    for address in indexes.iter().flatten() {
        let (kind, records) = records(file, *address)?;
        // Names of links come behind their hash, links by their order behind that.
        let skip = match kind {
            5 => 4,
            6 => 8,
            8 | 9 => 0,
            _ => return Err("an index is of another kind than it should be".to_owned()),
        };
        // Ids of attributes are eight bytes however long those of the heap are.
        let length = if kind >= 8 { 8 } else { heap.id_length() };
        for record in records {
            let id = record.get(skip..skip + length).ok_or("a record of an index ends early")?;
            // An attribute that is shared lies in a heap of the file.
            if kind >= 8 && record.get(8).is_some_and(|flags| flags & 2 != 0) {
                return Err("an attribute is shared between objects".to_owned());
            }
            out.insert(id.to_vec());
        }
    }
    Ok(out)
}

/// Links of a group as the first version stores them: a tree of tables, and a heap of names.
pub(super) fn table(file: &File<'_>, tree: u64, heap: u64) -> Result<Vec<Link>, String> {
    let early = || "the links of a group end early".to_owned();
    let names = local_heap(file, heap)?;
    let mut out = Vec::new();
    let mut open = vec![tree];
    let mut seen = BTreeSet::new();
    while let Some(address) = open.pop() {
        if !seen.insert(address) || seen.len() > NODES {
            return Err("the links of a group lead back to themselves, or are more than are read".to_owned());
        }
        let head = file.up_to(address, 8)?;
        let mut reader = file.reader(&head);
        if head.starts_with(b"TREE") && head.get(4) == Some(&0) {
            reader.skip(6).ok_or_else(early)?;
            let count = reader.short().ok_or_else(early)?;
            let start = address + 8 + 2 * file.offset_size as u64;
            let each = file.offset_size + file.length_size;
            let held = file.at(start, (count * each) as u64)?;
            let mut reader = file.reader(&held);
            for _ in 0..count {
                reader.length().ok_or_else(early)?;
                open.push(reader.address().flatten().ok_or_else(early)?);
            }
        } else if head.starts_with(b"SNOD") {
            reader.skip(6).ok_or_else(early)?;
            let count = reader.short().ok_or_else(early)?;
            let each = 2 * file.offset_size + 24;
            let held = file.at(address + 8, (count * each) as u64)?;
            for entry in held.chunks_exact(each) {
                out.push(symbol(file, entry, &names).ok_or("a link is broken")?);
            }
        } else {
            return Err("the links of a group lead to something else".to_owned());
        }
    }
    Ok(out)
}

fn symbol(file: &File<'_>, entry: &[u8], names: &[u8]) -> Option<Link> {
    let mut reader = file.reader(entry);
    let name = usize::try_from(reader.number(file.offset_size)?).ok()?;
    let name = file.reader(names.get(name..)?).text()?;
    let address = reader.address()?;
    let cache = reader.word()?;
    let target = match (cache, address) {
        (2, _) | (_, None) => Target::Path,
        (_, Some(address)) => Target::Object(address),
    };
    Some(Link { name, target })
}

/// The texts of a local heap.
pub(super) fn local_heap(file: &File<'_>, address: u64) -> Result<Vec<u8>, String> {
    let held = file.up_to(address, 8 + 2 * file.length_size + file.offset_size)?;
    let mut reader = file.reader(&held);
    if reader.take(4) != Some(b"HEAP") {
        return Err("the names of a group lie in what is no heap".to_owned());
    }
    let fields = reader.skip(4).and_then(|()| reader.length().zip(reader.length())).zip(reader.address().flatten());
    let ((size, _), data) = fields.ok_or("a heap of names ends early")?;
    file.at(data, size)
}
