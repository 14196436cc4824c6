//! Renderers: pure functions of a saved audit, ignorant of which rules exist.

pub mod affected;
mod concise;
pub mod escape;
mod excused;
mod gate;
mod github;
mod gitlab;
pub mod graph;
mod json;
mod jsonl;
mod junit;
pub mod links;
mod markdown;
pub mod page;
mod sarif;
pub mod scan;
mod snippet;
mod tally;
mod terminal;
pub mod verify;
mod vex;

use std::io::{self, Write};

use crate::audit::Audit;
use crate::audit::Finding;

/// First line of a comment by which a later run knows its own and replaces it. A page's text cannot hold it:
/// nothing that comes from a tree opens a tag.
pub const COMMENT_MARKER: &str = "<!-- cargo-custody:comment -->";

/// How to show an audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For a person at a terminal.
    Terminal,
    /// The contract `custody/audit/v1`.
    Json,
    /// SARIF 2.1.0, with what is excused and what a change takes away.
    Sarif,
    /// SARIF 2.1.0 as GitHub's code scanning has to be given it: every result of it is an open alert.
    CodeScanning,
    /// GitHub workflow commands, ten a level at most.
    Github,
    /// A summary in Markdown.
    Markdown,
    /// The same in the room of a comment on a pull request.
    Comment,
    /// Code Quality of GitLab.
    GitlabCodeQuality,
    /// Dependency Scanning of GitLab: advisories.
    GitlabDependencyScanning,
    /// JUnit XML.
    Junit,
    /// A line for every finding.
    Concise,
    /// A line of JSON for every finding.
    Jsonl,
    /// What is said of each known flaw: OpenVEX 0.2.0.
    OpenVex,
    /// The same in CycloneDX 1.6.
    CycloneDxVex,
}

impl Format {
    /// All formats with their names.
    pub const ALL: &'static [(&'static str, Format)] = &[
        ("terminal", Format::Terminal),
        ("json", Format::Json),
        ("sarif", Format::Sarif),
        ("code-scanning", Format::CodeScanning),
        ("github", Format::Github),
        ("markdown", Format::Markdown),
        ("comment", Format::Comment),
        ("gitlab-code-quality", Format::GitlabCodeQuality),
        ("gitlab-dependency-scanning", Format::GitlabDependencyScanning),
        ("junit", Format::Junit),
        ("concise", Format::Concise),
        ("jsonl", Format::Jsonl),
        ("openvex", Format::OpenVex),
        ("cyclonedx-vex", Format::CycloneDxVex),
    ];

    /// The format of a name.
    #[must_use]
    pub fn find(name: &str) -> Option<Format> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format)
    }
}

/// What a person asked for and what their terminal can do. Mostly the terminal and the concise report look at it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options<'a> {
    /// Leave nothing out.
    pub all: bool,
    /// Show source lines.
    pub snippets: bool,
    /// Colours.
    pub colour: bool,
    /// Columns; lines of the first screen are cut to it. None where nobody looks.
    pub width: Option<usize>,
    /// How long the audit took; it stands on the screen and in no other report.
    pub elapsed: Option<std::time::Duration>,
    /// How to call the program again.
    pub as_cargo: bool,
    /// The folder's name, where a person sits before it.
    pub folder: Option<&'a str>,
    /// The folder's address, of [`links::of_folder`], where the terminal shows links.
    pub links: Option<&'a str>,
    /// The bill of materials that VEX of CycloneDX is to speak of, `urn:cdx:UUID/1`; none for parts of its own.
    pub bom_link: Option<&'a str>,
    /// How the same screen is asked for again; none where it cannot be.
    pub again: Option<Again<'a>>,
}

/// Words that lead to the same screen again. They are ready for a shell.
#[derive(Debug, Clone, Copy, Default)]
pub struct Again<'a> {
    /// The folder, where it is not the repository around the working directory.
    pub place: Option<&'a str>,
    /// `--base REV` and the like, or nothing.
    pub compare: &'a str,
    /// Whether numbers of groups are the same without the other flags that were given.
    pub has_numbers: bool,
}

/// What is known of some findings of an audit, in full: those of the group that has this number on the first screen.
///
/// # Errors
/// Whatever the writer says.
pub fn explain_group(audit: &Audit, number: usize, options: &Options<'_>, out: &mut dyn Write) -> io::Result<bool> {
    terminal::explain_group(audit, number, options, out)
}

/// What is known of some findings, in full.
///
/// # Errors
/// Whatever the writer says.
pub fn explain_findings(
    audit: &Audit,
    findings: &[&Finding],
    options: &Options<'_>,
    out: &mut dyn Write,
) -> io::Result<()> {
    terminal::explain_findings(audit, findings, options, out)
}

/// How many groups have a number on the first screen.
#[must_use]
pub fn groups_shown(audit: &Audit) -> usize {
    terminal::groups_shown(audit)
}

/// Renders an audit.
///
/// # Errors
/// Whatever the writer says.
pub fn render(audit: &Audit, format: Format, options: &Options<'_>, out: &mut dyn Write) -> io::Result<()> {
    match format {
        Format::Terminal => terminal::render(audit, options, out),
        Format::Json => json::render(audit, out),
        // These are read against the repository, not against the folder that was audited.
        Format::Sarif => sarif::render(&audit.rooted(), sarif::Reader::Any, out),
        Format::CodeScanning => sarif::render(&audit.rooted(), sarif::Reader::CodeScanning, out),
        Format::Github => github::render(&audit.rooted(), out),
        Format::GitlabCodeQuality => gitlab::code_quality(&audit.rooted(), out),
        Format::GitlabDependencyScanning => gitlab::dependency_scanning(&audit.rooted(), out),
        Format::Junit => junit::render(&audit.rooted(), out),
        Format::Concise => concise::render(audit, options, out),
        Format::Jsonl => jsonl::render(audit, out),
        Format::OpenVex => vex::openvex(audit, out),
        Format::CycloneDxVex => vex::cyclonedx(audit, options.bom_link, out),
        Format::Markdown => markdown::render(audit, out),
        Format::Comment => markdown::comment(audit, out),
    }
}
