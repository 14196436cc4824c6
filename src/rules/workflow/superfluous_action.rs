//! Actions that do what the runner has a program for.

use std::collections::BTreeMap;

use super::reach;
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::Uses;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "superfluous-action",
    title: "action that the runner can do without",
    many: "{n} actions do what the runner has a program for",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("superfluous_action.md"),
    check,
};

/// What does the same.
struct Instead {
    /// `owner/repo`, lower case.
    action: &'static str,
    /// The program that is there.
    by: &'static str,
    /// The action does more than a line or two would.
    does_more: bool,
}

const fn plain(action: &'static str, by: &'static str) -> Instead {
    Instead { action, by, does_more: false }
}

const fn more(action: &'static str, by: &'static str) -> Instead {
    Instead { action, by, does_more: true }
}

/// Source: the READMEs of the actions; the list of programs on GitHub's runner images.
const TABLE: &[Instead] = &[
    plain("actions-ecosystem/action-add-labels", "gh issue edit --add-label, gh pr edit --add-label"),
    plain("actions-ecosystem/action-remove-labels", "gh issue edit --remove-label, gh pr edit --remove-label"),
    plain("addnab/docker-run-action", "docker run"),
    plain("dacbd/create-issue-action", "gh issue create"),
    more("dtolnay/rust-toolchain", "rustup toolchain install"),
    plain("elgohr/github-release-action", "gh release create"),
    more("endbug/add-and-commit", "git commit, git push"),
    plain("ncipollo/release-action", "gh release create"),
    more("peter-evans/create-or-update-comment", "gh pr comment, gh issue comment"),
    more("peter-evans/create-pull-request", "gh pr create"),
    plain("sergeysova/jq-action", "jq"),
    plain("softprops/action-gh-release", "gh release create"),
    more("stefanzweifel/git-auto-commit-action", "git commit, git push"),
    plain("svenstaro/upload-release-action", "gh release upload"),
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<&str, (&Instead, Vec<Place>)> = BTreeMap::new();
    for run in reach::runs(scene) {
        for uses in run.steps.iter().filter_map(|s| s.uses.as_ref()) {
            let Uses::Repository { owner, repo, .. } = &uses.value else { continue };
            let name = format!("{owner}/{repo}").to_ascii_lowercase();
            if let Some(instead) = TABLE.iter().find(|i| i.action == name) {
                let place = Place::new(run.file, uses.span);
                found.entry(instead.action).or_insert((instead, Vec::new())).1.push(place);
            }
        }
    }
    for (action, (instead, places)) in &found {
        let Some(first) = places.first() else { continue };
        report
            .at(*first, "an action")
            .confidence(if instead.does_more { Confidence::Low } else { Confidence::Medium })
            .also(places.iter().copied())
            .about("action", *action, None)
            .content(*action)
            .evidence("the program is on GitHub's own runners")
            .advise(format!("in a script: {}", instead.by))
            .say(if instead.does_more {
                format!("`{action}` does little more than `{}`, which the runner has", instead.by)
            } else {
                format!("`{action}` does what `{}` does, which the runner has", instead.by)
            });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_lower_case() {
        let names: Vec<&str> = TABLE.iter().map(|i| i.action).collect();
        assert!(names.is_sorted(), "{names:?}");
        assert!(names.iter().all(|n| *n == n.to_ascii_lowercase()));
    }
}
