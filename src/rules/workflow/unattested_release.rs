//! A release of which nobody can tell what it was built from.

use std::collections::BTreeMap;

use super::reach;
use super::releasing::{self, Release, Shelf};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::{Job, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "unattested-release",
    title: "a release without provenance",
    many: "{n} jobs release without provenance",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unattested_release.md"),
    check,
};

/// Why a release has no provenance.
enum Lack {
    /// Somebody turned it off, there.
    Off(Place, String),
    /// Nobody asked for it.
    Unasked,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let calls = reach::calls(scene);
    let elsewhere = scene.workflows().find(|workflow| releasing::does_vouch(workflow));
    // Asked once for a workflow, however many of its jobs release.
    let mut by_file: BTreeMap<FileId, bool> = BTreeMap::new();
    for run in reach::runs(scene) {
        let Some(holder) = releasing::holder(run) else { continue };
        let releases = releasing::releases(run);
        if releases.is_empty() {
            continue;
        }
        let workflow = holder.workflow;
        let vouched = *by_file.entry(workflow.file).or_insert_with(|| releasing::vouches(scene, calls, workflow));
        let lacking: Vec<(&Release<'_>, Lack)> = releases
            .iter()
            .filter_map(|r| Some((r, lack(run.file, holder.workflow, holder.job, r, vouched)?)))
            .collect();
        // What somebody turned off is the more telling one.
        let off = lacking.iter().find(|(_, lack)| matches!(lack, Lack::Off(..)));
        let Some((first, lack)) = off.or(lacking.first()) else { continue };
        let other = elsewhere.filter(|w| w.file != holder.workflow.file);
        let (severity, confidence, place) = match lack {
            Lack::Off(place, _) => (Severity::Medium, Confidence::Medium, *place),
            Lack::Unasked if other.is_some() => (Severity::Medium, Confidence::Low, first.place),
            Lack::Unasked => (Severity::Low, Confidence::Medium, first.place),
        };
        let mut draft = report
            .at(place, "nothing vouches for it")
            .severity(severity)
            .confidence(confidence)
            .about("job", holder.job.id.value.clone(), None)
            .content(first.what.clone())
            .also(lacking.iter().map(|(release, _)| release.place));
        draft = holder.hops(draft);
        if let Lack::Off(_, what) = lack {
            draft = draft.evidence(format!("`{what}`"));
        } else if let Some(other) = other {
            let at = Place::new(other.file, other.triggers.first().map(|t| t.name.span).unwrap_or_default());
            draft = draft.related(at, "another workflow attests what it makes");
        }
        draft.advise(advice(first.shelf)).say(format!(
            "what job {} releases by {} has no provenance{}",
            holder.job.id.value,
            first.what,
            if matches!(lack, Lack::Off(..)) { ": it is turned off" } else { "" }
        ));
    }
}

/// Why a release lacks provenance; none where it has it, or where its registry keeps none.
fn lack(file: FileId, workflow: &Workflow, job: &Job, release: &Release<'_>, vouched: bool) -> Option<Lack> {
    let step = release.step;
    let text = step.run.as_ref().map_or("", |run| run.text.text.as_str());
    let is_false = |input: &str| step.input(input).filter(|v| v.value.trim() == "false");
    let off = |input: &str| is_false(input).map(|v| Lack::Off(Place::new(file, v.span), format!("{input}: false")));
    match release.shelf {
        Shelf::PyPi => {
            // The action attests by itself where the job's identity publishes.
            let by_action = release.what.eq_ignore_ascii_case("pypa/gh-action-pypi-publish");
            let no_token = step.input("password").is_none_or(|v| v.value.trim().is_empty());
            off("attestations").or_else(|| {
                let has = vouched || (by_action && no_token) || text.contains("--attestations");
                (!has).then_some(Lack::Unasked)
            })
        }
        Shelf::Npm => {
            let envs = || step.env.iter().chain(&job.env).chain(&workflow.env);
            let named = |name: &str| envs().find(|(n, _)| n.value.eq_ignore_ascii_case(name)).map(|(_, v)| v);
            let off_by = named("npm_config_provenance").filter(|v| v.value == "false");
            if let Some(value) = off_by {
                return Some(Lack::Off(Place::new(file, value.span), "NPM_CONFIG_PROVENANCE: false".to_owned()));
            }
            if text.contains("--provenance=false") || text.contains("--no-provenance") {
                return Some(Lack::Off(release.place, "--no-provenance".to_owned()));
            }
            // A publisher that npm trusts has provenance made by itself; it uses no token.
            let permissions = job.permissions.as_ref().or(workflow.permissions.as_ref());
            let identity = permissions.is_some_and(|p| p.writes().iter().any(|s| matches!(*s, "id-token" | "*")));
            let trusted = identity && named("node_auth_token").is_none() && named("npm_token").is_none();
            let asked = named("npm_config_provenance").is_some()
                || text.contains("--provenance")
                || text.contains("provenance=true");
            (!(trusted || asked || vouched)).then_some(Lack::Unasked)
        }
        Shelf::Files => (!vouched).then_some(Lack::Unasked),
        Shelf::Images => {
            // Buildx adds a statement of its own unless it is told not to.
            let by_action = release.what.starts_with("docker/");
            let told_not = is_false("provenance").is_some();
            let by_option = text.contains("type=provenance") || text.contains("--provenance");
            (!vouched && !by_option && (!by_action || told_not)).then_some(Lack::Unasked)
        }
        Shelf::Crates | Shelf::Other => None,
    }
}

fn advice(shelf: Shelf) -> &'static str {
    match shelf {
        Shelf::PyPi => "publish as a trusted publisher with pypa/gh-action-pypi-publish, which attests by itself",
        Shelf::Npm => "publish as a trusted publisher, or by `npm publish --provenance` with `id-token: write`",
        Shelf::Images => {
            "add actions/attest-build-provenance with the digest of the image and `push-to-registry: true`"
        }
        Shelf::Files | Shelf::Crates | Shelf::Other => {
            "add actions/attest-build-provenance with the files as subjects, before they are released"
        }
    }
}
