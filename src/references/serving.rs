//! Arguments and variables of what serves models: Kubernetes, KServe, Helm, Compose, SkyPilot, Ray Serve.
//!
//! These are documents like other configuration and are walked by [`super::config`]; here is what their lists of
//! arguments and their variables mean. Charts' templates are read around their tags.

mod arguments;
#[cfg(test)]
mod tests;

use super::config::document;
use super::config::document::Entry;
use super::config::document::Format;
use super::config::document::Kind;
use super::config::document::Node;
use super::config::walk;
use super::config::walk::Walk;
use super::found::FileFound;

/// Whether a file is a template of a chart, or of a chart's values, that is not named like YAML.
#[must_use]
pub fn claims(path: &str) -> bool {
    path.ends_with(".tpl")
}

/// Finds what a template of a chart loads.
pub(in crate::references) fn of_file(path: &str, text: &str, out: &mut FileFound) {
    if text.contains("model") {
        let masked = document::without_tags(text);
        walk::of_document(path, text, &document::read(Format::Yaml, &masked), out);
    }
}

/// Keys whose values are arguments or commands.
pub(in crate::references) fn is_arguments(key: &str) -> bool {
    matches!(
        key,
        "args"
            | "arguments"
            | "argv"
            | "cmd"
            | "cmds"
            | "command"
            | "commands"
            | "container_args"
            | "container_command"
            | "entrypoint"
            | "extra_args"
            | "extra_args_list"
            | "flags"
            | "image_args"
            | "lora_modules"
            | "model_args"
            | "run"
            | "script"
            | "serve_args"
            | "server_args"
            | "setup"
            | "vllm_args"
            | "vllm_command"
            | "engine_args"
    ) || key.ends_with("_args")
        || key.ends_with("_cmd")
        || key.ends_with("_command")
}

/// Whether a file is a workflow of GitHub: its commands are read as such elsewhere.
pub(in crate::references) fn is_workflow(path: &str) -> bool {
    path.starts_with(".github/workflows/")
}

/// What a list of arguments or a script loads.
pub(in crate::references) fn arguments(walk: &mut Walk<'_>, value: &Node) {
    let mut texts = Vec::new();
    match &value.kind {
        Kind::Text(text) => texts.push(text),
        Kind::List(items) => texts.extend(items.iter().filter_map(Node::text)),
        _ => return,
    }
    arguments::read(walk, &texts);
}

/// `{name: MODEL_ID, value: org/x}`: a variable of a container.
pub(in crate::references) fn variable(entries: &[Entry]) -> Option<(&str, &Node)> {
    let of = |key: &str| entries.iter().find(|entry| entry.key == key).map(|entry| &entry.value);
    let name = of("name")?.as_str()?;
    let value = of("value").or_else(|| of("default_value"))?;
    let is_variable =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_');
    is_variable.then_some((name, value))
}
