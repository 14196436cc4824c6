//! `Cargo.toml`. Source: the Cargo book, "The Manifest Format", "Specifying Dependencies",
//! "Overriding Dependencies".

use std::collections::BTreeMap;

use super::build_code::RustScriptReader;
use super::toml_help::{document, table, text, texts};
use super::{Facts, Format, Mention, Reader};
use crate::graph::Document;
use crate::graph::kinds::about::CrateAbout;
use crate::graph::kinds::cargo::{Dependency, Manifest, Package, Patch, Table as In, Workspace};
use crate::parse::toml::{Entry, Table, Value};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Spanned};

/// The line that `cargo hakari` looks for and writes below.
const HAKARI: &str = "### BEGIN HAKARI SECTION";

const TOO_MANY: &str = "too many dependencies under a name this long; the rest is not read";

/// Reads `Cargo.toml`.
#[derive(Debug)]
pub struct CargoTomlReader;

impl Reader for CargoTomlReader {
    fn id(&self) -> &'static str {
        "cargo-manifest"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "Cargo.toml"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`Cargo.toml`",
            read: "package, workspace, dependencies of all kinds and targets, features, patches",
            not_read: "profiles; a manifest inside a script",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let root = &toml.root;
        super::custody_toml::of_manifest(file, root, out);
        let mut manifest = Manifest {
            file: file.id,
            package: root.get("package").or_else(|| root.get("project")).and_then(Value::as_table).and_then(package),
            workspace: root.entry("workspace").and_then(|e| e.value.as_table().map(|t| workspace(e, t))),
            features: table(root, &["features"]).map(features).unwrap_or_default(),
            is_generated: file.text.contains(HAKARI),
            declares_binary: root.get("bin").is_some(),
            declares_library: root.get("lib").is_some(),
            proc_macro: table(root, &["lib"])
                .and_then(|lib| lib.get("proc-macro").or_else(|| lib.get("proc_macro")))
                .and_then(Value::as_bool)
                == Some(true),
            resolver: ["workspace", "package", "project"]
                .into_iter()
                .find_map(|at| text(root.get(at)?.get("resolver")).map(|t| t.value)),
            ..Manifest::default()
        };
        if manifest.package.is_none() && manifest.workspace.is_none() {
            out.problems.push(Problem::new(root.span, "a manifest with neither `[package]` nor `[workspace]`"));
        }
        // `build.rs` beside it is read by its name.
        if let Some(script) = manifest.package.as_ref().and_then(|package| package.build.as_ref())
            && let Some(path) = file.path.parent().join(&script.value)
        {
            out.mentions.push(Mention { path, reader: RustScriptReader::ID, needed_at: None });
        }
        dependency_tables(root, None, &mut manifest.dependencies, out);
        if let Some(targets) = table(root, &["target"]) {
            for entry in targets.entries() {
                if let Some(inner) = entry.value.as_table() {
                    // Each dependency gets a copy of the condition.
                    let copies = inner.iter().filter_map(|(_, value)| value.as_table()).map(Table::len).sum();
                    if !budget.take_copies(entry.key.value.len(), copies) {
                        out.problems.push(Problem::new(entry.key.span, TOO_MANY));
                        break;
                    }
                    dependency_tables(inner, Some(&entry.key), &mut manifest.dependencies, out);
                }
            }
        }
        if let Some(shared) = table(root, &["workspace", "dependencies"]) {
            dependencies(shared, In::Workspace, None, &mut manifest.dependencies, out);
        }
        manifest.patches = patches(root, budget, out);
        if let Some(replaced) = table(root, &["replace"]) {
            manifest.replaces =
                replaced.entries().iter().map(|e| Spanned::new(e.key.value.clone(), e.span())).collect();
        }
        out.documents.push(Document::CargoManifest(manifest));
    }
}

fn package(table: &Table) -> Option<Package> {
    let publish = table.get("publish");
    let list = texts(publish);
    let inherited = publish.and_then(|p| p.get("workspace")).and_then(Value::as_bool) == Some(true);
    let empty_list = publish.and_then(Value::as_array).is_some_and(<[Value]>::is_empty);
    Some(Package {
        name: text(table.get("name"))?,
        version: text(table.get("version")),
        unpublished: publish.and_then(Value::as_bool) == Some(false) || empty_list,
        is_complete: table.get("description").is_some()
            && (table.get("license").is_some() || table.get("license-file").is_some()),
        publish_to: list.into_iter().map(|r| r.value).collect(),
        publish_inherited: inherited,
        build: text(table.get("build")),
        workspace: text(table.get("workspace")),
        no_autobins: table.get("autobins").and_then(Value::as_bool) == Some(false),
        no_build: table.get("build").and_then(Value::as_bool) == Some(false),
        links: text(table.get("links")),
        licence: text(table.get("license")),
        licence_inherited: table.get("license").and_then(|l| l.get("workspace")).and_then(Value::as_bool) == Some(true),
        has_licence_file: table.get("license-file").is_some(),
        about: Box::new(about(Some(table))),
    })
}

