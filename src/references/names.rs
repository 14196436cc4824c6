//! Names of hubs: which texts are one, and what their addresses say.

use super::reference::{AssetKind, Hub, Pin};

/// Words by which `datasets` chooses a loader of files; they name nothing on a hub.
/// Source: `datasets`, `packaged_modules`.
const LOADER_WORDS: &[&str] = &[
    "arrow",
    "audiofolder",
    "cache",
    "csv",
    "eval",
    "generator",
    "hdf5",
    "imagefolder",
    "iceberg",
    "json",
    "lance",
    "pandas",
    "parquet",
    "pdffolder",
    "spark",
    "sql",
    "text",
    "videofolder",
    "webdataset",
    "xml",
];

/// Parts of addresses of Hugging Face that are no owners.
const PAGES: &[&str] = &[
    "api",
    "blog",
    "chat",
    "collections",
    "docs",
    "join",
    "learn",
    "models",
    "new",
    "papers",
    "pricing",
    "posts",
    "settings",
    "spaces",
    "tasks",
    "datasets",
    "organizations",
    "login",
    "enterprise",
    "inference-endpoints",
];

/// Whether a text is a word of `datasets` for files of some kind.
#[must_use]
pub fn is_loader_word(text: &str) -> bool {
    LOADER_WORDS.contains(&text)
}

/// Whether a text may be the name of a repository of Hugging Face: `owner/name`, or a name of old without owner.
/// Source: `huggingface_hub`, `validate_repo_id`.
#[must_use]
pub fn is_repository(text: &str) -> bool {
    let mut parts = text.split('/');
    let (Some(first), second, None) = (parts.next(), parts.next(), parts.next()) else { return false };
    // `v1beta/models`, `v1/chat`: a part of an address; `router/auto`: whatever the router takes.
    let is_of_address = second.is_some() && is_version(first);
    is_part(first)
        && second.is_none_or(|name| is_part(name) && name != "auto")
        && text.len() <= 96
        && !is_of_address
        && !is_placeholder(text)
        && !is_path(text)
}

/// Whether a text is the version of an interface in its addresses: `v1`, `v1beta`.
fn is_version(text: &str) -> bool {
    let rest = text.strip_prefix('v').unwrap_or("");
    let end = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    end.len() < rest.len() && matches!(end.trim_end_matches(|c: char| c.is_ascii_digit()), "" | "alpha" | "beta")
}

/// Whether a text is `owner/name` and could be one on a hub.
#[must_use]
pub fn has_owner(text: &str) -> bool {
    text.contains('/') && is_repository(text)
}

/// Owners that samples are written with. Anybody can register one of them on a hub.
const SAMPLE_OWNERS: &[&str] = &["foo", "namespace", "org", "organization", "owner", "test", "user", "username"];

/// Whether a name of which the owner looks like one of a sample is told where a loader is given it as it stands: a
/// hub answers for it all the same, with what somebody put there under that owner.
#[must_use]
pub fn is_claimable(text: &str) -> bool {
    const SAMPLE_NAMES: &[&str] = &[
        "bar",
        "baz",
        "checkpoint",
        "data",
        "dataset",
        "datasets",
        "id",
        "lora",
        "model",
        "models",
        "name",
        "repo",
        "repository",
        "test",
        "tokenizer",
    ];
    let lower = text.to_ascii_lowercase();
    let Some((owner, name)) = lower.split_once('/') else { return false };
    let is_sample = SAMPLE_NAMES.contains(&name)
        || ["my", "your", "some", "repo", "model-", "model_", "dataset-", "dataset_"]
            .iter()
            .any(|s| name.starts_with(s))
        || ["name", "_id", "-id"].iter().any(|end| name.ends_with(end));
    SAMPLE_OWNERS.contains(&owner) && !is_sample && may_be_either(text)
}

/// Whether a text that is taken for a folder or for a sample's name would be one of a hub too: where no such folder is
/// there, a loader asks the hub.
#[must_use]
pub fn may_be_either(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let Some((owner, name)) = lower.split_once('/') else { return false };
    let is_blank = ["your", "my-", "my_", "path", "xxx", "some", "example", "placeholder", "tmp", "mnt", "home", "opt"]
        .iter()
        .any(|start| owner.starts_with(start));
    is_part(owner)
        && is_part(name)
        && text.len() <= 96
        && !is_blank
        && !has_end(&lower)
        && !name.starts_with("your")
        && !lower.contains("path_to")
        && !lower.contains("path-to")
        && !is_repository(text)
}

