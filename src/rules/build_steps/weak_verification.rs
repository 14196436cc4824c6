//! A download that is used after a check that proves little.

use super::advice::{self, Comparer, Ground};
use super::download::{self, Fixity};
use super::followed::{self, Followed, followed};
use crate::commands::{ActKind, Check, Signer};
use crate::diag::{Confidence, Impact, Severity};
use crate::graph::flow::{Checked, Download, Flaw, Stop, Use, UseKind};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "weak-verification",
    title: "a check of a download proves little",
    many: "{n} checks of downloads prove little",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("weak_verification.md"),
    check,
};

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for found in followed(scene, &is_told).values() {
        say(scene, report, found);
    }
}

fn is_told(_: &Download<'_>, usage: &Use<'_>) -> bool {
    usage.kind != UseKind::Published && weak(&usage.check).is_some()
}

/// The check and what is wrong with it. Signatures of anybody are told by `unpinned-signer` where it sees why.
fn weak<'c, 'a>(check: &'c Checked<'a>) -> Option<(&'c Stop<'a>, Flaw)> {
    let Checked::Flawed { at, flaw } = check else { return None };
    let is_vendors = matches!(
        at.act().map(|a| &a.kind),
        Some(ActKind::Verify {
            kind: crate::commands::Verifier::Openssl,
            check: Check::Signature(Signer::Anybody),
            ..
        })
    );
    match flaw {
        Flaw::SameOrigin | Flaw::Broken => Some((at, *flaw)),
        Flaw::AnySigner if is_vendors => Some((at, *flaw)),
        Flaw::AnySigner | Flaw::Ignored | Flaw::Bypassed => None,
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Followed<'_, '_>]) {
    let Some(main) = followed::main(found) else { return };
    let Some((at, flaw)) = weak(&main.usage.check) else { return };
    let (url, run) = (&main.download.url, main.run);
    let host = download::host(url);
    let file = url.file_name().filter(|_| url.known && !url.text.starts_with("gh:"));
    let what = file.map_or_else(|| "a download".to_owned(), |name| format!("`{name}`"));
    // Less than without any check, and nobody has to stop for it.
    let reaches = matches!(run.impact(), Some(Impact::ReachesSecrets | Impact::ReachesRelease));
    let severity = match (flaw, download::fixity(url)) {
        (Flaw::SameOrigin | Flaw::AnySigner, Fixity::Moving | Fixity::Version) if reaches => Severity::Medium,
        _ => Severity::Low,
    };
    let (message, evidence) = match flaw {
        Flaw::SameOrigin => (
            format!("{what} is compared with a digest that comes from {host} along with it"),
            "whoever can replace the file there can replace the digest too; it shows no more than that the file came whole",
        ),
        Flaw::Broken => (
            format!("{what} from {host} is compared by a digest that is broken"),
            "files with the same MD5 or SHA-1 can be made, so its publisher could have two",
        ),
        _ => (
            format!("{what} from {host} is taken with anybody's signature"),
            "the check does not say whose signature counts",
        ),
    };
    let held = if severity >= Severity::Medium { run.held() } else { String::new() };
    let draft = report
        .at(at.place, "proves little")
        .severity(severity)
        .confidence(Confidence::Medium)
        .also(found.iter().filter_map(|f| weak(&f.usage.check).map(|(at, _)| at.place)))
        .related(main.usage.at.place, "used here")
        .about("download", host.clone(), None)
        .content(url.text.clone())
        .evidence(evidence);
    let draft = followed::places(found).into_iter().fold(draft, |draft, at| draft.related(at, "downloaded here"));
    let draft = main.route(scene, draft);
    let advice = main.download.at.script.map_or_else(String::new, |script| {
        let written = main.download.at.act().and_then(|act| download::written(&act.kind));
        advice::check(url, written.as_deref(), Comparer::of(run, script), Ground::of(run))
    });
    draft.advise(advice).say(format!("{message}{held}"));
}
