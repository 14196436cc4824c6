//! Installed distributions: `METADATA`, `RECORD` and `direct_url.json` of a `.dist-info` folder, and the
//! older `PKG-INFO`, which also stands in an unpacked source distribution.

use crate::graph::Document;
use crate::graph::kinds::artifact::{BuiltForm, DirectUrl, RecordFile, RecordRow};
use crate::parse::{Budget, Problem, core_metadata, record};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span};

use super::distribution;

/// Reads `METADATA` and `PKG-INFO`.
#[derive(Debug)]
pub struct MetadataReader;

/// Reads `RECORD`.
#[derive(Debug)]
pub struct RecordReader;

/// Reads `direct_url.json`.
#[derive(Debug)]
pub struct DirectUrlReader;

fn is_in_info(path: &RepoPath) -> bool {
    path.parent().name().ends_with(".dist-info")
}

impl Reader for MetadataReader {
    fn id(&self) -> &'static str {
        "python-metadata"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "METADATA" && is_in_info(path) || path.name() == "PKG-INFO"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.dist-info/METADATA`, `*.egg-info/PKG-INFO`, `PKG-INFO`",
            read: "name, version, requirements, licence",
            not_read: "the long description",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut built = distribution(&file.text, budget, &mut out.problems);
        let is_installed = is_in_info(&file.path) || file.path.parent().name().ends_with(".egg-info");
        built.form = if is_installed { BuiltForm::Installed } else { BuiltForm::Source };
        built.file = file.id;
        if built.name.value.is_empty() {
            out.unread = Some("it names no distribution".to_owned());
        } else {
            out.documents.push(Document::Built(built));
        }
    }
}

impl Reader for RecordReader {
    fn id(&self) -> &'static str {
        "python-record"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "RECORD" && is_in_info(path)
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.dist-info/RECORD`",
            read: "installed files and their digests, compared with what lies there",
            not_read: "files that the tree does not keep",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let (rows, is_cut) = record::parse(&file.text, budget);
        if is_cut {
            let end = rows.last().map_or(0, |row| row.range.end);
            out.problems.push(Problem::new(Span::new(end, end), "too many rows; the rest was not read"));
        }
        let row = |row: record::Row| RecordRow {
            path: row.path,
            digest: Some(row.digest).filter(|digest| !digest.is_empty()),
            size: row.size.parse().ok(),
            span: Span::new(row.range.start, row.range.end),
        };
        let rows = rows.into_iter().map(row).collect();
        out.documents.push(Document::Record(RecordFile { file: file.id, rows, ..RecordFile::default() }));
    }
}

impl Reader for DirectUrlReader {
    fn id(&self) -> &'static str {
        "python-direct-url"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "direct_url.json" && is_in_info(path)
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.dist-info/direct_url.json` (PEP 610)",
            read: "address, commit, whether it is installed in place",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, _budget: &mut Budget, out: &mut Facts) {
        match core_metadata::direct_url(&file.text) {
            Some((url, commit, editable)) => {
                out.documents.push(Document::DirectUrl(DirectUrl { file: file.id, url, commit, editable }));
            }
            None => out.unread = Some("it is no JSON with an `url`".to_owned()),
        }
    }
}
