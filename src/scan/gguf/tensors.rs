//! The table of tensors, and where they lie.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::cursor::{Cursor, Stop};
use super::{GGUF_INVALID, GGUF_LAYOUT};
use crate::scan::Context;
use crate::scan::quote::short;
use crate::source::{Bytes, Part};

/// Longest name; readers have 64 bytes for it.
const LONGEST_NAME: u64 = 4096;
/// Dimensions that readers have room for.
const DIMENSIONS: u32 = 4;
/// Tensors of one file.
const TENSORS: u64 = 500_000;

/// Numbers of one block, and its bytes, by the number of the type.
fn block(kind: u32) -> Option<(u64, u64)> {
    Some(match kind {
        0 | 26 => (1, 4),
        1 | 25 | 30 => (1, 2),
        2 | 20 | 31..=33 | 36..=38 => (32, 18),
        3 => (32, 20),
        6 => (32, 22),
        7 => (32, 24),
        8 => (32, 34),
        9 => (32, 36),
        10 => (256, 84),
        11 | 21 => (256, 110),
        12 => (256, 144),
        13 => (256, 176),
        14 => (256, 210),
        15 => (256, 292),
        16 | 35 => (256, 66),
        17 => (256, 74),
        18 => (256, 98),
        19 => (256, 50),
        22 => (256, 82),
        23 => (256, 136),
        24 => (1, 1),
        27 | 28 => (1, 8),
        29 => (256, 56),
        34 => (256, 54),
        39 => (32, 17),
        40 => (64, 36),
        41 => (128, 18),
        _ => return None,
    })
}

/// What the format calls a type; none of those that it has given up.
fn word(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0 => "F32",
        1 => "F16",
        2 => "Q4_0",
        3 => "Q4_1",
        6 => "Q5_0",
        7 => "Q5_1",
        8 => "Q8_0",
        9 => "Q8_1",
        10 => "Q2_K",
        11 => "Q3_K",
        12 => "Q4_K",
        13 => "Q5_K",
        14 => "Q6_K",
        15 => "Q8_K",
        16 => "IQ2_XXS",
        17 => "IQ2_XS",
        18 => "IQ3_XXS",
        19 => "IQ1_S",
        20 => "IQ4_NL",
        21 => "IQ3_S",
        22 => "IQ2_S",
        23 => "IQ4_XS",
        24 => "I8",
        25 => "I16",
        26 => "I32",
        27 => "I64",
        28 => "F64",
        29 => "IQ1_M",
        30 => "BF16",
        34 => "TQ1_0",
        35 => "TQ2_0",
        39 => "MXFP4",
        _ => return None,
    })
}

/// Whether a type is one of a well-known branch of the reader; how large its blocks are is not known.
fn is_branch(kind: u32) -> bool {
    (133..=158).contains(&kind)
}

/// Reads the table of so many tensors and looks where they lie.
pub(super) fn read(cursor: &mut Cursor<'_>, count: u64, alignment: u64, context: &mut Context<'_>) -> Result<(), Stop> {
    if count > TENSORS {
        context.unread(cursor.at, format!("more than {TENSORS} tensors"));
        return Err(Stop::Told);
    }
    let mut names = HashSet::new();
    // Where each begins, how long it is where that is known, and where it is told of.
    let mut places: Vec<(u64, Option<u64>, u64)> = Vec::new();
    for _ in 0..count {
        if !context.take_nodes(2) {
            return Err(Stop::Told);
        }
        let at = cursor.at;
        let name = name(cursor, context)?;
        let mut hasher = DefaultHasher::new();
        name.hash(&mut hasher);
        if !names.insert(hasher.finish()) {
            context.find(&GGUF_INVALID, at, format!("the tensor `{}` stands twice", short(&name)));
        }
        let length = tensor(cursor, &name, at, context)?;
        let offset = cursor.u64()?;
        if offset % alignment != 0 {
            let message = format!("`{}` begins at byte {offset}, which is not aligned to {alignment}", short(&name));
            context.find(&GGUF_LAYOUT, at, message);
        }
        places.push((offset, length, at));
    }
    cover(cursor.bytes(), cursor.at, alignment, places, context);
    Ok(())
}

