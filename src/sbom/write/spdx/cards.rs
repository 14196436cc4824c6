//! What is told of models and data sets: in the fields of the AI and Dataset profiles, and in properties where they
//! have none. Source: SPDX 3.0.1, "AI" and "Dataset".

use std::io;

use crate::sbom::model::Card;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;

use super::element::Elements;
use super::element::Name;
use super::element::Object;
use super::names;
use super::names::hyperparameter;
use super::names::property;
use super::relations;

/// What fields there are for a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// Those of models.
    Model,
    /// Those of data sets.
    Data,
    /// None.
    Bare,
}

fn shape(kind: Kind) -> Shape {
    match names::class(kind) {
        "ai_AIPackage" => Shape::Model,
        "dataset_DatasetPackage" => Shape::Data,
        _ => Shape::Bare,
    }
}

/// Writes the fields of a component's profile.
pub(super) fn fields(component: &Component, object: &mut Object<'_>) {
    match (shape(component.kind), component.card.as_deref()) {
        (Shape::Model, Some(card)) => model(card, object),
        (Shape::Data, card) => data(card, object),
        _ => {}
    }
}

fn model(card: &Card, object: &mut Object<'_>) {
    object.texts("ai_domain", card.tasks.iter().map(String::as_str));
    let counts = [
        (hyperparameter::PARAMETERS, card.parameters.map(|count| count.to_string())),
        (hyperparameter::QUANTISATION, card.quantisation.clone()),
        (hyperparameter::CONTEXT_LENGTH, card.context_length.map(|count| count.to_string())),
    ];
    let counts = counts.iter().filter_map(|(name, text)| Some((*name, text.as_deref()?)));
    let types = card.dtypes.iter().map(|text| (hyperparameter::DTYPE, text.as_str()));
    let settings = card.settings.iter().map(|(name, text)| (name.as_str(), text.as_str()));
    object.dictionary("ai_hyperparameter", counts.chain(types).chain(settings));
    object.some("ai_informationAboutApplication", card.intended_use.as_ref());
    object.some("ai_informationAboutTraining", card.training.as_ref());
    object.some("ai_limitation", card.limitations.as_ref());
    let metrics: Vec<(String, &str)> =
        card.metrics.iter().map(|metric| (names::metric(metric), metric.value.as_str())).collect();
    object.dictionary("ai_metric", metrics.iter().map(|(name, value)| (name.as_str(), *value)));
    object.texts("ai_modelDataPreprocessing", card.preprocessing.as_deref());
    object.texts("ai_typeOfModel", card.architectures.iter().chain(&card.family).map(String::as_str));
    if let Some(is_sensitive) = card.is_sensitive {
        object.text("ai_useSensitivePersonalInformation", presence(is_sensitive));
    }
}

fn data(card: Option<&Card>, object: &mut Object<'_>) {
    let Some(card) = card else {
        object.texts("dataset_datasetType", ["noAssertion"]);
        return;
    };
    object.texts("dataset_anonymizationMethodUsed", card.anonymisation.as_deref());
    object.some("dataset_dataCollectionProcess", card.collection.as_ref());
    object.texts("dataset_dataPreprocessing", card.preprocessing.as_deref());
    if let Some(bytes) = card.bytes {
        object.number("dataset_datasetSize", bytes);
    }
    let mut kinds: Vec<&str> = card.data_kinds.iter().map(|kind| names::data_kind(kind)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    object.texts("dataset_datasetType", if kinds.is_empty() { vec!["noAssertion"] } else { kinds });
    object.some("dataset_datasetUpdateMechanism", card.updates.as_ref());
    if let Some(is_sensitive) = card.is_sensitive {
        object.text("dataset_hasSensitivePersonalInformation", presence(is_sensitive));
    }
    object.some("dataset_intendedUse", card.intended_use.as_ref());
    object.texts("dataset_knownBias", card.bias.as_deref());
}

fn presence(is_there: bool) -> &'static str {
    if is_there { "yes" } else { "no" }
}

