//! Files that tell another tool which advisories to pass over. Sources: cargo-deny's "advisories"
//! configuration, cargo-audit's `audit.toml`, osv-scanner's "Configure".

use crate::source::{FileId, Span, Spanned};

/// A file with ignored advisories: `deny.toml`, `.cargo/audit.toml`, `osv-scanner.toml`.
#[derive(Debug, Clone, Default)]
pub struct IgnoreFile {
    /// The file.
    pub file: FileId,
    /// Whose it is.
    pub tool: IgnoringTool,
    /// Its entries, in order.
    pub entries: Vec<IgnoreEntry>,
    /// Settings that make the tool blind, in order.
    pub blinding: Vec<Blinding>,
}

/// A tool that reads such a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum IgnoringTool {
    /// cargo-deny: crates of the workspace around it.
    #[default]
    CargoDeny,
    /// cargo-audit: crates of the lock beside its `.cargo` folder.
    CargoAudit,
    /// osv-scanner: every lock in the same folder.
    OsvScanner,
}

impl IgnoringTool {
    /// Its name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CargoDeny => "cargo-deny",
            Self::CargoAudit => "cargo-audit",
            Self::OsvScanner => "osv-scanner",
        }
    }
}

/// One ignored advisory or package.
#[derive(Debug, Clone, Default)]
pub struct IgnoreEntry {
    /// The advisory's id, as written; empty where a package is ignored whole.
    pub id: Spanned<String>,
    /// The package that is ignored in place of an advisory, `name` or `name@version`.
    pub package: Option<Spanned<String>>,
    /// Why, as the entry or a comment beside it says.
    pub reason: Option<Spanned<String>>,
    /// Until when, as written; it starts with `YYYY-MM-DD`.
    pub until: Option<Spanned<String>>,
    /// The whole entry.
    pub span: Span,
}

impl IgnoreEntry {
    /// Whether it no longer holds on a day, `YYYY-MM-DD`. One whose end cannot be read does not hold.
    #[must_use]
    pub fn is_expired(&self, today: &str) -> bool {
        let Some(until) = &self.until else { return false };
        let day = until.value.get(..10).filter(|day| {
            day.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
        });
        day.is_none_or(|day| day < today)
    }
}

/// A setting that makes a tool blind to more than one advisory.
#[derive(Debug, Clone, Default)]
pub struct Blinding {
    /// The setting, `key = value`, as it is told.
    pub setting: String,
    /// What it does, after "cargo-audit ...".
    pub effect: &'static str,
    /// It takes the knowledge itself away, not a class of findings.
    pub is_grave: bool,
    /// The setting.
    pub span: Span,
}

/// A comment that excuses findings of its line, or where it stands alone of the line below it:
/// `# custody: ignore[rule, rule] until=2027-01-31 -- why`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InlineIgnore {
    /// The file.
    pub file: FileId,
    /// From the `#` to the end of the comment.
    pub span: Span,
    /// What goes when it is taken out: with the blanks before it, or the whole line.
    pub whole: Span,
    /// The line it stands on, from 1.
    pub line: u32,
    /// The line it speaks of, from 1; none where nothing follows.
    pub target: Option<u32>,
    /// The rules it names, as written.
    pub rules: Vec<Spanned<String>>,
    /// Until when, `YYYY-MM-DD`, as written.
    pub until: Option<Spanned<String>>,
    /// Why.
    pub reason: Option<Spanned<String>>,
    /// What of it is not understood, and where. Such a comment excuses nothing.
    pub trouble: Option<Spanned<&'static str>>,
}

impl InlineIgnore {
    /// Whether its time is over on a day, `YYYY-MM-DD`.
    #[must_use]
    pub fn is_expired(&self, today: &str) -> bool {
        self.until.as_ref().is_some_and(|until| until.value.as_str() < today)
    }
}
