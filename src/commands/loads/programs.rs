//! Programs that load by their own words.

use super::{Given, Load, Loaded, Words, load};
use crate::commands::hubs::VALUED;

/// Words of one command that are taken for a program behind another one.
const MAX_INNER: usize = 4;

/// Programs that start others: what they start stands among their words.
const STARTERS: &[&str] = &[
    "accelerate",
    "conda",
    "docker",
    "kubectl",
    "nerdctl",
    "pipx",
    "pixi",
    "podman",
    "poetry",
    "pdm",
    "hatch",
    "python",
    "python3",
    "srun",
    "torchrun",
    "uv",
    "uvx",
    "singularity",
    "apptainer",
    "ray",
    "nsys",
    "mpirun",
    "deepspeed",
];

/// Programs told from others by their names alone, which may stand behind one that starts them.
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
    "sglang_router.launch_server",
    "vllm.entrypoints.openai.api_server",
    "vllm.entrypoints.api_server",
    "text-generation-launcher",
    "text-embeddings-router",
    "text-generation-server",
    "lmdeploy",
    "litgpt",
    "tune",
    "llama-server",
    "mistralrs-server",
    "mistralrs",
    "lightllm.server.api_server",
    "tensorrt_llm.commands.serve",
    "trtllm-serve",
];

/// Options whose values are no names, for those programs that take a name without an option, beside those that the acts
/// of hubs know.
const MORE_VALUED: &[&str] = &[
    "--tp",
    "--server-port",
    "--server-name",
    "--backend",
    "--model-name",
    "--checkpoint_dir",
    "--output-dir",
    "--work-dir",
    "--hf-token",
    "--ignore-patterns",
    "--source",
    "--max_workers",
    "--access_token",
    "--reasoning-parser",
    "--num-shard",
    "--sharded",
    "--data-parallel-size",
    "-dp",
    "--max-num-batched-tokens",
    "--cache-max-entry-count",
    "--session-len",
    "--api-server-port",
    "--log-level",
    "--name",
    "--kv-cache-dtype",
];

/// Whether the words send something to a hub rather than bring it.
pub(super) fn is_upload(words: &Words<'_, '_>) -> bool {
    let starts: Vec<&str> = words.args.iter().take(4).map(|a| a.text.as_str()).collect();
    starts.iter().any(|w| matches!(*w, "upload" | "upload-large-folder" | "create-repo" | "push"))
}

pub(super) fn find(name: &str, words: &Words<'_, '_>, out: &mut Vec<Load>) {
    let before = out.len();
    one(name, words, out);
    if out.len() == before && STARTERS.contains(&name) {
        let inner = words.args.iter().enumerate().filter(|(_, a)| {
            let last = a.text.rsplit('/').next().unwrap_or("");
            INNER.contains(&last) || INNER.contains(&a.text.as_str())
        });
        for (at, word) in inner.take(MAX_INNER) {
            let rest = Words { args: words.args.get(at + 1..).unwrap_or_default() };
            if out.len() == before {
                one(word.text.rsplit('/').next().unwrap_or(""), &rest, out);
            }
        }
        images(words, out, before);
    }
}

/// `docker run ghcr.io/x/text-generation-inference:3 --model-id org/x`: the image says which program it is.
fn images(words: &Words<'_, '_>, out: &mut Vec<Load>, before: usize) {
    let programs = [
        ("text-generation-inference", "text-generation-launcher"),
        ("text-embeddings-inference", "text-embeddings-router"),
        ("vllm-openai", "vllm.entrypoints.openai.api_server"),
        ("sglang", "sglang.launch_server"),
        ("llama.cpp", "llama-server"),
    ];
    for (at, word) in words.args.iter().enumerate() {
        let program = programs.iter().find(|(image, _)| word.text.contains(image));
        if let Some((_, program)) = program.filter(|_| out.len() == before) {
            one(program, &Words { args: words.args.get(at + 1..).unwrap_or_default() }, out);
        }
    }
}

