//! What packages of the tree say of themselves for readers: who wrote them, what they are, where more is found.
//! Nothing is decided by it. Sources: the Cargo book, "The Manifest Format"; PEP 621 and 639; Poetry's manual.

use crate::source::Spanned;

/// What `[package]` or `[workspace.package]` says.
#[derive(Debug, Clone, Default)]
pub struct CrateAbout {
    /// `authors`.
    pub authors: Vec<String>,
    /// `description`.
    pub description: Option<String>,
    /// `repository`.
    pub repository: Option<String>,
    /// `homepage`.
    pub homepage: Option<String>,
    /// `documentation`.
    pub documentation: Option<String>,
    /// Those of these keys that the workspace states: `authors.workspace = true`.
    pub inherited: Vec<&'static str>,
}

/// What `[project]`, `[tool.poetry]` or `[metadata]` says.
#[derive(Debug, Clone, Default)]
pub struct ProjectAbout {
    /// `license`: an expression, or the name in the older `text`; not the text of a licence.
    pub licence: Option<Spanned<String>>,
    /// Licences that classifiers name: as SPDX lists them where that is clear, else as they are named.
    pub classified: Vec<String>,
    /// `authors`: names and addresses of mail.
    pub authors: Vec<(Option<String>, Option<String>)>,
    /// `urls`, and Poetry's keys of that kind: label and address.
    pub urls: Vec<(String, String)>,
    /// `description`.
    pub description: Option<String>,
}
