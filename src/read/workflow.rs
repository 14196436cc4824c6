//! GitHub workflows and composite, docker and node actions. An unknown shape costs its key, not
//! the file. Source: GitHub Docs, "Workflow syntax for GitHub Actions", "Metadata syntax".

use super::matrix::{computed, matrix};
use super::templates::templates;
use super::yaml_help::{document, keyed, text, text_or_problem, texts};
use super::{Facts, Format, Reader, mentions};
use crate::commands;
use crate::graph::Document;
use crate::graph::kinds::workflow::{
    ActionDefinition, Concurrency, Grant, Image, Input, Job, Pair, Permissions, Script, Service, Step, Trigger, Uses,
    Workflow,
};
use crate::parse::shell::{Dialect, Program};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads `.github/workflows/*.yml`.
#[derive(Debug)]
pub struct WorkflowReader;

/// Reads `action.yml`.
#[derive(Debug)]
pub struct ActionReader;

fn is_yaml(path: &RepoPath) -> bool {
    path.name().ends_with(".yml") || path.name().ends_with(".yaml")
}

impl Reader for WorkflowReader {
    fn id(&self) -> &'static str {
        "github-workflow"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let folder = path.parent();
        is_yaml(path) && (folder.as_str() == ".github/workflows" || folder.as_str().ends_with("/.github/workflows"))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.github/workflows/*.yml`",
            read: "jobs, steps, uses, scripts, images, permissions, triggers",
            not_read: "workflows of other services",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        if !matches!(root.kind, NodeKind::Mapping(_)) {
            out.unread = Some("it is no workflow: its top is no mapping".to_owned());
            return;
        }
        let mut workflow = Workflow {
            file: file.id,
            service: Service::GitHub,
            name: text(root.get("name")),
            run_name: text(root.get("run-name")),
            triggers: triggers(root.get("on"), out),
            permissions: permissions(&root),
            env: pairs(root.get("env")),
            shell: text(root.get("defaults").and_then(|d| d.get("run")?.get("shell"))),
            concurrency: concurrency(&root),
            templates: templates(&root, budget, out),
            cache_mode: text(root.get("cache-mode")),
            ..Workflow::default()
        };
        for event in ["workflow_dispatch", "workflow_call"] {
            let Some(on) = root.get("on").and_then(|on| on.get(event)) else { continue };
            workflow.inputs.extend(inputs(on.get("inputs"), event));
            workflow.outputs.extend(values(on.get("outputs")));
            workflow.declared_secrets.extend(on.get("secrets").into_iter().flat_map(keyed).map(|(name, _)| name));
        }
        let shell = default_shell(&root);
        let folder = default_folder(&root);
        match root.get("jobs") {
            Some(jobs) if matches!(jobs.kind, NodeKind::Mapping(_)) => {
                for (id, node) in keyed(jobs) {
                    let context =
                        Context { env: &workflow.env, job_env: &[], shell: shell.as_deref(), folder: folder.as_ref() };
                    let job = job(id, node, &context, budget, out);
                    workflow.jobs.push(job);
                }
            }
            Some(jobs) => out.problems.push(Problem::new(jobs.place(), "`jobs` should be a mapping")),
            None => out.problems.push(Problem::new(root.span, "a workflow without `jobs`")),
        }
        if root.get("on").is_none() {
            out.problems.push(Problem::new(root.span, "a workflow without `on`"));
        }
        out.documents.push(Document::Workflow(workflow));
    }
}

impl Reader for ActionReader {
    fn id(&self) -> &'static str {
        "github-action"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "action.yml" | "action.yaml")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`action.yml`",
            read: "steps, uses, scripts, images",
            not_read: "the code of JavaScript actions",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        let Some(runs) = root.get("runs") else {
            // Files of that name exist in other worlds: a mapping without `runs` may be none of ours, a list too.
            let is_action = root.get("inputs").is_some() || file.path.as_str().starts_with(".github/");
            if out.problems.is_empty() && is_action {
                out.problems.push(Problem::new(root.span, "an action without `runs`"));
            } else if !matches!(root.kind, NodeKind::Mapping(_) | NodeKind::Sequence(_)) {
                out.unread = Some("it is no action: its top is no mapping".to_owned());
            }
            return;
        };
        let mut action = ActionDefinition {
            file: file.id,
            name: text(root.get("name")),
            using: text(runs.get("using")),
            image: text(runs.get("image")),
            entries: ENTRIES
                .iter()
                .filter_map(|key| {
                    let entry = runs.entry(key)?;
                    Some((Spanned::new((*key).to_owned(), entry.key.span), text(Some(&entry.value))?))
                })
                .collect(),
            args: texts(runs.get("args")),
            env: pairs(runs.get("env")),
            inputs: inputs(root.get("inputs"), ""),
            outputs: values(root.get("outputs")),
            templates: templates(&root, budget, out),
            steps: Vec::new(),
        };
        if let Some(list) = runs.get("steps") {
            let context = Context { env: &[], job_env: &[], shell: None, folder: None };
            action.steps = steps(list, &context, Runner::Unknown, budget, out);
        }
        out.documents.push(Document::Action(action));
    }
}

/// Keys under `runs` that name a file which runs.
const ENTRIES: &[&str] = &["main", "pre", "post", "entrypoint", "pre-entrypoint", "post-entrypoint"];

/// What a variable known to a script costs of the budget. Every script keeps all that hold there, so
/// many of both would be kept as often as their product.
const VARIABLE: usize = 8;

/// What holds around a job or step.
struct Context<'a> {
    env: &'a [Pair],
    job_env: &'a [Pair],
    shell: Option<&'a str>,
    folder: Option<&'a Spanned<String>>,
}

/// What a job runs on, as far as its labels tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    Unix,
    Windows,
    Unknown,
}

impl Runner {
    fn of(labels: &[Spanned<String>]) -> Self {
        let names = |word: &str| labels.iter().any(|label| label.value.to_ascii_lowercase().contains(word));
        if names("windows") {
            Self::Windows
        } else if ["ubuntu", "linux", "macos"].iter().any(|word| names(word)) {
            Self::Unix
        } else {
            Self::Unknown
        }
    }
}

fn triggers(node: Option<&Node>, out: &mut Facts) -> Vec<Trigger> {
    let Some(node) = node else { return Vec::new() };
    match &node.kind {
        NodeKind::Mapping(_) => keyed(node)
            .map(|(name, value)| Trigger {
                name,
                types: texts(value.get("types")).into_iter().map(|t| t.value).collect(),
                branches: texts(value.get("branches")),
                tags: texts(value.get("tags")),
                paths: texts(value.get("paths")),
                workflows: texts(value.get("workflows")),
            })
            .collect(),
        NodeKind::Scalar(_) | NodeKind::Sequence(_) => {
            texts(Some(node)).into_iter().map(|name| Trigger { name, ..Trigger::default() }).collect()
        }
        NodeKind::Null => {
            out.problems.push(Problem::new(node.place(), "`on` names no event"));
            Vec::new()
        }
    }
}

fn permissions(parent: &Node) -> Option<Permissions> {
    let entry = parent.entry("permissions")?;
    let grant = match &entry.value.kind {
        NodeKind::Mapping(_) => {
            let scopes = keyed(&entry.value)
                .map(|(scope, level)| (scope, level.as_str().unwrap_or("").trim().to_ascii_lowercase()));
            Grant::Scopes(scopes.collect())
        }
        _ => match entry.value.as_str().map(str::trim) {
            Some("read-all") => Grant::ReadAll,
            Some("write-all") => Grant::WriteAll,
            Some(other) => Grant::Other(other.to_owned()),
            // `permissions:` with nothing behind it grants nothing, as `{}` does.
            None => Grant::Scopes(Vec::new()),
        },
    };
    Some(Permissions { span: entry.span(), grant })
}

fn pairs(node: Option<&Node>) -> Vec<Pair> {
    let Some(node) = node else { return Vec::new() };
    keyed(node)
        .map(|(name, value)| {
            let value = text(Some(value)).unwrap_or_else(|| Spanned::new(String::new(), value.place()));
            (name, value)
        })
        .collect()
}

/// Declared inputs. Those of a workflow belong to an event.
fn inputs(node: Option<&Node>, event: &str) -> Vec<Input> {
    let entries = node.into_iter().flat_map(keyed);
    entries
        .map(|(name, value)| Input {
            name,
            event: event.to_owned(),
            kind: text(value.get("type")),
            options: texts(value.get("options")).into_iter().map(|o| o.value).collect(),
            default: text(value.get("default")),
            required: value.get("required").and_then(Node::as_bool) == Some(true),
        })
        .collect()
}

/// Declared outputs: each name with its `value`.
fn values(node: Option<&Node>) -> Vec<Pair> {
    let entries = node.into_iter().flat_map(keyed);
    entries.filter_map(|(name, output)| Some((name, text(output.get("value"))?))).collect()
}

fn concurrency(parent: &Node) -> Option<Concurrency> {
    let entry = parent.entry("concurrency")?;
    let group = text(entry.value.get("group")).or_else(|| text(Some(&entry.value)));
    Some(Concurrency { span: entry.span(), group, cancels: text(entry.value.get("cancel-in-progress")) })
}

fn default_shell(node: &Node) -> Option<String> {
    let shell = node.get("defaults")?.get("run")?.get("shell")?;
    shell.as_str().map(str::to_owned)
}

fn default_folder(node: &Node) -> Option<Spanned<String>> {
    text(node.get("defaults")?.get("run")?.get("working-directory"))
}

fn job(id: Spanned<String>, node: &Node, context: &Context<'_>, budget: &mut Budget, out: &mut Facts) -> Job {
    if !matches!(node.kind, NodeKind::Mapping(_)) {
        out.problems.push(Problem::new(node.place(), format!("job `{}` should be a mapping", id.value)));
    }
    let runs_on = match node.get("runs-on") {
        Some(value) if matches!(value.kind, NodeKind::Mapping(_)) => {
            let mut labels = texts(value.get("labels"));
            labels.extend(texts(value.get("group")));
            labels
        }
        value => texts(value),
    };
    let environment = node.get("environment").and_then(|e| text(e.get("name")).or_else(|| text(Some(e))));
    let mut job = Job {
        span: id.span.to(node.place()),
        name: text(node.get("name")),
        needs: texts(node.get("needs")),
        permissions: permissions(node),
        environment,
        condition: text(node.get("if")),
        env: pairs(node.get("env")),
        images: images(node),
        uses: text_or_problem(node.get("uses"), "uses", out).map(|u| u.map(|text| Uses::parse(&text))),
        with: pairs(node.get("with")),
        outputs: pairs(node.get("outputs")),
        concurrency: concurrency(node),
        cache_mode: text(node.get("cache-mode")),
        continue_on_error: node.get("continue-on-error").and_then(Node::as_bool) == Some(true),
        shell: text(node.get("defaults").and_then(|d| d.get("run")?.get("shell"))),
        matrix: matrix(node),
        computed_matrix: computed(node),
        runs_on,
        id,
        ..Job::default()
    };
    if let Some(secrets) = node.get("secrets") {
        job.secrets_span = Some(secrets.place());
        job.inherits_secrets = secrets.as_str() == Some("inherit");
        job.secrets = pairs(Some(secrets));
    }
    let runner = Runner::of(&job.runs_on);
    let shell = default_shell(node);
    let folder = default_folder(node);
    match node.get("steps") {
        Some(list) => {
            let inner = Context {
                job_env: &job.env,
                shell: shell.as_deref().or(context.shell),
                folder: folder.as_ref().or(context.folder),
                ..*context
            };
            job.steps = steps(list, &inner, runner, budget, out);
        }
        None if job.uses.is_none() && matches!(node.kind, NodeKind::Mapping(_)) => {
            out.problems
                .push(Problem::new(job.id.span, format!("job `{}` has neither `steps` nor `uses`", job.id.value)));
        }
        None => {}
    }
    job
}

fn images(node: &Node) -> Vec<Image> {
    let image = |used_as: String, node: &Node| {
        let reference = text(node.get("image")).or_else(|| text(Some(node)))?;
        let credential = |key: &str| text(node.get("credentials")?.get(key));
        let (username, password) = (credential("username"), credential("password"));
        Some(Image { used_as, reference, username, password, options: text(node.get("options")) })
    };
    let container = node.get("container").and_then(|node| image("container".to_owned(), node));
    let services = node.get("services").into_iter().flat_map(keyed);
    container.into_iter().chain(services.filter_map(|(name, service)| image(name.value, service))).collect()
}

fn steps(list: &Node, context: &Context<'_>, runner: Runner, budget: &mut Budget, out: &mut Facts) -> Vec<Step> {
    let NodeKind::Sequence(items) = &list.kind else {
        if !list.is_null() {
            out.problems.push(Problem::new(list.place(), "`steps` should be a list"));
        }
        return Vec::new();
    };
    let mut steps = Vec::with_capacity(items.len());
    // Steps of a `parallel` group are steps of the job; groups hold no groups.
    let all = items.iter().flat_map(|node| match node.get("parallel").map(|p| &p.kind) {
        Some(NodeKind::Sequence(inner)) => inner.as_slice(),
        _ => std::slice::from_ref(node),
    });
    for (index, node) in all.enumerate() {
        if !matches!(node.kind, NodeKind::Mapping(_)) {
            out.problems.push(Problem::new(node.place(), format!("step {} should be a mapping", index + 1)));
            continue;
        }
        if !budget.take_script() {
            out.problems.push(Problem::new(node.place(), "too many steps; the rest is not read"));
            break;
        }
        steps.push(step(index, node, context, runner, budget, out));
    }
    steps
}

fn step(
    index: usize,
    node: &Node,
    context: &Context<'_>,
    runner: Runner,
    budget: &mut Budget,
    out: &mut Facts,
) -> Step {
    let own = pairs(node.get("env"));
    let shell = node.get("shell").and_then(Node::as_str).or(context.shell).map(str::to_owned);
    let run = node.get("run").and_then(|run| {
        let env = [context.env, context.job_env, &own];
        let script = script(run, shell.as_deref(), runner, &env, budget, out);
        if script.is_none() && !run.is_null() {
            out.problems.push(Problem::new(run.place(), "`run` should be text"));
        }
        script
    });
    let folder = text(node.get("working-directory")).or_else(|| context.folder.cloned());
    let start = folder.as_ref().map_or_else(|| Some(RepoPath::default()), |f| RepoPath::new(&f.value));
    if let (Some(run), Some(start)) = (&run, start) {
        mentions::of_script(&run.acts, std::slice::from_ref(&start), false, &mut out.mentions);
        mentions::of_calls(&run.acts, &[start, RepoPath::default()], false, &mut out.mentions);
    }
    let uses = text_or_problem(node.get("uses"), "uses", out);
    // An image's Dockerfile may have any name.
    let by_action = uses.as_ref().filter(|u| u.value.contains("build-push-action")).and_then(|_| node.get("with"));
    if let Some(file) = by_action.and_then(|with| text(with.get("file"))) {
        mentions::of_dockerfile(&file.value, &mut out.mentions);
    }
    let by_action = uses.as_ref().filter(|u| u.value.contains("micromamba") || u.value.contains("miniconda"));
    if let Some(file) = by_action.and_then(|_| text(node.get("with")?.get("environment-file"))) {
        mentions::of_environment(&file.value, &mut out.mentions);
    }
    let given = uses.as_ref().map(|used| given(&used.value, node)).unwrap_or_default();
    // They run in a shell of what is used, most often in a container.
    let env = [context.env, context.job_env, &own];
    let mut read = |text| script(text, Some("sh"), Runner::Unknown, &env, budget, out);
    let given = given.into_iter().filter_map(&mut read).collect();
    // Steps that wait for others, or end them, run nothing themselves.
    let says = ["run", "uses", "wait", "wait-all", "cancel"].iter().any(|key| node.get(key).is_some());
    if run.is_none() && uses.is_none() && !says {
        out.problems.push(Problem::new(node.place(), format!("step {} has neither `run` nor `uses`", index + 1)));
    }
    Step {
        index,
        span: node.span,
        id: text(node.get("id")),
        name: text(node.get("name")),
        condition: text(node.get("if")),
        uses: uses.map(|u| u.map(|text| Uses::parse(&text))),
        with: pairs(node.get("with")),
        env: own,
        shell: text(node.get("shell")),
        run,
        given,
        working_directory: folder,
        continue_on_error: node.get("continue-on-error").and_then(Node::as_bool) == Some(true),
    }
}

/// Inputs of published actions that are scripts of a shell, by the action. Source: the `action.yml` of each.
const SCRIPTS: &[(&str, &[&str])] = &[
    ("addnab/docker-run-action", &["run"]),
    ("cross-platform-actions/action", &["run"]),
    ("nick-fields/retry", &["command"]),
    ("pyo3/maturin-action", &["before-script-linux"]),
    ("uraimo/run-on-arch-action", &["setup", "install", "run"]),
    ("vmactions/freebsd-vm", &["prepare", "run"]),
];

/// Variables that cibuildwheel runs as scripts, and what may follow them. Source: its "Options".
const WHEELS: &[&str] = &["CIBW_BEFORE_ALL", "CIBW_BEFORE_BUILD", "CIBW_BEFORE_TEST"];
const SYSTEMS: &[&str] = &["", "_LINUX", "_MACOS"];

/// The texts that a step gives to an action as scripts.
fn given<'n>(uses: &str, step: &'n Node) -> Vec<&'n Node> {
    let name = uses.split('@').next().unwrap_or(uses).to_ascii_lowercase();
    if name == "pypa/cibuildwheel" {
        let env = step.get("env");
        let names = WHEELS.iter().flat_map(|name| SYSTEMS.iter().map(move |system| format!("{name}{system}")));
        return names.filter_map(|name| env?.get(&name)).collect();
    }
    let Some((_, inputs)) = SCRIPTS.iter().find(|(action, _)| *action == name) else { return Vec::new() };
    let Some(with) = step.get("with").filter(|with| with.get("shell").is_none()) else { return Vec::new() };
    inputs.iter().filter_map(|input| with.get(input)).collect()
}

fn script(
    node: &Node,
    shell: Option<&str>,
    runner: Runner,
    env: &[&[Pair]],
    budget: &mut Budget,
    out: &mut Facts,
) -> Option<Script> {
    let scalar = node.as_scalar()?;
    let mut dialect = Dialect::from_shell(shell, runner == Runner::Windows);
    let mut program = Program::read(&scalar.text.text, &dialect, budget);
    // A matrix may name Windows, whose default is another shell: what is no bash may be PowerShell.
    if shell.is_none() && runner == Runner::Unknown && !program.problems.is_empty() {
        let other = Program::read(&scalar.text.text, &Dialect::PowerShell, budget);
        if other.problems.is_empty() {
            (dialect, program) = (Dialect::PowerShell, other);
        }
    }
    // Without `shell` GitHub starts `bash -e`; with `shell: bash` it is `-eo pipefail`. A template
    // of one's own says for itself.
    let template = shell.filter(|s| s.contains("{0}"));
    program.options.errexit = template.is_none_or(|t| t.contains("-e") || t.contains("errexit"));
    program.options.pipefail = match template {
        Some(template) => template.contains("pipefail"),
        None => shell == Some("bash"),
    };
    let variables = env.iter().map(|pairs| pairs.len()).sum::<usize>();
    if budget.take_items(variables.saturating_mul(VARIABLE)) {
        for (name, value) in env.iter().copied().flatten().filter(|(_, value)| !value.value.contains("${{")) {
            program.assume(&name.value, &value.value);
        }
    } else {
        out.problems.push(Problem::new(node.place(), "too many variables to know in every script"));
    }
    let whole = scalar.text.host_span(0..scalar.text.text.len());
    for problem in &program.problems {
        let at = problem.span.range(scalar.text.text.len());
        out.problems.push(Problem::new(scalar.text.host_span(at), problem.message.clone()).within(whole));
    }
    let acts = commands::facts(&program);
    Some(Script {
        text: scalar.text.clone(),
        span: node.place(),
        dialect,
        explicit_shell: shell.is_some(),
        program,
        acts,
    })
}
