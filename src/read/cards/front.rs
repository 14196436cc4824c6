//! The head of a card: YAML between two lines of dashes at the beginning of a README.
//!
//! Many programs put YAML there. A card is one that has keys which only hubs of models give a meaning; a page of a
//! web site, a space and an instruction for an agent are none.

use super::body;
use super::dataset;
use super::names;
use super::plain;
use super::tasks;
use crate::graph::kinds::card::Base;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::parse::Budget;
use crate::parse::Problem;
use crate::parse::licence::listed_in_any_case;
use crate::parse::yaml;
use crate::parse::yaml::Node;
use crate::sbom::model::Card;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Metric;
use crate::sbom::model::RelationKind;
use crate::source::Span;
use crate::source::Spanned;

/// Bytes of a head. Heads with all results of a large benchmark have some hundred thousand.
const HEAD: usize = 512 << 10;
/// Items of one list that are kept.
const LIST: usize = 256;
/// Results that are kept.
const METRICS: usize = 256;
/// Characters of one word.
const WORD: usize = 120;

/// Keys that only a card of a model has.
const OF_MODELS: &[&str] =
    &["base_model", "base_model_relation", "co2_eq_emissions", "library_name", "model-index", "pipeline_tag"];
/// Keys that only a card of data has.
const OF_DATA: &[&str] = &[
    "annotations_creators",
    "dataset_info",
    "language_creators",
    "multilinguality",
    "paperswithcode_id",
    "size_categories",
    "source_datasets",
    "task_categories",
    "task_ids",
];
/// Keys that cards have, and other heads as well.
const OF_EITHER: &[&str] =
    &["datasets", "language", "license", "license_link", "license_name", "metrics", "pretty_name", "tags"];

/// Reads a card; none where the head is that of something else.
pub(super) fn read(text: &str, budget: &mut Budget, problems: &mut Vec<Problem>) -> Option<Told> {
    let end = head_end(text)?;
    let head = text.get(..end.start)?;
    let read = yaml::parse(head, budget);
    // A byte order mark or an empty line may make a document of its own.
    let root = read.docs.iter().find(|node| !node.entries().is_empty())?;
    let has = |keys: &[&str]| keys.iter().any(|key| root.get(key).is_some_and(|value| !value.is_null()));
    let is_model = has(OF_MODELS) || root.get("datasets").is_some_and(names_data);
    let is_data = has(OF_DATA)
        || root.get("configs").is_some_and(|list| list.items().iter().any(|one| one.get("data_files").is_some()));
    // A space runs, and a skill instructs; both name a licence.
    let is_other = has(&["sdk", "app_file", "colorFrom", "layout", "permalink", "allowed-tools", "sidebar_position"])
        || (root.get("name").is_some() && root.get("description").is_some() && !is_model && !is_data);
    let is_sure = is_model || is_data;
    if is_other && (!is_sure || root.get("sdk").is_some()) || !(is_sure || has(OF_EITHER)) {
        return None;
    }
    problems.extend(read.problems);
    let subject = match (is_model, is_data) {
        (true, false) => Subject::Model,
        (false, true) => Subject::Dataset,
        (true, true) if has(&["dataset_info", "task_categories"]) => Subject::Dataset,
        (true, true) => Subject::Model,
        (false, false) => Subject::Unsaid,
    };
    let mut told = Told { form: Form::Card, subject, is_sure, ..Told::default() };
    keys(root, &mut told);
    body::read(text.get(end.end..).unwrap_or_default(), &mut told);
    Some(told)
}

/// The line of dashes that ends a head.
fn head_end(text: &str) -> Option<std::ops::Range<usize>> {
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let bare = line.trim_start_matches('\u{feff}').trim_end();
        if number == 0 && bare != "---" || at > HEAD {
            return None;
        }
        if number > 0 && bare == "---" {
            return Some(at..at + line.len());
        }
        at += line.len();
    }
    None
}

/// Whether a list has the name of a data set with its owner.
fn names_data(node: &Node) -> bool {
    texts(Some(node)).iter().any(|text| text.value.contains('/') && names::dataset(&text.value).is_some())
}

