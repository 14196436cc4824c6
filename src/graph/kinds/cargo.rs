//! Cargo's files, as written. Source: the Cargo book, "The Manifest Format", "Configuration",
//! "Source Replacement"; rustup's book, "Overrides".

use std::collections::BTreeMap;

use super::about::CrateAbout;
use crate::source::{FileId, Span, Spanned};

/// A `Cargo.toml`.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// The file.
    pub file: FileId,
    /// `[package]`.
    pub package: Option<Package>,
    /// `[workspace]`.
    pub workspace: Option<Workspace>,
    /// Every dependency of every table, `[workspace.dependencies]` included.
    pub dependencies: Vec<Dependency>,
    /// `[patch.*]` entries.
    pub patches: Vec<Patch>,
    /// `[replace]` entries.
    pub replaces: Vec<Spanned<String>>,
    /// `[features]`: what each turns on, as written.
    pub features: BTreeMap<String, Vec<String>>,
    /// Whether `cargo hakari` wrote its dependencies: a union of what other packages need.
    pub is_generated: bool,
    /// Whether a `[[bin]]` table stands in it.
    pub declares_binary: bool,
    /// Whether a `[lib]` table stands in it.
    pub declares_library: bool,
    /// `[lib] proc-macro = true`.
    pub proc_macro: bool,
    /// `resolver`, of the workspace or of a package that stands alone.
    pub resolver: Option<String>,
}

/// `[package]`.
#[derive(Debug, Clone, Default)]
pub struct Package {
    /// `name`.
    pub name: Spanned<String>,
    /// `version`, where it is written here and not inherited.
    pub version: Option<Spanned<String>>,
    /// Whether `publish = false` or an empty list.
    pub unpublished: bool,
    /// Whether it has a `description` and a licence: crates.io takes no release without.
    pub is_complete: bool,
    /// `publish = [..]`: registries it may go to.
    pub publish_to: Vec<String>,
    /// `publish.workspace = true`: the workspace decides.
    pub publish_inherited: bool,
    /// `build = ".."` where given.
    pub build: Option<Spanned<String>>,
    /// `workspace = ".."` where given.
    pub workspace: Option<Spanned<String>>,
    /// `autobins = false`.
    pub no_autobins: bool,
    /// `build = false`: no build script, whatever lies beside the manifest.
    pub no_build: bool,
    /// `links`: the native library it is bound to.
    pub links: Option<Spanned<String>>,
    /// `license`, an SPDX expression.
    pub licence: Option<Spanned<String>>,
    /// `license.workspace = true`: the workspace states it.
    pub licence_inherited: bool,
    /// Whether `license-file` names a text.
    pub has_licence_file: bool,
    /// What it says of itself for readers.
    pub about: Box<CrateAbout>,
}

/// `[workspace]`.
#[derive(Debug, Clone, Default)]
pub struct Workspace {
    /// The header's place.
    pub span: Span,
    /// `members`, globs as written.
    pub members: Vec<Spanned<String>>,
    /// `exclude`, as written.
    pub exclude: Vec<Spanned<String>>,
    /// `[workspace.package] publish = false`.
    pub unpublished: bool,
    /// `[workspace.package] version`.
    pub version: Option<Spanned<String>>,
    /// `[workspace.package] license`.
    pub licence: Option<Spanned<String>>,
    /// What `[workspace.package]` says for readers.
    pub about: Box<CrateAbout>,
}

/// Which table a dependency stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Table {
    /// `[dependencies]`.
    Normal,
    /// `[build-dependencies]`.
    Build,
    /// `[dev-dependencies]`.
    Dev,
    /// `[workspace.dependencies]`: a declaration to inherit, no dependency by itself.
    Workspace,
}

/// One line of a dependency table.
#[derive(Debug, Clone)]
pub struct Dependency {
    /// The key: the name in code.
    pub key: Spanned<String>,
    /// `package = ".."`, the name on the registry where it differs.
    pub package: Option<Spanned<String>>,
    /// The version requirement.
    pub requirement: Option<Spanned<String>>,
    /// The table.
    pub table: Table,
    /// `[target.'..'.dependencies]`.
    pub target: Option<Spanned<String>>,
    /// `git`.
    pub git: Option<Spanned<String>>,
    /// `rev`.
    pub rev: Option<Spanned<String>>,
    /// `branch`.
    pub branch: Option<Spanned<String>>,
    /// `tag`.
    pub tag: Option<Spanned<String>>,
    /// `path`.
    pub path: Option<Spanned<String>>,
    /// `registry` or `registry-index`.
    pub registry: Option<Spanned<String>>,
    /// `workspace = true`.
    pub inherited: bool,
    /// `optional = true`.
    pub optional: bool,
    /// The whole entry.
    pub span: Span,
}

impl Dependency {
    /// The name of the package, as its registry knows it.
    #[must_use]
    pub fn package_name(&self) -> &str {
        self.package.as_ref().map_or(&self.key.value, |p| &p.value)
    }
}

/// One entry of a `[patch]` table.
#[derive(Debug, Clone)]
pub struct Patch {
    /// What is patched: `crates-io` or an address.
    pub of: Spanned<String>,
    /// What stands in its place.
    pub with: Dependency,
}

