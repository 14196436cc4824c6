//! The model of a bill of materials: a superset of what CycloneDX and SPDX can say of the parts of a product that
//! contains or serves language models. Sources: CycloneDX 1.7, SPDX 3.0.1 (Core, Software, AI, Dataset, Build), the
//! purl specification.
//!
//! Everything that is not known is absent: no empty text, no invented date, no version of a branch. Lists are in the
//! order of [`Bom::settle`], so that equal parts are equal bytes.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

mod card;
mod hash;
mod licence;
mod relation;
pub mod statements;

pub use card::Card;
pub use card::Metric;
pub use hash::Algorithm;
pub use hash::Hash;
pub use licence::Licence;
pub use licence::LicenceName;
pub use licence::LicenceStanding;
pub use relation::Process;
pub use relation::Relation;
pub use relation::RelationKind;

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
