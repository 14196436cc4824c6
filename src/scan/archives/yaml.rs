//! YAML that some loader builds objects from: tags, and names that are imported.

use super::rated::{is_allowed, is_dangerous_in_package, is_dangerous_path, is_plain_builtin};
use super::{IMPORTED, IMPORTED_DANGEROUS, IMPORTED_NOTE, INTERPOLATION, YAML_TAG, YAML_TAG_UNKNOWN};
use crate::parse::Budget;
use crate::parse::yaml::{self, Node, NodeKind, Yaml};
use crate::scan::quote::shown;
use crate::scan::{Context, Rule, Severity, Verdict};

/// YAML that could not be read.
pub(super) static BROKEN: Rule = Rule {
    id: "yaml-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Low,
    title: "YAML out of its rules",
    help: "Some of the text was not read, so what it says is not known. Correct it.",
};

/// Tags that every reader knows for data.
const TAGS: &[&str] = &[
    "str",
    "int",
    "float",
    "bool",
    "null",
    "map",
    "seq",
    "set",
    "binary",
    "timestamp",
    "omap",
    "pairs",
    "merge",
    "value",
    "python/tuple",
    "python/str",
    "python/unicode",
    "python/int",
    "python/long",
    "python/float",
    "python/bool",
    "python/none",
    "python/complex",
    "python/list",
    "python/dict",
    "python/bytes",
];
/// Tags of HyperPyYAML that take no object by name.
const PLAIN_TAGS: &[&str] =
    &["ref", "copy", "tuple", "PLACEHOLDER", "include", "ENV", "relative", "Ref", "Sub", "reference"];
/// Packages that settings of documentation name, which is where the tag is mostly seen.
const DOCUMENTATION: &[&str] = &["material.", "materialx.", "pymdownx.", "mermaid2.", "zensical."];
/// Tags of HyperPyYAML that make or name an object.
const MAKING_TAGS: &[&str] = &["new:", "apply:", "name:", "module:", "applyref:"];
/// Keys whose text names what is imported and called.
const TARGETS: &[&str] = &["_target_", "target", "_target", "__target__"];
/// Packages whose classes models are made of.
const PACKAGES: &[&str] = &[
    "nemo",
    "nemo_text_processing",
    "megatron",
    "torch",
    "torchvision",
    "torchaudio",
    "pytorch_lightning",
    "lightning",
    "lightning_fabric",
    "torchmetrics",
    "omegaconf",
    "transformers",
    "diffusers",
    "ldm",
    "sgm",
    "timm",
    "apex",
    "speechbrain",
    "flair",
    "espnet",
    "fairseq",
    "fairseq2",
    "mmcv",
    "mmdet",
    "mmengine",
    "audiocraft",
    "open_clip",
    "collections",
    "math",
    "datasets",
    "tokenizers",
    "sklearn",
    "numpy",
    "scipy",
    "pandas",
    "monai",
    "einops",
    "accelerate",
    "peft",
    "hydra_plugins",
    "taming",
    "cldm",
    "warmup_scheduler",
    "bitsandbytes",
    "xformers",
    "sentence_transformers",
    "pyannote",
    "asteroid",
];

/// Names that load, run or fetch, in whatever package they stand.
const LAST: &[&str] = &[
    "load",
    "loads",
    "open",
    "system",
    "popen",
    "exec",
    "eval",
    "execute",
    "call",
    "check_output",
    "Popen",
    "import_module",
    "read_pickle",
    "urlopen",
    "urlretrieve",
    "spawn",
    "getattr",
    "partial",
    "compile",
    "load_library",
    "resolve_name",
    "locate",
    "get_method",
    "get_class",
    "safe_eval",
    "run",
    "Process",
    "save",
    "dump",
    "download",
    "extract_archive",
    "fetch",
    "run_and_read_all",
    "run_workflow",
    "remove",
    "rmtree",
    "unlink",
];
/// Modules of Python that packages have as attributes of theirs, and that reach the machine.
const WITHIN: &[&str] = &[
    "os",
    "sys",
    "subprocess",
    "shutil",
    "importlib",
    "builtins",
    "ctypes",
    "socket",
    "pickle",
    "marshal",
    "runpy",
    "pty",
];
/// Parts of packages whose functions compute.
const COMPUTING: &[&str] = &["torch.nn.functional.", "torch.nn.init.", "torch._C._nn.", "math.", "einops."];
/// Words in names of functions that settings of a model name: steps, schedules, losses, and what makes a layer.
const PLAIN_WORDS: &[&str] = &[
    "step",
    "schedule",
    "scheduler",
    "loss",
    "activation",
    "collate",
    "spec",
    "norm",
    "transformer",
    "mask",
    "init",
    "lambda",
    "warmup",
    "gelu",
    "relu",
    "silu",
    "swish",
    "sigmoid",
    "tanh",
    "softmax",
];

