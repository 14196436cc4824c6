//! Texts of configurations: which they are, and how they are read.

use super::BROKEN;
use super::walk::{has_object, walk};
use crate::parse::Budget;
use crate::parse::json;
use crate::scan::Context;
use crate::scan::archives;
use crate::source::Bytes;

/// Nodes of one configuration. The largest real ones have some ten thousand.
const NODES: usize = 500_000;
/// Bytes of a piece while a text is searched.
const PIECE: usize = 1 << 16;
/// JSON up to this size is searched for a mark of Keras as a whole.
const SEARCHED: u64 = 32 << 20;
/// Keys that decide what is made, so that two of them are a way to show one thing and run another.
const DECIDING: &[&str] = &["class_name", "module", "config", "registered_name", "function", "code", "layers"];

/// Whether bytes are a configuration that objects are made from: JSON of Keras, or YAML.
#[must_use]
pub fn claims_config(head: &[u8], bytes: &dyn Bytes) -> bool {
    let start = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head);
    let first = start.iter().find(|b| !b.is_ascii_whitespace());
    match first {
        Some(b'{' | b'[') => is_json_of_keras(bytes),
        Some(first) if *first != 0 => archives::claims_yaml(head, bytes),
        _ => false,
    }
}

/// Whether JSON has the key of an object of Keras, plain or in escapes.
fn is_json_of_keras(bytes: &dyn Bytes) -> bool {
    // The other is of MLflow, which reads its YAML in this form too.
    const MARKS: &[&[u8]] = &[b"\"class_name\"", b"\"loader_module\""];
    /// Letters of the key that nobody escapes but to hide it.
    const ESCAPES: &[&[u8]] = &[
        b"\\u005f", b"\\u005F", b"\\u0063", b"\\u006c", b"\\u006C", b"\\u0061", b"\\u0073", b"\\u006e", b"\\u006E",
        b"\\u006d", b"\\u006D", b"\\u0065",
    ];
    if bytes.len() > SEARCHED {
        return false;
    }
    let mut at = 0;
    let mut held = vec![0; PIECE];
    while at < bytes.len() {
        let Ok(read) = bytes.read_at(at, &mut held) else { return false };
        let piece = &held[..read];
        // Binary that starts like JSON is no JSON.
        if piece.contains(&0) {
            return false;
        }
        let has = |marks: &[&[u8]]| marks.iter().any(|mark| contains(piece, mark));
        if has(MARKS) || (contains(piece, b"\\u00") && has(ESCAPES)) {
            return true;
        }
        // The end of a piece again, for what lies across it.
        at += read as u64;
        if at < bytes.len() {
            at -= 16.min(read as u64 / 2);
        }
        if read == 0 {
            break;
        }
    }
    false
}

/// Whether a word stands in bytes: looked for by its last byte but one, in steps as long as the compiler likes.
fn contains(piece: &[u8], word: &[u8]) -> bool {
    let Some((first, rest)) = word.split_first() else { return true };
    let mut from = 0;
    while let Some(found) = piece.get(from..).and_then(|piece| piece.iter().position(|b| b == first)) {
        from += found + 1;
        if piece.get(from..).is_some_and(|piece| piece.starts_with(rest)) {
            return true;
        }
    }
    false
}

/// Scans a configuration: JSON of Keras, or YAML that objects are made from.
pub fn scan_config(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let Some(text) = archives::text(bytes, context) else { return };
    let first = text.trim_start_matches('\u{feff}').trim_start().chars().next();
    let is_flavors = text.contains("flavors") && text.contains("loader_module");
    let is_json = matches!(first, Some('{' | '['));
    if is_json {
        scan_text(&text, Some(0), context);
    }
    if !is_json || is_flavors {
        archives::scan_yaml(&text, Some(0), context);
    }
}

/// Scans the text of a configuration in JSON. `offset` is where it stands in what is scanned.
pub fn scan_text(text: &str, offset: Option<u64>, context: &mut Context<'_>) {
    read(text, offset, false, context);
}

/// Scans what a SavedModel says of its layers. Classes that are not of Keras have their graphs beside it, and are
/// made anew from these.
pub fn scan_metadata(text: &str, offset: Option<u64>, context: &mut Context<'_>) {
    read(text, offset, true, context);
}

fn read(text: &str, offset: Option<u64>, has_graphs: bool, context: &mut Context<'_>) {
    let base = offset.unwrap_or(0);
    let mut budget = Budget { bytes: context.limits().text, items: NODES, ..Budget::default() };
    let read = json::parse(text, &mut budget);
    if let Some(problem) = read.problems.first() {
        let message = format!("the configuration is not read as a whole: {}", problem.message);
        context.find(&BROKEN, base + problem.span.start, message);
    }
    for twice in read.duplicates.iter().filter(|twice| DECIDING.contains(&twice.key.as_str())) {
        let message = format!("the key `{}` stands twice in one object", twice.key);
        context.find(&BROKEN, base + twice.again.start, message);
    }
    if let Some(root) = &read.root {
        walk(root, base, has_graphs, context);
    }
}

/// Goes through a document of YAML, if it has objects of Keras.
pub(in crate::scan) fn scan_node(root: &crate::parse::yaml::Node, base: u64, context: &mut Context<'_>) -> bool {
    let has = has_object(root);
    if has {
        walk(root, base, false, context);
    }
    has
}
