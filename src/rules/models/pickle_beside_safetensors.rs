//! Weights as a pickle, beside the same as safetensors.

use std::collections::BTreeMap;

use super::told;
use crate::diag::{Confidence, Severity};
use crate::rules::{Reporter, Rule, Scene};
use crate::scan::{Format, Verdict};
use crate::source::{FileId, Place, RepoPath, Span};

pub(super) static RULE: Rule = Rule {
    id: "pickle-beside-safetensors",
    title: "weights lie as a pickle beside the same as safetensors",
    many: "{n} folders hold weights as a pickle beside the same as safetensors",
    severity: Severity::Info,
    since: "0.1",
    docs: include_str!("pickle_beside_safetensors.md"),
    check,
};

/// Names under which hubs keep the same weights in both forms.
const PAIRS: &[(&str, &str)] = &[
    ("pytorch_model", "model"),
    ("adapter_model", "adapter_model"),
    ("diffusion_pytorch_model", "diffusion_pytorch_model"),
];

fn check(scene: &Scene<'_>, report: &mut Reporter<'_>) {
    let mut folders: BTreeMap<RepoPath, Vec<(FileId, &RepoPath, RepoPath)>> = BTreeMap::new();
    for model in told::models(scene) {
        let scanned = &model.report;
        let is_weights = matches!(scanned.format, Format::Pickle | Format::Torch | Format::TorchLegacy);
        // What is worse is told by other rules.
        if !is_weights || scanned.verdict > Verdict::Unread {
            continue;
        }
        let Some(path) = scene.sources.get(model.file).map(|file| &file.path) else { continue };
        if let Some(twin) = twin(scene, path) {
            folders.entry(path.parent()).or_default().push((model.file, path, twin));
        }
    }
    for (folder, found) in &folders {
        let Some((file, path, twin)) = found.first() else { continue };
        report
            .at(Place::new(*file, Span::default()), "a pickle")
            .severity(Severity::Info)
            .confidence(Confidence::Medium)
            .also(found.iter().map(|(file, ..)| Place::new(*file, Span::default())))
            .about("folder", folder.as_str(), None)
            .each(found.iter().map(|(_, path, _)| path.as_str()))
            .evidence("names of the files; their tensors were not compared")
            .advise(format!("delete it and load `{twin}`, which can hold nothing but tensors"))
            .say(format!("`{path}` is a pickle, and `{}` beside it holds the same without one", twin.name()));
    }
}

/// The safetensors file of the same weights.
fn twin(scene: &Scene<'_>, path: &RepoPath) -> Option<RepoPath> {
    let (stem, _) = path.name().rsplit_once('.')?;
    let other = PAIRS.iter().find(|(pickle, _)| *pickle == stem).map_or(stem, |(_, other)| other);
    let there = |stem: &str| {
        let twin = path.parent().child(&format!("{stem}.safetensors"))?;
        scene.files.contains(&twin).then_some(twin)
    };
    there(other).or_else(|| there(stem))
}
