//! From the syntax tree to words: quote removal, variables, substitutions.

use std::ops::Range;

use tree_sitter::Node;

use super::ir::{Part, ScopeKind, Word};
use super::lower::{At, Lower};
use super::text::Source;

/// Bytes kept of a piece of a here-document's body. Manifests of megabytes stand in some, and each copy of them
/// costs; lists of digests and settings are far shorter. What a shell reads as a script is read in full.
const MAX_BODY: usize = 64 << 10;

impl Lower<'_> {
    /// A word of the command given; the substitutions in it are lowered behind that command.
    pub(super) fn word(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize) -> Word {
        let range = source.outer_range(node.byte_range());
        let mut word = Word { range, owner: u32::try_from(owner).ok(), ..Word::default() };
        self.parts(node, source, at, owner, &mut word);
        word
    }

    /// The body of a here-document as a word.
    pub(super) fn heredoc_word(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize) -> Word {
        let range = source.outer_range(node.byte_range());
        let mut word = Word { range, parts: Vec::new(), quoted: true, owner: u32::try_from(owner).ok() };
        self.pieces(node, node.byte_range(), source, at, owner, &mut word);
        shorten(&mut word);
        word
    }

    fn parts(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize, word: &mut Word) {
        let range = expanded(node, source);
        match node.kind() {
            "command_name" | "concatenation" | "translated_string" => {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
                for child in children {
                    if child.is_named() {
                        self.parts(child, source, at, owner, word);
                    } else if node.kind() == "concatenation" {
                        literal(source, child.byte_range(), Escapes::Word, word);
                    }
                }
            }
            "string" => {
                word.quoted = true;
                let inside = range.start + 1..range.end.saturating_sub(1).max(range.start + 1);
                self.pieces(node, inside, source, at, owner, word);
                // An empty string is still a word.
                if word.parts.is_empty() {
                    word.parts.push(Part::Literal(String::new()));
                }
            }
            "raw_string" => {
                word.quoted = true;
                literal(source, range.start + 1..range.end.saturating_sub(1), Escapes::None, word);
                if word.parts.is_empty() {
                    word.parts.push(Part::Literal(String::new()));
                }
            }
            "ansi_c_string" => {
                word.quoted = true;
                literal(source, range.start + 2..range.end.saturating_sub(1), Escapes::AnsiC, word);
            }
            "simple_expansion" => {
                let name = range.start + 1..range.end;
                // `$NAME${{ x }}` reads as one long name once the expression is an identifier.
                let next = source.expressions.partition_point(|e| e.range.start <= name.start);
                let cut = source.expressions.get(next).filter(|e| e.range.start < name.end);
                match cut.map(|e| e.range.start) {
                    Some(cut) => {
                        word.parts.push(Part::Variable(source.slice(name.start..cut).to_owned()));
                        literal(source, cut..name.end, Escapes::None, word);
                    }
                    None => word.parts.push(Part::Variable(source.slice(name).to_owned())),
                }
            }
            "expansion" => {
                let text = source.slice(range.clone());
                let name = text.strip_prefix("${").and_then(|t| t.strip_suffix('}')).unwrap_or_default();
                if !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric()) {
                    word.parts.push(Part::Variable(name.to_owned()));
                } else {
                    word.parts.push(Part::Other(text.to_owned()));
                    self.substitutions(node, source, at);
                }
            }
            "command_substitution" => {
                let commands = self.substitution(node, source, at, ScopeKind::Substitution(owner));
                word.parts.push(Part::Substitution(commands));
            }
            "process_substitution" => {
                let commands = self.substitution(node, source, at, ScopeKind::ProcessSubstitution(owner));
                word.parts.push(Part::ProcessSubstitution(commands));
            }
            "arithmetic_expansion" => {
                word.parts.push(Part::Arithmetic(source.slice(range).to_owned()));
                self.substitutions(node, source, at);
            }
            "array" => {
                word.parts.push(Part::Other(source.slice(range).to_owned()));
                self.substitutions(node, source, at);
            }
            _ => literal(source, range, Escapes::Word, word),
        }
    }

    /// What stands between double quotes or in a here-document: the tree's nodes, and as text the
    /// gaps between them, since line breaks belong to no node.
    fn pieces(&mut self, node: Node<'_>, inside: Range<usize>, source: &Source, at: At, owner: usize, word: &mut Word) {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let mut from = inside.start;
        for child in children {
            let special = matches!(
                child.kind(),
                "simple_expansion" | "expansion" | "command_substitution" | "arithmetic_expansion"
            );
            let start = expanded(child, source).start;
            if !special || start < from {
                continue;
            }
            literal(source, from..start, Escapes::Double, word);
            self.parts(child, source, at, owner, word);
            from = child.end_byte();
        }
        if from < inside.end {
            literal(source, from..inside.end, Escapes::Double, word);
        }
    }

    fn substitution(&mut self, node: Node<'_>, source: &Source, at: At, kind: ScopeKind) -> Range<usize> {
        let scope = self.apart(kind, at);
        self.statements(node, source, at.within(scope));
        self.close(scope)
    }

    /// Lowers the substitutions anywhere inside a node that is no word of a command.
    pub(super) fn substitutions(&mut self, node: Node<'_>, source: &Source, at: At) {
        let owner = self.program.commands.len();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            match node.kind() {
                "command_substitution" => {
                    let _ = self.substitution(node, source, at, ScopeKind::Substitution(owner));
                }
                "process_substitution" => {
                    let _ = self.substitution(node, source, at, ScopeKind::ProcessSubstitution(owner));
                }
                _ => {
                    let mut cursor = node.walk();
                    let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                    stack.extend(children.into_iter().rev());
                }
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Escapes {
    None,
    Word,
    Double,
    AnsiC,
}

/// Adds text to a word, with the expressions in it as parts of their own.
/// Where a node stands. The grammar counts the blanks before an expansion that follows another one in a string as
/// its own: `"$A  $B"`.
fn expanded(node: Node<'_>, source: &Source) -> Range<usize> {
    let range = node.byte_range();
    if !matches!(node.kind(), "simple_expansion" | "expansion" | "command_substitution" | "arithmetic_expansion") {
        return range;
    }
    let text = source.slice(range.clone());
    range.start + (text.len() - text.trim_start().len())..range.end
}

fn literal(source: &Source, range: Range<usize>, escapes: Escapes, word: &mut Word) {
    let mut from = range.start;
    let first = source.expressions.partition_point(|e| e.range.start < range.start);
    for expression in source.expressions.get(first..).unwrap_or_default() {
        if expression.range.end > range.end {
            break;
        }
        text(source.slice(from..expression.range.start), escapes, word);
        word.parts.push(Part::Expression(expression.text.clone()));
        from = expression.range.end;
    }
    text(source.slice(from..range.end.max(from)), escapes, word);
}

fn text(raw: &str, escapes: Escapes, word: &mut Word) {
    if raw.is_empty() {
        return;
    }
    let text = if escapes == Escapes::None || !raw.contains('\\') { raw.to_owned() } else { unescape(raw, escapes) };
    match word.parts.last_mut() {
        Some(Part::Literal(last)) => last.push_str(&text),
        _ => word.parts.push(Part::Literal(text)),
    }
}

fn unescape(raw: &str, escapes: Escapes) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match (chars.next(), escapes) {
            (None, _) => out.push('\\'),
            (Some('\n'), Escapes::Word | Escapes::Double) => {}
            (Some(next @ ('$' | '`' | '"' | '\\')), Escapes::Double) => out.push(next),
            (Some('n'), Escapes::AnsiC) => out.push('\n'),
            (Some('t'), Escapes::AnsiC) => out.push('\t'),
            (Some(next), Escapes::Double) => {
                out.push('\\');
                out.push(next);
            }
            (Some(next), _) => out.push(next),
        }
    }
    out
}

/// Leaves out what is beyond [`MAX_BODY`]; the word is then no longer one whose text is known.
fn shorten(word: &mut Word) {
    let mut is_short = true;
    for part in &mut word.parts {
        if let Part::Literal(text) = part
            && text.len() > MAX_BODY
        {
            let end = (0..=MAX_BODY).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
            text.truncate(end);
            text.shrink_to_fit();
            is_short = false;
        }
    }
    if !is_short {
        word.parts.push(Part::Other("...".to_owned()));
    }
}
