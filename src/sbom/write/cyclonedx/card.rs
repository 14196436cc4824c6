//! What is told of models and data sets: in `modelCard` and `data`, and in properties what neither has a field for.

use std::io;

use super::Whole;
use super::address::address;
use super::parts;
use super::parts::Said;
use crate::sbom::model::Card;
use crate::sbom::model::Component;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Metric;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::sbom::properties;
use crate::sbom::write::json::Json;

/// Where a card is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In the `modelCard` of a model, which no other type of component may have.
    Model,
    /// In the `data` of a data set.
    Data,
    /// In properties alone.
    Elsewhere,
}

impl Place {
    /// The place of a type of component.
    pub(super) fn of(kind: &str) -> Self {
        match kind {
            "machine-learning-model" => Self::Model,
            "data" => Self::Data,
            _ => Self::Elsewhere,
        }
    }
}

/// How models learn, by the words of the format.
const APPROACHES: &[&str] =
    &["supervised", "unsupervised", "reinforcement-learning", "semi-supervised", "self-supervised"];

/// What the format has fields for.
pub(super) fn native(json: &mut Json<'_>, whole: &Whole<'_>, one: &Component, place: Place) -> io::Result<()> {
    match place {
        Place::Model => {
            let datasets: Vec<&str> = whole
                .relations(&one.id)
                .filter(|relation| relation.kind == RelationKind::TrainedOn)
                .map(|relation| relation.to.as_str())
                .collect();
            match &one.card {
                None if datasets.is_empty() => Ok(()),
                None => json.object_at("modelCard", |json| model(json, &Card::default(), &datasets)),
                Some(card) => json.object_at("modelCard", |json| model(json, card, &datasets)),
            }
        }
        Place::Data => data(json, one),
        Place::Elsewhere => Ok(()),
    }
}

fn model(json: &mut Json<'_>, card: &Card, datasets: &[&str]) -> io::Result<()> {
    let approach = card.approach.as_deref().filter(|approach| APPROACHES.contains(approach));
    let has_parameters = approach.is_some()
        || card.family.is_some()
        || !datasets.is_empty()
        || [&card.tasks, &card.architectures, &card.inputs, &card.outputs].iter().any(|set| !set.is_empty());
    if has_parameters {
        json.object_at("modelParameters", |json| {
            if let Some(approach) = approach {
                json.object_at("approach", |json| json.text("type", approach))?;
            }
            json.maybe("task", card.tasks.first().map(String::as_str))?;
            json.maybe("architectureFamily", card.family.as_deref())?;
            json.maybe("modelArchitecture", card.architectures.first().map(String::as_str))?;
            json.list("datasets", datasets, |json, id| json.object(|json| json.text("ref", id)))?;
            json.list("inputs", &card.inputs, |json, one| json.object(|json| json.text("format", one)))?;
            json.list("outputs", &card.outputs, |json, one| json.object(|json| json.text("format", one)))
        })?;
    }
    if !card.metrics.is_empty() {
        json.object_at("quantitativeAnalysis", |json| {
            json.list("performanceMetrics", &card.metrics, |json, one| json.object(|json| metric(json, one)))
        })?;
    }
    let told = [&card.intended_use, &card.limitations, &card.ethics, &card.bias, &card.energy];
    if told.iter().any(|text| text.is_some()) {
        json.object_at("considerations", |json| {
            json.texts("useCases", card.intended_use.as_deref())?;
            json.texts("technicalLimitations", card.limitations.as_deref())?;
            json.list("ethicalConsiderations", card.ethics.as_deref(), |json, text| {
                json.object(|json| json.text("name", text))
            })?;
            if let Some(energy) = &card.energy {
                // The fields for it demand numbers of certain units and a provider.
                let said = vec![(format!("{}energy", properties::CARD), energy.clone())];
                json.object_at("environmentalConsiderations", |json| parts::properties(json, &said))?;
            }
            json.list("fairnessAssessments", card.bias.as_deref(), |json, text| {
                json.object(|json| json.text("harms", text))
            })
        })?;
    }
    parts::properties(json, &rest(card, Place::Model))
}

fn metric(json: &mut Json<'_>, one: &Metric) -> io::Result<()> {
    json.maybe("type", Some(&one.name))?;
    json.maybe("value", Some(&one.value))?;
    json.maybe("slice", one.dataset.as_deref())
}

/// Whether a text says that there is nothing sensitive: whoever reads the field takes each of its words for something
/// that is.
fn denies(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    let starts = ["no ", "none", "not ", "nothing", "n/a", "without "];
    let parts = ["does not contain", "do not contain", "contains no ", "contain no ", "there is no ", "there are no "];
    starts.iter().any(|start| lower.starts_with(start)) || parts.iter().any(|part| lower.contains(part))
}

