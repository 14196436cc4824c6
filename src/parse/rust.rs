//! Rust as far as a build script's downloads and processes go: chains of calls, what names are bound to, imports,
//! modules. Nothing is resolved and nothing is run.
//!
//! `tree-sitter` gives the syntax tree, which survives mistakes. Macros are read for the texts they are given only.
//! In a text, `${name}` stands for what is not known where it is written.

mod literals;
mod render;
#[cfg(test)]
mod tests;
mod tree;

pub use tree::{Arm, Kind, Node as Part, Tree, tree};

use tree_sitter::Node;

use super::problems::Problems;
use super::syntax::{self, NoTree};
use super::{Budget, Problem};
use crate::source::Span;

/// Largest file read; the largest real build scripts have a hundred kilobytes.
const MAX_BYTES: usize = 1 << 20;
/// Calls of one chain that are kept.
const MAX_CHAIN: usize = 256;

/// A file, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Module {
    /// Its functions and methods with their parameters' names, in order.
    pub functions: Vec<(String, Vec<String>)>,
    /// What happens, in the order of the text.
    pub events: Vec<Event>,
    /// Names that are imported, each with its whole path.
    pub imports: Vec<(String, String)>,
    /// `mod name;`, and the file where `#[path = ".."]` says one.
    pub modules: Vec<(String, Option<String>)>,
    /// Texts of comparisons, of assertions, and names of functions that are called: short ones.
    pub comparisons: Vec<String>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// Something that happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// `let name = value`, `const NAME: .. = value`, `name = value`.
    Bind {
        /// The name.
        name: String,
        /// The value.
        value: Value,
    },
    /// `a::b(x).c(y)`.
    Calls(Chain),
}

/// Calls, each of what the one before gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The whole.
    pub span: Span,
    /// What the first is called on: a name with `::` and `.` between its parts. Empty for something else.
    pub root: String,
    /// What the root is given, where it is called itself.
    pub arguments: Option<Vec<Value>>,
    /// Methods, in order, with what they are given.
    pub methods: Vec<(String, Vec<Value>)>,
    /// The function it stands in.
    pub within: Option<String>,
}

/// A value, as far as it is a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// One text.
    Text(String),
    /// One of several texts.
    Either(Vec<String>),
    /// A list of texts.
    List(Vec<String>),
    /// What a chain of calls gives, by its place.
    Chain(Span),
    /// Something else.
    Other,
}

/// Reads a file. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Module {
    let mut lower = Lower { text, problems: Problems::new(budget), out: Module::default() };
    let whole = Span::new(0, text.len());
    if text.len() > MAX_BYTES.min(budget.bytes) {
        lower.problems.push(whole, "file too large to read");
    } else {
        match syntax::tree(&tree_sitter_rust::LANGUAGE.into(), text, budget) {
            Ok(tree) => lower.walk(tree.root_node(), budget),
            Err(NoTree::NoGrammar) => lower.problems.push(whole, "Rust grammar unavailable"),
            Err(NoTree::Tangled) => lower.problems.push(whole, "file too tangled to read"),
            Err(NoTree::TooMuch) => lower.problems.push(whole, "too much to read"),
        }
    }
    lower.out.problems = lower.problems.finish();
    lower.out
}

struct Lower<'t> {
    text: &'t str,
    problems: Problems,
    out: Module,
}

