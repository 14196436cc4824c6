//! Finds jobs and steps in a pipeline or template, wherever they stand.

use std::rc::Rc;

use super::macros::plain;
use super::step::{self, KEYS, System};
use crate::graph::kinds::workflow::{Image, Job, Pair};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::read::Facts;
use crate::read::pipeline::{self, Variables};
use crate::read::yaml_help::{keyed, text, texts};
use crate::source::Spanned;

/// Keys under which no steps stand.
const OTHER: &[&str] = &["inputs", "env", "variables", "resources", "pool", "trigger", "pr", "schedules"];

/// What a variable known to a job costs of the budget.
const VARIABLE: usize = 8;

/// What holds around a node.
struct Around<'a> {
    /// Shared by all that add none of their own.
    known: Rc<Variables>,
    system: System,
    /// Position of the job that steps found here belong to.
    job: Option<usize>,
    containers: &'a [(String, Spanned<String>)],
}

struct Walk<'a> {
    jobs: Vec<Job>,
    templates: Vec<Spanned<String>>,
    budget: &'a mut Budget,
    out: &'a mut Facts,
}

/// Variables: a mapping, or a list of names with values, groups and templates.
pub(super) fn variables(node: Option<&Node>) -> Vec<Pair> {
    let Some(node) = node else { return Vec::new() };
    if let NodeKind::Sequence(items) = &node.kind {
        let named = items.iter().filter_map(|item| Some((text(item.get("name"))?, text(item.get("value"))?)));
        return named.collect();
    }
    pipeline::variables(Some(node))
}

/// The jobs of a file, and the templates it names.
pub(super) fn walk(
    root: &Node,
    env: &[Pair],
    resources: Option<&Node>,
    budget: &mut Budget,
    out: &mut Facts,
) -> (Vec<Job>, Vec<Spanned<String>>) {
    let items = resources.and_then(|r| r.get("containers")).into_iter().flat_map(Node::items);
    let containers: Vec<(String, Spanned<String>)> =
        items.filter_map(|c| Some((text(c.get("container"))?.value, text(c.get("image"))?))).collect();
    let around = Around { known: Rc::new(table(env)), system: system(root), job: None, containers: &containers };
    let mut walk = Walk { jobs: Vec::new(), templates: Vec::new(), budget, out };
    walk.node(root, &around);
    // Templates of variables stand in a list of their own.
    for item in root.get("variables").into_iter().flat_map(Node::items) {
        walk.templates.extend(text(item.get("template")));
    }
    (walk.jobs, walk.templates)
}

fn table(pairs: &[Pair]) -> Variables {
    pairs.iter().map(|(name, value)| (plain(&name.value), value.value.clone())).collect()
}

/// What the pool of a node runs.
fn system(node: &Node) -> System {
    let Some(pool) = node.get("pool") else { return System::Unknown };
    let images = [pool.get("vmImage"), pool.get("image"), pool.get("os"), pool.get("name"), Some(pool)];
    let systems = images.into_iter().flatten().filter_map(Node::as_str).map(System::of);
    systems.reduce(|first, next| if first == System::Unknown { next } else { first }).unwrap_or(System::Unknown)
}

