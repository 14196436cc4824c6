//! Wheels: a zip with a `.dist-info` folder, whose `RECORD` lists every file with its digest. All files
//! are unpacked in memory, one after the other, and compared. Source: PyPA, "Binary distribution format".

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::Document;
use crate::graph::identity::distribution_name;
use crate::graph::kinds::artifact::{AuditableBinary, BuiltDistribution, BuiltForm};
use crate::parse::archive::{Kind, Limits, Member, escapes, zip};
use crate::parse::{Budget, Problem, auditable, record};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span, Spanned};

use super::path_file::{is_code, is_text, lines};
use super::{Wrong, binary, kept, lost, packed};

/// Reads wheels.
#[derive(Debug)]
pub struct WheelReader;

impl Reader for WheelReader {
    fn id(&self) -> &'static str {
        "wheel"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name().ends_with(".whl")
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`*.whl`",
            read: "metadata, `RECORD` against every file, `.pth` files, lists of crates in binaries",
            not_read: "the code; archives that unpack to over 256 MiB or 32 times their size, which are gaps",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut contents = Contents::default();
        let whole = zip(&file.bytes, Limits::of(file.bytes.len()), &mut budget.clone(), &|_| true, &mut |member| {
            contents.take(&member, budget, &mut out.problems);
        });
        if let Err(why) = whole {
            if contents.files.is_empty() {
                out.unread = Some(why);
            } else {
                out.problems.push(Problem::new(Span::default(), why));
            }
        }
        for mut binary in std::mem::take(&mut contents.binaries) {
            binary.file = file.id;
            out.documents.push(Document::Auditable(binary));
        }
        let (name, version) = named(file.path.name());
        let mut built = contents.built(name, version, budget, &mut out.problems);
        built.file = file.id;
        built.form = BuiltForm::Wheel;
        out.documents.push(Document::Built(built));
    }
}

/// Name and version of a wheel's file name.
fn named(file_name: &str) -> (&str, &str) {
    let stem = file_name.trim_end_matches(".whl");
    let mut parts = stem.split('-');
    let name = parts.next().unwrap_or("");
    // A build number may stand before the three tags.
    (name, parts.next().filter(|_| matches!(stem.matches('-').count(), 4 | 5)).unwrap_or(""))
}

/// What a wheel holds.
#[derive(Default)]
struct Contents {
    /// Files with their digests; none where one could not be unpacked.
    files: BTreeMap<String, Option<(String, usize)>>,
    twice: BTreeSet<String>,
    outside: BTreeSet<String>,
    /// `METADATA` and `RECORD` of `.dist-info` folders at the top.
    texts: BTreeMap<String, String>,
    startup: Vec<(String, String)>,
    /// Binaries with a list of crates.
    binaries: Vec<AuditableBinary>,
}

impl Contents {
    fn take(&mut self, member: &Member<'_>, budget: &mut Budget, problems: &mut Vec<Problem>) {
        let path = member.path.to_owned();
        if escapes(&path) {
            self.outside.insert(path.clone());
        }
        if matches!(member.kind, Kind::Folder) {
            return;
        }
        lost(member, budget, problems);
        if let Some(bytes) = member.content.ok().filter(|bytes| auditable::is_binary(bytes)) {
            match binary::crates(bytes, budget) {
                Ok(crates) if crates.is_empty() => {}
                Ok(crates) => {
                    self.binaries.push(AuditableBinary {
                        inner: Some(path.clone()),
                        crates,
                        ..AuditableBinary::default()
                    });
                }
                Err(why) if problems.len() < budget.problems => {
                    problems.push(Problem::new(Span::default(), format!("`{path}` in it: {why}")));
                }
                Err(_) => {}
            }
        }
        let digest = member.content.ok().map(|bytes| (record::sha256(bytes), bytes.len()));
        if self.files.insert(path.clone(), digest).is_some() {
            self.twice.insert(path.clone());
        }
        let is_info = path
            .split_once('/')
            .is_some_and(|(folder, rest)| folder.ends_with(".dist-info") && matches!(rest, "METADATA" | "RECORD"));
        if is_info && let Some(text) = kept(member) {
            self.texts.insert(path, text);
            return;
        }
        if let Some(folder) = site_folder(&path) {
            let name = path.get(folder..).unwrap_or("");
            self.startup.extend(startup(name, member).map(|line| (path.clone(), line)));
        }
    }

