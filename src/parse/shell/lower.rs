//! From the syntax tree to [`Program`]: statements. Words are in `words`, shells inside shells in
//! `nested`.
//!
//! Recursion follows nesting only, a few frames a level, and stops at the budget's depth; chains
//! and pipelines, which the grammar nests to the left, are flattened in loops.

use std::ops::{ControlFlow, Range};

use tree_sitter::{Node, ParseOptions, Parser};

use super::ir::{
    Assignment, Command, Function, List, ListItem, ListOp, ListPosition, Part, Pipeline, Program, Redirect, RedirectOp,
    Scope, ScopeKind, Word,
};
use super::text::Source;
use crate::parse::{Budget, Problem};
use crate::source::Span;

/// Deepest nesting lowered whatever the budget says; it bounds the stack.
const MAX_DEPTH: usize = 96;
/// Calls of the parser's progress callback per script, plus one per [`BYTES_PER_CALL`]. Real
/// scripts stay under a tenth of it.
const BASE_CALLS: usize = 2_000;
/// See [`BASE_CALLS`].
const BYTES_PER_CALL: usize = 16;

/// Stages of one pipeline. The grammar's recovery from one that is cut off takes memory by the
/// square of its length, in one step that asks nobody.
const MAX_STAGES: usize = 500;

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
    let scope = lower.scope(ScopeKind::Script, None, None, None);
    lower.run(&source, scope, 0);
    lower.close(scope);
    lower.program
}

