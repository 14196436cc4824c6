//! What one value of configuration names.

use std::ops::Range;

use super::addresses::address;
use super::hosted;
use super::hosted::Provider;
use super::keys::Need;
use super::keys::Wanted;
use super::variables::default_of;
use super::variables::is_dynamic;
use super::variables::is_quoted;
use crate::references::AssetKind;
use crate::references::Hub;
use crate::references::Standing;
use crate::references::names;

/// Something that a value names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::references) struct Named {
    /// Whose it is.
    pub hub: Hub,
    /// What it is.
    pub kind: AssetKind,
    /// The name.
    pub name: String,
    /// The revision within the value.
    pub revision: Option<String>,
    /// The file that is asked for.
    pub file: Option<String>,
    /// Where the name, or the address, stands in the value.
    pub range: Range<usize>,
    /// Whether it is a default.
    pub standing: Standing,
}

/// What a value says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::references) enum Reading {
    /// Nothing that is loaded by name.
    Nothing,
    /// A name that something else gives.
    Dynamic,
    /// A name.
    Named(Named),
}

/// Owners that nobody on a hub is, but tests and configuration use.
const NOBODY: &[&str] = &[
    "a",
    "b",
    "acme",
    "admin",
    "api",
    "app",
    "application",
    "audio",
    "bar",
    "docker",
    "docs",
    "dummy",
    "fake",
    "file",
    "folder",
    "foo",
    "hf",
    "image",
    "lib",
    "linux",
    "local",
    "me",
    "mock",
    "n",
    "none",
    "provider",
    "root",
    "some",
    "text",
    "usr",
    "v1",
    "v2",
    "video",
    "vllm-sr",
    "test-org",
    "my",
    "invalid",
    "nonexistent",
    "path",
    "backend",
    "frontend",
    "ci",
    "build",
    "dist",
    "bin",
    "app_data",
    "custom",
    "third_party",
];

/// What a value of a key with this meaning names.
pub(in crate::references) fn read(text: &str, wanted: Wanted, provider: Option<Provider>) -> Reading {
    let start = text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let is_one_word = trimmed.starts_with("${") || !trimmed.contains(char::is_whitespace);
    if trimmed.is_empty() || !is_one_word || trimmed.len() > 400 {
        return Reading::Nothing;
    }
    let reading = match default_of(trimmed) {
        Some(range) if range.is_empty() => Reading::Dynamic,
        // `${MODEL:-"org/x"}`: quotes that a shell takes away.
        Some(range) if is_quoted(&trimmed[range.clone()]) => {
            let inner = range.start + 1..range.end - 1;
            let found = literal(&trimmed[inner.clone()], wanted, provider);
            found.map_or(Reading::Nothing, |named| {
                Reading::Named(Named { standing: Standing::Default, ..behind(named, inner.start) })
            })
        }
        Some(range) => match literal(&trimmed[range.clone()], wanted, provider) {
            Some(named) => Reading::Named(Named { standing: Standing::Default, ..behind(named, range.start) }),
            None => Reading::Nothing,
        },
        None if is_dynamic(trimmed) => Reading::Dynamic,
        None => literal(trimmed, wanted, provider).map_or(Reading::Nothing, Reading::Named),
    };
    match reading {
        Reading::Named(named) => Reading::Named(behind(named, start)),
        other => other,
    }
}

/// The same where the text that was read stands behind so many bytes.
pub(in crate::references) fn behind(named: Named, bytes: usize) -> Named {
    Named { range: named.range.start + bytes..named.range.end + bytes, ..named }
}

