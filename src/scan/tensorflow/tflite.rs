//! `TFLite`: a flat buffer with operators by number, and by name where they are custom.
//!
//! Custom operators are functions that a program registers with its runtime. Those whose names begin with
//! `Flex` are operators of TensorFlow, which a delegate runs, each with its node as a protocol buffer.

use std::collections::BTreeSet;

use super::flatbuffer::{Fault, Flat, Table, Vector};
use super::{TENSORFLOW_CUSTOM_OPERATOR, TFLITE_MALFORMED, graph};
use crate::scan::Context;
use crate::scan::quote::shown;
use crate::source::{Bytes, Part};

/// The number that custom operators have.
const CUSTOM: u32 = 32;
/// Numbers of operators up to which runtimes know them; new ones are added at the end.
const BUILT_IN: u32 = 300;
/// Bytes of a custom operator's options that are looked into.
const OPTIONS: u64 = 4 << 20;

/// Custom operators that the runtime, `MediaPipe` and its kin bring along.
const KNOWN: &[&str] = &[
    "AudioSpectrogram",
    "AvgPoolingWithArgmax2D",
    "Convolution2DTransposeBias",
    "HashTable",
    "HashTableFind",
    "HashTableImport",
    "HashTableSize",
    "Landmarks2TransformMatrix",
    "MaxPoolingWithArgmax2D",
    "MaxUnpooling2D",
    "Mfcc",
    "NumericVerify",
    "RandomStandardNormal",
    "RandomUniform",
    "TFLite_Detection_PostProcess",
    "TFSentencepieceTokenizeOp",
    "TFSentencepieceDetokenizeOp",
    "TransformLandmarks",
    "TransformTensorBilinear",
    "edgetpu-custom-op",
    "ethos-u",
    "tftext:WhitespaceTokenizeWithOffsetsV2",
];

/// Scans `TFLite`.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut flat = Flat::new(bytes);
    if let Err(fault) = model(&mut flat, context) {
        tell(fault, context);
    }
}

fn tell(fault: Fault, context: &mut Context<'_>) {
    if fault.is_unread {
        context.unread(fault.at, fault.why);
    } else {
        context.find(&TFLITE_MALFORMED, fault.at, fault.why);
    }
}

fn model(flat: &mut Flat<'_>, context: &mut Context<'_>) -> Result<(), Fault> {
    let root = flat.root()?;
    let mut flexible = BTreeSet::new();
    let codes = flat.vector(&root, 1, 4)?;
    for index in 0..codes.map_or(0, |codes| codes.count) {
        let Some(codes) = codes.filter(|_| context.take_nodes(1)) else { return Ok(()) };
        let code = flat.item(codes, index)?;
        let number = u32::from(flat.byte(&code, 0)?).max(flat.int(&code, 3)?);
        if number > BUILT_IN {
            let message = format!("operator {number} is none of the runtime's");
            context.find(&TENSORFLOW_CUSTOM_OPERATOR, code.at, message);
        }
        // Old runtimes went by the first number, new ones go by both.
        if number == CUSTOM || flat.byte(&code, 0)? == CUSTOM as u8 {
            let name = flat.text(&code, 1)?.unwrap_or_default();
            if let Some(name) = name.strip_prefix("Flex").filter(|name| !name.is_empty()) {
                flexible.insert(index);
                graph::operator(context, name, "a custom operator", code.at);
            } else if !KNOWN.contains(&name.as_str()) {
                let message = format!("the custom operator `{}` is none of the runtime's", shown(&name));
                context.find(&TENSORFLOW_CUSTOM_OPERATOR, code.at, message);
            }
        }
    }
    let buffers = flat.vector(&root, 4, 4)?.map_or(0, |buffers| buffers.count);
    if let Some(graphs) = flat.vector(&root, 2, 4)? {
        for index in 0..graphs.count {
            let graph = flat.item(graphs, index)?;
            let tensors = tensors(flat, &graph, buffers, context)?;
            for field in [1, 2] {
                indices(flat, &graph, field, tensors, context)?;
            }
            let operators = flat.vector(&graph, 3, 4)?;
            let counts = (codes.map_or(0, |codes| codes.count), tensors);
            nodes(flat, operators, counts, &flexible, context)?;
        }
    }
    self::buffers(flat, &root, context)
}

