//! GitLab pipelines: `.gitlab-ci.yml`, the files of the tree that it includes, and components. Jobs,
//! scripts, images and variables are told in the shape of a workflow, the rest beside it. What jobs take
//! over from others by `extends`, `!reference` and `default` is named here and joined in the graph, since
//! it may stand in another file. An unknown shape costs its key, not the file. Source: GitLab Docs,
//! "CI/CD YAML syntax reference", "CI/CD components".

mod include;
mod job;
mod sections;
#[cfg(test)]
mod tests;

use super::pipeline::{table, variables};
use super::yaml_help::keyed;
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::gitlab::GitlabPipeline;
use crate::graph::kinds::workflow::{Input, Service, Workflow};
use crate::parse::yaml::{Node, NodeKind, Yaml};
use crate::parse::{Budget, Problem, yaml};
use crate::source::{RepoPath, SourceFile};

/// Reads GitLab's pipelines.
#[derive(Debug)]
pub struct GitlabReader;

/// Keys at the top that are no jobs.
const KEYWORDS: &[&str] = &[
    "after_script",
    "before_script",
    "cache",
    "default",
    "image",
    "include",
    "services",
    "spec",
    "stages",
    "types",
    "variables",
    "workflow",
];

/// Folders whose YAML files may be parts of a pipeline: what is in them shows it.
const FOLDERS: &[&str] = &[".gitlab", ".gitlab-ci", "gitlab-ci", ".ci", "ci", "templates"];

/// Bytes of a file's beginning that show whether it is part of a pipeline.
const HEAD: usize = 4 << 10;

impl GitlabReader {
    /// Its id.
    pub(super) const ID: &'static str = "gitlab-ci";
}

impl Reader for GitlabReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name();
        name.ends_with(".gitlab-ci.yml") || name.ends_with(".gitlab-ci.yaml")
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        let is_yaml = path.name().ends_with(".yml") || path.name().ends_with(".yaml");
        let first = path.parts().next().unwrap_or_default();
        (is_yaml && path.as_str() != path.name() && FOLDERS.contains(&first)).then_some(HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let first = path.parts().next().unwrap_or_default();
        // A component says what it takes; other templates of that folder are anybody's.
        if first == "templates" {
            return head.lines().any(|line| line.trim_end() == "spec:")
                && head.lines().any(|line| line.trim_end() == "---");
        }
        let is_jobs = |line: &str| {
            let key = line.trim_start();
            key.len() < line.len()
                && (key.starts_with("script:") || key.starts_with("extends:") || key.starts_with("before_script:"))
        };
        head.lines().any(|line| is_jobs(line) || line.trim_end() == "include:" && head.contains("- local:"))
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`.gitlab-ci.yml`, `*.gitlab-ci.yml`, files they include, `templates/*.yml` of components",
            read: "jobs, scripts, images, services, variables, includes, components, extends, default, rules, caches, \
                   artifacts, needs of other projects, identity tokens",
            not_read: "files of other projects and addresses; what a branch or tag must be to hold a variable",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some((header, root)) = documents(file, budget, out) else { return };
        let mut workflow = Workflow {
            file: file.id,
            service: Service::GitLab,
            env: variables(root.get("variables")),
            inputs: header.as_ref().map(inputs).unwrap_or_default(),
            ..Workflow::default()
        };
        let mut pipeline = GitlabPipeline { file: file.id, ..GitlabPipeline::default() };
        include::read(root.get("include"), &mut pipeline.includes, out);
        let known = table([workflow.env.as_slice()]);
        let around = job::Around { env: &workflow.env, known: &known };
        let mut jobs = Vec::new();
        if let Some(both) = job::default(&root, &around, budget, out) {
            jobs.push(both);
        }
        for (id, node) in keyed(&root) {
            if KEYWORDS.contains(&id.value.as_str()) || id.value.starts_with("x-") {
                continue;
            }
            let is_hidden = id.value.starts_with('.');
            if !matches!(node.kind, NodeKind::Mapping(_)) {
                // Lists of commands and tables of variables that others take over.
                if !is_hidden && !node.is_null() {
                    out.problems.push(Problem::new(node.place(), format!("job `{}` should be a mapping", id.value)));
                }
                continue;
            }
            // An anchor's values, and not a job.
            if is_hidden && !job::KEYS.iter().any(|key| node.get(key).is_some()) {
                continue;
            }
            if !budget.take_entry(0) {
                out.problems.push(Problem::new(id.span, "too many jobs; the rest is not read"));
                break;
            }
            jobs.push(job::read(id, node, &around, &mut pipeline.includes, budget, out));
        }
        (workflow.jobs, pipeline.jobs) = jobs.into_iter().unzip();
        out.documents.push(Document::Workflow(workflow));
        out.documents.push(Document::Gitlab(pipeline));
    }
}

/// The header of a file with `spec`, and the pipeline.
fn documents(file: &SourceFile, budget: &mut Budget, out: &mut Facts) -> Option<(Option<Node>, Node)> {
    let Yaml { docs, problems, duplicates, .. } = yaml::parse(&file.text, budget);
    let is_lost = !problems.is_empty();
    out.problems.extend(problems);
    for again in duplicates {
        out.problems.push(Problem::new(again.again, format!("`{}` is written twice; the first is read", again.key)));
    }
    let mut docs = docs.into_iter().peekable();
    let header = docs.next_if(|first| first.get("spec").is_some());
    let root = docs.next();
    if let Some(more) = docs.next() {
        out.problems.push(Problem::new(more.span, "a further document, which is not read"));
    }
    match root.filter(|root| !root.is_null()) {
        Some(root) if matches!(root.kind, NodeKind::Mapping(_)) => Some((header, root)),
        Some(_) => {
            out.unread = Some("it is no pipeline: its top is no mapping".to_owned());
            None
        }
        // A header alone says what a component takes, and runs nothing.
        None if header.is_some() => None,
        None => {
            out.unread = Some(if is_lost { "nothing in it could be read" } else { "it is empty" }.to_owned());
            None
        }
    }
}

/// `spec.inputs`.
fn inputs(header: &Node) -> Vec<Input> {
    use super::yaml_help::{text, texts};
    let entries = header.get("spec").and_then(|spec| spec.get("inputs")).into_iter().flat_map(keyed);
    entries
        .map(|(name, value)| Input {
            name,
            event: "include".to_owned(),
            kind: text(value.get("type")),
            options: texts(value.get("options")).into_iter().map(|o| o.value).collect(),
            default: text(value.get("default")),
            required: value.get("default").is_none(),
        })
        .collect()
}