fn literal(text: &str, wanted: Wanted, provider: Option<Provider>) -> Option<Named> {
    if text.contains(['$', '{', '}', '<', '>', '*', '"']) {
        return None;
    }
    let Wanted { kind, need } = wanted;
    let named = |hub, name: &str, range: Range<usize>| Named {
        hub,
        kind,
        name: name.to_owned(),
        revision: None,
        file: None,
        range,
        standing: Standing::Runs,
    };
    if text.contains("://") {
        return address(text, Some(kind));
    }
    if kind == AssetKind::Kernel {
        return kernel(text);
    }
    if kind == AssetKind::Model {
        if let Some(Provider::Ollama) = provider {
            let rest = text.strip_prefix("ollama/").unwrap_or(text);
            return ollama(rest).map(|named| behind(named, text.len() - rest.len()));
        }
        if let Some(rest) = text.strip_prefix("hf.co/").or_else(|| text.strip_prefix("huggingface.co/")) {
            let (name, file) = rest.split_once(':').map_or((rest, None), |(name, file)| (name, Some(file)));
            let found = named(Hub::HuggingFace, name, 0..text.len());
            return names::has_owner(name).then(|| Named { file: file.map(str::to_owned), ..found });
        }
    }
    // What a recipe trains is on a hub, whatever its owner's name is elsewhere.
    if kind == AssetKind::Model && need == Need::Owner {
        match hosted::prefixed(text) {
            Some((Provider::Hosted(party), rest)) if provider != Some(Provider::Hub) => {
                // A slash is part of the name for those who route by it; a colon is not.
                let name = if text[..text.len() - rest.len()].ends_with('/') { text } else { rest };
                let from = text.len() - name.len();
                return is_hosted_name(name).then(|| named(Hub::Hosted(party), name, from..text.len()));
            }
            Some((Provider::Ollama, rest)) => return ollama(rest).map(|found| behind(found, text.len() - rest.len())),
            Some((Provider::Hub, rest)) => {
                return on_hub(rest, kind, Need::Owner).map(|found| behind(found, text.len() - rest.len()));
            }
            _ => {}
        }
        let known = hosted::by_name(text).filter(|_| provider != Some(Provider::Hub));
        match provider {
            // Their interface is spoken by servers of one's own, whose models are of a hub or have any name.
            Some(Provider::Hosted(party @ ("openai" | "azure"))) if known.is_some() => {
                return is_hosted_name(text).then(|| named(Hub::Hosted(party), text, 0..text.len()));
            }
            Some(Provider::Hosted("openai" | "azure")) => {}
            Some(Provider::Hosted(party)) => {
                return is_hosted_name(text).then(|| named(Hub::Hosted(party), text, 0..text.len()));
            }
            _ => {
                if let Some(hub) = known {
                    return is_hosted_name(text).then(|| named(hub, text, 0..text.len()));
                }
            }
        }
    }
    if need == Need::Owner && kind == AssetKind::Model && !text.contains('/') && text.contains(':') {
        return ollama(text).filter(|named| named.revision.as_deref().is_some_and(is_size));
    }
    on_hub(text, kind, need)
}

/// Whether a text could be what a party calls a model: it has letters and digits or parts.
fn is_hosted_name(text: &str) -> bool {
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/' | ':' | '@');
    let is_sample = names::is_placeholder(text) || matches!(text, "default" | "model" | "gpt" | "auto" | "none");
    let is_of_address = text.contains("/v1/") || text.ends_with("/models");
    text.chars().all(is_word)
        && !is_of_address
        && text.contains(['-', '.', ':', '/', '1', '3', '4'])
        && !is_sample
        && !names::is_path(text)
}

/// A tag of Ollama that tells a size or a build, unlike a port or a version of something else.
fn is_size(tag: &str) -> bool {
    let lower = tag.to_ascii_lowercase();
    let digits = lower.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
    lower == "latest"
        || (digits.len() < lower.len() && (digits.starts_with('b') || digits.starts_with('m')))
        || lower.contains("q4")
        || lower.contains("q8")
}

/// `name`, `name:tag` or `owner/name:tag` of Ollama.
pub(in crate::references) fn ollama(text: &str) -> Option<Named> {
    if let Some(rest) = text.strip_prefix("hf.co/").or_else(|| text.strip_prefix("huggingface.co/")) {
        let (name, file) = rest.split_once(':').map_or((rest, None), |(name, file)| (name, Some(file)));
        return names::has_owner(name).then(|| Named {
            hub: Hub::HuggingFace,
            kind: AssetKind::Model,
            name: name.to_owned(),
            revision: None,
            file: file.map(str::to_owned),
            range: 0..text.len(),
            standing: Standing::Runs,
        });
    }
    let (name, tag) = text.split_once(':').map_or((text, None), |(name, tag)| (name, Some(tag)));
    let is_word =
        |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || "-_./".contains(c));
    let fits = is_word(name) && tag.is_none_or(is_word) && !names::is_path(name) && !names::is_placeholder(name);
    (fits && !matches!(name, "model" | "default" | "mock" | "test")).then(|| Named {
        hub: Hub::Ollama,
        kind: AssetKind::Model,
        name: name.to_owned(),
        revision: tag.map(str::to_owned),
        file: None,
        range: 0..text.len(),
        standing: Standing::Runs,
    })
}

