//! What `torch.load` reads: its zips, its legacy files, TorchScript; and what its restricted loader refuses.

mod central;
mod script;
mod weights_only;

use std::collections::{BTreeMap, BTreeSet};

use super::pickle::{self, Ending};
use super::{Context, Format, Limits, Rule, Severity, Verdict, WeightsOnly};
use crate::source::{Bytes, Folder, Part};

/// A file of torch does not hold what its format says.
pub static MALFORMED: Rule = Rule {
    id: "torch-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "Not as torch writes it",
    help: "The file holds more or less than its format says. Get it again from where it was made, or load and save it in a closed room.",
};
/// TorchScript that reaches for files or libraries.
pub static SCRIPT: Rule = Rule {
    id: "torchscript-reach",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "TorchScript that reaches beyond tensors",
    help: "Its code reads or writes files, or calls operators of a library that has to be loaded with it. Read the code in the archive before you run it.",
};
/// An archive of `torch.package`, which carries Python.
pub static PACKAGE: Rule = Rule {
    id: "torch-package",
    verdict: Verdict::Suspicious,
    severity: Severity::High,
    title: "A package of torch carries Python that is run",
    help: "Its modules are executed when something is loaded from it. Read them, or ask for the weights as safetensors.",
};

pub(super) const RULES: &[&Rule] = &[&MALFORMED, &PACKAGE, &SCRIPT];

/// Whether bytes are a legacy file of torch: a pickle of the magic number comes first.
#[must_use]
pub fn claims_legacy(head: &[u8], _bytes: &dyn Bytes) -> bool {
    /// Opcodes before the number: the protocol, a frame.
    const BEFORE: usize = 16;
    let Some(at) = head.iter().take(BEFORE).position(|byte| *byte == 0x8a) else { return false };
    let wanted = std::iter::once(10).chain(weights_only::MAGIC);
    head[at + 1..].iter().copied().take(11).eq(wanted)
}

/// Scans a legacy file: magic number, version, system, the object, the keys, then storages.
pub fn scan_legacy(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let options = pickle::Options { is_torch: true, is_one: true, known: None };
    let mut at = 0;
    let mut storages = BTreeMap::new();
    for _ in 0..5 {
        let summary = pickle::run(bytes, at, &options, context);
        if summary.ending != Ending::Stop {
            context.find(&MALFORMED, summary.end, "one of the five pickles of a legacy file does not end");
            return pickle::search(&Part::from(bytes, at), context);
        }
        for storage in summary.storages {
            let size = element(&storage.class).and_then(|element| storage.count.checked_mul(element));
            storages.insert(storage.key, size);
        }
        at = summary.end;
    }
    let size = storages.values().try_fold(0_u64, |all, size| all.checked_add((*size)?)?.checked_add(8));
    match size.and_then(|size| at.checked_add(size)) {
        Some(end) if end == bytes.len() => {}
        Some(end) if end < bytes.len() => {
            context.find(&MALFORMED, end, "bytes follow the last storage of a legacy file");
            pickle::search(&Part::from(bytes, end), context);
        }
        Some(_) => context.find(&MALFORMED, at, "the storages of a legacy file are shorter than its tensors say"),
        None => context.find(&MALFORMED, at, "a storage of a legacy file is of no known type"),
    }
}

/// Bytes of an element of an old storage class.
fn element(class: &str) -> Option<u64> {
    Some(match class {
        "ComplexDoubleStorage" => 16,
        "DoubleStorage" | "LongStorage" | "ComplexFloatStorage" => 8,
        "FloatStorage" | "IntStorage" | "QInt32Storage" => 4,
        "HalfStorage" | "BFloat16Storage" | "ShortStorage" => 2,
        "ByteStorage" | "CharStorage" | "BoolStorage" | "QInt8Storage" | "QUInt8Storage" | "QUInt4x2Storage"
        | "QUInt2x4Storage" | "UntypedStorage" => 1,
        _ => return None,
    })
}

/// The folder that a zip of torch keeps everything in, where it is one.
fn root(folder: &dyn Folder) -> Option<String> {
    let first = folder.files().iter().find(|file| file.ends_with("/data.pkl") || file.ends_with("/archive_format"))?;
    let (root, name) = first.split_once('/')?;
    matches!(name, "data.pkl" | "archive_format").then(|| root.to_owned())
}

