//! What SPDX 3 calls what the model knows, for both its writer and its reader.

use crate::sbom::model::Completeness;
use crate::sbom::model::Kind;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Metric;
use crate::sbom::model::Phase;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;

/// The context of SPDX 3.0.1, as its schema asks for it.
pub(crate) const CONTEXT: &str = "https://spdx.org/rdf/3.0.1/spdx-context.jsonld";
/// The version of SPDX that is written.
pub(crate) const VERSION: &str = "3.0.1";

/// What stands beside the time of a document that has none, which SPDX does not allow.
pub(crate) const NO_TIME: &str = "When the document was made is not known; the time is that of no event";
/// What stands beside the text of a licence that was not read.
pub(crate) const NO_TEXT: &str = "The licence is known by this name alone; its text was not read";

/// Names of properties for what SPDX has no field for.
pub(crate) mod property {
    pub(crate) use crate::sbom::properties::{
        CARD, ENDPOINT, FORMAT, GROUP, KIND, NAME, PRODUCER, RANGE, REVISION, SCOPE, SIZE, STATEMENT, VERSION,
    };
}

/// Names of hyperparameters that the model knows by fields of their own.
pub(crate) mod hyperparameter {
    /// How many parameters a model has.
    pub(crate) const PARAMETERS: &str = "parameters";
    /// Types of its weights.
    pub(crate) const DTYPE: &str = "dtype";
    /// How it is quantised.
    pub(crate) const QUANTISATION: &str = "quantization";
    /// Tokens that it looks at.
    pub(crate) const CONTEXT_LENGTH: &str = "context_length";
}

/// What SPDX calls the purpose of a component of a kind. Source: SPDX 3.0.1, SoftwarePurpose.
pub(crate) fn purpose(kind: Kind) -> &'static str {
    match kind {
        Kind::Application => "application",
        Kind::Library => "library",
        Kind::Framework => "framework",
        Kind::Action | Kind::Tool => "executable",
        Kind::Image => "container",
        Kind::Model | Kind::Adapter | Kind::HostedModel => "model",
        Kind::Tokenizer | Kind::Dataset => "data",
        Kind::Kernel => "module",
        Kind::File => "file",
        Kind::Platform => "platform",
        Kind::OperatingSystem => "operatingSystem",
        Kind::Device => "device",
        Kind::Service | Kind::Other => "other",
    }
}

/// The kind of a component of a purpose.
pub(crate) fn of_purpose(purpose: &str) -> Option<Kind> {
    Some(match purpose {
        "application" | "executable" => Kind::Application,
        "library" | "module" => Kind::Library,
        "framework" => Kind::Framework,
        "container" => Kind::Image,
        "model" => Kind::Model,
        "data" => Kind::Dataset,
        "file" => Kind::File,
        "platform" => Kind::Platform,
        "operatingSystem" => Kind::OperatingSystem,
        "device" | "deviceDriver" | "firmware" => Kind::Device,
        "other" => Kind::Other,
        _ => return None,
    })
}

/// The kind of a package that is told by its package URL alone.
pub(crate) fn of_purl(purl: &str) -> Kind {
    match purl.strip_prefix("pkg:").and_then(|rest| rest.split('/').next()) {
        Some("oci" | "docker") => Kind::Image,
        Some("huggingface" | "mlflow") => Kind::Model,
        Some("githubactions") => Kind::Action,
        _ => Kind::Library,
    }
}

/// The type of element that stands for a component of a kind.
pub(crate) fn class(kind: Kind) -> &'static str {
    match kind {
        Kind::Model | Kind::Adapter | Kind::Tokenizer | Kind::HostedModel => "ai_AIPackage",
        Kind::Dataset => "dataset_DatasetPackage",
        Kind::File => "software_File",
        _ => "software_Package",
    }
}

/// The kind of a component by the type of its element and its purpose.
pub(crate) fn of_class(class: &str, purpose: Option<&str>) -> Kind {
    match class {
        "ai_AIPackage" => Kind::Model,
        "dataset_DatasetPackage" => Kind::Dataset,
        "software_File" => Kind::File,
        _ => purpose.and_then(of_purpose).unwrap_or_default(),
    }
}

