//! Models and data sets from hubs: by their programs, and by the calls of a text for Python.

use std::ops::Range;

use super::act::{Act, ActKind, Brought, Operand, Output};
use super::program_text::{self, Call, ProgramText};
use super::site::Site;
use crate::parse::shell::{Arg, Invocation};

/// Something brought from a hub.
struct Found {
    by: &'static str,
    name: Operand,
    revision: Option<String>,
    to: Output,
    what: Brought,
    runs_code: bool,
}

pub(super) fn recognise(site: &Site<'_>, text: Option<&ProgramText>, acts: &mut Vec<Act>) {
    let before = acts.len();
    programs(site, &site.call.name, &site.call.args, acts);
    // `uvx --from huggingface_hub hf download x`, `uv run hf download x`, `docker exec c ollama pull x`
    if acts.len() == before
        && matches!(
            site.call.name.as_str(),
            "uvx"
                | "uv"
                | "pipx"
                | "poetry"
                | "pdm"
                | "hatch"
                | "pixi"
                | "conda"
                | "docker"
                | "podman"
                | "kubectl"
                | "python"
                | "python3"
        )
    {
        let inner = site.call.args.iter().enumerate().filter(|(_, a)| INNER.contains(&a.text.as_str()));
        for (at, name) in inner.take(MAX_INNER) {
            if acts.len() == before {
                programs(site, &name.text, site.call.args.get(at + 1..).unwrap_or_default(), acts);
            }
        }
    }
    if let Some(text) = text.filter(|t| t.language == "python" && WORDS.iter().any(|word| t.text.contains(word))) {
        for call in program_text::calls(&text.text) {
            if let Some(found) = python(&call, &site.command.range) {
                push(site, found, acts);
            }
        }
    }
}

/// Words of one command taken for such a program; a container may be called like what runs in it.
const MAX_INNER: usize = 4;

/// Programs of hubs that others start.
const INNER: &[&str] = &[
    "hf",
    "huggingface-cli",
    "ollama",
    "vllm",
    "modelscope",
    "kaggle",
    "spacy",
    "nltk.downloader",
    "sglang.launch_server",
    "vllm.entrypoints.openai.api_server",
];

fn push(site: &Site<'_>, found: Found, acts: &mut Vec<Act>) {
    let Found { by, name, revision, to, what, runs_code } = found;
    let range = name.range.clone();
    let kind = ActKind::HubDownload { by, name, revision, to, what, runs_code };
    acts.push(Act { command: site.index, range, kind });
}

/// Options of these programs that take a value.
pub(super) const VALUED: &[&str] = &[
    "--repo-type",
    "--revision",
    "--include",
    "--exclude",
    "--cache-dir",
    "--local-dir",
    "--token",
    "--max-workers",
    "--local-dir-use-symlinks",
    "-p",
    "--path",
    "-f",
    "--file",
    "-d",
    "--model",
    "--dataset",
    "--local_dir",
    "--cache_dir",
    "--host",
    "--port",
    "--tensor-parallel-size",
    "-tp",
    "--max-model-len",
    "--dtype",
    "--gpu-memory-utilization",
    "--served-model-name",
    "--tokenizer",
    "--quantization",
    "--max-num-seqs",
    "--api-key",
    "--load-format",
    "--pipeline-parallel-size",
    "--chat-template",
    "--tool-call-parser",
    "--code-revision",
    "--tokenizer-revision",
];

