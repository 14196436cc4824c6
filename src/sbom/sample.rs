//! A bill of materials by hand that says everything the model can hold, for the tests of whatever writes, reads or
//! checks one. Nothing in it exists.

#[path = "sample/any.rs"]
pub mod any;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::sbom::Bom;
use crate::sbom::model::About;
use crate::sbom::model::Algorithm;
use crate::sbom::model::Card;
use crate::sbom::model::Completeness;
use crate::sbom::model::Component;
use crate::sbom::model::Distribution;
use crate::sbom::model::FileEntry;
use crate::sbom::model::Hash;
use crate::sbom::model::Kind;
use crate::sbom::model::Licence;
use crate::sbom::model::LicenceName;
use crate::sbom::model::LicenceStanding;
use crate::sbom::model::Link;
use crate::sbom::model::LinkKind;
use crate::sbom::model::Metric;
use crate::sbom::model::Occurrence;
use crate::sbom::model::Party;
use crate::sbom::model::Phase;
use crate::sbom::model::Process;
use crate::sbom::model::Relation;
use crate::sbom::model::RelationKind;
use crate::sbom::model::Scope;
use crate::sbom::model::Tool;
use crate::sbom::model::Unknown;
use crate::sbom::model::statements;

/// 2026-03-24T10:39:00Z.
pub const TIME: i64 = 1_774_348_740;
/// A commit of a hub.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// A text.
#[must_use]
pub fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Texts.
#[must_use]
pub fn texts(texts: &[&str]) -> BTreeSet<String> {
    texts.iter().map(|one| (*one).to_owned()).collect()
}