/// What SPDX calls what is found at an address, and the word that tells it from others under that name.
const LINKS: &[(LinkKind, &str, Option<&str>)] = &[
    (LinkKind::Vcs, "vcs", None),
    (LinkKind::Website, "altWebPage", None),
    (LinkKind::Distribution, "altDownloadLocation", None),
    (LinkKind::Documentation, "documentation", None),
    (LinkKind::ModelCard, "productMetadata", Some("model card")),
    (LinkKind::Issues, "issueTracker", None),
    (LinkKind::SecurityContact, "securityPolicy", None),
    (LinkKind::Licence, "license", None),
    (LinkKind::Bom, "other", Some("bill of materials")),
    (LinkKind::Attestation, "other", Some("attestation")),
    (LinkKind::ReleaseNotes, "releaseNotes", None),
    (LinkKind::Paper, "documentation", Some("paper")),
    (LinkKind::Other, "other", None),
];

/// What SPDX calls what is found at an address, with a comment where that says less. Source: SPDX 3.0.1,
/// ExternalRefType.
pub(crate) fn link(kind: LinkKind) -> (&'static str, Option<&'static str>) {
    LINKS.iter().find(|row| row.0 == kind).map_or(("other", None), |row| (row.1, row.2))
}

/// What is found at an address by SPDX's name for it and a comment.
pub(crate) fn of_link(name: &str, comment: Option<&str>) -> LinkKind {
    let exact = LINKS.iter().find(|row| row.1 == name && row.2 == comment);
    let row = exact.or_else(|| LINKS.iter().find(|row| row.1 == name));
    match (row, name) {
        (Some(row), _) if name != "other" || exact.is_some() => row.0,
        (_, "chat" | "support" | "mailingList" | "socialMedia") => LinkKind::Other,
        (_, "binaryArtifact" | "sourceArtifact" | "mavenCentral" | "npm" | "nuget" | "bower") => LinkKind::Distribution,
        (_, "releaseHistory") => LinkKind::ReleaseNotes,
        (_, "secureSoftwareAttestation" | "certificationReport") => LinkKind::Attestation,
        (_, "securityAdvisory" | "vulnerabilityDisclosureReport") => LinkKind::SecurityContact,
        _ => LinkKind::Other,
    }
}

/// Before the task of a process, which SPDX wants as an address.
pub(crate) const TASK: &str = "https://github.com/cargo-custody/cargo-custody/tasks/";

/// A task as the end of an address.
pub(crate) fn task(task: &str) -> String {
    let plain: String = task.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
    if plain.is_empty() { "build".to_owned() } else { plain }
}

/// How a property tells what a component is needed for.
pub(crate) fn scope(scope: Scope) -> &'static str {
    match scope {
        Scope::Required => "required",
        Scope::Optional => "optional",
        Scope::Excluded => "excluded",
    }
}

/// What a component is needed for by the word of a property.
pub(crate) fn of_scope(word: &str) -> Option<Scope> {
    [Scope::Required, Scope::Optional, Scope::Excluded].into_iter().find(|own| scope(*own) == word)
}

/// Whether SPDX tells a relation from its other end: the script generates the model.
pub(crate) fn is_backward(kind: RelationKind) -> bool {
    matches!(kind, RelationKind::TrainedBy | RelationKind::BuiltFrom | RelationKind::CopyOf)
}

/// What SPDX calls a relation, and the word that tells it from others under that name. Source: SPDX 3.0.1,
/// RelationshipType.
pub(crate) fn relation(kind: RelationKind, scope: Scope) -> (&'static str, Option<&'static str>) {
    let name = match kind {
        RelationKind::DependsOn if scope == Scope::Optional => "hasOptionalDependency",
        RelationKind::DependsOn => return ("dependsOn", None),
        RelationKind::Contains => return ("contains", None),
        RelationKind::FineTunedFrom
        | RelationKind::QuantisedFrom
        | RelationKind::MergedFrom
        | RelationKind::AdapterOf
        | RelationKind::DerivedFrom => "descendantOf",
        RelationKind::TrainedOn => return ("trainedOn", None),
        RelationKind::TestedOn => return ("testedOn", None),
        RelationKind::TrainedBy | RelationKind::BuiltFrom => "generates",
        RelationKind::BuiltWith => return ("usesTool", None),
        RelationKind::Serves => "dependsOn",
        RelationKind::CopyOf => return ("copiedTo", None),
    };
    (name, (kind != RelationKind::DependsOn).then(|| kind.word()))
}

