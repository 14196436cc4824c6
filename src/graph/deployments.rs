//! What files of deployments start, with names put together: variables of Compose, values and versions of charts,
//! images that kustomizations put in the place of others.
//!
//! A pure function of the documents. What cannot be put together is told as that.

mod chart;
#[cfg(test)]
mod tests;
mod values;
mod variables;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Document;
use super::identity;
use super::kinds::deployment::Deployment;
use super::kinds::deployment::DeploymentForm;
use super::kinds::deployment::Service;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Sources;
use crate::source::Span;
use chart::Chart;

/// Something that is started.
#[derive(Debug, Clone)]
pub struct Started {
    /// Its name.
    pub name: String,
    /// What it is: `service`, `Deployment`, `chart`.
    pub kind: String,
    /// The folder that it belongs to; of a chart's, the chart's.
    pub folder: RepoPath,
    /// Where its name stands.
    pub place: Place,
    /// Where it is written.
    pub spans: Vec<Place>,
    /// The images that it runs.
    pub images: Vec<Run>,
    /// The Dockerfile that its image is built from, and where that is said; none in the tree where there is no path.
    pub built: Option<(Option<RepoPath>, Place)>,
    /// It is started on request alone.
    pub is_optional: bool,
    /// Others that are started with it, by position.
    pub holds: Vec<usize>,
    /// Charts that it takes in and that are not in the tree.
    pub others: Vec<(String, Place)>,
}

/// An image that is run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Its reference, or the text that does not tell it.
    pub text: String,
    /// Where it stands.
    pub place: Place,
    /// How much is known.
    pub state: State,
}

/// How much is known of an image that is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// All that is written.
    Known,
    /// The repository, and not the tag.
    Untagged,
    /// Nothing: what names it is put in later.
    Unknown,
}

/// Everything that files of deployments start, in the order of their files.
#[must_use]
pub fn started(documents: &[Document], sources: &Sources, counts: &dyn Fn(FileId) -> bool) -> Vec<Started> {
    let all = documents.iter().filter_map(|document| match document {
        Document::Deployment(found) if counts(found.file) => Some((found, &sources.get(found.file)?.path)),
        _ => None,
    });
    let all: Vec<(&Deployment, &RepoPath)> = all.collect();
    let of = |form: DeploymentForm| all.iter().copied().filter(move |(found, _)| found.form == form);
    let variables: BTreeMap<RepoPath, BTreeMap<&str, &str>> = of(DeploymentForm::Variables)
        .map(|(found, path)| {
            let named = found.values.iter().map(|(name, value)| (name.as_str(), value.value.as_str()));
            (path.parent(), named.collect())
        })
        .collect();
    let charts = chart::all(&all);
    let swaps = Swaps::of(of(DeploymentForm::Kustomization));
    let composes: Vec<_> = of(DeploymentForm::Compose).filter(|(_, path)| is_default(path)).collect();
    let defaults: BTreeSet<RepoPath> = composes.iter().map(|(_, path)| path.parent()).collect();
    let included = composes.iter().flat_map(|(found, path)| {
        found.resources.iter().filter_map(|taken| path.parent().join(taken.value.trim_start_matches("./")))
    });
    let included: BTreeSet<RepoPath> = included.collect();
    let mut out = Vec::new();
    for (found, path) in &all {
        match found.form {
            DeploymentForm::Compose => {
                let none = BTreeMap::new();
                let known = variables.get(&path.parent()).unwrap_or(&none);
                let is_aside = !is_default(path) && defaults.contains(&path.parent()) && !included.contains(path);
                for service in &found.services {
                    let mut one = of_compose(found.file, path, service, known, sources);
                    one.is_optional |= is_aside;
                    out.push(one);
                }
            }
            DeploymentForm::Manifest | DeploymentForm::Template => {
                let chart = chart::of_template(&charts, path);
                let services = found.services.iter();
                out.extend(services.map(|service| of_manifest(found.file, path, service, chart, &swaps)));
            }
            DeploymentForm::Kustomization
            | DeploymentForm::Values
            | DeploymentForm::Chart
            | DeploymentForm::Variables => {}
        }
    }
    chart::join(&charts, &all, &mut out);
    swaps.rest(&mut out);
    out
}

/// Whether Compose reads a file without being told to.
fn is_default(path: &RepoPath) -> bool {
    let stem = path.name().trim_end_matches(".yml").trim_end_matches(".yaml").trim_end_matches(".override");
    matches!(stem, "compose" | "docker-compose")
}

/// The folder of the chart that a file would be a template of.
#[must_use]
pub fn chart_of(path: &RepoPath) -> Option<RepoPath> {
    chart::folder_of(path)
}

fn whole(file: FileId, service: &Service, name: String, folder: RepoPath) -> Started {
    Started {
        name,
        kind: service.kind.clone(),
        folder,
        place: Place::new(file, service.name.span),
        spans: service.spans.iter().map(|span| Place::new(file, *span)).collect(),
        images: Vec::new(),
        built: None,
        is_optional: service.is_optional,
        holds: Vec::new(),
        others: Vec::new(),
    }
}

