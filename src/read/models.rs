//! Model files of the tree: found by their first bytes or, where those are JSON, by the names that loaders look
//! for; scanned by position, so that they may be of any size.

mod loads;
mod places;

pub(super) use places::source;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::reuse::Known;
use super::rounds::in_parallel;
use super::{Facts, Format, Outcome, Reader, Reading};
use crate::graph::Document;
use crate::graph::kinds::model::ModelFile;
use crate::parse::{Budget, Problem};
use crate::scan::{self, FileReport, Limits, Verdict};
use crate::source::{Bytes, Folder, Place, RepoPath, SourceFile, Span, Tree};

/// Its name, as coverage prints it.
pub(super) const ID: &str = "model-file";

/// Bytes at the beginning that show whether a file is of a kind that is scanned.
const HEAD: usize = 512;
/// Bytes that are read of one file at most. Of most formats a small part is read, however large they are.
const ONE: u64 = 256 << 20;
/// Bytes that are read of all of them.
const ALL: u64 = 1 << 30;
/// Sentences about one file that become gaps.
const GAPS: usize = 4;

/// Finds model files; [`scan`] reads them.
#[derive(Debug)]
pub struct ModelReader;

impl Reader for ModelReader {
    fn id(&self) -> &'static str {
        ID
    }

    fn claims(&self, path: &RepoPath) -> bool {
        is_configuration(path.name())
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        (!is_source(path.name())).then_some(HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        scan::is_model(head) || ((is_packed(head) || is_pointer(head)) && is_packed_model(path.name()))
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn takes_beginning(&self) -> Option<usize> {
        Some(0)
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "pickles, `*.pt`, `*.safetensors`, `*.gguf`, `*.onnx`, `*.keras`, `*.h5`, `*.tflite`, `*.nemo`, `*.skops`, `*.npy`, \
                    `tokenizer_config.json` and more, told by their first bytes",
            read: "what in them could execute when they are loaded, as `scan` does; nothing of them runs",
            not_read: "tensors; pointers of git LFS, which coverage lists as skipped; what lies beyond 256 MiB that have to be read of one file, or 1 GiB of all, is a gap",
        })
    }

    fn read(&self, file: &SourceFile, _budget: &mut Budget, out: &mut Facts) {
        // Filled in by `scan`, which opens the file anew.
        let report = Arc::new(scan::unread(file.path.as_str(), "it was not scanned"));
        out.documents.push(Document::Model(ModelFile { file: file.id, report, places: Vec::new(), loads: Vec::new() }));
    }
}

/// Names by which loaders find JSON and templates beside weights.
fn is_configuration(name: &str) -> bool {
    const NAMES: &[&str] = &[
        "adapter_config.json",
        "chat_template.jinja",
        "chat_template.json",
        "model_index.json",
        "preprocessor_config.json",
        "processor_config.json",
        "tokenizer_config.json",
        "modules.json",
        "MLmodel",
    ];
    NAMES.contains(&name)
}

/// Whether bytes are those of an archive or a packed stream.
fn is_packed(head: &[u8]) -> bool {
    matches!(
        head,
        [b'P', b'K', 3, 4, ..]
            | [0x1f, 0x8b, ..]
            | [b'B', b'Z', b'h', ..]
            | [0xfd, b'7', b'z', b'X', ..]
            | [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..]
    ) || head.get(257..262) == Some(b"ustar")
}

/// Whether a file is a pointer of git LFS.
fn is_pointer(head: &[u8]) -> bool {
    head.starts_with(b"version https://git-lfs") || head.starts_with(b"version https://hawser")
}

/// Of archives that may hold anything, and of pointers, those are models which are named so.
fn is_packed_model(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "bin",
        "ckpt",
        "gguf",
        "h5",
        "joblib",
        "keras",
        "mar",
        "model",
        "nemo",
        "npy",
        "npz",
        "onnx",
        "pb",
        "pickle",
        "pkl",
        "pkz",
        "pt",
        "pt2",
        "pth",
        "ptl",
        "safetensors",
        "skops",
        "tflite",
        "th",
    ];
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
        || name.ends_with(".pkl.gz")
        || name.ends_with(".joblib.gz")
}

