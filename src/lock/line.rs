//! One line of a lock: a key of dotted parts, some of them quoted, and a quoted value. The part of TOML that a lock is
//! written in, and no more.

use std::fmt::Write as _;

/// Most parts of a key.
const PARTS: usize = 6;

/// A line that says something.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Parts of the key; the first and the third are bare words, the others are quoted.
    pub parts: Vec<String>,
    /// The value.
    pub value: String,
}

/// Reads a line without its end; none where nothing stands there or a comment does.
///
/// # Errors
/// A sentence fragment that says what is wrong.
pub(super) fn read(line: &str) -> Result<Option<Line>, String> {
    let mut rest = line.trim_matches([' ', '\t']);
    // What a terminal or a review shows of a line is what is read of it.
    if line.contains(|sign: char| sign != '\t' && (sign.is_control() || turns(sign))) {
        return Err("a sign that steers the screen or turns text around".to_owned());
    }
    if rest.is_empty() || rest.starts_with('#') {
        return Ok(None);
    }
    if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| rest.starts_with(mark)) {
        return Err("a merge that git left open: take its marks out, the lines of both sides may stay".to_owned());
    }
    let mut parts = Vec::new();
    loop {
        if parts.len() == PARTS {
            return Err(format!("a key of more than {PARTS} parts"));
        }
        let (part, after) = match rest.strip_prefix('"') {
            Some(_) if matches!(parts.len(), 0 | 2) => {
                return Err("what is a word of its own stands in quotes".to_owned());
            }
            Some(after) => text(after)?,
            None => word(rest)?,
        };
        parts.push(part);
        rest = after;
        match rest.strip_prefix('.') {
            Some(after) => rest = after,
            None => break,
        }
    }
    let value = rest.trim_start_matches([' ', '\t']).strip_prefix('=');
    let value = value.map(|value| value.trim_start_matches([' ', '\t']));
    let Some(value) = value.and_then(|value| value.strip_prefix('"')) else {
        return Err("a line of the lock is `KEY = \"VALUE\"`".to_owned());
    };
    let (value, after) = text(value)?;
    if !after.trim_matches([' ', '\t']).is_empty() {
        return Err("something stands behind the value".to_owned());
    }
    Ok(Some(Line { parts, value }))
}

fn word(rest: &str) -> Result<(String, &str), String> {
    let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').unwrap_or(rest.len());
    match rest.split_at_checked(end) {
        Some((word, after)) if !word.is_empty() => Ok((word.to_owned(), after)),
        _ => Err("a line of the lock is `KEY = \"VALUE\"`".to_owned()),
    }
}

/// A text up to its closing quote, and what stands behind that. Each text has one spelling, that of [`quote`]: another
/// would show a reviewer something else than is read.
fn text(rest: &str) -> Result<(String, &str), String> {
    let (out, after) = unescaped(rest)?;
    let mut again = String::with_capacity(out.len() + 2);
    quote(&out, &mut again);
    let written = rest.get(..rest.len() - after.len()).unwrap_or("");
    if again.get(1..) != Some(written) {
        return Err("a text that is not spelled as the lock spells it: a sign that is not seen stands in it, or an \
                    escape where none is needed"
            .to_owned());
    }
    Ok((out, after))
}

fn unescaped(rest: &str) -> Result<(String, &str), String> {
    let mut out = String::new();
    let mut signs = rest.char_indices();
    while let Some((at, sign)) = signs.next() {
        match sign {
            '"' => return Ok((out, rest.get(at + 1..).unwrap_or(""))),
            '\\' => {
                let code = signs.next().map(|(_, code)| code);
                let digits = match code {
                    Some('u') => 4,
                    Some('U') => 8,
                    _ => 0,
                };
                let plain = match code {
                    Some('"') => Some('"'),
                    Some('\\') => Some('\\'),
                    Some('n') => Some('\n'),
                    Some('r') => Some('\r'),
                    Some('t') => Some('\t'),
                    Some('u' | 'U') => {
                        let hex = rest.get(at + 2..at + 2 + digits);
                        let hex = hex.filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
                        hex.and_then(|hex| u32::from_str_radix(hex, 16).ok()).and_then(char::from_u32)
                    }
                    _ => None,
                };
                let Some(plain) = plain else { return Err("an escape that means nothing".to_owned()) };
                out.push(plain);
                if digits > 0 {
                    signs.nth(digits - 1);
                }
            }
            sign => out.push(sign),
        }
    }
    Err("a text without its closing quote".to_owned())
}

