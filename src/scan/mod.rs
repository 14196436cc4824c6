//! Model files: what is inside, and nothing of it runs.
//!
//! Bytes go in, a [`FileReport`] comes out: what the file is by its content, what in it could execute when
//! it is loaded, and what could not be read. The verdict depends on the file alone: not on its name, not on
//! what is installed, not on the clock. Nothing here knows of audits, policies or terminals.
//!
//! ```text
//! sniff -> one view or several -> a reader of the format -> parts, sniffed again -> findings
//! ```
//!
//! A reader says what it found through [`Context`]: findings, bytes that it could not understand, parts to
//! be scanned by themselves. Silence means that all that could execute was read and understood.

mod context;
mod encoded;
mod fields;
mod format;
mod limits;
mod links;
mod paths;
mod quote;
mod report;
mod rule;
mod sniff;
mod words;

pub mod archives;
pub mod container;
pub mod gguf;
pub mod hdf5;
pub mod keras;
pub mod markup;
pub mod numpy;
pub mod onnx;
pub mod pickle;
pub mod protobuf;
pub mod repository;
pub mod safetensors;
pub mod template;
pub mod tensorflow;
pub mod tokenizer;
pub mod torch;
pub mod weights;

pub use context::Context;
pub use format::Format;
pub use limits::Limits;
pub use links::links;
pub use report::{FileReport, Finding, Global, PickleClass, Verdict, WeightsOnly};
pub use rule::{Rule, Severity, rules};
pub use sniff::formats;
pub use weights::Weights;

use crate::source::Bytes;

/// Scans one file.
///
/// `path` is what the report calls it and decides nothing.
#[must_use]
pub fn file(bytes: &dyn Bytes, path: &str, limits: &Limits) -> FileReport {
    let mut context = Context::new(path, bytes.len(), limits);
    context.top(bytes);
    context.finish()
}

/// The report of a file that could not be opened.
#[must_use]
pub fn unread(path: &str, why: &str) -> FileReport {
    let limits = Limits::default();
    let mut context = Context::new(path, 0, &limits);
    context.unread(None, why);
    context.finish()
}

/// Whether a file that begins so may be of a kind that is scanned: a quick answer for those who walk trees of
/// sources. Never yes for text.
#[must_use]
pub fn is_model(head: &[u8]) -> bool {
    match head {
        [0x80, 0..=5, ..] => true,
        [0x89, b'H', b'D', b'F', ..] | [0x93, b'N', b'U', b'M', b'P', b'Y', ..] => true,
        [b'G', b'G', b'U', b'F', ..] | [b'7', b'z', 0xbc, 0xaf, ..] => true,
        [_, _, _, _, b'T', b'F', b'L', b'3', ..] => true,
        [_, _, _, _, _, 0, 0, 0, b'{', ..] => true,
        _ => sniff::is_model(head),
    }
}
