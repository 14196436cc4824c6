//! What a text means to a loader: a name of a hub, an address, or a path that is no reference.

use super::hosted;
use super::loaders::Names;
use crate::references::names;
use crate::references::{AssetKind, Hub};

/// What a text names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Meant {
    /// Who resolves it.
    pub hub: Hub,
    /// The name as the hub spells it.
    pub name: String,
    /// What it is, where the text itself says so.
    pub kind: Option<AssetKind>,
    /// A revision in the text.
    pub revision: Option<String>,
    /// A file in the text.
    pub file: Option<String>,
}

impl Meant {
    pub(super) fn of(hub: Hub, name: &str) -> Self {
        Self { hub, name: name.to_owned(), kind: None, revision: None, file: None }
    }
}

/// Beginnings of the names without owner that Hugging Face keeps from its first years, and of those that
/// SentenceTransformers completes.
const OLD: &[&str] = &[
    "albert-",
    "all-distilroberta",
    "all-MiniLM",
    "all-minilm",
    "all-mpnet",
    "all-roberta",
    "bart-",
    "bert-",
    "camembert-",
    "clip-ViT",
    "ctrl",
    "distilbert-",
    "distilgpt2",
    "distilroberta-",
    "distiluse-",
    "gpt2",
    "gtr-t5",
    "msmarco-",
    "multi-qa-",
    "nli-",
    "openai-gpt",
    "paraphrase-",
    "roberta-",
    "sentence-t5",
    "stsb-",
    "t5-",
    "transfo-xl",
    "xlm-",
    "xlnet-",
    "LaBSE",
    "stablelm",
    "average_word_embeddings",
    "bert_",
    "flan-t5",
    "opt-",
    "bloom-",
    "mt5-",
    "openai-community",
    "quora-",
    "allenai-specter",
];

/// Names without owner that are old, but look like folders.
pub(super) fn is_old(text: &str) -> bool {
    OLD.iter().any(|start| text.starts_with(start))
        && !text.contains("finetuned-mine")
        && !["-output", "_output", "-ckpt", "_ckpt", "_model", "-checkpoint"].iter().any(|end| text.ends_with(end))
}

/// What an address means.
pub(super) fn address(text: &str) -> Option<Meant> {
    if let Some(found) = names::of_address(text) {
        return Some(Meant {
            hub: found.hub,
            name: found.name,
            kind: Some(found.kind),
            revision: found.revision,
            file: found.file,
        });
    }
    let is_bucket = ["s3://", "gs://", "az://", "abfs://"].iter().any(|start| text.starts_with(start));
    if is_bucket && !names::is_placeholder(text) {
        return Some(Meant::of(Hub::Bucket, text));
    }
    None
}

/// What a text means to a loader; none where it is no reference. `is_there` tells whether the tree has such a path.
pub(super) fn meant(text: &str, how: Names, hub: Hub, is_there: &dyn Fn(&str) -> bool) -> Option<Meant> {
    let text = text.trim();
    if text.is_empty() || text.contains(char::is_whitespace) {
        return None;
    }
    if text.contains("://") {
        let found = address(text);
        return match how {
            Names::Address if found.is_none() && !names::is_placeholder(text) => {
                (text.starts_with("http") && text.len() > 12).then(|| Meant::of(Hub::Address, text))
            }
            _ => found.or_else(|| names::is_weights(text).then(|| Meant::of(Hub::Address, text))),
        };
    }
    match how {
        Names::Address => None,
        Names::TorchHub => torch_hub(text),
        Names::Ollama => {
            if text.contains('/') && names::is_path(text) || !hosted::is_name(text) || names::is_placeholder(text) {
                return None;
            }
            let is_of_party = hosted::party_of(text)
                .is_some_and(|party| matches!(party, "openai" | "anthropic" | "google" | "bedrock"));
            // Names there are written in small letters; what has an owner and others is one of another hub.
            let is_of_hub = text.contains('/')
                && !text.starts_with("hf.co/")
                && (text.bytes().any(|b| b.is_ascii_uppercase()) || text.starts_with("sentence-transformers/"));
            if is_of_party || is_of_hub || is_word(text) {
                return None;
            }
            let (name, tag) = text.split_once(':').map_or((text, None), |(name, tag)| (name, Some(tag.to_owned())));
            Some(Meant { revision: tag, ..Meant::of(hub, name) })
        }
        Names::Hosted(party) => hosted_name(text, party),
        Names::Library | Names::Pretrained => library(text, hub),
        Names::Weights => {
            let is_weights = [".pt", ".pth", ".onnx"].iter().any(|end| text.ends_with(end));
            let is_known = ["yolo", "rtdetr", "sam", "fastsam", "mobile_sam", "FastSAM", "YOLO"]
                .iter()
                .any(|start| text.starts_with(start));
            let is_name = is_weights && is_known && !text.contains('/') && !is_there(text);
            is_name.then(|| Meant::of(hub, text))
        }
        Names::Hub | Names::AnyHub | Names::OwnedHub => {
            let (name, revision) = text.split_once('@').map_or((text, None), |(n, r)| (n, Some(r.to_owned())));
            let is_sample = |name: &str| names::is_claimable(name) && !name.split('/').next().is_some_and(is_there);
            if !names::is_repository(name) && !is_sample(name) || names::is_loader_word(name) {
                return None;
            }
            if let Some(party) = hosted::routed(name) {
                return Some(Meant::of(Hub::Hosted(party), text));
            }
            let has_owner = name.contains('/');
            // A name that one party alone runs is that party's, whichever class a branch would give it to.
            let of_party = hosted::party_of(name).filter(|party| matches!(*party, "openai" | "anthropic" | "google"));
            if let Some(party) = of_party.filter(|_| !has_owner && !is_old(name)) {
                return Some(Meant::of(Hub::Hosted(party), text));
            }
            let fits = match how {
                Names::OwnedHub => has_owner,
                Names::Hub => has_owner || is_old(name),
                _ => has_owner || is_plain(name),
            };
            let is_path = has_owner && is_there(name);
            (fits && !is_path).then(|| Meant { revision, ..Meant::of(hub, name) })
        }
    }
}

