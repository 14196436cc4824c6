//! An action at a commit that is no release.

use crate::diag::Severity;
use crate::rules::used::{Asked, asked, short, weightiest};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "stale-action-pin",
    title: "action at a commit that no tag names",
    many: "{n} actions are at commits that no tag names",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("stale_action_pin.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for Asked { repository, commit, found, facts } in asked(scene) {
        // A commit that nobody holds is another matter.
        if !facts.tags.is_empty() || facts.held == Some(false) {
            continue;
        }
        let Some(main) = weightiest(&found) else { continue };
        let day = facts.as_of.map(|day| format!(", on {day}")).unwrap_or_default();
        let draft = report
            .at(main.place, "no tag names this commit")
            .about("action", repository.clone(), Some(commit.clone()))
            .also(found.iter().map(|used| used.place))
            .content(format!("{repository} {commit}"))
            .evidence(format!("what the repository answered{day}"))
            .advise(format!("pin the commit of a release, so that update tools and advisories know it: {repository}@<commit> # v1.x.y"));
        main.run.route(scene, draft).say(format!("no tag of `{repository}` names the commit {}", short(&commit)));
    }
}
