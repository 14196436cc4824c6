//! The text of the popular names, and the table it is compiled into.
//!
//! ```text
//! names.tsv  custody-names/1
//!            @  LIST  DAY  SOURCE
//!            NAME  LEVEL
//!
//! table      magic, then for each list where its section starts and ends (u32 each)
//! section    count, then: offsets of names, levels, order by ends, looks (hashes, numbers),
//!            word orders (hashes, numbers), words (hashes), runs of three characters (bits), the day,
//!            the names
//! ```
//!
//! All numbers are little-endian. Lines are sorted by the name as its index compares it. Uses `std` alone:
//! the build script includes it.

use super::shape::{List, RUN_BYTES, hash, look, ordered, runs, words};

/// The first line of the text.
pub const HEAD: &str = "custody-names/1";
/// The first bytes of a table.
pub const MAGIC: &[u8; 8] = b"CUSTNAM1";
/// Most names of a list: numbers have 16 bits.
pub const MOST: usize = u16::MAX as usize;
/// Names in which a run of characters stands that is not rare.
const COMMON: u8 = 2;
/// The level of what is barely known.
pub const LAST_LEVEL: u8 = 7;

/// A list of popular names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Popular {
    /// Whose names.
    pub list: List,
    /// The day it stands for, `YYYY-MM-DD`.
    pub day: String,
    /// Where it comes from, in a few words.
    pub source: String,
    /// Names as written and their levels: 0 is known everywhere, [`LAST_LEVEL`] barely.
    pub names: Vec<(String, u8)>,
}

impl Popular {
    /// Puts names in order and takes out what is there twice; the better level stays.
    pub fn settle(&mut self) {
        let list = self.list;
        self.names.sort_by_cached_key(|(name, level)| (list.key(name), *level));
        self.names.dedup_by(|later, earlier| list.key(&later.0) == list.key(&earlier.0));
    }

    /// The text that is kept.
    #[must_use]
    pub fn text(&self) -> String {
        let mut out = format!("{HEAD}\n@\t{}\t{}\t{}\n", self.list.as_str(), self.day, self.source);
        for (name, level) in &self.names {
            out.push_str(name);
            out.push('\t');
            out.push(char::from(b'0' + (*level).min(LAST_LEVEL)));
            out.push('\n');
        }
        out
    }

    /// Reads the text that is kept.
    ///
    /// # Errors
    /// The first line that is not of the form, with its number from 1, and what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, (usize, &'static str)> {
        let mut lines = text.lines().enumerate().map(|(at, line)| (at + 1, line));
        let (_, head) = lines.next().ok_or((1, "the file is empty"))?;
        if head != HEAD {
            return Err((1, "the first line names another format"));
        }
        let (_, about) = lines.next().ok_or((2, "the list is not named"))?;
        let mut fields = about.split('\t');
        if fields.next() != Some("@") {
            return Err((2, "the list is not named"));
        }
        let list = fields.next().and_then(List::find).ok_or((2, "no list of this name is known"))?;
        let day = fields.next().ok_or((2, "the day is missing"))?.to_owned();
        let source = fields.next().unwrap_or("").to_owned();
        let mut names: Vec<(String, u8)> = Vec::new();
        let mut before = String::new();
        for (number, line) in lines {
            let (name, level) = line.split_once('\t').ok_or((number, "a tab and a level are missing"))?;
            let level = match level.as_bytes() {
                [digit @ b'0'..=b'7'] => digit - b'0',
                _ => return Err((number, "the level is not a digit from 0 to 7")),
            };
            if name.is_empty() || name.len() > usize::from(u8::MAX) || !name.is_ascii() {
                return Err((number, "the name is empty, too long or not ASCII"));
            }
            let key = list.key(name);
            if matches!(list, List::PyPi | List::Actions) && name != key {
                return Err((number, "the name is not in its list's one spelling"));
            }
            if key <= before {
                return Err((number, "the names are not in order"));
            }
            before = key;
            names.push((name.to_owned(), level));
        }
        if names.len() > MOST {
            return Err((MOST, "a list has no more than 65,535 names"));
        }
        Ok(Self { list, day, source, names })
    }
}

/// Compiles lists into a table. A list that is missing is empty.
#[must_use]
pub fn compile(lists: &[Popular]) -> Vec<u8> {
    let sections: Vec<Vec<u8>> =
        List::ALL.iter().map(|list| lists.iter().find(|l| l.list == *list).map_or_else(Vec::new, section)).collect();
    let mut out = MAGIC.to_vec();
    let mut at = MAGIC.len() + List::ALL.len() * 8;
    for bytes in &sections {
        put(&mut out, at);
        at += bytes.len();
        put(&mut out, at);
    }
    sections.iter().for_each(|bytes| out.extend_from_slice(bytes));
    out
}

