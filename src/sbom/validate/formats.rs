//! Forms of texts: those that JSON Schema names, patterns of the schemas by names of our own, and ids of licences.
//! Sources: RFC 3339 (times), RFC 3986 and 3987 (addresses), the schemas of CycloneDX and SPDX, SPDX's list of licences.

use super::addresses::email;
use super::addresses::iri_reference;
use super::addresses::uri;
use crate::parse::licence;
use crate::sbom::licences;

/// How a text stands to the list of licences.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum LicenceId {
    /// It is on it.
    Listed,
    /// It is on a newer one than that of CycloneDX's schema.
    Newer,
    /// It is not; perhaps in another spelling.
    Unknown(Option<&'static str>),
}

/// How a text stands to SPDX's list of licences and exceptions.
pub(super) fn licence_id(text: &str) -> LicenceId {
    if licences::UNLISTED.contains(&text) {
        return LicenceId::Unknown(None);
    }
    if licences::NEWER.contains(&text) {
        return LicenceId::Newer;
    }
    if licence::listed(text).is_some() || licence::listed_exception(text).is_some() {
        return LicenceId::Listed;
    }
    LicenceId::Unknown(licence::listed_in_any_case(text))
}

/// A name of a form, what tells whether a text is of it, and what it is in words.
type Form = (&'static str, fn(&str) -> bool, &'static str);

const FORMS: &[Form] = &[
    ("date-time", date_time, "a time like 2026-01-31T12:00:00Z"),
    ("date", date, "a date like 2026-01-31"),
    ("iri-reference", iri_reference, "an address or a part of one"),
    ("uri", uri, "an address with its scheme"),
    ("idn-email", email, "a mail address"),
];

const PATTERNS: &[Form] = &[
    ("urn-uuid", urn_uuid, "urn:uuid: and a UUID in lower case"),
    ("bom-link", bom_link, "a BOM-Link: urn:cdx:UUID/VERSION"),
    ("bom-link-element", bom_link_element, "a BOM-Link to a part: urn:cdx:UUID/VERSION#REFERENCE"),
    ("media-type", media_type, "a media type in lower case"),
    ("digest", digest, "32, 40, 64, 96 or 128 hexadecimal digits"),
    ("locale", locale, "a language like en or en-US"),
    ("cre", cre, "CRE: and two numbers"),
    ("country", country, "a country of two capital letters"),
    ("patent-number", patent_number, "a patent number"),
    ("one-line", one_line, "one line"),
    ("time-offset", time_offset, "a time like 2026-01-31T12:00:00Z"),
    ("time-z", time_z, "a time in UTC like 2026-01-31T12:00:00Z"),
    ("decimal", decimal, "a decimal number"),
    ("type-subtype", type_subtype, "a media type: TYPE/SUBTYPE"),
    ("semver", semver, "a semantic version"),
    ("iri", iri, "an IRI"),
    ("blank-node", blank_node, "a blank node"),
];

fn row<'r>(rows: &'r [Form], name: &str) -> Option<&'r Form> {
    rows.iter().find(|(one, ..)| *one == name)
}

/// Whether a form is known.
#[cfg(test)]
pub(super) fn is_form(name: &str) -> bool {
    row(FORMS, name).is_some()
}

/// Whether a pattern is known.
#[cfg(test)]
pub(super) fn is_pattern(name: &str) -> bool {
    row(PATTERNS, name).is_some()
}

/// Whether a text has a form; one that is not known asks for nothing.
pub(super) fn fits_form(name: &str, text: &str) -> bool {
    row(FORMS, name).is_none_or(|(_, fits, _)| fits(text))
}

/// Whether a text fits a pattern; one that is not known asks for nothing.
pub(super) fn fits_pattern(name: &str, text: &str) -> bool {
    row(PATTERNS, name).is_none_or(|(_, fits, _)| fits(text))
}

/// What a form or pattern is, in words.
pub(super) fn words(name: &str) -> &'static str {
    row(FORMS, name).or_else(|| row(PATTERNS, name)).map_or("of the form that is asked for", |(.., words)| words)
}

/// Digits at a place of a text as a number.
fn digits(bytes: &[u8], from: usize, count: usize) -> Option<u32> {
    let digits = bytes.get(from..from + count)?;
    digits.iter().try_fold(0, |sum, digit| digit.is_ascii_digit().then(|| sum * 10 + u32::from(digit - b'0')))
}

fn date(text: &str) -> bool {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes[4] != b'-' || bytes[7] != b'-' {
        return false;
    }
    let (Some(year), Some(month), Some(day)) = (digits(bytes, 0, 4), digits(bytes, 5, 2), digits(bytes, 8, 2)) else {
        return false;
    };
    let leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    let longest = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + u32::from(leaps),
        _ => 0,
    };
    (1..=longest).contains(&day)
}

fn date_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once(['T', 't']) else { return false };
    date(day) && full_time(time).unwrap_or(false)
}

