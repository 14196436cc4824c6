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
/// Letters of a word that is not changed into another by chance.
const LONG: usize = 8;
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
    let compared = compared.chain(promised(names, list, &key));
    compared.max_by(|a, b| (a.points, b.level, b.target).cmp(&(b.points, a.level, a.target)))
}

/// Words that, put to a name, promise the thing itself and add nothing to it.
const PROMISES: [&str; 13] =
    ["dev", "latest", "lib", "libs", "new", "official", "original", "python", "python3", "real", "updated", "v2", "v3"];
/// The same as far as good names have them too.
const COMMON_PROMISES: [&str; 2] = ["dev", "python"];

/// Whether a name is another with a word put to it that promises the thing itself.
pub(super) fn is_promised(name: &str, target: &str) -> bool {
    let rest = name.strip_prefix(target).or_else(|| name.strip_suffix(target));
    rest.is_some_and(|rest| PROMISES.contains(&rest.trim_matches('-')))
}

/// What may be left of a name when such a word is taken off it.
pub(super) fn unpromised(name: &str) -> impl Iterator<Item = &str> {
    let bare = name.trim_matches('-');
    PROMISES.iter().flat_map(move |word| {
        let rests = [bare.strip_suffix(word), bare.strip_prefix(word)];
        rests.into_iter().flatten().map(|rest| rest.trim_matches('-'))
    })
}

/// A name of which a well known one is left when such a word is taken off.
fn promised<'a>(names: &'a Names, list: List, key: &str) -> Option<Resemblance<'a>> {
    // Of samples it is not known whether the longer name is as good as the shorter.
    if is_sample(list) {
        return None;
    }
    let found = PROMISES.iter().flat_map(|word| {
        let rests = [key.strip_prefix(word), key.strip_suffix(word)];
        rests.into_iter().flatten().map(move |rest| (*word, rest.trim_matches('-')))
    });
    let known = found.filter(|(_, rest)| rest.len() > SHORTEST).filter_map(|(word, rest)| {
        let known = names.find(list, rest).filter(|known| known.level <= 1)?;
        let points = if COMMON_PROMISES.contains(&word) { NOTE + 4 } else { REPORT + 5 - known.level * 5 };
        let likeness = Likeness { change: Change::Affix, word: rest.len(), part: Part::End, whole: true, span: (0, 0) };
        Some(Resemblance { target: known.name, level: known.level, likeness, points })
    });
    known.max_by_key(|found| found.points)
}

/// Lists that are samples: a name that is missing from them may well be known.
fn is_sample(list: List) -> bool {
    list != List::PyPi
}

/// Whether a likeness is telling where the list is a sample: the imitated name is one that nearly everybody
/// uses, and the change is one that nobody makes for a name of one's own.
fn is_telling(likeness: &Likeness, level: u8) -> bool {
    let is_trick = matches!(likeness.change, Change::Swapped | Change::Doubled | Change::Look | Change::Separators);
    match level {
        0 => likeness.word > SHORTEST,
        1 => is_trick || likeness.word >= LONG - 1,
        2..=4 => is_trick && likeness.word > SHORTEST || likeness.word >= LONG,
        _ => false,
    }
}

fn points(names: &Names, list: List, key: &str, likeness: &Likeness, level: u8) -> u8 {
    let word = key.get(likeness.span.0..likeness.span.1).unwrap_or("");
    let mut sum = BASE + of_change(list, likeness) + of_length(likeness.word) + of_level(level);
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
    let most = if is_sample(list) && !is_telling(likeness, level) { i32::from(NOTE) - 1 } else { 100 };
    u8::try_from(sum.clamp(0, most)).unwrap_or(0)
}

const BASE: i32 = 45;
const WHOLE: i32 = 7;
const KNOWN_WORD: i32 = -24;

fn of_change(list: List, likeness: &Likeness) -> i32 {
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
            Change::Order if list == List::Crates => -6,
            Change::Order => -26,
            // PyPI registers no name that differs from another by its separators alone.
            Change::Separators if list == List::PyPi => -38,
            Change::Separators => 4,
            Change::Affix => 0,
        }
}

/// By letters of the changed word.
fn of_length(letters: usize) -> i32 {
    match letters {
        0..=2 => -30,
        3 => -30,
        4 => -18,
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn points(list: List, name: &str) -> (u8, String) {
        resembles(&Names::embedded(), list, name).map_or((0, String::new()), |f| (f.points, f.target.to_owned()))
    }

    #[test]
    fn slips_and_tricks_are_told_from_names() {
        for (name, target) in [
            ("reqeusts", "requests"),
            ("python-dateutl", "python-dateutil"),
            ("urlib3", "urllib3"),
            ("matplotlip", "matplotlib"),
            ("rnatplotlib", "matplotlib"),
            ("beautifulsuop4", "beautifulsoup4"),
            ("openai-official", "openai"),
            ("requests-v2", "requests"),
            ("Crypt0graphy", "cryptography"),
        ] {
            let (points, found) = points(List::PyPi, name);
            assert!(points >= REPORT && found == target, "{name}: {points} for {found}");
        }
        for name in ["requests", "urllib4", "types-yaml-custom", "company-requests", "torchvision-tools", "abc", "x"] {
            let (points, found) = points(List::PyPi, name);
            assert!(points < REPORT, "{name}: {points} for {found}");
        }
        assert!(points(List::Crates, "oncecell").0 >= REPORT && points(List::Crates, "once-cell").0 == 0);
    }

    proptest! {
        #[test]
        fn no_name_upsets_it(name in "\\PC{0,200}") {
            for list in List::ALL {
                if let Some(found) = resembles(&Names::embedded(), list, &name) {
                    prop_assert!(found.points <= 100);
                }
            }
        }

        /// Spelling is the index's business: what it takes for one name scores as one.
        #[test]
        fn spelling_changes_nothing(name in "[a-z]{2,6}[-_.][a-z]{2,6}") {
            let other = name.replace(['_', '.'], "-").to_ascii_uppercase();
            prop_assert_eq!(points(List::PyPi, &name), points(List::PyPi, &other));
        }
    }
}
