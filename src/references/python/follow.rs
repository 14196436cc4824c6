//! Which functions and classes of the tree a script comes to run: from what it calls, to what that calls.
//!
//! Less is followed than for values: a name that may be several things is followed to the last of them.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::collections::HashSet;

use super::program::{Id, KNOWN, Program};
use super::scope::{Call, Opens, What};
use crate::parse::python::{Expression, Imported, Kind};
use crate::source::Span;

/// Scopes that one script is followed to.
const MOST_SCOPES: usize = 2_000;
/// Names that are looked up for all scripts of a tree.
const MOST_STEPS: usize = 3_000_000;
/// Deepest that names are followed through assignments and imports.
const DEEPEST: usize = 6;
/// Scripts that come to one function before it is one of a library.
const MOST_ENTRIES: usize = 12;

/// Expressions that give one thing.
const MOST_SLICE: usize = 48;
/// Values of one name that are followed.
const MOST_BINDINGS: usize = 8;

/// Names of which an expression makes its value; what is only asked for a part is left out.
fn names_in<'e>(e: &'e Expression, depth: usize, out: &mut Vec<&'e str>) {
    if depth > 6 || out.len() > 64 {
        return;
    }
    match &e.kind {
        Kind::Name(name) => out.push(name),
        Kind::Attribute(object, _) | Kind::Splat(object) => names_in(object, depth + 1, out),
        Kind::Item(object, _) => names_in(object, depth + 1, out),
        Kind::Either(a, b) | Kind::Add(a, b) => {
            names_in(a, depth + 1, out);
            names_in(b, depth + 1, out);
        }
        Kind::List(parts) | Kind::Other(parts) | Kind::Made(_, parts) => {
            parts.iter().for_each(|part| names_in(part, depth + 1, out));
        }
        Kind::Dict(pairs) => pairs.iter().for_each(|(_, value)| names_in(value, depth + 1, out)),
        Kind::Call(function, arguments) => {
            if let Kind::Attribute(object, _) = &function.kind {
                names_in(object, depth + 1, out);
            }
            arguments.iter().for_each(|argument| names_in(&argument.value, depth + 1, out));
        }
        _ => {}
    }
}

/// What a script comes to run.
#[derive(Debug, Default)]
pub(super) struct Reach {
    /// Functions, classes and modules.
    pub scopes: HashSet<Id>,
    /// Modules of which something is run.
    pub modules: BTreeSet<usize>,
}

/// What is known of one module.
#[derive(Debug, Default)]
struct Parts {
    /// Numbers of the calls by the scope they stand in.
    calls: HashMap<usize, Vec<usize>>,
    /// Scopes by the scope around them.
    inner: HashMap<usize, Vec<usize>>,
}

/// Follows calls through a program.
pub(super) struct Follower<'p, 't> {
    program: &'p Program<'t>,
    parts: HashMap<usize, Parts>,
    left: usize,
    /// Whether something was not followed to its end since that was last asked.
    is_cut: bool,
}

impl<'p, 't> Follower<'p, 't> {
    pub(super) fn new(program: &'p Program<'t>) -> Self {
        Self { program, parts: HashMap::new(), left: MOST_STEPS, is_cut: false }
    }

    /// Whether something was not followed to its end since this was last asked.
    pub(super) fn was_cut(&mut self) -> bool {
        std::mem::take(&mut self.is_cut)
    }

    fn parts(&mut self, module: usize) -> &Parts {
        let program = self.program;
        self.parts.entry(module).or_insert_with(|| {
            let mut out = Parts::default();
            let scopes = &program.modules[module];
            for (number, call) in scopes.calls.iter().enumerate() {
                out.calls.entry(call.scope).or_default().push(number);
            }
            for (number, scope) in scopes.scopes.iter().enumerate() {
                if let Some(parent) = scope.parent {
                    out.inner.entry(parent).or_default().push(number);
                }
            }
            out
        })
    }

