//! Names of models that others run: whose they are.

/// Beginnings of names, with the party.
const NAMES: &[(&str, &str)] = &[
    ("gpt-oss", ""),
    ("gpt-", "openai"),
    ("chatgpt-", "openai"),
    ("o1", "openai"),
    ("o3", "openai"),
    ("o4-", "openai"),
    ("text-embedding-3", "openai"),
    ("text-embedding-ada", "openai"),
    ("text-davinci", "openai"),
    ("code-davinci", "openai"),
    ("davinci", "openai"),
    ("babbage", "openai"),
    ("dall-e", "openai"),
    ("whisper-1", "openai"),
    ("tts-1", "openai"),
    ("omni-moderation", "openai"),
    ("computer-use-preview", "openai"),
    ("codex-", "openai"),
    ("claude", "anthropic"),
    ("gemini", "google"),
    ("models/gemini", "google"),
    ("models/embedding", "google"),
    ("models/text-embedding", "google"),
    ("text-embedding-00", "google"),
    ("text-bison", "google"),
    ("chat-bison", "google"),
    ("textembedding-gecko", "google"),
    ("command-", "cohere"),
    ("embed-english", "cohere"),
    ("embed-multilingual", "cohere"),
    ("rerank-", "cohere"),
    ("mistral-", "mistral"),
    ("open-mistral", "mistral"),
    ("open-mixtral", "mistral"),
    ("codestral", "mistral"),
    ("pixtral", "mistral"),
    ("ministral", "mistral"),
    ("magistral", "mistral"),
    ("deepseek-chat", "deepseek"),
    ("deepseek-reasoner", "deepseek"),
    ("grok-", "xai"),
    ("sonar", "perplexity"),
    ("voyage-", "voyage"),
    ("jina-", "jina"),
    ("qwen-max", "alibaba"),
    ("qwen-plus", "alibaba"),
    ("qwen-turbo", "alibaba"),
    ("qwen-vl", "alibaba"),
    ("moonshot-", "moonshot"),
    ("kimi-", "moonshot"),
    ("glm-4", "zhipu"),
    ("amazon.", "bedrock"),
    ("us.amazon.", "bedrock"),
    ("anthropic.", "bedrock"),
    ("us.anthropic.", "bedrock"),
    ("eu.anthropic.", "bedrock"),
    ("meta.llama", "bedrock"),
    ("cohere.", "bedrock"),
    ("ai21.", "bedrock"),
    ("mistral.", "bedrock"),
];

/// What stands before a slash where a router is to ask a party.
const ROUTES: &[&str] = &[
    "anthropic",
    "azure",
    "azure_ai",
    "bedrock",
    "cerebras",
    "cohere",
    "databricks",
    "deepinfra",
    "deepseek",
    "fal",
    "fireworks",
    "fireworks_ai",
    "gemini",
    "google",
    "groq",
    "huggingface",
    "mistral",
    "moonshot",
    "nvidia_nim",
    "ollama",
    "ollama_chat",
    "openai",
    "openrouter",
    "perplexity",
    "replicate",
    "sagemaker",
    "sambanova",
    "together",
    "together_ai",
    "vertex_ai",
    "vllm",
    "hosted_vllm",
    "watsonx",
    "x-ai",
    "xai",
    "voyage",
    "zai",
];

/// The party whose name it is by how it begins.
pub(super) fn party_of(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    NAMES.iter().find(|(start, _)| lower.starts_with(start)).map(|(_, party)| *party).filter(|party| !party.is_empty())
}

/// The party that a router is to ask, of `party/name`, with the name.
pub(super) fn route_of(name: &str) -> Option<(&'static str, &str)> {
    let (first, rest) = name.split_once('/')?;
    ROUTES.iter().find(|route| **route == first).map(|route| (*route, rest))
}