/// The time of a day with its offset, as RFC 3339 has it. A second 60 is the last one of a day in UTC.
fn full_time(text: &str) -> Option<bool> {
    let bytes = text.as_bytes();
    let (hour, minute, second) = (digits(bytes, 0, 2)?, digits(bytes, 3, 2)?, digits(bytes, 6, 2)?);
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') || hour > 23 || minute > 59 || second > 60 {
        return Some(false);
    }
    let mut rest = bytes.get(8..)?;
    if let Some(after) = rest.strip_prefix(b".") {
        let count = after.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count == 0 {
            return Some(false);
        }
        rest = after.get(count..)?;
    }
    let offset = match rest {
        b"Z" | b"z" => 0,
        [sign @ (b'+' | b'-'), hours @ ..] if hours.len() == 5 && hours[2] == b':' => {
            let (hours, minutes) = (digits(hours, 0, 2)?, digits(hours, 3, 2)?);
            if hours > 23 || minutes > 59 {
                return Some(false);
            }
            let offset = i64::from(hours * 60 + minutes);
            if *sign == b'+' { offset } else { -offset }
        }
        _ => return Some(false),
    };
    let utc = (i64::from(hour * 60 + minute) - offset).rem_euclid(24 * 60);
    Some(second < 60 || utc == 23 * 60 + 59)
}

/// A UUID in lower case, and what follows it.
fn after_uuid(text: &str) -> Option<&str> {
    let (uuid, rest) = text.split_at_checked(36)?;
    let fits = uuid.bytes().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    });
    fits.then_some(rest)
}

fn urn_uuid(text: &str) -> bool {
    text.strip_prefix("urn:uuid:").and_then(after_uuid).is_some_and(str::is_empty)
}

/// The revision of a BOM-Link and what follows it.
fn after_bom_link(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("urn:cdx:").and_then(after_uuid)?.strip_prefix('/')?;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    let (revision, after) = rest.split_at(end);
    (!revision.is_empty() && !revision.starts_with('0')).then_some(after)
}

fn bom_link(text: &str) -> bool {
    after_bom_link(text).is_some_and(str::is_empty)
}

fn bom_link_element(text: &str) -> bool {
    after_bom_link(text).and_then(|rest| rest.strip_prefix('#')).is_some_and(|rest| !rest.is_empty() && one_line(rest))
}

fn media_type(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'-' | b'+' | b'.' | b'a'..=b'z' | b'0'..=b'9'))
    };
    text.split_once('/').is_some_and(|(kind, sub)| is_word(kind) && is_word(sub))
}

fn digest(text: &str) -> bool {
    matches!(text.len(), 32 | 40 | 64 | 96 | 128) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

fn locale(text: &str) -> bool {
    let (language, region) = text.split_once('-').map_or((text, None), |(language, region)| (language, Some(region)));
    language.len() == 2 && language.bytes().all(|byte| byte.is_ascii_lowercase()) && region.is_none_or(country)
}

fn country(text: &str) -> bool {
    text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())
}

fn cre(text: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    text.strip_prefix("CRE:").and_then(|rest| rest.split_once('-')).is_some_and(|(a, b)| is_number(a) && is_number(b))
}

fn patent_number(text: &str) -> bool {
    let count = text.chars().count();
    let is_edge = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let is_inner =
        |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '/' | '.' | '(' | ')' | '\u{feff}') || is_blank(c);
    (2..=30).contains(&count)
        && is_edge(text.chars().next())
        && is_edge(text.chars().next_back())
        && text.chars().all(is_inner)
}

/// What `\s` is in patterns of JSON Schema, which are those of JavaScript.
fn is_blank(c: char) -> bool {
    c.is_whitespace() && c != '\u{85}'
}

/// `.` of a pattern takes no end of a line.
fn is_line_end(c: char) -> bool {
    matches!(c, '\n' | '\r' | '\u{2028}' | '\u{2029}')
}

fn one_line(text: &str) -> bool {
    !text.contains(is_line_end)
}

/// The first line of a text.
fn first_line(text: &str) -> &str {
    text.split(is_line_end).next().unwrap_or("")
}

fn iri(text: &str) -> bool {
    let line = first_line(text);
    let mut chars = line.chars();
    chars.next().is_some()
        && !text.starts_with("_:")
        && chars.as_str().find(':').is_some_and(|at| at + 1 < chars.as_str().len())
}

fn blank_node(text: &str) -> bool {
    text.strip_prefix("_:").is_some_and(|rest| !first_line(rest).is_empty())
}

/// Text whose bytes are those of a picture, in which `0` stands for any digit.
fn is_picture(text: &str, picture: &str) -> bool {
    text.len() == picture.len()
        && text.bytes().zip(picture.bytes()).all(|(byte, wanted)| match wanted {
            b'0' => byte.is_ascii_digit(),
            _ => byte == wanted,
        })
}

fn time_z(text: &str) -> bool {
    is_picture(text, "0000-00-00T00:00:00Z")
}

