//! SPDX 2 as JSON. Source: SPDX 2.3, its JSON schema.

use crate::parse::json::Value;
use crate::sbom::read::Told;
use crate::sbom::read::cut;

use super::document::Document;
use super::document::Extracted;
use super::document::Item;
use super::document::Relation;

fn text<'d>(value: &'d Value, key: &str) -> Option<&'d str> {
    value.get(key)?.as_str().filter(|text| !text.trim().is_empty())
}

fn list<'d>(value: &'d Value, key: &str) -> &'d [Value] {
    value.get(key).map(Value::items).unwrap_or_default()
}

fn texts<'d>(value: &'d Value, key: &str) -> Vec<&'d str> {
    list(value, key).iter().filter_map(Value::as_str).collect()
}

/// Lowers a document.
pub(super) fn read<'d>(root: &'d Value, told: &mut Told<'_>) -> Document<'d> {
    let creation = root.get("creationInfo");
    let created = creation.and_then(|one| one.get("created"));
    let mut document = Document {
        version: text(root, "spdxVersion"),
        namespace: text(root, "documentNamespace"),
        licence: text(root, "dataLicense"),
        created: created.and_then(|value| Some((value.as_str()?, told.line(value.span)))),
        creators: creation.map(|one| texts(one, "creators")).unwrap_or_default(),
        describes: texts(root, "documentDescribes"),
        ..Document::default()
    };
    for (key, items) in [("packages", &mut document.packages), ("files", &mut document.files)] {
        for value in list(root, key) {
            if value.as_object().is_none() {
                told.at(value.span, format!("an item of `{key}` is no object, and is left out"));
                continue;
            }
            items.push(item(value, told));
        }
    }
    for value in list(root, "relationships") {
        match relation(value, told) {
            Some(relation) => document.relations.push(relation),
            None => told.at(value.span, "a relationship lacks one of its ends or its type, and is left out"),
        }
    }
    // A list of what a package holds, of documents before 2.3.
    for value in list(root, "packages") {
        let Some(from) = text(value, "SPDXID") else { continue };
        let line = told.line(value.span);
        document.relations.extend(texts(value, "hasFiles").into_iter().map(|to| Relation {
            from,
            kind: "CONTAINS",
            to,
            comment: None,
            line,
        }));
    }
    document.licences = list(root, "hasExtractedLicensingInfos").iter().map(extracted).collect();
    document
}

fn item<'d>(value: &'d Value, told: &mut Told<'_>) -> Item<'d> {
    let mut item = Item {
        id: text(value, "SPDXID"),
        name: text(value, "name").or_else(|| text(value, "fileName")),
        version: text(value, "versionInfo"),
        supplier: text(value, "supplier"),
        originator: text(value, "originator"),
        download: text(value, "downloadLocation"),
        home: text(value, "homepage"),
        source: text(value, "sourceInfo"),
        concluded: text(value, "licenseConcluded"),
        declared: text(value, "licenseDeclared"),
        copyright: text(value, "copyrightText"),
        summary: text(value, "summary"),
        description: text(value, "description"),
        purpose: text(value, "primaryPackagePurpose"),
        released: text(value, "releaseDate"),
        file_name: text(value, "packageFileName"),
        line: told.line(value.span),
        ..Item::default()
    };
    for one in list(value, "checksums") {
        match (text(one, "algorithm"), text(one, "checksumValue")) {
            (Some(algorithm), Some(digest)) => item.checksums.push((algorithm, digest, told.line(one.span))),
            _ => {
                let name = item.name.map(cut).unwrap_or_default();
                told.at(one.span, format!("a checksum of `{name}` lacks its algorithm or its value"));
            }
        }
    }
    for one in list(value, "externalRefs") {
        if let Some(locator) = text(one, "referenceLocator") {
            let category = text(one, "referenceCategory").unwrap_or_default();
            item.references.push((category, text(one, "referenceType").unwrap_or_default(), locator));
        }
    }
    item
}

fn relation<'d>(value: &'d Value, told: &Told<'_>) -> Option<Relation<'d>> {
    Some(Relation {
        from: text(value, "spdxElementId")?,
        kind: text(value, "relationshipType")?,
        to: text(value, "relatedSpdxElement")?,
        comment: text(value, "comment"),
        line: told.line(value.span),
    })
}

fn extracted(value: &Value) -> Extracted<'_> {
    Extracted {
        id: text(value, "licenseId"),
        name: text(value, "name"),
        text: text(value, "extractedText"),
        url: list(value, "seeAlsos").iter().find_map(Value::as_str),
    }
}
