//! Statements that hold statements: conditions, loops, branches, functions.

use tree_sitter::Node;

use super::ir::{Function, ScopeKind};
use super::lower::{At, Lower, MAX_DEPTH};
use super::text::Source;
use super::tree::is_word;

impl Lower<'_> {
    pub(super) fn conditional(&mut self, node: Node<'_>, source: &Source, at: At) {
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

    pub(super) fn elif(&mut self, node: Node<'_>, condition: usize, source: &Source, at: At) {
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

    pub(super) fn repeated(&mut self, node: Node<'_>, source: &Source, at: At) {
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

    pub(super) fn case(&mut self, node: Node<'_>, source: &Source, at: At) {
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

    pub(super) fn function(&mut self, node: Node<'_>, source: &Source, at: At) {
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
}
