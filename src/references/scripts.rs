//! Files of commands: shell scripts, Dockerfiles, Makefiles.

use std::sync::Arc;

use super::acts;
use super::found::FileFound;
use crate::commands;
use crate::parse::{Budget, dockerfile, shell};
use crate::source::{Embedded, Span};

/// Words without one of which no command of a file names anything that is loaded.
const WORDS: &[&str] = &[
    "model",
    "MODEL",
    "hf ",
    "hf.co",
    "hugging",
    "dataset",
    "DATASET",
    "tokenizer",
    "lora",
    "ollama",
    "litgpt",
    "tune ",
    "vllm",
    "kaggle",
    "spacy",
    "nltk",
    "pretrain",
    "repo_id",
    "repo-id",
    "s3://",
    "gs://",
    ".gguf",
    ".safetensors",
    ".pt",
    ".onnx",
    ".ckpt",
    "lmdeploy",
    "sglang",
    "adapter",
    "llama-",
];

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Shell,
    Dockerfile,
    Makefile,
}

fn form(path: &str) -> Option<Form> {
    let name = path.rsplit('/').next().unwrap_or("");
    let end = name.rsplit_once('.').map_or("", |(_, end)| end);
    match end {
        "sh" | "bash" | "slurm" | "sbatch" | "zsh" => Some(Form::Shell),
        "dockerfile" => Some(Form::Dockerfile),
        "mk" => Some(Form::Makefile),
        _ if name.starts_with("Dockerfile") || name.starts_with("Containerfile") => Some(Form::Dockerfile),
        _ if matches!(name, "Makefile" | "makefile" | "GNUmakefile") || name.starts_with("Makefile.") => {
            Some(Form::Makefile)
        }
        _ => None,
    }
}

/// Whether a file is one of commands, by its name.
pub(in crate::references) fn claims(path: &str) -> bool {
    form(path).is_some()
}

/// What one file loads.
pub(in crate::references) fn of_file(path: &Arc<str>, text: &str, out: &mut FileFound) {
    // What has no ending was found to be a script of a shell.
    let form = form(path).unwrap_or(Form::Shell);
    if !WORDS.iter().any(|word| text.contains(word)) {
        return;
    }
    let mut budget = Budget::default();
    let script = match form {
        Form::Shell => Embedded::verbatim(text, 0),
        Form::Dockerfile => of_dockerfile(text, &mut budget),
        Form::Makefile => of_makefile(text),
    };
    let program = shell::parse(&script.text, &mut budget);
    if let Some(lost) = program.problems.iter().find(|p| p.message.contains("too")) {
        out.problems.push(format!("the commands are not read in full: {}", lost.message));
    }
    let acts = commands::facts(&program);
    out.references.extend(acts::of_script(path, &acts, &script));
    out.unresolved.extend(acts::unresolved_of_script(path, &acts, &script));
}

/// The instructions of a Dockerfile as one script: what `ENV` and `ARG` set, what `RUN`, `CMD` and `ENTRYPOINT` run.
fn of_dockerfile(text: &str, budget: &mut Budget) -> Embedded {
    let file = dockerfile::parse(text, budget);
    let mut out = Embedded::new();
    let nowhere = Span::default();
    for instruction in &file.instructions {
        let arguments = &instruction.arguments;
        match instruction.keyword.value.as_str() {
            keyword @ ("ENV" | "ARG") => {
                out.push_replaced(if keyword == "ENV" { "export " } else { "" }, instruction.span);
                let first = arguments.text.trim_start();
                let name = first.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
                // `ENV NAME value` of old.
                if keyword == "ENV" && first.get(name..).is_some_and(|rest| rest.starts_with(' ')) {
                    let start = arguments.text.len() - first.len();
                    out.append(&arguments.part(start..start + name));
                    out.push_replaced("=\"", instruction.span);
                    out.append(&arguments.part(start + name + 1..arguments.text.len()));
                    out.push_replaced("\"", instruction.span);
                } else {
                    out.append(arguments);
                }
            }
            "RUN" | "CMD" | "ENTRYPOINT" | "HEALTHCHECK" => match dockerfile::json_words(arguments) {
                Some(words) => {
                    for (_, range) in words {
                        out.push_replaced("'", instruction.span);
                        out.append(&arguments.part(range));
                        out.push_replaced("' ", instruction.span);
                    }
                }
                None if !instruction.here_documents.is_empty() => {
                    let is_script = arguments.text.trim_start().starts_with("<<");
                    if !is_script {
                        out.append(arguments);
                        out.push_replaced("\n", instruction.span);
                    }
                    for document in &instruction.here_documents {
                        let whole = if is_script { document.body } else { document.whole };
                        let inner = text.get(whole.range(text.len())).unwrap_or("");
                        out.push_verbatim(inner, whole.start);
                    }
                }
                None => out.append(arguments),
            },
            _ => continue,
        }
        out.push_replaced("\n", nowhere);
    }
    out
}

/// The lines of a Makefile as one script: its variables, then its recipes; `$(X)` is spelled `${X}`.
fn of_makefile(text: &str) -> Embedded {
    let mut out = Embedded::new();
    let mut at = 0u64;
    let mut goes_on = false;
    for line in text.split_inclusive('\n') {
        let start = at;
        at += line.len() as u64;
        let is_recipe = line.starts_with('\t') || (goes_on && line.starts_with(' '));
        goes_on = line.trim_end().ends_with('\\');
        if is_recipe {
            let inner = line.trim_start_matches(['\t', ' ', '@', '-', '+']);
            spelled(inner, start + (line.len() - inner.len()) as u64, &mut out);
        } else if let Some((name, value)) = line.split_once('=') {
            let operator = name.trim_end_matches([':', '?', '+', '!']);
            let plain = operator.trim().trim_start_matches("export ").trim();
            let is_name = !plain.is_empty() && plain.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            if is_name {
                let span = Span { start, end: start + name.len() as u64 };
                let value_start = start + (name.len() + 1 + (value.len() - value.trim_start().len())) as u64;
                let value = value.trim();
                // What a caller may give instead is a default.
                let (open, close) = if name.ends_with('?') { ("${..:-", "}") } else { ("", "") };
                out.push_replaced(&format!("{plain}=\"{}", open.replace("..", plain)), span);
                spelled(value, value_start, &mut out);
                out.push_replaced(&format!("{close}\"\n"), span);
            }
        }
    }
    out
}

/// A text of make as the shell spells it.
fn spelled(text: &str, start: u64, out: &mut Embedded) {
    let mut from = 0;
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let here = from + at;
        let place = |offset: usize| start + offset as u64;
        out.push_verbatim(text.get(from..here).unwrap_or(""), place(from));
        let behind = text.get(here + 1..).unwrap_or("");
        let (replaced, length) = if behind.starts_with('$') {
            ("$".to_owned(), 2)
        } else if let Some((name, _)) = behind.strip_prefix('(').and_then(|b| b.split_once(')')) {
            let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
            (if is_name { format!("${{{name}}}") } else { "${MADE}".to_owned() }, name.len() + 3)
        } else {
            ("$".to_owned(), 1)
        };
        out.push_replaced(&replaced, Span { start: place(here), end: place(here + length) });
        from = here + length;
        rest = text.get(from..).unwrap_or("");
    }
    out.push_verbatim(text.get(from..).unwrap_or(""), start + from as u64);
}