/// `owner/kernel`, `owner/kernel@revision`, each with `:function` behind it. Source: transformers, `attn_implementation`.
fn kernel(text: &str) -> Option<Named> {
    let whole = text.split(':').next().unwrap_or(text);
    let (name, revision) = whole.split_once('@').map_or((whole, None), |(name, r)| (name, Some(r)));
    let name = name.rsplit('|').next().unwrap_or(name);
    (names::has_owner(name) && (revision.is_some() || !name.starts_with("paged"))).then(|| Named {
        hub: Hub::HuggingFace,
        kind: AssetKind::Kernel,
        name: name.to_owned(),
        revision: revision.map(str::to_owned),
        file: None,
        range: 0..text.len(),
        standing: Standing::Runs,
    })
}

fn on_hub(text: &str, kind: AssetKind, need: Need) -> Option<Named> {
    let (text_name, revision) = text.split_once('@').map_or((text, None), |(name, r)| (name, Some(r)));
    // `owner/name:Q4_K_M` picks a file; `owner/name/file.gguf` names one.
    let (name, file) = text_name.split_once(':').map_or((text_name, None), |(name, file)| (name, Some(file)));
    let mut parts = name.splitn(3, '/');
    let (owner, second, third) = (parts.next()?, parts.next(), parts.next());
    let file = match third {
        Some(path) if file.is_none() && !path.contains('/') && names::is_weights(&format!("x://{path}")) => Some(path),
        Some(_) => return None,
        None => file,
    };
    let name = second.map_or(owner.to_owned(), |second| format!("{owner}/{second}"));
    if kind == AssetKind::Dataset && names::is_loader_word(&name) {
        return None;
    }
    let has_letters = |part: &str| part.bytes().any(|b| b.is_ascii_alphabetic());
    let is_somebody = !NOBODY.contains(&owner.to_ascii_lowercase().as_str()) && has_letters(owner);
    let fits = match second {
        Some(second) => names::has_owner(&name) && is_somebody && has_letters(second) && owner.len() > 1,
        None => need == Need::Name && is_old_name(&name, kind) && file.is_none() && revision.is_none(),
    };
    fits.then(|| Named {
        hub: Hub::HuggingFace,
        kind,
        name,
        revision: revision.filter(|r| !r.is_empty()).map(str::to_owned),
        file: file.map(str::to_owned),
        range: 0..text.len(),
        standing: Standing::Runs,
    })
}

