//! JSON without signs that a terminal or an editor obeys: the same text, with those signs written as JSON allows.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a sign moves the cursor, turns the direction of text or ends a line, and is seen by nobody.
#[must_use]
pub fn is_obeyed(sign: char) -> bool {
    matches!(
        sign,
        '\u{7f}'..='\u{9f}'
            | '\u{61c}'
            | '\u{200e}'
            | '\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2066}'..='\u{2069}'
            | '\u{feff}'
    )
}

/// A text of JSON with such signs as `\u009b`. They can stand in its texts alone, so that nothing of its form changes.
#[must_use]
pub fn json(text: &str) -> Cow<'_, str> {
    // 0x7F, and the first bytes of the others.
    if !text.bytes().any(|byte| matches!(byte, 0x7f | 0xc2 | 0xd8 | 0xe2 | 0xef)) || !text.contains(is_obeyed) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 64);
    for sign in text.chars() {
        if is_obeyed(sign) {
            let _ = write!(out, "\\u{:04x}", u32::from(sign));
        } else {
            out.push(sign);
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_written_out() {
        let text = "{\"a\": \"x\u{9b}31m\u{202e}y\u{2066}\u{2028}é日…\"}";
        assert_eq!(json(text), "{\"a\": \"x\\u009b31m\\u202ey\\u2066\\u2028é日…\"}");
        let (raw, told): (serde_json::Value, serde_json::Value) =
            (serde_json::from_str(text).unwrap(), serde_json::from_str(&json(text)).unwrap());
        assert_eq!(raw, told);
    }
}
