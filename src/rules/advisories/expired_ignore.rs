//! An ignored advisory, or a comment that excuses a finding, whose time is over.

use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

use super::ignoring::{comments, files, list};

pub(super) static RULE: Rule = Rule {
    id: "expired-ignore",
    title: "ignore whose time is over",
    many: "{n} ignores are past their time",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("expired_ignore.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    // Without a day nothing is over.
    let Some(today) = scene.today.map(|day| day.to_string()) else { return };
    for file in files(scene) {
        for entry in file.entries.iter().filter(|entry| entry.is_expired(&today)) {
            let Some(until) = &entry.until else { continue };
            let name = entry.package.as_ref().unwrap_or(&entry.id);
            report
                .at(Place::new(file.file, until.span), format!("over since {}", until.value))
                .about("advisory", name.value.clone(), None)
                .confidence(Confidence::High)
                .content(format!("{} {}", name.value, until.value))
                .evidence(format!("the audit is of {today}"))
                .advise("mend the flaw, or look at it again and give it another date and a reason")
                .say(format!(
                    "`{}` was to be ignored by {} until {}, which is past",
                    name.value,
                    file.tool.as_str(),
                    until.value
                ));
        }
    }
    for (_, ignore) in comments(scene).filter(|(_, ignore)| ignore.is_expired(&today)) {
        let Some(until) = &ignore.until else { continue };
        let rules = list(ignore.rules.iter().map(|rule| rule.as_str()));
        report
            .at(Place::new(ignore.file, until.span), format!("over since {}", until.value))
            .about("rule", rules.replace('`', ""), None)
            .confidence(Confidence::High)
            .content(format!("{rules} {}", until.value))
            .evidence(format!("the audit is of {today}; what the comment excused is reported again"))
            .advise("mend what is reported, or look at it again and give the comment another date and a reason")
            .say(format!("{rules} was to be ignored here until {}, which is past", until.value));
    }
}
