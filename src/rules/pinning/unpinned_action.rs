//! An action or reusable workflow under a name that can move.

use std::collections::BTreeMap;

use super::held::Held;
use super::reference::{PLATFORM, Reference, advice, setting};
use crate::diag::{Edit, Impact, Severity};
use crate::graph::ci::pins::By;
use crate::graph::identity;
use crate::graph::kinds::workflow::Uses;
use crate::rules::edits::{Pinned, pin};
use crate::rules::versionless::versionless;
use crate::rules::workflow::reach::{self, Run};
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

/// One use of an action.
struct Use<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let held = Held::of(scene);
    let runs = reach::runs(scene);
    let mut uses: BTreeMap<String, (Uses, Vec<Use<'_, '_>>)> = BTreeMap::new();
    for run in runs {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        for used in called.into_iter().chain(run.steps.iter().filter_map(|s| s.uses.as_ref())) {
            if !held.is_held(scene, run, &used.value) {
                add(&mut uses, used, Use { place: Place::new(run.file, used.span), run });
            }
        }
    }
    for (key, (name, found)) in &uses {
        say(scene, report, key, name, found);
    }
}

/// The edits that put every place to the commit that is known for the name, and who knows it.
fn fix(scene: &Scene<'_>, name: &Uses, found: &[Use<'_, '_>]) -> Option<(Vec<Edit>, String)> {
    let Uses::Repository { owner, repo, reference, .. } = name else { return None };
    let repository = format!("{owner}/{repo}");
    let setting = setting(&repository, reference);
    let known = scene.pins.commit(&repository, setting.take)?;
    // Where two lines of the tree agree, a branch may have moved between them.
    if matches!(known.by, By::Tree(_)) && Reference::of(owner, repo, reference) != Reference::Version {
        return None;
    }
    let said = match &known.by {
        By::Asked(_) => known.name.as_deref().unwrap_or(setting.take),
        By::Lock(_) | By::Tree(_) => setting.take,
    };
    let to = Pinned { commit: &known.id, name: said, input: setting.input };
    let edits = |used: &Use<'_, '_>| {
        let file = scene.sources.get(used.place.file)?;
        let step = used.run.steps.iter().find(|s| s.uses.as_ref().is_some_and(|u| u.span == used.place.span));
        pin(file, used.place.span, reference, to, step)
    };
    let edits: Option<Vec<Vec<Edit>>> = found.iter().map(edits).collect();
    let by = match &known.by {
        By::Lock(_) => "actions.lock says so".to_owned(),
        By::Asked(Some(day)) => format!("asked on {day}"),
        By::Asked(None) => "the repository says so".to_owned(),
        By::Tree(_) => "a comment elsewhere in the tree says so".to_owned(),
    };
    Some((edits?.concat(), format!("`{}` of {repository} stands for {}, {by}", setting.take, known.id)))
}

fn add<'a, 'r>(uses: &mut BTreeMap<String, (Uses, Vec<Use<'a, 'r>>)>, used: &Spanned<Uses>, found: Use<'a, 'r>) {
    let Uses::Repository { owner, repo, path, reference } = &used.value else { return };
    if Uses::is_commit(reference) {
        return;
    }
    let key = identity::action(owner, repo, path, reference);
    uses.entry(key).or_insert_with(|| (used.value.clone(), Vec::new())).1.push(found);
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, key: &str, name: &Uses, found: &[Use<'_, '_>]) {
    let Uses::Repository { owner, repo, path, reference } = name else { return };
    let kind = Reference::of(owner, repo, reference);
    let trusted = kind == Reference::Immutable || PLATFORM.contains(&owner.to_ascii_lowercase().as_str());
    // The first of the weightiest uses is the line to change first.
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let (severity, impact): (Severity, Option<Impact>) = match (trusted, main.run.impact()) {
        // Whoever can move GitHub's own can also change the runner: a pin adds little.
        (true, _) => (Severity::Low, None),
        (false, Some(impact)) => (Severity::High, Some(impact)),
        (false, None) => (Severity::Medium, None),
    };
    let what = if path.contains(".github/workflows/") { "reusable workflow" } else { "action" };
    let mut draft = report
        .at(main.place, kind.describe(reference))
        .severity(severity)
        .impact(impact)
        .also(found.iter().map(|u| u.place))
        .content(versionless(&name.to_string()))
        .evidence(format!("the reference is no full commit: {}", kind.describe(reference)))
        .advise(advice(name, kind));
    if let Some(node) = scene.graph.find(key) {
        draft = draft.on(node);
    }
    if let Some((edits, by)) = fix(scene, name, found) {
        draft = draft.fix(edits).evidence(by);
    }
    let held = if impact.is_some() { main.run.held() } else { String::new() };
    main.run.route(scene, draft).say(format!("{what} `{name}` {}{held}", kind.moves()));
}
