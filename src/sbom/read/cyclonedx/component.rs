//! Components and services.

use std::collections::BTreeSet;

use super::Reader;
use super::card;
use super::items;
use super::parts;
use super::parts::text;
use super::parts::texts;
use crate::parse::json::Value;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::properties;
use crate::sbom::purl::Purl;
use crate::sbom::read::cut;
use crate::sbom::time;

fn kind(word: &str) -> Option<Kind> {
    Some(match word {
        "application" => Kind::Application,
        "library" => Kind::Library,
        "framework" => Kind::Framework,
        "container" => Kind::Image,
        "machine-learning-model" => Kind::Model,
        "data" => Kind::Dataset,
        "file" => Kind::File,
        "platform" => Kind::Platform,
        "operating-system" => Kind::OperatingSystem,
        "device" | "device-driver" | "firmware" => Kind::Device,
        "cryptographic-asset" => Kind::Other,
        _ => return None,
    })
}

fn scope(word: Option<&str>) -> Scope {
    match word {
        Some("optional") => Scope::Optional,
        Some("excluded") => Scope::Excluded,
        _ => Scope::Required,
    }
}

impl Reader<'_, '_> {
    /// Reads a component and those within it; its reference, where it could be used.
    pub(super) fn component(&mut self, value: &Value, parent: Option<&str>) -> Option<String> {
        // Some leave the name of what has no package empty; it is a part all the same.
        let purl = text(value, "purl");
        let named = || purl.as_deref().and_then(Purl::parse).map(|purl| purl.name().to_owned());
        let Some(name) = text(value, "name").or_else(named).or_else(|| text(value, "bom-ref")) else {
            self.told.at(value.span, "a component without a name is not used");
            for inner in items(value, "components") {
                self.component(inner, parent);
            }
            return None;
        };
        let word = text(value, "type").unwrap_or_default();
        let kind = kind(&word).unwrap_or_else(|| {
            let span = value.get("type").map_or(value.span, |value| value.span);
            self.told.at(span, format!("`{}` is no type of a component: it is read as a library", cut(&word)));
            Kind::Library
        });
        let (group, version) = (text(value, "group"), text(value, "version"));
        let id =
            self.id(value, || purl.clone().unwrap_or_else(|| made(&word, group.as_deref(), &name, version.as_deref())));
        let mut one = Component {
            kind,
            group,
            name,
            version,
            range: text(value, "versionRange"),
            purl,
            scope: scope(text(value, "scope").as_deref()),
            description: text(value, "description"),
            supplier: value.get("supplier").and_then(parts::party),
            producer: value.get("manufacturer").and_then(parts::party),
            authors: parts::authors(value, "authors"),
            copyright: text(value, "copyright"),
            hashes: parts::hashes(value, self.told),
            licences: parts::licences(value),
            id: id.clone(),
            ..Component::default()
        };
        // Names without more, which older versions have.
        let party = |name: String| Party { name, ..Party::default() };
        one.producer = one.producer.or_else(|| text(value, "publisher").map(party));
        if one.authors.is_empty() {
            one.authors.extend(text(value, "author").map(party));
        }
        identifiers(&mut one, value);
        self.references(&mut one, value);
        evidence(&mut one, value);
        let datasets = card::read(&mut one, value);
        self.said(&mut one, value);
        card::tags(&mut one, value);
        if one.card.as_deref().is_some_and(|card| *card == Default::default()) {
            one.card = None;
        }
        self.inner(&mut one, value);
        if let Some(parent) = parent {
            self.relate(parent, RelationKind::Contains, &id);
        }
        for dataset in datasets {
            self.trained_on(&id, dataset);
        }
        self.ancestors(&id, value);
        self.bom.components.push(one);
        Some(id)
    }

    /// What stands within a component: files of it, and components of their own.
    fn inner(&mut self, one: &mut Component, value: &Value) {
        for inner in items(value, "components") {
            let is_file = text(inner, "type").as_deref() == Some("file")
                && ["bom-ref", "purl", "components"].iter().all(|key| inner.get(key).is_none());
            match text(inner, "name") {
                Some(path) if is_file => {
                    let mut file = FileEntry { path, hashes: parts::hashes(inner, self.told), ..FileEntry::default() };
                    for (name, value) in parts::properties(inner) {
                        match name {
                            properties::SIZE => file.size = value.parse().ok(),
                            properties::FORMAT => file.format = Some(value),
                            properties::HASH => file.hashes.extend(parts::hash(&value)),
                            _ => {}
                        }
                    }
                    one.files.push(file);
                }
                _ => drop(self.component(inner, Some(&one.id))),
            }
        }
    }

