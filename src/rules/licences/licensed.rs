//! What is loaded or lies in the tree, with the licences that somebody states of it.

use super::held;
use super::taken::is_stated;
use super::taken::is_taken;
use crate::config::AssetLicences;
use crate::config::PartStatements;
use crate::config::stars;
use crate::graph::Document;
use crate::graph::identity;
use crate::graph::kinds::sbom;
use crate::lock::Key;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Standing;
use crate::rules::Reporter;
use crate::rules::Scene;
use crate::rules::loads::group;
use crate::source::FileId;
use crate::source::Place;
use crate::source::Role;

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
    /// Whether somebody would state one: a hub, or whoever put it into the tree.
    pub(super) is_knowable: bool,
    /// Package URLs and names under which a person may speak of it.
    names: Vec<String>,
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

/// Everything that is loaded from somewhere else, and what lies in the tree.
pub(super) fn all(scene: &Scene<'_>) -> Vec<Licensed> {
    let mut out = loaded(scene);
    held::add(scene, &mut out);
    if sbom::is_all(scene.documents) {
        out.extend(of_documents(scene));
    }
    out.retain(|one| !one.role.is_set_aside());
    let said = scene.custody().map(|config| (config.file, config.sbom.components.as_slice()));
    if let Some((file, said)) = said {
        out.iter_mut().filter(|one| one.is_unknown()).for_each(|one| one.state(file, said));
    }
    out
}

/// What documents list, where nothing but documents is audited.
fn of_documents(scene: &Scene<'_>) -> Vec<Licensed> {
    let mut out = Vec::new();
    for document in scene.documents {
        let Document::Sbom(document) = document else { continue };
        for asset in &document.assets {
            let kind = if asset.is_dataset { AssetKind::Dataset } else { AssetKind::Model };
            let place = Place::new(document.file, asset.span);
            let mut one = Licensed::held(scene, kind, vec![asset.name.clone()], asset.licences.clone(), place);
            one.version.clone_from(&asset.version);
            out.push(one);
        }
    }
    out
}

fn loaded(scene: &Scene<'_>) -> Vec<Licensed> {
    let groups = group::by(scene, |load| {
        let reference = &load.loaded.reference;
        let is_asset = !reference.hub.is_hosted() && reference.standing != Standing::Told;
        // A model and its tokenizer are one repository, with one licence.
        let is_data = reference.kind == AssetKind::Dataset;
        is_asset.then_some((is_data, reference.hub, reference.name.as_str(), reference.revision.as_deref()))
    });
    let known = groups.into_iter().map(|group| {
        let reference = &group.main().loaded.reference;
        let entry = group.loads.iter().find_map(|load| {
            let (lock, key, _) = scene.assets.entry(scene.documents, load)?;
            Some((lock, key, lock.sound(key)?))
        });
        let licence = entry.and_then(|(_, _, entry)| entry.licence.clone());
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
            is_knowable: matches!(reference.hub, Hub::HuggingFace | Hub::ModelScope),
            names: std::iter::once(reference.name.clone())
                .chain([None, reference.revision.as_deref()].iter().filter_map(|revision| {
                    identity::hub_purl(reference.kind, reference.hub.word(), &reference.name, *revision)
                }))
                .collect(),
        }
    });
    known.collect()
}

impl Licensed {
    /// Something that lies in the tree, under names that a person may call it by.
    pub(super) fn held(
        scene: &Scene<'_>,
        kind: AssetKind,
        names: Vec<String>,
        licences: Vec<String>,
        place: Place,
    ) -> Self {
        let (role, name) = (scene.role(place.file), names.first().cloned().unwrap_or_default());
        let (version, places, stated) = (None, Vec::new(), None);
        Self { kind, name, version, licences, place, places, role, stated, is_knowable: true, names }
    }

    /// Whether nobody states a licence.
    pub(super) fn is_unknown(&self) -> bool {
        !self.licences.iter().any(|licence| is_stated(licence))
    }

    /// The stated licences that are not taken. A word that names none is none that is taken, where there is a list of
    /// those that are and nothing better is stated.
    pub(super) fn denied<'s>(&'s self, taken: &AssetLicences) -> Vec<&'s str> {
        let is_unknown = self.is_unknown();
        if is_unknown && (taken.required && self.is_knowable || taken.allow.is_none()) {
            return Vec::new();
        }
        let stated = self.licences.iter().filter(|licence| is_unknown || is_stated(licence));
        stated.filter(|licence| !is_taken(licence, taken)).map(String::as_str).collect()
    }

    /// Takes the licence that a person states of it in the policy's file, where nobody else does.
    fn state(&mut self, file: FileId, said: &[PartStatements]) {
        for part in said {
            if !self.names.iter().any(|name| stars(part.pattern.as_str(), name)) {
                continue;
            }
            if let Some((_, text)) = part.texts.iter().find(|(key, _)| *key == "licence") {
                self.licences = vec![text.value.clone()];
                self.stated = Some((Place::new(file, text.span), "a person states the licence"));
                return;
            }
        }
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