/// Writes a text in quotes. What cannot be seen, or turns what is seen around, is written as its number, so that a
/// diff shows what is there.
pub(super) fn quote(text: &str, out: &mut String) {
    out.push('"');
    for sign in text.chars() {
        match sign {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            sign if is_unseen(sign) => {
                let code = u32::from(sign);
                let _ = if code > 0xffff { write!(out, "\\U{code:08X}") } else { write!(out, "\\u{code:04X}") };
            }
            sign => out.push(sign),
        }
    }
    out.push('"');
}

fn is_unseen(sign: char) -> bool {
    sign.is_control()
        || turns(sign)
        || matches!(sign, '\u{ad}' | '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{3164}')
        || matches!(sign, '\u{180b}'..='\u{180f}' | '\u{feff}' | '\u{ffa0}' | '\u{2028}' | '\u{2029}')
        || matches!(sign, '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}')
        || matches!(sign, '\u{fe00}'..='\u{fe0f}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a sign changes the direction in which what stands beside it is shown.
fn turns(sign: char) -> bool {
    matches!(sign, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_toml_reads_them() {
        let one = read(r#"model."huggingface:a/b".file."c \"d\".json" = "sha256:x 5""#).expect("a line").expect("one");
        assert_eq!(one.parts, ["model", "huggingface:a/b", "file", "c \"d\".json"]);
        assert_eq!(one.value, "sha256:x 5");
        let odd = read("  lock.version=\"1\\u200B\\U000E0041\u{1F600}\"\t").expect("a line").expect("one");
        assert_eq!(odd.value, "1\u{200b}\u{e0041}\u{1F600}");
        assert_eq!((read(""), read("# x = \"y\""), read("  ")), (Ok(None), Ok(None), Ok(None)));
    }

    #[test]
    fn what_is_no_line_is_told() {
        for (line, told) in [
            ("x", "KEY ="),
            ("x = 1", "KEY ="),
            (". = \"\"", "KEY ="),
            ("x. = \"\"", "KEY ="),
            ("x.\"y = \"", "KEY ="),
            ("x = \"y", "closing quote"),
            ("x = \"y\" # z", "behind the value"),
            ("x = \"\\q\"", "escape"),
            ("x = \"\\uD800\"", "escape"),
            ("x = \"\\u12\"", "escape"),
            ("x = \"\u{1}\"", "steers the screen"),
            ("# \rmodel.x = \"good\"", "steers the screen"),
            ("# \u{1b}[2K", "steers the screen"),
            ("# \u{202e}good", "turns text around"),
            ("x = \"a\u{2066}b\"", "turns text around"),
            ("x = \"a\tb\"", "as the lock spells it"),
            ("x = \"a\u{200b}b\"", "as the lock spells it"),
            ("x.\"a\u{3164}b\" = \"c\"", "as the lock spells it"),
            ("\"mo\\u0064el\".\"a\" = \"c\"", "a word of its own"),
            ("x.\"\\u0061\" = \"c\"", "as the lock spells it"),
            ("x = \"\\u0031\"", "as the lock spells it"),
            ("x = \"\\u000A\"", "as the lock spells it"),
            ("x = \"\\u200b\"", "as the lock spells it"),
            ("x = \"\\U0000200B\"", "as the lock spells it"),
            ("\"x\" = \"c\"", "a word of its own"),
            ("<<<<<<< ours", "merge"),
            ("a.b.c.d.e.f.g = \"\"", "more than 6"),
        ] {
            assert!(read(line).is_err_and(|why| why.contains(told)), "{line}");
        }
    }

    #[test]
    fn texts_come_back_and_hide_nothing() {
        for text in ["", "a\"b\\c", "line\nfeed\r\t", "right\u{202e}left", "\u{1F600}\u{e0041}", "\u{7f}\u{0}"] {
            let mut out = "x = ".to_owned();
            quote(text, &mut out);
            assert!(!out.chars().any(is_unseen), "{text:?}");
            assert_eq!(read(&out).expect("a line").expect("one").value, text);
        }
    }
}
