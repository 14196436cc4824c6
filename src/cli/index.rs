//! Which advisory index an audit uses.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, anyhow, bail};

use super::args::IndexChoice;
use super::store::{Store, Stored, read_up_to};
use super::{Surroundings, shown};
use crate::advisory::Index;
use crate::advisory::carry::MAX_INDEX;

/// Name of the index that is compiled in.
pub(super) const EMBEDDED: &str = "embedded";
/// Name of the one that `db update` keeps.
pub(super) const LOCAL: &str = "local";

/// An index and what reports call it.
#[derive(Debug)]
pub(super) struct Chosen {
    own: Option<Index>,
    pub name: String,
}

impl Chosen {
    fn embedded() -> Self {
        Self { own: None, name: EMBEDDED.to_owned() }
    }

    pub(super) fn index(&self) -> &Index {
        self.own.as_ref().unwrap_or_else(|| Index::embedded())
    }
}

/// The index that was asked for; else the local one where it is not older than the embedded one.
/// `tree` is the folder that is audited, if any: what lies in it must not say what is known.
pub(super) fn choose(choice: Option<&IndexChoice>, tree: Option<&Path>, around: &Surroundings) -> Result<Chosen> {
    match choice {
        Some(IndexChoice::Embedded) => Ok(Chosen::embedded()),
        Some(IndexChoice::File(path)) => from_file(&around.directory.join(path)),
        Some(IndexChoice::Local) => match local(tree, around)? {
            Some(stored) => Ok(Chosen { own: Some(stored.index), name: LOCAL.to_owned() }),
            None => bail!("there is no local index; `cargo custody db update` makes one"),
        },
        None => Ok(match local(tree, around)?.filter(|stored| is_current(&stored.index)) {
            Some(stored) => Chosen { own: Some(stored.index), name: LOCAL.to_owned() },
            None => Chosen::embedded(),
        }),
    }
}

/// Whether an index is at least as new as the embedded one.
pub(super) fn is_current(index: &Index) -> bool {
    index.newest(false) >= Index::embedded().newest(true)
}

/// The store of the local index, where the system has a place for it.
pub(super) fn store(around: &Surroundings) -> Option<Store> {
    around.home.as_ref().map(|home| Store::new(around.directory.join(home)))
}

/// As [`store`], for what cannot do without.
pub(super) fn store_or_fail(around: &Surroundings) -> Result<Store> {
    store(around).ok_or_else(|| anyhow!("there is no folder for a local index; CARGO_CUSTODY_HOME can name one"))
}

fn local(tree: Option<&Path>, around: &Surroundings) -> Result<Option<Stored>> {
    let Some(store) = store(around) else { return Ok(None) };
    if store.is_used() && tree.is_some_and(|tree| is_inside(store.folder(), tree)) {
        bail!(
            "the folder of the local index, `{}`, lies in the audited tree, which must not say what is known; \
             name another in CARGO_CUSTODY_HOME, or say `--index embedded`",
            shown(store.folder())
        );
    }
    // Nobody said that there is one, and this user cannot have made it.
    if !around.home_is_named && store.is_closed() {
        return Ok(None);
    }
    store.current()
}

pub(super) fn is_inside(folder: &Path, tree: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    whole(folder).starts_with(whole(tree))
}

/// A table as `db build --table` writes it. Nobody vouches for it, so all of it is read first.
fn from_file(path: &Path) -> Result<Chosen> {
    let bytes = read_up_to(path, MAX_INDEX as u64).with_context(|| format!("failed to read `{}`", shown(path)))?;
    let index = Index::from_bytes(bytes).with_context(|| format!("`{}` cannot be used", shown(path)))?;
    index.verify().with_context(|| format!("`{}` cannot be used", shown(path)))?;
    // Only the name: reports of two machines are compared.
    let name = PathBuf::from(path.file_name().unwrap_or_default());
    Ok(Chosen { own: Some(index), name: format!("file {}", name.display()) })
}
