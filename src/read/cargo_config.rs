//! `.cargo/config.toml`: what cargo obeys when it is started in the tree. Source: the Cargo book,
//! "Configuration", "Source Replacement", "Registry Authentication".

use super::cargo_toml::patches;
use super::toml_help::{document, table, text, texts};
use super::{Facts, Mention, Reader};
use crate::graph::Document;
use crate::graph::kinds::cargo::{Config, ConfigProgram, ConfigRegistry, ConfigSource};
use crate::parse::toml::{Entry, Table, Value};
use crate::parse::{Budget, Problem};
use crate::source::{RepoPath, SourceFile, Spanned};

/// Reads `.cargo/config.toml` and the older `.cargo/config`.
#[derive(Debug)]
pub struct CargoConfigReader;

impl Reader for CargoConfigReader {
    fn id(&self) -> &'static str {
        "cargo-config"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        matches!(path.name(), "config" | "config.toml") && path.parent().name() == ".cargo"
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let toml = document(file, budget, out);
        let root = &toml.root;
        let mut config = Config { file: file.id, ..Config::default() };
        for entry in entries(root, &["alias"]) {
            let words = match text(Some(&entry.value)) {
                Some(one) => one.value,
                None => texts(Some(&entry.value)).into_iter().map(|t| t.value).collect::<Vec<_>>().join(" "),
            };
            config.aliases.push((Spanned::new(entry.key.value.clone(), entry.span()), words));
        }
        programs(root, &mut config);
        for entry in entries(root, &["source"]) {
            if let Some(source) = entry.value.as_table() {
                config.sources.push(ConfigSource {
                    name: Spanned::new(entry.key.value.clone(), entry.key.span),
                    replace_with: text(source.get("replace-with")),
                    directory: text(source.get("directory")).or_else(|| text(source.get("local-registry"))),
                    remote: text(source.get("registry")).or_else(|| text(source.get("git"))),
                });
            }
        }
        for entry in entries(root, &["registries"]) {
            config.registries.extend(registry(entry));
        }
        config.registries.extend(root.entry("registry").and_then(registry));
        config.patches = patches(root, budget, out);
        config.paths = texts(root.get("paths"));
        for entry in entries(root, &["env"]) {
            let value = text(Some(&entry.value)).or_else(|| text(entry.value.get("value")));
            if let Some(value) = value {
                config.env.push((entry.key.clone(), value));
            }
        }
        weakened(root, &mut config);
        includes(root, file, &mut config, out);
        out.documents.push(Document::CargoConfig(config));
    }
}

/// Files that are merged in: paths start at the folder of the file that names them.
fn includes(root: &Table, file: &SourceFile, config: &mut Config, out: &mut Facts) {
    let Some(value) = root.get("include") else { return };
    let one = std::slice::from_ref(value);
    for item in value.as_array().unwrap_or(one) {
        let Some(path) = text(Some(item)).or_else(|| text(item.get("path"))) else {
            out.problems.push(Problem::new(item.span, "`include` names files by their paths"));
            continue;
        };
        let optional = item.get("optional").and_then(Value::as_bool) == Some(true);
        match file.path.parent().join(&path.value) {
            Some(found) => {
                let needed_at = (!optional).then_some(path.span);
                out.mentions.push(Mention { path: found, reader: CargoConfigReader.id(), needed_at });
            }
            None => out.problems.push(Problem::new(path.span, "a file of settings that is not part of the tree")),
        }
        config.includes.push((path, optional));
    }
}

fn entries<'t>(root: &'t Table, path: &[&str]) -> &'t [Entry] {
    table(root, path).map_or(&[], Table::entries)
}

/// Programs cargo starts: a string, or a list whose first item is the program.
fn programs(root: &Table, config: &mut Config) {
    for key in ["rustc", "rustc-wrapper", "rustc-workspace-wrapper", "rustdoc"] {
        if let Some(entry) = table(root, &["build"]).and_then(|b| b.entry(key)) {
            // `cargo metadata` starts the compiler and its wrappers; rustdoc waits to be asked.
            program(&format!("build.{key}"), entry, key != "rustdoc", config);
        }
    }
    for target in entries(root, &["target"]) {
        let Some(inner) = target.value.as_table() else { continue };
        for key in ["linker", "runner"] {
            if let Some(entry) = inner.entry(key) {
                program(&format!("target.{}.{key}", target.key.value), entry, false, config);
            }
        }
    }
}

fn program(key: &str, entry: &Entry, always: bool, config: &mut Config) {
    let words = texts(Some(&entry.value));
    let value = text(Some(&entry.value)).unwrap_or_else(|| {
        Spanned::new(words.iter().map(|w| w.value.as_str()).collect::<Vec<_>>().join(" "), entry.value.span)
    });
    if !value.value.is_empty() {
        config.programs.push(ConfigProgram { key: Spanned::new(key.to_owned(), entry.span()), value, always });
    }
}

fn registry(entry: &Entry) -> Option<ConfigRegistry> {
    let inner = entry.value.as_table()?;
    let provider = inner.get("credential-provider");
    let provider = text(provider).or_else(|| texts(provider).into_iter().next());
    Some(ConfigRegistry {
        name: Spanned::new(entry.key.value.clone(), entry.key.span),
        index: text(inner.get("index")),
        token: text(inner.get("token")),
        credential_provider: provider,
    })
}

/// Settings that weaken what cargo verifies.
fn weakened(root: &Table, config: &mut Config) {
    if let Some(entry) = table(root, &["http"]).and_then(|h| h.entry("check-revoke"))
        && entry.value.as_bool() == Some(false)
    {
        config.weakened.push(Spanned::new("http.check-revoke = false".to_owned(), entry.span()));
    }
    if let Some(entry) = table(root, &["http"]).and_then(|h| h.entry("cainfo"))
        && let Some(value) = entry.value.as_str()
    {
        config.weakened.push(Spanned::new(format!("http.cainfo = {value:?}"), entry.span()));
    }
}
