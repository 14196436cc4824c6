//! Entries whose files a scan did not find harmless.

use super::entries;
use super::entries::Held;
use crate::diag::Severity;
use crate::rules::Reporter;
use crate::rules::Rule;
use crate::rules::Scene;

pub(super) static RULE: Rule = Rule {
    id: "unsafe-locked-model",
    title: "custody.lock holds files that a scan did not find harmless",
    many: "custody.lock holds the files of {n} names that a scan did not find harmless",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unsafe_locked_model.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for held in entries::held(scene) {
        say(scene, report, &held);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, held: &Held<'_>) {
    let Some(scan) = &held.entry.scan else { return };
    let noun = held.key.kind.word();
    let name = held.key;
    let (severity, message, advice) = match scan.verdict.as_str() {
        "clean" => return,
        "dangerous" => (
            Severity::High,
            format!("files of the {noun} `{name}` run code when they are loaded"),
            "do not load them: take a revision without them, or the same weights as safetensors",
        ),
        "suspicious" => (
            Severity::Medium,
            format!("files of the {noun} `{name}` hold what nobody expects in weights"),
            "fetch the commit, look with `cargo custody scan FOLDER`, and approve it where it is harmless",
        ),
        "malformed" => (
            Severity::Medium,
            format!("files of the {noun} `{name}` are not what their format allows"),
            "fetch the commit, look with `cargo custody scan FOLDER`, and approve it where it is harmless",
        ),
        verdict => (
            Severity::Low,
            format!("files of the {noun} `{name}` could not be scanned in full: {verdict}"),
            "lock it where all of its files are at hand, so that they can be scanned",
        ),
    };
    let approval = held.entry.standing_approvals().last();
    // A person looked at this very state. Code that runs stays what it is.
    let severity = match approval {
        Some(_) if scan.verdict != "dangerous" => Severity::Info,
        _ => severity,
    };
    let mut draft = report
        .at(held.fact(scene, "scan"), scan.verdict.clone())
        .severity(severity)
        .about(noun, held.key.name.clone(), held.entry.revision.clone())
        .content(format!("{} {}", scan.verdict, held.identity()))
        .evidence(format!("a scan by cargo-custody {} said {} when it was locked", scan.by, scan.verdict));
    if let Some(approval) = approval {
        draft = draft.evidence(format!("approved by {} on {}: {}", approval.by, approval.on, approval.reason));
    }
    for label in held.related() {
        draft = draft.related(label.place, label.text);
    }
    draft.advise(advice).say(message);
}
