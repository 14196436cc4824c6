//! CISA's draft of renewed minimum elements for a software bill of materials, 2025.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::Parts;
use super::tests_of as of;

const FIELDS: &str = "data fields";

pub(super) const ELEMENTS: &[Element] = &[
    Element::new(
        "software-producer",
        "producer of each part",
        FIELDS,
        Files,
        "[[sbom.component]] producer in custody.toml",
        Each(Parts, of::has_maker),
    ),
    Element::new("component-name", "name of each part", FIELDS, Files, "", Each(Parts, of::has_name)),
    Element::new(
        "component-version",
        "version of each part, or its date",
        FIELDS,
        Files,
        "a lock of the package manager, or cargo custody lock",
        Each(Parts, |s, p| of::has_version(s, p) || of::has_time(s, p)),
    ),
    Element::new("software-identifiers", "at least one identifier", FIELDS, Files, "", Each(Parts, of::has_identifier)),
    Element::new(
        "component-hash",
        "digest of each part",
        FIELDS,
        Files,
        "a lock with hashes, or cargo custody lock",
        Each(Parts, of::has_hash),
    ),
    Element::new(
        "license",
        "licence of each part",
        FIELDS,
        Files,
        "[[sbom.component]] licence in custody.toml",
        Each(Parts, of::has_licence),
    ),
    Element::new(
        "dependency-relationship",
        "how each part is needed, to the last",
        FIELDS,
        Files,
        "a lock of the package manager",
        Each(Parts, of::has_dependencies),
    ),
    Element::new(
        "known-unknowns",
        "whether lists are whole or known to lack something",
        FIELDS,
        Files,
        "",
        Each(Parts, of::says_how_complete),
    ),
    Element::new(
        "sbom-author",
        "author of the document",
        FIELDS,
        Person,
        "[sbom] author in custody.toml",
        Document(|seen| !seen.bom.about.authors.is_empty()),
    ),
    Element::new("timestamp", "when it was made", FIELDS, Files, "", Document(|seen| seen.bom.about.time.is_some())),
    Element::new("tool-name", "name of the tool", FIELDS, Files, "", Document(|seen| !seen.bom.about.tools.is_empty())),
    Element::new(
        "generation-context",
        "when in the product's life it was made",
        FIELDS,
        Files,
        "",
        Document(|seen| !seen.bom.about.phases.is_empty()),
    ),
];
