//! One job, hidden or not, and what `default` and the keys at the top give to all.

use std::borrow::Cow;

use super::include;
use super::sections::{Commands, is_reference, referred};
use crate::graph::kinds::gitlab::{ForeignNeed, GitlabCache, GitlabJob, Include};
use crate::graph::kinds::workflow::{Image, Job, Pair, Step};
use crate::parse::shell::{Dialect, Options};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::read::Facts;
use crate::read::pipeline::{Shell, Variables, expand, script, table, variables};
use crate::read::yaml_help::{keyed, text, texts};
use crate::source::{Span, Spanned};

/// Keys that make a hidden mapping part of a pipeline, and not a table of values.
pub(super) const KEYS: &[&str] = &[
    "after_script",
    "artifacts",
    "before_script",
    "cache",
    "environment",
    "extends",
    "id_tokens",
    "image",
    "needs",
    "only",
    "release",
    "rules",
    "run",
    "script",
    "secrets",
    "services",
    "stage",
    "tags",
    "trigger",
    "variables",
];

/// What the runner does at the start of a script: where the shell knows `pipefail` it is set.
const OPTIONS: Options = Options { errexit: true, pipefail: true };

/// What a variable known to a job costs of the budget.
const VARIABLE: usize = 8;

/// What holds around a job.
pub(super) struct Around<'a> {
    /// Variables of the file.
    pub(super) env: &'a [Pair],
    /// Their values.
    pub(super) known: &'a Variables,
}

/// A job in both shapes.
type Both = (Job, GitlabJob);

/// What all jobs take over: `default`, and the same keys at the top. None where nothing is given.
pub(super) fn default(root: &Node, around: &Around<'_>, budget: &mut Budget, out: &mut Facts) -> Option<Both> {
    const GIVEN: &[&str] = &["before_script", "after_script", "image", "services", "cache", "id_tokens"];
    let own = root.get("default").filter(|node| matches!(node.kind, NodeKind::Mapping(_)));
    let holders = || own.into_iter().chain([root]);
    let find = |key: &str| holders().find_map(|node| node.entry(key));
    let first = GIVEN.iter().filter_map(|key| find(key)).map(|entry| entry.span()).min_by_key(|span| span.start)?;
    let id = Spanned::new("default".to_owned(), root.entry("default").map_or(first, |entry| entry.key.span));
    let mut job = Job { id: id.clone(), span: first, ..Job::default() };
    let mut gitlab = GitlabJob { id, span: first, is_hidden: true, ..GitlabJob::default() };
    let value = |key: &str| find(key).map(|entry| &entry.value);
    gitlab.caches = caches(value("cache"));
    gitlab.tags = texts(own.and_then(|node| node.get("tags")));
    id_tokens(value("id_tokens"), &mut job, &mut gitlab);
    job.runs_on.clone_from(&gitlab.tags);
    job.images = images(value("image"), value("services"), around.known, &[around.env]);
    let scripts = [("before_script", vec![value("before_script")]), ("after_script", vec![value("after_script")])];
    steps(&scripts, around.known, &mut job, &mut gitlab, budget, out);
    Some((job, gitlab))
}

