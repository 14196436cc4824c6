//! Rust as a small tree of values, with places: what is bound to what, what is called with what. Nothing is resolved
//! and nothing is run.
//!
//! Types, generics, visibility and most statements are left out; what is neither a value nor a name keeps its parts,
//! so that a call stays visible wherever it stands. Comments are no part of it.

mod tokens;

use tree_sitter::Node as Syntax;

use super::literals;
use crate::parse::problems::Problems;
use crate::parse::syntax::{self, NoTree};
use crate::parse::{Budget, Problem};
use crate::source::Span;

/// Largest file read; modules of tables and of generated code are larger and name nothing.
const MAX_BYTES: usize = 1 << 20;
/// Deepest nesting that is followed; it bounds the stack. Chains of builders go a level for each method.
const MAX_DEPTH: usize = 120;

/// A file as a tree.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tree {
    /// What stands in it, in order.
    pub items: Vec<Node>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Items that are built for tests alone, in order.
    pub tests: Vec<Span>,
}

/// A value, a statement or an item with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its bytes.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of a [`Node`].
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A string, decoded.
    Text(String),
    /// A name with `::` between its parts: `a::B`, `self`.
    Name(String),
    /// `object.name`.
    Field(Box<Node>, String),
    /// `function(arguments)`.
    Call(Box<Node>, Vec<Node>),
    /// `object.name(arguments)`.
    Method {
        /// What it is called on.
        object: Box<Node>,
        /// The method.
        name: String,
        /// The bytes of its name.
        name_span: Span,
        /// What it is given.
        arguments: Vec<Node>,
    },
    /// `name!(arguments)`: of each argument the first text or name in it.
    Macro(String, Vec<Node>),
    /// `Name { field: value }`.
    Struct(String, Vec<(String, Node)>),
    /// An array or tuple; true for a tuple.
    List(Vec<Node>, bool),
    /// One of several values: the arms of `match`, the branches of `if`.
    Choice(Vec<Arm>),
    /// `|..| body`.
    Closure(Box<Node>),
    /// `{ .. }`; true where the last of them is its value.
    Block(Vec<Node>, bool),
    /// `let names = value`, `const NAME = value`, `if let Some(name) = value`.
    Bind {
        /// The names in their order; an empty one where a pattern has no name.
        names: Vec<String>,
        /// The names are those of a tuple; else each of them may be the value.
        is_tuple: bool,
        /// The value.
        value: Box<Node>,
    },
    /// `return value`.
    Return(Box<Node>),
    /// `fn name(parameters) { body }`.
    Function {
        /// Its name.
        name: String,
        /// The names of its parameters, without `self`.
        parameters: Vec<String>,
        /// It takes `self`.
        is_method: bool,
        /// What stands in it.
        body: Box<Node>,
    },
    /// `impl Type { .. }`.
    Of(String, Vec<Node>),
    /// A field of a struct with the default that an attribute gives it: `#[arg(default_value = "x")]`.
    Default(String, Box<Node>),
    /// Anything else, with what it is made of.
    Other(Vec<Node>),
}

/// An arm of `match` or a branch of `if`.
#[derive(Debug, Clone, PartialEq)]
pub struct Arm {
    /// What the choice depends on, as it is written.
    pub on: String,
    /// The patterns of the arm, as they are written; none for what holds where no other does.
    pub patterns: Vec<String>,
    /// Names that the patterns bind, as in [`Kind::Bind`], to what the choice depends on.
    pub binds: Vec<Node>,
    /// The value.
    pub value: Node,
}

