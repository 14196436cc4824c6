//! Models that are archives of parts: NeMo, skops, MAR, Keras 3, npz, MLflow; told by their members.
//!
//! What a member is by itself is scanned by whoever opens the archive. Here is what the members make of each
//! other: a configuration that names what is imported, a handler that runs, a folder of code.

mod calls;
mod mar;
mod mlflow;
mod python;
pub(in crate::scan) mod rated;
mod skops;
#[cfg(test)]
mod tests;
mod yaml;

use super::quote::shown;
use super::{Context, Format, Rule, Severity, Verdict, keras, torch};
use crate::source::{Bytes, Folder};

pub(in crate::scan) use python::dangers_of;
pub use python::python_code;
pub(in crate::scan) use yaml::runs_expression;

static IMPORTED_DANGEROUS: Rule = Rule {
    id: "config-dangerous-name",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A configuration that has code run or files opened",
    help: "What it names is imported and called when the model is loaded. Do not load it.",
};
static IMPORTED: Rule = Rule {
    id: "config-unknown-name",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A configuration that names what is imported",
    help: "It is imported and called when the model is loaded. Look at what it is.",
};
static IMPORTED_NOTE: Rule = Rule {
    id: "config-own-name",
    verdict: Verdict::Clean,
    severity: Severity::Info,
    title: "A configuration that names classes of a program",
    help: "The program that it is for imports them. The file holds no code of them.",
};
static INTERPOLATION: Rule = Rule {
    id: "config-interpolation",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A configuration that reads the environment",
    help: "Values of the machine are put into the model's configuration. Write them down instead.",
};
static YAML_TAG: Rule = Rule {
    id: "yaml-python-tag",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "YAML that makes objects of Python",
    help: "Readers that are not safe ones call what the tag names. Do not load it.",
};
static YAML_TAG_UNKNOWN: Rule = Rule {
    id: "yaml-unknown-tag",
    verdict: Verdict::Suspicious,
    severity: Severity::Low,
    title: "YAML with tags of its own",
    help: "What a reader makes of the tag depends on the reader. Look at which one it is for.",
};
pub(in crate::scan) static CODE: Rule = Rule {
    id: "custom-code",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "A model that brings code",
    help: "The code runs when the model is loaded or served. Read it before.",
};
pub(in crate::scan) static CODE_DANGEROUS: Rule = Rule {
    id: "custom-code-dangerous",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A model that brings code which reaches the machine",
    help: "The code starts programs, runs what it decodes or opens connections. Do not load it.",
};
static REQUIREMENTS: Rule = Rule {
    id: "mar-requirements",
    verdict: Verdict::Suspicious,
    severity: Severity::Low,
    title: "An archive that has packages installed",
    help: "TorchServe may install them before it loads the model. Install what is needed by yourself.",
};
static SKOPS: Rule = Rule {
    id: "skops-unknown-type",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "A type that skops does not trust by itself",
    help: "It is imported and made only where whoever loads the file allows it. Look at what it is.",
};
static SKOPS_DANGEROUS: Rule = Rule {
    id: "skops-dangerous-type",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A node of skops that reaches code or files",
    help: "It runs where whoever loads the file allows it, and in some versions of skops in any case. Do not load it.",
};
static OTHER_PATH: Rule = Rule {
    id: "mlflow-other-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "A model of MLflow that reads files outside of itself",
    help: "Whoever loads it reads files of the machine as if they were part of the model. Do not load it.",
};
static BROKEN: Rule = Rule {
    id: "archive-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "A model's archive without what it needs",
    help: "A member that says what the model is could not be read. Write the archive anew.",
};

pub(super) const RULES: &[&Rule] = &[
    &IMPORTED_DANGEROUS,
    &IMPORTED,
    &IMPORTED_NOTE,
    &INTERPOLATION,
    &YAML_TAG,
    &YAML_TAG_UNKNOWN,
    &CODE,
    &CODE_DANGEROUS,
    &REQUIREMENTS,
    &SKOPS,
    &SKOPS_DANGEROUS,
    &OTHER_PATH,
    &BROKEN,
    &yaml::BROKEN,
];

