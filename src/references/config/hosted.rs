//! Models that another party runs: by the prefix that says whose they are, or by how that party names them.

use crate::references::Hub;
use crate::references::names;

/// Prefixes that LiteLLM, LangChain, pydantic-ai and their like put before a model's name, with whose it is.
const PREFIXES: &[(&str, &str)] = &[
    ("openai", "openai"),
    ("openai-chat", "openai"),
    ("openai-responses", "openai"),
    ("openai_like", "openai"),
    ("text-completion-openai", "openai"),
    ("azure", "azure"),
    ("azure_ai", "azure"),
    ("azure_openai", "azure"),
    ("azureopenai", "azure"),
    ("anthropic", "anthropic"),
    ("claude", "anthropic"),
    ("bedrock", "bedrock"),
    ("bedrock_converse", "bedrock"),
    ("aws_bedrock", "bedrock"),
    ("sagemaker", "sagemaker"),
    ("vertex_ai", "vertex"),
    ("vertexai", "vertex"),
    ("google-vertex", "vertex"),
    ("google_vertexai", "vertex"),
    ("gcp_vertex_gemini", "vertex"),
    ("gemini", "gemini"),
    ("google_genai", "gemini"),
    ("google-genai", "gemini"),
    ("google-gla", "gemini"),
    ("google_ai_studio_gemini", "gemini"),
    ("groq", "groq"),
    ("mistral", "mistral"),
    ("mistral_ai", "mistral"),
    ("codestral", "mistral"),
    ("cohere", "cohere"),
    ("cohere_chat", "cohere"),
    ("together", "together"),
    ("together_ai", "together"),
    ("fireworks", "fireworks"),
    ("fireworks_ai", "fireworks"),
    ("openrouter", "openrouter"),
    ("deepseek", "deepseek"),
    ("replicate", "replicate"),
    ("perplexity", "perplexity"),
    ("xai", "xai"),
    ("x-ai", "xai"),
    ("grok", "xai"),
    ("nvidia_nim", "nvidia"),
    ("nim", "nvidia"),
    // Owners of NVIDIA's catalogue that are none of the hub.
    ("meta", "nvidia"),
    ("nvidia_ai_endpoints", "nvidia"),
    ("databricks", "databricks"),
    ("watsonx", "watsonx"),
    ("cerebras", "cerebras"),
    ("sambanova", "sambanova"),
    ("deepinfra", "deepinfra"),
    ("github_copilot", "github"),
    ("github-models", "github"),
    ("voyage", "voyage"),
    ("voyageai", "voyage"),
    ("jina_ai", "jina"),
    ("dashscope", "dashscope"),
    ("moonshot", "moonshot"),
    ("moonshotai-ai", "moonshot"),
    ("zai", "zhipu"),
    ("zhipu", "zhipu"),
    ("zhipuai", "zhipu"),
    ("novita", "novita"),
    ("hyperbolic", "hyperbolic"),
    ("friendliai", "friendli"),
    ("aleph_alpha", "aleph-alpha"),
];

/// How parties begin the names of models that only they run.
const NAMES: &[(&str, &str)] = &[
    ("gpt-3", "openai"),
    ("gpt-4", "openai"),
    ("gpt-5", "openai"),
    ("gpt-35", "openai"),
    ("gpt-image-", "openai"),
    ("gpt-realtime", "openai"),
    ("gpt-audio", "openai"),
    ("chatgpt-", "openai"),
    ("text-embedding-3", "openai"),
    ("text-embedding-ada", "openai"),
    ("text-davinci", "openai"),
    ("dall-e-", "openai"),
    ("whisper-1", "openai"),
    ("tts-1", "openai"),
    ("omni-moderation", "openai"),
    ("codex-mini", "openai"),
    ("claude-", "anthropic"),
    ("gemini-", "gemini"),
    ("text-embedding-004", "gemini"),
    ("text-embedding-005", "vertex"),
    ("command-r", "cohere"),
    ("embed-english-", "cohere"),
    ("embed-multilingual-", "cohere"),
    ("rerank-english-", "cohere"),
    ("rerank-multilingual-", "cohere"),
    ("mistral-large-", "mistral"),
    ("mistral-small-latest", "mistral"),
    ("mistral-medium-", "mistral"),
    ("mistral-embed", "mistral"),
    ("codestral-latest", "mistral"),
    ("grok-", "xai"),
    ("deepseek-chat", "deepseek"),
    ("deepseek-reasoner", "deepseek"),
    ("qwen-max", "dashscope"),
    ("qwen-plus", "dashscope"),
    ("qwen-turbo", "dashscope"),
    ("voyage-", "voyage"),
    ("sonar-", "perplexity"),
];

