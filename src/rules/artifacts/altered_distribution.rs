//! A distribution whose files are not those of its own list.

use crate::diag::{Confidence, Severity};
use crate::graph::Document;
use crate::graph::kinds::artifact::{BuiltDistribution, RecordFile};
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, Span};

pub(super) static RULE: Rule = Rule {
    id: "altered-distribution",
    title: "distribution whose files are not those of its list",
    many: "{n} distributions are not what their own lists say",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("altered_distribution.md"),
    check,
};

/// Files that a message names.
const NAMED: usize = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for document in scene.documents {
        match document {
            Document::Record(record) => installed(scene, report, record),
            Document::Built(built) => packed(scene, report, built),
            _ => {}
        }
    }
}

fn installed(scene: &Scene<'_>, report: &mut Reporter<'_>, record: &RecordFile) {
    if record.changed.is_empty() && record.unlisted.is_empty() {
        return;
    }
    let path = scene.sources.path(record.file);
    let folder = path.trim_end_matches("/RECORD");
    let name = folder.rsplit('/').next().unwrap_or(folder).trim_end_matches(".dist-info");
    let (name, version) = name.rsplit_once('-').unwrap_or((name, ""));
    let changed: Vec<&str> =
        record.changed.iter().filter_map(|&row| record.rows.get(row)).map(|row| row.path.as_str()).collect();
    let row = record.changed.first().and_then(|&row| record.rows.get(row));
    let place = Place::new(record.file, row.map_or(Span::default(), |row| row.span));
    let mut said = Vec::new();
    if !changed.is_empty() {
        let have = if changed.len() == 1 { "has" } else { "have" };
        said.push(format!("{} {have} other bytes than its RECORD says", list(&changed)));
    }
    if !record.unlisted.is_empty() {
        let own = |path: &String| path.rsplit('/').next().unwrap_or(path).to_owned();
        let unlisted: Vec<String> = record.unlisted.iter().map(own).collect();
        let unlisted: Vec<&str> = unlisted.iter().map(String::as_str).collect();
        let is = if unlisted.len() == 1 { "is code that no RECORD lists" } else { "are code that no RECORD lists" };
        said.push(format!("{} {is}", list(&unlisted)));
    }
    let mut draft = report
        .at(place, if row.is_some() { "the digest that does not hold" } else { "lists other files" })
        .about("distribution", name, Some(version.to_owned()).filter(|v| !v.is_empty()))
        .content(format!("{name} {version} {} {}", changed.join(" "), record.unlisted.join(" ")))
        .evidence(format!("SHA-256 of the files that {path} lists"));
    for path in &record.unlisted {
        draft = draft.evidence(format!("{path} is not listed"));
    }
    if !record.missing.is_empty() {
        draft = draft.evidence(format!("{} listed files are not in the tree", record.missing.len()));
    }
    if let Some((count, why)) = &record.uncompared {
        draft = draft.evidence(format!("{count} files were not compared: {why}"));
    }
    draft
        .advise(
            "install the release anew and look at the difference; keep a change that is wanted as a patch beside it",
        )
        .say(format!("the installed `{name}` {version} was changed: {}", said.join("; ")));
}

fn packed(scene: &Scene<'_>, report: &mut Reporter<'_>, built: &BuiltDistribution) {
    let Some(first) = built.disagreements.first() else { return };
    let path = scene.sources.path(built.file);
    let file_name = path.rsplit('/').next().unwrap_or(path);
    // A list that leaves digests out is not contradicted; it only says nothing.
    let (severity, label, verdict, advice) = if first.is_grave {
        (
            Severity::High,
            "is not what it says",
            "is not what it says",
            "compare it with the file of that name on its index, and take that one with its hash",
        )
    } else {
        (
            Severity::Low,
            "its own list is not in order",
            "does not agree with its own list",
            "build it anew with a current build tool, or take the release from its index with its hash",
        )
    };
    let mut draft = report
        .at(Place::new(built.file, Span::default()), label)
        .about("distribution", built.name.value.clone(), built.version.as_ref().map(|v| v.value.clone()))
        .severity(severity)
        .confidence(Confidence::High)
        .content(format!("{file_name} {}", first.text))
        .evidence("every file of the archive was unpacked in memory and compared with its RECORD");
    for disagreement in built.disagreements.iter().skip(1) {
        draft = draft.evidence(disagreement.text.clone());
    }
    let more = match built.disagreements.len() {
        1 => String::new(),
        n => format!(", and {} more", n - 1),
    };
    draft.advise(advice).say(format!("{file_name} {verdict}: {}{more}", first.text));
}

fn list(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
