//! An action whose tags, or the very commit that is used, were malicious.

use super::topic::topic;
use super::vulnerable_action::used;
use crate::advisory::{Basis, Kind, Match};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::NodeId;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "compromised-action",
    title: "action that was malicious",
    many: "{n} actions were malicious",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("compromised_action.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::runs(scene);
    for (id, places) in used(scene, runs) {
        for attack in scene.known.advisories(id).iter().filter(|m| m.kind == Kind::Malicious) {
            say(scene, report, id, &places, attack);
        }
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, id: NodeId, places: &[(Place, &Run<'_>)], attack: &Match) {
    let Some((place, run)) = places.first() else { return };
    let node = scene.graph.node(id);
    let reference = node.version.as_deref().unwrap_or_default();
    let name = format!("{}@{reference}", node.name);
    let topic = topic(attack);
    let release = topic.upgrade.clone().map_or("a release after it".to_owned(), |v| format!("{v} or later"));
    let draft = report
        .at(*place, attack.id.clone())
        .on(id)
        .also(places.iter().map(|(place, _)| *place))
        .content(format!("{} {reference}", attack.id));
    let draft = run.route(scene, draft).topic(topic);
    match &attack.basis {
        Basis::Commit => draft
            .impact(Some(Impact::Malicious))
            .evidence(format!("{} lists this commit as malicious", attack.id))
            .advise(format!("take it out, change every secret its jobs could read, and look through their logs; then pin {release}"))
            .say(format!("`{name}` is a commit known to be malicious ({})", attack.id)),
        // Put back long ago, as a rule: what is left is to know whether it ran.
        Basis::TagDuring(window) => draft
            .severity(Severity::Medium)
            .confidence(Confidence::Low)
            .evidence(format!("this tag, or one it stands for, pointed to malicious code from {} to {} (UTC)", window.from, window.until))
            .evidence("where the tag points today, and whether a job ran then, is not in the files")
            .advise(format!(
                "look for runs of this workflow between {} and {}: gh run list --created {}..{} --workflow <file>; if there is one, change the secrets it could read; and pin the commit of {release}",
                window.from,
                window.until,
                window.from.get(..10).unwrap_or_default(),
                window.until.get(..10).unwrap_or_default(),
            ))
            .say(format!("`{name}` was malicious from {} to {} ({})", day(&window.from), day(&window.until), attack.id)),
        Basis::Tag | Basis::Version => draft
            .severity(Severity::High)
            .confidence(Confidence::Medium)
            .evidence("the tag names a version that was malicious; where it points today is not in the files")
            .advise(format!("look through the runs that used it, change the secrets they could read, and pin the commit of {release}"))
            .say(format!("`{name}` names a malicious version ({})", attack.id)),
    }
}

fn day(moment: &str) -> &str {
    moment.get(..10).unwrap_or(moment)
}
