//! The model of a bill of materials: a superset of what CycloneDX and SPDX can say of the parts of a product that
//! contains or serves language models. Sources: CycloneDX 1.7, SPDX 3.0.1 (Core, Software, AI, Dataset, Build), the
//! purl specification.
//!
//! Everything that is not known is absent: no empty text, no invented date, no version of a branch. Lists are in the
//! order of [`Bom::settle`], so that equal parts are equal bytes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::parse::licence;

/// A bill of materials.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Bom {
    /// What the document says of itself.
    pub about: About,
    /// The id of what the document is about: one of [`Bom::components`].
    pub root: Option<String>,
    /// Everything the product is made of, the root among it, by id.
    pub components: Vec<Component>,
    /// How the parts relate.
    pub relations: Vec<Relation>,
    /// Processes that make one part from others: trainings, builds.
    pub processes: Vec<Process>,
    /// What is known to be there and not known what it is.
    pub unknowns: Vec<Unknown>,
}

/// What a document says of itself.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct About {
    /// The format it was read from; none where it was made here.
    pub format: Option<Format>,
    /// Its own identifier: a serial number or an address; none where one is to be made from its content.
    pub id: Option<String>,
    /// Its revision under that identifier; CycloneDX counts from 1.
    pub revision: Option<u64>,
    /// When it was made, in seconds since 1970.
    pub time: Option<i64>,
    /// Programs that made it.
    pub tools: Vec<Tool>,
    /// People and organisations that answer for the document.
    pub authors: Vec<Party>,
    /// Who hands the product over.
    pub supplier: Option<Party>,
    /// Who makes the product.
    pub producer: Option<Party>,
    /// When in the life of the product it was made.
    pub phases: BTreeSet<Phase>,
    /// Licences of the document itself.
    pub licences: Vec<Licence>,
    /// What a person states of the system as a whole, by the names of [`statements`].
    pub statements: BTreeMap<String, String>,
    /// More that is said of the document: names in a name space of their own, `custody:commit`.
    pub properties: BTreeMap<String, String>,
    /// Whether it holds vulnerabilities, which is for another document to tell.
    pub has_vulnerabilities: bool,
    /// Whether the document is signed, as far as can be seen in it; nothing verifies it here.
    pub is_signed: bool,
}

/// Names of what only a person can state of a system. Sources: G7 "SBOM for AI: minimum elements"; EU AI Act,
/// Annex IV.
pub mod statements {
    /// What the system is for.
    pub const INTENDED_USE: &str = "intended-use";
    /// What it is not for.
    pub const OUT_OF_SCOPE: &str = "out-of-scope";
    /// How data flows through it.
    pub const DATA_FLOW: &str = "data-flow";
    /// How data is used, personal data among it.
    pub const DATA_USAGE: &str = "data-usage";
    /// What goes in and what comes out.
    pub const INPUTS_OUTPUTS: &str = "inputs-outputs";
    /// Numbers on security, and from where on they are bad.
    pub const SECURITY_METRICS: &str = "security-metrics";
    /// Where known flaws are judged: the address of a VEX document.
    pub const VULNERABILITIES: &str = "vulnerabilities";
    /// How people oversee it.
    pub const OVERSIGHT: &str = "human-oversight";
    /// Its known limits and risks.
    pub const LIMITATIONS: &str = "limitations";
    /// How risks are managed.
    pub const RISK_MANAGEMENT: &str = "risk-management";
    /// Standards that are applied.
    pub const STANDARDS: &str = "standards";
    /// Controls that protect it.
    pub const SECURITY_CONTROLS: &str = "security-controls";
    /// Rules it complies with.
    pub const COMPLIANCE: &str = "compliance";
    /// Where its cybersecurity policy is told.
    pub const SECURITY_POLICY: &str = "security-policy";
    /// How it fares: service levels and other numbers.
    pub const PERFORMANCE: &str = "performance";
    /// What hardware it needs.
    pub const HARDWARE: &str = "hardware";
    /// What becomes of it after it is put on the market.
    pub const AFTER_MARKET: &str = "post-market-plan";
    /// Every name.
    pub const ALL: &[&str] = &[
        INTENDED_USE,
        OUT_OF_SCOPE,
        DATA_FLOW,
        DATA_USAGE,
        INPUTS_OUTPUTS,
        OVERSIGHT,
        LIMITATIONS,
        RISK_MANAGEMENT,
        STANDARDS,
        SECURITY_CONTROLS,
        SECURITY_METRICS,
        COMPLIANCE,
        SECURITY_POLICY,
        VULNERABILITIES,
        PERFORMANCE,
        HARDWARE,
        AFTER_MARKET,
    ];
}

