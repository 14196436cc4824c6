//! Explicit lists: `@EXPLICIT`, then an address a line. Written by `conda list --explicit`, conda-lock's
//! `--kind explicit` and pixi's export. Source: conda's "Building identical conda environments".

use super::spec;
use crate::graph::Document;
use crate::graph::kinds::conda::{CondaEnvironment, CondaLock, LockedConda};
use crate::graph::kinds::python::RequirementsFile;
use crate::parse::{Budget, Problems};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

/// How much of a file is looked into, in bytes: comments may stand before the word.
const HEAD: usize = 8 << 10;

/// Reads explicit lists.
#[derive(Debug)]
pub struct ExplicitListReader;

impl ExplicitListReader {
    /// Its id, by which commands hand a file to it.
    pub const ID: &'static str = "conda-explicit-list";
}

impl Reader for ExplicitListReader {
    fn id(&self) -> &'static str {
        Self::ID
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        const WORDS: &[&str] = &["conda", "mamba", "explicit", "spec", "linux-64", "linux-aarch64", "osx-", "win-64"];
        let name = path.name().to_ascii_lowercase();
        let is_kind = name.ends_with(".txt") || name.ends_with(".lock");
        (is_kind && WORDS.iter().any(|word| name.contains(word))).then_some(HEAD)
    }

    fn claims_head(&self, _path: &RepoPath, head: &[u8]) -> bool {
        let head = String::from_utf8_lossy(head);
        let mut lines = head.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        lines.next() == Some("@EXPLICIT")
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`conda-linux-64.lock` and its like that hold `@EXPLICIT`, lists of `conda list --export`",
            read: "packages with version, build, channel, digest",
            not_read: "-",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let has_word = file.text.lines().any(|line| line.trim() == "@EXPLICIT");
        if !has_word {
            specifications(file, budget, out);
            return;
        }
        let mut problems = Problems::new(budget);
        let mut lock = CondaLock { file: file.id, tool: "conda", ..CondaLock::default() };
        let mut platform = None;
        let mut at = 0;
        for line in file.text.split_inclusive('\n') {
            let start = at + (line.len() - line.trim_start().len());
            at += line.len();
            let text = line.trim();
            let span = Span::new(start, start + text.len());
            if let Some(comment) = text.strip_prefix('#') {
                if let Some((_, name)) = comment.split_once("platform:") {
                    platform = Some(name.trim().to_owned());
                }
                continue;
            }
            if text.is_empty() || text == "@EXPLICIT" {
                continue;
            }
            if !budget.take_entry(text.len()) {
                problems.push(span, "too many packages; the rest is not read");
                break;
            }
            match package(text, span, platform.as_deref()) {
                Some(one) => lock.packages.push(one),
                None => problems.push(span, "it is no address of a conda package"),
            }
        }
        out.problems.extend(problems.finish());
        out.documents.push(Document::CondaLock(lock));
    }
}

/// A list of specifications, a line each, as `conda install --file` takes it too.
fn specifications(file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
    let mut problems = Problems::new(budget);
    let mut found = CondaEnvironment { file: file.id, tool: "conda", ..CondaEnvironment::default() };
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        let text = line.trim();
        let span = Span::new(start, start + text.len());
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        if !budget.take_entry(text.len()) {
            problems.push(span, "too many packages; the rest is not read");
            break;
        }
        match spec::parse(&Embedded::verbatim(text, start as u64), span) {
            Some(one) => found.packages.push(one),
            None => problems.push(span, "it names no package that conda could take"),
        }
    }
    out.problems.extend(problems.finish());
    out.documents.push(Document::CondaEnvironment(found));
    out.documents.push(Document::Requirements(RequirementsFile { file: file.id, ..RequirementsFile::default() }));
}

fn package(text: &str, span: Span, platform: Option<&str>) -> Option<LockedConda> {
    let (address, fragment) = text.split_once('#').map_or((text, ""), |(a, f)| (a, f));
    let file = file_name(address)?;
    let hex = |text: &str, length: usize| text.len() == length && text.bytes().all(|b| b.is_ascii_hexdigit());
    let hash = match fragment.split_once(':') {
        Some((kind, value)) if matches!(kind, "sha256" | "md5") => Some(format!("{kind}:{value}")),
        _ if hex(fragment, 32) => Some(format!("md5:{fragment}")),
        _ if hex(fragment, 64) => Some(format!("sha256:{fragment}")),
        _ => None,
    };
    Some(LockedConda {
        name: Spanned::new(file.name, span),
        version: Some(Spanned::new(file.version, span)),
        build: Some(file.build),
        url: Some(Spanned::new(address.to_owned(), span)),
        platform: folder_of(address).map(str::to_owned).or_else(|| platform.map(str::to_owned)),
        hashes: hash.into_iter().collect(),
        span,
        ..LockedConda::default()
    })
}

/// What the name of a package's file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FileName {
    /// The package.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its build.
    pub(super) build: String,
}

/// Takes `name-version-build.conda` apart, at the end of an address or path.
pub(super) fn file_name(address: &str) -> Option<FileName> {
    let bare = address.split(['#', '?']).next()?;
    let file = bare.rsplit(['/', '\\']).next()?;
    let stem = file.strip_suffix(".conda").or_else(|| file.strip_suffix(".tar.bz2"))?;
    let mut parts = stem.rsplitn(3, '-');
    let (build, version, name) = (parts.next()?, parts.next()?, parts.next()?);
    let is_any = !name.is_empty() && !version.is_empty() && !build.is_empty();
    is_any.then(|| FileName { name: name.to_owned(), version: version.to_owned(), build: build.to_owned() })
}

/// The folder of a platform that the address of a package ends in: `linux-64`, `noarch`.
pub(super) fn folder_of(address: &str) -> Option<&str> {
    let folder = address.rsplit('/').nth(1)?;
    let is_platform = folder == "noarch"
        || ["linux-", "osx-", "win-", "emscripten-", "wasi-", "zos-", "freebsd-"].iter().any(|p| folder.starts_with(p));
    is_platform.then_some(folder)
}
