//! Python's files, as written: requirements files, `pyproject.toml`, locks, scripts with inline
//! metadata. Sources: pip's "Requirements File Format"; PEP 503, 508, 517, 518, 621, 723, 735; the
//! manuals of uv and Poetry.

use super::about::ProjectAbout;
use crate::source::{FileId, Span, Spanned};

/// One requirement: a PEP 508 text, or what a table says in its place.
#[derive(Debug, Clone, Default)]
pub struct Requirement {
    /// The distribution's name as written; empty where a path or address names none.
    pub name: Spanned<String>,
    /// Extras, as written, in order.
    pub extras: Vec<String>,
    /// Version specifiers in PEP 440's form; the span is what stands in the file. Poetry's `^1.2` is
    /// put into PEP 440 by its reader. None where every version will do.
    pub specifiers: Option<Spanned<String>>,
    /// Where it comes from, if not from an index.
    pub origin: Option<Origin>,
    /// The environment marker, as written.
    pub marker: Option<Spanned<String>>,
    /// `--hash`, `algorithm:hex`.
    pub hashes: Vec<Spanned<String>>,
    /// What it is needed for.
    pub group: Group,
    /// The index it is bound to by name or address (`source =` of Poetry, `[tool.uv.sources]`).
    pub index: Option<Spanned<String>>,
    /// `-e`, `editable = true`, `develop = true`.
    pub editable: bool,
    /// The whole requirement: what a person would change.
    pub span: Span,
}

impl Requirement {
    /// How many bytes of text it holds, for whoever keeps count.
    #[must_use]
    pub fn text_bytes(&self) -> usize {
        let of = |text: &Option<Spanned<String>>| text.as_ref().map_or(0, |t| t.value.len());
        let origin = match &self.origin {
            Some(Origin::Url { url }) => url.value.len(),
            Some(Origin::Vcs { kind, url, revision }) => kind.len() + url.value.len() + of(revision),
            Some(Origin::Path { path }) => path.value.len(),
            Some(Origin::Workspace) | None => 0,
        };
        let lists = self.extras.iter().map(String::len).chain(self.hashes.iter().map(|h| h.value.len()));
        self.name.value.len()
            + of(&self.specifiers)
            + of(&self.marker)
            + of(&self.index)
            + origin
            + self.group.name().map_or(0, str::len)
            + lists.sum::<usize>()
    }
}

/// Where a requirement that no index answers comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// A file to download.
    Url {
        /// The address, its fragment included.
        url: Spanned<String>,
    },
    /// A repository; git but for rare cases.
    Vcs {
        /// `git`, `hg`, `svn`, `bzr`.
        kind: String,
        /// The address without revision and fragment.
        url: Spanned<String>,
        /// Branch, tag or commit, as far as one is given.
        revision: Option<Spanned<String>>,
    },
    /// A file or folder, relative to the file that says so.
    Path {
        /// As written.
        path: Spanned<String>,
    },
    /// Another project of the same workspace (`workspace = true`).
    Workspace,
}

/// What a requirement is needed for, the weightiest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Group {
    /// To run.
    #[default]
    Runtime,
    /// For an extra of this name.
    Extra(String),
    /// To build (`[build-system] requires`).
    Build,
    /// For a dependency group of this name (PEP 735, Poetry, `tool.uv.dev-dependencies`).
    Named(String),
    /// A constraint or override: bounds what others ask for and asks for nothing.
    Constraint,
}

impl Group {
    /// The name of the extra or group.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match self {
            Self::Extra(name) | Self::Named(name) => Some(name),
            Self::Runtime | Self::Build | Self::Constraint => None,
        }
    }
}

/// A requirements or constraints file.
#[derive(Debug, Clone, Default)]
pub struct RequirementsFile {
    /// The file.
    pub file: FileId,
    /// Its requirements, in order.
    pub requirements: Vec<Requirement>,
    /// `-r` and `-c`, in order.
    pub includes: Vec<Include>,
    /// Options that choose where pip looks, in order.
    pub options: Vec<IndexOption>,
    /// `--require-hashes`.
    pub require_hashes: Option<Span>,
    /// The tool that wrote it (`pip-compile`, `uv`), where its head says so: it is a lock then.
    pub generated_by: Option<Spanned<String>>,
}

/// `-r FILE` or `-c FILE`.
#[derive(Debug, Clone)]
pub struct Include {
    /// The path or address, as written.
    pub path: Spanned<String>,
    /// `-c`: a constraints file.
    pub constraint: bool,
}

