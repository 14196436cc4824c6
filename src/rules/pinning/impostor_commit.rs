//! An action at a commit that no branch or tag of its repository holds.

use crate::diag::Severity;
use crate::rules::used::{Asked, asked, short, weightiest};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "impostor-commit",
    title: "action at a commit that its repository does not hold",
    many: "{n} actions are at commits that their repositories do not hold",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("impostor_commit.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for Asked { repository, commit, found, facts } in asked(scene) {
        let (Some(false), Some(main)) = (facts.held, weightiest(&found)) else { continue };
        let day = facts.as_of.map(|day| format!(" on {day}")).unwrap_or_default();
        let draft = report
            .at(main.place, "no branch or tag holds this commit")
            .about("action", repository.clone(), Some(commit.clone()))
            .impact(main.run.impact())
            .also(found.iter().map(|used| used.place))
            .content(format!("{repository} {commit}"))
            .evidence(format!("GitHub was asked{day} which branches and tags of {repository} hold it, and named none"))
            .advise("find out who put this commit here; then pin the commit of a release");
        main.run.route(scene, draft).say(format!(
            "`{repository}` has no branch or tag that holds the commit {}: it may be one of a fork, by anybody{}",
            short(&commit),
            main.run.held()
        ));
    }
}
