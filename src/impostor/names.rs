//! The popular names, and how they are looked up: by binary search, never decoded as a whole.
//!
//! The embedded table is made by the build script from `advisories-cache/names/`. What leads outside a
//! table counts as absent.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::encode::MAGIC;
use super::shape::{List, RUN_BYTES, hash, look, ordered, runs};

/// Names found by one part of a name that are looked at. The largest family of the list has a few hundred.
const MOST_FOUND: usize = 4096;

static EMBEDDED: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/names.bin"));

/// A table of popular names.
#[derive(Debug, Clone)]
pub struct Names {
    bytes: Cow<'static, [u8]>,
    sections: [Section; List::ALL.len()],
}

/// Where the parts of a list begin.
#[derive(Debug, Clone, Copy, Default)]
struct Section {
    count: usize,
    offsets: usize,
    levels: usize,
    by_end: usize,
    looks: Shapes,
    orders: Shapes,
    words: usize,
    word_count: usize,
    runs: usize,
    day: usize,
    names: usize,
}

/// Hashes in order, and behind them the numbers of the names.
#[derive(Debug, Clone, Copy, Default)]
struct Shapes {
    count: usize,
    at: usize,
}

/// A name of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known<'a> {
    /// Its number in the list.
    pub id: u16,
    /// As written.
    pub name: &'a str,
    /// 0 is known everywhere, 7 barely.
    pub level: u8,
}

impl Names {
    /// The names compiled into the program.
    #[must_use]
    pub fn embedded() -> Self {
        Self::from_bytes(EMBEDDED)
    }

    /// Takes a table. One that is none holds no name.
    #[must_use]
    pub fn from_bytes(bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        let mut sections = [Section::default(); List::ALL.len()];
        if bytes.starts_with(MAGIC) {
            for (index, section) in sections.iter_mut().enumerate() {
                let at = MAGIC.len() + index * 8;
                let start = number(&bytes, at);
                let found = start.zip(number(&bytes, at + 4)).filter(|(start, end)| start < end);
                *section = found.and_then(|(start, _)| Section::read(&bytes, start)).unwrap_or_default();
            }
        }
        Self { bytes, sections }
    }

    /// How many names a list has.
    #[must_use]
    pub fn len(&self, list: List) -> usize {
        self.section(list).count
    }

    /// Whether a list has no name.
    #[must_use]
    pub fn is_empty(&self, list: List) -> bool {
        self.len(list) == 0
    }

    /// The day a list stands for.
    #[must_use]
    pub fn day(&self, list: List) -> &str {
        let at = self.section(list).day;
        self.bytes.get(at..at + 10).and_then(|day| std::str::from_utf8(day).ok()).unwrap_or("").trim_end()
    }

