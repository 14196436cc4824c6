//! From the syntax tree to our own. Recursion follows nesting only and stops at a depth of its own; what
//! is nested deeper is a problem and has no parts.

use std::ops::Range;

use tree_sitter::Node;

use super::{Argument, Expression, Kind, Module, Statement, text};
use crate::parse::Budget;
use crate::parse::problems::Problems;
use crate::parse::syntax::{self, NoTree};
use crate::source::{Embedded, Span};

/// Deepest nesting lowered; it bounds the stack.
const MAX_DEPTH: usize = 96;
struct Lower<'t> {
    text: &'t str,
    problems: Problems,
}

/// Reads a whole file.
pub(super) fn module(text: &str, budget: &mut Budget) -> Module {
    let mut lower = Lower { text, problems: Problems::new(budget) };
    let whole = Span::new(0, text.len());
    let statements = lower.run(budget, whole);
    Module { statements, problems: lower.problems.finish() }
}

impl Lower<'_> {
    fn run(&mut self, budget: &mut Budget, whole: Span) -> Vec<Statement> {
        if self.text.len() > super::MAX_BYTES.min(budget.bytes) {
            self.problems.push(whole, "file too large to read");
            return Vec::new();
        }
        let tree = match syntax::tree(&tree_sitter_python::LANGUAGE.into(), self.text, budget) {
            Ok(tree) => tree,
            Err(why) => {
                self.problems.push(
                    whole,
                    match why {
                        NoTree::NoGrammar => "Python grammar unavailable",
                        NoTree::Tangled => "file too tangled to read",
                        NoTree::TooMuch => "too much to read",
                    },
                );
                return Vec::new();
            }
        };
        let root = tree.root_node();
        self.errors(root);
        self.block(root, 0)
    }

    /// Tells of what the grammar did not understand, each place once.
    fn errors(&mut self, root: Node<'_>) {
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            if node.is_missing() {
                self.problems.push(Self::span(node), format!("expected `{}`", node.kind()));
            } else if node.is_error() {
                self.problems.push(Self::span(node), "not read as Python");
            } else if node.has_error() {
                let mut cursor = node.walk();
                stack.extend(node.children(&mut cursor));
            }
        }
    }

    fn span(node: Node<'_>) -> Span {
        Span::new(node.start_byte(), node.end_byte())
    }

    fn range(node: Node<'_>) -> Range<usize> {
        node.start_byte()..node.end_byte()
    }

    fn word(&self, node: Option<Node<'_>>) -> String {
        node.and_then(|node| self.text.get(Self::range(node))).unwrap_or("").to_owned()
    }

    /// Whether there is room for one level more.
    fn fits(&mut self, node: Node<'_>, depth: usize) -> bool {
        if depth >= MAX_DEPTH {
            self.problems.push(Self::span(node), "nested too deeply");
        }
        depth < MAX_DEPTH
    }

    fn block(&mut self, node: Node<'_>, depth: usize) -> Vec<Statement> {
        let mut out = Vec::new();
        if !self.fits(node, depth) {
            return out;
        }
        let mut cursor = node.walk();
        for child in node.named_children(&mut cursor) {
            self.statement(child, depth + 1, &mut out);
        }
        out
    }

    fn body(&mut self, node: Node<'_>, field: &str, depth: usize) -> Vec<Statement> {
        node.child_by_field_name(field).map(|body| self.block(body, depth)).unwrap_or_default()
    }

    fn statement(&mut self, node: Node<'_>, depth: usize, out: &mut Vec<Statement>) {
        match node.kind() {
            "comment" => {}
            "expression_statement" => {
                let mut cursor = node.walk();
                for child in node.named_children(&mut cursor) {
                    self.simple(child, depth, out);
                }
            }
            "return_statement" => {
                if let Some(value) = node.named_child(0) {
                    out.push(Statement::Return(self.expression(value, depth)));
                }
            }
            "with_statement" => {
                let items = self.with_items(node, depth);
                let body = self.body(node, "body", depth);
                out.push(Statement::With { items, body });
            }
            "function_definition" => {
                let name = self.word(node.child_by_field_name("name"));
                let parameters = node.child_by_field_name("parameters").map(|list| self.parameters(list, depth));
                let body = self.body(node, "body", depth);
                out.push(Statement::Function { name, parameters: parameters.unwrap_or_default(), body });
            }
            "decorated_definition" => {
                if let Some(inner) = node.child_by_field_name("definition").filter(|inner| self.fits(*inner, depth)) {
                    self.statement(inner, depth + 1, out);
                }
            }
            "for_statement" => {
                let part = |field: &str| node.child_by_field_name(field);
                if let (Some(target), Some(values)) = (part("left"), part("right")) {
                    let (target, values) = (self.expression(target, depth), self.expression(values, depth));
                    let body = self.body(node, "body", depth);
                    out.push(Statement::For { target, values, body });
                }
            }
            "if_statement" | "try_statement" | "while_statement" | "class_definition" | "match_statement" => {
                out.push(Statement::Branches(self.branches(node, depth)));
            }
            // What an error holds may well be sound.
            "ERROR" => out.append(&mut self.block(node, depth)),
            "import_statement" | "import_from_statement" | "future_import_statement" | "pass_statement" => {}
            // What stands in an error has no statement around it.
            _ => self.simple(node, depth, out),
        }
    }

    fn parameters(&mut self, list: Node<'_>, depth: usize) -> Vec<(String, Option<Expression>)> {
        let mut cursor = list.walk();
        let mut out = Vec::new();
        for child in list.named_children(&mut cursor) {
            let name = child.child_by_field_name("name").unwrap_or(child);
            // `x: str` has its name as its first part.
            let name = if name.kind() == "typed_parameter" { name.named_child(0).unwrap_or(name) } else { name };
            let value = child.child_by_field_name("value").map(|value| self.expression(value, depth));
            out.push((self.word(Some(name)), value));
        }
        out
    }

    /// Blocks below a node, however the grammar nests them: of `elif`, `else`, `except`, `case`.
    fn branches(&mut self, node: Node<'_>, depth: usize) -> Vec<Vec<Statement>> {
        let mut out = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            let mut cursor = node.walk();
            let mut inner = Vec::new();
            for child in node.named_children(&mut cursor) {
                match child.kind() {
                    "block" if child.child_by_field_name("alternative").is_some() => inner.push(child),
                    "block" => out.push(self.block(child, depth)),
                    kind if kind.ends_with("_clause") => inner.push(child),
                    _ => {}
                }
            }
            stack.extend(inner.into_iter().rev());
        }
        out
    }

    fn with_items(&mut self, node: Node<'_>, depth: usize) -> Vec<(Expression, Option<String>)> {
        let mut out = Vec::new();
        let mut cursor = node.walk();
        let clauses: Vec<Node<'_>> = node.named_children(&mut cursor).filter(|n| n.kind() == "with_clause").collect();
        for clause in clauses {
            let mut cursor = clause.walk();
            for item in clause.named_children(&mut cursor).filter(|n| n.kind() == "with_item") {
                let Some(value) = item.child_by_field_name("value").or_else(|| item.named_child(0)) else { continue };
                if value.kind() == "as_pattern" {
                    let name = value.child_by_field_name("alias").map(|alias| self.word(Some(alias)));
                    if let Some(inner) = value.named_child(0) {
                        out.push((self.expression(inner, depth), name));
                    }
                } else {
                    out.push((self.expression(value, depth), None));
                }
            }
        }
        out
    }

    fn simple(&mut self, node: Node<'_>, depth: usize, out: &mut Vec<Statement>) {
        let part = |field: &str| node.child_by_field_name(field);
        match (node.kind(), part("left"), part("right")) {
            ("assignment", Some(left), Some(right)) => {
                let target = self.expression(left, depth);
                if right.kind() == "assignment" {
                    // `a = b = value`: each gets it.
                    let before = out.len();
                    if self.fits(right, depth) {
                        self.simple(right, depth + 1, out);
                    }
                    if let Some(Statement::Assign { value, .. }) = out.get(before).cloned() {
                        out.push(Statement::Assign { target, value });
                    }
                    return;
                }
                let value = self.expression(right, depth);
                out.push(Statement::Assign { target, value });
            }
            ("augmented_assignment", Some(left), Some(right)) if self.word(part("operator")) == "+=" => {
                let (target, value) = (self.expression(left, depth), self.expression(right, depth));
                out.push(Statement::Add { target, value });
            }
            _ => out.push(Statement::Value(self.expression(node, depth))),
        }
    }

    fn boxed(&mut self, node: Option<Node<'_>>, around: Node<'_>, depth: usize) -> Box<Expression> {
        Box::new(match node {
            Some(node) => self.expression(node, depth),
            None => Expression { span: Self::span(around), kind: Kind::Other(Vec::new()) },
        })
    }

    fn expression(&mut self, node: Node<'_>, depth: usize) -> Expression {
        let span = Self::span(node);
        if !self.fits(node, depth) {
            return Expression { span, kind: Kind::Other(Vec::new()) };
        }
        let depth = depth + 1;
        let part = |field: &str| node.child_by_field_name(field);
        let kind = match node.kind() {
            "identifier" => Kind::Name(self.word(Some(node))),
            "true" => Kind::Bool(true),
            "false" => Kind::Bool(false),
            "none" => Kind::Nothing,
            "string" | "concatenated_string" => return self.string(node, depth),
            "parenthesized_expression" => {
                let mut cursor = node.walk();
                let inner = node.named_children(&mut cursor).find(|n| n.kind() != "comment");
                return match inner {
                    Some(inner) => self.expression(inner, depth),
                    None => Expression { span, kind: Kind::Other(Vec::new()) },
                };
            }
            "attribute" => {
                let object = self.boxed(part("object"), node, depth);
                Kind::Attribute(object, self.word(part("attribute")))
            }
            "subscript" => {
                let object = self.boxed(part("value"), node, depth);
                Kind::Item(object, self.boxed(part("subscript"), node, depth))
            }
            "list" | "tuple" | "set" | "expression_list" | "pattern_list" | "tuple_pattern" | "list_pattern" => {
                Kind::List(self.all(node, depth))
            }
            "dictionary" => Kind::Dict(self.pairs(node, depth)),
            "call" => {
                let function = self.boxed(part("function"), node, depth);
                let arguments = part("arguments").map(|list| self.arguments(list, depth)).unwrap_or_default();
                Kind::Call(function, arguments)
            }
            "binary_operator" => {
                let operator = self.word(part("operator"));
                let left = self.boxed(part("left"), node, depth);
                let right = self.boxed(part("right"), node, depth);
                match operator.as_str() {
                    "+" => Kind::Add(left, right),
                    "/" => Kind::Divide(left, right),
                    _ => Kind::Other(vec![*left, *right]),
                }
            }
            "conditional_expression" => {
                let parts = self.all(node, depth);
                match <[Expression; 3]>::try_from(parts) {
                    Ok([first, _, second]) => Kind::Either(Box::new(first), Box::new(second)),
                    Err(parts) => Kind::Other(parts),
                }
            }
            "list_splat" | "list_splat_pattern" => Kind::Splat(self.boxed(node.named_child(0), node, depth)),
            "list_comprehension" | "set_comprehension" | "generator_expression" | "dictionary_comprehension" => {
                self.each(node, depth)
            }
            "type" | "lambda" | "comment" | "block" => Kind::Other(Vec::new()),
            _ => Kind::Other(self.all(node, depth)),
        };
        Expression { span, kind }
    }

    fn all(&mut self, node: Node<'_>, depth: usize) -> Vec<Expression> {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.named_children(&mut cursor).filter(|n| n.kind() != "comment").collect();
        children.into_iter().map(|child| self.expression(child, depth)).collect()
    }

    fn pairs(&mut self, node: Node<'_>, depth: usize) -> Vec<(Option<Expression>, Expression)> {
        let mut cursor = node.walk();
        let mut out = Vec::new();
        for child in node.named_children(&mut cursor) {
            let part = |field: &str| child.child_by_field_name(field);
            match (child.kind(), part("key"), part("value")) {
                ("pair", Some(key), Some(value)) => {
                    let key = self.expression(key, depth);
                    out.push((Some(key), self.expression(value, depth)));
                }
                ("dictionary_splat", ..) => out.push((None, *self.boxed(child.named_child(0), child, depth))),
                _ => {}
            }
        }
        out
    }

    fn arguments(&mut self, list: Node<'_>, depth: usize) -> Vec<Argument> {
        let mut cursor = list.walk();
        let mut out = Vec::new();
        // `f(x for x in y)` has its one argument in the list's place.
        if list.kind() == "generator_expression" {
            let value = self.expression(list, depth);
            return vec![Argument { name: None, span: value.span, value }];
        }
        for child in list.named_children(&mut cursor) {
            let span = Self::span(child);
            match child.kind() {
                "comment" => {}
                "keyword_argument" => {
                    let name = self.word(child.child_by_field_name("name"));
                    let value = *self.boxed(child.child_by_field_name("value"), child, depth);
                    out.push(Argument { name: Some(name), value, span });
                }
                "dictionary_splat" => {
                    let value = *self.boxed(child.named_child(0), child, depth);
                    out.push(Argument { name: Some("**".to_owned()), value, span });
                }
                _ => out.push(Argument { name: None, value: self.expression(child, depth), span }),
            }
        }
        out
    }

    fn each(&mut self, node: Node<'_>, depth: usize) -> Kind {
        let body = self.boxed(node.child_by_field_name("body"), node, depth);
        let mut loops = Vec::new();
        let mut cursor = node.walk();
        for clause in node.named_children(&mut cursor).filter(|n| n.kind() == "for_in_clause") {
            let part = |field: &str| clause.child_by_field_name(field);
            if let (Some(left), Some(right)) = (part("left"), part("right")) {
                loops.push((self.expression(left, depth), self.expression(right, depth)));
            }
        }
        Kind::Each { body, loops }
    }

    /// A string, or several beside one another, which are one.
    fn string(&mut self, node: Node<'_>, depth: usize) -> Expression {
        let span = Self::span(node);
        let parts: Vec<Node<'_>> = if node.kind() == "string" {
            vec![node]
        } else {
            let mut cursor = node.walk();
            node.named_children(&mut cursor).filter(|n| n.kind() == "string").collect()
        };
        let mut out = Embedded::new();
        for part in parts {
            let Some(decoded) = text::decode(self.text, Self::range(part)) else {
                return Expression { span, kind: Kind::Other(self.inserted(node, depth)) };
            };
            for segment in decoded.segments() {
                let text = decoded.text.get(segment.inner.clone()).unwrap_or("");
                if segment.verbatim {
                    out.push_verbatim(text, segment.host.start);
                } else {
                    out.push_replaced(text, segment.host);
                }
            }
        }
        Expression { span, kind: Kind::Text(out) }
    }

    /// What a template puts into itself.
    fn inserted(&mut self, node: Node<'_>, depth: usize) -> Vec<Expression> {
        let mut out = Vec::new();
        let mut stack = vec![node];
        while let Some(node) = stack.pop() {
            let mut cursor = node.walk();
            for child in node.named_children(&mut cursor) {
                match child.kind() {
                    "interpolation" => out.extend(child.named_child(0).map(|inner| self.expression(inner, depth))),
                    "string" => stack.push(child),
                    _ => {}
                }
            }
        }
        out
    }
}
