//! Where severity meets policy: what blocks, what advises, what is kept for `--all`, and whether
//! the audit is complete.

pub mod assemble;
mod case;
pub mod groups;
pub mod knowledge;
pub mod policy;
pub mod services;

pub use assemble::{Input, Words, assemble, excerpts, side};
