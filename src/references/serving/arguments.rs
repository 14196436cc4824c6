//! A row of arguments: options that name what is loaded, and programs that take it by position.

use crate::references::AssetKind;
use crate::references::At;
use crate::references::Hub;
use crate::references::Pin;
use crate::references::Reference;
use crate::references::Said;
use crate::references::Standing;
use crate::references::config::keys::Need;
use crate::references::config::keys::Wanted;
use crate::references::config::said::tag_pin;
use crate::references::config::values;
use crate::references::config::values::Named;
use crate::references::config::values::Reading;
use crate::references::config::walk::Walk;
use crate::source::Embedded;
use crate::source::Span;

/// Options whose value is loaded. Source: the options of vLLM, SGLang, text-generation-inference,
/// text-embeddings-inference, llama.cpp, lmdeploy, LoRAX, TRL.
const OPTIONS: &[(&str, AssetKind)] = &[
    ("--model", AssetKind::Model),
    ("--model-id", AssetKind::Model),
    ("--model-name", AssetKind::Model),
    ("--model-path", AssetKind::Model),
    ("--model-name-or-path", AssetKind::Model),
    ("--pretrained-model-name-or-path", AssetKind::Model),
    ("--base-model", AssetKind::Model),
    ("--base-model-id", AssetKind::Model),
    ("--model-uri", AssetKind::Model),
    ("--hf-model-id", AssetKind::Model),
    ("--hf-repo", AssetKind::Model),
    ("-hf", AssetKind::Model),
    ("-hfr", AssetKind::Model),
    ("--hf-repo-id", AssetKind::Model),
    ("--repo-id", AssetKind::Model),
    ("--speculative-model", AssetKind::Model),
    ("--speculative-draft-model-path", AssetKind::Model),
    ("--draft-model", AssetKind::Model),
    ("--embedding-model", AssetKind::Model),
    ("--reranker-model", AssetKind::Model),
    ("--huggingface-path", AssetKind::Model),
    ("--checkpoint", AssetKind::Model),
    ("--model-repo", AssetKind::Model),
    ("--tokenizer", AssetKind::Tokenizer),
    ("--tokenizer-path", AssetKind::Tokenizer),
    ("--tokenizer-name", AssetKind::Tokenizer),
    ("--tokenizer-name-or-path", AssetKind::Tokenizer),
    ("--lora-adapters", AssetKind::Adapter),
    ("--lora-modules", AssetKind::Adapter),
    ("--lora-paths", AssetKind::Adapter),
    ("--adapter-id", AssetKind::Adapter),
    ("--adapter-name-or-path", AssetKind::Adapter),
    ("--peft-model-id", AssetKind::Adapter),
    ("--dataset-name", AssetKind::Dataset),
    ("--dataset-id", AssetKind::Dataset),
    ("--dataset-path", AssetKind::Dataset),
    ("--dataset", AssetKind::Dataset),
    ("--hf-dataset", AssetKind::Dataset),
];

/// Programs that take what they load by position, with the words that come before it.
const PROGRAMS: &[(&[&str], &str)] = &[
    (&["vllm", "serve"], "vllm serve"),
    (&["ollama", "pull"], "ollama pull"),
    (&["ollama", "run"], "ollama run"),
    (&["lmdeploy", "serve", "api_server"], "lmdeploy serve"),
    (&["hf", "download"], "hf download"),
    (&["huggingface-cli", "download"], "huggingface-cli download"),
    (&["litgpt", "download"], "litgpt download"),
    (&["tune", "download"], "tune download"),
];

/// A word of a command and its place.
struct Word {
    text: String,
    span: Span,
    /// Whether a new command begins with it.
    begins: bool,
}

