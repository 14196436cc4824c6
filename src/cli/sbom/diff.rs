//! `sbom diff`: how two documents differ, for who reviews them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::Result;
use serde::Serialize;

use super::colour;
use super::file;
use crate::cli::args::{ListFormat, SbomDiffOptions};
use crate::cli::{Surroundings, output, shown};
use crate::diag::redact::{redact, value};
use crate::parse::plain_json;
use crate::report::escape;
use crate::sbom::diff::{Change, Diff, Other, Weight, What, diff_with};
use crate::sbom::read::rest;

const SCHEMA: &str = "custody/sbom-diff/v1";
/// Lines of one kind of change that the screen shows.
const SHOWN: usize = 12;
/// Other things that differ and that the screen names.
const COUNTED: usize = 8;

#[derive(Debug, Serialize)]
struct Report<'a> {
    schema: &'static str,
    before: &'a str,
    after: &'a str,
    complete: bool,
    changes: &'a [Change],
    others: &'a [Other],
}

pub(super) fn run(options: &SbomDiffOptions, around: &Surroundings) -> Result<u8> {
    let (before, old_is_partial) = file::document(&options.before, around)?;
    let (after, new_is_partial) = file::document(&options.after, around)?;
    let complete = !old_is_partial && !new_is_partial;
    let rests = rest(&file::bytes(&options.before, around)?).zip(rest(&file::bytes(&options.after, around)?));
    let rests = rests.as_ref().filter(|(was, is)| was.is_like(is)).map(|(was, is)| (was, is));
    let found = diff_with(&before.bom, &after.bom, rests);
    match options.format {
        ListFormat::Json => {
            let (before, after) = (shown(&options.before), shown(&options.after));
            let (changes, others) = (&found.changes, &found.others);
            let report = Report { schema: SCHEMA, before: &before, after: &after, complete, changes, others };
            let mut text = serde_json::to_string_pretty(&report)?;
            text.push('\n');
            output::print(plain_json::json(&text).as_bytes())?;
        }
        ListFormat::Text => {
            let text = text(&found, complete, options.all);
            let heads = [heading(Weight::Alarm, What::Content), heading(Weight::Heavy, What::Trust)];
            let text = colour::painted(&text, options.color, around, |line| match line {
                _ if line.starts_with(&heads[0]) => Some(colour::GRAVE),
                _ if line.starts_with(&heads[1]) => Some(colour::HEAVY),
                _ if line.starts_with("   ") => None,
                _ if line.starts_with("nothing differs") => Some(colour::GOOD),
                _ => Some(colour::HEAD),
            });
            output::print(text.as_bytes())?;
        }
    }
    Ok(match (found.is_empty(), complete) {
        (false, _) => 1,
        (true, true) => 0,
        // What could not be read may differ.
        (true, false) => 3,
    })
}

/// The screen: what is grave first, what is not shipped last, lists of the same kind together and cut short.
fn text(found: &Diff, complete: bool, all: bool) -> String {
    let mut out = String::new();
    let is_last = |change: &&Change| !change.shipped && change.weight != Weight::Alarm;
    blocks(found.changes.iter().filter(|change| !is_last(change)), all, &mut out);
    let last = found.changes.iter().filter(is_last).count();
    if last > 0 {
        let _ = writeln!(out, "NOT SHIPPED, only to build, test or document ({last})");
        blocks(found.changes.iter().filter(is_last), all, &mut out);
    }
    if !found.others.is_empty() {
        let limit = if all { usize::MAX } else { COUNTED };
        let named = found.others.iter().take(limit).map(|one| match one.parts {
            1 => one.what.clone(),
            many => format!("{} ({many} times)", one.what),
        });
        let named: Vec<String> = named.collect();
        let more = match found.others.len().saturating_sub(limit) {
            0 => String::new(),
            more => format!(" and {more} more under --all"),
        };
        let _ = writeln!(out, "also differs: {}{more}", shown_text(&named.join(", ")));
    }
    let s = if found.before == 1 { "" } else { "s" };
    let parts = format!("{} part{s} before, {} after", found.before, found.after);
    let read = if complete { "" } else { " · not all of them could be read" };
    let _ = match found.changes.len() {
        0 if found.others.is_empty() => writeln!(out, "nothing differs · {parts}{read}"),
        1 => writeln!(out, "1 change · {parts}{read}"),
        many => writeln!(out, "{many} changes · {parts}{read}"),
    };
    out
}

