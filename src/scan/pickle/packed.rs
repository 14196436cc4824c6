//! What constants of a pickle hold that is more than data: other pickles, and what is packed in streams and
//! archives. No loader of the pickle opens it; something that comes after may.

use super::machine::Machine;
use super::opcode;
use super::reader::Constant;
use super::value::{Kind, Value};
use super::{EMBEDDED, search};
use crate::scan::context::OVER_BUDGET;
use crate::scan::encoded::base64;
use crate::scan::{Context, Limits, Rule, Verdict, sniff};
use crate::source::{Bytes, Part};

/// How the bytes of a constant are had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrap {
    /// They are a pickle as they stand.
    Pickle,
    /// They begin as a stream or an archive.
    Packed,
    /// They are a text in base 64 of one of these.
    Letters,
}

/// The shortest constant that is looked at.
const SHORTEST: usize = 4;
/// Bytes at the beginning of a constant by which it is told.
const HEAD: usize = 48;
/// Constants of one pickle that are looked into.
const MOST: usize = 2_000;

/// Whether bytes begin as something that is unpacked or unpickled.
fn wrap(head: &[u8]) -> Option<Wrap> {
    let is_packed = match head {
        [opcode::PROTO, 0..=5, next, ..] => return opcode::argument(*next).map(|_| Wrap::Pickle),
        [b'c' | b'(' | b'i', ..] if head.contains(&b'\n') => return Some(Wrap::Pickle),
        [0x1f, 0x8b, 8, ..] => true,
        [0x78, second @ (0x01 | 0x5e | 0x9c | 0xda), ..] => (0x7800 + u16::from(*second)).is_multiple_of(31),
        [b'B', b'Z', b'h', b'1'..=b'9', b'1', b'A', ..] => true,
        [b'P', b'K', 3, 4, ..] | [0xfd, b'7', b'z', b'X', b'Z', 0, ..] | [b'7', b'z', 0xbc, 0xaf, ..] => true,
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x04, 0x22, 0x4d, 0x18, ..] | [0x5d, 0, 0, 0 | 0x10 | 0x80, ..] => true,
        [0x89, b'H', b'D', b'F', ..] => true,
        // Letters of base 64 for such beginnings.
        [b'g', b'A', b'I'..=b'X', ..] | [b'H', b'4', b's', b'I', ..] | [b'U', b'E', b's', b'D', ..] => {
            return Some(Wrap::Letters);
        }
        [b'e', b'J' | b'N' | b'A' | b'F', ..] | [b'Y', b'1'..=b'3', ..] | [b'Q', b'l', b'p', b'o', ..] => {
            let is_letter = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/=-_\n".contains(byte);
            let is_one = head.len() >= 20 && head.iter().all(is_letter) && head.iter().any(u8::is_ascii_uppercase);
            return is_one.then_some(Wrap::Letters);
        }
        _ => false,
    };
    is_packed.then_some(Wrap::Packed)
}

impl Machine<'_> {
    /// Notes a constant that begins as something packed. The reader stands before its bytes.
    #[inline]
    pub(super) fn look_into(&mut self, kind: Kind, length: u64) {
        if length < SHORTEST as u64 || kind == Kind::Text && length < 16 {
            return;
        }
        let Ok(head) = self.reader.ahead(HEAD) else { return };
        let head = &head[..head.len().min(HEAD).min(usize::try_from(length).unwrap_or(HEAD))];
        if let Some(wrap) = wrap(head).filter(|wrap| kind == Kind::Octets || *wrap != Wrap::Packed) {
            self.note_packed(Value::new(kind, self.now), wrap);
        }
    }

    /// Notes bytes that stand as a text in Latin-1, as protocol 2 has them.
    pub(super) fn look_into_encoded(&mut self, encoded: Value) {
        let Some(constant) = self.constant(encoded) else { return };
        let text = String::from_utf8_lossy(&constant.bytes);
        let head: Option<Vec<u8>> = text.chars().take(HEAD).map(|c| u8::try_from(c).ok()).collect();
        if let Some(wrap) = head.as_deref().filter(|head| (**head).len() >= SHORTEST).and_then(wrap) {
            self.note_packed(encoded, wrap);
        }
    }

    fn note_packed(&mut self, value: Value, wrap: Wrap) {
        if self.hidden.len() < MOST {
            self.hidden.push((value, wrap));
        } else if self.hidden.len() == MOST {
            self.told.note(&OVER_BUDGET, self.now, "more constants begin as something packed than are looked into");
        }
    }
}

