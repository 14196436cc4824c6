//! Which bytes of a zip belong to which member.

use std::ops::Range;

use super::super::names::shown;
use super::super::rules::{ZIP_BROKEN, ZIP_TWO_READINGS};
use super::Zip;
use crate::parse::decode::is_zeros;
use crate::scan::Context;
use crate::source::Bytes;

/// Bytes read at a time.
const STEP: usize = 64 << 10;

impl Zip<'_> {
    /// Finds how far each member reaches, tells where two share bytes, and gives the ranges before the directory
    /// that are nobody's.
    pub(super) fn layout(&mut self, context: &mut Context<'_>) -> Result<Vec<Range<u64>>, String> {
        let size = self.bytes.len();
        let stop = self.main.as_ref().map_or(size, |main| main.start);
        let mut members = std::mem::take(&mut self.members);
        members.sort_by_key(|member| member.start);
        let starts: Vec<u64> = members.iter().map(|member| member.start).chain([stop]).collect();
        for (index, member) in members.iter_mut().enumerate() {
            if let Some(local) = &member.local {
                let descriptor = local.descriptor(self.bytes, member.end, &member.entry, starts[index + 1])?;
                member.end = member.end.saturating_add(descriptor);
            }
        }
        let mut gaps = Vec::new();
        let mut at = 0;
        for member in &members {
            let name = shown(&member.entry.name);
            if member.end > size {
                let message = format!("`{name}` goes on {} bytes beyond the end of the file", member.end - size);
                self.tell(context, &ZIP_BROKEN, member.start.min(size), message);
            } else if member.start < at && member.local.is_some() {
                self.tell(
                    context,
                    &ZIP_TWO_READINGS,
                    member.start,
                    format!("`{name}` shares bytes with another member"),
                );
            } else if member.end > stop && member.start < stop {
                self.tell(
                    context,
                    &ZIP_TWO_READINGS,
                    member.start,
                    format!("`{name}` shares bytes with the directory"),
                );
            }
            if member.start > at && member.start <= size {
                gaps.push(at..member.start);
            }
            at = at.max(member.end);
        }
        if at < stop {
            gaps.push(at..stop);
        }
        if let Some(main) = &self.main {
            // Between the directory and its end records.
            gaps.push(main.finish.max(at)..main.ends.max(main.finish));
        }
        for other in &self.others {
            gaps = gaps
                .into_iter()
                .flat_map(|gap| [gap.start..gap.end.min(other.start), gap.start.max(other.end)..gap.end])
                .collect();
        }
        gaps.retain(|gap| gap.start < gap.end);
        self.members = members;
        Ok(gaps)
    }
}

/// Whether bytes are zeros only, as programs that align members write them.
pub(in crate::scan::container) fn is_zero(bytes: &dyn Bytes) -> Result<bool, String> {
    let mut at = 0;
    while at < bytes.len() {
        let piece = bytes.up_to(at, STEP)?;
        if piece.is_empty() || !is_zeros(&piece) {
            return Ok(piece.is_empty());
        }
        at += piece.len() as u64;
    }
    Ok(true)
}

/// Whether bytes are the signature of a package of Android or of a directory.
pub(super) fn is_signature(bytes: &dyn Bytes) -> Result<bool, String> {
    let end = bytes.up_to(bytes.len().saturating_sub(16), 16)?;
    let start = bytes.up_to(0, 6)?;
    let is_directory_signature = start.starts_with(b"PK\x05\x05")
        && start.len() == 6
        && bytes.len() == 6 + u64::from(u16::from_le_bytes([start[4], start[5]]));
    Ok(end == b"APK Sig Block 42" || is_directory_signature)
}