/// The format of a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Format {
    /// CycloneDX as JSON, with its version: `1.7`.
    CycloneDx(String),
    /// SPDX 2 as JSON or tag-value, with its version: `2.3`.
    Spdx2(String),
    /// SPDX 3 as JSON-LD, with its version: `3.0.1`.
    Spdx3(String),
}

/// A program that made a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: Option<String>,
    /// Who makes it.
    pub producer: Option<String>,
    /// More that is said of it: `custody:index`, the digest of the advisory index.
    pub properties: BTreeMap<String, String>,
}

/// A person or an organisation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Party {
    /// The name; of one that is known by an address alone, that address.
    pub name: String,
    /// Addresses of pages.
    pub urls: BTreeSet<String>,
    /// Addresses of mail.
    pub emails: BTreeSet<String>,
    /// Whether it is one person.
    pub is_person: bool,
}

impl Party {
    /// Reads `Name <mail or address>`, as people write authors.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let text = text.trim();
        let (name, address) = match text.rsplit_once('<') {
            Some((name, rest)) if rest.ends_with('>') => (name.trim(), rest.trim_end_matches('>').trim()),
            _ if text.contains("://") => ("", text),
            _ => (text, ""),
        };
        let mut out = Self { name: if name.is_empty() { address } else { name }.to_owned(), ..Self::default() };
        if address.contains("://") {
            out.urls.insert(address.to_owned());
        } else if address.contains('@') {
            out.emails.insert(address.to_owned());
        }
        out
    }
}

/// When in the life of a product a document was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// From the design.
    Design,
    /// From sources, before anything is built.
    PreBuild,
    /// While it was built.
    Build,
    /// From what was built.
    PostBuild,
    /// From what runs.
    Operations,
    /// By looking for what is there.
    Discovery,
    /// At the end of its life.
    Decommission,
}

/// What a component is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Kind {
    /// Something that is run: a product, a service of the tree, a program.
    Application,
    /// A crate, a distribution, another package.
    #[default]
    Library,
    /// A framework.
    Framework,
    /// An action or reusable workflow.
    Action,
    /// A program that builds, trains or checks, and is not shipped.
    Tool,
    /// A container image.
    Image,
    /// A model: weights, or a repository that holds them.
    Model,
    /// A tokenizer or processor that is loaded as such.
    Tokenizer,
    /// Weights that are put onto a model's.
    Adapter,
    /// Native code of a hub that is loaded into the process.
    Kernel,
    /// Data to train or to measure with.
    Dataset,
    /// A model that another party runs and that is called by name.
    HostedModel,
    /// Another service that is called, or that the product offers.
    Service,
    /// A file.
    File,
    /// A platform or runtime: a Rust toolchain, a Python interpreter.
    Platform,
    /// An operating system.
    OperatingSystem,
    /// Hardware and what drives it.
    Device,
    /// Something else.
    Other,
}

impl Kind {
    /// The kind as our own JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Application => "application",
            Self::Library => "library",
            Self::Framework => "framework",
            Self::Action => "action",
            Self::Tool => "tool",
            Self::Image => "image",
            Self::Model => "model",
            Self::Tokenizer => "tokenizer",
            Self::Adapter => "adapter",
            Self::Kernel => "kernel",
            Self::Dataset => "dataset",
            Self::HostedModel => "hosted-model",
            Self::Service => "service",
            Self::File => "file",
            Self::Platform => "platform",
            Self::OperatingSystem => "operating-system",
            Self::Device => "device",
            Self::Other => "other",
        }
    }

    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::Application,
        Self::Library,
        Self::Framework,
        Self::Action,
        Self::Tool,
        Self::Image,
        Self::Model,
        Self::Tokenizer,
        Self::Adapter,
        Self::Kernel,
        Self::Dataset,
        Self::HostedModel,
        Self::Service,
        Self::File,
        Self::Platform,
        Self::OperatingSystem,
        Self::Device,
        Self::Other,
    ];

    /// The kind of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Whether it is weights, a tokenizer or another part of a model.
    #[must_use]
    pub fn is_model(self) -> bool {
        matches!(self, Self::Model | Self::Adapter | Self::Tokenizer | Self::HostedModel)
    }
}

