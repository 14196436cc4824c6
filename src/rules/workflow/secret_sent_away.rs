//! Secrets or the whole environment, sent to where they do not belong or laid open.

use super::planted_workflow::planted;
use std::collections::BTreeSet;

use super::reach::{self, Piece, Run};
use super::sending::hidden::twice;
use super::sending::{Carried, Sent, sent};
use crate::diag::{Confidence, Impact, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "secret-sent-away",
    title: "secrets are sent away or laid open",
    many: "{n} scripts send secrets away or lay them open",
    severity: Severity::Critical,
    since: "0.1",
    docs: include_str!("secret_sent_away.md"),
    check,
};

/// One thing that a script does.
struct Found {
    place: Place,
    severity: Severity,
    confidence: Confidence,
    message: String,
    evidence: String,
    subject: String,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let known: BTreeSet<FileId> =
        scene.workflows().filter(|workflow| planted(scene, workflow).is_some()).map(|workflow| workflow.file).collect();
    for run in reach::all_runs(scene) {
        // What is planted is said once, by the rule that knows it.
        if known.contains(&run.file) {
            continue;
        }
        for piece in run.scripts() {
            for found in found(run, &piece) {
                say(report, scene, run, &found);
            }
        }
    }
}

fn found(run: &Run<'_>, piece: &Piece<'_>) -> Vec<Found> {
    let mut out: Vec<Found> = sent(run, piece).iter().filter_map(of_sent).collect();
    out.extend(twice(run, piece).into_iter().map(|(place, what)| Found {
        place,
        severity: Severity::Critical,
        confidence: Confidence::High,
        message: format!("{} encoded in base64 twice, which no log masks", is(&named(&what), &what)),
        evidence: "GitHub masks a secret in logs as it is and encoded once".to_owned(),
        subject: named(&what),
    }));
    let text = &piece.script.text;
    for (at, _) in text.text.match_indices("/proc/") {
        let rest = text.text.get(at + "/proc/".len()..).unwrap_or("");
        let end =
            rest.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | ')' | ';' | ',')).unwrap_or(rest.len());
        let path = rest.get(..end).unwrap_or("");
        if path.ends_with("/mem") {
            out.push(Found {
                place: Place::new(run.file, text.host_span(at..at + "/proc/".len() + end)),
                severity: Severity::Critical,
                confidence: Confidence::Medium,
                message: format!("the memory of other processes is read by `/proc/{path}`"),
                evidence: "the runner's memory holds every secret of the job, masked or not".to_owned(),
                subject: "memory".to_owned(),
            });
            break;
        }
    }
    out
}

/// What is to be said of something that leaves. One secret goes to many places for good reasons: to a login, an
/// interface, a hook.
fn of_sent(sent: &Sent) -> Option<Found> {
    let Sent { place, by, to, what } = sent;
    if to.as_ref().is_some_and(|host| host.is_near) {
        return None;
    }
    let doubt = to.as_ref().and_then(|host| host.doubt);
    let all = what.iter().any(|c| matches!(c, Carried::Environment | Carried::AllSecrets));
    let by_name = what.iter().filter(|c| matches!(c, Carried::Secret { under_its_name: true, .. })).count();
    let (severity, confidence) = match (all, doubt.is_some(), by_name) {
        (true, ..) | (_, true, _) => (Severity::Critical, Confidence::High),
        (_, _, 3..) => (Severity::High, Confidence::Medium),
        _ => return None,
    };
    let host = to.as_ref().map_or("an address that is not written", |host| host.name.as_str());
    let evidence = match doubt {
        Some(why) => format!("{host}: {why}"),
        None if all => "no service needs all of it".to_owned(),
        None => "each is sent under the name that it has in the repository's settings".to_owned(),
    };
    let subject = named(what);
    let message = format!("{} sent to {host} by {by}", is(&subject, what));
    Some(Found { place: *place, severity, confidence, message, evidence, subject })
}

/// What is carried, in words.
pub(super) fn named(what: &[Carried]) -> String {
    if what.contains(&Carried::AllSecrets) {
        return "all secrets".to_owned();
    }
    if what.contains(&Carried::Environment) {
        return "all environment variables".to_owned();
    }
    let names: Vec<&str> = what
        .iter()
        .filter_map(|c| if let Carried::Secret { name, .. } = c { Some(name.as_str()) } else { None })
        .collect();
    match names.as_slice() {
        [one] => format!("secret {one}"),
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("secrets {first}, {second}, {third} and {} more", rest.len())
        }
        many => format!("secrets {}", many.join(", ")),
    }
}

fn is(subject: &str, what: &[Carried]) -> String {
    let one = what.len() == 1 && matches!(what.first(), Some(Carried::Secret { .. }));
    format!("{subject} {}", if one { "is" } else { "are" })
}

fn say(report: &mut Reporter<'_>, scene: &Scene<'_>, run: &Run<'_>, found: &Found) {
    let draft = report
        .at(found.place, "here")
        .severity(found.severity)
        .confidence(found.confidence)
        .impact(Some(Impact::ReachesSecrets))
        .about("secret", found.subject.clone(), None)
        .content(found.message.clone())
        .evidence(found.evidence.clone())
        .advise(
            "take it out; unless you know who put it there, look at who changed this file, and take every secret that \
             the job could read for stolen",
        );
    run.route(scene, draft).say(found.message.clone());
}