/// Whether a text that is told as no reference is a folder or a name of a hub, and only running tells which.
pub(super) fn may_be_either(text: &str, how: Names, is_there: &dyn Fn(&str) -> bool) -> bool {
    let text = text.trim();
    matches!(how, Names::Hub | Names::AnyHub | Names::OwnedHub) && names::may_be_either(text) && !is_there(text)
}

/// Whether a name without owner may be one of a hub where a loader takes nothing else.
fn is_plain(name: &str) -> bool {
    name.len() >= 3 && !is_word(name)
}

/// Whether a text is a word for what stands there, and no name: of a kind, a class, a party.
fn is_word(name: &str) -> bool {
    const WORDS: &[&str] = &[
        "anthropic",
        "auto",
        "base",
        "best",
        "chat",
        "custom",
        "data",
        "dataset",
        "datasets",
        "default",
        "dummy",
        "embedding",
        "embeddings",
        "embedding_model",
        "huggingface",
        "latest",
        "llm",
        "local",
        "main",
        "mock",
        "model",
        "model_name",
        "models",
        "none",
        "null",
        "ollama",
        "openai",
        "output",
        "placeholder",
        "reranker",
        "test",
        "tmp",
        "train",
        "unknown",
    ];
    WORDS.contains(&name.to_ascii_lowercase().as_str())
}

fn torch_hub(text: &str) -> Option<Meant> {
    let (repository, revision) = text.split_once(':').map_or((text, None), |(r, rev)| (r, Some(rev.to_owned())));
    names::has_owner(repository).then(|| Meant { revision, ..Meant::of(Hub::TorchHub, repository) })
}

fn library(text: &str, hub: Hub) -> Option<Meant> {
    for start in ["hf_hub:", "hf-hub:"] {
        if let Some(rest) = text.strip_prefix(start) {
            let (name, revision) = rest.split_once('@').map_or((rest, None), |(n, r)| (n, Some(r.to_owned())));
            return names::has_owner(name).then(|| Meant { revision, ..Meant::of(Hub::HuggingFace, name) });
        }
    }
    if hub == Hub::Library("tiktoken") && !is_encoding(text) {
        return None;
    }
    let is_kaggle = hub == Hub::Kaggle;
    let is_coqui = hub == Hub::Library("coqui");
    let is_clip = hub == Hub::Library("clip");
    if is_kaggle || is_coqui {
        let fits = text.contains('/') && !names::is_placeholder(text) && hosted::is_name(text);
        return fits.then(|| Meant::of(hub, text));
    }
    if hub == Hub::Library("whisper") && names::has_owner(text) {
        return Some(Meant::of(Hub::HuggingFace, text));
    }
    let is_name = hosted::is_name(text) && (is_clip || !text.contains('/')) && !names::is_placeholder(text);
    let is_file = names::is_path(text) && !text.ends_with(".gguf") && !text.ends_with(".bin");
    (is_name && !is_file).then(|| Meant::of(hub, text))
}

