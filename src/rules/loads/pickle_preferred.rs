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

/// Names of weights that frameworks write as pickles and as safetensors alike.
const PICKLES: &[&str] = &[".bin", ".ckpt", ".pt", ".pth"];

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
    let is_pickle = |file: &&String| {
        PICKLES.iter().any(|end| file.ends_with(end)) && !file.contains("ggml") && !file.contains(".index")
    };
    reference.files.iter().find(is_pickle).map(|file| format!("`{file}`"))
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