fn is_part(part: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !part.is_empty()
        && part.chars().all(fits)
        && !part.starts_with(['-', '.'])
        && !part.ends_with(['-', '.'])
        && !part.contains("--")
        && !part.contains("..")
        && !part.ends_with(".git")
}

/// Whether a text is a path of a file or folder rather than a name.
#[must_use]
pub fn is_path(text: &str) -> bool {
    const FOLDERS: &[&str] = &[
        "checkpoints",
        "checkpoint",
        "ckpt",
        "ckpts",
        "data",
        "dataset",
        "datasets",
        "logs",
        "model",
        "models",
        "out",
        "output",
        "outputs",
        "pretrained",
        "pretrained_models",
        "results",
        "runs",
        "saved_models",
        "saves",
        "src",
        "tests",
        "test",
        "tmp",
        "weights",
        "workspace",
        "mnt",
        "opt",
        "home",
        "examples",
        "scripts",
        "config",
        "configs",
        "assets",
    ];
    let lower = text.to_ascii_lowercase();
    let first = lower.split('/').next().unwrap_or("");
    text.starts_with(['.', '/', '~', '$', '%'])
        || text.contains('\\')
        || text.get(1..3).is_some_and(|mark| mark == ":/" || mark == ":\\")
        || (lower.contains('/') && FOLDERS.contains(&first))
        || has_end(&lower)
}

/// Whether a text in small letters ends as files do.
fn has_end(lower: &str) -> bool {
    const ENDS: &[&str] = &[
        ".bin",
        ".ckpt",
        ".csv",
        ".gguf",
        ".h5",
        ".json",
        ".jsonl",
        ".keras",
        ".md",
        ".npy",
        ".npz",
        ".onnx",
        ".parquet",
        ".pkl",
        ".pt",
        ".pth",
        ".py",
        ".safetensors",
        ".sh",
        ".tar",
        ".gz",
        ".tflite",
        ".toml",
        ".tsv",
        ".txt",
        ".yaml",
        ".yml",
        ".zip",
        ".ipynb",
    ];
    ENDS.iter().any(|end| lower.ends_with(end))
}

/// Whether a text stands for a name that the reader is to put in.
#[must_use]
pub fn is_placeholder(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let owner = lower.split('/').next().unwrap_or("");
    text.contains(['<', '>', '{', '}', '*', '$'])
        || [
            "your",
            "my-",
            "my_",
            "path/to",
            "xxx",
            "org/model",
            "user/model",
            "username/",
            "some-",
            "foo/",
            "namespace/",
            "org/repo",
            "owner/repo",
        ]
        .iter()
        .any(|start| lower.starts_with(start))
        || matches!(
            owner,
            "user" | "username" | "org" | "organization" | "namespace" | "owner" | "example" | "placeholder"
        )
        || ["/your", "your-", "your_", "yourname", "-username", "/path/to/", "changeme", "change-me", "replace-me"]
            .iter()
            .any(|part| lower.contains(part))
        || lower.contains("path_to")
        || lower.contains("path-to")
}

/// Whether a name is that of a party that serves models, as routers spell it: `openai/gpt-4o`, `groq/llama3`.
#[must_use]
pub fn is_served(name: &str) -> bool {
    const PARTIES: &[&str] = &[
        "anthropic",
        "azure",
        "azure_ai",
        "bedrock",
        "cerebras",
        "claude",
        "cohere_chat",
        "fireworks_ai",
        "gemini",
        "groq",
        "huggingface",
        "litellm_proxy",
        "mistral",
        "ollama_chat",
        "openrouter",
        "together_ai",
        "vertex_ai",
        "xai",
    ];
    let Some((owner, model)) = name.split_once('/') else { return false };
    let owner = owner.to_ascii_lowercase();
    let is_closed = ["gpt-3", "gpt-4", "gpt-5", "o1", "o3", "o4", "text-embedding", "chatgpt", "dall-e"];
    PARTIES.contains(&owner.as_str())
        || (owner == "openai" && is_closed.iter().any(|start| model.starts_with(start)))
        || (owner == "google" && model.starts_with("gemini"))
        || matches!(owner.as_str(), "application" | "text" | "image" | "audio" | "refs" | "origin" | "feature")
}

/// Whether a name that begins like a party's is one that a project gave to a route of its own:
/// `claude-haiku-4-5-anthropic`, `gemini-worker`.
#[must_use]
pub fn is_route(name: &str) -> bool {
    const ENDS: &[&str] =
        &["-anthropic", "-openrouter", "-bedrock", "-vertex", "-azure", "-worker", "-router", "-proxy", "-deployment"];
    let lower = name.to_ascii_lowercase();
    ENDS.iter().any(|end| lower.ends_with(end))
}