/// An option that chooses where a resolver looks, from a file, a command or a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexOption {
    /// Which one.
    pub kind: IndexOptionKind,
    /// Its value; the option's own place where it has none.
    pub value: Spanned<String>,
    /// The option with its value.
    pub span: Span,
}

/// Kinds of [`IndexOption`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexOptionKind {
    /// `-i`, `--index-url`, uv's `--default-index`: in place of PyPI.
    Index,
    /// `--extra-index-url`, uv's `--index`: beside it.
    ExtraIndex,
    /// `-f`, `--find-links`.
    FindLinks,
    /// `--no-index`.
    NoIndex,
    /// `--trusted-host`, uv's `--allow-insecure-host`: certificates are not checked.
    TrustedHost,
    /// `--pre`, uv's `--prerelease`.
    Pre,
    /// `--no-binary`.
    NoBinary,
    /// `--only-binary`.
    OnlyBinary,
    /// uv's `--index-strategy`.
    IndexStrategy,
    /// `--require-hashes` on a command.
    RequireHashes,
    /// `--no-build-isolation`.
    NoBuildIsolation,
}

/// Whose file a table belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// uv.
    Uv,
    /// Poetry.
    Poetry,
    /// PDM.
    Pdm,
    /// Pipenv.
    Pipenv,
    /// pip, of a lock in the common format (PEP 751).
    Pip,
    /// pixi.
    Pixi,
    /// conda-lock.
    CondaLock,
}

impl Tool {
    /// Its name as a person types it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Uv => "uv",
            Self::Poetry => "poetry",
            Self::Pdm => "pdm",
            Self::Pipenv => "pipenv",
            Self::Pip => "pip",
            Self::Pixi => "pixi",
            Self::CondaLock => "conda-lock",
        }
    }
}

/// What a project file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Form {
    /// A `pyproject.toml`.
    #[default]
    Project,
    /// A script with inline metadata (PEP 723).
    Script,
    /// A `Pipfile`.
    Pipfile,
    /// `setup.cfg`.
    SetupCfg,
    /// `setup.py`, as far as its text says it without being run.
    SetupPy,
}

/// A `pyproject.toml`, or the inline metadata of a script.
#[derive(Debug, Clone, Default)]
pub struct PyProject {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub form: Form,
    /// `[project]` or `[tool.poetry]`: its name, as written.
    pub name: Option<Spanned<String>>,
    /// Its version.
    pub version: Option<Spanned<String>>,
    /// Whether it says that it is never to be published or packaged: the classifier `Private ::`,
    /// `tool.uv.package = false`, `package-mode = false`.
    pub unpublished: bool,
    /// Whether it says of itself what those need who find it on an index: classifiers that are not
    /// `Private ::`, or `urls`.
    pub is_described: bool,
    /// `[build-system] build-backend`.
    pub build_backend: Option<Spanned<String>>,
    /// Whether `[build-system]` stands in it.
    pub has_build_system: bool,
    /// Whether it declares programs: `[project.scripts]`, `[tool.poetry.scripts]`.
    pub has_scripts: bool,
    /// Every requirement of every table, in order; those of `[tool.uv.sources]` and of Poetry's tables
    /// are joined to the requirement they speak of.
    pub requirements: Vec<Requirement>,
    /// Requirements files that `dynamic` fields are read from (`[tool.setuptools.dynamic]`, hatch's
    /// `requirements_txt`), relative to this file.
    pub dynamic_files: Vec<Spanned<String>>,
    /// Indexes of uv's, Poetry's and PDM's tables, in order.
    pub indexes: Vec<DeclaredIndex>,
    /// PDM's `respect-source-order`: a later source is asked for what the earlier ones do not have.
    pub keeps_source_order: bool,
    /// PEP 735: which group includes which, by name as written.
    pub includes: Vec<(String, String)>,
    /// Options of `[tool.uv]` and `[tool.uv.pip]` that choose where uv looks.
    pub options: Vec<IndexOption>,
    /// `[tool.uv.workspace] members`, globs as written.
    pub workspace_members: Vec<Spanned<String>>,
    /// `[tool.uv.workspace] exclude`.
    pub workspace_exclude: Vec<Spanned<String>>,
    /// Tools whose tables stand in it.
    pub tools: Vec<Tool>,
    /// `[tool.maturin]`: the manifest of the crate it is built from, where one is named.
    pub maturin_manifest: Option<Spanned<String>>,
    /// `[tool.maturin] module-name` or the like names a Rust module; set with `build-backend = "maturin"`.
    pub is_maturin: bool,
    /// `requires-python`, as written.
    pub requires_python: Option<Spanned<String>>,
    /// What it says of itself for readers.
    pub about: Box<ProjectAbout>,
}