/// Reads a file as a tree. Never fails: what could not be read is among the problems.
#[must_use]
pub fn tree(text: &str, budget: &mut Budget) -> Tree {
    let mut lower = Lower { text, problems: Problems::new(budget), again: text.len(), tests: Vec::new() };
    let whole = Span::new(0, text.len());
    let mut items = Vec::new();
    if text.len() > MAX_BYTES.min(budget.bytes) {
        lower.problems.push(whole, "file too large to read");
    } else {
        match syntax::tree(&tree_sitter_rust::LANGUAGE.into(), text, budget) {
            Ok(tree) => items = lower.parts(tree.root_node(), MAX_DEPTH),
            Err(NoTree::NoGrammar) => lower.problems.push(whole, "Rust grammar unavailable"),
            Err(NoTree::Tangled) => lower.problems.push(whole, "file too tangled to read"),
            Err(NoTree::TooMuch) => lower.problems.push(whole, "too much to read"),
        }
    }
    Tree { items, problems: lower.problems.finish(), tests: lower.tests }
}

struct Lower<'t> {
    text: &'t str,
    problems: Problems,
    /// Bytes within macros that may still be read as what they stand for.
    again: usize,
    /// Items that are built for tests alone.
    tests: Vec<Span>,
}

impl Lower<'_> {
    fn span(node: Syntax<'_>) -> Span {
        Span::new(node.start_byte(), node.end_byte())
    }

    fn slice(&self, node: Syntax<'_>) -> &str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or("")
    }

    fn field(&self, node: Syntax<'_>, field: &str) -> String {
        node.child_by_field_name(field).map(|n| self.slice(n).to_owned()).unwrap_or_default()
    }

    /// A name without blanks and generics: `a::B` of `a::B::<C>`.
    fn path(&self, node: Syntax<'_>) -> String {
        let text = self.slice(node);
        let mut out = String::new();
        let mut depth = 0usize;
        for c in text.chars().take(400) {
            match c {
                '<' => depth += 1,
                '>' => depth = depth.saturating_sub(1),
                c if c.is_whitespace() || depth > 0 => {}
                c => out.push(c),
            }
        }
        out.replace("::::", "::").trim_end_matches("::").to_owned()
    }

    fn parts(&mut self, node: Syntax<'_>, depth: usize) -> Vec<Node> {
        let mut cursor = node.walk();
        let children: Vec<Syntax<'_>> = node.named_children(&mut cursor).collect();
        self.find_tests(node, &children);
        children.into_iter().filter(|n| is_value(n.kind())).map(|n| self.node(n, depth)).collect()
    }

    /// Items below an attribute that builds them for tests alone.
    fn find_tests(&mut self, node: Syntax<'_>, children: &[Syntax<'_>]) {
        let mut is_test = false;
        for child in children {
            match child.kind() {
                "attribute_item" => is_test |= is_for_tests(self.slice(*child)),
                "inner_attribute_item" if is_for_tests(self.slice(*child)) => self.tests.push(Self::span(node)),
                kind if kind.ends_with("comment") => {}
                _ if std::mem::take(&mut is_test) => self.tests.push(Self::span(*child)),
                _ => {}
            }
        }
    }

    /// The node of a field, or something else where the text breaks off.
    fn of_field(&mut self, node: Syntax<'_>, field: &str, depth: usize) -> Node {
        match node.child_by_field_name(field) {
            Some(inner) => self.node(inner, depth),
            None => Node { span: Self::span(node), kind: Kind::Other(Vec::new()) },
        }
    }

    fn node(&mut self, node: Syntax<'_>, depth: usize) -> Node {
        let span = Self::span(node);
        let Some(depth) = depth.checked_sub(1) else {
            self.problems.push(span, "nested too deep");
            return Node { span, kind: Kind::Other(Vec::new()) };
        };
        if node.is_error() {
            self.problems.push(span, "not read as Rust");
        }
        let kind = match node.kind() {
            "string_literal" => Kind::Text(literals::string(self.slice(node))),
            "raw_string_literal" => Kind::Text(literals::raw(self.slice(node))),
            "identifier" | "scoped_identifier" | "self" => Kind::Name(self.path(node)),
            "generic_function" => return self.of_field(node, "function", depth),
            "reference_expression"
            | "parenthesized_expression"
            | "try_expression"
            | "await_expression"
            | "unary_expression"
            | "expression_statement"
            | "type_cast_expression"
            | "unsafe_block" => {
                let inner = node.child_by_field_name("value").or_else(|| {
                    let mut cursor = node.walk();
                    node.named_children(&mut cursor).find(|n| is_value(n.kind()))
                });
                return match inner {
                    Some(inner) => self.node(inner, depth),
                    None => Node { span, kind: Kind::Other(Vec::new()) },
                };
            }
            "field_expression" => Kind::Field(Box::new(self.of_field(node, "value", depth)), self.field(node, "field")),
            "call_expression" => self.call(node, depth),
            "macro_invocation" => self.invocation(node, depth),
            "struct_expression" => self.structure(node, depth),
            "array_expression" => Kind::List(self.parts(node, depth), false),
            "tuple_expression" => Kind::List(self.parts(node, depth), true),
            "match_expression" => self.matched(node, depth),
            "if_expression" => self.branches(node, depth),
            "closure_expression" => Kind::Closure(Box::new(self.of_field(node, "body", depth))),
            "block" => self.block(node, depth),
            "async_block" | "const_block" => Kind::Other(self.parts(node, depth)),
            "let_declaration" => self.bind(node, "pattern", depth),
            "const_item" | "static_item" => self.bind(node, "name", depth),
            "let_condition" => self.bind(node, "pattern", depth),
            "assignment_expression" => {
                let name = self.field(node, "left");
                let name = name.rsplit('.').next().unwrap_or("").trim().to_owned();
                let value = Box::new(self.of_field(node, "right", depth));
                Kind::Bind { names: vec![name], is_tuple: false, value }
            }
            "return_expression" | "break_expression" => {
                let mut parts = self.parts(node, depth);
                match parts.pop() {
                    Some(value) if parts.is_empty() => Kind::Return(Box::new(value)),
                    last => Kind::Other(parts.into_iter().chain(last).collect()),
                }
            }
            "function_item" => self.function(node, depth),
            "impl_item" => Kind::Of(self.field(node, "type"), self.body(node, depth)),
            "mod_item" | "trait_item" => Kind::Other(self.body(node, depth)),
            "struct_item" | "enum_item" => Kind::Other(self.fields(node, depth)),
            _ => Kind::Other(self.parts(node, depth)),
        };
        Node { span, kind }
    }

    fn body(&mut self, node: Syntax<'_>, depth: usize) -> Vec<Node> {
        node.child_by_field_name("body").map(|body| self.parts(body, depth)).unwrap_or_default()
    }

    fn call(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let arguments = match node.child_by_field_name("arguments") {
            Some(list) => self.parts(list, depth),
            None => Vec::new(),
        };
        let Some(mut called) = node.child_by_field_name("function") else { return Kind::Other(arguments) };
        if called.kind() == "generic_function" {
            called = called.child_by_field_name("function").unwrap_or(called);
        }
        if called.kind() == "field_expression" {
            let name_span = called.child_by_field_name("field").map_or_else(|| Self::span(called), Self::span);
            let name = self.field(called, "field");
            let object = Box::new(self.of_field(called, "value", depth));
            return Kind::Method { object, name, name_span, arguments };
        }
        Kind::Call(Box::new(self.node(called, depth)), arguments)
    }

    fn structure(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let mut fields = Vec::new();
        if let Some(body) = node.child_by_field_name("body") {
            let mut cursor = body.walk();
            let children: Vec<Syntax<'_>> = body.named_children(&mut cursor).collect();
            for child in children {
                match child.kind() {
                    "field_initializer" => {
                        let value = self.of_field(child, "value", depth);
                        let name = self.field(child, "field");
                        fields.push((name, value));
                    }
                    "shorthand_field_initializer" => {
                        let name = self.slice(child).to_owned();
                        fields.push((name.clone(), Node { span: Self::span(child), kind: Kind::Name(name) }));
                    }
                    _ => {}
                }
            }
        }
        let name = node.child_by_field_name("name").map(|n| self.path(n)).unwrap_or_default();
        Kind::Struct(name, fields)
    }

    fn matched(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let on = cut(self.field(node, "value"));
        let on_node = self.of_field(node, "value", depth);
        let mut arms = Vec::new();
        if let Some(body) = node.child_by_field_name("body") {
            let mut cursor = body.walk();
            let children: Vec<Syntax<'_>> = body.named_children(&mut cursor).collect();
            for arm in children.into_iter().filter(|n| n.kind() == "match_arm") {
                let pattern = arm.child_by_field_name("pattern");
                let mut patterns = Vec::new();
                let mut binds = Vec::new();
                if let Some(pattern) = pattern {
                    patterns = alternatives(self.slice(pattern));
                    let mut names = Vec::new();
                    self.names(pattern, 16, &mut names);
                    if !names.is_empty() && is_plain(&on_node) {
                        let kind = Kind::Bind { names, is_tuple: false, value: Box::new(on_node.clone()) };
                        binds.push(Node { span: Self::span(pattern), kind });
                    }
                }
                let value = self.of_field(arm, "value", depth);
                arms.push(Arm { on: on.clone(), patterns, binds, value });
            }
        }
        // What is matched may be a call itself.
        if arms.is_empty() { Kind::Other(vec![on_node]) } else { with(on_node, Kind::Choice(arms), Self::span(node)) }
    }

    fn branches(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let on = cut(self.field(node, "condition"));
        let condition = self.of_field(node, "condition", depth);
        let binds = match &condition.kind {
            Kind::Bind { value, .. } if is_plain(value) => vec![condition.clone()],
            _ => Vec::new(),
        };
        let value = self.of_field(node, "consequence", depth);
        let mut arms = vec![Arm { on: on.clone(), patterns: vec!["true".to_owned()], binds, value }];
        if let Some(alternative) = node.child_by_field_name("alternative") {
            let inner = {
                let mut cursor = alternative.walk();
                alternative.named_children(&mut cursor).find(|n| is_value(n.kind()))
            };
            if let Some(inner) = inner {
                arms.push(Arm { on, patterns: Vec::new(), binds: Vec::new(), value: self.node(inner, depth) });
            }
        }
        with(condition, Kind::Choice(arms), Self::span(node))
    }

    fn block(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let mut cursor = node.walk();
        let last = node.named_children(&mut cursor).filter(|n| is_value(n.kind())).last();
        // A statement ends in `;`; `match` and `if` in the last place have a value all the same.
        let has_value = last.is_some_and(|n| {
            !matches!(n.kind(), "let_declaration" | "function_item" | "const_item") && !self.slice(n).ends_with(';')
        });
        Kind::Block(self.parts(node, depth), has_value)
    }

    fn bind(&mut self, node: Syntax<'_>, name: &str, depth: usize) -> Kind {
        let Some(pattern) = node.child_by_field_name(name) else { return Kind::Other(Vec::new()) };
        let mut names = Vec::new();
        let is_tuple = pattern.kind() == "tuple_pattern";
        if is_tuple {
            let mut cursor = pattern.walk();
            let children: Vec<Syntax<'_>> = pattern.named_children(&mut cursor).collect();
            for child in children.into_iter().filter(|n| !n.kind().ends_with("comment")) {
                let mut inner = Vec::new();
                self.names(child, 16, &mut inner);
                names.push(if inner.len() == 1 { inner.remove(0) } else { String::new() });
            }
        } else {
            self.names(pattern, 16, &mut names);
        }
        let value = Box::new(self.of_field(node, "value", depth));
        // `let Some(x) = y else { .. }`
        let alternative = node.child_by_field_name("alternative").map(|n| self.node(n, depth));
        let bound = Kind::Bind { names, is_tuple, value };
        match alternative {
            Some(alternative) => Kind::Other(vec![Node { span: Self::span(node), kind: bound }, alternative]),
            None => bound,
        }
    }

    /// Names that a pattern binds; those of types begin with a capital letter.
    fn names(&self, node: Syntax<'_>, depth: usize, out: &mut Vec<String>) {
        if depth == 0 || out.len() >= 16 {
            return;
        }
        match node.kind() {
            "identifier" | "shorthand_field_identifier" => {
                let text = self.slice(node);
                let is_constant = node.parent().is_some_and(|p| matches!(p.kind(), "const_item" | "static_item"));
                if is_constant || text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
                    out.push(text.to_owned());
                }
            }
            "scoped_identifier" | "type_identifier" | "string_literal" => {}
            _ => {
                let mut cursor = node.walk();
                let children: Vec<Syntax<'_>> = node.named_children(&mut cursor).collect();
                for child in children {
                    self.names(child, depth - 1, out);
                }
            }
        }
    }

    fn function(&mut self, node: Syntax<'_>, depth: usize) -> Kind {
        let mut parameters = Vec::new();
        let mut is_method = false;
        if let Some(list) = node.child_by_field_name("parameters") {
            let mut cursor = list.walk();
            for parameter in list.named_children(&mut cursor) {
                match parameter.kind() {
                    "parameter" => {
                        parameters.push(self.field(parameter, "pattern").trim_start_matches("mut ").to_owned());
                    }
                    "self_parameter" => is_method = true,
                    _ => {}
                }
            }
        }
        let body = Box::new(self.of_field(node, "body", depth));
        Kind::Function { name: self.field(node, "name"), parameters, is_method, body }
    }

    /// Fields whose attributes give them a default.
    fn fields(&mut self, node: Syntax<'_>, depth: usize) -> Vec<Node> {
        let Some(body) = node.child_by_field_name("body") else { return Vec::new() };
        let mut cursor = body.walk();
        let children: Vec<Syntax<'_>> = body.named_children(&mut cursor).collect();
        let mut given: Option<Node> = None;
        // The text that stands for a variant of an enumeration.
        let mut written: Option<Node> = None;
        // An option of a command line that may be left out: without a default it is nothing.
        let mut is_option = false;
        let mut out = Vec::new();
        for child in children {
            match child.kind() {
                "attribute_item" => {
                    let text = self.slice(child).trim_start_matches("#[");
                    is_option |= ["arg", "clap", "structopt"].iter().any(|word| text.starts_with(word));
                    given = given.or_else(|| self.default_of(child));
                    if text.starts_with("strum(") || text.starts_with("serde(rename") {
                        written = written.or_else(|| self.text_in(child));
                    }
                }
                "field_declaration" => {
                    let is_optional = std::mem::take(&mut is_option) && self.field(child, "type").starts_with("Option");
                    if is_optional && given.is_none() {
                        given = Some(Node { span: Self::span(child), kind: Kind::Name("None".to_owned()) });
                    }
                    if let Some(value) = given.take() {
                        let kind = Kind::Default(self.field(child, "name"), Box::new(value));
                        out.push(Node { span: Self::span(child), kind });
                    }
                }
                // Fields of an enum's variant.
                "enum_variant" if depth > 0 => {
                    given = None;
                    if let Some(value) = written.take() {
                        let kind = Kind::Default("model".to_owned(), Box::new(value));
                        out.push(Node { span: Self::span(child), kind });
                    }
                    out.extend(self.fields(child, depth - 1));
                }
                _ => {}
            }
        }
        out
    }

    /// The first text in an attribute.
    fn text_in(&self, attribute: Syntax<'_>) -> Option<Node> {
        let mut stack = vec![attribute];
        while let Some(node) = stack.pop() {
            if node.kind() == "string_literal" {
                return Some(Node { span: Self::span(node), kind: Kind::Text(literals::string(self.slice(node))) });
            }
            let mut cursor = node.walk();
            let children: Vec<Syntax<'_>> = node.children(&mut cursor).collect();
            stack.extend(children.into_iter().rev());
        }
        None
    }

    /// The text behind `default_value =` or `default_value_t =` in an attribute.
    fn default_of(&self, attribute: Syntax<'_>) -> Option<Node> {
        let mut stack = vec![attribute];
        let mut is_next = false;
        while let Some(node) = stack.pop() {
            match node.kind() {
                "identifier" if self.slice(node).starts_with("default_value") => is_next = true,
                "," => is_next = false,
                "string_literal" if is_next => {
                    return Some(Node { span: Self::span(node), kind: Kind::Text(literals::string(self.slice(node))) });
                }
                _ => {
                    let mut cursor = node.walk();
                    let children: Vec<Syntax<'_>> = node.children(&mut cursor).collect();
                    stack.extend(children.into_iter().rev());
                }
            }
        }
        None
    }
}