    fn built(self, name: &str, version: &str, budget: &mut Budget, problems: &mut Vec<Problem>) -> BuiltDistribution {
        let mut wrong = Wrong::default();
        for path in &self.outside {
            wrong.grave(format!("`{path}` leaves the folder that the wheel is unpacked to"));
        }
        for path in &self.twice {
            wrong.grave(format!("`{path}` is in it twice, and tools differ in which they take"));
        }
        let mut told = BuiltDistribution::default();
        let folders: BTreeSet<&str> = self.texts.keys().filter_map(|path| Some(path.split_once('/')?.0)).collect();
        let own = folders.iter().find(|folder| {
            let stem = folder.trim_end_matches(".dist-info");
            distribution_name(stem.split('-').next().unwrap_or(stem)) == distribution_name(name)
        });
        let own = own.or_else(|| folders.first()).map_or("", |folder| *folder);
        if folders.len() > 1 {
            wrong.say(format!("it holds {} `.dist-info` folders", folders.len()));
        }
        match self.texts.get(&format!("{own}/METADATA")) {
            Some(text) => {
                told = packed(text, budget, problems);
                // What no installer takes for a wheel says nothing by its name.
                if !version.is_empty() {
                    wrong.identity(&told, name, version);
                }
            }
            None => problems.push(Problem::new(Span::default(), "it holds no METADATA that could be read")),
        }
        match self.texts.get(&format!("{own}/RECORD")) {
            Some(text) => self.compare(text, own, budget, &mut wrong, problems),
            None if own.is_empty() => {}
            None => wrong.say("it holds no RECORD, so nothing says which files belong to it".to_owned()),
        }
        if told.name.value.is_empty() {
            told.name = Spanned::new(name.to_owned(), Span::default());
            told.version = Some(Spanned::new(version.to_owned(), Span::default())).filter(|v| !v.value.is_empty());
        }
        BuiltDistribution { startup_code: self.startup, disagreements: wrong.finish(), ..told }
    }

    /// Compares the list with the files.
    fn compare(&self, text: &str, own: &str, budget: &mut Budget, wrong: &mut Wrong, problems: &mut Vec<Problem>) {
        let (rows, is_cut) = record::parse(text, budget);
        if is_cut {
            problems.push(Problem::new(Span::default(), "its RECORD has too many rows; the rest was not read"));
        }
        let mut listed = BTreeSet::new();
        let mut others = 0;
        for row in &rows {
            listed.insert(row.path.as_str());
            match self.files.get(&row.path) {
                None if row.path.ends_with('/') => {}
                None => wrong.say(format!("its RECORD lists `{}`, which is not in it", row.path)),
                // Told above.
                Some(None) => {}
                Some(Some((digest, size))) if row.digest.starts_with("sha256=") => {
                    if row.digest.trim_end_matches('=') != digest {
                        wrong.grave(format!("`{}` has other bytes than its RECORD says", row.path));
                    } else if row.size.parse::<usize>().is_ok_and(|told| told != *size) {
                        wrong.say(format!("`{}` has another size than its RECORD says", row.path));
                    }
                }
                Some(Some(_)) if is_signature(&row.path, own) => {}
                Some(Some(_)) if row.digest.is_empty() => {
                    wrong.say(format!("its RECORD gives no digest for `{}`", row.path));
                }
                Some(Some(_)) => others += 1,
            }
        }
        if others > 0 {
            let what = "files whose digest is no SHA-256 were not compared";
            problems.push(Problem::new(Span::default(), format!("{others} {what}")));
        }
        if is_cut {
            return;
        }
        for path in self.files.keys().filter(|path| !listed.contains(path.as_str()) && !is_signature(path, own)) {
            let text = format!("`{path}` is in it, and its RECORD does not list it");
            if path.ends_with(".pth") { wrong.grave(text) } else { wrong.say(text) }
        }
    }
}

/// The list itself and signatures of it have no digest.
fn is_signature(path: &str, own: &str) -> bool {
    let name = path.strip_prefix(own).and_then(|rest| rest.strip_prefix('/'));
    matches!(name, Some("RECORD" | "RECORD.jws" | "RECORD.p7s"))
}

/// Where the name of a file starts that is put right into a site folder: at the top of a wheel, or below
/// `NAME.data/purelib` or `platlib`. `NAME.data/data` is the environment itself, which a path may lead
/// through to its site folder.
fn site_folder(path: &str) -> Option<usize> {
    let start = path.rfind('/').map_or(0, |at| at + 1);
    let folders: Vec<&str> = path.get(..start).unwrap_or("").split('/').filter(|part| !part.is_empty()).collect();
    let is_site = match folders.as_slice() {
        [] => true,
        [data, "purelib" | "platlib"] => data.ends_with(".data"),
        [data, "data", .., "site-packages"] => data.ends_with(".data"),
        _ => false,
    };
    is_site.then_some(start)
}

/// What Python executes of such a file at every start.
pub(super) fn startup(name: &str, member: &Member<'_>) -> impl Iterator<Item = String> + use<> {
    let text = match member.content {
        Ok(bytes) if name.ends_with(".pth") && is_text(bytes) => kept(member),
        Ok(_) if matches!(name, "sitecustomize.py" | "usercustomize.py") => {
            kept(member).map(|_| format!("import {}", name.trim_end_matches(".py")))
        }
        _ => None,
    };
    let found: Vec<String> = text.iter().flat_map(|text| lines(text)).map(|(line, _)| line.to_owned()).collect();
    found.into_iter().filter(|line| is_code(line))
}
