//! A library's own tables of models: structs, constants and functions that give names, in a crate that loads from a
//! hub. What uses an entry stands in another file, often behind a map; that the crate loads by such names is enough.

use super::loaders::{self, Writer};
use super::scope::{Bound, File, Scope};
use super::values::Values;
use crate::parse::rust::{Kind, Part};
use crate::references::names;
use crate::references::{AssetKind, Hub, Pin, Reference, Standing};
use crate::source::Span;

/// Names of one constant or function.
const MAX_NAMES: usize = 512;
/// Nodes of one constant that are looked at.
const MAX_NODES: usize = 20_000;

/// Fields of a table's entry that hold a name; any other field that says model and repository does too.
const FIELDS: &[&str] = &[
    "checkpoint",
    "hf_id",
    "hf_name",
    "hf_path",
    "hub_id",
    "model",
    "model_code",
    "model_name",
    "model_path",
    "pretrained",
    "repo",
    "repo_name",
    "repository",
    "tokenizer",
];

/// Finds the names that the tables of a file hold.
pub(super) fn find<'t>(file: &File<'t>, values: &mut Values<'_, 't>, writer: &mut Writer<'_>) {
    for (scope, fields) in &file.structs {
        entry(*scope, fields, values, writer);
    }
    for scope in &file.scopes {
        for (name, bounds) in &scope.binds {
            let is_constant = name.len() > 2 && !name.bytes().any(|b| b.is_ascii_lowercase());
            for bound in bounds.iter().filter(|_| is_constant) {
                match kind_of(name, true) {
                    Some(kind) => constant(name, kind, bound, writer),
                    // A table whose name says nothing: all that could be a name has to be one, and by more than one.
                    None if has_names_only(bound.value) => constant(name, AssetKind::Model, bound, writer),
                    None => {}
                }
            }
        }
    }
    for (index, scope) in file.scopes.iter().enumerate().skip(1) {
        function(index, scope, values, writer);
    }
}

/// What something of this name holds. Of a constant the name must say it of itself.
fn kind_of(name: &str, is_constant: bool) -> Option<AssetKind> {
    let lower = name.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
    if has(&["github", "docker", "image", "agent", "alias", "served", "crate", "licen", "descri", "url", "upload"]) {
        return None;
    }
    let says = has(&["model", "hf_", "_hf", "hub_", "checkpoint", "repo_id", "pretrained"]);
    if has(&["tokenizer"]) {
        Some(AssetKind::Tokenizer)
    } else if has(&["dataset"]) {
        Some(AssetKind::Dataset)
    } else if has(&["lora", "adapter"]) && !has(&["explor"]) {
        Some(AssetKind::Adapter)
    } else if says || (!is_constant && has(&["repo"])) {
        Some(AssetKind::Model)
    } else {
        None
    }
}

/// Whether a text names something on the hub, and nothing that another party serves.
fn is_name(text: &str) -> bool {
    loaders::is_name(text) && !names::is_served(text) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// `ModelInfo { model_code: String::from("org/x"), model_file: .., revision: .. }`
fn entry<'t>(scope: usize, fields: &'t [(String, Part)], values: &mut Values<'_, 't>, writer: &mut Writer<'_>) {
    let mut texts = |wanted: &dyn Fn(&str) -> bool| -> Vec<(String, Span)> {
        let of = fields.iter().filter(|(name, _)| wanted(name));
        let leaves = of.flat_map(|(_, value)| values.elements(value, scope));
        leaves.filter_map(|leaf| Some((leaf.text.clone()?, leaf.span()))).collect()
    };
    let revisions = texts(&|name| matches!(name, "revision" | "hf_revision" | "model_revision" | "commit"));
    let files = texts(&|name| name.contains("file") && !name.contains("profile"));
    for (name, value) in fields {
        let is_known = FIELDS.contains(&name.as_str()) || name.ends_with("_repo") || name.ends_with("repo_id");
        let Some(kind) = kind_of(name, false).or(is_known.then_some(AssetKind::Model)) else { continue };
        if !is_known && !["model_id", "tokenizer", "hf_"].iter().any(|word| name.contains(word)) {
            continue;
        }
        for leaf in values.of(value, scope) {
            let Some(text) = leaf.text.as_deref().filter(|text| is_name(text)) else { continue };
            let place = leaf.span();
            let mut reference = Reference::new(kind, Hub::HuggingFace, text, writer.at(place), name.clone());
            if leaf.is_default {
                reference.standing = Standing::Default;
            }
            if kind == AssetKind::Model {
                if let [(revision, at)] = revisions.as_slice() {
                    reference = reference.at_revision(revision.clone(), Some(writer.at(*at)));
                }
                reference.files = files.iter().map(|(file, _)| file.clone()).filter(|f| f.contains('.')).collect();
                reference.files.sort();
                reference.files.dedup();
            }
            writer.once(reference);
        }
    }
}

