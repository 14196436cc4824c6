//! Whether a command runs what it fetches.

use crate::commands::{ActKind, Input, UrlText};
use crate::graph::Document;
use crate::graph::build::agents::of_tree;
use crate::graph::flow::{Checked, Use, UseKind};
use crate::graph::kinds::workflow::Script;
use crate::rules::Scene;
use crate::source::{FileId, Span};

/// What is run that a reader of the file does not see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unread {
    /// What an address serves.
    Served(UrlText, Span),
    /// A text that is written in a way nobody reads.
    Encoded(Span),
}

/// What a script runs that does not stand in it.
pub(super) fn unread(scene: &Scene<'_>, script: &Script) -> Option<Unread> {
    let acts = &script.acts;
    let served = scene.flows.downloads.iter().find(|download| {
        let is_of_it = download.at.script.is_some_and(|own| std::ptr::eq(own, script));
        is_of_it && !download.url.local && download.uses.iter().any(is_run)
    });
    if let Some(download) = served {
        return Some(Unread::Served(download.url.clone(), download.at.place.span));
    }
    let lower = script.text.text.to_ascii_lowercase();
    let decodes = ["base64 -d", "base64 --decode", "base64 -D"].iter().any(|word| script.text.text.contains(word));
    let runs = |act: &crate::commands::Act| matches!(&act.kind, ActKind::Interpret { input, .. } if !matches!(input, Input::File(_) | Input::Text));
    if decodes && let Some(act) = acts.iter().find(|act| runs(act)) {
        return Some(Unread::Encoded(script.text.host_span(act.range.clone())));
    }
    let is_powershell = lower.contains("powershell") || lower.contains("pwsh");
    let encoded = [" -enc ", " -encodedcommand ", " -e ", " -ec "].iter().any(|option| lower.contains(option));
    (is_powershell && encoded).then_some(Unread::Encoded(script.span))
}

/// Whether a use runs what nothing checked.
fn is_run(usage: &Use<'_>) -> bool {
    let runs = matches!(
        usage.kind,
        UseKind::Executed | UseKind::Interpreted | UseKind::Installed | UseKind::Built | UseKind::OnPath
    );
    runs && !matches!(usage.check, Checked::Yes { .. })
}

/// The same for the scripts of the tree that a command calls, with the file in which it stands.
pub(super) fn unread_in_tree(scene: &Scene<'_>, script: &Script) -> Option<(FileId, Unread)> {
    for (path, _) in script.acts.iter().filter_map(crate::commands::Act::called) {
        let Some(path) = of_tree(path) else { continue };
        let called = scene.documents.iter().find_map(|document| match document {
            Document::Commands(file) if scene.sources.path(file.file) == path.as_str() => Some(file),
            _ => None,
        });
        let scripts = called.into_iter().flat_map(|file| &file.blocks).filter_map(|block| block.script.as_ref());
        if let Some(found) = scripts.filter_map(|script| unread(scene, script)).next() {
            return called.map(|file| (file.file, found));
        }
    }
    None
}
