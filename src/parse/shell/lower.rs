//! From the syntax tree to [`Program`]: statements. Words are in `words`, shells inside shells in
//! `nested`.
//!
//! Recursion follows nesting only, a few frames a level, and stops at the budget's depth; chains
//! and pipelines, which the grammar nests to the left, are flattened in loops.

use std::ops::Range;

use tree_sitter::Node;

use super::ir::{Command, List, ListItem, ListOp, ListPosition, Pipeline, Program, Scope, ScopeKind};
use super::masked::masked;
use super::text::Source;
use super::tree::{flatten_list, flatten_pipeline, is_word, longest_pipeline, operands};
use crate::parse::syntax::{self, NoTree};
use crate::parse::{Budget, Problem};
use crate::source::Span;

/// Deepest nesting lowered whatever the budget says; it bounds the stack.
pub(super) const MAX_DEPTH: usize = 96;

/// Stages of one pipeline. The grammar's recovery from one that is cut off takes memory by the
/// square of its length, in one step that asks nobody.
const MAX_STAGES: usize = 500;

/// Bytes that may be looked through for the ends of here-documents. The grammar looks for each to the
/// end of the text, which the progress callback does not see.
const MAX_HEREDOC_BYTES: usize = 256 << 20;

pub(super) struct Lower<'b> {
    pub(super) program: Program,
    pub(super) budget: &'b mut Budget,
    conditions: usize,
    dropped: usize,
}

/// Where a statement stands.
#[derive(Clone, Copy)]
pub(super) struct At {
    pub(super) scope: usize,
    pub(super) list: Option<ListPosition>,
    /// The pipeline and stage being filled.
    pub(super) stage: Option<(usize, usize)>,
    pub(super) negated: bool,
    pub(super) background: bool,
    pub(super) depth: usize,
}

pub(super) fn script(text: &str, budget: &mut Budget) -> Program {
    let mut lower = Lower { program: Program::default(), budget, conditions: 0, dropped: 0 };
    if text.len() > super::MAX_BYTES.min(lower.budget.bytes) {
        lower.problem(0..text.len(), "script too large to read");
        return lower.program;
    }
    let source = Source::script(text);
    lower.program.expressions.clone_from(&source.expressions);
    lower.program.scopes.push(Scope::new(ScopeKind::Script, None, 0));
    lower.run(&source, 0, 0);
    lower.close(0);
    lower.program.finish();
    lower.program
}

impl At {
    /// The first place in a scope.
    pub(super) fn within(self, scope: usize) -> Self {
        Self { scope, list: None, stage: None, negated: false, background: false, depth: self.depth }
    }
}

