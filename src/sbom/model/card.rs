//! What is told of a model or a data set.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::Hash;
use super::Occurrence;
use super::Party;

/// What is told of a model or a data set. Texts are those of its card, cut to a sensible length.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Card {
    /// What it is for: `text-generation`.
    pub tasks: BTreeSet<String>,
    /// How it learned: `supervised`, `self-supervised`, as CycloneDX names approaches.
    pub approach: Option<String>,
    /// The family of its architecture: `llama`.
    pub family: Option<String>,
    /// Its architecture: `LlamaForCausalLM`.
    pub architectures: BTreeSet<String>,
    /// What goes in: `text`, `image`.
    pub inputs: BTreeSet<String>,
    /// What comes out.
    pub outputs: BTreeSet<String>,
    /// How many parameters it has.
    pub parameters: Option<u64>,
    /// Types of its weights: `BF16`.
    pub dtypes: BTreeSet<String>,
    /// How it is quantised: `Q4_K_M`, `gptq`.
    pub quantisation: Option<String>,
    /// Tokens that it looks at.
    pub context_length: Option<u64>,
    /// Other settings of it: layers, heads, vocabulary.
    pub settings: BTreeMap<String, String>,
    /// What it was measured at.
    pub metrics: Vec<Metric>,
    /// What it is meant for.
    pub intended_use: Option<String>,
    /// What it is not meant for.
    pub out_of_scope: Option<String>,
    /// What it cannot do.
    pub limitations: Option<String>,
    /// Risks to people, and what was done about them.
    pub ethics: Option<String>,
    /// Bias that is known.
    pub bias: Option<String>,
    /// How it was trained.
    pub training: Option<String>,
    /// How its data was prepared.
    pub preprocessing: Option<String>,
    /// What training it cost: a number with its unit, `CO2 equivalent: 12 kg`.
    pub energy: Option<String>,
    /// Languages, as BCP 47 writes them.
    pub languages: BTreeSet<String>,
    /// Words it is found by.
    pub tags: BTreeSet<String>,
    /// The library that loads it.
    pub library: Option<String>,
    /// SHA-256 of its chat template.
    pub chat_template: Option<Hash>,
    /// Kinds of data, of a data set: `text`, `image`.
    pub data_kinds: BTreeSet<String>,
    /// Bytes of a data set.
    pub bytes: Option<u64>,
    /// Rows of a data set.
    pub rows: Option<u64>,
    /// Its parts by name, with their rows.
    pub splits: BTreeMap<String, Option<u64>>,
    /// How it was collected.
    pub collection: Option<String>,
    /// Whether it holds personal or sensitive data, as its makers say; none where they do not.
    pub is_sensitive: Option<bool>,
    /// What is sensitive in it.
    pub sensitive: Option<String>,
    /// How it was made anonymous.
    pub anonymisation: Option<String>,
    /// Who keeps it.
    pub custodians: Vec<Party>,
    /// How and when it is renewed.
    pub updates: Option<String>,
    /// Where these things are told.
    pub sources: BTreeSet<Occurrence>,
}

/// Something that was measured.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Metric {
    /// What: `accuracy`.
    pub name: String,
    /// How much, as it is written.
    pub value: String,
    /// With which data.
    pub dataset: Option<String>,
    /// At which task.
    pub task: Option<String>,
}
