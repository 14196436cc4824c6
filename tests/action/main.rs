//! The composite action, run step by step as a runner does: its scripts by bash, its expressions by GitHub's rules,
//! with the files and variables that a runner gives. What it would upload is recorded in place of being uploaded.
//!
//! What this cannot show: macOS and Windows themselves. Their branches run here with the variables and tools of
//! those systems faked.
#![cfg(unix)]
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "the harness starts bash, git and the program, and says aloud what it skips"
)]

mod events;
mod expression;
mod installing;
mod judging;
mod runner;
mod sandbox;
