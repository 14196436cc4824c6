//! From an expression and where it stands to what it may hold. Source: GitHub Docs, "Evaluate expressions in
//! workflows and actions", "Contexts reference".

use std::cell::Cell;

use super::environment::{Environment, Level};
use super::value::{Nature, Origin, Value};
use super::{actions, contexts, outputs};
use crate::graph::ci::condition::{Truth, truth};
use crate::graph::kinds::workflow::{Job, Pair, Workflow};
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
    Evaluator::new().parsed(text, environment)
}

/// What a text with expressions in it may hold.
pub(crate) fn text_value(text: &str, environment: &Environment<'_>) -> Value {
    Evaluator::new().text(text, environment)
}

/// What a parsed expression may hold.
pub(crate) fn value_of(found: &Expression, environment: &Environment<'_>) -> Value {
    Evaluator::new().expression(found, environment, false)
}

impl Evaluator {
    pub(super) fn new() -> Self {
        Self { left: Cell::new(MAX_WORK), depth: Cell::new(0) }
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
            if let Some(argument) = number.trim().parse().ok().and_then(|at: usize| rest.get(at)) {
                out = out.and(self.expression(argument, environment, false));
            }
        }
        out.and(Value::text(text.replace("}}", "}")))
    }

    fn context(&self, parts: &[Part], environment: &Environment<'_>, json: bool) -> Value {
        if let Some(Part::Head(inner)) = parts.first() {
            return self.expression(inner, environment, json).opaque();
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

    /// What a context of nothing but names holds.
    fn named(&self, names: &[&str], environment: &Environment<'_>, json: bool) -> Value {
        let whole_name = names.join(".");
        match names {
            ["github", "event", "inputs", name] | ["inputs", name] => self.input(name, environment),
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

    fn all_inputs(&self, environment: &Environment<'_>) -> Value {
        let of_action = environment.action.map(|a| a.inputs.as_slice());
        let declared = of_action.or(environment.workflow.map(|w| w.inputs.as_slice())).unwrap_or(&[]);
        let values = declared.iter().map(|input| self.input(&input.name.value, environment));
        values.reduce(Value::or).unwrap_or_else(|| Value::new(Nature::Unknown, "inputs"))
    }

    /// An input: of a composite action from the step that uses it, of a reusable workflow from the jobs that call
    /// it, of a run by hand from whoever may start it.
    fn input(&self, name: &str, environment: &Environment<'_>) -> Value {
        let shown = format!("inputs.{name}");
        if let Some(action) = environment.action {
            self.pay(action.inputs.len());
            let declared = action.inputs.iter().find(|i| i.name.value.eq_ignore_ascii_case(name));
            let default = declared.and_then(|d| d.default.as_ref());
            let Some(user) = environment.user.as_deref() else { return Value::new(Nature::Unknown, shown) };
            let given =
                user.step.and_then(|step| step.with.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)));
            return match (given, default) {
                (Some(pair), _) => self.pair(&shown, pair, user),
                (None, Some(default)) => self.deeper(&shown, || self.text(&default.value, environment)),
                (None, None) => Value::text(""),
            };
        }
        let Some(workflow) = environment.workflow else { return Value::new(Nature::Unknown, shown) };
        self.pay(workflow.inputs.len());
        let declared = workflow.inputs.iter().filter(|i| i.name.value.eq_ignore_ascii_case(name));
        let values = declared.map(|input| {
            let kind = input.kind.as_ref().map_or("", |k| k.value.as_str());
            match kind {
                "boolean" => return Value::bool(),
                "number" => return Value::new(Nature::Identifier, shown.clone()),
                "choice" if !input.options.is_empty() && input.options.iter().all(|o| !o.contains("${{")) => {
                    return Value::texts(input.options.iter().cloned());
                }
                _ if input.event == "workflow_dispatch" => return Value::new(Nature::Maintainer, shown.clone()),
                _ => {}
            }
            let callers = environment.tree.calls.to(workflow);
            if callers.is_empty() {
                return Value::new(Nature::Unknown, shown.clone());
            }
            let default = input.default.as_ref();
            let given = callers.iter().map(|(caller, job)| {
                let above = Environment::of_job(environment.tree, caller, job, None);
                let own = default.map(|d| Value::text(d.value.clone())).unwrap_or_else(|| Value::text(""));
                let Some(pair) = job.with.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)) else {
                    return own;
                };
                let mut found = self.pair(&shown, pair, &above);
                for origin in &mut found.origins {
                    origin.calls.push(Place::new(caller.file, job.id.span));
                }
                found
            });
            given.reduce(Value::or).unwrap_or_default()
        });
        values.reduce(Value::or).unwrap_or_else(|| Value::new(Nature::Unknown, shown.clone()))
    }

    /// A variable of `env`, the innermost first; what an earlier step wrote to `GITHUB_ENV` beside those of the job
    /// and the workflow.
    pub(super) fn variable(&self, name: &str, environment: &Environment<'_>) -> Value {
        let shown = format!("env.{name}");
        let find = |pairs: &'_ [Pair]| {
            self.pay(pairs.len());
            pairs.iter().position(|(key, _)| key.value.eq_ignore_ascii_case(name))
        };
        if environment.level <= Level::Step
            && let Some(step) = environment.step
            && let Some(at) = find(&step.env)
            && let Some(pair) = step.env.get(at)
        {
            return self.pair(&shown, pair, &environment.seen_from(Level::Job));
        }
        let written = outputs::variable(self, name, environment);
        if let Some(user) = environment.user.as_deref() {
            let outside = self.deeper(&shown, || self.variable(name, user));
            return written.map_or(outside.clone(), |written| written.or(outside));
        }
        let job = environment.job.filter(|_| environment.level <= Level::Job);
        let workflow = environment.workflow.filter(|_| environment.level <= Level::Workflow);
        let of_job = job.and_then(|job| Some((job.env.get(find(&job.env)?)?, Level::Workflow)));
        let of_workflow = || workflow.and_then(|w| Some((w.env.get(find(&w.env)?)?, Level::Outside)));
        let set = of_job.or_else(of_workflow);
        let set = set.map(|(pair, level)| self.pair(&shown, pair, &environment.seen_from(level)));
        match (written, set) {
            (Some(written), Some(set)) => written.or(set),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Value::new(Nature::Unknown, shown),
        }
    }

    fn matrix(&self, names: &[&str], environment: &Environment<'_>) -> Value {
        let shown = format!("matrix.{}", names.join("."));
        let Some(job) = environment.job.filter(|_| environment.action.is_none() || environment.user.is_some()) else {
            return Value::new(Nature::Unknown, shown);
        };
        self.pay(job.matrix.len());
        let name = names.join(".");
        match job.matrix.iter().find(|(key, _)| key.eq_ignore_ascii_case(&name)) {
            Some((_, values)) => Value::texts(values.iter().cloned()),
            None => self.computed_matrix(&name, job, environment).unwrap_or_else(|| Value::new(Nature::Unknown, shown)),
        }
    }

    /// A matrix whose lists are computed: a key of its own, or the whole.
    fn computed_matrix(&self, name: &str, job: &Job, environment: &Environment<'_>) -> Option<Value> {
        let first = name.split('.').next().unwrap_or("");
        let workflow = environment.workflow?;
        let computed = job.computed_matrix.iter();
        let mut lists = computed
            .filter(|(key, _)| key.value.eq_ignore_ascii_case(first) || key.value.is_empty() || key.value == "include");
        let own = Environment::of_job(environment.tree, workflow, job, None);
        let first_found = lists.next()?;
        let shown = format!("matrix.{name}");
        let found = lists.fold(self.pair(&shown, first_found, &own), |sum, next| sum.or(self.pair(&shown, next, &own)));
        Some(found.opaque())
    }

    /// `needs.JOB.outputs.NAME`.
    fn handed_on(&self, job: &str, name: &str, environment: &Environment<'_>) -> Value {
        let shown = format!("needs.{job}.outputs.{name}");
        let unknown = || Value::new(Nature::Unknown, shown.clone());
        let Some(workflow) = environment.workflow else { return unknown() };
        self.pay(workflow.jobs.len());
        let Some(from) = workflow.jobs.iter().find(|j| j.id.value.eq_ignore_ascii_case(job)) else { return unknown() };
        if let Some(called) = environment.tree.called(from) {
            return self.called_output(called, name, environment).by(&shown, None);
        }
        let Some(pair) = from.outputs.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)) else {
            return if from.uses.is_some() { unknown() } else { Value::text("") };
        };
        self.pair(&shown, pair, &Environment::of_job(environment.tree, workflow, from, None))
    }

    fn called_output(&self, called: &Workflow, name: &str, environment: &Environment<'_>) -> Value {
        let Some(pair) = called.outputs.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)) else {
            return Value::text("");
        };
        self.pair(&format!("outputs.{name}"), pair, &Environment::of_workflow(environment.tree, called))
    }

    /// `steps.ID.outputs.NAME`; all outputs where the name is not known.
    fn step_output(&self, id: &str, name: Option<&str>, environment: &Environment<'_>) -> Value {
        let shown = format!("steps.{id}.outputs.{}", name.unwrap_or("*"));
        let before = environment.before();
        self.pay(before.len());
        let is_it =
            |s: &&crate::graph::kinds::workflow::Step| s.id.as_ref().is_some_and(|i| i.value.eq_ignore_ascii_case(id));
        let (Some(from), Some(name)) = (before.iter().find(is_it), name) else {
            return Value::new(Nature::Unknown, shown);
        };
        let place = from.id.as_ref().map(|i| Place::new(environment.file, i.span));
        if let Some(action) = environment.tree.action(from) {
            let Some(pair) = action.outputs.iter().find(|(key, _)| key.value.eq_ignore_ascii_case(name)) else {
                return Value::new(Nature::Unknown, shown);
            };
            return self.pair(&shown, pair, &environment.inside(action, from)).by(&shown, place);
        }
        let found = if from.uses.is_some() {
            actions::output(from, name)
        } else {
            self.deeper(&shown, || outputs::output(self, from, name, &environment.at(from)))
        };
        match found {
            Value { texts, origins } if texts.is_empty() && origins.is_empty() => Value::new(Nature::Unknown, shown),
            found => found.by(&shown, place),
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
