//! From the graph of a tree to its bill of materials: every part with its hashes, licences and places, and how the
//! parts relate.
//!
//! A pure function of what was read. It judges nothing, invents nothing, and knows no format of a document.

mod stated;

use crate::graph::Document;
use crate::rules::Scene;
use crate::sbom::Bom;
use crate::source::Tree;

/// What is said beside the tree.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// When the document is made, in seconds since 1970.
    pub time: Option<i64>,
}

/// The bill of materials of a tree.
#[must_use]
pub fn of_scene(scene: &Scene<'_>, tree: &Tree, beside: &Beside) -> Bom {
    let _ = tree;
    let mut bom = Bom::default();
    bom.about.time = beside.time;
    for config in scene.documents.iter().filter_map(Document::custody) {
        stated::add(&mut bom, &config.sbom);
    }
    bom.settle();
    bom
}
