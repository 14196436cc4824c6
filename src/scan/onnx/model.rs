//! A model: its graphs, wherever they stand, and its functions.

use std::collections::BTreeSet;

use super::operators::{Rating, domain, is_standard, rate};
use super::tensor::{self, path};
use super::{ONNX_COMPILED, ONNX_CUSTOM_OPERATOR, ONNX_METADATA, ONNX_SHADOWED_OPERATOR};
use crate::scan::Context;
use crate::scan::protobuf::Span;
use crate::scan::protobuf::Walk;
use crate::scan::quote::shown;
use crate::scan::template::hidden;
use crate::scan::words::code_words;
use crate::source::Bytes;
use crate::source::Part;

/// Bytes of a name.
const NAME: usize = 64 << 10;
/// Bytes of a value in the metadata that is looked at.
const VALUE: usize = 4 << 20;
/// Graphs within graphs: readers of protocol buffers stop at 100 messages, and a graph within one is three.
const DEPTH: usize = 40;
/// Functions and operators that are kept.
const KEPT: usize = 100_000;

/// What is known of the model.
struct Model<'b, 'c, 'l> {
    walk: Walk<'b, 'c, 'l>,
    /// Functions that the model defines, by domain and name.
    functions: BTreeSet<(String, String)>,
    /// Operators that were told.
    told: BTreeSet<(String, String)>,
}

/// Scans a model.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let walk = Walk::new(bytes, context);
    let mut model = Model { walk, functions: BTreeSet::new(), told: BTreeSet::new() };
    // Functions stand behind the graph that calls them.
    let mut whole = model.walk.whole();
    while let Some(field) = model.walk.next(&mut whole) {
        if let (25, Some(span)) = (field.number, field.span()) {
            model.define(span, field.at);
        }
    }
    let mut whole = model.walk.whole();
    while let Some(field) = model.walk.next(&mut whole) {
        let Some(span) = field.span() else { continue };
        match field.number {
            7 => model.graph(span, 0),
            6 => model.value("the description", span, field.at),
            14 => model.metadata(span, field.at),
            // Names and versions of whoever wrote it; and what no version of the format has.
            2..=4 | 9..=13 | 15..=19 | 21..=24 | 27.. => {
                model.value(&format!("field {}", field.number), span, field.at);
            }
            20 => model.training(span),
            25 => model.function(span),
            _ => {}
        }
    }
}