/// An index that a project file declares.
#[derive(Debug, Clone)]
pub struct DeclaredIndex {
    /// Whose table.
    pub tool: Tool,
    /// Its name; empty where it has none.
    pub name: Spanned<String>,
    /// Its address.
    pub url: Option<Spanned<String>>,
    /// How it is asked.
    pub priority: Priority,
    /// `verify_ssl = false`.
    pub tls_off: Option<Span>,
    /// `ignore-error-codes` (uv): refusals after which the next index is asked.
    pub ignored_errors: Option<Span>,
    /// PDM's `include_packages`, `exclude_packages`; Poetry has none.
    pub is_filtered: bool,
    /// The whole table.
    pub span: Span,
}

/// How a declared index is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Priority {
    /// In place of PyPI (uv `default = true`, Poetry `primary` or `default`).
    Default,
    /// Beside the others, before them.
    Normal,
    /// Only where the others have nothing (Poetry `supplemental`, `secondary`).
    Supplemental,
    /// Only for packages bound to it.
    Explicit,
}

/// A lock: `uv.lock`, `poetry.lock`, `pdm.lock`, `Pipfile.lock`, `pylock.toml`.
#[derive(Debug, Clone)]
pub struct PythonLock {
    /// The file.
    pub file: FileId,
    /// Whose.
    pub tool: Tool,
    /// Its format's version, as written.
    pub version: Option<Spanned<String>>,
    /// Its packages, in order. A name may stand more than once with different versions.
    pub packages: Vec<LockedDistribution>,
    /// Poetry's `content-hash`.
    pub content_hash: Option<Spanned<String>>,
}

/// One package of a lock.
#[derive(Debug, Clone, Default)]
pub struct LockedDistribution {
    /// Its name, as written.
    pub name: Spanned<String>,
    /// Its version; uv leaves it out for dynamic projects.
    pub version: Option<Spanned<String>>,
    /// Where it comes from.
    pub source: LockedOrigin,
    /// The place of the source.
    pub source_span: Option<Span>,
    /// Files that may be installed.
    pub artifacts: Vec<Artifact>,
    /// What it needs.
    pub dependencies: Vec<LockedDependency>,
    /// Poetry v1: `category`; v2: `groups`. What the lock says it is there for.
    pub groups: Vec<String>,
    /// Poetry: `optional = true`.
    pub optional: bool,
    /// The marker under which it is installed, where the lock holds one for the package.
    pub marker: Option<Spanned<String>>,
    /// The whole table.
    pub span: Span,
}

/// Where a locked distribution comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LockedOrigin {
    /// PyPI, said or implied.
    #[default]
    PyPi,
    /// Another index, by its address.
    Registry(String),
    /// A repository.
    Vcs {
        /// Its address without fragment and query.
        url: String,
        /// The commit the lock holds.
        commit: Option<String>,
    },
    /// A file at an address.
    Url(String),
    /// A file or folder of the tree: a path, an editable or virtual project, a workspace member.
    Local(String),
    /// Something this version does not know, as written.
    Unknown(String),
}

/// A file of a locked distribution.
#[derive(Debug, Clone, Default)]
pub struct Artifact {
    /// Its name or address; empty where the lock holds its hash and nothing else (`Pipfile.lock`).
    pub file: String,
    /// `algorithm:hex`.
    pub hash: Option<String>,
    /// A wheel, as its name says.
    pub is_wheel: bool,
}

impl Artifact {
    /// Whether it is known to be a source distribution.
    #[must_use]
    pub fn is_source(&self) -> bool {
        !self.is_wheel && !self.file.is_empty()
    }
}

/// An edge of a lock.
#[derive(Debug, Clone, Default)]
pub struct LockedDependency {
    /// The distribution's name, as written.
    pub name: Spanned<String>,
    /// The version, where the lock needs it to tell two apart.
    pub version: Option<String>,
    /// Extras it asks for.
    pub extras: Vec<String>,
    /// What the one that asks needs it for: its runtime, an extra, a group.
    pub group: Group,
    /// The marker of the edge.
    pub marker: Option<String>,
}