/// Finds what arguments load.
pub(super) fn read(walk: &mut Walk<'_>, texts: &[&Embedded]) {
    let mut words = Vec::new();
    for text in texts {
        split(text, 0, &mut words);
    }
    for word in &mut words {
        word.span = walk.span(word.span);
    }
    for part in words.chunk_by(|_, next| !next.begins) {
        command(walk, part);
    }
    if texts.len() > 1 {
        first(walk, &words);
    }
    for text in texts {
        within_json(walk, text);
    }
}

/// The arguments of an image whose program is `vllm serve`, which takes the model first.
fn first(walk: &mut Walk<'_>, words: &[Word]) {
    const ITS_OPTIONS: &[&str] =
        &["--max-model-len", "--tensor-parallel-size", "--gpu-memory-utilization", "--served-model-name", "--dtype"];
    let is_of_engine = words.iter().any(|word| ITS_OPTIONS.iter().any(|option| word.text.starts_with(option)));
    if let Some(word) = words.first().filter(|word| is_of_engine && word.text.contains('/')) {
        one(walk, AssetKind::Model, "args", &word.text, word, 0, &beside(words));
    }
}

/// `--speculative-config {"method": "eagle3", "model": "org/x"}`, `--lora-modules {"name": "a", "path": "org/x"}`.
fn within_json(walk: &mut Walk<'_>, text: &Embedded) {
    if !text.text.contains('{') {
        return;
    }
    for (key, beside_key, kind, by) in [
        ("\"model\"", "\"method\"", AssetKind::Model, "--speculative-config"),
        ("\"path\"", "\"name\"", AssetKind::Adapter, "--lora-modules"),
    ] {
        if !text.text.contains(beside_key) {
            continue;
        }
        for (at, _) in text.text.match_indices(key) {
            let rest = &text.text[at + key.len()..];
            let value = rest.trim_start_matches([' ', ':']);
            let Some((value, _)) = value.strip_prefix('"').and_then(|value| value.split_once('"')) else { continue };
            let from = text.text.len() - rest.len() + (rest.len() - rest.trim_start_matches([' ', ':']).len()) + 1;
            let host = Word {
                text: value.to_owned(),
                span: walk.span(text.host_span(from..from + value.len())),
                begins: false,
            };
            one(walk, kind, by, value, &host, 0, &Beside::default());
        }
    }
}

/// What is said of all that a command loads.
#[derive(Default)]
struct Beside {
    revision: Option<(String, Span)>,
    tokenizer_revision: Option<(String, Span)>,
    remote_code: Option<Said>,
    is_dataset: bool,
}

fn command(walk: &mut Walk<'_>, words: &[Word]) {
    let beside = beside(words);
    let mut at = 0;
    while let Some(word) = words.get(at) {
        at += 1;
        let (option, inline) = match word.text.split_once('=') {
            Some((option, value)) if option.starts_with('-') => (option, Some((value, option.len() + 1))),
            _ => (word.text.as_str(), None),
        };
        let plain = option.replace('_', "-");
        if plain == "--model-args" {
            let value = inline
                .map(|(value, from)| (value, word, from))
                .or_else(|| words.get(at).map(|w| (w.text.as_str(), w, 0)));
            if let Some((value, host, from)) = value {
                pairs(walk, value, host, from);
            }
            continue;
        }
        if let Some((_, kind)) = OPTIONS.iter().find(|(name, _)| *name == plain) {
            if let Some((value, from)) = inline {
                one(walk, *kind, option, value, word, from, &beside);
                continue;
            }
            let is_many = matches!(plain.as_str(), "--lora-modules" | "--lora-adapters" | "--lora-paths");
            while let Some(value) = words.get(at).filter(|value| !value.text.starts_with('-')) {
                at += 1;
                one(walk, *kind, option, &value.text, value, 0, &beside);
                if !is_many {
                    break;
                }
            }
            continue;
        }
        at = positional(walk, words, at, &beside);
    }
}

