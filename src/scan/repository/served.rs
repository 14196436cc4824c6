//! Code that a server or a library runs because of its name, without a configuration that says so.

use super::REQUIREMENTS;
use super::code::Code;
use super::imports;
use super::places::{Place, dir_of};
use crate::parse::Budget;
use crate::parse::python_text::{TokenKind, tokens};
use crate::parse::yaml;
use crate::scan::Context;
use crate::scan::archives::CODE;
use crate::scan::quote::shown;
use crate::source::Folder;

/// Words of which one stands in code that a program looks for, and what runs it.
struct Served {
    words: &'static [&'static str],
    runs: &'static str,
    /// Whether what runs it installs the requirements beside it.
    is_installed: bool,
}

const HANDLER: Served = Served {
    words: &["EndpointHandler"],
    runs: "hosted inference runs `EndpointHandler` of it where the model is served",
    is_installed: true,
};
const PIPELINE: Served = Served {
    words: &["PreTrainedPipeline", "DiffusionPipeline"],
    runs: "hosted inference, or a loader that is asked for it, runs the pipeline in it",
    is_installed: true,
};
const GENERATE: Served = Served {
    words: &["generate"],
    runs: "`generate` runs it with `custom_generate` and `trust_remote_code=True`",
    is_installed: true,
};
const TRITON: Served = Served {
    words: &["TritonPythonModel"],
    runs: "a server of models runs `TritonPythonModel` of it",
    is_installed: false,
};
const SAGEMAKER: Served = Served {
    words: &["model_fn", "transform_fn", "predict_fn", "input_fn", "output_fn"],
    runs: "a server of models runs it where the model is served",
    is_installed: true,
};
const INTERFACE: Served = Served {
    words: &["Pretrained", "EncoderClassifier"],
    runs: "`foreign_class` runs it with the parameters beside it",
    is_installed: false,
};
const WRAPPER: Served = Served {
    words: &["registry", "register_module", "PIPELINES", "MODELS", "Pipeline"],
    runs: "a hub's library registers the model and its pipeline by it when the model is loaded",
    is_installed: true,
};
const HUB: Served = Served {
    words: &["dependencies", "def", "torch"],
    runs: "`torch.hub.load` runs it to make the model",
    is_installed: false,
};
const DATASET: Served = Served {
    words: &["GeneratorBasedBuilder", "ArrowBasedBuilder", "BeamBasedBuilder", "DatasetBuilder"],
    runs: "`load_dataset` runs this script with `trust_remote_code=True`",
    is_installed: false,
};

/// Nodes of a file that describes a model of MLflow.
const NODES: usize = 100_000;
/// Folders with more files of Python are of a program, not of a data set.
const SCRIPTS: usize = 8;

/// Looks at code of a folder that runs for its name.
pub(super) fn look(place: &Place<'_>, code: &mut Code<'_>, context: &mut Context<'_>) {
    for (name, path) in place.named() {
        if let Some(served) = served(name, place, code.folder())
            && tell(path, served, is_sure(name, place, code), code, context)
            && served.is_installed
        {
            requirements(place, code, context);
        }
        if name == "MLmodel" {
            flow(place, path, code, context);
        }
    }
}

/// What may run a file, told by its name and what lies around it.
fn served(name: &str, place: &Place<'_>, folder: &dyn Folder) -> Option<&'static Served> {
    if !has_ending(name, "py") {
        return None;
    }
    let last = place.dir.trim_end_matches('/').rsplit('/').next().unwrap_or("");
    let above = dir_of(place.dir.trim_end_matches('/'));
    match name {
        "handler.py" => return Some(&HANDLER),
        "pipeline.py" if place.has("model_index.json") || place.has("config.json") || is_card(place) => {
            return Some(&PIPELINE);
        }
        "generate.py" if last == "custom_generate" => return Some(&GENERATE),
        "inference.py" if last == "code" => return Some(&SAGEMAKER),
        "model.py" if folder.has(&format!("{above}config.pbtxt")) && last.bytes().all(|b| b.is_ascii_digit()) => {
            return Some(&TRITON);
        }
        "ms_wrapper.py" if place.has("configuration.json") => return Some(&WRAPPER),
        "hubconf.py" if place.has("config.json") => return Some(&HUB),
        "custom.py" | "custom_interface.py" if place.has("hyperparams.yaml") => return Some(&INTERFACE),
        _ => {}
    }
    is_script(name, last, place).then_some(&DATASET)
}

/// Whether a file runs for its name whatever it holds, because of what surely lies around it.
fn is_sure(name: &str, place: &Place<'_>, code: &Code<'_>) -> bool {
    /// Files that no program has beside a handler of its own.
    const MODEL: &[&str] = &["config.json", "tokenizer_config.json", "model_index.json", "adapter_config.json"];
    let is_model = MODEL.iter().any(|model| place.has(model))
        || place.named().any(|(name, _)| ["safetensors", "gguf", "bin", "onnx"].iter().any(|e| has_ending(name, e)));
    match name {
        "handler.py" | "pipeline.py" | "ms_wrapper.py" => is_model,
        "generate.py" => place.dir.ends_with("custom_generate/"),
        _ => {
            let last = place.dir.trim_end_matches('/').rsplit('/').next().unwrap_or("");
            let is_named = name.strip_suffix(".py").is_some_and(|stem| stem == last);
            let is_only = place.named().filter(|(name, _)| has_ending(name, "py")).take(2).count() == 1;
            (is_named || is_only) && is_card_of_data(place, code)
        }
    }
}

/// Whether a folder says that it is a data set.
fn is_card_of_data(place: &Place<'_>, code: &Code<'_>) -> bool {
    if place.has("dataset_infos.json") {
        return true;
    }
    let text = if place.has("README.md") { code.text(&format!("{}README.md", place.dir)) } else { return false };
    let Ok(text) = text else { return false };
    let front = text.strip_prefix("---").and_then(|rest| rest.split("\n---").next()).unwrap_or("");
    let is_key = |line: &str| {
        ["task_categories:", "dataset_info:", "size_categories:", "annotations_creators:", "dataset_tags:"]
            .iter()
            .any(|key| line.starts_with(key))
    };
    front.lines().any(is_key)
}

/// Whether a file of Python may be the script of a data set.
fn is_script(name: &str, last: &str, place: &Place<'_>) -> bool {
    let is_named = name.strip_suffix(".py").is_some_and(|stem| stem == last);
    let scripts = place.named().filter(|(name, _)| has_ending(name, "py")).take(SCRIPTS + 1).count();
    let is_data = |name: &str| {
        ["csv", "tsv", "jsonl", "json", "parquet", "arrow", "txt", "zip", "gz", "zst"]
            .iter()
            .any(|e| has_ending(name, e))
    };
    !place.has("__init__.py")
        && !place.has("setup.py")
        && !place.has("pyproject.toml")
        && scripts <= SCRIPTS
        && (is_named || is_card(place) || place.files.len() == 1 || place.named().any(|(name, _)| is_data(name)))
}

fn is_card(place: &Place<'_>) -> bool {
    place.has("README.md") || place.has("dataset_infos.json") || place.has("dataset_info.json")
}

fn has_ending(name: &str, ending: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, found)| found == ending)
}

