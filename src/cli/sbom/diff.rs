//! `sbom diff`: how two documents differ, for who reviews them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::file;
use crate::cli::args::{ListFormat, SbomDiffOptions};
use crate::cli::{Surroundings, output, shown};
use crate::diag::redact::redact;
use crate::report::escape;
use crate::sbom::diff::{Change, Diff, Weight, What, diff};

const SCHEMA: &str = "custody/sbom-diff/v1";
/// Lines of one kind of change that the screen shows.
const SHOWN: usize = 12;

#[derive(Debug, Serialize)]
struct Report<'a> {
    schema: &'static str,
    before: &'a str,
    after: &'a str,
    complete: bool,
    changes: &'a [Change],
}

pub(super) fn run(options: &SbomDiffOptions, around: &Surroundings) -> Result<u8> {
    let (before, old_is_partial) = file::document(&options.before, around)?;
    let (after, new_is_partial) = file::document(&options.after, around)?;
    let complete = !old_is_partial && !new_is_partial;
    let found = diff(&before.bom, &after.bom);
    match options.format {
        ListFormat::Json => {
            let (before, after) = (shown(&options.before), shown(&options.after));
            let changes = &found.changes;
            let report = Report { schema: SCHEMA, before: &before, after: &after, complete, changes };
            let mut text = serde_json::to_string_pretty(&report)?;
            text.push('\n');
            output::print(text.as_bytes())?;
        }
        ListFormat::Text => output::print(text(&found, complete, options.all).as_bytes())?,
    }
    Ok(match (found.is_empty(), complete) {
        (false, _) => 1,
        (true, true) => 0,
        // What could not be read may differ.
        (true, false) => 3,
    })
}

/// The screen: what is grave first, lists of the same kind together and cut short.
fn text(found: &Diff, complete: bool, all: bool) -> String {
    let mut out = String::new();
    let mut by_kind: BTreeMap<(Weight, What), Vec<&Change>> = BTreeMap::new();
    for change in &found.changes {
        by_kind.entry((change.weight, change.what)).or_default().push(change);
    }
    for ((weight, what), changes) in &by_kind {
        let _ = writeln!(out, "{} ({})", heading(*weight, *what), changes.len());
        let limit = if all { usize::MAX } else { SHOWN };
        for change in changes.iter().take(limit) {
            let _ = writeln!(out, "   {}", line(change));
        }
        if changes.len() > limit {
            let _ = writeln!(out, "   … {} more under --all", changes.len() - limit);
        }
    }
    let s = if found.before == 1 { "" } else { "s" };
    let parts = format!("{} part{s} before, {} after", found.before, found.after);
    let read = if complete { "" } else { " · not all of them could be read" };
    let _ = match found.changes.len() {
        0 => writeln!(out, "nothing differs · {parts}{read}"),
        1 => writeln!(out, "1 change · {parts}{read}"),
        many => writeln!(out, "{many} changes · {parts}{read}"),
    };
    out
}

fn heading(weight: Weight, what: What) -> String {
    let text = match what {
        What::Content => "OTHER BYTES UNDER THE SAME VERSION",
        What::ChatTemplate => "chat templates that changed",
        What::HashLost => "digests that are no longer told",
        What::PinLost => "versions that nothing holds any more",
        What::Lineage => "where models come from",
        What::Added => "added",
        What::Removed => "removed",
        What::Version => "other versions",
        What::PinGained => "versions that are held now",
        What::Endpoint => "where services answer",
        What::Licence => "licences",
        What::Supplier => "suppliers and makers",
        What::Scope => "what parts are needed for",
        What::Dependency => "what parts need",
        What::Card => "what cards tell",
        What::Unknown => "what cannot be told from the files",
        What::Subject => "what the document is about",
    };
    match (weight, what) {
        (Weight::Heavy, What::Added | What::Removed | What::Version) => {
            format!("models, data, images, actions and services: {text}")
        }
        (Weight::Plain, What::Added | What::Removed | What::Version) => format!("packages and other parts: {text}"),
        _ => text.to_owned(),
    }
}

fn line(change: &Change) -> String {
    let kind = change.kind.map_or_else(String::new, |kind| format!("{kind} "));
    let moved = match (&change.before, &change.after) {
        (Some(before), Some(after)) => format!(": {before} → {after}"),
        (None, Some(after)) => format!(": {after}"),
        (Some(before), None) if matches!(change.what, What::Removed) => format!(": {before}"),
        (Some(before), None) => format!(": no longer {before}"),
        (None, None) => String::new(),
    };
    escape::line(&escape::terminal(&redact(&format!("{kind}{}{moved}", change.part))))
}
