//! Heaps and their indexes: the collections that texts of any length lie in, and the fractal heaps that
//! hold what does not fit into an object header.

use std::collections::BTreeSet;

use super::file::{Collection, File};
use super::numbers::Reader;

/// Collections whose objects are remembered. A number of an object has 16 bits.
const COLLECTIONS: usize = 64;
/// Nodes of one index at most.
const NODES: usize = 100_000;
/// Objects of one heap at most.
const OBJECTS: usize = 200_000;

/// The object of a global heap collection: where it lies, and its bytes.
pub(super) fn global(file: &File<'_>, address: u64, index: u64) -> Result<(u64, Vec<u8>), String> {
    let mut held = file.collections.borrow_mut();
    if !held.contains_key(&address) {
        if held.len() >= COLLECTIONS {
            held.clear();
        }
        held.insert(address, collection(file, address)?);
    }
    let place = held.get(&address).and_then(|objects| objects.get(&index)).copied();
    let (place, length) = place.ok_or("a text is missing in its heap")?;
    Ok((place, file.at(place, length)?))
}

/// Where the objects of a collection are. Only their headers are read: they may be as large as they like.
fn collection(file: &File<'_>, address: u64) -> Result<Collection, String> {
    let early = || "a heap of texts ends early".to_owned();
    let head = file.up_to(address, 8 + file.length_size)?;
    if !head.starts_with(b"GCOL") {
        return Err("a text lies in what is no heap".to_owned());
    }
    let mut reader = file.reader(&head);
    reader.skip(8).ok_or_else(early)?;
    let size = reader.length().ok_or_else(early)?;
    let mut at = (8 + file.length_size) as u64;
    let each = 8 + file.length_size as u64;
    let mut out = Collection::new();
    while at.checked_add(each).is_some_and(|end| end <= size) {
        let place = address.checked_add(at).ok_or_else(early)?;
        let head = file.at(place, each)?;
        let mut reader = file.reader(&head);
        let fields = reader.short().zip(reader.skip(6).and_then(|()| reader.length()));
        let (number, length) = fields.ok_or_else(early)?;
        if number == 0 {
            break;
        }
        out.entry(number as u64).or_insert((place + each, length));
        let padded = length.checked_add(7).ok_or_else(early)? & !7;
        at = at.checked_add(each).and_then(|at| at.checked_add(padded)).ok_or_else(early)?;
    }
    Ok(out)
}

/// The records of an index (a B-tree of the second version) and what kind they are.
pub(super) fn records(file: &File<'_>, address: u64) -> Result<(u8, Vec<Vec<u8>>), String> {
    let early = || "an index ends early".to_owned();
    let head = file.at(address, (22 + file.offset_size + file.length_size) as u64)?;
    let mut reader = file.reader(&head);
    if reader.take(4) != Some(b"BTHD") {
        return Err("an index is of an unknown kind".to_owned());
    }
    let fields = |reader: &mut Reader<'_>| {
        reader.skip(1)?;
        let kind = reader.byte()?;
        let node = reader.word()?;
        let record = reader.short()?;
        let depth = reader.short()?;
        reader.skip(2)?;
        Some((kind, node, record, depth, reader.address()?, reader.short()?))
    };
    let (kind, node, record, depth, root, count) = fields(&mut reader).ok_or_else(early)?;
    let Some(root) = root else { return Ok((kind, Vec::new())) };
    if record == 0 || depth > 20 || node < 10 {
        return Err("an index is out of its rules".to_owned());
    }
    let shape = Shape::new(file, node, record, depth);
    let mut out = Vec::new();
    let mut open = vec![(root, count, depth)];
    let mut seen = BTreeSet::new();
    while let Some((address, count, depth)) = open.pop() {
        if !seen.insert(address) || seen.len() > NODES || out.len() > OBJECTS {
            return Err("an index leads back to itself, or is larger than is read".to_owned());
        }
        let held = file.at(address, node)?;
        let expected: &[u8] = if depth == 0 { b"BTLF" } else { b"BTIN" };
        if !held.starts_with(expected) {
            return Err("an index leads to something else".to_owned());
        }
        let mut reader = file.reader(&held);
        reader.skip(6).ok_or_else(early)?;
        for _ in 0..count {
            out.push(reader.take(record).ok_or_else(early)?.to_vec());
        }
        if depth > 0 {
            for _ in 0..=count {
                let child = reader.address().ok_or_else(early)?.ok_or_else(early)?;
                let number = reader.number(shape.count_size).ok_or_else(early)?;
                reader.skip(shape.total_size(depth)).ok_or_else(early)?;
                open.push((child, usize::try_from(number).unwrap_or(usize::MAX), depth - 1));
            }
        }
    }
    Ok((kind, out))
}

