//! What instructions copy from the tree into images: packages, model files, and code with what it loads.
//!
//! What one stage makes and another takes is known where its file is called like a program of the tree; else it is told
//! as unknown.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::images;
use super::maker::Maker;
use super::maker::scope_of_role;
use super::words;
use crate::graph::images::ImageFile;
use crate::graph::kinds::docker::Base;
use crate::graph::kinds::docker::InstructionKind;
use crate::sbom::model::Kind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Unknown;
use crate::source::Place;

/// How often a part of the tree is put into an image, over all images: many Dockerfiles may copy the whole of a large
/// tree.
const PUTS: usize = 200_000;

/// Where something of the tree stands that goes along with a copy: its component, and what it is needed for.
type Standing = BTreeMap<String, BTreeSet<(String, Scope)>>;

/// Adds what is copied into images.
pub(super) fn add(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    if scene.images.files.is_empty() {
        return;
    }
    let standing = standing(maker);
    let programs = programs(maker);
    let mut left = PUTS;
    for image in &scene.images.files {
        let id = images::built_id(maker.path(image.file));
        if image.role.is_set_aside() || !maker.counts(image.file) || !maker.components.contains_key(&id) {
            continue;
        }
        from_tree(maker, image, &id, &standing, &mut left);
        from_stages(maker, image, &id, &programs);
    }
}

/// Packages by folder, and what code loads by the file that says so.
fn standing(maker: &Maker<'_>) -> Standing {
    let mut out = Standing::new();
    for (folder, id) in maker.crates.iter().chain(&maker.projects) {
        let scope = maker.components.get(id).map_or(Scope::Excluded, |component| component.scope);
        out.entry(folder.as_str().to_owned()).or_default().insert((id.clone(), scope));
    }
    for relation in &maker.relations {
        let is_load = relation.kind == RelationKind::DependsOn && relation.from.starts_with("tree:");
        let is_held = relation.kind == RelationKind::Contains;
        let kind = maker.components.get(&relation.to).map(|component| component.kind);
        let is_asset = kind.is_some_and(|kind| kind.is_model() || matches!(kind, Kind::Dataset | Kind::Kernel));
        if !is_asset || !(is_load || is_held) || relation.from.ends_with("#image") {
            continue;
        }
        for at in &relation.evidence {
            out.entry(at.path.clone()).or_default().insert((relation.to.clone(), relation.scope));
        }
    }
    out.into_iter()
        .map(|(path, all)| (path, all.into_iter().filter(|(_, scope)| *scope != Scope::Excluded).collect()))
        .collect()
}

/// Packages of the tree that have a program, by name.
fn programs(maker: &Maker<'_>) -> BTreeMap<String, String> {
    let all = maker.crates.values().filter_map(|id| maker.components.get(id));
    all.filter(|one| one.kind == Kind::Application).map(|one| (one.name.clone(), one.id.clone())).collect()
}

fn from_tree(maker: &mut Maker<'_>, image: &ImageFile, id: &str, standing: &Standing, left: &mut usize) {
    let scope = scope_of_role(image.role);
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for brought in image.copied.iter().filter(|brought| images::ships(maker, brought.place)).collect::<Vec<_>>() {
        // What a folder holds is told with the folder.
        let path = brought.path.as_str();
        if !seen.insert(path) || brought.path.parts().count() > 0 && seen.contains("") {
            continue;
        }
        let at = maker.at(brought.place, Some("COPY"));
        let below = format!("{path}/");
        let within = standing.range(path.to_owned()..).take_while(|(there, _)| there.starts_with(path));
        let within = within.filter(|(there, _)| path.is_empty() || *there == path || there.starts_with(&below));
        for (to, needed) in within.flat_map(|(_, all)| all) {
            let Some(rest) = left.checked_sub(1) else {
                push(maker, id, "parts of the tree", "more is copied into images than is followed", at);
                return;
            };
            *left = rest;
            maker.relate(id, RelationKind::DependsOn, to, scope.max(*needed), Some(at.clone()));
        }
    }
}

/// Things that one stage makes and one that ends in the image takes.
fn from_stages(maker: &mut Maker<'_>, image: &ImageFile, id: &str, programs: &BTreeMap<String, String>) {
    let scene = maker.scene;
    let Some(dockerfile) = scene.dockerfile(image.document) else { return };
    let scope = scope_of_role(image.role);
    for instruction in dockerfile.stages.iter().flat_map(|stage| &stage.instructions) {
        let InstructionKind::Copy(copy) = &instruction.kind else { continue };
        let Some((name, Base::Stage(from))) = &copy.from else { continue };
        let place = Place::new(image.file, name.span);
        // What a stage that does nothing hands on is its image's, which is told.
        if !images::ships(maker, place) || images::is_plain(dockerfile, *from) {
            continue;
        }
        for source in &copy.sources {
            let at = maker.at(Place::new(image.file, source.span), Some("COPY --from"));
            let last = source.value.trim_end_matches('/').rsplit('/').next().unwrap_or_default();
            match programs.get(last) {
                Some(program) => maker.relate(id, RelationKind::DependsOn, program, scope, Some(at)),
                // What is installed there is told with the commands that install.
                None if matches!(last, ".venv" | "venv" | "site-packages" | "dist-packages") => {}
                None => {
                    push(
                        maker,
                        id,
                        &source.value,
                        "another stage of the Dockerfile makes it, and of what is not told",
                        at,
                    );
                }
            }
        }
    }
}

fn push(maker: &mut Maker<'_>, id: &str, text: &str, why: &str, at: Occurrence) {
    let Some(text) = words::plain(text) else { return };
    maker.unknowns.push(Unknown {
        kind: Kind::Other,
        text,
        why: why.to_owned(),
        owner: Some(id.to_owned()),
        at: Occurrence { how: None, ..at },
    });
}