/// Looks into constants, and tells those with something in them that does harm.
pub(super) fn look(hidden: &[(Value, Wrap)], bytes: &dyn Bytes, context: &mut Context<'_>) {
    /// Bytes that all of them together may unpack to.
    const DECODED: u64 = 128 << 20;
    let mut left = DECODED;
    for (value, wrap) in hidden {
        let Some(constant) = Constant::read(bytes, value.payload()) else { continue };
        let at = constant.start;
        if value.kind() == Kind::Octets && *wrap != Wrap::Letters {
            let part = Part::new(bytes, at, constant.length);
            if *wrap == Wrap::Pickle {
                let seen = search::dry(&part, 0, true);
                if !seen.is_called {
                    continue;
                }
                // A text that goes on after a call is a text about one.
                let has_header = part.up_to(0, 1).is_ok_and(|head| head == [opcode::PROTO]);
                if !(seen.is_dangerous && has_header) && seen.end == search::End::Error {
                    continue;
                }
            }
            one(&part, least(*wrap), at, &mut left, context);
        } else if let Some(inner) = unwrapped(&constant, bytes, *wrap, context.limits().text) {
            let wrap = match wrap {
                Wrap::Letters => self::wrap(&inner[..inner.len().min(HEAD)]).filter(|wrap| *wrap != Wrap::Letters),
                other => Some(*other),
            };
            // A text in lines that a loader of pickles would take is a text all the same.
            let is_lines = wrap == Some(Wrap::Pickle) && inner.first() != Some(&opcode::PROTO);
            if let Some(wrap) = wrap.filter(|_| !is_lines) {
                one(&inner, least(wrap), at, &mut left, context);
            }
        }
        if left == 0 {
            let message = "constants unpack to more bytes than are looked at";
            return context.find(&OVER_BUDGET, at, message);
        }
    }
}

/// The bytes that a text stands for.
fn unwrapped(constant: &Constant, bytes: &dyn Bytes, wrap: Wrap, most: usize) -> Option<Vec<u8>> {
    let length = usize::try_from(constant.length).unwrap_or(most).min(most);
    let held = if constant.is_whole { constant.bytes.clone() } else { bytes.up_to(constant.start, length).ok()? };
    match wrap {
        Wrap::Letters => base64(&held),
        Wrap::Pickle | Wrap::Packed => latin(&held),
    }
}

/// The bytes whose text in Latin-1 this is.
pub(super) fn latin(held: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(held).ok()?;
    text.chars().map(|character| u8::try_from(character).ok()).collect()
}

/// From which verdict on it is told what a constant holds: by itself a pickle that is only not known is a value
/// like another.
fn least(wrap: Wrap) -> Verdict {
    if wrap == Wrap::Pickle { Verdict::Dangerous } else { Verdict::Suspicious }
}

/// Looks into values of another format, of which some bytes are given and where they stand, by what they begin as.
/// `left` is how many bytes may still be unpacked.
pub(in crate::scan) fn values(bytes: &dyn Bytes, at: u64, left: &mut u64, context: &mut Context<'_>) {
    let Ok(head) = bytes.up_to(0, HEAD) else { return context.unread(at, "values cannot be read") };
    match wrap(&head) {
        Some(Wrap::Packed) => one(bytes, Verdict::Suspicious, at, left, context),
        Some(Wrap::Pickle) if search::dry(bytes, 0, true).is_called => {
            one(bytes, Verdict::Suspicious, at, left, context);
        }
        _ => {}
    }
}

/// Scans bytes by themselves, and tells only what does harm: data begins as anything now and then.
fn one(bytes: &dyn Bytes, least: Verdict, at: u64, left: &mut u64, context: &mut Context<'_>) {
    // What is none of these is a value that only begins so, and may talk of anything.
    if !sniff::formats(bytes).is_empty() {
        apart(bytes, least, at, left, context, |inner| inner.any(bytes));
    }
}

/// Reads bytes apart from the file around them, and tells only what is bad enough.
fn apart(
    bytes: &dyn Bytes,
    least: Verdict,
    at: u64,
    left: &mut u64,
    context: &mut Context<'_>,
    read: impl FnOnce(&mut Context<'_>),
) {
    let depth = context.limits().depth.saturating_sub(context.depth() + 1);
    let name = format!("bytes@{at}");
    if depth == 0 {
        let message = format!("`{name}` lies in more containers than are opened");
        return context.find(&OVER_BUDGET, at, message);
    }
    let decoded = (*left).min(context.limits().decoded);
    let limits = Limits { decoded, decoded_free: decoded, parts: 20_000, depth, ..context.limits().clone() };
    let mut inner = Context::new("", bytes.len(), &limits);
    read(&mut inner);
    *left = left.saturating_sub(decoded - inner.may_decode(u64::MAX).min(decoded));
    let report = inner.finish();
    // What is packed too deep or too large to be looked at is told, whatever it is.
    let is_told = |rule: &Rule| rule.verdict >= least || *rule == OVER_BUDGET;
    let mut bad = report.findings.iter().filter(|finding| is_told(finding.rule)).peekable();
    if bad.peek().is_none() {
        return;
    }
    if report.pickle.is_some() && report.verdict >= least {
        context.find(&EMBEDDED, at, "a pickle that does harm when something loads it lies in a value");
    }
    for finding in bad {
        let path = finding.inner_path.as_ref().map_or_else(|| name.clone(), |path| format!("{name}!{path}"));
        context.inside(&path, |context| context.find(finding.rule, finding.offset, finding.message.clone()));
    }
}
