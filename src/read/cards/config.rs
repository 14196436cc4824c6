//! Configurations: how a model is built, and onto which one an adapter is put. Sources: transformers,
//! `configuration_utils.py`; diffusers, `configuration_utils.py`; PEFT, `config.py`.

use std::collections::BTreeMap;

use super::names;
use crate::graph::kinds::card::Base;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::json::Kind;
use crate::parse::json::Value;
use crate::sbom::model::RelationKind;

/// Characters of one word.
const WORD: usize = 120;
/// Items of one list that are kept.
const LIST: usize = 64;

/// Keys by which one is a configuration of a model, whatever it is called.
const SHAPES: &[&str] = &[
    "auto_map",
    "d_model",
    "hidden_size",
    "hidden_sizes",
    "max_position_embeddings",
    "n_embd",
    "num_hidden_layers",
    "quantization_config",
    "text_config",
    "torch_dtype",
    "transformers_version",
    "vision_config",
    "vocab_size",
];

/// Settings that are kept, as transformers spells them.
const SETTINGS: &[&str] = &[
    "d_model",
    "head_dim",
    "hidden_act",
    "hidden_size",
    "image_size",
    "intermediate_size",
    "n_embd",
    "n_head",
    "n_layer",
    "n_routed_experts",
    "num_attention_heads",
    "num_experts",
    "num_experts_per_tok",
    "num_hidden_layers",
    "num_key_value_heads",
    "num_local_experts",
    "patch_size",
    "rope_theta",
    "sliding_window",
    "tie_word_embeddings",
    "transformers_version",
    "vocab_size",
];

/// Keys that say at how many tokens a model looks.
const CONTEXT: &[&str] =
    &["max_position_embeddings", "n_positions", "n_ctx", "max_seq_len", "max_sequence_length", "seq_length"];

/// Reads a `config.json` or `model_index.json`; none where it configures something else.
pub(super) fn model(text: &str, budget: &mut Budget) -> Option<Told> {
    let read = json::parse(text, budget);
    let root = read.root.as_ref()?;
    let diffusers = word(root, "_class_name").filter(|_| root.get("_diffusers_version").is_some());
    let architectures: Vec<String> = words(root.get("architectures")).collect();
    let family = word(root, "model_type");
    let is_transformers =
        (!architectures.is_empty() || family.is_some()) && SHAPES.iter().any(|key| root.get(key).is_some());
    if !is_transformers && diffusers.is_none() {
        return None;
    }
    let mut told = Told { form: Form::Config, subject: Subject::Model, ..Told::default() };
    let card = &mut told.card;
    card.architectures.extend(architectures);
    card.family = family;
    card.library = is_transformers.then(|| "transformers".to_owned());
    if let Some(class) = diffusers {
        card.library = Some("diffusers".to_owned());
        card.architectures.insert(class);
    }
    // What reads pictures and text has a configuration for each.
    let parts = [Some(root), root.get("text_config"), root.get("llm_config")];
    let parts = || parts.iter().flatten().copied();
    for part in parts() {
        for key in SETTINGS {
            if let Some(value) = part.get(key).and_then(plain) {
                card.settings.entry((*key).to_owned()).or_insert(value);
            }
        }
    }
    card.context_length = parts().flat_map(|part| CONTEXT.iter().filter_map(|key| part.get(key))).find_map(whole);
    let dtype = parts().find_map(|part| word(part, "torch_dtype").or_else(|| word(part, "dtype")));
    card.dtypes.extend(dtype.map(|name| dtype_of(&name)));
    rope(root, &mut card.settings);
    card.quantisation = root.get("quantization_config").and_then(quantisation);
    Some(told)
}

