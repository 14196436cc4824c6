//! Components as packages and files, with the files by which they are handed over and of which they consist.

use std::borrow::Cow;
use std::io;

use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Scope;
use crate::sbom::time;

use super::Shared;
use super::agents;
use super::cards;
use super::element::Elements;
use super::element::Name;
use super::element::Object;
use super::names;
use super::names::property;

/// The name of a component with its group, as hubs and registries write it.
pub(super) fn full_name(component: &Component) -> Cow<'_, str> {
    match &component.group {
        Some(group) if !group.is_empty() => Cow::Owned(format!("{group}/{}", component.name)),
        _ => Cow::Borrowed(&component.name),
    }
}

/// Writes a component with what belongs to it alone.
pub(super) fn write<'b>(shared: &Shared<'b>, component: &'b Component, elements: &mut Elements<'_>) -> io::Result<()> {
    let class = names::class(component.kind);
    elements.element(class, Name::Own("component", &component.id), |object| {
        object.text("name", &full_name(component));
        object.some("description", component.description.as_ref());
        object.hashes(&component.hashes);
        identifiers(component, object);
        let mut properties = properties(component);
        if let Some(card) = &component.card {
            cards::properties(card, component.kind, &mut properties);
        }
        object.properties(&properties);
        let made = agents::producer(shared.bom, component)
            .into_iter()
            .chain(&component.authors)
            .filter_map(|party| shared.agents.name(party));
        object.names("originatedBy", made);
        if let Some(supplier) = agents::supplier(shared.bom, component).and_then(|party| shared.agents.name(party)) {
            object.name("suppliedBy", supplier);
        }
        object.some("releaseTime", component.released.and_then(time::text).as_ref());
        object.some("software_copyrightText", component.copyright.as_ref());
        object.text("software_primaryPurpose", names::purpose(component.kind));
        let mut links: Vec<_> = component.links.iter().collect();
        if component.kind != Kind::File {
            object.some("software_packageVersion", component.version.as_ref());
            object.some("software_packageUrl", component.purl.as_ref());
            let fields =
                [(LinkKind::Distribution, "software_downloadLocation"), (LinkKind::Website, "software_homePage")];
            for (kind, field) in fields {
                if let Some(at) = links.iter().position(|link| link.kind == kind) {
                    object.text(field, &links.remove(at).url);
                }
            }
        }
        object.links(links.iter().map(|link| {
            let (name, comment) = names::link(link.kind);
            (name, link.url.as_str(), comment)
        }));
        cards::fields(component, object);
    })?;
    distributions(component, elements)?;
    files(component, elements)?;
    licences(shared, component, elements)?;
    cards::evidence(component, elements)
}

/// Names by which others know it.
fn identifiers(component: &Component, object: &mut Object<'_>) {
    // A file has no field for it.
    let purl = component.purl.as_ref().filter(|_| component.kind == Kind::File);
    let purl = purl.map(|purl| ("packageUrl", purl.as_str(), ""));
    let others = component.identifiers.iter().map(|(scheme, text)| {
        let kind = match scheme.as_str() {
            "cpe" if text.starts_with("cpe:2.3:") => "cpe23",
            "cpe" => "cpe22",
            "swid" => "swid",
            "swhid" => "swhid",
            "omnibor" => "gitoid",
            _ => "other",
        };
        (kind, text.as_str(), if kind == "other" { scheme.as_str() } else { "" })
    });
    let all = purl.into_iter().chain(others).filter(|(_, text, _)| !text.is_empty());
    object.objects("externalIdentifier", all, |object, (kind, text, scheme)| {
        object.text("type", "ExternalIdentifier");
        object.text("externalIdentifierType", kind);
        object.text("identifier", text);
        object.text("comment", scheme);
    });
}