/// Tells of packages that are installed with the code and come from no index.
fn requirements(place: &Place<'_>, code: &Code<'_>, context: &mut Context<'_>) {
    let path = format!("{}requirements.txt", place.dir);
    if !place.has("requirements.txt") {
        return;
    }
    let Ok(text) = code.text(&path) else {
        return context.inside(code.name(&path), |context| context.unread(None, "it is not read"));
    };
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.split(" #").next().unwrap_or(line).trim();
        let is_elsewhere = bare.contains("://") || bare.starts_with("--index-url") || bare.starts_with("-i ");
        if is_elsewhere && !bare.starts_with('#') {
            let message = format!("`{}` is installed before the code runs", shown(bare));
            context.inside(code.name(&path), |context| context.find(&REQUIREMENTS, at, message));
        }
        at += line.len() as u64;
    }
}

/// Tells of a file, if it holds what is looked for; whether it does.
fn tell(path: &str, served: &Served, is_model: bool, code: &mut Code<'_>, context: &mut Context<'_>) -> bool {
    // What cannot be opened is told by its own report; what is too long to be read as Python by its rating.
    let found = match code.text(path) {
        Ok(text) => {
            if !served.words.iter().any(|word| text.contains(word)) {
                // It is imported in any case, before what is looked for is found to be missing.
                if is_model {
                    code.rate(path, context);
                }
                return false;
            }
            tokens(&text, &mut Budget::default()).and_then(|tokens| {
                let is =
                    |kind: &TokenKind| matches!(kind, TokenKind::Word(word) if served.words.contains(&word.as_str()));
                tokens.iter().find(|token| is(&token.kind)).map(|token| token.range.start as u64)
            })
        }
        Err(_) => return false,
    };
    if let Some(at) = found {
        context.inside(code.name(path), |context| context.find(&CODE, at, served.runs));
        code.rate(path, context);
    }
    found.is_some()
}

/// A model of MLflow: the folder of code that it puts on the path, and the module of it that loads the model.
fn flow(place: &Place<'_>, path: &str, code: &mut Code<'_>, context: &mut Context<'_>) {
    let Ok(text) = code.text(path) else { return };
    let read = yaml::parse(&text, &mut Budget { items: NODES, ..Budget::default() });
    let flavors = read.root().and_then(|root| root.get("flavors")).map(yaml::Node::entries).unwrap_or_default();
    for flavor in flavors {
        let word = |key: &str| {
            let node = flavor.value.get(key).filter(|value| !value.is_null())?;
            node.as_str().map(|text| (text.to_owned(), node.span.start))
        };
        let mut bases = vec![place.dir.to_owned()];
        for (below, at) in [word("code"), word("model_code_path")].into_iter().flatten() {
            let below = below.trim_start_matches("./").trim_end_matches('/').to_owned();
            let start = format!("{}{below}", place.dir);
            let files = python_below(&start, code.folder());
            if !files.is_empty() {
                let message = format!("the code in `{}` can be imported when the model is loaded", shown(&below));
                context.inside(code.name(path), |context| context.find(&CODE, at, message));
            }
            for file in files {
                code.rate(&file, context);
            }
            bases.push(format!("{start}/"));
        }
        if let Some((module, at)) = word("loader_module") {
            let parts: Vec<&str> = module.split('.').collect();
            let mut found = Vec::new();
            for base in &bases {
                imports::resolve(code.folder(), base, &parts, &mut found);
            }
            for file in found {
                let message = format!("`{}` of the model loads it", shown(code.name(&file)));
                context.inside(code.name(path), |context| context.find(&CODE, at, message));
                code.rate(&file, context);
            }
        }
    }
}

/// Files of Python at a path or below it.
fn python_below(start: &str, folder: &dyn Folder) -> Vec<String> {
    let files = folder.files();
    let first = files.partition_point(|file| file.as_str() < start);
    let below = files[first..].iter().take_while(|file| file.starts_with(start));
    let is_below = |file: &&String| matches!(file.as_bytes().get(start.len()), None | Some(b'/'));
    below.filter(is_below).filter(|file| has_ending(file, "py")).cloned().collect()
}