/// How firmly a written revision holds: a commit in full, a name that looks like a release, or another name.
#[must_use]
pub fn pin_of(revision: &str) -> Pin {
    let is_commit = revision.len() == 40 && revision.bytes().all(|b| b.is_ascii_hexdigit());
    let number = revision.strip_prefix(['v', 'V']).unwrap_or(revision);
    let is_release = number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+'))
        && (number.contains('.') || number.len() < revision.len());
    match (is_commit || revision.starts_with("sha256:"), is_release || revision.starts_with("refs/tags/")) {
        (true, _) => Pin::Commit,
        (false, true) => Pin::Tag,
        (false, false) => Pin::Branch,
    }
}

/// What an address of a hub names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Addressed {
    /// Whose it is.
    pub hub: Hub,
    /// What it is.
    pub kind: AssetKind,
    /// `owner/name`.
    pub name: String,
    /// The revision in it.
    pub revision: Option<String>,
    /// The file in it.
    pub file: Option<String>,
}

/// What an address of a hub names: `https://HUB/owner/name/resolve/REVISION/FILE`, `hf://datasets/owner/name@REVISION/FILE`.
/// None where it is no such address, or a page for readers.
#[must_use]
pub fn of_address(text: &str) -> Option<Addressed> {
    let text = text.split(['?', '#']).next().unwrap_or("");
    if let Some(rest) = text.strip_prefix("hf://") {
        let (kind, rest) = match rest.strip_prefix("datasets/") {
            Some(rest) => (AssetKind::Dataset, rest),
            None => (AssetKind::Model, rest.strip_prefix("models/").unwrap_or(rest)),
        };
        if rest.starts_with("spaces/") || rest.starts_with("buckets/") {
            return None;
        }
        let mut parts = rest.splitn(3, '/');
        let (owner, second, file) = (parts.next()?, parts.next()?, parts.next());
        let (name, revision) = second.split_once('@').map_or((second, None), |(name, r)| (name, Some(r.to_owned())));
        let name = format!("{owner}/{name}");
        let file = file.filter(|f| !f.is_empty()).map(str::to_owned);
        return is_repository(&name).then_some(Addressed { hub: Hub::HuggingFace, kind, name, revision, file });
    }
    let (_, rest) = text.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let hub = match host.trim_start_matches("www.") {
        "huggingface.co" | "hf.co" | "hf-mirror.com" => Hub::HuggingFace,
        "modelscope.cn" | "modelscope.ai" => Hub::ModelScope,
        _ => return None,
    };
    let path = path.trim_matches('/');
    let path = path.strip_prefix("api/v1/").unwrap_or(path);
    // What the programs of Hugging Face ask: `api/datasets/owner/name/parquet`.
    let asked = path.strip_prefix("api/").filter(|rest| rest.starts_with("datasets/") || rest.starts_with("models/"));
    let (path, is_asked) = (asked.unwrap_or(path), asked.is_some());
    let (kind, path) = match path.strip_prefix("datasets/") {
        Some(rest) => (AssetKind::Dataset, rest),
        None => (
            AssetKind::Model,
            path.strip_prefix("models/").filter(|_| hub == Hub::ModelScope || is_asked).unwrap_or(path),
        ),
    };
    let mut parts = path.split('/');
    let (owner, name) = (parts.next()?, parts.next()?);
    if PAGES.contains(&owner) {
        return None;
    }
    let name = format!("{owner}/{}", name.trim_end_matches(".git"));
    let (verb, rest): (Option<&str>, Vec<&str>) = (parts.next(), parts.collect());
    let (revision, file) = match verb {
        Some("resolve" | "raw" | "blob" | "tree") => {
            // `refs/pr/7` has slashes of its own.
            let length = if rest.first() == Some(&"refs") { 3 } else { 1 };
            let revision = rest.get(..length.min(rest.len())).map(|r| r.join("/")).filter(|r| !r.is_empty());
            let file = rest.get(length..).map(|f| f.join("/")).filter(|f| !f.is_empty());
            (revision, file)
        }
        None => (None, None),
        Some("revision") if is_asked => (rest.first().map(|r| (*r).to_owned()), None),
        Some("parquet") if is_asked => (None, None),
        Some(_) => return None,
    };
    is_repository(&name).then_some(Addressed { hub, kind, name, revision, file })
}

