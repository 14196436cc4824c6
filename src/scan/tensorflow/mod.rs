//! TensorFlow: SavedModel, graphs, `TFLite`; and Core ML, which is protocol buffers too.
//!
//! A graph is a program whose operators the runtime has. Most compute; a few read, write and send what the
//! graph says, and a few are in every model because it saves and restores itself. Graphs of Paddle and
//! networks of Caffe, which have the same question, are read here as well.

mod coreml;
mod flatbuffer;
mod flow;
mod graph;
mod operators;
mod other;
mod text;
mod tflite;

use super::protobuf::{Shape, Span, Wire, fit, is_word};
use super::{Context, Format, Rule, Severity, Verdict};
use crate::source::Bytes;

/// An operator that runs code, reads, writes or sends.
static TENSORFLOW_OPERATOR: Rule = Rule {
    id: "tensorflow-operator",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "An operator reaches out of the graph",
    help: "It runs code, reads or writes files, or talks to an address that the graph chooses, when the model runs. Do not load the file.",
};
/// An operator that may reach out.
static TENSORFLOW_INPUT_OPERATOR: Rule = Rule {
    id: "tensorflow-doubtful-operator",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "An operator that a model to be served does not need",
    help: "Such operators belong to training or to one machine. Look at what it is given before the model is used.",
};
/// An operator that nobody knows.
static TENSORFLOW_CUSTOM_OPERATOR: Rule = Rule {
    id: "tensorflow-custom-operator",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "An operator that TensorFlow does not have",
    help: "Whoever runs the model must load a library that has the operator: ask where it comes from and read it.",
};
/// A path in a graph that is not the model's own.
static TENSORFLOW_PATH: Rule = Rule {
    id: "tensorflow-path",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "The graph reads or writes a path of its own choice",
    help: "Savers and tables of a model are told their paths when it is loaded. This one has a path built in.",
};
/// An asset that lies elsewhere.
static TENSORFLOW_ASSET_PATH: Rule = Rule {
    id: "tensorflow-asset-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "An asset lies outside of the model's folder",
    help: "Loaders open the named file as a part of the model. Do not load the file.",
};
/// A flat buffer that is broken.
static TFLITE_MALFORMED: Rule = Rule {
    id: "tflite-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "Broken TFLite",
    help: "Offsets or counts of the file lead out of it. Runtimes that trust them read memory of others.",
};
/// Code of an app or a device.
static COREML_CUSTOM_CODE: Rule = Rule {
    id: "coreml-custom-code",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A part of the model is a class of the app",
    help: "Core ML makes an object of the named class and calls it. Look at which class it is.",
};
/// A file elsewhere.
static COREML_PATH: Rule = Rule {
    id: "coreml-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "Weights or models lie outside of the model's folder",
    help: "Core ML opens the named file as a part of the model. Do not load the file.",
};
/// A layer or operator of another framework that runs code.
static GRAPH_CODE: Rule = Rule {
    id: "graph-code",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "A layer runs Python or touches files",
    help: "Caffe imports the module that the layer names; Paddle calls the function or opens the file. Do not load the file.",
};

pub(super) const RULES: &[&Rule] = &[
    &COREML_CUSTOM_CODE,
    &COREML_PATH,
    &GRAPH_CODE,
    &TENSORFLOW_ASSET_PATH,
    &TENSORFLOW_CUSTOM_OPERATOR,
    &TENSORFLOW_INPUT_OPERATOR,
    &TENSORFLOW_OPERATOR,
    &TENSORFLOW_PATH,
    &TFLITE_MALFORMED,
];

/// Whether an operator that a layer of Keras runs by itself reaches out of the process; none where it computes.
/// One whose input is a path does: no layer saves or restores.
pub(in crate::scan) fn reaches(operator: &str) -> Option<bool> {
    match operators::rate(operator) {
        operators::Rating::Known => (!operators::path_inputs(operator).is_empty()).then_some(true),
        operators::Rating::Reaches(_) => Some(true),
        operators::Rating::Doubtful(_) | operators::Rating::Custom => Some(false),
    }
}

