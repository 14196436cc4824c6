//! Values of the file's keys: what they have to be, and what is said where they are something else.

use crate::parse::Problem;
use crate::parse::toml::{Entry, Kind, Table};
use crate::source::{Span, Spanned};

/// Words for how bad a finding is, the lightest first; `off` is no severity.
pub(super) const SEVERITIES: &[&str] = &["off", "info", "low", "medium", "high", "critical"];
/// Words for how sure a finding is, the least first.
pub(super) const CONFIDENCES: &[&str] = &["low", "medium", "high"];
/// Words for what files are for, the weightiest first.
pub(super) const ROLES: &[&str] =
    &["product", "ci", "development", "documentation", "test", "example", "fixture", "vendored"];

/// The known word nearest to one that is not known, if any is near.
#[must_use]
pub fn closest<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let scored = known.into_iter().map(|name| (strsim::jaro_winkler(word, name), name));
    scored.filter(|(score, _)| *score > 0.8).max_by(|a, b| a.0.total_cmp(&b.0)).map(|(_, name)| name)
}

/// `; did you mean ...?` where some known word is near.
pub(super) fn hint<'w>(word: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    closest(word, known).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// A key that means nothing.
pub(super) fn unknown(entry: &Entry, of: &str, known: &[&str]) -> Problem {
    let key = &entry.key.value;
    let hint = hint(key, known.iter().copied());
    Problem::new(entry.key.span, format!("`{key}` is no key of {of}, which knows {}{hint}", known.join(", ")))
}

/// Tells every key that means nothing.
pub(super) fn only(table: &Table, of: &str, known: &[&str], problems: &mut Vec<Problem>) {
    for entry in table.entries() {
        if !known.contains(&entry.key.value.as_str()) {
            problems.push(unknown(entry, of, known));
        }
    }
}

/// The table of an entry.
pub(super) fn table<'t>(entry: &'t Entry, problems: &mut Vec<Problem>) -> Option<&'t Table> {
    let name = &entry.key.value;
    let table = entry.value.as_table();
    if table.is_none() {
        problems.push(Problem::new(entry.span(), format!("`{name}` is a table, `[{name}]`")));
    }
    table
}

/// A text that is not empty.
pub(super) fn text(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Option<Spanned<String>> {
    let value = table.get(key)?;
    let text = value.as_str().filter(|text| !text.trim().is_empty());
    if text.is_none() {
        problems.push(Problem::new(value.span, format!("`{key}` is a text in quotes, and not an empty one")));
    }
    text.map(|text| Spanned::new(text.to_owned(), value.span))
}

/// One of some words.
pub(super) fn word(table: &Table, key: &str, known: &[&str], problems: &mut Vec<Problem>) -> Option<Spanned<String>> {
    let text = text(table, key, problems)?;
    if known.contains(&text.as_str()) {
        return Some(text);
    }
    let hint = hint(text.as_str(), known.iter().copied());
    problems
        .push(Problem::new(text.span, format!("`{key}` is one of {}, not `{}`{hint}", known.join(", "), text.value)));
    None
}

/// `true` or `false`.
pub(super) fn flag(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Option<Spanned<bool>> {
    let value = table.get(key)?;
    let flag = value.as_bool();
    if flag.is_none() {
        problems.push(Problem::new(value.span, format!("`{key}` is `true` or `false`")));
    }
    flag.map(|flag| Spanned::new(flag, value.span))
}

/// A list of texts, none of them empty.
pub(super) fn texts(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Vec<Spanned<String>> {
    let Some(value) = table.get(key) else { return Vec::new() };
    let told = |span: Span| Problem::new(span, format!("`{key}` is a list of texts in quotes"));
    let Some(items) = value.as_array() else {
        problems.push(told(value.span));
        return Vec::new();
    };
    let mut out = Vec::new();
    for item in items {
        match item.as_str().filter(|text| !text.trim().is_empty()) {
            Some(text) => out.push(Spanned::new(text.to_owned(), item.span)),
            None => problems.push(told(item.span)),
        }
    }
    out
}

/// A pattern of paths that means something.
pub(super) fn pattern(text: Spanned<String>, problems: &mut Vec<Problem>) -> Option<Spanned<String>> {
    if let Some(why) = super::glob::wrong(text.as_str()) {
        problems.push(Problem::new(text.span, why));
        return None;
    }
    Some(text)
}

/// A day, `YYYY-MM-DD`, as a text or as TOML's own date.
pub(super) fn day(table: &Table, key: &str, problems: &mut Vec<Problem>) -> Option<Spanned<String>> {
    let value = table.get(key)?;
    let text = match &value.kind {
        Kind::Datetime(text) => Some(text.as_str()),
        _ => value.as_str(),
    };
    let day = text.filter(|text| is_day(text));
    if day.is_none() {
        problems.push(Problem::new(value.span, format!("`{key}` is a day of the calendar, YYYY-MM-DD")));
    }
    day.map(|day| Spanned::new(day.to_owned(), value.span))
}

/// Whether a text is a day that the calendar has.
#[must_use]
pub fn is_day(text: &str) -> bool {
    let is_formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, b)| if matches!(at, 4 | 7) { b == b'-' } else { b.is_ascii_digit() });
    let number = |range: std::ops::Range<usize>| text.get(range).and_then(|digits| digits.parse::<u32>().ok());
    let (true, Some(year), Some(month), Some(day)) = (is_formed, number(0..4), number(5..7), number(8..10)) else {
        return false;
    };
    let leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leaps => 29,
        2 => 28,
        _ => 0,
    };
    year > 0 && (1..=days).contains(&day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_those_of_the_calendar() {
        for (text, wanted) in [
            ("2027-01-31", true),
            ("2028-02-29", true),
            ("2027-02-29", false),
            ("2100-02-29", false),
            ("2000-02-29", true),
            ("2027-04-31", false),
            ("2027-13-01", false),
            ("2027-00-01", false),
            ("2027-01-00", false),
            ("2027-1-1", false),
            ("2027-01-31T00", false),
            ("tomorrow", false),
            ("0000-01-01", false),
        ] {
            assert_eq!(is_day(text), wanted, "{text}");
        }
    }

    #[test]
    fn a_near_word_is_named() {
        assert_eq!(closest("waivre", ["waiver", "gate"]), Some("waiver"));
        assert_eq!(closest("zzz", ["waiver", "gate"]), None);
    }
}
