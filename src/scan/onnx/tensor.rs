//! Tensors: how large they are, and the files that their values lie in.

use super::{ONNX_EXTERNAL_DATA, ONNX_EXTERNAL_PATH, ONNX_TENSOR};
use crate::scan::Context;
use crate::scan::paths::leads_out;
use crate::scan::protobuf::{Field, Span, Value, Walk};
use crate::scan::quote::shown;
use crate::source::Bytes;

/// The highest type of an element.
pub(super) const TYPES: u64 = 26;
/// Bytes of a path or a number in a reference to another file.
const TEXT: usize = 64 << 10;
/// Bytes that no file has.
const ABSURD: u64 = 1 << 50;

/// Bits of an element, by its type; none for texts and types that are not known.
fn bits(kind: u64) -> Option<u64> {
    Some(match kind {
        25 | 26 => 2,
        21..=23 => 4,
        2 | 3 | 9 | 17..=20 | 24 => 8,
        4 | 5 | 10 | 16 => 16,
        1 | 6 | 12 => 32,
        7 | 11 | 13 | 14 => 64,
        15 => 128,
        _ => return None,
    })
}

/// Scans a file that is one tensor.
pub(super) fn scan_alone(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut walk = Walk::new(bytes, context);
    let whole = walk.whole();
    scan(&mut walk, whole);
}

/// Scans a tensor.
pub(super) fn scan(walk: &mut Walk<'_, '_, '_>, span: Span) {
    let (mut span, start) = (span, span.at);
    if !walk.context.take_nodes(1) {
        return;
    }
    let mut name = None;
    let mut elements = Some(1_u64);
    let (mut kind, mut raw, mut is_external, mut location) = (0, None, false, false);
    while let Some(Field { number, at, value }) = walk.next(&mut span) {
        match (number, value) {
            (1, Value::Varint(dim)) => elements = elements.and_then(|all| count(all, dim)),
            (1, Value::Bytes(packed)) => elements = elements.and_then(|all| dims(walk, packed, all)),
            (2, Value::Varint(value)) => kind = value,
            (8, Value::Bytes(value)) => name = walk.text(value, TEXT),
            (9, Value::Bytes(value)) => raw = Some((at, value.len())),
            (13, Value::Bytes(value)) => {
                is_external = true;
                location |= entry(walk, value, at);
            }
            (14, Value::Varint(value)) => is_external |= value == 1,
            _ => {}
        }
    }
    let name = name.filter(|name| !name.is_empty()).map_or("a tensor".to_owned(), |name| format!("tensor `{name}`"));
    let Some(elements) = elements else {
        return walk.context.find(&ONNX_TENSOR, start, format!("the shape of {name} is negative or too large"));
    };
    if is_external && !location {
        let message = format!("{name} lies in another file and does not say in which");
        walk.context.find(&ONNX_EXTERNAL_DATA, start, message);
    }
    if let (Some((at, there)), Some(bits), false) = (raw, bits(kind), is_external) {
        let wanted = elements.checked_mul(bits).map(|bits| bits.div_ceil(8));
        if wanted != Some(there) {
            let message = format!("{name} has {there} bytes, and not the {} of its shape", wanted.unwrap_or(u64::MAX));
            walk.context.find(&ONNX_TENSOR, at, message);
        }
    }
}

fn count(all: u64, dim: u64) -> Option<u64> {
    // Dimensions are signed.
    i64::try_from(dim).ok()?;
    all.checked_mul(dim).filter(|all| *all < u64::MAX / 128)
}

fn dims(walk: &mut Walk<'_, '_, '_>, packed: Span, all: u64) -> Option<u64> {
    /// Bytes of a shape.
    const SHAPE: usize = 4096;
    let bytes = walk.take(packed, SHAPE)?;
    let (mut all, mut value, mut shift) = (all, 0_u64, 0_u32);
    for byte in bytes {
        value |= u64::from(byte & 0x7f).checked_shl(shift).unwrap_or(0);
        shift += 7;
        if byte & 0x80 == 0 {
            all = count(all, value)?;
            (value, shift) = (0, 0);
        }
    }
    Some(all)
}

/// Scans one entry of the reference to another file; whether it says which.
fn entry(walk: &mut Walk<'_, '_, '_>, span: Span, at: u64) -> bool {
    let mut span = span;
    let (mut keys, mut values) = (Vec::new(), Vec::new());
    while let Some(field) = walk.next(&mut span) {
        let into = match field.number {
            1 => &mut keys,
            2 => &mut values,
            _ => continue,
        };
        if let Some(value) = field.span() {
            into.extend(walk.text(value, TEXT));
        }
    }
    let mut is_location = false;
    for key in &keys {
        match key.as_str() {
            // An old key that loaders put before the location.
            "location" | "basepath" => {
                is_location |= key == "location" && values.iter().any(|value| !value.is_empty());
                for value in &values {
                    path(walk.context, value, at);
                }
            }
            "offset" | "length" => {
                for value in values.iter().filter(|value| !value.parse::<u64>().is_ok_and(|v| v < ABSURD)) {
                    let message = format!("the {key} of a tensor in another file is `{}`", shown(value));
                    walk.context.find(&ONNX_EXTERNAL_DATA, at, message);
                }
            }
            "checksum" => {}
            key if key.starts_with("__") => {
                let message = format!("a tensor's place in another file sets `{}` of the loader's object", shown(key));
                walk.context.find(&ONNX_EXTERNAL_PATH, at, message);
            }
            // Runtimes and tools have added keys of their own; they name nothing.
            key if key.starts_with("prepacked_") => {}
            key => {
                let message = format!("a tensor's place in another file has the unknown key `{}`", shown(key));
                walk.context.find(&ONNX_EXTERNAL_DATA, at, message);
            }
        }
    }
    is_location
}

/// Tells a path that leads out of the folder of the model.
pub(in crate::scan) fn path(context: &mut Context<'_>, path: &str, at: u64) {
    if let Some(how) = leads_out(path) {
        let message = format!("a tensor is read from `{}`, which {how}", shown(path));
        context.find(&ONNX_EXTERNAL_PATH, at, message);
    }
}
