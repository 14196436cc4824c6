//! `custody.lock`: what a project loads that nothing else locks, by digest; and whether the files on disk are that.
//!
//! A lock is text in which every line stands alone: it names what it is about, so that the union of two people's
//! lines is the lock of both. Nothing here asks a network; what a hub says is given by the caller.

mod answers;
pub mod cache;
mod check;
mod diff;
mod entry;
mod file;
pub mod hash;
mod line;
mod local;
mod make;
mod rollback;
mod select;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod tests_make;
mod value;
pub mod verify;
mod wants;
mod write;

pub use answers::{Held, HeldFiles, HubAnswers, Resolved};
pub use check::{Drift, DriftKind, check};
pub use diff::{Approvals, Change, Files, Pair, diff};
pub use entry::{Approval, Digest, Entry, FileDigest, Image, Key, Lock, Scanned, Tool};
pub use file::{Mistake, Read, Subject, read, read_text};
pub use local::{Local, digest_of};
pub use make::{Asked, Gap, Made, Means, Update, Wish, make};
pub use rollback::{Earlier, Target, find, short};
pub use select::select;
pub use wants::{Want, held, is_wanted, wants};
pub use write::{line_of_file, with_entry};

/// The file's name. It counts at the root of the tree.
pub const FILE: &str = "custody.lock";
