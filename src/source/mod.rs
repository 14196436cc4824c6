//! The audited tree: files, places in them, and text that lies inside other text.
//!
//! The one part of the crate that opens files of the audited tree. It must not know what any
//! file means.

pub mod embedded;
pub mod span;

pub use embedded::Embedded;
pub use span::{Span, Spanned};
