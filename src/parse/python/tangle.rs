//! Whether a text nests deeper than Python itself would read, told from its tokens before a tree is made of it.
//!
//! The parser grows its stack on the heap, and what it makes is taken apart by recursion: both follow the depth of
//! the text. CPython refuses more than 200 open brackets and 100 indents (`MAXLEVEL`, `MAXINDENT` of its tokenizer),
//! so nothing real is lost.

use ruff_python_ast::token::TokenKind;
use ruff_python_parser::Mode;

/// Open brackets.
const MAX_BRACKETS: usize = 200;
/// Open blocks.
const MAX_INDENTS: usize = 100;
/// Operators, dots and calls of one expression with those of all it stands in: each may be one level of the tree.
const MAX_LINKS: usize = 1_500;

/// Whether the text is nested too deeply to be read. Linear in the text.
pub(super) fn is_tangled(text: &str, mode: Mode) -> bool {
    let mut lexer = ruff_python_parser::lexer::lex(text, mode);
    let mut indents = 0usize;
    // Links of the expression within each open bracket; the sum of them is what the tree may have at its deepest.
    let mut links = vec![0usize];
    let mut sum = 0usize;
    loop {
        match lexer.next_token() {
            TokenKind::EndOfFile => return false,
            TokenKind::Indent => indents += 1,
            TokenKind::Dedent => indents = indents.saturating_sub(1),
            TokenKind::Lpar
            | TokenKind::Lsqb
            | TokenKind::Lbrace
            | TokenKind::FStringStart
            | TokenKind::TStringStart => {
                // A call or an index is a link of what it stands behind.
                add(&mut links, &mut sum);
                links.push(0);
            }
            TokenKind::Rpar | TokenKind::Rsqb | TokenKind::Rbrace | TokenKind::FStringEnd | TokenKind::TStringEnd => {
                if links.len() > 1 {
                    sum -= links.pop().unwrap_or(0);
                }
            }
            TokenKind::Comma | TokenKind::Newline | TokenKind::Semi => {
                if let Some(last) = links.last_mut() {
                    sum -= *last;
                    *last = 0;
                }
            }
            TokenKind::Name
            | TokenKind::String
            | TokenKind::Int
            | TokenKind::Float
            | TokenKind::Complex
            | TokenKind::FStringMiddle
            | TokenKind::TStringMiddle
            | TokenKind::NonLogicalNewline
            | TokenKind::Comment => {}
            _ => add(&mut links, &mut sum),
        }
        if indents > MAX_INDENTS || links.len() > MAX_BRACKETS || sum > MAX_LINKS {
            return true;
        }
    }
}

fn add(links: &mut [usize], sum: &mut usize) {
    if let Some(last) = links.last_mut() {
        *last += 1;
        *sum += 1;
    }
}