/// Of an archive's members, those that are raw tensors: no reader takes them for anything else, so they are
/// not looked into. None where the archive is none of torch.
#[must_use]
pub fn tensors(folder: &dyn Folder) -> Option<Vec<String>> {
    let root = root(folder)?;
    let is_key = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
    let is_tensor = |file: &&String| {
        let Some(name) = file.strip_prefix(root.as_str()).and_then(|rest| rest.strip_prefix('/')) else { return false };
        match name.rsplit_once('/') {
            Some(("data" | "constants" | "tensors", key)) => is_key(key),
            Some(("data/weights", key)) => key.strip_prefix("weight_").is_some_and(is_key),
            Some(("data/constants", key)) => key.strip_prefix("tensor_").is_some_and(is_key),
            _ => false,
        }
    };
    let tensors = folder.files().iter().filter(is_tensor).cloned();
    // A storage that no tensor names is whatever it is.
    match named(folder, &root) {
        Some(keys) => {
            let data = format!("{root}/data/");
            Some(tensors.filter(|file| file.strip_prefix(&data).is_none_or(|key| keys.contains(key))).collect())
        }
        None => Some(tensors.collect()),
    }
}

/// Keys of the storages that `data.pkl` names; none where it cannot be read to its end.
fn named(folder: &dyn Folder, root: &str) -> Option<BTreeSet<String>> {
    /// As many as a run keeps.
    const MOST: usize = 1_000_000;
    let limits = Limits::default();
    let bytes = folder.open(&format!("{root}/data.pkl")).ok()?;
    let mut aside = Context::new("", bytes.len(), &limits);
    let options = pickle::Options { is_torch: true, is_one: true, known: None };
    let summary = pickle::run(&*bytes, 0, &options, &mut aside);
    if summary.ending != Ending::Stop || summary.storages.len() >= MOST {
        return None;
    }
    Some(summary.storages.into_iter().map(|storage| storage.key).collect())
}

/// Scans an archive as one of torch; does nothing where it is none.
pub fn scan(folder: &dyn Folder, context: &mut Context<'_>) {
    let extern_modules = folder.files().iter().find_map(|file| file.strip_suffix(".data/extern_modules"));
    if let Some(root) = extern_modules.filter(|root| root.is_empty() || root.ends_with('/')) {
        context.format(Format::Torch);
        // Without a module of its own it holds data and what other packages bring.
        if folder.files().iter().any(|file| file.starts_with(root) && file.ends_with(".py")) {
            context.find(&PACKAGE, None, "it is an archive of torch.package, whose modules are executed");
        }
    }
    let Some(root) = root(folder) else { return };
    if folder.has(&format!("{root}/archive_format")) {
        return context.format(Format::TorchExport);
    }
    if folder.has(&format!("{root}/constants.pkl")) {
        context.format(Format::TorchScript);
        return script::scan(folder, &root, context);
    }
    context.format(Format::Torch);
    storages(folder, &root, context);
}

/// Tensors whose storages are not there, or too short.
fn storages(folder: &dyn Folder, root: &str, context: &mut Context<'_>) {
    /// Storages that are told one by one.
    const TOLD: usize = 5;
    let name = format!("{root}/data.pkl");
    let Ok(bytes) = folder.open(&name) else { return };
    // What the pickle does is told by whoever scans the members. Only what it names is asked here.
    let mut aside = Context::new("", bytes.len(), context.limits());
    let options = pickle::Options { is_torch: true, is_one: true, known: None };
    let mut told = BTreeSet::new();
    for storage in pickle::run(&*bytes, 0, &options, &mut aside).storages {
        let member = format!("{root}/data/{}", storage.key);
        let needed = element(&storage.class).and_then(|element| storage.count.checked_mul(element));
        let wrong = match (folder.has(&member), folder.size(&member), needed) {
            (false, ..) => format!("a tensor names `{member}`, which is not there"),
            (true, Some(there), Some(needed)) if there < needed => {
                format!("`{member}` has {there} bytes, and a tensor needs {needed}")
            }
            (true, ..) => continue,
        };
        if told.len() < TOLD && told.insert(storage.key) {
            context.inside(&name, |context| context.find(&MALFORMED, storage.offset, wrong));
        }
    }
}

/// What `torch.load(path, weights_only=True)` does with a file; none where it is of a format that nobody loads with
/// torch, or where that is not known.
///
/// Only here the name counts: torch hands what is called `*.safetensors` to the reader of safetensors.
#[must_use]
pub fn weights_only(
    bytes: &dyn Bytes,
    path: &str,
    format: Format,
    verdict: Verdict,
    limits: &Limits,
) -> Option<WeightsOnly> {
    let is_named = path.ends_with(".safetensors");
    match format {
        Format::Safetensors if is_named && verdict != Verdict::Malformed => Some(WeightsOnly::Loads),
        Format::Safetensors | Format::Pickle | Format::Joblib | Format::TorchLegacy if is_named => {
            Some(WeightsOnly::Refuses { why: "it is named as safetensors and is not".to_owned(), globals: Vec::new() })
        }
        Format::Pickle
        | Format::Joblib
        | Format::Torch
        | Format::TorchLegacy
        | Format::TorchScript
        | Format::TorchExport
        | Format::Npz
        | Format::Zip
        | Format::Keras
        | Format::Skops
        | Format::Mar
        | Format::Tar
        | Format::Nemo => weights_only::verdict(bytes, limits),
        _ => None,
    }
}
