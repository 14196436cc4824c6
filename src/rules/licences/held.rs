//! What lies in the tree: weights with the licence of the card beside them or of their header, and what a card alone
//! tells of. The licence is that which a bill of materials would name.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::licensed::Licensed;
use super::taken::is_stated;
use crate::graph::Document;
use crate::graph::kinds::card::CardFile;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::WEIGHTS;
use crate::references::AssetKind;
use crate::rules::Scene;
use crate::source::FileId;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Span;

/// A folder with what tells of a model or a data set.
#[derive(Default)]
struct Folder<'a> {
    cards: Vec<&'a CardFile>,
    /// Files of weights, each with the licence of its header.
    weights: Vec<(FileId, &'a str, Option<String>)>,
}

/// Whether a path ends as those of weights do.
fn is_weights(path: &str) -> bool {
    path.rsplit_once('.').is_some_and(|(_, end)| WEIGHTS.iter().any(|known| known.eq_ignore_ascii_case(end)))
}

/// Adds it.
pub(super) fn add(scene: &Scene<'_>, out: &mut Vec<Licensed>) {
    let mut folders: BTreeMap<RepoPath, Folder<'_>> = BTreeMap::new();
    let folder_of = |path: &str| RepoPath::new(path).map(|path| path.parent());
    for document in scene.documents {
        match document {
            Document::Card(card) => {
                let Some(folder) = folder_of(scene.sources.path(card.file)) else { continue };
                folders.entry(folder).or_default().cards.push(card);
            }
            Document::Model(model) => {
                // Other kinds of files may be anything.
                let weights = model.report.weights.as_deref();
                if weights.is_none() && !is_weights(&model.report.path) {
                    continue;
                }
                let Some(folder) = folder_of(&model.report.path) else { continue };
                let word = |key: &str| weights?.words.get(key).map(|text| text.trim()).filter(|text| is_stated(text));
                let licence = word("general.license").or_else(|| word("general.license.name")).map(str::to_owned);
                folders.entry(folder).or_default().weights.push((model.file, &model.report.path, licence));
            }
            Document::References(file) => {
                for pointer in file.pointers.iter().filter(|pointer| is_weights(&pointer.target)) {
                    let Some(folder) = folder_of(&pointer.target) else { continue };
                    let weights = &mut folders.entry(folder).or_default().weights;
                    if !weights.iter().any(|(_, path, _)| *path == pointer.target) {
                        weights.push((file.file, &pointer.target, None));
                    }
                }
            }
            _ => {}
        }
    }
    // What a card that is surely one states holds for the parts of its model in folders below.
    let states = |card: &CardFile| card.told.is_sure && !card.told.licences.is_empty();
    let speaks = |folder: &Folder<'_>| folder.cards.iter().any(|card| states(card));
    let stated: BTreeSet<&RepoPath> =
        folders.iter().filter(|(_, folder)| speaks(folder)).map(|(path, _)| path).collect();
    for (path, folder) in &folders {
        let mut outer = path.clone();
        let mut is_part = false;
        while !outer.is_root() && !is_part {
            outer = outer.parent();
            is_part = stated.contains(&outer);
        }
        of_folder(scene, path, folder, is_part, out);
    }
}

fn of_folder(scene: &Scene<'_>, path: &RepoPath, folder: &Folder<'_>, is_part: bool, out: &mut Vec<Licensed>) {
    let first = folder.weights.first();
    let (mut is_stated_of_all, mut is_stated_of_data) = (is_part, is_part);
    for card in &folder.cards {
        let kind = match card.told.subject {
            Subject::Dataset if card.told.is_sure => AssetKind::Dataset,
            Subject::Adapter if card.told.is_sure => AssetKind::Adapter,
            Subject::Model if card.told.is_sure => AssetKind::Model,
            // A head with a licence alone may be that of anything: what lies beside it decides.
            _ if first.is_some() => AssetKind::Model,
            _ => continue,
        };
        let named = card.told.licences.iter().map(|one| (one.span, one.value.name.text()));
        let words = card.told.licence_words.iter().map(|one| (one.span, one.value.as_str()));
        let mut licences: Vec<(Span, &str)> = Vec::new();
        for (span, text) in named.chain(words) {
            if !licences.iter().any(|(_, known)| known.eq_ignore_ascii_case(text)) {
                licences.push((span, text));
            }
        }
        let Some((span, _)) = licences.first().copied() else { continue };
        is_stated_of_all |= kind != AssetKind::Dataset;
        is_stated_of_data |= kind == AssetKind::Dataset;
        let place = Place::new(card.file, span);
        let names = names(path, card.told.name.as_deref(), scene.sources.path(card.file), folder);
        let licences = licences.into_iter().map(|(_, text)| text.to_owned()).collect();
        out.push(Licensed::held(scene, kind, names, licences, place));
    }
    for (file, own, licence) in &folder.weights {
        let Some(licence) = licence else { continue };
        let name = (*own).to_owned();
        let base = own.rsplit('/').next().unwrap_or(own).to_owned();
        let place = Place::new(*file, Span::default());
        out.push(Licensed::held(scene, AssetKind::Model, vec![name, base], vec![licence.clone()], place));
    }
    // Data of which no card says a licence.
    let is_of_data = |card: &&&CardFile| card.told.is_sure && card.told.subject == Subject::Dataset;
    if let Some(card) = folder.cards.iter().find(is_of_data).filter(|_| !is_stated_of_data) {
        let names = names(path, card.told.name.as_deref(), scene.sources.path(card.file), folder);
        let place = Place::new(card.file, Span::default());
        out.push(Licensed::held(scene, AssetKind::Dataset, names, Vec::new(), place));
    }
    // Weights of which nothing says a licence, once for a folder.
    let silent = folder.weights.iter().find(|(_, _, licence)| licence.is_none());
    if let Some((file, own, _)) = silent.filter(|_| !is_stated_of_all) {
        let name = folder.cards.iter().find_map(|card| card.told.name.as_deref());
        let names = names(path, name, own, folder);
        out.push(Licensed::held(scene, AssetKind::Model, names, Vec::new(), Place::new(*file, Span::default())));
    }
}

/// What it is called, the folder first, and what else a person may call it.
fn names(path: &RepoPath, named: Option<&str>, file: &str, folder: &Folder<'_>) -> Vec<String> {
    let mut out = Vec::new();
    if !path.is_root() {
        out.extend([path.to_string(), path.name().to_owned()]);
    }
    out.extend(named.map(str::to_owned));
    out.push(file.to_owned());
    for (_, weights, _) in &folder.weights {
        out.push((*weights).to_owned());
        out.push(weights.rsplit('/').next().unwrap_or(weights).to_owned());
    }
    out
}
