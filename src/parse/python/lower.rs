//! From ruff's syntax tree to our own: statements. Recursion follows nesting only and stops at a depth of its own;
//! what is nested deeper is a problem and has no parts.

use ruff_python_ast::{Alias, Decorator, ExceptHandler, Expr, Mod, Operator, Parameters, Stmt};
use ruff_python_parser::{Mode, ParseOptions, parse_unchecked};
use ruff_text_size::{Ranged as _, TextRange};

use super::expressions::MAX_DEPTH;
use super::{Expression, Guard, Imported, Module, Statement, guards, tangle};
use crate::parse::Budget;
use crate::parse::problems::Problems;
use crate::source::Span;

/// What a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// A file.
    File,
    /// A cell of a notebook.
    Cell,
}

pub(super) struct Lower<'t> {
    pub(super) text: &'t str,
    pub(super) problems: Problems,
    /// Expressions and statements that may still be made.
    left: usize,
    /// Bytes before the text that the parser is not given.
    pub(super) shift: usize,
    /// What decides which parts run.
    pub(super) guards: Vec<Guard>,
    /// Values of those that may still be kept.
    pub(super) values_left: usize,
}

/// Reads a whole file.
pub(super) fn module(text: &str, form: Form, budget: &mut Budget) -> Module {
    let mut lower = Lower {
        text,
        problems: Problems::new(budget),
        left: 0,
        shift: 0,
        guards: Vec::new(),
        values_left: guards::MOST_KEPT,
    };
    let whole = Span::new(0, text.len());
    let statements = lower.run(form, budget, whole);
    lower.guards.sort_by_key(|guard| guard.body.start);
    Module { statements, problems: lower.problems.finish(), guards: lower.guards }
}

