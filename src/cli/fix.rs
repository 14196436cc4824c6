//! `fix`: what findings have one right answer for, shown as a diff and on request written.
#![allow(clippy::disallowed_methods, reason = "writes the files that a person asked to have changed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::args::{FixOptions, closest};
use super::{Surroundings, audit, output};
use crate::fix::{self, Change, Plan};
use crate::report::escape;
use crate::rules;
use crate::source::{Sources, Tree};

pub(super) fn run(path: Option<PathBuf>, options: &FixOptions, around: &Surroundings) -> Result<u8> {
    for id in &options.rule {
        if rules::find(id).is_none() {
            let hint = closest(id, rules::all().map(|(_, rule)| rule.id))
                .map(|n| format!("; did you mean `{n}`?"))
                .unwrap_or_default();
            bail!("there is no rule `{id}`{hint} `cargo custody rules` lists them all");
        }
    }
    let root = audit::root(path, around);
    let (tree, reading, checked) = audit::look_for_fixes(&root, options, around)?;
    let is_wanted = |rule: &str| options.rule.is_empty() || options.rule.iter().any(|id| id == rule);
    let mut plan = fix::plan(&checked.diagnostics, &reading.sources, |d| is_wanted(d.rule));
    // A file in another encoding, or one that was changed a moment ago, is left as it is.
    let (same, foreign) = plan.files.drain(..).partition(|change| is_as_read(&tree, &reading.sources, change));
    plan.files = same;
    plan.foreign.extend(Vec::from_iter::<Vec<Change>>(foreign).iter().map(|c| reading.sources.path(c.file).to_owned()));
    if options.apply {
        for change in &plan.files {
            let Some(file) = reading.sources.get(change.file) else { continue };
            let path = root.join(file.path.as_str());
            replace(&path, change.apply(&file.text).as_bytes())
                .with_context(|| format!("failed to write `{}`", file.path))?;
        }
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
        line(format!("{path}: left as it is: it is not UTF-8, or was changed while it was looked at"));
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

fn is_as_read(tree: &Tree, sources: &Sources, change: &Change) -> bool {
    let Some(file) = sources.get(change.file) else { return false };
    tree.read(&file.path).is_ok_and(|bytes| bytes == file.text.as_bytes())
}

/// Writes beside the file and renames, so that whatever interrupts us leaves the old one or the new one.
fn replace(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let meta = fs::symlink_metadata(path)?;
    if !meta.is_file() {
        return Err(std::io::Error::other("it is no plain file any more"));
    }
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
    let written = fs::OpenOptions::new().write(true).create_new(true).open(&beside).and_then(|mut file| {
        file.write_all(bytes)?;
        file.set_permissions(meta.permissions())?;
        file.sync_all()
    });
    let done = written.and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}
