//! VEX documents that a person or the policy named.
#![allow(clippy::disallowed_methods, reason = "reads the documents that a person named")]

use std::io::Read as _;

use anyhow::{Context as _, Result, bail};

use super::args::HeldOptions;
use super::{Surroundings, shown};
use crate::check::Vex;
use crate::config::Effective;
use crate::parse::Budget;
use crate::read::vex;
use crate::source::{RepoPath, Tree};

/// Reads the documents that were named on the command line. One that cannot be read is a mistake in how we were
/// called.
pub(super) fn given(options: &HeldOptions, around: &Surroundings) -> Result<Vex> {
    let mut out = Vex { products: options.vex_product.clone(), ..Vex::default() };
    for file in &options.vex {
        let name = shown(file);
        let mut budget = Budget::default();
        let mut bytes = Vec::new();
        std::fs::File::open(around.directory.join(file))
            .and_then(|open| open.take(budget.bytes as u64 + 1).read_to_end(&mut bytes))
            .with_context(|| format!("failed to read `{name}`"))?;
        // An audit holds no path of this machine.
        let called = file.file_name().map_or_else(|| name.clone(), |f| f.display().to_string());
        match vex::read(&called, bytes, &mut budget) {
            Ok(file) => out.files.push(file),
            Err((line, why)) => bail!("failed to read `{name}` as VEX: line {line}: {why}"),
        }
    }
    Ok(out)
}

/// Adds the documents of a tree that its policy names. One that cannot be read is a gap, like any file of the tree.
///
/// With these all are there, so what one says of parts of another is found.
pub(super) fn add_named(known: &mut Vex, policy: Option<&Effective>, tree: &Tree) {
    for named in policy.into_iter().flat_map(|policy| &policy.vex) {
        let name = named.as_str();
        let mut budget = Budget::default();
        let read = RepoPath::new(name)
            .ok_or((1, "it is no path of the tree".to_owned()))
            .and_then(|path| tree.read_within(&path, budget.bytes as u64).map_err(|why| (1, why)))
            .and_then(|bytes| vex::read(name, bytes, &mut budget));
        match read {
            Ok(file) => known.files.push(file),
            Err((line, why)) => known.unread.push(format!("{name} line {line}, which `[vex] files` names: {why}")),
        }
    }
    vex::link(&mut known.files);
}