fn blocks<'c>(changes: impl Iterator<Item = &'c Change>, all: bool, out: &mut String) {
    // In the order of the first change of each.
    let mut order: Vec<(String, Vec<&Change>)> = Vec::new();
    let mut known: BTreeMap<(Weight, What), usize> = BTreeMap::new();
    for change in changes {
        let key = (change.weight, change.what);
        let at = *known.entry(key).or_insert_with(|| {
            let heading = heading(change.weight, change.what);
            order.iter().position(|(text, _)| *text == heading).unwrap_or_else(|| {
                order.push((heading, Vec::new()));
                order.len() - 1
            })
        });
        order[at].1.push(change);
    }
    for (heading, changes) in &order {
        let _ = writeln!(out, "{heading} ({})", changes.len());
        let limit = if all { usize::MAX } else { SHOWN };
        for change in changes.iter().take(limit) {
            let _ = writeln!(out, "   {}", line(change));
        }
        if changes.len() > limit {
            let _ = writeln!(out, "   … {} more under --all", changes.len() - limit);
        }
    }
}

fn heading(weight: Weight, what: What) -> String {
    let text = match what {
        What::Content if weight == Weight::Alarm => "OTHER BYTES UNDER THE SAME VERSION",
        What::Content => "other bytes, where no version is held",
        What::Trust => "code that is run, scans and signatures",
        What::ChatTemplate => "chat templates that changed",
        What::Origin => "handed over from elsewhere",
        What::HashLost if weight == Weight::Heavy => "digests that are no longer told, or by a weaker algorithm",
        What::HashLost => "digests and files that went, while others stay",
        What::HashGained if weight == Weight::Heavy => "digests and files that came under the same version",
        What::HashGained => "digests that are told now",
        What::PinLost => "versions that nothing holds any more",
        What::Lineage => "where models come from",
        What::Built => "what images and programs are built from",
        What::Serves => "which models services answer with",
        What::Added => "added",
        What::Removed => "removed",
        What::Version => "other versions",
        What::PinGained => "versions that are held now",
        What::Endpoint => "where services answer",
        What::Licence => "licences",
        What::Supplier => "suppliers and makers",
        What::Process => "how parts are made",
        What::Completeness => "what is no longer listed in full",
        What::Kind => "what kind of thing parts are",
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
    // Each value for itself: what stands beside the name of a package is its version, not its secret.
    let is_text = matches!(change.what, What::Unknown | What::Card);
    let clean = if is_text { redact } else { value };
    let (before, after) = (change.before.as_deref().map(clean), change.after.as_deref().map(clean));
    // Of what has no name but one that was made of what it is, the kind stands in it already.
    let is_named = |kind: &str| change.part.strip_prefix(kind).is_some_and(|rest| rest.starts_with(' '));
    let kind = change.kind.filter(|kind| !is_named(kind)).map_or_else(String::new, |kind| format!("{kind} "));
    let moved = match (&before, &after) {
        (Some(before), Some(after)) => format!(": {before} → {after}"),
        (None, Some(after)) => format!(": {after}"),
        (Some(before), None) if matches!(change.what, What::Removed) => format!(": {before}"),
        (Some(before), None) => format!(": no longer {before}"),
        (None, None) => String::new(),
    };
    escape::line(&escape::terminal(&format!("{kind}{}{moved}", clean(&change.part))))
}

fn shown_text(text: &str) -> String {
    escape::line(&escape::terminal(&redact(text)))
}