/// Reads a job.
pub(super) fn read(
    id: Spanned<String>,
    node: &Node,
    around: &Around<'_>,
    includes: &mut Vec<Include>,
    budget: &mut Budget,
    out: &mut Facts,
) -> Both {
    let span = id.span.to(node.place());
    let env = variables(node.get("variables"));
    // Every job with variables of its own copies those of the file.
    let layered = !env.is_empty() && budget.take_items((around.known.len() + env.len()).saturating_mul(VARIABLE));
    let mut known = Cow::Borrowed(around.known);
    if layered {
        known.to_mut().extend(table([env.as_slice()]));
    }
    let mut gitlab = GitlabJob {
        span,
        extends: texts(node.get("extends")),
        stage: text(node.get("stage")),
        rules: rules(node),
        caches: caches(node.get("cache")),
        artifacts: node.get("artifacts").map(|a| texts(a.get("paths"))).unwrap_or_default(),
        tags: texts(node.get("tags")),
        allow_failure: node.get("allow_failure").and_then(Node::as_bool) == Some(true),
        release: node.entry("release").filter(|e| !e.value.is_null()).map(|e| e.key.span),
        is_hidden: id.value.starts_with('.'),
        refuses_default: refuses_default(node),
        has_before_script: node.get("before_script").is_some(),
        ..GitlabJob::default()
    };
    let mut job = Job {
        span,
        environment: node.get("environment").and_then(|e| text(e.get("name")).or_else(|| text(Some(e)))),
        images: images(node.get("image"), node.get("services"), &known, &[&env, around.env]),
        continue_on_error: gitlab.allow_failure,
        runs_on: gitlab.tags.clone(),
        ..Job::default()
    };
    // Parts of another job that are no script.
    for value in ["image", "services", "variables"].iter().filter_map(|key| node.get(key)) {
        let items = value.items().iter().chain(Some(value));
        gitlab.references.extend(items.filter(|item| is_reference(item)).filter_map(referred));
    }
    needs(node.get("needs"), &mut job, &mut gitlab);
    id_tokens(node.get("id_tokens"), &mut job, &mut gitlab);
    for (name, _) in node.get("secrets").into_iter().flat_map(keyed) {
        job.secrets.push((name.clone(), name.clone()));
        gitlab.secrets.push(name);
    }
    if let Some(started) = node.get("trigger").and_then(|trigger| trigger.get("include")) {
        include::read(Some(started), includes, out);
    }
    let hook = node.get("hooks").and_then(|hooks| hooks.get("pre_get_sources_script"));
    let mut scripts = vec![
        ("hooks", vec![hook]),
        ("script", vec![node.get("before_script"), node.get("script")]),
        ("after_script", vec![node.get("after_script")]),
    ];
    scripts.extend(node.get("run").into_iter().flat_map(Node::items).map(|step| ("run", vec![step.get("script")])));
    steps(&scripts, &known, &mut job, &mut gitlab, budget, out);
    job.env = env;
    job.id = id.clone();
    gitlab.id = id;
    (job, gitlab)
}

/// `inherit: default: false`.
fn refuses_default(node: &Node) -> bool {
    let inherits = node.get("inherit").and_then(|inherit| inherit.get("default"));
    inherits.is_some_and(|value| value.as_bool() == Some(false))
}

/// One step for each list of sections that run in one shell.
fn steps(
    scripts: &[(&str, Vec<Option<&Node>>)],
    known: &Variables,
    job: &mut Job,
    gitlab: &mut GitlabJob,
    budget: &mut Budget,
    out: &mut Facts,
) {
    let is_windows = gitlab.tags.iter().any(|tag| tag.value.to_ascii_lowercase().contains("windows"));
    let dialect = if is_windows { Dialect::PowerShell } else { Dialect::Bash };
    let shell = Shell { dialect, is_guess: !is_windows, options: OPTIONS };
    for (name, sections) in scripts {
        let mut commands = Commands::default();
        for section in sections {
            commands.add(*section, &mut gitlab.references, budget, out);
        }
        let Some(span) = commands.span else { continue };
        if !budget.take_script() {
            out.problems.push(Problem::new(span, "too many scripts; this one is not read"));
            continue;
        }
        let run = script(commands.readable(), span, &shell, known, budget, out);
        job.steps.push(Step {
            index: job.steps.len(),
            span,
            name: Some(Spanned::new((*name).to_owned(), span)),
            run: Some(run),
            ..Step::default()
        });
    }
}

