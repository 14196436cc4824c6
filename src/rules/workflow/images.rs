//! Stages of Dockerfiles as runs of scripts: who builds them, and what unverified code in them reaches.
//!
//! A `RUN` does not see the job's token or secrets; it sees what `--mount=type=secret` hands to it. What
//! it does see is the image, which others run once it is pushed.

use std::collections::BTreeSet;

use super::reach::{Calls, Holder, Run, holder_under};
use crate::diag::Impact;
use crate::graph::Document;
use crate::graph::flow::Home;
use crate::graph::images::{Build, ImageFile};
use crate::graph::kinds::docker::{Base, Dockerfile, Instruction, InstructionKind, Stage};
use crate::graph::kinds::workflow::{ActionDefinition, Step};
use crate::rules::{Draft, Scene};
use crate::source::Place;

/// A stage and the step that builds it.
#[derive(Debug, Clone)]
pub(crate) struct StageRun<'a> {
    /// Its file.
    pub(crate) dockerfile: &'a Dockerfile,
    /// The stage.
    pub(crate) stage: &'a Stage,
    /// The weightiest build that needs it; none where no workflow of the tree builds it.
    pub(crate) build: Option<StageBuild<'a>>,
    /// One of its commands is handed a secret.
    pub(crate) mounts_secret: bool,
}

/// A step that builds a stage.
#[derive(Debug, Clone)]
pub(crate) struct StageBuild<'a> {
    /// Where it says so.
    place: Place,
    /// The image is sent away.
    pushes: bool,
    /// The step.
    step: Option<&'a Step>,
    /// The job, if it stands in one.
    holder: Option<Holder<'a>>,
}

impl<'a> StageRun<'a> {
    /// What unverified code in it reaches.
    pub(crate) fn impact(&self) -> Option<Impact> {
        let build = self.build.as_ref()?;
        if self.mounts_secret { Some(Impact::ReachesSecrets) } else { build.pushes.then_some(Impact::ReachesImage) }
    }

    /// How much there is to gain.
    pub(crate) fn weight(&self) -> u8 {
        match (self.impact(), &self.build) {
            (Some(Impact::ReachesSecrets), _) => 3,
            (Some(_), _) => 2,
            (None, Some(_)) => 1,
            (None, None) => 0,
        }
    }

    /// What it reaches, as the end of a sentence.
    pub(crate) fn held(&self) -> String {
        let job = self.build.as_ref().and_then(|b| b.holder.as_ref()).map(|h| format!(" job {}", h.job.id.value));
        match self.impact() {
            Some(Impact::ReachesSecrets) => " in a build that is handed a secret".to_owned(),
            Some(_) => match job {
                Some(job) => format!(" in an image that{job} pushes"),
                None => " in an image that is pushed".to_owned(),
            },
            None => String::new(),
        }
    }

    /// Adds the hops from the trigger to the stage.
    pub(crate) fn route<'r, 'g>(&self, mut draft: Draft<'r, 'g>) -> Draft<'r, 'g> {
        if let Some(build) = &self.build {
            if let Some(holder) = &build.holder {
                draft = holder.hops(draft);
            }
            let title = build.step.map_or_else(|| "build".to_owned(), Step::title);
            draft = draft.via(title, Some(build.place));
        }
        draft.via(self.title(), Some(Place::new(self.dockerfile.file, self.stage.from.span)))
    }

    fn title(&self) -> String {
        let is_nameless = self.stage.name.is_none();
        if is_nameless && self.dockerfile.stages.len() == 1 { "image".to_owned() } else { self.stage.title() }
    }
}

