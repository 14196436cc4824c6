//! The memo of the machine: what a pickle stored to be read again.
//!
//! Picklers of CPython store nearly every object, so a large pickle has tens of millions of entries. Pages of
//! 256 entries are packed once the machine goes on to another: two or three bytes for most entries.

use std::collections::HashMap;

use super::value::{Kind, Value};

const PAGE: usize = 256;
/// Indices that may be left out before an index counts as far away.
const GAP: u64 = 1 << 16;
/// Entries that may lie far away.
const FAR: usize = 100_000;
/// Bytes of packed pages.
const PACKED: usize = 256 << 20;
/// Entries read before that are found at once.
const RECENT: usize = 1024;

/// What became of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stored {
    /// It is kept.
    Kept,
    /// It is kept, and lies so far from the others that a loader takes memory for all between.
    Far,
    /// There is no room.
    Full,
}

/// The memo.
#[derive(Debug, Default)]
pub(super) struct Memo {
    pages: Vec<Box<[u8]>>,
    packed: usize,
    open: Vec<Option<Value>>,
    number: u64,
    recent: Vec<Option<(u64, Value)>>,
    far: HashMap<u64, Value>,
    count: u64,
}

impl Memo {
    /// How many entries there are: the index at which MEMOIZE stores.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// Forgets all.
    pub(super) fn clear(&mut self) {
        if self.count > 0 {
            self.pages.clear();
            self.open.clear();
            self.recent.fill(None);
            self.far.clear();
            (self.packed, self.number, self.count) = (0, 0, 0);
        }
    }

    /// Stores an entry.
    #[inline]
    pub(super) fn set(&mut self, index: u64, value: Value) -> Stored {
        if self.number != index / PAGE as u64 {
            if index >= (self.pages.len().max(1) * PAGE) as u64 + self.open.len() as u64 + GAP {
                self.count += u64::from(self.far.insert(index, value).is_none());
                return if self.far.len() > FAR { Stored::Full } else { Stored::Far };
            }
            self.turn(index / PAGE as u64);
        }
        if self.open.is_empty() {
            self.open.resize(PAGE, None);
        }
        self.count += u64::from(self.open[index as usize % PAGE].replace(value).is_none());
        if !self.recent.is_empty() {
            let slot = &mut self.recent[index as usize % RECENT];
            *slot = slot.filter(|(kept, _)| *kept != index);
        }
        if self.packed > PACKED { Stored::Full } else { Stored::Kept }
    }

    /// Stores what became of a container that has an entry. Where the entry lies on another page, only a
    /// weight that says something is worth the way.
    #[inline]
    pub(super) fn refresh(&mut self, index: u64, value: Value) {
        if self.number == index / PAGE as u64 {
            if let Some(Some(entry)) = self.open.get_mut(index as usize % PAGE) {
                *entry = value;
            }
        } else if value.weight() >= LIGHT && self.get(index).is_some_and(|before| before.weight() != value.weight()) {
            self.set(index, value);
        }
    }

    /// Reads an entry.
    #[inline]
    pub(super) fn get(&mut self, index: u64) -> Option<Value> {
        if self.number == index / PAGE as u64 {
            return self.open.get(index as usize % PAGE).copied().flatten();
        }
        if self.recent.is_empty() {
            self.recent.resize(RECENT, None);
        }
        let slot = index as usize % RECENT;
        if let Some((_, value)) = self.recent[slot].filter(|(kept, _)| *kept == index) {
            return Some(value);
        }
        let page = usize::try_from(index / PAGE as u64).ok().and_then(|number| self.pages.get(number));
        let value = match page {
            Some(page) => unpack(page).nth(index as usize % PAGE).flatten(),
            None => None,
        };
        let value = value.or_else(|| self.far.get(&index).copied());
        if let Some(value) = value {
            self.recent[slot] = Some((index, value));
        }
        value
    }

    /// Packs the open page and opens another.
    fn turn(&mut self, number: u64) {
        if !self.open.is_empty() {
            let packed = pack(&self.open);
            self.place(packed);
        }
        self.number = number;
        self.open.clear();
        self.open.resize(PAGE, None);
        if let Some(page) = self.pages.get_mut(number as usize) {
            self.packed -= page.len();
            for (entry, value) in self.open.iter_mut().zip(unpack(page)) {
                *entry = value;
            }
            *page = Box::default();
        }
    }

    fn place(&mut self, packed: Box<[u8]>) {
        let number = self.number as usize;
        if self.pages.len() <= number {
            self.pages.resize(number + 1, Box::default());
        }
        self.packed += packed.len();
        self.pages[number] = packed;
    }
}

const UNSET: u8 = 0x1f;
const HAS_PAYLOAD: u8 = 0x20;
const HAS_WEIGHT: u8 = 0x40;
/// The same entry, without payload, so many times more: the count follows.
const AGAIN: u8 = 0x80;

/// A weight below this says nothing.
const LIGHT: u16 = 10 * 8;

