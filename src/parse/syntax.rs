//! A syntax tree of a grammar, within limits that every text of strangers is held to.

use std::ops::ControlFlow;

use tree_sitter::{Language, ParseOptions, ParseState, Parser, Tree};

use super::Budget;

/// Calls of the parser's progress callback per text, plus one per [`BYTES_PER_CALL`]. Real texts stay under
/// a tenth of it.
const BASE_CALLS: usize = 2_000;
/// See [`BASE_CALLS`].
const BYTES_PER_CALL: usize = 16;

/// Why there is no tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NoTree {
    /// The grammar does not fit the library: a mistake of ours.
    NoGrammar,
    /// It takes more steps than a text of its size may.
    Tangled,
    /// It has more nodes than the budget has items.
    TooMuch,
}

/// Parses a text and charges its nodes.
///
/// # Errors
/// [`NoTree`].
pub(super) fn tree(language: &Language, text: &str, budget: &mut Budget) -> Result<Tree, NoTree> {
    let mut parser = Parser::new();
    parser.set_language(language).map_err(|_| NoTree::NoGrammar)?;
    let bytes = text.as_bytes();
    let mut calls = BASE_CALLS + bytes.len() / BYTES_PER_CALL;
    let mut progress = |_: &ParseState| {
        calls = calls.saturating_sub(1);
        if calls == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = ParseOptions::new().progress_callback(&mut progress);
    let tree = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
    let tree = tree.ok_or(NoTree::Tangled)?;
    let is_affordable = budget.take_items(tree.root_node().descendant_count());
    if is_affordable { Ok(tree) } else { Err(NoTree::TooMuch) }
}
