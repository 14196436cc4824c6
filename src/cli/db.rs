//! `db`: the advisory index, its age, its making and its coming and going.

mod carry;
mod feeds;
mod names;
mod status;
mod update;

use anyhow::{Context as _, Result, bail};

use super::args::DbCommand;
use super::{Surroundings, index};
use crate::advisory::build::local;
use crate::advisory::{Date, Index};
use crate::impostor::List;

pub(super) fn run(command: DbCommand, around: &Surroundings) -> Result<u8> {
    match command {
        DbCommand::Status { format } => status::run(format, around),
        DbCommand::Update(options) => update::run(&options, around),
        DbCommand::Rollback => roll_back(around),
        DbCommand::Export { file, key, index } => carry::export(&file, key.as_deref(), index.as_ref(), around),
        DbCommand::Import { file, trusted_key, allow_unsigned, allow_shrink, allow_older } => {
            let trusted = if allow_unsigned { None } else { Some(trusted_key.as_slice()) };
            carry::import(&file, trusted, carry::Allow { shrink: allow_shrink, older: allow_older }, around)
        }
        DbCommand::Keygen { file } => carry::keygen(&file, around),
        DbCommand::Names { pypi, crates, actions, models, as_of, out } => {
            let tables = [(List::PyPi, pypi), (List::Crates, crates), (List::Actions, actions), (List::Models, models)];
            names::run(tables, as_of.as_deref(), &out, around)
        }
        DbCommand::Build { rustsec, osv, origin, out, table } => {
            let origins: Vec<_> =
                origin.into_iter().map(|(path, words)| (around.directory.join(path), words)).collect();
            feeds::run(rustsec.map(|p| around.directory.join(p)), &osv, &origins, &out, table.as_deref(), around)
        }
    }
}

fn roll_back(around: &Surroundings) -> Result<u8> {
    let store = index::store_or_fail(around)?;
    let stored = store.lock()?.roll_back()?;
    status::print_one(index::LOCAL, &stored.index, around)?;
    Ok(0)
}

/// Today, from the clock or `SOURCE_DATE_EPOCH`.
fn today(around: &Surroundings) -> Result<Date> {
    around.today().context("the clock is out of bounds")
}

/// Most that an index may shrink, in percent of the advisories of an ecosystem.
const SHRINK: u64 = 5;

/// Refuses an index that lost much of an ecosystem: a mirror that is half filled, or somebody who hides
/// advisories, looks just so. It is compared with what is in use and with what the program brings.
fn refuse_shrunk(new: &Index, in_use: Option<&Index>) -> Result<()> {
    let counts = local::counts(new)?;
    let embedded = (Index::embedded(), "this program brings");
    for (old, who) in in_use.map(|index| (index, "the index in use has")).into_iter().chain([embedded]) {
        for (ecosystem, before) in local::counts(old)? {
            let now = counts.get(&ecosystem).copied().unwrap_or(0);
            if now * 100 < before * (100 - SHRINK) {
                bail!(
                    "the new index has {now} advisories of {ecosystem}, while {who} {before}; \
                     nothing was replaced (`--allow-shrink` takes it)"
                );
            }
        }
    }
    Ok(())
}