/// How much of a product a component is needed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Scope {
    /// To run it.
    #[default]
    Required,
    /// To run a part of it that may be left out: a feature, an extra.
    Optional,
    /// To build, test or document it; it is not shipped.
    Excluded,
}

/// A part of a product.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Component {
    /// Its reference in the document: unique, made from what it is, without paths of a machine.
    pub id: String,
    /// What it is.
    pub kind: Kind,
    /// The owner or name space, as its hub or registry spells it.
    pub group: Option<String>,
    /// Its name, without the group.
    pub name: String,
    /// A release, a commit in full or a digest; never a branch or a range.
    pub version: Option<String>,
    /// What is asked for where no version is known: `>=1.2,<2`, `refs/heads/main`, `v4`.
    pub range: Option<String>,
    /// Its package URL.
    pub purl: Option<String>,
    /// Other names by which it is known: `cpe`, `swid`, `swhid`, `omnibor`, each with its value.
    pub identifiers: BTreeSet<(String, String)>,
    /// What it is needed for.
    pub scope: Scope,
    /// A few words about it.
    pub description: Option<String>,
    /// Who hands it over.
    pub supplier: Option<Party>,
    /// Who makes it.
    pub producer: Option<Party>,
    /// Who wrote it.
    pub authors: Vec<Party>,
    /// Who holds the rights.
    pub copyright: Option<String>,
    /// Digests of it as one thing: of the packed release, of the image, of the file.
    pub hashes: BTreeSet<Hash>,
    /// Files by which it is handed over, where there are several or their names are known: wheels, source archives.
    pub distributions: Vec<Distribution>,
    /// Files that it consists of: shards of a model, files of a data set.
    pub files: Vec<FileEntry>,
    /// Its licences.
    pub licences: Vec<Licence>,
    /// Where more of it is found.
    pub links: BTreeSet<Link>,
    /// Where the tree says that it is there.
    pub evidence: Vec<Occurrence>,
    /// What is told of a model or data set.
    pub card: Option<Box<Card>>,
    /// Addresses at which it answers, of a service.
    pub endpoints: BTreeSet<String>,
    /// More that is known, by names in a name space of their own: `custody:pin`.
    pub properties: BTreeMap<String, String>,
    /// Whether all that it needs is listed.
    pub dependencies: Completeness,
    /// When it was made or released, in seconds since 1970.
    pub released: Option<i64>,
}

/// A digest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash {
    /// How it was made.
    pub algorithm: Algorithm,
    /// Lower-case hexadecimal.
    pub value: String,
}

/// How a digest was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Algorithm {
    /// MD5, of DVC and old indexes.
    Md5,
    /// SHA-1, of git.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
    /// SHA3-256.
    Sha3x256,
    /// SHA3-384.
    Sha3x384,
    /// SHA3-512.
    Sha3x512,
    /// BLAKE2b with 256 bits.
    Blake2b256,
    /// BLAKE2b with 384 bits.
    Blake2b384,
    /// BLAKE2b with 512 bits.
    Blake2b512,
    /// BLAKE3.
    Blake3,
}

