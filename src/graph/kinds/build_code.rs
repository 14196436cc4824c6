//! What code that runs because something is built brings from elsewhere: build scripts of Rust, `setup.py` and
//! hooks of Python's builds, CMake, Bazel, Meson's wraps. Sources: the Cargo book, "Build Scripts"; the manuals
//! of setuptools, hatch and poetry; CMake's manual of FetchContent, ExternalProject and `file`; Bazel's rules for
//! repositories; Meson's manual, "Wrap dependency system".

use crate::commands::UrlText;
use crate::source::{FileId, RepoPath, Span};

/// A file of such code.
#[derive(Debug, Clone)]
pub struct BuildCode {
    /// The file.
    pub file: FileId,
    /// What it is.
    pub form: BuildForm,
    /// What it fetches, in the order of the text.
    pub fetches: Vec<BuildFetch>,
    /// Files of the tree that are parts of it: modules of a build script.
    pub parts: Vec<RepoPath>,
    /// Variables of the environment it asks for that may keep it from fetching, in the order of the text.
    pub switches: Vec<String>,
    /// Whether it computes digests.
    pub computes: bool,
    /// Whether it compares a digest with something.
    pub compares: bool,
}

impl BuildCode {
    /// Whether it computes a digest and compares it.
    #[must_use]
    pub fn verifies(&self) -> bool {
        self.computes && self.compares
    }
}

/// What a [`BuildCode`] is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BuildForm {
    /// A build script of a crate, or a module of one.
    RustScript,
    /// `setup.py`.
    SetupPy,
    /// A hook or backend of a Python build.
    BuildHook,
    /// `CMakeLists.txt`, `*.cmake`.
    CMake,
    /// `WORKSPACE`, `MODULE.bazel`, `*.bzl`.
    Bazel,
    /// A `*.wrap` of Meson.
    MesonWrap,
}

/// Something fetched from elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BuildFetch {
    /// What a person would change: the call or declaration.
    pub span: Span,
    /// What fetches: `FetchContent_Declare`, `ureq::get`, `curl`.
    pub by: String,
    /// What the thing is called, where it has a name.
    pub name: Option<String>,
    /// From where.
    pub url: UrlText,
    /// What it is.
    pub what: Fetched,
    /// What says which content it must have.
    pub fixed: Fixed,
    /// Certificates are not checked.
    pub tls_off: bool,
    /// The function it stands in, where it is one that is called by name.
    pub within: Option<String>,
}

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fetched {
    /// A file or archive.
    File,
    /// A repository's files.
    Repository,
    /// Packages by the name of a manager.
    Packages,
    /// Text that an interpreter runs at once.
    Program,
}

/// What says which content a fetched thing must have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fixed {
    /// Nothing.
    Open,
    /// A digest, or something else that decides it.
    Content,
    /// A digest by a function that is broken: MD5, SHA-1.
    Weak(&'static str),
    /// A branch or tag of a repository, as written.
    Reference(String),
    /// A value that is set elsewhere.
    Unknown,
}

impl BuildForm {
    /// The form as reports spell it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RustScript => "build script",
            Self::SetupPy => "setup.py",
            Self::BuildHook => "build hook",
            Self::CMake => "CMake file",
            Self::Bazel => "Bazel file",
            Self::MesonWrap => "Meson wrap",
        }
    }
}
