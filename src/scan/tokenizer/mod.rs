//! JSON of models: tokenizers, processors, configurations, indexes of shards; and JSON of any other kind.
//!
//! It is read as a stream, for vocabularies are tens of megabytes. What matters are a few keys: those by
//! which a loader takes code from somewhere, templates, and files that are named.

mod libraries;
mod read;
#[cfg(test)]
mod tests;

use super::{Context, Rule, Severity, Verdict};
use crate::parse::json_stream::{Dialect, Event, Fault, Reader};
use crate::source::Bytes;

static CODE_BY_NAME: Rule = Rule {
    id: "code-by-name",
    verdict: Verdict::Dangerous,
    severity: Severity::Critical,
    title: "A configuration names what runs commands",
    help: "Whatever builds objects from this configuration calls it. Do not load it.",
};
static SHARD_TRAVERSAL: Rule = Rule {
    id: "shard-traversal",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "The index of weights names files outside of its folder",
    help: "A loader reads them, and may unpickle what is there. Names of shards have no folders.",
};
static JSON_INVALID: Rule = Rule {
    id: "json-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Low,
    title: "A configuration of a model is no JSON to its end",
    help: "Loaders refuse it, or read a part. Restore the file.",
};

pub(super) const RULES: &[&Rule] = &[&CODE_BY_NAME, &SHARD_TRAVERSAL, &JSON_INVALID];

/// Whether bytes are JSON, by their beginning.
#[must_use]
pub fn claims(head: &[u8], bytes: &dyn Bytes) -> bool {
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return false;
    }
    let is_all = head.len() as u64 >= bytes.len();
    let mut reader = Reader::new(&head, Dialect::Lenient, 256);
    let mut events = 0_usize;
    loop {
        match reader.next_event() {
            Ok(Event::End) => return events > 0,
            Ok(_) => events += 1,
            // Cut within a string, which says nothing: the rest has not been seen.
            Err(Fault::CutShort) => return !is_all || events > 2,
            // Broken, yet with keys that a loader would look for.
            Err(_) => return events > 2 && has_model_key(head),
        }
    }
}

fn has_model_key(head: &[u8]) -> bool {
    let text = String::from_utf8_lossy(head);
    [
        "\"auto_map\"",
        "\"chat_template\"",
        "\"model_type\"",
        "\"architectures\"",
        "\"weight_map\"",
        "\"tokenizer_class\"",
    ]
    .iter()
    .any(|key| text.contains(key))
}

/// Scans JSON.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    read::document(bytes, context);
}