/// How wide the numbers in the nodes of an index are.
struct Shape {
    count_size: usize,
    /// For each depth, bytes of the number of all records below a node.
    totals: Vec<usize>,
}

impl Shape {
    fn new(file: &File<'_>, node: u64, record: usize, depth: usize) -> Self {
        let most = (node - 10) / record as u64;
        let count_size = width(most);
        let mut totals = vec![0];
        let mut below = most;
        for at in 1..=depth {
            let pointer = (file.offset_size + count_size + totals[at - 1]) as u64;
            let most = node.saturating_sub(10 + pointer) / (record as u64 + pointer);
            below = most.saturating_add(1).saturating_mul(below).saturating_add(most);
            totals.push(width(below));
        }
        Self { count_size, totals }
    }

    /// Bytes of the number of all records below a child of a node at a depth.
    fn total_size(&self, depth: usize) -> usize {
        self.totals.get(depth - 1).copied().unwrap_or(0)
    }
}

/// Bytes that a number up to `most` takes.
fn width(most: u64) -> usize {
    most.max(1).ilog2() as usize / 8 + 1
}

/// A fractal heap.
pub(super) struct Heap<'f, 'b> {
    file: &'f File<'b>,
    id_length: usize,
    has_filters: bool,
    huge_index: Option<u64>,
    bits: u32,
    offset_bytes: usize,
    length_bytes: usize,
    width: u64,
    starting: u64,
    largest_direct: u64,
    root: Option<u64>,
    root_rows: usize,
}

impl<'f, 'b> Heap<'f, 'b> {
    /// Reads its header.
    pub(super) fn open(file: &'f File<'b>, address: u64) -> Result<Self, String> {
        let held = file.up_to(address, 512)?;
        if !held.starts_with(b"FRHP") {
            return Err("a heap is of an unknown kind".to_owned());
        }
        Self::header(file, &held).ok_or_else(|| "a heap is out of its rules".to_owned())
    }

    fn header(file: &'f File<'b>, held: &[u8]) -> Option<Self> {
        let mut reader = file.reader(held);
        reader.skip(5)?;
        let id_length = reader.short()?;
        let filters = reader.short()?;
        reader.skip(1)?;
        let most_managed = reader.word()?;
        reader.length()?;
        let huge_index = reader.address()?;
        reader.length()?;
        reader.address()?;
        for _ in 0..8 {
            reader.length()?;
        }
        let width_of_table = reader.short()? as u64;
        let starting = reader.length()?;
        let largest_direct = reader.length()?;
        let bits = u32::try_from(reader.short()?).ok()?;
        reader.skip(2)?;
        let root = reader.address()?;
        let root_rows = reader.short()?;
        if width_of_table == 0 || !starting.is_power_of_two() || !largest_direct.is_power_of_two() || bits > 64 {
            return None;
        }
        let length_bytes = (largest_direct.ilog2() as usize).div_ceil(8).min(width(most_managed)).max(1);
        Some(Self {
            file,
            id_length,
            has_filters: filters != 0,
            huge_index,
            bits,
            offset_bytes: (bits as usize).div_ceil(8),
            length_bytes,
            width: width_of_table,
            starting,
            largest_direct,
            root,
            root_rows,
        })
    }

    /// Bytes of an id of its objects.
    pub(super) fn id_length(&self) -> usize {
        self.id_length
    }

