//! A check of a digest or signature whose failure changes nothing.

use std::collections::BTreeSet;

use super::download;
use super::followed::{self, Followed, followed};
use crate::commands::{ActKind, Check, Signer, Verifier, errexit_at, guarded_by};
use crate::diag::{Confidence, Edit, Severity};
use crate::graph::flow::{Checked, Flaw, Stop, UseKind};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::ListOp;
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

const ADVICE: &str =
    "let its failure end the step: no `|| true`, `set -eo pipefail` before it, and no `continue-on-error`";

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut told: BTreeSet<Place> = BTreeSet::new();
    let uses = followed(scene, &|_, usage| usage.kind != UseKind::Published && passed_by(&usage.check).is_some());
    for found in uses.values() {
        told.extend(found.iter().filter_map(|f| passed_by(&f.usage.check).map(|(at, _)| at.place)));
        say_of_use(scene, report, found);
    }
    for run in reach::all_runs(scene) {
        for piece in run.scripts() {
            let script = piece.script;
            for act in &script.acts {
                let ActKind::Verify { kind, check, targets, fatal } = &act.kind else { continue };
                // A comparison may be a question like any other; a check of a list is a check.
                let is_question = match kind {
                    Verifier::Compare => true,
                    // What vendors of systems seal is looked at for one's own builds.
                    Verifier::Openssl => matches!(check, Check::Signature(Signer::Anybody)),
                    _ => false,
                };
                if is_question || (*fatal && !piece.may_fail()) || guards(script, act.command) {
                    continue;
                }
                let place = Place::new(run.file, script.text.host_span(act.range.clone()));
                if !told.insert(place) {
                    continue;
                }
                let what = name(*kind);
                let why = if piece.may_fail() {
                    "the step has `continue-on-error`"
                } else {
                    "the script goes on when it fails"
                };
                let target = targets.first().map_or(String::new(), |t| format!(" of `{t}`"));
                let draft = report
                    .at(place, why)
                    .confidence(Confidence::Medium)
                    .about("check", what, None)
                    .content(script.text.text.get(act.range.clone()).unwrap_or("").to_owned())
                    .fix(without_or_true(scene, script, act.command, place))
                    .evidence(why);
                let draft = run.route(scene, draft).via(piece.title(), Some(place));
                draft.advise(ADVICE).say(format!("{what}{target} is checked and the outcome ignored"));
            }
        }
    }
}

/// A check that a use does not depend on.
fn passed_by<'c, 'a>(check: &'c Checked<'a>) -> Option<(&'c Stop<'a>, Flaw)> {
    match check {
        Checked::Flawed { at, flaw: flaw @ (Flaw::Ignored | Flaw::Bypassed) } => Some((at, *flaw)),
        _ => None,
    }
}

fn say_of_use(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Followed<'_, '_>]) {
    let Some(main) = followed::main(found) else { return };
    let Some((at, flaw)) = passed_by(&main.usage.check) else { return };
    let (Some(script), Some(act)) = (at.script, at.act()) else { return };
    let ActKind::Verify { kind, .. } = &act.kind else { return };
    let url = &main.download.url;
    let host = download::host(url);
    let file = url.file_name().filter(|_| url.known && !url.text.starts_with("gh:"));
    let of = file.map_or_else(|| "a download".to_owned(), |name| format!("`{name}`"));
    let what = name(*kind);
    // Where it runs in any case, it is as good as unchecked.
    let (severity, _, impact) = download::weigh(main.run, url);
    let (severity, impact, why, message) = match flaw {
        Flaw::Ignored => (
            severity.max(Severity::Medium),
            impact,
            "the script goes on when it fails",
            format!("{what} of {of} from {host} is checked, and the file used whatever comes of it"),
        ),
        _ => (
            Severity::Low,
            None,
            "a way leads past it",
            format!("{what} of {of} from {host} is checked on some of the ways to its use alone"),
        ),
    };
    let held = if severity >= Severity::Medium { main.run.held() } else { String::new() };
    let draft = report
        .at(at.place, why)
        .severity(severity)
        .confidence(Confidence::Medium)
        .impact(impact)
        .also(found.iter().filter_map(|f| passed_by(&f.usage.check).map(|(at, _)| at.place)))
        .related(main.usage.at.place, "used here")
        .about("check", what, None)
        .content(script.text.text.get(act.range.clone()).unwrap_or("").to_owned())
        .fix(if found.len() == 1 { without_or_true(scene, script, act.command, at.place) } else { None })
        .evidence(why);
    let draft = followed::places(found).into_iter().fold(draft, |draft, at| draft.related(at, "downloaded here"));
    let advice =
        if flaw == Flaw::Ignored { ADVICE } else { "check it before every use, and fail where it cannot be checked" };
    main.route(scene, draft).advise(advice).say(format!("{message}{held}"));
}

/// Takes `|| true` from behind a check, where its failure then ends the script.
fn without_or_true(scene: &Scene<'_>, script: &Script, check: usize, place: Place) -> Option<Edit> {
    let program = &script.program;
    let command = program.commands.get(check)?;
    let position = command.list?;
    let items = &program.lists.get(position.list)?.items;
    let next = items.get(position.item + 1)?;
    let is_last = items.len() == position.item + 2 && next.op == Some(ListOp::Or) && next.commands.len() == 1;
    let otherwise = program.commands.get(next.commands.start)?;
    let name = otherwise.name.as_ref()?.literal()?;
    let does_nothing = matches!(name.as_str(), "true" | ":") && otherwise.args.is_empty();
    // The last stage of its pipeline, and alone in front of the `||`.
    let stages = &program.pipelines.get(command.pipeline)?.stages;
    let ends = command.position + 1 == stages.len() && position.item == 0 && !command.negated;
    if !is_last || !does_nothing || !ends || !errexit_at(program, check) || !otherwise.redirects.is_empty() {
        return None;
    }
    let span = script.text.host_span(command.range.end..otherwise.range.end);
    let written = scene.sources.get(place.file)?.text_at(span);
    let is_it = written.trim().strip_prefix("||").is_some_and(|rest| rest.trim() == name);
    is_it.then(|| Edit { place: Place::new(place.file, span), text: String::new() })
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
