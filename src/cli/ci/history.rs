//! The history of the clone, for the choice of a base.

use std::path::Path;

use crate::ci::History;
use crate::source::git;
use crate::source::objects::{Oid, Repository};

/// A clone that is asked for its commits.
pub(super) struct Clone(Repository);

/// Opens the repository around a folder.
pub(super) fn open(root: &Path) -> Result<Clone, String> {
    let Some(top) = git::find_root(root) else {
        return Err(
            "there is no repository of git here, so nothing to compare with: judge all there is with --gate all"
                .to_owned(),
        );
    };
    Repository::open(&top).map(Clone).map_err(|error| error.to_string())
}

fn id(text: &str) -> Result<Oid, String> {
    Oid::from_hex(text).ok_or_else(|| format!("`{text}` is no id of a commit"))
}

impl History for Clone {
    fn resolve(&self, revision: &str) -> Result<String, String> {
        let id = self.0.resolve(revision).map_err(|error| error.to_string())?;
        // A name may lead to a commit that the clone does not hold.
        self.0.commit(&id).map_err(|error| error.to_string())?;
        Ok(id.to_string())
    }

    fn parents(&self, commit: &str) -> Result<Vec<String>, String> {
        let commit = self.0.commit(&id(commit)?).map_err(|error| error.to_string())?;
        Ok(commit.parents.iter().map(ToString::to_string).collect())
    }

    fn merge_base(&self, one: &str, other: &str) -> Result<(Option<String>, bool), String> {
        let found = self.0.merge_base(&id(one)?, &id(other)?).map_err(|error| error.to_string())?;
        Ok((found.base.map(|id| id.to_string()), found.is_cut))
    }

    fn is_shallow(&self) -> bool {
        self.0.is_shallow()
    }
}
