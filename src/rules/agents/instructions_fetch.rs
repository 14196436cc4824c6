//! Instructions that tell an agent to fetch something and to run or obey it.

use super::{address, files};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::agents::Told;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "instructions-fetch",
    title: "instructions that tell to run or obey what is fetched",
    many: "{n} files tell agents to run or obey what they fetch",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("instructions_fetch.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for agent in files(scene) {
        for is_run in [false, true] {
            let told: Vec<&Told> =
                agent.fetches.iter().filter(|t| t.is_run == is_run && !address::is_near(&t.url.value)).collect();
            let plain = told.iter().copied().find(|t| address::is_plain(&t.url.value));
            let Some(first) = plain.or_else(|| told.first().copied()) else { continue };
            let host = address::host(&first.url.value).unwrap_or("an address");
            let name = scene.sources.path(agent.file);
            // An installer that a person would be told of as well is a note.
            let severity = if is_run && plain.is_none() { Severity::Low } else { Severity::Medium };
            let verb = if is_run { "run" } else { "obey" };
            let more = if told.len() > 1 { format!(", and {} more addresses", told.len() - 1) } else { String::new() };
            report
                .at(
                    Place::new(agent.file, first.url.span),
                    format!("to be fetched and {}", if is_run { "run" } else { "followed" }),
                )
                .severity(severity)
                .confidence(Confidence::Medium)
                .also(told.iter().map(|t| Place::new(agent.file, t.url.span)))
                .about("instructions", name, None)
                .each(told.iter().map(|t| t.url.value.as_str()))
                .evidence("the text of the line; what the address serves is not in the tree and can change")
                .advise("put the instructions or the script into the tree, or name one version and its digest")
                .say(format!("{name} tells the agent to {verb} what {host} serves{more}"));
        }
    }
}
