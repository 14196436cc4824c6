//! What makes a model of others, or measures one: trainings, and what stands in them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use super::At;
use super::Reference;
use super::local::Local;

/// What is done with models.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Task {
    /// One is trained.
    Train,
    /// One is written with less precision.
    Quantise,
    /// Several are made one.
    Merge,
    /// One is measured.
    Evaluate,
}

impl Task {
    /// The task as documents spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Quantise => "quantise",
            Self::Merge => "merge",
            Self::Evaluate => "evaluate",
        }
    }
}

/// What something that is loaded is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The model is made of it, or it is the model that is measured.
    Base,
    /// An adapter that is put onto the model.
    Adapter,
    /// The model learns from it.
    Data,
    /// The model is measured with it.
    TestData,
    /// Another model that helps: one that gives rewards, one that teaches.
    Helper,
}

/// Something that a training loads; the same that a [`Reference`] of the same place and name tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Named {
    /// What it is for.
    pub part: Part,
    /// What is loaded.
    pub reference: Reference,
    /// Whether it is one of several that are chosen from, and no default says that it is this one.
    pub is_possible: bool,
}

impl Named {
    /// Something that is loaded in any case.
    #[must_use]
    pub fn new(part: Part, reference: Reference) -> Self {
        Self { part, reference, is_possible: false }
    }
}

/// A file of the tree that is data of a training.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DataFile {
    /// What it is for.
    pub part: Part,
    /// Its path in the tree.
    pub path: Arc<str>,
    /// Where the training names it.
    pub at: At,
}

/// What a result is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Output {
    /// `owner/name` of a hub it is put to.
    Hub(String),
    /// A folder or file it is written to, as it is written.
    Path(String),
}

/// One way in which a model is made or measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Training {
    /// What is done.
    pub task: Task,
    /// What does it, as people know it: `SFTTrainer`, `axolotl`.
    pub by: String,
    /// The call, key or command that does it.
    pub place: At,
    /// The script that runs; none where it is not of the tree or not known.
    pub script: Option<Arc<str>>,
    /// Recipes and files of commands that say what it runs with.
    pub recipes: BTreeSet<Arc<str>>,
    /// What it loads.
    pub named: Vec<Named>,
    /// Data of the tree itself.
    pub files: Vec<DataFile>,
    /// Data whose names are looked up once the tree is read.
    pub(in crate::references) local: Vec<Local>,
    /// What comes of it, with the place that says so.
    pub outputs: Vec<(Output, At)>,
    /// How: `sft`, `dpo`, `lora`.
    pub methods: BTreeSet<String>,
    /// Whether what comes of it is an adapter and nothing else.
    pub makes_adapter: bool,
    /// Settings that are written down: `learning_rate`.
    pub parameters: BTreeMap<String, String>,
    /// Packages that the script imports, by the name of the import.
    pub imports: BTreeSet<String>,
    /// Parts that a command gives, known or not.
    pub(in crate::references) gives: BTreeSet<Part>,
}

impl Training {
    /// One of which nothing is known but what it does, and where.
    #[must_use]
    pub fn new(task: Task, by: impl Into<String>, place: At) -> Self {
        Self {
            task,
            by: by.into(),
            place,
            script: None,
            recipes: BTreeSet::new(),
            named: Vec::new(),
            files: Vec::new(),
            local: Vec::new(),
            outputs: Vec::new(),
            methods: BTreeSet::new(),
            makes_adapter: false,
            parameters: BTreeMap::new(),
            imports: BTreeSet::new(),
            gives: BTreeSet::new(),
        }
    }

    /// What it loads for a part.
    pub fn of_part(&self, part: Part) -> impl Iterator<Item = &Named> {
        self.named.iter().filter(move |named| named.part == part)
    }

    /// Whether it is told what goes in: without that nothing can be said of what comes out.
    #[must_use]
    pub fn is_told(&self) -> bool {
        let has = |part| self.of_part(part).next().is_some() || self.files.iter().any(|file| file.part == part);
        match self.task {
            Task::Train => has(Part::Base) || has(Part::Data),
            Task::Quantise | Task::Merge => has(Part::Base) || has(Part::Adapter),
            Task::Evaluate => has(Part::Base) && (has(Part::TestData) || has(Part::Data)),
        }
    }
}

/// Settings that are kept, by the names people give them.
pub(in crate::references) const SETTINGS: &[&str] = &[
    "adam_beta2",
    "batch_size",
    "beta",
    "bf16",
    "epochs",
    "finetuning_type",
    "fp16",
    "gradient_accumulation_steps",
    "learning_rate",
    "load_in_4bit",
    "load_in_8bit",
    "lora_alpha",
    "lora_dropout",
    "lora_r",
    "lora_rank",
    "lr",
    "lr_scheduler_type",
    "max_completion_length",
    "max_length",
    "max_prompt_length",
    "max_seq_length",
    "max_steps",
    "merge_method",
    "micro_batch_size",
    "num_epochs",
    "num_generations",
    "num_train_epochs",
    "optim",
    "optimizer",
    "per_device_train_batch_size",
    "r",
    "seed",
    "sequence_len",
    "stage",
    "train_batch_size",
    "use_peft",
    "warmup_ratio",
    "warmup_steps",
    "weight_decay",
];

/// Whether a text is one that a setting has: a number, a word.
pub(in crate::references) fn is_setting(text: &str) -> bool {
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b'+');
    !text.is_empty() && text.len() <= 40 && text.bytes().all(is_plain)
}

/// Words of names that say that a model only helps.
pub(in crate::references) fn is_helper(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    const HELPERS: &[&str] = &[
        "teacher",
        "reward",
        "judge",
        "critic",
        "verifier",
        "guard",
        "safety",
        "scorer",
        "draft",
        "metric",
        "eval",
        "ref_model",
        "reference_model",
        "rm_model",
        "embed_model",
        "rerank",
        "negative",
        "mining",
        "oracle",
    ];
    HELPERS.iter().any(|word| lower.contains(word))
}

/// Words of names that say that a model goes into another one, or stands beside it, where that other one is loaded as
/// well.
pub(in crate::references) fn is_component(name: &str) -> bool {
    const COMPONENTS: &[&str] = &[
        "asr_model",
        "audio_encoder",
        "audio_tower",
        "clip_model",
        "description_encoder",
        "embedder",
        "embedding_model",
        "embeddings_model",
        "feature_extractor",
        "image_encoder",
        "text_encoder",
        "vae",
        "vision_encoder",
        "vision_tower",
        "vocoder",
    ];
    let lower = name.to_ascii_lowercase().replace('-', "_");
    COMPONENTS.iter().any(|word| lower.contains(word))
}

/// What only goes into a model, or stands beside it, is no base of what is trained from another one.
pub(in crate::references) fn settle_components(named: &mut [Named], is_component: &dyn Fn(&Named) -> bool) {
    let is_base = |one: &Named| one.part == Part::Base;
    let has_other = named.iter().any(|one| is_base(one) && !is_component(one));
    if has_other {
        let all = named.iter_mut().filter(|one| is_base(one) && is_component(one));
        all.for_each(|one| one.part = Part::Helper);
    }
}

/// Words of names that say that data is there to measure with.
pub(in crate::references) fn is_for_tests(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric());
    words.into_iter().any(|word| {
        matches!(
            word,
            "eval"
                | "evals"
                | "evaluate"
                | "evaluation"
                | "test"
                | "testing"
                | "val"
                | "valid"
                | "validation"
                | "dev"
                | "benchmark"
        )
    })
}
