//! What is told of models and data sets.

use std::collections::BTreeSet;

use super::items;
use super::parts;
use super::parts::text;
use super::parts::texts;
use crate::parse::json::Value;
use crate::sbom::model::Card;
use crate::sbom::model::Component;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Metric;
use crate::sbom::model::Party;
use crate::sbom::properties;

/// Reads what is told of a component; the data sets that its card names.
pub(super) fn read<'v>(one: &mut Component, value: &'v Value) -> &'v [Value] {
    let mut datasets: &[Value] = &[];
    if let Some(model) = value.get("modelCard") {
        let parameters = model.get("modelParameters");
        datasets = parameters.map(|parameters| items(parameters, "datasets")).unwrap_or_default();
        let card = one.card.get_or_insert_default();
        if let Some(parameters) = parameters {
            self::parameters(card, parameters);
        }
        self::model(card, model);
    }
    if let Some(set) = items(value, "data").first() {
        data(one, set);
        if items(value, "data").iter().all(|set| text(set, "type").is_some_and(|word| word != "dataset"))
            && one.kind == Kind::Dataset
        {
            one.kind = Kind::Other;
        }
    }
    datasets
}

/// Words that models and data sets are found by; known when all else is that tells whether it is one.
pub(super) fn tags(one: &mut Component, value: &Value) {
    let tags = texts(value, "tags");
    if !tags.is_empty() && (one.card.is_some() || one.kind.is_model() || one.kind == Kind::Dataset) {
        one.card.get_or_insert_default().tags.extend(tags);
    }
}

fn parameters(card: &mut Card, parameters: &Value) {
    let formats = |key: &str| -> BTreeSet<String> {
        items(parameters, key).iter().filter_map(|one| text(one, "format")).collect()
    };
    card.approach = parameters.get("approach").and_then(|approach| text(approach, "type"));
    card.tasks.extend(text(parameters, "task"));
    card.family = text(parameters, "architectureFamily");
    card.architectures.extend(text(parameters, "modelArchitecture"));
    card.inputs = formats("inputs");
    card.outputs = formats("outputs");
}

fn model(card: &mut Card, model: &Value) {
    let metrics = model.get("quantitativeAnalysis").map(|analysis| items(analysis, "performanceMetrics"));
    card.metrics.extend(metrics.unwrap_or_default().iter().filter_map(|one| {
        let (name, value) = (text(one, "type"), text(one, "value"));
        (name.is_some() || value.is_some()).then(|| Metric {
            name: name.unwrap_or_default(),
            value: value.unwrap_or_default(),
            dataset: text(one, "slice"),
            task: None,
        })
    }));
    if let Some(told) = model.get("considerations") {
        let all = |list: Vec<String>| (!list.is_empty()).then(|| list.join("\n"));
        card.intended_use = all(texts(told, "useCases"));
        card.limitations = all(texts(told, "technicalLimitations"));
        let lines = |key: &str, keys: &[&str]| {
            let one = |one: &Value| -> Option<String> {
                let parts: Vec<String> = keys.iter().filter_map(|key| text(one, key)).collect();
                (!parts.is_empty()).then(|| parts.join(": "))
            };
            all(items(told, key).iter().filter_map(one).collect())
        };
        card.ethics = lines("ethicalConsiderations", &["name", "mitigationStrategy"]);
        card.bias = lines("fairnessAssessments", &["groupAtRisk", "harms", "mitigationStrategy"]);
        if let Some(environment) = told.get("environmentalConsiderations") {
            parts::properties(environment)
                .filter_map(|(name, value)| Some((name.strip_prefix(properties::CARD)?, value)))
                .for_each(|(key, value)| said(card, key, &value));
        }
    }
    for (name, value) in parts::properties(model) {
        match name.strip_prefix(properties::CARD) {
            Some(key) => said(card, key, &value),
            // Names of others are settings of the model.
            None => parts::add(&mut card.settings, name, value),
        }
    }
}

