//! Releases and requirements as other families need them: where each stands, and the way to it.

use std::collections::BTreeMap;

use super::{Locked, Stand, nodes};
use crate::graph::NodeId;
use crate::graph::distributions::{Held, Named};
use crate::graph::python::Need;
use crate::rules::Scene;
use crate::source::{Place, Role};

/// A release, or a name whose release nothing fixes, over all files of the tree.
pub(in crate::rules) struct Found<'a> {
    /// Its name, normalised.
    pub(in crate::rules) name: &'a str,
    /// Its version, as written; none where nothing fixes one.
    pub(in crate::rules) version: Option<&'a str>,
    /// Its node in the graph.
    pub(in crate::rules) node: Option<NodeId>,
    /// Where it stands, the weightiest first; never empty.
    at: Vec<Stand<'a>>,
}

/// What the tree names and `keep` holds for, by name and version.
pub(in crate::rules) fn found<'a>(scene: &Scene<'a>, keep: impl Fn(&Named) -> bool) -> Vec<Found<'a>> {
    let mut by: BTreeMap<(&str, Option<&str>), Vec<Stand<'a>>> = BTreeMap::new();
    for named in scene.distributions.named.iter().filter(|named| keep(named)) {
        let version = if let Held::At(version) = &named.held { Some(version.as_str()) } else { None };
        by.entry((&named.name, version)).or_default().extend(Stand::of(scene, named));
    }
    let nodes = nodes(scene);
    let found = |((name, version), mut at): ((&'a str, Option<&'a str>), Vec<Stand<'a>>)| {
        at.sort_by_key(Stand::weight);
        let node = at.iter().find_map(|stand| nodes.get(&stand.named.place).copied());
        (!at.is_empty()).then_some(Found { name, version, node, at })
    };
    by.into_iter().filter_map(found).collect()
}

impl<'a> Found<'a> {
    fn main(&self) -> &Stand<'a> {
        &self.at[0]
    }

    /// The place that weighs most.
    pub(in crate::rules) fn named(&self) -> &'a Named {
        self.main().named
    }

    /// What it is for.
    pub(in crate::rules) fn role(&self) -> Role {
        self.main().role
    }

    /// Whether a person names it.
    pub(in crate::rules) fn is_direct(&self) -> bool {
        self.at.iter().any(|stand| stand.hops == 1)
    }

    /// Whether only those who work on the tree install it.
    pub(in crate::rules) fn is_for_developers(&self) -> bool {
        self.main().need == Need::Development
    }

    /// The line that lets it in, where a lock holds it and one is known.
    pub(in crate::rules) fn entrance(&self, scene: &Scene<'_>) -> Option<Place> {
        Locked::of(scene, self.main().named).and_then(|locked| locked.reached().enters_at)
    }

    /// All places.
    pub(in crate::rules) fn places(&self) -> impl Iterator<Item = Place> {
        self.at.iter().map(|stand| stand.named.place)
    }
}