fn keys(root: &Node, told: &mut Told) {
    let is_data = told.subject == Subject::Dataset;
    told.name = ["model_name", "pretty_name", "dataset_name"].iter().find_map(|key| word(root.get(key)));
    told.description = sentence(root.get("description")).or_else(|| sentence(root.get("summary")));
    told.version = word(root.get("version"));
    let card = &mut told.card;
    card.tags = words(root.get("tags"));
    card.library = word(root.get("library_name"));
    card.languages = words(root.get("language")).into_iter().filter(|text| is_language(text)).collect();
    if is_data {
        card.tasks = words(root.get("task_categories"));
    } else {
        card.tasks = words(root.get("pipeline_tag"));
    }
    for task in card.tasks.clone() {
        let Some((inputs, outputs)) = tasks::of(&task) else { continue };
        // What data is of is told by its own files and tags; a task that it may serve does not.
        if !is_data {
            card.inputs.extend(inputs.iter().map(|kind| (*kind).to_owned()));
            card.outputs.extend(outputs.iter().map(|kind| (*kind).to_owned()));
        }
    }
    for tag in card.tags.clone() {
        if let Some(kind) = tag.strip_prefix("modality:") {
            card.data_kinds.insert(kind.to_owned());
        }
    }
    for key in [
        "size_categories",
        "multilinguality",
        "language_creators",
        "annotations_creators",
        "quantized_by",
        "model_type",
    ] {
        let value = words(root.get(key)).into_iter().collect::<Vec<_>>().join(", ");
        if !value.is_empty() {
            card.settings.insert(key.to_owned(), value);
        }
    }
    emissions(root.get("co2_eq_emissions"), card);
    (told.licences, told.licence_words) = licences(root);
    results(root, told);
    if is_data {
        if let Some(info) = root.get("dataset_info") {
            dataset::of_card(info, &mut told.card);
        }
        for source in texts(root.get("source_datasets")) {
            let name = source
                .value
                .strip_prefix("extended|")
                .or_else(|| source.value.contains('/').then_some(source.value.as_str()));
            if let Some(name) = name.and_then(names::dataset) {
                told.bases.push(Base { name, revision: None, relation: RelationKind::DerivedFrom, span: source.span });
            }
        }
    } else {
        bases(root, told);
        let data = texts(root.get("datasets")).into_iter();
        told.trained_on = data.filter_map(|text| Some(Spanned::new(names::dataset(&text.value)?, text.span))).collect();
    }
}

/// Models of which it was made, and how, as far as the card says.
fn bases(root: &Node, told: &mut Told) {
    let named = texts(root.get("base_model"));
    let is_several = named.len() > 1;
    let stated = word(root.get("base_model_relation"));
    let has = |tag: &str| told.card.tags.iter().any(|one| one.eq_ignore_ascii_case(tag));
    let library = told.card.library.as_deref().unwrap_or("");
    let relation = match stated.as_deref() {
        Some("finetune" | "finetuned" | "fine-tune") => RelationKind::FineTunedFrom,
        Some("quantized" | "quantised") => RelationKind::QuantisedFrom,
        Some("merge") => RelationKind::MergedFrom,
        Some("adapter") => RelationKind::AdapterOf,
        _ if library == "peft" => RelationKind::AdapterOf,
        _ if is_several && (has("merge") || has("mergekit")) => RelationKind::MergedFrom,
        _ if has("generated_from_trainer") || has("trl") || has("sft") => RelationKind::FineTunedFrom,
        _ => RelationKind::DerivedFrom,
    };
    for text in named {
        let Some(name) = names::model(&text.value) else { continue };
        // Tags that a hub or a trainer wrote say it of each.
        let tagged = [
            ("adapter", RelationKind::AdapterOf),
            ("quantized", RelationKind::QuantisedFrom),
            ("merge", RelationKind::MergedFrom),
            ("finetune", RelationKind::FineTunedFrom),
        ]
        .into_iter()
        .find(|(word, _)| told.card.tags.contains(&format!("base_model:{word}:{name}")));
        let relation = if stated.is_some() { relation } else { tagged.map_or(relation, |(_, relation)| relation) };
        told.bases.push(Base { name, revision: None, relation, span: text.span });
    }
    if relation == RelationKind::AdapterOf && !told.bases.is_empty() {
        told.subject = Subject::Adapter;
    }
}

/// Licences, and words beside them that name none or another one.
fn licences(root: &Node) -> (Vec<Spanned<Licence>>, Vec<Spanned<String>>) {
    let link = word(root.get("license_link")).filter(|link| is_address(link));
    let named = texts(root.get("license_name")).into_iter().next().filter(|named| !plain::is_blank(&named.value));
    let (mut out, mut words) = (Vec::new(), Vec::new());
    let mut is_named = false;
    for text in texts(root.get("license")) {
        let text = match (text.value.trim().to_ascii_lowercase().as_str(), &named) {
            ("", _) => continue,
            (word, _) if matches!(word, "unknown" | "none") || plain::is_placeholder(word) => {
                words.push(text);
                continue;
            }
            // What it is called stands beside it.
            ("other", Some(named)) => {
                is_named = true;
                named.clone()
            }
            ("other", _) if link.is_none() => {
                words.push(text);
                continue;
            }
            _ => text,
        };
        let (name, url) = (licence(&text.value), link.clone());
        out.push(Spanned::new(Licence { name, url, standing: LicenceStanding::Declared }, text.span));
    }
    words.extend(named.filter(|_| !is_named));
    (out, words)
}

