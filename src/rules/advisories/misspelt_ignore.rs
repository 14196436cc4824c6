//! A comment that would excuse a finding and names no rule, or is not understood.

use super::ignoring::comments;
use crate::diag::{Confidence, Edit, Severity};
use crate::rules::{self, Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "misspelt-ignore",
    title: "comment that excuses nothing, since it is not understood",
    many: "{n} comments that should excuse something are not understood",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("misspelt_ignore.md"),
    check,
};

/// How like a rule's name a word must be to be taken for it.
const ALIKE: f64 = 0.85;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for (_, ignore) in comments(scene) {
        if let Some(trouble) = &ignore.trouble {
            report
                .at(Place::new(ignore.file, trouble.span), "not understood")
                .about("rule", "ignore", None)
                .confidence(Confidence::High)
                .evidence("a comment that is not understood excuses nothing")
                .advise("write it like this: # custody: ignore[rule, rule] until=2027-01-31 -- why")
                .say(format!("this ignore is not understood: {}", trouble.value));
            continue;
        }
        for rule in ignore.rules.iter().filter(|rule| rules::find(&rule.value).is_none()) {
            let near = near(&rule.value);
            let advice = match near {
                Some(near) => format!("did you mean `{near}`? `cargo custody rules` lists them all"),
                None if rule.value == "*" => "name each rule: not all can be excused at once".to_owned(),
                None => "`cargo custody rules` lists them all".to_owned(),
            };
            let place = Place::new(ignore.file, rule.span);
            report
                .at(place, "no such rule")
                .about("rule", rule.value.clone(), None)
                .confidence(Confidence::High)
                .evidence("the comment excuses nothing by this name")
                .fix(near.map(|near| Edit { place, text: near.to_owned() }))
                .advise(advice)
                .say(format!("there is no rule `{}` to ignore", rule.value));
        }
    }
}

/// The rule that a name is most like, if it is like one at all.
fn near(name: &str) -> Option<&'static str> {
    // A name of many pages is none.
    let name = Some(name).filter(|name| name.len() <= 64)?;
    rules::all()
        .map(|(_, rule)| (strsim::jaro_winkler(name, rule.id), rule.id))
        .filter(|(alike, _)| *alike > ALIKE)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, id)| id)
}
