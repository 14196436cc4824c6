//! Trainings and builds as workflows.

use std::collections::BTreeSet;
use std::io;

use super::Whole;
use super::parts;
use crate::sbom::model::Process;
use crate::sbom::properties;
use crate::sbom::write::json::Json;

/// Types of tasks that the format knows.
const TASKS: &[&str] =
    &["copy", "clone", "lint", "scan", "merge", "build", "test", "deliver", "deploy", "release", "clean", "other"];

/// How the parts were made.
pub(super) fn formulation(json: &mut Json<'_>, whole: &Whole<'_>) -> io::Result<()> {
    if whole.bom.processes.is_empty() {
        return Ok(());
    }
    json.list("formulation", [&whole.bom.processes], |json, all| {
        json.object(|json| json.list("workflows", all, |json, one| json.object(|json| workflow(json, whole, one))))
    })
}

fn workflow(json: &mut Json<'_>, whole: &Whole<'_>, one: &Process) -> io::Result<()> {
    let known = |id: &&String| whole.bom.component(id).is_some();
    let task = if TASKS.contains(&one.task.as_str()) { &one.task } else { "other" };
    json.text("bom-ref", &one.id)?;
    json.text("uid", &one.id)?;
    json.maybe("name", Some(&one.name))?;
    json.texts("taskTypes", [task])?;
    // Steps are unique in the format: one that is followed twice is told where it is followed first.
    let mut seen = BTreeSet::new();
    json.list("steps", one.steps.iter().filter(known).filter(|id| seen.insert(id.as_str())), |json, id| {
        json.object(|json| {
            json.maybe("name", whole.bom.component(id).map(|one| one.name.as_str()))?;
            parts::properties(json, &vec![(properties::STEP.to_owned(), id.clone())])
        })
    })?;
    let parts_in = one.inputs.iter().filter(known).map(Some);
    // What it is set to is one input, behind the parts that go in.
    let settings = (!one.parameters.is_empty()).then_some(None);
    json.list("inputs", parts_in.chain(settings), |json, id| {
        json.object(|json| match id {
            Some(id) => reference(json, id),
            None => json.list("parameters", &one.parameters, |json, (name, value)| {
                json.object(|json| {
                    json.text("name", name)?;
                    json.maybe("value", Some(value))
                })
            }),
        })
    })?;
    json.list("outputs", one.outputs.iter().filter(known), |json, id| {
        json.object(|json| {
            json.text("type", "artifact")?;
            reference(json, id)
        })
    })?;
    let mut said: parts::Said =
        one.evidence.iter().map(|at| (properties::EVIDENCE.to_owned(), parts::evidence(at))).collect();
    if task != one.task {
        said.push((properties::TASK.to_owned(), one.task.clone()));
    }
    parts::properties(json, &said)
}

fn reference(json: &mut Json<'_>, id: &str) -> io::Result<()> {
    json.object_at("resource", |json| json.text("ref", id))
}
