//! SPDX 2 as tags and values: a line each, texts of several lines between `<text>` and `</text>`. Source: SPDX 2.3,
//! annex H of earlier versions, and the tags of sections 6 to 11.

use crate::sbom::read::Told;
use crate::sbom::read::cut;

use super::document::Document;
use super::document::Extracted;
use super::document::Item;
use super::document::Relation;

/// What the tags that follow tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Document,
    Package,
    File,
    Snippet,
    Licence,
}

/// Lowers a document.
pub(super) fn read<'d>(text: &'d str, told: &mut Told<'_>) -> Document<'d> {
    let mut document = Document::default();
    let mut part = Part::Document;
    let mut lines = Lines { rest: text, line: 1 };
    while let Some((line, tag, value)) = lines.next(told) {
        part = begun(tag, line, &mut document).unwrap_or(part);
        take(&mut document, part, tag, value, line, told);
    }
    document
}

/// Tags with their values and lines.
struct Lines<'d> {
    rest: &'d str,
    line: u32,
}

impl<'d> Lines<'d> {
    fn next(&mut self, told: &mut Told<'_>) -> Option<(u32, &'d str, &'d str)> {
        const OPEN: &str = "<text>";
        const CLOSE: &str = "</text>";
        loop {
            if self.rest.is_empty() {
                return None;
            }
            let (now, rest) = self.rest.split_once('\n').unwrap_or((self.rest, ""));
            let line = self.line;
            let whole = now.trim();
            if whole.is_empty() || whole.starts_with('#') {
                self.pass(rest);
                continue;
            }
            let Some((tag, value)) = whole.split_once(':') else {
                told.on(line, format!("`{}` is no tag with a value", cut(whole)));
                self.pass(rest);
                continue;
            };
            let value = value.trim();
            let Some(begin) = value.strip_prefix(OPEN) else {
                self.pass(rest);
                return Some((line, tag.trim(), value));
            };
            if let Some(value) = begin.strip_suffix(CLOSE) {
                self.pass(rest);
                return Some((line, tag.trim(), value.trim()));
            }
            // The text begins where its mark does, in what is left.
            let start = now.find(OPEN).map_or(now.len(), |at| at + OPEN.len());
            let body = self.rest.get(start..).unwrap_or_default();
            let (value, after) = match body.split_once(CLOSE) {
                Some((value, after)) => (value, after.split_once('\n').map_or("", |(_, after)| after)),
                None => {
                    told.on(line, format!("the text of `{}` does not end", cut(tag)));
                    (body, "")
                }
            };
            self.pass(after);
            return Some((line, tag.trim(), value.trim()));
        }
    }

    /// Goes on with what is left, and counts the lines before it.
    fn pass(&mut self, rest: &'d str) {
        let passed = self.rest.len().saturating_sub(rest.len());
        let passed = self.rest.get(..passed).unwrap_or_default();
        let lines = passed.bytes().filter(|byte| *byte == b'\n').count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.rest = rest;
    }
}

/// The part that a tag begins.
fn begun(tag: &str, line: u32, document: &mut Document<'_>) -> Option<Part> {
    match tag {
        "PackageName" => {
            document.packages.push(Item { line, ..Item::default() });
            Some(Part::Package)
        }
        "FileName" => {
            document.files.push(Item { line, ..Item::default() });
            Some(Part::File)
        }
        "SnippetSPDXID" => Some(Part::Snippet),
        "LicenseID" => {
            document.licences.push(Extracted::default());
            Some(Part::Licence)
        }
        _ => None,
    }
}

