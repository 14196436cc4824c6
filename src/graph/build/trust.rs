//! Caches and artifacts between jobs, and who can cause a job.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, edge};
use crate::graph::ci::trust::{From, TrustView};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind, identity};
use crate::source::{Place, RepoPath};

/// Artifacts that one download of all, or of a pattern, is tied to.
const MAX_READ: usize = 64;
/// Artifacts that a name with holes is compared with.
const MAX_COMPARED: usize = 256;

impl Builder<'_> {
    pub(super) fn trust(&mut self, view: &TrustView) {
        // Artifacts of each workflow, and the workflows that carry a name.
        let mut left: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
        for job in &view.jobs {
            left.entry(job.document).or_default().extend(job.uploads.iter().map(|u| u.name.as_str()));
        }
        for job in &view.jobs {
            let path = self.path(job.file);
            let key = identity::job(&path, &job.id.0);
            self.graph.describe(&key, "caused-by", job.who.as_str());
            let Some(from) = self.graph.find(&key) else { continue };
            for cache in &job.caches {
                let name = cache.key.shown();
                let to = self.shared(NodeKind::Cache, identity::cache(&name), &name, cache.place);
                if cache.saves {
                    self.graph.link(from, to, edge(EdgeKind::Writes, cache.place));
                }
                if cache.restores {
                    self.graph.link(from, to, edge(EdgeKind::Reads, cache.place));
                }
            }
            for upload in &job.uploads {
                let key = identity::artifact(&path, &upload.name);
                let to = self.shared(NodeKind::Artifact, key, &upload.name, upload.place);
                self.graph.link(from, to, edge(EdgeKind::Writes, upload.place));
            }
        }
        for job in &view.jobs {
            let path = self.path(job.file);
            let Some(from) = self.graph.find(&identity::job(&path, &job.id.0)) else { continue };
            for download in &job.downloads {
                let sources = match download.from {
                    From::Own => vec![job.document],
                    _ => view.sources_of(job, download).to_vec(),
                };
                for document in sources {
                    let Some(path) = self.workflow_path(document) else { continue };
                    let Some(names) = left.get(&document) else { continue };
                    // A name without holes is looked up; the rest are compared with a bounded number.
                    let itself = download.name.as_deref().and_then(|name| names.get(name));
                    let alike =
                        names.iter().take(MAX_COMPARED).filter(|name| Some(*name) != itself && download.may_be(name));
                    for name in itself.into_iter().chain(alike.take(MAX_READ)) {
                        let to = self.shared(NodeKind::Artifact, identity::artifact(&path, name), name, download.place);
                        self.graph.link(from, to, edge(EdgeKind::Reads, download.place));
                    }
                }
            }
        }
    }

    fn workflow_path(&self, document: usize) -> Option<RepoPath> {
        match self.documents.get(document) {
            Some(Document::Workflow(workflow)) => Some(self.path(workflow.file)),
            _ => None,
        }
    }

    fn shared(&mut self, kind: NodeKind, key: String, name: &str, seen: Place) -> NodeId {
        self.graph.claim(Node {
            kind,
            key,
            name: name.to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        })
    }
}
