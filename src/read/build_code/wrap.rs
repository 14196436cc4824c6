//! Meson's `subprojects/*.wrap`. Source: Meson's manual, "Wrap dependency system manual".

use super::text::{is_address, is_commit, url};
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildFetch, BuildForm, Fetched, Fixed};
use crate::parse::Budget;
use crate::parse::ini::{self, Section};
use crate::read::{Facts, Format, Reader};
use crate::source::{RepoPath, SourceFile};

/// Reads a wrap.
#[derive(Debug)]
pub struct WrapReader;

impl Reader for WrapReader {
    fn id(&self) -> &'static str {
        "meson-wrap"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name().ends_with(".wrap") && path.parent().name() == "subprojects"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`subprojects/*.wrap`",
            read: "addresses, digests and revisions",
            not_read: "patches that lie in the tree",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let mut ini = ini::parse(&file.text, budget);
        out.problems.append(&mut ini.problems);
        let name = file.path.name().trim_end_matches(".wrap");
        let mut fetches = Vec::new();
        for section in &ini.sections {
            match section.name.value.as_str() {
                "wrap-file" => {
                    fetches.extend(archive(section, name, "source_url", "source_hash"));
                    fetches.extend(archive(section, name, "patch_url", "patch_hash"));
                }
                "wrap-git" | "wrap-hg" | "wrap-svn" => fetches.extend(repository(section, name)),
                _ => {}
            }
        }
        let (form, parts, switches) = (BuildForm::MesonWrap, Vec::new(), Vec::new());
        if !fetches.is_empty() {
            let code = BuildCode { file: file.id, form, fetches, parts, switches, computes: false, compares: false };
            out.documents.push(Document::BuildCode(code));
        }
    }
}

fn archive(section: &Section, name: &str, address: &str, digest: &str) -> Option<BuildFetch> {
    let entry = section.get(address)?;
    let text = entry.text();
    let has_digest = section.get(digest).is_some_and(|d| !d.text().value.is_empty());
    is_address(&text.value).then(|| BuildFetch {
        span: entry.span,
        by: address.to_owned(),
        name: Some(name.to_owned()),
        url: url(&text.value),
        what: Fetched::File,
        fixed: if has_digest { Fixed::Content } else { Fixed::Open },
        tls_off: false,
        within: None,
    })
}

fn repository(section: &Section, name: &str) -> Option<BuildFetch> {
    let entry = section.get("url")?;
    let text = entry.text();
    let revision = section.get("revision").map(|r| r.text().value);
    // `head` follows the branch that the repository names.
    let fixed = match revision.as_deref() {
        None | Some("" | "head" | "HEAD") => Fixed::Open,
        Some(revision) if is_commit(revision) => Fixed::Content,
        Some(revision) => Fixed::Reference(revision.to_owned()),
    };
    is_address(&text.value).then(|| BuildFetch {
        span: section.get("revision").map_or(entry.span, |r| r.span),
        by: section.name.value.clone(),
        name: Some(name.to_owned()),
        url: url(&text.value),
        what: Fetched::Repository,
        fixed,
        tls_off: false,
        within: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn a_wrap_is_fixed_by_its_digest_or_commit() {
        let commit = "0123456789abcdef0123456789abcdef01234567";
        for (text, fixed) in [
            ("[wrap-file]\nsource_url = https://x.example/a.tgz\nsource_hash = ab\n", vec![Fixed::Content]),
            ("[wrap-file]\nsource_url = https://x.example/a.tgz\n", vec![Fixed::Open]),
            ("[wrap-git]\nurl = https://x.example/a.git\nrevision = v1\n", vec![Fixed::Reference("v1".to_owned())]),
            (&*format!("[wrap-git]\nurl = https://x.example/a.git\nrevision = {commit}\n"), vec![Fixed::Content]),
            ("[wrap-git]\nurl = https://x.example/a.git\nrevision = head\n", vec![Fixed::Open]),
            ("[provide]\na = b\n", vec![]),
        ] {
            let file =
                SourceFile::new(FileId(0), RepoPath::new("subprojects/a.wrap").unwrap(), text.as_bytes().to_vec());
            let mut facts = Facts::default();
            WrapReader.read(&file, &mut Budget::default(), &mut facts);
            let found: Vec<Fixed> = match facts.documents.pop() {
                Some(Document::BuildCode(code)) => code.fetches.into_iter().map(|f| f.fixed).collect(),
                _ => Vec::new(),
            };
            assert_eq!(found, fixed, "{text}");
        }
    }
}
