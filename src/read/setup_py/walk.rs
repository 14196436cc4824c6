//! Goes through the statements and keeps what is known of each name.
//!
//! A statement that may not run is taken to run: what a list may hold counts. A function is not entered
//! but for a call of `setup`; one that is called with the name of a file, or names one itself, is taken to
//! read its list from there, which is what such functions do.

use std::collections::BTreeMap;

use super::Text;
use super::value::Known;
use crate::parse::Budget;
use crate::parse::python::{Argument, Expression, Kind, Statement};
use crate::source::{Embedded, Span};

/// How deep values are followed into one another.
const MAX_DEPTH: usize = 64;
/// Keys of one dictionary: each is looked for among all.
const MAX_KEYS: usize = 1_000;

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

/// A function of the file.
#[derive(Clone, Copy)]
struct Function<'s> {
    parameters: &'s [(String, Option<Expression>)],
    body: &'s [Statement],
}

pub(super) struct Walk<'s, 'b> {
    names: BTreeMap<&'s str, Known>,
    functions: BTreeMap<&'s str, Function<'s>>,
    /// What `setup` is given, once a call of it was met.
    call: Option<Known>,
    budget: &'b mut Budget,
    depth: usize,
}

impl<'s, 'b> Walk<'s, 'b> {
    pub(super) fn new(budget: &'b mut Budget) -> Self {
        Self { names: BTreeMap::new(), functions: BTreeMap::new(), call: None, budget, depth: 0 }
    }

    /// What the call of `setup` is given: its keywords.
    pub(super) fn finish(mut self) -> Option<Known> {
        if self.call.is_none() {
            // `def main(): setup(..)`.
            let bodies: Vec<&'s [Statement]> = self.functions.values().map(|function| function.body).collect();
            for body in bodies {
                if self.call.is_none() && calls_setup(body, 0) {
                    self.run(body);
                }
            }
        }
        self.call
    }

    pub(super) fn run(&mut self, statements: &'s [Statement]) {
        if self.depth >= MAX_DEPTH {
            return;
        }
        self.depth += 1;
        for statement in statements {
            self.statement(statement);
        }
        self.depth -= 1;
    }

