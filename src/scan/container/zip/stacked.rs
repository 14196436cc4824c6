//! Zips one behind the other, as torch writes the parts of a distributed checkpoint.

use std::ops::Range;

use super::directory;
use super::local::Local;
use crate::scan::Context;
use crate::scan::container::rules::ZIP_TWO_READINGS;
use crate::source::{Bytes, Part};

/// The ranges of whole archives that a file is made of, the first first; one or none where it is not made of them.
pub(super) fn pieces(bytes: &dyn Bytes, context: &mut Context<'_>) -> Result<Vec<Range<u64>>, String> {
    let mut out = Vec::new();
    let mut end = bytes.len();
    while end > 0 {
        let before = Part::new(bytes, 0, end);
        match directory::start_of_last(&before)? {
            Some(start) if start < end && context.take_nodes(1) => {
                out.push(start..end);
                end = start;
            }
            // Something else stands before the first: that is one zip with a prefix.
            _ => return Ok(Vec::new()),
        }
    }
    out.reverse();
    Ok(out)
}

/// Scans each of them.
pub(super) fn scan(bytes: &dyn Bytes, pieces: &[Range<u64>], context: &mut Context<'_>) {
    let mut is_torch = true;
    for (index, piece) in pieces.iter().enumerate() {
        let first = Local::read(bytes, piece.start).ok().flatten();
        is_torch &= first.is_some_and(|local| local.name.is_some_and(|name| name.ends_with(b"/data.pkl")));
        let part = Part::new(bytes, piece.start, piece.end - piece.start);
        context.part(&format!("zip {}", index + 1), &part);
    }
    if !is_torch {
        let message =
            format!("{} archives stand one behind the other, and programs differ in which they take", pieces.len());
        context.find(&ZIP_TWO_READINGS, pieces[1].start, message);
    }
}