/// Every stage of every Dockerfile.
pub(crate) fn stage_runs<'a>(scene: &Scene<'a>, calls: &Calls<'a>) -> Vec<Run<'a>> {
    let mut out = Vec::new();
    for (index, document) in scene.documents.iter().enumerate() {
        let Document::Dockerfile(dockerfile) = document else { continue };
        let needed = needed(dockerfile, scene.images.of_document(index));
        for stage in &dockerfile.stages {
            let build = needed.iter().find(|(_, stages)| stages.contains(&stage.index)).map(|(build, _)| *build);
            let stage_run = StageRun {
                dockerfile,
                stage,
                build: build.map(|b| stage_build(scene, calls, b)),
                mounts_secret: stage.instructions.iter().any(mounts_secret),
            };
            let home = Home::Stage { document: index, stage: stage.index };
            out.push(Run { stage: Some(stage_run), ..Run::new(home, dockerfile.file) });
        }
    }
    out
}

fn stage_build<'a>(scene: &Scene<'a>, calls: &Calls<'a>, build: &Build) -> StageBuild<'a> {
    let (step, holder) = match (scene.documents.get(build.document), build.job) {
        (Some(Document::Workflow(workflow)), Some(job)) => {
            let job = workflow.jobs.get(job);
            let step = job.and_then(|j| j.steps.get(build.step));
            let condition = step.and_then(|s| s.condition.as_ref()).map_or("", |c| c.value.as_str());
            (step, job.map(|job| holder_under(calls, workflow, job, condition)))
        }
        (Some(Document::Action(ActionDefinition { steps, .. })), _) => (steps.get(build.step), None),
        _ => (None, None),
    };
    StageBuild { place: build.place, pushes: build.pushes, step, holder }
}

/// Builds looked at for one Dockerfile; the weightiest come first.
const MAX_BUILDS: usize = 32;

/// The builds of a file, each with the stages it needs: BuildKit leaves out the others.
fn needed<'v>(dockerfile: &Dockerfile, image: Option<&'v ImageFile>) -> Vec<(&'v Build, BTreeSet<usize>)> {
    let builds = image.map_or(&[][..], |i| i.builds.as_slice());
    builds.iter().take(MAX_BUILDS).map(|build| (build, stages_of(dockerfile, build.target.as_deref()))).collect()
}

/// The stages that one of them, or the last, is made of.
fn stages_of(dockerfile: &Dockerfile, target: Option<&str>) -> BTreeSet<usize> {
    let all = || (0..dockerfile.stages.len()).collect();
    let start = match target {
        Some(name) => {
            let named = |s: &&Stage| s.name.as_ref().is_some_and(|n| n.value.eq_ignore_ascii_case(name));
            dockerfile.stages.iter().rev().find(named).map(|s| s.index)
        }
        None => dockerfile.stages.len().checked_sub(1),
    };
    // A target put in by an expression may be any.
    let Some(start) = start else { return all() };
    let mut out = BTreeSet::new();
    let mut queue = vec![start];
    while let Some(index) = queue.pop() {
        let Some(stage) = dockerfile.stages.get(index).filter(|_| out.insert(index)) else { continue };
        for base in bases(dockerfile, stage) {
            match base {
                Base::Stage(parent) => queue.push(parent),
                Base::Unknown(_) => return all(),
                _ => {}
            }
        }
    }
    out
}

/// Everything a stage takes files from.
fn bases(dockerfile: &Dockerfile, stage: &Stage) -> Vec<Base> {
    let mut out = vec![stage.base.clone()];
    for instruction in &stage.instructions {
        match &instruction.kind {
            InstructionKind::Copy(copy) => out.extend(copy.from.iter().map(|(_, base)| base.clone())),
            InstructionKind::Run { mounts, .. } => {
                out.extend(mounts.iter().filter_map(|m| dockerfile.mounted_from(stage.index, &m.value)));
            }
            _ => {}
        }
    }
    out
}

fn mounts_secret(instruction: &Instruction) -> bool {
    let InstructionKind::Run { mounts, .. } = &instruction.kind else { return false };
    mounts.iter().any(|m| m.value.split(',').any(|part| matches!(part.trim(), "type=secret" | "type=ssh")))
}
