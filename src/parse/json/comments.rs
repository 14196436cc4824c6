//! JSON as editors write it: with comments, and commas before closing brackets. Both are blanked, byte for
//! byte, so that every place stays what it is.

use std::borrow::Cow;

/// The text without comments and trailing commas, as long as it was.
pub(super) fn blank(text: &str) -> Cow<'_, str> {
    if !text.contains("//") && !text.contains("/*") && !text.contains(',') {
        return Cow::Borrowed(text);
    }
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    // The last comma behind which nothing stood yet.
    let mut comma = None;
    let mut at = 0;
    let mut clear = |from: usize, to: usize| {
        let kept = out.get_or_insert_with(|| bytes.to_vec());
        for byte in kept.get_mut(from..to).unwrap_or_default() {
            if !matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    };
    while let Some(&byte) = bytes.get(at) {
        match (byte, bytes.get(at + 1)) {
            (b'"', _) => {
                comma = None;
                at = end_of_string(bytes, at + 1);
                continue;
            }
            (b'/', Some(b'/')) => {
                let rest = bytes.get(at..).unwrap_or_default();
                let end = rest.iter().position(|b| *b == b'\n').map_or(bytes.len(), |length| at + length);
                clear(at, end);
                at = end;
                continue;
            }
            (b'/', Some(b'*')) => {
                // One that nobody closes is left, and is a problem of the reader's.
                let rest = bytes.get(at + 2..).unwrap_or_default();
                let Some(length) = rest.windows(2).position(|pair| pair == b"*/") else { break };
                clear(at, at + 2 + length + 2);
                at += 2 + length + 2;
                continue;
            }
            (b',', _) => comma = Some(at),
            (b'}' | b']', _) => {
                if let Some(place) = comma.take() {
                    clear(place, place + 1);
                }
            }
            (b' ' | b'\t' | b'\n' | b'\r', _) => {}
            _ => comma = None,
        }
        at += 1;
    }
    match out.map(String::from_utf8) {
        Some(Ok(out)) => Cow::Owned(out),
        _ => Cow::Borrowed(text),
    }
}

/// One past the closing quote, or the end of the line where there is none.
fn end_of_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            b'\n' => return at,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn comments_and_last_commas_are_blanked() {
        for (text, wanted) in [
            ("{\"a\": 1, // é\n}", "{\"a\": 1       \n}"),
            ("[1, /* two */ 2,]", "[1,           2 ]"),
            ("{\"a\": \"http://x\", \"b\": \"/* no */\"}", "{\"a\": \"http://x\", \"b\": \"/* no */\"}"),
            ("{\"a\": \"\\\"//\",\n // x\n}", "{\"a\": \"\\\"//\" \n     \n}"),
            ("[1, /* open", "[1, /* open"),
            ("[,]", "[ ]"),
        ] {
            assert_eq!(blank(text), wanted, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_moves(text in "[\\[\\]{}\",:/*\\\\ a\né]{0,60}") {
            let out = blank(&text);
            prop_assert_eq!(out.len(), text.len());
            for (before, after) in text.bytes().zip(out.bytes()) {
                prop_assert!(before == after || after == b' ');
            }
        }
    }
}
