//! Folders of models as hubs keep them: code that a loader fetches or imports beside the weights.

use std::collections::BTreeMap;

use super::{FileReport, Limits, Rule};
use crate::source::Folder;

pub(super) const RULES: &[&Rule] = &[];

/// Looks at a folder as a whole: at each folder in it that is a model of its own. `reports` are those of its
/// files, by path. Returns an entry for each such folder that has something to tell, its path ending in `/`.
#[must_use]
pub fn scan(_folder: &dyn Folder, _reports: &BTreeMap<String, FileReport>, _limits: &Limits) -> Vec<FileReport> {
    Vec::new()
}
