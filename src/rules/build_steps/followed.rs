//! Downloads and their uses as findings tell them: who runs them, and the way there.

use std::collections::BTreeMap;

use super::download;
use super::released::Released;
use crate::commands::{ActKind, Fixity, Input, Output};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::Document;
use crate::graph::flow::{Checked, Download, Home, Stop, Use, UseKind};
use crate::graph::kinds::workflow::Step;
use crate::graph::parts;
use crate::rules::workflow::parts::role_of;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Draft, Scene};
use crate::source::{FileId, Place};

/// Places of downloads told beside a check.
const MAX_PLACES: usize = 8;

/// A download, a use of it, and the weightiest list of scripts that has to do with either.
pub(super) struct Followed<'s, 'a> {
    /// The download.
    pub(super) download: &'s Download<'a>,
    /// The use.
    pub(super) usage: &'s Use<'a>,
    /// Who runs what.
    pub(super) run: &'s Run<'a>,
    /// Where that comes by: the download, or the use where another job or stage makes it.
    by: &'s Stop<'a>,
    home: Home,
    /// Where it goes from a job that gains nothing by itself.
    released: Option<Released<'s>>,
}

/// Downloads by their addresses, each under the first use that is asked for. One file's are told together, and
/// those of all Dockerfiles.
pub(super) fn followed<'s, 'a>(
    scene: &'s Scene<'a>,
    is_asked: &dyn Fn(&Download<'a>, &Use<'a>) -> bool,
) -> BTreeMap<(Option<FileId>, String), Vec<Followed<'s, 'a>>> {
    let mut out: BTreeMap<(Option<FileId>, String), Vec<Followed<'s, 'a>>> = BTreeMap::new();
    for download in &scene.flows.downloads {
        // What a Dockerfile adds by `ADD` is another rule's.
        if download.url.local || download.at.script.is_none() || is_own(&download.url.text) {
            continue;
        }
        let Some(usage) = download.uses.iter().find(|usage| is_asked(download, usage)) else { continue };
        let Some(one) = weightiest(scene, download, usage) else { continue };
        if one.run.is_of_agent() {
            continue;
        }
        let file = download.at.file();
        let is_of_image = one.run.stage.is_some() && file == one.run.file;
        let places = out.entry(((!is_of_image).then_some(file), download.url.text.clone())).or_default();
        places.push(one);
    }
    out
}

/// What lies in this repository, what it released, or what another of its jobs built, is its own.
fn is_own(url: &str) -> bool {
    let names_it = ["github.repository }}/", "${GITHUB_REPOSITORY}/", "$GITHUB_REPOSITORY/", "${CI_PROJECT_PATH}/"];
    url.starts_with("gh:./") || url.contains("/runs/") || names_it.iter().any(|name| url.contains(name))
}

fn weightiest<'s, 'a>(
    scene: &'s Scene<'a>,
    download: &'s Download<'a>,
    usage: &'s Use<'a>,
) -> Option<Followed<'s, 'a>> {
    // What becomes part of an image or of a release counts where that is made.
    let goes_on = |u: &&Use<'a>| matches!(u.kind, UseKind::InImage | UseKind::Published) && is_unchecked(&u.check);
    let later = download.uses.iter().filter(goes_on);
    let stops = [(download.routine, &download.at), (usage.routine, &usage.at)];
    let stops = stops.into_iter().chain(later.map(|u| (u.routine, &u.at)));
    let mut best: Option<Followed<'s, 'a>> = None;
    for (routine, by) in stops {
        let Some(home) = scene.flows.routines.get(routine).map(|r| r.home) else { continue };
        let Some(run) = reach::run_at(scene, home) else { continue };
        if best.as_ref().is_none_or(|known| run.weight() > known.run.weight()) {
            best = Some(Followed { download, usage, run, by, home, released: None });
        }
    }
    if let Some(best) = &mut best
        && best.run.impact().is_none()
    {
        best.released = Released::of(scene, best.run);
    }
    best
}

