//! Where the parts of a repository lie.
#![allow(clippy::disallowed_methods, reason = "the git folder of the audited tree is looked at here")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use gix_hash::Kind as Hash;

use super::Oid;
use crate::source::git::{self, read_limited, read_small};

/// Largest configuration that is looked at.
const MAX_CONFIG: u64 = 1 << 20;

/// Largest list of the commits at which a shallow clone ends.
const MAX_SHALLOW: u64 = 64 << 20;

/// The folders of a repository.
#[derive(Debug)]
pub(super) struct Layout {
    /// What belongs to this work tree: HEAD, the index.
    pub(super) own: PathBuf,
    /// What all work trees share: objects, branches, tags.
    pub(super) common: PathBuf,
    /// What objects are named by.
    pub(super) hash: Hash,
    /// References are kept in a format that is not read.
    pub(super) has_reftable: bool,
}

/// Finds the folders of the repository at `root`; an error is a sentence fragment.
pub(super) fn find(root: &Path) -> Result<Layout, String> {
    let has_git = root.join(".git").symlink_metadata().is_ok();
    let own = if has_git {
        git::git_dir(root).ok_or_else(|| "its .git names no folder".to_owned())?
    } else if root.join("objects").is_dir() && root.join("HEAD").is_file() {
        root.to_path_buf()
    } else {
        return Err("there is no .git".to_owned());
    };
    let common = match read_small(&own.join("commondir")) {
        Some(text) => own.join(text.trim()),
        None => own.clone(),
    };
    if !common.join("objects").is_dir() {
        return Err("its git folder has no objects".to_owned());
    }
    let config = read_limited(&common.join("config"), MAX_CONFIG)?.unwrap_or_default();
    let extensions = extensions(&String::from_utf8_lossy(&config));
    let hash = match extensions.object_format.as_deref() {
        None | Some("sha1") => Hash::Sha1,
        Some("sha256") => Hash::Sha256,
        Some(other) => return Err(format!("its objects are named by `{other}`, which is not known")),
    };
    let has_reftable = extensions.ref_storage.is_some_and(|format| format != "files");
    Ok(Layout { own, common, hash, has_reftable })
}

/// The commits at which a shallow clone ends; empty where it holds all history.
pub(super) fn shallow(common: &Path) -> HashSet<Oid> {
    let text = read_limited(&common.join("shallow"), MAX_SHALLOW).ok().flatten().unwrap_or_default();
    String::from_utf8_lossy(&text).lines().filter_map(|line| Oid::from_hex(line.trim())).collect()
}

/// The two settings without which objects and references cannot be read.
#[derive(Debug, Default, PartialEq, Eq)]
struct Extensions {
    object_format: Option<String>,
    ref_storage: Option<String>,
}

/// Reads `[extensions]` of a configuration as plain lines. Nothing else of it counts, and no other
/// file is included.
fn extensions(config: &str) -> Extensions {
    let mut found = Extensions::default();
    let mut inside = false;
    for line in config.lines() {
        let mut line = line.trim();
        if let Some(header) = line.strip_prefix('[') {
            let Some((name, rest)) = header.split_once(']') else { continue };
            inside = name.trim().eq_ignore_ascii_case("extensions");
            line = rest.trim();
        }
        let Some((key, value)) = line.split_once('=').filter(|_| inside) else { continue };
        let value = value.split(['#', ';']).next().unwrap_or_default().trim().trim_matches('"').to_ascii_lowercase();
        match key.trim().to_ascii_lowercase().as_str() {
            "objectformat" => found.object_format = Some(value),
            "refstorage" => found.ref_storage = Some(value),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_configuration_only_the_formats_count() {
        for (config, object_format, ref_storage) in [
            ("", None, None),
            ("[core]\n\tobjectformat = sha256\n", None, None),
            ("[extensions]\n\tobjectFormat = sha256\n", Some("sha256"), None),
            ("[Extensions] objectformat=\"sha256\" ; so\n[core]\nrefstorage = x\n", Some("sha256"), None),
            ("[extensions]\n# objectformat = sha256\nrefStorage = reftable\n", None, Some("reftable")),
            ("[extensions \"x\"]\nobjectformat = sha256\n", None, None),
        ] {
            let found = extensions(config);
            assert_eq!(found.object_format.as_deref(), object_format, "{config}");
            assert_eq!(found.ref_storage.as_deref(), ref_storage, "{config}");
        }
    }
}
