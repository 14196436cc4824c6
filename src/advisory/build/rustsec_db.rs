//! RustSec's own files, read by RustSec's own crate.

use std::io;
use std::path::Path;

use rustsec::advisory::{Category, Informational};

use super::{MAX_RECORD, Malformed, Report, links};
use crate::advisory::model::{Advisory, Date, Ecosystem, Function, Kind, Range};

/// All advisories of a checkout.
pub(super) fn load(dir: &Path) -> io::Result<(Vec<Advisory>, Report)> {
    let (mut advisories, mut report) = (Vec::new(), Report::default());
    for (collection, ecosystem) in [("crates", Ecosystem::CratesIo), ("rust", Ecosystem::Rust)] {
        for package in list(&dir.join(collection))? {
            for file in list(&dir.join(collection).join(&package))? {
                if Path::new(&file).extension().is_none_or(|e| e != "md") {
                    continue;
                }
                report.records += 1;
                let path = dir.join(collection).join(&package).join(&file);
                match read(&path).and_then(|text| convert(ecosystem, &package, &file, &text)) {
                    Ok(advisory) => advisories.push(advisory),
                    Err(reason) => {
                        let path = format!("{collection}/{package}/{file}");
                        report.malformed.push(Malformed { path, reason });
                    }
                }
            }
        }
    }
    Ok((advisories, report))
}

/// Names in a directory, sorted, without hidden ones. Files where directories are expected are simply
/// empty.
#[allow(clippy::disallowed_methods, reason = "the builder reads feeds")]
fn list(dir: &Path) -> io::Result<Vec<String>> {
    if !dir.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if !name.starts_with('.') {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

#[allow(clippy::disallowed_methods, reason = "the builder reads feeds")]
fn read(path: &Path) -> Result<String, String> {
    let unreadable = |e: io::Error| format!("cannot be read: {e}");
    if std::fs::metadata(path).map_err(unreadable)?.len() > MAX_RECORD as u64 {
        return Err("larger than 16 MiB".to_owned());
    }
    std::fs::read_to_string(path).map_err(unreadable)
}

/// One file. Folder and file name must agree with the content, as RustSec's linter demands.
fn convert(ecosystem: Ecosystem, folder: &str, file: &str, text: &str) -> Result<Advisory, String> {
    let record: rustsec::Advisory = text.parse().map_err(|e: rustsec::Error| e.to_string())?;
    let m = &record.metadata;
    if m.package.as_str() != folder || file.strip_suffix(".md") != Some(m.id.as_str()) {
        return Err(format!("says `{}` of `{}`, unlike its path", m.id, m.package));
    }
    if m.source.is_some() {
        return Err("is about a package outside crates.io".to_owned());
    }
    let kind = match &m.informational {
        // A crate that was taken down is filed as malicious by category, or only as deleted.
        _ if m.categories.contains(&Category::Malicious) => Kind::Malicious,
        None if m.expect_deleted => Kind::Malicious,
        None => Kind::Vulnerability,
        Some(Informational::Unmaintained) => Kind::Unmaintained,
        Some(Informational::Unsound) => Kind::Unsound,
        Some(_) => Kind::Notice,
    };
    let mut a = Advisory::new(ecosystem, m.package.as_str(), m.id.as_str(), kind);
    a.aliases = m.aliases.iter().map(ToString::to_string).collect();
    a.aliases.sort();
    a.aliases.dedup();
    a.cvss = m.cvss.iter().map(ToString::to_string).collect();
    a.published = Date::parse(m.date.as_str());
    a.withdrawn = match &m.withdrawn {
        Some(day) => Some(Date::parse(day.as_str()).ok_or("the day of withdrawal is no date")?),
        None => None,
    };
    let text = |reqs: &[semver::VersionReq]| reqs.iter().map(ToString::to_string).collect();
    a.ranges = vec![Range::RustSec {
        patched: text(record.versions.patched()),
        unaffected: text(record.versions.unaffected()),
    }];
    if let Some(affected) = &record.affected {
        a.arch = affected.arch.iter().map(|x| x.as_str().to_owned()).collect();
        a.os = affected.os.iter().map(|x| x.as_str().to_owned()).collect();
        a.functions = affected
            .functions
            .iter()
            .map(|(path, reqs)| Function { path: path.to_string(), versions: text(reqs) })
            .collect();
    }
    let references: Vec<(String, String)> = m
        .url
        .iter()
        .map(|u| ("REPORT".to_owned(), u.to_string()))
        .chain(m.references.iter().map(|u| ("WEB".to_owned(), u.to_string())))
        .collect();
    a.links = links::pick(&references, kind == Kind::Malicious);
    super::osv::check(&a)?;
    Ok(a)
}
