//! Files that are written beside the old ones and then renamed, so that a full disk or a folder that may not be
//! written leaves all of them as they were. A link is never written through: an audited tree may have put it there.
#![allow(clippy::disallowed_methods, reason = "writes the files that a person asked to have changed")]

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use super::shown;

/// Files that are written and not yet in the place of the old ones; what is not renamed is removed.
#[derive(Default)]
pub(super) struct Staged(Vec<(PathBuf, PathBuf)>);

impl Staged {
    /// Writes a file beside the one that is there, with its rights; one that is not there is new.
    pub(super) fn add(&mut self, path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        let rights = match fs::symlink_metadata(path) {
            Ok(meta) => Some(meta.permissions()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        let beside = path.with_file_name(format!(".{name}.{}.tmp", std::process::id()));
        let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        self.0.push((beside, path.to_owned()));
        file.write_all(bytes)?;
        if let Some(rights) = rights {
            file.set_permissions(rights)?;
        }
        file.sync_all()
    }

    pub(super) fn rename(mut self) -> Result<()> {
        while let Some((beside, path)) = self.0.last() {
            fs::rename(beside, path).with_context(|| format!("failed to write `{}`", path.display()))?;
            self.0.pop();
        }
        Ok(())
    }
}

impl Drop for Staged {
    fn drop(&mut self) {
        for (beside, _) in &self.0 {
            let _ = fs::remove_file(beside);
        }
    }
}

/// Replaces one file of a tree that still holds what was read; `before` is none where there was none.
pub(super) fn replace(root: &Path, path: &str, before: Option<&str>, after: &str) -> Result<()> {
    let file = root.join(path);
    let mut folder = root.to_owned();
    for part in Path::new(path).parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        if fs::symlink_metadata(&folder).is_ok_and(|meta| meta.is_symlink()) {
            bail!("`{}` is a link, which is not written through", shown(&folder));
        }
    }
    match (fs::symlink_metadata(&file), before) {
        (Ok(meta), _) if !meta.is_file() => bail!("`{path}` is no plain file, which is not written through"),
        (Ok(_), Some(before)) => {
            if fs::read(&file).with_context(|| format!("failed to read `{path}`"))? != before.as_bytes() {
                bail!("`{path}` was changed just now, and is left as it is");
            }
        }
        (Ok(_), None) => bail!("`{path}` is there, and was not read: it is left as it is"),
        (Err(_), _) => {}
    }
    let mut staged = Staged::default();
    staged.add(&file, after.as_bytes()).with_context(|| format!("failed to write `{path}`"))?;
    staged.rename()
}
