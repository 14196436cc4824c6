//! `Cargo.lock`, versions 1 to 4. Source: cargo `core/resolver/encode.rs`.

use std::collections::BTreeMap;

use super::toml_help::{document, table, text, texts};
use super::{Facts, Format, Reader};
use crate::graph::Document;
use crate::graph::kinds::cargo::{Lock, LockPackage};
use crate::parse::toml::{Table, Value};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Spanned};

/// The newest lock version this reader knows.
const NEWEST: i64 = 4;

/// Reads `Cargo.lock`.
#[derive(Debug)]
pub struct CargoLockReader;

impl Reader for CargoLockReader {
    fn id(&self) -> &'static str {
        "cargo-lock"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "Cargo.lock"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format { files: "`Cargo.lock`", read: "packages, sources, checksums, edges", not_read: "-" })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let version = toml.root.get("version").and_then(Value::as_integer);
        if let Some(version) = version.filter(|v| *v > NEWEST || *v < 1) {
            let span = toml.root.entry("version").map_or(toml.root.span, |e| e.span());
            out.problems.push(Problem::new(
                span,
                format!("lock version {version} is not known; it is read as version {NEWEST}"),
            ));
        }
        let mut lock =
            Lock { file: file.id, version: version.and_then(|v| u32::try_from(v).ok()), packages: Vec::new() };
        // Version 1 keeps the package of the root apart.
        let root = toml.root.get("root").and_then(Value::as_table).into_iter();
        let listed = toml.root.get("package").into_iter().flat_map(|p| p.tables());
        for found in root.chain(listed) {
            if !budget.take_entry(0) {
                let place = found.header.unwrap_or(found.span);
                out.problems.push(Problem::new(place, "too many locked packages; the rest is not read"));
                break;
            }
            match package(found) {
                Some(package) => lock.packages.push(package),
                None => out
                    .problems
                    .push(Problem::new(found.header.unwrap_or(found.span), "a locked package without name or version")),
            }
        }
        checksums_of_v1(&toml.root, &mut lock);
        if lock.packages.is_empty() && version.is_none() && out.problems.is_empty() && !file.text.trim().is_empty() {
            out.problems.push(Problem::new(toml.root.span, "a lock without packages or version"));
        }
        if file.text.trim().is_empty() {
            out.unread = Some("it is empty".to_owned());
            return;
        }
        out.documents.push(Document::CargoLock(lock));
    }
}

fn package(table: &Table) -> Option<LockPackage> {
    let name = text(table.get("name"))?;
    Some(LockPackage {
        version: text(table.get("version"))?,
        source: text(table.get("source")),
        checksum: text(table.get("checksum")),
        dependencies: texts(table.get("dependencies")),
        span: table.span,
        name,
    })
}

/// `[metadata]` of version 1: `"checksum name version (source)" = "hex"`.
fn checksums_of_v1(root: &Table, lock: &mut Lock) {
    let Some(metadata) = table(root, &["metadata"]) else { return };
    let mut found: BTreeMap<(&str, &str, &str), Spanned<String>> = BTreeMap::new();
    for entry in metadata.entries() {
        let mut words = entry.key.value.splitn(4, ' ');
        let (Some("checksum"), Some(name), Some(version), Some(source)) =
            (words.next(), words.next(), words.next(), words.next())
        else {
            continue;
        };
        let Some(sum) = text(Some(&entry.value)).filter(|s| s.value != "<none>") else { continue };
        found.insert((name, version, source.trim_start_matches('(').trim_end_matches(')')), sum);
    }
    for package in lock.packages.iter_mut().filter(|p| p.checksum.is_none()) {
        let Some(source) = &package.source else { continue };
        package.checksum =
            found.get(&(package.name.value.as_str(), package.version.value.as_str(), source.value.as_str())).cloned();
    }
}