impl Algorithm {
    /// Every one with its names: as CycloneDX, as SPDX 3 spells it, and how many hexadecimal digits it has.
    const NAMES: &'static [(Self, &'static str, &'static str, usize)] = &[
        (Self::Md5, "MD5", "md5", 32),
        (Self::Sha1, "SHA-1", "sha1", 40),
        (Self::Sha224, "SHA-224", "sha224", 56),
        (Self::Sha256, "SHA-256", "sha256", 64),
        (Self::Sha384, "SHA-384", "sha384", 96),
        (Self::Sha512, "SHA-512", "sha512", 128),
        (Self::Sha3x256, "SHA3-256", "sha3_256", 64),
        (Self::Sha3x384, "SHA3-384", "sha3_384", 96),
        (Self::Sha3x512, "SHA3-512", "sha3_512", 128),
        (Self::Blake2b256, "BLAKE2b-256", "blake2b256", 64),
        (Self::Blake2b384, "BLAKE2b-384", "blake2b384", 96),
        (Self::Blake2b512, "BLAKE2b-512", "blake2b512", 128),
        (Self::Blake3, "BLAKE3", "blake3", 64),
    ];

    /// The algorithm of a name: `SHA-256`, `sha256`, `SHA256`.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let bare =
            |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
        let wanted = bare(name);
        Self::NAMES.iter().find(|(_, cyclonedx, ..)| bare(cyclonedx) == wanted).map(|(own, ..)| *own)
    }

    fn row(self) -> Option<&'static (Self, &'static str, &'static str, usize)> {
        Self::NAMES.iter().find(|(own, ..)| *own == self)
    }

    /// As CycloneDX spells it: `SHA-256`.
    #[must_use]
    pub fn cyclonedx(self) -> &'static str {
        self.row().map_or("", |row| row.1)
    }

    /// As SPDX 3 spells it: `sha256`.
    #[must_use]
    pub fn spdx(self) -> &'static str {
        self.row().map_or("", |row| row.2)
    }

    /// How many hexadecimal digits a digest has.
    #[must_use]
    pub fn digits(self) -> usize {
        self.row().map_or(0, |row| row.3)
    }
}

impl Hash {
    /// A digest by its algorithm and hexadecimal text; none where that is no digest of it.
    #[must_use]
    pub fn new(algorithm: Algorithm, value: &str) -> Option<Self> {
        let is_whole = value.len() == algorithm.digits() && value.bytes().all(|b| b.is_ascii_hexdigit());
        is_whole.then(|| Self { algorithm, value: value.to_ascii_lowercase() })
    }

    /// A digest as locks write it: `sha256:0123…`.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        let (algorithm, value) = text.split_once(':')?;
        Self::new(Algorithm::of_name(algorithm)?, value)
    }
}

/// A file by which a component is handed over.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Distribution {
    /// Its name, where it is known.
    pub name: Option<String>,
    /// Its address, where it is known.
    pub url: Option<String>,
    /// Its digests.
    pub hashes: BTreeSet<Hash>,
}

/// A file of a component.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct FileEntry {
    /// Its path in the component, or in the tree where the component is of the tree.
    pub path: String,
    /// Bytes.
    pub size: Option<u64>,
    /// Its digests.
    pub hashes: BTreeSet<Hash>,
    /// What it is, by its content: `safetensors`, `gguf`, `pickle`.
    pub format: Option<String>,
}

/// A licence, as it is told.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Licence {
    /// Which.
    pub name: LicenceName,
    /// Where its text is found.
    pub url: Option<String>,
    /// Who says so.
    pub standing: LicenceStanding,
}

/// What a licence is called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LicenceName {
    /// One of the list of SPDX: `Apache-2.0`.
    Id(String),
    /// An expression of several: `MIT OR Apache-2.0`.
    Expression(String),
    /// Another name, as it is written: `llama3.2`.
    Named(String),
}

impl LicenceName {
    /// Tells a text: an id or expression of SPDX's list, else the name as it is.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        let text = text.trim();
        if let Some(id) = licence::listed(text) {
            return Self::Id(id.to_owned());
        }
        licence::expression(text).map_or_else(|| Self::Named(text.to_owned()), Self::Expression)
    }

    /// The text of it.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Id(text) | Self::Expression(text) | Self::Named(text) => text,
        }
    }
}

/// Who says what a licence is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum LicenceStanding {
    /// Whoever made it.
    #[default]
    Declared,
    /// Whoever looked at it.
    Concluded,
}

/// Where more of something is found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Link {
    /// What is there.
    pub kind: LinkKind,
    /// The address.
    pub url: String,
}

/// What is found at an address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LinkKind {
    /// Its repository.
    Vcs,
    /// Its page.
    Website,
    /// Where it is downloaded.
    Distribution,
    /// What explains it.
    Documentation,
    /// Its model or data card.
    ModelCard,
    /// Where mistakes are told.
    Issues,
    /// Where flaws are told.
    SecurityContact,
    /// Its licence.
    Licence,
    /// Another bill of materials that tells of it.
    Bom,
    /// Who attests what of it.
    Attestation,
    /// What changed.
    ReleaseNotes,
    /// Papers about it.
    Paper,
    /// Something else.
    Other,
}