/// The party that a router is to ask where the text can be no name of a hub: nobody there is called as the router
/// calls the party, or the name is one that only the party runs.
pub(super) fn routed(name: &str) -> Option<&'static str> {
    const NO_OWNERS: &[&str] = &[
        "anthropic",
        "azure",
        "azure_ai",
        "bedrock",
        "fireworks_ai",
        "gemini",
        "groq",
        "mistral",
        "nvidia_nim",
        "openrouter",
        "together_ai",
        "vertex_ai",
        "xai",
    ];
    const SERVERS: &[&str] = &["huggingface", "hosted_vllm", "ollama", "ollama_chat", "vllm"];
    let (route, rest) = route_of(name)?;
    let is_its = NO_OWNERS.contains(&route) || !SERVERS.contains(&route) && party_of(rest).is_some();
    is_its.then_some(route)
}

/// The party of `party:name`, as frameworks of agents write it, with the name.
pub(super) fn provider_of(name: &str) -> Option<(&'static str, &str)> {
    const PROVIDERS: &[(&str, &str)] = &[
        ("openai", "openai"),
        ("openai-chat", "openai"),
        ("openai-responses", "openai"),
        ("azure_openai", "azure"),
        ("azure", "azure"),
        ("anthropic", "anthropic"),
        ("google", "google"),
        ("google-gla", "google"),
        ("google-vertex", "google"),
        ("google_genai", "google"),
        ("google_vertexai", "google"),
        ("google_anthropic_vertex", "google"),
        ("bedrock", "bedrock"),
        ("bedrock_converse", "bedrock"),
        ("groq", "groq"),
        ("mistral", "mistral"),
        ("mistralai", "mistral"),
        ("cohere", "cohere"),
        ("deepseek", "deepseek"),
        ("fireworks", "fireworks"),
        ("together", "together"),
        ("xai", "xai"),
        ("grok", "xai"),
        ("perplexity", "perplexity"),
        ("nvidia", "nvidia"),
        ("openrouter", "openrouter"),
    ];
    let (first, rest) = name.split_once(':')?;
    let party = PROVIDERS.iter().find(|(provider, _)| *provider == first)?.1;
    let is_name = rest.len() > 1 && !rest.starts_with('/') && rest.bytes().any(|b| b.is_ascii_alphabetic());
    is_name.then_some((party, rest))
}

/// Whether a text is spelled as names of models are.
pub(super) fn is_name(name: &str) -> bool {
    name.len() >= 2
        && name.len() <= 96
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.:/@".contains(&b))
        && name.bytes().any(|b| b.is_ascii_alphabetic())
        && !name.contains("://")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parties_are_known_by_names_and_routes() {
        for (name, party) in [
            ("gpt-4o", Some("openai")),
            ("o3-mini", Some("openai")),
            ("claude-sonnet-4", Some("anthropic")),
            ("anthropic.claude-3-haiku-20240307-v1:0", Some("bedrock")),
            ("gpt-oss-120b", None),
            ("my-model", None),
        ] {
            assert_eq!(party_of(name), party, "{name}");
        }
        assert_eq!(route_of("groq/openai/gpt-oss-120b"), Some(("groq", "openai/gpt-oss-120b")));
        assert_eq!(route_of("Qwen/Qwen3-8B"), None);
        for (name, party) in [
            ("openai/gpt-5-nano", Some("openai")),
            ("openai/gpt-oss-20b", None),
            ("openai/whisper-large-v3", None),
            ("gemini/anything", Some("gemini")),
            ("google/gemini-2.5-pro", Some("google")),
            ("google/gemma-2-2b", None),
            ("databricks/dolly-v2-3b", None),
            ("ollama/llama3", None),
        ] {
            assert_eq!(routed(name), party, "{name}");
        }
        assert_eq!(provider_of("openai:gpt-4.1"), Some(("openai", "gpt-4.1")));
        assert_eq!(provider_of("llama3:8b"), None);
        assert_eq!(provider_of("openai://x"), None);
    }
}
