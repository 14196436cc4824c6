//! safetensors: a length, a header of JSON, and bytes that nothing executes.
//!
//! All rules of the reference implementation hold, and some that it leaves to others: no key stands twice,
//! nothing is left in the header, and descriptions carry no programs.

mod header;
#[cfg(test)]
mod tests;

use super::{Context, Rule, Severity, Verdict};
use crate::source::{Bytes, Part};

static SAFETENSORS_INVALID: Rule = Rule {
    id: "safetensors-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "The header of the weights breaks the format",
    help: "Some loaders refuse such a file and others read something else. Write it again from the source of the weights.",
};
static SAFETENSORS_LAYOUT: Rule = Rule {
    id: "safetensors-layout",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "Tensors do not cover the weights exactly",
    help: "Bytes belong to no tensor or to several, or are not there. That is room for another file, or a file cut short.",
};

pub(super) const RULES: &[&Rule] = &[&SAFETENSORS_INVALID, &SAFETENSORS_LAYOUT];

/// Largest header that the reference implementation reads.
const LONGEST: u64 = 100_000_000;

/// Whether bytes are safetensors, by their beginning.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    let Some((length, rest)) = head.split_first_chunk::<8>() else { return false };
    let number = u64::from_le_bytes(*length);
    let is_text = length.iter().all(|b| matches!(b, 9..=13 | 32..=126));
    let has_entries = contains(rest, b"\"data_offsets\"") || contains(rest, b"\"__metadata__\"");
    match rest {
        [b'{', b'"' | b'}' | b' ' | b'\n' | b'\r' | b'\t', ..] => !is_text || (has_entries && !length.contains(&b'{')),
        [b'{'] => number < LONGEST,
        // What should be a header and starts with something else.
        _ if number == bytes.len() - 8 && (2..=256).contains(&number) => {
            rest.iter().all(|byte| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'))
        }
        _ => {
            number >= 2
                && number < bytes.len().min(LONGEST)
                && (is_other_json(rest, number) || contains(rest, b"\"dtype\"") && contains(rest, b"\"data_offsets\""))
        }
    }
}

/// Whether the header is a list, or stands behind blanks or a mark of the order of bytes.
fn is_other_json(rest: &[u8], number: u64) -> bool {
    let header = &rest[..rest.len().min(usize::try_from(number).unwrap_or(usize::MAX))];
    let plain = header.strip_prefix(b"\xef\xbb\xbf").unwrap_or(header).trim_ascii_start();
    let is_ending = header.len() as u64 != number
        || matches!(
            (plain.first(), plain.trim_ascii_end().last()),
            (Some(b'['), Some(b']')) | (Some(b'{'), Some(b'}'))
        );
    let is_text =
        !header.contains(&0) && std::str::from_utf8(header).map_or_else(|e| e.error_len().is_none(), |_| true);
    matches!(plain.first(), Some(b'[' | b'{')) && is_ending && is_text
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Scans safetensors.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let length = match bytes.exactly(0, 8) {
        Ok(length) => length.first_chunk::<8>().map_or(0, |length| u64::from_le_bytes(*length)),
        Err(why) => return context.unread(0, why),
    };
    let there = bytes.len().saturating_sub(8);
    if length > LONGEST {
        let message = format!("the header says that it has {length} bytes, more than any loader reads");
        context.find(&SAFETENSORS_INVALID, 0, message);
        if length > there {
            return;
        }
    } else if length > there {
        let message = format!("the header says that it has {length} bytes, and {there} are there");
        context.find(&SAFETENSORS_INVALID, 0, message);
    }
    let header = Part::new(bytes, 8, length);
    let Some(tensors) = header::read(&header, 8, context) else { return };
    if length <= there {
        cover(bytes, 8 + length, tensors, context);
    }
}

/// Tensors must cover what follows the header, each byte once.
fn cover(bytes: &dyn Bytes, data: u64, mut tensors: Vec<(u64, u64)>, context: &mut Context<'_>) {
    tensors.sort_unstable();
    let there = bytes.len() - data;
    let mut end = 0;
    for (from, to) in tensors {
        if to > there {
            let message = format!("a tensor ends at byte {to} of the weights, and {there} are there");
            return context.find(&SAFETENSORS_LAYOUT, data.saturating_add(from), message);
        }
        if from > end {
            let message = format!("{} bytes before byte {from} of the weights belong to no tensor", from - end);
            context.find(&SAFETENSORS_LAYOUT, data + end, message);
            context.part("bytes of no tensor", &Part::new(bytes, data + end, from - end));
        } else if from < end {
            let message = format!("byte {from} of the weights belongs to two tensors");
            context.find(&SAFETENSORS_LAYOUT, data + from, message);
        }
        end = end.max(to);
    }
    if end < there {
        context.find(&SAFETENSORS_LAYOUT, data + end, format!("{} bytes follow the last tensor", there - end));
        context.part("bytes after the last tensor", &Part::from(bytes, data + end));
    }
}