/// What organisations that also run models by name have on the hub all the same, by how the names begin.
const ON_HUB: &[&str] = &[
    "gpt-oss",
    "whisper-t",
    "whisper-b",
    "whisper-s",
    "whisper-m",
    "whisper-l",
    "clip-",
    "gpt2",
    "openai-gpt",
    "imagegpt",
    "shap-e",
    "point-e",
    "jukebox",
    "consistency",
    "diffusers-",
    "gsm8k",
    "openai_humaneval",
    "summarize_from_feedback",
    "privacy-filter",
    "btlm-",
    "cerebras-gpt",
    "circuit-sparsity",
    "hh-rlhf",
    "model-written-evals",
    "mmmlu",
    "mrcr",
    "graphwalks",
    "webgpt",
];

/// Who gives a model, as a key beside its name says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::references) enum Provider {
    /// A party that runs it.
    Hosted(&'static str),
    /// Ollama.
    Ollama,
    /// A hub, or an engine that loads from one.
    Hub,
}

/// The provider that a word names; none for a word that says nothing of it.
pub(in crate::references) fn provider(word: &str) -> Option<Provider> {
    let word = word.to_ascii_lowercase().replace(' ', "_");
    let word = word.rsplit("::").next().unwrap_or("");
    match word {
        "ollama" | "ollama_chat" | "chatollama" => return Some(Provider::Ollama),
        "huggingface"
        | "hf"
        | "hugging_face"
        | "vllm"
        | "sglang"
        | "tgi"
        | "transformers"
        | "sentence-transformers"
        | "sentence_transformers"
        | "sentencetransformers"
        | "sentence_transformer"
        | "fastembed"
        | "mlx"
        | "huggingface_hub"
        | "local"
        | "llama-cpp"
        | "llama.cpp"
        | "llamacpp" => return Some(Provider::Hub),
        _ => {}
    }
    let word = word.strip_suffix("_chat").unwrap_or(word);
    PREFIXES.iter().find(|(prefix, _)| *prefix == word).map(|(_, party)| Provider::Hosted(party))
}

/// A name whose prefix says who gives it, parted: `groq/llama-3.3-70b`, `openai:gpt-4o`, `ollama/llama3`.
pub(in crate::references) fn prefixed(text: &str) -> Option<(Provider, &str)> {
    let at = text.find(['/', ':'])?;
    let rest = text[at..].trim_start_matches([':', '/']);
    let prefix = text[..at].to_ascii_lowercase();
    let known = provider(&prefix)?;
    let is_engine = known == Provider::Hub && !matches!(prefix.as_str(), "huggingface" | "hf");
    if is_engine || rest.is_empty() || ON_HUB.iter().any(|start| rest.to_ascii_lowercase().starts_with(start)) {
        return None;
    }
    // `openai:chat:gpt-4o` of promptfoo says the interface in between.
    let rest = rest.strip_prefix("chat:").or_else(|| rest.strip_prefix("messages:")).unwrap_or(rest);
    Some((known, rest))
}

/// Who runs the model of a name, bare or behind the party's own.
pub(in crate::references) fn by_name(text: &str) -> Option<Hub> {
    const OWNERS: &[&str] = &["anthropic", "cohere", "google", "mistralai", "openai", "perplexity", "x-ai", "models"];
    let text = match text.split_once('/') {
        Some((owner, name)) if OWNERS.contains(&owner.to_ascii_lowercase().as_str()) => name,
        Some(_) => return None,
        None => text,
    };
    let lower = text.to_ascii_lowercase();
    if ON_HUB.iter().any(|start| lower.starts_with(start)) || lower.starts_with("gpt-4all") || names::is_route(&lower) {
        return None;
    }
    let is_reasoning =
        lower.strip_prefix('o').and_then(|rest| rest.strip_prefix(['1', '3', '4'])).is_some_and(|rest| {
            rest.is_empty() || rest.starts_with("-mini") || rest.starts_with("-preview") || rest.starts_with("-pro")
        });
    if is_reasoning {
        return Some(Hub::Hosted("openai"));
    }
    NAMES.iter().find(|(start, _)| lower.starts_with(start)).map(|(_, party)| Hub::Hosted(party))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosted_names_are_told_from_names_of_a_hub() {
        for (text, party) in [
            ("openai/gpt-4o", Some("openai")),
            ("groq/llama-3.3-70b", Some("groq")),
            ("openai:chat:gpt-4o", Some("openai")),
            ("openai/gpt-oss-20b", None),
            ("openai/whisper-large-v3", None),
            ("mistralai/Mistral-7B", None),
            ("vllm/x", None),
        ] {
            let found = prefixed(text).map(|(provider, _)| provider);
            assert_eq!(found, party.map(Provider::Hosted), "{text}");
        }
        assert_eq!(by_name("gpt-4o"), Some(Hub::Hosted("openai")));
        assert_eq!(by_name("google/gemini-2.5-pro"), Some(Hub::Hosted("gemini")));
        assert_eq!(by_name("someone/Mistral-Medium-3"), None);
        assert_eq!(by_name("o3-mini"), Some(Hub::Hosted("openai")));
        assert_eq!((by_name("gpt2"), by_name("openllama"), by_name("gpt-oss-20b")), (None, None, None));
    }
}
