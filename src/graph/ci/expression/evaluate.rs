//! From an expression and where it stands to what it may hold. Source: GitHub Docs, "Evaluate expressions in
//! workflows and actions", "Contexts reference".

use std::cell::Cell;

use super::contexts;
use super::environment::Environment;
use super::references::of_kind;
use super::value::{Nature, Origin, Value};
use crate::graph::ci::condition::{Truth, truth};
use crate::graph::kinds::workflow::{Input, Pair};
use crate::parse::expression::{self, Expression, ExpressionKind, Function, Operator, Part};
use crate::source::Place;

/// References followed one into the other; a hostile file has more.
const MAX_DEPTH: usize = 24;
/// Entries looked at for one expression. Real ones take a few hundred.
const MAX_WORK: usize = 8192;
/// Names that a computed index may stand for.
const MAX_NAMES: usize = 16;
/// What a step or job may have come to.
const RESULTS: [&str; 4] = ["success", "failure", "cancelled", "skipped"];

/// The work that one question may cost.
pub(super) struct Evaluator {
    left: Cell<usize>,
    depth: Cell<usize>,
}

/// What an expression, given without its braces, may hold.
pub(crate) fn value(text: &str, environment: &Environment<'_>) -> Value {
    Evaluator::asked(environment, |evaluator| evaluator.parsed(text, environment))
}

/// What a text with expressions in it may hold.
pub(crate) fn text(text: &str, environment: &Environment<'_>) -> Value {
    Evaluator::asked(environment, |evaluator| evaluator.text(text, environment))
}

impl Evaluator {
    /// Answers one question, at the cost of what the tree may cost as a whole.
    pub(super) fn asked(environment: &Environment<'_>, answer: impl FnOnce(&Self) -> Value) -> Value {
        let may_cost = environment.tree.may_cost(MAX_WORK);
        let evaluator = Self { left: Cell::new(may_cost), depth: Cell::new(0) };
        let found = answer(&evaluator);
        environment.tree.charge(may_cost - evaluator.left.get());
        found
    }

    /// Pays for looking at some entries; false once nothing is left.
    pub(super) fn pay(&self, entries: usize) -> bool {
        let left = self.left.get();
        self.left.set(left.saturating_sub(entries.max(1)));
        left > 0
    }

    /// One reference deeper, as far as that is followed.
    pub(super) fn deeper(&self, name: &str, follow: impl FnOnce() -> Value) -> Value {
        if self.depth.get() >= MAX_DEPTH || !self.pay(1) {
            return Value::new(Nature::Unknown, name);
        }
        self.depth.set(self.depth.get() + 1);
        let found = follow();
        self.depth.set(self.depth.get() - 1);
        found
    }

    pub(super) fn parsed(&self, text: &str, environment: &Environment<'_>) -> Value {
        match expression::parse(text) {
            Ok(found) => self.expression(&found, environment, false),
            Err(_) => Value::new(Nature::Unknown, text),
        }
    }

    pub(super) fn text(&self, text: &str, environment: &Environment<'_>) -> Value {
        let mut out = Value::text("");
        let mut at = 0;
        for (all, inner) in expression::embedded(text) {
            let before = text.get(at..all.start).unwrap_or("");
            out = out.and(Value::text(before)).and(self.parsed(text.get(inner).unwrap_or(""), environment));
            at = all.end;
        }
        out.and(Value::text(text.get(at..).unwrap_or("")))
    }

    /// The value of a pair, with the pair as what hands it on.
    pub(super) fn pair(&self, name: &str, pair: &Pair, environment: &Environment<'_>) -> Value {
        let place = Place::new(environment.file, pair.1.span);
        self.deeper(name, || self.text(&pair.1.value, environment)).by(name, Some(place))
    }