/// Reads YAML and tells what its tags and names make; the document, for readers that know more of it.
pub(in crate::scan) fn document(text: &str, offset: Option<u64>, context: &mut Context<'_>) -> Yaml {
    let limits = context.limits();
    let mut budget = Budget { bytes: limits.text, items: 400_000, aliases: 200_000, ..Budget::default() };
    let read = yaml::parse(text, &mut budget);
    if let Some(problem) = read.problems.first() {
        let place = offset.unwrap_or(0) + problem.span.start;
        context.find(&BROKEN, place, format!("part of the YAML is not read: {}", problem.message));
    }
    let mut open: Vec<(&Node, usize)> = read.docs.iter().map(|node| (node, 0)).collect();
    while let Some((node, depth)) = open.pop() {
        if !context.take_nodes(1) {
            break;
        }
        tag(node, offset, context);
        match &node.kind {
            NodeKind::Sequence(items) => open.extend(items.iter().map(|item| (item, depth + 1))),
            NodeKind::Mapping(entries) => {
                let has_parameters = node.get("params").is_some();
                let trusts = node.get("trust_remote_code").and_then(Node::as_str).is_some_and(is_true);
                for entry in entries {
                    open.push((&entry.key, depth + 1));
                    open.push((&entry.value, depth + 1));
                    if let (Some(key), Some(value)) = (entry.key.as_str(), entry.value.as_str()) {
                        let is_target =
                            TARGETS.contains(&key) && (key != "target" || has_parameters || is_harmful_name(value));
                        let place = offset.unwrap_or(0) + entry.value.span.start;
                        if is_target && trusts {
                            let rule = if context.depth() > 0 { &IMPORTED_DANGEROUS } else { &IMPORTED };
                            let message = format!("`{}` is called with `trust_remote_code`", shown(value));
                            context.find(rule, place, message);
                        }
                        if is_target || (key == "name" && is_harmful_name(value)) {
                            imported(value, Some(place), context);
                        }
                    }
                }
            }
            NodeKind::Scalar(scalar) => {
                interpolation(&scalar.text.text, offset.unwrap_or(0) + node.span.start, context)
            }
            NodeKind::Null => {}
        }
    }
    // What a repair blanked may have held a tag.
    if !read.problems.is_empty() {
        raw_tags(text, offset, context);
    }
    read
}

/// Tells of tags in text that could not be read as YAML.
fn raw_tags(text: &str, offset: Option<u64>, context: &mut Context<'_>) {
    for mark in ["!!python/object", "!!python/name", "!!python/module", "2002:python/"] {
        if let Some(at) = text.find(mark) {
            let message = format!("`{mark}` stands in text that is no YAML as a whole");
            context.find(&YAML_TAG, offset.unwrap_or(0) + at as u64, message);
        }
    }
}

/// Rates the tag of a node.
fn tag(node: &Node, offset: Option<u64>, context: &mut Context<'_>) {
    let Some(tag) = &node.tag else { return };
    let place = offset.unwrap_or(0) + tag.span.start;
    let written = unescaped(&tag.value);
    let bare = written.trim_start_matches('!').trim_start_matches('<').trim_end_matches('>');
    let bare = bare.strip_prefix("tag:yaml.org,2002:").unwrap_or(bare);
    if TAGS.contains(&bare) || bare.is_empty() || PLAIN_TAGS.contains(&bare) {
        return;
    }
    if let Some(path) = MAKING_TAGS.iter().find_map(|making| bare.strip_prefix(making)) {
        return imported(path, Some(place), context);
    }
    let named = bare.strip_prefix("python/name:").or_else(|| bare.strip_prefix("python/object/apply:"));
    if named.is_some_and(|named| DOCUMENTATION.iter().any(|package| named.starts_with(package))) {
        return;
    }
    if bare.contains("python/") {
        context.find(&YAML_TAG, place, format!("the tag `{}` makes an object of Python", shown(&written)));
    } else {
        context.find(&YAML_TAG_UNKNOWN, place, format!("the tag `{}` is known to no common reader", shown(&written)));
    }
}

