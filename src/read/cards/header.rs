//! What headers of weights tell. Sources: ggml, `docs/gguf.md`; Stability AI, "ModelSpec"; safetensors.

use super::front;
use super::names;
use super::plain;
use crate::graph::kinds::card::Base;
use crate::graph::kinds::card::Form;
use crate::graph::kinds::card::Subject;
use crate::graph::kinds::card::Told;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Hash;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::scan::weights::Weights;
use crate::source::Span;
use crate::source::Spanned;

/// Models or data sets of one header.
const LIST: usize = 64;
/// Characters of one word.
const WORD: usize = 120;

/// How a file as a whole is quantised, by its number. Source: llama.cpp, `llama_ftype`.
const FILE_TYPES: &[(u32, &str)] = &[
    (0, "F32"),
    (1, "F16"),
    (2, "Q4_0"),
    (3, "Q4_1"),
    (7, "Q8_0"),
    (8, "Q5_0"),
    (9, "Q5_1"),
    (10, "Q2_K"),
    (11, "Q3_K_S"),
    (12, "Q3_K_M"),
    (13, "Q3_K_L"),
    (14, "Q4_K_S"),
    (15, "Q4_K_M"),
    (16, "Q5_K_S"),
    (17, "Q5_K_M"),
    (18, "Q6_K"),
    (19, "IQ2_XXS"),
    (20, "IQ2_XS"),
    (21, "Q2_K_S"),
    (22, "IQ3_XS"),
    (23, "IQ3_XXS"),
    (24, "IQ1_S"),
    (25, "IQ4_NL"),
    (26, "IQ3_S"),
    (27, "IQ3_M"),
    (28, "IQ2_S"),
    (29, "IQ2_M"),
    (30, "IQ4_XS"),
    (31, "IQ1_M"),
    (32, "BF16"),
    (36, "TQ1_0"),
    (37, "TQ2_0"),
    (38, "MXFP4_MOE"),
];

/// Values below the architecture that are kept.
const SETTINGS: &[&str] = &[
    "attention.head_count",
    "attention.head_count_kv",
    "block_count",
    "embedding_length",
    "expert_count",
    "expert_used_count",
    "feed_forward_length",
    "rope.freq_base",
    "vocab_size",
];

/// What a header tells of the model that the file holds, or holds a part of.
#[must_use]
pub fn of_weights(weights: &Weights) -> Told {
    let mut told = Told { form: Form::Header, subject: Subject::Model, is_sure: true, ..Told::default() };
    told.card.dtypes = weights.types().map(str::to_owned).collect();
    told.card.parameters = weights.parameters();
    told.card.chat_template = weights.chat_template.as_deref().and_then(|hex| Hash::new(Algorithm::Sha256, hex));
    if weights.words.contains_key("general.architecture") {
        gguf(weights, &mut told);
    } else {
        specification(weights, &mut told);
    }
    told
}

fn gguf(weights: &Weights, told: &mut Told) {
    let word = |key: &str| word(weights, key);
    let card = &mut told.card;
    let is_adapter = word("general.type").as_deref() == Some("adapter");
    if is_adapter {
        told.subject = Subject::Adapter;
    }
    card.family = word("general.architecture");
    told.name = word("general.name");
    told.version = word("general.version");
    told.description =
        weights.words.get("general.description").and_then(|text| plain::text(&text.lines().collect::<Vec<_>>(), 300));
    card.context_length = weights.of_architecture("context_length").and_then(|text| text.parse().ok());
    for key in SETTINGS {
        if let Some(value) = weights.of_architecture(key).filter(|value| value.len() <= WORD) {
            card.settings.insert((*key).to_owned(), value.to_owned());
        }
    }
    for (key, name) in [
        ("general.quantized_by", "quantized_by"),
        ("general.size_label", "size_label"),
        ("general.finetune", "finetune"),
        ("tokenizer.ggml.model", "tokenizer"),
        ("tokenizer.ggml.pre", "tokenizer.pre"),
    ] {
        if let Some(value) = word(key) {
            card.settings.insert(name.to_owned(), value);
        }
    }
    let number = word("general.file_type").and_then(|text| text.parse::<u32>().ok());
    let file_type =
        number.and_then(|number| FILE_TYPES.iter().find(|(known, _)| *known == number)).map(|(_, name)| *name);
    card.quantisation = file_type.filter(|name| !matches!(*name, "F32" | "F16" | "BF16")).map(str::to_owned);
    card.tags = list(weights, "general.tags");
    card.languages =
        list(weights, "general.languages").into_iter().filter(|text| (2..=3).contains(&text.len())).collect();
    for key in ["general.organization", "general.author"] {
        if let Some(name) = word(key).filter(|name| !plain::is_blank(name)) {
            told.makers.push(Party { name, ..Party::default() });
        }
    }
    let link = word("general.license.link").filter(|text| front::is_address(text));
    let named = word("general.license.name");
    let licence = word("general.license").filter(|text| !plain::is_blank(text));
    let licence = match licence.as_deref() {
        Some("other") => named.or_else(|| link.is_some().then(|| "other".to_owned())),
        _ => licence,
    };
    if let Some(text) = licence {
        let licence = Licence { name: front::licence(&text), url: link, standing: LicenceStanding::Declared };
        told.licences.push(Spanned::new(licence, Span::default()));
    }
    let relation = if is_adapter { RelationKind::AdapterOf } else { RelationKind::DerivedFrom };
    for index in 0..LIST {
        let Some(url) = word(&format!("general.base_model.{index}.repo_url")) else { continue };
        if let Some(name) = names::model(&url) {
            told.bases.push(Base { name, revision: None, relation, span: Span::default() });
        }
    }
    let urls = (0..LIST).filter_map(|index| word(&format!("general.dataset.{index}.repo_url")));
    let data = urls.chain(list(weights, "general.datasets")).filter_map(|text| names::dataset(&text));
    told.trained_on = data.map(|name| Spanned::new(name, Span::default())).collect();
}

/// The words of ModelSpec in the description of safetensors.
fn specification(weights: &Weights, told: &mut Told) {
    let word = |key: &str| word(weights, &format!("modelspec.{key}"));
    told.name = word("title");
    told.description =
        weights.words.get("modelspec.description").and_then(|text| plain::text(&text.lines().collect::<Vec<_>>(), 300));
    told.card.family = word("architecture");
    if told.card.family.as_deref().is_some_and(|family| family.ends_with("/lora")) {
        told.subject = Subject::Adapter;
    }
    if let Some(name) = word("author").filter(|name| !plain::is_blank(name)) {
        told.makers.push(Party { name, ..Party::default() });
    }
    if let Some(text) = word("license").filter(|text| !plain::is_blank(text)) {
        let licence = Licence { name: front::licence(&text), url: None, standing: LicenceStanding::Declared };
        told.licences.push(Spanned::new(licence, Span::default()));
    }
}

fn word(weights: &Weights, key: &str) -> Option<String> {
    let text = weights.words.get(key)?.trim();
    (!text.is_empty() && text.chars().count() <= WORD && !text.contains('\n')).then(|| text.to_owned())
}

fn list(weights: &Weights, key: &str) -> std::collections::BTreeSet<String> {
    let lines = weights.words.get(key).into_iter().flat_map(|text| text.lines());
    lines.map(str::trim).filter(|line| !line.is_empty() && line.chars().count() <= WORD).map(str::to_owned).collect()
}