/// The argument of a program that begins with the word before `at`; where reading goes on.
fn positional(walk: &mut Walk<'_>, words: &[Word], at: usize, beside: &Beside) -> usize {
    for (program, by) in PROGRAMS {
        let first = at - 1;
        let fits = program.iter().enumerate().all(|(n, part)| {
            words
                .get(first + n)
                .is_some_and(|word| word.text == *part || (n == 0 && word.text.ends_with(&format!("/{part}"))))
        });
        let value = words.get(first + program.len());
        if let Some(value) = value.filter(|value| fits && !value.text.starts_with('-')) {
            let kind = if beside.is_dataset { AssetKind::Dataset } else { AssetKind::Model };
            if program.first() == Some(&"ollama") {
                if let Some(named) = values::ollama(&value.text) {
                    push(walk, named, by, value, 0, beside);
                }
            } else {
                one(walk, kind, by, &value.text, value, 0, beside);
            }
            return first + program.len() + 1;
        }
    }
    at
}

fn one(walk: &mut Walk<'_>, kind: AssetKind, by: &str, value: &str, host: &Word, from: usize, beside: &Beside) {
    // `--lora-modules name=org/x`, also as JSON.
    let (value, from) = match value.split_once('=') {
        Some((name, rest)) if kind == AssetKind::Adapter => (rest, from + name.len() + 1),
        _ => (value, from),
    };
    if let Reading::Named(named) = values::read(value, Wanted { kind, need: Need::Owner }, None) {
        push(walk, named, by, host, from, beside);
    }
}

/// `pretrained=org/x,revision=v1,trust_remote_code=True` of lm-eval.
fn pairs(walk: &mut Walk<'_>, value: &str, host: &Word, from: usize) {
    let mut beside = Beside::default();
    let mut parts = Vec::new();
    let mut at = from;
    for part in value.split(',') {
        if let Some((key, value)) = part.split_once('=') {
            let span = inner(host, at + key.len() + 1..at + part.len());
            match key {
                "revision" => beside.revision = Some((value.to_owned(), span)),
                "trust_remote_code" if value.eq_ignore_ascii_case("true") => beside.remote_code = Some(Said::On(span)),
                "pretrained" | "model" | "model_name" => parts.push((AssetKind::Model, value, at + key.len() + 1)),
                "peft" => parts.push((AssetKind::Adapter, value, at + key.len() + 1)),
                "tokenizer" => parts.push((AssetKind::Tokenizer, value, at + key.len() + 1)),
                _ => {}
            }
        }
        at += part.len() + 1;
    }
    for (kind, value, from) in parts {
        if let Reading::Named(named) = values::read(value, Wanted { kind, need: Need::Name }, None) {
            push(walk, named, "--model_args", host, from, &beside);
        }
    }
}

/// The bytes of a part of a word; of all of it where the word is not written as it reads.
fn inner(host: &Word, range: std::ops::Range<usize>) -> Span {
    if host.span.len() == host.text.len() as u64 {
        Span { start: host.span.start + range.start as u64, end: host.span.start + range.end as u64 }
    } else {
        host.span
    }
}

fn push(walk: &mut Walk<'_>, named: Named, by: &str, host: &Word, from: usize, beside: &Beside) {
    let span = inner(host, named.range.start + from..named.range.end + from);
    let at = |span: Span| At { path: std::sync::Arc::clone(&walk.path), span };
    let mut reference = Reference::new(named.kind, named.hub, named.name, at(span), by);
    reference.standing = named.standing;
    reference.files.extend(named.file.filter(|file| file.contains('.')));
    if named.kind == AssetKind::Model {
        reference.loader.remote_code = beside.remote_code;
    }
    if reference.hub == Hub::Ollama {
        reference.pin = named.revision.as_deref().map_or(Pin::None, tag_pin);
        reference.revision = named.revision;
    } else if let Some(revision) = named.revision {
        reference = reference.at_revision(revision, None);
    } else {
        let written = match named.kind {
            AssetKind::Tokenizer => &beside.tokenizer_revision,
            AssetKind::Model | AssetKind::Dataset => &beside.revision,
            _ => &None,
        };
        if let Some((revision, span)) = written {
            let place = Some(at(*span));
            reference = if revision.contains('$') {
                Reference { pin: Pin::Dynamic, revision: Some(revision.clone()), revision_place: place, ..reference }
            } else {
                reference.at_revision(revision.clone(), place)
            };
        }
    }
    if reference.standing == Standing::Told {
        reference.standing = Standing::Runs;
    }
    walk.push(reference);
}

