//! Files of commands: shell scripts, Dockerfiles, Makefiles.

use std::sync::Arc;

use super::Reference;
use super::acts;
use super::found::FileFound;
use super::heredocs;
use super::launches;
use crate::commands;
use crate::parse::{Budget, dockerfile, shell};
use crate::source::{Embedded, Span};

/// Words without one of which no command of a file names anything that is loaded, or starts a training.
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
    "/resolve/",
    ".gguf",
    ".safetensors",
    ".pt",
    ".onnx",
    ".ckpt",
    "lmdeploy",
    "sglang",
    "adapter",
    "llama-",
    "accelerate",
    "torchrun",
    "deepspeed",
    "mergekit",
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
    let mut found = acts::of_script(path, &acts, &script);
    let mut unresolved = acts::unresolved_of_script(path, &acts, &script);
    acts::handed_on(path, &program, &acts, &script, &mut found, &mut unresolved);
    let written = heredocs::of_script(&script.text);
    for one in heredocs::named(path, &script, &written) {
        let is_known = |known: &Reference| known.name == one.name && known.place.span == one.place.span;
        if !found.iter().any(is_known) {
            found.push(one);
        }
    }
    out.launches.extend(launches::of_program(path, &program, &script, &found, &written));
    out.references.extend(found);
    out.unresolved.extend(unresolved);
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
            "ADD" if arguments.text.contains("://") => {
                // A digest that the builder compares makes it what it is.
                let is_compared = instruction.flags.iter().any(|flag| flag.name == "checksum");
                if is_compared {
                    continue;
                }
                out.push_replaced("wget ", instruction.span);
                out.append(arguments);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::references::Standing;

    fn lines(path: &str, text: &str) -> Vec<String> {
        let mut out = FileFound::default();
        of_file(&Arc::from(path), text, &mut out);
        let line = |r: &crate::references::Reference| {
            let line = text[..r.place.span.range(text.len()).start].matches('\n').count() + 1;
            let standing = if r.standing == Standing::Default { " default" } else { "" };
            format!("{line} {} {}@{}{standing}", r.kind.word(), r.name, r.revision.as_deref().unwrap_or("-"))
        };
        let mut lines: Vec<String> = out.references.iter().map(line).collect();
        lines.extend(out.unresolved.iter().map(|u| format!("? {}", u.text)));
        lines.sort();
        lines
    }

    #[test]
    fn what_functions_and_lists_hand_on_is_found() {
        let cases: &[(&str, &[&str])] = &[
            (
                "get() {\n  local url=\"$1\"\n  wget -O \"$2\" \"$url\"\n}\nget \"https://huggingface.co/acme/a/resolve/main/x.safetensors\" x\n",
                &["5 model acme/a@main"],
            ),
            (
                "get() { hf download \"$1\" \"$2\" --local-dir \"$3\"; }\nget acme/a x.safetensors dir\n",
                &["2 model acme/a@-"],
            ),
            (
                "get() {\n  local repo=$1\n  hf download $repo --revision $2\n}\nget acme/a v1.0\nget acme/b v2.0\n",
                &["5 model acme/a@v1.0", "6 model acme/b@v2.0"],
            ),
            (
                "FILES=(\n  \"https://huggingface.co/acme/a/resolve/v1.0/b.bin|b.bin\"\n)\nfor f in \"${FILES[@]}\"; do curl -L \"${f%%|*}\"; done\n",
                &["2 model acme/a@v1.0"],
            ),
            (
                "declare -A URLS=(\n  [a]=\"https://weights.example.org/a.gguf\"\n)\nwget \"${URLS[a]}\"\n",
                &["2 model https://weights.example.org/a.gguf@-"],
            ),
            (
                "case $1 in\n  small) M=acme/a ;;\n  *) M=\"acme/b\";;\nesac\nvllm serve $M\n",
                &["2 model acme/a@-", "3 model acme/b@-"],
            ),
            ("model=\"${1:-acme/a}\"\nvllm serve \"$model\"\n", &["1 model acme/a@- default"]),
            ("python get.py --url https://huggingface.co/acme/a/resolve/main/x.pt\n", &["1 model acme/a@main"]),
            ("B=https://huggingface.co/acme/a/resolve/main\nF=x.gguf\ncurl -L \"$B/$F\"\n", &["1 model acme/a@main"]),
            (
                "echo see https://huggingface.co/acme/a/resolve/main/x.pt\n# wget https://huggingface.co/acme/a/resolve/main/x.pt\nls # https://huggingface.co/acme/a/resolve/main/x.pt\n",
                &[],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(lines("a.sh", text), *expected, "{text}");
        }
        let text = "FROM x\nADD https://huggingface.co/acme/a/resolve/main/x.gguf /m/\nENV MODEL_URL=https://huggingface.co/acme/b/resolve/main/x.gguf\n";
        assert_eq!(lines("Dockerfile", text), ["2 model acme/a@main", "3 model acme/b@main"]);
    }
}