/// A place that says that something is there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Occurrence {
    /// The file, from the root of the tree.
    pub path: String,
    /// The line, from 1; 0 where the file as a whole says it.
    pub line: u32,
    /// How it is told there: `locked`, `asked for`, `loaded by AutoModel.from_pretrained`.
    pub how: Option<String>,
}

/// Whether a list is known to be whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Completeness {
    /// Nobody says.
    #[default]
    Unsaid,
    /// It is.
    Complete,
    /// It is known to lack something.
    Incomplete,
    /// It is not known.
    Unknown,
}

/// How one part stands to another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Relation {
    /// The id of the one.
    pub from: String,
    /// What it is to the other.
    pub kind: RelationKind,
    /// The id of the other.
    pub to: String,
    /// What it is needed for.
    pub scope: Scope,
    /// Where the tree says so.
    pub evidence: Vec<Occurrence>,
}

/// What one part is to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RelationKind {
    /// It needs it, loads it or calls it.
    DependsOn,
    /// It holds it.
    Contains,
    /// A model was made from that one by further training.
    FineTunedFrom,
    /// Weights of less precision, made from that one.
    QuantisedFrom,
    /// It was mixed from that one and others.
    MergedFrom,
    /// An adapter is put onto that one.
    AdapterOf,
    /// It was made from that one in a way that is not told.
    DerivedFrom,
    /// A model was trained on that data.
    TrainedOn,
    /// A model was measured with that data.
    TestedOn,
    /// It was trained by that script or recipe.
    TrainedBy,
    /// It was built from that: an image from a Dockerfile, a wheel from a crate.
    BuiltFrom,
    /// It was built, trained or checked with that tool.
    BuiltWith,
    /// It answers with that model.
    Serves,
    /// It is another copy of it.
    CopyOf,
}

impl RelationKind {
    /// The kind as our own JSON spells it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::DependsOn => "depends-on",
            Self::Contains => "contains",
            Self::FineTunedFrom => "fine-tuned-from",
            Self::QuantisedFrom => "quantised-from",
            Self::MergedFrom => "merged-from",
            Self::AdapterOf => "adapter-of",
            Self::DerivedFrom => "derived-from",
            Self::TrainedOn => "trained-on",
            Self::TestedOn => "tested-on",
            Self::TrainedBy => "trained-by",
            Self::BuiltFrom => "built-from",
            Self::BuiltWith => "built-with",
            Self::Serves => "serves",
            Self::CopyOf => "copy-of",
        }
    }

    /// Every kind.
    pub const ALL: &'static [Self] = &[
        Self::DependsOn,
        Self::Contains,
        Self::FineTunedFrom,
        Self::QuantisedFrom,
        Self::MergedFrom,
        Self::AdapterOf,
        Self::DerivedFrom,
        Self::TrainedOn,
        Self::TestedOn,
        Self::TrainedBy,
        Self::BuiltFrom,
        Self::BuiltWith,
        Self::Serves,
        Self::CopyOf,
    ];

    /// The kind of a word.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }

    /// Whether it tells of which model another one was made.
    #[must_use]
    pub fn is_descent(self) -> bool {
        matches!(
            self,
            Self::FineTunedFrom | Self::QuantisedFrom | Self::MergedFrom | Self::AdapterOf | Self::DerivedFrom
        )
    }
}

/// A process that makes parts from others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Process {
    /// Its reference in the document.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// What it does: `train`, `build`, `test`, `copy`, as CycloneDX names task types.
    pub task: String,
    /// Ids of what goes in.
    pub inputs: BTreeSet<String>,
    /// Ids of what comes out.
    pub outputs: BTreeSet<String>,
    /// Ids of the scripts and recipes that are followed, in order.
    pub steps: Vec<String>,
    /// Settings of it that are written down: `learning_rate`.
    pub parameters: BTreeMap<String, String>,
    /// Where the tree says so.
    pub evidence: Vec<Occurrence>,
}

/// Something that is loaded and cannot be told from the files.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unknown {
    /// What it would be.
    pub kind: Kind,
    /// What gives it, as it is written.
    pub text: String,
    /// Why it cannot be told.
    pub why: String,
    /// The id of the part that needs it, where it is known.
    pub owner: Option<String>,
    /// The place.
    pub at: Occurrence,
}

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

