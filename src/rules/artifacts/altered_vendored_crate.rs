//! A vendored crate whose files are not those of its release.

use std::collections::BTreeMap;

use crate::diag::Severity;
use crate::graph::Document;
use crate::graph::kinds::cargo::Checksums;
use crate::rules::{Reporter, Rule, Scene};
use crate::source::{Place, RepoPath, Role, Span};

pub(super) static RULE: Rule = Rule {
    id: "altered-vendored-crate",
    title: "vendored crate whose files are not those of its release",
    many: "{n} vendored crates are not the releases they say they are",
    severity: Severity::Medium,
    since: "0.1",
    docs: include_str!("altered_vendored_crate.md"),
    check,
};

/// Files that a message names.
const NAMED: usize = 3;

/// An entry of a lock.
struct Locked<'a> {
    checksum: Option<&'a str>,
    place: Place,
    role: Role,
}

type ByRelease<'a> = BTreeMap<(&'a str, &'a str), Vec<Locked<'a>>>;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let lists: Vec<&Checksums> = scene
        .documents
        .iter()
        .filter_map(|d| if let Document::CargoChecksums(l) = d { Some(l) } else { None })
        .collect();
    if lists.is_empty() {
        return;
    }
    let releases: BTreeMap<RepoPath, (&str, &str)> = scene
        .manifests()
        .filter_map(|(_, manifest)| {
            let folder = scene.sources.get(manifest.file)?.path.parent();
            let package = manifest.package.as_ref()?;
            Some((folder, (package.name.value.as_str(), package.version.as_ref()?.value.as_str())))
        })
        .collect();
    let locked = locked(scene);
    for list in lists {
        let Some(folder) = scene.sources.get(list.file).map(|f| f.path.parent()) else { continue };
        let release = releases.get(&folder).copied();
        let entries = release.and_then(|release| locked.get(&release)).map_or(&[][..], Vec::as_slice);
        one(scene, report, list, &folder, release, entries);
    }
}

/// What locks that count hold from elsewhere.
fn locked<'a>(scene: &Scene<'a>) -> ByRelease<'a> {
    let mut out = ByRelease::new();
    for view in scene.cargo.locks.iter().filter(|view| !view.role.is_set_aside()) {
        let Some(lock) = scene.lock(view.document) else { continue };
        for (index, package) in lock.packages.iter().enumerate().filter(|(_, p)| p.source.is_some()) {
            let entry = Locked {
                checksum: package.checksum.as_ref().map(|c| c.value.as_str()),
                place: Place::new(lock.file, package.checksum.as_ref().map_or(package.name.span, |c| c.span)),
                role: view.reached.get(index).map_or(view.role, |reached| reached.role),
            };
            out.entry((package.name.value.as_str(), package.version.value.as_str())).or_default().push(entry);
        }
    }
    out
}

fn one(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    list: &Checksums,
    folder: &RepoPath,
    release: Option<(&str, &str)>,
    entries: &[Locked<'_>],
) {
    let changed: Vec<&str> =
        list.changed.iter().filter_map(|&row| list.files.get(row)).map(|(path, _)| path.as_str()).collect();
    let inner = |path: &String| path.get(folder.as_str().len() + 1..).unwrap_or(path).to_owned();
    let unlisted: Vec<String> = list.unlisted.iter().map(inner).collect();
    let unlisted: Vec<&str> = unlisted.iter().map(String::as_str).collect();
    let package = list.package.as_ref();
    // A release of a registry has one checksum; a copy of a repository has none to compare.
    let is_same = |entry: &Locked<'_>| match (package, entry.checksum) {
        (Some(own), Some(locked)) => own.value.eq_ignore_ascii_case(locked),
        _ => true,
    };
    let other = if entries.iter().any(is_same) { None } else { entries.first() };
    let is_empty = list.files.is_empty();
    if changed.is_empty() && unlisted.is_empty() && other.is_none() && !is_empty {
        return;
    }
    let mut said = Vec::new();
    if other.is_some() {
        said.push("its checksum is not the one that the lock holds".to_owned());
    }
    if !changed.is_empty() {
        let have = if changed.len() == 1 { "has" } else { "have" };
        said.push(format!("{} {have} other bytes than its list says", names(&changed)));
    }
    if !unlisted.is_empty() {
        let are = if unlisted.len() == 1 {
            "is code that its list does not name"
        } else {
            "are code that its list does not name"
        };
        said.push(format!("{} {are}", names(&unlisted)));
    }
    let severity = match () {
        () if !changed.is_empty() || other.is_some() => Severity::Medium,
        // Cargo runs it without being told of it.
        () if unlisted.contains(&"build.rs") => Severity::Medium,
        () if !unlisted.is_empty() => Severity::Low,
        () => {
            said.push("its list names no files, so nothing says which belong to it".to_owned());
            Severity::Info
        }
    };
    let (name, version) = release.unwrap_or((folder.name(), ""));
    let file = scene.sources.path(list.file);
    let (span, label) = match (other, changed.first()) {
        (Some(_), _) => (package.map_or(Span::default(), |p| p.span), "another checksum than the lock's"),
        (None, Some(path)) => (row(scene, list, path), "the digest that does not hold"),
        (None, None) if is_empty => (Span::default(), "lists nothing"),
        (None, None) => (Span::default(), "lists other files"),
    };
    // What a build takes from the folder is for what the build is for.
    let role = entries.iter().map(|entry| entry.role).min().unwrap_or_else(|| scene.role(list.file));
    let mut draft = report
        .at(Place::new(list.file, span), label)
        .about("crate", name, Some(version.to_owned()).filter(|v| !v.is_empty()))
        .severity(severity)
        .role(role)
        .content(format!("{name} {version} {} {}", changed.join(" "), unlisted.join(" ")))
        .evidence(format!("SHA-256 of the {} files that {file} lists", list.files.len()));
    if let Some(other) = other {
        draft = draft.related(other.place, "what the lock holds");
    } else if let Some(entry) = entries.first() {
        draft = draft.related(entry.place, "locked here");
    }
    for path in &list.unlisted {
        draft = draft.evidence(format!("{path} is not listed"));
    }
    for (count, what) in [(list.missing, "are not in the tree"), (list.other_line_ends, "differ in line ends alone")] {
        if count > 0 {
            draft = draft.evidence(format!("{count} listed files {what}"));
        }
    }
    if let Some((count, why)) = &list.uncompared {
        draft = draft.evidence(format!("{count} files were not compared: {why}"));
    }
    let version = if version.is_empty() { String::new() } else { format!(" {version}") };
    let verdict = match severity {
        Severity::Info => "cannot be compared with its release",
        _ => "is not the release it says it is",
    };
    draft
        .advise("vendor it anew and look at the difference: cargo vendor --locked")
        .advise("a change that is wanted belongs into a fork that `[patch]` names, where the lock shows it")
        .say(format!("the vendored copy of `{name}`{version} {verdict}: {}", said.join("; ")));
}

/// Where the list names a file.
fn row(scene: &Scene<'_>, list: &Checksums, path: &str) -> Span {
    let quoted = format!("\"{path}\"");
    let text = scene.sources.get(list.file).map_or("", |file| file.text.as_str());
    text.find(&quoted).map_or(Span::default(), |at| Span::new(at, at + quoted.len()))
}

fn names(paths: &[&str]) -> String {
    let shown: Vec<String> = paths.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    match paths.len().saturating_sub(NAMED) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
