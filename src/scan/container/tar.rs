//! Tars: POSIX, GNU and pax; links, devices and names that lead out; what lies behind their end.
//!
//! Source: POSIX.1-2024, pax; "Basic Tar Format" of GNU tar; `tarfile` of Python.

mod header;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use super::folder::Members;
use super::names::{escape, link_escape, shown};
use super::rules::{ARCHIVE_ESCAPE, ARCHIVE_SPECIAL, TAR_BROKEN, TAR_TWO_READINGS};
use super::zip::is_zero;
use crate::scan::{Context, Rule, archives};
use crate::source::{Bytes, Part};
use header::{BLOCK, Extended, Header};

/// Findings of one kind that are told one by one.
const EACH: usize = 20;
/// Bytes of a name or of extended headers that are read.
const TEXT: u64 = 1 << 20;

/// Whether bytes are a tar, by the checksum of their first header or its magic.
pub(super) fn claims(head: &[u8]) -> bool {
    let Some(block) = head.get(..BLOCK) else { return false };
    let header = Header(block);
    let is_zero = block.iter().all(|byte| *byte == 0);
    !is_zero && (header.is_sound() && header.has_plausible_name() || block.get(257..262) == Some(b"ustar"))
}

/// Scans a tar.
pub(super) fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let mut tar = Tar { bytes, members: Vec::new(), told: BTreeMap::new() };
    if let Err(why) = tar.walk(context) {
        context.unread(None, why);
    }
    tar.contents(context);
}

/// A member that has bytes.
struct Member {
    name: Vec<u8>,
    start: u64,
    length: u64,
}

struct Tar<'b> {
    bytes: &'b dyn Bytes,
    members: Vec<Member>,
    told: BTreeMap<&'static str, usize>,
}

