//! What components, services and the document itself have in common: parties, licences, digests, properties.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;

use super::address::address;
use super::address::is_mail;
use crate::sbom::licences;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Hash;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::Unknown;
use crate::sbom::properties;
use crate::sbom::write::json::Json;

/// Names and values of properties.
pub(super) type Said = Vec<(String, String)>;

/// Properties of a part's own; a name that is ours is no name of theirs.
pub(super) fn own(all: &BTreeMap<String, String>) -> Said {
    let all = all.iter().filter(|(name, _)| !properties::is_ours(name));
    all.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Properties; one without a value has its name alone.
pub(super) fn properties(json: &mut Json<'_>, said: &Said) -> io::Result<()> {
    json.list("properties", said, |json, (name, value)| {
        json.object(|json| {
            json.text("name", name)?;
            json.maybe("value", Some(value))
        })
    })
}

/// A part that cannot be told.
pub(super) fn unknown(unknown: &Unknown) -> (String, String) {
    let at = properties::place(&unknown.at);
    let mut parts = vec![unknown.text.as_str(), &unknown.why, &at];
    parts.extend(unknown.at.how.as_deref());
    (format!("{}{}", properties::UNKNOWN, unknown.kind.word()), properties::joined(&parts))
}

/// A place and how it tells of something.
pub(super) fn evidence(at: &Occurrence) -> String {
    let place = properties::place(at);
    let parts: Vec<&str> = std::iter::once(place.as_str()).chain(at.how.as_deref()).collect();
    properties::joined(&parts)
}

/// An organisation, or a person as one.
pub(super) fn party(json: &mut Json<'_>, key: &str, party: Option<&Party>) -> io::Result<()> {
    party.map_or(Ok(()), |party| json.object_at(key, |json| inside(json, party)))
}

/// What stands in an organisation.
pub(super) fn inside(json: &mut Json<'_>, party: &Party) -> io::Result<()> {
    json.maybe("name", Some(&party.name))?;
    let urls: BTreeSet<String> = party.urls.iter().filter_map(|url| address(url)).collect();
    json.texts("url", urls.iter().map(String::as_str))?;
    // A person is an organisation whose contact has its name.
    let name = party.is_person.then_some(party.name.as_str());
    let emails: Vec<Option<&str>> = mails(party);
    let contacts = emails.into_iter().filter(|email| email.is_some() || name.is_some());
    json.list("contact", contacts, |json, email| json.object(|json| contact(json, name, email)))
}

/// The addresses of mail of a party; one that is none where it has none.
fn mails(party: &Party) -> Vec<Option<&str>> {
    let mails: Vec<Option<&str>> =
        party.emails.iter().map(String::as_str).filter(|email| is_mail(email)).map(Some).collect();
    if mails.is_empty() { vec![None] } else { mails }
}

fn contact(json: &mut Json<'_>, name: Option<&str>, email: Option<&str>) -> io::Result<()> {
    json.maybe("name", name)?;
    json.maybe("email", email)
}

/// People, each with their first address of mail.
pub(super) fn authors(json: &mut Json<'_>, key: &str, authors: &[Party]) -> io::Result<()> {
    json.list(key, authors, |json, one| json.object(|json| person(json, one)))
}

/// What stands in a person.
pub(super) fn person(json: &mut Json<'_>, party: &Party) -> io::Result<()> {
    contact(json, Some(&party.name), mails(party).into_iter().flatten().next())
}

/// Licences. An expression stands alone: among others it is told by its name, as readers refuse the mixture.
pub(super) fn licences(json: &mut Json<'_>, licences: &[Licence]) -> io::Result<()> {
    let is_alone = licences.len() == 1;
    json.list("licenses", licences, |json, licence| {
        json.object(|json| {
            let standing = match licence.standing {
                LicenceStanding::Declared => "declared",
                LicenceStanding::Concluded => "concluded",
            };
            match &licence.name {
                LicenceName::Expression(text) if is_alone && licence.url.is_none() => {
                    json.text("expression", text)?;
                    json.text("acknowledgement", standing)
                }
                name => json.object_at("license", |json| {
                    // An id that the schemas lack would make the document invalid; by name it is told all the same.
                    let is_id = matches!(name, LicenceName::Id(id) if licences::is_in_schemas(id));
                    let key = if is_id { "id" } else { "name" };
                    json.text(key, name.text())?;
                    json.text("acknowledgement", standing)?;
                    json.maybe("url", licence.url.as_deref().and_then(address).as_deref())
                }),
            }
        })
    })
}

/// Whether the format knows the algorithm.
fn is_known(algorithm: Algorithm) -> bool {
    algorithm != Algorithm::Sha224
}

/// Digests by algorithms that the format knows.
pub(super) fn hashes(json: &mut Json<'_>, hashes: &BTreeSet<Hash>) -> io::Result<()> {
    json.list("hashes", hashes.iter().filter(|one| is_known(one.algorithm)), |json, one| {
        json.object(|json| {
            json.text("alg", one.algorithm.cyclonedx())?;
            json.text("content", &one.value)
        })
    })
}

/// Digests by algorithms that it does not know.
pub(super) fn odd_hashes(hashes: &BTreeSet<Hash>) -> Said {
    let odd = hashes.iter().filter(|one| !is_known(one.algorithm));
    odd.map(|one| (properties::HASH.to_owned(), format!("{}:{}", one.algorithm.cyclonedx(), one.value))).collect()
}
