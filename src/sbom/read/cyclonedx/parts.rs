//! What components, services and the document itself have in common.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::items;
use crate::parse::json::Kind as JsonKind;
use crate::parse::json::Value;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::Unknown;
use crate::sbom::properties;
use crate::sbom::read::Told;
use crate::sbom::read::cut;

/// The text under a key; an empty one is none.
pub(super) fn text(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned)
}

/// Texts of a list under a key.
pub(super) fn texts(value: &Value, key: &str) -> Vec<String> {
    items(value, key).iter().filter_map(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned).collect()
}

/// Names and values of properties, in order.
pub(super) fn properties(value: &Value) -> impl Iterator<Item = (&str, String)> {
    items(value, "properties").iter().filter_map(|one| {
        let name = one.get("name").and_then(Value::as_str).filter(|name| !name.is_empty())?;
        let value = one.get("value").and_then(|value| match &value.kind {
            JsonKind::String(text) => Some(text.text.clone()),
            JsonKind::Bool(truth) => Some(truth.to_string()),
            JsonKind::Integer(number) => Some(number.to_string()),
            _ => None,
        });
        Some((name, value.unwrap_or_default()))
    })
}

/// Adds a property. One name may have several values, which stand in lines of their own then.
pub(super) fn add(all: &mut BTreeMap<String, String>, name: &str, value: String) {
    match all.get_mut(name) {
        None => drop(all.insert(name.to_owned(), value)),
        Some(held) if value.is_empty() || *held == value => {}
        Some(held) => {
            held.push('\n');
            held.push_str(&value);
        }
    }
}

/// A part that cannot be told, of its property.
pub(super) fn unknown(name: &str, value: &str, owner: Option<&str>) -> Option<Unknown> {
    let kind = Kind::of_word(name.strip_prefix(properties::UNKNOWN)?)?;
    let parts = properties::parted(value);
    let [text, why, place, ..] = parts.as_slice() else { return None };
    let at = properties::occurrence(place, parts.get(3));
    Some(Unknown { kind, text: text.clone(), why: why.clone(), owner: owner.map(str::to_owned), at })
}

/// A place, of its property.
pub(super) fn evidence(value: &str) -> Occurrence {
    let parts = properties::parted(value);
    properties::occurrence(parts.first().map_or("", String::as_str), parts.get(1))
}

/// An organisation; a person where its contact has its name.
pub(super) fn party(value: &Value) -> Option<Party> {
    let contacts = items(value, "contact");
    let first = contacts.first().and_then(|one| text(one, "name"));
    let emails: BTreeSet<String> = contacts.iter().filter_map(|one| text(one, "email")).collect();
    // Before 1.6 the address of the organisation could be one text.
    let urls: BTreeSet<String> = texts(value, "url").into_iter().chain(text(value, "url")).collect();
    let name = text(value, "name");
    let is_person = first.is_some() && (name.is_none() || name == first);
    let name = name.or(first).or_else(|| urls.first().cloned()).or_else(|| emails.first().cloned())?;
    Some(Party { name, urls, emails, is_person })
}

/// People.
pub(super) fn authors(value: &Value, key: &str) -> Vec<Party> {
    items(value, key).iter().filter_map(person).collect()
}

/// A person.
pub(super) fn person(value: &Value) -> Option<Party> {
    let emails: BTreeSet<String> = text(value, "email").into_iter().collect();
    let name = text(value, "name").or_else(|| emails.first().cloned())?;
    Some(Party { name, emails, is_person: true, urls: BTreeSet::new() })
}

/// Licences of a part.
pub(super) fn licences(value: &Value) -> Vec<Licence> {
    items(value, "licenses").iter().filter_map(licence).collect()
}

fn licence(value: &Value) -> Option<Licence> {
    let own = value.get("license").unwrap_or(value);
    let name = text(value, "expression").or_else(|| text(own, "id")).or_else(|| text(own, "name"))?;
    let standing = match text(own, "acknowledgement").as_deref() {
        Some("concluded") => LicenceStanding::Concluded,
        _ => LicenceStanding::Declared,
    };
    Some(Licence { name: LicenceName::of_text(&name), url: text(own, "url"), standing })
}

/// Digests of a part. One that is none is told and lost.
pub(super) fn hashes(value: &Value, told: &mut Told<'_>) -> BTreeSet<Hash> {
    let mut out = BTreeSet::new();
    for one in items(value, "hashes") {
        let (name, content) = (text(one, "alg").unwrap_or_default(), text(one, "content").unwrap_or_default());
        match Algorithm::of_name(&name).map(|algorithm| Hash::new(algorithm, &content)) {
            Some(Some(hash)) => drop(out.insert(hash)),
            Some(None) => told.at(one.span, format!("`{}` is no digest by {}", cut(&content), cut(&name))),
            None => told.at(one.span, format!("`{}` is no algorithm that is known", cut(&name))),
        }
    }
    out
}

/// A digest that a property tells: `SHA-224:…`.
pub(super) fn hash(value: &str) -> Option<Hash> {
    Hash::of_text(value)
}
