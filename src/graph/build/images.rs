//! Dockerfiles, their stages, what they start from and copy, and the steps that build them.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::graph::identity;
use crate::graph::images::{ImageFile, ImageView};
use crate::graph::kinds::docker::{Base, Dockerfile, InstructionKind, Stage};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind};
use crate::source::{Place, RepoPath, Span, Spanned};

impl Builder<'_> {
    /// Every Dockerfile of the tree.
    pub(super) fn images(&mut self, view: &ImageView) {
        let documents = self.documents;
        for image in &view.files {
            let Some(Document::Dockerfile(dockerfile)) = documents.get(image.document) else { continue };
            self.dockerfile(image, dockerfile);
        }
    }

    fn dockerfile(&mut self, image: &ImageFile, dockerfile: &Dockerfile) {
        let path = self.path(image.file);
        let node = self.graph.claim(Node {
            kind: NodeKind::Dockerfile,
            key: identity::dockerfile(&path),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::from([
                ("role", image.role.as_str().to_owned()),
                ("context", if image.context.is_root() { ".".to_owned() } else { image.context.as_str().to_owned() }),
            ]),
            sightings: vec![Place::new(image.file, Span::default())],
        });
        if let Some(syntax) = &dockerfile.syntax {
            self.image_as(EdgeKind::Runs, node, image.file, syntax);
        }
        let stages: Vec<NodeId> = dockerfile.stages.iter().map(|stage| self.stage(node, image, &path, stage)).collect();
        for (stage, &from) in dockerfile.stages.iter().zip(&stages) {
            self.base(&stages, from, image, &stage.base, stage.from.span, EdgeKind::DependsOn);
            for instruction in &stage.instructions {
                if let InstructionKind::Copy(copy) = &instruction.kind
                    && let Some((name, base)) = &copy.from
                {
                    self.base(&stages, from, image, base, name.span, EdgeKind::Uses);
                }
            }
        }
        for copied in &image.copied {
            let Some(&stage) = stages.get(copied.stage) else { continue };
            if let Some(file) = self.sources.by_path(&copied.path).filter(|f| self.read.contains(&f.id)) {
                let to = self.manifest_node(file.id);
                self.graph.link(stage, to, edge(EdgeKind::Uses, copied.place));
            }
        }
        self.builds(image, node);
    }

    fn stage(&mut self, parent: NodeId, image: &ImageFile, path: &RepoPath, stage: &Stage) -> NodeId {
        let named = stage.name.as_ref();
        let seen = Place::new(image.file, named.map_or(stage.from.span, |n| n.span));
        let node = self.graph.claim(Node {
            kind: NodeKind::Stage,
            key: identity::stage(path, stage.index),
            name: named.map_or_else(|| format!("stage {}", stage.index), |n| n.value.clone()),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        });
        self.graph.link(parent, node, edge(EdgeKind::Declares, seen));
        node
    }

    fn base(&mut self, stages: &[NodeId], from: NodeId, image: &ImageFile, base: &Base, span: Span, kind: EdgeKind) {
        match base {
            Base::Stage(index) => {
                if let Some(&to) = stages.get(*index) {
                    self.graph.link(from, to, edge(kind, Place::new(image.file, span)));
                }
            }
            Base::Image { reference, .. } => {
                self.image_as(kind, from, image.file, &Spanned::new(reference.clone(), span));
            }
            Base::Scratch | Base::Context(_) | Base::Unknown(_) => {}
        }
    }

    fn builds(&mut self, image: &ImageFile, node: NodeId) {
        for build in &image.builds {
            let from = match (self.documents.get(build.document), build.job) {
                (Some(Document::Workflow(workflow)), Some(job)) => {
                    let path = self.path(workflow.file);
                    let owner = workflow.jobs.get(job).map(|job| identity::job_steps(&path, &job.id.value));
                    owner.and_then(|owner| self.graph.find(&identity::step(&owner, build.step)))
                }
                (Some(Document::Action(action)), _) => {
                    let path = self.path(action.file);
                    let step = self.graph.find(&identity::step(path.as_str(), build.step));
                    step.or_else(|| self.graph.find(&identity::local_action(&path.parent())))
                }
                _ => None,
            };
            let Some(from) = from else { continue };
            let mut link = edge(EdgeKind::Builds, build.place);
            if build.pushes {
                link.attributes.insert("pushes", "true".to_owned());
            }
            if let Some(target) = &build.target {
                link.attributes.insert("target", target.clone());
            }
            self.graph.link(from, node, link);
        }
    }
}
