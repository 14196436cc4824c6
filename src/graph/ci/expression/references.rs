//! What names refer to: inputs, variables, matrices, outputs of steps, jobs and reusable workflows. Each is followed
//! to where it is written.

use super::environment::{Environment, Level};
use super::evaluate::Evaluator;
use super::value::{Nature, Value};
use super::{actions, outputs};
use crate::graph::kinds::workflow::{Input, Job, Pair, Step, Workflow};
use crate::source::Place;

impl Evaluator {
    pub(super) fn all_inputs(&self, environment: &Environment<'_>) -> Value {
        let of_action = environment.action.map(|a| a.inputs.as_slice());
        let declared = of_action.or(environment.workflow.map(|w| w.inputs.as_slice())).unwrap_or(&[]);
        let values = declared.iter().map(|input| self.input(&input.name.value, environment));
        values.reduce(Value::or).unwrap_or_else(|| Value::new(Nature::Unknown, "inputs"))
    }

    /// An input: of a composite action from the step that uses it, of a reusable workflow from the jobs that call
    /// it, of a run by hand from whoever may start it.
    pub(super) fn input(&self, name: &str, environment: &Environment<'_>) -> Value {
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
            if let Some(found) = of_kind(input, &shown) {
                return found;
            }
            let callers = environment.tree.calls.to(workflow);
            if callers.is_empty() || environment.is_open {
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

    pub(super) fn matrix(&self, names: &[&str], environment: &Environment<'_>) -> Value {
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
    pub(super) fn handed_on(&self, job: &str, name: &str, environment: &Environment<'_>) -> Value {
        let shown = format!("needs.{job}.outputs.{name}");
        let unknown = || Value::new(Nature::Unknown, shown.clone());
        let Some(workflow) = environment.workflow else { return unknown() };
        self.pay(workflow.jobs.len());
        let Some(from) = workflow.jobs.iter().find(|j| j.id.value.eq_ignore_ascii_case(job)) else { return unknown() };
        if let Some(called) = environment.tree.called(from) {
            let mut found = self.called_output(called, name, environment).by(&shown, None);
            // What other jobs hand to the called workflow comes back to them.
            let call = Place::new(workflow.file, from.id.span);
            found.origins.retain_mut(|origin| {
                let is_own = origin.calls.is_empty() || origin.calls.contains(&call);
                origin.calls.retain(|place| *place != call);
                is_own
            });
            return found;
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
    pub(super) fn step_output(&self, id: &str, name: Option<&str>, environment: &Environment<'_>) -> Value {
        let shown = format!("steps.{id}.outputs.{}", name.unwrap_or("*"));
        let before = environment.before();
        self.pay(before.len());
        let is_it = |s: &&Step| s.id.as_ref().is_some_and(|i| i.value.eq_ignore_ascii_case(id));
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

/// What the kind of an input tells, and who may start a run by hand; `None` for a text that a caller hands over.
pub(super) fn of_kind(input: &Input, shown: &str) -> Option<Value> {
    match input.kind.as_ref().map_or("", |k| k.value.as_str()) {
        "boolean" => Some(Value::bool()),
        "number" => Some(Value::new(Nature::Identifier, shown)),
        "choice" if !input.options.is_empty() && input.options.iter().all(|o| !o.contains("${{")) => {
            Some(Value::texts(input.options.iter().cloned()))
        }
        _ => (input.event == "workflow_dispatch").then(|| Value::new(Nature::Maintainer, shown)),
    }
}
