//! Entries that were not signed by whom the policy wants.

use super::asked::Asked;
use super::entries;
use super::entries::Held;
use crate::config::Demand;
use crate::config::stars;
use crate::diag::Severity;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;

pub(super) static RULE: Rule = Rule {
    id: "unsigned-model",
    title: "custody.lock claims no signer whom the policy names",
    many: "of {n} things custody.lock claims no signer whom the policy names",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unsigned_model.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let Some(asked) = Asked::of(scene) else { return };
    if asked.rules.signer.is_empty() {
        return;
    }
    for held in entries::held(scene) {
        let signer = held.entry.signer.as_deref();
        let is_met = |demand: &Demand| {
            signer.is_some_and(|signer| demand.wanted.iter().any(|wanted| stars(wanted.as_str(), signer)))
        };
        let unmet = asked.rules.signer_of(&held.key.hub, &held.key.name).find(|demand| !is_met(demand));
        if let Some(demand) = unmet {
            say(scene, report, &asked, &held, demand);
        }
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, asked: &Asked<'_>, held: &Held<'_>, demand: &Demand) {
    let (noun, key) = (held.key.kind.word(), held.key);
    let wanted: Vec<String> = demand.wanted.iter().map(|one| format!("`{}`", one.value)).collect();
    let wanted = wanted.join(" or ");
    let (place, label, message) = match &held.entry.signer {
        Some(signer) => (
            held.fact(scene, "signer"),
            "another signer",
            format!("the lock claims that `{signer}` signed the {noun} `{key}`, and the policy wants {wanted}"),
        ),
        None => (
            held.place(),
            "no signer",
            format!("the lock claims no signer of the {noun} `{key}`, and the policy wants {wanted}"),
        ),
    };
    let mut draft = report
        .at(place, label)
        .about(noun, key.name.clone(), held.entry.revision.clone())
        .content(format!("{} {}", held.identity(), held.entry.signer.as_deref().unwrap_or("-")))
        .related(asked.place(demand.names.span), "the policy asks for it")
        .evidence(
            "the signer in the lock is a claim of whoever wrote the line; only `cargo custody verify-signature` checks \
             a signature",
        );
    for label in held.related() {
        draft = draft.related(label.place, label.text);
    }
    draft
        .advise(
            "take a revision that is signed by them, or have them sign this one, check it with `cargo custody \
             verify-signature`, and write the signer that it says as a `signer` line of the entry",
        )
        .say(message);
}