    /// An object by its id: where it lies, where that is one place, and its bytes.
    pub(super) fn object(&self, id: &[u8]) -> Result<(Option<u64>, Vec<u8>), String> {
        let broken = || "an id of a heap's object is broken".to_owned();
        let first = *id.first().ok_or_else(broken)?;
        let mut reader = self.file.reader(id);
        reader.skip(1).ok_or_else(broken)?;
        match first >> 4 & 3 {
            0 => {
                let at = reader.number(self.offset_bytes).ok_or_else(broken)?;
                let length = reader.number(self.length_bytes).ok_or_else(broken)?;
                self.managed(at, length)
            }
            1 if self.has_filters => Err("a large object of a heap is packed".to_owned()),
            1 if self.id_length > self.file.offset_size + self.file.length_size => {
                let address = reader.address().flatten().ok_or_else(broken)?;
                let length = reader.length().ok_or_else(broken)?;
                Ok((Some(address), self.file.at(address, length)?))
            }
            1 => self.huge(reader.rest()),
            2 => {
                let is_long = self.id_length > 17;
                let low = usize::from(first & 0xF);
                let length = if is_long { low << 8 | usize::from(reader.byte().ok_or_else(broken)?) } else { low } + 1;
                Ok((None, reader.take(length).ok_or_else(broken)?.to_vec()))
            }
            _ => Err(broken()),
        }
    }

    /// A large object, which an index of its own knows by number.
    fn huge(&self, key: &[u8]) -> Result<(Option<u64>, Vec<u8>), String> {
        let broken = || "a large object of a heap is not in its index".to_owned();
        let key = key.get(..key.len().min(8)).unwrap_or_default();
        let wanted = self.file.reader(key).number(key.len()).ok_or_else(broken)?;
        let (kind, records) = records(self.file, self.huge_index.ok_or_else(broken)?)?;
        if kind != 1 {
            return Err("a large object of a heap is packed".to_owned());
        }
        for record in records {
            let mut reader = self.file.reader(&record);
            let (Some(Some(address)), Some(length), Some(id)) = (reader.address(), reader.length(), reader.length())
            else {
                continue;
            };
            if id == wanted {
                return Ok((Some(address), self.file.at(address, length)?));
            }
        }
        Err(broken())
    }

    /// An object in one of the blocks of the heap.
    fn managed(&self, at: u64, length: u64) -> Result<(Option<u64>, Vec<u8>), String> {
        let lost = || "an object lies outside of its heap".to_owned();
        if self.has_filters {
            return Err("the blocks of a heap are packed".to_owned());
        }
        let mut address = self.root.ok_or_else(lost)?;
        let mut start = 0_u64;
        let mut rows = self.root_rows;
        // Each step goes to a block of at most half the size.
        for _ in 0..64 {
            if rows == 0 {
                let place = at.checked_sub(start).and_then(|inner| address.checked_add(inner)).ok_or_else(lost)?;
                let end = (at - start).checked_add(length).ok_or_else(lost)?;
                if end > self.largest_direct {
                    return Err(lost());
                }
                return Ok((Some(place), self.file.at(place, length)?));
            }
            (address, start, rows) = self.child(address, start, rows, at)?;
        }
        Err(lost())
    }

    /// The child of an indirect block that holds an offset: its address, its first offset, its rows where
    /// it is indirect itself.
    fn child(&self, address: u64, start: u64, rows: usize, at: u64) -> Result<(u64, u64, usize), String> {
        let lost = || "an object lies outside of its heap".to_owned();
        let head = 5 + self.file.offset_size as u64 + self.offset_bytes as u64;
        let mut first = start;
        let mut entry = 0_u64;
        for row in 0..rows.min(self.bits as usize + 2) {
            let shift = u32::try_from(row.saturating_sub(1)).unwrap_or(u32::MAX);
            let size = 1_u64.checked_shl(shift).and_then(|n| n.checked_mul(self.starting)).ok_or_else(lost)?;
            let all = size.checked_mul(self.width).and_then(|all| all.checked_add(first)).ok_or_else(lost)?;
            if at >= all {
                first = all;
                entry += self.width;
                continue;
            }
            let column = (at.checked_sub(first).ok_or_else(lost)?) / size;
            let place = head + (entry + column) * self.file.offset_size as u64;
            let piece = self.file.at(address.checked_add(place).ok_or_else(lost)?, self.file.offset_size as u64)?;
            if self.file.up_to(address, 4)? != b"FHIB" {
                return Err("a heap leads to something else".to_owned());
            }
            let child = self.file.reader(&piece).address().flatten().ok_or_else(lost)?;
            let rows = if size <= self.largest_direct {
                0
            } else {
                let below = self.starting.checked_mul(self.width).filter(|n| *n > 0).ok_or_else(lost)?;
                (size.ilog2() as usize).saturating_sub(below.ilog2() as usize) + 1
            };
            return Ok((child, first + column * size, rows));
        }
        Err(lost())
    }
}
