//! Digests of weights that lie in the tree: the document differs where their bytes do.

use std::collections::BTreeMap;

use crate::graph::Document;
use crate::read::Reading;
use crate::source::RepoPath;
use crate::source::Role;
use crate::source::Tree;
use crate::source::digest;

/// Bytes of a file of weights that are read at most.
const LONGEST: u64 = 16 << 30;
/// Bytes of all of them together.
const ALL: u64 = 64 << 30;

/// The digests of weights that were read as such, by path; why there is none of a file that has none.
#[must_use]
pub fn weights(tree: &Tree, reading: &Reading) -> BTreeMap<String, Result<String, String>> {
    let mut left = ALL;
    let mut out = BTreeMap::new();
    for document in &reading.documents {
        let Document::Model(model) = document else { continue };
        let path = model.report.path.trim_end_matches('/');
        let Some(file) = RepoPath::new(path).filter(|path| !Role::of_path(path).is_set_aside()) else { continue };
        // A folder is no file; what of it was read is told file by file.
        if model.report.sha256.is_some() || tree.entry(&file).is_none() {
            continue;
        }
        out.insert(path.to_owned(), digest_of(tree, &file, &mut left));
    }
    out
}

fn digest_of(tree: &Tree, path: &RepoPath, left: &mut u64) -> Result<String, String> {
    digest::sha256(tree, path, |length| {
        if length > LONGEST {
            return Err(format!("{length} bytes are over the limit of {LONGEST}"));
        }
        *left = left
            .checked_sub(length)
            .ok_or_else(|| format!("weights of more than {ALL} bytes together are not read"))?;
        Ok(())
    })
}