/// Whether tiktoken knows a name: of an encoding, or of a model. Source: tiktoken, `model.py`.
fn is_encoding(text: &str) -> bool {
    const MODELS: &[&str] =
        &["gpt-", "gpt2", "o1", "o3", "o4-", "chatgpt-", "text-", "ft:", "davinci", "curie", "babbage", "ada", "code-"];
    let is_own = ["r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base", "o200k_harmony"].contains(&text);
    is_own || MODELS.iter().any(|start| text.starts_with(start))
}

fn hosted_name(text: &str, party: &'static str) -> Option<Meant> {
    if !hosted::is_name(text) || names::is_placeholder(text) {
        return None;
    }
    // The provider that Hugging Face asks runs it, whoever made it.
    if party == "hf-inference" && (names::has_owner(text) || is_old(text)) {
        return Some(Meant::of(Hub::Hosted(party), text));
    }
    if let Some((party, rest)) = hosted::provider_of(text) {
        return Some(Meant::of(Hub::Hosted(party), rest));
    }
    if let Some((route, rest)) = hosted::route_of(text) {
        return Some(match route {
            "ollama" | "ollama_chat" => {
                let (name, tag) = rest.split_once(':').map_or((rest, None), |(n, t)| (n, Some(t.to_owned())));
                Meant { revision: tag, ..Meant::of(Hub::Ollama, name) }
            }
            "huggingface" | "vllm" | "hosted_vllm" if names::has_owner(rest) => Meant::of(Hub::HuggingFace, rest),
            _ => Meant::of(Hub::Hosted(route), text),
        });
    }
    if let Some(known) = hosted::party_of(text) {
        return Some(Meant::of(Hub::Hosted(known), text));
    }
    if text.contains('/') {
        return names::has_owner(text).then(|| {
            let runs_others = matches!(party, "together" | "fireworks" | "groq" | "nvidia");
            Meant::of(if runs_others { Hub::Hosted(party) } else { Hub::HuggingFace }, text)
        });
    }
    // A name that no party is known for may be any server's own.
    let is_versioned = text.contains('-') && text.bytes().any(|b| b.is_ascii_digit());
    (is_versioned && party != "openai" && party != "litellm").then(|| Meant::of(Hub::Hosted(party), text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_mean_names_of_their_loaders() {
        let hub = Hub::HuggingFace;
        let none = |_: &str| false;
        for (text, how, hub, expected) in [
            ("acme/x", Names::Hub, hub, Some((Hub::HuggingFace, "acme/x", None))),
            ("gpt2", Names::Hub, hub, Some((Hub::HuggingFace, "gpt2", None))),
            ("saved", Names::Hub, hub, None),
            ("./org/x", Names::Hub, hub, None),
            ("json", Names::AnyHub, hub, None),
            ("squad", Names::AnyHub, hub, Some((Hub::HuggingFace, "squad", None))),
            ("hf://datasets/a/b@v1/x.csv", Names::Hub, hub, Some((Hub::HuggingFace, "a/b", Some("v1")))),
            ("a/b:main", Names::TorchHub, Hub::TorchHub, Some((Hub::TorchHub, "a/b", Some("main")))),
            ("llama3:8b", Names::Ollama, Hub::Ollama, Some((Hub::Ollama, "llama3", Some("8b")))),
            (
                "yolov8n.pt",
                Names::Weights,
                Hub::Library("ultralytics"),
                Some((Hub::Library("ultralytics"), "yolov8n.pt", None)),
            ),
            ("runs/best.pt", Names::Weights, Hub::Library("ultralytics"), None),
            ("hf_hub:a/b@v2", Names::Pretrained, Hub::Library("timm"), Some((Hub::HuggingFace, "a/b", Some("v2")))),
            ("gpt-4o", Names::Hosted("openai"), Hub::Hosted("openai"), Some((Hub::Hosted("openai"), "gpt-4o", None))),
            (
                "ollama/llama3:8b",
                Names::Hosted("litellm"),
                Hub::Hosted("litellm"),
                Some((Hub::Ollama, "llama3", Some("8b"))),
            ),
        ] {
            let found = meant(text, how, hub, &none);
            let found = found.as_ref().map(|m| (m.hub, m.name.as_str(), m.revision.as_deref()));
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(meant("acme/x", Names::Hub, hub, &|_| true), None);
    }
}