    fn expression(&self, found: &Expression, environment: &Environment<'_>, json: bool) -> Value {
        match &found.kind {
            ExpressionKind::Text(text) => Value::text(text.clone()),
            ExpressionKind::Number(number) => Value::text(number.to_string()),
            ExpressionKind::Bool(value) => Value::text(value.to_string()),
            ExpressionKind::Null => Value::text(""),
            ExpressionKind::Not(_)
            | ExpressionKind::Binary(Operator::Equal | Operator::NotEqual | Operator::Order, ..) => Value::bool(),
            ExpressionKind::Binary(Operator::And, condition, result) => {
                // `a && b` yields `b`, or an `a` that is empty.
                let mut out = self.expression(result, environment, json);
                restrict(&mut out, condition);
                out.or(Value::texts(["false", ""]))
            }
            ExpressionKind::Binary(Operator::Or, left, right) => {
                let mut first = self.expression(left, environment, json);
                first.texts.retain(|text| !matches!(text.as_str(), "" | "false" | "0"));
                first.or(self.expression(right, environment, json))
            }
            ExpressionKind::Call(function, arguments) => self.call(*function, arguments, environment, json),
            ExpressionKind::Context(parts) => self.context(parts, environment, json),
        }
    }

    fn call(&self, function: Function, arguments: &[Expression], environment: &Environment<'_>, json: bool) -> Value {
        let all = |json: bool| {
            let values = arguments.iter().map(|argument| self.expression(argument, environment, json));
            values.reduce(Value::or).unwrap_or_default()
        };
        match function {
            Function::Contains
            | Function::StartsWith
            | Function::EndsWith
            | Function::Success
            | Function::Always
            | Function::Cancelled
            | Function::Failure => Value::bool(),
            Function::HashFiles => Value::new(Nature::Identifier, "hashFiles"),
            Function::Format => self.format(arguments, environment),
            Function::Join => all(json).opaque(),
            Function::ToJson => all(true).opaque(),
            Function::FromJson => all(json).opaque(),
            // Conditions and what holds under them by turns, then what holds else.
            Function::Case => {
                let last = arguments.len().saturating_sub(1);
                let results = arguments.iter().enumerate().filter(|(at, _)| at % 2 == 1 || *at == last);
                let values = results.map(|(_, argument)| self.expression(argument, environment, json));
                values.reduce(Value::or).unwrap_or_default()
            }
        }
    }

    fn format(&self, arguments: &[Expression], environment: &Environment<'_>) -> Value {
        let Some((form, rest)) = arguments.split_first() else { return Value::default() };
        let form = self.expression(form, environment, false);
        let Some(form) = form.constants().filter(|texts| texts.len() == 1).and_then(|texts| texts.first().cloned())
        else {
            let values = rest.iter().map(|argument| self.expression(argument, environment, false));
            return values.fold(form, Value::or).opaque();
        };
        // An argument may be named many times, and hold such a call itself.
        let mut known: Vec<Option<Value>> = vec![None; rest.len()];
        let mut out = Value::text("");
        let mut text = form.as_str();
        while let Some((before, after)) = text.split_once('{') {
            out = out.and(Value::text(before));
            text = after;
            if let Some(escaped) = after.strip_prefix('{') {
                out = out.and(Value::text("{"));
                text = escaped;
                continue;
            }
            let Some((number, after)) = after.split_once('}') else { break };
            text = after;
            let Some(at) = number.trim().parse::<usize>().ok().filter(|at| *at < rest.len()) else { continue };
            if let Some((slot, argument)) = known.get_mut(at).zip(rest.get(at)) {
                let found = slot.get_or_insert_with(|| self.expression(argument, environment, false));
                out = out.and(found.clone());
            }
        }
        out.and(Value::text(text.replace("}}", "}")))
    }

    fn context(&self, parts: &[Part], environment: &Environment<'_>, json: bool) -> Value {
        if let Some((Part::Head(inner), rest)) = parts.split_first() {
            return self.inside(inner, rest, environment, json);
        }
        let mut names: Vec<Vec<String>> = vec![Vec::new()];
        for part in parts {
            let mut next: Vec<String> = match part {
                Part::Name(name) => vec![name.to_ascii_lowercase()],
                Part::Star => vec!["*".to_owned()],
                Part::Index(inner) | Part::Head(inner) if matches!(inner.kind, ExpressionKind::Number(_)) => {
                    vec!["*".to_owned()]
                }
                Part::Index(inner) | Part::Head(inner) => {
                    let found = self.deeper("", || self.expression(inner, environment, false));
                    let Some(texts) = found.constants().filter(|t| t.len() * names.len() <= MAX_NAMES) else {
                        // An index of a list, or a name that is not known.
                        let root = names.first().and_then(|n| n.first()).map_or("", String::as_str);
                        return whole(root, &names.first().map(|n| n.join(".")).unwrap_or_default());
                    };
                    texts.iter().map(|text| text.to_ascii_lowercase()).collect()
                }
            };
            if let [one] = next.as_mut_slice() {
                names.iter_mut().for_each(|n| n.push(one.clone()));
            } else {
                let longer = |n: &Vec<String>| {
                    let longer = next.iter().map(|one| n.iter().cloned().chain([one.clone()]).collect::<Vec<_>>());
                    longer.collect::<Vec<_>>()
                };
                names = names.iter().flat_map(longer).collect();
            }
        }
        let values = names.iter().map(|names| {
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            self.named(&names, environment, json)
        });
        values.reduce(Value::or).unwrap_or_default()
    }

