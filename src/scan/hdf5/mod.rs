//! HDF5: names, attributes and links, never values.
//!
//! A walker of our own that trusts no number of the file. It reads superblocks, object headers, groups and
//! attributes in all ways that the library writes them, and tells where it does not understand. What can
//! reach out of the file is told: links to other files, values in other files, filters that are libraries.
//! Configurations of Keras among the attributes go to [`super::keras`]. Source: "HDF5 File Format
//! Specification" version 3.0.

mod attribute;
mod file;
mod group;
mod heap;
mod numbers;
mod object;
mod outside;
#[cfg(test)]
mod tests;
mod walk;

use super::quote::shown;
use super::{Context, Rule, Severity, Verdict};
use crate::source::{Bytes, Part};

static BROKEN: Rule = Rule {
    id: "hdf5-malformed",
    verdict: Verdict::Malformed,
    severity: Severity::Medium,
    title: "HDF5 out of its rules",
    help: "A structure of the file could not be read, so what lies there is not known. Write the file anew.",
};
static OUTSIDE: Rule = Rule {
    id: "hdf5-outside",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "HDF5 that opens other files",
    help: "Who reads the file reads others too, which were not scanned with it. Models have no need of it.",
};
static OUTSIDE_DANGEROUS: Rule = Rule {
    id: "hdf5-outside-path",
    verdict: Verdict::Dangerous,
    severity: Severity::High,
    title: "HDF5 that opens files at any place of the machine",
    help: "Who loads the file reads files of the machine as if they were weights. Do not load it.",
};
static FILTER: Rule = Rule {
    id: "hdf5-plugin",
    verdict: Verdict::Suspicious,
    severity: Severity::Medium,
    title: "HDF5 that needs a library of its own",
    help: "The library loads a plug-in by the number that the file gives. Write the file with a common filter.",
};
static USER_BLOCK: Rule = Rule {
    id: "hdf5-hidden",
    verdict: Verdict::Suspicious,
    severity: Severity::Low,
    title: "Bytes before or behind the HDF5",
    help: "Readers of HDF5 pass them over, other programs may not. Write the file without them.",
};
static PICKLED_ROWS: Rule = Rule {
    id: "hdf5-pickled-rows",
    verdict: Verdict::Unread,
    severity: Severity::Medium,
    title: "Pickles among the values of HDF5",
    help: "PyTables unpickles these rows when they are read, which runs what they hold. Store plain values.",
};

pub(super) const RULES: &[&Rule] = &[&BROKEN, &OUTSIDE, &OUTSIDE_DANGEROUS, &FILTER, &USER_BLOCK, &PICKLED_ROWS];

/// Bytes of the block before the superblock, or behind the end, that are looked at for whether they are empty.
const BLOCK: usize = 1 << 20;

/// Whether bytes are HDF5: its signature stands at one of the places where it may.
#[must_use]
pub fn claims(_head: &[u8], bytes: &dyn Bytes) -> bool {
    file::superblock(bytes).is_some()
}

/// Scans HDF5.
pub fn scan(bytes: &dyn Bytes, context: &mut Context<'_>) {
    let Some(base) = file::superblock(bytes) else { return };
    if base > 0 {
        user_block(bytes, base, context);
    }
    let file = match file::File::open(bytes, base) {
        Ok(file) => file,
        Err(why) => return context.find(&BROKEN, base, why),
    };
    let end = file.end;
    if end > bytes.len() {
        let message = format!("the HDF5 ends at byte {end} by its own word, and the file at {}", bytes.len());
        context.find(&BROKEN, base, message);
    } else if end < bytes.len() {
        let rest = Part::from(bytes, end);
        match rest.up_to(0, BLOCK) {
            Ok(held) if held.iter().all(|b| *b == 0) && rest.len() <= BLOCK as u64 => {}
            Ok(_) => {
                let message = format!("{} bytes lie behind the end of the HDF5", rest.len());
                context.find(&USER_BLOCK, end, message);
                context.part("behind the end", &rest);
            }
            Err(why) => context.unread(end, why),
        }
    }
    walk::walk(&file, context);
}

/// What stands before the superblock: MATLAB and Julia write who they are there.
fn user_block(bytes: &dyn Bytes, base: u64, context: &mut Context<'_>) {
    let block = Part::new(bytes, 0, base);
    let held = match block.up_to(0, BLOCK) {
        Ok(held) => held,
        Err(why) => return context.unread(0, why),
    };
    let is_known = held.starts_with(b"MATLAB 7.3 MAT-file") || held.starts_with(b"HDF5-based Julia Data Format");
    let is_plain = base <= 512 && held.iter().all(|b| matches!(b, 0 | b'\n' | b'\r' | b' '..=b'~') || *b < 8);
    if (is_known && is_plain) || (held.iter().all(|b| *b == 0) && base <= BLOCK as u64) {
        return;
    }
    context.find(&USER_BLOCK, 0, format!("{base} bytes stand before the HDF5"));
    // Readers of what the file starts as were handed the whole of it.
}
