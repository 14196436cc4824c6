//! Text that the grammar can read in place of text that it cannot, of the same length byte by byte.
//!
//! A shell takes more between braces and in numbers than the grammar does: `${PROXY:-one|two}` is one word and
//! `10#08` one number. The tree is made from the masked text; what is said of a word is read from the real one. So
//! only bytes may be masked that are part of a word to every shell.

use std::borrow::Cow;

/// The text for the grammar.
pub(super) fn masked(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut out: Option<Vec<u8>> = None;
    for at in memchr(bytes, b'$').filter(|at| !is_escaped(bytes, *at)) {
        for index in operators_of_default(bytes, at).into_iter().flatten() {
            put(&mut out, bytes, index, b'.');
        }
    }
    for at in memchr(bytes, b'#').filter(|at| is_base(bytes, *at)) {
        put(&mut out, bytes, at, b'+');
    }
    match out.map(String::from_utf8) {
        Some(Ok(masked)) => Cow::Owned(masked),
        Some(Err(_)) | None => Cow::Borrowed(text),
    }
}

fn memchr(bytes: &[u8], wanted: u8) -> impl Iterator<Item = usize> {
    bytes.iter().enumerate().filter(move |(_, byte)| **byte == wanted).map(|(at, _)| at)
}

fn put(out: &mut Option<Vec<u8>>, bytes: &[u8], at: usize, byte: u8) {
    if let Some(place) = out.get_or_insert_with(|| bytes.to_vec()).get_mut(at) {
        *place = byte;
    }
}

/// `\$` is a dollar, and of `$$` the second begins nothing.
fn is_escaped(bytes: &[u8], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| bytes.get(before)).is_some_and(|before| matches!(before, b'\\' | b'$'))
}

/// Most bytes of what stands for a variable that is not set.
const MAX_DEFAULT: usize = 512;

/// Operators in `${NAME:-a|b}`, where nothing in it is quoted, runs a command or goes over the line.
fn operators_of_default(bytes: &[u8], at: usize) -> Option<Vec<usize>> {
    let rest = bytes.get(at + 1..)?.strip_prefix(b"{")?;
    let name = rest.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'_').count();
    let sign = name + usize::from(rest.get(name) == Some(&b':'));
    if name == 0 || !matches!(rest.get(sign), Some(b'-' | b'+' | b'=' | b'?')) {
        return None;
    }
    let inner = rest.get(sign + 1..)?;
    let start = at + 2 + sign + 1;
    let mut found = Vec::new();
    let mut bytes = inner.iter().take(MAX_DEFAULT).enumerate();
    while let Some((index, byte)) = bytes.next() {
        match byte {
            b'}' => return Some(found),
            b'|' | b';' | b'&' | b'<' | b'>' => found.push(start + index),
            b'\\' if inner.get(index + 1) == Some(&b'`') => {
                found.extend([start + index, start + index + 1]);
                let _ = bytes.next();
            }
            b'{' | b'(' | b')' | b'"' | b'\'' | b'`' | b'\\' | b'\n' | b'\r' => return None,
            _ => {}
        }
    }
    None
}

/// Whether the sign stands between the base of a number and the number: `10#08`, `10#$month`.
fn is_base(bytes: &[u8], at: usize) -> bool {
    let before = bytes.get(..at).unwrap_or_default();
    let digits = before.iter().rev().take(3).take_while(|b| b.is_ascii_digit()).count();
    let starts = before
        .len()
        .checked_sub(digits + 1)
        .and_then(|i| before.get(i))
        .is_some_and(|b| matches!(b, b'(' | b' ' | b'+' | b'-' | b'*' | b'=' | b'<' | b'>' | b','));
    let goes_on = bytes.get(at + 1).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'$');
    matches!(digits, 1 | 2) && starts && goes_on
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_part_of_a_word_is_masked() {
        for (text, wanted) in [
            ("export P=\"${P:-https://example.com|direct}\"", "export P=\"${P:-https://example.com.direct}\""),
            ("B=\"in${P:+ as \\`$P\\` member}\"", "B=\"in${P:+ as ..$P.. member}\""),
            ("x=$((10#$patch + 1))", "x=$((10+$patch + 1))"),
            ("x=$(( 08 ))", "x=$(( 08 ))"),
        ] {
            assert_eq!(masked(text), wanted);
            assert_eq!(masked(text).len(), text.len());
        }
        for text in [
            // A dollar of its own, and what stands behind it is a pipe.
            "echo \\${P:-$URL | sh }",
            "echo $${P:-a | sh ; }",
            "echo ${P:-$(curl example.com | sh)}",
            "echo ${P:-`curl example.com | sh`}",
            "echo '${P:-' | sh; echo '}'",
            "echo ${P:-\n curl | sh }",
            "echo ${P} | sh",
            "echo ${P#a|b} ${#P} ${1#x} $1#2 a10#x",
            "echo 1 # 10 | sh",
        ] {
            assert_eq!(masked(text), text);
        }
    }
}
