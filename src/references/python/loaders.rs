//! The functions and classes of packages that load something by name. A table.
//!
//! Sources: the documentation of each package. A row without packages is known by its name alone.

use std::collections::HashSet;
use std::sync::LazyLock;

use crate::references::{AssetKind, Hub};

use AssetKind::{Adapter, Dataset, Kernel, Model, Tokenizer};

/// An argument that names what is loaded.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named {
    /// Its place among the arguments; [`NOWHERE`] where it has a keyword only.
    pub at: usize,
    /// Its keywords.
    pub keywords: &'static [&'static str],
    /// What it names.
    pub kind: AssetKind,
    /// The keyword of its revision.
    pub revision: &'static str,
}

/// The place of an argument that has none.
pub(super) const NOWHERE: usize = usize::MAX;

/// How names are to be understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// `owner/name`, or an old one without owner where it is a well-known one.
    Hub,
    /// As before, and every name without owner is one too.
    AnyHub,
    /// `owner/name` only; what has no owner is something else.
    OwnedHub,
    /// Whatever the library takes, but for paths.
    Library,
    /// As before, where `pretrained=True` is said.
    Pretrained,
    /// A file that the library fetches where it is not there: `yolov8n.pt`.
    Weights,
    /// An address.
    Address,
    /// `owner/repo:ref` and an entry.
    TorchHub,
    /// `name:tag`.
    Ollama,
    /// A model that another party runs; the party where the name does not say it.
    Hosted(&'static str),
}

/// A loader.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    /// The last part of its name.
    pub last: &'static str,
    /// What may stand before it; nothing where anything may.
    pub before: &'static [&'static str],
    /// The packages it may be of; nothing where any may.
    pub packages: &'static [&'static str],
    /// Who resolves the names.
    pub hub: Hub,
    /// How names are to be understood.
    pub names: Names,
    /// The arguments that name something.
    pub arguments: &'static [Named],
}

const fn named(at: usize, keywords: &'static [&'static str], kind: AssetKind) -> Named {
    Named { at, keywords, kind, revision: "revision" }
}

const fn bare(at: usize, keywords: &'static [&'static str], kind: AssetKind) -> Named {
    Named { at, keywords, kind, revision: "" }
}

const fn hub(last: &'static str, packages: &'static [&'static str], arguments: &'static [Named]) -> Row {
    Row { last, before: &[], packages, hub: Hub::HuggingFace, names: Names::Hub, arguments }
}

const fn owned(last: &'static str, packages: &'static [&'static str], arguments: &'static [Named]) -> Row {
    Row { last, before: &[], packages, hub: Hub::HuggingFace, names: Names::OwnedHub, arguments }
}

const fn any(last: &'static str, packages: &'static [&'static str], arguments: &'static [Named]) -> Row {
    Row { last, before: &[], packages, hub: Hub::HuggingFace, names: Names::AnyHub, arguments }
}

const fn library(
    last: &'static str,
    packages: &'static [&'static str],
    name: &'static str,
    arguments: &'static [Named],
) -> Row {
    Row { last, before: &[], packages, hub: Hub::Library(name), names: Names::Library, arguments }
}

const fn hosted(
    last: &'static str,
    before: &'static [&'static str],
    packages: &'static [&'static str],
    party: &'static str,
    arguments: &'static [Named],
) -> Row {
    Row { last, before, packages, hub: Hub::Hosted(party), names: Names::Hosted(party), arguments }
}

