//! Macros: the grammar leaves what they are given as tokens, which are read again as what they stand for where that is
//! plain.

use tree_sitter::Node as Syntax;

use super::{Kind, Lower, Node};
use crate::parse::Budget;
use crate::parse::problems::Problems;
use crate::parse::rust::literals;
use crate::parse::syntax;
use crate::source::Span;

impl Lower<'_> {
    /// What a macro is given, parted by commas.
    pub(super) fn invocation(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let name = self.field(node, "macro");
        let mut cursor = node.walk();
        let Some(tokens) = node.children(&mut cursor).find(|n| n.kind() == "token_tree") else {
            return Kind::Macro(name, Vec::new());
        };
        if name == "vec"
            && let Some(values) = self.list(tokens, depth)
        {
            return Kind::Macro(name, values);
        }
        let mut out = Vec::new();
        let mut current: Option<Node> = None;
        let mut cursor = tokens.walk();
        for token in tokens.children(&mut cursor) {
            let span = Self::span(token);
            let found = match token.kind() {
                "," | ";" => {
                    out.push(current.take().unwrap_or(Node { span, kind: Kind::Other(Vec::new()) }));
                    continue;
                }
                "string_literal" => Kind::Text(literals::string(self.slice(token))),
                "raw_string_literal" => Kind::Text(literals::raw(self.slice(token))),
                "identifier" | "self" => match &mut current {
                    // `args.model_id`: the last name says which, `x.clone()` is x.
                    Some(Node { kind: Kind::Name(_), .. }) if self.text[..token.start_byte()].ends_with('.') => {
                        let text = self.slice(token);
                        if !matches!(text, "clone" | "to_string" | "as_str" | "to_owned" | "into" | "display") {
                            current = Some(Node { span, kind: Kind::Name(text.to_owned()) });
                        }
                        continue;
                    }
                    _ => Kind::Name(self.slice(token).to_owned()),
                },
                // Values in values: `vec![("a", "b")]`, `tokio::join!(load("x"))`.
                "token_tree" => {
                    let inner = self.tokens(token, 8);
                    match (current.take(), inner.is_empty()) {
                        (first, true) => {
                            current = first;
                            continue;
                        }
                        (Some(Node { kind: Kind::Name(name), span: first }), false) => {
                            let function = Box::new(Node { span: first, kind: Kind::Name(name) });
                            current = Some(Node { span: first.to(span), kind: Kind::Call(function, inner) });
                            continue;
                        }
                        (Some(first), false) => {
                            current = Some(first);
                            continue;
                        }
                        (None, false) => Kind::List(inner, true),
                    }
                }
                _ => continue,
            };
            if current.is_none() {
                current = Some(Node { span, kind: found });
            }
        }
        out.extend(current);
        Kind::Macro(name, out)
    }

    /// What stands in `vec![..]` where that is more than texts and names: structs of a table, calls.
    fn list(&mut self, tokens: Syntax<'_>, depth: usize) -> Option<Vec<Node>> {
        const BEFORE: &str = "const _: X = [";
        let text = self.slice(tokens);
        let inner = text.get(1..text.len().checked_sub(1)?)?;
        if !inner.contains(['{', '(']) {
            return None;
        }
        let left = self.again.checked_sub(inner.len())?;
        let whole = format!("{BEFORE}{inner}];");
        let tree = syntax::tree(&tree_sitter_rust::LANGUAGE.into(), &whole, &mut Budget::default()).ok()?;
        let mut lower =
            Lower { text: &whole, problems: Problems::new(&Budget::default()), again: left, tests: Vec::new() };
        let item = tree.root_node().named_child(0).filter(|n| n.kind() == "const_item")?;
        let array = item.child_by_field_name("value").filter(|n| n.kind() == "array_expression")?;
        let mut values = lower.parts(array, depth);
        self.again = lower.again;
        let start = tokens.start_byte() as u64 + 1;
        for value in &mut values {
            value.shift(BEFORE.len() as u64, start);
        }
        Some(values)
    }

    /// The texts of tokens in brackets, one for each place between commas.
    fn tokens(&self, tree: Syntax<'_>, depth: usize) -> Vec<Node> {
        let mut out = Vec::new();
        let mut current: Option<Node> = None;
        let mut cursor = tree.walk();
        for token in tree.children(&mut cursor) {
            let span = Self::span(token);
            let kind = match token.kind() {
                "," => {
                    out.push(current.take().unwrap_or(Node { span, kind: Kind::Other(Vec::new()) }));
                    continue;
                }
                "string_literal" => Kind::Text(literals::string(self.slice(token))),
                "raw_string_literal" => Kind::Text(literals::raw(self.slice(token))),
                "token_tree" if depth > 0 && current.is_none() => Kind::List(self.tokens(token, depth - 1), true),
                _ => continue,
            };
            if current.is_none() {
                current = Some(Node { span, kind });
            }
        }
        out.extend(current);
        out
    }
}

impl Node {
    /// Moves the places of all that it is made of, as far as it lies behind `from`, so that `from` becomes `to`.
    fn shift(&mut self, from: u64, to: u64) {
        let mut stack = vec![self];
        let moved = |span: Span| Span {
            start: span.start.saturating_sub(from).saturating_add(to),
            end: span.end.saturating_sub(from).saturating_add(to),
        };
        while let Some(node) = stack.pop() {
            node.span = moved(node.span);
            match &mut node.kind {
                Kind::Text(_) | Kind::Name(_) => {}
                Kind::Field(inner, _)
                | Kind::Closure(inner)
                | Kind::Return(inner)
                | Kind::Default(_, inner)
                | Kind::Function { body: inner, .. }
                | Kind::Bind { value: inner, .. } => stack.push(inner),
                Kind::Call(function, arguments) => {
                    stack.push(function);
                    stack.extend(arguments);
                }
                Kind::Method { object, name_span, arguments, .. } => {
                    *name_span = moved(*name_span);
                    stack.push(object);
                    stack.extend(arguments);
                }
                Kind::Macro(_, parts)
                | Kind::List(parts, _)
                | Kind::Block(parts, _)
                | Kind::Of(_, parts)
                | Kind::Other(parts) => stack.extend(parts),
                Kind::Struct(_, fields) => stack.extend(fields.iter_mut().map(|(_, value)| value)),
                Kind::Choice(arms) => {
                    for arm in arms {
                        stack.extend(&mut arm.binds);
                        stack.push(&mut arm.value);
                    }
                }
            }
        }
    }
}
