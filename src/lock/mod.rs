//! `custody.lock`: what a project loads that nothing else locks, by digest; and whether the files on disk are that.
//!
//! A lock is text in which every line stands alone: it names what it is about, so that the union of two people's
//! lines is the lock of both. Nothing here asks a network; what a hub says is given by the caller.

mod answers;
mod entry;
mod file;
mod line;
mod make;
#[cfg(test)]
mod tests;
mod value;
mod write;

pub use answers::{FileAnswer, Held, HeldFiles, HubAnswers, Resolved, Told};
pub use entry::{Approval, Digest, Entry, FileDigest, Image, Key, Lock, Scanned, Tool};
pub use file::{Mistake, Read, Subject, read, read_text};
pub use write::line_of_file;
