//! Settings files of package managers: where they look, with which names. Sources: pip's
//! "Configuration", uv's "Configuration files", the ".pypirc" specification, conda's ".condarc".

use super::python::{DeclaredIndex, IndexOption};
use crate::source::{FileId, Spanned};

/// A settings file of a package manager.
#[derive(Debug, Clone, Default)]
pub struct ManagerSettings {
    /// The file.
    pub file: FileId,
    /// Whose.
    pub form: SettingsForm,
    /// Options that choose where it looks, in order. Sections of pip's file are put into one.
    pub options: Vec<IndexOption>,
    /// `[[index]]` of `uv.toml`; the upload targets of `.pypirc`.
    pub indexes: Vec<DeclaredIndex>,
    /// `channels` of `.condarc`.
    pub channels: Vec<Spanned<String>>,
    /// `channel_priority` of `.condarc`, as written.
    pub channel_priority: Option<Spanned<String>>,
    /// Values of `password`, `token` and the like, for whoever looks for secrets: the place, never the value.
    pub secrets: Vec<Spanned<&'static str>>,
}

/// Whose [`ManagerSettings`] are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum SettingsForm {
    /// `pip.conf`, `pip.ini`.
    #[default]
    Pip,
    /// `uv.toml`.
    Uv,
    /// `.pypirc`.
    Pypirc,
    /// `.condarc`.
    Conda,
}
