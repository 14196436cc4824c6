//! Actions whose repositories are archived.

use std::collections::BTreeMap;

use super::archived;
use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::kinds::workflow::Uses;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "archived-action",
    title: "action of an archived repository",
    many: "{n} actions come from archived repositories",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("archived_action.md"),
    check,
};

/// Uses of one repository, with the run each stands in.
type Found<'a, 'r> = BTreeMap<String, Vec<(Place, &'r Run<'a>)>>;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: Found<'_, '_> = BTreeMap::new();
    for run in reach::runs(scene) {
        let called = run.holder.as_ref().filter(|_| run.action.is_none()).and_then(|h| h.job.uses.as_ref());
        for used in called.into_iter().chain(run.steps.iter().filter_map(|s| s.uses.as_ref())) {
            let Uses::Repository { owner, repo, .. } = &used.value else { continue };
            let name = format!("{owner}/{repo}");
            if archived::is_archived(&name) {
                found.entry(name.to_ascii_lowercase()).or_default().push((Place::new(run.file, used.span), run));
            }
        }
    }
    for (name, uses) in &found {
        let main = uses.iter().reduce(|best, next| if next.1.weight() > best.1.weight() { next } else { best });
        let Some((place, run)) = main else { continue };
        let weighty = run.impact().is_some();
        let draft = report
            .at(*place, "archived, so that nobody repairs it")
            .severity(if weighty { Severity::Medium } else { Severity::Low })
            .also(uses.iter().map(|(place, _)| *place))
            .about("action", name.clone(), None)
            .content(name.clone())
            .evidence(format!("the table of archived repositories, as of {}", archived::AS_OF));
        let instead = archived::successor(name).unwrap_or("another action, or a script");
        let held = if weighty { run.held() } else { String::new() };
        run.route(scene, draft)
            .advise(format!("take what is looked after: {instead}"))
            .say(format!("action `{name}` comes from an archived repository{held}"));
    }
    hooks(scene, report);
}

/// Hooks of pre-commit: they run on the machines of those who write the code.
fn hooks(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut found: BTreeMap<String, Vec<Place>> = BTreeMap::new();
    for document in scene.documents {
        let Document::Hooks(config) = document else { continue };
        for repository in &config.repositories {
            let Some(name) = on_github(&repository.repository.value).filter(|name| archived::is_archived(name)) else {
                continue;
            };
            let place = Place::new(config.file, repository.repository.span);
            found.entry(name.to_ascii_lowercase()).or_default().push(place);
        }
    }
    for (name, places) in &found {
        let Some(first) = places.first() else { continue };
        let instead = archived::successor(name).unwrap_or("another hook, or a local one");
        report
            .at(*first, "archived, so that nobody repairs it")
            .severity(Severity::Low)
            .also(places.iter().copied())
            .about("hook-repository", name.clone(), None)
            .content(name.clone())
            .evidence(format!("the table of archived repositories, as of {}", archived::AS_OF))
            .advise(format!("take what is looked after: {instead}"))
            .say(format!("hooks of `{name}` come from an archived repository"));
    }
}

/// `owner/repo` of an address on GitHub.
fn on_github(address: &str) -> Option<&str> {
    let rest = address.trim().trim_end_matches('/').trim_end_matches(".git");
    let start = rest.find("github.com")? + "github.com".len();
    let name = rest.get(start..)?.strip_prefix(['/', ':'])?;
    (name.split('/').count() == 2).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_addresses_of_github() {
        for (address, name) in [
            ("https://github.com/pre-commit/mirrors-isort", Some("pre-commit/mirrors-isort")),
            ("git@github.com:pre-commit/mirrors-isort.git", Some("pre-commit/mirrors-isort")),
            ("https://git.example.com/pre-commit/mirrors-isort", None),
            ("https://github.com/only", None),
            ("local", None),
        ] {
            assert_eq!(on_github(address), name, "{address}");
        }
    }
}
