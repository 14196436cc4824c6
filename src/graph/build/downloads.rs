//! What scripts download: a node for each address, who fetches it and what becomes of it there.

use std::collections::{BTreeMap, BTreeSet};

use super::{Builder, edge};
use crate::commands::fixity;
use crate::graph::flow::{Checked, Flaw, FlowView, Home, Stop, Strength, Use, UseKind};
use crate::graph::{Document, EdgeKind, Node, NodeId, NodeKind, identity};
use crate::source::{FileId, Place};

impl Builder<'_> {
    /// Everything that is fetched from another host.
    pub(super) fn downloads(&mut self, flows: &FlowView<'_>) {
        // By download, from the weakest check: what one place verifies another may not.
        let mut checks: BTreeMap<String, BTreeSet<Standing>> = BTreeMap::new();
        for download in flows.downloads.iter().filter(|d| !d.url.local && !d.url.text.is_empty()) {
            let Some(routine) = flows.routines.get(download.routine) else { continue };
            let Some(from) = self.runner(routine.home, &download.at) else { continue };
            let key = identity::download(&download.url.text);
            let to = self.graph.claim(Node {
                kind: NodeKind::Download,
                key: key.clone(),
                name: download.url.text.clone(),
                version: None,
                purl: None,
                attributes: BTreeMap::from([("fixity", fixity(&download.url).as_str().to_owned())]),
                sightings: vec![download.at.place],
            });
            if download.is_tls_off {
                self.graph.describe(&key, "certificates", "not checked");
            }
            self.graph.link(from, to, edge(EdgeKind::FetchedFrom, download.at.place));
            for (routine, uses) in by_routine(&download.uses) {
                let Some(home) = flows.routines.get(routine).map(|r| r.home) else { continue };
                let Some(user) = self.owner(home) else { continue };
                let how: BTreeSet<&str> = uses.iter().map(|u| spelled(u.kind)).collect();
                let how: Vec<&str> = how.into_iter().collect();
                let weakest = uses.iter().map(|u| Standing::of(&u.check)).min().unwrap_or(Standing::Unchecked);
                let mut link = edge(EdgeKind::Uses, uses.first().map_or(download.at.place, |u| u.at.place));
                link.attributes.insert("how", how.join(","));
                link.attributes.insert("check", weakest.as_str().to_owned());
                self.graph.link(user, to, link);
                checks.entry(key.clone()).or_default().extend(uses.iter().map(|u| Standing::of(&u.check)));
            }
        }
        for (key, found) in checks {
            if let (Some(weakest), Some(strongest)) = (found.first(), found.last()) {
                self.graph.describe(&key, "weakest-check", weakest.as_str());
                self.graph.describe(&key, "strongest-check", strongest.as_str());
            }
        }
    }

    /// The node of who runs a list of scripts.
    fn owner(&mut self, home: Home) -> Option<NodeId> {
        let documents = self.documents;
        match (home, documents.get(document_of(home))?) {
            (Home::Job { job, .. }, Document::Workflow(workflow)) => {
                let path = self.path(workflow.file);
                self.graph.find(&identity::job(&path, &workflow.jobs.get(job)?.id.value))
            }
            (Home::Action { .. }, Document::Action(action)) => {
                let folder = self.path(action.file).parent();
                self.graph.find(&identity::local_action(&folder))
            }
            (Home::Stage { stage, .. }, Document::Dockerfile(dockerfile)) => {
                let path = self.path(dockerfile.file);
                self.graph.find(&identity::stage(&path, stage))
            }
            (_, document) => Some(self.script(document.file(), Place::new(document.file(), Default::default()))),
        }
    }

    /// The node of what fetches: the step, the stage, the script that they call.
    fn runner(&mut self, home: Home, stop: &Stop<'_>) -> Option<NodeId> {
        let owner = self.owner(home)?;
        let documents = self.documents;
        let document = documents.get(document_of(home))?;
        let step = match (home, document) {
            (Home::Job { job, .. }, Document::Workflow(workflow)) => {
                let path = self.path(workflow.file);
                let job = workflow.jobs.get(job)?;
                self.graph.find(&identity::step(&identity::job_steps(&path, &job.id.value), stop.step))
            }
            (Home::Action { .. }, Document::Action(action)) => {
                self.graph.find(&identity::step(self.path(action.file).as_str(), stop.step))
            }
            _ => None,
        };
        let from = step.unwrap_or(owner);
        // What stands in another file is that file's: a script, or an action of the tree.
        let Some((_, called_at)) = stop.calls.first().filter(|_| stop.file() != document.file()) else {
            return Some(from);
        };
        let is_action = documents.iter().any(|d| matches!(d, Document::Action(a) if a.file == stop.file()));
        if is_action {
            let folder = self.path(stop.file()).parent();
            return self.graph.find(&identity::local_action(&folder)).or(Some(from));
        }
        let script = self.script(stop.file(), *called_at);
        self.graph.link(from, script, edge(EdgeKind::Runs, *called_at));
        Some(script)
    }

    /// The node of a file of commands.
    pub(super) fn script(&mut self, file: FileId, seen: Place) -> NodeId {
        let path = self.path(file);
        self.graph.claim(Node {
            kind: NodeKind::Script,
            key: identity::script(&path),
            name: path.as_str().to_owned(),
            version: None,
            purl: None,
            attributes: BTreeMap::new(),
            sightings: vec![seen],
        })
    }
}

fn document_of(home: Home) -> usize {
    match home {
        Home::Job { document, .. }
        | Home::Action { document }
        | Home::Stage { document, .. }
        | Home::Block { document, .. }
        | Home::Local { document, .. } => document,
    }
}

fn by_routine<'u, 'a>(uses: &'u [Use<'a>]) -> BTreeMap<usize, Vec<&'u Use<'a>>> {
    let mut out: BTreeMap<usize, Vec<&'u Use<'a>>> = BTreeMap::new();
    for found in uses {
        out.entry(found.routine).or_default().push(found);
    }
    out
}

fn spelled(kind: UseKind) -> &'static str {
    match kind {
        UseKind::Executed => "executed",
        UseKind::Interpreted => "interpreted",
        UseKind::Installed => "installed",
        UseKind::Built => "built",
        UseKind::OnPath => "on-path",
        UseKind::Placed => "placed",
        UseKind::MadeExecutable => "made-executable",
        UseKind::Loaded => "loaded",
        UseKind::InImage => "in-image",
        UseKind::Published => "published",
    }
}

/// What stands before a use, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    Unchecked,
    Flawed(Flaw),
    Checked(Strength),
}

impl Standing {
    fn of(check: &Checked<'_>) -> Self {
        match check {
            Checked::No => Self::Unchecked,
            Checked::Flawed { flaw, .. } => Self::Flawed(*flaw),
            Checked::Yes { strength, .. } => Self::Checked(*strength),
        }
    }

    fn as_str(self) -> &'static str {
        match self {
            Self::Unchecked => "none",
            Self::Flawed(Flaw::Ignored) => "ignored",
            Self::Flawed(Flaw::Bypassed) => "bypassed",
            Self::Flawed(Flaw::SameOrigin) => "same-origin",
            Self::Flawed(Flaw::Broken) => "broken-digest",
            Self::Flawed(Flaw::AnySigner) => "any-signer",
            Self::Checked(Strength::OtherOrigin) => "other-origin",
            Self::Checked(Strength::Signature) => "signature",
            Self::Checked(Strength::TrackedDigest) => "tracked-digest",
            Self::Checked(Strength::LiteralDigest) => "literal-digest",
        }
    }
}
