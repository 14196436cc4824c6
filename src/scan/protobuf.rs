//! Protocol buffers at the level of the wire: fields, lengths, and no schema.
//!
//! A message is a range of bytes; its fields are read one after the other and what they hold is skipped,
//! so that a model of gigabytes is walked by its lengths. What a field means is known to the callers.
//! Protocol buffers merge a message that stands twice, and the last of several scalars counts: callers look
//! at every occurrence.

use super::{Context, Rule, Severity, Verdict};
use crate::source::{Bytes, Window};

/// The wire is broken.
pub(super) static PROTOBUF_MALFORMED: Rule = Rule {
    id: "protobuf-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "Broken protocol buffer",
    help: "The file does not follow the rules of protocol buffers from there on. Loaders may refuse it, or read something else.",
};

pub(super) const RULES: &[&Rule] = &[&PROTOBUF_MALFORMED];

/// Bytes that are read at once.
const PIECE: usize = 8 << 10;
/// Groups within groups that are skipped.
const GROUPS: usize = 64;
/// Fields for which one node is charged.
const FIELDS_A_NODE: usize = 16;

/// A range of bytes: a message of which the fields before `at` were read, or a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    /// Offset of the next byte.
    pub(super) at: u64,
    /// Offset behind the last byte.
    pub(super) end: u64,
}

impl Span {
    /// Bytes that are left.
    pub(super) fn len(self) -> u64 {
        self.end.saturating_sub(self.at)
    }
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// A number of variable length.
    Varint(u64),
    /// Eight bytes.
    Fixed64,
    /// A message, a text, bytes, or packed numbers.
    Bytes(Span),
    /// A group, skipped.
    Group,
    /// Four bytes.
    Fixed32,
}

/// A field of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Field {
    /// Its number in the schema.
    pub(super) number: u32,
    /// Offset of its tag.
    pub(super) at: u64,
    /// What it holds.
    pub(super) value: Value,
}

impl Field {
    /// The message, text or bytes that it holds.
    pub(super) fn span(self) -> Option<Span> {
        if let Value::Bytes(span) = self.value { Some(span) } else { None }
    }

    /// The number that it holds.
    pub(super) fn varint(self) -> Option<u64> {
        if let Value::Varint(value) = self.value { Some(value) } else { None }
    }
}

/// Why a message cannot be read on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    /// The rules of the wire are broken, and how.
    Broken(u64, String),
    /// The bytes cannot be had, and why.
    Unread(u64, String),
}

fn broken<T>(at: u64, why: impl Into<String>) -> Result<T, Fault> {
    Err(Fault::Broken(at, why.into()))
}

/// Reads fields of messages.
#[derive(Debug)]
pub(super) struct Wire<'b> {
    window: Window<'b>,
}

impl<'b> Wire<'b> {
    pub(super) fn new(bytes: &'b dyn Bytes) -> Self {
        Self { window: Window::new(bytes, PIECE) }
    }

    /// A reader that fetches little, to look at a beginning.
    pub(super) fn glance(bytes: &'b dyn Bytes) -> Self {
        Self { window: Window::new(bytes, 512) }
    }

    /// All bytes as one message.
    pub(super) fn whole(&self) -> Span {
        Span { at: 0, end: self.window.bytes().len() }
    }