fn pack(entries: &[Option<Value>]) -> Box<[u8]> {
    let mut out = Vec::with_capacity(entries.len() * 3);
    let mut before = 0_u64;
    let mut plain: Option<usize> = None;
    for entry in entries {
        let Some(value) = entry else {
            push_plain(&mut out, &mut plain, UNSET);
            continue;
        };
        let kind = value.kind();
        // What containers hold is forgotten soon, and these are never read for it from so far back.
        let payload = if matches!(kind, Kind::List | Kind::Dict | Kind::Set) { 0 } else { value.payload() };
        let weight = if value.weight() < LIGHT { 0 } else { value.weight() };
        let mut head = kind as u8;
        if payload == 0 && weight == 0 {
            push_plain(&mut out, &mut plain, head);
            continue;
        }
        plain = None;
        head |= if payload > 0 { HAS_PAYLOAD } else { 0 };
        head |= if weight > 0 { HAS_WEIGHT } else { 0 };
        out.push(head);
        if payload > 0 {
            let delta = payload.wrapping_sub(before) as i64;
            number(&mut out, (delta << 1 ^ delta >> 63) as u64);
            before = payload;
        }
        if weight > 0 {
            number(&mut out, u64::from(weight));
        }
    }
    if out.len() == 2 && out[0] == AGAIN | UNSET { Box::default() } else { out.into_boxed_slice() }
}

/// Adds an entry of one byte, or counts it where the last one was the same.
fn push_plain(out: &mut Vec<u8>, plain: &mut Option<usize>, head: u8) {
    if let Some(at) = plain.filter(|at| out[*at] & UNSET == head) {
        if out[at] & AGAIN == 0 {
            out[at] |= AGAIN;
            out.push(0);
        }
        // A page has 256 entries, so that 255 more fit one byte.
        out[at + 1] += 1;
        return;
    }
    *plain = Some(out.len());
    out.push(head);
}

fn number(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn unpack(page: &[u8]) -> Unpack<'_> {
    Unpack { page, at: 0, before: 0, again: 0, last: None }
}

struct Unpack<'p> {
    page: &'p [u8],
    at: usize,
    before: u64,
    again: u8,
    last: Option<Value>,
}

impl Unpack<'_> {
    fn number(&mut self) -> u64 {
        let (mut value, mut shift) = (0, 0);
        while let Some(byte) = self.page.get(self.at) {
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 || shift > 56 {
                break;
            }
        }
        value
    }
}

impl Iterator for Unpack<'_> {
    type Item = Option<Value>;

    fn next(&mut self) -> Option<Option<Value>> {
        if self.again > 0 {
            self.again -= 1;
            return Some(self.last);
        }
        let head = *self.page.get(self.at)?;
        self.at += 1;
        let kind = u64::from(head & 0x1f);
        let mut value = (head & 0x1f != UNSET).then(|| Value::from_bits(kind << 58));
        if head & HAS_PAYLOAD != 0 {
            let moved = self.number();
            let delta = (moved >> 1) as i64 ^ -((moved & 1) as i64);
            self.before = self.before.wrapping_add(delta as u64);
            value = value.map(|value| value.at(self.before));
        }
        if head & HAS_WEIGHT != 0 {
            let weight = self.number();
            value = value.map(|value| value.weighing(weight as u16));
        }
        if head & AGAIN != 0 {
            self.again = self.page.get(self.at).copied().unwrap_or(0);
            self.at += 1;
        }
        self.last = value;
        Some(value)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn entries_are_found_again_and_counted_once() {
        let mut memo = Memo::default();
        for index in 0..100_000_u64 {
            let kind = [Kind::Text, Kind::Global, Kind::Tuple, Kind::Result][index as usize % 4];
            assert_eq!(memo.set(index, Value::new(kind, index * 47)), Stored::Kept);
        }
        assert_eq!(memo.count(), 100_000);
        for index in (0..100_000).step_by(977) {
            assert_eq!(memo.get(index).map(Value::payload), Some(index * 47));
        }
        memo.set(5, Value::int(9));
        assert_eq!(memo.get(5), Some(Value::int(9)));
        assert_eq!(memo.get(977 * 4).map(Value::payload), Some(977 * 4 * 47));
        assert_eq!(memo.count(), 100_000);
        assert_eq!(memo.get(100_000), None);
        assert_eq!(memo.set(u64::from(u32::MAX), Value::int(3)), Stored::Far);
        assert_eq!(memo.get(u64::from(u32::MAX)), Some(Value::int(3)));
        assert_eq!(memo.count(), 100_001);
        memo.clear();
        assert_eq!((memo.get(5), memo.count()), (None, 0));
    }

    #[test]
    fn plain_entries_take_no_room() {
        let mut memo = Memo::default();
        for index in 0..1_000_000 {
            memo.set(index, Value::new(Kind::Dict, 12));
        }
        assert!(memo.packed < 10_000, "{}", memo.packed);
    }

    proptest! {
        #[test]
        fn a_memo_is_a_map(steps in proptest::collection::vec((0_u64..3000, 0_u64..1 << 47, 10_u8..15), 0..400)) {
            let mut memo = Memo::default();
            let mut map = HashMap::new();
            for (index, payload, kind) in steps {
                let value = Value::from_bits(u64::from(kind) << 58).at(payload);
                prop_assert_eq!(memo.get(index), map.get(&index).copied());
                memo.set(index, value);
                map.insert(index, value);
                prop_assert_eq!(memo.get(index), Some(value));
                prop_assert_eq!(memo.count(), map.len() as u64);
            }
        }
    }
}
