//! How a commit is written beside a name, where what reads the file is known to take it.

use std::sync::Arc;

use super::document::Entry;
use super::document::Format;
use super::document::find;
use crate::references::AssetKind;
use crate::references::At;
use crate::references::RevisionEdit;
use crate::source::Span;

/// Bytes of a line before a key and after its value.
const LINE: usize = 400;

/// The key that gives a revision beside a name, by the tools that read such a file.
pub(super) fn revision_key(
    path: &str,
    key: &str,
    above: &[String],
    kind: AssetKind,
    beside: &[Entry],
) -> Option<&'static str> {
    let parent = above.last().map_or("", String::as_str);
    match (kind, key) {
        _ if path.ends_with("adapter_config.json") => Some("revision"),
        // axolotl.
        (AssetKind::Model, "base_model")
            if above.is_empty() && find(beside, &["datasets", "sequence_len"]).is_some() =>
        {
            Some("revision_of_model")
        }
        (AssetKind::Dataset, "path") if matches!(parent, "datasets" | "test_datasets" | "pretraining_dataset") => {
            Some("revision")
        }
        // TRL, LLaMA-Factory and the examples of transformers.
        (AssetKind::Model, "model_name_or_path") if above.is_empty() => Some("model_revision"),
        // The configuration of vLLM.
        (AssetKind::Model, "model")
            if above.is_empty()
                && find(beside, &["max_model_len", "tensor_parallel_size", "gpu_memory_utilization"]).is_some() =>
        {
            Some("revision")
        }
        _ => None,
    }
}

/// A commit in the place of a revision that is written; `at` is its value with its quotes.
pub(super) fn replace(format: Format, at: At) -> Option<RevisionEdit> {
    if at.span.is_empty() {
        return None;
    }
    let quote = match format {
        Format::Json | Format::Toml | Format::Yaml => "\"",
        Format::Ini | Format::Env => "",
    };
    Some(RevisionEdit { at, before: quote.to_owned(), after: quote.to_owned() })
}

/// A new key behind the entry that names something.
pub(super) fn insert(format: Format, text: &str, path: &Arc<str>, own: &Entry, name: &str) -> Option<RevisionEdit> {
    let start = usize::try_from(own.key_span.start).ok()?;
    let end = usize::try_from(own.value.span.end).ok()?;
    let bytes = text.as_bytes();
    // A line that is longer is nobody's to edit, and is not searched for each of its keys.
    let from = start.saturating_sub(LINE);
    let line_start = match bytes.get(from..start)?.iter().rposition(|b| *b == b'\n') {
        Some(at) => from + at + 1,
        None if from == 0 => 0,
        None => return None,
    };
    let lead = text.get(line_start..start)?;
    let to = text.len().min(end + LINE);
    let line_end = match bytes.get(end..to)?.iter().position(|b| matches!(b, b'\r' | b'\n')) {
        Some(at) => end + at,
        None if to == text.len() => to,
        None => return None,
    };
    let is_own_line = lead.chars().all(|c| matches!(c, ' ' | '\t' | '-'));
    let is_one_line = !text.get(start..end)?.contains('\n');
    let indent: String = lead.chars().map(|c| if c == '-' { ' ' } else { c }).collect();
    let at = |at: usize| At { path: Arc::clone(path), span: Span::new(at, at) };
    if !is_own_line || !is_one_line {
        return None;
    }
    let tail = text.get(end..line_end)?.trim();
    let is_free = tail.is_empty() || tail.starts_with('#');
    match format {
        Format::Yaml if is_free => {
            Some(RevisionEdit { at: at(line_end), before: format!("\n{indent}{name}: \""), after: "\"".to_owned() })
        }
        Format::Toml if is_free => {
            Some(RevisionEdit { at: at(line_end), before: format!("\n{indent}{name} = \""), after: "\"".to_owned() })
        }
        Format::Json => {
            Some(RevisionEdit { at: at(end), before: format!(",\n{indent}\"{name}\": \""), after: "\"".to_owned() })
        }
        _ => None,
    }
}