/// `const DEFAULT_MODEL: &str = "org/x"`, `static MODELS: &[(&str, &str)] = &[("x", "org/x"), ..]`.
fn constant(name: &str, kind: AssetKind, bound: &Bound<'_>, writer: &mut Writer<'_>) {
    let is_default = name.contains("DEFAULT");
    let mut stack = vec![bound.value];
    let (mut left, mut found) = (MAX_NODES, 0);
    while let Some(node) = stack.pop() {
        let Some(fewer) = left.checked_sub(1).filter(|_| found < MAX_NAMES) else { return };
        left = fewer;
        match &node.kind {
            Kind::Text(text) if is_name(text) => {
                found += 1;
                writer.once(reference(kind, text, node.span, name, is_default, writer));
            }
            // Its fields say which of them is a name.
            Kind::Struct(..) => {}
            _ => stack.extend(node.parts().into_iter().rev()),
        }
    }
}

/// Whether a value has several texts with `/` in it, and each of them is a name.
fn has_names_only(value: &Part) -> bool {
    let mut stack = vec![value];
    let (mut left, mut found) = (MAX_NODES, 0);
    while let Some(node) = stack.pop() {
        let Some(fewer) = left.checked_sub(1) else { return false };
        left = fewer;
        match &node.kind {
            Kind::Text(text) if text.contains('/') && !is_name(text) => return false,
            Kind::Text(text) if text.contains('/') => found += 1,
            Kind::Struct(..) => {}
            _ => stack.extend(node.parts()),
        }
    }
    found > 1
}

/// `fn repo_id(&self) -> &str { match self { Self::A => "org/a", .. } }`, `fn default_model() -> String { .. }`.
fn function<'t>(index: usize, scope: &Scope<'t>, values: &mut Values<'_, 't>, writer: &mut Writer<'_>) {
    let is_upload = scope.name.contains("upload") || scope.name.contains("push") || scope.name.starts_with("test");
    if is_upload {
        return;
    }
    let kind = kind_of(scope.name, false);
    for result in &scope.results {
        if paired(result, index, kind, scope, values, writer) {
            continue;
        }
        // Without a word in the name of the function, each arm has to be a name.
        let is_choice = scope.is_method && matches!(&result.kind, Kind::Choice(arms) if arms.len() >= 2);
        if kind.is_none() && !is_choice {
            continue;
        }
        let leaves = values.elements(result, index);
        let are_names = leaves.iter().all(|leaf| leaf.text.as_deref().is_some_and(is_name));
        if kind.is_none() && !are_names {
            continue;
        }
        for leaf in leaves.iter().take(MAX_NAMES) {
            let Some(text) = leaf.text.as_deref().filter(|text| is_name(text)) else { continue };
            let is_default = leaf.is_default || scope.name.contains("default");
            let kind = kind.unwrap_or(AssetKind::Model);
            writer.once(reference(kind, text, leaf.span(), scope.name, is_default, writer));
        }
    }
}

/// Arms that give a name and its revision: `("owner/name", "main")`. Whether that is what they give.
fn paired<'t>(
    result: &'t Part,
    index: usize,
    kind: Option<AssetKind>,
    scope: &Scope<'t>,
    values: &mut Values<'_, 't>,
    writer: &mut Writer<'_>,
) -> bool {
    let mut pairs = Vec::new();
    for leaf in values.of(result, index) {
        let Kind::List(parts, true) = &leaf.node.kind else { continue };
        let mut texts = parts.iter().map(|part| {
            let found = values.of(part, leaf.scope).into_iter().find(|leaf| leaf.text.is_some());
            found.and_then(|leaf| Some((leaf.text.clone()?, leaf.span())))
        });
        let (Some(Some(name)), Some(Some(revision))) = (texts.next(), texts.next()) else { continue };
        if is_name(&name.0) && is_revision(&revision.0) {
            pairs.push((name, revision));
        }
    }
    for ((name, at), (revision, place)) in pairs.iter().take(MAX_NAMES) {
        let is_default = scope.name.contains("default");
        let one = reference(kind.unwrap_or(AssetKind::Model), name, *at, scope.name, is_default, writer);
        let place = writer.at(*place);
        writer.once(one.at_revision(revision.as_str(), Some(place)));
    }
    !pairs.is_empty()
}

/// Whether a text beside a name is its revision.
fn is_revision(text: &str) -> bool {
    matches!(text, "main" | "master") || text.starts_with("refs/") || names::pin_of(text) != Pin::Branch
}

fn reference(kind: AssetKind, text: &str, at: Span, by: &str, is_default: bool, writer: &Writer<'_>) -> Reference {
    let mut out = Reference::new(kind, Hub::HuggingFace, text, writer.at(at), by);
    if is_default {
        out.standing = Standing::Default;
    }
    out
}
