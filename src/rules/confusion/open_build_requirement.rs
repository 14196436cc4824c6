//! Build tools of releases that are looked up while the release is made.
//!
//! `[build-system] requires` is in no lock: each build takes the newest that fits. For those who build at
//! home that is right; where releases are made, whoever publishes the newest build tool has a hand in them.

use std::collections::BTreeSet;

use crate::commands::ActKind;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::python::{Form, Group, Requirement};
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::graph::python::Project;
use crate::rules::{Reporter, Rule, Scene, python};
use crate::source::{Place, Role};

pub(super) static RULE: Rule = Rule {
    id: "open-build-requirement",
    title: "releases built with whatever build tool is newest",
    many: "{n} projects are released with whatever build tool is newest",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("open_build_requirement.md"),
    check,
};

/// Lines one finding stands for.
const PLACES: usize = 20;

/// Programs that upload distributions, as `commands` names them.
const UPLOADS: &[&str] = &[
    "twine upload",
    "uv publish",
    "poetry publish",
    "pdm publish",
    "hatch publish",
    "flit publish",
    "maturin publish",
];

/// What holds build tools where it stands in a workflow.
const HOLDS: &[&str] =
    &["PIP_CONSTRAINT", "BUILD_CONSTRAINT", "--build-constraint", "--no-isolation", "--no-build-isolation"];

/// What makes a build or an upload one of whichever project the workflow is started for.
const ANY: &[&str] = &["working-directory: ${{", "cd ${{", "cd \"${{", "cd \"$", "--all-packages", "--package "];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let uploads: Vec<Upload<'_>> = scene.workflows().filter_map(|workflow| Upload::of(scene, workflow)).collect();
    if uploads.is_empty() {
        return;
    }
    let open: Vec<(&Project, &Upload<'_>, Vec<&Requirement>)> = scene
        .python
        .projects
        .iter()
        .filter(|p| p.role == Role::Product)
        .filter_map(|project| {
            let file = scene.pyproject(project.document)?;
            let is_released = file.form == Form::Project && file.has_build_system && file.name.is_some();
            let open: Vec<&Requirement> = file.requirements.iter().filter(|r| is_open(r)).collect();
            if !is_released || file.unpublished || open.is_empty() {
                return None;
            }
            let folder = scene.sources.get(project.file)?.path.parent();
            Some((project, uploads.iter().find(|upload| upload.releases(folder.as_str()))?, open))
        })
        .collect();
    let Some((project, upload, first)) = open.first().and_then(|(p, upload, open)| Some((*p, *upload, *open.first()?)))
    else {
        return;
    };
    let names: BTreeSet<String> =
        open.iter().flat_map(|(.., open)| open).map(|r| python::normal(&r.name.value)).collect();
    let more = if open.len() > 1 { format!(", in {} projects", open.len()) } else { String::new() };
    report
        .at(Place::new(project.file, first.span), "newest that fits")
        .about("distribution", python::normal(&first.name.value), None)
        .confidence(Confidence::Medium)
        .role(project.role)
        .also(
            open.iter()
                .flat_map(|(project, _, open)| open.iter().map(|r| Place::new(project.file, r.span)))
                .take(PLACES),
        )
        .via(upload.job.to_owned(), Some(upload.place))
        .content(project.name.as_deref().unwrap_or(""))
        .evidence(format!(
            "the build tables, and {} which uploads distributions and names no constraints",
            scene.sources.path(upload.workflow.file)
        ))
        .advise("hold the build tools in the job that makes releases: PIP_CONSTRAINT or UV_BUILD_CONSTRAINT with a file of exact versions; the ranges in the project may stay")
        .say(format!(
            "releases are built with the newest {} of the day{more}, which no lock holds",
            python::list(names.iter().map(String::as_str))
        ));
}

/// A build requirement that more than one version meets.
fn is_open(requirement: &Requirement) -> bool {
    requirement.group == Group::Build && python::open(requirement).is_some()
}

/// A workflow that uploads distributions and holds no build tools.
struct Upload<'a> {
    workflow: &'a Workflow,
    text: &'a str,
    /// The job that uploads.
    job: &'a str,
    place: Place,
}

impl<'a> Upload<'a> {
    fn of(scene: &Scene<'a>, workflow: &'a Workflow) -> Option<Self> {
        let job = workflow.jobs.iter().find(|job| uploads(job))?;
        let holds = |text: &str| HOLDS.iter().any(|word| text.contains(word));
        let pairs = workflow.jobs.iter().flat_map(|j| j.env.iter().chain(j.steps.iter().flat_map(|s| &s.env)));
        let scripts = || workflow.jobs.iter().flat_map(|j| &j.steps).filter_map(|s| s.run.as_ref());
        let is_held = workflow.env.iter().chain(pairs).any(|(name, _)| holds(&name.value))
            || scripts().any(|run| holds(&run.text.text));
        if is_held {
            return None;
        }
        Some(Self {
            workflow,
            text: scene.sources.get(workflow.file).map_or("", |file| file.text.as_str()),
            job: job.id.value.as_str(),
            place: Place::new(workflow.file, job.id.span),
        })
    }

    /// Whether the project of a folder is among those that it releases, as far as the text tells: a folder
    /// below the root has to be named, unless the folder is an expression.
    fn releases(&self, folder: &str) -> bool {
        let names = |(at, _): (usize, &str)| {
            let rest = self.text.get(at + folder.len()..).unwrap_or("");
            !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        };
        folder.is_empty()
            || self.text.match_indices(folder).any(names)
            || ANY.iter().any(|word| self.text.contains(word))
    }
}

fn uploads(job: &Job) -> bool {
    job.steps.iter().any(|step| {
        let by_action = step.uses.as_ref().is_some_and(|uses| match &uses.value {
            Uses::Repository { repo, .. } => repo.contains("pypi-publish"),
            _ => false,
        });
        let mut acts = step.run.iter().flat_map(|run| &run.acts);
        by_action || acts.any(|act| matches!(&act.kind, ActKind::Publish { what, .. } if UPLOADS.contains(what)))
    })
}