fn time_offset(text: &str) -> bool {
    if !text.is_ascii() || text.len() < 20 {
        return false;
    }
    let (time, offset) = text.split_at(19);
    let at = |place: usize| time.as_bytes().get(place).copied().unwrap_or(0);
    is_picture(time, "0000-00-00T00:00:00")
        && at(5) <= b'1'
        && at(8) <= b'3'
        && at(11) <= b'2'
        && at(14) <= b'6'
        && at(17) <= b'6'
        && (offset == "Z" || is_picture(offset, "+00:00") || is_picture(offset, "-00:00"))
}

fn decimal(text: &str) -> bool {
    let text = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    !whole.is_empty() && whole.bytes().chain(part.bytes()).all(|byte| byte.is_ascii_digit())
}

fn type_subtype(text: &str) -> bool {
    text.split_once('/').is_some_and(|(kind, sub)| !kind.is_empty() && !sub.is_empty() && !sub.contains('/'))
}

fn semver(text: &str) -> bool {
    let is_number = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'))
    };
    let is_name =
        |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
    let (core, early) = text.split_once('-').map_or((text, None), |(core, early)| (core, Some(early)));
    let mut parts = core.split('.');
    let three = parts.by_ref().take(3).filter(|part| is_number(part)).count() == 3 && parts.next().is_none();
    three
        && build.is_none_or(|build| build.split('.').all(is_name))
        && early.is_none_or(|early| {
            early
                .split('.')
                .all(|one| is_name(one) && (one.bytes().any(|byte| !byte.is_ascii_digit()) || is_number(one)))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_and_patterns() {
        for (name, text, is) in [
            ("date-time", "2026-01-31T12:00:00Z", true),
            ("date-time", "2026-01-31T12:00:00.123+02:00", true),
            ("date-time", "2026-02-30T12:00:00Z", false),
            ("date-time", "2026-01-31 12:00:00Z", false),
            ("date-time", "2026-01-31T12:00:00", false),
            ("date-time", "2016-12-31T23:59:60Z", true),
            ("date-time", "2016-12-31T12:59:60Z", false),
            ("date-time", "2017-01-01T00:59:60+01:00", true),
            ("iri-reference", "https://example.com/a?b=c#d", true),
            ("iri-reference", "", true),
            ("iri-reference", "a b", false),
            ("iri-reference", "https://example.com/ä", true),
            ("iri-reference", "git@example.com:a/b.git", false),
            ("iri-reference", "https://[::1]:80/", true),
            ("iri-reference", "https://[::1/", false),
            ("iri-reference", "https://example.com:x/", false),
            ("iri-reference", "%zz", false),
            ("iri-reference", "//host:80", true),
            ("uri", "https://example.com/ä", false),
            ("uri", "example.com", false),
            ("idn-email", "a@example.com", true),
            ("idn-email", "a at example.com", false),
            ("urn-uuid", "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79", true),
            ("urn-uuid", "urn:uuid:3E671687-395b-41f5-a30f-a58921a69b79", false),
            ("bom-link", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", true),
            ("bom-link", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/0", false),
            ("bom-link-element", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/12#a", true),
            ("media-type", "text/plain", true),
            ("media-type", "Text/plain", false),
            ("locale", "en-US", true),
            ("locale", "eng", false),
            ("iri", "a:b", true),
            ("iri", "_:b", false),
            ("iri", ":b", false),
            ("iri", "::b", true),
            ("blank-node", "_:b", true),
            ("blank-node", "_:\nb", false),
            ("time-z", "2026-01-31T12:00:00Z", true),
            ("time-offset", "2026-41-31T12:00:00Z", false),
            ("decimal", "-1.", true),
            ("decimal", ".5", false),
            ("semver", "3.0.1", true),
            ("semver", "3.0", false),
            ("semver", "1.0.0-alpha.01", false),
            ("semver", "1.0.0-a-b+001", true),
            ("cre", "CRE:764-507", true),
            ("digest", "ab", false),
        ] {
            let fits = if is_form(name) { fits_form(name, text) } else { fits_pattern(name, text) };
            assert_eq!(fits, is, "{name} {text:?}");
        }
    }

    #[test]
    fn licence_ids_are_told_from_names_of_hubs() {
        assert_eq!(licence_id("MIT"), LicenceId::Listed);
        assert_eq!(licence_id("LLVM-exception"), LicenceId::Listed);
        assert_eq!(licence_id("mit"), LicenceId::Unknown(Some("MIT")));
        assert_eq!(licence_id("llama3.2"), LicenceId::Unknown(None));
        assert_eq!(licence_id("NOASSERTION"), LicenceId::Unknown(None));
        for id in licences::NEWER {
            assert_eq!(licence_id(id), LicenceId::Newer, "{id}");
            // Ids that the reader of expressions does not know cannot be newer than anything.
            assert!(licence::listed(id).is_some() || licence::listed_exception(id).is_some(), "{id}");
        }
    }
}
