//! What a mapping or a file is by its shape: settings, or something that only shows, asks or answers.

use super::document::Entry;
use super::document::find;

/// Whether a file is a catalogue by its name alone.
pub(super) fn is_catalogue_by_name(name: &str) -> bool {
    let words =
        ["leaderboard", "llm_family", "model_price", "model_spec", "model_prices", "recommended-models", "all_models"];
    words.iter().any(|word| name.contains(word))
}

/// Whether a mapping describes a model to choose from: what it costs, and how much it takes.
pub(super) fn is_described(entries: &[Entry], of: usize) -> bool {
    const SHOWN: &[&str] = &[
        "context_length",
        "context_size",
        "context_window",
        "cost",
        "display_name",
        "input_cost_per_token",
        "is_tools",
        "label",
        "max_context_length",
        "max_input_tokens",
        "max_tokens",
        "model_types",
        "parameter_size",
        "pricing",
    ];
    let shown = entries.iter().filter(|entry| SHOWN.contains(&entry.plain.as_str())).count();
    (shown > 1 || (shown == 1 && of > 2)) && find(entries, &["name", "id", "model", "llm_name", "model_name"]).is_some()
}

/// Whether a mapping is a request, an answer, a schema or the definition of a resource.
pub(super) fn is_no_configuration(entries: &[Entry]) -> bool {
    let has = |key: &str| entries.iter().any(|entry| entry.key == key);
    let is =
        |key: &str, value: &str| entries.iter().any(|entry| entry.key == key && entry.value.as_str() == Some(value));
    (has("openapi") && has("paths"))
        || has("swagger")
        || (has("properties") && (has("$schema") || is("type", "object")))
        || is("kind", "CustomResourceDefinition")
        || (has("model") && has("messages"))
        || (has("object") && has("choices"))
        || (has("panels") && has("templating"))
        || (has("nbformat") && has("cells"))
        || (has("interactions") && has("version"))
}
