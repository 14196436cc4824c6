//! Archives of TorchServe, of a model or of a workflow: a manifest that names a handler, which runs.

use super::{BROKEN, CODE, IMPORTED_DANGEROUS, REQUIREMENTS, member, python_code};
use crate::parse::Budget;
use crate::parse::json;
use crate::scan::Context;
use crate::scan::paths::leads_out;
use crate::scan::quote::shown;
use crate::source::Folder;

/// Handlers that TorchServe has itself.
const BUILT_IN: &[&str] = &[
    "image_classifier",
    "image_segmenter",
    "object_detector",
    "text_classifier",
    "base_handler",
    "vision_handler",
    "text_handler",
    "dali_image_classifier",
    "dali_handler",
];

/// Scans an archive whose members lie below `top`.
pub(super) fn scan(folder: &dyn Folder, top: &str, manifest: &str, context: &mut Context<'_>) {
    let path = format!("{top}{manifest}");
    let mut told = None;
    member(folder, &path, context, |text, context| {
        let read = json::parse(text, &mut Budget { items: 100_000, ..Budget::default() });
        let model = read.get(&["model"]).or_else(|| read.get(&["workflow"]));
        let Some(model) = model.filter(|_| read.problems.is_empty()) else {
            return context.find(&BROKEN, 0, "the manifest names no model and no workflow");
        };
        let handler = model.get("handler").and_then(json::Value::as_str).map(str::to_owned);
        if let (Some(handler), Some(value)) = (&handler, model.get("handler")) {
            rate(folder, top, handler, value.span.start, context);
        }
        if let Some(value) = model.get("requirementsFile") {
            let name = value.as_str().unwrap_or("").to_owned();
            let message = format!("the packages of `{}` may be installed before the model is loaded", shown(&name));
            context.find(&REQUIREMENTS, value.span.start, message);
        }
        told = handler;
    });
    for file in folder.files().iter().filter(|file| std::path::Path::new(file).extension().is_some_and(|e| e == "py")) {
        member(folder, file, context, |text, context| python_code(text, Some(0), context));
    }
}

/// Rates the handler that a manifest names.
fn rate(folder: &dyn Folder, top: &str, handler: &str, place: u64, context: &mut Context<'_>) {
    let file = handler.split(':').next().unwrap_or(handler);
    let inside = [format!("{top}{file}"), format!("{top}{file}.py")];
    if leads_out(file).is_some() {
        let message = format!("the handler `{}` lies outside of the archive", shown(handler));
        context.find(&IMPORTED_DANGEROUS, place, message);
    } else if inside.iter().any(|path| folder.has(path)) || !BUILT_IN.contains(&file.trim_end_matches(".py")) {
        context.find(&CODE, place, format!("the handler `{}` is code that runs with the model", shown(handler)));
    }
}
