//! Files of the tree that are models or stand for large files: weights with their format, pointers of git LFS and DVC
//! with the digests that they hold.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Beside;
use super::maker::Maker;
use super::words;
use crate::graph::Document;
use crate::graph::kinds::card::WEIGHTS;
use crate::references::Pointer;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Component;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Unknown;
use crate::source::Place;
use crate::source::RepoPath;
use crate::source::Span;

/// Ends of files of data.
const DATA: &[&str] = &["arrow", "csv", "jsonl", "npy", "npz", "parquet", "tfrecord", "tsv"];

/// Adds them.
pub(super) fn add(maker: &mut Maker<'_>, beside: &Beside) {
    let mut pointers: BTreeMap<String, (&Pointer, crate::source::FileId)> = BTreeMap::new();
    for document in maker.scene.documents {
        if let Document::References(file) = document
            && maker.counts(file.file)
        {
            let own = file.pointers.iter().map(|pointer| (pointer.target.clone(), (pointer, file.file)));
            pointers.extend(own);
        }
    }
    let mut seen = BTreeSet::new();
    for document in maker.scene.documents {
        let Document::Model(model) = document else { continue };
        if !maker.counts(model.file) {
            continue;
        }
        let report = &model.report;
        let path = report.path.trim_end_matches('/');
        seen.insert(path.to_owned());
        let counted = beside.weights.get(path);
        let hex = report.sha256.as_deref().or_else(|| counted.and_then(|told| told.as_deref().ok()));
        let hash = hex.and_then(|hex| Hash::new(Algorithm::Sha256, hex));
        let mut entry = FileEntry {
            path: path.to_owned(),
            size: Some(report.size),
            hashes: hash.into_iter().collect(),
            format: Some(report.format.word().to_owned()),
        };
        let at = maker.at(Place::new(model.file, Span::default()), Some("lies in the tree"));
        if let Some((pointer, _)) = pointers.get(path) {
            entry.size = pointer.size;
            entry.hashes = words::hash(&pointer.digest).into_iter().collect();
            entry.format = None;
        }
        let why = counted.and_then(|told| told.as_ref().err()).filter(|_| entry.hashes.is_empty()).cloned();
        let mut component = of_file(path, entry);
        component.evidence.push(at.clone());
        component.scope = maker.scope(model.file);
        let (id, scope) = (component.id.clone(), component.scope);
        maker.merge(component);
        if let Some(why) = why {
            let at = Occurrence { how: None, ..at.clone() };
            maker.unknowns.push(Unknown {
                kind: Kind::Other,
                text: format!("digest of {path}"),
                why,
                owner: Some(id.clone()),
                at,
            });
        }
        let owner = maker.owner(path).to_owned();
        maker.relate(&owner, RelationKind::Contains, &id, scope, Some(at));
        for load in model.loads.iter().filter(|load| maker.counts(load.place.file)).collect::<Vec<_>>() {
            let user = maker.owner(maker.path(load.place.file)).to_owned();
            let how = format!("loaded by {}", load.function);
            let at = maker.at(load.place, Some(&how));
            maker.relate(&user, RelationKind::DependsOn, &id, maker.scope(load.place.file), Some(at));
        }
    }
    for (target, (pointer, file)) in pointers {
        if seen.contains(&target) || RepoPath::new(&target).is_none() {
            continue;
        }
        let hashes = words::hash(&pointer.digest).into_iter().collect();
        let entry = FileEntry { path: target.clone(), size: pointer.size, hashes, format: None };
        let mut component = of_file(&target, entry);
        if component.hashes.is_empty() && component.files.iter().all(|file| file.hashes.is_empty()) {
            // A folder's digest is one of a list that DVC keeps elsewhere.
            component.properties.extend(words::name(&pointer.digest).map(|text| ("custody:digest".to_owned(), text)));
        }
        component.links.extend(pointer.from.as_deref().and_then(|url| words::link(LinkKind::Distribution, url)));
        let at = maker.at(Place::new(file, pointer.at.span), Some("pointed to"));
        component.evidence.push(at.clone());
        component.scope = maker.scope(file);
        let (id, scope) = (component.id.clone(), component.scope);
        maker.merge(component);
        let owner = maker.owner(&target).to_owned();
        maker.relate(&owner, RelationKind::Contains, &id, scope, Some(at));
    }
}

/// The id of the component of a file.
pub(super) fn id_of(path: &str) -> String {
    format!("tree:{}", without_shard(path))
}

/// The component of a file. Shards of one model are one component.
pub(super) fn of_file(path: &str, entry: FileEntry) -> Component {
    let whole = without_shard(path);
    let name = whole.rsplit('/').next().unwrap_or(&whole);
    let end = name.rsplit('.').next().unwrap_or("").to_ascii_lowercase();
    let kind = match end.as_str() {
        end if WEIGHTS.contains(&end) => Kind::Model,
        end if DATA.contains(&end) => Kind::Dataset,
        _ => Kind::File,
    };
    let mut component = Component { id: id_of(path), kind, name: name.to_owned(), ..Component::default() };
    if whole == path {
        component.hashes.clone_from(&entry.hashes);
    }
    component.files.push(entry);
    component
}

/// The path without what numbers a shard: `model-00001-of-00003.safetensors` is `model.safetensors`.
fn without_shard(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').map_or(("", path), |(folder, name)| (folder, name));
    let numbered = |stem: &str| {
        let (rest, total) = stem.rsplit_once("-of-")?;
        let (base, number) = rest.rsplit_once('-')?;
        let is_number = |text: &str| text.len() >= 4 && text.bytes().all(|b| b.is_ascii_digit());
        (is_number(total) && is_number(number) && !base.is_empty()).then(|| base.to_owned())
    };
    let whole = name.rsplit_once('.').and_then(|(stem, end)| Some(format!("{}.{end}", numbered(stem)?)));
    match whole {
        Some(whole) if folder.is_empty() => whole,
        Some(whole) => format!("{folder}/{whole}"),
        None => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_of_one_model_are_one() {
        for (path, expected) in [
            ("a/model-00001-of-00003.safetensors", "a/model.safetensors"),
            ("pytorch_model-00002-of-00002.bin", "pytorch_model.bin"),
            ("model.safetensors", "model.safetensors"),
            ("a-1-of-2.bin", "a-1-of-2.bin"),
        ] {
            assert_eq!(without_shard(path), expected);
        }
    }
}
