//! What calls do with models beside loading them: they train, measure, quantise, merge and write them. A table.
//!
//! Sources: the documentation of each package.

use super::evaluate::given;
use super::loaders::NOWHERE;
use super::scope::Call;
use crate::parse::python::Kind;

/// What a call does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Deed {
    /// It makes what trains: `SFTTrainer(..)`.
    Trainer,
    /// It starts that: `trainer.train()`.
    Start,
    /// It trains by itself: `model.fit(train_objectives=..)`, `YOLO(..).train(data=..)`.
    Trains,
    /// It goes back through a loss: `loss.backward()`.
    Backward,
    /// It changes weights: `optimizer.step()`.
    Step,
    /// It measures.
    Measures,
    /// It writes with less precision.
    Quantises,
    /// It puts an adapter into the weights, or mixes weights.
    Merges,
    /// It puts the model to a hub.
    Pushes,
    /// It writes the model to a folder.
    Saves,
    /// It makes settings of a training.
    Settings,
    /// It says that an adapter is trained.
    Adapts,
}

/// What only looks like what trains a model: it makes a tokenizer.
const OF_TOKENIZERS: &[&str] = &["BpeTrainer", "UnigramTrainer", "WordLevelTrainer", "WordPieceTrainer"];

/// What a call does, by the name of what is called as it is written.
pub(super) fn of_call(call: &Call<'_>) -> Option<Deed> {
    let name = call.function.last_name()?;
    let object = match &call.function.kind {
        Kind::Attribute(object, _) => {
            // `SFTTrainer(..).train()` is called on what a call gives.
            let made = if let Kind::Call(function, _) = &object.kind { function } else { object };
            Some(made.last_name().unwrap_or("").to_ascii_lowercase())
        }
        _ => None,
    };
    let has = |keyword: &str| given(call.arguments, keyword, NOWHERE).is_some();
    let of = |words: &[&str]| object.as_deref().is_some_and(|object| words.iter().any(|word| object.contains(word)));
    let is_class = name.starts_with(char::is_uppercase);
    Some(match name {
        _ if is_class && name.ends_with("Trainer") && !OF_TOKENIZERS.contains(&name) => Deed::Trainer,
        "train" | "fit" if of(&["trainer"]) => Deed::Start,
        "train" if has("data") && object.is_some() => Deed::Trains,
        "fit"
            if ["train_objectives", "epochs", "train_dataloader", "train_dataloaders", "datamodule"]
                .into_iter()
                .any(has) =>
        {
            Deed::Trains
        }
        "finetune" | "fine_tune" if object.is_some() && !call.arguments.is_empty() => Deed::Trains,
        "train_from_iterator" | "train_new_from_iterator" if object.is_some() => Deed::Trains,
        "backward" | "manual_backward" if object.is_some() => Deed::Backward,
        "value_and_grad" => Deed::Backward,
        "step" if of(&["opt", "engine", "scaler", "sgd", "adam"]) => Deed::Step,
        "apply_gradients" => Deed::Step,
        "update" if of(&["optimizer", "tx"]) => Deed::Step,
        "simple_evaluate" => Deed::Measures,
        "load_metric" => Deed::Measures,
        "load" if of(&["evaluate"]) => Deed::Measures,
        "evaluate" if object.is_some() => Deed::Measures,
        "quantize" | "save_quantized" | "quantize_model" | "oneshot" if !call.arguments.is_empty() => Deed::Quantises,
        "merge_and_unload" | "merge_adapter" | "add_weighted_adapter" => Deed::Merges,
        "push_to_hub" | "push_to_hub_merged" | "push_to_hub_gguf"
            if !of(&["data", "tokenizer", "processor", "split"]) =>
        {
            Deed::Pushes
        }
        "save_pretrained"
        | "save_model"
        | "save_pretrained_merged"
        | "save_pretrained_gguf"
        | "save_lora"
        | "save_adapter"
            if !of(&["tokenizer", "processor", "config"]) =>
        {
            Deed::Saves
        }
        "get_peft_model" | "LoraConfig" | "PeftConfig" | "QLoRAConfig" => Deed::Adapts,
        _ if is_class && (name.ends_with("TrainingArguments") || is_settings(name)) => Deed::Settings,
        _ => return None,
    })
}

/// Whether a class holds settings of a training.
fn is_settings(name: &str) -> bool {
    const METHODS: &[&str] =
        &["SFT", "DPO", "GRPO", "KTO", "ORPO", "CPO", "PPO", "RLOO", "BCO", "GKD", "Reward", "OnlineDPO", "XPO", "PRM"];
    name.strip_suffix("Config").is_some_and(|method| METHODS.contains(&method))
}

/// The method that a class trains by, where its name says one: `GRPOTrainer` trains by `grpo`.
pub(super) fn method(name: &str) -> Option<String> {
    let before = name.strip_suffix("Trainer")?;
    const METHODS: &[&str] = &[
        "SFT",
        "DPO",
        "GRPO",
        "KTO",
        "ORPO",
        "CPO",
        "PPO",
        "RLOO",
        "BCO",
        "GKD",
        "Reward",
        "OnlineDPO",
        "XPO",
        "PRM",
        "NashMD",
        "AsyncGRPO",
        "SDPO",
        "GOLD",
        "Distillation",
    ];
    METHODS.contains(&before).then(|| before.to_ascii_lowercase())
}
