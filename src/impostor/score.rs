//! How likely it is that a name is meant to be taken for another.
//!
//! Points from 0 to 100, a sum of weights for what was done, where, in how long a word, and how well known the
//! imitated name is. The weights were fitted to names of malware one edit from a popular name against popular
//! names that the list was made to forget; `tests/impostors.rs` holds the rates they reach.

use super::likeness::{Change, Likeness, Part, likeness};
use super::names::Names;
use super::shape::List;

/// From here on a name is reported.
pub const REPORT: u8 = 70;
/// From here on it is noted.
pub const NOTE: u8 = 60;

/// Shortest name that is compared. Everything is near what is shorter.
const SHORTEST: usize = 4;
/// Longest name that is compared; no popular name is as long.
const LONGEST: usize = 128;

/// A known name that another is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resemblance<'a> {
    /// The known name, as its list writes it.
    pub target: &'a str,
    /// How well it is known: 0 everywhere, 7 barely.
    pub level: u8,
    /// How they are alike.
    pub likeness: Likeness,
    /// 0 to 100.
    pub points: u8,
}

/// The known name that a name is most likely meant to be taken for, if any comes near. Nothing for a name
/// that is on the list itself.
#[must_use]
pub fn resembles<'a>(names: &'a Names, list: List, name: &str) -> Option<Resemblance<'a>> {
    let key = list.key(name);
    if !(SHORTEST..=LONGEST).contains(&key.len()) || !key.is_ascii() || names.find(list, &key).is_some() {
        return None;
    }
    let near = names.near(list, &key).into_iter().filter_map(|id| names.get(list, id));
    let compared = near.filter_map(|known| {
        let likeness = likeness(&key, &list.key(known.name))?;
        let points = points(names, list, &key, &likeness, known.level);
        Some(Resemblance { target: known.name, level: known.level, likeness, points })
    });
    compared.max_by(|a, b| (a.points, b.level, b.target).cmp(&(b.points, a.level, a.target)))
}

fn points(names: &Names, list: List, key: &str, likeness: &Likeness, level: u8) -> u8 {
    let word = key.get(likeness.span.0..likeness.span.1).unwrap_or("");
    let mut sum = BASE + of_change(likeness) + of_length(likeness.word) + of_level(level);
    if likeness.whole {
        sum += WHOLE;
    }
    if !word.is_empty() {
        // A word of other names is a name in its own right sooner than a slip.
        if names.has_word(list, word) {
            sum += KNOWN_WORD;
        }
        sum += of_rare_runs(names.rare_runs(list, word));
    }
    u8::try_from(sum.clamp(0, 100)).unwrap_or(0)
}

const BASE: i32 = 45;
const WHOLE: i32 = 7;
const KNOWN_WORD: i32 = -24;

fn of_change(likeness: &Likeness) -> i32 {
    let of_part = match (likeness.change, likeness.part) {
        (Change::Extra | Change::Slipped, Part::Start) => -13,
        (Change::Extra, Part::Middle) => 9,
        (Change::Slipped, Part::Middle) => 6,
        (Change::Missing, Part::Middle) => 8,
        (Change::Missing, Part::Start) => -3,
        (Change::Missing, Part::End) => -6,
        (_, Part::Start) => -12,
        _ => 2,
    };
    of_part
        + match likeness.change {
            Change::Doubled => 34,
            Change::Swapped => 27,
            Change::Look => 20,
            Change::Neighbour => 6,
            Change::Slipped => 5,
            Change::Missing => 4,
            Change::Vowel => -2,
            Change::Extra | Change::Replaced => -4,
            Change::Plural => -12,
            Change::Digit => -28,
            Change::Order => -26,
            Change::Separators => -38,
            Change::Affix => 0,
        }
}

/// By letters of the changed word.
fn of_length(letters: usize) -> i32 {
    match letters {
        0..=2 => -30,
        3 => -30,
        4 => -12,
        5 => -6,
        6 => 3,
        7 => 5,
        8 => 9,
        9 => 14,
        _ => 18,
    }
}

fn of_level(level: u8) -> i32 {
    match level {
        0 => 27,
        1 => 13,
        2 | 3 => 4,
        4 => 0,
        5 => -7,
        6 => -20,
        _ => -25,
    }
}

fn of_rare_runs(runs: usize) -> i32 {
    match runs {
        0 => -6,
        1 => 3,
        2 => 9,
        _ => 12,
    }
}
