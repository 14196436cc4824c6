//! Indexes of weights and templates of chats. Sources: huggingface_hub, `serialization/_base.py`; transformers,
//! `tokenization_utils_base.py`.

use super::config::whole;
use super::config::word;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Value;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Hash;
use crate::scan::weights;

/// Files of one index.
const SHARDS: usize = 10_000;

/// Reads an index of the files over which weights are spread.
pub(super) fn read(text: &str, budget: &mut Budget) -> Option<Told> {
    let read = json::parse(text, budget);
    let map = read.get(&["weight_map"])?;
    let mut told = Told { form: Form::ShardIndex, subject: Subject::Model, ..Told::default() };
    for entry in map.entries() {
        let Some(file) = entry.value.as_str() else { continue };
        if told.shards.len() < SHARDS && !told.shards.contains(file) {
            told.shards.insert(file.to_owned());
        }
    }
    told.weight_bytes = read.get(&["metadata", "total_size"]).and_then(whole);
    told.card.parameters = read.get(&["metadata", "total_parameters"]).and_then(whole);
    (!told.shards.is_empty()).then_some(told)
}

/// Reads what makes one text of a conversation: `chat_template` of a `tokenizer_config.json`, or a file of its own.
pub(super) fn template(name: &str, text: &str, budget: &mut Budget) -> Option<Told> {
    let mut told = Told { form: Form::Tokenizer, ..Told::default() };
    if name == "chat_template.jinja" {
        // The loader reads it as text, with whatever ends its lines.
        told.card.chat_template = digest(text);
        return Some(told);
    }
    let read = json::parse_without(text, &["added_tokens_decoder"], budget);
    let root = read.root.as_ref()?;
    let template = root.get("chat_template")?;
    let chosen = match template.as_str() {
        Some(one) => Some(one),
        // Several by name, of which one is used where none is asked for.
        None => template
            .items()
            .iter()
            .find(|one| word(one, "name").as_deref() == Some("default"))
            .and_then(|one| one.get("template"))
            .and_then(Value::as_str),
    };
    told.card.chat_template = digest(chosen?);
    Some(told)
}

fn digest(text: &str) -> Option<Hash> {
    Hash::new(Algorithm::Sha256, &weights::digest(text))
}