impl Model<'_, '_, '_> {
    fn define(&mut self, span: Span, at: u64) {
        let mut span = span;
        let (mut name, mut domain) = (String::new(), String::new());
        while let Some(field) = self.walk.next(&mut span) {
            let into = match field.number {
                1 => &mut name,
                10 => &mut domain,
                _ => continue,
            };
            if let Some(text) = field.span().and_then(|span| self.walk.text(span, NAME)) {
                *into = text;
            }
        }
        if is_standard(&domain, &name) {
            let message = format!("a function of the model is called `{}` as a standard operator is", shown(&name));
            self.walk.context.find(&ONNX_SHADOWED_OPERATOR, at, message);
        }
        if self.functions.len() < KEPT {
            self.functions.insert((self::domain(&domain).to_owned(), name));
        }
    }

    fn training(&mut self, span: Span) {
        let mut span = span;
        while let Some(field) = self.walk.next(&mut span) {
            if let (1 | 2, Some(graph)) = (field.number, field.span()) {
                self.graph(graph, 0);
            }
        }
    }

    fn function(&mut self, span: Span) {
        let mut span = span;
        while let Some(field) = self.walk.next(&mut span) {
            match (field.number, field.span()) {
                (7, Some(node)) => self.node(node, field.at, 0),
                (11, Some(attribute)) => drop(self.attribute(attribute, 0)),
                (14, Some(entry)) => self.metadata(entry, field.at),
                _ => {}
            }
        }
    }

    fn graph(&mut self, span: Span, depth: usize) {
        let mut span = span;
        if depth > DEPTH {
            return self.walk.broken(span.at, "graphs are nested deeper than readers go");
        }
        if !self.walk.context.take_nodes(1) {
            return;
        }
        while let Some(field) = self.walk.next(&mut span) {
            match (field.number, field.span()) {
                (1, Some(node)) => self.node(node, field.at, depth),
                (5, Some(tensor)) => tensor::scan(&mut self.walk, tensor),
                (10, Some(text)) => self.value("the description", text, field.at),
                (15, Some(sparse)) => self.sparse(sparse),
                (16, Some(entry)) => self.metadata(entry, field.at),
                (17.., Some(other)) => self.value(&format!("field {}", field.number), other, field.at),
                (1 | 5 | 15, None) => self.walk.broken(field.at, "a node or tensor of a graph is no message"),
                _ => {}
            }
        }
    }

    fn sparse(&mut self, span: Span) {
        let mut span = span;
        while let Some(field) = self.walk.next(&mut span) {
            if let (1 | 2, Some(values)) = (field.number, field.span()) {
                tensor::scan(&mut self.walk, values);
            }
        }
    }

    fn node(&mut self, span: Span, at: u64, depth: usize) {
        let mut span = span;
        if !self.walk.context.take_nodes(1) {
            return;
        }
        let (mut operators, mut domains, mut attributes) = (Vec::new(), Vec::new(), Vec::new());
        while let Some(field) = self.walk.next(&mut span) {
            let Some(value) = field.span() else { continue };
            match field.number {
                4 => operators.extend(self.walk.text(value, NAME)),
                5 => attributes.extend(self.attribute(value, depth)),
                7 => domains.extend(self.walk.text(value, NAME)),
                6 => self.value("the description", value, field.at),
                9 => self.metadata(value, field.at),
                _ => {}
            }
        }
        if domains.is_empty() {
            domains.push(String::new());
        }
        // The last of each counts for most readers; who reads otherwise is not known.
        for operator in &operators {
            for domain in &domains {
                self.operator(domain, operator, &attributes, at);
            }
        }
    }

    fn operator(&mut self, domain: &str, name: &str, attributes: &[(String, String)], at: u64) {
        let key = (self::domain(domain).to_owned(), name.to_owned());
        let rating = rate(domain, name);
        if rating == Rating::Compiled {
            for (_, value) in attributes.iter().filter(|(name, _)| name == "ep_cache_context") {
                path(self.walk.context, value, at);
            }
        }
        if rating == Rating::Known || self.functions.contains(&key) || self.told.contains(&key) {
            return;
        }
        self::operator(self.walk.context, domain, name, at);
        if self.told.len() < KEPT {
            self.told.insert(key);
        }
    }

    /// Scans an attribute; its name and value where that is a short text.
    fn attribute(&mut self, span: Span, depth: usize) -> Option<(String, String)> {
        let mut span = span;
        if !self.walk.context.take_nodes(1) {
            return None;
        }
        let (mut name, mut text) = (None, None);
        while let Some(field) = self.walk.next(&mut span) {
            let Some(value) = field.span() else { continue };
            match field.number {
                1 => name = self.walk.text(value, NAME),
                4 | 9 => {
                    self.packed(value);
                    if field.number == 4 && value.len() <= 4096 {
                        text = self.walk.text(value, 4096);
                    }
                }
                5 | 10 => tensor::scan(&mut self.walk, value),
                6 | 11 => self.graph(value, depth + 1),
                22 | 23 => self.sparse(value),
                _ => {}
            }
        }
        Some((name?, text?))
    }

    /// A text of an attribute that is a pickle.
    fn packed(&mut self, value: Span) {
        let whole = Part::new(self.walk.bytes(), value.at, value.len());
        let head = whole.up_to(0, 2).unwrap_or_default();
        if matches!(head.as_slice(), [0x80, 2..=5]) {
            self.walk.context.part("attribute", &whole);
        }
    }

    fn metadata(&mut self, span: Span, at: u64) {
        let mut span = span;
        let mut key = String::new();
        while let Some(field) = self.walk.next(&mut span) {
            match (field.number, field.span()) {
                (1, Some(value)) => key = self.walk.text(value, NAME).unwrap_or_default(),
                (2, Some(value)) => self.value(&format!("metadata `{}`", shown(&key)), value, at),
                _ => {}
            }
        }
    }

    /// Looks into a text of somebody's: for a program, for what is packed in it, for what is no text.
    fn value(&mut self, name: &str, value: Span, at: u64) {
        let whole = Part::new(self.walk.bytes(), value.at, value.len());
        if value.len() > VALUE as u64 {
            return self.walk.context.part(name, &whole);
        }
        let Some(bytes) = self.walk.take(value, VALUE) else { return };
        let Ok(text) = String::from_utf8(bytes) else { return self.walk.context.part(name, &whole) };
        if let Some(word) = code_words(&text).filter(|_| name.starts_with("metadata")) {
            self.walk.context.find(&ONNX_METADATA, at, format!("{name} holds `{word}`"));
        }
        hidden::payload(name, &text, at, self.walk.context);
    }
}

/// Rates an operator that no function of the model defines and tells.
pub(in crate::scan) fn operator(context: &mut Context<'_>, domain: &str, name: &str, at: u64) {
    let shown = if domain.is_empty() { shown(name) } else { shown(&format!("{domain}::{name}")) };
    let (rule, message) = match rate(domain, name) {
        Rating::Known => return,
        Rating::Calls => (&ONNX_CUSTOM_OPERATOR, format!("operator `{shown}` calls what its attributes name")),
        Rating::Compiled => (&ONNX_COMPILED, format!("operator `{shown}` is a program compiled for a device")),
        Rating::Custom => {
            (&ONNX_CUSTOM_OPERATOR, format!("operator `{shown}` is in no runtime and not defined in the model"))
        }
    };
    context.find(rule, at, message);
}
