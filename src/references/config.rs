//! Recipes and configuration: YAML, TOML, JSON, INI, `.env`, Modelfiles.
//!
//! A key says that its value is loaded; what stands beside it says by which revision and how far it is trusted. Only
//! files that speak of models are parsed. What serves models writes the same files: see [`super::serving`].

mod addresses;
pub(in crate::references) mod document;
mod edit;
pub(in crate::references) mod hosted;
pub(in crate::references) mod keys;
mod modelfile;
mod recipe;
pub(in crate::references) mod said;
mod shapes;
#[cfg(test)]
mod tests;
pub(in crate::references) mod values;
mod variables;
pub(in crate::references) mod walk;

use std::borrow::Cow;
use std::collections::HashSet;

use document::Format;

use super::found::FileFound;
use super::local;

/// Parts of keys that name what is loaded, or hold it.
const KEYS: &[&[u8]] = &[
    b"adapter",
    b"artifact",
    b"attn_impl",
    b"auto_map",
    b"checkpoint",
    b"dataset",
    b"embed",
    b"gguf",
    b"hf_",
    b"hub_url",
    b"huggingface",
    b"lora",
    b"model",
    b"pretrained",
    b"processor",
    b"repo_id",
    b"rerank",
    b"storageuri",
    b"storage_uri",
    b"tokenizer",
    b"tower",
    b"tok_",
];

/// What stands in arguments and addresses of what is loaded.
const MARKS: &[&str] = &[
    "--model",
    "--tokenizer",
    "--lora",
    "--adapter",
    "--hf-repo",
    "-hf",
    "vllm",
    "ollama",
    "lmdeploy",
    "hf://",
    "huggingface",
    "hf.co/",
    ".gguf",
    ".safetensors",
    ".pth",
    ".pkl",
    ".onnx",
    ".ckpt",
    "pretrained=",
    "dataset_mixer",
];

/// Files that no loader of models reads, by their name.
const OTHERS: &[&str] = &[
    "_toctree.yml",
    "added_tokens.json",
    "cargo.toml",
    "composer.json",
    "composer.lock",
    "components.json",
    "docs.json",
    "mint.json",
    "mkdocs.yml",
    "mkdocs.yaml",
    "package-lock.json",
    "package.json",
    "pnpm-lock.yaml",
    "renovate.json",
    "space_meta.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "tsconfig.json",
    "vocab.json",
    ".pre-commit-config.yaml",
];

/// Folders whose files record what was said, and not what is to be loaded.
const RECORDS: &[&str] = &[
    "__recordings__",
    "__snapshots__",
    "_data",
    "benchmark_results",
    "cassettes",
    "i18n",
    "locale",
    "locales",
    "node_modules",
    "recordings",
    "results",
    "site-packages",
    "snapshots",
    "translations",
    "versioned_sidebars",
];

/// Whether a file could be configuration, by its path.
#[must_use]
pub fn claims(path: &str) -> bool {
    format(path).is_some() || modelfile::claims(path)
}

fn format(path: &str) -> Option<Format> {
    let lower = path.to_ascii_lowercase();
    let mut folders = lower.split('/');
    let name = folders.next_back()?;
    if OTHERS.contains(&name) || folders.any(|folder| RECORDS.contains(&folder)) {
        return None;
    }
    let is_schema = name.contains("schema") || name.contains("openapi") || name.contains("swagger");
    let format = match name.rsplit_once('.').map(|(_, end)| end) {
        _ if name == ".env" || name.starts_with(".env.") || name.ends_with(".env") || name.starts_with("env.") => {
            Format::Env
        }
        Some("example" | "sample" | "template" | "dist") if name.contains(".env") || name.starts_with("env") => {
            Format::Env
        }
        Some("yaml" | "yml") => Format::Yaml,
        Some("json" | "jsonc" | "json5") => Format::Json,
        Some("toml") => Format::Toml,
        Some("properties") => Format::Env,
        Some("ini" | "cfg" | "conf") => Format::Ini,
        _ => return None,
    };
    // What was put out once is no configuration.
    let is_output = ["output", "result", "trajectory", "trace"].iter().any(|word| name.contains(word));
    let is_data = is_schema || (is_output && format == Format::Json);
    (!is_data).then_some(format)
}