/// The tensors of a graph, of which each names a buffer; how many they are.
fn tensors(flat: &mut Flat<'_>, graph: &Table, buffers: u64, context: &mut Context<'_>) -> Result<u64, Fault> {
    let Some(tensors) = flat.vector(graph, 0, 4)? else { return Ok(0) };
    for index in 0..tensors.count {
        if !context.take_nodes(1) {
            break;
        }
        let tensor = flat.item(tensors, index)?;
        let buffer = flat.int(&tensor, 2)?;
        if u64::from(buffer) >= buffers.max(1) {
            let message = format!("tensor {index} lies in buffer {buffer}, and {buffers} are there");
            context.find(&TFLITE_MALFORMED, tensor.at, message);
        }
    }
    Ok(tensors.count)
}

/// Checks that the numbers of a field are those of tensors; -1 stands for none.
fn indices(
    flat: &mut Flat<'_>,
    table: &Table,
    field: usize,
    tensors: u64,
    context: &mut Context<'_>,
) -> Result<(), Fault> {
    let Some(numbers) = flat.vector(table, field, 4)? else { return Ok(()) };
    /// Numbers that cost as much as a node.
    const A_NODE: u64 = 16;
    for index in 0..numbers.count {
        if index % A_NODE == 0 && !context.take_nodes(1) {
            break;
        }
        let number = flat.u32(numbers.at + 4 * index)?;
        if number != u32::MAX && u64::from(number) >= tensors {
            let message = format!("tensor {number} is named, and {tensors} are there");
            context.find(&TFLITE_MALFORMED, numbers.at + 4 * index, message);
            break;
        }
    }
    Ok(())
}

fn nodes(
    flat: &mut Flat<'_>,
    operators: Option<Vector>,
    (codes, tensors): (u64, u64),
    flexible: &BTreeSet<u64>,
    context: &mut Context<'_>,
) -> Result<(), Fault> {
    let Some(operators) = operators else { return Ok(()) };
    for index in 0..operators.count {
        if !context.take_nodes(1) {
            return Ok(());
        }
        let operator = flat.item(operators, index)?;
        let code = u64::from(flat.int(&operator, 0)?);
        if code >= codes {
            let message = format!("a node is of operator {code}, and {codes} are there");
            context.find(&TFLITE_MALFORMED, operator.at, message);
        }
        for field in [1, 2] {
            indices(flat, &operator, field, tensors, context)?;
        }
        if !flexible.contains(&code) {
            continue;
        }
        if let Some(options) = flat.vector(&operator, 5, 1)? {
            flex(flat.bytes(), options, context);
        }
    }
    Ok(())
}

/// Rates the node that a delegate is handed: the last text of a flexible buffer of two, name and node.
fn flex(bytes: &dyn Bytes, options: Vector, context: &mut Context<'_>) {
    if options.count > OPTIONS {
        return context.unread(options.at, "a custom operator has larger options than are looked into");
    }
    let held = match bytes.exactly(options.at, options.count as usize) {
        Ok(held) => held,
        Err(why) => return context.unread(options.at, why),
    };
    match flexible_texts(&held) {
        Some(texts) if texts.len() == 2 => {
            let (name, node) = (&texts[0], &texts[1]);
            let at = options.at + node.start as u64;
            let named = String::from_utf8_lossy(&held[name.clone()]).into_owned();
            graph::operator(context, &named, "a custom operator's node", at);
            let node = Part::new(&bytes, at, node.len() as u64);
            context.inside("node", |context| graph::scan_node(&node, context));
        }
        _ => context.find(&TFLITE_MALFORMED, options.at, "the node of a TensorFlow operator cannot be read"),
    }
}

/// The texts of a flexible buffer whose root is a vector of texts.
fn flexible_texts(held: &[u8]) -> Option<Vec<std::ops::Range<usize>>> {
    let number = |at: usize, width: usize| -> Option<usize> {
        let bytes = held.get(at..at.checked_add(width)?)?;
        matches!(width, 1 | 2 | 4 | 8).then_some(())?;
        let value = bytes.iter().rev().fold(0_u64, |value, byte| value << 8 | u64::from(*byte));
        usize::try_from(value).ok()
    };
    let (width, kind) = (usize::from(*held.last()?), held.get(held.len().checked_sub(2)?)?);
    // A vector of values of any kind, whose kinds stand behind it.
    if kind >> 2 != 10 {
        return None;
    }
    let inner = 1_usize << (kind & 3);
    let place = held.len().checked_sub(2)?.checked_sub(width)?;
    let vector = place.checked_sub(number(place, width)?)?;
    let count = number(vector.checked_sub(inner)?, inner)?;
    if count > 16 {
        return None;
    }
    let mut texts = Vec::new();
    for index in 0..count {
        let item = vector.checked_add(inner * index)?;
        let kind = held.get(vector.checked_add(inner * count)? + index)?;
        // Texts and blobs.
        if !matches!(kind >> 2, 5 | 25) {
            return None;
        }
        let text = item.checked_sub(number(item, inner)?)?;
        let size = 1_usize << (kind & 3);
        let length = number(text.checked_sub(size)?, size)?;
        let range = text..text.checked_add(length)?;
        held.get(range.clone())?;
        texts.push(range);
    }
    Some(texts)
}

