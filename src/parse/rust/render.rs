//! Texts that an expression gives.

use tree_sitter::Node;

use super::literals;
use super::{Lower, Value};

/// Deepest nesting that a text is looked for in; it bounds the stack.
const MAX_DEPTH: usize = 32;
/// Texts of one value that are kept.
const MAX_TEXTS: usize = 64;
/// Methods and functions that hand on a text.
const PASSING: &[&str] = &[
    "to_string",
    "to_owned",
    "into",
    "as_str",
    "clone",
    "as_ref",
    "borrow",
    "trim",
    "into_owned",
    "unwrap",
    "expect",
    "to_str",
    "as_bytes",
    "display",
    "parse",
    "from",
    "new",
    "Some",
    "Ok",
    "to_string_lossy",
    "as_os_str",
];

impl Lower<'_> {
    /// A value, as far as it is a text.
    pub(super) fn render(&self, node: Node<'_>, depth: usize) -> Value {
        if depth >= MAX_DEPTH {
            return Value::Other;
        }
        let next = depth + 1;
        match node.kind() {
            "string_literal" => Value::Text(literals::string(self.slice(node))),
            "raw_string_literal" => Value::Text(literals::raw(self.slice(node))),
            "identifier" => Value::Text(format!("${{{}}}", self.slice(node))),
            "scoped_identifier" => Value::Text(format!("${{{}}}", self.field(node, "name"))),
            "field_expression" => Value::Text(format!("${{{}}}", self.field(node, "field"))),
            "reference_expression" | "parenthesized_expression" | "try_expression" | "unary_expression" => {
                let inner = node.child_by_field_name("value").or_else(|| node.named_child(0));
                inner.map_or(Value::Other, |inner| self.render(inner, next))
            }
            "array_expression" => {
                let mut texts = Vec::new();
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor).take(MAX_TEXTS) {
                    match self.render(child, next) {
                        Value::Text(text) => texts.push(text),
                        _ if child.kind().ends_with("comment") => {}
                        _ => texts.push("${..}".to_owned()),
                    }
                }
                Value::List(texts)
            }
            "binary_expression" if self.field(node, "operator") == "+" => {
                let side = |field: &str| node.child_by_field_name(field).map(|n| self.render(n, next));
                match (side("left"), side("right")) {
                    (Some(Value::Text(left)), Some(Value::Text(right))) => Value::Text(left + &right),
                    (Some(Value::Text(left)), _) => Value::Text(left + "${..}"),
                    _ => Value::Other,
                }
            }
            "macro_invocation" => {
                let name = self.field(node, "macro");
                match name.rsplit("::").next().unwrap_or("") {
                    "format" | "concat" | "formatcp" | "concatcp" => self.macro_text(node),
                    "vec" => self.macro_list(node),
                    "env" => match self.macro_text(node) {
                        Value::Text(text) => Value::Text(format!("${{{text}}}")),
                        other => other,
                    },
                    _ => Value::Other,
                }
            }
            "call_expression" => self.handed_on(node, next),
            "if_expression" | "match_expression" | "block" | "unsafe_block" => self.either(node),
            _ => Value::Other,
        }
    }

    /// `"x".to_string()`, `String::from("x")`.
    fn handed_on(&self, node: Node<'_>, depth: usize) -> Value {
        let Some(called) = node.child_by_field_name("function") else { return Value::Other };
        let (name, object) = match called.kind() {
            "field_expression" => (self.field(called, "field"), called.child_by_field_name("value")),
            "scoped_identifier" => (self.field(called, "name"), None),
            "identifier" => (self.slice(called).to_owned(), None),
            _ => return Value::Other,
        };
        let object = object.or_else(|| node.child_by_field_name("arguments")?.named_child(0));
        let is_literal_of_call = || match object.map(|o| self.render(o, depth)) {
            Some(Value::Text(text)) => Some(Value::Text(text)),
            _ => None,
        };
        let found = if PASSING.contains(&name.as_str()) && !self.slice(called).ends_with("Command::new") {
            is_literal_of_call()
        } else {
            None
        };
        found.unwrap_or(Value::Chain(Self::span(node)))
    }

    /// Texts in the arms: those that are addresses, where some are.
    fn either(&self, node: Node<'_>) -> Value {
        let mut texts: Vec<String> = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            if texts.len() >= MAX_TEXTS {
                break;
            }
            match node.kind() {
                "string_literal" | "raw_string_literal" | "macro_invocation" => {
                    if let Value::Text(text) = self.render(node, MAX_DEPTH - 2) {
                        texts.push(text);
                    }
                }
                // What is compared is no result.
                "match_pattern" | "let_condition" | "binary_expression" => {}
                _ => {
                    let mut cursor = node.walk();
                    let children: Vec<Node<'_>> = node.named_children(&mut cursor).collect();
                    stack.extend(children.into_iter().rev());
                }
            }
        }
        if texts.iter().any(|text| text.contains("://")) {
            texts.retain(|text| text.contains("://"));
        }
        if texts.is_empty() { Value::Other } else { Value::Either(texts) }
    }

    /// The text that `format!` and `concat!` make: `{name}` and what stands behind for `{}` become references.
    pub(super) fn macro_text(&self, node: Node<'_>) -> Value {
        let arguments = self.macro_arguments(node);
        let Some(first) = arguments.first() else { return Value::Other };
        let name = self.field(node, "macro");
        if name.ends_with("concat") {
            return Value::Text(arguments.concat());
        }
        let mut rest = arguments.iter().skip(1);
        let mut out = String::new();
        let mut characters = first.chars().peekable();
        while let Some(c) = characters.next() {
            match c {
                '{' if characters.peek() == Some(&'{') => {
                    characters.next();
                    out.push('{');
                }
                '}' if characters.peek() == Some(&'}') => {
                    characters.next();
                    out.push('}');
                }
                // A reference that stands there already is no place for a value.
                '$' if characters.peek() == Some(&'{') => {
                    out.push(c);
                    for c in characters.by_ref() {
                        out.push(c);
                        if c == '}' {
                            break;
                        }
                    }
                }
                '{' => {
                    let inner: String = characters.by_ref().take_while(|c| *c != '}').collect();
                    let inner = inner.split(':').next().unwrap_or("").trim();
                    if inner.is_empty() || inner.bytes().all(|b| b.is_ascii_digit()) {
                        out.push_str(rest.next().map_or("${..}", String::as_str));
                    } else {
                        out.push_str(&format!("${{{inner}}}"));
                    }
                }
                c => out.push(c),
            }
        }
        Value::Text(out)
    }

    fn macro_list(&self, node: Node<'_>) -> Value {
        Value::List(self.macro_arguments(node))
    }

    /// What a macro is given, parted by commas: texts, names, and `${..}` for the rest.
    fn macro_arguments(&self, node: Node<'_>) -> Vec<String> {
        let mut cursor = node.walk();
        let Some(tokens) = node.children(&mut cursor).find(|n| n.kind() == "token_tree") else { return Vec::new() };
        let mut out = Vec::new();
        let mut current: Option<String> = None;
        let mut cursor = tokens.walk();
        for token in tokens.children(&mut cursor) {
            let text = match token.kind() {
                "," => {
                    out.push(current.take().unwrap_or_default());
                    if out.len() >= MAX_TEXTS {
                        break;
                    }
                    continue;
                }
                "string_literal" => literals::string(self.slice(token)),
                "raw_string_literal" => literals::raw(self.slice(token)),
                "identifier" => format!("${{{}}}", self.slice(token)),
                _ => continue,
            };
            // `path.display()`: the name it begins with stands for it.
            current.get_or_insert(text);
        }
        out.extend(current);
        out
    }
}
