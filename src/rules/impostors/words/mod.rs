//! Words for a likeness, and how sure it makes us.

use crate::diag::{Confidence, Severity};
use crate::impostor::{Change, List, REPORT, Resemblance};

/// `` `requests` with two letters swapped ``: what a name is.
pub(super) fn what(found: &Resemblance<'_>) -> String {
    let how = match found.likeness.change {
        Change::Swapped => "with two letters swapped",
        Change::Doubled => "with a letter doubled, or once where it stands twice",
        Change::Look => "with letters that look alike put in",
        Change::Missing => "without one of its letters",
        Change::Extra | Change::Slipped => "with a letter put in",
        Change::Neighbour => "with a letter replaced by one beside it on the keyboard",
        Change::Vowel => "with a vowel replaced by another",
        Change::Replaced => "with a letter replaced",
        Change::Digit => "with another digit",
        Change::Separators => "with other separators",
        Change::Order => "with its words in another order",
        Change::Plural => "with an `s` more or less",
        Change::Affix => "with a word put to it",
    };
    format!("`{}` {how}", found.target)
}

/// How well a name is known.
pub(super) fn fame(list: List, level: u8) -> &'static str {
    match (list, level) {
        (List::PyPi, 0) => "one of the 100 most downloaded distributions",
        (List::PyPi, 1) => "one of the 500 most downloaded distributions",
        (List::PyPi, 2) => "one of the 1,000 most downloaded distributions",
        (List::PyPi, 3 | 4) => "one of the 3,000 most downloaded distributions",
        (List::PyPi, 5) => "one of the 5,000 most downloaded distributions",
        (List::PyPi, _) => "one of the 15,000 most downloaded distributions",
        (List::Crates, 0..=3) => "a crate that stands in very many locks",
        (List::Crates, _) => "a crate that stands in many locks",
        (List::Actions, 0..=3) => "an action that very many repositories use",
        (List::Actions, _) => "an action that many repositories use",
    }
}

/// How bad and how sure: what is near but not near enough is for information.
pub(super) fn weight(points: u8) -> (Severity, Confidence) {
    if points >= REPORT { (Severity::High, Confidence::Medium) } else { (Severity::Info, Confidence::Low) }
}
