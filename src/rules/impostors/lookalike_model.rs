//! A model whose owner is almost a well known one, or that bears a known model's name under a stranger's.

use std::collections::BTreeMap;

use super::words::{fame, weight};
use crate::diag::{Confidence, Severity};
use crate::graph::assets::Load;
use crate::impostor::{List, NOTE, Names, Owners};
use crate::references::{AssetKind, Hub, Standing};
use crate::rules::models::told;
use crate::rules::{Reporter, Rule, Scene};

pub(super) static RULE: Rule = Rule {
    id: "lookalike-model",
    title: "model whose owner is almost a well known one",
    many: "{n} models bear names that are almost those of well known ones",
    severity: Severity::High,
    since: "0.1",
    docs: include_str!("lookalike_model.md"),
    check,
};

/// Owners that are nobody's strangers, in lower case: those of the hub itself and of libraries, whose test models bear
/// the names of known ones, and publishers whose models are seldom named.
const OWN: &[&str] = &[
    "cross-encoder",
    "distilbert",
    "eleutherai",
    "facebook",
    "facebookai",
    "google",
    "google-bert",
    "google-t5",
    "hf-internal-testing",
    "hf-tiny-model-private",
    "huggingface",
    "huggingfaceh4",
    "huggingfacetb",
    "microsoft",
    "nvidia",
    "openai-community",
    "optimum-internal-testing",
    "peft-internal-testing",
    "redhatai",
    "sentence-transformers",
    "trl-internal-testing",
    "trl-lib",
];
/// Owners that publish others' models in another form, under the very names, in lower case. None is the original.
const CONVERTERS: &[&str] = &[
    "axolotl-ai-co",
    "bartowski",
    "casperhansen",
    "ggml-org",
    "gpt4all-community",
    "lmstudio-community",
    "maziyarpanahi",
    "mlx-community",
    "modelcloud",
    "neuralmagic",
    "nousresearch",
    "onnx-community",
    "onnx-models",
    "qdrant",
    "quantfactory",
    "second-state",
    "thebloke",
    "turboderp",
    "unsloth",
    "xenova",
];

/// Shortest name that nobody gives by chance.
const LONG_NAME: usize = 8;
/// Levels of the list that everybody knows.
const WELL_KNOWN: u8 = 3;

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let names = Names::embedded();
    let mut by_name: BTreeMap<(&str, &str), Vec<&Load>> = BTreeMap::new();
    for load in &scene.assets.loads {
        let reference = &load.loaded.reference;
        let is_model =
            matches!(reference.hub, Hub::HuggingFace | Hub::ModelScope) && reference.kind != AssetKind::Dataset;
        if let Some((owner, name)) = reference.name.split_once('/').filter(|_| is_model) {
            by_name.entry((owner, name)).or_default().push(load);
        }
    }
    if by_name.is_empty() {
        return;
    }
    // A tree may name very many; none is held against the whole list.
    let owners = Owners::new(&names, List::Models, WELL_KNOWN);
    for ((owner, name), mut loads) in by_name {
        let key = List::Models.key(owner);
        if owners.has(&key) || OWN.contains(&key.as_str()) || CONVERTERS.contains(&key.as_str()) {
            continue;
        }
        loads.sort_by_key(|load| (told::role(scene, load.loaded.place.file), load.loaded.place));
        if let Some(found) = owners.resembles(List::Models, owner, name).filter(|found| found.points >= NOTE) {
            let (severity, confidence) = weight(found.points);
            say(scene, report, &loads, found.target, severity, confidence, |full| {
                format!("the owner of `{full}` is almost that of `{}`", found.target)
            });
        } else if let Some(target) = namesake(&owners, name) {
            say(scene, report, &loads, target, Severity::Info, Confidence::Low, |full| {
                format!("`{full}` bears the name of `{target}` under another owner")
            });
        }
    }
}

/// A well known model of exactly this name.
fn namesake<'n>(owners: &Owners<'n>, name: &str) -> Option<&'n str> {
    let key = List::Models.key(name);
    let is_first = |known: &crate::impostor::names::Known<'n>| {
        let owner = known.name.split('/').next().unwrap_or("");
        !CONVERTERS.contains(&List::Models.key(owner).as_str())
    };
    owners.named(&key).find(is_first).map(|known| known.name).filter(|_| key.len() >= LONG_NAME)
}

fn say(
    scene: &Scene<'_>,
    report: &mut Reporter<'_>,
    loads: &[&Load],
    target: &str,
    severity: Severity,
    confidence: Confidence,
    sentence: impl Fn(&str) -> String,
) {
    let Some(main) = loads.first() else { return };
    let names = Names::embedded();
    let reference = &main.loaded.reference;
    let full = &reference.name;
    // What stands in a text for readers leads astray, and loads nothing.
    let severity = if reference.standing == Standing::Told { severity.min(Severity::Low) } else { severity };
    let level = names.find(List::Models, target).map_or(u8::MAX, |known| known.level);
    let owner = full.split('/').next().unwrap_or(full);
    report
        .at(main.loaded.place, format!("almost `{target}`"))
        .about(reference.kind.word(), full.clone(), None)
        .severity(severity)
        .confidence(confidence)
        .role(told::role(scene, main.loaded.place.file))
        .also(loads.iter().map(|load| load.loaded.place))
        .content(format!("{full} {target}"))
        .evidence(format!(
            "`{target}` is {}; no model of `{owner}` is on the list of {}",
            fame(List::Models, level),
            names.day(List::Models)
        ))
        .advise(format!(
            "write the name as its publisher does if `{target}` is meant; else look at who `{owner}` is, and name a commit"
        ))
        .say(sentence(full));
}
