//! Weights of a model: those that are not there, and those that are there twice.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::code::Code;
use super::documents::{Scalar, values};
use super::places::{Model, Place};
use super::{MISSING, PICKLE_BESIDE};
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;
use crate::scan::{Context, FileReport, Format};
use crate::source::Folder;

/// Endings of files that hold weights.
const WEIGHTS: &[&str] = &[
    "safetensors",
    "bin",
    "pt",
    "pth",
    "ckpt",
    "gguf",
    "onnx",
    "onnx_data",
    "h5",
    "keras",
    "msgpack",
    "pkl",
    "pickle",
    "joblib",
    "tflite",
    "pb",
    "npz",
    "npy",
    "ot",
    "nemo",
    "mar",
    "model",
];
/// Endings of files that are pickles as a rule.
const PICKLES: &[&str] = &["bin", "pt", "pth", "ckpt", "pkl", "pickle"];
/// Bytes of the largest pointer.
const POINTER: u64 = 1024;

/// Looks at the weights of a folder.
pub(super) fn look(
    place: &Place<'_>,
    code: &Code<'_>,
    reports: &BTreeMap<String, FileReport>,
    context: &mut Context<'_>,
) {
    for (name, path) in place.named() {
        if name.ends_with(".index.json") {
            shards(place, path, code, context);
        }
    }
    beside(place, code, reports, context);
}

/// Tells of files that an index of shards names and that are not there.
fn shards(place: &Place<'_>, path: &str, code: &Code<'_>, context: &mut Context<'_>) {
    let Ok(bytes) = code.folder().open(path) else { return };
    let mut names: BTreeMap<String, u64> = BTreeMap::new();
    values(&bytes, context, |way, value, at| {
        if let (2, Some("weight_map"), Scalar::Text(text)) = (way.depth(), way.key(0), value)
            && !names.contains_key(text)
        {
            names.insert(text.to_owned(), at);
        }
    });
    let missing: Vec<(&String, &u64)> = names
        .iter()
        // The report of the index itself tells of those that lead out.
        .filter(|(name, _)| leads_out(name).is_none() && !code.folder().has(&format!("{}{name}", place.dir)))
        .collect();
    if let Some((first, at)) = missing.first() {
        let (count, all, first) = (missing.len(), names.len(), shown(first));
        let message = match count {
            1 => format!("`{first}`, one of {all} files of weights, is not there"),
            _ => format!("{count} of {all} files of weights are not there, the first is `{first}`"),
        };
        context.inside(code.name(path), |context| context.find(&MISSING, **at, message));
    }
}

/// Tells of pickles beside the same weights as safetensors.
fn beside(place: &Place<'_>, code: &Code<'_>, reports: &BTreeMap<String, FileReport>, context: &mut Context<'_>) {
    let stem = |name: &str| name.rsplit_once('.').map(|(stem, ending)| (same(stem), ending.to_owned()));
    let safe: BTreeSet<String> = place
        .named()
        .filter_map(|(name, _)| stem(name))
        .filter(|(_, ending)| ending == "safetensors")
        .map(|(stem, _)| stem)
        .collect();
    if safe.is_empty() {
        return;
    }
    let is_pickle = |path: &str| reports.get(path).is_none_or(|report| report.pickle.is_some());
    let twice: Vec<&str> = place
        .named()
        .filter(|(name, path)| {
            let of = stem(name).filter(|(_, ending)| PICKLES.contains(&ending.as_str()));
            of.is_some_and(|(stem, _)| safe.contains(&stem)) && is_pickle(path)
        })
        .map(|(_, path)| path)
        .collect();
    if let Some(first) = twice.first() {
        let message = match twice.len() {
            1 => "the same weights are there as safetensors".to_owned(),
            more => format!("the same weights as in this and {} more pickles are there as safetensors", more - 1),
        };
        context.inside(code.name(first), |context| context.find(&PICKLE_BESIDE, None, message));
    }
}

/// What files of weights of one name have in common: `pytorch_model` is what `model` is, and shards are one.
fn same(stem: &str) -> String {
    let stem = stem.strip_prefix("pytorch_").unwrap_or(stem);
    let shard =
        stem.split_once("-0").filter(|(_, rest)| rest.bytes().all(|b| b.is_ascii_digit() || b"-of".contains(&b)));
    shard.map_or(stem, |(stem, _)| stem).to_owned()
}

/// Tells once that weights are pointers.
pub(super) fn pointers(
    model: &Model<'_>,
    folder: &dyn Folder,
    reports: &BTreeMap<String, FileReport>,
    context: &mut Context<'_>,
) {
    let (mut all, mut pointers, mut first) = (0_usize, 0_usize, None);
    for path in model.places.iter().flat_map(|place| &place.files) {
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        if !WEIGHTS.contains(&ending) {
            continue;
        }
        all += 1;
        if is_pointer(path, folder, reports.get(*path)) {
            pointers += 1;
            first = first.or(Some(*path));
        }
    }
    // One by itself is told by its own report.
    let is_told = |path: &str| all == 1 && reports.get(path).is_some_and(|r| r.format == Format::LfsPointer);
    if let Some(first) = first.filter(|path| !is_told(path)) {
        let first = shown(first.strip_prefix(model.root).unwrap_or(first));
        let message = match (pointers, all) {
            (1, 1) => format!("the weights `{first}` are a pointer of git LFS; fetch them, then scan again"),
            _ => format!(
                "{pointers} of {all} weights are pointers of git LFS, the first is `{first}`; fetch them, then scan again"
            ),
        };
        context.find(&MISSING, None, message);
    }
}

fn is_pointer(path: &str, folder: &dyn Folder, report: Option<&FileReport>) -> bool {
    match report {
        Some(report) if report.format == Format::LfsPointer => return true,
        Some(report) if report.size > POINTER => return false,
        _ => {}
    }
    let Ok(bytes) = folder.open(path) else { return false };
    let head = bytes.up_to(0, 64).unwrap_or_default();
    bytes.len() <= POINTER
        && (head.starts_with(b"version https://git-lfs") || head.starts_with(b"version https://hawser"))
}
