//! The Modelfile of Ollama: `FROM` a model, `ADAPTER` on top of it. Source: Ollama, `docs/modelfile.md`.

use std::sync::Arc;

use super::addresses;
use super::said::tag_pin;
use super::values;
use crate::references::AssetKind;
use crate::references::At;
use crate::references::Hub;
use crate::references::Reference;
use crate::references::found::FileFound;
use crate::source::Span;

/// Whether a file is a Modelfile, by its name.
pub(super) fn claims(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or("");
    let lower = name.to_ascii_lowercase();
    name == "Modelfile"
        || name.starts_with("Modelfile.")
        || name.starts_with("Modelfile-")
        || (lower.ends_with(".modelfile"))
}

/// Finds what a Modelfile is made from.
pub(super) fn of_file(path: &str, text: &str, out: &mut FileFound) {
    let path: Arc<str> = Arc::from(path);
    let mut at = 0;
    let mut is_in_text = false;
    for line in text.split_inclusive('\n') {
        let starts_text = line.matches("\"\"\"").count() % 2 == 1;
        if !is_in_text {
            out.references.extend(instruction(&path, line.trim_end(), at));
        }
        is_in_text ^= starts_text;
        at += line.len();
    }
}

fn instruction(path: &Arc<str>, line: &str, at: usize) -> Option<Reference> {
    let (word, value) = line.split_once([' ', '\t'])?;
    let (kind, by) = match word.to_ascii_uppercase().as_str() {
        "FROM" => (AssetKind::Model, "FROM"),
        "ADAPTER" => (AssetKind::Adapter, "ADAPTER"),
        _ => return None,
    };
    let start = line.len() - value.trim_start().len();
    let value = value.trim();
    let named = if value.contains("://") { addresses::address(value, Some(kind)) } else { values::ollama(value) }?;
    if kind == AssetKind::Adapter && named.hub == Hub::Ollama {
        // An adapter is a file beside it, or lies on another hub.
        return None;
    }
    let span = Span::new(at + start + named.range.start, at + start + named.range.end);
    let mut reference = Reference::new(kind, named.hub, named.name, At { path: Arc::clone(path), span }, by);
    reference.files.extend(named.file.filter(|file| file.contains('.')));
    match named.revision {
        Some(tag) if reference.hub == Hub::Ollama => {
            Some(Reference { pin: tag_pin(&tag), revision: Some(tag), ..reference })
        }
        Some(revision) => Some(reference.at_revision(revision, None)),
        None => Some(reference),
    }
}
