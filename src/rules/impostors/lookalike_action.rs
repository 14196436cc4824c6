//! An action whose owner or repository is almost a well known one.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::words::{fame, weight, what};
use crate::diag::Severity;
use crate::graph::kinds::workflow::Uses;
use crate::impostor::{List, NOTE, Names, REPORT, resembles_owned};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Spanned};

pub(super) static RULE: Rule = Rule {
    id: "lookalike-action",
    title: "action whose name is almost that of a well known one",
    many: "{n} names are almost those of well known actions",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("lookalike_action.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let names = Names::embedded();
    let mut used: BTreeMap<(&str, &str), Vec<(Place, &Run<'_>)>> = BTreeMap::new();
    for run in reach::runs(scene) {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        let steps = run.steps.iter().filter_map(|step| step.uses.as_ref());
        for Spanned { value, span } in called.into_iter().chain(steps) {
            if let Uses::Repository { owner, repo, .. } = value {
                used.entry((owner, repo)).or_default().push((Place::new(run.file, *span), run));
            }
        }
    }
    for ((owner, repository), mut places) in used {
        let Some(found) =
            resembles_owned(&names, List::Actions, owner, repository).filter(|found| found.points >= NOTE)
        else {
            continue;
        };
        places.sort_by_key(|(place, run)| (scene.role(place.file), Reverse(run.weight()), *place));
        let Some((place, run)) = places.first() else { continue };
        let own = found.target.split('/').next().unwrap_or(found.target);
        let same_owner = own.eq_ignore_ascii_case(owner);
        let (severity, confidence) = weight(found.points);
        let name = format!("{owner}/{repository}");
        let draft = report
            .at(*place, format!("almost `{}`", found.target))
            .about("action", name.clone(), None)
            .severity(severity)
            .confidence(confidence)
            .impact(run.impact().filter(|_| found.points > REPORT + 10))
            .also(places.iter().map(|(place, _)| *place))
            .content(format!("{name} {}", found.target))
            .evidence(format!(
                "`{}` is {}; `{name}` is not on the list of {}",
                found.target,
                fame(List::Actions, found.level),
                names.day(List::Actions)
            ));
        let draft = run.route(scene, draft);
        if same_owner {
            draft
                .evidence(format!("nobody but `{own}` can have a repository of that name, so no stranger answers"))
                .advise(format!("write `{}` if that is meant", found.target))
                .say(format!("`{name}` is {}", what(&found)));
        } else {
            draft
                .advise(format!(
                    "write `{}` if that is meant; else look at who `{owner}` is and what the action does, and pin its commit",
                    found.target
                ))
                .say(format!("the owner of `{name}` is almost that of `{}`", found.target));
        }
    }
}
