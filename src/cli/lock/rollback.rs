//! `lock rollback`: back to an earlier state of one entry.

use anyhow::{Result, bail};

use super::asked;
use super::file::{Here, of_blob, of_commit, repository};
use crate::cli::Surroundings;
use crate::cli::args::RollbackOptions;
use crate::cli::waive::say;
use crate::lock::{self, Earlier, Lock, Subject, Target, find, short, with_entry};
use crate::source::objects::FileHistory;

pub(super) fn run(options: &RollbackOptions, around: &Surroundings) -> Result<u8> {
    let target = Target::of(&options.to).map_err(anyhow::Error::msg)?;
    let mut here = Here::of(options.tree.clone(), around)?;
    let held = here.strict()?;
    let key = lock::select(&held, &options.name).map_err(anyhow::Error::msg)?;
    let (repository, path) = repository(&here.root)?;
    let head = repository.resolve("HEAD")?;
    let mut history: FileHistory<'_> = repository.history_of(&head, &path);
    let read = |result: Result<Lock>| result.map_err(|error| format!("{error:#}"));
    // A commit in which the lock did not change holds it all the same. It comes last: the history says in its order
    // what was approved, and what of that was taken back.
    let named = match &target {
        Target::Commit(digits) => repository.resolve(digits).ok(),
        Target::LastGood => None,
    };
    let named = named.and_then(|commit| {
        let found = of_commit(&repository, &path, &commit).transpose()?;
        Some(Earlier { commit: commit.to_string(), lock: read(found) })
    });
    let states = std::iter::from_fn(|| {
        loop {
            let state = history.next()?;
            if let Some(blob) = state.blob {
                return Some(Earlier {
                    commit: state.commit.to_string(),
                    lock: read(of_blob(&repository, &path, &blob)),
                });
            }
        }
    });
    let now = held.entries.get(&key);
    let found = find(&key, now, &target, &mut states.chain(named), options.unapproved);
    let (commit, entry) = match found {
        Ok(found) => found,
        Err(why) => match &history.cut {
            Some(cut) => bail!("{why}; not all of the history is here: {cut}"),
            None => bail!("{why}"),
        },
    };
    let text = with_entry(here.text.as_deref().unwrap_or(""), &key, &entry);
    here.write(&text, options.dry_run, around)?;
    let revision = |entry: Option<&lock::Entry>| {
        entry.and_then(|entry| entry.revision.clone()).map_or_else(|| "no commit".to_owned(), |r| short(&r).to_owned())
    };
    let done = if options.dry_run { "would be" } else { "is" };
    say(&format!(
        "{key} {done} back from {} to {}, as commit {} held it",
        revision(now),
        revision(Some(&entry)),
        short(&commit)
    ));
    for approval in entry.standing_approvals() {
        say(&format!("  approved by {} on {}: {}", approval.by, approval.on, approval.reason));
    }
    // What the code writes is what is loaded, whatever the lock holds.
    let asked = asked::find(&here.root, true, around)?;
    let mut rolled = held;
    rolled.entries.insert(key.clone(), entry);
    let subject = Subject::Entry(key);
    for drift in lock::check(&rolled, &asked.asked).iter().filter(|drift| drift.subject == subject) {
        if let (lock::DriftKind::Other { written, .. }, Some(at)) = (&drift.kind, &drift.place) {
            say(&format!("{}: {written} is written here; write the commit that is held again", asked.shown(at)));
        }
    }
    Ok(0)
}
