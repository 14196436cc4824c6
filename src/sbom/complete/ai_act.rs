//! EU AI Act, Annex IV, as hints: the annex asks for documentation in words, of which a bill of materials can carry a
//! part. Nothing here says that the documentation is enough.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::{AnyModels, Datasets};
use super::tests_of as of;
use crate::sbom::model::statements as say;

const GENERAL: &str = "general description";
const DEVELOPMENT: &str = "development";
const OPERATION: &str = "monitoring and control";

pub(super) const ELEMENTS: &[Element] = &[
    Element::new(
        "1a-purpose",
        "intended purpose",
        GENERAL,
        Person,
        "[sbom.system] intended-use",
        Document(|seen| seen.states(say::INTENDED_USE)),
    ),
    Element::new(
        "1a-provider",
        "provider and version",
        GENERAL,
        Person,
        "[sbom] producer and version in custody.toml",
        Document(|seen| {
            seen.root().is_some_and(|root| root.version.is_some())
                && (seen.bom.about.producer.is_some() || seen.root().is_some_and(|root| of::has_maker(seen, root)))
        }),
    ),
    Element::new(
        "1b-interaction",
        "how it works with other software and hardware",
        GENERAL,
        Files,
        "",
        Document(|seen| !seen.bom.relations.is_empty()),
    ),
    Element::new(
        "1c-versions",
        "versions of software",
        GENERAL,
        Files,
        "a lock of the package manager, or cargo custody lock",
        Each(super::Whom::Parts, of::has_version),
    ),
    Element::new(
        "1e-hardware",
        "hardware it runs on",
        GENERAL,
        Person,
        "[sbom.system] hardware",
        Document(|seen| seen.states(say::HARDWARE)),
    ),
    Element::new(
        "2a-third-party",
        "models of others and how they were used",
        DEVELOPMENT,
        Files,
        "",
        Each(AnyModels, |seen, model| seen.is_related(model)),
    ),
    Element::new(
        "2b-design",
        "architecture and logic of models",
        DEVELOPMENT,
        Files,
        "the model's card",
        Each(AnyModels, |_, model| of::card(model, |card| card.family.is_some() || !card.architectures.is_empty())),
    ),
    Element::new(
        "2d-data",
        "where data comes from, and its scope",
        DEVELOPMENT,
        Person,
        "the data set's card or Croissant file",
        Each(Datasets, |_, data| of::card(data, |card| card.collection.is_some())),
    ),
    Element::new(
        "2e-oversight",
        "human oversight",
        DEVELOPMENT,
        Person,
        "[sbom.system] human-oversight",
        Document(|seen| seen.states(say::OVERSIGHT)),
    ),
    Element::new(
        "2g-validation",
        "how it was measured",
        DEVELOPMENT,
        Person,
        "the results in the model's card, or [sbom.system] performance",
        Document(|seen| {
            seen.states(say::PERFORMANCE)
                || seen.bom.components.iter().any(|part| of::card(part, |c| !c.metrics.is_empty()))
        }),
    ),
    Element::new(
        "2h-security",
        "measures of cybersecurity",
        DEVELOPMENT,
        Person,
        "[sbom.system] security-controls",
        Document(|seen| seen.states(say::SECURITY_CONTROLS)),
    ),
    Element::new(
        "3-limits",
        "what it can do, and its limits",
        OPERATION,
        Person,
        "[sbom.system] limitations",
        Document(|seen| seen.states(say::LIMITATIONS)),
    ),
    Element::new(
        "5-risks",
        "how risks are managed",
        OPERATION,
        Person,
        "[sbom.system] risk-management",
        Document(|seen| seen.states(say::RISK_MANAGEMENT)),
    ),
    Element::new(
        "7-standards",
        "standards that are applied",
        OPERATION,
        Person,
        "[sbom.system] standards",
        Document(|seen| seen.states(say::STANDARDS)),
    ),
    Element::new(
        "9-after",
        "what is watched after it is on the market",
        OPERATION,
        Person,
        "[sbom.system] post-market-plan",
        Document(|seen| seen.states(say::AFTER_MARKET)),
    ),
];
