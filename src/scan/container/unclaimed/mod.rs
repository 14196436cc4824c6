//! What no reader claims: text, pictures, tables, weights without a header, machine code; else something unknown.
//!
//! What nobody executes is clean. Pickles are looked for in all of it that is not plain text.

mod data;
mod native;
mod numbers;
mod packed;
#[cfg(test)]
mod tests;
mod text;

use super::rules::{FOREIGN_OBJECTS, NATIVE_CODE};
use super::{seven, zip};
use crate::scan::context::UNKNOWN_FORMAT;
use crate::scan::{Context, Format, pickle};
use crate::source::{Bytes, Part};

/// What no reader claims: text, pictures, machine code; else something unknown, in which pickles are looked for.
pub fn unclaimed(head: &[u8], bytes: &dyn Bytes, context: &mut Context<'_>) {
    if head.starts_with(b"version https://git-lfs") || head.starts_with(b"version https://hawser") {
        context.format(Format::LfsPointer);
        return context.unread(0, "a pointer of git LFS stands in the place of the file");
    }
    if head.starts_with(b"# xet version") {
        context.format(Format::LfsPointer);
        return context.unread(0, "a pointer of git-xet stands in the place of the file");
    }
    match zip::is_zero(bytes) {
        Ok(true) => return context.format(Format::Data),
        Ok(false) => {}
        Err(why) => return context.unread(0, why),
    }
    if let Some(kind) = native::kind(head) {
        if context.has_format() {
            return context.find(&NATIVE_CODE, 0, format!("it is {kind}"));
        }
        context.format(Format::NativeCode);
        context.find(&NATIVE_CODE, 0, format!("it is {kind}"));
        return appended(bytes, context);
    }
    match text::kind(head, bytes) {
        Ok(Some(format)) => return context.format(format),
        Ok(None) => {}
        Err(why) => return context.unread(0, why),
    }
    if let Some(language) = native::objects(head) {
        context.format(Format::Data);
        context.find(&FOREIGN_OBJECTS, 0, format!("it holds objects of {language}"));
        return pickle::search(bytes, context);
    }
    pickle::search(bytes, context);
    if let Some(format) = data::kind(head, bytes) {
        return context.format(format);
    }
    if packed::is_messagepack(bytes, context)
        || packed::is_records(bytes)
        || packed::is_checkpoint(bytes)
        || numbers::are(bytes)
    {
        return context.format(Format::Data);
    }
    context.find(&UNKNOWN_FORMAT, None, "it is of no known format");
    appended(bytes, context);
}

/// A 7z behind something else, as programs that unpack themselves carry it.
fn appended(bytes: &dyn Bytes, context: &mut Context<'_>) {
    /// Bytes that are looked through.
    const MOST: usize = 2 << 20;
    let mut at = 0;
    while at < MOST as u64 {
        let Ok(piece) = bytes.up_to(at, 64 << 10) else { return };
        if let Some(found) = piece.windows(6).position(|six| six == seven::MAGIC) {
            let start = at + found as u64;
            return context.part("7z behind", &Part::from(bytes, start));
        }
        if piece.len() < 64 << 10 {
            return;
        }
        at += piece.len() as u64 - 5;
    }
}