    /// What is read.
    pub(super) fn bytes(&self) -> &'b dyn Bytes {
        self.window.bytes()
    }

    /// The next field of a message, none at its end.
    ///
    /// # Errors
    /// Where the wire is broken or the bytes cannot be had. The message cannot be read on then.
    pub(super) fn next(&mut self, message: &mut Span) -> Result<Option<Field>, Fault> {
        if message.at >= message.end {
            return Ok(None);
        }
        let (number, wire, at) = self.tag(message)?;
        if wire == 3 {
            self.skip_group(number, at, message)?;
            return Ok(Some(Field { number, at, value: Value::Group }));
        }
        if wire == 4 {
            return broken(at, format!("group {number} ends and did not begin"));
        }
        let value = self.value(wire, at, message)?;
        Ok(Some(Field { number, at, value }))
    }

    fn tag(&mut self, message: &mut Span) -> Result<(u32, u8, u64), Fault> {
        let at = message.at;
        let tag = self.varint(message)?;
        let Ok(tag) = u32::try_from(tag) else {
            return broken(at, "the number of a field is larger than any may be");
        };
        if tag >> 3 == 0 {
            return broken(at, "a field has the number 0");
        }
        Ok((tag >> 3, (tag & 7) as u8, at))
    }

    /// Takes what a field of a wire type holds off a message.
    fn value(&mut self, wire: u8, at: u64, message: &mut Span) -> Result<Value, Fault> {
        let (length, value) = match wire {
            0 => return self.varint(message).map(Value::Varint),
            1 => (8, Value::Fixed64),
            5 => (4, Value::Fixed32),
            2 => {
                let length = self.varint(message)?;
                let end = message.at.saturating_add(length);
                (length, Value::Bytes(Span { at: message.at, end }))
            }
            _ => return broken(at, format!("a field has the wire type {wire}, which does not exist")),
        };
        if length > message.len() {
            let more = length - message.len();
            return broken(at, format!("a field is {more} bytes longer than what holds it"));
        }
        message.at += length;
        Ok(value)
    }

    fn varint(&mut self, message: &mut Span) -> Result<u64, Fault> {
        let at = message.at;
        let room = usize::try_from(message.len()).unwrap_or(usize::MAX).min(10);
        let held = self.window.at(at, room).map_err(|why| Fault::Unread(at, why))?;
        let mut value = 0_u64;
        for (index, byte) in held.iter().take(room).enumerate() {
            let bits = u64::from(byte & 0x7f);
            // The tenth byte has room for one bit; readers drop what is above.
            value |= bits << (7 * index);
            if byte & 0x80 == 0 {
                message.at += index as u64 + 1;
                return Ok(value);
            }
        }
        if room == 10 { broken(at, "a number is longer than ten bytes") } else { broken(at, "it ends within a number") }
    }

    fn skip_group(&mut self, number: u32, at: u64, message: &mut Span) -> Result<(), Fault> {
        let mut open = vec![number];
        while let Some(inner) = open.last().copied() {
            if message.at >= message.end {
                return broken(at, format!("group {inner} does not end"));
            }
            let (number, wire, at) = self.tag(message)?;
            match wire {
                3 if open.len() >= GROUPS => return broken(at, "groups are nested too deep"),
                3 => open.push(number),
                4 if number == inner => drop(open.pop()),
                4 => return broken(at, format!("group {inner} ends as group {number}")),
                _ => drop(self.value(wire, at, message)?),
            }
        }
        Ok(())
    }

    /// The bytes of a value, which must not be more than `most`.
    ///
    /// # Errors
    /// Where it is longer or cannot be had.
    pub(super) fn take(&mut self, value: Span, most: usize) -> Result<Vec<u8>, Fault> {
        match usize::try_from(value.len()) {
            Ok(length) if length <= most => {
                if length > PIECE {
                    return self.bytes().exactly(value.at, length).map_err(|why| Fault::Unread(value.at, why));
                }
                let held = self.window.at(value.at, length).map_err(|why| Fault::Unread(value.at, why))?;
                held.get(..length)
                    .map(<[u8]>::to_vec)
                    .ok_or(Fault::Broken(value.at, "it ends within a text".to_owned()))
            }
            _ => broken(value.at, format!("a name or text is {} bytes long", value.len())),
        }
    }

    /// A value as a text; what is no UTF-8 is replaced.
    ///
    /// # Errors
    /// As [`Wire::take`].
    pub(super) fn text(&mut self, value: Span, most: usize) -> Result<String, Fault> {
        self.take(value, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// Reads fields, tells what is broken and charges for what is read.
#[derive(Debug)]
pub(super) struct Walk<'b, 'c, 'l> {
    wire: Wire<'b>,
    /// Where findings go.
    pub(super) context: &'c mut Context<'l>,
    fields: usize,
}

impl<'b, 'c, 'l> Walk<'b, 'c, 'l> {
    pub(super) fn new(bytes: &'b dyn Bytes, context: &'c mut Context<'l>) -> Self {
        Self { wire: Wire::new(bytes), context, fields: 0 }
    }

    /// All bytes as one message.
    pub(super) fn whole(&self) -> Span {
        self.wire.whole()
    }

    /// The next field of a message; none at its end, and where it cannot be read on, which is told.
    pub(super) fn next(&mut self, message: &mut Span) -> Option<Field> {
        self.fields += 1;
        if self.fields.is_multiple_of(FIELDS_A_NODE) && !self.context.take_nodes(1) {
            message.at = message.end;
            return None;
        }
        match self.wire.next(message) {
            Ok(field) => field,
            Err(fault) => {
                message.at = message.end;
                self.tell(fault);
                None
            }
        }
    }

    /// A value as a text of at most so many bytes; longer ones are told and none.
    pub(super) fn text(&mut self, value: Span, most: usize) -> Option<String> {
        self.take(value, most).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }

    /// A value as bytes, at most so many; more are told and none.
    pub(super) fn take(&mut self, value: Span, most: usize) -> Option<Vec<u8>> {
        match self.wire.take(value, most) {
            Ok(bytes) => Some(bytes),
            Err(fault) => {
                self.tell(fault);
                None
            }
        }
    }

    fn tell(&mut self, fault: Fault) {
        match fault {
            Fault::Broken(at, why) => self.context.find(&PROTOBUF_MALFORMED, at, why),
            Fault::Unread(at, why) => self.context.unread(at, why),
        }
    }

    /// Tells that something known stands where it cannot.
    pub(super) fn broken(&mut self, at: u64, why: impl Into<String>) {
        self.context.find(&PROTOBUF_MALFORMED, at, why);
    }
}

/// How the fields at one level of bytes fit what is known of a kind of message.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fit {
    /// Fields that are known and of the right type.
    pub(super) known: usize,
    /// Fields that are not known.
    pub(super) unknown: usize,
    /// Known fields of the wrong type.
    pub(super) wrong: usize,
    /// Whether the wire is broken behind them.
    pub(super) is_broken: bool,
}

