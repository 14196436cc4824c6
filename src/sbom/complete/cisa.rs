//! CISA's draft of renewed minimum elements for a software bill of materials, 2025.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::Parts;
use super::tests_of as of;

const FIELDS: &str = "data fields";

pub(super) const ELEMENTS: &[Element] = &[
    Element {
        id: "software-producer",
        title: "producer of each part",
        cluster: FIELDS,
        known: Files,
        stated: "[[sbom.component]] producer in custody.toml",
        tells: Each(Parts, of::has_maker),
    },
    Element {
        id: "component-name",
        title: "name of each part",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::has_name),
    },
    Element {
        id: "component-version",
        title: "version of each part, or its date",
        cluster: FIELDS,
        known: Files,
        stated: "a lock of the package manager, or cargo custody lock",
        tells: Each(Parts, |s, p| of::has_version(s, p) || of::has_time(s, p)),
    },
    Element {
        id: "software-identifiers",
        title: "at least one identifier",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::has_identifier),
    },
    Element {
        id: "component-hash",
        title: "digest of each part",
        cluster: FIELDS,
        known: Files,
        stated: "a lock with hashes, or cargo custody lock",
        tells: Each(Parts, of::has_hash),
    },
    Element {
        id: "license",
        title: "licence of each part",
        cluster: FIELDS,
        known: Files,
        stated: "[[sbom.component]] licence in custody.toml",
        tells: Each(Parts, of::has_licence),
    },
    Element {
        id: "dependency-relationship",
        title: "how each part is needed, to the last",
        cluster: FIELDS,
        known: Files,
        stated: "a lock of the package manager",
        tells: Each(Parts, of::has_dependencies),
    },
    Element {
        id: "known-unknowns",
        title: "whether lists are whole or known to lack something",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::says_how_complete),
    },
    Element {
        id: "sbom-author",
        title: "author of the document",
        cluster: FIELDS,
        known: Person,
        stated: "[sbom] author in custody.toml",
        tells: Document(|seen| !seen.bom.about.authors.is_empty()),
    },
    Element {
        id: "timestamp",
        title: "when it was made",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Document(|seen| seen.bom.about.time.is_some()),
    },
    Element {
        id: "tool-name",
        title: "name of the tool",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Document(|seen| !seen.bom.about.tools.is_empty()),
    },
    Element {
        id: "generation-context",
        title: "when in the product's life it was made",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Document(|seen| !seen.bom.about.phases.is_empty()),
    },
];
