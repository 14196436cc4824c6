//! An alias that takes the place of an installed cargo command.
//!
//! Cargo's own commands win over aliases of their name; of commands that come as programs
//! (`cargo-audit`), the alias wins and cargo only warns (rust-lang/cargo #10049).

use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "shadowing-alias",
    title: "alias in place of a cargo command",
    many: "{n} aliases stand in place of cargo commands",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("shadowing_alias.md"),
    check,
};

/// Commands that decide whether a change may pass.
const GATES: &[&str] =
    &["acl", "audit", "auditable", "crev", "custody", "cyclonedx", "deny", "geiger", "sbom", "supply-chain", "vet"];

/// Commands that report on code; a project may well have its own way to call them.
const TOOLS: &[&str] = &[
    "about",
    "careful",
    "clippy",
    "fmt",
    "fuzz",
    "hack",
    "insta",
    "kani",
    "llvm-cov",
    "machete",
    "miri",
    "msrv",
    "mutants",
    "nextest",
    "outdated",
    "public-api",
    "release",
    "semver-checks",
    "tarpaulin",
    "udeps",
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for config in scene.configs() {
        for (name, stands_for) in &config.aliases {
            let is_gate = GATES.contains(&name.value.as_str());
            if !is_gate && !TOOLS.contains(&name.value.as_str()) {
                continue;
            }
            let called = called_at(scene, &name.value);
            let mut draft = report
                .at(Place::new(config.file, name.span), format!("stands for `{stands_for}`"))
                .about("alias", name.value.clone(), None)
                .severity(if is_gate { Severity::High } else { Severity::Low })
                // Whether anybody calls it is written in the workflows, or nowhere.
                .confidence(if called.is_some() { Confidence::High } else { Confidence::Medium })
                .content(format!("{} = {stands_for}", name.value))
                .evidence("the configuration; of a command that cargo does not bring along, the alias wins")
                .advise(format!(
                    "rename the alias, and call the program itself where its verdict counts: cargo-{0} {0}",
                    name.value
                ));
            if let Some(place) = called {
                draft = draft.related(place, format!("runs `cargo {}`", name.value));
            }
            draft.say(format!(
                "`cargo {}` runs `{stands_for}` in this tree and not the program of that name",
                name.value
            ));
        }
    }
}

/// A step that calls the command.
fn called_at(scene: &Scene<'_>, name: &str) -> Option<Place> {
    let command = format!("cargo {name}");
    let is_word = |text: &str, at: usize| {
        text[at + command.len()..].chars().next().is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '-' | '_'))
    };
    for (workflow, job) in scene.jobs() {
        for script in job.steps.iter().filter_map(|s| s.run.as_ref()) {
            let text = &script.text.text;
            if let Some((at, _)) = text.match_indices(&command).find(|(at, _)| is_word(text, *at)) {
                return Some(Place::new(workflow.file, script.text.host_span(at..at + command.len())));
            }
        }
    }
    None
}
