//! The types of what is referenced.

use std::sync::Arc;

use crate::source::Span;

/// What is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AssetKind {
    /// Weights, or a repository that holds them.
    Model,
    /// Data to train or to measure with.
    Dataset,
    /// A tokenizer or processor that is loaded as such.
    Tokenizer,
    /// Weights that are put onto a model's: LoRA.
    Adapter,
    /// Native code of a hub that is loaded into the process.
    Kernel,
}

impl AssetKind {
    /// The kind as the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Dataset => "dataset",
            Self::Tokenizer => "tokenizer",
            Self::Adapter => "adapter",
            Self::Kernel => "kernel",
        }
    }
}

/// Who resolves the name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Hub {
    /// `owner/name` or an old name without owner, on Hugging Face.
    HuggingFace,
    /// The same on ModelScope.
    ModelScope,
    /// `owner/repo:entry`: code and weights of a repository on GitHub, by `torch.hub`.
    TorchHub,
    /// `name` of Ollama's library; what stands behind the colon is the revision.
    Ollama,
    /// `owner/name` on Kaggle.
    Kaggle,
    /// A name that a library resolves by itself, with the library: `ultralytics`, `spacy`, `timm`, `nltk`.
    Library(&'static str),
    /// A file's address.
    Address,
    /// An object in a bucket: `s3://`, `gs://`, `az://`.
    Bucket,
    /// A model that another party runs and that is called by name, with the party: `openai`.
    Hosted(&'static str),
}

impl Hub {
    /// The hub as the JSON and the lock spell it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::HuggingFace => "huggingface",
            Self::ModelScope => "modelscope",
            Self::TorchHub => "torch-hub",
            Self::Ollama => "ollama",
            Self::Kaggle => "kaggle",
            Self::Library(name) | Self::Hosted(name) => name,
            Self::Address => "address",
            Self::Bucket => "bucket",
        }
    }

    /// Whether another party runs the model, so that no file of it comes here.
    #[must_use]
    pub fn is_hosted(self) -> bool {
        matches!(self, Self::Hosted(_))
    }
}

/// How firmly a revision holds what is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pin {
    /// A commit in full, or a digest of the content.
    Commit,
    /// A name that looks like a release.
    Tag,
    /// Another name.
    Branch,
    /// No revision is written.
    None,
    /// A revision is given that cannot be known from the tree.
    Dynamic,
}

impl Pin {
    /// The state as the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Commit => "commit",
            Self::Tag => "tag",
            Self::Branch => "branch",
            Self::None => "none",
            Self::Dynamic => "dynamic",
        }
    }
}

/// What a place says of something that is loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It is loaded when the code runs or the configuration is used.
    Runs,
    /// It is loaded where nobody says otherwise: a parameter's, an option's, a field's default.
    Default,
    /// It stands in a comment, a docstring or a text for readers.
    Told,
}

impl Standing {
    /// The standing as the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Runs => "runs",
            Self::Default => "default",
            Self::Told => "told",
        }
    }
}

/// What is said to a loader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// True.
    On(Span),
    /// False.
    Off(Span),
    /// Something that cannot be known from the tree.
    Dynamic(Span),
}

impl Said {
    /// Where it is said; in the file of the call.
    #[must_use]
    pub fn span(self) -> Span {
        match self {
            Self::On(span) | Self::Off(span) | Self::Dynamic(span) => span,
        }
    }

    /// As the JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::On(_) => "true",
            Self::Off(_) => "false",
            Self::Dynamic(_) => "dynamic",
        }
    }
}

/// What loads it and how far that trusts what it loads. None where nothing is said.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Loader {
    /// The function, option or key, as people know it: `AutoModel.from_pretrained`, `--model`, `base_model`.
    pub by: String,
    /// `trust_remote_code`, `--trust-remote-code`.
    pub remote_code: Option<Said>,
    /// `weights_only`.
    pub weights_only: Option<Said>,
    /// `safe_mode` of Keras.
    pub safe_mode: Option<Said>,
    /// `allow_pickle` of NumPy.
    pub allow_pickle: Option<Said>,
    /// `use_safetensors`.
    pub safetensors: Option<Said>,
}