    /// The data set that a model card names: one of the document, or one that is described there and then.
    fn trained_on(&mut self, id: &str, value: &Value) {
        if let Some(to) = text(value, "ref") {
            self.place(value, "ref", &to);
            // Those of our own documents are told as relations already.
            if !self.told_relations.contains_key(&(id.to_owned(), to.clone())) {
                self.told_relation(id, &to, RelationKind::TrainedOn);
            }
            return;
        }
        let Some(name) = text(value, "name") else { return };
        let dataset = self.id(value, || made("data", None, &name, None));
        let mut one = Component { kind: Kind::Dataset, name, id: dataset.clone(), ..Component::default() };
        card::data(&mut one, value);
        self.bom.components.push(one);
        self.relate(id, RelationKind::TrainedOn, &dataset);
    }

    /// What it was made from, unless our own properties tell how.
    fn ancestors(&mut self, id: &str, value: &Value) {
        let is_told = parts::properties(value).any(|(name, _)| {
            let word = name.strip_prefix(properties::RELATION).and_then(|rest| rest.split(':').next());
            word.and_then(RelationKind::of_word).is_some_and(RelationKind::is_descent)
        });
        let Some(pedigree) = value.get("pedigree").filter(|_| !is_told) else { return };
        for ancestor in items(pedigree, "ancestors") {
            if let Some(from) = self.component(ancestor, None) {
                self.relate(id, RelationKind::DerivedFrom, &from);
            }
        }
    }

    /// Addresses: links, and the files by which it is handed over.
    fn references(&mut self, one: &mut Component, value: &Value) {
        for reference in items(value, "externalReferences") {
            let Some(url) = text(reference, "url") else {
                self.told.at(reference.span, "a reference without an address is not used");
                continue;
            };
            let word = text(reference, "type").unwrap_or_default();
            let comment = text(reference, "comment");
            let hashes = parts::hashes(reference, self.told);
            if matches!(word.as_str(), "distribution" | "source-distribution")
                && (!hashes.is_empty() || comment.is_some())
            {
                // A relative address is the name, and a package URL stands for an address that nobody knows.
                let is_known = url.contains("://");
                let url = Some(url).filter(|_| is_known);
                one.distributions.push(Distribution { name: comment, url, hashes });
                continue;
            }
            let kind = link_kind(&word, comment.as_deref());
            one.links.insert(Link { kind, url });
            one.hashes.extend(hashes.into_iter().filter(|_| kind == LinkKind::Distribution));
        }
    }

    /// Properties: our own, those of others that tell places, and the rest.
    fn said(&mut self, one: &mut Component, value: &Value) {
        for (name, value) in parts::properties(value) {
            if !name.starts_with("custody:") {
                if is_place(name) && !value.is_empty() {
                    one.evidence.push(Occurrence { path: value.clone(), line: 0, how: None });
                }
                parts::add(&mut one.properties, name, value);
                continue;
            }
            match name {
                properties::KIND => one.kind = Kind::of_word(&value).unwrap_or(one.kind),
                properties::RANGE => one.range = Some(value),
                properties::VERSION => one.version = Some(value),
                properties::RELEASED => one.released = time::seconds(&value),
                properties::ENDPOINT => drop(one.endpoints.insert(value)),
                properties::EVIDENCE => one.evidence.push(parts::evidence(&value)),
                properties::HASH => one.hashes.extend(parts::hash(&value)),
                properties::PURL => one.purl = Some(value),
                properties::SCOPE => one.scope = scope(Some(&value)),
                properties::PRODUCER => one.producer = Some(Party { name: value, ..Party::default() }),
                _ => self.said_more(one, name, value),
            }
        }
    }

    fn said_more(&mut self, one: &mut Component, name: &str, value: String) {
        if let Some(name) = name.strip_prefix(properties::IDENTIFIER) {
            one.identifiers.insert((name.to_owned(), value));
        } else if let Some(key) = name.strip_prefix(properties::CARD) {
            card::said(one.card.get_or_insert_default(), key, &value);
        } else if let Some(unknown) = parts::unknown(name, &value, Some(&one.id)) {
            self.bom.unknowns.push(unknown);
        } else if let Some(word) = name.strip_prefix(properties::RELATION) {
            let (word, standing) = word.split_once(':').map_or((word, None), |(word, scope)| (word, Some(scope)));
            let parts = properties::parted(&value);
            if let (Some(kind), Some(to)) = (RelationKind::of_word(word), parts.first()) {
                self.told_relation(&one.id, to, kind).scope = scope(standing);
            }
        } else if let Some(word) = name.strip_prefix(properties::RELATION_EVIDENCE) {
            let parts = properties::parted(&value);
            if let (Some(kind), [to, place, ..]) = (RelationKind::of_word(word), parts.as_slice()) {
                let at = properties::occurrence(place, parts.get(2));
                self.told_relation(&one.id, to, kind).evidence.push(at);
            }
        } else if !properties::is_ours(name) {
            parts::add(&mut one.properties, name, value);
        }
    }