/// Whether an attribute builds what it stands above for tests alone: `#[cfg(test)]`, `#[test]`, `#[tokio::test]`.
fn is_for_tests(attribute: &str) -> bool {
    let inner: String = attribute.chars().take(120).filter(|c| !c.is_whitespace()).collect();
    let inner = inner.trim_start_matches('#').trim_start_matches('!').trim_start_matches('[').trim_end_matches(']');
    let name = inner.split('(').next().unwrap_or("");
    matches!(inner, "cfg(test)" | "cfg(all(test))")
        || inner.starts_with("cfg(all(test,")
        || matches!(name, "test" | "rstest" | "test_case" | "proptest")
        || name.ends_with("::test")
}

/// What a choice depends on, in a length that may stand at each of its arms.
fn cut(text: String) -> String {
    if text.len() <= 120 { text } else { String::new() }
}

/// Whether a node is a name, or fields and methods without arguments of one: it may be copied to each arm.
fn is_plain(node: &Node) -> bool {
    match &node.kind {
        Kind::Name(name) => name.len() <= 120,
        Kind::Field(object, _) => is_plain(object),
        Kind::Method { object, arguments, .. } => arguments.is_empty() && is_plain(object),
        _ => false,
    }
}

/// A choice beside what it depends on, where that is more than a name.
fn with(on: Node, choice: Kind, span: Span) -> Kind {
    match on.kind {
        Kind::Name(_) | Kind::Field(..) | Kind::Other(_) | Kind::Text(_) => choice,
        _ => Kind::Block(vec![on, Node { span, kind: choice }], true),
    }
}

