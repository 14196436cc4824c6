//! Conda's files, as written: environments, locks, pixi. Sources: conda's "Managing environments" and
//! "Package match specifications"; conda-lock's lock schema v1; pixi's manifest and lock references.

use crate::source::{FileId, Span, Spanned};

/// A file of conda's world that asks for packages: `environment.yml`, `pixi.toml`, `[tool.pixi]`.
///
/// What pip or uv installs beside them (`pip:`, `[pypi-dependencies]`) is a
/// [`RequirementsFile`](super::python::RequirementsFile) of the same file, which every one of these has,
/// empty where nothing is asked of pip: who uses the file is told of that.
#[derive(Debug, Clone, Default)]
pub struct CondaEnvironment {
    /// The file.
    pub file: FileId,
    /// Whose: `conda` or `pixi`.
    pub tool: &'static str,
    /// Its name.
    pub name: Option<Spanned<String>>,
    /// Channels, the first asked first, as written. `nodefaults` is one of them where it stands.
    pub channels: Vec<Spanned<String>>,
    /// `channel-priority`, as written.
    pub channel_priority: Option<Spanned<String>>,
    /// Packages of channels.
    pub packages: Vec<CondaRequirement>,
}

/// One package that an environment asks a channel for.
#[derive(Debug, Clone, Default)]
pub struct CondaRequirement {
    /// Its name as conda spells it.
    pub name: Spanned<String>,
    /// The channel it is bound to (`channel::name`, `channel = ".."`).
    pub channel: Option<Spanned<String>>,
    /// Conda's version specification, as written: `=1.2`, `>=1,<2`, `1.2.*`.
    pub version: Option<Spanned<String>>,
    /// The build string, as written.
    pub build: Option<Spanned<String>>,
    /// The feature, platform or environment it is for; none where it always is.
    pub feature: Option<String>,
    /// The whole entry.
    pub span: Span,
}

/// A lock of conda's world: `conda-lock.yml`, `pixi.lock`, an explicit list (`@EXPLICIT`).
#[derive(Debug, Clone, Default)]
pub struct CondaLock {
    /// The file.
    pub file: FileId,
    /// Whose: `conda-lock`, `pixi`, `conda`.
    pub tool: &'static str,
    /// Its format's version, as written.
    pub version: Option<Spanned<String>>,
    /// Channels it was solved against, the first asked first, as written.
    pub channels: Vec<Spanned<String>>,
    /// Files it was made from, as conda-lock writes them: relative to the lock.
    pub made_from: Vec<Spanned<String>>,
    /// Packages of channels, in order. A package may stand once for each platform. Those of PyPI are a
    /// [`PythonLock`](super::python::PythonLock) of the same file.
    pub packages: Vec<LockedConda>,
}

/// One package of a [`CondaLock`].
#[derive(Debug, Clone, Default)]
pub struct LockedConda {
    /// Its name, as written.
    pub name: Spanned<String>,
    /// Its version.
    pub version: Option<Spanned<String>>,
    /// The build string.
    pub build: Option<String>,
    /// The distribution of PyPI that the lock says it is a build of (pixi's `purls`); empty where it says
    /// that there is none.
    pub pypi: Option<String>,
    /// The address of its file, or its channel.
    pub url: Option<Spanned<String>>,
    /// The platform: `linux-64`, `noarch`.
    pub platform: Option<String>,
    /// `algorithm:hex`.
    pub hashes: Vec<String>,
    /// Names of packages it needs, normalised as conda spells them.
    pub dependencies: Vec<String>,
    /// The whole entry.
    pub span: Span,
}