/// Names of what people write and of pictures: whatever lies behind them, no loader of models takes them. A scan
/// that is asked for such a file looks into it all the same.
fn is_source(name: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "adoc",
        "asm",
        "bash",
        "bat",
        "bazel",
        "bib",
        "bzl",
        "c",
        "cc",
        "cfg",
        "cjs",
        "clj",
        "cmake",
        "cmd",
        "cpp",
        "cs",
        "css",
        "csv",
        "cu",
        "cuh",
        "cxx",
        "dart",
        "diff",
        "dockerfile",
        "ejs",
        "el",
        "ex",
        "exs",
        "fish",
        "gif",
        "go",
        "gradle",
        "graphql",
        "h",
        "hbs",
        "hpp",
        "hs",
        "html",
        "ico",
        "inc",
        "ini",
        "ipynb",
        "jpeg",
        "jpg",
        "java",
        "js",
        "json",
        "json5",
        "jsonc",
        "jsonl",
        "jsx",
        "kt",
        "kts",
        "less",
        "lock",
        "log",
        "lua",
        "m",
        "map",
        "markdown",
        "md",
        "mdc",
        "mdx",
        "mjs",
        "mk",
        "ml",
        "mm",
        "mo",
        "mp3",
        "mp4",
        "mts",
        "nix",
        "otf",
        "patch",
        "pdf",
        "php",
        "pl",
        "png",
        "po",
        "prisma",
        "properties",
        "proto",
        "ps1",
        "pxd",
        "py",
        "pyi",
        "pyx",
        "r",
        "rb",
        "rs",
        "rst",
        "sass",
        "scala",
        "scss",
        "sh",
        "snap",
        "sol",
        "sql",
        "srt",
        "svelte",
        "svg",
        "swift",
        "tex",
        "tf",
        "thrift",
        "toml",
        "tpl",
        "ts",
        "tsv",
        "tsx",
        "ttf",
        "txt",
        "vue",
        "wav",
        "webm",
        "webp",
        "woff",
        "woff2",
        "xml",
        "yaml",
        "yml",
        "zig",
        "zsh",
    ];
    match name.rsplit_once('.') {
        Some((_, ending)) => ENDINGS.binary_search(&ending.to_ascii_lowercase().as_str()).is_ok(),
        None => false,
    }
}

/// Bytes of which only so many may be read, by all that read at once.
struct Metered<'m> {
    bytes: Box<dyn Bytes + 'm>,
    left: AtomicU64,
    all: &'m AtomicU64,
}

impl Bytes for Metered<'_> {
    fn len(&self) -> u64 {
        self.bytes.len()
    }

    fn read_at(&self, offset: u64, into: &mut [u8]) -> Result<usize, String> {
        let size = into.len() as u64;
        let take = |left: &AtomicU64| {
            left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(size)).is_ok()
        };
        if !take(&self.left) || !take(self.all) {
            return Err("more has to be read of it than an audit reads; `scan` has no such limit".to_owned());
        }
        self.bytes.read_at(offset, into)
    }
}

/// The tree as a folder of files.
struct Files<'t> {
    tree: &'t Tree,
    paths: Vec<String>,
    all: &'t AtomicU64,
}

impl Folder for Files<'_> {
    fn files(&self) -> &[String] {
        &self.paths
    }

    fn open(&self, path: &str) -> Result<Box<dyn Bytes + '_>, String> {
        let path = RepoPath::new(path).ok_or_else(|| "it is no path of the tree".to_owned())?;
        let bytes = self.tree.open(&path)?;
        Ok(Box::new(Metered { bytes, left: AtomicU64::new(ONE), all: self.all }))
    }
}

/// Scans all model files that were found, and what they are together.
pub(super) fn scan(reading: &mut Reading, tree: &Tree, known: Option<&Known<'_>>, threads: usize) {
    let found: Vec<(usize, RepoPath)> = reading
        .documents
        .iter()
        .enumerate()
        .filter_map(|(index, document)| match document {
            Document::Model(model) => Some((index, reading.sources.get(model.file)?.path.clone())),
            _ => None,
        })
        .collect();
    if found.is_empty() {
        return;
    }
    let limits = Limits { decoded: 512 << 20, parts: 50_000, nodes: 1_000_000, text: 8 << 20, ..Limits::default() };
    let all = AtomicU64::new(ALL);
    let files =
        Files { tree, paths: tree.entries.iter().map(|entry| entry.path.as_str().to_owned()).collect(), all: &all };
    let reports = in_parallel(threads, found.len(), |index| {
        let (_, path) = found.get(index)?;
        if let Some(report) = known.and_then(|known| known.model(path)) {
            return Some(report);
        }
        Some(Arc::new(match files.open(path.as_str()) {
            // A reader that panics is our mistake: it costs this file, said aloud, and nothing else.
            Ok(bytes) => {
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| scan::file(&bytes, path.as_str(), &limits)))
                    .unwrap_or_else(|_| scan::unread(path.as_str(), "the scan failed on it: a bug of cargo-custody"))
            }
            Err(why) => scan::unread(path.as_str(), &why),
        }))
    });
    let mut by_path = BTreeMap::new();
    for ((index, path), report) in found.iter().zip(reports) {
        let (Some(report), Some(Document::Model(model))) = (report, reading.documents.get_mut(*index)) else {
            continue;
        };
        by_path.insert(path.as_str().to_owned(), (*report).clone());
        model.report = report;
        pass_over(reading, *index);
        gap(reading, *index);
        places::of_file(reading, *index, &files);
    }
    for report in scan::repository::scan(&files, &by_path, &limits) {
        folder(reading, report, &files);
    }
    loads::find(reading, &files, threads);
}

