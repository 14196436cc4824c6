//! `lock`: holds what a tree loads by name.

mod approve;
mod asked;
mod attributes;
mod diff;
mod file;
mod hub;
mod make;
mod rollback;
mod user;

use anyhow::Result;

use super::Surroundings;
use super::args::{LockCommand, LockOptions};

pub(super) fn run(options: &LockOptions, around: &Surroundings) -> Result<u8> {
    if options.check { make::check(options, around) } else { make::run(options, around) }
}

pub(super) fn sub(command: &LockCommand, around: &Surroundings) -> Result<u8> {
    match command {
        LockCommand::Diff { options } => diff::run(options, around),
        LockCommand::Approve { options } => approve::run(options, around),
        LockCommand::Rollback { options } => rollback::run(options, around),
    }
}

/// So many of them, in words.
fn count(number: usize, one: &str, many: &str) -> String {
    if number == 1 { format!("1 {one}") } else { format!("{number} {many}") }
}
