//! From the graph of a tree to its bill of materials: every part with its hashes, licences and places, and how the
//! parts relate.
//!
//! A pure function of what was read. It judges nothing, invents nothing, and knows no format of a document. Parts of
//! somebody else's tree and test data are no parts of the product: files of such roles are passed over, and how many
//! there are is told.

mod actions;
pub mod artefacts;
mod assets;
mod beyond;
pub mod cards;
mod copies;
mod crates;
mod deployments;
mod distributions;
mod edges;
mod images;
mod installs;
mod joined;
mod lineage;
mod local;
mod maker;
mod models;
mod needs;
mod root;
mod scopes;
mod stated;
mod tools;
mod unread;
mod weights;
mod words;

use std::collections::BTreeMap;

use crate::graph::Document;
use crate::rules::Scene;
use crate::sbom::Bom;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Phase;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Tool;
use crate::sbom::statement::CHANGED;
use crate::source::Tree;
use maker::Maker;

pub use assets::asset_id;
pub use beyond::Beyond;
pub use beyond::beyond;
pub use beyond::name;
pub use maker::UNREAD;
pub use maker::scope_of_role;
pub use unread::unread;
pub use weights::weights;

/// What is said beside the tree.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    /// When the document is made, in seconds since 1970.
    pub time: Option<i64>,
    /// Where the repository of the tree is found, without credentials.
    pub repository: Option<String>,
    /// What a manifest at the root that is not read for what it lists calls the product.
    pub name: Option<String>,
    /// How many files are not as the commit of the tree holds them; none where that cannot be told.
    pub changed: Option<usize>,
    /// Files of known kinds, or parts of them, that could not be read: the path, the line from 1 or 0, and why.
    pub unread: Vec<(String, u32, String)>,
    /// Digests (SHA-256) of weights that lie in the tree, by path; why there is none of a file that has none.
    pub weights: BTreeMap<String, Result<String, String>>,
    /// Files that are known to list parts and are not read.
    pub beyond: Vec<Beyond>,
}

/// The bill of materials of a tree.
#[must_use]
pub fn of_scene(scene: &Scene<'_>, tree: &Tree, beside: &Beside) -> Bom {
    let mut bom = Bom::default();
    bom.about.time = beside.time;
    bom.about.phases.insert(Phase::PreBuild);
    bom.about.tools.push(Tool {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: Some(env!("CARGO_PKG_VERSION").to_owned()),
        ..Tool::default()
    });
    if let Some(commit) = &tree.commit {
        bom.about.properties.insert("custody:commit".to_owned(), commit.clone());
        if let Some(files) = beside.changed.filter(|files| *files > 0) {
            bom.about.properties.insert(CHANGED.to_owned(), files.to_string());
        }
    }
    if !tree.prefix.is_root() {
        bom.about.properties.insert("custody:tree-prefix".to_owned(), tree.prefix.as_str().to_owned());
    }
    let mut maker = Maker::new(scene, beside);
    root::add(&mut maker, tree, beside);
    crates::add(&mut maker);
    distributions::add(&mut maker);
    actions::add(&mut maker);
    let deployed = deployments::started(&mut maker);
    images::add(&mut maker, &deployed.local);
    tools::add(&mut maker);
    assets::add(&mut maker);
    models::add(&mut maker, beside);
    cards::add(&mut maker);
    bom.processes = lineage::add(&mut maker);
    edges::add(&mut maker);
    copies::add(&mut maker);
    deployments::add(&mut maker, &deployed);
    maker.unread(beside);
    beyond::add(&mut maker, beside);
    installs::add(&mut maker);
    scopes::settle(&mut maker);
    maker.finish(&mut bom);
    for config in scene.documents.iter().filter_map(Document::custody) {
        stated::add(&mut bom, &config.sbom);
    }
    bom.settle();
    told_once(&mut bom);
    bom
}

/// Takes from needs the places that the needed part tells itself: a product that loads a hundred models would name each
/// place twice.
fn told_once(bom: &mut Bom) {
    let Bom { components, relations, .. } = bom;
    for relation in relations.iter_mut().filter(|relation| relation.kind == RelationKind::DependsOn) {
        let at = components.binary_search_by(|part| part.id.as_str().cmp(&relation.to));
        let Some(part) = at.ok().and_then(|at| components.get(at)) else { continue };
        let is_told = |place: &Occurrence| {
            let start = part.evidence.partition_point(|one| (&one.path, one.line) < (&place.path, place.line));
            part.evidence.get(start).is_some_and(|one| one.path == place.path && one.line == place.line)
        };
        relation.evidence.retain(|place| !is_told(place));
    }
}