/// Buffers that lie behind the flat buffer, where a file is larger than one may be.
fn buffers(flat: &mut Flat<'_>, root: &Table, context: &mut Context<'_>) -> Result<(), Fault> {
    let Some(buffers) = flat.vector(root, 4, 4)? else { return Ok(()) };
    let length = flat.bytes().len();
    for index in 0..buffers.count {
        if !context.take_nodes(1) {
            return Ok(());
        }
        let buffer = flat.item(buffers, index)?;
        // Checks that it lies within the file.
        flat.vector(&buffer, 0, 1)?;
        let (offset, size) = (flat.long(&buffer, 1)?, flat.long(&buffer, 2)?);
        if offset > 1 && offset.checked_add(size).is_none_or(|end| end > length) {
            let message = format!("buffer {index} ends behind the file");
            context.find(&TFLITE_MALFORMED, buffer.at, message);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scan::Limits;
    use crate::scan::Verdict;
    use crate::scan::file;

    /// A model with one operator code: its number and its name.
    fn model(number: u8, name: &str) -> Vec<u8> {
        let mut out = vec![0; 8];
        out[4..8].copy_from_slice(b"TFL3");
        // Fields of the model: version, codes.
        out.extend([8, 0, 12, 0, 4, 0, 8, 0]);
        out[0] = 16;
        // The model at 16: back to its fields, version, offset to the codes at 28.
        out.extend([8, 0, 0, 0, 3, 0, 0, 0, 4, 0, 0, 0]);
        // One code, at 44 behind its fields at 36.
        out.extend([1, 0, 0, 0, 12, 0, 0, 0]);
        out.extend([8, 0, 12, 0, 8, 0, 4, 0]);
        // The code at 44: back, offset to its name, number.
        out.extend([8, 0, 0, 0, 8, 0, 0, 0, number, 0, 0, 0]);
        out.extend((name.len() as u32).to_le_bytes());
        out.extend(name.as_bytes());
        out.push(0);
        out
    }

    #[test]
    fn custom_operators_are_rated() {
        for (number, name, verdict) in [
            (0, "", Verdict::Clean),
            (32, "TFLite_Detection_PostProcess", Verdict::Clean),
            (32, "FlexErf", Verdict::Clean),
            (32, "FlexWriteFile", Verdict::Dangerous),
            (32, "FlexNobodys", Verdict::Suspicious),
            (32, "Nobodys", Verdict::Suspicious),
            (32, "", Verdict::Suspicious),
        ] {
            let input = model(number, name);
            let report = file(&input, "m", &Limits::default());
            assert_eq!((report.format.word(), report.verdict), ("tflite", verdict), "{name}: {:?}", report.findings);
        }
    }

    #[test]
    fn offsets_out_of_the_file_are_told() {
        let whole = model(32, "FlexErf");
        for end in 8..whole.len() - 1 {
            let report = file(&&whole[..end], "m", &Limits::default());
            assert_eq!(report.verdict, Verdict::Malformed, "{end}: {:?}", report.findings);
        }
        let mut wrong = whole.clone();
        wrong[28..32].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(file(&wrong, "m", &Limits::default()).verdict, Verdict::Malformed);
    }

    #[test]
    fn flexible_buffers_of_two_texts_are_read() {
        // "Add", "node", then the vector of both.
        let held = [3, b'A', b'd', b'd', 0, 4, b'n', b'o', b'd', b'e', 0, 2, 11, 7, 5 << 2, 5 << 2, 4, 10 << 2, 1];
        assert_eq!(flexible_texts(&held), Some(vec![1..4, 6..10]));
        for end in 0..held.len() {
            let _ = flexible_texts(&held[..end]);
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_end(mut input in proptest::collection::vec(proptest::num::u8::ANY, 8..300)) {
            input[4..8].copy_from_slice(b"TFL3");
            let report = file(&input, "m", &Limits::default());
            proptest::prop_assert_eq!(report.size, input.len() as u64);
            let _ = flexible_texts(&input);
        }
    }
}
