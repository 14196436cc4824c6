//! What a document of SPDX 2 holds, in both of its spellings.

/// A document.
#[derive(Debug, Default)]
pub(super) struct Document<'d> {
    /// `SPDX-2.3`.
    pub(super) version: Option<&'d str>,
    /// The address below which its elements are named.
    pub(super) namespace: Option<&'d str>,
    /// The licence of the document itself.
    pub(super) licence: Option<&'d str>,
    /// When it was made.
    pub(super) created: Option<(&'d str, u32)>,
    /// Who made it: `Tool: syft-1.18.1`.
    pub(super) creators: Vec<&'d str>,
    /// What it is about.
    pub(super) describes: Vec<&'d str>,
    /// Packages.
    pub(super) packages: Vec<Item<'d>>,
    /// Files.
    pub(super) files: Vec<Item<'d>>,
    /// Relations.
    pub(super) relations: Vec<Relation<'d>>,
    /// Licences that SPDX's list lacks.
    pub(super) licences: Vec<Extracted<'d>>,
}

/// A package or a file.
#[derive(Debug, Default)]
pub(super) struct Item<'d> {
    pub(super) id: Option<&'d str>,
    pub(super) name: Option<&'d str>,
    pub(super) version: Option<&'d str>,
    pub(super) supplier: Option<&'d str>,
    pub(super) originator: Option<&'d str>,
    pub(super) download: Option<&'d str>,
    pub(super) home: Option<&'d str>,
    pub(super) source: Option<&'d str>,
    pub(super) concluded: Option<&'d str>,
    pub(super) declared: Option<&'d str>,
    pub(super) copyright: Option<&'d str>,
    pub(super) summary: Option<&'d str>,
    pub(super) description: Option<&'d str>,
    pub(super) purpose: Option<&'d str>,
    pub(super) released: Option<&'d str>,
    pub(super) file_name: Option<&'d str>,
    /// Algorithm, digest and line.
    pub(super) checksums: Vec<(&'d str, &'d str, u32)>,
    /// Category, type and locator.
    pub(super) references: Vec<(&'d str, &'d str, &'d str)>,
    /// Where it stands.
    pub(super) line: u32,
}

/// A relation.
#[derive(Debug)]
pub(super) struct Relation<'d> {
    pub(super) from: &'d str,
    pub(super) kind: &'d str,
    pub(super) to: &'d str,
    pub(super) comment: Option<&'d str>,
    pub(super) line: u32,
}

/// A licence that SPDX's list lacks.
#[derive(Debug, Default)]
pub(super) struct Extracted<'d> {
    pub(super) id: Option<&'d str>,
    pub(super) name: Option<&'d str>,
    pub(super) text: Option<&'d str>,
    pub(super) url: Option<&'d str>,
}

/// A text that says something: neither empty nor that nobody asserts anything.
pub(super) fn said(text: &str) -> Option<&str> {
    let text = text.trim();
    (!text.is_empty() && !matches!(text, "NOASSERTION" | "NONE")).then_some(text)
}
