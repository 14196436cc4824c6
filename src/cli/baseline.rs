//! `baseline write`, and audits that are held against one.
#![allow(clippy::disallowed_methods, reason = "reads and writes the baseline that a person named")]

use std::fs;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};
use sha2::{Digest as _, Sha256};

use super::args::{HeldOptions, TreeOptions};
use super::staged::Staged;
use super::{Surroundings, audit, shown};
use crate::advisory::Date;
use crate::audit::{Audit, Baseline, Gate, Mode, Revision};
use crate::config::Effective;
use crate::diag::Impact;
use crate::diag::fingerprint::hex;
use crate::gate::{self, BaselineFile};
use crate::report::escape;
use crate::source::{RepoPath, Tree};

/// The file's usual name.
const FILE: &str = "custody-baseline.json";
/// Largest baseline, in bytes: about a hundred thousand findings.
const MAX: u64 = 64 << 20;

/// A baseline as it was named.
pub(super) struct Named {
    name: String,
    text: String,
    file: BaselineFile,
}

/// Reads the baseline that was named on the command line, else the one that the policy names. One that cannot be read
/// is a mistake in how we were called: nothing of it counts.
pub(super) fn given(
    options: &HeldOptions,
    policy: Option<&Effective>,
    tree: &Tree,
    around: &Surroundings,
) -> Result<Option<Named>> {
    let Some(file) = &options.baseline else {
        let Some(name) = name_of(policy) else { return Ok(None) };
        let text =
            text_in(tree, name).with_context(|| format!("failed to read `{name}`, which `[gate] baseline` names"))?;
        return named(name.to_owned(), text).map(Some);
    };
    let text = text_of(&around.directory.join(file)).with_context(|| format!("failed to read `{}`", shown(file)))?;
    // An audit holds no path of this machine.
    let name = match file.is_absolute() {
        true => file.file_name().map_or_else(|| shown(file), |name| name.display().to_string()),
        false => shown(file).replace('\\', "/"),
    };
    named(name, text).map(Some)
}

fn name_of(policy: Option<&Effective>) -> Option<&str> {
    Some(policy?.gate.baseline.as_ref()?.as_str())
}

fn text_in(tree: &Tree, name: &str) -> Result<String> {
    let path = RepoPath::new(name).ok_or_else(|| anyhow!("it is no path of the tree"))?;
    let bytes = tree.read_within(&path, MAX).map_err(anyhow::Error::msg)?;
    String::from_utf8(bytes).map_err(|_| anyhow!("it is not UTF-8"))
}

/// What a change adds to the baseline that the policy of its base names: what that would excuse waits until somebody
/// agrees. To be called between comparing and deciding.
pub(super) fn added(audit: &mut Audit, policy: Option<&Effective>, base: &Tree, head: &Tree) -> Result<()> {
    let Some(name) = name_of(policy) else { return Ok(()) };
    // What cannot be read there excuses nothing.
    let Ok(text) = text_in(head, name) else { return Ok(()) };
    let before = text_in(base, name).ok().map(|text| named(name.to_owned(), text)).transpose()?;
    let after = named(name.to_owned(), text)?;
    let before = before.as_ref().map(|named| &named.file);
    let approvals = gate::added_entries(name, &after.text, before, &after.file, &audit.findings);
    gate::await_approval(audit, approvals);
    Ok(())
}

fn named(name: String, text: String) -> Result<Named> {
    let file = gate::read_baseline(&text).with_context(|| format!("`{name}` is no baseline"))?;
    Ok(Named { name, text, file })
}

fn text_of(path: &Path) -> Result<String> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(MAX + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX {
        bail!("it is larger than {} MiB", MAX >> 20);
    }
    String::from_utf8(bytes).map_err(|_| anyhow!("it is not UTF-8"))
}

/// Holds an audit against a baseline, where one was named.
pub(super) fn hold(audit: &mut Audit, named: Option<Named>, mode: Mode, policy: Option<&Effective>) {
    let Some(Named { name, text, file }) = named else { return };
    let held = gate::hold_against(audit, &file);
    let days = |day: &str| Date::parse(day).map(Date::days);
    let age_days = days(&audit.knowledge.today).zip(days(&file.written)).map_or(0, |(today, then)| today - then);
    audit.gate = Some(Gate {
        mode,
        base: None,
        head: Revision {
            name: "work tree".to_owned(),
            commit: audit.commit.clone(),
            how: "as it lies there".to_owned(),
        },
        baseline: Some(Baseline {
            path: name,
            digest: hex(&Sha256::digest(text.as_bytes())),
            written: file.written,
            age_days,
            entries: file.entries.len(),
            gone: held.gone,
            blocking: held.blocking,
        }),
        changed_files: 0,
        counts: std::collections::BTreeMap::new(),
        fixed: Vec::new(),
        approvals: Vec::new(),
        forced: None,
    });
    gate::settle(audit, mode, policy);
}

/// `baseline write`.
pub(super) fn write(file: Option<PathBuf>, options: &TreeOptions, around: &Surroundings) -> Result<u8> {
    let root = audit::root(options.tree.clone(), around);
    let (path, name) = match file {
        Some(file) => (around.directory.join(&file), shown(&file)),
        None => (root.join(FILE), FILE.to_owned()),
    };
    // What lies there keeps its first days, and is not written over where it is something else.
    let old = match fs::symlink_metadata(&path) {
        Ok(meta) if !meta.is_file() => bail!("`{name}` is no plain file, which is not written through"),
        Ok(_) => {
            let text = text_of(&path).with_context(|| format!("failed to read `{name}`"))?;
            Some(match gate::read_baseline(&text) {
                Ok(old) => old,
                Err(broken) => bail!("`{name}` is there and is no baseline: {broken}; take it away to begin anew"),
            })
        }
        Err(_) => None,
    };
    let whole = audit::whole(&root, &audit::options_of(options), around)?;
    let new = gate::make_baseline(&whole.audit, old.as_ref());
    let text = new.text().with_context(|| format!("failed to write `{name}`"))?;
    let mut staged = Staged::default();
    staged.add(&path, text.as_bytes()).with_context(|| format!("failed to write `{name}`"))?;
    staged.rename()?;
    tell(&name, old.as_ref(), &new, &whole.audit);
    std::mem::forget(whole);
    Ok(0)
}

/// Says on standard error what is in it now.
fn tell(name: &str, old: Option<&BaselineFile>, new: &BaselineFile, audit: &Audit) {
    let mut err = std::io::stderr().lock();
    let mut line = |text: String| {
        let _ = writeln!(err, "{}", escape::terminal(&text));
    };
    let count = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    let blocking = new.entries.iter().filter(|e| e.decision == crate::audit::Decision::Block).count();
    let fresh = new.entries.iter().filter(|e| e.first_seen == new.updated).count();
    let mut text =
        format!("{name}: {}, {blocking} of them would block by themselves", count(new.entries.len(), "finding"));
    if let Some(old) = old {
        let gone = (old.entries.len() + fresh).saturating_sub(new.entries.len());
        text.push_str(&format!("; since {}: {fresh} more, {gone} gone", old.updated));
    }
    line(text);
    let attacks = audit.findings.iter().filter(|f| f.impact == Some(Impact::Malicious)).count();
    if attacks > 0 {
        line(format!("{} of malicious code not in it: no baseline excuses that", count(attacks, "finding")));
    }
    if !audit.complete {
        line("not everything could be read, and what was not read is not in it".to_owned());
    }
}