/// Whether a text is an address of the web.
pub(super) fn is_address(text: &str) -> bool {
    (text.starts_with("https://") || text.starts_with("http://")) && !text.contains(char::is_whitespace)
}

/// A licence as a hub spells it. Its words are those of SPDX's list in small letters, and some of its own.
pub(super) fn licence(text: &str) -> LicenceName {
    let text = plain::cut(text, WORD);
    match listed_in_any_case(&text) {
        Some(id) => LicenceName::Id(id.to_owned()),
        None => LicenceName::of_text(&text),
    }
}

/// What training cost. Source: Hugging Face, "Displaying carbon emissions for your model": the number is in grams.
fn emissions(node: Option<&Node>, card: &mut Card) {
    let Some(node) = node else { return };
    let number =
        word(node.get("emissions").or(Some(node))).filter(|text| text.parse::<f64>().is_ok_and(|number| number >= 0.0));
    if let Some(number) = number {
        card.energy = Some(format!("CO2 equivalent: {number} g"));
    }
    for key in ["source", "training_type", "geographical_location", "hardware_used"] {
        if let Some(value) = word(node.get(key)) {
            card.settings.insert(format!("co2_eq_emissions.{key}"), value);
        }
    }
}

/// Results of measurements. Source: Hugging Face, "Model cards", `model-index`.
fn results(root: &Node, told: &mut Told) {
    let models = root.get("model-index").map(Node::items).unwrap_or_default();
    for model in models.iter().take(LIST) {
        if told.name.is_none() {
            told.name = word(model.get("name"));
        }
        for result in model.get("results").map(Node::items).unwrap_or_default().iter().take(METRICS) {
            let task = result.get("task").and_then(|task| word(task.get("name")).or_else(|| word(task.get("type"))));
            let data = result.get("dataset");
            let shown = data.and_then(|data| word(data.get("name")).or_else(|| word(data.get("type"))));
            if let Some(kind) = data.and_then(|data| texts(data.get("type")).into_iter().next())
                && let Some(name) = names::dataset(&kind.value)
                && told.tested_on.len() < LIST
                && !told.tested_on.iter().any(|known| known.value == name)
            {
                told.tested_on.push(Spanned::new(name, kind.span));
            }
            for metric in result.get("metrics").map(Node::items).unwrap_or_default().iter().take(LIST) {
                let name = word(metric.get("name")).or_else(|| word(metric.get("type")));
                let value = word(metric.get("value"));
                if let (Some(name), Some(value)) = (name, value)
                    && told.card.metrics.len() < METRICS
                {
                    told.card.metrics.push(Metric { name, value, dataset: shown.clone(), task: task.clone() });
                }
            }
        }
    }
}

/// Whether a text is a tag of BCP 47, by its form.
fn is_language(text: &str) -> bool {
    let mut parts = text.split('-');
    let first = parts.next().unwrap_or_default();
    (2..=3).contains(&first.len())
        && first.bytes().all(|byte| byte.is_ascii_lowercase())
        && first != "unk"
        && parts.all(|part| (1..=8).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Texts of a list, or the one text that stands there.
pub(super) fn texts(node: Option<&Node>) -> Vec<Spanned<String>> {
    let Some(node) = node.filter(|node| !node.is_null()) else { return Vec::new() };
    let text = |node: &Node| -> Option<Spanned<String>> {
        let place: Span = node.place();
        node.as_str().filter(|text| !text.trim().is_empty()).map(|text| Spanned::new(text.trim().to_owned(), place))
    };
    match text(node) {
        Some(one) => vec![one],
        None => node.items().iter().take(LIST).filter(|item| !item.is_null()).filter_map(text).collect(),
    }
}

/// Words of a list; what is longer than a word is none.
fn words(node: Option<&Node>) -> std::collections::BTreeSet<String> {
    let texts = texts(node).into_iter().map(|text| text.value);
    texts.filter(|text| text.chars().count() <= WORD && !plain::is_blank(text)).collect()
}

/// The one word that stands there.
pub(super) fn word(node: Option<&Node>) -> Option<String> {
    let text = node.filter(|node| !node.is_null())?.as_str()?.trim();
    (!text.is_empty() && text.chars().count() <= WORD && !plain::is_blank(text)).then(|| text.to_owned())
}

/// A sentence or two.
fn sentence(node: Option<&Node>) -> Option<String> {
    let text = node.filter(|node| !node.is_null())?.as_str()?;
    plain::text(&text.lines().collect::<Vec<_>>(), 300)
}