/// A tag with its escapes undone, as PyYAML undoes them.
fn unescaped(tag: &str) -> String {
    let mut out = Vec::new();
    let bytes = tag.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| tag.get(at + 1..at + 3)).flatten();
        if let Some(byte) = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            out.push(byte);
            at += 3;
        } else {
            out.push(bytes[at]);
            at += 1;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// Whether a text is a name with dots of what is known for harm.
fn is_harmful_name(text: &str) -> bool {
    let is_part = |part: &str| {
        part.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    let last = text.rsplit('.').next().unwrap_or(text);
    text.contains('.') && text.split('.').all(is_part) && LAST.contains(&last) && is_dangerous_path(text)
}

/// Whether a line gives a part the name of what is known for harm, or has an expression that does.
pub(super) fn names_harm(line: &str) -> bool {
    if line.match_indices('$').any(|(at, _)| runs_expression(&line[at..])) {
        return true;
    }
    line.contains("name")
        && line.split(['{', ',', '}']).any(|part| {
            let part = part.trim_start_matches([' ', '-', '"', '\'']);
            let value = part.strip_prefix("name").map(|rest| rest.trim_start_matches(['"', '\'', ' ']));
            let value = value.and_then(|rest| rest.strip_prefix(':')).unwrap_or("");
            is_harmful_name(value.split(" #").next().unwrap_or("").trim().trim_matches(['"', '\'']))
        })
}

/// Rates a name that is imported, and mostly called.
fn imported(path: &str, place: Option<u64>, context: &mut Context<'_>) {
    let path = path.trim();
    let root = path.split('.').next().unwrap_or(path);
    let is_package = PACKAGES.contains(&root);
    let is_harm = if is_package {
        is_dangerous_in_package(path) || path.split('.').skip(1).any(|part| WITHIN.contains(&part))
    } else {
        is_dangerous_path(path)
    };
    if is_harm {
        context.find(&IMPORTED_DANGEROUS, place, format!("`{}` is imported and called when it is loaded", shown(path)));
        return;
    }
    let last = path.rsplit('.').next().unwrap_or(path);
    let is_builtin =
        matches!(root, "builtins" | "__builtin__") && path.rsplit('.').next().is_some_and(is_plain_builtin);
    // Functions of packages do anything; only in an archive they are all that there is.
    let is_plain = is_builtin || (is_package && (context.depth() == 0 || is_class(path) || is_plain_function(path)));
    if !is_plain || LAST.contains(&last) {
        // By itself a configuration has no code: what it names is the program's own.
        let rule = if context.depth() > 0 || LAST.contains(&last) { &IMPORTED } else { &IMPORTED_NOTE };
        context.find(rule, place, format!("`{}` is imported and called when it is loaded", shown(path)));
    }
}

/// Whether a path is that of a class in modules that are no package's own affair.
fn is_class(path: &str) -> bool {
    let last = path.rsplit('.').next().unwrap_or(path).trim_start_matches('_');
    last.starts_with(|c: char| c.is_ascii_uppercase()) && !path.split('.').any(|part| part.starts_with('_'))
}

/// Whether a path is that of a function which computes, or of a type of numbers.
fn is_plain_function(path: &str) -> bool {
    let (module, last) = path.rsplit_once('.').unwrap_or(("", path));
    let is_type = matches!(module, "torch" | "numpy")
        && ["float", "int", "uint", "bfloat", "bool", "half", "double", "complex", "long"]
            .iter()
            .any(|kind| last.strip_prefix(kind).is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())));
    is_type
        || COMPUTING.iter().any(|start| path.starts_with(start))
        || is_allowed(module, last)
        || (!path.contains("._") && last.split('_').any(|word| PLAIN_WORDS.contains(&word)))
}

/// Whether YAML takes a text for yes.
fn is_true(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "true" | "yes" | "on" | "1")
}

/// Whether a text is an expression of a bundle of MONAI that starts a program or runs text as code.
pub(in crate::scan) fn runs_expression(text: &str) -> bool {
    let is_part = |c: char| c == '_' || c == '.' || c.is_ascii_alphanumeric();
    text.trim_start().starts_with('$')
        && ["os.system(", "os.popen(", "subprocess.", "__import__(", "eval(", "exec("]
            .iter()
            .any(|call| text.match_indices(call).any(|(at, _)| !text[..at].ends_with(is_part)))
}

/// Tells of interpolations of OmegaConf that reach the machine.
fn interpolation(text: &str, place: u64, context: &mut Context<'_>) {
    if runs_expression(text) {
        context.find(&IMPORTED_DANGEROUS, place, format!("the expression `{}` is evaluated", shown(text)));
    }
    for (mark, rule) in [("${oc.env:", &INTERPOLATION), ("${env:", &INTERPOLATION), ("${eval:", &IMPORTED_DANGEROUS)] {
        if text.contains(mark) {
            context.find(rule, place, format!("`{}` is put in when it is loaded", shown(text)));
        }
    }
}
