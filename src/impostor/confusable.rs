//! Characters that look like those of ASCII, and characters that cannot be seen.
//!
//! Names of PyPI, crates.io and GitHub are ASCII, so that one of these in a name is a trick or a mistake.
//! The table is the part of Unicode's "confusables" (UTS 39) that stands for letters and digits of ASCII.

/// What is odd about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Odd {
    /// The first odd character.
    pub letter: char,
    /// What it is, in a few words: `the Cyrillic letter`, `an invisible character`.
    pub what: &'static str,
    /// The text as it looks.
    pub reads: String,
}

/// Odd letters and what each looks like.
const LOOKS: &[(&str, &str)] = &[
    ("а", "a"),
    ("в", "b"),
    ("ь", "b"),
    ("с", "c"),
    ("ԁ", "d"),
    ("е", "e"),
    ("һ", "h"),
    ("і", "i"),
    ("ј", "j"),
    ("к", "k"),
    ("ӏ", "l"),
    ("м", "m"),
    ("н", "h"),
    ("о", "o"),
    ("р", "p"),
    ("ԛ", "q"),
    ("г", "r"),
    ("ѕ", "s"),
    ("т", "t"),
    ("ѵ", "v"),
    ("ԝ", "w"),
    ("х", "x"),
    ("у", "y"),
    ("α", "a"),
    ("β", "b"),
    ("ε", "e"),
    ("η", "n"),
    ("ι", "i"),
    ("κ", "k"),
    ("ν", "v"),
    ("ο", "o"),
    ("ρ", "p"),
    ("σ", "o"),
    ("τ", "t"),
    ("υ", "u"),
    ("χ", "x"),
    ("ω", "w"),
    ("γ", "y"),
    ("օ", "o"),
    ("ս", "u"),
    ("ո", "n"),
    ("հ", "h"),
    ("ց", "g"),
    ("զ", "q"),
    ("ı", "i"),
    ("ȷ", "j"),
    ("ɑ", "a"),
    ("ɡ", "g"),
    ("ɩ", "i"),
    ("ʟ", "l"),
    ("ɴ", "n"),
    ("ʀ", "r"),
    ("ꜱ", "s"),
    ("ᴛ", "t"),
    ("ᴜ", "u"),
    ("ᴠ", "v"),
    ("ᴡ", "w"),
    ("ᴢ", "z"),
    ("ᴏ", "o"),
    ("ᴄ", "c"),
    ("ſ", "f"),
    ("ℓ", "l"),
    ("‐", "-"),
    ("‑", "-"),
    ("‒", "-"),
    ("–", "-"),
    ("—", "-"),
    ("−", "-"),
    ("․", "."),
    ("⁄", "/"),
    ("∕", "/"),
];

/// The character of ASCII that another looks like.
fn look_of(c: char) -> Option<char> {
    let lower = c.to_lowercase().next().unwrap_or(c);
    let code = u32::from(c);
    let letter = |index: u32, first: u8| u8::try_from(index).ok().map(|index| char::from(first + index));
    match code {
        // Fullwidth forms stand in the order of ASCII.
        0xFF01..=0xFF5E => char::from_u32(code - 0xFEE0).map(|c| c.to_ascii_lowercase()),
        // Mathematical alphabets: capital and small letters in turn, then digits.
        0x1D400..=0x1D6A3 => letter((code - 0x1D400) % 26, b'a'),
        0x1D7CE..=0x1D7FF => letter((code - 0x1D7CE) % 10, b'0'),
        _ => LOOKS.iter().find(|(odd, _)| odd.starts_with(lower)).and_then(|(_, look)| look.chars().next()),
    }
}

/// Characters that take no space or turn the direction of a text.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}' | '\u{1160}' | '\u{180B}'..='\u{180F}'
        | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}' | '\u{E0000}'..='\u{E0FFF}')
}

fn kind(c: char) -> &'static str {
    match u32::from(c) {
        _ if is_invisible(c) => "an invisible character",
        0x0370..=0x03FF => "a Greek letter",
        0x0400..=0x052F => "a Cyrillic letter",
        0x0530..=0x058F => "an Armenian letter",
        0x2010..=0x2015 | 0x2212 => "a dash that is no hyphen",
        0xFF00..=0xFFEF => "a fullwidth character",
        0x1D400..=0x1D7FF => "a mathematical letter",
        _ => "a character that looks like another",
    }
}

/// What is odd about a text: a character that cannot be seen, or one that looks like a character of ASCII
/// among such. A name that is all of another script, and reads as nothing else, is not odd.
#[must_use]
pub fn odd(text: &str) -> Option<Odd> {
    if text.is_ascii() {
        return None;
    }
    let mut reads = String::with_capacity(text.len());
    let (mut first, mut is_mixed, mut reads_as_ascii) = (None, false, true);
    let mut hidden = None;
    for c in text.chars() {
        if c.is_ascii() {
            is_mixed |= c.is_ascii_alphanumeric();
            reads.push(c);
        } else if is_invisible(c) {
            hidden = hidden.or(Some(c));
        } else if let Some(look) = look_of(c) {
            first = first.or(Some(c));
            reads.push(look);
        } else {
            reads_as_ascii = false;
            reads.push(c);
        }
    }
    let letter = hidden.or(first.filter(|_| is_mixed || reads_as_ascii))?;
    Some(Odd { letter, what: kind(letter), reads })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn letters_of_other_scripts_are_seen_through() {
        for (text, reads, what) in [
            ("rеquests", "requests", "a Cyrillic letter"),
            ("ѕеrdе", "serde", "a Cyrillic letter"),
            ("nυmpy", "numpy", "a Greek letter"),
            ("ｎｕｍｐｙ", "numpy", "a fullwidth character"),
            ("𝗻umpy", "numpy", "a mathematical letter"),
            ("num\u{200B}py", "numpy", "an invisible character"),
            ("scikit–learn", "scikit-learn", "a dash that is no hyphen"),
            ("сосо", "coco", "a Cyrillic letter"),
        ] {
            let odd = odd(text).unwrap();
            assert_eq!((odd.reads.as_str(), odd.what), (reads, what), "{text}");
        }
        for plain in ["requests", "schöne-grüße", "библиотека", "工具", "café"] {
            assert_eq!(odd(plain), None, "{plain}");
        }
    }

    #[test]
    fn every_entry_of_the_table_is_one_letter_that_is_not_ascii() {
        for (odd, look) in LOOKS {
            assert_eq!((odd.chars().count(), look.len()), (1, 1), "{odd}");
            assert!(!odd.is_ascii() && look.is_ascii(), "{odd}");
        }
    }

    proptest! {
        #[test]
        fn ascii_is_never_odd(text in "[ -~]{0,40}") {
            prop_assert_eq!(odd(&text), None);
        }

        #[test]
        fn any_text_ends(text in "\\PC{0,64}") {
            if let Some(odd) = odd(&text) {
                prop_assert!(text.contains(odd.letter) && !odd.letter.is_ascii());
            }
        }
    }
}
