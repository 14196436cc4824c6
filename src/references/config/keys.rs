//! Which keys of configuration name something that is loaded, and of what kind it is.

use super::document::Entry;
use super::document::find;
use crate::references::AssetKind;

/// What a value must look like to be a name of a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::references) enum Need {
    /// `owner/name`, or an old name without owner.
    Name,
    /// `owner/name`: the key also stands for other things.
    Owner,
}

/// What a key names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::references) struct Wanted {
    /// The kind.
    pub kind: AssetKind,
    /// How sure the key is.
    pub need: Need,
}

/// A key as the table has it: `modelURL`, `model-url` and `MODEL_URL` are all `model_url`.
pub(in crate::references) fn plain(key: &str) -> String {
    let mut out = String::with_capacity(key.len() + 4);
    let mut before = '_';
    for c in key.chars() {
        if c.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit()) {
            out.push('_');
        }
        out.push(if matches!(c, '-' | '.' | ' ') { '_' } else { c.to_ascii_lowercase() });
        before = c;
    }
    out
}

/// Parts of keys whose values are written to, compared with, shown or served under, but not loaded.
const NEVER: &[&str] = &[
    "alias",
    "allowed",
    "blocked",
    "cache",
    "class",
    "config_map",
    "database",
    "description",
    "display",
    "dummy",
    "exclude",
    "expect",
    "experiment",
    "export",
    "hf_metadata_dataset",
    "results_dataset",
    "hub_dataset_id",
    "hub_model",
    "image",
    "model_type",
    "output",
    "pattern",
    "prefix",
    "response",
    "project",
    "push",
    "save",
    "selected",
    "served",
    "supported",
    "target",
    "token_",
    "upload",
    "version",
    "writer",
];

/// Keys below which nothing is configuration: texts, results, requests and answers.
const BELOW: &[&str] = &[
    "annotations",
    "answer",
    "choices",
    "completion",
    "content",
    "definitions",
    "description",
    "example",
    "expected",
    "expected_output",
    "help",
    "labels",
    "message",
    "messages",
    "metrics",
    "openapi",
    "prediction",
    "predictions",
    "reference_output",
    "response",
    "responses",
    "result",
    "results",
    "test_results",
    "tool_calls",
    "trace",
    "traces",
    "usage",
];

/// Whether nothing below a key is configuration.
pub(in crate::references) fn hides(key: &str) -> bool {
    BELOW.contains(&key)
}

const MODEL: &[&str] = &[
    "base_model_name",
    "checkpoint_repo",
    "embedder",
    "gguf_repo",
    "hf_id",
    "hf_path",
    "hf_repo",
    "hf_repo_id",
    "huggingface_id",
    "huggingface_repo",
    "model",
    "model_card",
    "model_checkpoint",
    "model_id",
    "model_identifier",
    "model_name",
    "model_name_or_path",
    "model_or_path",
    "model_path",
    "model_ref",
    "model_repo",
    "model_repo_id",
    "model_source",
    "model_uri",
    "model_url",
    "modelid",
    "modelname",
    "pretrained",
    "pretrained_name",
    "pretrained_path",
    "repo_id",
    "ckpt_name",
    "rerank_id",
    "reranker",
    "storage_uri",
    "text_encoder",
    "unet",
    "vae",
    "vision_tower",
    "audio_tower",
    "artifact_url",
];

const DATASET: &[&str] = &[
    "dataset",
    "dataset_id",
    "dataset_name",
    "dataset_name_or_path",
    "dataset_path",
    "dataset_repo",
    "dataset_repo_id",
    "dataset_uri",
    "hf_dataset_name",
    "hf_hub_url",
    "ms_hub_url",
    "om_hub_url",
];

const TOKENIZER: &[&str] = &[
    "processor",
    "processor_id",
    "processor_name",
    "processor_name_or_path",
    "processor_path",
    "tok_model_id",
    "tokenizer",
    "tokenizer_id",
    "tokenizer_model",
    "tokenizer_model_id",
    "tokenizer_name",
    "tokenizer_name_or_path",
    "tokenizer_path",
    "tokenizer_repo",
];

const ADAPTER: &[&str] = &[
    "adapter",
    "adapter_id",
    "adapter_model_id",
    "adapter_name_or_path",
    "adapter_path",
    "adapters_model_id",
    "lora",
    "lora_adapter",
    "lora_id",
    "lora_model",
    "lora_model_dir",
    "lora_model_id",
    "lora_name_or_path",
    "lora_path",
    "lora_repo",
    "lora_weights",
    "peft_addr",
    "peft_model",
    "peft_model_id",
    "peft_model_name_or_path",
    "xlora_model_id",
];

/// Keys that only say which of the things of their parent is meant.
const OF_PARENT: &[&str] = &[
    "name",
    "path",
    "id",
    "repo",
    "repo_id",
    "source",
    "uri",
    "url",
    "hf",
    "huggingface",
    "hub_id",
    "pretrained",
    "model",
];

/// Keys of the libraries that load by the value of this key and nothing else, so that old names count too.
const SURE: &[&str] = &[
    "model_name_or_path",
    "pretrained_model_name_or_path",
    "base_model",
    "tokenizer_name_or_path",
    "adapter_name_or_path",
];

