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
    Element {
        id: "1a-purpose",
        title: "intended purpose",
        cluster: GENERAL,
        known: Person,
        stated: "[sbom.system] intended-use",
        tells: Document(|seen| seen.states(say::INTENDED_USE)),
    },
    Element {
        id: "1a-provider",
        title: "provider and version",
        cluster: GENERAL,
        known: Person,
        stated: "[sbom] producer and version in custody.toml",
        tells: Document(|seen| {
            seen.root().is_some_and(|root| root.version.is_some())
                && (seen.bom.about.producer.is_some() || seen.root().is_some_and(|root| of::has_maker(seen, root)))
        }),
    },
    Element {
        id: "1b-interaction",
        title: "how it works with other software and hardware",
        cluster: GENERAL,
        known: Files,
        stated: "",
        tells: Document(|seen| !seen.bom.relations.is_empty()),
    },
    Element {
        id: "1c-versions",
        title: "versions of software",
        cluster: GENERAL,
        known: Files,
        stated: "a lock of the package manager, or cargo custody lock",
        tells: Each(super::Whom::Parts, of::has_version),
    },
    Element {
        id: "1e-hardware",
        title: "hardware it runs on",
        cluster: GENERAL,
        known: Person,
        stated: "[sbom.system] hardware",
        tells: Document(|seen| seen.states(say::HARDWARE)),
    },
    Element {
        id: "2a-third-party",
        title: "models of others and how they were used",
        cluster: DEVELOPMENT,
        known: Files,
        stated: "",
        tells: Each(AnyModels, |seen, model| seen.is_related(model)),
    },
    Element {
        id: "2b-design",
        title: "architecture and logic of models",
        cluster: DEVELOPMENT,
        known: Files,
        stated: "the model's card",
        tells: Each(AnyModels, |_, model| {
            of::card(model, |card| card.family.is_some() || !card.architectures.is_empty())
        }),
    },
    Element {
        id: "2d-data",
        title: "where data comes from, and its scope",
        cluster: DEVELOPMENT,
        known: Person,
        stated: "the data set's card or Croissant file",
        tells: Each(Datasets, |_, data| of::card(data, |card| card.collection.is_some())),
    },
    Element {
        id: "2e-oversight",
        title: "human oversight",
        cluster: DEVELOPMENT,
        known: Person,
        stated: "[sbom.system] human-oversight",
        tells: Document(|seen| seen.states(say::OVERSIGHT)),
    },
    Element {
        id: "2g-validation",
        title: "how it was measured",
        cluster: DEVELOPMENT,
        known: Person,
        stated: "the results in the model's card, or [sbom.system] performance",
        tells: Document(|seen| {
            seen.states(say::PERFORMANCE)
                || seen.bom.components.iter().any(|part| of::card(part, |c| !c.metrics.is_empty()))
        }),
    },
    Element {
        id: "2h-security",
        title: "measures of cybersecurity",
        cluster: DEVELOPMENT,
        known: Person,
        stated: "[sbom.system] security-controls",
        tells: Document(|seen| seen.states(say::SECURITY_CONTROLS)),
    },
    Element {
        id: "3-limits",
        title: "what it can do, and its limits",
        cluster: OPERATION,
        known: Person,
        stated: "[sbom.system] limitations",
        tells: Document(|seen| seen.states(say::LIMITATIONS)),
    },
    Element {
        id: "5-risks",
        title: "how risks are managed",
        cluster: OPERATION,
        known: Person,
        stated: "[sbom.system] risk-management",
        tells: Document(|seen| seen.states(say::RISK_MANAGEMENT)),
    },
    Element {
        id: "7-standards",
        title: "standards that are applied",
        cluster: OPERATION,
        known: Person,
        stated: "[sbom.system] standards",
        tells: Document(|seen| seen.states(say::STANDARDS)),
    },
    Element {
        id: "9-after",
        title: "what is watched after it is on the market",
        cluster: OPERATION,
        known: Person,
        stated: "[sbom.system] post-market-plan",
        tells: Document(|seen| seen.states(say::AFTER_MARKET)),
    },
];
