//! What a person states in `custody.toml`, put onto the parts. It fills what is not known, and says so; it changes no
//! version and no digest.

use crate::config::PartStatements;
use crate::config::SbomStatements;
use crate::config::stars;
use crate::sbom::Bom;
use crate::sbom::model::Card;
use crate::sbom::model::Component;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Party;
use crate::sbom::time::seconds;

/// Property that lists what a person stated of a part.
pub(super) const STATED: &str = "custody:stated";

/// Puts what is stated onto a bill of materials. Its components need no order.
pub(super) fn add(bom: &mut Bom, said: &SbomStatements) {
    bom.about.authors.extend(said.authors.iter().map(|author| Party::of_text(author.as_str())));
    let party = |text: &Option<crate::source::Spanned<String>>| text.as_ref().map(|text| Party::of_text(text.as_str()));
    bom.about.supplier = party(&said.supplier).or(bom.about.supplier.take());
    bom.about.producer = party(&said.producer).or(bom.about.producer.take());
    bom.about.statements.extend(said.system.iter().map(|(name, text)| ((*name).to_owned(), text.value.clone())));
    if let Some(root) = bom.root.clone()
        && let Some(root) = bom.components.iter_mut().find(|part| part.id == root)
    {
        let mut stated = Vec::new();
        if let Some(name) = &said.name {
            root.name.clone_from(&name.value);
            stated.push("name");
        }
        if let Some(version) = said.version.as_ref().filter(|_| root.version.is_none()) {
            root.version = Some(version.value.clone());
            stated.push("version");
        }
        fill(&mut root.released, said.released.as_ref().and_then(|day| seconds(day.as_str())), "released", &mut stated);
        fill(&mut root.supplier, bom.about.supplier.clone(), "supplier", &mut stated);
        fill(&mut root.producer, bom.about.producer.clone(), "producer", &mut stated);
        mark(root, &stated);
    }
    for part in &mut bom.components {
        for said in &said.components {
            if fits(said.pattern.as_str(), part) {
                state(part, said);
            }
        }
    }
}

/// Whether a pattern means a part: its package URL, or its name with its group.
fn fits(pattern: &str, part: &Component) -> bool {
    let name = part.group.as_ref().map_or_else(|| part.name.clone(), |group| format!("{group}/{}", part.name));
    part.purl.as_ref().is_some_and(|purl| stars(pattern, purl)) || stars(pattern, &name)
}

fn state(part: &mut Component, said: &PartStatements) {
    let mut stated = Vec::new();
    let released = said.released.as_ref().and_then(|day| seconds(day.as_str()));
    fill(&mut part.released, released, "released", &mut stated);
    for (key, text) in &said.texts {
        let value = text.value.clone();
        match *key {
            "licence" if part.licences.is_empty() => {
                let name = LicenceName::of_text(&value);
                part.licences.push(Licence { name, url: None, standing: LicenceStanding::Concluded });
                stated.push(*key);
            }
            "licence" => {}
            "supplier" => fill(&mut part.supplier, Some(Party::of_text(&value)), key, &mut stated),
            "producer" => fill(&mut part.producer, Some(Party::of_text(&value)), key, &mut stated),
            "description" => fill(&mut part.description, Some(value), key, &mut stated),
            key => {
                let card = part.card.get_or_insert_default();
                if let Some(place) = text_of(card, key) {
                    fill(place, Some(value), key, &mut stated);
                }
            }
        }
    }
    for (key, list) in &said.lists {
        let card = part.card.get_or_insert_default();
        let place = match *key {
            "data-kinds" => &mut card.data_kinds,
            "inputs" => &mut card.inputs,
            "outputs" => &mut card.outputs,
            _ => &mut card.tasks,
        };
        if place.is_empty() {
            place.extend(list.iter().map(|text| text.value.clone()));
            stated.push(*key);
        }
    }
    if let Some(sensitive) = &said.sensitive {
        let card = part.card.get_or_insert_default();
        fill(&mut card.is_sensitive, Some(sensitive.value), "sensitive", &mut stated);
    }
    mark(part, &stated);
}

/// The text of a card that a key means.
fn text_of<'c>(card: &'c mut Card, key: &str) -> Option<&'c mut Option<String>> {
    Some(match key {
        "anonymisation" => &mut card.anonymisation,
        "bias" => &mut card.bias,
        "collection" => &mut card.collection,
        "energy" => &mut card.energy,
        "ethics" => &mut card.ethics,
        "intended-use" => &mut card.intended_use,
        "limitations" => &mut card.limitations,
        "out-of-scope" => &mut card.out_of_scope,
        "preprocessing" => &mut card.preprocessing,
        "training" => &mut card.training,
        "updates" => &mut card.updates,
        _ => return None,
    })
}

/// What is not known is what is stated.
fn fill<'k, T>(place: &mut Option<T>, value: Option<T>, key: &'k str, stated: &mut Vec<&'k str>) {
    if place.is_none() && value.is_some() {
        *place = value;
        stated.push(key);
    }
}

fn mark(part: &mut Component, stated: &[&str]) {
    if stated.is_empty() {
        return;
    }
    let mut all: Vec<&str> = part.properties.get(STATED).map(|text| text.split(", ").collect()).unwrap_or_default();
    all.extend(stated);
    all.sort_unstable();
    all.dedup();
    let text = all.join(", ");
    part.properties.insert(STATED.to_owned(), text);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Home, of};
    use crate::parse::{Budget, toml};
    use crate::sbom::model::Kind;
    use crate::source::FileId;

    fn stated(text: &str, mut bom: Bom) -> Bom {
        let (config, problems) = of(&toml::parse(text, &mut Budget::default()), FileId(0), Home::default());
        assert_eq!(problems.len(), 0, "{problems:?}");
        add(&mut bom, &config.sbom);
        bom
    }

    #[test]
    fn what_is_not_known_is_filled_and_marked() {
        let model = |name: &str| Component {
            id: name.to_owned(),
            kind: Kind::Model,
            group: Some("acme".to_owned()),
            name: name.to_owned(),
            purl: Some(format!("pkg:huggingface/acme/{name}")),
            ..Component::default()
        };
        let mut known = model("chat");
        known.description = Some("its own".to_owned());
        let bom = Bom { root: Some("chat".to_owned()), components: vec![known, model("other")], ..Bom::default() };
        let bom = stated(
            "[sbom]\nversion = \"1.0\"\nproducer = \"Acme <https://example.com>\"\n[sbom.system]\nhardware = \"one card\"\n\
             [[sbom.component]]\nmatch = \"acme/chat\"\ndescription = \"another\"\nlicence = \"llama3.2\"\nintended-use = \"talk\"\n\
             sensitive = false\nreleased = 2026-11-27\n",
            bom,
        );
        let chat = &bom.components[0];
        assert_eq!(chat.description.as_deref(), Some("its own"));
        assert_eq!(chat.licences[0].name, LicenceName::Named("llama3.2".to_owned()));
        assert_eq!(chat.released, Some(1_795_737_600));
        assert_eq!(chat.version.as_deref(), Some("1.0"));
        assert_eq!(chat.card.as_ref().and_then(|card| card.is_sensitive), Some(false));
        assert_eq!(chat.properties[STATED], "intended-use, licence, producer, released, sensitive, version");
        assert_eq!(bom.components[1].properties.len(), 0);
        assert_eq!(bom.about.statements["hardware"], "one card");
    }

    #[test]
    fn days_are_counted_from_1970() {
        assert_eq!(seconds("1970-01-01"), Some(0));
        assert_eq!(seconds("2000-02-29"), Some(951_782_400));
    }
}
