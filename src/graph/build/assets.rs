//! What is loaded by name, as nodes, and what loads it.

use std::collections::BTreeMap;

use super::{Builder, edge};
use crate::graph::assets::{AssetView, Load, Owner};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind, identity};
use crate::lock::Subject;
use crate::references::AssetKind;
use crate::source::{FileId, Place, Span};

impl Builder<'_> {
    pub(super) fn assets(&mut self, assets: &AssetView) {
        for load in &assets.loads {
            let Some(from) = self.loader(load.owner) else { continue };
            let to = self.asset(load, assets);
            let reference = &load.loaded.reference;
            let mut link = edge(EdgeKind::Loads, load.loaded.call);
            let loader = &reference.loader;
            link.attributes.insert("by", loader.by.clone());
            link.attributes.insert("standing", reference.standing.word().to_owned());
            for (key, said) in [
                ("trust-remote-code", loader.remote_code),
                ("weights-only", loader.weights_only),
                ("safe-mode", loader.safe_mode),
                ("allow-pickle", loader.allow_pickle),
                ("use-safetensors", loader.safetensors),
            ] {
                if let Some(said) = said {
                    link.attributes.insert(key, said.word().to_owned());
                }
            }
            if !reference.files.is_empty() {
                link.attributes.insert("files", reference.files.join(","));
            }
            self.graph.link(from, to, link);
            if let Some((at, key)) = load.hold.entry()
                && let Some(Document::CustodyLock(lock)) =
                    assets.locks.get(at).and_then(|lock| self.documents.get(lock.document))
            {
                let manifest = self.manifest_node(lock.file);
                let seen = lock.place(&Subject::Entry(key.clone()));
                self.graph.link(to, manifest, edge(EdgeKind::LockedBy, seen));
            }
        }
    }

    fn asset(&mut self, load: &Load, assets: &AssetView) -> NodeId {
        let reference = &load.loaded.reference;
        let mut attributes =
            BTreeMap::from([("hub", reference.hub.word().to_owned()), ("pin", load.pin().word().to_owned())]);
        if let Some(revision) = &reference.revision {
            attributes.insert("revision", revision.clone());
        }
        if let Some(held) = &load.loaded.held {
            attributes.insert("held", held.clone());
        }
        if let Some(locked) = assets.locked_at(self.documents, load) {
            attributes.insert("locked", locked.to_owned());
        }
        if let Some(digest) = &reference.digest {
            attributes.insert("digest", digest.clone());
        }
        let mut sightings = vec![load.loaded.place];
        if load.loaded.call != load.loaded.place {
            sightings.push(load.loaded.call);
        }
        self.graph.claim(Node {
            kind: match reference.kind {
                AssetKind::Model => NodeKind::Model,
                AssetKind::Dataset => NodeKind::Dataset,
                AssetKind::Tokenizer => NodeKind::Tokenizer,
                AssetKind::Adapter => NodeKind::Adapter,
                AssetKind::Kernel => NodeKind::Kernel,
            },
            key: identity::asset(reference, load.commit()),
            name: reference.name.clone(),
            version: load.commit().map(str::to_owned),
            purl: identity::asset_purl(reference, load.commit()),
            attributes,
            sightings,
        })
    }

    /// The node of what loads.
    fn loader(&mut self, owner: Owner) -> Option<NodeId> {
        let documents = self.documents;
        match owner {
            Owner::Code(file) => Some(self.code(file)),
            Owner::Script(file) => Some(self.script(file, Place::new(file, Span::default()))),
            Owner::Step(document, job, step) => {
                let Document::Workflow(workflow) = documents.get(document)? else { return None };
                let path = self.path(workflow.file);
                let id = &workflow.jobs.get(job)?.id.value;
                self.graph.find(&identity::step(&identity::job_steps(&path, id), step))
            }
            Owner::ActionStep(document, step) => {
                let Document::Action(action) = documents.get(document)? else { return None };
                self.graph.find(&identity::step(self.path(action.file).as_str(), step))
            }
            Owner::Stage(document, stage) => {
                let Document::Dockerfile(dockerfile) = documents.get(document)? else { return None };
                self.graph.find(&identity::stage(&self.path(dockerfile.file), stage))
            }
        }
    }

    fn code(&mut self, file: FileId) -> NodeId {
        let path = self.path(file);
        self.graph.claim(Node {
            kind: NodeKind::Code,
            key: format!("code:{path}"),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![Place::new(file, Span::default())],
        })
    }
}
