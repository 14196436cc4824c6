//! What is known of names by themselves: whose are made up for tests, whose many take models from.

use super::hosted;

/// Whether a text with a slash is something else than a name of a hub.
pub(super) fn is_other(text: &str) -> bool {
    const FIRST: &[&str] = &[
        "application",
        "text",
        "image",
        "audio",
        "video",
        "multipart",
        "and",
        "or",
        "n",
        "on",
        "yes",
        "utf-8",
        "http",
        "https",
        "api",
        "v1",
        "America",
        "Europe",
        "Asia",
        "input",
        "inputs",
    ];
    let (first, second) = text.split_once('/').unwrap_or((text, "xx"));
    first.len() < 2
        || second.len() < 2
        || FIRST.contains(&first)
        || hosted::routed(text).is_some()
        || hosted::route_of(text).is_some_and(|(route, _)| route != "google" && route != "openai" && route != "nvidia")
}

/// Whether an address is of data to train or to measure with, by how it is spelled.
pub(super) fn is_data(address: &str) -> bool {
    const ENDS: &[&str] = &[".zip", ".tar.gz", ".tgz", ".tar", ".jsonl", ".parquet", ".jsonl.gz", ".arrow"];
    const WORDS: &[&str] = &["data", "corpus", "collection", "eval", "benchmark"];
    let path = address.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    let Some((_, path)) = path.split_once("://") else { return false };
    let is_code = path.starts_with("github.com/") && (path.contains("/archive/") || path.contains("/releases/"));
    let is_raw = path.starts_with("raw.githubusercontent.com/") && path.ends_with("_data.json");
    (is_raw || ENDS.iter().any(|end| path.ends_with(end)))
        && address.starts_with("http")
        && !is_code
        && WORDS.iter().any(|word| path.contains(word))
}

/// Whether an address is of weights in an archive, by how it is spelled and what it is given to: `MODEL_URL`.
pub(super) fn is_packed_weights(address: &str, to: &str) -> bool {
    const ENDS: &[&str] = &[".bin", ".tar", ".tar.gz", ".tgz", ".zip", ".npz", ".pkl"];
    const WORDS: &[&str] = &["weights", "checkpoint", "pretrained"];
    let path = address.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    let to = to.to_ascii_lowercase();
    let is_named =
        to.ends_with("url") && ["model", "weight", "checkpoint", "ckpt"].iter().any(|word| to.contains(word));
    let is_code = path.contains("github.com/") && path.contains("/archive/");
    path.starts_with("http")
        && !is_code
        && ENDS.iter().any(|end| path.ends_with(end))
        && (is_named || WORDS.iter().any(|word| path.contains(word)))
}

/// Whether a file is one of tests by its path.
pub(in crate::references) fn is_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    path.split('/').any(|part| matches!(part, "tests" | "test" | "testing"))
        || name.starts_with("test_")
        || name.ends_with("_test.py")
        || name == "conftest.py"
}

/// Whether a file beside those of the product is one of tests by its name: what a runner of tests collects, and what
/// such files share.
pub(in crate::references) fn is_named_test(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let is_python = name.ends_with(".py") || name.ends_with(".ipynb");
    let is_folder = path.split('/').rev().skip(1).any(|part| matches!(part, "tests" | "test" | "testing"));
    is_python && (name.starts_with("test_") || name.ends_with("_test.py") || name == "conftest.py" || is_folder)
}

/// Whether a name looks as if somebody made it up for a test.
pub(super) fn is_made_up(name: &str) -> bool {
    const OWNERS: &[&str] = &[
        "a",
        "acme",
        "author",
        "bar",
        "base",
        "dummy",
        "evil",
        "fake",
        "foo",
        "hf-user",
        "me",
        "mock",
        "model",
        "models",
        "other",
        "owner",
        "some",
        "somebody",
        "someone",
        "test",
        "test-org",
        "test_org",
        "testing",
        "tests",
        "u",
        "unknown",
        "victim",
        "attacker",
        "x",
        "vendor",
        "company",
        "provider",
        "group",
        "team",
        "hub",
        "local",
        "remote",
        "private",
        "public",
        "custom",
        "new",
        "old",
        "adapter",
        "nonexistent",
        "invalid",
    ];
    const NAMES: &[&str] = &[
        "model",
        "model-name",
        "model_name",
        "repo",
        "dataset",
        "tokenizer",
        "test",
        "foo",
        "bar",
        "baz",
        "dummy",
        "fake",
        "adapter",
        "lora",
        "name",
        "model-id",
        "some-model",
        "test-model",
        "mock-model",
    ];
    let Some((owner, rest)) = name.split_once('/') else { return false };
    let (owner, rest) = (owner.to_ascii_lowercase(), rest.to_ascii_lowercase());
    OWNERS.contains(&owner.as_str()) || NAMES.contains(&rest.as_str())
}

/// Whether the owner of a name is one that many take models from.
pub(super) fn is_well_known(name: &str) -> bool {
    const OWNERS: &[&str] = &[
        "01-ai",
        "ai21labs",
        "AI-MO",
        "allenai",
        "answerdotai",
        "apple",
        "BAAI",
        "baichuan-inc",
        "bert-base-uncased",
        "bigcode",
        "bigscience",
        "black-forest-labs",
        "ByteDance-Seed",
        "codellama",
        "CohereForAI",
        "CohereLabs",
        "CompVis",
        "cross-encoder",
        "databricks",
        "deepseek-ai",
        "diffusers",
        "distilbert",
        "EleutherAI",
        "facebook",
        "facebookresearch",
        "FacebookAI",
        "google",
        "google-bert",
        "google-t5",
        "guidance",
        "Helsinki-NLP",
        "hf-internal-testing",
        "HuggingFaceH4",
        "HuggingFaceM4",
        "HuggingFaceTB",
        "ibm-granite",
        "internlm",
        "intfloat",
        "jinaai",
        "kernels-community",
        "laion",
        "llava-hf",
        "lmsys",
        "meta-llama",
        "microsoft",
        "mistralai",
        "mixedbread-ai",
        "mlx-community",
        "mosaicml",
        "nomic-ai",
        "NousResearch",
        "nvidia",
        "OpenAssistant",
        "openai",
        "openai-community",
        "openbmb",
        "OpenGVLab",
        "peft-internal-testing",
        "Qwen",
        "RedHatAI",
        "runwayml",
        "Salesforce",
        "sentence-transformers",
        "Snowflake",
        "stabilityai",
        "stanfordnlp",
        "stepfun-ai",
        "tencent",
        "TheBloke",
        "THUDM",
        "tiiuae",
        "TinyLlama",
        "togethercomputer",
        "trl-internal-testing",
        "trl-lib",
        "unsloth",
        "vikhyatk",
        "xai-org",
        "zai-org",
        "moonshotai",
        "MiniMaxAI",
        "neuralmagic",
        "lerobot",
        "optimum-intel-internal-testing",
        "dslim",
        "cardiffnlp",
        "prajjwal1",
        "sshleifer",
        "tatsu-lab",
        "yahma",
        "teknium",
        "HuggingFaceFW",
        "rajpurkar",
        "nyu-mll",
        "wikimedia",
        "Salesforce",
        "openai",
        "cais",
        "Rowan",
        "lhoestq",
        "LiquidAI",
    ];
    name.split_once('/').is_some_and(|(owner, _)| OWNERS.contains(&owner))
}
