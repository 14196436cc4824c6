//! What instructions of Dockerfiles install and no file of the tree lists: packages of the system and of managers whose
//! files are not read, and lists of Python that lie nowhere in the tree.

use super::images;
use super::maker::Maker;
use super::words;
use crate::commands::ActKind;
use crate::graph::kinds::docker::InstructionKind;
use crate::sbom::model::Kind;
use crate::sbom::model::Unknown;
use crate::source::Place;
use crate::source::Role;

/// Managers of packages of a system.
const OF_SYSTEM: &[&str] = &["apk", "apt", "apt-get", "aptitude", "dnf", "dpkg", "pacman", "rpm", "yum", "zypper"];
/// Managers whose packages are told elsewhere.
const TOLD: &[&str] = &[
    "cargo",
    "conda",
    "mamba",
    "micromamba",
    "pdm",
    "pip",
    "pip3",
    "pipenv",
    "pipx",
    "pixi",
    "poetry",
    "rye",
    "uv",
    "uvx",
];
/// Names of one command that are told.
const NAMED: usize = 12;

/// Adds them as unknown.
pub(super) fn add(maker: &mut Maker<'_>) {
    commands(maker);
    lists(maker);
}

fn commands(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    for image in &scene.images.files {
        if image.role != Role::Product {
            continue;
        }
        let id = images::built_id(maker.path(image.file));
        let Some(dockerfile) = scene.dockerfile(image.document).filter(|_| maker.components.contains_key(&id)) else {
            continue;
        };
        for instruction in dockerfile.stages.iter().flat_map(|stage| &stage.instructions) {
            let InstructionKind::Run { script, .. } = &instruction.kind else { continue };
            for act in &script.acts {
                let ActKind::PackageInstall { manager, verb, names, .. } = &act.kind else { continue };
                let place = Place::new(image.file, script.text.host_span(act.range.clone()));
                if TOLD.contains(&manager.as_str()) || !images::ships(maker, place) {
                    continue;
                }
                let is_of_system = OF_SYSTEM.contains(&manager.as_str());
                let mut text = format!("{manager} {verb}");
                for name in names.iter().take(NAMED) {
                    text.push(' ');
                    text.push_str(&name.text);
                }
                if names.len() > NAMED {
                    text.push_str(" …");
                }
                let why = if is_of_system {
                    "packages of the system are only known from the built image"
                } else {
                    "what this manager installs is not read"
                };
                push(maker, &id, if is_of_system { Kind::OperatingSystem } else { Kind::Other }, &text, why, place);
            }
        }
    }
}

/// Lists that a command of an image installs and that do not lie in the tree under the name that it gives.
fn lists(maker: &mut Maker<'_>) {
    let scene = maker.scene;
    for install in &scene.python.installs {
        let id = images::built_id(maker.path(install.place.file));
        if install.role != Role::Product || !maker.components.contains_key(&id) || !images::ships(maker, install.place)
        {
            continue;
        }
        for (path, set, constrains) in &install.files {
            if set.is_none() && !constrains {
                let text = format!("{} {} -r {path}", install.manager, install.verb);
                let why = "the list is not found in the tree under this name";
                push(maker, &id, Kind::Library, &text, why, install.place);
            }
        }
    }
}

fn push(maker: &mut Maker<'_>, id: &str, kind: Kind, text: &str, why: &str, place: Place) {
    let Some(text) = words::plain(text) else { return };
    let at = maker.at(place, None);
    maker.unknowns.push(Unknown { kind, text, why: why.to_owned(), owner: Some(id.to_owned()), at });
}