/// What the value of a key names; `parent` is the key above, `beside` what stands beside it.
pub(in crate::references) fn wanted(key: &str, parent: &str, beside: &[Entry]) -> Option<Wanted> {
    // `url_suffix: {models: v1beta/models}`: parts of addresses.
    if parent
        .split('_')
        .any(|word| matches!(word, "url" | "urls" | "endpoint" | "endpoints" | "route" | "routes" | "suffix"))
    {
        return None;
    }
    let own = own(key);
    let of_parent = OF_PARENT.contains(&key).then(|| self::own(parent.strip_suffix('s').unwrap_or(parent))).flatten();
    // NeMo: `tokenizer: {library: huggingface, type: owner/name}`.
    let is_nemo = key == "type" && parent == "tokenizer" && find(beside, &["library"]).is_some();
    let of_parent = of_parent.or(is_nemo.then_some(AssetKind::Tokenizer));
    let kind = match (of_parent, own) {
        (Some(_), _)
            if key == "name" && find(beside, &["path", "uri", "model", "id", "repo_id", "source"]).is_some() =>
        {
            return None;
        }
        (Some(kind), _) => kind,
        (None, kind) => kind?,
    };
    let is_recipe = key == "dataset_name" && find(beside, &["model_name_or_path"]).is_some();
    if key == "dataset_name" && !is_recipe && find(beside, &["dataset_path", "include", "task"]).is_some() {
        // The tasks of lm-eval: a configuration of the data set.
        return None;
    }
    if key == "model_id" && find(beside, &["model_source"]).is_some() {
        // Ray: the name it is served under.
        return None;
    }
    if kind == AssetKind::Dataset
        && key == "dataset_path"
        && find(beside, &["task", "output_type", "include"]).is_some()
    {
        return Some(Wanted { kind, need: Need::Name });
    }
    let is_of_recipe = key == "path" && kind == AssetKind::Dataset && find(beside, &["type", "split"]).is_some();
    let is_sure = SURE.contains(&key) || key.ends_with("_model_name_or_path");
    let need = if is_sure || is_recipe || is_of_recipe { Need::Name } else { Need::Owner };
    Some(Wanted { kind, need })
}

/// The kind of a key by itself.
fn own(key: &str) -> Option<AssetKind> {
    let is_word = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if key.is_empty() || !key.bytes().all(is_word) || NEVER.iter().any(|part| key.contains(part)) {
        return None;
    }
    let ends = |words: &[&str]| {
        words.iter().any(|word| key.strip_suffix(word).is_some_and(|before| before.is_empty() || before.ends_with('_')))
    };
    let key_is_list = key.strip_suffix('s').filter(|one| !one.ends_with('s'));
    if ends(TOKENIZER) {
        return Some(AssetKind::Tokenizer);
    }
    if ends(ADAPTER) {
        return Some(AssetKind::Adapter);
    }
    if ends(DATASET) {
        return Some(AssetKind::Dataset);
    }
    if matches!(key, "attn_implementation") {
        return Some(AssetKind::Kernel);
    }
    if ends(MODEL) || key.ends_with("modelname") || key.starts_with("pretrained_") {
        return Some(AssetKind::Model);
    }
    match key_is_list? {
        one if one.ends_with("model") || one == "model_id" || one == "model_name" || one == "reranker" => {
            Some(AssetKind::Model)
        }
        one if one.ends_with("dataset") => Some(AssetKind::Dataset),
        one if one == "adapter" || one == "lora" => Some(AssetKind::Adapter),
        "tokenizer" => Some(AssetKind::Tokenizer),
        _ => None,
    }
}

/// Keys that give the revision of what is named beside them, the most particular first.
pub(in crate::references) fn revision_keys(key: &str, kind: AssetKind) -> Vec<String> {
    let mut all = Vec::new();
    for end in ["_name_or_path", "_id", "_name", "_path", "_repo", "_repo_id"] {
        all.extend(key.strip_suffix(end).map(|start| format!("{start}_revision")));
    }
    all.push(format!("{key}_revision"));
    let of_kind: &[&str] = match kind {
        AssetKind::Model => &["model_revision", "revision_of_model", "hf_revision", "revision"],
        AssetKind::Dataset => &["dataset_revision", "revision"],
        AssetKind::Tokenizer => &["tokenizer_revision", "processor_revision"],
        AssetKind::Adapter => &["adapter_revision", "lora_revision", "revision"],
        AssetKind::Kernel => &[],
    };
    all.extend(of_kind.iter().map(|&word| word.to_owned()));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_mean_the_same_however_they_are_spelled() {
        for (key, is) in [
            ("modelURL", "model_url"),
            ("HF_MODEL_ID", "hf_model_id"),
            ("model-name", "model_name"),
            ("storageUri", "storage_uri"),
            ("model.path", "model_path"),
        ] {
            assert_eq!(plain(key), is);
        }
    }

    #[test]
    fn keys_name_kinds() {
        for (key, parent, kind) in [
            ("base_model", "", Some(AssetKind::Model)),
            ("name", "model", Some(AssetKind::Model)),
            ("id", "datasets", Some(AssetKind::Dataset)),
            ("path", "datasets", Some(AssetKind::Dataset)),
            ("path", "volumes", None),
            ("app_textsplitter_modelname", "", Some(AssetKind::Model)),
            ("hub_model_id", "", None),
            ("served_model_name", "", None),
            ("output_dataset_name", "", None),
            ("attn_implementation", "", Some(AssetKind::Kernel)),
            ("name", "", None),
            ("models", "url_suffix", None),
            ("hf_metadata_dataset", "", None),
            ("train_metadata_dataset_name", "", Some(AssetKind::Dataset)),
            ("peft_addr", "", Some(AssetKind::Adapter)),
            ("tokenizer_name", "", Some(AssetKind::Tokenizer)),
            ("lora_path", "", Some(AssetKind::Adapter)),
        ] {
            assert_eq!(wanted(key, parent, &[]).map(|wanted| wanted.kind), kind, "{parent}.{key}");
        }
    }
}