const fn ollama(last: &'static str, packages: &'static [&'static str]) -> Row {
    Row { last, before: &[], packages, hub: Hub::Ollama, names: Names::Ollama, arguments: MODEL_FIRST }
}

const DATASET: &[Named] = &[named(0, &["path", "path_or_name", "dataset_name"], Dataset)];
const ENCODING: &[Named] = &[bare(0, &["encoding_name", "model_name"], Tokenizer)];
const REPOSITORY: &[Named] = &[named(0, &["repo_id"], Model)];
const MODEL_FIRST: &[Named] = &[bare(0, &["model", "model_name", "model_id"], Model)];
const MODEL_KEYWORD: &[Named] = &[bare(NOWHERE, &["model", "model_name", "model_id"], Model)];
const MODEL_NAME: &[Named] = &[bare(0, &["model_name", "model_name_or_path", "model", "model_id"], Model)];
const KERNEL: &[Named] = &[named(0, &["repo_id"], Kernel)];
const ADDRESS: &[Named] = &[bare(0, &["url"], Model)];
const ENGINE: &[Named] = &[
    named(0, &["model", "model_path"], Model),
    Named { at: 1, keywords: &["tokenizer", "tokenizer_path"], kind: Tokenizer, revision: "tokenizer_revision" },
    bare(NOWHERE, &["speculative_model", "speculative_draft_model_path"], Model),
];
const PIPELINE: &[Named] = &[
    named(1, &["model"], Model),
    named(NOWHERE, &["tokenizer", "feature_extractor", "image_processor", "processor"], Tokenizer),
];
const TRAINER: &[Named] = &[bare(0, &["model"], Model), bare(NOWHERE, &["reward_model", "reward_funcs"], Model)];
const ADAPTER: &[Named] =
    &[named(0, &["pretrained_model_name_or_path_or_dict", "peft_model_id", "adapter_name_or_path"], Adapter)];
const ARROW: &[Named] =
    &[bare(1, &["task_specific_adapter_paths"], Adapter), bare(3, &["general_adapter_paths"], Adapter)];
const FROM_PRETRAINED: &[&str] = &[
    "pretrained_model_name_or_path",
    "model_name",
    "model_name_or_path",
    "pretrained_model_name",
    "pretrained_model_or_path",
    "repo_id",
    "model_id",
    "model",
    "path",
    "identifier",
    "pretrained",
];
/// `from_pretrained` of a class of models.
pub(super) const OF_MODEL: &[Named] = &[named(0, FROM_PRETRAINED, Model)];
/// `from_pretrained` of a tokenizer or processor.
pub(super) const OF_TOKENIZER: &[Named] = &[named(0, FROM_PRETRAINED, Tokenizer)];
/// `from_pretrained` of an adapter's configuration, or of an adapter with its model.
pub(super) const OF_ADAPTER: &[Named] = &[named(0, FROM_PRETRAINED, Adapter)];
/// `PeftModel.from_pretrained(model, adapter)`.
pub(super) const ONTO_MODEL: &[Named] = &[named(1, &["model_id", "adapter_id"], Adapter)];

const OPENAI_CLIENTS: &[&str] = &["completions", "responses", "embeddings", "transcriptions", "speech", "translations"];

/// All rows; those of one name in the order in which they are tried.
const ROWS: &[Row] = &[
    any("load_dataset", &[], DATASET),
    any("load_dataset_builder", &[], DATASET),
    any("get_dataset_config_names", &[], DATASET),
    any("get_dataset_split_names", &[], DATASET),
    any("get_dataset_infos", &[], DATASET),
    any("get_dataset_config_info", &[], DATASET),
    Row {
        last: "snapshot_download",
        before: &[],
        packages: &["modelscope"],
        hub: Hub::ModelScope,
        names: Names::OwnedHub,
        arguments: &[named(0, &["model_id", "repo_id"], Model)],
    },
    Row {
        last: "model_file_download",
        before: &[],
        packages: &[],
        hub: Hub::ModelScope,
        names: Names::OwnedHub,
        arguments: &[named(0, &["model_id"], Model)],
    },
    Row {
        last: "load",
        before: &["MsDataset"],
        packages: &["modelscope"],
        hub: Hub::ModelScope,
        names: Names::OwnedHub,
        arguments: &[named(0, &["dataset_name"], Dataset)],
    },
    hub("hf_hub_download", &[], REPOSITORY),
    hub("snapshot_download", &[], REPOSITORY),
    any("cached_download", &["huggingface_hub"], REPOSITORY),
    hub("hf_hub_url", &[], REPOSITORY),
    hub("load_file_from_hub", &[], REPOSITORY),
    any("from_pretrained_keras", &["huggingface_hub"], REPOSITORY),
    any("from_pretrained_fastai", &["huggingface_hub"], REPOSITORY),
    owned("cached_file", &["transformers"], &[named(0, &["path_or_repo_id"], Model)]),
    any("SentenceTransformer", &[], &[named(0, &["model_name_or_path"], Model)]),
    any("SparseEncoder", &[], &[named(0, &["model_name_or_path"], Model)]),
    any("CrossEncoder", &[], &[named(0, &["model_name_or_path", "model_name"], Model)]),
    any("Transformer", &["sentence_transformers"], &[bare(0, &["model_name_or_path"], Model)]),
    owned("from_single_file", &[], &[named(0, &["pretrained_model_link_or_path"], Model)]),
    owned("load_lora_weights", &[], ADAPTER),
    owned("load_textual_inversion", &[], ADAPTER),
    owned("load_ip_adapter", &[], ADAPTER),
    owned("load_attn_procs", &[], ADAPTER),
    owned("load_adapter", &[], ADAPTER),
    owned("create_arrow_model", &[], ARROW),
    owned("pipeline", &["lmdeploy"], &[named(0, &["model_path"], Model)]),
    Row {
        last: "pipeline",
        before: &[],
        packages: &["modelscope"],
        hub: Hub::ModelScope,
        names: Names::OwnedHub,
        arguments: PIPELINE,
    },
    hub("pipeline", &["transformers", "optimum", "?"], PIPELINE),
    owned("LLM", &["vllm", "?", "tensorrt_llm"], ENGINE),
    owned("EngineArgs", &[], ENGINE),
    owned("AsyncEngineArgs", &[], ENGINE),
    owned("ModelConfig", &["vllm"], ENGINE),
    owned("LoRARequest", &[], &[bare(2, &["lora_path", "lora_local_path"], Adapter)]),
    owned("Engine", &["sglang"], ENGINE),
    owned("Runtime", &["sglang"], ENGINE),
    owned("ServerArgs", &["sglang"], ENGINE),
    owned("SFTTrainer", &[], TRAINER),
    owned("GRPOTrainer", &[], TRAINER),
    owned("DPOTrainer", &[], TRAINER),
    owned("KTOTrainer", &[], TRAINER),
    owned("ORPOTrainer", &[], TRAINER),
    owned("CPOTrainer", &[], TRAINER),
    owned("RewardTrainer", &[], TRAINER),
    owned("RLOOTrainer", &[], TRAINER),
    owned("PPOTrainer", &[], TRAINER),
    owned("OnlineDPOTrainer", &[], TRAINER),
    owned("load", &["mlx_lm", "mlx_vlm", "mlx_audio"], &[bare(0, &["path_or_hf_repo"], Model)]),
    owned("from_pretrained_hf", &[], &[named(1, &["model_id", "hf_model_id"], Model)]),
    owned("from_model_id", &[], &[bare(0, &["model_id"], Model)]),
    owned("from_hparams", &[], &[bare(0, &["source"], Model)]),
    owned("foreign_class", &["speechbrain"], &[bare(0, &["source"], Model)]),
    owned("from_finetuned", &[], &[bare(0, &["model_name_or_path"], Model)]),
    owned("FlagModel", &[], MODEL_NAME),
    owned("FlagReranker", &[], MODEL_NAME),
    owned("FlagLLMModel", &[], MODEL_NAME),
    owned("FlagLLMReranker", &[], MODEL_NAME),
    owned("LayerWiseFlagLLMReranker", &[], MODEL_NAME),
    owned("BGEM3FlagModel", &[], MODEL_NAME),
    any("HuggingFaceEmbeddings", &[], MODEL_NAME),
    any("HuggingFaceEmbedding", &[], MODEL_NAME),
    any("HuggingFaceInstructEmbeddings", &[], MODEL_NAME),
    any("HuggingFaceBgeEmbeddings", &[], MODEL_NAME),
    any("HuggingFaceCrossEncoder", &[], MODEL_NAME),
    any("SentenceTransformerEmbeddings", &[], MODEL_NAME),
    any("SentenceTransformerEmbeddingFunction", &[], MODEL_NAME),
    any("SentenceTransformersDocumentEmbedder", &[], MODEL_NAME),
    any("SentenceTransformersTextEmbedder", &[], MODEL_NAME),
    any("SentenceTransformersSimilarityRanker", &[], MODEL_NAME),
    any("SentenceTransformersDiversityRanker", &[], MODEL_NAME),
    any("TransformersSimilarityRanker", &[], MODEL_NAME),
    any("SentenceTransformerRerank", &[], MODEL_NAME),
    owned("FlagEmbeddingReranker", &[], MODEL_NAME),
    owned("HuggingFaceLocalGenerator", &[], MODEL_NAME),
    owned("HuggingFaceLocalChatGenerator", &[], MODEL_NAME),
    owned("ExtractiveReader", &[], MODEL_NAME),
    owned("OptimumEmbedding", &[], MODEL_NAME),
    owned(
        "HuggingFaceLLM",
        &[],
        &[bare(NOWHERE, &["model_name"], Model), bare(NOWHERE, &["tokenizer_name"], Tokenizer)],
    ),
    owned("HuggingFaceEndpoint", &[], &[bare(NOWHERE, &["repo_id", "model"], Model)]),
    owned("HuggingFaceHub", &[], &[bare(NOWHERE, &["repo_id"], Model)]),
    hosted("HuggingFaceInferenceAPI", &[], &[], "hf-inference", MODEL_NAME),
    hosted("HuggingFaceInferenceAPIEmbeddings", &[], &[], "hf-inference", MODEL_NAME),
    hosted("HuggingFaceInferenceAPIEmbedding", &[], &[], "hf-inference", MODEL_NAME),
    hosted("InferenceClient", &[], &[], "hf-inference", MODEL_FIRST),
    hosted("AsyncInferenceClient", &[], &[], "hf-inference", MODEL_FIRST),
    hosted("InferenceClientModel", &[], &[], "hf-inference", MODEL_FIRST),
    hosted("HfApiModel", &[], &[], "hf-inference", MODEL_FIRST),
    owned("TransformersModel", &[], MODEL_FIRST),
    owned("VLLMModel", &[], MODEL_FIRST),
    owned("MLXModel", &[], MODEL_FIRST),
    owned("TextEmbedding", &["fastembed", "?"], MODEL_NAME),
    owned("SparseTextEmbedding", &[], MODEL_NAME),
    owned("LateInteractionTextEmbedding", &[], MODEL_NAME),
    owned("ImageEmbedding", &["fastembed"], MODEL_NAME),
    owned("TextCrossEncoder", &[], MODEL_NAME),
    owned("FastEmbedEmbeddings", &[], MODEL_NAME),
    owned("FastEmbedEmbedding", &[], MODEL_NAME),
    owned("FastEmbedSparse", &[], MODEL_NAME),
    any("BERTopic", &[], &[bare(NOWHERE, &["embedding_model"], Model)]),
    any("KeyBERT", &[], MODEL_FIRST),
    hub("BERTScorer", &[], &[bare(NOWHERE, &["model_type"], Model)]),
    any("get_kernel", &[], KERNEL),
    any("load_kernel", &["kernels"], KERNEL),
    any("LayerRepository", &[], KERNEL),
    any("FuncRepository", &[], KERNEL),
    Row {
        last: "load",
        before: &["hub"],
        packages: &["torch", "?"],
        hub: Hub::TorchHub,
        names: Names::TorchHub,
        arguments: &[bare(0, &["repo_or_dir"], Model)],
    },
    Row {
        last: "load",
        before: &[],
        packages: &["torch.hub"],
        hub: Hub::TorchHub,
        names: Names::TorchHub,
        arguments: &[bare(0, &["repo_or_dir"], Model)],
    },
    address("load", &["tensorflow_hub"]),
    address("KerasLayer", &["tensorflow_hub"]),
    address("load_state_dict_from_url", &[]),
    address("load_url", &["torch"]),
    address("download_url_to_file", &[]),
    address("load_file_from_url", &[]),
    Row {
        last: "create_model",
        before: &[],
        packages: &["timm", "?"],
        hub: Hub::Library("timm"),
        names: Names::Pretrained,
        arguments: &[bare(0, &["model_name"], Model)],
    },
    library("create_model_and_transforms", &["open_clip"], "open_clip", MODEL_NAME),
    library("create_model_from_pretrained", &["open_clip"], "open_clip", MODEL_NAME),
    library("create_model", &["open_clip"], "open_clip", MODEL_NAME),
    library("load", &["clip"], "clip", &[bare(0, &["name"], Model)]),
    library("load_model", &["whisper", "whisperx", "whisper_timestamped"], "whisper", &[bare(0, &["name"], Model)]),
    library("WhisperModel", &[], "whisper", &[bare(0, &["model_size_or_path"], Model)]),
    weights("YOLO"),
    weights("RTDETR"),
    weights("YOLOWorld"),
    weights("YOLOE"),
    weights("SAM"),
    weights("FastSAM"),
    library("load", &["gensim"], "gensim", &[bare(0, &["name"], Model)]),
    library("load", &["spacy"], "spacy", &[bare(0, &["name"], Model)]),
    library("download", &["spacy"], "spacy", &[bare(0, &["model"], Model)]),
    library("download", &["nltk"], "nltk", &[bare(0, &["info_or_id"], Dataset)]),
    library("GPT4All", &[], "gpt4all", &[bare(0, &["model_name", "model"], Model)]),
    library("GPT4AllEmbeddings", &[], "gpt4all", &[bare(0, &["model_name"], Model)]),
    library("TTS", &["TTS"], "coqui", &[bare(0, &["model_name"], Model)]),
    library("from_preset", &[], "keras", &[bare(0, &["preset"], Model)]),
    library("get_encoding", &["tiktoken"], "tiktoken", ENCODING),
    library("encoding_for_model", &["tiktoken"], "tiktoken", ENCODING),
    owned("load_model", &["keras", "tensorflow", "keras_hub"], &[bare(0, &["filepath"], Model)]),
    Row {
        last: "model_download",
        before: &[],
        packages: &["kagglehub"],
        hub: Hub::Kaggle,
        names: Names::Library,
        arguments: &[bare(0, &["handle"], Model)],
    },
    Row {
        last: "dataset_download",
        before: &[],
        packages: &["kagglehub"],
        hub: Hub::Kaggle,
        names: Names::Library,
        arguments: &[bare(0, &["handle"], Dataset)],
    },
    ollama("Ollama", &[]),
    ollama("OllamaLLM", &[]),
    ollama("ChatOllama", &[]),
    ollama("OllamaEmbeddings", &[]),
    ollama("OllamaEmbedding", &[]),
    ollama("OllamaChatGenerator", &[]),
    ollama("OllamaMultiModal", &[]),
    ollama("chat", &["ollama"]),
    ollama("generate", &["ollama"]),
    ollama("pull", &["ollama"]),
    ollama("embed", &["ollama"]),
    ollama("embeddings", &["ollama"]),
    ollama("show", &["ollama"]),
    hosted("create", &["messages"], &[], "anthropic", MODEL_KEYWORD),
    hosted("stream", &["messages"], &[], "anthropic", MODEL_KEYWORD),
    hosted("create", OPENAI_CLIENTS, &[], "openai", MODEL_KEYWORD),
    hosted("acreate", OPENAI_CLIENTS, &[], "openai", MODEL_KEYWORD),
    hosted("parse", OPENAI_CLIENTS, &[], "openai", MODEL_KEYWORD),
    hosted("stream", OPENAI_CLIENTS, &[], "openai", MODEL_KEYWORD),
    hosted("create", &["ChatCompletion", "Completion", "Embedding"], &[], "openai", MODEL_KEYWORD),
    hosted("acreate", &["ChatCompletion", "Completion", "Embedding"], &[], "openai", MODEL_KEYWORD),
    hosted("generate", &["images"], &[], "openai", MODEL_KEYWORD),
    hosted("ChatOpenAI", &[], &[], "openai", MODEL_KEYWORD),
    hosted("AzureChatOpenAI", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIEmbeddings", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIEmbedding", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIEmbeddingFunction", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIMultiModal", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAI", &["llama_index", "langchain", "llms"], &[], "openai", MODEL_KEYWORD),
    hosted(
        "OpenAI",
        &[],
        &["llama_index", "langchain", "langchain_openai", "langchain_community"],
        "openai",
        MODEL_FIRST,
    ),
    hosted("OpenAIModel", &[], &[], "openai", MODEL_FIRST),
    hosted("OpenAIChatModel", &[], &[], "openai", MODEL_FIRST),
    hosted("OpenAIServerModel", &[], &[], "openai", MODEL_FIRST),
    hosted("OpenAIChatCompletionClient", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIGenerator", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIChatGenerator", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAITextEmbedder", &[], &[], "openai", MODEL_KEYWORD),
    hosted("OpenAIDocumentEmbedder", &[], &[], "openai", MODEL_KEYWORD),
    hosted("ChatAnthropic", &[], &[], "anthropic", MODEL_KEYWORD),
    hosted("AnthropicModel", &[], &[], "anthropic", MODEL_FIRST),
    hosted("Anthropic", &[], &["llama_index", "langchain", "langchain_community"], "anthropic", MODEL_KEYWORD),
    hosted("GenerativeModel", &[], &[], "google", MODEL_FIRST),
    hosted("generate_content", &["models"], &[], "google", MODEL_KEYWORD),
    hosted("generate_content_stream", &["models"], &[], "google", MODEL_KEYWORD),
    hosted("embed_content", &[], &[], "google", MODEL_KEYWORD),
    hosted("ChatGoogleGenerativeAI", &[], &[], "google", MODEL_KEYWORD),
    hosted("GoogleGenerativeAIEmbeddings", &[], &[], "google", MODEL_KEYWORD),
    hosted("ChatVertexAI", &[], &[], "google", MODEL_KEYWORD),
    hosted("VertexAIEmbeddings", &[], &[], "google", MODEL_KEYWORD),
    hosted("Gemini", &[], &[], "google", MODEL_KEYWORD),
    hosted("GoogleGenAI", &[], &[], "google", MODEL_KEYWORD),
    hosted("ChatGroq", &[], &[], "groq", MODEL_KEYWORD),
    hosted("Groq", &[], &["llama_index", "langchain"], "groq", MODEL_KEYWORD),
    hosted("ChatMistralAI", &[], &[], "mistral", MODEL_KEYWORD),
    hosted("MistralAI", &[], &[], "mistral", MODEL_KEYWORD),
    hosted("MistralAIEmbedding", &[], &[], "mistral", MODEL_KEYWORD),
    hosted("ChatCohere", &[], &[], "cohere", MODEL_KEYWORD),
    hosted("CohereEmbeddings", &[], &[], "cohere", MODEL_KEYWORD),
    hosted("CohereEmbedding", &[], &[], "cohere", MODEL_KEYWORD),
    hosted("CohereRerank", &[], &[], "cohere", MODEL_KEYWORD),
    hosted("ChatBedrock", &[], &[], "bedrock", MODEL_KEYWORD),
    hosted("ChatBedrockConverse", &[], &[], "bedrock", MODEL_KEYWORD),
    hosted("BedrockEmbeddings", &[], &[], "bedrock", MODEL_KEYWORD),
    hosted("BedrockEmbedding", &[], &[], "bedrock", MODEL_KEYWORD),
    hosted("invoke_model", &[], &[], "bedrock", &[bare(NOWHERE, &["modelId"], Model)]),
    hosted("converse", &[], &[], "bedrock", &[bare(NOWHERE, &["modelId"], Model)]),
    hosted("ChatDeepSeek", &[], &[], "deepseek", MODEL_KEYWORD),
    hosted("ChatXAI", &[], &[], "xai", MODEL_KEYWORD),
    hosted("ChatPerplexity", &[], &[], "perplexity", MODEL_KEYWORD),
    hosted("ChatTogether", &[], &[], "together", MODEL_KEYWORD),
    hosted("ChatFireworks", &[], &[], "fireworks", MODEL_KEYWORD),
    hosted("ChatNVIDIA", &[], &[], "nvidia", MODEL_KEYWORD),
    hosted("NVIDIAEmbeddings", &[], &[], "nvidia", MODEL_KEYWORD),
    hosted("VoyageAIEmbeddings", &[], &[], "voyage", MODEL_KEYWORD),
    hosted("VoyageEmbedding", &[], &[], "voyage", MODEL_KEYWORD),
    hosted("JinaEmbeddings", &[], &[], "jina", MODEL_KEYWORD),
    hosted("init_chat_model", &[], &[], "openai", MODEL_FIRST),
    hosted("text_to_image", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("text_to_speech", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("text_to_video", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("image_to_image", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("image_to_text", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("text_generation", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("chat_completion", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("feature_extraction", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("automatic_speech_recognition", &[], &[], "hf-inference", MODEL_KEYWORD),
    hosted("ModelResponse", &[], &[], "litellm", MODEL_KEYWORD),
    hosted("init_embeddings", &[], &[], "openai", MODEL_FIRST),
    hosted("create_agent", &[], &["langchain"], "openai", MODEL_FIRST),
    hosted("create_react_agent", &[], &["langgraph", "langchain"], "openai", MODEL_FIRST),
    hosted("create_deep_agent", &[], &[], "openai", MODEL_KEYWORD),
    hosted("Agent", &[], &["pydantic_ai"], "openai", MODEL_FIRST),
    hosted("completion", &[], &["litellm"], "litellm", MODEL_FIRST),
    hosted("acompletion", &[], &["litellm"], "litellm", MODEL_FIRST),
    hosted("embedding", &[], &["litellm"], "litellm", MODEL_FIRST),
    hosted("aembedding", &[], &["litellm"], "litellm", MODEL_FIRST),
    hosted("ChatLiteLLM", &[], &[], "litellm", MODEL_KEYWORD),
    hosted("LiteLLM", &[], &[], "litellm", MODEL_FIRST),
    hosted("LiteLLMModel", &[], &[], "litellm", MODEL_FIRST),
    hosted("LiteLlm", &[], &[], "litellm", MODEL_FIRST),
    hosted("LM", &[], &["dspy"], "litellm", MODEL_FIRST),
    hosted("LLM", &[], &["crewai"], "litellm", MODEL_FIRST),
];

const fn address(last: &'static str, packages: &'static [&'static str]) -> Row {
    Row { last, before: &[], packages, hub: Hub::Address, names: Names::Address, arguments: ADDRESS }
}

const fn weights(last: &'static str) -> Row {
    Row {
        last,
        before: &[],
        packages: &["ultralytics", "?"],
        hub: Hub::Library("ultralytics"),
        names: Names::Weights,
        arguments: MODEL_FIRST,
    }
}

/// Whether a loader may be named so by the last part of its name.
pub(super) fn may_be_last(name: &str) -> bool {
    static ALL: LazyLock<HashSet<&'static str>> =
        LazyLock::new(|| ROWS.iter().map(|row| row.last).chain(["from_pretrained", "load"]).collect());
    ALL.contains(name)
}

/// The loader that has one of the dotted names, with that name.
pub(super) fn find(paths: &[String]) -> Option<(&'static Row, &str)> {
    paths.iter().find_map(|path| find_one(path).map(|row| (row, path.as_str())))
}

fn find_one(path: &str) -> Option<&'static Row> {
    let mut parts = path.rsplit('.');
    let last = parts.next()?.trim_start_matches('?');
    let before = parts.next().unwrap_or("").trim_start_matches('?');
    // Functions and classes of the tree are followed instead; what is passed in is known by its name at most.
    let is_of_tree = path.starts_with('.') && !path.trim_start_matches('.').contains('.');
    let package = path.split('.').next().unwrap_or("");
    ROWS.iter().filter(|row| row.last == last).find(|row| {
        let is_class = last.starts_with(char::is_uppercase);
        let is_unknown = path.starts_with('?') || !path.contains('.');
        let fits = |wanted: &&str| {
            if *wanted == "?" {
                is_unknown
            } else {
                package == *wanted || (path.starts_with(*wanted) && wanted.contains('.'))
            }
        };
        // A name that no import explains may come with `import *`, or from a cell that is not there.
        let by_package = row.packages.is_empty() || row.packages.iter().any(fits);
        let by_before = row.before.is_empty() || row.before.contains(&before) || row.before.contains(&package);
        by_package && by_before && (!is_of_tree || (is_class && row.packages.is_empty()))
    })
}

/// Words of which a file that loads something, or trains what others load, has at least one; all are whole
/// identifiers.
pub(in crate::references) fn telling() -> impl Iterator<Item = &'static str> {
    const WORDS: &[&str] = &[
        "huggingface",
        "hf_hub",
        "hf",
        "model_id",
        "model_name",
        "model_name_or_path",
        "from_pretrained",
        "pretrained_model_name_or_path",
        "repo_id",
        "dataset_name",
        "tokenizer_name",
        "base_model",
        "embedding_model",
        "reranker_model",
        "weights_only",
        "trust_remote_code",
        "openai",
        "anthropic",
        "gemini",
        "genai",
        "ollama",
        "litellm",
        "messages",
        "completions",
        "resolve",
        "nltk",
        "spacy",
        "whisper",
        "tiktoken",
        "hub",
        "timm",
        "clip",
        "pipeline",
        "modelscope",
        "datasets",
        "transformers",
        "kagglehub",
        "TTS",
        "vllm",
        "dspy",
        "mlx_lm",
        "MODEL_ID",
        "MODEL_NAME",
        "MODEL",
        "MODEL_PATH",
        "BASE_MODEL",
        "DEFAULT_MODEL",
        "EMBEDDING_MODEL",
        "REPO_ID",
        "HF_REPO",
        "DATASET_PATH",
        "DATASET_NAME",
        "DATASET_ID",
        "dataset_url",
        "model_url",
        "init_chat_model",
        "pydantic_ai",
        "gensim",
        "safetensors",
        "gguf",
        "ckpt",
        "pth",
        "backward",
        "manual_backward",
        "train_from_iterator",
        "train_new_from_iterator",
        "merge_and_unload",
        "simple_evaluate",
        "value_and_grad",
    ];
    let of_rows = ROWS
        .iter()
        .map(|row| row.last)
        .filter(|last| last.contains('_') || last.bytes().filter(u8::is_ascii_uppercase).count() > 1);
    WORDS.iter().copied().chain(of_rows)
}