fn programs(site: &Site<'_>, name: &str, args: &[Arg<'_>], acts: &mut Vec<Act>) {
    let call = Invocation {
        name: name.to_owned(),
        path: name.to_owned(),
        word: site.call.word,
        args: args.to_vec(),
        env: Vec::new(),
        via: Vec::new(),
    };
    let operands = call.operands(VALUED);
    let words: Vec<&str> = operands.iter().map(|a| a.text.as_str()).collect();
    let operand = |at: usize| operands.get(at).map(|a| of(a));
    let value = |long: &str| call.value(None, long).map(str::to_owned);
    let folder = |long: &str| value(long).map_or(Output::Unknown, Output::Dir);
    let option = |long: &str| {
        let at = call.args.iter().position(|a| a.text == long)?;
        call.args.get(at + 1).map(of)
    };
    let joined = |long: &str| {
        call.args.iter().find_map(|a| {
            let value = a.text.strip_prefix(long)?.strip_prefix('=')?;
            Some(Operand { text: value.to_owned(), known: a.known, range: a.range.clone(), by: Some(long.to_owned()) })
        })
    };
    let given = |long: &str| option(long).or_else(|| joined(long));
    let plain = |by, name, revision, to, what| Found { by, name, revision, to, what, runs_code: false };
    let files: String = words.get(2..).unwrap_or_default().join(" ") + value("include").as_deref().unwrap_or("");
    let found: Option<Found> = match (name, words.as_slice()) {
        ("hf" | "huggingface-cli", ["download", ..]) => operand(1).map(|name| {
            let kind = value("repo-type");
            let what = if kind.as_deref() == Some("dataset") { Brought::DataSet } else { format(&files) };
            plain("hf download", name, value("revision"), folder("local-dir"), what)
        }),
        ("modelscope", ["download", ..]) => {
            let data = given("--dataset");
            let what = if data.is_some() { Brought::DataSet } else { Brought::Model };
            let name = data.or_else(|| given("--model")).or_else(|| operand(1));
            name.map(|name| plain("modelscope download", name, value("revision"), folder("local_dir"), what))
        }
        ("kaggle", [kind @ ("datasets" | "models" | "competitions" | "d" | "m"), rest @ ..])
            if rest.contains(&"download") =>
        {
            let last = given("-d").or_else(|| operand(operands.len().saturating_sub(1)));
            let what = if kind.starts_with('m') { Brought::Model } else { Brought::DataSet };
            // `owner/name/framework/variation/3` ends in a version.
            let number = |text: &str| text.rsplit_once('/').is_some_and(|(_, last)| last.parse::<u32>().is_ok());
            last.map(|name| {
                let version = Some(name.text.clone()).filter(|t| number(t));
                let folder =
                    call.value(Some('p'), "path").map_or(Output::Dir(".".to_owned()), |p| Output::Dir(p.to_owned()));
                plain("kaggle download", name, version, folder, what)
            })
        }
        ("ollama", ["pull" | "run", ..]) => {
            operand(1).map(|name| plain("ollama pull", name, None, Output::Unknown, Brought::Model))
        }
        ("vllm", ["serve", ..]) => {
            operand(1).or_else(|| given("--model")).map(|name| served("vllm serve", name, &call))
        }
        ("vllm.entrypoints.openai.api_server" | "sglang.launch_server", _) => {
            let by = if name.starts_with("vllm") { "vllm" } else { "sglang" };
            given("--model").or_else(|| given("--model-path")).map(|name| served(by, name, &call))
        }
        ("text-generation-launcher" | "text-embeddings-router", _) => {
            let by = if name.starts_with("text-g") { "text-generation-launcher" } else { "text-embeddings-router" };
            given("--model-id").map(|name| served(by, name, &call))
        }
        ("llama-server" | "llama-cli" | "llama-run" | "llama-bench", _) => given("-hf")
            .or_else(|| given("--hf-repo"))
            .or_else(|| given("-hfr"))
            .map(|name| plain("llama.cpp -hf", name, None, Output::Unknown, Brought::Model)),
        ("spacy", ["download", ..]) => {
            // `en_core_web_sm-3.7.1 --direct` names a version; nothing compares it.
            operand(1).map(|name| {
                let version = name.text.split_once("-").map(|(_, v)| v.to_owned()).filter(|v| v.contains('.'));
                plain("spacy download", name, version, Output::Unknown, Brought::Package)
            })
        }
        ("nltk.downloader", _) => {
            operand(0).map(|name| plain("nltk.downloader", name, None, folder("d"), Brought::DataSet))
        }
        _ => None,
    };
    if let Some(found) = found {
        push(site, found, acts);
    }
}