impl Walk<'_> {
    fn node(&mut self, node: &Node, around: &Around<'_>) {
        match &node.kind {
            NodeKind::Sequence(items) => items.iter().for_each(|item| self.item(item, around)),
            NodeKind::Mapping(_) => {
                if let Some(template) = node.get("template").and_then(|n| text(Some(n))) {
                    self.templates.push(template);
                }
                let own = self.lowered(node, around);
                let around = own.as_ref().unwrap_or(around);
                for (key, value) in keyed(node) {
                    if !OTHER.contains(&key.value.as_str()) {
                        self.node(value, around);
                    }
                }
            }
            NodeKind::Null | NodeKind::Scalar(_) => {}
        }
    }

    /// What a node with a pool or variables of its own puts around what it holds.
    fn lowered<'a>(&mut self, node: &Node, around: &Around<'a>) -> Option<Around<'a>> {
        let env = variables(node.get("variables"));
        let is_root = around.job.is_none() && around.known.len() == env.len();
        if node.get("pool").is_none() && (env.is_empty() || is_root) {
            return None;
        }
        let known = self.known(around, &env);
        let own = system(node);
        let system = if own == System::Unknown && node.get("pool").is_none() { around.system } else { own };
        Some(Around { known, system, job: around.job, containers: around.containers })
    }

    /// The variables around, and some more. Each copy of them is paid for.
    fn known(&mut self, around: &Around<'_>, more: &[Pair]) -> Rc<Variables> {
        let costs = (around.known.len() + more.len()).saturating_mul(VARIABLE);
        if more.is_empty() || !self.budget.take_items(costs) {
            return Rc::clone(&around.known);
        }
        let mut known = (*around.known).clone();
        known.extend(table(more));
        Rc::new(known)
    }

    fn item(&mut self, node: &Node, around: &Around<'_>) {
        if KEYS.iter().any(|key| node.entry(key).is_some()) {
            return self.step(node, around);
        }
        let Some(id) = node.get("job").or_else(|| node.get("deployment")).and_then(|id| text(Some(id))) else {
            return self.node(node, around);
        };
        if !self.budget.take_entry(0) {
            self.out.problems.push(Problem::new(id.span, "too many jobs; the rest is not read"));
            return;
        }
        let env = variables(node.get("variables"));
        let known = self.known(around, &env);
        let pool = node.get("pool");
        let label = pool.and_then(|p| text(p.get("vmImage")).or_else(|| text(p.get("name"))).or_else(|| text(Some(p))));
        let job = Job {
            span: id.span.to(node.place()),
            id,
            name: text(node.get("displayName")),
            needs: texts(node.get("dependsOn")),
            runs_on: label.into_iter().collect(),
            environment: node.get("environment").and_then(|e| text(e.get("name")).or_else(|| text(Some(e)))),
            condition: text(node.get("condition")),
            env,
            images: images(node, around.containers),
            continue_on_error: node.get("continueOnError").and_then(Node::as_bool) == Some(true),
            ..Job::default()
        };
        let system = match (pool, job.images.first()) {
            (_, Some(_)) if around.system != System::Windows => System::Unix,
            (Some(_), _) => system(node),
            (None, _) => around.system,
        };
        self.jobs.push(job);
        let inner = Around { known, system, job: Some(self.jobs.len() - 1), containers: around.containers };
        for (key, value) in keyed(node) {
            if !OTHER.contains(&key.value.as_str()) {
                self.node(value, &inner);
            }
        }
    }

    fn step(&mut self, node: &Node, around: &Around<'_>) {
        let position = around.job.unwrap_or_else(|| self.implicit(node));
        let index = self.jobs.get(position).map_or(0, |job| job.steps.len());
        let mut step = step::read(index, node, &around.known, around.system, self.budget, self.out);
        step.id = step::id(node);
        if let Some(job) = self.jobs.get_mut(position) {
            job.steps.push(step);
        }
    }

    /// The job of steps that stand in none.
    fn implicit(&mut self, node: &Node) -> usize {
        if let Some(known) = self.jobs.iter().position(|job| job.id.value == "steps") {
            return known;
        }
        let place = crate::source::Span { start: node.place().start, end: node.place().start };
        self.jobs.push(Job { id: Spanned::new("steps".to_owned(), place), span: node.place(), ..Job::default() });
        self.jobs.len() - 1
    }
}

/// The container a job runs in and those beside it. Names stand for images under `resources`.
fn images(node: &Node, containers: &[(String, Spanned<String>)]) -> Vec<Image> {
    let image = |used_as: &str, value: &Node| {
        let written = text(value.get("image")).or_else(|| text(Some(value)))?;
        let known = containers.iter().find(|(alias, _)| *alias == written.value).map(|(_, image)| image.clone());
        let reference = known.unwrap_or(written);
        Some(Image { used_as: used_as.to_owned(), reference, username: None, password: None, options: None })
    };
    let own = node.get("container").and_then(|value| image("container", value));
    let services = node.get("services").into_iter().flat_map(keyed);
    own.into_iter().chain(services.filter_map(|(name, value)| image(&name.value, value))).collect()
}
