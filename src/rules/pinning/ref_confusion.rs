//! A name of an action that is both a branch and a tag of its repository.

use crate::diag::Severity;
use crate::rules::used::{address, by_reference, short, weightiest};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "ref-confusion",
    title: "action by a name that is a branch and a tag",
    many: "{n} actions are named by what is a branch and a tag",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("ref_confusion.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for ((repository, name), found) in by_reference(scene) {
        let Some(facts) = scene.known.revision(&address(&repository), Some(&name)) else { continue };
        let (Some(branch), Some(tag), Some(main)) = (&facts.branch, &facts.tag, weightiest(&found)) else { continue };
        let day = facts.as_of.map(|day| format!(", on {day}")).unwrap_or_default();
        // As long as both lead to one commit, nobody is misled yet.
        let (severity, how) = match branch == tag {
            true => (Severity::Low, "which lead to one commit today".to_owned()),
            false => (Severity::Medium, format!("which lead to {} and {}", short(branch), short(tag))),
        };
        let draft = report
            .at(main.place, "a branch and a tag")
            .about("action", repository.clone(), Some(name.clone()))
            .severity(severity)
            .also(found.iter().map(|used| used.place))
            .content(format!("{repository} {name}"))
            .evidence(format!("what the repository answered{day}"))
            .advise(format!("pin the commit that is meant: {repository}@<commit> # {name}"));
        main.run.route(scene, draft).say(format!("`{name}` of `{repository}` is a branch and a tag, {how}"));
    }
}
