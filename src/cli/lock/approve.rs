//! `lock approve`: who reviewed what is held, and why it is good.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, bail};

use super::file::Here;
use super::user;
use crate::cli::Surroundings;
use crate::cli::args::ApproveOptions;
use crate::cli::waive::say;
use crate::lock::{self, Approval, Digest, digest_of, with_entry};

pub(super) fn run(options: &ApproveOptions, around: &Surroundings) -> Result<u8> {
    let mut here = Here::of(options.tree.clone(), around)?;
    let mut held = here.strict()?;
    let on = around.today().ok_or_else(|| anyhow!("the day is not known"))?.to_string();
    let by = options.by.clone().or_else(|| user::of(&here.root, around));
    let Some(by) = by else { bail!("git knows no user here: say who reviewed it with `--by`") };
    let evidence = evidence(&options.evidence, &around.directory)?;
    let mut text = here.text.clone().unwrap_or_default();
    for name in &options.names {
        let key = lock::select(&held, name).map_err(anyhow::Error::msg)?;
        let Some(entry) = held.entries.get_mut(&key) else { bail!("nothing called `{name}` is held") };
        let of = entry.state();
        entry.approvals.retain(|approval| approval.by != by || approval.of != of);
        entry.approvals.push(Approval {
            on: on.clone(),
            by: by.clone(),
            reason: options.reason.clone(),
            of,
            evidence: evidence.clone(),
        });
        text = with_entry(&text, &key, entry);
        let done = if options.dry_run { "would be approved" } else { "is approved" };
        let files = entry.files.len();
        say(&format!(
            "{key} {done} by {by}, at {} with {files} files",
            entry.revision.as_deref().unwrap_or("no commit")
        ));
        if let Some(scan) = entry.scan.as_ref().filter(|scan| scan.verdict != "clean") {
            say(&format!("  its scan says {}: `cargo custody scan` says why", scan.verdict));
        }
    }
    here.write(&text, options.dry_run, around)?;
    Ok(0)
}

/// Digests of reports, by `KIND/FILE` or `FILE`.
fn evidence(words: &[String], directory: &Path) -> Result<BTreeMap<String, Digest>> {
    let mut out = BTreeMap::new();
    for word in words {
        let is_kind = |kind: &str| {
            !kind.is_empty() && kind.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ' '))
        };
        let split = word.split_once('=').filter(|(kind, _)| is_kind(kind) && !directory.join(word).exists());
        let (kind, file) = split.map_or((None, word.as_str()), |(kind, file)| (Some(kind), file));
        let place = directory.join(file);
        let digest =
            digest_of(&place).map_err(anyhow::Error::msg).with_context(|| format!("failed to read `{file}`"))?;
        let name = place.file_name().map_or_else(|| file.to_owned(), |name| name.to_string_lossy().into_owned());
        let name = kind.map_or(name.clone(), |kind| format!("{kind}/{name}"));
        if out.insert(name.clone(), digest).is_some_and(|before| before != digest) {
            bail!("two reports are called `{name}`: give one of them another kind, KIND=FILE");
        }
    }
    Ok(out)
}
