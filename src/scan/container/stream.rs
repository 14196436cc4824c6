//! One file in a packed stream.

use super::names::shown;
use super::rules::{STREAM_BROKEN, STREAM_TRAILING};
use super::{magic, zip};
use crate::parse::decode::{Codec, Decoded};
use crate::scan::context::OVER_BUDGET;
use crate::scan::{Context, Format};
use crate::source::{Bytes, Part};

/// Scans what comes out of a stream, and what lies behind it.
pub(super) fn scan(format: Format, bytes: &dyn Bytes, context: &mut Context<'_>) {
    let head = match bytes.up_to(0, 4096) {
        Ok(head) => head,
        Err(why) => return context.unread(0, why),
    };
    let Some((_, codec, start)) = magic::stream(&head, bytes).filter(|(found, ..)| *found == format) else { return };
    let packed = Part::from(bytes, start);
    let decoded = Decoded::open(codec, packed, context.may_decode(packed.len()));
    let end = decoded.end().clone();
    let at = start + end.consumed;
    if !context.take_decoded(decoded.len()) {
        return;
    }
    if end.is_cut {
        context.find(&OVER_BUDGET, at, "it unpacks to more bytes than are looked at");
    }
    if let Some(why) = &end.broken {
        let is_memory = why.contains("memory");
        let message = format!("its packed bytes break off after {} bytes: {why}", decoded.len());
        if is_memory { context.unread(at, message) } else { context.find(&STREAM_BROKEN, at, message) }
    }
    let name = if codec == Codec::Gzip { own_name(&head) } else { None };
    context.part(name.as_deref().unwrap_or("content"), &Part::new(&decoded, 0, seen(&decoded)));
    if end.broken.is_none() && !end.is_cut && at < bytes.len() {
        behind(bytes, at, context);
    } else if end.broken.is_some() && zip::ends(bytes) {
        // A program that reads zips from their end does not mind what stands before.
        zip::scan(bytes, context);
    }
}

/// How much of a stream is looked into: all of one that is read to its end, the beginning of one that is cut.
pub(super) fn seen(decoded: &Decoded<'_>) -> u64 {
    /// Bytes of what unpacks to more than is looked at.
    const BEGINNING: u64 = 32 << 20;
    if decoded.end().is_cut { BEGINNING } else { u64::MAX }
}

/// What lies behind the end of the stream.
fn behind(bytes: &dyn Bytes, at: u64, context: &mut Context<'_>) {
    let rest = Part::from(bytes, at);
    // Tapes and some programs fill files up with zeros.
    match zip::is_zero(&rest) {
        Ok(true) => {}
        Ok(false) => {
            context.find(
                &STREAM_TRAILING,
                at,
                format!("{} bytes follow behind the end of its packed bytes", rest.len()),
            );
            context.part("bytes behind the stream", &rest);
        }
        Err(why) => context.unread(at, why),
    }
}

/// The name that a member of gzip carries.
fn own_name(head: &[u8]) -> Option<String> {
    let flags = *head.get(3)?;
    let mut at = 10;
    if flags & 4 != 0 {
        at += 2 + usize::from(u16::from_le_bytes([*head.get(10)?, *head.get(11)?]));
    }
    let name = head.get(at..)?.split(|byte| *byte == 0).next().filter(|name| !name.is_empty())?;
    (flags & 8 != 0).then(|| shown(name))
}
