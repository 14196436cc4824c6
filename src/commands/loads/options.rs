//! Options and settings that name what is loaded, whatever the program is.

use crate::commands::Loaded;

/// Names of options, with `_` for `-`; of `actor.model.path` the last two parts.
const MODELS: &[&str] = &[
    "asr_model",
    "audio_tower",
    "base_model",
    "base_model_id",
    "base_model_name",
    "base_model_name_or_path",
    "base_model_path",
    "checkpoint",
    "clip_model",
    "controlnet_model_name_or_path",
    "critic_pretrain",
    "draft_model",
    "draft_model_id",
    "draft_model_path",
    "embed_model",
    "embedder",
    "embedding_model",
    "embedding_model_id",
    "embeddings_model",
    "hf_embedding_model",
    "hf_model",
    "hf_model_id",
    "hf_model_name",
    "hf_repo",
    "judge_model",
    "llm_model",
    "main_model",
    "mm_vision_tower",
    "model",
    "model_dir",
    "model_id",
    "model_name",
    "model_name_or_path",
    "model_path",
    "model_repo",
    "model_repo_id",
    "original_state_dict_repo_id",
    "pretrain",
    "pretrained",
    "pretrained_model",
    "pretrained_model_name",
    "pretrained_model_name_or_path",
    "pretrained_name_or_path",
    "pretrained_path",
    "pretrained_teacher_model",
    "pretrained_vae_model_name_or_path",
    "remote_rm_model",
    "repo_id",
    "rerank_model",
    "reranker",
    "reranker_model",
    "reward_model",
    "reward_model_name_or_path",
    "reward_model_path",
    "reward_pretrain",
    "sd_model",
    "sft_model_path",
    "speculative_draft_model",
    "speculative_draft_model_path",
    "speculative_model",
    "student_model",
    "student_model_name",
    "student_model_name_or_path",
    "teacher_model",
    "teacher_model_name",
    "teacher_model_name_or_path",
    "text_encoder",
    "text_encoder_repo",
    "tts_model",
    "vae_model",
    "vision_encoder",
    "vision_model",
    "vision_tower",
    "vlm_model",
    "vlm_model_name",
    "whisper_model",
];
const TOKENIZERS: &[&str] = &[
    "processor",
    "processor_name",
    "processor_name_or_path",
    "tok_model_id",
    "tokenizer",
    "tokenizer_base_model",
    "tokenizer_id",
    "tokenizer_model",
    "tokenizer_name",
    "tokenizer_name_or_path",
    "tokenizer_path",
    "tokenizer_repo",
];
const DATA: &[&str] = &[
    "dataset",
    "dataset_id",
    "dataset_name",
    "dataset_name_or_path",
    "dataset_path",
    "dataset_repo",
    "dataset_repo_id",
    "eval_dataset",
    "eval_dataset_name",
    "hf_dataset",
    "train_dataset",
    "train_dataset_name",
];
const ADAPTERS: &[&str] = &[
    "adapter",
    "adapter_id",
    "adapter_model",
    "adapter_name_or_path",
    "adapter_path",
    "lora",
    "lora_adapter",
    "lora_adapter_path",
    "lora_id",
    "lora_model",
    "lora_model_name_or_path",
    "lora_modules",
    "lora_path",
    "lora_paths",
    "lora_repo",
    "lora_weights",
    "peft_model",
    "peft_model_id",
    "peft_path",
];
/// Names before a point that say that the option is about where something goes to.
const TARGETS: &[&str] = &["policy.repo_id", "hub.repo_id", "push.repo_id"];

/// What an option names: `--model-id`, `model.path`, `MODEL_ID`.
pub(super) fn named(option: &str) -> Option<Loaded> {
    let key = option.trim_start_matches('-').to_ascii_lowercase().replace('-', "_");
    if key.len() > 80 || TARGETS.iter().any(|t| key.ends_with(t)) {
        return None;
    }
    let mut parts = key.rsplit('.');
    let (last, before) = (parts.next().unwrap_or(""), parts.next());
    // `actor_rollout_ref.model.path`, `--dataset.repo_id`
    let whose = match (last, before) {
        ("path" | "name" | "id" | "repo_id" | "name_or_path" | "pretrained_model_name_or_path", Some(before)) => before,
        _ => last,
    };
    let is = |list: &[&str]| list.binary_search(&whose).is_ok();
    if is(MODELS) {
        Some(Loaded::Model)
    } else if is(TOKENIZERS) {
        Some(Loaded::Tokenizer)
    } else if is(DATA) {
        Some(Loaded::DataSet)
    } else if is(ADAPTERS) {
        Some(Loaded::Adapter)
    } else {
        None
    }
}

/// The options that give the revision of such a thing.
pub(super) fn revisions(what: Loaded) -> &'static [&'static str] {
    match what {
        Loaded::Model => &[
            "--revision",
            "--model-revision",
            "--model_revision",
            "--hf-revision",
            "--hf_revision",
            "--model.revision",
        ],
        Loaded::Tokenizer => &["--tokenizer-revision", "--tokenizer_revision"],
        Loaded::DataSet => &["--dataset-revision", "--dataset_revision", "--dataset.revision"],
        Loaded::Adapter => &["--adapter-revision", "--adapter_revision", "--lora-revision", "--lora_revision"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_name_what_is_loaded() {
        for list in [MODELS, TOKENIZERS, DATA, ADAPTERS] {
            assert!(list.is_sorted(), "{list:?}");
        }
        for (option, what) in [
            ("--model_name_or_path", Some(Loaded::Model)),
            ("--model-id", Some(Loaded::Model)),
            ("MODEL_ID", Some(Loaded::Model)),
            ("actor_rollout_ref.model.path", Some(Loaded::Model)),
            ("--dataset.repo_id", Some(Loaded::DataSet)),
            ("--dataset_name", Some(Loaded::DataSet)),
            ("--tokenizer", Some(Loaded::Tokenizer)),
            ("--lora-modules", Some(Loaded::Adapter)),
            ("--policy.repo_id", None),
            ("--hub_model_id", None),
            ("--served-model-name", None),
            ("--new_repo_id", None),
            ("--output_dir", None),
        ] {
            assert_eq!(named(option), what, "{option}");
        }
    }
}