/// Keys that readers of a package look at.
const ABOUT: &[&str] = &["authors", "description", "repository", "homepage", "documentation"];

fn about(table: Option<&Table>) -> CrateAbout {
    let Some(table) = table else { return CrateAbout::default() };
    let own = |key: &str| text(table.get(key)).map(|text| text.value);
    let is_inherited =
        |key: &str| table.get(key).and_then(|value| value.get("workspace")).and_then(Value::as_bool) == Some(true);
    CrateAbout {
        authors: texts(table.get("authors")).into_iter().map(|author| author.value).collect(),
        description: own("description"),
        repository: own("repository"),
        homepage: own("homepage"),
        documentation: own("documentation"),
        inherited: ABOUT.iter().copied().filter(|key| is_inherited(key)).collect(),
    }
}

fn features(table: &Table) -> BTreeMap<String, Vec<String>> {
    let turned_on = |entry: &Entry| texts(Some(&entry.value)).into_iter().map(|t| t.value).collect();
    table.entries().iter().map(|entry| (entry.key.value.clone(), turned_on(entry))).collect()
}

fn workspace(entry: &Entry, table: &Table) -> Workspace {
    let shared = table.get("package");
    Workspace {
        span: entry.key.span,
        members: texts(table.get("members")),
        exclude: texts(table.get("exclude")),
        unpublished: shared.and_then(|p| p.get("publish")).and_then(Value::as_bool) == Some(false),
        version: text(shared.and_then(|p| p.get("version"))),
        licence: text(shared.and_then(|p| p.get("license"))),
        about: Box::new(about(shared.and_then(Value::as_table))),
    }
}

fn dependency_tables(table: &Table, target: Option<&Spanned<String>>, into: &mut Vec<Dependency>, out: &mut Facts) {
    const TABLES: &[(&str, In)] = &[
        ("dependencies", In::Normal),
        ("dev-dependencies", In::Dev),
        ("dev_dependencies", In::Dev),
        ("build-dependencies", In::Build),
        ("build_dependencies", In::Build),
    ];
    for (name, kind) in TABLES {
        match table.get(name).map(|v| (v, v.as_table())) {
            Some((_, Some(found))) => dependencies(found, *kind, target, into, out),
            Some((value, None)) => out.problems.push(Problem::new(value.span, format!("`{name}` should be a table"))),
            None => {}
        }
    }
}

fn dependencies(
    table: &Table,
    kind: In,
    target: Option<&Spanned<String>>,
    into: &mut Vec<Dependency>,
    out: &mut Facts,
) {
    for entry in table.entries() {
        match dependency(entry, kind, target) {
            Some(dependency) => into.push(dependency),
            None => out.problems.push(Problem::new(
                entry.span(),
                format!("dependency `{}` is neither a version nor a table", entry.key.value),
            )),
        }
    }
}

pub(super) fn dependency(entry: &Entry, table: In, target: Option<&Spanned<String>>) -> Option<Dependency> {
    let mut out = Dependency {
        key: entry.key.clone(),
        package: None,
        requirement: text(Some(&entry.value)),
        table,
        target: target.cloned(),
        git: None,
        rev: None,
        branch: None,
        tag: None,
        path: None,
        registry: None,
        inherited: false,
        optional: false,
        span: entry.span(),
    };
    if out.requirement.is_some() {
        return Some(out);
    }
    let value = entry.value.as_table()?;
    let flag = |key: &str| value.get(key).and_then(Value::as_bool) == Some(true);
    out.package = text(value.get("package"));
    out.requirement = text(value.get("version"));
    out.git = text(value.get("git"));
    out.rev = text(value.get("rev"));
    out.branch = text(value.get("branch"));
    out.tag = text(value.get("tag"));
    out.path = text(value.get("path"));
    out.registry = text(value.get("registry")).or_else(|| text(value.get("registry-index")));
    out.inherited = flag("workspace");
    out.optional = flag("optional");
    Some(out)
}

pub(super) fn patches(root: &Table, budget: &mut Budget, out: &mut Facts) -> Vec<Patch> {
    let Some(patch) = table(root, &["patch"]) else { return Vec::new() };
    let mut found = Vec::new();
    for of in patch.entries() {
        let Some(entries) = of.value.as_table() else { continue };
        if !budget.take_copies(of.key.value.len(), entries.len()) {
            out.problems.push(Problem::new(of.key.span, TOO_MANY));
            break;
        }
        for entry in entries.entries() {
            match dependency(entry, In::Normal, None) {
                Some(with) => found.push(Patch { of: of.key.clone(), with }),
                None => {
                    out.problems.push(Problem::new(entry.span(), format!("patch `{}` is no table", entry.key.value)))
                }
            }
        }
    }
    found
}
