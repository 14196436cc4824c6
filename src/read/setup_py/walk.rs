//! Goes through the statements and keeps what is known of each name; what an expression holds is `evaluate`.
//!
//! A statement that may not run is taken to run: what a list may hold counts. A function is not entered
//! but for a call of `setup`; one that is called with the name of a file, or names one itself, is taken to
//! read its list from there, which is what such functions do.

use std::collections::BTreeMap;

use super::value::Known;
use crate::parse::Budget;
use crate::parse::python::{Argument, Expression, Kind, Statement};
use crate::source::Span;

/// How deep values are followed into one another.
pub(super) const MAX_DEPTH: usize = 64;
/// Keys of one dictionary: each is looked for among all.
pub(super) const MAX_KEYS: usize = 1_000;

/// A function of the file.
#[derive(Clone, Copy)]
pub(super) struct Function<'s> {
    pub(super) parameters: &'s [(String, Option<Expression>)],
    pub(super) body: &'s [Statement],
}

pub(super) struct Walk<'s, 'b> {
    pub(super) names: BTreeMap<&'s str, Known>,
    pub(super) functions: BTreeMap<&'s str, Function<'s>>,
    /// What `setup` is given, once a call of it was met.
    call: Option<Known>,
    pub(super) budget: &'b mut Budget,
    pub(super) depth: usize,
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
            Statement::Function { name, parameters, body, .. } => {
                self.functions.insert(name, Function { parameters, body });
            }
            Statement::For { target, values, body } => {
                let values = self.value(values);
                self.assign(target, values, false);
                self.run(body);
            }
            Statement::Branches(bodies) => {
                for body in bodies {
                    self.branch(body);
                }
            }
            Statement::Class { body, .. } => self.branch(body),
            Statement::Import(_) => {}
        }
    }

    /// Statements that may not run.
    fn branch(&mut self, body: &'s [Statement]) {
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
