//! GGUF: keys with values, a table of tensors, and bytes that nothing executes. Programs that carry it are
//! containers, and come here by their members.
//!
//! The readers of this format are written in C and C++, and what they compute with the numbers of a file
//! has been their undoing. So every count, length and place is checked against the bytes that are there.
//! Templates among the values are read as templates.

mod cursor;
mod tensors;
#[cfg(test)]
mod tests;
mod values;

use super::{Context, Format, Rule, Severity, Verdict};
use crate::source::Bytes;
use cursor::{Cursor, Stop};

static GGUF_INVALID: Rule = Rule {
    id: "gguf-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "The header of the weights breaks the format",
    help: "Readers in C compute with these numbers, and have written over their memory by such. Convert the weights again from their source.",
};
static GGUF_LAYOUT: Rule = Rule {
    id: "gguf-layout",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "Tensors do not lie where the format has them",
    help: "They lie over each other, leave room or end beyond the file: it was cut short, or something else is in it.",
};
static GGUF_OLD: Rule = Rule {
    id: "gguf-old",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "Weights of a format before GGUF",
    help: "It has numbers and words only. Programs of today do not read it.",
};

pub(super) const RULES: &[&Rule] = &[&GGUF_INVALID, &GGUF_LAYOUT, &GGUF_OLD];

/// Marks of the formats before: GGML, GGMF, GGJT and adapters.
const OLD: &[&[u8]] = &[b"lmgg", b"fmgg", b"tjgg", b"algg"];

/// Whether bytes are GGUF, by their beginning.
#[must_use]
pub fn claims(head: &[u8], _bytes: &dyn Bytes) -> bool {
    head.starts_with(b"GGUF") || (head.len() > 16 && OLD.iter().any(|mark| head.starts_with(mark)))
}

/// Scans GGUF.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut cursor = Cursor::new(bytes);
    match header(&mut cursor, context) {
        Ok(()) | Err(Stop::Told) => {}
        Err(Stop::CutShort) => {
            let message = "the file ends within its header".to_owned();
            context.find(&GGUF_INVALID, cursor.at, message);
        }
        Err(Stop::Unreadable(why)) => context.unread(cursor.at, why),
    }
}

fn header(cursor: &mut Cursor<'_>, context: &mut Context<'_>) -> Result<(), Stop> {
    if cursor.take(4)? != b"GGUF" {
        context.format(Format::Data);
        context.find(&GGUF_OLD, 0, "these are weights of a format before GGUF");
        return Ok(());
    }
    let version = cursor.u32()?;
    // Files for machines of the other byte order have all numbers in it, their version too.
    cursor.is_big = !(1..=3).contains(&version) && (1..=3).contains(&version.swap_bytes());
    cursor.version = if cursor.is_big { version.swap_bytes() } else { version };
    if !(1..=3).contains(&cursor.version) {
        context.find(&GGUF_INVALID, 4, format!("the version {version} is not known"));
        return Err(Stop::Told);
    }
    let counts_at = cursor.at;
    let tensors = cursor.count()?;
    let values = cursor.count()?;
    // A tensor takes 24 bytes at least, and a value 13; half of that in the first version.
    if tensors > cursor.left() / 16 || values > cursor.left() / 8 {
        let message =
            format!("the header says that it has {tensors} tensors and {values} values, more than fit in the file");
        context.find(&GGUF_INVALID, counts_at, message);
        return Err(Stop::Told);
    }
    let alignment = values::read(cursor, values, context)?;
    tensors::read(cursor, tensors, alignment, context)?;
    if let Some(weights) = context.weights() {
        weights.is_whole = true;
    }
    Ok(())
}