/// What SPDX has no field for.
fn properties(component: &Component) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut push = |name: &str, text: &str| {
        if !text.is_empty() {
            all.push((name.to_owned(), text.to_owned()));
        }
    };
    let kind = component.kind;
    // A file that is a component is told from those that belong to one.
    if kind == Kind::File || names::of_class(names::class(kind), Some(names::purpose(kind))) != kind {
        push(property::KIND, kind.word());
    }
    push(property::GROUP, component.group.as_deref().unwrap_or_default());
    if kind == Kind::File {
        push(property::VERSION, component.version.as_deref().unwrap_or_default());
    }
    push(property::RANGE, component.range.as_deref().unwrap_or_default());
    match component.scope {
        Scope::Required => {}
        scope => push(property::SCOPE, names::scope(scope)),
    }
    for endpoint in &component.endpoints {
        push(property::ENDPOINT, endpoint);
    }
    for (name, text) in &component.properties {
        push(name, text);
    }
    all
}

/// The name of a file by which a component is handed over: its own, else the end of its address, else its digest.
fn file_name(file: &Distribution) -> Option<Cow<'_, str>> {
    if let Some(name) = file.name.as_deref().filter(|name| !name.is_empty()) {
        return Some(Cow::Borrowed(name));
    }
    let of_url = file.url.as_deref().and_then(|url| {
        let path = url.split(['?', '#']).next()?;
        path.rsplit('/').next().filter(|name| !name.is_empty())
    });
    if let Some(name) = of_url {
        return Some(Cow::Borrowed(name));
    }
    file.hashes.iter().next().map(|hash| Cow::Owned(format!("{}:{}", hash.algorithm.spdx(), hash.value)))
}

fn distributions(component: &Component, elements: &mut Elements<'_>) -> io::Result<()> {
    let known = component.distributions.iter().enumerate();
    let known: Vec<(usize, &Distribution, Cow<'_, str>)> =
        known.filter_map(|(at, file)| Some((at, file, file_name(file)?))).collect();
    for (at, file, name) in &known {
        elements.element("software_File", Name::Of("distribution", *at, &component.id), |object| {
            object.text("name", name);
            object.hashes(&file.hashes);
            object.links(file.url.iter().map(|url| ("binaryArtifact", url.as_str(), None)));
        })?;
    }
    if known.is_empty() {
        return Ok(());
    }
    elements.element("Relationship", Name::Own("distributions", &component.id), |object| {
        object.name("from", Name::Own("component", &component.id));
        object.text("relationshipType", "hasDistributionArtifact");
        object.names("to", known.iter().map(|(at, ..)| Name::Of("distribution", *at, &component.id)));
    })
}

fn files(component: &Component, elements: &mut Elements<'_>) -> io::Result<()> {
    for (at, file) in component.files.iter().enumerate() {
        elements.element("software_File", Name::Of("content", at, &component.id), |object| {
            object.text("name", &file.path);
            object.hashes(&file.hashes);
            let size = file.size.map(|size| (property::SIZE.to_owned(), size.to_string()));
            let format = file.format.as_ref().map(|format| (property::FORMAT.to_owned(), format.clone()));
            object.properties(&size.into_iter().chain(format).collect::<Vec<_>>());
            object.text("software_fileKind", "file");
        })?;
    }
    if component.files.is_empty() {
        return Ok(());
    }
    elements.element("Relationship", Name::Own("contents", &component.id), |object| {
        object.name("from", Name::Own("component", &component.id));
        object.text("relationshipType", "contains");
        object.names("to", (0..component.files.len()).map(|at| Name::Of("content", at, &component.id)));
    })
}

fn licences<'b>(shared: &Shared<'b>, component: &'b Component, elements: &mut Elements<'_>) -> io::Result<()> {
    for (standing, kind, name) in [
        (LicenceStanding::Declared, "hasDeclaredLicense", "declared"),
        (LicenceStanding::Concluded, "hasConcludedLicense", "concluded"),
    ] {
        let is_said = |licence: &&Licence| licence.standing == standing;
        let said = component.licences.iter().filter(is_said).filter_map(|licence| shared.licences.name(licence));
        let said: Vec<Name<'b>> = said.collect();
        if said.is_empty() {
            continue;
        }
        elements.element("Relationship", Name::Own(name, &component.id), |object| {
            object.name("from", Name::Own("component", &component.id));
            object.text("relationshipType", kind);
            object.names("to", said);
        })?;
    }
    Ok(())
}
