//! Where severity meets policy: what blocks, what advises, what is kept for `--all`, and whether
//! the audit is complete.

pub mod assemble;
pub mod groups;
pub mod knowledge;
pub mod policy;

pub use assemble::{Input, assemble, excerpts, is_complete};
