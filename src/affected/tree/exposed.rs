//! Jobs that run what is asked for, and which secrets each could read.

use std::collections::BTreeMap;

use crate::affected::Answer;
use crate::affected::Standing;
use crate::affected::answer::Exposed;
use crate::affected::net::Net;
use crate::affected::net::Reached;
use crate::graph::Document;
use crate::graph::ci::Privilege;
use crate::graph::ci::privilege;
use crate::graph::kinds::workflow::Job;
use crate::graph::kinds::workflow::Service;
use crate::graph::kinds::workflow::Workflow;
use crate::rules::Scene;
use crate::sbom::model::Occurrence;
use crate::source::Place;

/// The jobs that reach a part, without their secrets: a saved graph knows no more.
pub(super) fn jobs_of(net: &Net, reached: &Reached) -> Vec<Exposed> {
    let parts = reached.of(net, "job").filter_map(|at| net.parts.get(at));
    parts
        .filter_map(|part| {
            let spot = part.spots.first()?;
            Some(Exposed { name: name(&spot.path, &part.name), at: spot.clone(), secrets: Vec::new() })
        })
        .collect()
}

fn name(path: &str, job: &str) -> String {
    let file = path.rsplit('/').next().unwrap_or(path);
    format!("{file}: job {job}")
}

/// What a job holds.
struct Holds {
    secrets: Vec<String>,
    makes: Vec<String>,
}

/// What the jobs of a tree hold, by file and line.
pub(super) struct Exposure {
    by_spot: BTreeMap<(String, u32), Holds>,
}

impl Exposure {
    pub(super) fn of(scene: &Scene<'_>) -> Self {
        let mut by_spot = BTreeMap::new();
        for (workflow, job) in scene.pipeline_jobs() {
            let place = Place::new(workflow.file, job.id.span);
            let spot = (scene.sources.path(workflow.file).to_owned(), scene.sources.start(place).line);
            let held = scene.trust.of(workflow, job).map(|trust| trust.privilege.clone());
            let held = held.unwrap_or_else(|| privilege(workflow, job));
            let makes = makes(&held, &name(&spot.0, &job.id.value));
            by_spot.insert(spot, Holds { secrets: secrets(workflow, job, &held), makes });
        }
        Self { by_spot }
    }

    /// Puts secrets to the jobs of an answer, and what these publish among what is to be made again.
    pub(super) fn tell(&self, answer: &mut Answer) {
        if answer.standing == Standing::No {
            return;
        }
        for job in &mut answer.jobs {
            if let Some(holds) = self.by_spot.get(&(job.at.path.clone(), job.at.line)) {
                job.secrets.clone_from(&holds.secrets);
                answer.rebuild.extend(holds.makes.iter().cloned());
            }
        }
    }
}

/// The names of what a job could read.
fn secrets(workflow: &Workflow, job: &Job, held: &Privilege) -> Vec<String> {
    let mut out: Vec<String> = held
        .secrets
        .iter()
        .map(|secret| match secret.value.as_str() {
            "*" => "all secrets of the repository".to_owned(),
            name => name.to_owned(),
        })
        .collect();
    out.sort();
    out.dedup();
    if let Some(environment) = &job.environment {
        out.push(format!("secrets of the environment {}", environment.value));
    }
    if workflow.service == Service::GitHub {
        let scopes: Vec<String> = held
            .writes
            .iter()
            .map(|scope| if scope == "*" { "everything: write".to_owned() } else { format!("{scope}: write") })
            .collect();
        out.push(match (held.token_unknown, scopes.as_slice()) {
            (true, _) => "GITHUB_TOKEN (rights as the repository sets them)".to_owned(),
            (false, []) => "GITHUB_TOKEN (read)".to_owned(),
            (false, scopes) => format!("GITHUB_TOKEN ({})", scopes.join(", ")),
        });
    }
    out
}

/// What a job puts out.
fn makes(held: &Privilege, job: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut by: Vec<&str> = held.publishes.iter().map(|what| what.value.as_str()).collect();
    by.sort_unstable();
    by.dedup();
    if !by.is_empty() {
        out.push(format!("what {job} publishes by {}", by.join(", ")));
    }
    if let Some(image) = &held.pushes_image {
        out.push(format!("images that {job} pushes by {}", image.value));
    }
    out
}

/// The job in which a place stands.
pub(super) fn job_at(scene: &Scene<'_>, place: Place) -> Option<Exposed> {
    let workflow = scene.documents.iter().find_map(|document| match document {
        Document::Workflow(workflow) if workflow.file == place.file => Some(workflow),
        _ => None,
    })?;
    let job = workflow.jobs.iter().rfind(|job| job.id.span.start <= place.span.start)?;
    let path = scene.sources.path(workflow.file).to_owned();
    let line = scene.sources.start(Place::new(workflow.file, job.id.span)).line;
    let name = name(&path, &job.id.value);
    Some(Exposed { name, at: Occurrence { path, line, how: None }, secrets: Vec::new() })
}
