//! What belongs to conda, micromamba and pixi among installs: their managers, their workspaces, and the
//! actions that set them up.

use super::{Around, Found, Out, Spot, taken, upwards};
use crate::commands::{self, Opt};
use crate::graph::conda;
use crate::graph::images::layout::{InForce, Layout};
use crate::graph::kinds::workflow::{Step, Uses};
use crate::graph::python::Install;
use crate::source::{Place, RepoPath};

/// What the actions that set up conda, micromamba or pixi install, and the channels they leave behind.
pub(super) fn step_action(around: &Around<'_>, spot: &Spot<'_>, step: &Step, layout: &mut Layout, out: &mut Out<'_>) {
    let Some(Uses::Repository { repo, .. }) = step.uses.as_ref().map(|u| &u.value) else { return };
    let manager = match repo.to_ascii_lowercase().as_str() {
        "setup-miniconda" | "setup-micromamba" | "provision-with-micromamba" => "conda",
        "setup-pixi" => "pixi",
        _ => return,
    };
    let with = |key: &str| step.with.iter().find(|(name, _)| name.value == key).map(|(_, value)| value);
    let place = |span| Place::new(spot.file, span);
    if let Some(channels) = with("channels") {
        let value = channels.value.clone();
        layout.force(InForce { name: commands::CONDA_CHANNELS.to_owned(), value, place: place(channels.span) });
    }
    if let Some(priority) = with("channel-priority") {
        let name = commands::CONDA_CHANNEL_PRIORITY.to_owned();
        layout.force(InForce { name, value: priority.value.clone(), place: place(priority.span) });
    }
    let within = |path: &str| layout.resolve(around.paths, &layout.absolute(&layout.folder, path)?);
    let mut named = Vec::new();
    if manager == "pixi" {
        let options: Vec<Opt> = Vec::new();
        let folder = with("manifest-path").and_then(|p| layout.absolute(&layout.folder, &p.value));
        named.extend(workspace(&options, &folder.or_else(|| Some(layout.folder.clone())), layout, around));
    } else if let Some(file) = with("environment-file") {
        named.push((file.value.clone(), within(&file.value), false));
    }
    if named.is_empty() {
        return;
    }
    let at = with("environment-file").or_else(|| with("manifest-path")).map(|v| v.span);
    let at = at.or_else(|| step.uses.as_ref().map(|u| u.span)).unwrap_or(step.span);
    let files = named.iter().filter_map(|(_, path, _)| path.clone()).collect();
    let sets = named
        .into_iter()
        .map(|(text, path, constraint)| (text, path.and_then(|p| around.set_at.get(&p).copied()), constraint));
    let install = Install {
        site: spot.site,
        place: place(at),
        manager: manager.to_owned(),
        verb: repo.clone(),
        requirements: Vec::new(),
        files: sets.collect(),
        options: Vec::new(),
        projects: Vec::new(),
        lock: None,
        purpose: spot.purpose,
        role: spot.role,
        is_locked: false,
        conda: Some(conda::configured(files, &layout.settings)),
        caller: spot.caller.clone(),
    };
    out.found.push(Found { install, taken: taken(manager, &[]), settings: Vec::new(), by: spot.by.to_owned() });
}

/// Whether a manager installs from conda's channels.
pub(super) fn is_conda(manager: &str) -> bool {
    matches!(manager, "conda" | "conda-lock" | "pixi")
}

/// The manifest of pixi that a command works on: the one it names, or the nearest above its folder.
pub(super) fn workspace(
    options: &[Opt],
    folder: &Option<String>,
    layout: &Layout,
    around: &Around<'_>,
) -> Option<(String, Option<RepoPath>, bool)> {
    let folder = folder.as_ref()?;
    let named = options.iter().find(|o| o.name == "--manifest-path").and_then(|o| o.value.as_deref());
    let start = layout.absolute(folder, named.unwrap_or("."))?;
    let manifest = upwards(&start).find_map(|at| {
        let inside = ["", "/pixi.toml", "/pyproject.toml"].iter().map(|name| format!("{at}{name}"));
        let mut found = inside.filter_map(|path| layout.resolve(around.paths, &path));
        found.find(|path| around.set_at.contains_key(path))
    })?;
    Some((manifest.as_str().to_owned(), Some(manifest), false))
}
