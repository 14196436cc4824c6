//! `lock diff`: what a change of the lock means, for who reviews it.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::count;
use super::file::{Here, named, of_commit, repository};
use crate::cli::args::{DiffOptions, ListFormat};
use crate::cli::{Surroundings, audit, output};
use crate::lock::{self, Change, Lock, Pair, short};
use crate::report::escape;

const SCHEMA: &str = "custody/lock-diff/v1";

#[derive(Debug, Serialize)]
struct Report<'a> {
    schema: &'static str,
    before: &'a str,
    after: &'a str,
    changes: &'a [Change],
}

pub(super) fn run(options: &DiffOptions, around: &Surroundings) -> Result<u8> {
    let root = audit::root(options.tree.clone(), around);
    let (before, old) = side(options.before.as_deref().unwrap_or("HEAD"), &root, around)?;
    let (after, new) = match &options.after {
        Some(word) => side(word, &root, around)?,
        None => {
            let mut here = Here::of(Some(root), around)?;
            let held = if here.text.is_some() { here.strict()? } else { Lock::default() };
            ("the folder".to_owned(), held)
        }
    };
    let changes = lock::diff(&old, &new);
    match options.format {
        ListFormat::Json => {
            let report = Report { schema: SCHEMA, before: &before, after: &after, changes: &changes };
            let mut text = serde_json::to_string_pretty(&report)?;
            text.push('\n');
            output::print(text.as_bytes())?;
        }
        ListFormat::Text => {
            let mut text = String::new();
            for change in &changes {
                block(change, &mut text);
            }
            let _ = writeln!(text, "{}", sum(&changes, &before, &after));
            output::print(text.as_bytes())?;
        }
    }
    Ok(0)
}

/// A lock by a file's name or a revision, and what it is called.
fn side(word: &str, root: &Path, around: &Surroundings) -> Result<(String, Lock)> {
    let place = around.directory.join(word);
    if place.is_file() {
        return Ok((word.to_owned(), named(&place)?));
    }
    let (repository, path) = repository(root)
        .with_context(|| format!("`{word}` is no file, and there is no repository to look it up in"))?;
    let commit = match repository.resolve(word) {
        Ok(commit) => commit,
        Err(error) => bail!("`{word}` is no file and no revision: {error}"),
    };
    let held =
        of_commit(&repository, &path, &commit).with_context(|| format!("failed to read the lock of `{word}`"))?;
    Ok((word.to_owned(), held.unwrap_or_default()))
}

fn sum(changes: &[Change], before: &str, after: &str) -> String {
    let of = |what: &str| changes.iter().filter(|change| change.what == what).count();
    let unapproved = changes.iter().filter(|change| !change.approvals.lost.is_empty() && change.approvals.now == 0);
    let lost = unapproved.count();
    let mut out = match changes.len() {
        0 => format!("the locks of {before} and {after} hold the same"),
        _ => format!(
            "{} added, {} removed, {} changed from {before} to {after}",
            of("added"),
            of("removed"),
            of("changed")
        ),
    };
    if lost > 0 {
        let _ = write!(out, "; {} an approval and has none now", count(lost, "entry lost", "entries lost"));
    }
    escape::terminal(&out)
}

fn mark(change: &Change) -> char {
    match change.what {
        "added" => '+',
        "removed" => '-',
        _ => '~',
    }
}

/// The first digits of a digest or commit, by which people tell them apart.
fn told(text: &str) -> String {
    let (start, rest) = text.split_once(':').map_or(("", text), |(start, rest)| (start, rest));
    let is_hex = |text: &str| text.len() >= 40 && text.bytes().take(40).all(|b| b.is_ascii_hexdigit());
    match (is_hex(rest), start) {
        (true, "") => short(rest).to_owned(),
        (true, start) => format!("{start}:{}", short(rest)),
        (false, _) => text.to_owned(),
    }
}

