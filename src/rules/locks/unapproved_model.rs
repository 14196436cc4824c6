//! Entries that the policy wants approved and that nobody has approved as they stand.

use super::asked::Asked;
use super::entries;
use super::entries::Held;
use super::entries::short;
use crate::diag::Severity;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;
use crate::source::Spanned;

pub(super) static RULE: Rule = Rule {
    id: "unapproved-model",
    title: "nobody has approved what custody.lock holds",
    many: "nobody has approved {n} things that custody.lock holds",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unapproved_model.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(asked) = Asked::of(scene) else { return };
    if asked.rules.approval.is_empty() {
        return;
    }
    for held in entries::held(scene) {
        if let Some(pattern) = asked.rules.approval_of(&held.key.hub, &held.key.name)
            && held.entry.standing_approvals().next().is_none()
        {
            say(report, &asked, &held, pattern);
        }
    }
}

fn say(report: &mut Reporter<'_>, asked: &Asked<'_>, held: &Held<'_>, pattern: &Spanned<String>) {
    let (noun, key) = (held.key.kind.word(), held.key);
    let at = held.entry.revision.as_deref().map(|revision| format!(" at {}", short(revision))).unwrap_or_default();
    let mut draft = report
        .at(held.place(), "not approved as it stands")
        .about(noun, key.name.clone(), held.entry.revision.clone())
        // Another revision or other files are another thing to review.
        .content(held.identity())
        .related(asked.place(pattern.span), "the policy asks for it")
        .evidence(match held.entry.approvals.last() {
            Some(last) => format!(
                "{} approved it on {}, in another state than this one: the approval has lapsed",
                last.by, last.on
            ),
            None => "no approval of it is in the lock".to_owned(),
        });
    for label in held.related() {
        draft = draft.related(label.place, label.text);
    }
    draft
        .advise(format!(
            "look at what it is with `cargo custody lock diff`, then `cargo custody lock approve {key} --reason ..`; or \
             go back with `cargo custody lock rollback {key} --to last-good`"
        ))
        .say(format!("nobody has approved the {noun} `{key}`{at}"));
}
