//! A job that runs what others wrote and holds what publishes.

use super::reach;
use super::releasing::{self, Release, Shelf};
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "build-and-publish-in-one-job",
    title: "a job builds and publishes",
    many: "{n} jobs build and publish",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("build_and_publish_in_one_job.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::runs(scene) {
        let Some(holder) = releasing::holder(run) else { continue };
        let releases = releasing::releases(run);
        // An image is built where it is pushed; what is built there runs inside of it.
        let registry = |r: &&Release<'_>| matches!(r.shelf, Shelf::PyPi | Shelf::Npm | Shelf::Crates | Shelf::Other);
        let main = releases.iter().find(registry).or_else(|| releases.iter().find(|r| r.shelf == Shelf::Files));
        let Some((release, (built, place))) = main.and_then(|r| Some((r, releasing::builds(run)?))) else { continue };
        let privilege = &holder.privilege;
        let identity = privilege.writes.iter().any(|s| matches!(s.as_str(), "id-token" | "*"));
        let (severity, confidence) = match (registry(&release), identity || !privilege.secrets.is_empty()) {
            (true, true) => (Severity::Medium, Confidence::Medium),
            _ => (Severity::Low, Confidence::Medium),
        };
        // One step that does both cannot be parted by moving steps.
        if place.span == release.place.span {
            continue;
        }
        let held = Some(privilege.holds()).filter(|held| !held.is_empty()).unwrap_or("the job's token".to_owned());
        let draft = report
            .at(release.place, "publishes")
            .severity(severity)
            .confidence(confidence)
            .about("job", holder.job.id.value.clone(), None)
            .content(format!("{built} {}", release.what))
            .related(place, format!("runs what others wrote: {built}"));
        let draft = holder
            .hops(draft)
            .via(built.clone(), Some(place))
            .via(held.clone(), privilege.shown_at().map(|span| Place::new(holder.workflow.file, span)));
        draft
            .evidence("code that a dependency runs while it is installed or built can read what the job publishes with")
            .advise(
                "build in a job that holds nothing, hand the result over as an artifact, and publish it from a second job \
                 that runs nothing else",
            )
            .say(format!(
                "job {} runs `{built}` and publishes by {}, so what runs there reaches {held}",
                holder.job.id.value, release.what
            ));
    }
}
