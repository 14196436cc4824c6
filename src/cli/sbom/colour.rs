//! Colours of lines, put on when all is written.

use std::fmt::Write as _;

use crate::cli::args::Colour;
use crate::cli::{Surroundings, output};

/// Bold and red.
pub(super) const GRAVE: &str = "1;31";
/// Yellow.
pub(super) const HEAVY: &str = "33";
/// Bold.
pub(super) const HEAD: &str = "1";
/// Green.
pub(super) const GOOD: &str = "32";
/// Dim.
pub(super) const DIM: &str = "2";

/// The text in colours, where these are used: `style` says which a line has.
pub(super) fn painted(
    text: &str,
    color: Colour,
    around: &Surroundings,
    style: impl Fn(&str) -> Option<&'static str>,
) -> String {
    if !output::paint(color, around, true).0 {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 256);
    for line in text.split_inclusive('\n') {
        let bare = line.trim_end_matches('\n');
        match style(bare).filter(|_| !bare.is_empty()) {
            Some(code) => {
                // Writing to a text cannot fail.
                let _ = write!(out, "\u{1b}[{code}m{bare}\u{1b}[0m");
                out.push_str(line.get(bare.len()..).unwrap_or_default());
            }
            None => out.push_str(line),
        }
    }
    out
}