/// Fields of a node of a graph.
const NODE: Shape = &[(1, b'b'), (2, b'b'), (3, b'b'), (4, b'b'), (5, b'b'), (6, b'b'), (7, b'b')];
const GRAPH: Shape = &[(1, b'b'), (2, b'b'), (3, b'v'), (4, b'b'), (5, b'b')];
const META_GRAPH: Shape = &[(1, b'b'), (2, b'b'), (3, b'b'), (4, b'b'), (5, b'b'), (6, b'b'), (7, b'b')];
const META_INFO: Shape = &[(1, b'b'), (2, b'b'), (3, b'b'), (4, b'b'), (5, b'b'), (6, b'b'), (7, b'v'), (8, b'b')];
const SAVED_MODEL: Shape = &[(1, b'v'), (2, b'b')];
const FUNCTION: Shape = &[(1, b'b'), (3, b'b'), (4, b'b'), (5, b'b'), (6, b'b'), (7, b'b'), (8, b'b')];
const KERAS: Shape = &[(2, b'v'), (3, b'b'), (4, b'b'), (5, b'b'), (6, b'b')];
const FINGERPRINT: Shape = &[(1, b'v'), (2, b'v'), (3, b'v'), (4, b'v'), (5, b'v'), (6, b'b'), (7, b'b')];

/// Fields at one level that are looked at before a file is taken for something else.
const LOOKED: usize = 4096;

/// What of it bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    SavedModel,
    MetaGraph,
    Graph,
    KerasMetadata,
    Fingerprint,
    Paddle,
    Caffe,
}

/// Whether bytes are a SavedModel, a graph or a meta graph, or what lies beside one, by their fields.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    text::claims(head) || kind(head, bytes).is_some()
}

/// Scans a SavedModel, a graph or a meta graph.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let head = bytes.up_to(0, 4096).unwrap_or_default();
    if text::claims(&head) {
        return text::scan(bytes, context);
    }
    match kind(&head, bytes) {
        Some(Kind::SavedModel) => graph::scan_saved_model(bytes, context),
        Some(Kind::MetaGraph) => {
            context.format(Format::TensorflowCheckpoint);
            graph::scan_meta_graph(bytes, context);
        }
        Some(Kind::Graph) => {
            context.format(Format::GraphDef);
            graph::scan_graph(bytes, context);
        }
        Some(Kind::KerasMetadata) => graph::scan_keras_metadata(bytes, context),
        Some(Kind::Fingerprint) => {}
        Some(Kind::Paddle) => {
            context.format(Format::Data);
            other::scan_paddle(bytes, context);
        }
        Some(Kind::Caffe) => {
            context.format(Format::Data);
            other::scan_caffe(bytes, context);
        }
        None => {}
    }
}

/// Whether bytes are TFLite, by their beginning.
#[must_use]
pub fn claims_tflite(head: &[u8], _bytes: &dyn Bytes) -> bool {
    head.get(4..8) == Some(b"TFL3")
}

/// Scans TFLite.
pub fn scan_tflite(bytes: &dyn Bytes, context: &mut Context<'_>) {
    tflite::scan(bytes, context);
}

/// Whether bytes are Core ML, by their fields.
#[must_use]
pub fn claims_coreml(head: &[u8], bytes: &dyn Bytes) -> bool {
    coreml::claims(head, bytes)
}

/// Scans Core ML.
pub fn scan_coreml(bytes: &dyn Bytes, context: &mut Context<'_>) {
    coreml::scan(bytes, context);
}