fn one(name: &str, words: &Words<'_, '_>, out: &mut Vec<Load>) {
    let valued: Vec<&str> = VALUED.iter().chain(MORE_VALUED).copied().collect();
    let operands = words.operands(&valued);
    let verb = operands.first().map_or("", |given| given.text.as_str());
    let second = operands.get(1);
    let held = |by: &str, given: &Given| Load {
        takes_revision: Some(" --revision "),
        ..load(words, by, Loaded::Model, given)
    };
    match (name, verb) {
        ("hf" | "huggingface-cli", "download") => {
            if let Some(given) = second {
                let what = match words.value(&["--repo-type"]).map(|v| v.text).as_deref() {
                    Some("dataset") => Loaded::DataSet,
                    Some("space") => return,
                    _ => Loaded::Model,
                };
                let files = operands.get(2..).unwrap_or_default().iter().filter(|f| f.known).map(|f| f.text.clone());
                let files = files.collect();
                let revision = words.value(&["--revision"]).map(|v| (v.text, v.range));
                out.push(Load { what, files, revision, ..held("hf download", given) });
            }
        }
        ("modelscope", "download") => {
            let data = words.value(&["--dataset"]);
            let what = if data.is_some() { Loaded::DataSet } else { Loaded::Model };
            if let Some(given) = data.or_else(|| words.value(&["--model"])).or_else(|| second.cloned()) {
                let revision = words.value(&["--revision"]).map(|v| (v.text, v.range));
                out.push(Load { what, at: "modelscope", revision, ..held("modelscope download", &given) });
            }
        }
        ("kaggle", "datasets" | "models" | "competitions" | "d" | "m") => kaggle(verb, words, &operands, out),
        ("ollama", "pull" | "run") => {
            if let Some(given) = second {
                ollama(words, given, out);
            }
        }
        ("vllm", "serve" | "chat" | "complete" | "bench") => {
            if let Some(given) = second.filter(|_| verb == "serve").cloned().or_else(|| words.value(&["--model"])) {
                out.push(held("vllm serve", &given));
            }
        }
        ("vllm.entrypoints.openai.api_server" | "vllm.entrypoints.api_server", _) => {
            out.extend(words.value(&["--model"]).map(|given| held("vllm", &given)));
        }
        ("sglang.launch_server" | "sglang_router.launch_server", _) => {
            let given = words.value(&["--model-path", "--model"]);
            out.extend(given.map(|given| held("sglang", &given)));
        }
        ("sglang", "serve") => {
            let given = words.value(&["--model-path", "--model"]).or_else(|| second.cloned());
            out.extend(given.map(|given| held("sglang serve", &given)));
        }
        ("text-generation-launcher" | "text-embeddings-router", _) => {
            out.extend(words.value(&["--model-id"]).map(|given| held(name, &given)));
        }
        (
            "text-generation-server" | "python-text-embeddings-server" | "lorax-server",
            "serve" | "download-weights" | "quantize",
        ) => {
            out.extend(second.map(|given| held(&format!("{name} {verb}"), given)));
        }
        (
            "llama-server" | "llama-cli" | "llama-run" | "llama-bench" | "llama-mtmd-cli" | "llama-embedding"
            | "server" | "main",
            _,
        ) => {
            let Some(given) = words.value(&["-hf", "-hfr", "--hf-repo"]) else { return };
            // `org/x:Q4_K_M` names a file by its quantisation, no revision.
            let name = given.text.split(':').next().unwrap_or("").to_owned();
            let files = words.value(&["-hff", "--hf-file"]).into_iter().map(|f| f.text).collect();
            let given = Given { text: name, ..given };
            out.push(Load { files, ..load(words, "llama.cpp -hf", Loaded::Model, &given) });
        }
        ("lmdeploy", "serve" | "chat" | "lite" | "convert" | "check_env") => {
            let at = match verb {
                "serve" | "lite" => 2,
                _ => 1,
            };
            let given = operands.get(at).filter(|g| g.text.contains('/') || !g.known);
            out.extend(given.map(|given| Load { needs_owner: true, ..held(&format!("lmdeploy {verb}"), given) }));
        }
        ("litgpt", _) | ("tune", "download") => {
            let given = second.filter(|g| g.text.contains('/') || (!g.known && verb == "download"));
            out.extend(given.map(|given| Load {
                needs_owner: true,
                ..load(words, &format!("{name} {verb}"), Loaded::Model, given)
            }));
        }
        ("mistralrs-server" | "mistralrs" | "mistralrs-bench", _) => {
            let given = words.value(&["-m", "--model-id", "--quantized-model-id"]);
            let given = given.or_else(|| second.filter(|_| matches!(verb, "run" | "serve")).cloned());
            let revision = words.value(&["--hf-revision"]).map(|v| (v.text, v.range));
            out.extend(given.map(|given| Load {
                revision,
                needs_owner: true,
                takes_revision: None,
                ..held(name, &given)
            }));
            let tokenizer = words.value(&["-t", "--tok-model-id"]);
            out.extend(
                tokenizer.map(|given| Load { needs_owner: true, ..load(words, name, Loaded::Tokenizer, &given) }),
            );
        }
        ("optimum-cli" | "ct2-transformers-converter" | "trtllm-serve" | "tensorrt_llm.commands.serve", _) => {
            let given = words.value(&["-m", "--model", "--model_name_or_path"]);
            let given = given
                .or_else(|| operands.iter().find(|g| g.text.contains('/')).filter(|_| name.contains("serve")).cloned());
            out.extend(given.map(|given| Load { needs_owner: true, ..load(words, name, Loaded::Model, &given) }));
        }
        ("transformers", "chat" | "serve" | "download") | ("transformers-cli", "download" | "chat") => {
            out.extend(second.map(|given| Load {
                needs_owner: true,
                ..load(words, &format!("{name} {verb}"), Loaded::Model, given)
            }));
        }
        ("xinference", "launch") => {
            let given = words.value(&["--model-name", "-n"]);
            out.extend(
                given.map(|given| Load { at: "xinference", ..load(words, "xinference launch", Loaded::Model, &given) }),
            );
        }
        ("spacy", "download") => {
            if let Some(given) = second {
                let (model, version) = match given.text.split_once('-').filter(|(_, v)| v.contains('.')) {
                    Some((model, version)) => (given.with(model), Some((version.to_owned(), given.range.clone()))),
                    None => (given.clone(), None),
                };
                out.push(Load {
                    at: "spacy",
                    revision: version,
                    ..load(words, "spacy download", Loaded::Model, &model)
                });
            }
        }
        ("nltk.downloader", _) => {
            for given in operands.iter().filter(|g| g.text != "all" && g.text != "popular") {
                out.push(Load { at: "nltk", ..load(words, "nltk.downloader", Loaded::DataSet, given) });
            }
        }
        ("whisper" | "whisperx", _) => {
            let given = words.value(&["--model"]).filter(|g| !g.text.contains('/'));
            out.extend(given.map(|given| Load { at: "whisper", ..load(words, name, Loaded::Model, &given) }));
        }
        _ => {}
    }
}