fn data(json: &mut Json<'_>, one: &Component) -> io::Result<()> {
    json.list("data", [one], |json, one| {
        json.object(|json| {
            json.text("type", "dataset")?;
            json.text("name", &one.name)?;
            let of = |kind: LinkKind| one.links.iter().find(move |link| link.kind == kind);
            let link = of(LinkKind::Distribution).or_else(|| of(LinkKind::Website));
            if let Some(url) = link.and_then(|link| address(&link.url)) {
                json.object_at("contents", |json| json.text("url", &url))?;
            }
            let Some(card) = &one.card else { return Ok(()) };
            json.texts("sensitiveData", card.sensitive.as_deref().filter(|text| !denies(text)))?;
            if card.custodians.is_empty() {
                return Ok(());
            }
            json.object_at("governance", |json| {
                json.list("custodians", &card.custodians, |json, party| {
                    json.object(|json| {
                        if party.is_person {
                            json.object_at("contact", |json| parts::person(json, party))
                        } else {
                            json.object_at("organization", |json| parts::inside(json, party))
                        }
                    })
                })
            })
        })
    })
}

/// What the place has no field for, as properties.
pub(super) fn rest(card: &Card, place: Place) -> Said {
    let (is_model, is_data) = (place == Place::Model, place == Place::Data);
    let mut said = Said::new();
    let mut push = |name: &str, value: &str| said.push((format!("{}{name}", properties::CARD), value.to_owned()));
    let first = usize::from(is_model);
    card.tasks.iter().skip(first).for_each(|one| push("task", one));
    let approach = card.approach.as_deref();
    if let Some(one) = approach.filter(|one| !is_model || !APPROACHES.contains(one)) {
        push("approach", one);
    }
    card.architectures.iter().skip(first).for_each(|one| push("architecture", one));
    if !is_model {
        card.inputs.iter().for_each(|one| push("input", one));
        card.outputs.iter().for_each(|one| push("output", one));
    }
    card.dtypes.iter().for_each(|one| push("dtype", one));
    card.languages.iter().for_each(|one| push("language", one));
    card.data_kinds.iter().for_each(|one| push("data-kind", one));
    for (name, value) in [
        ("parameters", card.parameters),
        ("context-length", card.context_length),
        ("bytes", card.bytes),
        ("rows", card.rows),
    ] {
        if let Some(value) = value {
            push(name, &value.to_string());
        }
    }
    card.settings.iter().for_each(|(name, value)| push(&format!("setting:{name}"), value));
    card.splits.iter().for_each(|(name, rows)| {
        push(&format!("split:{name}"), &rows.map_or_else(String::new, |rows| rows.to_string()));
    });
    for (name, value, is_told) in [
        ("family", &card.family, is_model),
        ("intended-use", &card.intended_use, is_model),
        ("limitations", &card.limitations, is_model),
        ("ethics", &card.ethics, is_model),
        ("bias", &card.bias, is_model),
        ("energy", &card.energy, is_model),
        ("sensitive", &card.sensitive, is_data && !card.sensitive.as_deref().is_some_and(denies)),
        ("quantisation", &card.quantisation, false),
        ("out-of-scope", &card.out_of_scope, false),
        ("training", &card.training, false),
        ("preprocessing", &card.preprocessing, false),
        ("library", &card.library, false),
        ("collection", &card.collection, false),
        ("anonymisation", &card.anonymisation, false),
        ("updates", &card.updates, false),
    ] {
        if let (Some(value), false) = (value, is_told) {
            push(name, value);
        }
    }
    if let Some(is_sensitive) = card.is_sensitive {
        push("is-sensitive", if is_sensitive { "true" } else { "false" });
    }
    if let Some(hash) = &card.chat_template {
        push("chat-template", &format!("{}:{}", hash.algorithm.cyclonedx(), hash.value));
    }
    for (at, one) in card.metrics.iter().enumerate() {
        match (&one.task, is_model) {
            (Some(task), true) => push("metric-task", &properties::joined(&[&at.to_string(), task])),
            (_, true) => {}
            (task, false) => {
                let (dataset, task) = (one.dataset.as_deref().unwrap_or(""), task.as_deref().unwrap_or(""));
                push("metric", &properties::joined(&[&one.name, &one.value, dataset, task]));
            }
        }
    }
    if !is_data {
        card.custodians.iter().for_each(|one| push("custodian", &party(one)));
    }
    card.sources.iter().for_each(|at| push("source", &parts::evidence(at)));
    said
}

fn party(party: &Party) -> String {
    let kind = if party.is_person { "person" } else { "organisation" };
    let more = party.urls.iter().chain(&party.emails).map(String::as_str);
    properties::joined(&[party.name.as_str(), kind].into_iter().chain(more).collect::<Vec<_>>())
}
