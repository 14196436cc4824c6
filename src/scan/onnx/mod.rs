//! ONNX: graphs whose tensors may lie in other files and whose operators may need a library of somebody's.
//!
//! Read are models and single tensors (`.pb` of test data). Nothing in a graph is code; what a file can do is to
//! name files that a loader opens, and operators that only a library beside the runtime has.

mod model;
mod operators;
mod tensor;

pub(super) use model::operator;
pub(super) use tensor::path;

use super::protobuf::{Field, Shape, Span, Wire, fit, is_word};
use super::{Context, Rule, Severity, Verdict};
use crate::source::Bytes;

/// A tensor names a file that does not lie beside the model.
static ONNX_EXTERNAL_PATH: Rule = Rule {
    id: "onnx-external-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "A tensor is read from outside of the model's folder",
    help: "Loaders open the named file and put its bytes into the model, or write to it when the model is saved. Do not load the file.",
};
/// What a tensor says about its other file makes no sense.
static ONNX_EXTERNAL_DATA: Rule = Rule {
    id: "onnx-external-data",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "A tensor's place in another file makes no sense",
    help: "Offset, length or keys of the reference are not as the format has them. Loaders crash, or take memory without a limit.",
};
/// An operator that needs a library.
static ONNX_CUSTOM_OPERATOR: Rule = Rule {
    id: "onnx-custom-operator",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "An operator that the runtimes do not have",
    help: "Whoever runs the model must load a library, or Python, that has the operator: ask where it comes from and read it.",
};
/// Compiled code for a device.
static ONNX_COMPILED: Rule = Rule {
    id: "onnx-compiled",
    verdict: Verdict::Unread,
    severity: Severity::Medium,
    title: "A compiled program for a device lies within",
    help: "A part of the graph was compiled for a device by its maker's tools. What it does is not read.",
};
/// A tensor that is not as large as it says.
static ONNX_TENSOR: Rule = Rule {
    id: "onnx-tensor",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "A tensor is not as large as its shape says",
    help: "Loaders refuse the file, or read beyond the tensor.",
};
/// A function of the model that has the name of a standard operator.
static ONNX_SHADOWED_OPERATOR: Rule = Rule {
    id: "onnx-shadowed-operator",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "A function has the name of a standard operator",
    help: "Runtimes that inline functions use the model's own in the place of the standard one.",
};
/// Metadata that is a program text.
static ONNX_METADATA: Rule = Rule {
    id: "onnx-metadata",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "Metadata that reads like a program",
    help: "Programs that evaluate metadata of models exist. Look at the value before the file is used.",
};

pub(super) const RULES: &[&Rule] = &[
    &ONNX_COMPILED,
    &ONNX_CUSTOM_OPERATOR,
    &ONNX_EXTERNAL_DATA,
    &ONNX_EXTERNAL_PATH,
    &ONNX_METADATA,
    &ONNX_SHADOWED_OPERATOR,
    &ONNX_TENSOR,
];

const MODEL: Shape = &[
    (1, b'v'),
    (2, b'b'),
    (3, b'b'),
    (4, b'b'),
    (5, b'v'),
    (6, b'b'),
    (7, b'b'),
    (8, b'b'),
    (14, b'b'),
    (20, b'b'),
    (25, b'b'),
    (26, b'b'),
];
const GRAPH: Shape = &[
    (1, b'b'),
    (2, b'b'),
    (5, b'b'),
    (10, b'b'),
    (11, b'b'),
    (12, b'b'),
    (13, b'b'),
    (14, b'b'),
    (15, b'b'),
    (16, b'b'),
];
const NODE: Shape =
    &[(1, b'b'), (2, b'b'), (3, b'b'), (4, b'b'), (5, b'b'), (6, b'b'), (7, b'b'), (8, b'b'), (9, b'b'), (10, b'b')];
const TENSOR: Shape = &[
    (1, b'n'),
    (2, b'v'),
    (3, b'b'),
    (4, b'n'),
    (5, b'n'),
    (6, b'b'),
    (7, b'n'),
    (8, b'b'),
    (9, b'b'),
    (10, b'n'),
    (11, b'n'),
    (12, b'b'),
    (13, b'b'),
    (14, b'v'),
    (16, b'b'),
];

/// What of ONNX bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Model,
    Tensor,
}

/// Whether bytes are ONNX, by the fields of the model and its graph.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    kind(head, bytes).is_some()
}

/// Scans ONNX.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let head = bytes.up_to(0, 16).unwrap_or_default();
    match kind(&head, bytes) {
        Some(Kind::Tensor) => tensor::scan_alone(bytes, context),
        _ => model::scan(bytes, context),
    }
}

fn kind(head: &[u8], bytes: &dyn Bytes) -> Option<Kind> {
    let first = *head.first()?;
    // A tag of one byte with a known wire type; fields above 15 never come first.
    if first & 0x80 != 0 || first < 8 || !matches!(first & 7, 0 | 2) {
        return None;
    }
    let mut wire = Wire::glance(bytes);
    let whole = wire.whole();
    let (mut is_sure, mut has_graph, mut has_version) = (false, false, false);
    let (seen, _) = fit(&mut wire, whole, MODEL, 4096, |wire, field| {
        match field.number {
            1 => has_version |= field.varint().is_some_and(|v| v < 1000),
            8 => has_version |= field.span().is_some_and(|span| is_opset(wire, span)),
            7 => match field.span().map(|span| graph(wire, span)) {
                Some(Some(true)) => is_sure = true,
                Some(Some(false)) => has_graph = true,
                _ => {}
            },
            _ => {}
        }
        is_sure
    });
    if is_sure || (has_graph && has_version && seen.wrong == 0 && seen.unknown == 0) {
        return Some(Kind::Model);
    }
    is_tensor(&mut wire, whole).then_some(Kind::Tensor)
}

/// Whether bytes are a graph: with a node for certain, or by its fields alone.
fn graph(wire: &mut Wire<'_>, span: Span) -> Option<bool> {
    let (seen, is_sure) = fit(wire, span, GRAPH, 512, |wire, field: Field| {
        field.number == 1 && field.span().is_some_and(|span| is_node(wire, span))
    });
    if is_sure { Some(true) } else { seen.is_clean().then_some(false) }
}

fn is_node(wire: &mut Wire<'_>, span: Span) -> bool {
    let mut has_operator = false;
    let (seen, _) = fit(wire, span, NODE, 256, |wire, field| {
        has_operator |= field.number == 4 && field.span().is_some_and(|span| is_word(wire, span));
        false
    });
    has_operator && seen.wrong == 0 && !seen.is_broken
}

fn is_opset(wire: &mut Wire<'_>, span: Span) -> bool {
    fit(wire, span, &[(1, b'b'), (2, b'v')], 4, |_, _| false).0.is_clean()
}

/// Whether bytes are one tensor: its type is known and values of some kind are there.
fn is_tensor(wire: &mut Wire<'_>, span: Span) -> bool {
    let (mut kind, mut has_values, mut has_shape) = (None, false, false);
    let (seen, _) = fit(wire, span, TENSOR, 4096, |_, field| {
        match field.number {
            1 => has_shape = true,
            2 => kind = field.varint(),
            4..=7 | 9..=11 | 13 => has_values = true,
            _ => {}
        }
        false
    });
    let is_known = kind.is_some_and(|kind| (1..=tensor::TYPES).contains(&kind));
    seen.is_clean() && is_known && has_values && (has_shape || span.len() < 64)
}

#[cfg(test)]
mod tests;
