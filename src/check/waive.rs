//! What other tools are told to ignore, honoured on request. A change may bring its own ignore file, so
//! nothing is honoured unasked, nothing vanishes, and an attack is excused by nothing.

use std::collections::BTreeMap;

use crate::diag::{Diagnostic, Impact};
use crate::graph::Document;
use crate::graph::kinds::ignores::{IgnoreEntry, IgnoreFile, IgnoringTool};
use crate::source::{RepoPath, Sources};

/// What excuses each finding, by its position. On a day that is not known, an ignore with an end does not
/// count.
pub(super) fn waivers(
    diagnostics: &[Diagnostic],
    documents: &[Document],
    sources: &Sources,
    today: Option<&str>,
) -> BTreeMap<usize, String> {
    // Ids of findings to files and entries that name them.
    let mut by_id: BTreeMap<&str, Vec<(&IgnoreFile, &IgnoreEntry)>> = BTreeMap::new();
    for document in documents {
        let Document::Ignores(file) = document else { continue };
        for entry in file.entries.iter().filter(|entry| !entry.id.value.is_empty()) {
            let is_over = entry.until.is_some() && today.is_none_or(|today| entry.is_expired(today));
            if !is_over {
                by_id.entry(&entry.id.value).or_default().push((file, entry));
            }
        }
    }
    let mut out = BTreeMap::new();
    for (index, diagnostic) in diagnostics.iter().enumerate() {
        let Some(topic) = diagnostic.topic.as_ref().filter(|_| diagnostic.impact != Some(Impact::Malicious)) else {
            continue;
        };
        let mut names = std::iter::once(&topic.id).chain(&topic.aliases);
        let found =
            names.find_map(|id| by_id.get(id.as_str())?.iter().find(|(file, _)| covers(file, diagnostic, sources)));
        if let Some((file, entry)) = found {
            let path = sources.path(file.file);
            let line = sources.get(file.file).map_or(1, |f| f.position(entry.span.start).line);
            let reason = entry.reason.as_ref().map_or("no reason given", |reason| reason.value.as_str());
            out.insert(index, format!("ignored in {path} line {line}: {reason}"));
        }
    }
    out
}

/// Whether a tool that reads the file would have met the finding.
fn covers(file: &IgnoreFile, diagnostic: &Diagnostic, sources: &Sources) -> bool {
    let folder = folder(file, sources);
    let is_crate = diagnostic.subject.as_ref().is_some_and(|s| s.kind == "crate");
    // Every lock it stands for has to be one that the file speaks of.
    let places = std::iter::once(&diagnostic.primary.place).chain(&diagnostic.places);
    let lies = |path: &str| {
        let Some(path) = RepoPath::new(path) else { return false };
        match file.tool {
            IgnoringTool::OsvScanner => path.parent() == folder,
            IgnoringTool::CargoDeny | IgnoringTool::CargoAudit => folder.is_root() || path.is_under(&folder),
        }
    };
    (is_crate || file.tool == IgnoringTool::OsvScanner)
        && places.into_iter().all(|place| lies(sources.path(place.file)))
}

/// The folder a file speaks of.
fn folder(file: &IgnoreFile, sources: &Sources) -> RepoPath {
    let own = sources.get(file.file).map(|f| f.path.parent()).unwrap_or_default();
    if own.name() == ".cargo" { own.parent() } else { own }
}