fn kaggle(verb: &str, words: &Words<'_, '_>, operands: &[Given], out: &mut Vec<Load>) {
    if !operands.iter().any(|g| g.text == "download") {
        return;
    }
    let named = words.value(&["-d", "--dataset", "-c", "--competition"]);
    let last = operands.last().filter(|g| g.text != "download").cloned();
    let Some(given) = named.or(last) else { return };
    let what = if verb.starts_with('m') { Loaded::Model } else { Loaded::DataSet };
    // `owner/name/framework/variation/3` ends in a version.
    let version = given.text.rsplit_once('/').filter(|(_, last)| last.parse::<u32>().is_ok());
    let revision = version.map(|(_, version)| (version.to_owned(), given.range.clone()));
    let name = version.map_or(given.text.as_str(), |(name, _)| name).trim_end_matches("/versions").to_owned();
    let given = Given { text: name, ..given };
    out.push(Load { at: "kaggle", revision, ..load(words, "kaggle download", what, &given) });
}

/// `name:tag`, or a repository of another hub: `hf.co/org/x:Q4`.
fn ollama(words: &Words<'_, '_>, given: &Given, out: &mut Vec<Load>) {
    let by = "ollama pull";
    let bare = given.text.strip_prefix("https://").unwrap_or(&given.text);
    let of_hub = ["hf.co/", "huggingface.co/"].iter().find_map(|hub| bare.strip_prefix(hub));
    if let Some(name) = of_hub {
        let name = name.split(':').next().unwrap_or("");
        out.push(load(words, by, Loaded::Model, &given.with(name)));
        return;
    }
    // An address of another host is no name of the library.
    if given.text.contains("://") {
        return;
    }
    let (name, tag) = given.text.split_once(':').map_or((given.text.as_str(), None), |(n, t)| (n, Some(t)));
    let known = given.known;
    let name = if known { name } else { given.text.as_str() };
    let revision = tag.filter(|_| known).map(|tag| (tag.to_owned(), given.range.clone()));
    let found = load(words, by, Loaded::Model, &Given { text: name.to_owned(), ..given.clone() });
    out.push(Load { at: "ollama", revision, ..found });
}
