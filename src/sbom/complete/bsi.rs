//! BSI TR-03183-2, version 2.1.0: the fields of the document and of each part.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::Parts;
use super::tests_of as of;
use crate::sbom::model::Format;

use super::seen::Seen;

const DOCUMENT: &str = "document";
const PARTS: &str = "parts";

pub(super) const ELEMENTS: &[Element] = &[
    Element::new(
        "format",
        "CycloneDX 1.6 or SPDX 3.0.1, or newer",
        DOCUMENT,
        Files,
        "sbom --format writes both",
        Document(is_new_enough),
    ),
    Element::new(
        "sbom-creator",
        "mail or address of who made the document",
        DOCUMENT,
        Person,
        "[sbom] author in custody.toml, with a mail or an address",
        Document(|seen| seen.bom.about.authors.iter().any(of::is_reachable)),
    ),
    Element::new("timestamp", "when it was made", DOCUMENT, Files, "", Document(|seen| seen.bom.about.time.is_some())),
    Element::new(
        "sbom-uri",
        "identifier of the document",
        DOCUMENT,
        Files,
        "",
        Document(|seen| seen.bom.about.format.is_none() || seen.bom.about.id.is_some()),
    ),
    Element::new(
        "no-vulnerabilities",
        "no vulnerabilities in it",
        DOCUMENT,
        Files,
        "keep VEX in a document of its own",
        Document(|seen| !seen.bom.about.has_vulnerabilities),
    ),
    Element::new(
        "component-creator",
        "mail or address of who makes each part",
        PARTS,
        Files,
        "[[sbom.component]] producer in custody.toml, with a mail or an address",
        Each(Parts, of::has_contact),
    ),
    Element::new("component-name", "name of each part", PARTS, Files, "", Each(Parts, of::has_name)),
    Element::new(
        "component-version",
        "version of each part",
        PARTS,
        Files,
        "a lock of the package manager, or cargo custody lock",
        Each(Parts, of::has_version),
    ),
    Element::new(
        "filename",
        "name of its file",
        PARTS,
        Files,
        "a lock that names files, or cargo custody lock",
        Each(Parts, of::has_file_name),
    ),
    Element::new(
        "dependencies",
        "what each part needs, and whether that list is whole",
        PARTS,
        Files,
        "a lock of the package manager",
        Each(Parts, of::says_how_complete),
    ),
    Element::new(
        "licences",
        "licence of each part",
        PARTS,
        Files,
        "[[sbom.component]] licence in custody.toml",
        Each(Parts, of::has_licence),
    ),
    Element::new(
        "hash",
        "SHA-512 of what is deployed",
        PARTS,
        Files,
        "what is built: a static look knows the digests of locks alone",
        Each(Parts, of::has_sha512),
    ),
    Element::new(
        "properties",
        "whether it is executable, an archive, structured",
        PARTS,
        Files,
        "",
        Each(Parts, has_properties),
    ),
    Element::new("other-identifiers", "other identifiers", PARTS, Files, "", Each(Parts, of::has_identifier)),
    Element::new("source-uri", "where its source or its files are", PARTS, Files, "", Each(Parts, of::has_links)),
];

/// One that was made here is written in such a version.
fn is_new_enough(seen: &Seen<'_>) -> bool {
    let at_least = |version: &str, wanted: &[u32]| {
        let parts: Vec<u32> = version.split('.').map_while(|part| part.parse().ok()).collect();
        parts.as_slice() >= wanted
    };
    match &seen.bom.about.format {
        None => true,
        Some(Format::CycloneDx(version)) => at_least(version, &[1, 6]),
        Some(Format::Spdx3(version)) => at_least(version, &[3, 0, 1]),
        Some(Format::Spdx2(_)) => false,
    }
}

/// The names that the guideline gives to these properties in CycloneDX.
fn has_properties(_: &Seen<'_>, part: &crate::sbom::model::Component) -> bool {
    const NAMES: &[&str] = &["bsi:component:executable", "bsi:component:archive", "bsi:component:structured"];
    NAMES.iter().all(|name| part.properties.contains_key(*name))
}
