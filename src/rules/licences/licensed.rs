//! What is loaded or lies in the tree, with the licences that somebody states of it.

use crate::config::AssetLicences;
use crate::config::stars;
use crate::graph::Document;
use crate::graph::kinds::card;
use crate::graph::kinds::sbom;
use crate::lock::Key;
use crate::parse::licence::Licence;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Standing;
use crate::rules::Reporter;
use crate::rules::Scene;
use crate::rules::loads::group;
use crate::source::FileId;
use crate::source::Place;
use crate::source::Role;
use crate::source::Span;

/// Names of licences that name none.
const NONE: &[&str] = &["", "noassertion", "none", "other", "unknown", "unlicensed"];

/// Something with licences, or without.
pub(super) struct Licensed {
    pub(super) kind: AssetKind,
    pub(super) name: String,
    version: Option<String>,
    /// As they are stated; empty where nobody states one.
    licences: Vec<String>,
    /// The line a person would change.
    place: Place,
    /// Where else it is loaded.
    places: Vec<Place>,
    role: Role,
    /// Where the licence is stated, and by what.
    stated: Option<(Place, &'static str)>,
    /// Whether a hub would state one.
    pub(super) is_of_hub: bool,
}

/// What the policy takes, with the place where it says so.
pub(super) struct Asked<'a> {
    file: FileId,
    pub(super) models: Option<&'a AssetLicences>,
    pub(super) datasets: Option<&'a AssetLicences>,
}

impl<'a> Asked<'a> {
    pub(super) fn of(scene: &Scene<'a>) -> Option<Self> {
        let config = scene.custody()?;
        let licences = config.policy.licences.as_ref()?;
        let (models, datasets) = (licences.models.as_ref(), licences.datasets.as_ref());
        (models.is_some() || datasets.is_some()).then_some(Self { file: config.file, models, datasets })
    }

    /// What it takes of a kind.
    pub(super) fn taken(&self, kind: AssetKind) -> Option<&'a AssetLicences> {
        if kind == AssetKind::Dataset { self.datasets } else { self.models }
    }
}

/// Everything that is loaded from somewhere else, and what lies in the tree and states a licence.
pub(super) fn all(scene: &Scene<'_>) -> Vec<Licensed> {
    let mut out = loaded(scene);
    let documents_alone = sbom::is_all(scene.documents);
    for document in scene.documents {
        match document {
            Document::Sbom(document) if documents_alone => {
                for asset in &document.assets {
                    let kind = if asset.is_dataset { AssetKind::Dataset } else { AssetKind::Model };
                    let place = Place::new(document.file, asset.span);
                    let mut one = own(scene, kind, asset.name.clone(), asset.licences.clone(), place);
                    one.version.clone_from(&asset.version);
                    // Nothing but the document could state one.
                    one.is_of_hub = true;
                    out.push(one);
                }
            }
            Document::Card(card) if card.told.is_sure => {
                let kind = match card.told.subject {
                    card::Subject::Model => AssetKind::Model,
                    card::Subject::Adapter => AssetKind::Adapter,
                    card::Subject::Dataset => AssetKind::Dataset,
                    card::Subject::Unsaid => continue,
                };
                let Some(first) = card.told.licences.first() else { continue };
                let licences = card.told.licences.iter().map(|one| one.value.name.text().to_owned()).collect();
                let name = card.told.name.clone().unwrap_or_else(|| scene.sources.path(card.file).to_owned());
                out.push(own(scene, kind, name, licences, Place::new(card.file, first.span)));
            }
            Document::Model(model) => {
                let Some(weights) = model.report.weights.as_deref() else { continue };
                let word = |key: &str| weights.words.get(key).map(|text| text.trim()).filter(|text| is_stated(text));
                let Some(licence) = word("general.license").or_else(|| word("general.license.name")) else { continue };
                let place = Place::new(model.file, Span::default());
                let licences = vec![licence.to_owned()];
                out.push(own(scene, AssetKind::Model, model.report.path.clone(), licences, place));
            }
            _ => {}
        }
    }
    out.retain(|one| !one.role.is_set_aside());
    out
}

/// Something that lies in the tree.
fn own(scene: &Scene<'_>, kind: AssetKind, name: String, licences: Vec<String>, place: Place) -> Licensed {
    let role = scene.role(place.file);
    Licensed { kind, name, version: None, licences, place, places: Vec::new(), role, stated: None, is_of_hub: false }
}

fn loaded(scene: &Scene<'_>) -> Vec<Licensed> {
    let groups = group::by(scene, |load| {
        let reference = &load.loaded.reference;
        let is_asset = !reference.hub.is_hosted() && reference.standing != Standing::Told;
        is_asset.then_some((reference.kind, reference.hub, reference.name.as_str(), reference.revision.as_deref()))
    });
    let known = groups.into_iter().map(|group| {
        let reference = &group.main().loaded.reference;
        let entry = group.loads.iter().find_map(|load| {
            let (lock, key, _) = scene.assets.entry(scene.documents, load)?;
            Some((lock, key, lock.sound(key)?))
        });
        let licence = entry.and_then(|(_, _, entry)| entry.licence.clone()).filter(|licence| is_stated(licence));
        let stated = entry.filter(|_| licence.is_some()).and_then(|(lock, key, _)| {
            let key: &Key = key;
            Some((lock.fact(scene.sources.get(lock.file)?, key, "licence"), "the lock states the licence"))
        });
        Licensed {
            kind: reference.kind,
            name: reference.name.clone(),
            version: reference.revision.clone(),
            licences: licence.into_iter().collect(),
            place: group.main().loaded.place,
            places: group.loads.iter().map(|load| load.loaded.place).collect(),
            role: group.role,
            stated,
            is_of_hub: matches!(reference.hub, Hub::HuggingFace | Hub::ModelScope),
        }
    });
    known.collect()
}