/// A `Cargo.lock`, versions 1 to 4.
#[derive(Debug, Clone, Default)]
pub struct Lock {
    /// The file.
    pub file: FileId,
    /// `version`; 1 and 2 do not write it.
    pub version: Option<u32>,
    /// `[[package]]`.
    pub packages: Vec<LockPackage>,
}

/// One `[[package]]` of a lock.
#[derive(Debug, Clone, Default)]
pub struct LockPackage {
    /// `name`.
    pub name: Spanned<String>,
    /// `version`.
    pub version: Spanned<String>,
    /// `source`; none for a package of the workspace or a path.
    pub source: Option<Spanned<String>>,
    /// `checksum`, or the one that lock version 1 keeps in `[metadata]`.
    pub checksum: Option<Spanned<String>>,
    /// `dependencies`, as written: `name`, `name version` or `name version (source)`.
    pub dependencies: Vec<Spanned<String>>,
    /// The whole table.
    pub span: Span,
}

/// Where a locked package comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LockSource<'a> {
    /// The workspace or a path.
    Local,
    /// crates.io, by either of its index addresses.
    CratesIo,
    /// Another registry, by its index address.
    Registry(&'a str),
    /// A git repository.
    Git {
        /// The address without query and fragment.
        url: &'a str,
        /// What the manifest asked for: `rev=..`, `branch=..`, `tag=..`.
        asked: Option<&'a str>,
        /// The commit the lock holds.
        commit: Option<&'a str>,
    },
    /// Something this version does not know.
    Unknown(&'a str),
}

/// The list of files and digests in a vendored copy of a crate, `.cargo-checksum.json`.
/// Source: cargo, `sources/directory.rs`.
#[derive(Debug, Clone, Default)]
pub struct Checksums {
    /// The file.
    pub file: FileId,
    /// SHA-256 of the packed release it is a copy of; none for a copy of a repository.
    pub package: Option<Spanned<String>>,
    /// The files it lists, from its folder, with the SHA-256 of each in hexadecimal.
    pub files: Vec<(String, String)>,
    /// Listed files that the tree holds with other bytes, as positions in `files`.
    pub changed: Vec<usize>,
    /// How many differ in their line ends alone, which git changes.
    pub other_line_ends: usize,
    /// How many the tree does not hold.
    pub missing: usize,
    /// Code beside the listed files that the list does not name, from the root of the tree.
    pub unlisted: Vec<String>,
    /// How many could not be compared, and why, in words.
    pub uncompared: Option<(usize, String)>,
}

/// A cargo configuration file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file.
    pub file: FileId,
    /// `[alias]`: name and what it stands for.
    pub aliases: Vec<(Spanned<String>, String)>,
    /// Programs that cargo starts for this tree.
    pub programs: Vec<ConfigProgram>,
    /// `[source.*]`.
    pub sources: Vec<ConfigSource>,
    /// `[registries.*]` and `[registry]`.
    pub registries: Vec<ConfigRegistry>,
    /// `[patch.*]`.
    pub patches: Vec<Patch>,
    /// `paths = [..]` overrides.
    pub paths: Vec<Spanned<String>>,
    /// `[env]`: names and values.
    pub env: Vec<(Spanned<String>, Spanned<String>)>,
    /// `include`: further files of settings, and whether each may be missing.
    pub includes: Vec<(Spanned<String>, bool)>,
    /// Settings that weaken verification: key and value as written.
    pub weakened: Vec<Spanned<String>>,
}

/// A program named in a cargo configuration.
#[derive(Debug, Clone)]
pub struct ConfigProgram {
    /// The key from the top of the file: `build.rustc-wrapper`.
    pub key: Spanned<String>,
    /// The program, or the list joined by spaces.
    pub value: Spanned<String>,
    /// Whether cargo starts it for a plain `cargo metadata` or `cargo build`, not only to link or run.
    pub always: bool,
}

/// `[source.NAME]`.
#[derive(Debug, Clone)]
pub struct ConfigSource {
    /// `NAME`.
    pub name: Spanned<String>,
    /// `replace-with`.
    pub replace_with: Option<Spanned<String>>,
    /// `directory` or `local-registry`.
    pub directory: Option<Spanned<String>>,
    /// `registry` or `git`.
    pub remote: Option<Spanned<String>>,
}

/// `[registries.NAME]`.
#[derive(Debug, Clone)]
pub struct ConfigRegistry {
    /// `NAME`.
    pub name: Spanned<String>,
    /// `index`.
    pub index: Option<Spanned<String>>,
    /// `token` written into the file.
    pub token: Option<Spanned<String>>,
    /// `credential-provider`, a program.
    pub credential_provider: Option<Spanned<String>>,
}

/// A toolchain file.
#[derive(Debug, Clone, Default)]
pub struct Toolchain {
    /// The file.
    pub file: FileId,
    /// `channel`.
    pub channel: Option<Spanned<String>>,
    /// `path`: a toolchain of the tree's own.
    pub path: Option<Spanned<String>>,
}
