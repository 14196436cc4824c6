//! `fix`: what findings have one right answer for, shown as a diff and on request written.
#![allow(clippy::disallowed_methods, reason = "writes the files that a person asked to have changed")]

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::{FixOptions, closest};
use super::staged::Staged;
use super::{Surroundings, audit, output};
use crate::fix::{self, Change, Plan};
use crate::parse::Budget;
use crate::parse::toml;
use crate::parse::yaml;
use crate::report::escape;
use crate::rules;
use crate::source::{FileId, SourceFile, Sources, Tree};

pub(super) fn run(path: Option<PathBuf>, options: &FixOptions, around: &Surroundings) -> Result<u8> {
    for id in &options.rule {
        if rules::find(id).is_none() {
            let hint = closest(id, rules::all().map(|(_, rule)| rule.id))
                .map_or_else(|| ";".to_owned(), |n| format!("; did you mean `{n}`?"));
            bail!("there is no rule `{id}`{hint} `cargo custody rules` lists them all");
        }
    }
    let root = audit::root(path, around);
    let (tree, reading, checked) = audit::look_for_fixes(&root, options, around)?;
    // What is excused is left as it is.
    let live: Vec<_> = checked
        .diagnostics
        .iter()
        .enumerate()
        .filter(|(at, d)| !d.fix.is_empty() && !checked.waivers.contains_key(at))
        .map(|(_, d)| d.clone())
        .collect();
    let is_wanted = |rule: &str| options.rule.is_empty() || options.rule.iter().any(|id| id == rule);
    // What a finding wants changed is changed in all of its files or in none.
    let mut unfit: BTreeSet<FileId> = BTreeSet::new();
    let mut plan = loop {
        let plan = fix::plan(&live, &reading.sources, |d| {
            is_wanted(d.rule) && d.fix.iter().all(|edit| !unfit.contains(&edit.place.file))
        });
        let before = unfit.len();
        unfit.extend(plan.files.iter().filter(|c| !is_fit(&root, &tree, &reading.sources, c)).map(|c| c.file));
        if unfit.len() == before {
            break plan;
        }
    };
    plan.foreign.extend(unfit.iter().map(|file| reading.sources.path(*file).to_owned()));
    plan.foreign.sort();
    if options.apply {
        write(&root, &plan, &reading.sources)?;
    } else {
        let mut text = String::new();
        for change in &plan.files {
            let Some(file) = reading.sources.get(change.file) else { continue };
            text.push_str(&fix::unified(file.path.as_str(), &file.text, change));
        }
        // A program takes the diff as it is; a terminal must not obey what stands in it.
        if around.stdout_is_terminal {
            text = text
                .split_inclusive('\n')
                .map(|l| format!("{}\n", escape::terminal(l.trim_end_matches('\n'))))
                .collect();
        }
        output::print(text.as_bytes())?;
    }
    tell(&plan, options.apply);
    Ok(0)
}

/// Says on standard error what was done, since standard output is the diff.
fn tell(plan: &Plan, is_applied: bool) {
    let mut err = std::io::stderr().lock();
    let mut line = |text: String| {
        let _ = writeln!(err, "{}", escape::terminal(&text));
    };
    for answered in &plan.answered {
        line(format!("{}:{}: {}: {}", answered.path, answered.line, answered.rule, answered.message));
    }
    for path in &plan.foreign {
        line(format!(
            "{path}: left as it is: it is not UTF-8, a link, of a form that is not known for certain, or was changed just now"
        ));
    }
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let files = count(plan.files.len(), "file");
    let findings = count(plan.answered.len(), "finding");
    match (plan.answered.is_empty(), is_applied) {
        (true, _) => line("nothing has one right answer that can be told without asking anybody".to_owned()),
        (false, true) => {
            line(format!("{findings} answered in {files}; audit again, and let your tools check the locks"))
        }
        (false, false) => line(format!("{findings} can be answered in {files}; `--apply` writes the change")),
    }
    if plan.later > 0 {
        line(format!("{} touch the same lines: fix again after this change", count(plan.later, "further finding")));
    }
}

/// Whether a file may be written: it is a plain file that still holds what was read, not one in another
/// encoding, and it means no less to its format once it is changed.
fn is_fit(root: &Path, tree: &Tree, sources: &Sources, change: &Change) -> bool {
    let Some(file) = sources.get(change.file) else { return false };
    let is_plain = fs::symlink_metadata(root.join(file.path.as_str())).is_ok_and(|meta| meta.is_file());
    let is_as_read = || tree.read(&file.path).is_ok_and(|bytes| bytes == file.text.as_bytes());
    is_plain && is_as_read() && faults(file, &change.apply(&file.text)) <= faults(file, &file.text)
}

/// What is wrong with a text in the format that its file's name tells. A rule knows the line it changes; this is
/// the second look, so that a file of a form nobody thought of is left alone and not broken.
fn faults(file: &SourceFile, text: &str) -> usize {
    let mut budget = Budget::default();
    match file.path.name().rsplit_once('.').map_or("", |(_, ending)| ending) {
        "toml" | "lock" => {
            let found = toml::parse(text, &mut budget);
            found.problems.len() + found.duplicates.len()
        }
        "yml" | "yaml" => {
            let found = yaml::parse(text, &mut budget);
            found.problems.len() + found.duplicates.len()
        }
        _ => 0,
    }
}

/// Writes all files beside the old ones and then renames them, so that a full disk or a folder that may not be
/// written leaves all of them as they were.
fn write(root: &Path, plan: &Plan, sources: &Sources) -> Result<()> {
    let mut staged = Staged::default();
    for change in &plan.files {
        let Some(file) = sources.get(change.file) else { continue };
        staged
            .add(&root.join(file.path.as_str()), change.apply(&file.text).as_bytes())
            .with_context(|| format!("failed to write `{}`", file.path))?;
    }
    staged.rename()
}
