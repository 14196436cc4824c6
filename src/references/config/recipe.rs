//! Recipes of trainings and merges among files of configuration: which of what they name is the base, which the data,
//! and what comes of it.
//!
//! Sources: the documentation of TRL, axolotl, LLaMA-Factory, mergekit, AutoTrain and torchtune.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::document::{Document, Entry, Kind, Node};
use crate::references::found::FileFound;
use crate::references::local::{self, Local};
use crate::references::training::{Named, Output, Part, SETTINGS, Task, Training};
use crate::references::training::{is_component, is_for_tests, is_helper, is_setting, settle_components};
use crate::references::{AssetKind, At, Hub, Reference, Standing};
use crate::source::Span;

/// Keys of one recipe that are looked at.
const MOST_KEYS: usize = 2_000;
/// Deepest that keys are looked at.
const DEEPEST: usize = 6;
/// Models that one recipe without a merge starts from.
const MOST_BASES: usize = 3;
/// What one recipe names, from which on it is a list of many recipes.
const MOST_NAMED: usize = 40;

/// Keys before a key among which the one above it is looked for.
const MOST_BESIDE: usize = 64;

/// Keys that only trainings have.
const STRONG: &[&str] = &[
    "gradient_accumulation_steps",
    "learning_rate",
    "lora_r",
    "lora_rank",
    "micro_batch_size",
    "num_epochs",
    "num_train_epochs",
    "per_device_train_batch_size",
    "train_batch_size",
    "train_steps",
    "training_args",
    "training_arguments",
];
/// Keys that trainings have, and other things as well.
const WEAK: &[&str] =
    &["batch_size", "epochs", "lr", "max_epochs", "max_steps", "optim", "optimizer", "output_dir", "seed", "trainer"];

/// What one entry is, with the keys above it.
struct Key<'n> {
    entry: &'n Entry,
    /// Whether it, or a key above it, says that what it holds is to measure with.
    is_test: bool,
    /// Whether it, or a key above it, says that what it holds only helps.
    is_helper: bool,
}

/// Adds the recipes of a document whose references were found.
pub(super) fn of_document(path: &str, document: &Document, out: &mut FileFound) {
    if crate::references::is_of_tests(path) {
        return;
    }
    let path: Arc<str> = Arc::from(path);
    for root in &document.roots {
        let mut keys = Vec::new();
        collect(root, 0, false, false, &mut keys);
        let own = out.references.iter().filter(|one| *one.place.path == *path && root.span.contains(one.place.span));
        let own: Vec<&Reference> = own.collect();
        out.says.push((Arc::clone(&path), says(&keys)));
        if let Some(training) = recipe(&path, root, &keys, &own) {
            out.trainings.push(training);
        }
    }
}

fn collect<'n>(node: &'n Node, depth: usize, is_test: bool, is_helper_above: bool, out: &mut Vec<Key<'n>>) {
    if depth > DEEPEST {
        return;
    }
    for item in node.items() {
        collect(item, depth, is_test, is_helper_above, out);
    }
    for entry in node.entries() {
        if out.len() >= MOST_KEYS {
            return;
        }
        let is_test = is_test || is_for_tests(&entry.plain);
        let is_helper = is_helper_above || is_helper(&entry.plain);
        out.push(Key { entry, is_test, is_helper });
        collect(&entry.value, depth + 1, is_test, is_helper, out);
    }
}

