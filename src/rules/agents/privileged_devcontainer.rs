//! A devcontainer that is open to the machine it runs on.

use super::{fetched, files};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::agents::PowerKind;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "privileged-devcontainer",
    title: "devcontainer that is open to the machine it runs on",
    many: "{n} devcontainers are open to the machines they run on",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("privileged_devcontainer.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        let Some(container) = &agent.container else { continue };
        let Some(first) = container.powers.iter().min_by_key(|p| p.what) else { continue };
        // What is fetched and run inside is then run on the machine. It has a finding of its own.
        let served = agent.commands.iter().find(|c| {
            fetched::unread(scene, &c.script).is_some() || fetched::unread_in_tree(scene, &c.script).is_some()
        });
        let what = match first.what {
            PowerKind::Privileged => "has the rights of the machine's root",
            PowerKind::EngineSocket => {
                "holds the socket of the machine's container engine, which can start anything there"
            }
            PowerKind::HostSystem => "sees the machine's own files or processes",
            PowerKind::Keys => "holds keys of the person who starts it",
        };
        let mut draft = report
            .at(Place::new(agent.file, first.text.span), "opens the container")
            .confidence(Confidence::High)
            .also(container.powers.iter().map(|p| Place::new(agent.file, p.text.span)))
            .about("devcontainer", scene.sources.path(agent.file), None)
            .each(container.powers.iter().map(|p| p.text.value.as_str()))
            .evidence(format!("`{}`", first.text.value));
        let mut and = "";
        if let Some(served) = served {
            draft = draft.related(Place::new(agent.file, served.script.span), "runs what it fetches");
            and = ", and runs what it fetches";
        }
        draft
            .advise("leave it out where nothing needs it; rootless engines and docker-in-docker give a container less of the machine")
            .say(format!("the devcontainer {what}{and}"));
    }
}
