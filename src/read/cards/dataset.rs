//! Information on data sets as the `datasets` library writes it: features, parts with their rows, bytes. It stands in
//! the head of a card, in `dataset_info.json` and, of old, in `dataset_infos.json`. Source: `datasets`, `info.py`.

use super::config;
use super::config::whole;
use super::front;
use super::plain;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Value;
use crate::parse::yaml::Node;
use crate::sbom::model::Card;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::source::Spanned;

/// Configurations of one data set.
const CONFIGS: usize = 2000;
/// Parts of one data set.
const SPLITS: usize = 2000;
/// Features that are looked at.
const FEATURES: usize = 2000;

/// What the head of a card says: one information, or one for each configuration.
pub(super) fn of_card(node: &Node, card: &mut Card) {
    let several = node.items();
    let one = std::slice::from_ref(node);
    let all = if several.is_empty() { one } else { several };
    for info in all.iter().take(CONFIGS) {
        let config = front::word(info.get("config_name")).filter(|_| all.len() > 1);
        for split in info.get("splits").map(Node::items).unwrap_or_default() {
            let Some(name) = front::word(split.get("name")) else { continue };
            let rows = front::word(split.get("num_examples")).and_then(|text| text.parse().ok());
            add_split(card, config.as_deref(), &name, rows);
        }
        add_bytes(card, front::word(info.get("dataset_size")).and_then(|text| text.parse().ok()));
        for feature in info.get("features").map(Node::items).unwrap_or_default().iter().take(FEATURES) {
            add_kind(card, front::word(feature.get("dtype")).as_deref());
        }
    }
    finish(card);
}

/// Reads a file of such information; none where it is something else.
pub(super) fn file(text: &str, budget: &mut Budget) -> Option<Told> {
    let read = json::parse(text, budget);
    let root = read.root.as_ref()?;
    let is_info = |value: &Value| {
        value.get("features").is_some() && (value.get("splits").is_some() || value.get("citation").is_some())
    };
    let mut told = Told { form: Form::DatasetInfo, subject: Subject::Dataset, is_sure: true, ..Told::default() };
    if is_info(root) {
        info(root, None, &mut told);
    } else {
        let all: Vec<_> = root.entries().iter().filter(|entry| is_info(&entry.value)).take(CONFIGS).collect();
        for entry in &all {
            info(&entry.value, Some(entry.key.value.as_str()).filter(|_| all.len() > 1), &mut told);
        }
        if all.is_empty() {
            return None;
        }
    }
    finish(&mut told.card);
    Some(told)
}

fn info(value: &Value, config: Option<&str>, told: &mut Told) {
    if told.name.is_none() {
        told.name = config::word(value, "dataset_name");
    }
    if told.description.is_none() {
        let lines: Vec<&str> = value.get("description").and_then(Value::as_str).unwrap_or("").lines().collect();
        told.description = plain::text(&lines, 300);
    }
    if let Some(licence) = value.get("license").filter(|_| told.licences.is_empty())
        && let Some(text) = licence.as_str().map(str::trim).filter(|text| !plain::is_blank(text) && text.len() <= 120)
    {
        let named = Licence { name: front::licence(text), url: None, standing: LicenceStanding::Declared };
        told.licences.push(Spanned::new(named, licence.span));
    }
    for (name, split) in value.get("splits").and_then(Value::as_object).into_iter().flat_map(json::Object::iter) {
        add_split(&mut told.card, config, name, split.get("num_examples").and_then(whole));
    }
    add_bytes(&mut told.card, value.get("dataset_size").and_then(whole));
    for (_, feature) in
        value.get("features").and_then(Value::as_object).into_iter().flat_map(json::Object::iter).take(FEATURES)
    {
        let kind = config::word(feature, "_type").map(|kind| kind.to_ascii_lowercase());
        add_kind(&mut told.card, kind.as_deref());
    }
}

fn add_split(card: &mut Card, config: Option<&str>, name: &str, rows: Option<u64>) {
    if card.splits.len() < SPLITS {
        let name = config.map_or_else(|| name.to_owned(), |config| format!("{config}/{name}"));
        card.splits.insert(name, rows);
    }
}

fn add_bytes(card: &mut Card, bytes: Option<u64>) {
    if let Some(bytes) = bytes {
        card.bytes = Some(card.bytes.unwrap_or(0).saturating_add(bytes));
    }
}

/// Features that are no text say what kind of data it is.
fn add_kind(card: &mut Card, kind: Option<&str>) {
    if let Some(kind) = kind.filter(|kind| matches!(*kind, "image" | "audio" | "video")) {
        card.data_kinds.insert(kind.to_owned());
    }
}

/// All rows, where each part says how many it has.
fn finish(card: &mut Card) {
    let rows = card.splits.values().try_fold(0_u64, |all, rows| all.checked_add((*rows)?));
    card.rows = rows.filter(|rows| *rows > 0);
}
