//! Bytes that are written as text.

/// Bytes that a text in base 64 stands for, of either alphabet; blanks and padding are passed over. None where it
/// is something else.
pub(super) fn base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let (mut held, mut bits) = (0_u32, 0);
    for byte in text {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' | b'\n' | b'\r' | b' ' | b'\t' => continue,
            _ => return None,
        };
        held = held << 6 | u32::from(value);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits & 0xFF) as u8);
        }
    }
    Some(out)
}

/// Bytes that pairs of hexadecimal digits stand for; a last digit alone is passed over. None where it is something
/// else.
pub(super) fn hexadecimal(run: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    run.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_or_are_none() {
        assert_eq!(base64(b"4wEA\nAAA="), Some(vec![0xE3, 1, 0, 0, 0]));
        assert_eq!(base64(b"-_8"), Some(vec![0xfb, 0xff]));
        assert_eq!(base64(b"a*b"), None);
        assert_eq!(hexadecimal(b"80FFa"), Some(vec![0x80, 0xff]));
        assert_eq!(hexadecimal(b"8g"), None);
    }
}