fn of_compose(
    file: FileId,
    path: &RepoPath,
    service: &Service,
    known: &BTreeMap<&str, &str>,
    sources: &Sources,
) -> Started {
    let mut out = whole(file, service, service.name.value.clone(), path.parent());
    for image in &service.images {
        let text = variables::filled(&image.value, known);
        let state = if text.contains('$') { State::Unknown } else { State::Known };
        out.images.push(Run { text, place: Place::new(file, image.span), state });
    }
    if let Some(build) = &service.build {
        let place = Place::new(file, build.dockerfile.as_ref().map_or(build.context.span, |named| named.span));
        let context = variables::filled(&build.context.value, known);
        let named =
            build.dockerfile.as_ref().map_or_else(|| "Dockerfile".to_owned(), |d| variables::filled(&d.value, known));
        let folder = path.parent().join(context.trim_start_matches("./"));
        let folder = if matches!(context.as_str(), "." | "./") { Some(path.parent()) } else { folder };
        let dockerfile = folder.and_then(|folder| folder.join(&named));
        let is_there = |path: &RepoPath| sources.by_path(path).is_some();
        out.built = Some((dockerfile.filter(|path| !build.is_inline && is_there(path)), place));
    }
    out
}

fn of_manifest(
    file: FileId,
    path: &RepoPath,
    service: &Service,
    chart: Option<&Chart<'_>>,
    swaps: &Swaps<'_>,
) -> Started {
    let folder = chart.map_or_else(|| path.parent(), |chart| chart.folder.clone());
    let name = chart.map_or_else(|| service.name.value.clone(), |chart| chart.named(&service.name.value));
    let stem = || path.name().split('.').next().unwrap_or_default().to_owned();
    let is_name = !name.is_empty() && !name.contains(['{', '$']);
    let mut out = whole(file, service, if is_name { name } else { stem() }, folder);
    for image in &service.images {
        let place = Place::new(file, image.span);
        if image.value.contains("{{") {
            let run = chart.and_then(|chart| chart.image(&image.value, place));
            out.images.push(run.unwrap_or_else(|| Run { text: image.value.clone(), place, state: State::Unknown }));
            continue;
        }
        let state = if image.value.contains('$') { State::Unknown } else { State::Known };
        let run = Run { text: image.value.clone(), place, state };
        let swapped = swaps.of_image(path, &run.text);
        if swapped.is_empty() { out.images.push(run) } else { out.images.extend(swapped) }
    }
    out
}

/// Images that kustomizations put in the place of others.
struct Swaps<'a> {
    all: Vec<(&'a Deployment, RepoPath, BTreeSet<RepoPath>)>,
    used: std::cell::RefCell<BTreeSet<Place>>,
}

impl<'a> Swaps<'a> {
    fn of(all: impl Iterator<Item = (&'a Deployment, &'a RepoPath)>) -> Self {
        let all = all.map(|(found, path)| {
            let folder = path.parent();
            let taken = found.resources.iter().filter_map(|resource| folder.join(&resource.value)).collect();
            (found, folder, taken)
        });
        Self { all: all.collect(), used: std::cell::RefCell::default() }
    }

    /// What is run in the place of an image that a manifest names.
    fn of_image(&self, path: &RepoPath, text: &str) -> Vec<Run> {
        let name = identity::image(text);
        let bare = text.split('@').next().unwrap_or(text);
        let bare = name.tag.and_then(|tag| bare.strip_suffix(tag)).map_or(bare, |rest| rest.trim_end_matches(':'));
        let mut out = Vec::new();
        for (found, folder, taken) in &self.all {
            let parent = path.parent();
            if *folder != parent && !taken.contains(path) && !taken.contains(&parent) {
                continue;
            }
            for swap in found.swaps.iter().filter(|swap| swap.name.value == bare) {
                let place = Place::new(found.file, swap.name.span);
                self.used.borrow_mut().insert(place);
                out.push(swapped(swap, place, name.tag, name.digest));
            }
        }
        out
    }

    /// What is put in the place of an image that no manifest of the tree names.
    fn rest(&self, out: &mut Vec<Started>) {
        let used = self.used.borrow();
        for (found, folder, _) in &self.all {
            let images: Vec<Run> = found
                .swaps
                .iter()
                .map(|swap| (swap, Place::new(found.file, swap.name.span)))
                .filter(|(swap, place)| !used.contains(place) && (swap.new_tag.is_some() || swap.digest.is_some()))
                .map(|(swap, place)| swapped(swap, place, None, None))
                .collect();
            let Some(first) = images.first() else { continue };
            out.push(Started {
                name: folder.parts().last().unwrap_or("kustomization").to_owned(),
                kind: "kustomization".to_owned(),
                folder: folder.clone(),
                place: first.place,
                spans: Vec::new(),
                images,
                built: None,
                is_optional: false,
                holds: Vec::new(),
                others: Vec::new(),
            });
        }
    }
}

fn swapped(swap: &super::kinds::deployment::Swap, place: Place, tag: Option<&str>, digest: Option<&str>) -> Run {
    let mut text = swap.new_name.clone().unwrap_or_else(|| swap.name.value.clone());
    // A tag of its own takes the digest away, as the tool does it.
    let (tag, digest) = match (&swap.new_tag, &swap.digest) {
        (None, None) => (tag, digest),
        (tag, digest) => (tag.as_deref(), digest.as_deref()),
    };
    for (sign, part) in [(':', tag), ('@', digest)] {
        if let Some(part) = part {
            text.push(sign);
            text.push_str(part);
        }
    }
    let state = if text.contains(['$', '{']) { State::Unknown } else { State::Known };
    Run { text, place, state }
}

/// The whole of a file.
fn everywhere(file: FileId) -> Place {
    Place::new(file, Span::default())
}