/// Whether nothing at all checks it.
pub(super) fn is_unchecked(check: &Checked<'_>) -> bool {
    matches!(check, Checked::No)
}

/// Whether an interpreter reads the download as it arrives.
pub(super) fn is_read_as_it_arrives(download: &Download<'_>, usage: &Use<'_>) -> bool {
    let is_printed = matches!(download.at.act().map(|a| &a.kind), Some(ActKind::Fetch { to: Output::Stdout, .. }));
    let reads = matches!(
        usage.at.act().map(|a| &a.kind),
        Some(ActKind::Interpret { input, .. }) if !matches!(input, Input::File(_))
    );
    usage.kind == UseKind::Interpreted && is_printed && reads
}

impl Followed<'_, '_> {
    /// Where it is fetched.
    pub(super) fn place(&self) -> Place {
        self.download.at.place
    }

    /// Severity, confidence and impact of running it unverified, and what to say of who does: what a job builds
    /// for another to put out goes there with it.
    pub(super) fn weigh(&self) -> (Severity, Confidence, Option<Impact>, String) {
        let url = &self.download.url;
        let (severity, confidence, impact) = download::weigh(self.run, url);
        let is_fixed = download::is_of_store(url) || download::fixity(url) == Fixity::Content;
        match &self.released {
            Some(released) if impact.is_none() && !is_fixed => {
                // As in an image: one version of a tool is worth a digest, and nobody has to stop for it.
                let moves = severity >= Severity::Medium;
                let severity = if moves { Severity::High } else { Severity::Medium };
                (severity, confidence, moves.then(|| released.impact()), released.held())
            }
            _ => {
                let held = if severity >= Severity::Medium { self.run.held() } else { String::new() };
                (severity, confidence, impact, held)
            }
        }
    }

    /// Adds the way from who starts it to the download, and what the place is for.
    pub(super) fn route<'r, 'g>(&self, scene: &Scene<'_>, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let mut draft = self.run.route(scene, draft);
        if let Some(released) = &self.released {
            draft = released.hop(draft);
        }
        if self.place().file != self.run.file {
            draft = draft.role(role_of(scene, self.home, self.run));
        }
        let mut text = self.step(scene);
        for (title, place) in &self.by.calls {
            draft = draft.via(std::mem::replace(&mut text, title.clone()), Some(*place));
        }
        draft = draft.via(text, Some(self.by.place));
        if self.by.place != self.place() {
            draft = draft.via("download", Some(self.place()));
        }
        match &self.released {
            Some(released) => released.seen(draft),
            None => draft,
        }
    }

    /// What to call the step, instruction or part.
    fn step(&self, scene: &Scene<'_>) -> String {
        let titled = |steps: &[Step]| steps.iter().find(|s| s.index == self.by.step).map(Step::title);
        match (self.home, self.run.action) {
            (Home::Block { document, .. }, _) => match scene.documents.get(document) {
                Some(Document::Commands(file)) => parts::title(scene.sources, file, self.by.step),
                _ => String::new(),
            },
            (Home::Stage { .. }, _) => "RUN".to_owned(),
            (Home::Local { .. }, _) => "command".to_owned(),
            (Home::Job { .. } | Home::Action { .. }, _) => {
                titled(self.run.steps).unwrap_or_else(|| format!("step {}", self.by.step + 1))
            }
        }
    }
}

/// Where several are fetched, the weightiest first. More than a few say no more.
pub(super) fn places(found: &[Followed<'_, '_>]) -> Vec<Place> {
    let mut out: Vec<Place> = main(found).into_iter().map(Followed::place).collect();
    for place in found.iter().map(Followed::place).take(MAX_PLACES) {
        if !out.contains(&place) {
            out.push(place);
        }
    }
    out
}

/// The weightiest of several.
pub(super) fn main<'f, 's, 'a>(found: &'f [Followed<'s, 'a>]) -> Option<&'f Followed<'s, 'a>> {
    let weight = |one: &Followed<'_, '_>| (one.run.weight(), one.released.is_some());
    found.iter().reduce(|best, next| if weight(next) > weight(best) { next } else { best })
}