fn served(by: &'static str, name: Operand, call: &Invocation<'_>) -> Found {
    let runs_code = call.flag(None, "trust-remote-code");
    let what = if call.value(None, "load-format") == Some("pt") { Brought::Pickle } else { Brought::Model };
    let revision = call.value(None, "revision").map(str::to_owned);
    Found { by, name, revision, to: Output::Unknown, what, runs_code }
}

/// The format of files by their names.
fn format(files: &str) -> Brought {
    // `ggml-base.en.bin` is no pickle: the format has names of its own since.
    let ends = |end: &str| files.split([' ', ',']).any(|f| f.ends_with(end) && !f.contains("ggml"));
    if [".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle", ".joblib", ".npy"].iter().any(|e| ends(e)) {
        Brought::Pickle
    } else {
        Brought::Model
    }
}

fn of(arg: &Arg<'_>) -> Operand {
    Operand { text: arg.text.clone(), known: arg.known, range: arg.range.clone(), by: None }
}

/// Words without which a text is not read for calls.
const WORDS: &[&str] = &[
    "_download",
    "download(",
    "from_pretrained",
    "load_dataset",
    "load_model",
    "SentenceTransformer",
    "hub.load",
    "pipeline(",
];

/// What a call of Python brings.
fn python(call: &Call, range: &Range<usize>) -> Option<Found> {
    let of = call.of.as_deref().unwrap_or("");
    let named = |at: usize, name: &str| call.text(at, name).map(str::to_owned);
    let revision = || named(usize::MAX, "revision");
    let local = || match call.text(usize::MAX, "local_dir").or_else(|| call.text(usize::MAX, "cache_dir")) {
        Some(folder) => Output::Dir(folder.to_owned()),
        None => Output::Unknown,
    };
    let data = || call.text(usize::MAX, "repo_type") == Some("dataset");
    let (by, name, revision, what): (&'static str, Option<String>, Option<String>, Brought) = match call.name.as_str() {
        "snapshot_download" => (
            "snapshot_download",
            named(0, "repo_id"),
            revision(),
            if data() { Brought::DataSet } else { Brought::Model },
        ),
        "hf_hub_download" => {
            let file = named(1, "filename").unwrap_or_default();
            let what = if data() { Brought::DataSet } else { format(&file) };
            ("hf_hub_download", named(0, "repo_id"), revision(), what)
        }
        "from_pretrained" => ("from_pretrained", named(0, "pretrained_model_name_or_path"), revision(), Brought::Model),
        "pipeline" if call.has("model") => ("pipeline", named(usize::MAX, "model"), revision(), Brought::Model),
        "SentenceTransformer" | "CrossEncoder" => {
            ("SentenceTransformer", named(0, "model_name_or_path"), revision(), Brought::Model)
        }
        "load_dataset" => ("load_dataset", named(0, "path"), revision(), Brought::DataSet),
        "download" if of == "nltk" => ("nltk.download", named(0, "info_or_id"), None, Brought::DataSet),
        "download" if of == "cli" || of == "spacy" => ("spacy download", named(0, "model"), None, Brought::Package),
        "load" if of == "hub" => ("torch.hub.load", named(0, "repo_or_dir"), None, Brought::Pickle),
        _ => return None,
    };
    // A name that the text puts together is not known here; the call is.
    let known = name.is_some();
    let text = name.unwrap_or_else(|| "a model named elsewhere".to_owned());
    // `owner/name:reference` of torch hub.
    let revision = match (by, text.split_once(':')) {
        ("torch.hub.load", Some((_, reference))) => Some(reference.to_owned()),
        // A revision whose text is not known is one all the same.
        _ => revision.or_else(|| call.has("revision").then(|| "${revision}".to_owned())),
    };
    if is_local(&text) || call.has("local_files_only") {
        return None;
    }
    let name = Operand { text, known, range: range.clone(), by: None };
    Some(Found {
        by,
        name,
        revision,
        to: local(),
        what,
        runs_code: call.has("trust_remote_code") || by == "torch.hub.load",
    })
}

/// A folder of this machine in place of a name.
fn is_local(name: &str) -> bool {
    name.starts_with(['/', '.', '~']) || name.split('/').count() > 2
}
