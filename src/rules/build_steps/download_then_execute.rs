//! A file that is downloaded and then run or installed, unverified.

use std::collections::BTreeMap;

use super::download;
use crate::commands::{ActKind, UrlText, download_then_execute};
use crate::diag::Severity;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "download-then-execute",
    title: "a download is run unverified",
    many: "{n} downloads are run unverified",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("download_then_execute.md"),
    check,
};

/// One download and its use.
struct Found<'a, 'r> {
    place: Place,
    used_at: Place,
    run: &'r Run<'a>,
    step: String,
    url: UrlText,
    how: String,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::runs(scene);
    let mut found: BTreeMap<(FileId, String), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in &runs {
        for (step, script) in run.scripts() {
            for flow in download_then_execute(&script.program, &script.acts) {
                let (Some(fetch), Some(usage)) = (script.acts.get(flow.fetch), script.acts.get(flow.usage)) else {
                    continue;
                };
                let ActKind::Fetch { url, .. } = &fetch.kind else { continue };
                // What this repository released, or another of its jobs built, is its own.
                let own = url.text.starts_with("gh:./")
                    || url.text.contains("/runs/")
                    || url.text.contains("github.repository }}/releases");
                if flow.verified_by.is_some() || url.local || own {
                    continue;
                }
                let place = |range: &std::ops::Range<usize>| Place::new(run.file, script.text.host_span(range.clone()));
                let one = Found {
                    place: place(&fetch.range),
                    used_at: place(&usage.range),
                    run,
                    step: step.title(),
                    url: url.clone(),
                    how: how(&usage.kind),
                };
                let places = found.entry((run.file, url.text.clone())).or_default();
                // A file that is run twice is one download.
                if !places.iter().any(|p| p.place == one.place) {
                    places.push(one);
                }
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

fn how(usage: &ActKind) -> String {
    match usage {
        ActKind::InstallLocal { manager, .. } => format!("installed by {manager}"),
        ActKind::Interpret { by, .. } => format!("run by {by}"),
        ActKind::MakeExecutable { .. } | ActKind::Transfer { .. } | ActKind::Extract { .. } => {
            "put on the search path".to_owned()
        }
        _ => "executed".to_owned(),
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let (severity, confidence, impact) = download::weigh(main.run, &main.url);
    let host = download::host(&main.url);
    let file = main.url.file_name().filter(|_| main.url.known && !main.url.text.starts_with("gh:"));
    let what = file.map_or_else(|| "a download".to_owned(), |name| format!("`{name}`"));
    let held = if impact.is_some() { main.run.held() } else { String::new() };
    let draft = report
        .at(main.place, download::shown(&main.url))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .related(main.used_at, format!("{} here", main.how))
        .about("download", host.clone(), None)
        .content(main.url.text.clone())
        .evidence(format!(
            "{}; no check that would stop the script stands between the download and its use",
            download::evidence(&main.url)
        ));
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft.advise(advice(&main.url)).say(format!("{what} from {host} is {} unverified{held}", main.how));
}

fn advice(url: &UrlText) -> String {
    if let Some(rest) = url.text.strip_prefix("gh:") {
        let repository = rest.split("/releases/").next().unwrap_or(rest);
        return format!("check where it was built before it runs: gh attestation verify <file> --repo {repository}");
    }
    let file = url.file_name().filter(|n| !n.contains(['$', '(', '}'])).unwrap_or("<file>");
    let version = if download::fixity(url) == download::Fixity::Moving { "fetch one version, and " } else { "" };
    format!(
        "{version}check it against a digest kept in the repository before it is used: echo \"<sha256>  {file}\" | sha256sum -c -"
    )
}
