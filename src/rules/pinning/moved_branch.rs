//! A branch or tag that leads elsewhere than when the lock was written.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::identity::lock_source;
use crate::graph::kinds::cargo::LockSource;
use crate::rules::locked::LockedCrate;
use crate::rules::{Reporter, Rule, Scene, locked};

pub(super) static RULE: Rule = Rule {
    id: "moved-branch",
    title: "git dependency whose branch or tag moved",
    many: "{n} branches or tags moved since the lock was written",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("moved_branch.md"),
    check,
};

/// Letters of a commit that are shown.
const SHORT: usize = 12;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut by: BTreeMap<(String, Option<String>, String), Vec<LockedCrate<'_>>> = BTreeMap::new();
    for found in locked::crates(scene, |_, _| true) {
        let source = found.package().source.as_ref().map(|s| s.value.as_str());
        let LockSource::Git { url, asked, commit: Some(commit) } = lock_source(source) else { continue };
        if asked.is_some_and(|asked| asked.starts_with("rev=")) {
            continue;
        }
        let name = asked.and_then(|asked| asked.split_once('=')).map(|(_, name)| name.to_owned());
        by.entry((url.to_owned(), name, commit.to_owned())).or_default().push(found);
    }
    for ((url, name, held), crates) in by {
        let Some(facts) = scene.known.revision(&url, name.as_deref()) else { continue };
        let Some(main) = crates.iter().min_by_key(|found| (found.role(), found.place(scene))) else { continue };
        let is_tag = main.package().source.as_ref().is_some_and(|s| s.value.contains("?tag="));
        let what = match &name {
            Some(name) if is_tag => format!("tag `{name}`"),
            Some(name) => format!("branch `{name}`"),
            None => "the default branch".to_owned(),
        };
        let (severity, now) = match &facts.commit {
            Some(now) if now.eq_ignore_ascii_case(&held) => continue,
            // A tag is meant to stay; a branch is not.
            Some(now) => {
                (if is_tag { Severity::Medium } else { Severity::Info }, format!("now leads to {}", short(now)))
            }
            None => (Severity::Low, "is gone, and with it perhaps the commit that the lock holds".to_owned()),
        };
        let day = facts.as_of.map(|day| format!(", on {day}")).unwrap_or_default();
        report
            .at(main.place(scene), format!("{url}, {what}"))
            .about("git", format!("{url} {what}"), None)
            .severity(severity)
            .role(main.role())
            .also(crates.iter().flat_map(LockedCrate::lock_places))
            .related(main.lock_place(), format!("the lock holds {}", short(&held)))
            .content(format!("{url} {what} {held}"))
            .evidence(format!("the lock, and what the repository answered{day}"))
            .advise(if is_tag {
                "find out why the tag moved before the lock is updated, and name the commit that was reviewed by `rev`"
            } else {
                "review what came since before the lock is updated, and name the commit that was reviewed by `rev`"
            })
            .say(format!("{what} of {url} {now}, the lock holds {}", short(&held)));
    }
}

fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}