    /// What is run where some scopes are; `is_left_out` tells what is not gone into.
    pub(super) fn reach(&mut self, start: &[Id], is_left_out: &dyn Fn(&Program<'t>, Id) -> bool) -> Reach {
        let mut out = Reach::default();
        let mut open: Vec<Id> = start.to_vec();
        while let Some(id) = open.pop() {
            let is_out = !start.contains(&id) && is_left_out(self.program, id);
            if is_out || out.scopes.contains(&id) {
                continue;
            }
            if out.scopes.len() >= MOST_SCOPES {
                self.is_cut = true;
                break;
            }
            out.scopes.insert(id);
            out.modules.insert(id.0);
            self.next(id, &mut open);
        }
        out
    }

    /// What one scope runs beside itself.
    fn next(&mut self, id: Id, open: &mut Vec<Id>) {
        let (module, scope) = id;
        let program = self.program;
        let scopes = &program.modules[module];
        let parts = self.parts(module);
        let inner = parts.inner.get(&scope).cloned().unwrap_or_default();
        let calls = parts.calls.get(&scope).cloned().unwrap_or_default();
        // What is defined at the top runs once it is called; what is defined within runs with what it is in.
        let is_top = scope == 0;
        open.extend(
            inner.into_iter().filter(|i| !is_top || scopes.scopes[*i].opens == Opens::Each).map(|i| (module, i)),
        );
        if let Opens::Class { bases } = scopes.scopes[scope].opens {
            let outer = scopes.scopes[scope].parent.unwrap_or(0);
            let found: Vec<Id> = bases.iter().filter_map(|base| self.target(base, (module, outer), 0)).collect();
            open.extend(found);
        }
        for call in calls.iter().filter_map(|number| scopes.calls.get(*number)) {
            open.extend(self.target(call.function, id, 0));
            for argument in call.arguments {
                self.handed(&argument.value, id, open);
            }
        }
    }

    /// What goes into an expression: the bytes of the expressions in its module that give it, itself among them.
    pub(super) fn slice(&mut self, e: &'t Expression, here: Id) -> Vec<Span> {
        let program = self.program;
        let mut out: Vec<Span> = Vec::new();
        let mut open: Vec<(&'t Expression, usize)> = vec![(e, here.1)];
        while let Some((e, scope)) = open.pop() {
            if out.contains(&e.span) || out.len() >= MOST_SLICE {
                continue;
            }
            out.push(e.span);
            let mut names = Vec::new();
            names_in(e, 0, &mut names);
            for name in names {
                let scopes = &program.modules[here.0];
                let mut at = Some(scope);
                while let Some(scope) = at {
                    let one = &scopes.scopes[scope];
                    if let Some(all) = one.names.get(name) {
                        for binding in all.iter().rev().take(MOST_BINDINGS) {
                            if let What::Value(value) | What::Part(value, _) = binding.what {
                                open.push((value, binding.scope));
                            }
                        }
                        break;
                    }
                    at = one.parent;
                }
            }
        }
        out
    }

    /// Functions and classes that are handed on by their names.
    fn handed(&mut self, e: &'t Expression, here: Id, open: &mut Vec<Id>) {
        match &e.kind {
            Kind::Name(_) | Kind::Attribute(..) => open.extend(self.target(e, here, 0)),
            Kind::List(parts) => parts.iter().take(16).for_each(|part| self.handed(part, here, open)),
            _ => {}
        }
    }

    /// The function or class of the tree that an expression is; of something made from a class, the class.
    pub(super) fn target(&mut self, e: &'t Expression, here: Id, depth: usize) -> Option<Id> {
        if depth >= DEEPEST {
            return None;
        }
        if self.left == 0 {
            self.is_cut = true;
            return None;
        }
        self.left -= 1;
        let program = self.program;
        match &e.kind {
            Kind::Name(name) => {
                let (what, scope) = self.bound(name, here)?;
                match what {
                    What::Scope(scope) => Some((here.0, *scope)),
                    What::Import(import) => self.imported(here.0, import, depth),
                    What::Value(value) => match &value.kind {
                        Kind::Name(other) if other == name => None,
                        Kind::Name(_) | Kind::Attribute(..) => self.target(value, (here.0, scope), depth + 1),
                        Kind::Call(function, _) => {
                            let found = self.target(function, (here.0, scope), depth + 1)?;
                            self.is_class(found).then_some(found)
                        }
                        _ => None,
                    },
                    _ => None,
                }
            }
            Kind::Attribute(object, name) => {
                if let Kind::Name(own) = &object.kind {
                    if own == "self" || own == "cls" {
                        let class = program.modules[here.0].class_of(here.1)?;
                        return self.member((here.0, class), name, depth);
                    }
                    if let Some((What::Import(import), _)) = self.bound(own, here)
                        && let Some(module) = self.module_of(here.0, import)
                    {
                        return self.item(module, name, depth + 1);
                    }
                }
                let class = self.target(object, here, depth + 1)?;
                self.is_class(class).then(|| self.member(class, name, depth)).flatten()
            }
            _ => None,
        }
    }

    fn is_class(&self, id: Id) -> bool {
        matches!(self.program.modules[id.0].scopes[id.1].opens, Opens::Class { .. })
    }

    /// What binds a name last, seen from a scope.
    fn bound(&self, name: &str, here: Id) -> Option<(&'p What<'t>, usize)> {
        let scopes = &self.program.modules[here.0];
        let mut scope = here.1;
        loop {
            let one = &scopes.scopes[scope];
            let is_hidden = matches!(one.opens, Opens::Class { .. }) && scope != here.1;
            if let Some(all) = one.names.get(name).filter(|_| !is_hidden) {
                return all.last().map(|binding| (&binding.what, binding.scope));
            }
            scope = one.parent?;
        }
    }

    /// A method of a class, or of one it is made from.
    fn member(&mut self, class: Id, name: &str, depth: usize) -> Option<Id> {
        let scope = &self.program.modules[class.0].scopes[class.1];
        if let Some(What::Scope(found)) = scope.names.get(name).and_then(|all| all.last()).map(|b| &b.what) {
            return Some((class.0, *found));
        }
        let Opens::Class { bases } = scope.opens else { return None };
        let outer = scope.parent.unwrap_or(0);
        bases.iter().find_map(|base| {
            let base = self.target(base, (class.0, outer), depth + 1)?;
            (base != class && depth < DEEPEST).then(|| self.member(base, name, depth + 1)).flatten()
        })
    }

    /// The module of the tree with a dotted name. A package that many know is not followed where the tree is its own:
    /// what an example of it uses is the package.
    pub(super) fn module(&self, from: usize, dotted: &str) -> Option<usize> {
        if KNOWN.contains(&dotted.split('.').next().unwrap_or(dotted)) {
            return None;
        }
        let path = &self.program.modules[from].module.path;
        let file = self.program.paths.find(path, dotted)?;
        self.program.at(self.program.paths.path(file))
    }

    /// The module that an import gives a name to.
    fn module_of(&self, from: usize, import: &Imported) -> Option<usize> {
        match &import.item {
            None => self.module(from, &import.module),
            Some(item) => {
                let dot = if import.module.ends_with('.') { "" } else { "." };
                self.module(from, &format!("{}{dot}{item}", import.module))
            }
        }
    }

    fn imported(&mut self, from: usize, import: &Imported, depth: usize) -> Option<Id> {
        let item = import.item.as_deref()?;
        let module = self.module(from, &import.module)?;
        self.item(module, item, depth + 1)
    }

    /// A function or class of a module by its name.
    fn item(&mut self, module: usize, name: &str, depth: usize) -> Option<Id> {
        if depth >= DEEPEST {
            return None;
        }
        match self.program.modules[module].scopes[0].names.get(name)?.last().map(|b| &b.what)? {
            What::Scope(scope) => Some((module, *scope)),
            What::Import(import) => self.imported(module, import, depth),
            What::Value(value) => self.target(value, (module, 0), depth + 1),
            _ => None,
        }
    }

    /// Where runs begin that come to a scope: modules that run it, and functions that nobody of the tree calls.
    pub(super) fn entries(&mut self, from: Id) -> BTreeSet<Id> {
        let mut out = BTreeSet::new();
        let mut seen = HashSet::new();
        let mut open = vec![(from, 0)];
        while let Some((id, depth)) = open.pop() {
            let id = self.owner(id);
            if !seen.insert(id) || seen.len() > 64 {
                continue;
            }
            if id.1 == 0 {
                out.insert(id);
                continue;
            }
            let callers = if depth < DEEPEST { self.callers(id) } else { Vec::new() };
            if callers.is_empty() {
                out.insert(id);
            }
            open.extend(callers.into_iter().map(|caller| (caller, depth + 1)));
        }
        // What so many scripts use is a part of a library: it is told by itself.
        if out.len() > MOST_ENTRIES { BTreeSet::from([self.owner(from)]) } else { out }
    }

    /// The function or class that is called where a scope is run.
    fn owner(&self, id: Id) -> Id {
        let scopes = &self.program.modules[id.0];
        let mut at = id.1;
        loop {
            let scope = &scopes.scopes[at];
            let Some(parent) = scope.parent else { return (id.0, 0) };
            let is_function = matches!(scope.opens, Opens::Function { .. });
            // Methods run by way of their class, inner functions by way of the outer ones.
            let is_class = matches!(scope.opens, Opens::Class { .. });
            if parent == 0 && (is_function || is_class) {
                return (id.0, at);
            }
            at = parent;
        }
    }

    /// Scopes that call or hand on a function or class, tests left out.
    fn callers(&mut self, id: Id) -> Vec<Id> {
        let program = self.program;
        let name = program.modules[id.0].scopes[id.1].name;
        let mut out: Vec<Id> = Vec::new();
        let calls: Vec<(usize, Call<'t>)> = program.calls_of(name).take(400).map(|(m, call)| (m, *call)).collect();
        for (module, call) in calls {
            if out.len() > 4 * MOST_ENTRIES || super::known::is_test(&program.modules[module].module.path) {
                continue;
            }
            let here = (module, call.scope);
            let found = self.target(call.function, here, 0);
            // `Class.method(..)` and `object.method(..)` end in the method's own name, so they are not met here.
            if found == Some(id) && self.owner(here) != id {
                out.push(here);
            }
        }
        // In its own file it may be handed on: `run(main)`.
        let scopes = &program.modules[id.0];
        for call in &scopes.calls {
            let is_handed = call.arguments.iter().any(|a| matches!(&a.value.kind, Kind::Name(own) if own == name));
            if is_handed && self.owner((id.0, call.scope)) != id {
                out.push((id.0, call.scope));
            }
        }
        out.sort_unstable();
        out.dedup();
        out
    }
}
