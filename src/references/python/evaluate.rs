//! What an expression may be. Sound as far as it goes: a value that cannot be known makes the set open.
//!
//! Values are asked for from the loader's call backwards, so that only what matters is followed. Each question
//! has so many steps and may nest so deep; where they end the answer is open.

use std::collections::BTreeSet;
use std::collections::HashMap;
use std::rc::Rc;

use super::program::{Here, Id, Program, Site};
use super::scope::{Binding, Opens, What};
use super::together::{Among, Choices, Point};
use super::value::{Set, Text, Value};
use crate::parse::python::{Argument, Expression, Kind, Made};
use crate::references::Standing;
use crate::source::Span;

/// Longest text that is looked at; no name is as long.
pub(super) const LONGEST_TEXT: usize = 2048;
/// Deepest nesting of questions; it bounds the stack.
const DEEPEST: usize = 48;
/// Calls of one function that are looked at.
pub(super) const MOST_CALLERS: usize = 64;

/// Follows values through a program.
#[derive(Debug)]
pub(super) struct Evaluator<'p, 't> {
    /// The program.
    pub(super) program: &'p Program<'t>,
    /// Steps that are left for this question.
    pub(super) steps: usize,
    depth: usize,
    /// What is being asked, so that no question waits for itself.
    active: Vec<(usize, usize)>,
    /// Whether a part of a text that is not known leaves a mark in it.
    pub(super) marks: bool,
    /// Functions whose parameters are those of one call.
    pub(super) frames: Vec<(Id, Option<Site<'t>>)>,
    /// Functions whose parameters were asked for, of any call.
    pub(super) asked: Vec<Id>,
    /// Methods that run for one object, and that object.
    pub(super) receivers: Vec<(Id, Value<'t>)>,
    /// Where a name is made of so many parts that may be there or not that nobody knows it.
    pub(super) lost: BTreeSet<(usize, Span)>,
    /// Files that were named and not read.
    pub(super) wanted: BTreeSet<usize>,
    /// Functions and classes whose callers matter.
    pub(super) wrappers: BTreeSet<&'t str>,
    /// Calls of functions and classes, once they were looked for.
    pub(super) known_sites: HashMap<Id, Rc<[Site<'t>]>>,
    /// Classes of settings that modules import, once they were looked for.
    pub(super) known_settings: HashMap<usize, Rc<[Id]>>,
}

impl<'p, 't> Evaluator<'p, 't> {
    /// Of a program.
    pub(super) fn new(program: &'p Program<'t>) -> Self {
        Self {
            program,
            steps: 0,
            depth: 0,
            active: Vec::new(),
            marks: false,
            frames: Vec::new(),
            asked: Vec::new(),
            receivers: Vec::new(),
            lost: BTreeSet::new(),
            wanted: BTreeSet::new(),
            wrappers: BTreeSet::new(),
            known_sites: HashMap::new(),
            known_settings: HashMap::new(),
        }
    }

    /// Takes steps; false once there are none.
    pub(super) fn step(&mut self, count: usize) -> bool {
        self.steps = self.steps.saturating_sub(count);
        self.steps > 0
    }

    /// What an expression may be.
    pub(super) fn eval(&mut self, e: &'t Expression, here: Here) -> Set<'t> {
        let key = (std::ptr::from_ref(e) as usize, self.frames.len());
        if self.depth >= DEEPEST || !self.step(1) || self.active.contains(&key) {
            return Set::open();
        }
        self.depth += 1;
        self.active.push(key);
        let out = self.eval_now(e, here);
        self.active.pop();
        self.depth -= 1;
        out
    }

    fn eval_now(&mut self, e: &'t Expression, here: Here) -> Set<'t> {
        match &e.kind {
            Kind::Text(text) if text.text.len() > LONGEST_TEXT => Set::open(),
            Kind::Text(text) => Set::one(Value::Text(Rc::new(Text {
                text: text.text.clone(),
                module: here.module,
                span: e.span,
                standing: Standing::Runs,
                choices: Choices::default(),
            }))),
            Kind::Bool(value) => Set::one(Value::Bool(*value)),
            Kind::Nothing => Set::one(Value::Nothing),
            Kind::Name(name) => self.name(name, e.span.start, here),
            Kind::Attribute(object, name) => {
                let set = self.eval(object, here);
                self.attribute(set, object, name, here)
            }
            Kind::Item(object, key) => {
                let (object, key) = (self.eval(object, here), self.eval(key, here));
                self.item(object, &key)
            }
            Kind::List(_) | Kind::Dict(_) | Kind::Each { .. } => Set::one(Value::Node(e, here)),
            Kind::Call(function, arguments) => self.call(e, function, arguments, here),
            Kind::Add(a, b) => self.add(e, a, b, here),
            Kind::Divide(a, _) => {
                // A path. What it begins with is asked for, so that files it needs are read.
                let _ = self.eval(a, here);
                Set::open()
            }
            Kind::Either(a, b) => {
                let mut out = self.eval(a, here);
                out.join(self.eval(b, here));
                out
            }
            Kind::Splat(inner) => self.eval(inner, here),
            Kind::Made(made, parts) => self.made(e, made, parts, here),
            Kind::Other(_) => Set::open(),
        }
    }

    fn made(&mut self, e: &'t Expression, made: &'t Made, parts: &'t [Expression], here: Here) -> Set<'t> {
        match made {
            Made::Template(pieces) => self.template(e, pieces, parts, here),
            Made::Or => {
                let mut out = Set::default();
                let mut is_told = false;
                for (number, part) in parts.iter().enumerate() {
                    let mut set = self.eval(part, here);
                    if number + 1 < parts.len() {
                        set.values.retain(|value| !matches!(value, Value::Nothing | Value::Bool(false)));
                    }
                    // What comes after something else is what it is by default.
                    let set = if is_told { set.by_default() } else { set };
                    is_told |= set.open || !set.values.is_empty();
                    out.values.extend(set.values);
                    out.open |= set.open;
                }
                out.values.truncate(super::value::MOST);
                out
            }
            Made::Remainder => match parts {
                [format, given] => self.remainder(e, format, given, here),
                _ => Set::open(),
            },
            Made::Named(_) => parts.first().map_or_else(Set::open, |part| self.eval(part, here)),
            Made::Integer(number) => Set::one(Value::Integer(*number, Choices::default())),
            // `default_factory=lambda: ..` asks for what it gives by itself.
            Made::Lambda => Set::one(Value::Node(e, here)),
        }
    }

    /// The bindings of a name that may hold at a place, and where they stand.
    pub(super) fn bindings(&mut self, name: &str, at: u64, here: Here) -> Option<Vec<&'p Binding<'t>>> {
        let program = self.program;
        let scopes = program.modules.get(here.module)?;
        let mut scope = here.scope;
        let mut is_own = true;
        loop {
            let one = &scopes.scopes[scope];
            let is_hidden = matches!(one.opens, Opens::Class { .. }) && scope != here.scope;
            if let Some(all) = one.names.get(name).filter(|_| !is_hidden) {
                if !self.step(all.len() / 4) {
                    return None;
                }
                let reaching = if is_own { scopes.reaching(all, at, here.block) } else { all.iter().collect() };
                return Some(reaching);
            }
            // A comprehension and a class run where they stand; a function runs later.
            is_own &= !matches!(one.opens, Opens::Function { .. });
            scope = one.parent?;
        }
    }

    fn name(&mut self, name: &'t str, at: u64, here: Here) -> Set<'t> {
        let Some(bindings) = self.bindings(name, at, here) else { return self.unbound(name, here) };
        let span = Span { start: at, end: at.saturating_add(u64::try_from(name.len()).unwrap_or(0)) };
        self.bound_together(name, &bindings, span, here)
    }

    /// A name that nothing here binds: of a module all of which is imported, or built in.
    fn unbound(&mut self, name: &'t str, here: Here) -> Set<'t> {
        let program = self.program;
        for star in &program.modules[here.module].stars {
            if let Some(module) = self.module(star, here.module)
                && let Some(all) = program.modules[module].scopes[0].names.get(name)
            {
                let mut out = Set::default();
                for binding in all.iter().take(MOST_CALLERS) {
                    out.join(self.bound(binding, module));
                }
                return out;
            }
        }
        Set::one(Value::Import(name.into()))
    }

    /// The module of the tree that an import names; one that was not read is wanted.
    pub(super) fn module(&mut self, dotted: &str, from: usize) -> Option<usize> {
        let program = self.program;
        let path = &program.modules[from].module.path;
        let file = program.paths.find(path, dotted)?;
        let found = program.at(program.paths.path(file));
        if found.is_none() {
            self.wanted.insert(file);
        }
        found
    }

    /// What a binding gives.
    pub(super) fn bound(&mut self, binding: &Binding<'t>, module: usize) -> Set<'t> {
        let here = Here { module, scope: binding.scope, block: binding.block };
        match &binding.what {
            What::Value(value) => self.eval(value, here),
            What::Part(value, path) => {
                let set = self.eval(value, here);
                self.part(set, path)
            }
            What::Element(value, path) => {
                let set = self.elements(value, here);
                self.part(set, path)
            }
            What::Parameter(number) => self.parameter((module, binding.scope), *number),
            What::Scope(scope) => match self.program.modules[module].scopes[*scope].opens {
                Opens::Class { .. } => Set::one(Value::Class((module, *scope))),
                _ => Set::one(Value::Function((module, *scope))),
            },
            What::Import(import) => self.import(import, module),
            What::Added(name, value) => {
                // A loop may bring it back to itself.
                let key = (std::ptr::from_ref(binding) as usize, self.frames.len());
                if self.depth >= DEEPEST || !self.step(1) || self.active.contains(&key) {
                    return Set::open();
                }
                self.depth += 1;
                self.active.push(key);
                let out = self.added(name, value, binding, here);
                self.active.pop();
                self.depth -= 1;
                out
            }
        }
    }

    pub(super) fn import(&mut self, import: &'t crate::parse::python::Imported, from: usize) -> Set<'t> {
        let Some(item) = &import.item else {
            // `import a.b` gives `a`; what of it is asked for is found by its dots.
            let name = if import.module.starts_with(&import.name) { &import.name } else { &import.module };
            return match self.module(name, from) {
                Some(module) => Set::one(Value::Module(module)),
                None => Set::one(Value::Import(name.as_str().into())),
            };
        };
        let dotted = || Value::Import(format!("{}.{item}", import.module.trim_start_matches('.')).into());
        if self.depth >= DEEPEST || !self.step(1) {
            return Set::open();
        }
        if let Some(module) = self.module(&import.module, from) {
            self.depth += 1;
            let found = self.of_module(module, item);
            self.depth -= 1;
            if let Some(found) = found {
                return found;
            }
        }
        let separator = if import.module.ends_with('.') { "" } else { "." };
        match self.module(&format!("{}{separator}{item}", import.module), from) {
            Some(module) => Set::one(Value::Module(module)),
            None => Set::one(dotted()),
        }
    }

    /// What a module of the tree has by a name.
    pub(super) fn of_module(&mut self, module: usize, name: &str) -> Option<Set<'t>> {
        let program = self.program;
        let scopes = &program.modules[module];
        let Some(all) = scopes.scopes[0].names.get(name) else {
            for star in &scopes.stars {
                if let Some(inner) = self.module(star, module).filter(|inner| *inner != module)
                    && self.depth < DEEPEST
                    && self.step(1)
                {
                    self.depth += 1;
                    let found = self.of_module(inner, name);
                    self.depth -= 1;
                    if found.is_some() {
                        return found;
                    }
                }
            }
            return None;
        };
        let mut out = Set::default();
        for binding in all.iter().rev().take(MOST_CALLERS) {
            out.join(self.bound(binding, module));
        }
        Some(out)
    }

    /// What a parameter may be: what it is by default, and what callers give.
    fn parameter(&mut self, function: Id, number: usize) -> Set<'t> {
        let program = self.program;
        let scopes = &program.modules[function.0];
        let scope = &scopes.scopes[function.1];
        let Opens::Function { parameters, decorators } = scope.opens else { return Set::open() };
        let Some((name, default)) = parameters.get(number) else { return Set::open() };
        let class = scope.parent.filter(|p| matches!(scopes.scopes[*p].opens, Opens::Class { .. }));
        let is_static = decorators.iter().any(|d| d.last_name() == Some("staticmethod"));
        if let (Some(class), 0, false) = (class, number, is_static) {
            let is_class = decorators.iter().any(|d| d.last_name() == Some("classmethod")) || name == "cls";
            let class = (function.0, class);
            let receiver = self.receivers.iter().rev().find(|(id, _)| *id == function).filter(|_| !is_class);
            if let Some((_, receiver)) = receiver {
                return Set::one(receiver.clone());
            }
            return Set::one(if is_class { Value::Class(class) } else { Value::Instance(class, None) });
        }
        if name.starts_with('*') {
            return Set::open();
        }
        let outer = Here { module: function.0, scope: scope.parent.unwrap_or(0), block: scope.block };
        if let Some(found) = self.parametrized(decorators, name, outer) {
            return found;
        }
        let by_default = |me: &mut Self| match default {
            Some(default) => Some(me.eval(default, outer).by_default()),
            None => option_of(decorators, name).map(|value| {
                let mut set = me.eval(value, outer).by_default();
                set.open = true;
                set
            }),
        };
        // A call that is looked at by itself.
        if let Some((_, site)) = self.frames.iter().rev().find(|(id, _)| *id == function).copied() {
            return match site {
                Some(site) => {
                    let skip = usize::from(class.is_some() && !is_static);
                    match self.argument(site, name, number.wrapping_sub(skip)) {
                        Some(set) => set,
                        None => by_default(self).unwrap_or_else(Set::open),
                    }
                }
                None => {
                    let mut out = by_default(self).unwrap_or_default();
                    out.open = true;
                    out
                }
            };
        }
        if !self.asked.contains(&function) {
            self.asked.push(function);
        }
        let skip = usize::from(class.is_some() && !is_static);
        let mut out = by_default(self).unwrap_or_default();
        let sites = self.sites(function);
        out.open |= sites.is_empty();
        let (point, mut given) = (Point::Calls(function), Vec::new());
        let mut others = Set::default();
        for (at, site) in sites.iter().enumerate() {
            match self.argument(*site, name, number.wrapping_sub(skip)) {
                Some(set) => {
                    let set = set.chosen(point, &Among::In(vec![at]));
                    others.join(match class {
                        Some(class) => self.of_class((function.0, class), site, set),
                        None => set,
                    });
                    given.push(at);
                }
                None => out.open |= default.is_none(),
            }
        }
        // A call that says it has no default.
        let mut out = out.chosen(point, &Among::Out(given));
        out.join(others);
        out
    }

    /// What `pytest.mark.parametrize` gives to a parameter.
    fn parametrized(&mut self, decorators: &'t [Expression], name: &str, outer: Here) -> Option<Set<'t>> {
        decorators.iter().find_map(|decorator| {
            let Kind::Call(function, arguments) = &decorator.kind else { return None };
            if function.last_name() != Some("parametrize") {
                return None;
            }
            let (names, values) = (given(arguments, "argnames", 0)?, given(arguments, "argvalues", 1)?);
            let names: Vec<&str> = match &names.value.kind {
                Kind::List(parts) => parts.iter().map(|p| p.as_text().map_or("", |t| t.text.as_str())).collect(),
                _ => names.value.as_text()?.text.split(',').map(str::trim).collect(),
            };
            let at = names.iter().position(|known| *known == name)?;
            let all = self.elements(&values.value, outer);
            Some(if names.len() == 1 { all } else { self.part(all, &[at]) })
        })
    }

    /// What a call gives to a parameter; none where it says nothing of it.
    pub(super) fn argument(&mut self, site: Site<'t>, name: &str, number: usize) -> Option<Set<'t>> {
        let argument = given(site.arguments, name, number);
        if let Some(argument) = argument {
            return Some(self.eval(&argument.value, site.here));
        }
        let rest = site.arguments.iter().find(|a| a.name.as_deref() == Some("**"))?;
        let rest = self.eval(&rest.value, site.here);
        let found = self.entry(&rest, name);
        let is_known = !rest.open && rest.values.iter().all(|v| matches!(v, Value::Node(..)));
        match found {
            Some(found) => Some(found),
            None if is_known => None,
            None => Some(Set::open()),
        }
    }
}

/// The argument that a parameter gets.
pub(super) fn given<'t>(arguments: &'t [Argument], name: &str, number: usize) -> Option<&'t Argument> {
    arguments.iter().find(|a| a.name.as_deref() == Some(name)).or_else(|| {
        let mut by_place = arguments.iter().filter(|a| a.name.is_none());
        let before = by_place.clone().take(number.saturating_add(1));
        if before.into_iter().any(|a| matches!(a.value.kind, Kind::Splat(_))) { None } else { by_place.nth(number) }
    })
}

/// What an option of click or its like gives a parameter by default.
fn option_of<'t>(decorators: &'t [Expression], name: &str) -> Option<&'t Expression> {
    decorators.iter().find_map(|decorator| {
        let Kind::Call(function, arguments) = &decorator.kind else { return None };
        if !matches!(function.last_name(), Some("option" | "argument")) {
            return None;
        }
        let mut texts = arguments.iter().filter(|a| a.name.is_none()).filter_map(|a| a.value.as_text());
        texts.find(|t| t.text.trim_start_matches('-').replace('-', "_") == name)?;
        arguments.iter().find(|a| a.name.as_deref() == Some("default")).map(|a| &a.value)
    })
}
