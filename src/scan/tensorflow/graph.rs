//! Graphs of TensorFlow, wherever they stand: in a SavedModel, in a meta graph, alone; with their functions.

use std::collections::BTreeSet;

use super::flow::Flow;
use super::operators::{Rating, attribute, hands_on, path_inputs, rate};
use super::{TENSORFLOW_ASSET_PATH, TENSORFLOW_CUSTOM_OPERATOR, TENSORFLOW_INPUT_OPERATOR, TENSORFLOW_OPERATOR};
use crate::scan::Context;
use crate::scan::keras;
use crate::scan::paths::leads_out;
use crate::scan::protobuf::{Span, Value, Walk};
use crate::scan::quote::shown;
use crate::source::Bytes;

/// Bytes of a name.
const NAME: usize = 64 << 10;
/// Inputs and attributes of one node that are looked at; operators of many inputs do not name paths.
const EDGES: usize = 1024;
/// Texts of one constant that are looked at, and the bytes of each.
const TEXTS: usize = 64;
const TEXT: usize = 8192;
/// Functions and operators that are kept.
const KEPT: usize = 200_000;
/// The type of texts.
const STRING: u64 = 7;

/// Scans a SavedModel.
pub(super) fn scan_saved_model(bytes: &dyn Bytes, context: &mut Context<'_>) {
    Graphs::new(bytes, context).run(|graphs, whole, step| {
        graphs.each(whole, |graphs, number, span, _| {
            if number == 2 {
                graphs.meta_graph(span, step);
            }
        });
    });
}

/// Scans a meta graph.
pub(super) fn scan_meta_graph(bytes: &dyn Bytes, context: &mut Context<'_>) {
    Graphs::new(bytes, context).run(Graphs::meta_graph);
}

/// Scans a graph.
pub(super) fn scan_graph(bytes: &dyn Bytes, context: &mut Context<'_>) {
    Graphs::new(bytes, context).run(Graphs::graph);
}

/// Scans what Keras keeps beside a SavedModel.
pub(super) fn scan_keras_metadata(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut graphs = Graphs::new(bytes, context);
    let whole = graphs.walk.whole();
    graphs.each(whole, |graphs, number, object, _| {
        if number == 1 {
            graphs.each(object, |graphs, number, text, _| {
                if number == 5 {
                    graphs.keras(text);
                }
            });
        }
    });
}

/// A graph one node or function of which is rated by itself, as `TFLite` carries them.
pub(super) fn scan_node(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut graphs = Graphs::new(bytes, context);
    let whole = graphs.walk.whole();
    graphs.node(whole, 0, 0);
}

/// Rates an operator by its name and tells.
pub(super) fn operator(context: &mut Context<'_>, name: &str, what: &str, at: u64) {
    let shown = shown(name);
    match rate(name) {
        Rating::Known => {}
        Rating::Reaches(how) => {
            context.find(&TENSORFLOW_OPERATOR, at, format!("{what} is the operator `{shown}`, which {how}"));
        }
        Rating::Doubtful(how) => {
            context.find(&TENSORFLOW_INPUT_OPERATOR, at, format!("{what} is the operator `{shown}`, which {how}"));
        }
        Rating::Custom => {
            let message = format!("{what} is the operator `{shown}`, which TensorFlow does not have");
            context.find(&TENSORFLOW_CUSTOM_OPERATOR, at, message);
        }
    }
}

/// Functions are called before they are defined, and assets named behind the graph: first what is defined, then
/// the nodes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Define,
    Rate,
}

struct Graphs<'b, 'c, 'l> {
    walk: Walk<'b, 'c, 'l>,
    functions: BTreeSet<String>,
    /// Operators that were told.
    told: BTreeSet<String>,
    flow: Flow,
}

impl<'b, 'c, 'l> Graphs<'b, 'c, 'l> {
    fn new(bytes: &'b dyn Bytes, context: &'c mut Context<'l>) -> Self {
        let walk = Walk::new(bytes, context);
        Self { walk, functions: BTreeSet::new(), told: BTreeSet::new(), flow: Flow::default() }
    }

    fn run(mut self, read: impl Fn(&mut Self, Span, Step)) {
        let whole = self.walk.whole();
        read(&mut self, whole, Step::Define);
        read(&mut self, whole, Step::Rate);
        self.flow.tell(self.walk.context);
    }