/// Whether the file at an address holds weights, by its end.
#[must_use]
pub fn is_weights(address: &str) -> bool {
    const ENDS: &[&str] = &[
        ".safetensors",
        ".gguf",
        ".ggml",
        ".ckpt",
        ".pth",
        ".pt",
        ".onnx",
        ".tflite",
        ".h5",
        ".keras",
        ".caffemodel",
        ".pdparams",
        ".mlmodel",
        ".engine",
        ".nemo",
        ".llamafile",
        ".joblib",
        ".pkl",
        ".pth.tar",
        ".task",
    ];
    let path = address.split(['?', '#']).next().unwrap_or("").to_ascii_lowercase();
    path.contains("://") && ENDS.iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_paths_and_placeholders_are_told_apart() {
        for yes in [
            "gpt2",
            "openai-community/gpt2",
            "Qwen/Qwen2.5-0.5B",
            "bert-base-uncased",
            "01-ai/Yi-6B",
            "facebook/opt-1.3b",
        ] {
            assert!(is_repository(yes), "{yes}");
        }
        for no in [
            "./gpt2",
            "/data/x",
            "a/b/c",
            "models/llama",
            "your-org/model",
            "<org>/x",
            "x.safetensors",
            "C:/x",
            "",
            "a b/c",
            "-x/y",
            "v1beta/models",
            "v1/chat",
            "somerouter/auto",
            "Your-Hugging-Face-Name/x",
            "hub/your_model",
        ] {
            assert!(!is_repository(no), "{no}");
        }
        assert!(is_loader_word("parquet") && !is_loader_word("glue"));
        for (name, served) in
            [("openai/gpt-4o", true), ("groq/llama3", true), ("openai/gpt-oss-20b", false), ("acme/x", false)]
        {
            assert_eq!(is_served(name), served, "{name}");
        }
        assert!(is_route("claude-3-opus-openrouter") && is_route("gemini-worker") && !is_route("claude-3-opus"));
    }

    #[test]
    fn owners_of_samples_and_folders_may_be_somebodys() {
        for yes in ["org/evil-7b", "foo/gpt2", "user/gpt2", "username/evil", "test/evil"] {
            assert!(is_claimable(yes) && may_be_either(yes) && !is_repository(yes), "{yes}");
        }
        for either in ["models/gpt2", "data/evil", "checkpoints/evil", "output/evil-7b", "foo/bar", "org/model"] {
            assert!(!is_claimable(either) && may_be_either(either), "{either}");
        }
        for no in [
            "your-org/gpt2",
            "<org>/x",
            "path/to",
            "my-org/gpt2",
            "user/your-model",
            "models/x.safetensors",
            "models",
            "a/b",
            "../models/x",
            "models/a/b",
            "example/gpt2",
            "user/{name}",
            "",
        ] {
            assert!(!is_claimable(no) && !may_be_either(no), "{no}");
        }
    }

    #[test]
    fn a_revision_holds_by_what_it_looks_like() {
        for (revision, pin) in [
            ("607a30d783dfa663caf39e06633721c8d4cfcd7e", Pin::Commit),
            ("main", Pin::Branch),
            ("refs/pr/11", Pin::Branch),
            ("v1.0", Pin::Tag),
            ("1.0.2", Pin::Tag),
            ("v2", Pin::Tag),
            ("607a30d", Pin::Branch),
            ("fp16", Pin::Branch),
        ] {
            assert_eq!(pin_of(revision), pin, "{revision}");
        }
    }

    #[test]
    fn addresses_of_hubs_are_taken_apart() {
        let one =
            of_address("https://huggingface.co/datasets/a/b/resolve/refs/pr/7/x/y.parquet?download=true").expect("one");
        assert_eq!((one.kind, one.name.as_str()), (AssetKind::Dataset, "a/b"));
        assert_eq!((one.revision.as_deref(), one.file.as_deref()), (Some("refs/pr/7"), Some("x/y.parquet")));
        let one = of_address("hf://datasets/a/b@v1/x.csv").expect("one");
        assert_eq!((one.revision.as_deref(), one.file.as_deref()), (Some("v1"), Some("x.csv")));
        let asked = of_address("https://huggingface.co/api/datasets/a/b/parquet/x/train").expect("one");
        assert_eq!((asked.kind, asked.name.as_str(), asked.revision), (AssetKind::Dataset, "a/b", None));
        let bare = of_address("https://huggingface.co/a/b").expect("one");
        assert_eq!((bare.revision, bare.file), (None, None));
        for no in [
            "https://huggingface.co/docs/transformers",
            "https://huggingface.co/papers/2501",
            "https://example.com/a/b",
        ] {
            assert_eq!(of_address(no), None, "{no}");
        }
    }
}