impl Lower<'_> {
    fn run(&mut self, form: Form, budget: &mut Budget, whole: Span) -> Vec<Statement> {
        if self.text.len() > super::MAX_BYTES.min(budget.bytes) {
            self.problems.push(whole, "file too large to read");
            return Vec::new();
        }
        let mode = if form == Form::Cell { Mode::Ipython } else { Mode::Module };
        let text = self.text.strip_prefix('\u{feff}').unwrap_or(self.text);
        self.shift = self.text.len() - text.len();
        if tangle::is_tangled(text, mode) {
            self.problems.push(whole, "file too tangled to read");
            return Vec::new();
        }
        let parsed = parse_unchecked(text, ParseOptions::from(mode));
        if !budget.take_items(parsed.tokens().len()) {
            self.problems.push(whole, "too much to read");
            return Vec::new();
        }
        // What decides a branch is kept beside it, so that a part of it is made twice.
        self.left = parsed.tokens().len().saturating_mul(4).saturating_add(64);
        let mut last: Option<usize> = None;
        for error in parsed.errors() {
            // One mistake makes several errors of one line; the first says it.
            let at = usize::from(error.location.start());
            let is_said = last.is_some_and(|last| {
                text.get(last.min(at)..last.max(at)).is_some_and(|between| !between.contains('\n'))
            });
            if !is_said && !is_old(text, at) {
                let span = self.span(error.location);
                self.problems.push(span, "not read as Python");
            }
            last = Some(at);
        }
        match parsed.into_syntax() {
            Mod::Module(module) => self.block(&module.body, 0),
            Mod::Expression(_) => Vec::new(),
        }
    }

    pub(super) fn span(&self, range: TextRange) -> Span {
        Span::new(usize::from(range.start()) + self.shift, usize::from(range.end()) + self.shift)
    }

    /// Whether there is room for one level more, and for one part more.
    pub(super) fn fits(&mut self, range: TextRange, depth: usize) -> bool {
        if depth >= MAX_DEPTH || self.left == 0 {
            let span = self.span(range);
            self.problems.push(span, "nested too deeply");
            return false;
        }
        self.left -= 1;
        true
    }

    fn block(&mut self, body: &[Stmt], depth: usize) -> Vec<Statement> {
        let mut out = Vec::with_capacity(body.len());
        for statement in body {
            if self.fits(statement.range(), depth) {
                self.statement(statement, depth + 1, &mut out);
            }
        }
        out
    }

    fn statement(&mut self, statement: &Stmt, depth: usize, out: &mut Vec<Statement>) {
        match statement {
            Stmt::Expr(s) => out.push(Statement::Value(self.expression(&s.value, depth))),
            Stmt::Return(s) => {
                if let Some(value) = &s.value {
                    out.push(Statement::Return(self.expression(value, depth)));
                }
            }
            Stmt::Assign(s) => {
                let value = self.expression(&s.value, depth);
                // `a = b = value`: each gets it, from the last.
                for target in s.targets.iter().rev() {
                    let target = self.expression(target, depth);
                    out.push(Statement::Assign { target, value: value.clone() });
                }
            }
            Stmt::AnnAssign(s) => {
                if let Some(value) = &s.value {
                    let (target, value) = (self.expression(&s.target, depth), self.expression(value, depth));
                    out.push(Statement::Assign { target, value });
                }
            }
            Stmt::AugAssign(s) => {
                let (target, value) = (self.expression(&s.target, depth), self.expression(&s.value, depth));
                out.push(if s.op == Operator::Add {
                    Statement::Add { target, value }
                } else {
                    Statement::Value(Expression {
                        span: self.span(s.range),
                        kind: super::Kind::Other(vec![target, value]),
                    })
                });
            }
            Stmt::With(s) => {
                let mut items = Vec::new();
                for item in &s.items {
                    let name = item.optional_vars.as_deref().map(|name| match name {
                        Expr::Name(name) => name.id.to_string(),
                        other => {
                            self.text.get(self.span(other.range()).range(self.text.len())).unwrap_or("").to_owned()
                        }
                    });
                    items.push((self.expression(&item.context_expr, depth), name));
                }
                let body = self.block(&s.body, depth);
                out.push(Statement::With { items, body });
            }
            Stmt::FunctionDef(s) => {
                let decorators = self.decorators(&s.decorator_list, depth);
                let parameters = self.parameters(&s.parameters, depth);
                let body = self.block(&s.body, depth);
                out.push(Statement::Function { name: s.name.to_string(), parameters, decorators, body });
            }
            Stmt::ClassDef(s) => {
                let decorators = self.decorators(&s.decorator_list, depth);
                let given: &[Expr] = s.arguments.as_deref().map_or(&[], |a| &a.args);
                let bases = given.iter().map(|base| self.expression(base, depth)).collect();
                let body = self.block(&s.body, depth);
                out.push(Statement::Class { name: s.name.to_string(), bases, decorators, body });
            }
            Stmt::For(s) => {
                let (target, values) = (self.expression(&s.target, depth), self.expression(&s.iter, depth));
                let body = self.block(&s.body, depth);
                out.push(Statement::For { target, values, body });
                if !s.orelse.is_empty() {
                    let rest = self.block(&s.orelse, depth);
                    out.push(Statement::Branches(vec![rest]));
                }
            }
            Stmt::If(_) | Stmt::Try(_) | Stmt::While(_) | Stmt::Match(_) => self.branches(statement, depth, out),
            Stmt::Import(s) => out.push(Statement::Import(s.names.iter().map(imported).collect())),
            Stmt::ImportFrom(s) => {
                let dots = ".".repeat(usize::try_from(s.level).unwrap_or(0).min(16));
                let module = dots + s.module.as_ref().map_or("", |name| name.as_str());
                let one = |alias: &Alias| Imported {
                    module: module.clone(),
                    item: Some(alias.name.to_string()),
                    name: alias.asname.as_ref().unwrap_or(&alias.name).to_string(),
                };
                out.push(Statement::Import(s.names.iter().map(one).collect()));
            }
            Stmt::Assert(s) => out.push(Statement::Value(self.expression(&s.test, depth))),
            Stmt::Raise(s) => {
                if let Some(value) = &s.exc {
                    out.push(Statement::Value(self.expression(value, depth)));
                }
            }
            Stmt::Delete(_)
            | Stmt::TypeAlias(_)
            | Stmt::Global(_)
            | Stmt::Nonlocal(_)
            | Stmt::Pass(_)
            | Stmt::Break(_)
            | Stmt::Continue(_)
            | Stmt::IpyEscapeCommand(_) => {}
        }
    }

    /// The blocks of which some may not run. What decides which is kept before them, for what it calls.
    fn branches(&mut self, statement: &Stmt, depth: usize, out: &mut Vec<Statement>) {
        let mut tests: Vec<&Expr> = Vec::new();
        let mut blocks: Vec<&[Stmt]> = Vec::new();
        match statement {
            Stmt::If(s) => {
                tests.push(&s.test);
                blocks.push(&s.body);
                for clause in &s.elif_else_clauses {
                    tests.extend(&clause.test);
                    blocks.push(&clause.body);
                }
            }
            Stmt::While(s) => {
                tests.push(&s.test);
                blocks.extend([&*s.body, &*s.orelse]);
            }
            Stmt::Try(s) => {
                blocks.push(&s.body);
                blocks.extend(s.handlers.iter().map(|ExceptHandler::ExceptHandler(handler)| &*handler.body));
                blocks.extend([&*s.orelse, &*s.finalbody]);
            }
            Stmt::Match(s) => {
                tests.push(&s.subject);
                blocks.extend(s.cases.iter().map(|case| &*case.body));
            }
            _ => {}
        }
        self.guarded(statement, depth);
        for test in tests {
            let value = self.expression(test, depth);
            if value.has_call() {
                out.push(Statement::Value(value));
            }
        }
        let blocks = blocks.into_iter().filter(|block| !block.is_empty());
        let blocks: Vec<Vec<Statement>> = blocks.map(|block| self.block(block, depth)).collect();
        out.push(Statement::Branches(blocks));
    }

    fn decorators(&mut self, list: &[Decorator], depth: usize) -> Vec<Expression> {
        list.iter().map(|decorator| self.expression(&decorator.expression, depth)).collect()
    }

    fn parameters(&mut self, list: &Parameters, depth: usize) -> Vec<(String, Option<Expression>)> {
        let mut out = Vec::new();
        for parameter in list.posonlyargs.iter().chain(&list.args) {
            let value = parameter.default().map(|value| self.expression(value, depth));
            out.push((parameter.name().to_string(), value));
        }
        if let Some(rest) = &list.vararg {
            out.push((format!("*{}", rest.name()), None));
        }
        for parameter in &list.kwonlyargs {
            let value = parameter.default().map(|value| self.expression(value, depth));
            out.push((parameter.name().to_string(), value));
        }
        if let Some(rest) = &list.kwarg {
            out.push((format!("**{}", rest.name()), None));
        }
        out
    }
}

fn imported(alias: &Alias) -> Imported {
    let module = alias.name.to_string();
    let first = module.split('.').next().unwrap_or("").to_owned();
    let name = alias.asname.as_ref().map_or(first, ToString::to_string);
    Imported { module, item: None, name }
}

/// Words that begin statements of Python 2 which Python 3 does not read.
const OLD: &[&str] = &["print", "exec", "raise", "except"];

/// Whether an error stands in a line of Python 2, whose parts are read all the same.
fn is_old(text: &str, at: usize) -> bool {
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    // Lines of data may be as long as the file; what makes a line old stands at its beginning.
    let line = text.get(start..).unwrap_or("");
    let line = line.get(..line.find('\n').unwrap_or(line.len())).unwrap_or("").trim_start();
    let first = line.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or("");
    let is_octal = || {
        let from = text.get(at..).unwrap_or("");
        from.starts_with('0') && from.as_bytes().get(1).is_some_and(u8::is_ascii_digit)
    };
    OLD.contains(&first) || is_octal()
}
