//! What of a module is kept: its text is read once, and most of what it says has nothing to do with what it loads.
//!
//! What is left out here could change nothing: expressions that are no value, and in which nothing is called, given or
//! named; texts that are told to readers, or longer than any name.

use super::evaluate::LONGEST_TEXT;
use crate::parse::python::{Expression, Kind, Made, Statement};

/// Leaves out of statements what says nothing here.
pub(super) fn statements(all: &mut Vec<Statement>) {
    all.retain_mut(keeps);
    all.shrink_to_fit();
}

fn keeps(statement: &mut Statement) -> bool {
    match statement {
        Statement::Assign { target, value } => {
            thin(target);
            thin(value);
        }
        Statement::Add { target, value } => {
            thin(target);
            thin(value);
        }
        Statement::Value(value) => return thin(value),
        Statement::Return(value) => {
            thin(value);
        }
        Statement::With { items, body } => {
            items.iter_mut().for_each(|(value, _)| _ = thin(value));
            statements(body);
        }
        Statement::Function { parameters, decorators, body, .. } => {
            parameters.iter_mut().filter_map(|(_, default)| default.as_mut()).for_each(|value| _ = thin(value));
            decorators.iter_mut().for_each(|value| _ = thin(value));
            statements(body);
        }
        Statement::Class { bases, decorators, body, .. } => {
            bases.iter_mut().chain(decorators).for_each(|value| _ = thin(value));
            statements(body);
        }
        Statement::Import(_) => {}
        Statement::For { target, values, body } => {
            thin(target);
            thin(values);
            statements(body);
        }
        Statement::Branches(branches) => {
            branches.iter_mut().for_each(statements);
            branches.retain(|branch| !branch.is_empty());
            branches.shrink_to_fit();
            return !branches.is_empty();
        }
    }
    true
}

/// Leaves out what says nothing, and tells whether something is called, given or named in what is left.
fn thin(e: &mut Expression) -> bool {
    match &mut e.kind {
        Kind::Text(text) if text.text.len() > LONGEST_TEXT => {
            e.kind = Kind::Other(Vec::new());
            false
        }
        Kind::Text(_) | Kind::Bool(_) | Kind::Nothing | Kind::Name(_) => false,
        Kind::Attribute(inner, _) | Kind::Splat(inner) => thin(inner),
        Kind::Item(a, b) | Kind::Add(a, b) | Kind::Divide(a, b) | Kind::Either(a, b) => thin(a) | thin(b),
        Kind::List(parts) => {
            parts.iter_mut().for_each(|part| _ = thin(part));
            parts.shrink_to_fit();
            !parts.is_empty()
        }
        Kind::Dict(pairs) => {
            for (key, value) in pairs.iter_mut() {
                key.iter_mut().for_each(|key| _ = thin(key));
                thin(value);
            }
            pairs.shrink_to_fit();
            !pairs.is_empty()
        }
        Kind::Call(function, arguments) => {
            thin(function);
            arguments.iter_mut().for_each(|argument| _ = thin(&mut argument.value));
            arguments.shrink_to_fit();
            true
        }
        Kind::Each { body, loops } => {
            thin(body);
            for (target, values) in loops {
                thin(target);
                thin(values);
            }
            true
        }
        // What is no value is asked for its parts only.
        Kind::Other(parts) => {
            parts.retain_mut(thin);
            parts.shrink_to_fit();
            !parts.is_empty()
        }
        Kind::Made(made, parts) => {
            let mut is_told = matches!(made, Made::Template(_) | Made::Named(_));
            parts.iter_mut().for_each(|part| is_told |= thin(part));
            is_told
        }
    }
}
