//! The scopes of a module: which names are bound in each, by what, in what order and in which branch.

use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

use super::module::Module;
use crate::parse::python::{Argument, Expression, Imported, Kind, Made, Statement};
use crate::source::Span;

/// What binds a name.
#[derive(Debug, Clone)]
pub(super) enum What<'t> {
    /// An expression.
    Value(&'t Expression),
    /// A part of what an expression gives, by its place in it.
    Part(&'t Expression, Vec<usize>),
    /// Each element of what an expression gives, or a part of each.
    Element(&'t Expression, Vec<usize>),
    /// The parameter of this number of the scope's function.
    Parameter(usize),
    /// An import.
    Import(&'t Imported),
    /// A function or class: the scope it opens.
    Scope(usize),
    /// What is put behind what the name was: `name += value`.
    Added(&'t str, &'t Expression),
}

/// A name that is bound.
#[derive(Debug, Clone)]
pub(super) struct Binding<'t> {
    /// The byte from which it holds.
    pub from: u64,
    /// The block it stands in.
    pub block: usize,
    /// The scope its expression is to be read in.
    pub scope: usize,
    /// What binds it.
    pub what: What<'t>,
}

/// What opens a scope.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Opens<'t> {
    /// The module.
    Module,
    /// A function.
    Function {
        /// Its parameters.
        parameters: &'t [(String, Option<Expression>)],
        /// What it is decorated with.
        decorators: &'t [Expression],
    },
    /// A class.
    Class {
        /// What it is made from.
        bases: &'t [Expression],
    },
    /// A comprehension.
    Each,
}

/// A scope.
#[derive(Debug)]
pub(super) struct Scope<'t> {
    /// Its name; empty where it has none.
    pub name: &'t str,
    /// The scope around it.
    pub parent: Option<usize>,
    /// What opens it.
    pub opens: Opens<'t>,
    /// The block it is opened in.
    pub block: usize,
    /// Names.
    pub names: HashMap<&'t str, Vec<Binding<'t>>>,
    /// Of a class, what its methods set on `self`.
    pub members: HashMap<&'t str, Vec<Binding<'t>>>,
    /// Of a function, what it returns, with the block.
    pub returns: Vec<(&'t Expression, usize)>,
}

/// A place that statements run at, below another.
#[derive(Debug, Clone, Copy)]
struct Block {
    parent: usize,
    depth: usize,
    /// Branches of one statement have one number; zero where there is no other.
    group: usize,
}

/// A call.
#[derive(Debug, Clone, Copy)]
pub(super) struct Call<'t> {
    /// The whole of it.
    pub whole: &'t Expression,
    /// What is called.
    pub function: &'t Expression,
    /// With what.
    pub arguments: &'t [Argument],
    /// Where it stands.
    pub scope: usize,
    /// In which block.
    pub block: usize,
}

/// A text that stands in the code, and what it is given to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Literal<'t> {
    /// The text or template.
    pub text: &'t Expression,
    /// Where it stands.
    pub scope: usize,
    /// In which block.
    pub block: usize,
    /// The name, keyword, option or key it is given to; empty where it is none.
    pub to: &'t str,
    /// How it is given.
    pub how: How,
    /// The number of the call it is given to, where it is.
    pub call: Option<usize>,
}

/// How a text is given to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum How {
    /// It is assigned.
    Assigned,
    /// It is what a parameter is by default.
    Default,
    /// It is an argument with a keyword.
    Keyword,
    /// It is a value of a dictionary.
    Entry,
    /// In another way.
    Other,
}

/// A module with its scopes.
#[derive(Debug)]
pub(super) struct Scopes<'t> {
    /// What was read.
    pub module: &'t Module,
    /// The scopes; the first is the module's.
    pub scopes: Vec<Scope<'t>>,
    blocks: Vec<Block>,
    groups: usize,
    /// Calls in the order they were met.
    pub calls: Vec<Call<'t>>,
    /// Texts.
    pub literals: Vec<Literal<'t>>,
    /// The scopes of comprehensions, by their bytes.
    pub each: HashMap<Span, usize>,
    /// Modules of which everything is imported.
    pub stars: Vec<&'t str>,
    /// Classes that say what they hold and have no `__init__`, by the names of their fields.
    pub fields: HashMap<&'t str, Vec<usize>>,
    /// Options of its command line, by the name they get, with the number of the call.
    pub options: HashMap<String, Vec<usize>>,
    by_span: OnceLock<HashMap<Span, usize>>,
    patched: OnceLock<HashSet<usize>>,
    given: OnceLock<HashMap<(usize, &'t str), Vec<&'t str>>>,
}

