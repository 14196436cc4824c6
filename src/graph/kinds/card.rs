//! Files that tell of a model or a data set: cards, configurations, descriptions of data.

use std::collections::BTreeSet;

use crate::sbom::model::Card;
use crate::sbom::model::Distribution;
use crate::sbom::model::Licence;
use crate::sbom::model::Link;
use crate::sbom::model::Party;
use crate::sbom::model::RelationKind;
use crate::source::FileId;
use crate::source::Span;
use crate::source::Spanned;

/// Ends of files of weights.
pub const WEIGHTS: &[&str] = &[
    "bin",
    "caffemodel",
    "ckpt",
    "ggml",
    "gguf",
    "h5",
    "keras",
    "mlmodel",
    "msgpack",
    "nemo",
    "onnx",
    "pt",
    "pth",
    "safetensors",
    "tflite",
];
/// A file of the tree that tells of a model or a data set: of the one that its folder holds.
#[derive(Debug, Clone)]
pub struct CardFile {
    /// The file.
    pub file: FileId,
    /// What it tells.
    pub told: Told,
}

/// What one file tells of a model or a data set. Spans are places in that file.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// What kind of file it is.
    pub form: Form,
    /// What it speaks of.
    pub subject: Subject,
    /// Whether the file alone shows that it speaks of one. A README that names a licence and tags in its head may be
    /// a card; what lies beside it decides.
    pub is_sure: bool,
    /// What it calls its subject.
    pub name: Option<String>,
    /// The version that it states.
    pub version: Option<String>,
    /// A few words about it.
    pub description: Option<String>,
    /// Facts and texts. [`Card::sources`] is empty: whoever knows the file adds it.
    pub card: Card,
    /// Licences.
    pub licences: Vec<Spanned<Licence>>,
    /// Words on the licence beside these: `unlicensed`, `other` without a name, a name beside another licence.
    pub licence_words: Vec<Spanned<String>>,
    /// Models or data sets of which it was made.
    pub bases: Vec<Base>,
    /// Data sets of a hub that it was trained on.
    pub trained_on: Vec<Spanned<String>>,
    /// Data sets of a hub that it was measured with.
    pub tested_on: Vec<Spanned<String>>,
    /// Who made it.
    pub makers: Vec<Party>,
    /// Where more is found.
    pub links: BTreeSet<Link>,
    /// Files by which it is handed over.
    pub distributions: Vec<Distribution>,
    /// Names of the weights that an index lists, beside it.
    pub shards: BTreeSet<String>,
    /// Bytes of all weights together, as an index says.
    pub weight_bytes: Option<u64>,
    /// The day on which it was published, in seconds since 1970.
    pub released: Option<i64>,
}

/// What a model or data set was made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The name on a hub.
    pub name: String,
    /// The revision that is asked for.
    pub revision: Option<String>,
    /// How it was made of it.
    pub relation: RelationKind,
    /// Where it is named.
    pub span: Span,
}

/// Kinds of files that tell of models and data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Form {
    /// A card: a README with a head of YAML.
    #[default]
    Card,
    /// A `config.json` of transformers or diffusers.
    Config,
    /// An `adapter_config.json`.
    AdapterConfig,
    /// A list of the files over which weights are spread.
    ShardIndex,
    /// A `tokenizer_config.json` or a file that holds a chat template.
    Tokenizer,
    /// A `dataset_info.json`.
    DatasetInfo,
    /// A description in the words of Croissant.
    Croissant,
    /// The header of weights.
    Header,
}

impl Form {
    /// What the file is called where a place is told.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Card => "card",
            Self::Config => "configuration",
            Self::AdapterConfig => "adapter configuration",
            Self::ShardIndex => "index of weights",
            Self::Tokenizer => "tokenizer configuration",
            Self::DatasetInfo => "data set information",
            Self::Croissant => "Croissant description",
            Self::Header => "header of weights",
        }
    }
}

/// What a file speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Subject {
    /// The file does not say.
    #[default]
    Unsaid,
    /// A model.
    Model,
    /// Weights that are put onto a model's.
    Adapter,
    /// Data.
    Dataset,
}