fn kind(head: &[u8], bytes: &dyn Bytes) -> Option<Kind> {
    // Fields of one byte's tag and a known type begin all of them.
    let first = *head.first()?;
    if first & 0x80 != 0 && first != 0xa2 || first < 8 || !matches!(first & 7, 0 | 2) {
        return None;
    }
    let mut wire = Wire::glance(bytes);
    let whole = wire.whole();
    if is_graph(&mut wire, whole) {
        return Some(Kind::Graph);
    }
    if fit(&mut wire, whole, SAVED_MODEL, LOOKED, |w, f| f.span().is_some_and(|s| is_meta_graph(w, s))).1 {
        return Some(Kind::SavedModel);
    }
    if is_meta_graph(&mut wire, whole) {
        return Some(Kind::MetaGraph);
    }
    if fit(&mut wire, whole, &[(1, b'b')], LOOKED, |w, f| f.span().is_some_and(|s| is_keras(w, s))).1 {
        return Some(Kind::KerasMetadata);
    }
    if whole.len() < 1024 {
        let mut has_numbers_only = true;
        let (seen, _) = fit(&mut wire, whole, FINGERPRINT, 16, |_, field| {
            has_numbers_only &= field.varint().is_some();
            false
        });
        // Numbers alone: nothing of them is a name.
        if seen.is_clean() && (seen.known >= 5 || has_numbers_only) && first == 8 {
            return Some(Kind::Fingerprint);
        }
    }
    if other::is_paddle(&mut wire, whole) {
        return Some(Kind::Paddle);
    }
    other::is_caffe(&mut wire, whole).then_some(Kind::Caffe)
}

fn is_graph(wire: &mut Wire<'_>, span: Span) -> bool {
    fit(wire, span, GRAPH, LOOKED, |wire, field| match (field.number, field.span()) {
        (1, Some(node)) => is_node(wire, node),
        (2, Some(library)) => is_library(wire, library),
        _ => false,
    })
    .1
}

fn is_node(wire: &mut Wire<'_>, span: Span) -> bool {
    let (mut has_name, mut has_operator) = (false, false);
    let (seen, _) = fit(wire, span, NODE, 64, |wire, field| {
        let is_word = field.number <= 2 && field.span().is_some_and(|span| is_word(wire, span));
        has_name |= field.number == 1 && is_word;
        has_operator |= field.number == 2 && is_word;
        false
    });
    has_name && has_operator && seen.is_clean()
}

fn is_library(wire: &mut Wire<'_>, span: Span) -> bool {
    fit(wire, span, &[(1, b'b'), (2, b'b'), (3, b'b')], 16, |wire, field| {
        let mut has_name = false;
        field.number == 1
            && field.span().is_some_and(|function| {
                let (seen, _) = fit(wire, function, FUNCTION, 512, |wire, field| {
                    has_name |= field.number == 1 && field.span().is_some_and(|s| starts_with_word(wire, s));
                    false
                });
                has_name && seen.is_clean()
            })
    })
    .1
}

/// Whether the first field of a message is a word.
fn starts_with_word(wire: &mut Wire<'_>, span: Span) -> bool {
    let mut span = span;
    match wire.next(&mut span) {
        Ok(Some(field)) if field.number == 1 => field.span().is_some_and(|span| is_word(wire, span)),
        _ => false,
    }
}

fn is_meta_graph(wire: &mut Wire<'_>, span: Span) -> bool {
    let mut has_info = false;
    let (seen, is_sure) = fit(wire, span, META_GRAPH, LOOKED, |wire, field| match (field.number, field.span()) {
        (1, Some(info)) => {
            // The version of TensorFlow stands in it.
            let mut has_version = false;
            let (seen, _) = fit(wire, info, META_INFO, 4096, |wire, field| {
                has_version |= field.number == 5 && field.span().is_some_and(|span| is_word(wire, span));
                false
            });
            has_info |= has_version && seen.is_clean();
            false
        }
        (2, Some(graph)) => is_graph(wire, graph),
        _ => false,
    });
    is_sure || (has_info && seen.wrong == 0)
}

fn is_keras(wire: &mut Wire<'_>, span: Span) -> bool {
    fit(wire, span, KERAS, 16, |wire, field| {
        let identifier = field.span().filter(|_| field.number == 4);
        identifier.and_then(|span| wire.text(span, 256).ok()).is_some_and(|text| text.starts_with("_tf_keras_"))
    })
    .1
}

#[cfg(test)]
mod tests;
