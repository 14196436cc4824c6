//! Where findings of a scan stand in the tree: the line of a text, else the file.

use crate::graph::kinds::model::ModelFile;
use crate::read::Reading;
use crate::scan::{FileReport, Finding, Format, Verdict};
use crate::source::{FileId, Folder, Place, RepoPath, Span};

/// Bytes of a text whose lines are told.
const TEXT: usize = 4 << 20;
/// Files of one folder whose lines are told.
const FILES: usize = 64;

/// Gives the findings of one file their lines.
pub(super) fn of_file(reading: &mut Reading, index: usize, folder: &dyn Folder) {
    let Some((file, report)) = model(reading, index) else { return };
    if !is_text(report.format) || !report.findings.iter().any(|finding| finding.rule.verdict > Verdict::Unread) {
        return;
    }
    let Some(text) = text(folder, &report.path) else { return };
    let places =
        report.findings.iter().map(|finding| Place::new(file, span(&text, finding, finding.inner_path.as_deref())));
    let places: Vec<Place> = places.collect();
    reading.sources.set_text(file, text);
    if let Some(crate::graph::Document::Model(model)) = reading.documents.get_mut(index) {
        model.places = places;
    }
}

/// The same for what a folder's report tells of its files, which need not be model files themselves.
pub(super) fn of_folder(reading: &mut Reading, report: &FileReport, folder: &dyn Folder) -> Vec<Option<Place>> {
    let below = if report.path == "./" { "" } else { report.path.as_str() };
    let mut known: Vec<(String, Option<FileId>)> = Vec::new();
    let mut out = Vec::new();
    for finding in &report.findings {
        let Some(inner) = finding.inner_path.as_deref() else {
            out.push(None);
            continue;
        };
        let (member, rest) = inner.split_once('!').map_or((inner, None), |(member, rest)| (member, Some(rest)));
        let path = format!("{below}{member}");
        let found = match known.iter().find(|(name, _)| *name == path) {
            Some((_, file)) => *file,
            None if known.len() < FILES => {
                let file = source(reading, &path, folder);
                known.push((path.clone(), file));
                file
            }
            None => None,
        };
        out.push(found.map(|file| {
            let text = reading.sources.get(file).map_or("", |file| file.text.as_str());
            Place::new(file, if text.is_empty() { Span::default() } else { span(text, finding, rest) })
        }));
    }
    out
}

/// A file of the tree as one that places can be in.
pub(in crate::read) fn source(reading: &mut Reading, path: &str, folder: &dyn Folder) -> Option<FileId> {
    let path = RepoPath::new(path)?;
    let known = reading.sources.by_path(&path).map(|file| (file.id, file.text.is_empty()));
    match known {
        Some((id, false)) => Some(id),
        Some((id, true)) => {
            if let Some(text) = text(folder, path.as_str()) {
                reading.sources.set_text(id, text);
            }
            Some(id)
        }
        None => {
            let text = text(folder, path.as_str())?;
            Some(reading.sources.set_aside(path, text))
        }
    }
}

fn model(reading: &Reading, index: usize) -> Option<(FileId, std::sync::Arc<FileReport>)> {
    match reading.documents.get(index)? {
        crate::graph::Document::Model(ModelFile { file, report, .. }) => Some((*file, std::sync::Arc::clone(report))),
        _ => None,
    }
}

fn is_text(format: Format) -> bool {
    matches!(
        format,
        Format::Tokenizer
            | Format::ModelConfig
            | Format::Template
            | Format::KerasConfig
            | Format::ShardIndex
            | Format::Mlflow
            | Format::Pmml
            | Format::OpenVino
            | Format::Xml
            | Format::Json
            | Format::Python
            | Format::Text
    )
}

/// The text of a file; none where it is none or too long for anybody to read.
fn text(folder: &dyn Folder, path: &str) -> Option<String> {
    let bytes = folder.open(path).ok()?.up_to(0, TEXT + 1).ok()?;
    if bytes.len() > TEXT || bytes.contains(&0) {
        return None;
    }
    String::from_utf8(bytes).ok()
}

/// The bytes of a finding: its offset, or the key of the part it lies in.
fn span(text: &str, finding: &Finding, inner: Option<&str>) -> Span {
    if let Some(inner) = inner {
        let key = format!("\"{}\"", inner.split('!').next().unwrap_or(inner));
        return text.find(&key).map_or_else(Span::default, |at| Span::new(at, at + key.len()));
    }
    // What is missing at the end is missing behind the last of what is there.
    let end = text.trim_end().char_indices().next_back().map_or(0, |(at, _)| at);
    let at = finding.offset.and_then(|at| usize::try_from(at).ok()).unwrap_or(0).min(end);
    if text.is_char_boundary(at) { Span::new(at, at) } else { Span::default() }
}