/// Whether a text names a licence.
fn is_stated(licence: &str) -> bool {
    !NONE.contains(&licence.trim().to_ascii_lowercase().as_str())
}

/// Whether a licence is taken: an expression of SPDX as its parts are, any other name as it is written.
pub(super) fn is_taken(licence: &str, taken: &AssetLicences) -> bool {
    let is_in = |list: &[crate::source::Spanned<String>], name: &str| list.iter().any(|one| stars(one.as_str(), name));
    let one = |name: &str| {
        let plain = name.split(" WITH ").next().unwrap_or(name);
        !is_in(&taken.deny, name)
            && !is_in(&taken.deny, plain)
            && taken.allow.as_ref().is_none_or(|allow| is_in(allow, name))
    };
    let licence = licence.trim();
    match Licence::parse(licence).filter(|_| licence.contains(char::is_whitespace)) {
        Some(expression) => expression.is_met(&one),
        None => one(licence),
    }
}

impl Licensed {
    /// Whether nobody states a licence.
    pub(super) fn is_unknown(&self) -> bool {
        !self.licences.iter().any(|licence| is_stated(licence))
    }

    /// The stated licences that are not taken.
    pub(super) fn denied<'s>(&'s self, taken: &AssetLicences) -> Vec<&'s str> {
        let stated = self.licences.iter().filter(|licence| is_stated(licence));
        stated.filter(|licence| !is_taken(licence, taken)).map(String::as_str).collect()
    }

    /// Tells it.
    pub(super) fn say(
        &self,
        report: &mut Reporter<'_>,
        asked: &Asked<'_>,
        taken: &AssetLicences,
        (label, message, advice): (&str, String, &str),
    ) {
        let mut draft = report
            .at(self.place, label)
            .role(self.role)
            .also(self.places.iter().copied())
            .about(self.kind.word(), self.name.clone(), self.version.clone())
            .content(format!("{} {} {}", self.kind.word(), self.name, self.licences.join(", ")))
            .related(Place::new(asked.file, taken.span), "the licences that are taken");
        if let Some((place, how)) = self.stated {
            draft = draft.related(place, how);
        }
        draft.advise(advice).say(message);
    }
}

/// Tells what is denied of some kinds.
pub(super) fn tell_denied(scene: &Scene<'_>, report: &mut Reporter<'_>, is_of: impl Fn(AssetKind) -> bool) {
    let Some(asked) = Asked::of(scene) else { return };
    for one in all(scene) {
        let Some(taken) = asked.taken(one.kind).filter(|_| is_of(one.kind)) else { continue };
        let denied = one.denied(taken);
        if denied.is_empty() {
            continue;
        }
        let named: Vec<String> = denied.iter().map(|licence| format!("`{licence}`")).collect();
        let (licence, is) = if named.len() == 1 { ("licence", "is") } else { ("licences", "are") };
        let message = format!(
            "the {licence} {} of the {} `{}` {is} not taken by the policy",
            named.join(" and "),
            group::noun(one.kind),
            one.name
        );
        let advice = "take another one, or take the licence into `[licences]` of custody.toml once somebody who may \
                      decide it has";
        one.say(report, &asked, taken, ("licence that is not taken", message, advice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Spanned;

    #[test]
    fn licences_are_taken_by_name_by_pattern_and_by_their_parts() {
        let list = |words: &[&str]| words.iter().map(|w| Spanned::new((*w).to_owned(), Span::default())).collect();
        for (licence, allow, deny, taken) in [
            ("apache-2.0", &["Apache-2.0"][..], &[][..], true),
            ("Apache-2.0", &["apache-2.0"], &[], true),
            ("llama3.2", &["llama3*"], &[], true),
            ("llama3.2", &["llama3*"], &["llama3.2"], false),
            ("cc-by-nc-4.0", &["*"], &["*-nc-*"], false),
            ("MIT OR GPL-3.0-only", &["mit"], &[], true),
            ("MIT AND GPL-3.0-only", &["mit"], &[], false),
            ("a text of its own", &["mit"], &[], false),
            ("gemma", &[], &[], false),
        ] {
            let allowed = AssetLicences { allow: Some(list(allow)), deny: list(deny), ..AssetLicences::default() };
            assert_eq!(is_taken(licence, &allowed), taken, "{licence} {allow:?} {deny:?}");
        }
        assert!(is_taken("gemma", &AssetLicences::default()), "without a list any will do");
        assert!(!is_stated(" Other ") && is_stated("openrail"));
    }
}
