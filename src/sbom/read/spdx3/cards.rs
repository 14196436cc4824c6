//! What is told of models and data sets.

use crate::parse::json::Value;
use crate::sbom::model::Card;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Party;
use crate::sbom::write::spdx::names;
use crate::sbom::write::spdx::names::hyperparameter;
use crate::sbom::write::spdx::names::property;

use super::graph;

/// Reads the card of a component, and returns the properties that are none of it.
pub(super) fn read<'v>(class: &str, element: &'v Value, component: &mut Component) -> Vec<(&'v str, &'v str)> {
    let mut card = Card::default();
    match class {
        "ai_AIPackage" => model(element, &mut card),
        "dataset_DatasetPackage" => data(element, &mut card),
        _ => {}
    }
    let mut rest = Vec::new();
    let mut kinds = Vec::new();
    for (name, text) in graph::properties(element) {
        match name.strip_prefix(property::CARD) {
            Some("data-kind") => kinds.push(text),
            Some(name) => told(name, text, &mut card),
            None => rest.push((name, text)),
        }
    }
    // Kinds of data by their own words come before those that SPDX has for them.
    card.data_kinds.retain(|kind| !kinds.iter().any(|own| names::data_kind(own) == kind));
    card.data_kinds.extend(kinds.into_iter().map(str::to_owned));
    if card != Card::default() {
        component.card = Some(Box::new(card));
    }
    rest
}

fn presence(element: &Value, key: &str) -> Option<bool> {
    of_word(&graph::term(graph::text(element, key)?))
}

fn of_word(word: &str) -> Option<bool> {
    match word {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    }
}

/// All texts of a list as one.
fn joined(element: &Value, key: &str) -> Option<String> {
    let texts: Vec<&str> = graph::texts(element, key).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn model(element: &Value, card: &mut Card) {
    card.tasks = graph::texts(element, "ai_domain").map(str::to_owned).collect();
    for text in graph::texts(element, "ai_typeOfModel") {
        // Families are written in lower case, classes that implement them are not.
        if text.contains(|c: char| c.is_ascii_uppercase()) || card.family.is_some() {
            card.architectures.insert(text.to_owned());
        } else {
            card.family = Some(text.to_owned());
        }
    }
    for (name, text) in graph::dictionary(element, "ai_hyperparameter") {
        match (name, text.parse()) {
            (hyperparameter::PARAMETERS, Ok(count)) => card.parameters = Some(count),
            (hyperparameter::CONTEXT_LENGTH, Ok(count)) => card.context_length = Some(count),
            (hyperparameter::QUANTISATION, _) => card.quantisation = Some(text.to_owned()),
            (hyperparameter::DTYPE, _) => _ = card.dtypes.insert(text.to_owned()),
            _ => _ = card.settings.insert(name.to_owned(), text.to_owned()),
        }
    }
    card.metrics = graph::dictionary(element, "ai_metric").map(|(name, text)| names::of_metric(name, text)).collect();
    card.intended_use = graph::owned(element, "ai_informationAboutApplication");
    card.training = graph::owned(element, "ai_informationAboutTraining");
    card.limitations = graph::owned(element, "ai_limitation");
    card.preprocessing = joined(element, "ai_modelDataPreprocessing");
    card.is_sensitive = presence(element, "ai_useSensitivePersonalInformation");
    card.energy = energy(element);
}

/// What training, fine-tuning and answering cost, in words.
fn energy(element: &Value) -> Option<String> {
    let all = element.get("ai_energyConsumption")?;
    let mut text = String::new();
    for (key, what) in [
        ("ai_trainingEnergyConsumption", "training"),
        ("ai_finetuningEnergyConsumption", "fine-tuning"),
        ("ai_inferenceEnergyConsumption", "inference"),
    ] {
        for one in graph::list(all.get(key)) {
            let quantity = one.get("ai_energyQuantity");
            let number = quantity.and_then(Value::as_str).map(str::to_owned);
            let number = number.or_else(|| quantity.and_then(Value::as_integer).map(|number| number.to_string()));
            let (Some(number), Some(unit)) = (number, graph::text(one, "ai_energyUnit")) else { continue };
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&format!("{what}: {number} {}", graph::term(unit)));
        }
    }
    (!text.is_empty()).then_some(text)
}

fn data(element: &Value, card: &mut Card) {
    let kinds = graph::texts(element, "dataset_datasetType").map(graph::term);
    card.data_kinds =
        kinds.filter(|kind| !matches!(&**kind, "noAssertion" | "other")).map(|kind| kind.into_owned()).collect();
    card.anonymisation = joined(element, "dataset_anonymizationMethodUsed");
    card.collection = graph::owned(element, "dataset_dataCollectionProcess");
    card.preprocessing = joined(element, "dataset_dataPreprocessing");
    let size = element.get("dataset_datasetSize").and_then(Value::as_integer);
    card.bytes = size.and_then(|size| u64::try_from(size).ok());
    card.updates = graph::owned(element, "dataset_datasetUpdateMechanism");
    card.is_sensitive = presence(element, "dataset_hasSensitivePersonalInformation");
    card.intended_use = graph::owned(element, "dataset_intendedUse");
    card.bias = joined(element, "dataset_knownBias");
}

/// What a property of our own writer tells.
fn told(name: &str, text: &str, card: &mut Card) {
    let own = || Some(text.to_owned());
    match name {
        "task" => _ = card.tasks.insert(text.to_owned()),
        "architecture" => _ = card.architectures.insert(text.to_owned()),
        "input" => _ = card.inputs.insert(text.to_owned()),
        "output" => _ = card.outputs.insert(text.to_owned()),
        "dtype" => _ = card.dtypes.insert(text.to_owned()),
        "language" => _ = card.languages.insert(text.to_owned()),
        "tag" => _ = card.tags.insert(text.to_owned()),
        "approach" => card.approach = own(),
        "family" => card.family = own(),
        "quantisation" => card.quantisation = own(),
        "intended-use" => card.intended_use = own(),
        "out-of-scope" => card.out_of_scope = own(),
        "limitations" => card.limitations = own(),
        "ethics" => card.ethics = own(),
        "bias" => card.bias = own(),
        "training" => card.training = own(),
        "preprocessing" => card.preprocessing = own(),
        "energy" => card.energy = own(),
        "library" => card.library = own(),
        "collection" => card.collection = own(),
        "sensitive" => card.sensitive = own(),
        "anonymisation" => card.anonymisation = own(),
        "updates" => card.updates = own(),
        "parameters" => card.parameters = text.parse().ok(),
        "context-length" => card.context_length = text.parse().ok(),
        "bytes" => card.bytes = text.parse().ok(),
        "rows" => card.rows = text.parse().ok(),
        "is-sensitive" => card.is_sensitive = of_word(text),
        "chat-template" => card.chat_template = Hash::of_text(text),
        "custodian" => card.custodians.push(Party { name: text.to_owned(), ..Party::default() }),
        _ => {
            if let Some(setting) = name.strip_prefix("setting:") {
                card.settings.insert(setting.to_owned(), text.to_owned());
            } else if let Some(split) = name.strip_prefix("split:") {
                card.splits.insert(split.to_owned(), text.parse().ok());
            } else if let Some(metric) = name.strip_prefix("metric:") {
                card.metrics.push(names::of_metric(metric, text));
            }
        }
    }
}