    /// Hands every field of a message that holds bytes on: its number, what it holds, its place.
    fn each(&mut self, span: Span, mut read: impl FnMut(&mut Self, u32, Span, u64)) {
        let mut span = span;
        if !self.walk.context.take_nodes(1) {
            return;
        }
        while let Some(field) = self.walk.next(&mut span) {
            if let Value::Bytes(value) = field.value {
                read(self, field.number, value, field.at);
            }
        }
    }

    fn meta_graph(&mut self, span: Span, step: Step) {
        self.each(span, |graphs, number, span, at| match number {
            2 => graphs.graph(span, step),
            6 if step == Step::Define => graphs.asset(span, at),
            7 if step == Step::Rate => graphs.objects(span),
            _ => {}
        });
    }

    fn asset(&mut self, span: Span, at: u64) {
        self.each(span, |graphs, number, span, _| match number {
            1 => graphs.each(span, |graphs, number, span, _| {
                if number == 1 {
                    let name = graphs.walk.text(span, NAME).unwrap_or_default();
                    graphs.flow.asset(name.split(':').next().unwrap_or_default());
                }
            }),
            2 => {
                let name = graphs.walk.text(span, NAME).unwrap_or_default();
                if let Some(how) = leads_out(&name) {
                    let message = format!("an asset is `{}`, which {how}", shown(&name));
                    graphs.walk.context.find(&TENSORFLOW_ASSET_PATH, at, message);
                }
            }
            _ => {}
        });
    }

    /// Objects of the program that was saved: layers of Keras carry their configuration.
    fn objects(&mut self, span: Span) {
        self.each(span, |graphs, number, object, _| {
            if number == 1 {
                graphs.each(object, |graphs, number, user, _| {
                    if number == 4 {
                        graphs.each(user, |graphs, number, text, _| {
                            if number == 3 {
                                graphs.keras(text);
                            }
                        });
                    }
                });
            }
        });
    }

    fn keras(&mut self, span: Span) {
        let most = self.walk.context.limits().text;
        if let Some(text) = self.walk.text(span, most).filter(|text| text.trim_start().starts_with('{')) {
            keras::scan_metadata(&text, Some(span.at), self.walk.context);
        }
    }

    fn graph(&mut self, span: Span, step: Step) {
        let scope = self.flow.graph(span.at);
        self.each(span, |graphs, number, span, at| match number {
            1 if step == Step::Rate => graphs.node(span, at, scope),
            2 => graphs.each(span, |graphs, number, span, at| {
                if number == 1 {
                    graphs.function(span, at, step);
                }
            }),
            _ => {}
        });
    }

    fn function(&mut self, span: Span, _at: u64, step: Step) {
        let (mut names, mut arguments) = (Vec::new(), Vec::new());
        self.each(span, |graphs, number, signature, _| {
            if number == 1 {
                graphs.each(signature, |graphs, number, span, _| match number {
                    1 => names.extend(graphs.walk.text(span, NAME)),
                    2 if step == Step::Rate => graphs.each(span, |graphs, number, span, _| {
                        if number == 1 {
                            arguments.extend(graphs.walk.text(span, NAME));
                        }
                    }),
                    _ => {}
                });
            }
        });
        match step {
            Step::Define if self.functions.len() < KEPT => self.functions.extend(names),
            Step::Define => {}
            Step::Rate => {
                let scope = self.flow.function(names.last().map_or("", String::as_str), &arguments);
                self.each(span, |graphs, number, node, at| {
                    if number == 3 {
                        graphs.node(node, at, scope);
                    }
                });
            }
        }
    }

    fn node(&mut self, span: Span, at: u64, scope: u32) {
        let (mut name, mut operators, mut inputs, mut attributes) = (String::new(), Vec::new(), Vec::new(), Vec::new());
        self.each(span, |graphs, number, span, _| match number {
            1 => name = graphs.walk.text(span, NAME).unwrap_or_default(),
            2 => operators.extend(graphs.walk.text(span, NAME)),
            3 if inputs.len() < EDGES => inputs.push(span),
            5 if attributes.len() < EDGES => attributes.push(span),
            _ => {}
        });
        for kind in &operators {
            let is_function = self.functions.contains(kind);
            if !is_function && rate(kind) != Rating::Known && self.told.len() < KEPT && self.told.insert(kind.clone()) {
                operator(self.walk.context, kind, &format!("node `{}`", shown(&name)), at);
            }
            self.path_attribute(kind, &attributes, at);
            self.follow(scope, &name, kind, is_function, &inputs, &attributes, at);
        }
    }

