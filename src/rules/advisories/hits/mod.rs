//! What the rules on crates of a lock share: which locked crates an advisory names, by which way
//! each is reached, and how sure that makes us.
//!
//! The same release in several locks is one hit; the lock in which it weighs most speaks for it.

mod words;

use std::collections::{BTreeMap, BTreeSet};

use crate::advisory::{Kind, Match};
use crate::diag::Confidence;
use crate::graph::cargo::{LockView, Member, Reach, Reached, Workspace, declaration, lock_key};
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::{Dependency, Lock, LockPackage, LockSource};
use crate::graph::{NodeId, NodeKind};
use crate::rules::Scene;
use crate::source::{Place, Role};

pub(super) use words::say;

/// A release that an advisory names, over all locks of the tree.
pub(super) struct Hit<'a> {
    /// The crate in the graph.
    pub(super) node: NodeId,
    /// The flaw.
    pub(super) flaw: &'a Match,
    /// Its entries, the weightiest first; never empty.
    at: Vec<Locked<'a>>,
}

/// An entry of a lock.
#[derive(Clone, Copy)]
struct Locked<'a> {
    view: &'a LockView,
    lock: &'a Lock,
    workspace: Option<&'a Workspace>,
    index: usize,
}

impl<'a> Locked<'a> {
    fn package(&self) -> &'a LockPackage {
        &self.lock.packages[self.index]
    }

    fn reached(&self) -> &'a Reached {
        &self.view.reached[self.index]
    }

    fn place(&self) -> Place {
        Place::new(self.lock.file, self.package().name.span)
    }

    fn member(&self) -> Option<&'a Member> {
        self.workspace?.members.get(self.reached().member?)
    }

    fn weight(&self) -> (Role, Reach, bool, usize) {
        let reached = self.reached();
        (reached.role, reached.reach, reached.optional, reached.hops)
    }
}

/// Advisories of one kind that name locked crates, in the order of the graph's keys.
pub(super) fn hits<'a>(scene: &Scene<'a>, kind: Kind) -> Vec<Hit<'a>> {
    let known = scene.known;
    let flawed: BTreeSet<NodeId> = scene
        .graph
        .of(NodeKind::Crate)
        .map(|(id, _)| id)
        .filter(|id| known.advisories(*id).iter().any(|m| m.kind == kind))
        .collect();
    let names: BTreeSet<&str> = flawed.iter().map(|id| scene.graph.node(*id).name.as_str()).collect();
    let mut at: BTreeMap<NodeId, Vec<Locked<'a>>> = BTreeMap::new();
    let (locks, workspaces) = (&scene.cargo.locks, &scene.cargo.workspaces);
    for view in locks {
        let Some(lock) = scene.lock(view.document) else { continue };
        let workspace = view.workspace.and_then(|w| workspaces.get(w));
        // Building a key costs more than a look at the name.
        for (index, package) in lock.packages.iter().enumerate().filter(|(_, p)| names.contains(p.name.value.as_str())) {
            if let Some(node) = scene.graph.find(&lock_key(package, workspace)).filter(|n| flawed.contains(n)) {
                at.entry(node).or_default().push(Locked { view, lock, workspace, index });
            }
        }
    }
    let mut out = Vec::new();
    for (node, mut at) in at {
        // Stable, so that among equals the first path speaks.
        at.sort_by_key(Locked::weight);
        for flaw in known.advisories(node).iter().filter(|m| m.kind == kind) {
            out.push(Hit { node, flaw, at: at.clone() });
        }
    }
    out
}

impl<'a> Hit<'a> {
    fn main(&self) -> Locked<'a> {
        self.at[0]
    }

    fn package(&self) -> &'a LockPackage {
        self.main().package()
    }

    fn source(&self) -> LockSource<'a> {
        lock_source(self.package().source.as_ref().map(|s| s.value.as_str()))
    }

    /// Whether a manifest of the tree names the crate.
    pub(super) fn is_direct(&self) -> bool {
        self.main().reached().hops == 1
    }

    /// Whether the release is the one that the advisory speaks of, and not a name that matches.
    pub(super) fn is_published_release(&self) -> bool {
        self.source() == LockSource::CratesIo
    }

    fn confidence(&self) -> Confidence {
        if !self.is_published_release() {
            return Confidence::Low;
        }
        let reached = self.main().reached();
        let always = self.is_direct() && !reached.optional && reached.target.is_none();
        let base = match reached.reach {
            // A lock that stands alone says nothing of reach; one whose manifests do not reach the
            // crate says that it may not be built at all.
            Reach::Unknown if self.main().workspace.is_some() => Confidence::Low,
            Reach::Normal | Reach::Build if always && reached.role == Role::Product => Confidence::High,
            _ => Confidence::Medium,
        };
        if self.is_elsewhere() { lower(base) } else { base }
    }

    /// Whether the flaw spares the platforms most programs are built for.
    fn is_elsewhere(&self) -> bool {
        let spared = |list: &dyn Fn(&crate::advisory::Advisory) -> &Vec<String>, common: &[&str]| {
            self.flaw.advisories.iter().all(|a| {
                let list = list(a);
                !list.is_empty() && !list.iter().any(|entry| common.contains(&entry.as_str()))
            })
        };
        spared(&|a| &a.os, &["linux"]) || spared(&|a| &a.arch, &["x86_64", "aarch64"])
    }

    /// The line a person would change and its manifest, where one is known.
    fn declared(&self, scene: &Scene<'a>) -> Option<Declared<'a>> {
        let main = self.main();
        let entry = main.reached().enters_at?;
        let (workspace, member) = (main.workspace?, main.member()?);
        let manifest = scene.manifest(member.document)?;
        let own = manifest.dependencies.iter().find(|d| d.span == entry.span && manifest.file == entry.file)?;
        let (document, dependency) = declaration(scene.documents, workspace, member.document, own);
        let place = Place::new(scene.manifest(document)?.file, dependency.span);
        Some(Declared { dependency, place, used_at: entry })
    }
}

/// A dependency line.
struct Declared<'a> {
    dependency: &'a Dependency,
    place: Place,
    used_at: Place,
}

fn lower(confidence: Confidence) -> Confidence {
    match confidence {
        Confidence::High => Confidence::Medium,
        Confidence::Medium | Confidence::Low => Confidence::Low,
    }
}
