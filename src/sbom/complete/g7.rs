//! G7 "SBOM for AI: minimum elements", by the ids of its public vocabulary.

use super::Element;
use super::KnownBy::{Files, Person};
use super::Tells::{Document, Each};
use super::Whom::{AnyModels, Datasets, Models};
use super::seen::Seen;
use super::tests_of as of;
use crate::sbom::model::Kind;
use crate::sbom::model::RelationKind;
use crate::sbom::model::statements as say;

const METADATA: &str = "metadata";
const SYSTEM: &str = "system";
const MODELS: &str = "models";
const DATA: &str = "data sets";
const BELOW: &str = "infrastructure";
const SECURITY: &str = "security";
const NUMBERS: &str = "performance";

const CARD: &str = "the model's card, or [[sbom.component]] in custody.toml";
const DATA_CARD: &str = "the data set's card or Croissant file, or [[sbom.component]] in custody.toml";
const LOCK: &str = "cargo custody lock";

pub(super) const ELEMENTS: &[Element] = &[
    Element::new(
        "sbom-author",
        "author of the document",
        METADATA,
        Person,
        "[sbom] author in custody.toml",
        Document(has_author),
    ),
    Element::new("sbom-version", "version of the document", METADATA, Files, "", Document(has_revision)),
    Element::new("sbom-data-format-name", "name of the format", METADATA, Files, "", Document(is_of_a_format)),
    Element::new("sbom-data-format-version", "version of the format", METADATA, Files, "", Document(is_of_a_format)),
    Element::new(
        "sbom-author-signature",
        "signature of the author",
        METADATA,
        Person,
        "sign the document, or the statement of --statement",
        Document(|s| s.bom.about.is_signed),
    ),
    Element::new(
        "sbom-tool-name",
        "name of the tool",
        METADATA,
        Files,
        "",
        Document(|s| !s.bom.about.tools.is_empty()),
    ),
    Element::new(
        "sbom-tool-version",
        "version of the tool",
        METADATA,
        Files,
        "",
        Document(|s| s.bom.about.tools.iter().any(|tool| tool.version.is_some())),
    ),
    Element::new(
        "sbom-generation-context",
        "when in the product's life it was made",
        METADATA,
        Files,
        "",
        Document(|s| !s.bom.about.phases.is_empty()),
    ),
    Element::new("sbom-timestamp", "when it was made", METADATA, Files, "", Document(|s| s.bom.about.time.is_some())),
    Element::new(
        "sbom-dependency-relationship",
        "how the parts depend on each other",
        METADATA,
        Files,
        "",
        Document(|s| !s.bom.relations.is_empty()),
    ),
    Element::new(
        "system-name",
        "name",
        SYSTEM,
        Files,
        "the manifest at the root, or [sbom] name",
        Document(|s| s.root().is_some()),
    ),
    Element::new(
        "system-components",
        "parts",
        SYSTEM,
        Files,
        "",
        Document(|s| s.root().is_some_and(|root| s.has(root, |_| true))),
    ),
    Element::new(
        "system-producer",
        "maker",
        SYSTEM,
        Person,
        "[sbom] producer in custody.toml",
        Document(|s| s.bom.about.producer.is_some() || s.root().is_some_and(|root| of::has_maker(s, root))),
    ),
    Element::new(
        "system-version",
        "version",
        SYSTEM,
        Files,
        "the manifest at the root, or [sbom] version",
        Document(|s| s.root().is_some_and(|root| root.version.is_some())),
    ),
    Element::new(
        "system-timestamp",
        "when it was built or released",
        SYSTEM,
        Person,
        "[sbom] released in custody.toml",
        Document(|s| s.root().is_some_and(|root| root.released.is_some())),
    ),
    Element::new(
        "system-data-flow",
        "how data flows",
        SYSTEM,
        Person,
        "[sbom.system] data-flow",
        Document(|s| s.states(say::DATA_FLOW)),
    ),
    Element::new(
        "system-data-usage",
        "how data is used, personal data among it",
        SYSTEM,
        Person,
        "[sbom.system] data-usage",
        Document(|s| s.states(say::DATA_USAGE)),
    ),
    Element::new(
        "system-input-output-properties",
        "what goes in and comes out",
        SYSTEM,
        Person,
        "[sbom.system] inputs-outputs",
        Document(|s| s.states(say::INPUTS_OUTPUTS)),
    ),
    Element::new(
        "system-intended-application-area",
        "what it is for",
        SYSTEM,
        Person,
        "[sbom.system] intended-use",
        Document(|s| s.states(say::INTENDED_USE)),
    ),
    Element::new("model-name", "name", MODELS, Files, "", Each(AnyModels, of::has_name)),
    Element::new("model-identifier", "identifier", MODELS, Files, "", Each(AnyModels, of::has_identifier)),
    Element::new("model-version", "version of the weights", MODELS, Files, LOCK, Each(AnyModels, of::has_version)),
    Element::new(
        "model-timestamp",
        "when it was made or released",
        MODELS,
        Person,
        CARD,
        Each(AnyModels, of::has_time),
    ),
    Element::new("model-producer", "maker", MODELS, Files, CARD, Each(AnyModels, of::has_maker)),
    Element::new("model-description", "description", MODELS, Files, CARD, Each(AnyModels, of::has_description)),
    Element::new("model-hash-value", "digests of the weights", MODELS, Files, LOCK, Each(Models, of::has_hash)),
    Element::new("model-hash-algorithm", "algorithm of the digests", MODELS, Files, LOCK, Each(Models, of::has_hash)),
    Element::new(
        "model-properties",
        "technical properties",
        MODELS,
        Files,
        CARD,
        Each(AnyModels, |_, m| {
            of::card(m, |c| {
                c.family.is_some() || !c.architectures.is_empty() || c.parameters.is_some() || !c.tasks.is_empty()
            })
        }),
    ),
    Element::new(
        "model-input-output-properties",
        "what goes in and comes out",
        MODELS,
        Files,
        CARD,
        Each(AnyModels, |_, m| of::card(m, |c| !c.inputs.is_empty() || !c.outputs.is_empty())),
    ),
    Element::new(
        "model-training-properties",
        "how it was trained",
        MODELS,
        Files,
        CARD,
        Each(AnyModels, |s, m| of::card(m, |c| c.training.is_some()) || s.is_processed(m) || s.has(m, is_training)),
    ),
    Element::new("model-license", "licence", MODELS, Files, CARD, Each(AnyModels, of::has_licence)),
    Element::new("model-external-references", "where more is found", MODELS, Files, "", Each(AnyModels, of::has_links)),
    Element::new("dataset-name", "name", DATA, Files, "", Each(Datasets, of::has_name)),
    Element::new("dataset-description", "description", DATA, Files, DATA_CARD, Each(Datasets, of::has_description)),
    Element::new(
        "dataset-content",
        "what it holds, and how much",
        DATA,
        Files,
        DATA_CARD,
        Each(Datasets, |_, d| of::card(d, |c| !c.data_kinds.is_empty() || c.rows.is_some() || c.bytes.is_some())),
    ),
    Element::new("dataset-identifier", "identifier", DATA, Files, "", Each(Datasets, of::has_identifier)),
    Element::new("dataset-hash", "digests", DATA, Files, LOCK, Each(Datasets, of::has_hash)),
    Element::new(
        "dataset-provenance",
        "how it was collected",
        DATA,
        Person,
        DATA_CARD,
        Each(Datasets, |_, d| {
            of::card(d, |c| c.collection.is_some() || c.preprocessing.is_some() || c.updates.is_some())
        }),
    ),
    Element::new(
        "dataset-statistical-properties",
        "size, noise and bias",
        DATA,
        Files,
        DATA_CARD,
        Each(Datasets, |_, d| of::card(d, |c| c.rows.is_some() || !c.splits.is_empty() || c.bias.is_some())),
    ),
    Element::new(
        "dataset-sensitivity",
        "whether it holds personal or sensitive data",
        DATA,
        Person,
        DATA_CARD,
        Each(Datasets, |_, d| of::card(d, |c| c.is_sensitive.is_some() || c.sensitive.is_some())),
    ),
    Element::new(
        "dataset-dependency-relationship",
        "which model it was used for",
        DATA,
        Files,
        "",
        Each(Datasets, |s, d| s.is_related(d) || s.is_processed(d)),
    ),
    Element::new("dataset-license", "licence", DATA, Files, DATA_CARD, Each(Datasets, of::has_licence)),
    Element::new("infrastructure-software", "software below it", BELOW, Files, "", Document(has_software_below)),
    Element::new(
        "infrastructure-hardware",
        "hardware it needs",
        BELOW,
        Person,
        "[sbom.system] hardware",
        Document(|s| s.states(say::HARDWARE) || s.bom.components.iter().any(|part| part.kind == Kind::Device)),
    ),
    Element::new(
        "security-controls",
        "controls that protect it",
        SECURITY,
        Person,
        "[sbom.system] security-controls",
        Document(|s| s.states(say::SECURITY_CONTROLS)),
    ),
    Element::new(
        "security-compliance",
        "standards it is held against",
        SECURITY,
        Person,
        "[sbom.system] compliance",
        Document(|s| s.states(say::COMPLIANCE) || s.states(say::STANDARDS)),
    ),
    Element::new(
        "cybersecurity-policy",
        "where flaws are told",
        SECURITY,
        Person,
        "[sbom.system] security-policy",
        Document(|s| s.states(say::SECURITY_POLICY) || has_security_contact(s)),
    ),
    Element::new(
        "vulnerability-referencing",
        "where known flaws are judged",
        SECURITY,
        Person,
        "[sbom.system] vulnerabilities: the address of a VEX document",
        Document(|s| s.states(say::VULNERABILITIES) || s.bom.about.has_vulnerabilities),
    ),
    Element::new(
        "security-metrics",
        "numbers on security",
        NUMBERS,
        Person,
        "[sbom.system] security-metrics",
        Document(|s| s.states(say::SECURITY_METRICS)),
    ),
    Element::new(
        "operational-performance-kpis",
        "numbers on performance",
        NUMBERS,
        Person,
        "[sbom.system] performance, or the results in the model's card",
        Document(|s| {
            s.states(say::PERFORMANCE) || s.bom.components.iter().any(|m| of::card(m, |c| !c.metrics.is_empty()))
        }),
    ),
];

fn has_author(seen: &Seen<'_>) -> bool {
    !seen.bom.about.authors.is_empty()
}

/// One that was made here gets its revision when it is written.
fn has_revision(seen: &Seen<'_>) -> bool {
    seen.bom.about.format.is_none() || seen.bom.about.revision.is_some()
}

/// One that was made here gets its format when it is written.
fn is_of_a_format(_: &Seen<'_>) -> bool {
    true
}

fn is_training(kind: RelationKind) -> bool {
    matches!(kind, RelationKind::TrainedOn | RelationKind::TrainedBy) || kind.is_descent()
}

/// Images, runtimes, systems, or the libraries that a product runs on.
fn has_software_below(seen: &Seen<'_>) -> bool {
    let is_below =
        |kind| matches!(kind, Kind::Image | Kind::Platform | Kind::OperatingSystem | Kind::Framework | Kind::Library);
    seen.bom.components.iter().any(|part| is_below(part.kind))
}

fn has_security_contact(seen: &Seen<'_>) -> bool {
    use crate::sbom::model::LinkKind::SecurityContact;
    seen.root().is_some_and(|root| root.links.iter().any(|link| link.kind == SecurityContact))
}
