//! What names stand for in a file: bindings with the block they hold in, functions, constants, fields.

use std::collections::BTreeMap;

use crate::parse::rust::{Kind, Part, Tree};
use crate::source::Span;

/// A value that a name is bound to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bound<'t> {
    pub(super) value: &'t Part,
    /// Which of a tuple's values.
    pub(super) element: Option<usize>,
    /// The block in which the name is known.
    pub(super) visible: Span,
    /// Where it is bound.
    pub(super) at: u64,
    /// `name = value` of something that was bound before.
    pub(super) is_assignment: bool,
}

/// A function, or the file itself.
#[derive(Debug, Default)]
pub(super) struct Scope<'t> {
    pub(super) name: &'t str,
    pub(super) parameters: Vec<&'t str>,
    pub(super) binds: BTreeMap<&'t str, Vec<Bound<'t>>>,
    /// What it gives back.
    pub(super) results: Vec<&'t Part>,
    pub(super) is_method: bool,
}

/// A chain of methods: `root.a(..).b(..)`.
#[derive(Debug, Clone)]
pub(super) struct Chain<'t> {
    pub(super) scope: usize,
    pub(super) root: &'t Part,
    /// Methods in their order.
    pub(super) steps: Vec<Step<'t>>,
    /// It stands in a macro that prints.
    pub(super) is_printed: bool,
}

/// A method of a chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Step<'t> {
    pub(super) name: &'t str,
    pub(super) arguments: &'t [Part],
    /// The method's name and what it is given.
    pub(super) span: Span,
}

/// A file.
#[derive(Debug, Default)]
pub(super) struct File<'t> {
    /// The first is the file itself, with its constants.
    pub(super) scopes: Vec<Scope<'t>>,
    pub(super) functions: BTreeMap<&'t str, Vec<usize>>,
    /// Fields with what they are given: by a literal of a struct, or by default.
    pub(super) fields: BTreeMap<&'t str, Vec<(usize, &'t Part, bool)>>,
    /// Literals of structs, with the scope.
    pub(super) structs: Vec<(usize, &'t [(String, Part)])>,
    /// What is called.
    pub(super) chains: Vec<Chain<'t>>,
    /// Texts that are not among a printed macro's: with the scope.
    pub(super) texts: Vec<&'t Part>,
    /// `format!` of addresses, with the scope.
    pub(super) templates: Vec<(usize, &'t Part)>,
}

impl<'t> File<'t> {
    pub(super) fn of(tree: &'t Tree) -> Self {
        let mut file = Self { scopes: vec![Scope::default()], ..Self::default() };
        let whole = Span { start: 0, end: u64::MAX };
        let mut stack: Vec<(&'t Part, usize, Span, bool)> =
            tree.items.iter().rev().map(|node| (node, 0, whole, false)).collect();
        while let Some((node, scope, block, printed)) = stack.pop() {
            file.visit(node, scope, block, printed, &mut stack);
        }
        file
    }

    fn visit(
        &mut self,
        node: &'t Part,
        scope: usize,
        block: Span,
        printed: bool,
        stack: &mut Vec<(&'t Part, usize, Span, bool)>,
    ) {
        let mut inner = (scope, block, printed);
        match &node.kind {
            Kind::Text(_) if !printed => self.texts.push(node),
            Kind::Bind { names, is_tuple, value } => self.bind(scope, names, *is_tuple, value, block, node.span),
            Kind::Function { name, parameters, is_method, body } => {
                let parameters = parameters.iter().map(String::as_str).collect();
                let results = result_of(body).into_iter().collect();
                let made = Scope { name, parameters, results, is_method: *is_method, binds: BTreeMap::new() };
                self.scopes.push(made);
                inner = (self.scopes.len() - 1, body.span, false);
                self.functions.entry(name).or_default().push(inner.0);
            }
            Kind::Block(..) => inner.1 = node.span,
            Kind::Return(value) => {
                if let Some(scope) = self.scopes.get_mut(scope) {
                    scope.results.push(value);
                }
            }
            Kind::Choice(arms) => {
                for arm in arms.iter().rev() {
                    for bind in &arm.binds {
                        if let Kind::Bind { names, is_tuple, value } = &bind.kind {
                            self.bind(scope, names, *is_tuple, value, arm.value.span, bind.span);
                        }
                    }
                }
            }
            Kind::Struct(_, fields) => {
                self.structs.push((scope, fields));
                for (name, value) in fields {
                    self.fields.entry(name).or_default().push((scope, value, false));
                }
            }
            Kind::Default(name, value) => self.fields.entry(name).or_default().push((scope, value, true)),
            Kind::Macro(name, parts) => {
                let name = name.rsplit("::").next().unwrap_or("");
                let is_address = |part: &Part| matches!(&part.kind, Kind::Text(text) if text.contains("://"));
                if matches!(name, "format" | "concat") && !printed && parts.iter().any(is_address) {
                    self.templates.push((scope, node));
                }
                let words = ["print", "assert", "panic", "bail", "ensure", "write", "expect", "todo", "unreachable"];
                let logs = ["info", "warn", "error", "debug", "trace", "anyhow", "log", "err"];
                inner.2 = printed || words.iter().any(|w| name.contains(w)) || logs.contains(&name);
            }
            Kind::Call(..) | Kind::Method { .. } => {
                let (root, steps) = unrolled(node);
                for step in steps.iter().rev() {
                    stack.extend(step.arguments.iter().rev().map(|n| (n, scope, block, printed)));
                }
                match &root.kind {
                    Kind::Call(function, arguments) => {
                        stack.extend(arguments.iter().rev().map(|n| (n, scope, block, printed)));
                        if !matches!(function.kind, Kind::Name(_)) {
                            stack.push((function, scope, block, printed));
                        }
                    }
                    _ => stack.push((root, scope, block, printed)),
                }
                self.chains.push(Chain { scope, root, steps, is_printed: printed });
                return;
            }
            _ => {}
        }
        stack.extend(node.parts().into_iter().rev().map(|part| (part, inner.0, inner.1, inner.2)));
    }

    fn bind(&mut self, scope: usize, names: &'t [String], is_tuple: bool, value: &'t Part, visible: Span, at: Span) {
        let Some(scope) = self.scopes.get_mut(scope) else { return };
        for (index, name) in names.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let element = is_tuple.then_some(index);
            // Known from the end of what binds it, so that `let x = f(x)` asks for the x before.
            let known = Bound { value, element, visible, at: at.end.max(value.span.end), is_assignment: false };
            let all = scope.binds.entry(name).or_default();
            let is_assignment = all.iter().any(|b| b.visible != visible && b.visible.contains(visible));
            all.push(Bound { is_assignment, ..known });
        }
    }
}

/// A chain of methods with what it begins with.
pub(super) fn unrolled(node: &Part) -> (&Part, Vec<Step<'_>>) {
    let mut steps = Vec::new();
    let mut at = node;
    while let Kind::Method { object, name, name_span, arguments } = &at.kind {
        let span = Span { start: name_span.start, end: at.span.end };
        steps.push(Step { name, arguments, span });
        at = object;
    }
    steps.reverse();
    (at, steps)
}

/// The value of a function's body.
fn result_of(body: &Part) -> Option<&Part> {
    match &body.kind {
        Kind::Block(parts, true) => parts.last(),
        _ => None,
    }
}