impl Fit {
    /// All of what was read is known.
    pub(super) fn is_clean(self) -> bool {
        self.known > 0 && self.unknown == 0 && self.wrong == 0 && !self.is_broken
    }
}

/// A kind of message, to tell it from others: numbers of fields, whether they hold bytes (`b`), a variable
/// number (`v`), a number or packed numbers (`n`), or anything (`*`).
pub(super) type Shape = &'static [(u32, u8)];

/// Holds up to so many fields of a message against a kind; `look` sees the fields that fit, until it says `true`.
pub(super) fn fit(
    wire: &mut Wire<'_>,
    message: Span,
    shape: Shape,
    most: usize,
    mut look: impl FnMut(&mut Wire<'_>, Field) -> bool,
) -> (Fit, bool) {
    let (mut fit, mut message) = (Fit::default(), message);
    for _ in 0..most {
        let field = match wire.next(&mut message) {
            Ok(Some(field)) => field,
            Ok(None) => break,
            Err(_) => {
                fit.is_broken = true;
                break;
            }
        };
        let kind = shape.iter().find(|(number, _)| *number == field.number).map(|(_, kind)| *kind);
        match (kind, field.value) {
            (None, _) => fit.unknown += 1,
            (Some(b'*'), _)
            | (Some(b'b' | b'n'), Value::Bytes(_))
            | (Some(b'v' | b'n'), Value::Varint(_))
            | (Some(b'n'), Value::Fixed32 | Value::Fixed64) => {
                fit.known += 1;
                if look(wire, field) {
                    return (fit, true);
                }
            }
            _ => fit.wrong += 1,
        }
    }
    (fit, false)
}

/// Whether a value is a word as operators and types have it: letters, digits and a few signs.
pub(super) fn is_word(wire: &mut Wire<'_>, value: Span) -> bool {
    let signs = b"_.:>/-";
    (1..=256).contains(&value.len())
        && wire.take(value, 256).is_ok_and(|bytes| {
            bytes.iter().all(|b| b.is_ascii_alphanumeric() || signs.contains(b)) && bytes[0].is_ascii_graphic()
        })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::scan::Limits;

    /// A number of variable length.
    pub(crate) fn varint(mut value: u64) -> Vec<u8> {
        let mut out = Vec::new();
        while value >= 0x80 {
            out.push((value as u8) | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
        out
    }

    /// A field that holds a number.
    pub(crate) fn number(field: u32, value: u64) -> Vec<u8> {
        [varint(u64::from(field) << 3), varint(value)].concat()
    }

    /// A field that holds bytes.
    pub(crate) fn bytes(field: u32, value: impl AsRef<[u8]>) -> Vec<u8> {
        let value = value.as_ref();
        [varint(u64::from(field) << 3 | 2), varint(value.len() as u64), value.to_vec()].concat()
    }

    fn fault(input: &[u8]) -> Option<(u64, String)> {
        let mut wire = Wire::new(&input);
        let mut span = wire.whole();
        loop {
            match wire.next(&mut span) {
                Ok(Some(_)) => {}
                Ok(None) => return None,
                Err(Fault::Broken(at, why) | Fault::Unread(at, why)) => return Some((at, why)),
            }
        }
    }

    #[test]
    fn fields_are_read_with_their_places() {
        let input =
            [number(1, 300), bytes(2, "abc"), vec![0x1d, 1, 2, 3, 4], vec![0x21, 1, 2, 3, 4, 5, 6, 7, 8]].concat();
        let mut wire = Wire::new(&input);
        let mut span = wire.whole();
        let mut fields = Vec::new();
        while let Ok(Some(field)) = wire.next(&mut span) {
            fields.push((field.number, field.at, field.value));
        }
        let expected = [
            (1, 0, Value::Varint(300)),
            (2, 3, Value::Bytes(Span { at: 5, end: 8 })),
            (3, 8, Value::Fixed32),
            (4, 13, Value::Fixed64),
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_breaks_the_wire_is_told() {
        for (input, at, word) in [
            (&b"\x00"[..], 0, "number 0"),
            (b"\x08", 1, "within a number"),
            (b"\x0e\x00", 0, "wire type 6"),
            (b"\x0f\x00", 0, "wire type 7"),
            (b"\x0a\x05ab", 0, "3 bytes longer"),
            (b"\x0d\x00", 0, "3 bytes longer"),
            (b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01ab", 0, "longer than what holds it"),
            (b"\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", 1, "ten bytes"),
            (b"\xff\xff\xff\xff\xff\x01", 0, "larger than any"),
            (b"\x0c", 0, "did not begin"),
            (b"\x0b\x08\x01", 0, "does not end"),
            (b"\x0b\x14", 1, "ends as group 2"),
        ] {
            let (found, why) = fault(input).unwrap_or_default();
            assert_eq!((found, why.contains(word)), (at, true), "{input:?}: {why}");
        }
        assert_eq!(fault(b"\x0b\x08\x01\x13\x14\x0c\x10\x01"), None);
        let deep = [vec![0x0b; 1000], vec![0x0c; 1000]].concat();
        assert!(fault(&deep).is_some_and(|(_, why)| why.contains("too deep")));
    }

    #[test]
    fn a_walk_charges_and_ends() {
        let input = number(1, 1).repeat(1000);
        let limits = Limits { nodes: 10, ..Limits::default() };
        let mut context = Context::new("a", 1, &limits);
        let mut walk = Walk::new(&input, &mut context);
        let mut span = walk.whole();
        let mut count = 0;
        while walk.next(&mut span).is_some() {
            count += 1;
        }
        assert!((100..300).contains(&count), "{count}");
        assert_eq!(context.finish().verdict, Verdict::Unread);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_walked_within_themselves(input in proptest::collection::vec(proptest::num::u8::ANY, 0..200)) {
            let mut wire = Wire::new(&input);
            let mut span = wire.whole();
            while let Ok(Some(field)) = wire.next(&mut span) {
                proptest::prop_assert!(field.at < span.at && span.at <= input.len() as u64);
                if let Some(value) = field.span() {
                    proptest::prop_assert!(value.at <= value.end && value.end == span.at);
                }
            }
        }
    }
}