    /// A name by its number.
    #[must_use]
    pub fn get(&self, list: List, id: u16) -> Option<Known<'_>> {
        let section = self.section(list);
        let index = usize::from(id);
        if index >= section.count {
            return None;
        }
        let start = number(&self.bytes, section.offsets + index * 4)?;
        let end = number(&self.bytes, section.offsets + index * 4 + 4)?;
        let name = self.bytes.get(section.names + start..section.names + end)?;
        let level = *self.bytes.get(section.levels + index)?;
        Some(Known { id, name: std::str::from_utf8(name).ok()?, level })
    }

    /// All names of a list, in its order.
    pub fn all(&self, list: List) -> impl Iterator<Item = Known<'_>> {
        (0..).take(self.len(list)).filter_map(move |id| self.get(list, id))
    }

    /// The entry of a name, in any spelling.
    #[must_use]
    pub fn find(&self, list: List, name: &str) -> Option<Known<'_>> {
        let key = list.key(name);
        let at = self.lower_bound(list, &key);
        self.nth(list, at).filter(|known| compare(list, known.name, &key) == Ordering::Equal)
    }

    /// Whether a word stands in some name of a list.
    #[must_use]
    pub fn has_word(&self, list: List, word: &str) -> bool {
        let section = self.section(list);
        let wanted = hash(word);
        let (mut low, mut high) = (0, section.word_count);
        while low < high {
            let middle = low + (high - low) / 2;
            match number(&self.bytes, section.words + middle * 4).map(|found| found.cmp(&(wanted as usize))) {
                Some(Ordering::Less) => low = middle + 1,
                Some(Ordering::Greater) => high = middle,
                Some(Ordering::Equal) => return true,
                None => return false,
            }
        }
        false
    }

    /// How many runs of three characters of a word stand in hardly any name of a list. Slips make such runs.
    #[must_use]
    pub fn rare_runs(&self, list: List, word: &str) -> usize {
        let at = self.section(list).runs;
        let is_rare = |run: &usize| self.bytes.get(at + run / 8).is_none_or(|byte| byte >> (run % 8) & 1 == 0);
        runs(word).filter(is_rare).count()
    }

    /// Names that may be one edit from a name, look like it, or have its words in another order. `key` is in
    /// the list's one spelling. A superset: who asks compares.
    #[must_use]
    pub fn near(&self, list: List, key: &str) -> BTreeSet<u16> {
        let mut out = BTreeSet::new();
        let half = key.len() / 2;
        // One edit lies before the middle or behind it: one of the halves is the same in both.
        if let (Some(head), Some(tail)) = (key.get(..half), key.get(half + 1..)) {
            let near = |known: &Known<'_>| known.name.len().abs_diff(key.len()) <= 1;
            if !head.is_empty() {
                self.beginning(list, head, near, &mut out);
            }
            if !tail.is_empty() {
                self.ending(list, tail, near, &mut out);
            }
        }
        let section = self.section(list);
        self.of_shape(section.looks, &look(key), &mut out);
        if let Some(order) = ordered(key) {
            self.of_shape(section.orders, &order, &mut out);
        }
        out
    }

    fn beginning(&self, list: List, head: &str, near: impl Fn(&Known<'_>) -> bool, out: &mut BTreeSet<u16>) {
        let mut at = self.lower_bound(list, head);
        let end = at + MOST_FOUND;
        while let Some(known) = self.nth(list, at).filter(|k| at < end && begins(list, k.name, head)) {
            if near(&known) {
                out.insert(known.id);
            }
            at += 1;
        }
    }

    fn ending(&self, list: List, tail: &str, near: impl Fn(&Known<'_>) -> bool, out: &mut BTreeSet<u16>) {
        let section = self.section(list);
        let known = |at: usize| self.get(list, short(&self.bytes, section.by_end + at * 2)?);
        let (mut low, mut high) = (0, section.count);
        while low < high {
            let middle = low + (high - low) / 2;
            let Some(found) = known(middle) else { return };
            match folded(list, found.name).rev().cmp(tail.bytes().rev()) {
                Ordering::Less => low = middle + 1,
                _ => high = middle,
            }
        }
        for at in (low..section.count).take(MOST_FOUND) {
            let Some(found) = known(at) else { return };
            if !folded(list, found.name).rev().take(tail.len()).eq(tail.bytes().rev()) {
                return;
            }
            if near(&found) {
                out.insert(found.id);
            }
        }
    }

    fn of_shape(&self, shapes: Shapes, shape: &str, out: &mut BTreeSet<u16>) {
        let wanted = hash(shape) as usize;
        let at = |index: usize| number(&self.bytes, shapes.at + index * 4);
        let (mut low, mut high) = (0, shapes.count);
        while low < high {
            let middle = low + (high - low) / 2;
            if at(middle).is_none_or(|found| found < wanted) { low = middle + 1 } else { high = middle }
        }
        let ids = shapes.at + shapes.count * 4;
        for index in (low..shapes.count).take(MOST_FOUND).take_while(|index| at(*index) == Some(wanted)) {
            out.extend(short(&self.bytes, ids + index * 2));
        }
    }

    fn section(&self, list: List) -> Section {
        self.sections[list as usize]
    }

    fn nth(&self, list: List, at: usize) -> Option<Known<'_>> {
        self.get(list, u16::try_from(at).ok()?)
    }

    /// The first name that does not come before a key.
    fn lower_bound(&self, list: List, key: &str) -> usize {
        let (mut low, mut high) = (0, self.len(list));
        while low < high {
            let middle = low + (high - low) / 2;
            let before = self.nth(list, middle).is_some_and(|k| compare(list, k.name, key) == Ordering::Less);
            if before { low = middle + 1 } else { high = middle }
        }
        low
    }
}

impl Section {
    fn read(bytes: &[u8], start: usize) -> Option<Self> {
        let count = number(bytes, start)?;
        let offsets = start + 4;
        let levels = offsets + (count + 1) * 4;
        let by_end = levels + count;
        let looks = Shapes::read(bytes, by_end + count * 2)?;
        let orders = Shapes::read(bytes, looks.at + looks.count * 6)?;
        let words = orders.at + orders.count * 6;
        let word_count = number(bytes, words)?;
        let words = words + 4;
        let runs = words + word_count * 4;
        let day = runs + RUN_BYTES;
        let names = day + 10;
        Some(Self { count, offsets, levels, by_end, looks, orders, words, word_count, runs, day, names })
    }
}

