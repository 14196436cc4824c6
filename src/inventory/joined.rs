//! What several places tell of one component, put together.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Hash;

/// Puts two lists of files together; of a file in both, what each knows.
pub(super) fn join_files(known: &mut Vec<FileEntry>, more: Vec<FileEntry>) {
    if more.is_empty() {
        return;
    }
    let mut all: BTreeMap<String, FileEntry> = BTreeMap::new();
    for file in known.drain(..).chain(more) {
        match all.get_mut(&file.path) {
            Some(own) => {
                own.size = own.size.or(file.size);
                own.hashes.extend(file.hashes);
                own.format = own.format.take().or(file.format);
            }
            None => {
                all.insert(file.path.clone(), file);
            }
        }
    }
    known.extend(all.into_values());
}

/// Leaves out digests without a file's name where a file of a name has the same.
pub(super) fn without_nameless(component: &mut Component) {
    let named = component.distributions.iter().filter(|d| d.name.is_some() || d.url.is_some());
    let hashes: BTreeSet<Hash> = named.flat_map(|d| d.hashes.iter().cloned()).collect();
    if !hashes.is_empty() {
        let is_nameless = |d: &Distribution| d.name.is_none() && d.url.is_none();
        component.distributions.retain(|d| !(is_nameless(d) && d.hashes.is_subset(&hashes)));
    }
}