/// Puts a value where it belongs.
fn take<'d>(document: &mut Document<'d>, part: Part, tag: &'d str, value: &'d str, line: u32, told: &mut Told<'_>) {
    if value.is_empty() {
        return;
    }
    match tag {
        "SPDXVersion" => document.version = Some(value),
        "DataLicense" => document.licence = Some(value),
        "DocumentNamespace" => document.namespace = Some(value),
        "Creator" => document.creators.push(value),
        "Created" => document.created = Some((value, line)),
        "Relationship" => relation(document, value, line, told),
        "RelationshipComment" => {
            if let Some(last) = document.relations.last_mut() {
                last.comment = Some(value);
            }
        }
        _ => match part {
            Part::Package => {
                if let Some(item) = document.packages.last_mut() {
                    package(item, tag, value, line, told);
                }
            }
            Part::File => {
                let Document { packages, files, relations, .. } = document;
                if let Some(item) = files.last_mut() {
                    let is_named = item.id.is_none();
                    file(item, tag, value, line, told);
                    // A file that follows a package belongs to it.
                    let owner = packages.last().and_then(|package| package.id);
                    if let (true, Some(to), Some(from)) = (is_named, item.id, owner) {
                        relations.push(Relation { from, kind: "CONTAINS", to, comment: None, line });
                    }
                }
            }
            Part::Licence => {
                if let Some(licence) = document.licences.last_mut() {
                    match tag {
                        "LicenseID" => licence.id = Some(value),
                        "LicenseName" => licence.name = Some(value),
                        "ExtractedText" => licence.text = Some(value),
                        "LicenseCrossReference" => _ = licence.url.get_or_insert(value),
                        _ => {}
                    }
                }
            }
            Part::Document | Part::Snippet => {}
        },
    }
}

fn relation<'d>(document: &mut Document<'d>, value: &'d str, line: u32, told: &mut Told<'_>) {
    let mut words = value.split_whitespace();
    match (words.next(), words.next(), words.next()) {
        (Some(from), Some(kind), Some(to)) => {
            document.relations.push(Relation { from, kind, to, comment: None, line });
        }
        _ => told.on(line, "a relationship lacks one of its ends or its type, and is left out"),
    }
}

fn package<'d>(item: &mut Item<'d>, tag: &str, value: &'d str, line: u32, told: &mut Told<'_>) {
    match tag {
        "PackageName" => item.name = Some(value),
        "SPDXID" => item.id = Some(value),
        "PackageVersion" => item.version = Some(value),
        "PackageFileName" => item.file_name = Some(value),
        "PackageSupplier" => item.supplier = Some(value),
        "PackageOriginator" => item.originator = Some(value),
        "PackageDownloadLocation" => item.download = Some(value),
        "PackageHomePage" => item.home = Some(value),
        "PackageSourceInfo" => item.source = Some(value),
        "PackageLicenseConcluded" => item.concluded = Some(value),
        "PackageLicenseDeclared" => item.declared = Some(value),
        "PackageCopyrightText" => item.copyright = Some(value),
        "PackageSummary" => item.summary = Some(value),
        "PackageDescription" => item.description = Some(value),
        "PrimaryPackagePurpose" => item.purpose = Some(value),
        "ReleaseDate" => item.released = Some(value),
        "PackageChecksum" => checksum(item, value, line, told),
        "ExternalRef" => {
            let mut words = value.splitn(3, char::is_whitespace).map(str::trim);
            match (words.next(), words.next(), words.next()) {
                (Some(category), Some(kind), Some(locator)) => item.references.push((category, kind, locator)),
                _ => told.on(line, "an external reference lacks its category, its type or its locator"),
            }
        }
        _ => {}
    }
}

fn file<'d>(item: &mut Item<'d>, tag: &str, value: &'d str, line: u32, told: &mut Told<'_>) {
    match tag {
        "FileName" => item.name = Some(value),
        "SPDXID" => item.id = Some(value),
        "FileChecksum" => checksum(item, value, line, told),
        "LicenseConcluded" => item.concluded = Some(value),
        "FileCopyrightText" => item.copyright = Some(value),
        _ => {}
    }
}

fn checksum<'d>(item: &mut Item<'d>, value: &'d str, line: u32, told: &mut Told<'_>) {
    match value.split_once(':') {
        Some((algorithm, digest)) => item.checksums.push((algorithm.trim(), digest.trim(), line)),
        None => told.on(line, "a checksum lacks its algorithm or its value"),
    }
}
