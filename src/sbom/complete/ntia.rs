//! NTIA "The minimum elements for a software bill of materials", 2021: the data fields.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::Parts;
use super::tests_of as of;

const FIELDS: &str = "data fields";

pub(super) const ELEMENTS: &[Element] = &[
    Element::new(
        "supplier",
        "supplier of each part",
        FIELDS,
        Files,
        "[[sbom.component]] supplier in custody.toml",
        Each(Parts, of::has_maker),
    ),
    Element::new("component-name", "name of each part", FIELDS, Files, "", Each(Parts, of::has_name)),
    Element::new(
        "component-version",
        "version of each part",
        FIELDS,
        Files,
        "a lock of the package manager, or cargo custody lock",
        Each(Parts, of::has_version),
    ),
    Element::new("other-identifiers", "other unique identifiers", FIELDS, Files, "", Each(Parts, of::has_identifier)),
    Element::new(
        "dependency-relationship",
        "how each part is needed",
        FIELDS,
        Files,
        "a lock of the package manager",
        Each(Parts, of::has_dependencies),
    ),
    Element::new(
        "author",
        "author of the document",
        FIELDS,
        Person,
        "[sbom] author in custody.toml",
        Document(|seen| !seen.bom.about.authors.is_empty()),
    ),
    Element::new("timestamp", "when it was made", FIELDS, Files, "", Document(|seen| seen.bom.about.time.is_some())),
];
