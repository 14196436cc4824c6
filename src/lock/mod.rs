//! `custody.lock`: what a project loads that nothing else locks, by digest; and whether the files on disk are that.
//!
//! A lock is text in which every line stands alone: it names what it is about, so that the union of two people's
//! lines is the lock of both. Nothing here asks a network; what a hub says is given by the caller.

pub mod cache;
mod entry;
pub mod hash;
pub mod verify;

pub use entry::{Approval, Digest, Entry, FileDigest, Image, Key, Lock, Scanned, Tool};
