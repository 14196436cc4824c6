//! What an expression holds, as far as its text says it.

use super::Text;
use super::files::{folder, is_list_file, named_files, path};
use super::value::Known;
use super::walk::{Function, MAX_DEPTH, MAX_KEYS, Walk};
use crate::parse::python::{Argument, Expression, Kind, Statement};
use crate::source::{Embedded, Span};

/// Functions that hand on the list they are given.
const PASSING: &[&str] = &[
    "list",
    "tuple",
    "set",
    "sorted",
    "frozenset",
    "sum",
    "chain",
    "from_iterable",
    "reversed",
    "iter",
    "unique",
    "filter",
];
/// Methods that keep what a text or file holds, line by line.
const READING: &[&str] = &[
    "read",
    "readlines",
    "read_text",
    "splitlines",
    "strip",
    "rstrip",
    "lstrip",
    "decode",
    "copy",
    "split",
    "format",
    "replace",
    "open",
    "absolute",
    "resolve",
    "as_posix",
    "values",
    "items",
];

impl<'s> Walk<'s, '_> {
    pub(super) fn value(&mut self, expression: &'s Expression) -> Known {
        let span = expression.span;
        if self.depth >= MAX_DEPTH || self.budget.is_spent() {
            return Known::computed(span);
        }
        self.depth += 1;
        let out = self.value_of(expression, span);
        self.depth -= 1;
        out
    }

    fn value_of(&mut self, expression: &'s Expression, span: Span) -> Known {
        match &expression.kind {
            Kind::Text(text) => Known::text((**text).clone(), span),
            Kind::Nothing => Known::default(),
            Kind::Name(name) => self.known(name, span),
            Kind::Attribute(object, name) => match &object.kind {
                // `sys.argv` and the like; `Path(__file__).parent` names this folder.
                Kind::Name(_) => Known::computed(span),
                _ if name == "parent" => Known::default(),
                _ => self.value(object),
            },
            Kind::List(items) => self.list(items),
            Kind::Splat(inner) => self.value(inner),
            Kind::Dict(pairs) => self.dict(pairs, span),
            Kind::Add(left, right) => {
                let (left, right) = (self.value(left), self.value(right));
                added(left, right, span)
            }
            Kind::Either(first, second) => {
                let mut out = self.value(first);
                let second = self.value(second);
                out.join(second);
                out
            }
            Kind::Divide(_, right) => self.value(right),
            Kind::Item(object, key) => {
                let (object, key) = (self.value(object), self.value(key).as_text());
                let found = key.and_then(|key| object.get(&key.value).cloned().or_else(|| object.pooled(&key.value)));
                match found {
                    Some(found) => found,
                    None if !object.files.is_empty() => object,
                    None => Known::computed(span),
                }
            }
            Kind::Call(function, arguments) => self.call(function, arguments, span),
            Kind::Each { body, loops } => self.each(body, loops, span),
            Kind::Bool(_) | Kind::Made(..) | Kind::Other(_) => Known::computed(span),
        }
    }

    fn known(&mut self, name: &str, span: Span) -> Known {
        match self.names.get(name) {
            Some(known) if self.budget.take_copies(known.size(), 1) => known.clone(),
            _ => Known::computed(span),
        }
    }

    fn list(&mut self, items: &'s [Expression]) -> Known {
        let mut out = Known { is_list: true, ..Known::default() };
        for item in items {
            let value = self.value(item);
            out.join(value);
        }
        Known { is_list: true, ..out }
    }

    fn dict(&mut self, pairs: &'s [(Option<Expression>, Expression)], span: Span) -> Known {
        let mut out = Known::default();
        for (key, value) in pairs.iter().take(MAX_KEYS) {
            let value = self.value(value);
            match key.as_ref().map(|key| self.value(key).as_text()) {
                None => out.join(value),
                Some(Some(key)) => out.set(key.value, value),
                Some(None) => out.computed = out.computed.or(Some(span)),
            }
        }
        out
    }

    fn call(&mut self, function: &'s Expression, arguments: &'s [Argument], span: Span) -> Known {
        let name = function.last_name().unwrap_or("");
        let mut values: Vec<Known> = Vec::new();
        for argument in arguments {
            let value = self.value(&argument.value);
            values.push(value);
        }
        let is_plain = matches!(function.kind, Kind::Name(_));
        match name {
            "dict" if is_plain => {
                let mut out = Known::default();
                for (argument, value) in arguments.iter().zip(values) {
                    match argument.name.as_deref() {
                        None | Some("**") => out.join(value),
                        Some(key) => out.set(key.to_owned(), value),
                    }
                }
                out
            }
            // The path is the last of what is joined; the folder before it is this one.
            "open" if values.first().is_some_and(|path| !path.texts.is_empty()) => values.swap_remove(0),
            "join" if !is_plain && !is_text(function) => path(arguments, values, span),
            "Path" | "PurePath" | "str" | "fspath" | "dirname" | "abspath" | "realpath" => {
                values.into_iter().next().unwrap_or_default()
            }
            _ if PASSING.contains(&name) => {
                let mut out = Known { is_list: true, ..Known::default() };
                values
                    .into_iter()
                    .for_each(|value| out.join(if value.entries.is_empty() { value } else { value.values() }));
                Known { is_list: true, ..out }
            }
            _ if READING.contains(&name) => self.method(function, name, span),
            _ => self.unknown_call(name, arguments, values, span),
        }
    }

    /// A method that hands on what its object holds.
    fn method(&mut self, function: &'s Expression, name: &str, span: Span) -> Known {
        let Kind::Attribute(object, _) = &function.kind else { return Known::computed(span) };
        let known = self.value(object);
        if matches!(name, "values" | "items") {
            return known.values();
        }
        // `open("requirements.txt").read()`: the path becomes the file.
        if matches!(name, "read" | "readlines" | "read_text") || !known.files.is_empty() {
            let mut out = Known { files: known.files, computed: None, is_list: true, ..Known::default() };
            out.files.extend(known.texts.into_iter().map(|piece| Text::new(piece.text.text, piece.span)));
            if out.files.is_empty() {
                out.computed = Some(span);
            }
            return out;
        }
        match name {
            "splitlines" | "split" => Known { is_list: true, ..known },
            "format" | "replace" if known.computed.is_none() => Known::computed(span),
            _ => known,
        }
    }

    /// A function of the file, or of somewhere else.
    fn unknown_call(&mut self, name: &str, arguments: &[Argument], values: Vec<Known>, span: Span) -> Known {
        let mut files: Vec<Text> = Vec::new();
        for value in &values {
            files.extend(value.files.iter().cloned());
            let names = value.texts.iter().filter(|piece| is_list_file(&piece.text.text));
            files.extend(names.map(|piece| Text::new(piece.text.text.clone(), piece.span)));
        }
        let function = self.functions.get(name).copied();
        if let Some(function) = function {
            if files.is_empty() {
                named_files(function.body, 0, &mut files);
            } else if let Some(folder) = folder(function.parameters, arguments, &values) {
                files.iter_mut().for_each(|file| file.value = format!("{folder}/{}", file.value));
            }
            if files.is_empty()
                && let Some(found) = self.picked(function, &values)
            {
                return found;
            }
        }
        match files.is_empty() {
            true => Known::computed(span),
            false => Known { files, is_list: true, ..Known::default() },
        }
    }

    /// `deps_list("torch", "numpy")`: a function that picks, by their names, from a table that is made of
    /// a list of requirements.
    fn picked(&self, function: Function<'s>, values: &[Known]) -> Option<Known> {
        let mut names = Vec::new();
        function.body.iter().for_each(|statement| {
            if let Statement::Return(value) | Statement::Value(value) | Statement::Assign { value, .. } = statement {
                named(value, 0, &mut names);
            }
        });
        let pool = names.iter().filter_map(|name| self.names.get(*name)).find(|known| !known.pool.is_empty())?;
        let mut out = Known { is_list: true, ..Known::default() };
        for piece in values.iter().flat_map(|value| &value.texts) {
            out.join(pool.pooled(&piece.text.text)?);
        }
        (!out.texts.is_empty()).then_some(Known { is_list: true, ..out })
    }

    /// `[line.strip() for line in lines if line]`: what it goes through, where it makes nothing else of it.
    fn each(&mut self, body: &'s Expression, loops: &'s [(Expression, Expression)], span: Span) -> Known {
        let mut out = Known { is_list: true, ..Known::default() };
        for (_, values) in loops {
            let values = self.value(values);
            // A loop over what another one makes of a list.
            out.pool.extend(values.pool.iter().cloned());
            if !values.entries.is_empty() {
                out.join(values.values());
            } else if values.files.is_empty() && !values.is_list {
                // A file that was opened under this name, or a loop over what an outer loop gave.
                let files = values.texts.into_iter().map(|piece| Text::new(piece.text.text, piece.span));
                out.files.extend(files.filter(|file| is_list_file(&file.value)));
            } else {
                out.join(values);
            }
        }
        let is_same = matches!(body.kind, Kind::Name(_)) || is_method_of_name(body);
        if !out.files.is_empty() {
            // Lines of a file are requirements whatever is done with their blanks and comments.
            out.computed = None;
        } else if !is_same || out.texts.is_empty() {
            let pool = if out.texts.is_empty() { out.pool } else { out.texts };
            return Known { pool, ..Known::computed(span) };
        }
        out
    }
}

