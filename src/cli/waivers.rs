//! `waivers`: lists what the policy excuses, and takes out what excuses nothing any more.

use std::collections::BTreeSet;

use anyhow::{Result, anyhow, bail};

use super::args::WaiversOptions;
use super::staged::replace;
use super::waive::{in_force, keys, say, show};
use super::{Surroundings, audit, output};
use crate::fix::Change;
use crate::parse::{Budget, toml, toml_write};
use crate::report::escape;
use crate::source::{FileId, SourceFile, Span};

/// Rules about entries that can go.
const PRUNED: &[&str] = &["unused-waiver", "expired-waiver"];

pub(super) fn run(options: &WaiversOptions, around: &Surroundings) -> Result<u8> {
    let root = audit::root(options.tree.tree.clone(), around);
    let whole = audit::whole(&root, &audit::options_of(&options.tree), around)?;
    let config = in_force(&whole.reading);
    let file = config.and_then(|config| whole.reading.sources.get(config.file));
    let Some((config, file)) = config.zip(file) else {
        say("there is no policy file, and nothing is excused by one");
        return Ok(0);
    };
    let path = file.path.as_str().to_owned();
    let keys: Vec<&str> = keys(config.home).iter().copied().chain(["waiver"]).collect();
    let entries = entries(&file.text, &keys);
    // What the rules say of entries, by the line they speak of.
    let said: Vec<(Span, &str, &str)> = whole
        .checked
        .diagnostics
        .iter()
        .filter(|d| d.primary.place.file == file.id)
        .map(|d| (d.primary.place.span, d.rule, d.message.as_str()))
        .collect();
    let of = |entry: &Entry| said.iter().filter(|(span, _, _)| entry.span.contains(*span)).collect::<Vec<_>>();
    if !options.prune {
        let mut text = String::new();
        for entry in &entries {
            let states: Vec<&str> = of(entry).iter().map(|(_, _, message)| *message).collect();
            let states = if states.is_empty() { "in use".to_owned() } else { states.join("; ") };
            let line = format!("{path}:{}: {}: {states}", line(file, entry.span), entry.words);
            text.push_str(&escape::terminal(&line));
            text.push('\n');
        }
        output::print(text.as_bytes())?;
        say(&format!("{} in {path}", count(entries.len(), "waiver")));
        return Ok(0);
    }
    let gone: BTreeSet<usize> = entries
        .iter()
        .enumerate()
        .filter(|(_, entry)| of(entry).iter().any(|(_, rule, _)| PRUNED.contains(rule)))
        .map(|(number, _)| number)
        .collect();
    if gone.is_empty() {
        say("all waivers are in use");
        return Ok(0);
    }
    let spans = toml_write::stretches(&file.text, &keys, &gone).map_err(|why| anyhow!("{path}: {why}"))?;
    let change = Change { file: FileId::default(), edits: spans.into_iter().map(|s| (s, String::new())).collect() };
    let after = change.apply(&file.text);
    let parsed = toml::parse(&after, &mut Budget::default());
    if !parsed.problems.is_empty() || self::entries(&after, &keys).len() + gone.len() != entries.len() {
        bail!("`{path}` is of a form that is not known for certain: take the entries out by hand");
    }
    show(&path, &file.text, &after, around)?;
    for entry in gone.iter().filter_map(|number| entries.get(*number)) {
        for (_, rule, message) in of(entry) {
            say(&format!("{path}:{}: {rule}: {message}", line(file, entry.span)));
        }
    }
    let waivers = count(gone.len(), "waiver");
    if options.apply {
        replace(&root, &path, Some(&file.text), &after)?;
        say(&format!("{waivers} taken out of {path}"));
    } else {
        say(&format!("{waivers} can go; `--apply` writes the change"));
    }
    std::mem::forget(whole);
    Ok(0)
}

fn count(n: usize, word: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { "s" })
}

fn line(file: &SourceFile, span: Span) -> u32 {
    file.position(span.start).line
}

/// An entry of the list.
struct Entry {
    /// All of it.
    span: Span,
    /// What it excuses and why, in a few words.
    words: String,
}

/// The entries of a file, in order.
fn entries(text: &str, keys: &[&str]) -> Vec<Entry> {
    let parsed = toml::parse(text, &mut Budget::default());
    let items = parsed.get(keys).and_then(|value| value.as_array()).unwrap_or_default();
    items
        .iter()
        .map(|item| {
            let words = ["rule", "advisory", "subject", "path", "fingerprint", "reason", "owner", "until"];
            let words = words.iter().filter_map(|key| item.get(key)?.as_str());
            Entry {
                span: item.as_table().map_or(item.span, |table| table.span),
                words: words.collect::<Vec<_>>().join(", "),
            }
        })
        .collect()
}
