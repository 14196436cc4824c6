//! Azure Pipelines: `azure-pipelines.yml` and templates. Stages, jobs and steps are looked for wherever they
//! stand, since templates take them as parameters and `${{ if }}:` may stand around each. An unknown shape
//! costs its key, not the file. Source: Microsoft Learn, "YAML schema reference for Azure Pipelines".

mod macros;
mod step;
#[cfg(test)]
mod tests;
mod walk;

use super::yaml_help::{document, text};
use super::{Facts, Format, Mention, Reader};
use crate::graph::Document;
use crate::graph::kinds::azure::{AzurePipeline, Repository};
use crate::graph::kinds::workflow::{Service, Workflow};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile};

/// Reads Azure's pipelines.
#[derive(Debug)]
pub struct AzureReader;

impl AzureReader {
    /// Its id.
    pub(super) const ID: &'static str = "azure-pipelines";
}

/// Folders whose YAML files may be pipelines or templates: what is in them shows it.
const FOLDERS: &[&str] =
    &[".azure", ".azure-pipelines", ".azuredevops", ".azdo", ".pipelines", "azure-pipelines", "pipelines"];

/// Bytes of a file's beginning that show whether it is a pipeline.
const HEAD: usize = 8 << 10;

fn is_yaml(path: &RepoPath) -> bool {
    path.name().ends_with(".yml") || path.name().ends_with(".yaml")
}

impl Reader for AzureReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        let name = path.name().trim_start_matches('.');
        is_yaml(path) && ["azure-pipeline", "azure_pipeline", "vsts-"].iter().any(|start| name.starts_with(start))
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        (is_yaml(path) && path.parent().parts().any(|part| FOLDERS.contains(&part))).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let top = |keys: &[&str]| head.lines().any(|line| keys.contains(&line.trim_end()));
        let words = ["- task:", "vmImage:", "- checkout:", "- template:", "- bash:", "- pwsh:", "displayName:"];
        let has_word = words.iter().any(|word| head.contains(word));
        top(&["steps:", "jobs:", "stages:", "extends:"]) && has_word
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`azure-pipelines*.yml`, pipelines and templates in `.azure-pipelines/`, `.azure/`, `.pipelines/`",
            read: "stages, jobs, steps, scripts, tasks, containers, variables, templates, further repositories",
            not_read: "scripts of `cmd`; templates of other repositories; variable groups",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let Some(root) = document(file, budget, out) else { return };
        match root.kind {
            NodeKind::Mapping(_) => {}
            // A template may be a list of steps for another one to take in.
            NodeKind::Sequence(_) => {}
            _ => {
                out.unread = Some("it is no pipeline: its top is no mapping".to_owned());
                return;
            }
        }
        let mut pipeline = AzurePipeline { file: file.id, ..AzurePipeline::default() };
        let resources = root.get("resources");
        for node in resources.and_then(|r| r.get("repositories")).into_iter().flat_map(Node::items) {
            let Some(alias) = text(node.get("repository")) else { continue };
            pipeline.repositories.push(Repository {
                span: node.place(),
                alias,
                kind: text(node.get("type")),
                name: text(node.get("name")),
                reference: text(node.get("ref")),
            });
        }
        let env = walk::variables(root.get("variables"));
        let (jobs, templates) = walk::walk(&root, &env, resources, budget, out);
        for template in &templates {
            let folder = file.path.parent();
            let written = template.value.trim().trim_end_matches("@self");
            // Those of other repositories, and names put together, are not in the tree.
            if written.contains(['@', '$', '\n']) || !(written.ends_with(".yml") || written.ends_with(".yaml")) {
                continue;
            }
            let path = match written.strip_prefix('/') {
                Some(rooted) => RepoPath::new(rooted),
                None => folder.join(written),
            };
            match path {
                Some(path) => {
                    out.mentions.push(Mention { path, reader: Self::ID, needed_at: Some(template.span) });
                }
                None => out.problems.push(Problem::new(template.span, "a template outside the tree")),
            }
        }
        pipeline.templates = templates;
        let workflow = Workflow {
            file: file.id,
            service: Service::Azure,
            name: text(root.get("name")),
            env,
            jobs,
            ..Workflow::default()
        };
        out.documents.push(Document::Workflow(workflow));
        out.documents.push(Document::Azure(pipeline));
    }
}
