//! Workflows, jobs, steps, actions and what they run.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::commands::ActKind;
use crate::graph::kinds::workflow::{ActionDefinition, Job, Step, Uses, Workflow};
use crate::graph::{EdgeKind, Node, NodeId, NodeKind, identity};
use crate::source::{FileId, Place, RepoPath, Span, Spanned};

impl Builder<'_> {
    pub(super) fn workflow(&mut self, workflow: &Workflow) {
        let path = self.path(workflow.file);
        let triggers: Vec<_> = workflow.triggers.iter().map(|t| t.name.value.as_str()).collect();
        let node = self.graph.claim(Node {
            kind: NodeKind::Workflow,
            key: format!("workflow:{path}"),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::from([("on", triggers.join(","))]),
            sightings: vec![Place::new(workflow.file, Span::default())],
        });
        for job in &workflow.jobs {
            self.job(node, workflow, job, &path);
        }
        for job in &workflow.jobs {
            let Some(from) = self.graph.find(&identity::job(&path, &job.id.value)) else { continue };
            for need in &job.needs {
                if let Some(to) = self.graph.find(&identity::job(&path, &need.value)) {
                    self.graph.link(from, to, edge(EdgeKind::DependsOn, Place::new(workflow.file, need.span)));
                }
            }
        }
    }

    fn job(&mut self, parent: NodeId, workflow: &Workflow, job: &Job, path: &RepoPath) {
        let seen = Place::new(workflow.file, job.id.span);
        let node = self.graph.claim(Node {
            kind: NodeKind::Job,
            key: identity::job(path, &job.id.value),
            name: job.id.value.clone(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(parent, node, edge(EdgeKind::Declares, seen));
        if let Some(uses) = &job.uses {
            self.uses(node, workflow.file, uses);
        }
        // Nor does a variable, which GitHub has none of here.
        for image in job.images.iter().filter(|image| !image.reference.value.contains('$')) {
            self.image(node, workflow.file, &image.reference);
        }
        for step in &job.steps {
            self.step(node, workflow.file, step, &identity::job_steps(path, &job.id.value));
        }
    }

    pub(super) fn action_definition(&mut self, action: &ActionDefinition) {
        let path = self.path(action.file);
        let node = self.local_action(&path.parent(), Place::new(action.file, Span::default()));
        if let Some(image) = action
            .image
            .as_ref()
            .and_then(|i| i.value.strip_prefix("docker://").map(|n| Spanned::new(n.to_owned(), i.span)))
        {
            self.image(node, action.file, &image);
        }
        for step in &action.steps {
            self.step(node, action.file, step, path.as_str());
        }
    }

    pub(super) fn local_action(&mut self, folder: &RepoPath, seen: Place) -> NodeId {
        self.graph.claim(Node {
            kind: NodeKind::Action,
            key: identity::local_action(folder),
            name: format!("./{folder}"),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        })
    }

    fn step(&mut self, parent: NodeId, file: FileId, step: &Step, owner: &str) {
        let seen = Place::new(file, Span { start: step.span.start, end: step.span.start });
        let node = self.graph.claim(Node {
            kind: NodeKind::Step,
            key: identity::step(owner, step.index),
            name: step.title(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(parent, node, edge(EdgeKind::Declares, seen));
        if let Some(uses) = &step.uses {
            self.uses(node, file, uses);
        }
        let Some(run) = &step.run else { return };
        let folder = step.working_directory.as_ref().and_then(|d| RepoPath::new(&d.value)).unwrap_or_default();
        for act in &run.acts {
            let ActKind::CallsScript { path, .. } = &act.kind else { continue };
            let Some(script) = folder.join(path).filter(|p| self.files.contains(p)) else { continue };
            let place = Place::new(file, run.text.host_span(act.range.clone()));
            let to = self.graph.claim(Node {
                kind: NodeKind::Script,
                key: identity::script(&script),
                name: script.as_str().to_owned(),
                version: None,
                purl: None,
                attributes: BTreeMap::new(),
                sightings: vec![place],
            });
            self.graph.link(node, to, edge(EdgeKind::Runs, place));
        }
    }

    fn uses(&mut self, from: NodeId, file: FileId, uses: &Spanned<Uses>) {
        let seen = Place::new(file, uses.span);
        let to = match &uses.value {
            Uses::Repository { owner, repo, path, reference } => self.graph.claim(Node {
                kind: NodeKind::Action,
                key: identity::action(owner, repo, path, reference),
                name: if path.is_empty() { format!("{owner}/{repo}") } else { format!("{owner}/{repo}/{path}") },
                version: Some(reference.clone()),
                purl: Some(identity::action_purl(owner, repo, path, reference)),
                attributes: BTreeMap::from([(
                    "pin",
                    if Uses::is_commit(reference) { "commit" } else { "name" }.to_owned(),
                )]),
                sightings: vec![seen],
            }),
            Uses::Local(path) => {
                let Some(folder) = RepoPath::new(path) else { return };
                self.local_action(&folder, seen)
            }
            Uses::Docker(image) => return self.image(from, file, &Spanned::new(image.clone(), uses.span)),
            Uses::Other(_) => return,
        };
        self.graph.link(from, to, edge(EdgeKind::Runs, seen));
    }

    fn image(&mut self, from: NodeId, file: FileId, reference: &Spanned<String>) {
        self.image_as(EdgeKind::Runs, from, file, reference);
    }

    /// Links to the node of a container image.
    pub(super) fn image_as(&mut self, kind: EdgeKind, from: NodeId, file: FileId, reference: &Spanned<String>) {
        // An expression names no image yet.
        if reference.value.contains("${{") || reference.value.is_empty() {
            return;
        }
        let seen = Place::new(file, reference.span);
        let name = identity::image(&reference.value);
        let full = name.host.map_or_else(|| name.repository.to_owned(), |host| format!("{host}/{}", name.repository));
        let to = self.graph.claim(Node {
            kind: NodeKind::Image,
            key: format!("image:{}", reference.value),
            name: full,
            version: name.digest.or(name.tag).map(str::to_owned),
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(from, to, edge(kind, seen));
    }
}