impl Tar<'_> {
    fn tell(&mut self, context: &mut Context<'_>, rule: &'static Rule, offset: u64, message: String) {
        let told = self.told.entry(rule.id).or_default();
        *told += 1;
        if *told <= EACH {
            context.find(rule, offset, message);
        }
    }

    /// Goes over all headers, also those behind an end.
    fn walk(&mut self, context: &mut Context<'_>) -> Result<(), String> {
        let size = self.bytes.len();
        let mut at = 0;
        let mut ended = None;
        let mut extended = Extended::default();
        let mut common = Extended::default();
        // Where each name and link was met.
        let mut names: BTreeMap<Vec<u8>, u8> = BTreeMap::new();
        while at < size {
            let block = self.bytes.up_to(at, BLOCK)?;
            if block.iter().all(|byte| *byte == 0) {
                ended.get_or_insert(at);
                at += block.len() as u64;
                continue;
            }
            if block.len() < BLOCK {
                self.rest(at, ended, context);
                return Ok(());
            }
            let header = Header(&block);
            if !header.is_sound() {
                if !header.has_magic() {
                    self.rest(at, ended, context);
                    return Ok(());
                }
                self.tell(context, &TAR_BROKEN, at, "the checksum of a header is wrong".to_owned());
            }
            if let Some(end) = ended.take() {
                self.tell(context, &TAR_TWO_READINGS, at, format!("a member lies behind the end at {end}"));
            }
            if !context.take_nodes(1) {
                return Ok(());
            }
            let said = header.size();
            let Some(length) = extended.size.or(common.size).or(said) else {
                self.tell(context, &TAR_BROKEN, at, "the size of a member is no number".to_owned());
                at += BLOCK as u64;
                continue;
            };
            let start = at + BLOCK as u64;
            let kind = header.kind();
            if matches!(kind, b'L' | b'K' | b'x' | b'X' | b'g') {
                let length = said.unwrap_or(0);
                if length > TEXT {
                    self.tell(context, &TAR_BROKEN, at, "the names of a member are longer than are read".to_owned());
                }
                let text = self.bytes.up_to(start, usize::try_from(length.min(TEXT)).unwrap_or(0))?;
                match kind {
                    b'L' => extended.path = Some(header::until_zero(&text).to_vec()),
                    b'K' => extended.link = Some(header::until_zero(&text).to_vec()),
                    b'g' => common.read(&text),
                    _ => extended.read(&text),
                }
                at = header::next(start, length);
                continue;
            }
            let given = std::mem::take(&mut extended);
            self.member(&header, at, length, &given, &common, &mut names, context);
            // Links, devices and folders have no bytes, whatever their size says.
            let has_bytes = !matches!(kind, b'1'..=b'6');
            if has_bytes && said.is_some_and(|said| said != length) {
                let message =
                    format!("a member has {} bytes by its header and {length} by its extended one", said.unwrap_or(0));
                self.tell(context, &TAR_TWO_READINGS, at, message);
            }
            if !has_bytes && length > 0 && kind != b'1' && kind != b'5' {
                self.tell(context, &TAR_TWO_READINGS, at, "a member that is no file has a size".to_owned());
            }
            if has_bytes && start.saturating_add(length) > size {
                let message = format!(
                    "a member goes on {} bytes beyond the end of the file",
                    start.saturating_add(length) - size
                );
                self.tell(context, &TAR_BROKEN, at, message);
            }
            at = if has_bytes || (kind == b'1' && self.skips(start, length)) {
                header::next(start, length)
            } else {
                start
            };
        }
        Ok(())
    }

    /// Whether a hard link carries bytes, as pax may write it: the next header stands behind them.
    fn skips(&self, start: u64, length: u64) -> bool {
        let is_header =
            |at: u64| self.bytes.up_to(at, BLOCK).is_ok_and(|block| block.len() == BLOCK && Header(&block).is_sound());
        length > 0 && !is_header(start) && is_header(header::next(start, length))
    }

    /// One member: its name, what kind it is, and where its bytes lie.
    #[allow(clippy::too_many_arguments, reason = "what a member is comes from as many places")]
    fn member(
        &mut self,
        header: &Header<'_>,
        at: u64,
        length: u64,
        given: &Extended,
        common: &Extended,
        names: &mut BTreeMap<Vec<u8>, u8>,
        context: &mut Context<'_>,
    ) {
        let name = given.path.clone().or_else(|| common.path.clone()).unwrap_or_else(|| header.name());
        let link = given.link.clone().or_else(|| common.link.clone()).unwrap_or_else(|| header.link());
        let (kind, seen) = (header.kind(), shown(&name));
        if let Some(why) = escape(&name) {
            self.tell(context, &ARCHIVE_ESCAPE, at, format!("the name `{seen}` {why}"));
        }
        // A member below a link is written to where the link leads.
        let above = parents(&name).find(|above| names.get(*above) == Some(&b'2'));
        if let Some(above) = above {
            self.tell(context, &ARCHIVE_ESCAPE, at, format!("`{seen}` lies below the link `{}`", shown(above)));
        }
        match kind {
            b'1' | b'2' => {
                let from: &[u8] = if kind == b'2' { &name } else { b"" };
                if let Some(why) = link_escape(from, &link) {
                    self.tell(context, &ARCHIVE_ESCAPE, at, format!("the link `{seen}` to `{}` {why}", shown(&link)));
                }
            }
            b'3' | b'4' | b'6' => self.tell(context, &ARCHIVE_SPECIAL, at, format!("`{seen}` is a device or a pipe")),
            b'5' | b'D' | b'V' => {}
            b'S' | b'M' => context.unread(at, format!("`{seen}` is stored in pieces, which are not put together")),
            _ if given.is_sparse => {
                context.unread(at, format!("`{seen}` is stored in pieces, which are not put together"))
            }
            _ => {
                let start = at + BLOCK as u64;
                self.members.push(Member { name: name.clone(), start, length });
            }
        }
        let plain = normal(&name);
        if let Some(before) = names.insert(plain, kind) {
            // The same folder again is nothing; a file that replaces a link is written through it.
            if kind != b'5' || before != b'5' {
                let what = if matches!(before, b'1' | b'2') {
                    "stands twice, the first time as a link"
                } else {
                    "stands twice"
                };
                self.tell(context, &TAR_TWO_READINGS, at, format!("the name `{seen}` {what}"));
            }
        }
    }

    /// Bytes that are no header.
    fn rest(&mut self, at: u64, ended: Option<u64>, context: &mut Context<'_>) {
        let rest = Part::from(self.bytes, at);
        match is_zero(&rest) {
            Ok(true) => return,
            Ok(false) => {}
            Err(why) => return context.unread(at, why),
        }
        let message = match ended {
            Some(_) => format!("{} bytes follow behind its end", rest.len()),
            None => format!("{} bytes follow that are no member", rest.len()),
        };
        self.tell(context, &TAR_BROKEN, at, message);
        context.part("bytes behind the tar", &rest);
    }

    /// What the members are together, and each of them.
    fn contents(&self, context: &mut Context<'_>) {
        let names = || self.members.iter().map(|m| (plain_text(&m.name), m.start, m.length));
        let last = Members::of_ranges(self.bytes, context.limits(), names());
        archives::scan(&last, context);
        for member in &self.members {
            let part = Part::new(self.bytes, member.start, member.length);
            context.part(&shown(&member.name), &part);
        }
    }
}

/// A name without `./` before it.
fn plain_text(name: &[u8]) -> String {
    String::from_utf8_lossy(&normal(name)).into_owned()
}

/// A name without empty parts and `.`.
fn normal(name: &[u8]) -> Vec<u8> {
    let parts = name.split(|byte| *byte == b'/').filter(|part| !part.is_empty() && *part != b".");
    parts.collect::<Vec<_>>().join(&b'/')
}

/// The folders around a name.
fn parents(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    name.iter().enumerate().filter(|(at, byte)| **byte == b'/' && *at > 0).map(|(at, _)| &name[..at])
}
