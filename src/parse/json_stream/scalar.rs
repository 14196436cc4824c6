//! Words, numbers and strings, of which no more is kept than was asked for.

use super::{Dialect, Event, Fault, Read, Reader};

impl Reader<'_> {
    fn push(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let left = self.keep.saturating_sub(self.text.len());
        self.text.extend_from_slice(&bytes[..bytes.len().min(left)]);
    }

    pub(super) fn word(&mut self, word: &'static [u8], event: Event) -> Read<Event> {
        self.text.clear();
        self.length = 0;
        for expected in word {
            match self.peek()? {
                Some(byte) if byte == *expected => self.at += 1,
                Some(_) => return Err(self.broken("an unknown word")),
                None => return Err(Fault::CutShort),
            }
        }
        self.push(word);
        Ok(event)
    }

    pub(super) fn number(&mut self) -> Read<Event> {
        self.text.clear();
        self.length = 0;
        while let Some(byte) = self.peek()? {
            match byte {
                b'-' | b'+' | b'.' | b'e' | b'E' | b'0'..=b'9' => self.at += 1,
                b'I' if self.dialect == Dialect::Lenient && self.text == b"-" => {
                    return self.word(b"Infinity", Event::Number);
                }
                _ => break,
            }
            self.push(&[byte]);
        }
        if is_number(&self.text) || self.is_cut() { Ok(Event::Number) } else { Err(self.broken("an odd number")) }
    }

    pub(super) fn string(&mut self) -> Read<()> {
        self.at += 1;
        self.text.clear();
        self.length = 0;
        loop {
            if self.at >= self.held.len() && !self.fill()? {
                return Err(Fault::CutShort);
            }
            let rest = &self.held[self.at..];
            let plain = rest.iter().position(|&b| b == b'"' || b == b'\\' || b < 0x20).unwrap_or(rest.len());
            let left = self.keep.saturating_sub(self.text.len());
            self.text.extend_from_slice(&rest[..plain.min(left)]);
            self.length += plain as u64;
            self.at += plain;
            match self.held.get(self.at) {
                None => {}
                Some(b'"') => {
                    self.at += 1;
                    self.is_utf8 &= self.is_cut() || std::str::from_utf8(&self.text).is_ok();
                    return Ok(());
                }
                Some(b'\\') => {
                    self.at += 1;
                    self.escape()?;
                }
                Some(&byte) if self.dialect == Dialect::Lenient && byte != 0 => {
                    self.at += 1;
                    self.push(&[byte]);
                }
                Some(_) => return Err(self.broken("a control character in a string")),
            }
        }
    }

    fn escape(&mut self) -> Read<()> {
        let Some(byte) = self.peek()? else { return Err(Fault::CutShort) };
        self.at += 1;
        let plain = match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => return self.unicode(),
            _ => return Err(self.broken("an unknown escape")),
        };
        self.push(&[plain]);
        Ok(())
    }

    fn unicode(&mut self) -> Read<()> {
        let mut unit = self.four()?;
        // A high surrogate waits for the low one; alone it is what no text can hold.
        while (0xd800..0xdc00).contains(&unit) {
            if self.peek()? != Some(b'\\') {
                break;
            }
            self.at += 1;
            if self.peek()? != Some(b'u') {
                self.push("\u{fffd}".as_bytes());
                return self.escape();
            }
            self.at += 1;
            let low = self.four()?;
            if (0xdc00..0xe000).contains(&low) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
            } else {
                self.push("\u{fffd}".as_bytes());
                unit = low;
            }
        }
        let character = char::from_u32(unit).unwrap_or('\u{fffd}');
        let mut buffer = [0; 4];
        let encoded = character.encode_utf8(&mut buffer).len();
        self.push(&buffer[..encoded]);
        Ok(())
    }

    fn four(&mut self) -> Read<u32> {
        let mut value = 0;
        for _ in 0..4 {
            let Some(byte) = self.peek()? else { return Err(Fault::CutShort) };
            let Some(digit) = char::from(byte).to_digit(16) else { return Err(self.broken("an odd escape")) };
            value = value * 16 + digit;
            self.at += 1;
        }
        Ok(value)
    }
}

/// Whether a text is a number by the grammar of JSON.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest[0] == b'0') {
        return false;
    }
    rest = &rest[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    if let Some(exponent) = rest.strip_prefix(b"e").or_else(|| rest.strip_prefix(b"E")) {
        let exponent = exponent.strip_prefix(b"+").or_else(|| exponent.strip_prefix(b"-")).unwrap_or(exponent);
        let count = digits(exponent);
        return count > 0 && count == exponent.len();
    }
    rest.is_empty()
}
