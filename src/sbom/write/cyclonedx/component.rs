//! Components and services.

use std::collections::BTreeSet;
use std::io;

use super::Version;
use super::Whole;
use super::address::address;
use super::card;
use super::card::Place;
use super::parts;
use super::parts::Said;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::properties;
use crate::sbom::time;
use crate::sbom::write::json::Json;

/// The longest version that the format takes.
const VERSION: usize = 1024;

/// The type of a kind, and whether that tells it.
fn kind(kind: Kind) -> (&'static str, bool) {
    match kind {
        Kind::Application => ("application", true),
        Kind::Library => ("library", true),
        Kind::Framework => ("framework", true),
        Kind::Action | Kind::Tool | Kind::Service => ("application", false),
        Kind::Image => ("container", true),
        Kind::Model => ("machine-learning-model", true),
        Kind::Tokenizer | Kind::Adapter | Kind::HostedModel => ("machine-learning-model", false),
        Kind::Kernel | Kind::Other => ("library", false),
        Kind::Dataset => ("data", true),
        Kind::File => ("file", true),
        Kind::Platform => ("platform", true),
        Kind::OperatingSystem => ("operating-system", true),
        Kind::Device => ("device", true),
    }
}

fn scope(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::Required => None,
        Scope::Optional => Some("optional"),
        Scope::Excluded => Some("excluded"),
    }
}

/// What stands in a component.
pub(super) fn component(json: &mut Json<'_>, whole: &Whole<'_>, one: &Component) -> io::Result<()> {
    let (word, is_told) = kind(one.kind);
    json.text("type", word)?;
    json.text("bom-ref", &one.id)?;
    parts::party(json, "supplier", one.supplier.as_ref())?;
    parts::party(json, "manufacturer", one.producer.as_ref())?;
    parts::authors(json, "authors", &one.authors)?;
    json.maybe("group", one.group.as_deref())?;
    json.text("name", &one.name)?;
    version(json, whole, one)?;
    json.maybe("description", one.description.as_deref())?;
    json.maybe("scope", scope(one.scope))?;
    parts::hashes(json, &one.hashes)?;
    parts::licences(json, &one.licences)?;
    json.maybe("copyright", one.copyright.as_deref())?;
    let odd = identifiers(json, one)?;
    pedigree(json, whole, one)?;
    references(json, one)?;
    json.list("components", &one.files, |json, file| json.object(|json| self::file(json, file)))?;
    evidence(json, whole.version, one)?;
    let place = Place::of(word);
    card::native(json, whole, one, place)?;
    let mut said = said(whole, one);
    said.extend(odd);
    if !is_told {
        said.push((properties::KIND.to_owned(), one.kind.word().to_owned()));
    }
    said.extend(one.endpoints.iter().map(|at| (properties::ENDPOINT.to_owned(), at.clone())));
    if let (Some(card), false) = (&one.card, place == Place::Model) {
        said.extend(card::rest(card, place));
    }
    parts::properties(json, &said)?;
    json.texts("tags", one.card.iter().flat_map(|card| card.tags.iter().map(String::as_str)))
}

/// A release, or since 1.7 a range of them of what the surroundings bring.
fn version(json: &mut Json<'_>, whole: &Whole<'_>, one: &Component) -> io::Result<()> {
    let version = one.version.as_deref().filter(|text| text.len() <= VERSION);
    json.maybe("version", version)?;
    // What is shipped or only builds is nothing that the surroundings bring.
    if whole.version < Version::V1_7 || one.scope == Scope::Excluded || whole.is_root(one) {
        return Ok(());
    }
    let range = one.range.as_deref().filter(|_| version.is_none());
    let range = range.and_then(|range| super::range::vers(one.purl.as_deref()?, range));
    json.maybe("versionRange", range.as_deref())?;
    if range.is_some() || one.kind == Kind::HostedModel {
        json.truth("isExternal", true)?;
    }
    Ok(())
}

/// Identifiers; those that the format has no field for are given back.
fn identifiers(json: &mut Json<'_>, one: &Component) -> io::Result<Said> {
    let of = |name: &'static str| {
        one.identifiers.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    };
    json.maybe("cpe", of("cpe").next())?;
    json.maybe("purl", one.purl.as_deref())?;
    json.texts("omniborId", of("omnibor"))?;
    json.texts("swhid", of("swhid"))?;
    if let Some(tag) = of("swid").next() {
        json.object_at("swid", |json| {
            json.text("tagId", tag)?;
            json.text("name", &one.name)
        })?;
    }
    let mut seen = BTreeSet::new();
    let odd = one.identifiers.iter().filter(|(name, _)| match name.as_str() {
        "omnibor" | "swhid" => false,
        "cpe" | "swid" => !seen.insert(name.as_str()),
        _ => true,
    });
    Ok(odd.map(|(name, value)| (format!("{}{name}", properties::IDENTIFIER), value.clone())).collect())
}