fn section(popular: &Popular) -> Vec<u8> {
    let list = popular.list;
    let keys: Vec<String> = popular.names.iter().map(|(name, _)| list.key(name)).collect();
    let mut out = Vec::new();
    put(&mut out, keys.len());
    let mut at = 0;
    for (name, _) in &popular.names {
        put(&mut out, at);
        at += name.len();
    }
    put(&mut out, at);
    out.extend(popular.names.iter().map(|(_, level)| *level));
    let mut by_end: Vec<u16> = (0..).take(keys.len()).collect();
    by_end.sort_by_cached_key(|id| keys[usize::from(*id)].bytes().rev().collect::<Vec<u8>>());
    by_end.iter().for_each(|id| out.extend_from_slice(&id.to_le_bytes()));
    let shapes = |of: &dyn Fn(&str) -> Option<String>| {
        let mut all: Vec<(u32, u16)> =
            keys.iter().zip(0..).filter_map(|(key, id)| Some((hash(&of(key)?), id))).collect();
        all.sort_unstable();
        all
    };
    for shapes in [shapes(&|key| Some(look(key))), shapes(&ordered)] {
        put(&mut out, shapes.len());
        shapes.iter().for_each(|(hash, _)| out.extend_from_slice(&hash.to_le_bytes()));
        shapes.iter().for_each(|(_, id)| out.extend_from_slice(&id.to_le_bytes()));
    }
    let mut all: Vec<u32> = keys.iter().flat_map(|key| words(key)).map(hash).collect();
    all.sort_unstable();
    all.dedup();
    put(&mut out, all.len());
    all.iter().for_each(|hash| out.extend_from_slice(&hash.to_le_bytes()));
    out.extend(common_runs(&keys));
    // Ten bytes: the day of the list.
    out.extend(popular.day.bytes().chain(std::iter::repeat(b' ')).take(10));
    popular.names.iter().for_each(|(name, _)| out.extend_from_slice(name.as_bytes()));
    out
}

/// Runs of three characters that stand in at least [`COMMON`] names.
fn common_runs(keys: &[String]) -> Vec<u8> {
    let mut counts = vec![0_u8; RUN_BYTES * 8];
    for key in keys {
        let mut own: Vec<usize> = words(key).flat_map(runs).collect();
        own.sort_unstable();
        own.dedup();
        for run in own {
            counts[run] = counts[run].saturating_add(1);
        }
    }
    let byte = |eight: &[u8]| (0..).zip(eight).filter(|(_, n)| **n >= COMMON).fold(0, |byte, (bit, _)| byte | 1 << bit);
    counts.chunks(8).map(byte).collect()
}

fn put(out: &mut Vec<u8>, number: usize) {
    // A table of this kind has a few hundred kilobytes.
    out.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(rows: &str) -> String {
        format!("{HEAD}\n@\tpypi\t2026-11-26\tby downloads\n{rows}")
    }

    #[test]
    fn text_is_read_as_it_is_written() {
        let kept = text("flask\t0\nrequests\t0\nscikit-learn\t2\n");
        let popular = Popular::parse(&kept).unwrap();
        assert_eq!(popular.text(), kept);
        assert_eq!((popular.day.as_str(), popular.names.len()), ("2026-11-26", 3));
    }

    #[test]
    fn lines_of_no_form_are_named() {
        for (text, line, why) in [
            (String::new(), 1, "empty"),
            ("names\n".to_owned(), 1, "another format"),
            (format!("{HEAD}\n@\tnpm\t2026-11-26\t\n"), 2, "no list"),
            (text("flask\n"), 3, "a tab"),
            (text("flask\t9\n"), 3, "level"),
            (text("flask\t0\nflask\t0\n"), 4, "order"),
            (text("Flask\t0\n"), 3, "spelling"),
            (text("fläsk\t0\n"), 3, "ASCII"),
        ] {
            let (at, said) = Popular::parse(&text).unwrap_err();
            assert!(at == line && said.contains(why), "{text}: {at} {said}");
        }
    }

    #[test]
    fn the_better_level_of_one_name_stays() {
        let names = vec![("b_a".to_owned(), 4), ("b-a".to_owned(), 1), ("a".to_owned(), 7)];
        let mut popular = Popular { list: List::Crates, day: String::new(), source: String::new(), names };
        popular.settle();
        assert_eq!(popular.names, [("a".to_owned(), 7), ("b-a".to_owned(), 1)]);
    }
}