/// Adds what a card tells that has no field.
pub(super) fn properties(card: &Card, kind: Kind, all: &mut Vec<(String, String)>) {
    let shape = shape(kind);
    let (model, data) = (shape == Shape::Model, shape == Shape::Data);
    let mut push = |is_told: bool, name: &str, text: &str| {
        if !is_told && !text.is_empty() {
            all.push((format!("{}{name}", property::CARD), text.to_owned()));
        }
    };
    let lists = [
        (model, "task", &card.tasks),
        (model, "architecture", &card.architectures),
        (false, "input", &card.inputs),
        (false, "output", &card.outputs),
        (model, "dtype", &card.dtypes),
        (false, "language", &card.languages),
        (false, "tag", &card.tags),
    ];
    for (is_told, name, texts) in lists {
        texts.iter().for_each(|text| push(is_told, name, text));
    }
    // SPDX has fewer words for kinds of data than there are.
    card.data_kinds.iter().for_each(|kind| push(data && names::data_kind(kind) == kind, "data-kind", kind));
    let texts = [
        (false, "approach", &card.approach),
        (model, "family", &card.family),
        (model, "quantisation", &card.quantisation),
        (model || data, "intended-use", &card.intended_use),
        (false, "out-of-scope", &card.out_of_scope),
        (model, "limitations", &card.limitations),
        (false, "ethics", &card.ethics),
        (data, "bias", &card.bias),
        (model, "training", &card.training),
        (model || data, "preprocessing", &card.preprocessing),
        (false, "energy", &card.energy),
        (false, "library", &card.library),
        (data, "collection", &card.collection),
        (false, "sensitive", &card.sensitive),
        (data, "anonymisation", &card.anonymisation),
        (data, "updates", &card.updates),
    ];
    for (is_told, name, text) in texts {
        push(is_told, name, text.as_deref().unwrap_or_default());
    }
    let counts = [
        (model, "parameters", card.parameters),
        (model, "context-length", card.context_length),
        (data, "bytes", card.bytes),
        (false, "rows", card.rows),
    ];
    for (is_told, name, count) in counts {
        push(is_told, name, &count.map(|count| count.to_string()).unwrap_or_default());
    }
    if let Some(is_sensitive) = card.is_sensitive {
        push(model || data, "is-sensitive", presence(is_sensitive));
    }
    if let Some(Hash { algorithm, value }) = &card.chat_template {
        push(false, "chat-template", &format!("{}:{value}", algorithm.spdx()));
    }
    for (name, text) in &card.settings {
        push(model, &format!("setting:{name}"), text);
    }
    for (name, rows) in &card.splits {
        push(false, &format!("split:{name}"), &rows.map_or("unknown".to_owned(), |rows| rows.to_string()));
    }
    for metric in &card.metrics {
        push(model, &format!("metric:{}", names::metric(metric)), &metric.value);
    }
    for party in &card.custodians {
        push(false, "custodian", &party.name);
    }
}

/// Writes where the tree says that a component is there, and where its card stands.
pub(super) fn evidence(component: &Component, elements: &mut Elements<'_>) -> io::Result<()> {
    let sources = component.card.iter().flat_map(|card| &card.sources);
    let mut places =
        component.evidence.iter().map(|at| ("evidence", at)).chain(sources.map(|at| ("card", at))).peekable();
    if places.peek().is_none() {
        return Ok(());
    }
    elements.element("Annotation", Name::Own("evidence", &component.id), |object| {
        let statement = relations::statement(|object| {
            object.objects("evidence", &component.evidence, relations::place);
            let sources = component.card.iter().flat_map(|card| &card.sources);
            object.objects("card", sources, relations::place);
        });
        relations::annotation(object, Name::Own("component", &component.id), &statement);
    })
}
