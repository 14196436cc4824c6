//! Small steps that all YAML readers take.

use crate::parse::yaml::{Entry, Node, NodeKind, Yaml};
use crate::parse::{Budget, Problem, yaml};
use crate::source::{SourceFile, Spanned};

use super::Facts;

/// Parses a file and hands over its problems; `None` where it holds no document.
pub(super) fn document(file: &SourceFile, budget: &mut Budget, out: &mut Facts) -> Option<Node> {
    let Yaml { docs, problems, duplicates, .. } = yaml::parse(&file.text, budget);
    let lost = !problems.is_empty();
    out.problems.extend(problems);
    for again in duplicates {
        out.problems.push(Problem::new(again.again, format!("`{}` is written twice; the first is read", again.key)));
    }
    let mut docs = docs.into_iter();
    let root = docs.next();
    if let Some(second) = docs.next() {
        out.problems.push(Problem::new(second.span, "a second document, which is not read"));
    }
    if root.as_ref().is_none_or(|r| matches!(r.kind, NodeKind::Null)) {
        out.unread = Some(if lost { "nothing in it could be read" } else { "it is empty" }.to_owned());
        return None;
    }
    root
}

/// The text of a scalar with its place; `None` for null and for what is no scalar.
pub(super) fn text(node: Option<&Node>) -> Option<Spanned<String>> {
    let node = node?;
    if node.is_null() {
        return None;
    }
    node.as_str().map(|text| Spanned::new(text.to_owned(), node.place()))
}

/// The same, said aloud where something else stands there.
pub(super) fn text_or_problem(node: Option<&Node>, what: &str, out: &mut Facts) -> Option<Spanned<String>> {
    let node = node?;
    if node.as_str().is_none() && !node.is_null() {
        out.problems.push(Problem::new(node.place(), format!("`{what}` should be text")));
    }
    text(Some(node))
}

/// A scalar as one item, a sequence of scalars as many.
pub(super) fn texts(node: Option<&Node>) -> Vec<Spanned<String>> {
    let Some(node) = node else { return Vec::new() };
    match text(Some(node)) {
        Some(one) => vec![one],
        None => node.items().iter().filter_map(|n| text(Some(n))).collect(),
    }
}

/// The text of an entry's key with its place.
pub(super) fn key(entry: &Entry) -> Option<Spanned<String>> {
    entry.key.as_str().map(|text| Spanned::new(text.to_owned(), entry.key.span))
}

/// Entries of a mapping whose key is text.
pub(super) fn keyed(node: &Node) -> impl Iterator<Item = (Spanned<String>, &Node)> {
    node.entries().iter().filter(|e| !e.is_merge()).filter_map(|e| key(e).map(|k| (k, &e.value)))
}