impl Bom {
    /// The component of an id. Components are in order after [`Self::settle`].
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&Component> {
        self.components.binary_search_by(|one| one.id.as_str().cmp(id)).ok().and_then(|at| self.components.get(at))
    }

    /// Puts everything in its order, and what is told twice together: components by id, relations, processes and
    /// unknowns by themselves. Of two components of one id the first stays. Called once, after the last part.
    pub fn settle(&mut self) {
        self.components.sort_by(|a, b| a.id.cmp(&b.id));
        self.components.dedup_by(|later, first| later.id == first.id);
        for component in &mut self.components {
            component.evidence.sort();
            component.evidence.dedup();
            component.distributions.sort();
            component.distributions.dedup();
            component.files.sort();
            component.files.dedup();
            component.licences.sort();
            component.licences.dedup();
        }
        self.relations.sort_by(|a, b| (&a.from, a.kind, &a.to, a.scope).cmp(&(&b.from, b.kind, &b.to, b.scope)));
        self.relations.dedup_by(|later, first| {
            let same = later.from == first.from && later.kind == first.kind && later.to == first.to;
            if same {
                first.evidence.append(&mut later.evidence);
            }
            same
        });
        for relation in &mut self.relations {
            relation.evidence.sort();
            relation.evidence.dedup();
        }
        self.processes.sort_by(|a, b| a.id.cmp(&b.id));
        self.unknowns.sort();
        self.unknowns.dedup();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn licences_are_told_as_spdx_lists_them() {
        let told = |text| LicenceName::of_text(text);
        assert_eq!(told("Apache-2.0"), LicenceName::Id("Apache-2.0".to_owned()));
        assert_eq!(told("MIT OR Apache-2.0"), LicenceName::Expression("MIT OR Apache-2.0".to_owned()));
        assert_eq!(told("llama3.2"), LicenceName::Named("llama3.2".to_owned()));
        assert_eq!(told("other"), LicenceName::Named("other".to_owned()));
    }

    #[test]
    fn people_are_read_as_they_are_written() {
        let read = |text| {
            let party = Party::of_text(text);
            (party.name, party.urls.into_iter().chain(party.emails).collect::<Vec<_>>())
        };
        assert_eq!(read("Acme <sbom@example.com>"), ("Acme".to_owned(), vec!["sbom@example.com".to_owned()]));
        assert_eq!(read("Acme <https://example.com>"), ("Acme".to_owned(), vec!["https://example.com".to_owned()]));
        assert_eq!(read("https://example.com").1.len(), 1);
        assert_eq!(read("Jo Bloggs"), ("Jo Bloggs".to_owned(), Vec::new()));
    }

    #[test]
    fn digests_have_the_length_of_their_algorithm() {
        let hash = Hash::of_text("sha256:AB").map(|hash| hash.value);
        assert_eq!(hash, None);
        let whole = Hash::of_text(&format!("sha256:{}", "AB".repeat(32))).map(|hash| hash.value);
        assert_eq!(whole, Some("ab".repeat(32)));
        for (own, cyclonedx, spdx, _) in Algorithm::NAMES {
            assert_eq!(Algorithm::of_name(cyclonedx), Some(*own));
            assert_eq!(Algorithm::of_name(spdx), Some(*own));
        }
    }

    #[test]
    fn what_is_told_twice_is_one() {
        let one = |evidence: &str| Relation {
            from: "a".to_owned(),
            kind: RelationKind::DependsOn,
            to: "b".to_owned(),
            scope: Scope::Required,
            evidence: vec![Occurrence { path: evidence.to_owned(), line: 1, how: None }],
        };
        let mut bom = Bom { relations: vec![one("y"), one("x"), one("y")], ..Bom::default() };
        bom.components =
            ["b", "a", "b"].iter().map(|id| Component { id: (*id).to_owned(), ..Component::default() }).collect();
        bom.settle();
        assert_eq!(bom.components.len(), 2);
        assert!(bom.component("b").is_some() && bom.component("c").is_none());
        let paths: Vec<&str> = bom.relations.iter().flat_map(|r| &r.evidence).map(|e| e.path.as_str()).collect();
        assert_eq!((bom.relations.len(), paths), (1, vec!["x", "y"]));
    }
}
