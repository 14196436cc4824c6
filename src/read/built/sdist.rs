//! Source distributions: `NAME-VERSION.tar.gz` or `.zip` with one folder of that name and `PKG-INFO` in
//! it. Source: PyPA, "Source distribution format".

use crate::graph::Document;
use crate::graph::kinds::artifact::BuiltForm;
use crate::parse::archive::{self, Limits, Member, escapes};
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile, Span};

use super::wheel::startup;
use super::{Wrong, kept, lost, packed};

/// Bytes that show the first member of an archive.
const HEAD: usize = 4 << 10;

/// Reads source distributions. Other archives of that pattern hold no `PKG-INFO` and give nothing.
#[derive(Debug)]
pub struct SdistReader;

impl Reader for SdistReader {
    fn id(&self) -> &'static str {
        "sdist"
    }

    fn claims(&self, _path: &RepoPath) -> bool {
        false
    }

    fn looks_into(&self, path: &RepoPath) -> Option<usize> {
        named(path.name()).map(|_| HEAD)
    }

    fn claims_head(&self, path: &RepoPath, head: &[u8]) -> bool {
        let Some((name, version)) = named(path.name()) else { return false };
        let plain = |text: &str| text.to_ascii_lowercase().replace(['-', '_', '.'], "-");
        // What hides its first member behind so many bytes is looked at as a whole.
        let Some(first) = archive::first_path(head) else {
            return head.len() >= HEAD && (head.starts_with(b"PK") || head.starts_with(&[0x1f, 0x8b]));
        };
        let folder = first.trim_start_matches("./").split('/').next().unwrap_or("");
        plain(folder) == plain(&format!("{name}-{version}"))
    }

    fn takes_bytes(&self) -> bool {
        true
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`NAME-VERSION.tar.gz`, `.zip` and their like whose only folder is of that name",
            read: "`PKG-INFO`: name, version, requirements",
            not_read: "the code; archives that unpack to over 256 MiB or 32 times their size, which are gaps",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut metadata = None;
        let (mut startup_code, mut wrong, mut members) = (Vec::new(), Wrong::default(), 0_usize);
        let mut problems = Vec::new();
        let bounds = budget.clone();
        let mut visit = |member: Member<'_>| {
            members += 1;
            lost(&member, &bounds, &mut problems);
            if escapes(member.path) {
                wrong.grave(format!("`{}` leaves the folder that the archive is unpacked to", member.path));
            }
            if is_metadata(member.path) {
                metadata = kept(&member);
            } else if let Some(name) = member.path.rsplit('/').next().filter(|name| name.ends_with(".pth")) {
                startup_code.extend(startup(name, &member).map(|line| (member.path.to_owned(), line)));
            }
        };
        let wants = |path: &str| is_metadata(path) || path.ends_with(".pth");
        let walk = if file.bytes.starts_with(b"PK") { archive::zip } else { archive::tar_gz };
        let whole = walk(&file.bytes, Limits::of(file.bytes.len()), &mut budget.clone(), &wants, &mut visit);
        out.problems.append(&mut problems);
        match whole {
            Err(why) if members == 0 => out.unread = Some(why),
            Err(why) => out.problems.push(Problem::new(Span::default(), why)),
            Ok(()) => {}
        }
        let Some(text) = metadata else { return };
        let mut built = packed(&text, budget, &mut out.problems);
        if let Some((name, version)) = named(file.path.name()) {
            wrong.identity(&built, name, version);
        }
        built.file = file.id;
        built.form = BuiltForm::Source;
        built.startup_code = startup_code;
        built.disagreements = wrong.finish();
        out.documents.push(Document::Built(built));
    }
}

/// `PKG-INFO` in the one folder at the top.
fn is_metadata(path: &str) -> bool {
    let mut parts = path.trim_start_matches("./").split('/');
    (parts.next().is_some(), parts.next(), parts.next()) == (true, Some("PKG-INFO"), None)
}

/// Name and version of an archive's file name.
fn named(file_name: &str) -> Option<(&str, &str)> {
    let stem = file_name.strip_suffix(".tar.gz").or_else(|| file_name.strip_suffix(".zip"))?;
    let (name, version) = stem.rsplit_once('-')?;
    // `invoice-4.zip` is no release, though it could be called one.
    let is_version = version.starts_with(|c: char| c.is_ascii_digit()) && version.contains('.');
    (!name.is_empty() && is_version).then_some((name, version))
}