    /// What parts of a group or a call hold: those of each context that it may be.
    fn inside(&self, head: &Expression, rest: &[Part], environment: &Environment<'_>, json: bool) -> Value {
        match &head.kind {
            ExpressionKind::Context(parts) => {
                let parts: Vec<Part> = parts.iter().chain(rest).cloned().collect();
                self.deeper("", || self.context(&parts, environment, json))
            }
            ExpressionKind::Binary(Operator::Or, left, right) => {
                let left = self.inside(left, rest, environment, json);
                left.or(self.inside(right, rest, environment, json))
            }
            ExpressionKind::Binary(Operator::And, condition, result) => {
                let mut out = self.inside(result, rest, environment, json);
                restrict(&mut out, condition);
                out
            }
            _ => self.expression(head, environment, true).opaque(),
        }
    }

    /// What a context of nothing but names holds.
    fn named(&self, names: &[&str], environment: &Environment<'_>, json: bool) -> Value {
        let whole_name = names.join(".");
        match names {
            ["inputs", name] => self.input(name, environment),
            // Of the run that was started by hand, also in a workflow that it calls.
            ["github", "event", "inputs", name] => {
                let inputs = environment.workflow.map_or(&[][..], |w| &w.inputs);
                self.pay(inputs.len());
                let is_it = |i: &&Input| i.event == "workflow_dispatch" && i.name.value.eq_ignore_ascii_case(name);
                let found = inputs.iter().find(is_it).and_then(|input| of_kind(input, &whole_name));
                found.unwrap_or_else(|| Value::new(Nature::Maintainer, whole_name))
            }
            ["inputs"] => self.all_inputs(environment),
            ["env", name] => self.variable(name, environment),
            ["secrets", ..] => Value::new(Nature::Secret, whole_name),
            ["vars", ..] => Value::new(Nature::Maintainer, whole_name),
            ["matrix", rest @ ..] => self.matrix(rest, environment),
            ["needs", _, "result"] | ["jobs", _, "result"] => Value::texts(RESULTS),
            ["steps", _, "outcome" | "conclusion"] => Value::texts(RESULTS),
            ["needs" | "jobs", job, "outputs", name] => self.handed_on(job, name, environment),
            ["steps", step, "outputs", rest @ ..] => self.step_output(step, rest.first().copied(), environment),
            _ => match contexts::origin(&whole_name, json) {
                Some(origin) => Value::of(origin),
                None => Value::new(Nature::Unknown, whole_name),
            },
        }
    }
}

impl Value {
    /// The same with its texts no longer known one by one: taken apart, joined or written as JSON.
    pub(super) fn opaque(mut self) -> Self {
        if self.origins.is_empty() && !self.texts.is_empty() {
            self.origins.push(Origin::new(Nature::Constant, ""));
        }
        self.texts.clear();
        self
    }
}

/// Leaves out what comes with events alone that a condition rules out.
fn restrict(value: &mut Value, condition: &Expression) {
    value.origins.retain_mut(|origin| {
        if origin.events.is_empty() {
            return true;
        }
        origin.events.retain(|event| truth(condition, event, Truth::Unknown) != Truth::False);
        !origin.events.is_empty()
    });
}

/// What something of a context holds whose name is not known.
fn whole(root: &str, name: &str) -> Value {
    match root {
        "secrets" => Value::new(Nature::Secret, "secrets.*"),
        "vars" => Value::new(Nature::Maintainer, "vars.*"),
        _ => Value::new(Nature::Unknown, name),
    }
}
