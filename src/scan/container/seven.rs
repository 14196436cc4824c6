//! 7z.

use crate::scan::Context;
use crate::source::Bytes;

pub(super) fn claims(_head: &[u8]) -> bool {
    false
}
pub(super) fn scan(_bytes: &dyn Bytes, _context: &mut Context<'_>) {}