impl Lower<'_> {
    fn span(node: Node<'_>) -> Span {
        Span::new(node.start_byte(), node.end_byte())
    }

    fn slice(&self, node: Node<'_>) -> &str {
        self.text.get(node.start_byte()..node.end_byte()).unwrap_or("")
    }

    fn field(&self, node: Node<'_>, field: &str) -> String {
        node.child_by_field_name(field).map(|n| self.slice(n).to_owned()).unwrap_or_default()
    }

    /// Goes through the tree without recursion, in the order of the text.
    fn walk(&mut self, root: Node<'_>, budget: &mut Budget) {
        let mut stack: Vec<(Node<'_>, usize)> = vec![(root, 0)];
        // Functions that a node may stand in, by number; the first is none.
        let mut within: Vec<Option<String>> = vec![None];
        while let Some((node, function)) = stack.pop() {
            if node.is_error() {
                self.problems.push(Self::span(node), "not read as Rust");
            } else if node.is_missing() {
                self.problems.push(Self::span(node), format!("expected `{}`", node.kind()));
            }
            let mut inner = function;
            match node.kind() {
                "function_item" => {
                    let name = self.field(node, "name");
                    let parameters = node.child_by_field_name("parameters").map(|p| self.parameters(p));
                    self.out.functions.push((name.clone(), parameters.unwrap_or_default()));
                    within.push(Some(name));
                    inner = within.len() - 1;
                }
                "let_declaration" => self.bind(node, "pattern", "value"),
                "const_item" | "static_item" => self.bind(node, "name", "value"),
                "assignment_expression" => self.bind(node, "left", "right"),
                "use_declaration" => {
                    let tree = self.field(node, "argument");
                    imports(&tree, budget, &mut self.out.imports);
                    continue;
                }
                "mod_item" if node.child_by_field_name("body").is_none() => {
                    let name = self.field(node, "name");
                    let path = self.path_before(node);
                    self.out.modules.push((name, path));
                }
                "binary_expression" if matches!(&*self.field(node, "operator"), "==" | "!=") => self.compared(node),
                "macro_invocation" => {
                    let name = self.field(node, "macro");
                    if ["assert", "ensure", "bail", "matches"].iter().any(|word| name.contains(word)) {
                        self.compared(node);
                    }
                    self.asked_by_macro(node, &name, within.get(function).cloned().flatten());
                    continue;
                }
                "call_expression" => {
                    let chain = self.chain(node, within.get(function).cloned().flatten(), function, &mut stack);
                    self.out.comparisons.extend(chain.root.rsplit("::").next().map(str::to_owned));
                    self.out.events.push(Event::Calls(chain));
                    continue;
                }
                _ => {}
            }
            let mut cursor = node.walk();
            let children: Vec<Node<'_>> =
                node.children(&mut cursor).filter(|n| n.is_named() || n.is_missing()).collect();
            stack.extend(children.into_iter().rev().map(|child| (child, inner)));
        }
    }

    fn compared(&mut self, node: Node<'_>) {
        let text = self.slice(node);
        let end = (0..=text.len().min(400)).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        let text = text.get(..end).unwrap_or("").to_owned();
        self.out.comparisons.push(text);
    }

    /// `option_env!("X")`: a call like `env::var`.
    fn asked_by_macro(&mut self, node: Node<'_>, name: &str, within: Option<String>) {
        if name.ends_with("env") {
            let value = self.macro_text(node);
            let span = Self::span(node);
            let (root, methods) = ("env::var".to_owned(), Vec::new());
            self.out.events.push(Event::Calls(Chain { span, root, arguments: Some(vec![value]), methods, within }));
        }
    }

    /// `#[path = "x.rs"]` right before an item.
    fn path_before(&self, node: Node<'_>) -> Option<String> {
        let before = node.prev_named_sibling().filter(|n| n.kind() == "attribute_item")?;
        let text = self.slice(before).trim_start_matches("#[").trim();
        let value = text.strip_prefix("path")?.trim_start().strip_prefix('=')?.trim_start().strip_prefix('"')?;
        value.split('"').next().map(str::to_owned)
    }

    fn parameters(&self, list: Node<'_>) -> Vec<String> {
        let mut cursor = list.walk();
        let parameters = list.named_children(&mut cursor).filter(|n| n.kind() == "parameter");
        parameters.map(|p| self.field(p, "pattern").trim_start_matches("mut ").to_owned()).collect()
    }

    fn bind(&mut self, node: Node<'_>, name: &str, value: &str) {
        let Some(value) = node.child_by_field_name(value) else { return };
        let name = self.field(node, name).trim_start_matches("mut ").to_owned();
        if name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            let value = self.render(value, 0);
            self.out.events.push(Event::Bind { name, value });
        }
    }

    /// Takes a chain apart; what its calls are given is left on the stack.
    fn chain<'n>(
        &self,
        node: Node<'n>,
        within: Option<String>,
        function: usize,
        stack: &mut Vec<(Node<'n>, usize)>,
    ) -> Chain {
        let span = Self::span(node);
        let mut chain = Chain { span, root: String::new(), arguments: None, methods: Vec::new(), within };
        let mut at = node;
        let mut left = Vec::new();
        loop {
            match at.kind() {
                "call_expression" => {
                    let given = at.child_by_field_name("arguments");
                    left.extend(given);
                    let Some(called) = at.child_by_field_name("function") else { break };
                    let called = if called.kind() == "generic_function" {
                        called.child_by_field_name("function").unwrap_or(called)
                    } else {
                        called
                    };
                    let values = |lower: &Self| given.map(|list| lower.given(list)).unwrap_or_default();
                    if called.kind() == "field_expression" {
                        if chain.methods.len() < MAX_CHAIN {
                            chain.methods.push((self.field(called, "field"), values(self)));
                        }
                        let Some(value) = called.child_by_field_name("value") else { break };
                        at = value;
                    } else {
                        chain.arguments = Some(values(self));
                        at = called;
                    }
                }
                "try_expression" | "await_expression" | "parenthesized_expression" | "reference_expression" => {
                    let Some(inner) = at.child_by_field_name("value").or_else(|| at.named_child(0)) else { break };
                    at = inner;
                }
                "identifier" | "scoped_identifier" | "self" | "field_expression" => {
                    let text = self.slice(at);
                    if text.len() <= 200 && !text.contains(['(', '{', '"']) {
                        chain.root = text.split_whitespace().collect();
                    } else if at.kind() == "field_expression" {
                        left.extend(at.child_by_field_name("value"));
                    }
                    break;
                }
                _ => {
                    left.push(at);
                    break;
                }
            }
        }
        chain.methods.reverse();
        // The first in the text is looked at first: the chain was taken apart from its end.
        stack.extend(left.into_iter().map(|node| (node, function)));
        chain
    }

    fn given(&self, list: Node<'_>) -> Vec<Value> {
        let mut cursor = list.walk();
        let values = list.named_children(&mut cursor).filter(|n| !n.kind().ends_with("comment"));
        values.take(MAX_CHAIN).map(|n| self.render(n, 0)).collect()
    }
}

/// `a::{b, c::d as e}` as names with their paths.
fn imports(tree: &str, budget: &mut Budget, out: &mut Vec<(String, String)>) {
    let tree: String = tree.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut prefix: Vec<String> = Vec::new();
    let mut path = String::new();
    for c in tree.chars().chain([',']) {
        match c {
            '{' => {
                prefix.push(std::mem::take(&mut path));
                if prefix.len() > 16 {
                    return;
                }
            }
            ',' | '}' => {
                let own = path.trim();
                if !own.is_empty() && budget.take_items(1) {
                    let (own, alias) = own.split_once(" as ").map_or((own, None), |(own, alias)| (own, Some(alias)));
                    let whole: String = prefix.iter().map(|p| p.trim()).chain([own.trim()]).collect();
                    let whole = whole.strip_suffix("::self").unwrap_or(&whole).to_owned();
                    let name = alias.unwrap_or_else(|| whole.rsplit("::").next().unwrap_or("")).trim().to_owned();
                    out.push((name, whole));
                }
                path.clear();
                if c == '}' {
                    prefix.pop();
                }
            }
            c => path.push(c),
        }
    }
}