impl Lower<'_> {
    /// Parses and lowers one text into a scope.
    pub(super) fn run(&mut self, source: &Source, scope: usize, depth: usize) {
        if longest_pipeline(&source.text) > MAX_STAGES {
            self.problem(source.outer_range(0..source.text.len()), "pipeline too long to read");
            return;
        }
        let heredocs = source.text.matches("<<").count();
        if heredocs.saturating_mul(source.text.len()) > MAX_HEREDOC_BYTES {
            self.problem(source.outer_range(0..source.text.len()), "too many here-documents to read");
            return;
        }
        // Nor so for zero bytes, from each of which the grammar's scanner looks ahead. A shell drops them.
        let zeros = source.text.bytes().filter(|b| *b == 0).count();
        if zeros.saturating_mul(source.text.len()) > MAX_HEREDOC_BYTES {
            self.problem(source.outer_range(0..source.text.len()), "too many zero bytes to read");
            return;
        }
        let whole = source.outer_range(0..source.text.len());
        let tree = match syntax::tree(&tree_sitter_bash::LANGUAGE.into(), &masked(&source.text), self.budget) {
            Ok(tree) => tree,
            Err(why) => {
                self.problem(
                    whole,
                    match why {
                        NoTree::NoGrammar => "shell grammar unavailable",
                        NoTree::Tangled => "script too tangled to read",
                        NoTree::TooMuch => "too much to read",
                    },
                );
                return;
            }
        };
        let root = tree.root_node();
        let at = At { scope, list: None, stage: None, negated: false, background: false, depth };
        let before = self.program.problems.len();
        self.statements(root, source, at);
        // An error the walk did not come by, or a token the grammar had to make up.
        if root.has_error() && self.program.problems.len() == before {
            let range = first_mistake(root).map_or(whole, |node| source.outer_range(line_of(&source.text, node)));
            self.problem(range, "not all of it read as shell");
        }
    }

    pub(super) fn problem(&mut self, range: Range<usize>, message: &str) {
        if self.program.problems.len() < self.budget.problems {
            self.program.problems.push(Problem::new(Span::new(range.start, range.end), message));
        } else if let Some(last) = self.program.problems.last_mut() {
            self.dropped += 1;
            last.message = format!("{} more problems in this script", self.dropped + 1);
        }
    }

    /// Begins a scope that is a statement at this place.
    pub(super) fn scope(&mut self, kind: ScopeKind, at: At) -> usize {
        let start = self.program.commands.len();
        let mut scope = Scope::new(kind, Some(at.scope), start);
        (scope.list, scope.stage, scope.negated, scope.background) = (at.list, at.stage, at.negated, at.background);
        self.program.scopes.push(scope);
        self.program.scopes.len() - 1
    }

    /// A scope of which the place says only what it stands in.
    pub(super) fn apart(&mut self, kind: ScopeKind, at: At) -> usize {
        self.scope(kind, at.within(at.scope))
    }

    /// Ends a scope at the last command so far.
    pub(super) fn close(&mut self, scope: usize) -> Range<usize> {
        let end = self.program.commands.len();
        let Some(scope) = self.program.scopes.get_mut(scope) else { return end..end };
        scope.commands.end = end;
        scope.commands.clone()
    }

    /// A scope that is a statement of its own: a group, a loop body.
    pub(super) fn inside(&mut self, kind: ScopeKind, node: Node<'_>, source: &Source, at: At) {
        let scope = self.scope(kind, at);
        self.statements(node, source, at.within(scope));
        self.close(scope);
    }

    /// Every statement among a node's children.
    pub(super) fn statements(&mut self, node: Node<'_>, source: &Source, at: At) {
        if at.depth >= MAX_DEPTH.min(self.budget.depth) {
            self.problem(source.outer_range(node.byte_range()), "nested too deeply to read");
            return;
        }
        let at = At { depth: at.depth + 1, ..at };
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let mut index = 0;
        while let Some(child) = children.get(index) {
            index += 1;
            if child.is_error() {
                self.error(*child, source, at);
            } else if child.kind() == "command_name" {
                // What is left of a command the grammar gave up on: its words follow as siblings.
                let loose = children.get(index..).unwrap_or_default();
                let words = loose.iter().take_while(|n| is_word(n.kind())).count();
                let parts: Vec<Node<'_>> = children.get(index - 1..index + words).unwrap_or_default().to_vec();
                self.simple(&parts, child.start_byte(), source, at);
                index += words;
            } else if child.is_named() {
                let background = children.get(index).is_some_and(|next| next.kind() == "&");
                self.statement(*child, source, At { background, ..at });
            }
        }
    }

    pub(super) fn error(&mut self, node: Node<'_>, source: &Source, at: At) {
        self.problem(source.outer_range(node.byte_range()), "not read as shell");
        self.statements(node, source, at);
    }

    /// One statement. Gives the last simple command where redirections written behind belong to
    /// it, nothing for groups.
    pub(super) fn statement(&mut self, node: Node<'_>, source: &Source, at: At) -> Option<usize> {
        match node.kind() {
            "comment" => None,
            "command"
            | "declaration_command"
            | "unset_command"
            | "test_command"
            | "variable_assignment"
            | "variable_assignments" => {
                let mut cursor = node.walk();
                let children: Vec<Node<'_>> = match node.kind() {
                    "variable_assignment" => vec![node],
                    "test_command" => operands(node),
                    _ => node.children(&mut cursor).collect(),
                };
                let index = self.simple(&children, node.start_byte(), source, at);
                self.extend(index, source.outer_range(node.byte_range()));
                self.nested_argument(index, &children, source, at);
                self.executed_by_find(index, &children, source, at);
                Some(index)
            }
            "pipeline" => {
                self.program.pipelines.push(Pipeline::default());
                let id = self.program.pipelines.len() - 1;
                let stages = flatten_pipeline(node);
                let scoped = at.stage.is_some();
                // A pipeline that is a stage itself (after a here-document) adds its stages there.
                let id = if scoped { at.stage.map_or(id, |(outer, _)| outer) } else { id };
                stages.into_iter().fold(None, |_, stage| self.stage(id, stage, source, at))
            }
            "list" => self.list(flatten_list(node), source, at),
            "redirected_statement" => self.redirected(node, source, at),
            "negated_command" => {
                let mut cursor = node.walk();
                let body = node.named_children(&mut cursor).last()?;
                self.statement(body, source, At { negated: !at.negated, ..at })
            }
            "subshell" => {
                self.inside(ScopeKind::Subshell, node, source, at);
                None
            }
            "compound_statement" if node.child(0).is_some_and(|c| c.kind() == "((") => {
                self.substitutions(node, source, at);
                None
            }
            "compound_statement" => {
                self.inside(ScopeKind::Group, node, source, at);
                None
            }
            "if_statement" => {
                self.conditional(node, source, at);
                None
            }
            "while_statement" | "for_statement" | "c_style_for_statement" => {
                self.repeated(node, source, at);
                None
            }
            "case_statement" => {
                self.case(node, source, at);
                None
            }
            "function_definition" => {
                self.function(node, source, at);
                None
            }
            "command_substitution" | "process_substitution" => {
                self.inside(ScopeKind::Subshell, node, source, at);
                None
            }
            kind if is_word(kind) => {
                // A word the grammar could not place is no command; its substitutions still run.
                self.substitutions(node, source, at);
                None
            }
            _ => {
                self.statements(node, source, at);
                None
            }
        }
    }

    /// Lowers a node as the next stage of a pipeline.
    pub(super) fn stage(&mut self, id: usize, node: Node<'_>, source: &Source, at: At) -> Option<usize> {
        let start = self.program.commands.len();
        let position = {
            let pipeline = self.program.pipelines.get_mut(id)?;
            pipeline.stages.push(start..start);
            pipeline.stages.len() - 1
        };
        let last = self.statement(node, source, At { stage: Some((id, position)), ..at });
        let end = self.program.commands.len();
        if let Some(stage) = self.program.pipelines.get_mut(id).and_then(|p| p.stages.get_mut(position)) {
            stage.end = end;
        }
        last
    }

    pub(super) fn list(&mut self, items: Vec<(Option<ListOp>, Node<'_>)>, source: &Source, at: At) -> Option<usize> {
        self.program.lists.push(List::default());
        let id = self.program.lists.len() - 1;
        self.list_items(id, items, source, at)
    }

    pub(super) fn list_items(
        &mut self,
        list: usize,
        items: Vec<(Option<ListOp>, Node<'_>)>,
        source: &Source,
        at: At,
    ) -> Option<usize> {
        let mut last = None;
        for (op, node) in items {
            let item = self.open_item(list, op);
            last = self.statement(node, source, At { list: Some(ListPosition { list, item }), ..at });
            self.close_item(list, item);
        }
        last
    }

    pub(super) fn open_item(&mut self, list: usize, op: Option<ListOp>) -> usize {
        let start = self.program.commands.len();
        let Some(list) = self.program.lists.get_mut(list) else { return 0 };
        list.items.push(ListItem { op, commands: start..start });
        list.items.len() - 1
    }

    pub(super) fn close_item(&mut self, list: usize, item: usize) {
        let end = self.program.commands.len();
        if let Some(item) = self.program.lists.get_mut(list).and_then(|l| l.items.get_mut(item)) {
            item.commands.end = end;
        }
    }

    pub(super) fn with(&mut self, index: usize, change: impl FnOnce(&mut Command)) {
        if let Some(command) = self.program.commands.get_mut(index) {
            change(command);
        }
    }

    pub(super) fn extend(&mut self, index: usize, range: Range<usize>) {
        self.with(index, |command| {
            command.range.start = command.range.start.min(range.start);
            command.range.end = command.range.end.max(range.end);
        });
    }

    pub(super) fn next_condition(&mut self) -> usize {
        self.conditions += 1;
        self.conditions
    }
}

/// The innermost node that is an error or was made up, the first in the text.
fn first_mistake(root: Node<'_>) -> Option<Node<'_>> {
    let mut node = root;
    loop {
        let mut cursor = node.walk();
        let next = node.children(&mut cursor).find(|child| child.has_error() || child.is_missing());
        match next {
            Some(child) if child.is_missing() || child.is_error() => return Some(child),
            Some(child) => node = child,
            None => return (node != root).then_some(node),
        }
    }
}

/// The line a node begins on.
fn line_of(text: &str, node: Node<'_>) -> Range<usize> {
    let at = node.start_byte().min(text.len());
    let start = text.get(..at).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    let end = text.get(at..).and_then(|t| t.find('\n')).map_or(text.len(), |n| at + n);
    start..end
}