/// The image a job runs in and those beside it. One that is a variable with a value in the file stands where
/// that value stands: there it would be changed.
fn images(image: Option<&Node>, services: Option<&Node>, known: &Variables, env: &[&[Pair]]) -> Vec<Image> {
    let read = |used_as: &str, node: &Node| {
        if is_reference(node) {
            return None;
        }
        let written = text(node.get("name")).or_else(|| text(Some(node)))?;
        // Machines of GitLab's own take the names of their systems.
        if written.value.starts_with("macos-") && !written.value.contains(['/', ':']) {
            return None;
        }
        let name = written.value.trim_start_matches('$').trim_matches(['{', '}']);
        let is_whole = written.value.starts_with('$');
        let given = env.iter().flat_map(|pairs| pairs.iter()).find(|(key, _)| is_whole && key.value == name);
        let span = given.map_or(written.span, |(_, value)| value.span);
        let reference = Spanned::new(expand(&written.value, known), span);
        Some(Image { used_as: used_as.to_owned(), reference, username: None, password: None, options: None })
    };
    let services = services.into_iter().flat_map(Node::items);
    let first = image.and_then(|node| read("container", node));
    first.into_iter().chain(services.filter_map(|node| read("service", node))).collect()
}

/// Conditions of `rules`, and what `only` names.
fn rules(node: &Node) -> Vec<(Spanned<String>, Option<String>)> {
    let mut out = Vec::new();
    for rule in node.get("rules").into_iter().flat_map(Node::items) {
        let when = rule.get("when").and_then(Node::as_str).map(str::to_owned);
        if let Some(condition) = text(rule.get("if")) {
            out.push((condition, when));
        } else if when.is_some() {
            out.push((Spanned::new(String::new(), rule.place()), when));
        }
    }
    let only = node.get("only");
    let names = only.map(|only| if only.get("refs").is_some() { texts(only.get("refs")) } else { texts(Some(only)) });
    out.extend(names.unwrap_or_default().into_iter().map(|name| (name, None)));
    out
}

fn caches(node: Option<&Node>) -> Vec<GitlabCache> {
    let Some(node) = node else { return Vec::new() };
    let many = node.items();
    let all = if many.is_empty() { std::slice::from_ref(node) } else { many };
    let mappings = all.iter().filter(|cache| matches!(cache.kind, NodeKind::Mapping(_)));
    mappings
        .map(|cache| GitlabCache {
            span: cache.place(),
            key: cache.get("key").and_then(key),
            paths: texts(cache.get("paths")),
            policy: text(cache.get("policy")),
            unprotected: cache
                .entry("unprotect")
                .filter(|entry| entry.value.as_bool() == Some(true))
                .map(|entry| entry.span()),
        })
        .collect()
}

fn key(node: &Node) -> Option<Spanned<String>> {
    let Some(files) = node.get("files") else { return text(Some(node)) };
    let prefix = text(node.get("prefix")).map_or_else(String::new, |prefix| format!("{} ", prefix.value));
    let names: Vec<String> = texts(Some(files)).into_iter().map(|file| file.value).collect();
    Some(Spanned::new(format!("{prefix}files:{}", names.join(",")), node.place()))
}

fn needs(node: Option<&Node>, job: &mut Job, gitlab: &mut GitlabJob) {
    for need in node.into_iter().flat_map(Node::items) {
        match text(need.get("project")) {
            Some(project) => gitlab.foreign_needs.push(ForeignNeed {
                span: need.place(),
                project,
                job: text(need.get("job")),
                reference: text(need.get("ref")),
                fetches: need.get("artifacts").and_then(Node::as_bool) != Some(false),
            }),
            None => job.needs.extend(text(need.get("job")).or_else(|| text(Some(need)))),
        }
    }
}

fn id_tokens(node: Option<&Node>, job: &mut Job, gitlab: &mut GitlabJob) {
    for (name, token) in node.into_iter().flat_map(keyed) {
        let audience = token.get("aud").and_then(|aud| texts(Some(aud)).into_iter().next());
        job.secrets.push((name.clone(), name.clone()));
        gitlab.id_tokens.push((name, audience));
    }
    if let (Some(span), None) = (node.map(Node::place), job.secrets_span) {
        job.secrets_span = Some(span).filter(|_: &Span| !job.secrets.is_empty());
    }
}