/// Names with values.
#[must_use]
pub fn pairs(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A SHA-256 of one digit.
#[must_use]
pub fn sha256(digit: char) -> Hash {
    Hash { algorithm: Algorithm::Sha256, value: digit.to_string().repeat(64) }
}

/// A place.
#[must_use]
pub fn at(path: &str, line: u32, how: Option<&str>) -> Occurrence {
    Occurrence { path: path.to_owned(), line, how: how.map(str::to_owned) }
}

/// An organisation.
#[must_use]
pub fn organisation(name: &str) -> Party {
    Party { name: name.to_owned(), ..Party::default() }
}

/// A person with an address of mail.
#[must_use]
pub fn person(name: &str, email: &str) -> Party {
    Party { name: name.to_owned(), emails: texts(&[email]), is_person: true, ..Party::default() }
}

/// A licence by what its maker says.
#[must_use]
pub fn licence(name: &str) -> Licence {
    Licence { name: LicenceName::of_text(name), url: None, standing: LicenceStanding::Declared }
}

fn link(kind: LinkKind, url: &str) -> Link {
    Link { kind, url: url.to_owned() }
}

fn relation(from: &str, kind: RelationKind, to: &str) -> Relation {
    Relation { from: from.to_owned(), kind, to: to.to_owned(), scope: Scope::Required, evidence: Vec::new() }
}

/// A component of a kind by its id and name.
#[must_use]
pub fn component(id: &str, kind: Kind, name: &str) -> Component {
    Component { id: id.to_owned(), kind, name: name.to_owned(), ..Component::default() }
}

/// Everything at once, settled.
#[must_use]
pub fn rich() -> Bom {
    let mut bom = Bom {
        about: about(),
        root: text("application:assistant"),
        components: components(),
        relations: relations(),
        processes: vec![Process {
            id: "process:train.py".to_owned(),
            name: "train.py".to_owned(),
            task: "build".to_owned(),
            inputs: texts(&["model:huggingface:example/base", "dataset:huggingface:example/chats"]),
            outputs: texts(&["model:huggingface:example/assistant"]),
            steps: vec!["file:train.py".to_owned(), "file:recipes/sft.yaml".to_owned()],
            parameters: pairs(&[("learning_rate", "2e-5"), ("num_train_epochs", "3")]),
            evidence: vec![at("train.py", 12, Some("calls a trainer"))],
        }],
        unknowns: vec![
            Unknown {
                kind: Kind::Model,
                text: "args.model".to_owned(),
                why: "an argument of the program gives it".to_owned(),
                owner: text("application:assistant"),
                at: at("serve.py", 7, Some("loaded by AutoModel.from_pretrained")),
            },
            Unknown {
                kind: Kind::Dataset,
                text: "f\"{name}-chats\"".to_owned(),
                why: "it is put together while it runs".to_owned(),
                owner: None,
                at: at("data.py", 3, None),
            },
        ],
    };
    bom.settle();
    bom
}

fn about() -> About {
    About {
        time: Some(TIME),
        tools: vec![Tool {
            name: "cargo-custody".to_owned(),
            version: text("0.1.0"),
            producer: text("Example Tools"),
            properties: pairs(&[("custody:index", "sha256:00")]),
        }],
        authors: vec![person("Ada Example", "ada@example.com")],
        supplier: Some(Party { urls: texts(&["https://example.com"]), ..organisation("Example Supplies") }),
        producer: Some(Party { emails: texts(&["security@example.com"]), ..organisation("Example Makers") }),
        phases: BTreeSet::from([Phase::PreBuild, Phase::Discovery]),
        licences: vec![licence("CC0-1.0")],
        statements: pairs(&[
            (statements::INTENDED_USE, "Answers questions about examples"),
            (statements::DATA_FLOW, "Questions go to the model and nowhere else"),
        ]),
        properties: pairs(&[("custody:commit", COMMIT)]),
        ..About::default()
    }
}

/// The components: one of each kind at least.
fn components() -> Vec<Component> {
    let mut all = packages();
    all.extend(models());
    all.extend([
        Component {
            version: text("1.0.0"),
            dependencies: Completeness::Incomplete,
            description: text("An assistant that knows examples"),
            supplier: Some(organisation("Example Supplies")),
            producer: Some(organisation("Example Makers")),
            licences: vec![licence("MIT OR Apache-2.0")],
            released: Some(TIME),
            ..component("application:assistant", Kind::Application, "assistant")
        },
        Component { range: text(">=0.4,<1"), ..component("framework:trainer", Kind::Framework, "trainer") },
        Component {
            group: text("example"),
            version: text(COMMIT),
            purl: text(&format!("pkg:githubactions/example/upload@{COMMIT}#sub/folder")),
            properties: pairs(&[("custody:pin", "commit"), ("custody:tag", "v4")]),
            scope: Scope::Excluded,
            ..component("action:example/upload", Kind::Action, "upload/sub/folder")
        },
        Component { version: text("1.2"), scope: Scope::Excluded, ..component("tool:protoc", Kind::Tool, "protoc") },
        Component {
            version: text(&format!("sha256:{}", "a".repeat(64))),
            purl: text(&format!(
                "pkg:oci/server@sha256:{}?repository_url=registry.example.com%2Fserver&tag=1.2",
                "a".repeat(64)
            )),
            hashes: BTreeSet::from([sha256('a')]),
            evidence: vec![at("Dockerfile", 1, Some("FROM"))],
            ..component("image:registry.example.com/server", Kind::Image, "server")
        },
        Component {
            endpoints: texts(&["https://api.example.com/v1"]),
            producer: Some(organisation("Example Cloud")),
            supplier: Some(Party { urls: texts(&["https://cloud.example.com"]), ..organisation("Example Cloud") }),
            evidence: vec![at("serve.py", 20, Some("called by OpenAI.chat"))],
            ..component("hosted-model:example-large", Kind::HostedModel, "example-large")
        },
        Component {
            endpoints: texts(&["http://localhost:8080"]),
            description: text("Answers in the product's name"),
            licences: vec![licence("Apache-2.0")],
            links: BTreeSet::from([link(LinkKind::Documentation, "https://example.com/service")]),
            ..component("service:answers", Kind::Service, "answers")
        },
        Component { hashes: BTreeSet::from([sha256('5')]), ..component("file:train.py", Kind::File, "train.py") },
        component("file:recipes/sft.yaml", Kind::File, "recipes/sft.yaml"),
        Component { version: text("1.90.0"), ..component("platform:rust", Kind::Platform, "rust") },
        component("operating-system:linux", Kind::OperatingSystem, "linux"),
        component("device:gpu", Kind::Device, "gpu"),
        component("other:prompts", Kind::Other, "prompts"),
    ]);
    all
}

fn packages() -> Vec<Component> {
    vec![
        Component {
            version: text("1.4.0"),
            purl: text("pkg:cargo/tokens@1.4.0"),
            identifiers: BTreeSet::from([
                ("cpe".to_owned(), "cpe:2.3:a:example:tokens:1.4.0:*:*:*:*:*:*:*".to_owned()),
                ("swhid".to_owned(), format!("swh:1:rev:{COMMIT}")),
            ]),
            authors: vec![person("Bob Example", "bob@example.com"), person("Eve Example", "eve@example.com")],
            copyright: text("Copyright Bob Example"),
            hashes: BTreeSet::from([sha256('1')]),
            licences: vec![licence("MIT")],
            links: BTreeSet::from([
                link(LinkKind::Vcs, "https://git.example.com/tokens"),
                link(LinkKind::Website, "https://tokens.example.com"),
                link(LinkKind::SecurityContact, "https://tokens.example.com/security"),
            ]),
            evidence: vec![at("Cargo.lock", 10, Some("locked")), at("Cargo.toml", 8, Some("asked for"))],
            dependencies: Completeness::Complete,
            released: Some(TIME),
            ..component("crate:tokens@1.4.0", Kind::Library, "tokens")
        },
        Component {
            version: text("2.0"),
            purl: text("pkg:pypi/trainer-kit@2.0"),
            scope: Scope::Optional,
            distributions: vec![
                Distribution {
                    name: text("trainer_kit-2.0-py3-none-any.whl"),
                    url: text("https://files.example.com/trainer_kit-2.0-py3-none-any.whl"),
                    hashes: BTreeSet::from([sha256('2')]),
                },
                Distribution {
                    name: text("trainer_kit-2.0.tar.gz"),
                    url: None,
                    hashes: BTreeSet::from([sha256('3'), Hash { algorithm: Algorithm::Md5, value: "3".repeat(32) }]),
                },
            ],
            licences: vec![licence("Apache-2.0"), licence("Example Licence")],
            dependencies: Completeness::Unknown,
            ..component("distribution:trainer-kit@2.0", Kind::Library, "trainer-kit")
        },
    ]
}

fn models() -> Vec<Component> {
    vec![
        Component {
            group: text("example"),
            version: text(COMMIT),
            purl: text(&format!("pkg:huggingface/example/base@{COMMIT}")),
            supplier: Some(organisation("example")),
            files: vec![
                FileEntry {
                    path: "model-00001-of-00002.safetensors".to_owned(),
                    size: Some(4_976_698_672),
                    hashes: BTreeSet::from([sha256('6')]),
                    format: text("safetensors"),
                },
                FileEntry { path: "config.json".to_owned(), ..FileEntry::default() },
            ],
            licences: vec![Licence { url: text("https://example.com/licence"), ..licence("llama3.2") }],
            links: BTreeSet::from([link(LinkKind::ModelCard, "https://hub.example.com/example/base")]),
            evidence: vec![at("recipes/sft.yaml", 2, Some("model_name_or_path"))],
            card: Some(Box::new(card())),
            ..component("model:huggingface:example/base", Kind::Model, "base")
        },
        Component {
            group: text("example"),
            range: text("refs/heads/main"),
            ..component("model:huggingface:example/assistant", Kind::Model, "assistant")
        },
        Component { group: text("example"), ..component("tokenizer:base", Kind::Tokenizer, "base") },
        Component { group: text("example"), ..component("adapter:polite", Kind::Adapter, "polite") },
        Component {
            group: text("example"),
            version: text(COMMIT),
            ..component("kernel:fast-attention", Kind::Kernel, "fast-attention")
        },
        Component {
            group: text("example"),
            version: text(COMMIT),
            hashes: BTreeSet::from([sha256('7')]),
            licences: vec![licence("CC-BY-4.0")],
            files: vec![FileEntry {
                path: "data/train.parquet".to_owned(),
                size: Some(1024),
                hashes: BTreeSet::from([sha256('8')]),
                format: text("parquet"),
            }],
            card: Some(Box::new(data_card())),
            ..component("dataset:huggingface:example/chats", Kind::Dataset, "chats")
        },
    ]
}

fn card() -> Card {
    Card {
        tasks: texts(&["text-generation"]),
        approach: text("self-supervised"),
        family: text("llama"),
        architectures: texts(&["LlamaForCausalLM"]),
        inputs: texts(&["text"]),
        outputs: texts(&["text"]),
        parameters: Some(1_235_814_400),
        dtypes: texts(&["BF16"]),
        quantisation: text("Q4_K_M"),
        context_length: Some(131_072),
        settings: pairs(&[("num_hidden_layers", "16"), ("vocab_size", "128256")]),
        metrics: vec![
            Metric {
                name: "accuracy".to_owned(),
                value: "0.71".to_owned(),
                dataset: text("example/questions"),
                task: text("question-answering"),
            },
            Metric { name: "loss".to_owned(), value: "1.2".to_owned(), ..Metric::default() },
        ],
        intended_use: text("Chats about examples"),
        out_of_scope: text("Advice on health"),
        limitations: text("It knows examples alone"),
        ethics: text("It may be rude"),
        bias: text("It likes examples in English"),
        training: text("Trained on chats"),
        preprocessing: text("Names were taken out"),
        energy: text("CO2 equivalent: 12 kg"),
        languages: texts(&["de", "en"]),
        tags: texts(&["chat", "example"]),
        library: text("transformers"),
        chat_template: Some(sha256('9')),
        sources: BTreeSet::from([at("models/base/README.md", 1, Some("card"))]),
        ..Card::default()
    }
}

fn data_card() -> Card {
    Card {
        tasks: texts(&["text-generation"]),
        data_kinds: texts(&["text"]),
        bytes: Some(1024),
        rows: Some(100),
        splits: BTreeMap::from([("train".to_owned(), Some(90)), ("test".to_owned(), None)]),
        collection: text("Asked of volunteers"),
        is_sensitive: Some(true),
        sensitive: text("Names of volunteers"),
        anonymisation: text("Names were replaced"),
        custodians: vec![organisation("Example Data"), person("Ada Example", "ada@example.com")],
        updates: text("Never"),
        languages: texts(&["en"]),
        bias: text("Volunteers are young"),
        intended_use: text("To train examples"),
        preprocessing: text("Duplicates were taken out"),
        ..Card::default()
    }
}

fn relations() -> Vec<Relation> {
    use RelationKind::*;
    let (own, base, chats) =
        ("model:huggingface:example/assistant", "model:huggingface:example/base", "dataset:huggingface:example/chats");
    let application = "application:assistant";
    let mut all = vec![
        Relation {
            evidence: vec![at("Cargo.lock", 4, Some("locked")), at("Cargo.toml", 8, None)],
            ..relation(application, DependsOn, "crate:tokens@1.4.0")
        },
        Relation { scope: Scope::Optional, ..relation(application, DependsOn, "distribution:trainer-kit@2.0") },
        Relation { scope: Scope::Excluded, ..relation(application, BuiltWith, "action:example/upload") },
    ];
    for (from, kind, to) in [
        (application, DependsOn, own),
        (application, DependsOn, "hosted-model:example-large"),
        (application, Contains, "file:train.py"),
        (application, BuiltWith, "tool:protoc"),
        ("image:registry.example.com/server", BuiltFrom, application),
        (own, FineTunedFrom, base),
        ("adapter:polite", AdapterOf, base),
        ("tokenizer:base", CopyOf, base),
        (base, QuantisedFrom, "other:prompts"),
        (base, MergedFrom, "adapter:polite"),
        (base, DerivedFrom, "kernel:fast-attention"),
        (own, TrainedOn, chats),
        (own, TestedOn, chats),
        (own, TrainedBy, "file:train.py"),
        ("service:answers", Serves, own),
        ("distribution:trainer-kit@2.0", DependsOn, "framework:trainer"),
    ] {
        all.push(relation(from, kind, to));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_holds_every_kind_and_dangles_nowhere() {
        let bom = rich();
        for kind in Kind::ALL {
            assert!(bom.components.iter().any(|one| one.kind == *kind), "{kind:?}");
        }
        for kind in RelationKind::ALL {
            assert!(bom.relations.iter().any(|one| one.kind == *kind), "{kind:?}");
        }
        let processes = bom.processes.iter().flat_map(|one| one.inputs.iter().chain(&one.outputs).chain(&one.steps));
        let ends = bom.relations.iter().flat_map(|one| [&one.from, &one.to]);
        for id in ends.chain(processes).chain(&bom.root) {
            assert!(bom.component(id).is_some(), "{id}");
        }
    }
}
