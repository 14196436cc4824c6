//! An ignored advisory, or a comment that excuses a finding, of which nobody says why.

use crate::diag::{Confidence, Severity};
use crate::graph::kinds::ignores::IgnoreEntry;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

use super::ignoring::{comments, files, list};

pub(super) static RULE: Rule = Rule {
    id: "unexplained-ignore",
    title: "ignore without a reason",
    many: "{n} ignores have no reason",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("unexplained_ignore.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for file in files(scene) {
        let silent: Vec<&IgnoreEntry> = file.entries.iter().filter(|e| e.reason.is_none()).collect();
        let Some(first) = silent.first() else { continue };
        let name = |entry: &IgnoreEntry| match &entry.package {
            Some(package) => package.value.clone(),
            None => entry.id.value.clone(),
        };
        let place = |entry: &IgnoreEntry| Place::new(file.file, entry.span);
        let names: Vec<String> = silent.iter().map(|e| name(e)).collect();
        let are = if silent.len() == 1 { "is" } else { "are" };
        report
            .at(place(first), "no reason")
            .about("advisory", name(first), None)
            .confidence(Confidence::High)
            .also(silent.iter().map(|e| place(e)))
            .each(names.iter().map(|one| one.to_string()))
            .evidence("neither the entry nor a comment beside it says why")
            .advise("say why, and what would end it: `{ id = \"..\", reason = \"..\" }`, or a comment above")
            .say(format!(
                "{} {are} ignored by {} without a reason",
                list(names.iter().map(String::as_str)),
                file.tool.as_str()
            ));
    }
    for (_, ignore) in comments(scene).filter(|(_, ignore)| ignore.reason.is_none() && ignore.trouble.is_none()) {
        let rules = list(ignore.rules.iter().map(|rule| rule.as_str()));
        report
            .at(Place::new(ignore.file, ignore.span), "no reason")
            .about("rule", rules.replace('`', ""), None)
            .confidence(Confidence::High)
            .content(rules.clone())
            .evidence("nothing stands behind `--`")
            .advise("say why, and what would end it: # custody: ignore[rule] until=2027-01-31 -- why")
            .say(format!("{rules} is ignored here without a reason"));
    }
}