    /// Reads a service and those within it.
    pub(super) fn service(&mut self, value: &Value, parent: Option<&str>) {
        let Some(name) = text(value, "name") else {
            self.told.at(value.span, "a service without a name is not used");
            return;
        };
        let (group, version) = (text(value, "group"), text(value, "version"));
        let id = self.id(value, || made("service", group.as_deref(), &name, version.as_deref()));
        let mut one = Component {
            id: id.clone(),
            kind: Kind::Service,
            group,
            name,
            version,
            description: text(value, "description"),
            supplier: value.get("provider").and_then(parts::party),
            endpoints: texts(value, "endpoints").into_iter().collect(),
            licences: parts::licences(value),
            ..Component::default()
        };
        self.references(&mut one, value);
        self.said(&mut one, value);
        card::tags(&mut one, value);
        if let Some(parent) = parent {
            self.relate(parent, RelationKind::Contains, &id);
        }
        self.bom.components.push(one);
        for inner in items(value, "services") {
            self.service(inner, Some(&id));
        }
    }
}

/// A reference of one that has none.
fn made(word: &str, group: Option<&str>, name: &str, version: Option<&str>) -> String {
    let group = group.map_or_else(String::new, |group| format!("{group}/"));
    let version = version.map_or_else(String::new, |version| format!("@{version}"));
    format!("{word}:{group}{name}{version}")
}

fn identifiers(one: &mut Component, value: &Value) {
    let mut add = |name: &str, values: Vec<String>| {
        one.identifiers.extend(values.into_iter().map(|value| (name.to_owned(), value)));
    };
    add("cpe", text(value, "cpe").into_iter().collect());
    add("omnibor", texts(value, "omniborId"));
    add("swhid", texts(value, "swhid"));
    add("swid", value.get("swid").and_then(|swid| text(swid, "tagId")).into_iter().collect());
}

fn link_kind(word: &str, comment: Option<&str>) -> LinkKind {
    match word {
        "vcs" => LinkKind::Vcs,
        "website" => LinkKind::Website,
        "distribution" | "source-distribution" | "distribution-intake" => LinkKind::Distribution,
        "documentation" => LinkKind::Documentation,
        "model-card" => LinkKind::ModelCard,
        "issue-tracker" => LinkKind::Issues,
        "security-contact" => LinkKind::SecurityContact,
        "license" => LinkKind::Licence,
        "bom" => LinkKind::Bom,
        "attestation" => LinkKind::Attestation,
        "release-notes" => LinkKind::ReleaseNotes,
        "citation" => LinkKind::Paper,
        "other" if comment == Some("paper") => LinkKind::Paper,
        _ => LinkKind::Other,
    }
}

/// Whether a property tells where something was found: of syft, trivy and cdxgen.
fn is_place(name: &str) -> bool {
    (name.starts_with("syft:location:") && name.ends_with(":path"))
        || matches!(name, "aquasecurity:trivy:FilePath" | "SrcFile")
}

fn evidence(one: &mut Component, value: &Value) {
    let Some(evidence) = value.get("evidence") else { return };
    for occurrence in items(evidence, "occurrences") {
        let Some(path) = text(occurrence, "location") else { continue };
        let line = occurrence.get("line").and_then(Value::as_integer).and_then(|line| u32::try_from(line).ok());
        one.evidence.push(Occurrence { path, line: line.unwrap_or(0), how: text(occurrence, "additionalContext") });
    }
    // Others name the file as the value of the method by which it was found.
    if one.evidence.is_empty() {
        let identity = evidence.get("identity");
        let identities = identity.into_iter().flat_map(|one| std::iter::once(one).chain(one.items()));
        let methods = identities.flat_map(|identity| items(identity, "methods"));
        let paths: BTreeSet<String> = methods
            .filter(|method| {
                let technique = text(method, "technique");
                matches!(technique.as_deref(), Some("manifest-analysis" | "source-code-analysis" | "filename"))
            })
            .filter_map(|method| text(method, "value"))
            .collect();
        one.evidence.extend(paths.into_iter().map(|path| Occurrence { path, line: 0, how: None }));
    }
    let concluded = parts::licences(evidence).into_iter();
    one.licences.extend(concluded.map(|licence| Licence { standing: LicenceStanding::Concluded, ..licence }));
}
