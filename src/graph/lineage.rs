//! Which models the tree makes of which others, with which data, by which scripts: what the readers found, tied to
//! what is loaded.

use std::collections::BTreeMap;

use super::Document;
use super::assets::AssetView;
use super::assets::Load;
use super::kinds::references::Trained;
use crate::references::Named;
use crate::references::Part;
use crate::references::Standing;
use crate::source::Place;

/// A training whose parts are known among what is loaded.
#[derive(Debug)]
pub struct Lineage<'a> {
    /// What the files say.
    pub trained: &'a Trained,
    /// What goes in: for what, which load it is, and where its name is written.
    pub inputs: Vec<Input<'a>>,
}

/// Something that goes into a training.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// What for.
    pub part: Part,
    /// Which load it is.
    pub load: &'a Load,
    /// Where its name is written.
    pub place: Place,
    /// Whether it is one of several that are chosen from.
    pub is_possible: bool,
}

impl<'a> Lineage<'a> {
    /// What goes in for a part.
    pub fn of_part(&self, part: Part) -> impl Iterator<Item = (&'a Load, Place)> {
        self.inputs.iter().filter(move |input| input.part == part).map(|input| (input.load, input.place))
    }
}

/// All trainings of a tree, in the order of its files.
#[must_use]
pub fn of<'a>(documents: &'a [Document], assets: &'a AssetView) -> Vec<Lineage<'a>> {
    let mut by_place: BTreeMap<(Place, &str), &'a Load> = BTreeMap::new();
    for load in &assets.loads {
        if load.loaded.reference.standing != Standing::Told {
            by_place.entry((load.loaded.place, load.loaded.reference.name.as_str())).or_insert(load);
        }
    }
    let mut out = Vec::new();
    for document in documents {
        let Document::References(file) = document else { continue };
        for trained in &file.trainings {
            let known = |(named, place): (&'a Named, &Place)| {
                let load = by_place.get(&(*place, named.reference.name.as_str()))?;
                Some(Input { part: named.part, load, place: *place, is_possible: named.is_possible })
            };
            let inputs = trained.training.named.iter().zip(&trained.named).filter_map(known).collect();
            out.push(Lineage { trained, inputs });
        }
    }
    out
}