impl Shapes {
    fn read(bytes: &[u8], at: usize) -> Option<Self> {
        Some(Self { count: number(bytes, at)?, at: at + 4 })
    }
}

fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    usize::try_from(u32::from_le_bytes(four)).ok()
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn folded(list: List, name: &str) -> impl DoubleEndedIterator<Item = u8> {
    name.bytes().map(move |byte| list.fold(byte))
}

fn compare(list: List, name: &str, key: &str) -> Ordering {
    // Only crates and models keep a spelling of their own.
    let is_spelled = matches!(list, List::Crates | List::Models);
    if is_spelled { folded(list, name).cmp(key.bytes()) } else { name.as_bytes().cmp(key.as_bytes()) }
}

fn begins(list: List, name: &str, head: &str) -> bool {
    folded(list, name).take(head.len()).eq(head.bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::impostor::encode::{Popular, compile};
    use crate::impostor::likeness;
    use proptest::prelude::*;

    fn table(names: &[String]) -> (Vec<u8>, Vec<String>) {
        // Lists hold names in their one spelling.
        let names = names.iter().map(|name| (List::PyPi.key(name), 3)).collect();
        let mut popular = Popular { list: List::PyPi, day: "2026-11-26".to_owned(), source: String::new(), names };
        popular.settle();
        let kept = popular.names.iter().map(|(name, _)| name.clone()).collect();
        (compile(&[popular]), kept)
    }

    #[test]
    fn the_embedded_lists_are_there() {
        let names = Names::embedded();
        for (list, least, known) in [
            (List::PyPi, 14_000, "Requests"),
            (List::PyPi, 14_000, "scikit_learn"),
            (List::Crates, 2_500, "once-cell"),
            (List::Actions, 300, "Actions/Checkout"),
            (List::Models, 400, "Qwen/Qwen3-0.6B"),
        ] {
            assert!(names.len(list) > least && !names.is_empty(list));
            assert!(names.find(list, known).is_some_and(|known| known.level <= 1), "{known}");
            assert_eq!(names.day(list), "2026-11-26");
        }
        assert_eq!(names.find(List::Crates, "once-cell").unwrap().name, "once_cell");
        assert_eq!(names.find(List::Models, "qwen/qwen3-0.6b").unwrap().name, "Qwen/Qwen3-0.6B");
        assert!(names.find(List::PyPi, "no such name").is_none() && names.has_word(List::PyPi, "learn"));
    }

    #[test]
    fn what_is_no_table_holds_no_name() {
        let (bytes, _) = table(&["requests".to_owned(), "numpy".to_owned(), "scikit-learn".to_owned()]);
        for end in 0..bytes.len() {
            let cut = Names::from_bytes(bytes[..end].to_vec());
            for name in ["requests", "reqeusts", "learn-scikit"] {
                let _ = cut.find(List::PyPi, name);
                let _ = cut.near(List::PyPi, name);
                let _ = cut.rare_runs(List::PyPi, name);
            }
        }
        assert!(Names::from_bytes(b"something else".as_slice()).is_empty(List::PyPi));
    }

    proptest! {
        /// The table leaves out no name that a comparison with each would find.
        #[test]
        fn no_near_name_is_missed(
            names in proptest::collection::vec("[ab1][ab1-]{2,6}[ab1]", 1..20),
            asked in "[ab1][ab1-]{2,6}[ab1]",
        ) {
            let (bytes, kept) = table(&names);
            let table = Names::from_bytes(bytes);
            let key = List::PyPi.key(&asked);
            let near: BTreeSet<String> =
                table.near(List::PyPi, &key).into_iter().map(|id| table.get(List::PyPi, id).unwrap().name.to_owned()).collect();
            for name in &kept {
                let other = List::PyPi.key(name);
                // Of separators alone is a likeness of looks, which hashes find.
                if likeness(&key, &other).is_some() {
                    prop_assert!(near.contains(name), "{} is near {}", name, asked);
                }
            }
            for name in &kept {
                prop_assert_eq!(table.find(List::PyPi, name).map(|known| known.name), Some(name.as_str()));
            }
        }
    }
}