/// One line of a change.
pub(super) fn line(change: &Change, out: &mut String) {
    let mut text = format!("{} {} {}", mark(change), change.kind, change.name);
    match (&change.revision.before, &change.revision.after) {
        (Some(old), Some(new)) if old != new => {
            let _ = write!(text, " {} -> {}", told(old), told(new));
        }
        (_, Some(one)) | (Some(one), None) => {
            let _ = write!(text, " {}", told(one));
        }
        (None, None) => {}
    }
    if change.what != "removed" && change.files.added + change.files.changed > 0 {
        let _ = write!(text, ", {}", files(change));
    }
    if let Some(scan) = change.scan.after.as_ref().filter(|_| !change.scan.is_same()) {
        let _ = write!(text, ", {scan}");
    }
    out.push_str(&escape::terminal(&text));
    out.push('\n');
}

/// All of a change.
fn block(change: &Change, out: &mut String) {
    let mut lines = vec![format!("{} {} {}", mark(change), change.kind, change.name)];
    if let Some(name) = &change.was_named {
        lines.push(format!("    was        {name}"));
    }
    let mut pair = |name: &str, pair: &Pair, is_always: bool| {
        let text = |side: &Option<String>| side.as_deref().map_or_else(|| "none".to_owned(), told);
        match (&pair.before, &pair.after) {
            (None, None) => {}
            (Some(old), Some(new)) if old == new && !is_always => {}
            (Some(old), Some(new)) if old == new => lines.push(format!("    {name:10} {}, as before", told(old))),
            _ if change.what == "added" => lines.push(format!("    {name:10} {}", text(&pair.after))),
            _ if change.what == "removed" => lines.push(format!("    {name:10} {}", text(&pair.before))),
            _ => lines.push(format!("    {name:10} {} -> {}", text(&pair.before), text(&pair.after))),
        }
    };
    pair("revision", &change.revision, true);
    pair("licence", &change.licence, false);
    pair("scan", &change.scan, false);
    pair("signer", &change.signer, false);
    let moved = &change.files;
    if moved.added + moved.removed + moved.changed > 0 {
        let more = (moved.added + moved.removed + moved.changed).saturating_sub(moved.names.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("    files      {}: {}{more}", files(change), moved.names.join(", ")));
    }
    let approvals = &change.approvals;
    if !approvals.lost.is_empty() && change.what != "removed" {
        let now = if approvals.now == 0 { "; nobody approved what it is now" } else { "" };
        lines.push(format!("    approvals  lost: {}{now}", approvals.lost.join(", ")));
    }
    if !approvals.gained.is_empty() {
        lines.push(format!("    approvals  new: {}", approvals.gained.join(", ")));
    }
    for line in lines {
        out.push_str(&escape::line(&escape::terminal(&line)));
        out.push('\n');
    }
}

fn files(change: &Change) -> String {
    let files = &change.files;
    let parts: Vec<String> = [(files.added, "added"), (files.changed, "changed"), (files.removed, "removed")]
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
    let size = match (files.bytes_before, files.bytes_after) {
        (old, new) if old == new => bytes(new),
        (0, new) => bytes(new),
        (old, 0) => bytes(old),
        (old, new) => format!("{} -> {}", bytes(old), bytes(new)),
    };
    match parts.as_slice() {
        [one] if change.what != "changed" => {
            let number = one.split(' ').next().unwrap_or("");
            format!("{number} files, {size}")
        }
        parts => format!("{}, {size}", parts.join(", ")),
    }
}

/// Bytes as people read them.
fn bytes(number: u64) -> String {
    const UNITS: &[&str] = &["B", "kB", "MB", "GB", "TB"];
    let mut unit = 0;
    let mut left = number;
    while left >= 1_000_000 && unit + 2 < UNITS.len() {
        left /= 1000;
        unit += 1;
    }
    match (left, unit) {
        (left, 0) if left < 1000 => format!("{left} B"),
        (left, unit) => {
            let name = UNITS.get(unit + 1).copied().unwrap_or("TB");
            format!("{}.{} {name}", left / 1000, left % 1000 / 100)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_told_as_people_read_them() {
        for (number, text) in
            [(0, "0 B"), (999, "999 B"), (1500, "1.5 kB"), (548_105_171, "548.1 MB"), (7_000_000_000, "7.0 GB")]
        {
            assert_eq!(bytes(number), text);
        }
        assert_eq!(told(&"ab".repeat(20)), "abababababab");
        assert_eq!(told(&format!("sha256:{}", "ab".repeat(32))), "sha256:abababababab");
        assert_eq!(told("crates"), "crates");
    }
}
