//! Entries whose approvals do not bring the reports that the policy wants.

use std::collections::BTreeSet;

use super::asked::Asked;
use super::entries;
use super::entries::Held;
use crate::diag::Severity;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;
use crate::source::Span;

pub(super) static RULE: Rule = Rule {
    id: "model-without-evidence",
    title: "no approval brings the evidence that the policy asks for",
    many: "no approval brings the evidence that the policy asks for, of {n} entries",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("model_without_evidence.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(asked) = Asked::of(scene) else { return };
    if asked.rules.evidence.is_empty() {
        return;
    }
    for held in entries::held(scene) {
        let brought: BTreeSet<&str> = held.entry.standing_approvals().flat_map(|approval| approval.kinds()).collect();
        let mut missing: BTreeSet<&str> = BTreeSet::new();
        let mut because: Option<Span> = None;
        for demand in asked.rules.evidence_of(&held.key.hub, &held.key.name) {
            for kind in demand.wanted.iter().filter(|kind| !brought.contains(kind.as_str())) {
                missing.insert(kind.as_str());
                because.get_or_insert(kind.span);
            }
        }
        if let Some(because) = because {
            say(report, &asked, &held, (&missing, because));
        }
    }
}

fn say(report: &mut Reporter<'_>, asked: &Asked<'_>, held: &Held<'_>, (missing, because): (&BTreeSet<&str>, Span)) {
    let (noun, key) = (held.key.kind.word(), held.key);
    let kinds: Vec<String> = missing.iter().map(|kind| format!("`{kind}`")).collect();
    let options: Vec<String> = missing.iter().map(|kind| format!("--evidence {kind}=FILE")).collect();
    let mut draft = report
        .at(held.place(), format!("without {}", kinds.join(", ")))
        .about(noun, key.name.clone(), held.entry.revision.clone())
        .content(format!("{} {}", held.identity(), kinds.join(" ")))
        .related(asked.place(because), "the policy asks for it")
        .evidence(match held.entry.standing_approvals().count() {
            0 => "nobody has approved it as it stands, with reports or without".to_owned(),
            1 => "the one approval of it as it stands does not bring them".to_owned(),
            n => format!("none of {n} approvals of it as it stands brings them"),
        });
    for label in held.related() {
        draft = draft.related(label.place, label.text);
    }
    draft
        .advise(format!("`cargo custody lock approve {key} --reason .. {}`", options.join(" ")))
        .say(format!("no approval of the {noun} `{key}` brings evidence of {}", kinds.join(", ")));
}
