//! 7z.

use super::folder::Members;
use super::names::{escape, link_escape, shown};
use super::rules::{ARCHIVE_ENCRYPTED, ARCHIVE_ESCAPE, SEVEN_ZIP_BROKEN, STREAM_TRAILING};
use super::zip::is_zero;
use crate::parse::seven_zip::{Heard, Member, Trouble, walk};
use crate::scan::context::OVER_BUDGET;
use crate::scan::{Context, archives};
use crate::source::{Bytes, Part};

/// How a 7z begins.
pub(super) const MAGIC: &[u8] = b"7z\xbc\xaf\x27\x1c";
/// Bytes of one member that are held: its packing cannot be read from the middle.
const HELD: u64 = 24 << 20;
/// Bytes of a member that is kept until what the archive is as a whole is known.
const KEPT: usize = 1 << 20;

/// Whether bytes begin as a 7z does.
pub(super) fn claims(head: &[u8]) -> bool {
    head.starts_with(MAGIC)
}

/// Scans a 7z.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut kept = Vec::new();
    let mut room = 8 * KEPT;
    let limit = context.may_decode(bytes.len());
    let most = |_: &Member| HELD.min(limit);
    let result = walk(bytes, &most, &mut |heard| match heard {
        Heard::Member(member, content, has_more) => {
            if !context.take_decoded(content.len() as u64) {
                return false;
            }
            if content.len() <= KEPT.min(room) && !member.is_folder {
                room -= content.len();
                kept.push((member.name.clone(), content.clone()));
            }
            one(&member, &content, has_more, context);
            true
        }
        Heard::Lost(names, why) => {
            lost(names, why, context);
            true
        }
    });
    match result {
        Ok(()) => {}
        Err(Trouble::Broken(why)) => {
            context.find(&SEVEN_ZIP_BROKEN, 0, format!("its list of members cannot be read: {why}"));
            behind(bytes, 32, context);
        }
        Err(Trouble::Encrypted) => context.find(&ARCHIVE_ENCRYPTED, 0, "its list of members is encrypted"),
        Err(Trouble::Unread(why)) => context.unread(0, why),
    }
    let folder = Members::of_bytes(bytes, context.limits(), kept.into_iter());
    archives::scan(&folder, context);
    if let Some(end) = end(bytes) {
        behind(bytes, end, context);
    }
}

fn one(member: &Member, content: &[u8], has_more: bool, context: &mut Context<'_>) {
    let name = shown(member.name.as_bytes());
    if let Some(why) = escape(member.name.as_bytes()) {
        context.find(&ARCHIVE_ESCAPE, None, format!("the name `{name}` {why}"));
    }
    if member.mode & 0o170_000 == 0o120_000 {
        if let Some(why) = link_escape(member.name.as_bytes(), content) {
            context.find(&ARCHIVE_ESCAPE, None, format!("the link `{name}` to `{}` {why}", shown(content)));
        }
        return;
    }
    if member.is_folder {
        return;
    }
    if has_more {
        let message = format!("only the first {} bytes of `{name}` are looked at", content.len());
        context.find(&OVER_BUDGET, None, message);
    }
    context.part(&name, &content);
}

/// Members that could not be read.
fn lost(names: &[String], why: Trouble, context: &mut Context<'_>) {
    let first = names.first().map_or_else(String::new, |name| shown(name.as_bytes()));
    let more = if names.len() > 1 { format!(" and {} more", names.len() - 1) } else { String::new() };
    match why {
        Trouble::Encrypted => context.find(&ARCHIVE_ENCRYPTED, None, format!("`{first}`{more} is encrypted")),
        Trouble::Unread(why) => context.unread(None, format!("`{first}`{more} is not read: {why}")),
        Trouble::Broken(why) => {
            context.find(&SEVEN_ZIP_BROKEN, None, format!("`{first}`{more} breaks off: {why}"));
        }
    }
}

/// Where the archive ends by its first header.
fn end(bytes: &dyn Bytes) -> Option<u64> {
    let head = bytes.exactly(0, 32).ok()?;
    let number = |at: usize| head.get(at..at + 8).and_then(|b| <[u8; 8]>::try_from(b).ok()).map(u64::from_le_bytes);
    32_u64.checked_add(number(12)?)?.checked_add(number(20)?)
}

/// What lies behind the end.
fn behind(bytes: &dyn Bytes, at: u64, context: &mut Context<'_>) {
    let rest = Part::from(bytes, at);
    if is_zero(&rest).unwrap_or(false) {
        return;
    }
    context.find(&STREAM_TRAILING, at, format!("{} bytes belong to no member of the archive", rest.len()));
    context.part("bytes behind the archive", &rest);
}
