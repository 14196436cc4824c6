//! What is named by owner and repository: actions, images, repositories of hooks, models.

use std::collections::{BTreeMap, BTreeSet};

use super::{Departure, Weight};
use crate::commands::ActKind;
use crate::graph::ci::pins;
use crate::graph::identity;
use crate::graph::kinds::workflow::Uses;
use crate::graph::{Document, NodeKind};
use crate::rules::Scene;
use crate::rules::changes::compared::Compared;
use crate::rules::changes::origin::repository;
use crate::source::{FileId, Place};

/// Full names by the file they stand in, each with its first place.
type Named = BTreeMap<FileId, BTreeMap<String, Place>>;

/// What names the files of a scene hold.
type Read = fn(&Scene<'_>) -> Named;

pub(super) fn departures(compared: &Compared<'_>) -> Vec<Departure> {
    let mut out = Vec::new();
    let kinds: [(&'static str, Read); 4] =
        [("action", actions), ("image", images), ("hook-repository", hooks), ("model", models)];
    for (what, read) in kinds {
        let (now, old) = (read(compared.scene), read(compared.base()));
        let everywhere: BTreeSet<&str> = old.values().flat_map(|names| names.keys().map(String::as_str)).collect();
        for (file, names) in &now {
            if compared.scene.role(*file).is_set_aside() || !compared.is_touched(*file) {
                continue;
            }
            let Some(before) = compared.old(*file).and_then(|old_file| old.get(&old_file.id)) else { continue };
            for (name, place) in names.iter().filter(|(name, _)| !everywhere.contains(name.as_str())) {
                let Some((above, last)) = name.rsplit_once('/') else { continue };
                let gone = before.iter().find(|(old, _)| {
                    !names.contains_key(*old) && old.rsplit_once('/').is_some_and(|(_, own)| own == last)
                });
                let Some((from, old_place)) = gone else { continue };
                let is_relied = everywhere.iter().any(|known| known.rsplit_once('/').is_some_and(|(a, _)| a == above));
                out.push(Departure {
                    what,
                    name: last.to_owned(),
                    from: from.clone(),
                    to: name.clone(),
                    place: *place,
                    old: *old_place,
                    weight: if is_relied { Weight::Relied } else { Weight::Anybody },
                    in_lock: false,
                    many: false,
                });
            }
        }
    }
    out
}

/// `host/owner` of a repository.
pub(super) fn owner(name: &str) -> Option<&str> {
    name.rsplit_once('/').map(|(owner, _)| owner).filter(|owner| owner.contains('/'))
}

/// Whether a tree takes crates or distributions from an owner's repositories.
pub(super) fn is_relied_on(scene: &Scene<'_>, owner_of: &str) -> bool {
    let is_of = |url: &str| owner(&repository(url)).is_some_and(|own| own == owner_of);
    scene.documents.iter().any(|document| match document {
        Document::CargoManifest(manifest) => {
            manifest.dependencies.iter().filter_map(|d| d.git.as_ref()).any(|git| is_of(&git.value))
        }
        _ => false,
    })
}

fn put(out: &mut Named, name: String, place: Place) {
    out.entry(place.file).or_default().entry(name).or_insert(place);
}

fn actions(scene: &Scene<'_>) -> Named {
    let mut out = Named::new();
    for (place, used) in pins::all_uses(scene.documents) {
        if let Uses::Repository { owner, repo, .. } = used {
            put(&mut out, format!("{owner}/{repo}").to_ascii_lowercase(), place);
        }
    }
    out
}

fn images(scene: &Scene<'_>) -> Named {
    let mut out = Named::new();
    for (_, node) in scene.graph.of(NodeKind::Image) {
        let image = identity::image(&node.name);
        let host = image.host.filter(|host| *host != "index.docker.io").unwrap_or("docker.io");
        let in_library = host == "docker.io" && !image.repository.contains('/');
        let name = match in_library {
            true => format!("{host}/library/{}", image.repository),
            false => format!("{host}/{}", image.repository),
        };
        if name.contains(['$', '{']) {
            continue;
        }
        for place in &node.sightings {
            put(&mut out, name.clone(), *place);
        }
    }
    out
}

fn hooks(scene: &Scene<'_>) -> Named {
    let mut out = Named::new();
    for document in scene.documents {
        let Document::Hooks(config) = document else { continue };
        for one in config.repositories.iter().filter(|one| one.repository.value.contains("://")) {
            put(&mut out, repository(&one.repository.value), Place::new(config.file, one.repository.span));
        }
    }
    out
}

fn models(scene: &Scene<'_>) -> Named {
    let mut out = Named::new();
    for document in scene.documents {
        for script in document.scripts() {
            for act in &script.acts {
                if let ActKind::HubDownload { name, .. } = &act.kind
                    && name.known
                    && name.text.matches('/').count() == 1
                {
                    let place = Place::new(document.file(), script.text.host_span(act.range.clone()));
                    put(&mut out, name.text.to_ascii_lowercase(), place);
                }
            }
        }
    }
    out
}