/// Reads what is told of a data set.
pub(super) fn data(one: &mut Component, set: &Value) {
    let url = set.get("contents").and_then(|contents| text(contents, "url"));
    if let Some(url) = url.filter(|url| !one.links.iter().any(|link| link.url == *url)) {
        one.links.insert(Link { kind: LinkKind::Distribution, url });
    }
    one.description = one.description.take().or_else(|| text(set, "description"));
    let sensitive = texts(set, "sensitiveData");
    let custodians = set
        .get("governance")
        .into_iter()
        .flat_map(|governance| ["custodians", "stewards", "owners"].into_iter().flat_map(|key| items(governance, key)));
    let custodians: Vec<Party> = custodians
        .filter_map(|one| {
            let organisation = one.get("organization").and_then(parts::party);
            organisation.or_else(|| one.get("contact").and_then(parts::person))
        })
        .collect();
    if !sensitive.is_empty() || !custodians.is_empty() {
        let card = one.card.get_or_insert_default();
        card.sensitive = (!sensitive.is_empty()).then(|| sensitive.join("\n"));
        card.custodians = custodians;
    }
}

/// What a property of ours tells of a card.
pub(super) fn said(card: &mut Card, key: &str, value: &str) {
    let own = value.to_owned();
    match key {
        "task" => drop(card.tasks.insert(own)),
        "architecture" => drop(card.architectures.insert(own)),
        "input" => drop(card.inputs.insert(own)),
        "output" => drop(card.outputs.insert(own)),
        "dtype" => drop(card.dtypes.insert(own)),
        "language" => drop(card.languages.insert(own)),
        "data-kind" => drop(card.data_kinds.insert(own)),
        "parameters" => card.parameters = value.parse().ok(),
        "context-length" => card.context_length = value.parse().ok(),
        "bytes" => card.bytes = value.parse().ok(),
        "rows" => card.rows = value.parse().ok(),
        "approach" => card.approach = Some(own),
        "family" => card.family = Some(own),
        "intended-use" => card.intended_use = Some(own),
        "limitations" => card.limitations = Some(own),
        "ethics" => card.ethics = Some(own),
        "bias" => card.bias = Some(own),
        "energy" => card.energy = Some(own),
        "sensitive" => card.sensitive = Some(own),
        "quantisation" => card.quantisation = Some(own),
        "out-of-scope" => card.out_of_scope = Some(own),
        "training" => card.training = Some(own),
        "preprocessing" => card.preprocessing = Some(own),
        "library" => card.library = Some(own),
        "collection" => card.collection = Some(own),
        "anonymisation" => card.anonymisation = Some(own),
        "updates" => card.updates = Some(own),
        "is-sensitive" => card.is_sensitive = value.parse().ok(),
        "chat-template" => card.chat_template = Hash::of_text(value),
        "source" => drop(card.sources.insert(parts::evidence(value))),
        "custodian" => card.custodians.extend(custodian(value)),
        "metric" | "metric-task" => metric(card, key, value),
        _ => {
            if let Some(name) = key.strip_prefix("setting:") {
                card.settings.insert(name.to_owned(), own);
            } else if let Some(name) = key.strip_prefix("split:") {
                card.splits.insert(name.to_owned(), value.parse().ok());
            }
        }
    }
}

fn metric(card: &mut Card, key: &str, value: &str) {
    let parts = properties::parted(value);
    let some = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    match (key, parts.as_slice()) {
        ("metric", [name, value, dataset, task]) => card.metrics.push(Metric {
            name: name.clone(),
            value: value.clone(),
            dataset: some(dataset),
            task: some(task),
        }),
        ("metric-task", [at, task]) => {
            if let Some(metric) = at.parse::<usize>().ok().and_then(|at| card.metrics.get_mut(at)) {
                metric.task = some(task);
            }
        }
        _ => {}
    }
}

fn custodian(value: &str) -> Option<Party> {
    let mut parts = properties::parted(value).into_iter();
    let (name, kind) = (parts.next()?, parts.next()?);
    let (urls, emails) = parts.partition(|one| one.contains("://"));
    Some(Party { name, urls, emails, is_person: kind == "person" })
}
