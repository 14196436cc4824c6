//! What the tree's own bill of materials says: models and data sets that cards name stand there and in no graph, and a
//! tree and its own bill must not say different things.

use std::cell::OnceCell;

use crate::affected::Answer;
use crate::affected::Asked;
use crate::affected::Fit;
use crate::affected::Standing;
use crate::affected::Target;
use crate::affected::documents;
use crate::affected::net::Part;
use crate::inventory;
use crate::inventory::Beside;
use crate::rules::Scene;
use crate::sbom::Bom;
use crate::sbom::model::Scope;
use crate::source::Tree;

/// The bill of a tree, made where it is needed.
pub(super) struct Bill<'s, 'a> {
    scene: &'a Scene<'s>,
    tree: &'a Tree,
    made: OnceCell<Bom>,
}

impl<'s, 'a> Bill<'s, 'a> {
    pub(super) fn new(scene: &'a Scene<'s>, tree: &'a Tree) -> Self {
        Self { scene, tree, made: OnceCell::new() }
    }

    fn bom(&self) -> &Bom {
        self.made.get_or_init(|| inventory::of_scene(self.scene, self.tree, &Beside::default()))
    }

    /// Puts into an answer about models and data sets what the bill says more than the graph.
    pub(super) fn tell(&self, asked: &Asked, answer: &mut Answer) {
        if !asked.targets.iter().any(|target| matches!(target, Target::Asset { .. })) {
            return;
        }
        let fits = self.bom().components.iter().map(|part| (documents::fit(part, asked), part));
        let best = fits.filter(|(fit, _)| fit.standing() > answer.standing).max_by_key(|(fit, _)| *fit);
        let Some((fit, part)) = best else { return };
        let spot = part.evidence.first();
        let place = spot.map_or_else(
            || "it".to_owned(),
            |spot| match spot.line {
                0 => spot.path.clone(),
                line => format!("{} line {line}", spot.path),
            },
        );
        let name = documents::title(part);
        answer.standing = fit.standing();
        answer.why = match fit {
            Fit::Exact => format!("{place} names {name}"),
            Fit::Unclear => format!("{place} names {name}, which cannot be compared with what is asked for"),
            _ => format!("{place} names {name} without a commit"),
        };
        answer.spots.extend(part.evidence.iter().cloned());
    }

    /// Whether a crate is needed by nothing that is shipped: for tests and the like alone.
    pub(super) fn is_excluded(&self, part: &Part) -> bool {
        if part.kind != "crate" {
            return false;
        }
        let same = |name: &str, version: Option<&str>| name == part.name && version == part.version.as_deref();
        let mut found = self.bom().components.iter().filter(|one| {
            one.purl.as_deref().is_some_and(|purl| purl.starts_with("pkg:cargo/"))
                && same(&one.name, one.version.as_deref())
        });
        found.clone().next().is_some() && found.all(|one| one.scope == Scope::Excluded)
    }

    /// Why the bill does not say whether a model or data set is part of the tree; none where it is whole.
    pub(super) fn unknown(&self, asked: &Asked, standing: Standing) -> Option<String> {
        let is_asset = asked.targets.iter().any(|target| matches!(target, Target::Asset { .. }));
        if !is_asset || standing != Standing::No {
            return None;
        }
        let unknown = self.bom().unknowns.iter().find(|unknown| documents::wants(asked, unknown.kind))?;
        Some(format!("it names a {} that is not known: {}", unknown.kind.word(), unknown.why))
    }
}