fn name(cursor: &mut Cursor<'_>, context: &mut Context<'_>) -> Result<String, Stop> {
    let at = cursor.at;
    let length = cursor.count()?;
    if length > LONGEST_NAME {
        context.find(&GGUF_INVALID, at, format!("the name of a tensor says that it has {length} bytes"));
        return Err(Stop::Told);
    }
    let bytes = cursor.take(usize::try_from(length).unwrap_or(0))?;
    let name = std::str::from_utf8(bytes).map(str::to_owned);
    name.map_err(|_| {
        context.find(&GGUF_INVALID, at, "the name of a tensor is no text");
        Stop::Told
    })
}

/// Shape and type of one tensor; how many bytes it takes, where that can be said.
fn tensor(cursor: &mut Cursor<'_>, name: &str, at: u64, context: &mut Context<'_>) -> Result<Option<u64>, Stop> {
    let dimensions = cursor.u32()?;
    if dimensions > DIMENSIONS {
        let message = format!(
            "`{}` says that it has {dimensions} dimensions, and readers have room for {DIMENSIONS}",
            short(name)
        );
        context.find(&GGUF_INVALID, at, message);
        return Err(Stop::Told);
    }
    let mut all = Some(1_u64);
    let mut row = 1;
    let mut shape = Vec::new();
    for index in 0..dimensions {
        let one = cursor.count()?;
        shape.push(one);
        if index == 0 {
            row = one;
        }
        // Readers hold them with a sign.
        all = all.and_then(|all| all.checked_mul(one)).filter(|_| i64::try_from(one).is_ok());
    }
    let kind = cursor.u32()?;
    let Some((numbers, bytes)) = block(kind) else {
        if !is_branch(kind) {
            context.find(&GGUF_INVALID, at, format!("`{}` is of the unknown type {kind}", short(name)));
        }
        return Ok(None);
    };
    if row % numbers != 0 {
        let message = format!("a row of `{}` has {row} numbers, and a block of its type has {numbers}", short(name));
        context.find(&GGUF_INVALID, at, message);
    }
    if let Some(weights) = context.weights() {
        weights.tensor(word(kind).unwrap_or("other"), shape);
    }
    let length = all.map(|all| all.div_ceil(numbers)).and_then(|blocks| blocks.checked_mul(bytes));
    if length.is_none_or(|length| i64::try_from(length).is_err()) {
        context.find(&GGUF_INVALID, at, format!("the shape of `{}` is larger than any memory", short(name)));
    }
    Ok(length)
}

/// Tensors must lie one after the other, aligned, and end with the file.
fn cover(
    bytes: &dyn Bytes,
    header: u64,
    alignment: u64,
    mut places: Vec<(u64, Option<u64>, u64)>,
    context: &mut Context<'_>,
) {
    let Some(data) = header.checked_next_multiple_of(alignment) else { return };
    let there = bytes.len().saturating_sub(data);
    places.sort_unstable();
    let mut end = 0_u64;
    let mut is_known = true;
    for (from, length, at) in places {
        let to = from.checked_add(length.unwrap_or(0)).filter(|to| *to <= there);
        let Some(to) = to else {
            let message =
                format!("a tensor begins at byte {from} of the weights and ends beyond the {there} that are there");
            return context.find(&GGUF_LAYOUT, at, message);
        };
        if from < end {
            context.find(&GGUF_LAYOUT, at, format!("byte {from} of the weights belongs to two tensors"));
        } else if is_known && from - end >= alignment {
            context.find(
                &GGUF_LAYOUT,
                at,
                format!("{} bytes before byte {from} of the weights belong to no tensor", from - end),
            );
            context.part("bytes of no tensor", &Part::new(bytes, data + end, from - end));
        }
        is_known = length.is_some();
        end = end.max(to);
    }
    let left = there.saturating_sub(end);
    if is_known && left > 0 && (left >= alignment || !is_zero(bytes, data + end, left)) {
        context.find(&GGUF_LAYOUT, data + end, format!("{left} bytes follow the last tensor"));
        context.part("bytes after the last tensor", &Part::from(bytes, data + end));
    }
}

/// Whether a few bytes are zero, as those are that align.
fn is_zero(bytes: &dyn Bytes, at: u64, length: u64) -> bool {
    usize::try_from(length)
        .ok()
        .and_then(|length| bytes.up_to(at, length).ok())
        .is_some_and(|fill| fill.iter().all(|b| *b == 0))
}