/// Names that an expression is made of.
fn named<'s>(expression: &'s Expression, depth: usize, out: &mut Vec<&'s str>) {
    if depth > MAX_DEPTH || out.len() > MAX_KEYS {
        return;
    }
    match &expression.kind {
        Kind::Name(name) => out.push(name),
        Kind::Item(object, _) => named(object, depth + 1, out),
        Kind::Each { body, .. } => named(body, depth + 1, out),
        Kind::Call(_, arguments) => arguments.iter().for_each(|a| named(&a.value, depth + 1, out)),
        _ => {}
    }
}

/// `line.strip()`, `str(line)`.
fn is_method_of_name(body: &Expression) -> bool {
    let Kind::Call(function, _) = &body.kind else { return false };
    match &function.kind {
        Kind::Attribute(object, method) => matches!(object.kind, Kind::Name(_)) && READING.contains(&method.as_str()),
        Kind::Name(name) => name == "str",
        _ => false,
    }
}

fn is_text(function: &Expression) -> bool {
    matches!(&function.kind, Kind::Attribute(object, _) if matches!(object.kind, Kind::Text(_)))
}

/// `a + b` of two texts, or of two lists.
fn added(mut left: Known, right: Known, span: Span) -> Known {
    if let ([a], [b], false, false) = (left.texts.as_slice(), right.texts.as_slice(), left.is_list, right.is_list) {
        let mut text = Embedded::new();
        for piece in [a, b] {
            text.push_replaced(&piece.text.text, piece.span);
        }
        let mut out = Known::text(text, span);
        out.computed = left.computed.or(right.computed);
        return out;
    }
    left.join(right);
    left
}
