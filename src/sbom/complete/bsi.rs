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
    Element {
        id: "format",
        title: "CycloneDX 1.6 or SPDX 3.0.1, or newer",
        cluster: DOCUMENT,
        known: Files,
        stated: "sbom --format writes both",
        tells: Document(is_new_enough),
    },
    Element {
        id: "sbom-creator",
        title: "mail or address of who made the document",
        cluster: DOCUMENT,
        known: Person,
        stated: "[sbom] author in custody.toml, with a mail or an address",
        tells: Document(|seen| seen.bom.about.authors.iter().any(of::is_reachable)),
    },
    Element {
        id: "timestamp",
        title: "when it was made",
        cluster: DOCUMENT,
        known: Files,
        stated: "",
        tells: Document(|seen| seen.bom.about.time.is_some()),
    },
    Element {
        id: "sbom-uri",
        title: "identifier of the document",
        cluster: DOCUMENT,
        known: Files,
        stated: "",
        tells: Document(|seen| seen.bom.about.format.is_none() || seen.bom.about.id.is_some()),
    },
    Element {
        id: "no-vulnerabilities",
        title: "no vulnerabilities in it",
        cluster: DOCUMENT,
        known: Files,
        stated: "keep VEX in a document of its own",
        tells: Document(|seen| !seen.bom.about.has_vulnerabilities),
    },
    Element {
        id: "component-creator",
        title: "mail or address of who makes each part",
        cluster: PARTS,
        known: Files,
        stated: "[[sbom.component]] producer in custody.toml, with a mail or an address",
        tells: Each(Parts, of::has_contact),
    },
    Element {
        id: "component-name",
        title: "name of each part",
        cluster: PARTS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::has_name),
    },
    Element {
        id: "component-version",
        title: "version of each part",
        cluster: PARTS,
        known: Files,
        stated: "a lock of the package manager, or cargo custody lock",
        tells: Each(Parts, of::has_version),
    },
    Element {
        id: "filename",
        title: "name of its file",
        cluster: PARTS,
        known: Files,
        stated: "a lock that names files, or cargo custody lock",
        tells: Each(Parts, of::has_file_name),
    },
    Element {
        id: "dependencies",
        title: "what each part needs, and whether that list is whole",
        cluster: PARTS,
        known: Files,
        stated: "a lock of the package manager",
        tells: Each(Parts, of::says_how_complete),
    },
    Element {
        id: "licences",
        title: "licence of each part",
        cluster: PARTS,
        known: Files,
        stated: "[[sbom.component]] licence in custody.toml",
        tells: Each(Parts, of::has_licence),
    },
    Element {
        id: "hash",
        title: "SHA-512 of what is deployed",
        cluster: PARTS,
        known: Files,
        stated: "what is built: a static look knows the digests of locks alone",
        tells: Each(Parts, of::has_sha512),
    },
    Element {
        id: "properties",
        title: "whether it is executable, an archive, structured",
        cluster: PARTS,
        known: Files,
        stated: "",
        tells: Each(Parts, has_properties),
    },
    Element {
        id: "other-identifiers",
        title: "other identifiers",
        cluster: PARTS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::has_identifier),
    },
    Element {
        id: "source-uri",
        title: "where its source or its files are",
        cluster: PARTS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::has_links),
    },
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
