//! Questions to the syntax tree that need no state.

use tree_sitter::Node;

use super::ir::{ListOp, Part};

/// Whether the tree's node is a word or a part of one.
pub(super) fn is_word(kind: &str) -> bool {
    matches!(
        kind,
        "word"
            | "string"
            | "raw_string"
            | "ansi_c_string"
            | "translated_string"
            | "number"
            | "concatenation"
            | "simple_expansion"
            | "expansion"
            | "command_substitution"
            | "process_substitution"
            | "arithmetic_expansion"
            | "brace_expression"
            | "array"
            | "regex"
            | "extglob_pattern"
            | "test_operator"
            | "variable_name"
            | "special_variable_name"
    )
}

pub(super) fn is_redirect(kind: &str) -> bool {
    matches!(kind, "file_redirect" | "heredoc_redirect" | "herestring_redirect")
}

pub(super) fn list_op(kind: &str) -> Option<ListOp> {
    match kind {
        "&&" => Some(ListOp::And),
        "||" => Some(ListOp::Or),
        _ => None,
    }
}

/// The members of a chain; the grammar nests them to the left.
pub(super) fn flatten_list(node: Node<'_>) -> Vec<(Option<ListOp>, Node<'_>)> {
    let mut out = Vec::new();
    let mut stack = vec![(None, node)];
    while let Some((op, node)) = stack.pop() {
        if node.kind() != "list" {
            out.push((op, node));
            continue;
        }
        let mut cursor = node.walk();
        let mut children = Vec::new();
        let mut before = op;
        for child in node.children(&mut cursor) {
            if let Some(op) = list_op(child.kind()) {
                before = Some(op);
            } else if child.is_named() && !child.is_extra() {
                children.push((before.take(), child));
            }
        }
        stack.extend(children.into_iter().rev());
    }
    out
}

pub(super) fn flatten_pipeline(node: Node<'_>) -> Vec<Node<'_>> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        if node.kind() != "pipeline" {
            out.push(node);
            continue;
        }
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).filter(|c| !c.is_extra()).collect();
        stack.extend(children.into_iter().rev());
    }
    out
}

/// The brackets, operators and operands of a test, in order.
pub(super) fn operands(node: Node<'_>) -> Vec<Node<'_>> {
    let mut out = Vec::new();
    let mut stack = vec![node];
    while let Some(node) = stack.pop() {
        let inner = matches!(
            node.kind(),
            "test_command"
                | "binary_expression"
                | "unary_expression"
                | "parenthesized_expression"
                | "ternary_expression"
                | "postfix_expression"
                | "redirected_statement"
                | "command"
        );
        if inner {
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
            stack.extend(children.into_iter().rev());
        } else {
            out.push(node);
        }
    }
    out
}

/// Whether the part is one a nested shell's text can be made of.
pub(super) fn is_plain(part: &Part) -> bool {
    matches!(part, Part::Literal(_) | Part::Variable(_) | Part::Expression(_))
}

/// Most `|` without a statement's end between them; `||` and those in quotes count too.
pub(super) fn longest_pipeline(text: &str) -> usize {
    let (mut longest, mut run, mut open) = (0, 0_usize, false);
    for byte in text.bytes() {
        match byte {
            b'|' => {
                run += 1;
                longest = longest.max(run);
                open = true;
            }
            b';' => run = 0,
            b'\n' if !open => run = 0,
            b if b.is_ascii_whitespace() => {}
            _ => open = false,
        }
    }
    longest
}