/// Tells what an archive or folder of members is and scans it as that: the members as such are scanned by
/// whoever calls.
pub fn scan(folder: &dyn Folder, context: &mut Context<'_>) {
    let files = folder.files();
    if files.is_empty() {
        return;
    }
    if files.iter().all(|file| file.ends_with(".npy")) {
        return context.format(Format::Npz);
    }
    torch::scan(folder, context);
    let top = common_folder(files);
    let has = |name: &str| folder.has(&format!("{top}{name}"));
    for manifest in ["MAR-INF/MANIFEST.json", "WAR-INF/MANIFEST.json"] {
        if has(manifest) {
            context.format(Format::Mar);
            mar::scan(folder, &top, manifest, context);
        }
    }
    if has("schema.json")
        && (files.len() == 1 || files.iter().any(|file| file.ends_with(".npy")) || !has("config.json"))
    {
        skops::scan(folder, &format!("{top}schema.json"), context);
    }
    if has("config.json") && (has("metadata.json") || files.iter().any(|file| file.contains("model.weights."))) {
        context.format(Format::Keras);
        keras_config(folder, &format!("{top}config.json"), context);
    }
    for file in files {
        let name = file.rsplit('/').next().unwrap_or(file);
        match name {
            "model_config.yaml" | "model_config.yml" => {
                if files.iter().any(|file| file.ends_with(".ckpt") || file.contains("model_weights")) {
                    context.format(Format::Nemo);
                }
                member(folder, file, context, |text, context| scan_yaml(text, Some(0), context));
            }
            "MLmodel" => {
                if *file == format!("{top}MLmodel") {
                    context.format(Format::Mlflow);
                }
                mlflow::scan(folder, file, context);
            }
            _ => {}
        }
    }
}

/// The folder that all members lie in, with its slash; empty where there is none.
fn common_folder(files: &[String]) -> String {
    let first = files.first().and_then(|file| file.split_once('/')).map(|(folder, _)| format!("{folder}/"));
    let first = first.filter(|folder| {
        folder != "MAR-INF/" && folder != "WAR-INF/" && files.iter().all(|file| file.starts_with(folder))
    });
    first.unwrap_or_default()
}

/// The configuration of Keras 3: scanned here where it does not look like one by itself.
fn keras_config(folder: &dyn Folder, path: &str, context: &mut Context<'_>) {
    let bytes = match folder.open(path) {
        Ok(bytes) => bytes,
        Err(why) => return context.unread(None, format!("`{}` is not read: {why}", shown(path))),
    };
    let head = bytes.up_to(0, 4096).unwrap_or_default();
    if !keras::claims_config(&head, &bytes) {
        member(folder, path, context, |text, context| keras::scan_text(text, Some(0), context));
    }
}

/// Reads a member as text, below its name.
fn member(folder: &dyn Folder, path: &str, context: &mut Context<'_>, read: impl FnOnce(&str, &mut Context<'_>)) {
    context.inside(path, |context| match folder.open(path) {
        Ok(bytes) => {
            if let Some(text) = text(&bytes, context) {
                read(&text, context);
            }
        }
        Err(why) => context.unread(None, why),
    });
}

/// The text of bytes, as readers of JSON in Python guess its encoding; tells where it is too long.
pub(in crate::scan) fn text(bytes: &dyn Bytes, context: &mut Context<'_>) -> Option<String> {
    if bytes.len() > context.limits().text as u64 {
        context.unread(0, format!("a text of {} bytes is longer than is read", bytes.len()));
        return None;
    }
    match bytes.up_to(0, context.limits().text) {
        Ok(held) => Some(decoded(&held)),
        Err(why) => {
            context.unread(0, why);
            None
        }
    }
}

fn decoded(held: &[u8]) -> String {
    let wide = |big: bool| {
        let pair = |b: &[u8]| if big { u16::from_be_bytes([b[0], b[1]]) } else { u16::from_le_bytes([b[0], b[1]]) };
        String::from_utf16_lossy(&held.chunks_exact(2).map(pair).collect::<Vec<_>>())
    };
    let widest = |big: bool| {
        let four = |b: &[u8]| {
            let bytes = [b[0], b[1], b[2], b[3]];
            let code = if big { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) };
            char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
        };
        held.chunks_exact(4).map(four).collect::<String>()
    };
    match held {
        [0xFF, 0xFE, 0, 0, ..] => widest(false),
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, _, ..] => widest(true),
        [0xFF, 0xFE, ..] => wide(false),
        [0xFE, 0xFF, ..] | [0, _, ..] => wide(true),
        [_, 0, 0, 0, ..] => widest(false),
        [_, 0, ..] => wide(false),
        _ => String::from_utf8_lossy(held).into_owned(),
    }
}

/// Marks of YAML that objects are made from, at the start of a key.
const KEYS: &[&str] =
    &["class_name:", "_target_:", "\"_target_\":", "'_target_':", "loader_module:", "python_function:"];
/// The same within a line.
const TAGS: &[&str] = &["!!python/", "2002:python/", "!new:", "!apply:", "!name:", "%TAG "];
/// Text up to this size is searched for them.
const SEARCHED: u64 = 8 << 20;