/// Finds what one file of configuration loads.
pub(in crate::references) fn of_file(path: &str, text: &str, out: &mut FileFound) {
    if modelfile::claims(path) {
        return modelfile::of_file(path, text, out);
    }
    let Some(format) = format(path) else { return };
    let mut shown = Cow::Borrowed(text);
    if format == Format::Yaml {
        match parts_of_models(text) {
            Some(parts) if parts.is_empty() => return,
            Some(parts) => shown = Cow::Owned(parts),
            None => {}
        }
    } else if !speaks_of_models(text) {
        return;
    }
    let is_template = format == Format::Yaml && (text.contains("{{") || text.contains("{%"));
    if is_template {
        shown = Cow::Owned(document::without_tags(&shown));
    }
    let document = document::read(format, &shown);
    // Records in lines are data, whatever the file is called.
    if document.problem.as_ref().is_some_and(|problem| problem.starts_with("text after the end")) {
        return;
    }
    if let Some(problem) = document.problem.as_ref().filter(|_| !is_template && !path.ends_with(".conf")) {
        out.problems.push(format!("a part of it is not read: {problem}"));
    }
    walk::of_document(path, text, &document, out);
    recipe::of_document(path, &document, out);
    out.tables.extend(local::table(path, &document));
}

/// A document that defines a kind of resource and is none.
const DEFINITION: &str = "kind: CustomResourceDefinition";

/// The same text with those of its documents overwritten that name nothing, since bundles of manifests are long.
/// `None` where all of them stay, empty where none does.
fn parts_of_models(text: &str) -> Option<String> {
    if !text.contains("\n---") {
        let is_one = !text.contains(DEFINITION) && speaks_of_models(text);
        return (!is_one).then(String::new);
    }
    let mut out = String::with_capacity(text.len());
    let (mut from, mut any) = (0, false);
    while from < text.len() {
        let next = text[from..].find("\n---").map_or(text.len(), |at| from + at + 1);
        let part = &text[from..next];
        if !part.contains(DEFINITION) && speaks_of_models(part) {
            out.push_str(part);
            any = true;
        } else {
            let head = if part.starts_with("---\n") { "---\n" } else { "" };
            out.push_str(head);
            out.extend(std::iter::repeat_n(' ', part.len().saturating_sub(head.len() + 1)));
            out.push_str(if part.len() > head.len() { "\n" } else { "" });
        }
        from = next;
    }
    Some(if any { out } else { String::new() })
}

/// Whether a key, an argument or an address of a text could be of something that is loaded.
fn speaks_of_models(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark)) || has_key(text.as_bytes())
}

/// Whether a key that is long enough has one of [`KEYS`] in it: what stands before a `:`, `=` or `]`.
fn has_key(text: &[u8]) -> bool {
    /// Bytes of the longest key.
    const KEY: usize = 48;
    let is_of_key = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.');
    // A file has few keys, many times.
    let mut seen = HashSet::new();
    text.iter().enumerate().filter(|(_, byte)| matches!(byte, b':' | b'=' | b']')).any(|(at, _)| {
        let before = &text[at.saturating_sub(KEY)..at];
        let end = before.iter().rposition(|b| !matches!(b, b' ' | b'"' | b'\'')).map_or(0, |end| end + 1);
        let start = before[..end].iter().rposition(|b| !is_of_key(b)).map_or(0, |start| start + 1);
        let key = &before[start..end];
        seen.insert(key) && {
            let key = key.to_ascii_lowercase();
            KEYS.iter().any(|part| key.windows(part.len()).any(|window| window == *part))
        }
    })
}