/// What is passed over, and coverage says so. A pointer of git LFS is what a tree holds in the place of a large file:
/// whoever has the weights scans them where they are. And bytes that begin as a model does by chance are none, unless
/// they are named as one.
fn pass_over(reading: &mut Reading, index: usize) {
    let Some(Document::Model(model)) = reading.documents.get(index) else { return };
    let name = model.report.path.rsplit('/').next().unwrap_or_default();
    let is_unknown = model.report.format == scan::Format::Unknown
        && model.report.findings.iter().all(|finding| finding.rule.id == "unknown-format");
    let why = match model.report.format {
        scan::Format::LfsPointer => "git LFS holds it, and its content is not in the tree",
        _ if is_unknown && !is_packed_model(name) => "it begins as models may, and is none of a known kind",
        _ => return,
    };
    if let Some(file) = reading.files.get_mut(model.file.0 as usize) {
        file.outcome = Outcome::Skipped(why.to_owned());
    }
}

/// What was not read of a file is a gap of the audit. What is malformed is a finding.
fn gap(reading: &mut Reading, index: usize) {
    let Some(Document::Model(model)) = reading.documents.get(index) else { return };
    let unread: Vec<Problem> = model
        .report
        .findings
        .iter()
        .filter(|finding| finding.rule.verdict == Verdict::Unread)
        .map(|finding| {
            let inner = finding.inner_path.as_deref().map_or_else(String::new, |inner| format!(" (in {inner})"));
            Problem::new(Span::default(), format!("{}{inner}", finding.message))
        })
        .take(GAPS)
        .collect();
    let Some(file) = reading.files.get_mut(model.file.0 as usize) else { return };
    match &mut file.outcome {
        outcome @ Outcome::Read if !unread.is_empty() => *outcome = Outcome::Partial(unread),
        Outcome::Partial(problems) => problems.extend(unread),
        Outcome::Read | Outcome::Unread(_) | Outcome::Skipped(_) => {}
    }
}

/// A folder's report hangs on the file of it that its first finding is about.
fn folder(reading: &mut Reading, report: FileReport, files: &Files<'_>) {
    let inner = report.findings.iter().find_map(|finding| finding.inner_path.as_deref());
    let below = if report.path == "./" { "" } else { report.path.as_str() };
    let path = inner.and_then(|inner| RepoPath::new(&format!("{below}{}", inner.split('!').next().unwrap_or(inner))));
    let at = path.and_then(|path| reading.files.binary_search_by(|file| file.path.cmp(&path)).ok());
    let at = at.or_else(|| {
        let first = reading.files.iter().position(|file| file.path.as_str().starts_with(below) && file.reader == ID);
        first.filter(|_| !report.findings.is_empty())
    });
    let Some(file) = at.and_then(|at| reading.files.get(at)?.file) else { return };
    let places = places::of_folder(reading, &report, files);
    let places = places.into_iter().map(|place| place.unwrap_or_else(|| Place::new(file, Span::default()))).collect();
    let report = Arc::new(report);
    let document = Document::Model(ModelFile { file, report, places, loads: Vec::new() });
    // Documents stand in the order of their files.
    let after = reading.documents.partition_point(|other| other.file() <= file);
    reading.documents.insert(after, document);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_in_order() {
        for name in ["a.adoc", "b.py", "b.PNG", "c.zsh", "x.tsx"] {
            assert!(is_source(name), "{name}");
        }
        for name in ["model.bin", "weights", "x.pkl", "a.tar.gz"] {
            assert!(!is_source(name), "{name}");
        }
    }
}