/// Whether bytes are YAML that objects are made from.
pub(in crate::scan) fn claims_yaml(head: &[u8], bytes: &dyn Bytes) -> bool {
    // Readers of YAML tell UTF-16 by its mark.
    let is_wide = head.starts_with(&[0xFF, 0xFE]) || head.starts_with(&[0xFE, 0xFF]);
    let is_text = is_wide || head.iter().all(|b| *b >= b' ' || matches!(b, b'\n' | b'\r' | b'\t'));
    if !is_text {
        return false;
    }
    if bytes.len() > SEARCHED {
        return is_long_yaml(head, bytes);
    }
    let held;
    let whole = if bytes.len() > head.len() as u64 {
        held = bytes.up_to(0, usize::try_from(SEARCHED).unwrap_or(usize::MAX)).unwrap_or_default();
        held.as_slice()
    } else {
        head
    };
    let text = if is_wide { Some(decoded(whole)) } else { std::str::from_utf8(whole).ok().map(str::to_owned) };
    let Some(text) = text.as_deref().map(|text| text.trim_start_matches('\u{feff}')) else { return false };
    let is_flow = text.contains("flavors") && text.contains("loader_module");
    let is_made = |line: &str| {
        let line = line.trim_start_matches([' ', '-', '?', '{', ',']);
        KEYS.iter().any(|key| line.starts_with(key))
            || TAGS.iter().any(|tag| line.contains(tag))
            || line.match_indices("!!").any(|(at, _)| has_escape(&line[at..]))
    };
    looks_like_yaml(text) && (is_flow || text.lines().any(|line| is_made(line) || yaml::names_harm(line)))
}

/// Whether a text that is too long to be read as a whole has tags by which Python makes objects, and begins as YAML
/// does: read in pieces.
fn is_long_yaml(head: &[u8], bytes: &dyn Bytes) -> bool {
    /// Bytes read at a time, and those read again for a tag that lies across two pieces.
    const PIECE: usize = 1 << 18;
    const AGAIN: u64 = 16;
    const MARKS: &[&[u8]] = &[b"!!python/", b"2002:python/"];
    let start = String::from_utf8_lossy(head);
    let is_comment = start.lines().all(|line| line.trim().is_empty() || line.trim_start().starts_with('#'));
    if !is_comment && !looks_like_yaml(&start) {
        return false;
    }
    let mut at = 0;
    while at < bytes.len() {
        let Ok(piece) = bytes.up_to(at, PIECE) else { return false };
        if piece.contains(&0) {
            return false;
        }
        let has = |mark: &&[u8]| {
            let mut from = 0;
            while let Some(found) = piece[from..].iter().position(|byte| *byte == mark[0]) {
                from += found + 1;
                if piece[from..].starts_with(&mark[1..]) {
                    return true;
                }
            }
            false
        };
        if MARKS.iter().any(has) {
            return true;
        }
        if piece.len() < PIECE {
            return false;
        }
        at += piece.len() as u64 - AGAIN;
    }
    false
}

/// Whether the tag at the start of a text has letters that are escaped, as those that are to be hidden have.
fn has_escape(text: &str) -> bool {
    let tag = text.split([' ', '\t', '[', '{', ',']).next().unwrap_or(text);
    tag.match_indices('%').any(|(at, _)| tag.get(at + 1..at + 3).is_some_and(|hex| u8::from_str_radix(hex, 16).is_ok()))
}

/// Whether a text's first line of substance is one of YAML, and it is no page with YAML above it, and no code.
fn looks_like_yaml(text: &str) -> bool {
    let is_page =
        text.starts_with("---") && text[3..].contains("\n---\n") && (text.contains("\n# ") || text.contains("```"));
    let first = text.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let first = first.unwrap_or("");
    let key = first.split(':').next().unwrap_or("");
    // A string or a decorator at the start is Python.
    let is_python =
        first.starts_with("//") || first.starts_with('@') || first.contains("\"\"\"") || first.contains("'''");
    let is_key = !is_python
        // A colon with something behind it is a path of another language.
        && first.split_once(':').is_some_and(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\t']))
        && !key.is_empty()
        && key.chars().all(|c| c.is_alphanumeric() || "_-./ \"'?<!%".contains(c))
        && !["class ", "def ", "if ", "for ", "while ", "try", "else", "with ", "import ", "from "]
            .iter()
            .any(|word| key.starts_with(word));
    !is_page && (is_key || first.starts_with(['-', '?', '%', '!', '{', '[', '&']))
}

/// Scans YAML that objects are made from: tags, names, and the models that it may be.
pub(in crate::scan) fn scan_yaml(text: &str, offset: Option<u64>, context: &mut Context<'_>) {
    let read = yaml::document(text, offset, context);
    for root in &read.docs {
        if root.get("flavors").is_some() {
            context.format(Format::Mlflow);
            mlflow::flavors(root, offset.unwrap_or(0), context);
        }
        keras::scan_node(root, offset.unwrap_or(0), context);
    }
}
