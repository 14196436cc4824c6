//! Files that tell another tool which advisories to pass over. Sources: cargo-deny's "advisories"
//! configuration, cargo-audit's `audit.toml`, osv-scanner's "Configure".

use crate::source::{FileId, Span, Spanned};

/// A file with ignored advisories: `deny.toml`, `.cargo/audit.toml`, `osv-scanner.toml`.
#[derive(Debug, Clone, Default)]
pub struct IgnoreFile {
    /// The file.
    pub file: FileId,
    /// Whose: `cargo-deny`, `cargo-audit`, `osv-scanner`.
    pub tool: &'static str,
    /// Its entries, in order.
    pub entries: Vec<IgnoreEntry>,
    /// Settings that make the tool blind: a database path, a disabled check.
    pub blinding: Vec<Spanned<String>>,
}

/// One ignored advisory or package.
#[derive(Debug, Clone, Default)]
pub struct IgnoreEntry {
    /// The advisory's id, as written; empty where a package is ignored whole.
    pub id: Spanned<String>,
    /// The package it is bound to, `name` or `name@version`.
    pub package: Option<Spanned<String>>,
    /// Why, as the entry or a comment beside it says.
    pub reason: Option<Spanned<String>>,
    /// Until when, `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
    /// The whole entry.
    pub span: Span,
}