/// When a relation holds. Source: SPDX 3.0.1, LifecycleScopeType.
pub(crate) fn scope_of_relation(kind: RelationKind, scope: Scope) -> Option<&'static str> {
    match (kind, scope) {
        (_, Scope::Excluded) => Some("development"),
        (RelationKind::DependsOn | RelationKind::Serves, _) => Some("runtime"),
        (RelationKind::BuiltWith, _) => Some("build"),
        _ => None,
    }
}

/// The name of a metric with the task and the data of it: `accuracy at question-answering on example/questions`.
pub(crate) fn metric(metric: &Metric) -> String {
    let mut text = metric.name.clone();
    for (word, what) in [(AT, &metric.task), (ON, &metric.dataset)] {
        if let Some(what) = what.as_deref().filter(|what| !what.is_empty()) {
            text.push_str(word);
            text.push_str(what);
        }
    }
    text
}

/// The metric of a name with task and data.
pub(crate) fn of_metric(text: &str, value: &str) -> Metric {
    let (rest, dataset) = text.rsplit_once(ON).map_or((text, None), |(rest, data)| (rest, Some(data.to_owned())));
    let (name, task) = rest.split_once(AT).map_or((rest, None), |(name, task)| (name, Some(task.to_owned())));
    Metric { name: name.to_owned(), value: value.to_owned(), dataset, task }
}

const AT: &str = " at ";
const ON: &str = " on ";

/// What SPDX calls when in the life of a product a document was made. Source: SPDX 3.0.1, SbomType.
pub(crate) fn phase(phase: Phase) -> Option<&'static str> {
    PHASES.iter().find(|row| row.0 == phase).map(|row| row.1)
}

/// When in the life of a product a document was made by SPDX's name for it.
pub(crate) fn of_phase(name: &str) -> Option<Phase> {
    PHASES.iter().find(|row| row.1 == name).map(|row| row.0)
}

const PHASES: &[(Phase, &str)] = &[
    (Phase::Design, "design"),
    (Phase::PreBuild, "source"),
    (Phase::Build, "build"),
    (Phase::PostBuild, "analyzed"),
    (Phase::Operations, "runtime"),
    (Phase::Discovery, "deployed"),
];

/// What SPDX calls how whole a list is. Source: SPDX 3.0.1, RelationshipCompleteness.
pub(crate) fn completeness(completeness: Completeness) -> Option<&'static str> {
    match completeness {
        Completeness::Unsaid => None,
        Completeness::Complete => Some("complete"),
        Completeness::Incomplete => Some("incomplete"),
        Completeness::Unknown => Some("noAssertion"),
    }
}

/// How whole a list is by SPDX's name for it.
pub(crate) fn of_completeness(name: &str) -> Completeness {
    match name {
        "complete" => Completeness::Complete,
        "incomplete" => Completeness::Incomplete,
        "noAssertion" => Completeness::Unknown,
        _ => Completeness::Unsaid,
    }
}

/// What SPDX calls a kind of data. Source: SPDX 3.0.1, DatasetType; the words are those of hubs and of Croissant.
pub(crate) fn data_kind(kind: &str) -> &'static str {
    match kind.trim().to_ascii_lowercase().as_str() {
        "text" | "document" => "text",
        "image" => "image",
        "audio" | "speech" => "audio",
        "video" => "video",
        "tabular" | "structured" | "table" => "structured",
        "timeseries" | "time-series" | "time series" => "timeseries",
        "timestamp" => "timestamp",
        "graph" => "graph",
        "categorical" => "categorical",
        "numeric" | "number" => "numeric",
        "sensor" => "sensor",
        "syntactic" => "syntactic",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_read_as_it_is_written() {
        for (kind, ..) in LINKS {
            let (name, comment) = link(*kind);
            assert_eq!(of_link(name, comment), *kind);
        }
        for (own, name) in PHASES {
            assert_eq!((phase(*own), of_phase(name)), (Some(*name), Some(*own)));
        }
        for whole in [Completeness::Complete, Completeness::Incomplete, Completeness::Unknown] {
            assert_eq!(completeness(whole).map(of_completeness), Some(whole));
        }
        for kind in Kind::ALL {
            assert!(of_purpose(purpose(*kind)).is_some(), "{kind:?}");
        }
        assert_eq!(of_link("other", Some("else")), LinkKind::Other);
        assert_eq!(of_link("binaryArtifact", None), LinkKind::Distribution);
    }
}