    /// Keeps of a node what it takes to know which texts flow into a path.
    #[expect(clippy::too_many_arguments, reason = "the parts of one node")]
    fn follow(
        &mut self,
        scope: u32,
        name: &str,
        kind: &str,
        is_function: bool,
        inputs: &[Span],
        attributes: &[Span],
        at: u64,
    ) {
        let paths = path_inputs(kind);
        let is_call =
            is_function || matches!(kind, "PartitionedCall" | "StatefulPartitionedCall" | "TPUPartitionedCall");
        if kind == "Const" {
            let texts = self.attribute(attributes, "value").map(|value| self.constant(value)).unwrap_or_default();
            if !texts.is_empty() {
                self.flow.constant(scope, name, texts);
            }
        } else if let Some(is_first) = hands_on(kind) {
            // Numbers flow through most of them.
            let is_text = ["T", "dtype", "Tparams"].iter().all(|key| {
                let value = self.attribute(attributes, key);
                value.and_then(|value| self.number(value, 6)).is_none_or(|kind| kind == STRING)
            });
            if is_text {
                let inputs = self.inputs(inputs);
                self.flow.hand_on(scope, name, inputs, is_first);
            }
        } else if is_call {
            let function = if is_function { Some(kind.to_owned()) } else { self.called(attributes) };
            if let Some(function) = function {
                let inputs = self.inputs(inputs);
                self.flow.call(scope, &function, inputs);
            }
        } else if !paths.is_empty() {
            let inputs = self.inputs(inputs);
            for path in paths.iter().filter_map(|index| inputs.get(*index)) {
                self.flow.path(scope, path, kind, at);
            }
        }
    }

    fn inputs(&mut self, inputs: &[Span]) -> Vec<String> {
        inputs.iter().map(|span| self.walk.text(*span, NAME).unwrap_or_default()).collect()
    }

    /// The value of a node's attribute.
    fn attribute(&mut self, attributes: &[Span], key: &str) -> Option<Span> {
        let mut found = None;
        for entry in attributes {
            let (mut is_key, mut value) = (false, None);
            self.each(*entry, |graphs, number, span, _| match number {
                1 if span.len() == key.len() as u64 => {
                    is_key = graphs.walk.text(span, NAME).is_some_and(|text| text == key);
                }
                2 => value = Some(span),
                _ => {}
            });
            if is_key {
                found = value.or(found);
            }
        }
        found
    }

    fn number(&mut self, span: Span, wanted: u32) -> Option<u64> {
        let mut span = span;
        let mut found = None;
        while let Some(field) = self.walk.next(&mut span) {
            if field.number == wanted {
                found = field.varint().or(found);
            }
        }
        found
    }

    /// The function that a call names.
    fn called(&mut self, attributes: &[Span]) -> Option<String> {
        let value = self.attribute(attributes, "f")?;
        let mut name = None;
        self.each(value, |graphs, number, function, _| {
            if number == 10 {
                graphs.each(function, |graphs, number, text, _| {
                    if number == 1 {
                        name = graphs.walk.text(text, NAME);
                    }
                });
            }
        });
        name
    }

    /// The texts of a constant.
    fn constant(&mut self, value: Span) -> Vec<String> {
        let mut texts = Vec::new();
        self.each(value, |graphs, number, tensor, _| {
            if number == 8 && graphs.number(tensor, 1) == Some(STRING) {
                graphs.each(tensor, |graphs, number, span, _| match number {
                    8 if texts.len() < TEXTS && span.len() <= TEXT as u64 => texts.extend(graphs.walk.text(span, TEXT)),
                    // Lengths, then the texts one behind the other: only the first can be told cheaply.
                    4 if span.len() <= TEXT as u64 => texts
                        .extend(graphs.walk.text(span, TEXT).and_then(|content| content.get(1..).map(str::to_owned))),
                    _ => {}
                });
            }
        });
        texts
    }

    fn path_attribute(&mut self, kind: &str, attributes: &[Span], at: u64) {
        let Some((key, how, _)) = attribute(kind, "") else { return };
        let Some(value) = self.attribute(attributes, key) else { return };
        let mut texts = Vec::new();
        self.each(value, |graphs, number, span, _| {
            if number == 2 && span.len() <= TEXT as u64 {
                texts.extend(graphs.walk.text(span, TEXT));
            }
        });
        for text in texts {
            if attribute(kind, &text).is_some_and(|(_, _, reaches)| reaches) {
                let message = format!("operator `{kind}` names `{}`, which {how}", shown(&text));
                self.walk.context.find(&TENSORFLOW_OPERATOR, at, message);
            }
        }
    }
}
