//! In what way one name is like another, if in any. Says what was done to the name, and judges nothing.

use super::shape::{is_separator, look, ordered, words};

/// What was done to a name to make the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Change {
    /// Two neighbouring letters changed places.
    Swapped,
    /// A letter stands once where it stood twice, or twice for once.
    Doubled,
    /// Letters were put in that look like others: `rn` for `m`, `0` for `o`.
    Look,
    /// A letter was left out.
    Missing,
    /// A letter was put in.
    Extra,
    /// A letter was put in that lies beside its neighbour on the keyboard.
    Slipped,
    /// A letter stands for one beside it on the keyboard.
    Neighbour,
    /// A vowel stands for another.
    Vowel,
    /// A letter stands for another.
    Replaced,
    /// A digit was put in, left out or replaced.
    Digit,
    /// The separators are others, and nothing else.
    Separators,
    /// The words stand in another order.
    Order,
    /// `s` at the end of a word was put in or left out.
    Plural,
    /// A word that promises the real thing was put before or behind it.
    Affix,
}

/// How two names are alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Likeness {
    /// What was done.
    pub change: Change,
    /// Length of the changed word in the imitated name; of the whole name where no one word was changed.
    pub word: usize,
    /// Where in the word.
    pub part: Part,
    /// Whether the changed word stands alone as the name.
    pub whole: bool,
    /// Where the changed word begins and ends in the name that is like it; nothing where no one word was changed.
    pub span: (usize, usize),
}

/// Where in a word something was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Its first letter.
    Start,
    /// Between, or in no one word.
    Middle,
    /// Its last letter.
    End,
}

/// Rows of the keyboard, each shifted by half a key against the one above.
const ROWS: [&[u8]; 4] = [b"1234567890-", b"qwertyuiop", b"asdfghjkl", b"zxcvbnm"];

/// How a name is like another. Both in their list's one spelling; none where more than one thing differs.
#[must_use]
pub fn likeness(name: &str, target: &str) -> Option<Likeness> {
    if name == target {
        return None;
    }
    let whole = |change| Likeness { change, word: letters(target), part: Part::Middle, whole: true, span: (0, 0) };
    if same_without_separators(name, target) {
        return Some(whole(Change::Separators));
    }
    if let Some(found) = edit(name.as_bytes(), target.as_bytes()) {
        return Some(found);
    }
    if look(name) == look(target) {
        return Some(whole(Change::Look));
    }
    let order = ordered(target)?;
    (ordered(name)? == order).then(|| whole(Change::Order))
}

/// Letters and digits of a name.
fn letters(name: &str) -> usize {
    words(name).map(str::len).sum()
}

fn same_without_separators(a: &str, b: &str) -> bool {
    fn bare(text: &str) -> impl Iterator<Item = u8> {
        text.bytes().filter(|byte| !is_separator(*byte))
    }
    bare(a).eq(bare(b))
}

/// One insertion, deletion, replacement or swap of neighbours (optimal string alignment distance one).
fn edit(name: &[u8], target: &[u8]) -> Option<Likeness> {
    if name.len().abs_diff(target.len()) > 1 {
        return None;
    }
    let head = name.iter().zip(target).take_while(|(a, b)| a == b).count();
    let (name_rest, target_rest) = (&name[head..], &target[head..]);
    let change = match (name_rest, target_rest) {
        ([put, rest @ ..], _) if rest == target_rest => inserted(*put, name, head, true),
        (_, [left, rest @ ..]) if rest == name_rest => inserted(*left, target, head, false),
        ([a, rest @ ..], [b, other @ ..]) if rest == other => replaced(*a, *b, name, target),
        ([a, b, rest @ ..], [c, d, other @ ..]) if rest == other && a == d && b == c => Change::Swapped,
        _ => return None,
    };
    let (start, end) = word_at(target, head);
    let span = word_at(name, head);
    let last = if change == Change::Missing { span.1 } else { span.1.saturating_sub(1) };
    let part = match head {
        _ if head == span.0 => Part::Start,
        _ if head >= last => Part::End,
        _ => Part::Middle,
    };
    Some(Likeness { change, word: end - start, part, whole: start == 0 && end == target.len(), span })
}

/// The word around a position; the one before it where the position is at a word's end.
fn word_at(name: &[u8], at: usize) -> (usize, usize) {
    let at = at.min(name.len());
    let start = name[..at].iter().rposition(|b| is_separator(*b)).map_or(0, |p| p + 1);
    let end = name[at..].iter().position(|b| is_separator(*b)).map_or(name.len(), |p| at + p);
    (start, end)
}

/// A byte that one of two names has and the other has not. `longer` is the one that has it, at `at`.
fn inserted(byte: u8, longer: &[u8], at: usize, put_in: bool) -> Change {
    // Of a run of one letter, the whole run is compared: which one was put in cannot be told.
    let before = at.checked_sub(1).and_then(|before| longer.get(before));
    let after = longer.get(at + 1);
    let at_end = after.is_none_or(|next| is_separator(*next));
    if byte.is_ascii_digit() {
        Change::Digit
    } else if before == Some(&byte) || after == Some(&byte) {
        Change::Doubled
    } else if byte == b's' && at_end && at > 0 {
        Change::Plural
    } else if put_in && [before, after].into_iter().flatten().any(|near| are_neighbours(byte, *near)) {
        Change::Slipped
    } else if put_in {
        Change::Extra
    } else {
        Change::Missing
    }
}

fn replaced(a: u8, b: u8, name: &[u8], target: &[u8]) -> Change {
    let same_look = || text(name).zip(text(target)).is_some_and(|(name, target)| look(name) == look(target));
    match (a.is_ascii_digit(), b.is_ascii_digit()) {
        // A digit at the end counts versions.
        (true, _) if name.last() != Some(&a) && same_look() => Change::Look,
        (false, false) if same_look() => Change::Look,
        (true, _) | (_, true) => Change::Digit,
        _ if are_neighbours(a, b) => Change::Neighbour,
        _ if is_vowel(a) && is_vowel(b) => Change::Vowel,
        _ => Change::Replaced,
    }
}

fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

fn is_vowel(byte: u8) -> bool {
    matches!(byte, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// Whether two keys touch on the most common keyboard.
fn are_neighbours(a: u8, b: u8) -> bool {
    let find =
        |byte| ROWS.iter().enumerate().find_map(|(row, keys)| Some((row, keys.iter().position(|k| *k == byte)?)));
    let (Some((row, column)), Some((other_row, other_column))) = (find(a), find(b)) else { return false };
    match other_row.cmp(&row) {
        std::cmp::Ordering::Equal => column.abs_diff(other_column) == 1,
        // A key touches two of the row below: the one at its column and the one before.
        std::cmp::Ordering::Greater => other_row - row == 1 && (other_column == column || other_column + 1 == column),
        std::cmp::Ordering::Less => row - other_row == 1 && (other_column == column || other_column == column + 1),
    }
}
