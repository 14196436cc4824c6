//! Whether a licence is one that a list names, in whichever spelling.

use crate::config::AssetLicences;
use crate::config::stars;
use crate::parse::licence::Licence;
use crate::source::Spanned;

/// Names of licences that name none. What is unlicensed has all rights reserved, and nobody says what may be done.
const NONE: &[&str] = &["", "n/a", "noassertion", "none", "null", "other", "tbd", "unknown", "unlicensed"];
/// Families of licences whose ids once ended with the version: `GPL-3.0` is `GPL-3.0-only`.
const OLD: &[&str] = &["agpl-", "gfdl-", "gpl-", "lgpl-"];

/// Whether a text names a licence.
pub(super) fn is_stated(licence: &str) -> bool {
    !NONE.contains(&licence.trim().to_ascii_lowercase().as_str())
}

/// Whether a licence is taken: an expression of SPDX as its parts are, any other name as it is written.
pub(super) fn is_taken(licence: &str, taken: &AssetLicences) -> bool {
    let is_in = |list: &[Spanned<String>], name: &str| {
        let names = spellings(name);
        list.iter().any(|one| {
            let patterns = spellings(one.as_str());
            patterns.iter().any(|pattern| names.iter().any(|name| stars(pattern, name)))
        })
    };
    let one = |name: &str| {
        let plain = name.split(" WITH ").next().unwrap_or(name);
        !is_in(&taken.deny, name)
            && !is_in(&taken.deny, plain)
            && taken.allow.as_ref().is_none_or(|allow| is_in(allow, name))
    };
    let licence = licence.trim();
    if !licence.contains(char::is_whitespace) && !licence.contains('/') {
        return one(licence);
    }
    match Licence::parse(licence) {
        Some(expression) => expression.is_met(&one),
        // What cannot be read as an expression may still be one: a licence that is denied must not stand in it.
        None => {
            let mut words = licence
                .split(|sign: char| sign.is_whitespace() || matches!(sign, '(' | ')' | ',' | ';' | '/' | '|' | '&'));
            one(licence) && !words.any(|word| !word.is_empty() && is_in(&taken.deny, word))
        }
    }
}

/// A name as it is written, with hyphens where people write blanks, lines and other dashes, as its page is called where
/// it is an address, and as SPDX called it before.
fn spellings(name: &str) -> Vec<String> {
    let mut out = vec![name.trim().to_owned()];
    let mut add = |text: String| {
        if !text.is_empty() && !out.contains(&text) {
            out.push(text);
        }
    };
    let lower = name.trim().to_lowercase();
    let bare = match lower.split_once("://") {
        Some((_, rest)) => {
            let page = rest.split(['?', '#']).next().unwrap_or(rest).trim_end_matches('/');
            let page = page.strip_suffix("/legalcode").or_else(|| page.strip_suffix("/deed.en")).unwrap_or(page);
            // Creative Commons has the version in a folder of its own.
            let mut parts = page.rsplit('/');
            let last = parts.next().unwrap_or(page);
            let last = [".html", ".txt", ".md", ".php"].iter().find_map(|end| last.strip_suffix(end)).unwrap_or(last);
            match parts.next().filter(|_| rest.starts_with("creativecommons.org/licenses/")) {
                Some(kind) => format!("cc-{kind}-{last}"),
                None => last.to_owned(),
            }
        }
        None => lower,
    };
    let mut joined = String::with_capacity(bare.len());
    for sign in bare.chars() {
        let sign = match sign {
            '_' | '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}' => '-',
            sign if sign.is_whitespace() => '-',
            sign => sign,
        };
        if sign != '-' || !joined.ends_with('-') {
            joined.push(sign);
        }
    }
    if OLD.iter().any(|family| joined.starts_with(family)) && !joined.contains('*') {
        let old = joined.strip_suffix("-only").unwrap_or(&joined);
        let old = old.strip_suffix("-or-later").map_or_else(|| old.to_owned(), |old| format!("{old}+"));
        add(old);
    }
    add(joined);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn list(words: &[&str]) -> Vec<Spanned<String>> {
        words.iter().map(|w| Spanned::new((*w).to_owned(), Span::default())).collect()
    }

    #[test]
    fn licences_are_taken_by_name_by_pattern_and_by_their_parts() {
        for (licence, allow, deny, taken) in [
            ("apache-2.0", &["Apache-2.0"][..], &[][..], true),
            ("Apache-2.0", &["apache-2.0"], &[], true),
            ("llama3.2", &["llama3*"], &[], true),
            ("llama3.2", &["llama3*"], &["llama3.2"], false),
            ("cc-by-nc-4.0", &["*"], &["*-nc-*"], false),
            ("MIT OR GPL-3.0-only", &["mit"], &[], true),
            ("MIT AND GPL-3.0-only", &["mit"], &[], false),
            ("a text of its own", &["mit"], &[], false),
            ("gemma", &[], &[], false),
            ("unlicensed", &["mit"], &[], false),
        ] {
            let allowed = AssetLicences { allow: Some(list(allow)), deny: list(deny), ..AssetLicences::default() };
            assert_eq!(is_taken(licence, &allowed), taken, "{licence} {allow:?} {deny:?}");
        }
        assert!(is_taken("gemma", &AssetLicences::default()), "without a list any will do");
        assert!(!is_stated(" Other ") && is_stated("openrail"));
    }

    #[test]
    fn a_denied_licence_has_many_spellings() {
        let denied = AssetLicences {
            deny: list(&["GPL-3.0-only", "cc-by-nc-4.0", "AGPL-3.0-or-later"]),
            ..AssetLicences::default()
        };
        for licence in [
            "GPL-3.0",
            "gpl-3.0-only",
            "GPL-3.0-only AND foo bar",
            "foo bar, cc-by-nc-4.0",
            "MIT/GPL-3.0 and more",
            "cc by-nc 4.0",
            "cc_by_nc_4.0",
            "cc\u{2011}by\u{2011}nc\u{2011}4.0",
            "https://creativecommons.org/licenses/by-nc/4.0/",
            "https://creativecommons.org/licenses/by-nc/4.0/legalcode",
            "https://spdx.org/licenses/CC-BY-NC-4.0.html",
            "AGPL-3.0+",
        ] {
            assert!(!is_taken(licence, &denied), "{licence}");
        }
        for licence in ["GPL-3.0-or-later", "cc-by-4.0", "MIT", "AGPL-3.0-only"] {
            assert!(is_taken(licence, &denied), "{licence}");
        }
    }
}
