//! Documents that a person named.
#![allow(clippy::disallowed_methods, reason = "reads the documents that a person named")]

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::cli::{Surroundings, output, shown};
use crate::sbom::read;

/// Bytes of a document that are read at most.
const LONGEST: u64 = 256 << 20;

/// The bytes of a file.
pub(super) fn bytes(file: &Path, around: &Surroundings) -> Result<Vec<u8>> {
    let name = shown(file);
    let mut bytes = Vec::new();
    let open = std::fs::File::open(around.directory.join(file)).with_context(|| format!("failed to open `{name}`"))?;
    open.take(LONGEST + 1).read_to_end(&mut bytes).with_context(|| format!("failed to read `{name}`"))?;
    if bytes.len() as u64 > LONGEST {
        bail!("failed to read `{name}`: it has more than {LONGEST} bytes");
    }
    Ok(bytes)
}

/// A document, settled. What of it could not be used is said on standard error; whether there was such, too.
pub(super) fn document(file: &Path, around: &Surroundings) -> Result<(read::Read, bool)> {
    let name = shown(file);
    let mut read = match read::read(&bytes(file, around)?) {
        Ok(read) => read,
        Err(problem) => bail!("failed to read `{name}`: line {}: {}", problem.line, problem.message),
    };
    for problem in &read.problems {
        output::say("warning", &format!("{name}:{}: {}", problem.line, problem.message));
    }
    read.bom.settle();
    let is_partial = !read.problems.is_empty();
    Ok((read, is_partial))
}
