//! What rules on single locked crates share: where a crate stands, which line lets it in, and the way to
//! it. A release in several locks is one; the lock in which it weighs most speaks for it.

use std::collections::BTreeMap;

use super::{Draft, Scene};
use crate::graph::cargo::{LockView, Reach, Reached, Workspace, declaration, lock_key};
use crate::graph::kinds::cargo::{Dependency, Lock, LockPackage};
use crate::graph::{Node, NodeId};
use crate::source::{Place, Role};

/// A crate over all locks of the tree.
pub(super) struct LockedCrate<'a> {
    /// Its node.
    pub(super) node: NodeId,
    /// What is known of it.
    pub(super) known: &'a Node,
    at: Vec<Entry<'a>>,
}

/// Its entry in one lock.
#[derive(Clone, Copy)]
struct Entry<'a> {
    view: &'a LockView,
    lock: &'a Lock,
    workspace: Option<&'a Workspace>,
    index: usize,
}

/// Crates of locks that count, for which `keep` holds, in the order of the graph's keys.
pub(super) fn crates<'a>(scene: &Scene<'a>, keep: impl Fn(&Node, &LockPackage) -> bool) -> Vec<LockedCrate<'a>> {
    let mut by: BTreeMap<String, LockedCrate<'a>> = BTreeMap::new();
    for view in scene.cargo.locks.iter().filter(|view| !view.role.is_set_aside()) {
        let Some(lock) = scene.lock(view.document) else { continue };
        let workspace = view.workspace.and_then(|w| scene.cargo.workspaces.get(w));
        for (index, package) in lock.packages.iter().enumerate().filter(|(_, p)| p.source.is_some()) {
            let key = lock_key(package, workspace);
            let entry = Entry { view, lock, workspace, index };
            if let Some(known) = by.get_mut(&key) {
                known.at.push(entry);
                continue;
            }
            let Some(node) = scene.graph.find(&key) else { continue };
            let known = scene.graph.node(node);
            if keep(known, package) {
                by.insert(key, LockedCrate { node, known, at: vec![entry] });
            }
        }
    }
    let mut out: Vec<LockedCrate<'a>> = by.into_values().collect();
    for one in &mut out {
        one.at.sort_by_key(|entry| {
            let reached = &entry.view.reached[entry.index];
            (reached.role, reached.reach, reached.optional, reached.hops)
        });
    }
    out
}

/// The dependency line by which a crate of a lock comes in, with its place: the workspace's where the member
/// inherits it.
pub(super) fn declared<'a>(
    scene: &Scene<'a>,
    workspace: &'a Workspace,
    reached: &Reached,
) -> Option<(&'a Dependency, Place)> {
    let entry = reached.enters_at?;
    let member = workspace.members.get(reached.member?)?;
    let manifest = scene.manifest(member.document)?;
    let own = manifest.dependencies.iter().find(|d| d.span == entry.span && manifest.file == entry.file)?;
    let (document, line) = declaration(scene.documents, workspace, member.document, own);
    Some((line, Place::new(scene.manifest(document)?.file, line.span)))
}

impl<'a> LockedCrate<'a> {
    fn main(&self) -> Entry<'a> {
        self.at[0]
    }

    /// Its entry in the lock that speaks.
    pub(super) fn package(&self) -> &'a LockPackage {
        let main = self.main();
        &main.lock.packages[main.index]
    }

    /// What it is for.
    pub(super) fn role(&self) -> Role {
        let main = self.main();
        main.view.reached[main.index].role
    }

    /// By what kind of dependency it is reached.
    pub(super) fn reach(&self) -> Reach {
        let main = self.main();
        main.view.reached[main.index].reach
    }

    /// Whether a manifest of the tree names it.
    pub(super) fn is_direct(&self) -> bool {
        let main = self.main();
        main.view.reached[main.index].hops == 1
    }

    /// The file of the lock that speaks.
    pub(super) fn lock_place(&self) -> Place {
        Place::new(self.main().lock.file, self.package().name.span)
    }

    /// Its entries in all locks.
    pub(super) fn lock_places(&self) -> impl Iterator<Item = Place> {
        self.at.iter().map(|entry| Place::new(entry.lock.file, entry.lock.packages[entry.index].name.span))
    }

    /// The manifest line that lets it in: the workspace's where it is inherited.
    pub(super) fn entrance(&self, scene: &Scene<'_>) -> Option<Place> {
        let main = self.main();
        let reached = &main.view.reached[main.index];
        declared(scene, main.workspace?, reached).map(|(_, place)| place)
    }

    /// The line a person would change: the manifest's, else that of the lock.
    pub(super) fn place(&self, scene: &Scene<'_>) -> Place {
        self.entrance(scene).unwrap_or_else(|| self.lock_place())
    }

    /// Puts the way to it into a finding: package of the tree, direct dependency, and on.
    pub(super) fn route<'r, 'g>(&self, scene: &Scene<'_>, mut draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let main = self.main();
        let reached = &main.view.reached[main.index];
        if let Some(member) = reached.member.and_then(|m| main.workspace?.members.get(m)) {
            draft = draft.via(format!("package {}", member.name), reached.enters_at);
        }
        for (number, index) in main.view.way(main.index).into_iter().enumerate() {
            let package = &main.lock.packages[index];
            let own = Place::new(main.lock.file, package.name.span);
            let place = if number == 0 { self.entrance(scene).unwrap_or(own) } else { own };
            draft = draft.via(format!("crate {} {}", package.name.value, package.version.value), Some(place));
        }
        draft
    }
}
