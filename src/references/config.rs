//! Recipes and configuration: YAML, TOML, JSON, INI, `.env`, Modelfiles.
//!
//! A key says that its value is loaded; what stands beside it says by which revision and how far it is trusted. Only
//! files that speak of models are parsed. What serves models writes the same files: see [`super::serving`].

pub(in crate::references) mod document;
mod edit;
pub(in crate::references) mod hosted;
pub(in crate::references) mod keys;
mod modelfile;
#[cfg(test)]
mod tests;
pub(in crate::references) mod values;
pub(in crate::references) mod walk;

use document::Format;

use super::found::FileFound;

/// Words without which a file names nothing that is loaded.
const WORDS: &[&str] = &[
    "model",
    "dataset",
    "tokenizer",
    "hf://",
    "huggingface",
    "lora",
    "adapter",
    "pretrained",
    "checkpoint",
    "gguf_repo",
    "repo_id",
    "embedding",
    "rerank",
    "attn_implementation",
    "processor",
    "vision_tower",
    "auto_map",
    "ollama",
    "hf_hub_url",
    "storageuri",
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
        Some("ini" | "cfg" | "conf" | "properties") => Format::Ini,
        _ => return None,
    };
    (!is_schema).then_some(format)
}

/// Finds what one file of configuration loads.
pub(in crate::references) fn of_file(path: &str, text: &str, out: &mut FileFound) {
    if modelfile::claims(path) {
        return modelfile::of_file(path, text, out);
    }
    let Some(format) = format(path) else { return };
    if !speaks_of_models(text) {
        return;
    }
    let is_template = format == Format::Yaml && (text.contains("{{") || text.contains("{%"));
    let masked = if is_template { document::without_tags(text) } else { String::new() };
    let document = document::read(format, if is_template { &masked } else { text });
    if let Some(problem) = &document.problem
        && !is_template
    {
        out.problems.push(format!("a part of it is not read: {problem}"));
    }
    walk::document(path, text, &document, out);
}

/// Whether one of [`WORDS`] stands in a text, in any case.
fn speaks_of_models(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}
