//! Statements that hold statements: conditions, loops, branches, functions.

use tree_sitter::Node;

use super::ir::{Function, ScopeKind, Word};
use super::lower::{At, Lower, MAX_DEPTH};
use super::text::Source;
use super::tree::is_word;

impl Lower<'_> {
    pub(super) fn conditional(&mut self, node: Node<'_>, source: &Source, at: At) {
        let mut cursor = node.walk();
        let mut condition = self.next_condition();
        let mut kind = ScopeKind::Condition(condition);
        let mut scope = self.scope(kind.clone(), at);
        let depth = at.depth + 1;
        for child in node.children(&mut cursor) {
            match child.kind() {
                "then" => {
                    self.close(scope);
                    kind = ScopeKind::Then(condition);
                    scope = self.scope(kind.clone(), at);
                }
                "elif_clause" => {
                    self.close(scope);
                    // The `elif` runs where the first condition failed.
                    let outer = self.scope(ScopeKind::Else(condition), at);
                    condition = self.next_condition();
                    self.elif(child, condition, source, At { depth, ..at.within(outer) });
                    self.close(outer);
                }
                "else_clause" => {
                    self.close(scope);
                    let at = At { depth, ..at };
                    self.inside(ScopeKind::Else(condition), child, source, at);
                }
                _ if child.is_error() => {
                    self.error(child, source, At { depth, ..at.within(scope) });
                }
                _ if child.is_named() => {
                    self.statement(child, source, At { depth, ..at.within(scope) });
                    self.close(scope);
                }
                _ => {}
            }
        }
    }

    pub(super) fn elif(&mut self, node: Node<'_>, condition: usize, source: &Source, at: At) {
        let mut cursor = node.walk();
        let mut scope = self.apart(ScopeKind::Condition(condition), at);
        for child in node.children(&mut cursor) {
            if child.kind() == "then" {
                self.close(scope);
                scope = self.apart(ScopeKind::Then(condition), at);
            } else if child.is_named() {
                self.statement(child, source, at.within(scope));
            }
        }
        self.close(scope);
    }

    pub(super) fn repeated(&mut self, node: Node<'_>, source: &Source, at: At) {
        let mut cursor = node.walk();
        let condition = self.next_condition();
        let at = At { depth: at.depth + 1, ..at };
        let scope = self.scope(ScopeKind::Condition(condition), at);
        for child in node.named_children(&mut cursor) {
            match child.kind() {
                "do_group" | "compound_statement" => {
                    self.close(scope);
                    self.inside(ScopeKind::Loop(condition), child, source, at);
                }
                "variable_name" => {
                    let name = source.slice(child.byte_range()).to_owned();
                    let value = self.only_value(node, source, at);
                    self.program.define_in(scope, &name, value);
                }
                // The values of a `for` are words of no command; substitutions in them run.
                kind if is_word(kind) || node.kind() == "c_style_for_statement" => {
                    self.substitutions(child, source, at.within(scope))
                }
                _ => {
                    self.statement(child, source, at.within(scope));
                    self.close(scope);
                }
            }
        }
    }

    /// What a `for` goes over, where that is one word.
    fn only_value(&mut self, node: Node<'_>, source: &Source, at: At) -> Option<Word> {
        let mut cursor = node.walk();
        let values: Vec<Node<'_>> = node.children_by_field_name("value", &mut cursor).collect();
        let [value] = values.as_slice() else { return None };
        let is_one = matches!(value.kind(), "word" | "string" | "raw_string" | "number");
        if !is_one || source.slice(value.byte_range()).contains(['*', '?', '[', '{', '$', '`']) {
            return None;
        }
        let owner = self.program.commands.len();
        Some(self.word(*value, source, at, owner))
    }

    pub(super) fn case(&mut self, node: Node<'_>, source: &Source, at: At) {
        let mut cursor = node.walk();
        let at = At { depth: at.depth + 1, ..at };
        let number = self.next_condition();
        for child in node.named_children(&mut cursor) {
            if child.kind() != "case_item" {
                self.substitutions(child, source, at);
                continue;
            }
            let scope = self.scope(ScopeKind::Case, at);
            if let Some(branch) = self.program.scopes.get_mut(scope) {
                branch.number = number;
            }
            let mut values = child.walk();
            let mut more = values.goto_first_child();
            while more {
                let part = values.node();
                if values.field_name() != Some("value") && part.is_named() {
                    self.statement(part, source, at.within(scope));
                }
                more = values.goto_next_sibling();
            }
            self.close(scope);
        }
    }

    pub(super) fn function(&mut self, node: Node<'_>, source: &Source, at: At) {
        let name = node.child_by_field_name("name").map(|n| source.slice(n.byte_range()).to_owned());
        let name = name.unwrap_or_default();
        let scope = self.apart(ScopeKind::Function(name.clone()), at);
        if let Some(body) = node.child_by_field_name("body") {
            let at = At { depth: at.depth + 1, ..at.within(scope) };
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