impl<'t> Scopes<'t> {
    /// The scopes of a module.
    pub(super) fn of(module: &'t Module) -> Self {
        let mut out = Self {
            module,
            scopes: Vec::new(),
            blocks: vec![Block { parent: 0, depth: 0, group: 0 }],
            groups: 0,
            calls: Vec::new(),
            literals: Vec::new(),
            each: HashMap::new(),
            stars: Vec::new(),
            fields: HashMap::new(),
            options: HashMap::new(),
            by_span: OnceLock::new(),
            patched: OnceLock::new(),
            given: OnceLock::new(),
        };
        out.open("", None, Opens::Module, 0);
        out.body(&module.statements, 0, 0);
        out.find_options();
        out.find_fields();
        out.shrink();
        out
    }

    /// Gives back what was set aside for more: most names are bound once.
    fn shrink(&mut self) {
        for scope in &mut self.scopes {
            scope.names.shrink_to_fit();
            scope.names.values_mut().chain(scope.members.values_mut()).for_each(Vec::shrink_to_fit);
            scope.returns.shrink_to_fit();
        }
        self.scopes.shrink_to_fit();
        self.blocks.shrink_to_fit();
        self.calls.shrink_to_fit();
        self.literals.shrink_to_fit();
    }

    /// The text that stands at a place.
    pub(super) fn literal_at(&self, span: Span) -> Option<&Literal<'t>> {
        self.literals.get(self.number_at(span)?)
    }

    /// The number of the text that stands at a place.
    pub(super) fn number_at(&self, span: Span) -> Option<usize> {
        let by_span = self.by_span.get_or_init(|| {
            // The one that says most was met first.
            let all = self.literals.iter().enumerate().rev();
            all.map(|(number, literal)| (literal.text.span, number)).collect()
        });
        by_span.get(&span).copied()
    }

    /// Functions that put something else in the place of a hub or of what loads from it.
    pub(super) fn patched(&self) -> &HashSet<usize> {
        self.patched.get_or_init(|| super::apart::patched(self))
    }

    /// The names of the functions that a variable of a scope is given to.
    pub(super) fn given_to<'n>(&'n self, scope: usize, name: &'n str) -> &'n [&'t str] {
        let given = self.given.get_or_init(|| {
            let mut out: HashMap<(usize, &'t str), Vec<&'t str>> = HashMap::new();
            for call in &self.calls {
                for argument in call.arguments {
                    if let Kind::Name(name) = &argument.value.kind {
                        out.entry((call.scope, name)).or_default().push(call.function.last_name().unwrap_or(""));
                    }
                }
            }
            out
        });
        given.get(&(scope, name)).map_or(&[], Vec::as_slice)
    }

    fn find_fields(&mut self) {
        for (number, scope) in self.scopes.iter().enumerate() {
            if !matches!(scope.opens, Opens::Class { .. }) || scope.names.contains_key("__init__") {
                continue;
            }
            for (name, all) in &scope.names {
                if all.iter().any(|binding| matches!(binding.what, What::Value(_))) {
                    self.fields.entry(name).or_default().push(number);
                }
            }
        }
    }

    fn open(&mut self, name: &'t str, parent: Option<usize>, opens: Opens<'t>, block: usize) -> usize {
        let (names, members, returns) = (HashMap::new(), HashMap::new(), Vec::new());
        self.scopes.push(Scope { name, parent, opens, block, names, members, returns });
        self.scopes.len() - 1
    }

    fn block(&mut self, parent: usize, group: usize) -> usize {
        let depth = self.blocks[parent].depth + 1;
        self.blocks.push(Block { parent, depth, group });
        self.blocks.len() - 1
    }

    fn bind(&mut self, into: usize, name: &'t str, from: u64, block: usize, scope: usize, what: What<'t>) {
        let all = self.scopes[into].names.entry(name).or_insert_with(|| Vec::with_capacity(1));
        all.push(Binding { from, block, scope, what });
    }

    fn body(&mut self, statements: &'t [Statement], scope: usize, block: usize) {
        for statement in statements {
            self.statement(statement, scope, block);
        }
    }

    fn statement(&mut self, statement: &'t Statement, scope: usize, block: usize) {
        match statement {
            Statement::Assign { target, value } => {
                let to = target.last_name().or_else(|| key_of(target)).unwrap_or("");
                self.given(value, scope, block, to, How::Assigned);
                self.visit(target, scope, block);
                self.assign(target, value, scope, block, &mut Vec::new(), false);
            }
            Statement::Add { target, value } => {
                self.given(value, scope, block, target.last_name().unwrap_or(""), How::Assigned);
                if let Kind::Name(name) = &target.kind {
                    self.bind(scope, name, value.span.end, block, scope, What::Added(name, value));
                }
            }
            // A text by itself is told to readers.
            Statement::Value(value) if value.as_text().is_some() => {}
            Statement::Value(value) => self.visit(value, scope, block),
            Statement::Return(value) => {
                self.visit(value, scope, block);
                self.scopes[scope].returns.push((value, block));
            }
            Statement::With { items, body } => {
                for (value, name) in items {
                    self.visit(value, scope, block);
                    if let Some(name) = name {
                        self.bind(scope, name, value.span.end, block, scope, What::Value(value));
                    }
                }
                self.body(body, scope, block);
            }
            Statement::Function { name, parameters, decorators, body } => {
                decorators.iter().for_each(|d| self.visit(d, scope, block));
                for (name, default) in parameters {
                    if let Some(default) = default {
                        self.given(default, scope, block, name, How::Default);
                    }
                }
                let inner = self.open(name, Some(scope), Opens::Function { parameters, decorators }, block);
                let at = decorators.first().map_or(0, |d| d.span.start);
                self.bind(scope, name, at, block, scope, What::Scope(inner));
                let own = self.block(block, 0);
                for (number, (name, _)) in parameters.iter().enumerate() {
                    self.bind(inner, name.trim_start_matches('*'), 0, own, inner, What::Parameter(number));
                }
                self.body(body, inner, own);
            }
            Statement::Class { name, bases, decorators, body } => {
                decorators.iter().chain(bases).for_each(|d| self.visit(d, scope, block));
                let inner = self.open(name, Some(scope), Opens::Class { bases }, block);
                self.bind(scope, name, 0, block, scope, What::Scope(inner));
                let own = self.block(block, 0);
                self.body(body, inner, own);
            }
            Statement::Import(names) => {
                for name in names {
                    if name.item.as_deref() == Some("*") {
                        self.stars.push(&name.module);
                    } else {
                        self.bind(scope, &name.name, 0, block, scope, What::Import(name));
                    }
                }
            }
            Statement::For { target, values, body } => {
                self.visit(values, scope, block);
                let own = self.block(block, 0);
                self.assign(target, values, scope, own, &mut Vec::new(), true);
                self.body(body, scope, own);
            }
            Statement::Branches(branches) => {
                self.groups += 1;
                let group = self.groups;
                for branch in branches {
                    let own = self.block(block, group);
                    self.body(branch, scope, own);
                }
            }
        }
    }

    /// Binds what a target takes.
    fn assign(
        &mut self,
        target: &'t Expression,
        value: &'t Expression,
        scope: usize,
        block: usize,
        path: &mut Vec<usize>,
        each: bool,
    ) {
        let what = || match (each, path.is_empty()) {
            (true, _) => What::Element(value, path.clone()),
            (false, true) => What::Value(value),
            (false, false) => What::Part(value, path.clone()),
        };
        let from = value.span.end.max(target.span.end);
        match &target.kind {
            Kind::Name(name) => {
                let what = what();
                self.bind(scope, name, from, block, scope, what);
            }
            Kind::Attribute(object, name) => {
                let is_own = matches!(&object.kind, Kind::Name(name) if name == "self" || name == "cls");
                if let (true, Some(class)) = (is_own, self.class_of(scope)) {
                    let what = what();
                    let binding = Binding { from, block, scope, what };
                    self.scopes[class].members.entry(name).or_default().push(binding);
                }
            }
            Kind::List(parts) => {
                for (index, part) in parts.iter().enumerate() {
                    path.push(index);
                    self.assign(part, value, scope, block, path, each);
                    path.pop();
                }
            }
            _ => {}
        }
    }

    /// The class whose method a scope is in.
    pub(super) fn class_of(&self, scope: usize) -> Option<usize> {
        let mut at = Some(scope);
        while let Some(scope) = at {
            let is_function = matches!(self.scopes[scope].opens, Opens::Function { .. });
            let parent = self.scopes[scope].parent;
            if is_function && parent.is_some_and(|p| matches!(self.scopes[p].opens, Opens::Class { .. })) {
                return parent;
            }
            at = parent;
        }
        None
    }

    /// A value that is given to a name: where it is a text, or a choice of texts, that is noted.
    fn given(&mut self, value: &'t Expression, scope: usize, block: usize, to: &'t str, how: How) {
        self.noted(value, scope, block, to, how, None);
        self.visit(value, scope, block);
    }

    fn noted(&mut self, value: &'t Expression, scope: usize, block: usize, to: &'t str, how: How, call: Option<usize>) {
        match &value.kind {
            Kind::Text(_) | Kind::Made(Made::Template(_), _) => {
                self.literals.push(Literal { text: value, scope, block, to, how, call });
            }
            Kind::Either(a, b) => {
                self.noted(a, scope, block, to, how, call);
                self.noted(b, scope, block, to, how, call);
            }
            Kind::Made(Made::Or, parts) => parts.iter().for_each(|p| self.noted(p, scope, block, to, how, call)),
            // Of a list that is given away each text is; one that is kept may be there to be shown.
            Kind::List(parts) if how == How::Keyword => {
                parts.iter().filter(|p| p.as_text().is_some()).for_each(|p| self.noted(p, scope, block, to, how, call));
            }
            Kind::Call(function, arguments) if how != How::Keyword => {
                let argument = match function.last_name() {
                    Some("field" | "Field" | "Option" | "Argument" | "attrib" | "ib" | "ask" | "Setting") => {
                        let first = arguments.first().filter(|a| a.name.is_none());
                        arguments.iter().find(|a| a.name.as_deref() == Some("default")).or(first)
                    }
                    Some("get" | "getenv") => arguments.get(1),
                    _ => None,
                };
                if let Some(argument) = argument {
                    self.noted(&argument.value, scope, block, to, How::Default, None);
                }
            }
            _ => {}
        }
    }

    fn visit(&mut self, value: &'t Expression, scope: usize, block: usize) {
        match &value.kind {
            Kind::Call(function, arguments) => {
                let number = self.calls.len();
                self.calls.push(Call { whole: value, function, arguments, scope, block });
                self.visit(function, scope, block);
                for argument in arguments {
                    let (to, how) = argument.name.as_deref().map_or(("", How::Other), |name| (name, How::Keyword));
                    self.noted(&argument.value, scope, block, to, how, Some(number));
                    self.visit(&argument.value, scope, block);
                }
            }
            Kind::Dict(pairs) => {
                for (key, value) in pairs {
                    key.iter().for_each(|key| self.visit(key, scope, block));
                    let to = key.as_ref().and_then(Expression::as_text).map_or("", |text| text.text.as_str());
                    self.given(value, scope, block, to, How::Entry);
                }
            }
            Kind::List(parts) => {
                let mut to = "";
                for part in parts {
                    self.given(part, scope, block, to, How::Entry);
                    // `["--model", "owner/name"]`.
                    to = part.as_text().map_or("", |t| t.text.as_str()).strip_prefix("--").unwrap_or("");
                }
            }
            Kind::Each { body, loops } => {
                let inner = self.open("", Some(scope), Opens::Each, block);
                self.each.insert(value.span, inner);
                for (number, (target, values)) in loops.iter().enumerate() {
                    self.visit(values, if number == 0 { scope } else { inner }, block);
                    self.assign(target, values, inner, block, &mut Vec::new(), true);
                }
                // They hold in the whole of it, before where they stand.
                let outer = scope;
                for bindings in self.scopes[inner].names.values_mut() {
                    for binding in bindings {
                        binding.from = 0;
                        if loops.len() == 1 {
                            binding.scope = outer;
                        }
                    }
                }
                self.visit(body, inner, block);
            }
            Kind::Made(Made::Named(name), parts) => {
                for part in parts {
                    self.given(part, scope, block, name, How::Assigned);
                    self.bind(scope, name, part.span.end, block, scope, What::Value(part));
                }
            }
            Kind::Made(Made::Template(_), parts) => {
                parts.iter().for_each(|part| self.visit(part, scope, block));
            }
            _ => value.parts().into_iter().for_each(|part| self.visit(part, scope, block)),
        }
    }

    /// The options of the command line, by the names the values get.
    fn find_options(&mut self) {
        for (number, call) in self.calls.iter().enumerate() {
            let texts = || call.arguments.iter().filter(|a| a.name.is_none()).filter_map(|a| a.value.as_text());
            let name = match call.function.last_name() {
                Some("add_argument" | "add_option") => {
                    let named = call.arguments.iter().find(|a| a.name.as_deref() == Some("dest"));
                    let long = || texts().find(|t| t.text.starts_with("--")).or_else(|| texts().next());
                    named.and_then(|a| a.value.as_text()).or_else(long)
                }
                Some("DEFINE_string" | "DEFINE_enum" | "DEFINE_multi_string") => texts().next(),
                _ => None,
            };
            if let Some(name) = name {
                let name = name.text.trim_start_matches('-').replace('-', "_");
                self.options.entry(name).or_default().push(number);
            }
        }
    }

    /// Whether statements of a block always ran when those of another do.
    fn holds(&self, block: usize, mut below: usize) -> bool {
        while self.blocks[below].depth > self.blocks[block].depth {
            below = self.blocks[below].parent;
        }
        below == block
    }

    /// Whether two blocks are different branches of one statement.
    fn excludes(&self, mut a: usize, mut b: usize) -> bool {
        while a != b {
            let (of_a, of_b) = (self.blocks[a], self.blocks[b]);
            if of_a.depth == of_b.depth && of_a.parent == of_b.parent {
                return of_a.group != 0 && of_a.group == of_b.group;
            }
            if of_a.depth >= of_b.depth { a = of_a.parent } else { b = of_b.parent }
        }
        false
    }

    /// The branch that a block is, where it is one of a statement: the number of the statement, and its own.
    pub(super) fn branch_of(&self, block: usize) -> Option<(usize, usize)> {
        let group = self.blocks[block].group;
        (group != 0).then_some((group, block))
    }

    /// Whether the statements of a block may run several times for once of those around another.
    pub(super) fn repeats(&self, outer: usize, mut block: usize) -> bool {
        while self.blocks[block].depth > self.blocks[outer].depth {
            if self.blocks[block].group == 0 {
                return true;
            }
            block = self.blocks[block].parent;
        }
        false
    }

    /// Those of a name's bindings that may hold at a byte of a block of the same function.
    pub(super) fn reaching<'b>(&self, all: &'b [Binding<'t>], at: u64, block: usize) -> Vec<&'b Binding<'t>> {
        let before: Vec<&Binding<'t>> = all.iter().filter(|b| b.from <= at && !self.excludes(b.block, block)).collect();
        let last = before.iter().rposition(|b| self.holds(b.block, block));
        match last {
            Some(last) => before.get(last..).map(<[_]>::to_vec).unwrap_or_default(),
            // Bound in a branch, or later in a loop.
            None if before.is_empty() => all.iter().collect(),
            None => before,
        }
    }
}

/// The key of `object["key"]`.
fn key_of(target: &Expression) -> Option<&str> {
    let Kind::Item(_, key) = &target.kind else { return None };
    key.as_text().map(|text| text.text.as_str())
}