impl Lower<'_> {
    /// Parses and lowers one text into a scope.
    pub(super) fn run(&mut self, source: &Source, scope: usize, depth: usize) {
        if longest_pipeline(&source.text) > MAX_STAGES {
            self.problem(source.outer_range(0..source.text.len()), "pipeline too long to read");
            return;
        }
        let mut parser = Parser::new();
        if parser.set_language(&tree_sitter_bash::LANGUAGE.into()).is_err() {
            self.problem(source.outer_range(0..source.text.len()), "shell grammar unavailable");
            return;
        }
        let bytes = source.text.as_bytes();
        let mut calls = BASE_CALLS + bytes.len() / BYTES_PER_CALL;
        let mut progress = |_: &tree_sitter::ParseState| {
            calls = calls.saturating_sub(1);
            if calls == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = ParseOptions::new().progress_callback(&mut progress);
        let tree = parser.parse_with_options(&mut |at, _| bytes.get(at..).unwrap_or_default(), None, Some(options));
        let Some(tree) = tree else {
            self.problem(source.outer_range(0..bytes.len()), "script too tangled to read");
            return;
        };
        let root = tree.root_node();
        if !self.budget.take_items(root.descendant_count()) {
            self.problem(source.outer_range(0..bytes.len()), "too much to read");
            return;
        }
        let at = At { scope, list: None, stage: None, negated: false, background: false, depth };
        let before = self.program.problems.len();
        self.statements(root, source, at);
        // An error the walk did not come by, or a token the grammar had to make up.
        if root.has_error() && self.program.problems.len() == before {
            self.problem(source.outer_range(0..bytes.len()), "not all of it read as shell");
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

    pub(super) fn scope(
        &mut self,
        kind: ScopeKind,
        parent: Option<usize>,
        list: Option<ListPosition>,
        stage: Option<(usize, usize)>,
    ) -> usize {
        let start = self.program.commands.len();
        self.program.scopes.push(Scope { kind, parent, list, stage, commands: start..start });
        self.program.scopes.len() - 1
    }

    /// Ends a scope at the last command so far.
    pub(super) fn close(&mut self, scope: usize) -> Range<usize> {
        let end = self.program.commands.len();
        let Some(scope) = self.program.scopes.get_mut(scope) else { return end..end };
        scope.commands.end = end;
        scope.commands.clone()
    }

    /// A scope that is a statement of its own: a group, a loop body.
    fn inside(&mut self, kind: ScopeKind, node: Node<'_>, source: &Source, at: At) {
        let scope = self.scope(kind, Some(at.scope), at.list, at.stage);
        self.statements(node, source, At { scope, list: None, stage: None, ..at });
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

    fn error(&mut self, node: Node<'_>, source: &Source, at: At) {
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

    fn list(&mut self, items: Vec<(Option<ListOp>, Node<'_>)>, source: &Source, at: At) -> Option<usize> {
        self.program.lists.push(List::default());
        let id = self.program.lists.len() - 1;
        self.list_items(id, items, source, at)
    }

    fn list_items(
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

    fn open_item(&mut self, list: usize, op: Option<ListOp>) -> usize {
        let start = self.program.commands.len();
        let Some(list) = self.program.lists.get_mut(list) else { return 0 };
        list.items.push(ListItem { op, commands: start..start });
        list.items.len() - 1
    }

    fn close_item(&mut self, list: usize, item: usize) {
        let end = self.program.commands.len();
        if let Some(item) = self.program.lists.get_mut(list).and_then(|l| l.items.get_mut(item)) {
            item.commands.end = end;
        }
    }

    fn redirected(&mut self, node: Node<'_>, source: &Source, at: At) -> Option<usize> {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let body = children.iter().find(|c| c.is_named() && !is_redirect(c.kind()) && !c.is_extra()).copied();
        let redirects: Vec<Node<'_>> = children.iter().copied().filter(|c| is_redirect(c.kind())).collect();
        // `cat <<EOF | sh` and `cat <<EOF && x`: the grammar hangs what follows on the redirection.
        let tails: Vec<(Node<'_>, Vec<Node<'_>>)> = redirects
            .iter()
            .filter(|r| r.kind() == "heredoc_redirect")
            .map(|r| (*r, r.children(&mut r.walk()).collect::<Vec<_>>()))
            .collect();
        let piped = tails.iter().flat_map(|(_, c)| c).find(|c| c.kind() == "pipeline").copied();
        let joined = tails.iter().find_map(|(_, children)| {
            let op = children.iter().find_map(|c| list_op(c.kind()))?;
            let right = children.iter().rev().find(|c| {
                c.is_named()
                    && !matches!(c.kind(), "heredoc_body" | "heredoc_end" | "heredoc_start" | "file_descriptor")
            })?;
            Some((op, *right))
        });

        let list = joined.map(|_| {
            self.program.lists.push(List::default());
            let id = self.program.lists.len() - 1;
            (id, self.open_item(id, None))
        });
        let at = match list {
            Some((list, item)) => At { list: Some(ListPosition { list, item }), ..at },
            None => at,
        };
        let mut pipeline = None;
        let start = self.program.commands.len();
        let mut last = match (body, piped, at.stage) {
            (Some(body), Some(_), stage) => {
                let id = stage.map_or_else(
                    || {
                        self.program.pipelines.push(Pipeline::default());
                        self.program.pipelines.len() - 1
                    },
                    |(id, _)| id,
                );
                pipeline = Some(id);
                if stage.is_some() { self.statement(body, source, at) } else { self.stage(id, body, source, at) }
            }
            (Some(body), None, _) => self.statement(body, source, at),
            (None, ..) => Some(self.simple(&[], node.start_byte(), source, at)),
        };
        let end = self.program.commands.len();
        if let Some(index) = last {
            self.extend(index, source.outer_range(node.byte_range()));
        }
        for redirect in redirects {
            // Words behind a here-document's delimiter still belong to the command.
            if let (Some(index), Some((_, words))) = (last, tails.iter().find(|(r, _)| *r == redirect)) {
                for word in words.iter().filter(|w| is_word(w.kind())) {
                    let word = self.word(*word, source, at, index);
                    self.with(index, |command| command.args.push(word));
                }
            }
            let owner = last.unwrap_or(start);
            let nested: Vec<Node<'_>> = if redirect.kind() == "heredoc_redirect" {
                redirect.children(&mut redirect.walk()).filter(|c| is_redirect(c.kind())).collect()
            } else {
                Vec::new()
            };
            for redirect in std::iter::once(redirect).chain(nested) {
                let Some(redirect) = self.redirect(redirect, source, at, owner) else { continue };
                match last {
                    Some(index) => self.with(index, |command| command.redirects.push(redirect)),
                    None => {
                        for index in start..end {
                            let copy = redirect.clone();
                            self.with(index, |command| command.redirects.push(copy));
                        }
                    }
                }
            }
        }
        let fed = last;
        if let (Some(id), Some(tail)) = (pipeline, piped) {
            for stage in flatten_pipeline(tail) {
                last = self.stage(id, stage, source, At { stage: None, ..at });
            }
        }
        self.nested_heredoc(fed, last, &tails, source, at);
        if let Some((list, item)) = list {
            self.close_item(list, item);
            if let Some((op, right)) = joined {
                let mut items = flatten_list(right);
                if let Some(first) = items.first_mut() {
                    first.0 = Some(op);
                }
                last = self.list_items(list, items, source, At { list: None, ..at });
            }
        }
        last
    }

    fn conditional(&mut self, node: Node<'_>, source: &Source, at: At) {
        let mut cursor = node.walk();
        let mut condition = self.next_condition();
        let mut kind = ScopeKind::Condition(condition);
        let mut scope = self.scope(kind.clone(), Some(at.scope), at.list, at.stage);
        let depth = at.depth + 1;
        for child in node.children(&mut cursor) {
            match child.kind() {
                "then" => {
                    self.close(scope);
                    kind = ScopeKind::Then(condition);
                    scope = self.scope(kind.clone(), Some(at.scope), at.list, at.stage);
                }
                "elif_clause" => {
                    self.close(scope);
                    // The `elif` runs where the first condition failed.
                    let outer = self.scope(ScopeKind::Else(condition), Some(at.scope), at.list, at.stage);
                    condition = self.next_condition();
                    self.elif(child, condition, source, At { scope: outer, list: None, stage: None, depth, ..at });
                    self.close(outer);
                }
                "else_clause" => {
                    self.close(scope);
                    let at = At { depth, ..at };
                    self.inside(ScopeKind::Else(condition), child, source, at);
                }
                _ if child.is_error() => {
                    self.error(child, source, At { scope, list: None, stage: None, depth, ..at });
                }
                _ if child.is_named() => {
                    self.statement(child, source, At { scope, list: None, stage: None, depth, ..at });
                    self.close(scope);
                }
                _ => {}
            }
        }
    }

    fn elif(&mut self, node: Node<'_>, condition: usize, source: &Source, at: At) {
        let mut cursor = node.walk();
        let mut scope = self.scope(ScopeKind::Condition(condition), Some(at.scope), None, None);
        for child in node.children(&mut cursor) {
            if child.kind() == "then" {
                self.close(scope);
                scope = self.scope(ScopeKind::Then(condition), Some(at.scope), None, None);
            } else if child.is_named() {
                self.statement(child, source, At { scope, ..at });
            }
        }
        self.close(scope);
    }

    fn repeated(&mut self, node: Node<'_>, source: &Source, at: At) {
        let mut cursor = node.walk();
        let condition = self.next_condition();
        let at = At { depth: at.depth + 1, ..at };
        let scope = self.scope(ScopeKind::Condition(condition), Some(at.scope), at.list, at.stage);
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "do_group" | "compound_statement" => {
                    self.close(scope);
                    self.inside(ScopeKind::Loop(condition), child, source, at);
                }
                "variable_name" => {
                    let name = source.slice(child.byte_range()).to_owned();
                    self.program.define(&name, None);
                }
                // The values of a `for` are words of no command; substitutions in them run.
                kind if is_word(kind) || node.kind() == "c_style_for_statement" => {
                    self.substitutions(child, source, At { scope, list: None, stage: None, ..at })
                }
                _ => {
                    self.statement(child, source, At { scope, list: None, stage: None, ..at });
                    self.close(scope);
                }
            }
        }
    }

    fn case(&mut self, node: Node<'_>, source: &Source, at: At) {
        let mut cursor = node.walk();
        let at = At { depth: at.depth + 1, ..at };
        for child in node.named_children(&mut cursor) {
            if child.kind() != "case_item" {
                self.substitutions(child, source, at);
                continue;
            }
            let scope = self.scope(ScopeKind::Case, Some(at.scope), at.list, at.stage);
            let mut values = child.walk();
            let mut more = values.goto_first_child();
            while more {
                let part = values.node();
                if values.field_name() != Some("value") && part.is_named() {
                    self.statement(part, source, At { scope, list: None, stage: None, ..at });
                }
                more = values.goto_next_sibling();
            }
            self.close(scope);
        }
    }

    fn function(&mut self, node: Node<'_>, source: &Source, at: At) {
        let name = node.child_by_field_name("name").map(|n| source.slice(n.byte_range()).to_owned());
        let name = name.unwrap_or_default();
        let scope = self.scope(ScopeKind::Function(name.clone()), Some(at.scope), None, None);
        if let Some(body) = node.child_by_field_name("body") {
            let at = At { scope, list: None, stage: None, depth: at.depth + 1, ..at };
            if at.depth >= MAX_DEPTH {
                self.problem(source.outer_range(node.byte_range()), "nested too deeply to read");
            } else {
                self.statement(body, source, at);
            }
        }
        let commands = self.close(scope);
        let range = source.outer_range(node.byte_range());
        self.program.functions.push(Function { name, range, commands });
    }

    /// A simple command of these children: assignments, a name, words, redirections.
    fn simple(&mut self, children: &[Node<'_>], start: usize, source: &Source, at: At) -> usize {
        let index = self.program.commands.len();
        let (pipeline, position) = at.stage.unwrap_or_else(|| {
            self.program.pipelines.push(Pipeline { stages: Vec::new() });
            (self.program.pipelines.len() - 1, 0)
        });
        let from = source.outer(start);
        self.program.commands.push(Command {
            range: from..from,
            pipeline,
            position,
            scope: at.scope,
            list: at.list,
            negated: at.negated,
            background: at.background,
            ..Command::default()
        });
        let declares = children.first().is_some_and(|c| {
            matches!(c.kind(), "declare" | "typeset" | "export" | "readonly" | "local" | "unset" | "unsetenv")
        });
        // The grammar cuts `v$NAME-x` into two words; nothing stands between them.
        let mut joins = None;
        for child in children {
            self.extend(index, source.outer_range(child.byte_range()));
            match child.kind() {
                "variable_assignment" => {
                    let assignment = self.assignment(*child, source, at, index);
                    self.with(index, |command| command.assignments.push(assignment));
                }
                "file_redirect" | "herestring_redirect" => {
                    if let Some(redirect) = self.redirect(*child, source, at, index) {
                        self.with(index, |command| command.redirects.push(redirect));
                    }
                }
                "subshell" => self.inside(ScopeKind::Subshell, *child, source, At { stage: None, list: None, ..at }),
                "comment" => {}
                _ if child.is_error() => self.error(*child, source, at),
                kind => {
                    let word = if is_word(kind) || kind == "command_name" {
                        self.word(*child, source, at, index)
                    } else {
                        let range = child.byte_range();
                        Word::constant(source.slice(range.clone()), source.outer_range(range))
                    };
                    let joined = joins == Some(child.start_byte());
                    joins = Some(child.end_byte());
                    self.with(index, |command| match (&mut command.name, command.args.last_mut()) {
                        (_, Some(last)) if joined => last.join(word),
                        (Some(name), None) if joined => name.join(word),
                        (None, None) => command.name = Some(word),
                        _ => command.args.push(word),
                    });
                }
            }
        }
        // `X=1 cmd` sets X for the command alone; `X=1` and `export X=1` for what follows.
        let lasting = declares || self.program.commands.get(index).is_some_and(|c| c.name.is_none());
        if lasting {
            let set = self.program.commands.get(index).map(|c| c.assignments.clone()).unwrap_or_default();
            for assignment in set {
                self.program.define(&assignment.name, (!assignment.partial).then_some(assignment.value));
            }
        }
        self.forget_read_variables(index);
        let end = self.program.commands.len();
        if at.stage.is_none()
            && let Some(pipeline) = self.program.pipelines.get_mut(pipeline)
        {
            pipeline.stages.push(index..end);
        }
        index
    }

    /// `read X` and `unset X` leave a value no assignment shows.
    fn forget_read_variables(&mut self, index: usize) {
        let Some(command) = self.program.commands.get(index) else { return };
        let name = command.name.as_ref().and_then(Word::literal).unwrap_or_default();
        if !matches!(name.as_str(), "read" | "mapfile" | "readarray" | "unset" | "getopts") {
            return;
        }
        let names: Vec<String> = command.args.iter().filter_map(Word::literal).collect();
        for name in names.iter().filter(|n| !n.starts_with('-')) {
            self.program.define(name, None);
        }
    }

    fn assignment(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize) -> Assignment {
        let name = node.child_by_field_name("name");
        let value = node.child_by_field_name("value");
        let added = node.child(1).is_some_and(|op| op.kind() == "+=");
        let element = name.is_some_and(|n| n.kind() == "subscript");
        let array = value.is_some_and(|v| v.kind() == "array");
        let text = name.map(|n| source.slice(n.byte_range())).unwrap_or_default();
        let text = text.split('[').next().unwrap_or_default().to_owned();
        let word = match value {
            Some(value) => self.word(value, source, at, owner),
            None => Word::constant("", source.outer_range(node.end_byte()..node.end_byte())),
        };
        Assignment {
            name: text,
            value: word,
            partial: added || element || array,
            range: source.outer_range(node.byte_range()),
        }
    }

    fn redirect(&mut self, node: Node<'_>, source: &Source, at: At, owner: usize) -> Option<Redirect> {
        let mut cursor = node.walk();
        let children: Vec<Node<'_>> = node.children(&mut cursor).collect();
        let fd = node.child_by_field_name("descriptor").and_then(|n| source.slice(n.byte_range()).parse().ok());
        let op = children.iter().find_map(|c| match c.kind() {
            "<" => Some(RedirectOp::Read),
            ">" | "&>" | ">|" => Some(RedirectOp::Write),
            ">>" | "&>>" => Some(RedirectOp::Append),
            "<&" | ">&" | "<&-" | ">&-" => Some(RedirectOp::Duplicate),
            "<<" | "<<-" => Some(RedirectOp::HereDoc),
            "<<<" => Some(RedirectOp::HereString),
            _ => None,
        })?;
        if op == RedirectOp::HereDoc {
            let body = children.iter().find(|c| c.kind() == "heredoc_body").copied();
            let range = body.map(|b| source.outer_range(b.byte_range()));
            let target = body.map(|b| self.heredoc_word(b, source, at, owner)).unwrap_or_default();
            return Some(Redirect { op, fd, target, heredoc: range });
        }
        let mut words = children.iter().copied().filter(|c| is_word(c.kind()));
        let target = words.next().map(|w| self.word(w, source, at, owner)).unwrap_or_default();
        // `>f a b`: the grammar takes the words behind for further destinations; they are arguments.
        for extra in words.collect::<Vec<_>>() {
            let word = self.word(extra, source, at, owner);
            self.with(owner, |command| match command.name {
                None => command.name = Some(word),
                Some(_) => command.args.push(word),
            });
        }
        Some(Redirect { op, fd, target, heredoc: None })
    }

    pub(super) fn with(&mut self, index: usize, change: impl FnOnce(&mut Command)) {
        if let Some(command) = self.program.commands.get_mut(index) {
            change(command);
        }
    }

    fn extend(&mut self, index: usize, range: Range<usize>) {
        self.with(index, |command| {
            command.range.start = command.range.start.min(range.start);
            command.range.end = command.range.end.max(range.end);
        });
    }

    fn next_condition(&mut self) -> usize {
        self.conditions += 1;
        self.conditions
    }
}

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

fn is_redirect(kind: &str) -> bool {
    matches!(kind, "file_redirect" | "heredoc_redirect" | "herestring_redirect")
}

fn list_op(kind: &str) -> Option<ListOp> {
    match kind {
        "&&" => Some(ListOp::And),
        "||" => Some(ListOp::Or),
        _ => None,
    }
}

/// The members of a chain; the grammar nests them to the left.
fn flatten_list(node: Node<'_>) -> Vec<(Option<ListOp>, Node<'_>)> {
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

fn flatten_pipeline(node: Node<'_>) -> Vec<Node<'_>> {
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
fn operands(node: Node<'_>) -> Vec<Node<'_>> {
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
fn longest_pipeline(text: &str) -> usize {
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
