//! `config`: the policy in force, and the schema of its file.

use std::io::{Read as _, Write as _};
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use super::args::{ConfigCommand, ListFormat, PolicyOptions};
use super::{Surroundings, USAGE, audit, shown};
use crate::check::policy_of;
use crate::config::{Effective, Outside, SCHEMA};
use crate::graph::Document;
use crate::parse::cargo_checksum;
use crate::read::{Outcome, Reading, read_tree};
use crate::report::escape;
use crate::source::{Limits, Tree};

/// Largest policy from outside of the tree, in bytes.
const LARGEST: u64 = 4 << 20;

pub(super) fn run(command: ConfigCommand, around: &Surroundings) -> Result<u8> {
    match command {
        ConfigCommand::Schema => {
            std::io::stdout().lock().write_all(SCHEMA.as_bytes())?;
            Ok(0)
        }
        ConfigCommand::Show { path, format, policy } => show(path, format, &policy, around),
    }
}

/// The policy file that was named. A mistake in it is one in how we were called.
#[allow(clippy::disallowed_methods, reason = "the file is named on the command line")]
pub(super) fn outside(options: &PolicyOptions, around: &Surroundings) -> Result<Option<Outside>> {
    let Some(path) = &options.policy else { return Ok(None) };
    // An audit holds no path of this machine.
    let name = path.file_name().map_or_else(|| shown(path), |name| name.display().to_string());
    let file = std::fs::File::open(around.directory.join(path)).with_context(|| format!("failed to open {name}"))?;
    let mut text = String::new();
    let read = file.take(LARGEST + 1).read_to_string(&mut text).with_context(|| format!("failed to read {name}"))?;
    if read as u64 > LARGEST {
        bail!("{name} is larger than {LARGEST} bytes");
    }
    let sum = cargo_checksum::sha256(text.as_bytes());
    match Outside::read(&name, text, sum) {
        Ok(outside) => Ok(Some(outside)),
        Err(problems) => bail!("nothing of {name} holds: {}", problems.join("; ")),
    }
}

/// The policy in force for what was read. Where the tree's own word is not heeded, it is taken out of what was read.
pub(super) fn in_force(options: &PolicyOptions, outside: Option<&Outside>, reading: &mut Reading) -> Option<Effective> {
    if options.no_config {
        reading.documents.retain(|document| !matches!(document, Document::Custody(_)));
        return None;
    }
    Some(policy_of(reading, outside))
}

/// A part of the policy, for `--format json`.
#[derive(serde::Serialize)]
struct Line<'a> {
    key: &'a str,
    value: &'a str,
    from: &'a str,
}

/// The whole, for `--format json`.
#[derive(serde::Serialize)]
struct Shown<'a> {
    /// `custody/config/v1`.
    schema: &'static str,
    policy: &'a str,
    keys: Vec<Line<'a>>,
    mistakes: &'a [String],
}

fn show(path: Option<PathBuf>, format: ListFormat, options: &PolicyOptions, around: &Surroundings) -> Result<u8> {
    let outside = outside(options, around)?;
    let tree = Tree::scan(&audit::root(path, around), Limits::default()).context("failed to read the tree")?;
    let mut reading = read_tree(&tree, around.threads, &|_, _| {});
    let policy = in_force(options, outside.as_ref(), &mut reading).unwrap_or_else(|| policy_of(&reading, None));
    let mistakes = if options.no_config { Vec::new() } else { mistakes(&reading, &policy) };
    let mut out = std::io::stdout().lock();
    match format {
        ListFormat::Json => {
            let keys = policy.origins.iter().map(|o| Line { key: &o.key, value: &o.value, from: &o.from }).collect();
            let shown = Shown { schema: "custody/config/v1", policy: &policy.name, keys, mistakes: &mistakes };
            serde_json::to_writer_pretty(&mut out, &shown)?;
            writeln!(out)?;
        }
        ListFormat::Text => {
            for origin in &policy.origins {
                let line = format!("{} = {}  # {}", origin.key, origin.value, origin.from);
                writeln!(out, "{}", escape::terminal(&line))?;
            }
            for mistake in &mistakes {
                writeln!(out, "{}", escape::terminal(&format!("mistake: {mistake}")))?;
            }
        }
    }
    Ok(if mistakes.is_empty() { 0 } else { USAGE })
}

/// What of the files of a policy is not understood, and so does not hold.
fn mistakes(reading: &Reading, policy: &Effective) -> Vec<String> {
    let holds = |path: &str| {
        let of_custody = |d: &&Document| matches!(d, Document::Custody(_)) && reading.sources.path(d.file()) == path;
        reading.documents.iter().any(|d| of_custody(&d))
    };
    let mut out = policy.problems.clone();
    for file in &reading.files {
        let path = file.path.as_str();
        let is_policy = crate::config::Home::of_path(path) != crate::config::Home::Inherited || holds(path);
        match &file.outcome {
            Outcome::Partial(problems) if is_policy => out.extend(problems.iter().map(|problem| {
                let line = file.file.and_then(|id| reading.sources.get(id));
                let line = line.map_or(1, |f| f.position(problem.span.start).line);
                format!("{path} line {line}: {}", problem.message)
            })),
            Outcome::Unread(why) if is_policy => out.push(format!("{path}: {why}")),
            _ => {}
        }
    }
    out
}
