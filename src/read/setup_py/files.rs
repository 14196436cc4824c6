//! Names of files that hold lists of requirements, and how a `setup.py` puts them together.

use super::Text;
use super::value::Known;
use super::walk::MAX_DEPTH;
use crate::parse::python::{Argument, Expression, Kind, Statement};
use crate::source::{Embedded, Span};

/// The folder that a function looks in by a parameter of that name, as given or by default.
pub(super) fn folder(
    parameters: &[(String, Option<Expression>)],
    arguments: &[Argument],
    values: &[Known],
) -> Option<String> {
    let is_folder = |name: &str| ["folder", "dir", "root", "base"].iter().any(|word| name.contains(word));
    let (name, default) = parameters.iter().find(|(name, _)| is_folder(name))?;
    let given = arguments.iter().zip(values).find(|(argument, _)| argument.name.as_ref() == Some(name));
    let text = match given {
        Some((_, value)) => value.as_text().map(|text| text.value),
        None => default.as_ref().and_then(Expression::as_text).map(|text| text.text.clone()),
    };
    text.map(|text| text.trim_end_matches('/').to_owned()).filter(|text| !text.is_empty())
}

/// `os.path.join(here, "requirements", "base.txt")`: the texts at its end.
pub(super) fn path(arguments: &[Argument], values: Vec<Known>, span: Span) -> Known {
    let mut parts: Vec<String> = Vec::new();
    let mut place = span;
    for (argument, value) in arguments.iter().zip(&values) {
        match value.as_text() {
            Some(text) => {
                parts.push(text.value);
                place = argument.span;
            }
            None => parts.clear(),
        }
    }
    if parts.is_empty() { Known::computed(span) } else { Known::text(replaced(&parts.join("/"), place), place) }
}

fn replaced(text: &str, place: Span) -> Embedded {
    let mut out = Embedded::new();
    out.push_replaced(text, place);
    out
}

/// A name that lists of requirements have.
pub(super) fn is_list_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let is_list = file.ends_with(".txt") || file.ends_with(".in") || file.ends_with(".pip");
    is_list
        && !name.contains(['\n', '*', '{', '%', ' '])
        && (file.contains("req") || name.to_ascii_lowercase().contains("req"))
}

/// Lists of requirements that a function names.
pub(super) fn named_files(body: &[Statement], depth: usize, out: &mut Vec<Text>) {
    if depth > MAX_DEPTH {
        return;
    }
    for statement in body {
        match statement {
            Statement::Assign { value, .. } | Statement::Add { value, .. } => named_in(value, depth, out),
            Statement::Value(value) | Statement::Return(value) => named_in(value, depth, out),
            Statement::With { items, body } => {
                items.iter().for_each(|(value, _)| named_in(value, depth, out));
                named_files(body, depth + 1, out);
            }
            Statement::For { values, body, .. } => {
                named_in(values, depth, out);
                named_files(body, depth + 1, out);
            }
            Statement::Function { body, .. } | Statement::Class { body, .. } => named_files(body, depth + 1, out),
            Statement::Import(_) => {}
            Statement::Branches(bodies) => bodies.iter().for_each(|body| named_files(body, depth + 1, out)),
        }
    }
}

fn named_in(expression: &Expression, depth: usize, out: &mut Vec<Text>) {
    let mut each = |inner: &Expression| {
        if depth < MAX_DEPTH {
            named_in(inner, depth + 1, out);
        }
    };
    match &expression.kind {
        Kind::Text(text) => {
            if is_list_file(&text.text) {
                out.push(Text::new(text.text.clone(), expression.span));
            }
        }
        Kind::Attribute(inner, _) | Kind::Splat(inner) => each(inner),
        Kind::Item(a, b) | Kind::Add(a, b) | Kind::Divide(a, b) | Kind::Either(a, b) => {
            [a, b].into_iter().for_each(|e| each(e))
        }
        Kind::List(items) | Kind::Other(items) | Kind::Made(_, items) => items.iter().for_each(each),
        Kind::Dict(pairs) => pairs.iter().for_each(|(_, value)| each(value)),
        Kind::Call(function, arguments) => {
            each(function);
            arguments.iter().for_each(|argument| each(&argument.value));
        }
        Kind::Each { body, loops } => {
            each(body);
            loops.iter().for_each(|(_, values)| each(values));
        }
        Kind::Bool(_) | Kind::Nothing | Kind::Name(_) => {}
    }
}
