//! Members that stand in no directory: programs that read a zip from its beginning find them.

use super::entry_of;
use super::local::Local;
use super::member::Member;
use crate::parse::decode::{Codec, Decoded};
use crate::scan::Context;
use crate::source::{Bytes, Part};

/// Bytes read at a time.
const STEP: usize = 256 << 10;

/// All members that begin in a range of bytes.
pub(super) fn find(bytes: &dyn Bytes, start: u64, end: u64, context: &mut Context<'_>) -> Result<Vec<Member>, String> {
    let mut out = Vec::new();
    let mut at = start;
    while let Some(found) = signature(bytes, at, end, &[b"\x03\x04"])? {
        at = found + 4;
        let Some(mut local) = Local::read(bytes, found)?
            .filter(|local| local.data <= end && local.name.as_ref().is_some_and(|name| !name.is_empty()))
        else {
            continue;
        };
        if !context.take_nodes(1) {
            break;
        }
        if local.packed == 0 && local.is_streamed() || local.packed > end - local.data {
            local.packed = length(bytes, &local, end, context)?;
        }
        at = local.data.saturating_add(local.packed).max(at);
        out.push(Member::new(entry_of(&local, found), Some(local)));
    }
    Ok(out)
}

/// How far a member reaches whose header does not say it.
fn length(bytes: &dyn Bytes, local: &Local, end: u64, context: &mut Context<'_>) -> Result<u64, String> {
    let rest = Part::new(bytes, local.data, end - local.data);
    if local.method == 8 {
        let decoded = Decoded::open(Codec::Deflate, rest, context.may_decode(rest.len()));
        if context.take_decoded(decoded.len().max(decoded.end().consumed)) && decoded.end().broken.is_none() {
            return Ok(decoded.end().consumed);
        }
    }
    let next = signature(bytes, local.data, end, &[b"\x03\x04", b"\x01\x02", b"\x07\x08"])?;
    Ok(next.unwrap_or(end) - local.data)
}

/// Where `PK` and one of some ends stand next.
fn signature(bytes: &dyn Bytes, from: u64, to: u64, ends: &[&[u8; 2]]) -> Result<Option<u64>, String> {
    let mut at = from;
    while at + 4 <= to {
        let length = usize::try_from(to - at).unwrap_or(STEP).min(STEP);
        let piece = bytes.up_to(at, length)?;
        let is_it = |four: &[u8]| four.starts_with(b"PK") && ends.iter().any(|end| four.ends_with(*end));
        if let Some(found) = piece.windows(4).position(is_it) {
            return Ok(Some(at + found as u64));
        }
        if piece.len() < 4 {
            break;
        }
        at += piece.len() as u64 - 3;
        if piece.len() < length {
            break;
        }
    }
    Ok(None)
}