/// `A | B` as its alternatives; what stands for everything else is none.
fn alternatives(pattern: &str) -> Vec<String> {
    let pattern = pattern.split(" if ").next().unwrap_or("").trim();
    let is_rest = pattern == "_" || pattern.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    if is_rest {
        return Vec::new();
    }
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    pattern.split('|').map(squeezed).filter(|p| !p.is_empty()).collect()
}

/// Whether a node of the grammar may hold values.
fn is_value(kind: &str) -> bool {
    !kind.ends_with("comment")
        && !kind.ends_with("_type")
        && !matches!(
            kind,
            "attribute_item"
                | "inner_attribute_item"
                | "type_identifier"
                | "visibility_modifier"
                | "use_declaration"
                | "extern_crate_declaration"
                | "type_item"
                | "macro_definition"
                | "where_clause"
                | "type_parameters"
                | "lifetime"
                | "label"
                | "integer_literal"
                | "float_literal"
                | "char_literal"
                | "boolean_literal"
                | "mutable_specifier"
        )
}

impl Node {
    /// What it is made of, in the order of the text.
    #[must_use]
    pub fn parts(&self) -> Vec<&Node> {
        match &self.kind {
            Kind::Text(_) | Kind::Name(_) => Vec::new(),
            Kind::Field(inner, _)
            | Kind::Closure(inner)
            | Kind::Return(inner)
            | Kind::Default(_, inner)
            | Kind::Function { body: inner, .. }
            | Kind::Bind { value: inner, .. } => vec![inner],
            Kind::Call(function, arguments) => std::iter::once(&**function).chain(arguments).collect(),
            Kind::Method { object, arguments, .. } => std::iter::once(&**object).chain(arguments).collect(),
            Kind::Macro(_, parts)
            | Kind::List(parts, _)
            | Kind::Block(parts, _)
            | Kind::Of(_, parts)
            | Kind::Other(parts) => parts.iter().collect(),
            Kind::Struct(_, fields) => fields.iter().map(|(_, value)| value).collect(),
            Kind::Choice(arms) => arms.iter().map(|arm| &arm.value).collect(),
        }
    }
}
