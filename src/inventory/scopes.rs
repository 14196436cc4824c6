//! What each part is needed for, by the lightest way that leads to it; and what nothing leads to is hung at the root.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::VecDeque;

use super::maker::Maker;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

/// Says of every component what it is needed for, and of the root whether all is known.
pub(super) fn settle(maker: &mut Maker<'_>) {
    let ids: Vec<String> = maker.components.keys().cloned().collect();
    let at: BTreeMap<&str, usize> = ids.iter().enumerate().map(|(index, id)| (id.as_str(), index)).collect();
    let mut out: Vec<Vec<(usize, Scope)>> = vec![Vec::new(); ids.len()];
    let mut is_needed = vec![false; ids.len()];
    maker.relations.retain(|relation| {
        let (Some(&from), Some(&to)) = (at.get(relation.from.as_str()), at.get(relation.to.as_str())) else {
            return false;
        };
        out[from].push((to, relation.scope));
        is_needed[to] = true;
        true
    });
    let mut scopes: Vec<Option<Scope>> = vec![None; ids.len()];
    if let Some(&root) = at.get(maker.root.as_str()) {
        spread(&mut scopes, &out, &[(root, Scope::Required)]);
    }
    // First what nobody needs, then what only parts of a ring need.
    let mut hung: Vec<(usize, Scope)> = Vec::new();
    for only_free in [true, false] {
        for index in 0..ids.len() {
            if scopes[index].is_some() || (only_free && is_needed[index]) {
                continue;
            }
            let scope = maker.components.get(&ids[index]).map_or(Scope::Excluded, |component| component.scope);
            hung.push((index, scope));
            spread(&mut scopes, &out, &[(index, scope)]);
        }
    }
    for (index, scope) in hung {
        let Some(component) = maker.components.get(&ids[index]) else { continue };
        let first: Option<Occurrence> = component.evidence.iter().min().cloned();
        let root = maker.root.clone();
        maker.relate(&root, RelationKind::DependsOn, &ids[index], scope, first);
    }
    for (id, scope) in ids.iter().zip(scopes) {
        if let (Some(component), Some(scope)) = (maker.components.get_mut(id), scope) {
            component.scope = scope;
        }
    }
    let owners: BTreeSet<String> = maker.unknowns.iter().filter_map(|unknown| unknown.owner.clone()).collect();
    for owner in owners {
        if let Some(component) = maker.components.get_mut(&owner) {
            component.dependencies = Completeness::Incomplete;
        }
    }
    let whole = maker.unknowns.is_empty() && !maker.components.values().any(is_open);
    let root = maker.root.clone();
    if let Some(root) = maker.components.get_mut(&root) {
        root.scope = Scope::Required;
        root.dependencies = if whole { Completeness::Complete } else { Completeness::Incomplete };
    }
}

/// Whether it is a package that is shipped and of which nobody says what it needs.
fn is_open(component: &Component) -> bool {
    let is_package = component.kind == Kind::Library && component.scope != Scope::Excluded;
    is_package && component.dependencies == Completeness::Unknown
}

/// Walks from some parts to all they need, the weightiest ways first.
fn spread(scopes: &mut [Option<Scope>], out: &[Vec<(usize, Scope)>], from: &[(usize, Scope)]) {
    let mut waiting: [VecDeque<usize>; 3] = [VecDeque::new(), VecDeque::new(), VecDeque::new()];
    for (index, scope) in from {
        waiting[*scope as usize].push_back(*index);
    }
    for level in [Scope::Required, Scope::Optional, Scope::Excluded] {
        while let Some(index) = waiting[level as usize].pop_front() {
            if scopes[index].is_some_and(|known| known <= level) {
                continue;
            }
            scopes[index] = Some(level);
            for &(next, scope) in &out[index] {
                let reached = level.max(scope);
                if scopes[next].is_none_or(|known| known > reached) {
                    waiting[reached as usize].push_back(next);
                }
            }
        }
    }
}