/// A place in a file of the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct At {
    /// The file, from the root of the tree, with `/`.
    pub path: Arc<str>,
    /// The bytes, in the file as it lies there.
    pub span: Span,
}

/// How a commit is written beside a reference: in place of `span`, `before`, the commit, `after`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct RevisionEdit {
    /// What is replaced; empty where it is put in.
    pub at: At,
    /// What comes before the commit: `, revision="`.
    pub before: String,
    /// What comes after it: `"`.
    pub after: String,
}

/// Something that is loaded by name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// What is loaded.
    pub kind: AssetKind,
    /// Who resolves the name.
    pub hub: Hub,
    /// The name as the hub spells it, in the case it is written; of an address, the address.
    pub name: String,
    /// Where the name is written: the literal, which may stand elsewhere than the call.
    pub place: At,
    /// The call, key or option that loads it, where that is another place than the name's.
    pub call: Option<At>,
    /// The revision as written, or the text of what gives it where that is dynamic.
    pub revision: Option<String>,
    /// How firmly it holds.
    pub pin: Pin,
    /// Where the revision is written.
    pub revision_place: Option<At>,
    /// How a commit would be written there; none where there is no one right place.
    pub edit: Option<RevisionEdit>,
    /// The same at other calls that take the name from its place. A commit is written at all of them or at none.
    pub other_edits: Vec<RevisionEdit>,
    /// What the place says of it.
    pub standing: Standing,
    /// What loads it.
    pub loader: Loader,
    /// Files of it that are asked for by name, sorted: `model.safetensors`.
    pub files: Vec<String>,
    /// A digest that the place compares the bytes with: `sha256:..`.
    pub digest: Option<String>,
    /// Whether it is loaded by tests that stand in a file of the product.
    pub is_of_tests: bool,
}

/// A call of a loader whose name cannot be known from the tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unresolved {
    /// What would be loaded.
    pub kind: AssetKind,
    /// Who would resolve the name.
    pub hub: Hub,
    /// The call.
    pub place: At,
    /// What gives the name, as it is written, cut to a line.
    pub text: String,
    /// What loads it; what is said of trust counts here too.
    pub loader: Loader,
}

/// A small file that stands for a large one, by its digest: git LFS, DVC.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Pointer {
    /// The pointer.
    pub at: At,
    /// The path of what it stands for, from the root of the tree; a pointer of LFS stands for itself.
    pub target: String,
    /// The digest with its algorithm: `sha256:..`, `md5:..`.
    pub digest: String,
    /// How many bytes it has.
    pub size: Option<u64>,
    /// Where it comes from, where the pointer says so: a remote's address.
    pub from: Option<String>,
}

impl Reference {
    /// A reference at one place, with nothing said beside the name.
    #[must_use]
    pub fn new(kind: AssetKind, hub: Hub, name: impl Into<String>, place: At, by: impl Into<String>) -> Self {
        Self {
            kind,
            hub,
            name: name.into(),
            place,
            call: None,
            revision: None,
            pin: Pin::None,
            revision_place: None,
            edit: None,
            other_edits: Vec::new(),
            standing: Standing::Runs,
            loader: Loader { by: by.into(), ..Loader::default() },
            files: Vec::new(),
            digest: None,
            is_of_tests: false,
        }
    }

    /// The same with a revision that is written.
    #[must_use]
    pub fn at_revision(mut self, revision: impl Into<String>, place: Option<At>) -> Self {
        let revision = revision.into();
        self.pin = super::names::pin_of(&revision);
        self.revision = Some(revision);
        self.revision_place = place;
        self
    }
}
