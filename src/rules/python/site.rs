//! Who runs an install, and what that reaches.

use std::collections::BTreeMap;

use crate::diag::Impact;
use crate::graph::Document;
use crate::graph::parts;
use crate::graph::python::{Install, Purpose, Site};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Draft, Scene};
use crate::source::{FileId, Place, Span};

/// Jobs, actions and images by the sites of commands.
pub(crate) struct Sites<'s, 'a> {
    scene: &'s Scene<'a>,
    runs: &'a [Run<'a>],
    /// Runs by file and start of the job; of an action by file alone.
    by: BTreeMap<(FileId, Option<u64>), usize>,
}

impl<'s, 'a> Sites<'s, 'a> {
    /// Those of a tree.
    pub(crate) fn of(scene: &'s Scene<'a>) -> Self {
        let runs = if scene.python.installs.is_empty() { &[] } else { reach::runs(scene) };
        let key = |run: &Run<'_>| {
            let job = run.job().map(|(_, job)| job.id.span.start);
            (run.file, job)
        };
        let by = runs.iter().enumerate().map(|(index, run)| (key(run), index)).collect();
        Self { scene, runs, by }
    }

    fn run(&self, site: Site) -> Option<&Run<'a>> {
        let key = match site {
            Site::Step { document, job, .. } => match self.scene.documents.get(document)? {
                Document::Workflow(w) => (w.file, Some(w.jobs.get(job)?.id.span.start)),
                _ => return None,
            },
            Site::Action { document, .. } => (self.scene.documents.get(document)?.file(), None),
            Site::Image { .. } | Site::Block { .. } => return None,
        };
        self.by.get(&key).and_then(|index| self.runs.get(*index))
    }

    /// What code that the command installs reaches: secrets or a release of its job, an image that is
    /// pushed.
    pub(crate) fn impact(&self, install: &Install) -> Option<Impact> {
        match install.starts_at() {
            Site::Image { document, .. } => {
                let file = self.scene.images.of_document(document)?;
                file.builds.iter().any(|b| b.pushes).then_some(Impact::ReachesImage)
            }
            site => self.run(site)?.impact(),
        }
    }

    /// Whether the job of the command publishes something.
    pub(crate) fn publishes(&self, install: &Install) -> bool {
        let holder = self.run(install.starts_at()).and_then(|run| run.holder.as_ref());
        holder.is_some_and(|h| !h.privilege.publishes.is_empty())
    }

    /// What the job holds, where it matters: ` in a job that ..`.
    pub(crate) fn held(&self, install: &Install) -> String {
        self.run(install.starts_at()).map(Run::held).unwrap_or_default()
    }

    /// Adds the hops from whoever starts it to the command.
    pub(crate) fn route<'r, 'g>(&self, install: &Install, draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        let scene = self.scene;
        let draft = match install.starts_at() {
            Site::Image { document, stage, .. } => {
                let mut draft = draft;
                if let Some(build) = scene.images.of_document(document).and_then(|f| f.builds.first()) {
                    let verb = if build.pushes { "builds and pushes" } else { "builds" };
                    let path = scene.documents.get(document).map_or("", |d| scene.sources.path(d.file()));
                    draft = draft
                        .via(format!("{} {verb} {path}", job_of(scene, build.document, build.job)), Some(build.place));
                }
                let stage = scene.dockerfile(document).and_then(|f| f.stages.get(stage));
                match stage {
                    Some(stage) => {
                        let file = scene.documents.get(document).map_or(install.place.file, |d| d.file());
                        draft.via(stage.title(), Some(Place::new(file, stage.from.span)))
                    }
                    None => draft,
                }
            }
            // A part of a file that people run.
            Site::Block { document, block } => match scene.documents.get(document) {
                Some(Document::Commands(file)) => {
                    draft.via(parts::title(scene.sources, file, block), Some(install.place))
                }
                _ => draft,
            },
            site => match self.run(site) {
                Some(run) => run.route(scene, draft),
                None => draft,
            },
        };
        // The scripts and targets in between, each where it is called.
        let hops = install.caller.iter().flat_map(|caller| &caller.hops);
        hops.fold(draft, |draft, (text, place)| draft.via(text.clone(), Some(*place)))
    }

    /// The script or instruction a command stands in.
    pub(crate) fn script(&self, site: Site) -> Option<Place> {
        let documents = self.scene.documents;
        let step = |file: FileId, step: &crate::graph::kinds::workflow::Step| {
            step.run.as_ref().map(|script| Place::new(file, script.span))
        };
        match site {
            Site::Step { document, job, step: index } => match documents.get(document)? {
                Document::Workflow(w) => step(w.file, w.jobs.get(job)?.steps.get(index)?),
                _ => None,
            },
            Site::Action { document, step: index } => match documents.get(document)? {
                Document::Action(a) => step(a.file, a.steps.get(index)?),
                _ => None,
            },
            Site::Image { document, stage, instruction } => {
                let file = self.scene.dockerfile(document)?;
                let span: Span = file.stages.get(stage)?.instructions.get(instruction)?.span;
                Some(Place::new(file.file, span))
            }
            Site::Block { document, block } => match documents.get(document)? {
                Document::Commands(file) => {
                    let script = file.blocks.get(block)?.script.as_ref()?;
                    Some(Place::new(file.file, script.span))
                }
                _ => None,
            },
        }
    }
}

/// The job of a build, in a few words.
fn job_of(scene: &Scene<'_>, document: usize, job: Option<usize>) -> String {
    match (scene.documents.get(document), job) {
        (Some(Document::Workflow(w)), Some(job)) => {
            w.jobs.get(job).map_or_else(|| "a job".to_owned(), |j| format!("job {}", j.id.value))
        }
        _ => "an action".to_owned(),
    }
}

/// What a command is called: `pip install`, `uv sync`, `uvx`.
pub(crate) fn command(install: &Install) -> String {
    let verb = install.verb.trim();
    if verb.is_empty() { install.manager.clone() } else { format!("{} {verb}", install.manager) }
}

/// Where something is installed, for a sentence.
pub(crate) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Image => "an image",
        Purpose::Application => "an application",
        Purpose::Ci => "a job",
        Purpose::Development => "development",
        Purpose::Library => "a library",
    }
}
