//! An action or reusable workflow under a name that can move.

use std::collections::BTreeMap;

use crate::diag::{Impact, Severity};
use crate::graph::ci::{self, Privilege};
use crate::graph::identity;
use crate::graph::kinds::workflow::{Job, Uses, Workflow};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "unpinned-action",
    title: "action under a name that can move",
    many: "{n} actions run under names that can move",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unpinned_action.md"),
    check,
};

/// Accounts whose code runs on the runner anyway.
const PLATFORM: &[&str] = &["actions", "github"];

/// One use of an action and what it reaches.
struct Use {
    place: Place,
    privilege: Option<Privilege>,
    route: Vec<(String, Option<Place>)>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let locked = locked_pins(scene);
    let mut uses: BTreeMap<String, (Uses, Vec<Use>)> = BTreeMap::new();
    for (workflow, job) in scene.jobs() {
        let privilege = scene.privilege(workflow, job);
        for used in job.uses.iter().chain(job.steps.iter().filter_map(|s| s.uses.as_ref())) {
            let route = route(workflow, job, &privilege);
            add(&mut uses, used, &locked, Use { place: Place::new(workflow.file, used.span), privilege: Some(privilege.clone()), route });
        }
    }
    for action in scene.actions() {
        for used in action.steps.iter().filter_map(|s| s.uses.as_ref()) {
            let place = Place::new(action.file, used.span);
            add(&mut uses, used, &locked, Use { place, privilege: None, route: Vec::new() });
        }
    }
    for (key, (name, found)) in uses {
        say(scene, report, &key, &name, &found);
    }
}

/// What GitHub's own lock holds, lower-cased `owner/repo@ref`.
fn locked_pins(scene: &Scene<'_>) -> Vec<String> {
    let pins = scene.actions_lock().into_iter().flat_map(|lock| &lock.pins);
    pins.filter(|p| p.commit.as_ref().is_some_and(|c| Uses::is_commit(&c.value))).map(|p| p.pin.value.to_ascii_lowercase()).collect()
}

fn add(uses: &mut BTreeMap<String, (Uses, Vec<Use>)>, used: &Spanned<Uses>, locked: &[String], found: Use) {
    let Uses::Repository { owner, repo, path, reference } = &used.value else { return };
    if Uses::is_commit(reference) || locked.contains(&format!("{owner}/{repo}@{reference}").to_ascii_lowercase()) {
        return;
    }
    let key = identity::action(owner, repo, path, reference);
    uses.entry(key).or_insert_with(|| (used.value.clone(), Vec::new())).1.push(found);
}

fn route(workflow: &Workflow, job: &Job, privilege: &Privilege) -> Vec<(String, Option<Place>)> {
    let mut route = vec![
        (ci::events(workflow), ci::trigger_place(workflow)),
        (format!("job {}", job.id.value), Some(Place::new(workflow.file, job.id.span))),
    ];
    if privilege.is_weighty() {
        route.push((privilege.describe(), privilege.shown_at().map(|span| Place::new(workflow.file, span))));
    }
    route
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, key: &str, name: &Uses, found: &[Use]) {
    let Uses::Repository { owner, path, reference, .. } = name else { return };
    let platform = PLATFORM.contains(&owner.to_ascii_lowercase().as_str());
    let weight = |u: &Use| u.privilege.as_ref().map_or(0, |p| impact(p).map_or(1, |i| if i == Impact::ReachesSecrets { 3 } else { 2 }));
    // The first of the weightiest uses is the line to change first.
    let Some(main) = found.iter().reduce(|best, next| if weight(next) > weight(best) { next } else { best }) else { return };
    let reaches = main.privilege.as_ref().and_then(impact);
    let (severity, reaches) = match (platform, reaches) {
        // Whoever can move these can also change the runner: a pin adds little.
        (true, _) => (Severity::Low, None),
        (false, Some(impact)) => (Severity::High, Some(impact)),
        (false, None) => (Severity::Medium, None),
    };
    let what = if path.contains(".github/workflows/") { "reusable workflow" } else { "action" };
    let mut draft = report
        .at(main.place, name.to_string())
        .severity(severity)
        .impact(reaches)
        .also(found.iter().map(|u| u.place))
        .content(name.to_string())
        .evidence("the workflow files: the reference is no full commit")
        .advise(format!("pin the commit that `{reference}` stands for today and keep the name as a comment: `{} # {reference}`", pinned(name)));
    if let Some(node) = scene.graph.find(key) {
        draft = draft.on(node);
    }
    for (text, place) in &main.route {
        draft = draft.via(text.clone(), *place);
    }
    let held = main.privilege.as_ref().filter(|p| reaches.is_some() && p.is_weighty()).map(|p| format!(" in a job that holds {}", p.describe()));
    draft.say(format!("{what} `{name}` can move{}", held.unwrap_or_default()));
}

fn impact(privilege: &Privilege) -> Option<Impact> {
    if !privilege.secrets.is_empty() || privilege.has_weighty_scope() {
        Some(Impact::ReachesSecrets)
    } else if !privilege.publishes.is_empty() {
        Some(Impact::ReachesRelease)
    } else if privilege.pushes_image.is_some() {
        Some(Impact::ReachesImage)
    } else {
        None
    }
}

fn pinned(name: &Uses) -> String {
    let text = name.to_string();
    text.rsplit_once('@').map_or(text.clone(), |(name, _)| format!("{name}@<commit>"))
}
