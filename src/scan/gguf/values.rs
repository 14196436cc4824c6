//! Keys with their values.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::GGUF_INVALID;
use super::cursor::{Cursor, Stop};
use crate::scan::quote::short;
use crate::scan::{Context, pickle, template, weights};
use crate::source::Part;

/// Longest key, by the format.
const LONGEST_KEY: u64 = 65_535;
/// Bytes of one text that are looked at.
const LONGEST_TEXT: u64 = 4 << 20;
/// The key of the template that makes one text of a conversation.
const CHAT_TEMPLATE: &str = "tokenizer.chat_template";
/// Lists within lists.
const DEPTH: usize = 8;
/// What stands where the format says nothing.
const ALIGNMENT: u64 = 32;

/// Kinds of values, by their number.
const TEXT: u32 = 8;
const LIST: u32 = 9;
const BOOL: u32 = 7;

/// Bytes of a value of a kind; none where they differ.
fn size(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 | BOOL => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

/// Reads so many values; by how many bytes tensors are aligned.
pub(super) fn read(cursor: &mut Cursor<'_>, count: u64, context: &mut Context<'_>) -> Result<u64, Stop> {
    let mut seen = HashSet::new();
    let mut alignment = ALIGNMENT;
    for _ in 0..count {
        if !context.take_nodes(2) {
            return Err(Stop::Told);
        }
        let at = cursor.at;
        let key = key(cursor, context)?;
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        if !seen.insert(hasher.finish()) {
            context.find(&GGUF_INVALID, at, format!("the key `{}` stands twice", short(&key)));
        }
        let kind_at = cursor.at;
        let kind = cursor.u32()?;
        match (key.as_str(), kind) {
            ("general.alignment", 4) => {
                let at = cursor.at;
                alignment = u64::from(cursor.u32()?);
                if !alignment.is_power_of_two() {
                    context.find(&GGUF_INVALID, at, format!("tensors cannot be aligned to {alignment} bytes"));
                    alignment = ALIGNMENT;
                }
            }
            ("general.alignment", _) => {
                context.find(&GGUF_INVALID, kind_at, "the alignment is no number of 32 bits");
                value(cursor, &key, kind, 0, context)?;
            }
            (key, kind) => {
                if key.starts_with("tokenizer.chat_template") && kind != TEXT && kind != LIST {
                    context.find(&GGUF_INVALID, kind_at, format!("`{}` is no text", short(key)));
                }
                value(cursor, key, kind, 0, context)?;
            }
        }
    }
    Ok(alignment)
}

fn key(cursor: &mut Cursor<'_>, context: &mut Context<'_>) -> Result<String, Stop> {
    let at = cursor.at;
    let length = cursor.count()?;
    if length == 0 || length > LONGEST_KEY {
        context.find(&GGUF_INVALID, at, format!("a key says that it has {length} bytes"));
        return Err(Stop::Told);
    }
    let bytes = cursor.take(usize::try_from(length).unwrap_or(0))?;
    let key = std::str::from_utf8(bytes).map(str::to_owned);
    match key {
        Ok(key) if !key.chars().any(char::is_control) => Ok(key),
        // Nothing that follows can be trusted then.
        _ => {
            context.find(&GGUF_INVALID, at, "a key is no text");
            Err(Stop::Told)
        }
    }
}

fn value(cursor: &mut Cursor<'_>, key: &str, kind: u32, depth: usize, context: &mut Context<'_>) -> Result<(), Stop> {
    match kind {
        BOOL => {
            let at = cursor.at;
            let byte = cursor.take(1)?.first().copied().unwrap_or(0);
            if byte > 1 {
                context.find(&GGUF_INVALID, at, format!("`{}` is neither true nor false", short(key)));
            } else if let Some(weights) = context.weights() {
                weights.word(key, if byte == 1 { "true" } else { "false" });
            }
            Ok(())
        }
        TEXT => text(cursor, key, false, context),
        LIST => list(cursor, key, depth, context),
        _ => match size(kind) {
            Some(_) => {
                let number = number(cursor, kind)?;
                if let Some(weights) = context.weights() {
                    weights.word(key, &number);
                }
                Ok(())
            }
            None => {
                context.find(
                    &GGUF_INVALID,
                    cursor.at - 4,
                    format!("`{}` has a value of the unknown kind {kind}", short(key)),
                );
                Err(Stop::Told)
            }
        },
    }
}

/// A number as text; of a kind that [`size`] knows.
fn number(cursor: &mut Cursor<'_>, kind: u32) -> Result<String, Stop> {
    let is_big = cursor.is_big;
    let mut bytes = [0_u8; 8];
    let length = usize::try_from(size(kind).unwrap_or(0)).unwrap_or(0);
    let taken = cursor.take(length)?;
    // The least byte first, whatever the order of the file.
    for (at, byte) in bytes.iter_mut().enumerate().take(length) {
        *byte = taken.get(if is_big { length - 1 - at } else { at }).copied().unwrap_or(0);
    }
    let low = bytes.first_chunk::<4>().copied().unwrap_or_default();
    let two = bytes.first_chunk::<2>().copied().unwrap_or_default();
    let one = bytes.first_chunk::<1>().copied().unwrap_or_default();
    Ok(match kind {
        0 => u8::from_le_bytes(one).to_string(),
        1 => i8::from_le_bytes(one).to_string(),
        2 => u16::from_le_bytes(two).to_string(),
        3 => i16::from_le_bytes(two).to_string(),
        4 => u32::from_le_bytes(low).to_string(),
        5 => i32::from_le_bytes(low).to_string(),
        6 => f32::from_le_bytes(low).to_string(),
        10 => u64::from_le_bytes(bytes).to_string(),
        11 => i64::from_le_bytes(bytes).to_string(),
        _ => f64::from_le_bytes(bytes).to_string(),
    })
}

fn list(cursor: &mut Cursor<'_>, key: &str, depth: usize, context: &mut Context<'_>) -> Result<(), Stop> {
    let at = cursor.at;
    let kind = cursor.u32()?;
    let count = cursor.count()?;
    // A text or list has its length before it.
    let least = size(kind).unwrap_or(if cursor.version == 1 { 4 } else { 8 });
    let Some(bytes) = count.checked_mul(least).filter(|bytes| *bytes <= cursor.left()) else {
        let message = format!("`{}` says that it has {count} items, more than fit in the file", short(key));
        context.find(&GGUF_INVALID, at, message);
        return Err(Stop::Told);
    };
    match kind {
        TEXT => {
            if !context.take_nodes(usize::try_from(count / 8).unwrap_or(usize::MAX)) {
                return Err(Stop::Told);
            }
            // Words of a tokenizer hold braces as words.
            let is_words = key.starts_with("tokenizer.ggml.");
            for _ in 0..count {
                if is_words {
                    let length = cursor.count()?;
                    cursor.skip(length)?;
                } else {
                    text(cursor, key, true, context)?;
                }
            }
            Ok(())
        }
        LIST if depth >= DEPTH => {
            context.find(&GGUF_INVALID, at, format!("`{}` has lists in lists, too deep to read", short(key)));
            Err(Stop::Told)
        }
        LIST => {
            for _ in 0..count {
                if !context.take_nodes(1) {
                    return Err(Stop::Told);
                }
                list(cursor, key, depth + 1, context)?;
            }
            Ok(())
        }
        _ if size(kind).is_some() => {
            // Bytes one by one may be anything: what begins as a pickle or as something packed is looked into.
            if size(kind) == Some(1) && count >= 16 {
                let mut left = LONGEST_TEXT;
                let at = cursor.at;
                pickle::look_into_values(&Part::new(cursor.bytes(), at, bytes), at, &mut left, context);
            }
            cursor.skip(bytes)
        }
        _ => {
            context.find(&GGUF_INVALID, at, format!("`{}` has items of the unknown kind {kind}", short(key)));
            Err(Stop::Told)
        }
    }
}

fn text(cursor: &mut Cursor<'_>, key: &str, is_item: bool, context: &mut Context<'_>) -> Result<(), Stop> {
    let length_at = cursor.at;
    let length = cursor.count()?;
    if length > cursor.left() {
        let message = format!("`{}` says that it has {length} bytes, and {} are left", short(key), cursor.left());
        context.find(&GGUF_INVALID, length_at, message);
        return Err(Stop::Told);
    }
    let at = cursor.at;
    cursor.at += length;
    let is_template = key.starts_with("tokenizer.chat_template");
    if length > LONGEST_TEXT {
        context.unread(at, format!("`{}` is longer than is looked at", short(key)));
        return Ok(());
    }
    let is_told = key.starts_with("general.") || key == CHAT_TEMPLATE;
    if is_item && length < 16 && !is_template && !is_told {
        return Ok(());
    }
    let bytes = cursor.bytes().exactly(at, usize::try_from(length).unwrap_or(0)).map_err(Stop::Unreadable)?;
    let text = String::from_utf8_lossy(&bytes);
    let is_exact = matches!(text, std::borrow::Cow::Borrowed(_));
    if is_template && !is_exact {
        context.find(&GGUF_INVALID, at, format!("`{}` is not UTF-8", short(key)));
    }
    if let Some(kept) = context.weights().filter(|_| is_exact) {
        if key == CHAT_TEMPLATE {
            kept.chat_template = Some(weights::digest(&text));
        } else if is_item {
            kept.item(key, &text);
        } else if !is_template {
            kept.word(key, &text);
        }
    }
    template::hidden::payload(key, &text, at, context);
    if template::has_tags(&text) {
        if is_exact {
            template::scan_raw(&text, at, context);
        } else {
            template::scan_text(&text, at, context);
        }
    }
    Ok(())
}
