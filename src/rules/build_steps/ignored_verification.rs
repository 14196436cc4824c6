//! A check of a digest or signature whose failure changes nothing.

use crate::commands::{ActKind, Verifier, guarded_by};
use crate::diag::{Confidence, Severity};
use crate::graph::kinds::workflow::Script;
use crate::rules::workflow::reach;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "ignored-verification",
    title: "a check whose failure is ignored",
    many: "{n} checks fail without consequence",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("ignored_verification.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for run in reach::all_runs(scene) {
        for piece in run.scripts() {
            let script = piece.script;
            for act in &script.acts {
                let ActKind::Verify { kind, targets, fatal, .. } = &act.kind else { continue };
                // A comparison may be a question like any other; a check of a list is a check.
                if *kind == Verifier::Compare || (*fatal && !piece.may_fail()) || guards(script, act.command) {
                    continue;
                }
                let what = name(*kind);
                let why = if piece.may_fail() {
                    "the step has `continue-on-error`"
                } else {
                    "the script goes on when it fails"
                };
                let target = targets.first().map_or(String::new(), |t| format!(" of `{t}`"));
                let place = Place::new(run.file, script.text.host_span(act.range.clone()));
                let draft = report
                    .at(place, why)
                    .confidence(Confidence::Medium)
                    .about("check", what, None)
                    .content(script.text.text.get(act.range.clone()).unwrap_or("").to_owned())
                    .evidence(why);
                let draft = run.route(scene, draft).via(piece.title(), Some(place));
                draft
                    .advise("let its failure end the step: no `|| true`, `set -eo pipefail` before it, and no `continue-on-error`")
                    .say(format!("{what}{target} is checked and the outcome ignored"));
            }
        }
    }
}

/// Whether anything of the script depends on the check, or asks for its status afterwards.
fn guards(script: &Script, check: usize) -> bool {
    let later = check + 1..script.program.commands.len();
    let depends = later.clone().any(|command| guarded_by(&script.program, check, command));
    let asks = script.program.commands.get(later).unwrap_or_default().iter().take(3).any(|command| {
        let words = command.args.iter().chain(command.assignments.iter().map(|a| &a.value));
        words.into_iter().any(|w| matches!(w.lossy().as_str(), "${?}" | "$?"))
    });
    depends || asks
}

fn name(kind: Verifier) -> &'static str {
    match kind {
        Verifier::Checksum | Verifier::WeakChecksum | Verifier::Compare => "the digest",
        Verifier::Gpg | Verifier::Openssl | Verifier::Minisign | Verifier::Signify => "the signature",
        Verifier::Cosign | Verifier::Sigstore => "the Sigstore signature",
        Verifier::GhAttestation | Verifier::Slsa => "the provenance",
    }
}
