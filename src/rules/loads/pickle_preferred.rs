//! Files of hubs that run code when they are loaded, asked for by name.

use super::group::{self, Group};
use crate::diag::Severity;
use crate::graph::assets::Load;
use crate::references::{AssetKind, Hub, Said};
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "pickle-preferred",
    title: "a pickle is asked for where safetensors would do",
    many: "{n} pickles are asked for where safetensors would do",
    severity: Severity::Low,
    since: "0.1",
    docs: include_str!("pickle_preferred.md"),
    check,
};

/// Whether a file is one that frameworks write as pickles. Others call weights of their own format `.bin` too.
pub(super) fn is_pickle(file: &str) -> bool {
    const ENDS: &[&str] = &[".ckpt", ".joblib", ".pickle", ".pkl", ".pt", ".pth"];
    let name = file.rsplit('/').next().unwrap_or(file);
    let is_bin = name == "adapter_model.bin" || name.starts_with("pytorch_model") && name.ends_with(".bin");
    is_bin || ENDS.iter().any(|end| name.ends_with(end))
}

/// Whether a repository holds weights of whisper.cpp or llama.cpp, by its name.
pub(super) fn is_ggml(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    ["ggml", "gguf", "whisper.cpp"].iter().any(|word| lower.contains(word))
}

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    for group in group::groups(scene, |load| asked(load).is_some()) {
        say(report, &group);
    }
}

/// What asks for a pickle.
fn asked(load: &Load) -> Option<String> {
    let reference = &load.loaded.reference;
    if reference.hub != Hub::HuggingFace || reference.kind == AssetKind::Dataset {
        return None;
    }
    if matches!(reference.loader.safetensors, Some(Said::Off(_))) {
        return Some("`use_safetensors=False`".to_owned());
    }
    if is_ggml(&reference.name) {
        return None;
    }
    reference.files.iter().find(|file| is_pickle(file)).map(|file| format!("`{file}`"))
}

fn say(report: &mut Reporter<'_>, group: &Group<'_>) {
    let main = group.main();
    let Some(what) = asked(main) else { return };
    let name = &main.loaded.reference.name;
    group::draft(report, group, what.clone(), Severity::Low)
        .content(format!("{name} {what}"))
        .evidence("a pickle runs code when it is loaded; safetensors holds numbers alone")
        .advise("ask for the safetensors file of the repository; where there is none, load it with `weights_only=True`")
        .say(format!("a pickle of the model `{name}` is asked for: {what}"));
}