    fn statement(&mut self, statement: &'s Statement) {
        match statement {
            Statement::Assign { target, value } => {
                let value = self.value(value);
                self.assign(target, value, false);
            }
            Statement::Add { target, value } => {
                let value = self.value(value);
                self.assign(target, value, true);
            }
            Statement::Value(value) => self.effect(value),
            Statement::Return(_) => {}
            Statement::With { items, body } => {
                for (value, name) in items {
                    let value = self.value(value);
                    if let Some(name) = name {
                        self.names.insert(name, value);
                    }
                }
                self.run(body);
            }
            Statement::Function { name, parameters, body } => {
                self.functions.insert(name, Function { parameters, body });
            }
            Statement::For { target, values, body } => {
                let values = self.value(values);
                self.assign(target, values, false);
                self.run(body);
            }
            Statement::Branches(bodies) => {
                for body in bodies {
                    let before: Vec<(&'s str, Known)> = self.assigned(body);
                    self.run(body);
                    // What stood there before may stand there still.
                    for (name, old) in before {
                        let Some(new) = self.names.get_mut(name) else { continue };
                        if new.is_list || old.is_list {
                            let known: Vec<Span> = new.texts.iter().map(|piece| piece.span).collect();
                            let mut kept = old;
                            kept.texts.retain(|piece| !known.contains(&piece.span));
                            new.join(kept);
                        }
                    }
                }
            }
        }
    }

    /// The names that a block assigns to, with what is known of them before.
    fn assigned(&mut self, body: &'s [Statement]) -> Vec<(&'s str, Known)> {
        let mut out = Vec::new();
        for statement in body {
            if let Statement::Assign { target: Expression { kind: Kind::Name(name), .. }, .. } = statement
                && let Some(known) = self.names.get(name.as_str())
                && self.budget.take_copies(known.size(), 1)
            {
                out.push((name.as_str(), known.clone()));
            }
        }
        out
    }

    fn assign(&mut self, target: &'s Expression, value: Known, is_added: bool) {
        match &target.kind {
            Kind::Name(name) => {
                if is_added && let Some(known) = self.names.get_mut(name.as_str()) {
                    known.join(value);
                } else {
                    self.names.insert(name, value);
                }
            }
            // `extras["web"] = [..]`.
            Kind::Item(object, key) => {
                let key = self.value(key).as_text();
                let Kind::Name(name) = &object.kind else { return };
                let known = self.names.entry(name).or_default();
                match key {
                    Some(key) if known.entries.len() < MAX_KEYS => {
                        let before = if is_added { known.get(&key.value).cloned() } else { None };
                        let mut value = value;
                        if let Some(mut before) = before {
                            before.join(value);
                            value = before;
                        }
                        known.set(key.value, value);
                    }
                    _ => known.computed = known.computed.or(Some(target.span)),
                }
            }
            Kind::List(targets) => {
                for target in targets {
                    self.assign(target, Known::computed(target.span), false);
                }
            }
            _ => {}
        }
    }

    /// An expression that stands by itself: a call of `setup`, or one that changes a list.
    fn effect(&mut self, value: &'s Expression) {
        let Kind::Call(function, arguments) = &value.kind else { return };
        if function.last_name() == Some("setup") {
            self.setup(arguments);
            return;
        }
        if let Kind::Attribute(object, method) = &function.kind
            && let Kind::Name(name) = &object.kind
            && self.names.contains_key(name.as_str())
        {
            let argument = arguments.first().map(|a| self.value(&a.value));
            let Some(argument) = argument else { return };
            let Some(known) = self.names.get_mut(name.as_str()) else { return };
            match method.as_str() {
                "append" | "extend" | "add" | "insert" => {
                    known.is_list = true;
                    known.join(Known { is_list: true, ..argument });
                }
                "update" if known.entries.len() + argument.entries.len() < MAX_KEYS => known.join(argument),
                _ => {}
            }
        } else if let Kind::Attribute(object, method) = &function.kind
            && let Kind::Item(..) = &object.kind
            && matches!(method.as_str(), "append" | "extend" | "add")
            && let Some(argument) = arguments.first()
        {
            let argument = self.value(&argument.value);
            self.assign(object, Known { is_list: true, ..argument }, true);
        }
    }

    fn setup(&mut self, arguments: &'s [Argument]) {
        if self.call.is_some() {
            return;
        }
        let mut out = Known::default();
        for argument in arguments {
            match argument.name.as_deref() {
                Some("**") => {
                    let unpacked = self.value(&argument.value);
                    out.join(unpacked);
                }
                Some(name) => {
                    let value = self.value(&argument.value);
                    out.set(name.to_owned(), value);
                }
                None => {}
            }
        }
        self.call = Some(out);
    }

    fn value(&mut self, expression: &'s Expression) -> Known {
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
            Kind::Text(text) => Known::text(text.clone(), span),
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
            Kind::Bool(_) | Kind::Other(_) => Known::computed(span),
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

/// The folder that a function looks in by a parameter of that name, as given or by default.
fn folder(parameters: &[(String, Option<Expression>)], arguments: &[Argument], values: &[Known]) -> Option<String> {
    let is_folder = |name: &str| ["folder", "dir", "root", "base"].iter().any(|word| name.contains(word));
    let (name, default) = parameters.iter().find(|(name, _)| is_folder(name))?;
    let given = arguments.iter().zip(values).find(|(argument, _)| argument.name.as_ref() == Some(name));
    let text = match given {
        Some((_, value)) => value.as_text().map(|text| text.value),
        None => default.as_ref().and_then(Expression::as_text).map(|text| text.text.clone()),
    };
    text.map(|text| text.trim_end_matches('/').to_owned()).filter(|text| !text.is_empty())
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

/// `os.path.join(here, "requirements", "base.txt")`: the texts at its end.
fn path(arguments: &[Argument], values: Vec<Known>, span: Span) -> Known {
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
fn is_list_file(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name).to_ascii_lowercase();
    let is_list = file.ends_with(".txt") || file.ends_with(".in") || file.ends_with(".pip");
    is_list
        && !name.contains(['\n', '*', '{', '%', ' '])
        && (file.contains("req") || name.to_ascii_lowercase().contains("req"))
}

/// Lists of requirements that a function names.
fn named_files(body: &[Statement], depth: usize, out: &mut Vec<Text>) {
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
            Statement::Function { body, .. } => named_files(body, depth + 1, out),
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
        Kind::List(items) | Kind::Other(items) => items.iter().for_each(each),
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

/// Whether a call of `setup` stands in it.
fn calls_setup(body: &[Statement], depth: usize) -> bool {
    depth < MAX_DEPTH
        && body.iter().any(|statement| match statement {
            Statement::Value(Expression { kind: Kind::Call(function, _), .. }) => function.last_name() == Some("setup"),
            Statement::With { body, .. } | Statement::For { body, .. } => calls_setup(body, depth + 1),
            Statement::Branches(bodies) => bodies.iter().any(|body| calls_setup(body, depth + 1)),
            _ => false,
        })
}