/// The models it was made from, told by their names alone.
fn pedigree(json: &mut Json<'_>, whole: &Whole<'_>, one: &Component) -> io::Result<()> {
    let ancestors: BTreeSet<&str> = whole
        .relations(&one.id)
        .filter(|relation| relation.kind.is_descent())
        .map(|relation| relation.to.as_str())
        .collect();
    if ancestors.is_empty() {
        return Ok(());
    }
    json.object_at("pedigree", |json| {
        let ancestors = ancestors.iter().filter_map(|id| whole.bom.component(id));
        json.list("ancestors", ancestors, |json, ancestor| {
            json.object(|json| {
                json.text("type", kind(ancestor.kind).0)?;
                json.maybe("group", ancestor.group.as_deref())?;
                json.text("name", &ancestor.name)?;
                json.maybe("version", ancestor.version.as_deref().filter(|text| text.len() <= VERSION))?;
                json.maybe("purl", ancestor.purl.as_deref())
            })
        })
    })
}

/// Addresses: where more of it is found, and the files by which it is handed over.
fn references(json: &mut Json<'_>, one: &Component) -> io::Result<()> {
    let links = one.links.iter().filter_map(|link| {
        let comment = (link.kind == LinkKind::Paper).then_some("paper");
        Some((link_kind(link.kind), address(&link.url)?, comment, None))
    });
    let files = one.distributions.iter().filter_map(|file| {
        Some((file_kind(one, file), file_address(one, file)?, file.name.as_deref(), Some(&file.hashes)))
    });
    json.list("externalReferences", links.chain(files), |json, (kind, url, comment, hashes)| {
        json.object(|json| {
            json.text("type", kind)?;
            json.text("url", &url)?;
            json.maybe("comment", comment)?;
            hashes.map_or(Ok(()), |hashes| parts::hashes(json, hashes))
        })
    })
}

fn link_kind(kind: LinkKind) -> &'static str {
    match kind {
        LinkKind::Vcs => "vcs",
        LinkKind::Website => "website",
        LinkKind::Distribution => "distribution",
        LinkKind::Documentation => "documentation",
        LinkKind::ModelCard => "model-card",
        LinkKind::Issues => "issue-tracker",
        LinkKind::SecurityContact => "security-contact",
        LinkKind::Licence => "license",
        LinkKind::Bom => "bom",
        LinkKind::Attestation => "attestation",
        LinkKind::ReleaseNotes => "release-notes",
        LinkKind::Paper | LinkKind::Other => "other",
    }
}

/// A source archive of an index of Python, or anything else that is handed over.
fn file_kind(one: &Component, file: &Distribution) -> &'static str {
    let name = file.name.as_deref().or(file.url.as_deref()).unwrap_or_default();
    let is_archive = [".tar.gz", ".tar.bz2", ".zip"].iter().any(|ending| name.ends_with(ending));
    let is_python = one.purl.as_deref().is_some_and(|purl| purl.starts_with("pkg:pypi/"));
    if is_archive && is_python { "source-distribution" } else { "distribution" }
}

/// Where the file is; of one whose address is not known its name, which is an address relative to wherever the
/// component is had; of one without a name the package URL.
fn file_address(one: &Component, file: &Distribution) -> Option<String> {
    let known = file.url.as_deref().and_then(address);
    known.or_else(|| address(&file.name.as_deref()?.replace(':', "%3A"))).or_else(|| address(one.purl.as_deref()?))
}

fn file(json: &mut Json<'_>, file: &FileEntry) -> io::Result<()> {
    json.text("type", "file")?;
    json.text("name", &file.path)?;
    parts::hashes(json, &file.hashes)?;
    let mut said = parts::odd_hashes(&file.hashes);
    said.extend(file.format.iter().map(|format| (properties::FORMAT.to_owned(), format.clone())));
    said.extend(file.size.iter().map(|size| (properties::SIZE.to_owned(), size.to_string())));
    parts::properties(json, &said)
}

/// Where the tree tells of it, and that it is known by reading these files.
fn evidence(json: &mut Json<'_>, version: Version, one: &Component) -> io::Result<()> {
    if one.evidence.is_empty() {
        return Ok(());
    }
    json.object_at("evidence", |json| {
        // Since 1.6 a list; readers that are older than that know one object alone, which 1.6 allows as well.
        match version {
            Version::V1_6 => json.object_at("identity", |json| identity(json, one))?,
            Version::V1_7 => json.list("identity", [one], |json, one| json.object(|json| identity(json, one)))?,
        }
        json.list("occurrences", &one.evidence, |json, at| {
            json.object(|json| {
                json.text("location", &at.path)?;
                if at.line > 0 {
                    json.number("line", u64::from(at.line))?;
                }
                json.maybe("additionalContext", at.how.as_deref())
            })
        })
    })
}

