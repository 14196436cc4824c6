//! Scripts of a job: lists of commands, each of which may be a list again by an anchor, put together as the
//! runner does.

use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::read::Facts;
use crate::read::pipeline::masked;
use crate::source::{Embedded, Span, Spanned};

/// Commands of one or more sections, in the order they run.
#[derive(Debug, Default)]
pub(super) struct Commands {
    pub(super) text: Embedded,
    /// From the first to the last command as written, where they stand beside each other.
    pub(super) span: Option<Span>,
}

impl Commands {
    /// Adds what a key holds. Jobs that `!reference` names are handed over.
    pub(super) fn add(
        &mut self,
        node: Option<&Node>,
        references: &mut Vec<Spanned<String>>,
        budget: &mut Budget,
        out: &mut Facts,
    ) {
        let Some(node) = node else { return };
        if is_reference(node) {
            references.extend(referred(node));
            return;
        }
        match &node.kind {
            NodeKind::Null => {}
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.add(Some(item), references, budget, out)),
            NodeKind::Mapping(_) => out.problems.push(Problem::new(node.place(), "a command should be text")),
            NodeKind::Scalar(scalar) => {
                let text = &scalar.text;
                // Every use of an anchor copies its text.
                if !budget.take_copies(text.text.len(), 1) {
                    out.problems.push(Problem::new(node.place(), "too many commands; this one is not read"));
                    return;
                }
                self.text.append(text);
                if !text.text.ends_with('\n') {
                    self.text.push_replaced("\n", Span { start: node.span.end, end: node.span.end });
                }
                self.span = Some(match self.span {
                    Some(span) if node.span.start >= span.start => span.to(node.span),
                    Some(span) => span,
                    None => node.span,
                });
            }
        }
    }

    /// The text as a shell's parser takes it: inputs of a component, which are put in before anything runs,
    /// are written as GitHub writes its expressions.
    pub(super) fn readable(&self) -> Embedded {
        let text = &self.text.text;
        if !text.contains("$[[") {
            return self.text.clone();
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some((before, after)) = rest.split_once("$[[") {
            out.push_str(before);
            match after.split_once("]]") {
                Some((inner, tail)) if !inner.contains(['\n', '[']) => {
                    out.push_str("${{");
                    out.push_str(inner);
                    out.push_str("}}");
                    rest = tail;
                }
                _ => {
                    out.push_str("$[[");
                    rest = after;
                }
            }
        }
        out.push_str(rest);
        masked(&self.text, &out)
    }
}

/// Whether a value is `!reference [job, key]`.
pub(super) fn is_reference(node: &Node) -> bool {
    node.tag.as_ref().is_some_and(|tag| tag.value == "!reference")
}

/// The job that `!reference` names.
pub(super) fn referred(node: &Node) -> Option<Spanned<String>> {
    let first = node.items().first()?;
    Some(Spanned::new(first.as_str()?.to_owned(), node.place()))
}
