//! Shell scripts as a flat list of commands.
//!
//! Bash is read by tree-sitter, which gives a tree for any text; `lower` turns the tree into
//! [`Program`], our own small form, in which every command knows its pipeline, its place in a
//! chain of `&&` and `||` and what it is nested in. Ranges are bytes of the text given; a caller
//! with [`crate::source::Embedded`] text maps them with `host_span`. Nothing is executed and
//! nothing outside the text is looked at.

mod calls;
mod compound;
mod dialect;
mod expansion;
mod invocation;
mod ir;
mod lower;
mod masked;
mod nested;
mod options;
mod powershell;
mod resolve;
mod simple;
#[cfg(test)]
mod tests;
mod text;
mod tree;
mod words;

pub use dialect::Dialect;
pub use invocation::{Arg, Invocation, basename};
pub use ir::{
    Assignment, Command, ExpressionAt, Function, List, ListItem, ListOp, ListPosition, Options, Part, Pipeline,
    Program, Redirect, RedirectOp, Scope, ScopeKind, Word,
};

use super::Budget;

/// Largest script read. Real ones stay under a hundred kilobytes; the grammar's work on hostile
/// text grows faster than the text.
const MAX_BYTES: usize = 1 << 20;

/// Reads a bash (or POSIX shell) script.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Program {
    lower::script(text, budget)
}

/// Reads a PowerShell script as far as commands and pipelines go.
#[must_use]
pub fn parse_powershell(text: &str, budget: &mut Budget) -> Program {
    powershell::script(text, budget)
}

impl Program {
    /// Reads a script in the dialect given; an empty program for those not read.
    #[must_use]
    pub fn read(text: &str, dialect: &Dialect, budget: &mut Budget) -> Self {
        match dialect {
            Dialect::Bash => parse(text, budget),
            Dialect::PowerShell => parse_powershell(text, budget),
            Dialect::Cmd | Dialect::Python | Dialect::Other(_) => Self::default(),
        }
    }
}