/// Reads an `adapter_config.json` of PEFT.
pub(super) fn adapter(text: &str, budget: &mut Budget) -> Option<Told> {
    let read = json::parse(text, budget);
    let root = read.root.as_ref()?;
    let kind = word(root, "peft_type")?;
    let mut told = Told { form: Form::AdapterConfig, subject: Subject::Adapter, is_sure: true, ..Told::default() };
    let card = &mut told.card;
    card.library = Some("peft".to_owned());
    card.settings.insert("peft_type".to_owned(), kind);
    for key in ["r", "lora_alpha", "lora_dropout", "task_type", "bias", "use_dora", "use_rslora"] {
        if let Some(value) = root.get(key).and_then(plain) {
            card.settings.insert(key.to_owned(), value);
        }
    }
    let modules: Vec<String> = words(root.get("target_modules")).collect();
    if !modules.is_empty() {
        card.settings.insert("target_modules".to_owned(), sorted(modules).join(", "));
    } else if let Some(one) = word(root, "target_modules") {
        card.settings.insert("target_modules".to_owned(), one);
    }
    if let Some(base) = root.get("base_model_name_or_path")
        && let Some(name) = base.as_str().and_then(names::model)
    {
        let revision = word(root, "revision");
        told.bases.push(Base { name, revision, relation: RelationKind::AdapterOf, span: base.span });
    }
    Some(told)
}

fn sorted(mut list: Vec<String>) -> Vec<String> {
    list.sort();
    list.dedup();
    list
}

fn rope(root: &Value, settings: &mut BTreeMap<String, String>) {
    for key in ["rope_scaling", "rope_parameters"] {
        let Some(scaling) = root.get(key) else { continue };
        for (from, to) in [("type", "type"), ("rope_type", "type"), ("factor", "factor")] {
            if let Some(value) = scaling.get(from).and_then(plain) {
                settings.entry(format!("rope_scaling.{to}")).or_insert(value);
            }
        }
    }
}

/// How it is quantised: the method with its bits.
fn quantisation(value: &Value) -> Option<String> {
    let method = word(value, "quant_method").or_else(|| {
        (value.get("load_in_4bit").is_some() || value.get("load_in_8bit").is_some()).then(|| "bitsandbytes".to_owned())
    })?;
    let is_set = |key| value.get(key).and_then(Value::as_bool) == Some(true);
    let bits = match value.get("bits").and_then(whole) {
        Some(bits) => Some(bits),
        None if is_set("load_in_4bit") => Some(4),
        None if is_set("load_in_8bit") => Some(8),
        None => None,
    };
    Some(match bits {
        Some(bits) => format!("{method} {bits} bit"),
        None => word(value, "fmt")
            .or_else(|| word(value, "format"))
            .map_or(method.clone(), |format| format!("{method} {format}")),
    })
}

/// A type as headers of weights spell it.
fn dtype_of(name: &str) -> String {
    let bare = name.strip_prefix("torch.").unwrap_or(name);
    match bare {
        "bfloat16" => "BF16",
        "float16" | "half" => "F16",
        "float32" | "float" => "F32",
        "float64" | "double" => "F64",
        "float8_e4m3fn" => "F8_E4M3",
        "float8_e5m2" => "F8_E5M2",
        "int8" => "I8",
        _ => bare,
    }
    .to_owned()
}

/// A short text.
pub(super) fn word(value: &Value, key: &str) -> Option<String> {
    let text = value.get(key)?.as_str()?.trim();
    (!text.is_empty() && text.chars().count() <= WORD).then(|| text.to_owned())
}

/// Short texts of a list.
pub(super) fn words(value: Option<&Value>) -> impl Iterator<Item = String> {
    let items = value.map_or(&[][..], Value::items);
    let texts = items.iter().take(LIST).filter_map(Value::as_str).map(str::trim);
    texts.filter(|text| !text.is_empty() && text.chars().count() <= WORD).map(str::to_owned)
}

/// A number that counts something.
pub(super) fn whole(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok().filter(|number| *number > 0)
}

/// A value that is one word: text, a number, true or false.
fn plain(value: &Value) -> Option<String> {
    match &value.kind {
        Kind::Bool(is) => Some(is.to_string()),
        Kind::Integer(number) => Some(number.to_string()),
        Kind::Float(number) => Some(number.to_string()),
        Kind::String(text) => Some(text.text.trim().to_owned()).filter(|t| !t.is_empty() && t.chars().count() <= WORD),
        Kind::Null | Kind::Array(_) | Kind::Object(_) | Kind::Unreadable => None,
    }
}