fn beside(words: &[Word]) -> Beside {
    let mut out = Beside::default();
    for (at, word) in words.iter().enumerate() {
        let (option, inline) = match word.text.split_once('=') {
            Some((option, value)) => (option, Some((value.to_owned(), inner(word, option.len() + 1..word.text.len())))),
            None => (word.text.as_str(), None),
        };
        let option = option.replace('_', "-");
        let next = || words.get(at + 1).filter(|next| !next.text.starts_with('-'));
        let value = || inline.clone().or_else(|| next().map(|word| (word.text.clone(), word.span)));
        match option.as_str() {
            "--revision" | "--model-revision" => out.revision = value(),
            "--tokenizer-revision" => out.tokenizer_revision = value(),
            "--repo-type" => out.is_dataset = value().is_some_and(|(kind, _)| kind == "dataset"),
            "--trust-remote-code" => {
                let is_off = value().is_some_and(|(said, _)| said.eq_ignore_ascii_case("false"));
                out.remote_code = Some(if is_off { Said::Off(word.span) } else { Said::On(word.span) });
            }
            _ => {}
        }
    }
    out
}

/// The words of a text, as a shell parts them as far as that matters here: quotes, line ends, `;`, `&&`, `|`.
fn split(text: &Embedded, depth: usize, out: &mut Vec<Word>) {
    let bytes = text.text.as_bytes();
    let mut at = 0;
    let mut begins = false;
    let is_script = text.text.contains(char::is_whitespace);
    while at < bytes.len() {
        let byte = bytes[at];
        let is_continued = byte == b'\\' && matches!(bytes.get(at + 1), Some(b'\n' | b'\r') | None);
        match byte {
            b'\\' if is_continued => at += 1 + usize::from(bytes.get(at + 1) == Some(&b'\r')) + 1,
            b'\n' | b';' | b'|' | b'&' if is_script => {
                begins = true;
                at += 1;
            }
            b'#' if is_script && at > 0 && bytes[at - 1].is_ascii_whitespace() => {
                at += text.text[at..].find('\n').unwrap_or(bytes.len() - at);
            }
            _ if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let end = word_end(bytes, at, is_script);
                let (from, to) = unquoted(&text.text, at, end);
                // `bash -c "vllm serve .."`: a command within a word, taken apart once.
                let is_inner = from > at && depth == 0 && text.text[from..to].trim().contains(char::is_whitespace);
                if is_inner {
                    split(&text.part(from..to), depth + 1, out);
                    at = end;
                    continue;
                }
                let span = text.host_span(from..to);
                out.push(Word { text: text.text[from..to].replace(['"', '\''], ""), span, begins });
                begins = false;
                at = end;
            }
        }
    }
}

/// Where a word ends that begins at a place.
fn word_end(bytes: &[u8], start: usize, is_script: bool) -> usize {
    let mut quote = None;
    let mut at = start;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            Some(open) if byte == open => quote = None,
            Some(_) => {}
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None if byte.is_ascii_whitespace() || (is_script && matches!(byte, b';' | b'|' | b'&')) => return at,
            None => {}
        }
        at += 1;
    }
    at
}

/// The word without the quotes around it.
fn unquoted(text: &str, start: usize, end: usize) -> (usize, usize) {
    let word = &text[start..end];
    let is_quoted = word.len() >= 2
        && (word.starts_with('"') && word.ends_with('"') || word.starts_with('\'') && word.ends_with('\''));
    if is_quoted { (start + 1, end - 1) } else { (start, end) }
}