/// What the keys of a file speak of, whatever their values are.
fn says(keys: &[Key<'_>]) -> BTreeSet<Part> {
    let mut out = BTreeSet::new();
    for key in keys {
        let plain = key.entry.plain.as_str();
        let has = |word: &str| plain.contains(word);
        if (has("model") || has("pretrained") || has("checkpoint")) && !key.is_helper && !is_component(plain) {
            out.insert(Part::Base);
        }
        if has("data") {
            out.insert(Part::Data);
        }
    }
    out
}

fn recipe(path: &Arc<str>, root: &Node, keys: &[Key<'_>], own: &[&Reference]) -> Option<Training> {
    let has = |names: &[&str]| keys.iter().any(|key| names.contains(&key.entry.plain.as_str()));
    let top = |name: &str| root.entries().iter().find(|entry| entry.plain == name);
    let merge = top("merge_method");
    let is_strong = has(STRONG);
    if own.is_empty() || (merge.is_none() && !is_strong && !has(WEAK)) {
        return None;
    }
    let task = if merge.is_some() { Task::Merge } else { Task::Train };
    let mut named: Vec<Named> = Vec::new();
    for reference in own {
        if reference.standing == Standing::Told || matches!(reference.hub, Hub::Hosted(_)) {
            continue;
        }
        // The innermost key around its name tells what it is for, with those above it.
        let key = keys.iter().rev().find(|key| key.entry.value.span.contains(reference.place.span))?;
        let part = match reference.kind {
            AssetKind::Model if key.is_helper => Part::Helper,
            AssetKind::Model => Part::Base,
            AssetKind::Adapter => Part::Adapter,
            AssetKind::Dataset if key.is_test => Part::TestData,
            AssetKind::Dataset => Part::Data,
            AssetKind::Tokenizer | AssetKind::Kernel => continue,
        };
        let one = Named::new(part, (*reference).clone());
        let is_known = |other: &Named| other.part == part && other.reference.name == one.reference.name;
        if !named.iter().any(is_known) {
            named.push(one);
        }
    }
    let count = |part| named.iter().filter(|one| one.part == part).count();
    let has_data = count(Part::Data) > 0;
    // What has neither data nor a setting of trainings alone is run, not trained.
    if named.len() > MOST_NAMED || (task == Task::Train && !is_strong && !(has_data && count(Part::Base) > 0)) {
        return None;
    }
    if task == Task::Train && count(Part::Base) > MOST_BASES {
        return None;
    }
    let of_component = |one: &Named| {
        let is_around = |key: &&Key<'_>| key.entry.value.span.contains(one.reference.place.span);
        keys.iter().rev().find(is_around).is_some_and(|key| is_component(&key.entry.plain))
    };
    settle_components(&mut named, &of_component);
    named.sort();
    let local = if task == Task::Train { local(path, keys, own) } else { Vec::new() };
    let mut out = Training::new(task, program(root, task), At { path: Arc::clone(path), span: first(root) });
    out.recipes.insert(Arc::clone(path));
    out.named = named;
    out.local = local;
    if !out.is_told() {
        return None;
    }
    for key in keys {
        let plain = key.entry.plain.as_str();
        let Some(text) = written(&key.entry.value) else { continue };
        let at = || At { path: Arc::clone(path), span: key.entry.value.span };
        match plain {
            "hub_model_id" | "push_to_hub_model_id" => push(&mut out, Output::Hub(text.to_owned()), at()),
            // Elsewhere a project is one of a tracker of experiments.
            "project_name" if out.by != "autotrain" => {}
            "output_dir" | "project_name" | "save_dir" => push(&mut out, Output::Path(text.to_owned()), at()),
            "finetuning_type" | "adapter" | "rl" | "stage" | "method" if is_setting(text) => {
                let lower = text.to_ascii_lowercase();
                out.makes_adapter |= matches!(lower.as_str(), "lora" | "qlora");
                out.methods.insert(lower);
            }
            "merge_method" => _ = out.methods.insert(text.to_ascii_lowercase()),
            _ => {}
        }
        if SETTINGS.contains(&plain) && is_setting(text) {
            out.parameters.entry(plain.to_owned()).or_insert_with(|| text.to_owned());
        }
    }
    for key in keys.iter().filter(|key| key.entry.plain == "use_peft") {
        if matches!(key.entry.value.kind, Kind::Bool(true)) {
            out.makes_adapter = true;
            out.methods.insert("lora".to_owned());
        }
    }
    Some(out)
}

/// Data that the keys name and that is none of a hub.
fn local(path: &Arc<str>, keys: &[Key<'_>], own: &[&Reference]) -> Vec<Local> {
    let mut out = Vec::new();
    for (at, key) in keys.iter().enumerate() {
        // `datasets: [{path: data/a.jsonl}]`: the key above says what the path is.
        let is_path = matches!(key.entry.plain.as_str(), "path" | "data_files" | "ds_name");
        let is_below = |above: &Key<'_>| {
            above.entry.value.span.contains(key.entry.value.span) && local::names_data(&above.entry.plain)
        };
        let is_data = local::names_data(&key.entry.plain)
            || (is_path && keys.iter().take(at).rev().take(MOST_BESIDE).any(is_below));
        let texts = key.entry.value.items().iter().chain(std::iter::once(&key.entry.value));
        for value in texts.filter(|_| is_data) {
            let Some(text) = written(value).filter(|text| local::may_name(text)) else { continue };
            let is_named = own.iter().any(|one| value.span.contains(one.place.span));
            if !is_named && out.len() < MOST_NAMED {
                let part = if key.is_test { Part::TestData } else { Part::Data };
                out.push(Local { part, text: text.to_owned(), at: At { path: Arc::clone(path), span: value.span } });
            }
        }
    }
    out
}

fn push(out: &mut Training, output: Output, at: At) {
    let name = match &output {
        Output::Hub(name) | Output::Path(name) => name,
    };
    let is_plain = !name.is_empty() && name.len() <= 120 && !name.contains(['$', '{', '\n', '<']);
    if is_plain && out.outputs.iter().all(|(known, _)| *known != output) {
        out.outputs.push((output, at));
    }
}

/// The text of a value that is one text.
fn written(node: &Node) -> Option<&str> {
    node.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Where a recipe begins: its first key.
fn first(root: &Node) -> Span {
    root.entries().first().map_or(root.span, |entry| entry.key_span)
}

/// The program that a recipe is for, by its keys.
fn program(root: &Node, task: Task) -> &'static str {
    let top = |name: &str| root.entries().iter().any(|entry| entry.plain == name);
    match () {
        () if task == Task::Merge => "mergekit",
        () if top("base_model") && (top("datasets") || top("micro_batch_size")) => "axolotl",
        () if top("finetuning_type") && top("stage") => "llamafactory",
        () if top("base_model") && top("project_name") => "autotrain",
        () => "recipe",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(path: &str, text: &str) -> Vec<String> {
        let mut found = FileFound::default();
        super::super::of_file(path, text, &mut found);
        let mut out = Vec::new();
        for training in found.trainings {
            let mut line = format!("{} {}", training.task.word(), training.by);
            for one in &training.named {
                line.push_str(&format!(" {:?}={}", one.part, one.reference.name));
            }
            for (output, _) in &training.outputs {
                line.push_str(&format!(" {output:?}"));
            }
            if training.makes_adapter {
                line.push_str(" adapter");
            }
            out.push(line);
        }
        out
    }

    #[test]
    fn recipes_name_bases_and_data() {
        for (text, expected) in [
            (
                "model_name_or_path: orion/base\ndataset_name: orion/data\nlearning_rate: 1e-5\nhub_model_id: orion/out\noutput_dir: data/out\n",
                &["train recipe Base=orion/base Data=orion/data Hub(\"orion/out\") Path(\"data/out\")"][..],
            ),
            (
                "base_model: orion/base\ndatasets:\n  - path: orion/data\n    type: alpaca\ntest_datasets:\n  - path: orion/held\n    type: alpaca\nadapter: lora\nmicro_batch_size: 2\n",
                &["train axolotl Base=orion/base Data=orion/data TestData=orion/held adapter"],
            ),
            (
                "merge_method: slerp\nbase_model: orion/a\nmodels:\n  - model: orion/a\n  - model: orion/b\n",
                &["merge mergekit Base=orion/a Base=orion/b"],
            ),
            // What serves a model is no recipe.
            ("model_name_or_path: orion/base\nmax_tokens: 12\n", &[]),
            ("dataset_path: orion/data\ntask: arc\noutput_type: multiple_choice\n", &[]),
        ] {
            assert_eq!(shown("recipes/a.yaml", text), expected, "{text}");
        }
    }
}