fn identity(json: &mut Json<'_>, one: &Component) -> io::Result<()> {
    let techniques: BTreeSet<&str> = one.evidence.iter().map(|at| technique(&at.path)).collect();
    json.text("field", if one.purl.is_some() { "purl" } else { "name" })?;
    json.list("methods", techniques, |json, technique| {
        json.object(|json| {
            json.text("technique", technique)?;
            // It stands there; nothing is guessed.
            json.number("confidence", 1)
        })
    })
}

/// How a file is read: code, or what lists things.
fn technique(path: &str) -> &'static str {
    const CODE: &[&str] = &["py", "ipynb", "rs", "sh", "ps1", "c", "cc", "cpp", "js", "ts", "go", "java"];
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    if CODE.contains(&ending) { "source-code-analysis" } else { "manifest-analysis" }
}

/// What a component and a service tell in properties alike.
fn said(whole: &Whole<'_>, one: &Component) -> Said {
    let mut said = parts::own(&one.properties);
    said.extend(parts::odd_hashes(&one.hashes));
    let mut push = |name: &str, value: String| said.push((name.to_owned(), value));
    if let Some(version) = one.version.as_ref().filter(|text| text.len() > VERSION) {
        push(properties::VERSION, version.clone());
    }
    if let Some(range) = &one.range {
        push(properties::RANGE, range.clone());
    }
    if let Some(released) = one.released.and_then(time::text) {
        push(properties::RELEASED, released);
    }
    // Of what is needed and no more the dependencies tell.
    let is_plain =
        |one: &Relation| one.kind == RelationKind::DependsOn && one.scope == Scope::Required && one.evidence.is_empty();
    let told: BTreeSet<&str> =
        whole.relations(&one.id).filter(|one| !is_plain(one)).map(|one| one.to.as_str()).collect();
    for relation in whole.relations(&one.id).filter(|one| told.contains(one.to.as_str())) {
        let word = relation.kind.word();
        let name = match scope(relation.scope) {
            Some(scope) => format!("{}{word}:{scope}", properties::RELATION),
            None => format!("{}{word}", properties::RELATION),
        };
        said.push((name, properties::joined(&[&relation.to])));
        for at in &relation.evidence {
            let place = properties::place(at);
            let parts: Vec<&str> = [relation.to.as_str(), &place].into_iter().chain(at.how.as_deref()).collect();
            said.push((format!("{}{word}", properties::RELATION_EVIDENCE), properties::joined(&parts)));
        }
    }
    said.extend(whole.unknowns.get(one.id.as_str()).into_iter().flatten().map(|one| parts::unknown(one)));
    said
}

/// What stands in a service.
pub(super) fn service(json: &mut Json<'_>, whole: &Whole<'_>, one: &Component) -> io::Result<()> {
    json.text("bom-ref", &one.id)?;
    parts::party(json, "provider", one.supplier.as_ref())?;
    json.maybe("group", one.group.as_deref())?;
    json.text("name", &one.name)?;
    json.maybe("version", one.version.as_deref().filter(|text| text.len() <= VERSION))?;
    json.maybe("description", one.description.as_deref())?;
    // One that is written with what no address may hold, such as `${HOST}`, stays as it is and stands in a property.
    let (legal, odd): (Vec<&str>, Vec<&str>) =
        one.endpoints.iter().map(String::as_str).partition(|at| address(at).as_deref() == Some(at));
    json.texts("endpoints", legal)?;
    parts::licences(json, &one.licences)?;
    references(json, one)?;
    let mut said = said(whole, one);
    let mut push = |name: &str, value: &str| said.push((name.to_owned(), value.to_owned()));
    odd.iter().for_each(|endpoint| push(properties::ENDPOINT, endpoint));
    if let Some(producer) = &one.producer {
        push(properties::PRODUCER, &producer.name);
    }
    if let Some(purl) = &one.purl {
        push(properties::PURL, purl);
    }
    if let Some(scope) = scope(one.scope) {
        push(properties::SCOPE, scope);
    }
    one.evidence.iter().for_each(|at| push(properties::EVIDENCE, &parts::evidence(at)));
    for (name, value) in &one.identifiers {
        push(&format!("{}{name}", properties::IDENTIFIER), value);
    }
    if let Some(card) = &one.card {
        said.extend(card::rest(card, Place::Elsewhere));
    }
    parts::properties(json, &said)?;
    json.texts("tags", one.card.iter().flat_map(|card| card.tags.iter().map(String::as_str)))
}
