//! `ADD` of an address whose content nobody compares with a digest.

use std::collections::BTreeMap;

use super::download::{self, Fixity};
use crate::commands::UrlText;
use crate::diag::Severity;
use crate::graph::kinds::docker::{Copy, InstructionKind};
use crate::rules::workflow::reach::{self, Run};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::Place;

pub(super) static RULE: Rule = Rule {
    id: "unverified-add",
    title: "a download is added to an image unverified",
    many: "{n} downloads are added to images unverified",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("unverified_add.md"),
    check,
};

/// Endings of files that nothing executes.
const DATA: &[&str] = &["json", "txt", "md", "csv", "yaml", "yml", "xml", "conf", "pem", "crt"];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let runs = reach::all_runs(scene);
    let mut found: BTreeMap<String, Vec<(Place, &Run<'_>)>> = BTreeMap::new();
    for run in runs {
        for instruction in run.stage.iter().flat_map(|s| &s.stage.instructions) {
            let InstructionKind::Copy(copy) = &instruction.kind else { continue };
            for source in open(copy) {
                let place = Place::new(run.file, source.span);
                found.entry(source.value.clone()).or_default().push((place, run));
            }
        }
    }
    for (address, places) in &found {
        say(scene, report, address, places);
    }
}

/// The addresses that are fetched and not compared.
fn open(copy: &Copy) -> impl Iterator<Item = &crate::source::Spanned<String>> {
    let fetched = copy.sources.iter().filter(|s| copy.is_add && is_address(&s.value));
    // An empty one compares nothing.
    let is_compared = copy.checksum.as_ref().is_some_and(|c| !c.value.trim().is_empty());
    fetched.filter(move |s| !is_compared && !names_commit(&s.value))
}

fn is_address(text: &str) -> bool {
    ["https://", "http://", "git@", "ssh://", "git://"].iter().any(|start| text.starts_with(start))
}

/// A repository at a commit: `https://example.com/x.git#<commit>`, `?commit=..`, `?checksum=..`.
fn names_commit(text: &str) -> bool {
    let Some((_, rest)) = text.split_once(".git") else { return false };
    rest.split(['#', ':', '?', '&', '='])
        .any(|part| matches!(part.len(), 40 | 64) && part.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn say(scene: &Scene<'_>, report: &mut Reporter<'_>, address: &str, found: &[(Place, &Run<'_>)]) {
    let Some((place, run)) =
        found.iter().reduce(|best, next| if next.1.weight() > best.1.weight() { next } else { best })
    else {
        return;
    };
    let url = UrlText::new(address, !address.contains('$'));
    if url.local {
        return;
    }
    let is_data = url.file_name().and_then(|n| n.rsplit_once('.')).is_some_and(|(_, end)| DATA.contains(&end));
    let (severity, confidence, impact) = match download::weigh(run, &url) {
        (severity, confidence, _) if is_data => (severity.min(Severity::Low), confidence, None),
        all => all,
    };
    let is_repository = address.contains(".git");
    let advice = if is_repository {
        "name the commit behind the address: ADD https://<host>/<repository>.git#<commit> <folder>".to_owned()
    } else {
        let version = if download::fixity(&url) == Fixity::Moving { "name one version, and " } else { "" };
        format!("{version}let BuildKit compare it with a digest: ADD --checksum=sha256:<digest> <address> <file>")
    };
    let held = if impact.is_some() { run.held() } else { String::new() };
    let file = url.file_name().filter(|_| url.known);
    let host = download::host(&url);
    let what = file.map_or_else(|| "a download".to_owned(), |name| format!("`{name}`"));
    let draft = report
        .at(*place, download::shown(&url))
        .severity(severity)
        .confidence(confidence)
        .impact(impact)
        .also(found.iter().map(|(place, _)| *place))
        .about("download", host.clone(), None)
        .content(address)
        .evidence(format!("{}; no `--checksum` stands beside it", download::evidence(&url)));
    let draft = run.route(scene, draft);
    draft.advise(advice).say(format!("{what} from {host} is added to the image unverified{held}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_at_a_commit_is_fixed() {
        let sha = "0123456789abcdef0123456789abcdef01234567";
        for (text, expected) in [
            (format!("https://example.com/a/b.git#{sha}"), true),
            (format!("https://example.com/a/b.git#{sha}:docs"), true),
            (format!("https://example.com/a/b.git?ref=v1&commit={sha}"), true),
            ("https://example.com/a/b.git#v1.2".to_owned(), false),
            (format!("https://example.com/{sha}/b.tar.gz"), false),
        ] {
            assert_eq!(names_commit(&text), expected, "{text}");
        }
    }
}
