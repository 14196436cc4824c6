//! A download that an interpreter runs as it arrives.

use std::collections::BTreeMap;

use super::download;
use crate::commands::{ActKind, UrlText, pipe_to_interpreter};
use crate::diag::Severity;
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{FileId, Place};

pub(super) static RULE: Rule = Rule {
    id: "fetch-to-interpreter",
    title: "a download is run as it arrives",
    many: "{n} downloads are run as they arrive",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("fetch_to_interpreter.md"),
    check,
};

/// One place where it happens.
struct Found<'a, 'r> {
    place: Place,
    run: &'r Run<'a>,
    step: String,
    url: UrlText,
    by: String,
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::runs(scene);
    let mut found: BTreeMap<(FileId, String), Vec<Found<'_, '_>>> = BTreeMap::new();
    for run in &runs {
        for (step, script) in run.scripts() {
            for (fetch, usage) in pipe_to_interpreter(&script.program, &script.acts) {
                let (Some(fetch), Some(usage)) = (script.acts.get(fetch), script.acts.get(usage)) else { continue };
                let (ActKind::Fetch { url, .. }, ActKind::Interpret { by, .. }) = (&fetch.kind, &usage.kind) else {
                    continue;
                };
                if url.local {
                    continue;
                }
                let place = Place::new(run.file, script.text.host_span(fetch.range.clone()));
                let one = Found { place, run, step: step.title(), url: url.clone(), by: by.clone() };
                found.entry((run.file, url.text.clone())).or_default().push(one);
            }
        }
    }
    for places in found.values() {
        say(scene, report, places);
    }
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, found: &[Found<'_, '_>]) {
    let Some(main) = found.iter().reduce(|best, next| if next.run.weight() > best.run.weight() { next } else { best })
    else {
        return;
    };
    let (severity, confidence, impact) = download::weigh(main.run, &main.url);
    let host = download::host(&main.url);
    let held = if impact.is_some() { main.run.held() } else { String::new() };
    let draft = report
        .at(main.place, format!("read by {}", main.by))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(|f| f.place))
        .about("download", host.clone(), None)
        .content(main.url.text.clone())
        .evidence(format!("{}; nothing stands between the download and {}", download::evidence(&main.url), main.by));
    let draft = main.run.route(scene, draft).via(main.step.clone(), Some(main.place));
    draft.advise(advice(&main.url)).say(format!("what {host} serves is run by {} as it arrives{held}", main.by));
}

/// The tool's own pinned way, where there is one.
fn advice(url: &UrlText) -> String {
    let text = url.text.as_str();
    if text.contains("sh.rustup.rs") || text.contains("static.rust-lang.org/rustup") {
        return "GitHub's runners carry rustup; elsewhere fetch rustup-init of one version and check it: \
                curl -fsSLO https://static.rust-lang.org/rustup/archive/<version>/<target>/rustup-init && \
                echo \"<sha256>  rustup-init\" | sha256sum -c - && chmod +x rustup-init && ./rustup-init -y"
            .to_owned();
    }
    if text.contains("astral.sh/uv") || text.contains("astral-sh/uv") {
        return "use astral-sh/setup-uv at a commit with a `version`, which checks what it downloads: astral-sh/setup-uv@<commit>".to_owned();
    }
    if text.contains("install.python-poetry.org") {
        return "install one version with its dependencies locked by hash: pip install --require-hashes -r poetry.txt"
            .to_owned();
    }
    let file = url.file_name().filter(|n| !n.contains('$')).unwrap_or("install.sh");
    format!(
        "fetch one version to a file and check it before it runs: curl -fsSL -o {file} <address of a version> && \
         echo \"<sha256>  {file}\" | sha256sum -c - && sh {file}"
    )
}