/// Whether a name without owner looks like one of the hub's first years and not like a folder.
fn is_old_name(name: &str, kind: AssetKind) -> bool {
    const STARTS: &[&str] = &[
        "albert-",
        "all-MiniLM-",
        "all-distilroberta",
        "all-mpnet-",
        "bart-",
        "bert-",
        "camembert-",
        "ctrl",
        "distilbart-",
        "distilbert-",
        "distilgpt2",
        "distilroberta-",
        "facebook-",
        "flaubert",
        "gpt2",
        "google-t5",
        "longformer-",
        "mbart-",
        "mt5-",
        "multi-qa-",
        "openai-gpt",
        "paraphrase-",
        "roberta-",
        "t5-",
        "transfo-xl",
        "xlm-",
        "xlnet-",
    ];
    if !names::is_repository(name) {
        return false;
    }
    match kind {
        AssetKind::Dataset => {
            !matches!(name, "data" | "dataset" | "train" | "test" | "dummy" | "local" | "none" | "null" | "custom")
        }
        _ => STARTS.iter().any(|start| name.starts_with(start)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANY: Wanted = Wanted { kind: AssetKind::Model, need: Need::Owner };

    fn shown(text: &str, wanted: Wanted, provider: Option<Provider>) -> String {
        match read(text, wanted, provider) {
            Reading::Nothing => "-".to_owned(),
            Reading::Dynamic => "?".to_owned(),
            Reading::Named(n) => {
                let at = n.revision.map(|r| format!("@{r}")).unwrap_or_default();
                let standing = if n.standing == Standing::Default { " default" } else { "" };
                format!("{}:{}{at}{standing}", n.hub.word(), n.name)
            }
        }
    }

    #[test]
    fn values_are_read_as_what_they_name() {
        for (text, is) in [
            ("Qwen/Qwen2.5-7B", "huggingface:Qwen/Qwen2.5-7B"),
            ("${MODEL:-lmsys/vicuna-7b}", "huggingface:lmsys/vicuna-7b default"),
            ("${oc.env:MODEL, lmsys/vicuna-7b}", "huggingface:lmsys/vicuna-7b default"),
            ("${env.MODEL:=lmsys/vicuna-7b}", "huggingface:lmsys/vicuna-7b default"),
            ("${MODEL:-\"lmsys/vicuna-7b\"}", "huggingface:lmsys/vicuna-7b default"),
            ("${MODEL}", "?"),
            ("$MODEL", "?"),
            ("${model.name}", "-"),
            ("openai/gpt-4o", "openai:openai/gpt-4o"),
            ("openai:gpt-4o", "openai:gpt-4o"),
            ("openai/gpt-oss-20b", "huggingface:openai/gpt-oss-20b"),
            ("gpt-4o-mini", "openai:gpt-4o-mini"),
            ("huggingface/Qwen/Qwen3-8B", "huggingface:Qwen/Qwen3-8B"),
            ("ollama/llama3:8b", "ollama:llama3@8b"),
            ("llama3.2:3b", "ollama:llama3.2@3b"),
            ("redis:7", "-"),
            ("hf://org-x/name@v1/file.gguf", "huggingface:org-x/name@v1"),
            ("huggingface://TheBloke/x-GGUF/x.gguf@v2", "huggingface:TheBloke/x-GGUF@v2"),
            ("s3://bucket/model", "bucket:s3://bucket/model"),
            ("https://example.org/w/x.gguf", "address:https://example.org/w/x.gguf"),
            ("./local/model", "-"),
            ("models/llama", "-"),
            ("your-org/model", "-"),
            ("gpt2", "-"),
            ("1/7", "-"),
            ("pvc://claim/model", "-"),
            ("openai/v1/models", "-"),
            ("v1beta/models", "-"),
        ] {
            assert_eq!(shown(text, ANY, None), is, "{text}");
        }
        let sure = Wanted { kind: AssetKind::Model, need: Need::Name };
        assert_eq!(shown("gpt2", sure, None), "huggingface:gpt2");
        assert_eq!(shown("output", sure, None), "-");
        let data = Wanted { kind: AssetKind::Dataset, need: Need::Name };
        assert_eq!(shown("json", data, None), "-");
        assert_eq!(shown("glue", data, None), "huggingface:glue");
        assert_eq!(shown("llama3", ANY, Some(Provider::Ollama)), "ollama:llama3");
        assert_eq!(shown("llama-3.1-8b", ANY, Some(Provider::Hosted("groq"))), "groq:llama-3.1-8b");
        let kernel = Wanted { kind: AssetKind::Kernel, need: Need::Owner };
        assert_eq!(
            shown("kernels-community/flash-attn3@v1:fn", kernel, None),
            "huggingface:kernels-community/flash-attn3@v1"
        );
        assert_eq!(shown("flash_attention_2", kernel, None), "-");
    }

    #[test]
    fn the_place_is_the_name_within_the_value() {
        let Reading::Named(named) = read("${MODEL:-lmsys/vicuna-7b}", ANY, None) else { panic!("a name") };
        assert_eq!(&"${MODEL:-lmsys/vicuna-7b}"[named.range], "lmsys/vicuna-7b");
    }
}
