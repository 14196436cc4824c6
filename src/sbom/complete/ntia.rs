//! NTIA "The minimum elements for a software bill of materials", 2021: the data fields.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::Parts;
use super::tests_of as of;

const FIELDS: &str = "data fields";

pub(super) const ELEMENTS: &[Element] = &[
    Element {
        id: "supplier",
        title: "supplier of each part",
        cluster: FIELDS,
        known: Files,
        stated: "[[sbom.component]] supplier in custody.toml",
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
        title: "version of each part",
        cluster: FIELDS,
        known: Files,
        stated: "a lock of the package manager, or cargo custody lock",
        tells: Each(Parts, of::has_version),
    },
    Element {
        id: "other-identifiers",
        title: "other unique identifiers",
        cluster: FIELDS,
        known: Files,
        stated: "",
        tells: Each(Parts, of::has_identifier),
    },
    Element {
        id: "dependency-relationship",
        title: "how each part is needed",
        cluster: FIELDS,
        known: Files,
        stated: "a lock of the package manager",
        tells: Each(Parts, of::has_dependencies),
    },
    Element {
        id: "author",
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
];
