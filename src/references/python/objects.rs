//! Classes, instances and calls: what an attribute is, and what a call gives.

use std::rc::Rc;

use super::evaluate::{Evaluator, MOST_CALLERS, given};
use super::loaders::NOWHERE;
use super::program::{Here, Id, Site};
use super::scope::{Binding, Opens, What};
use super::together::{Among, Point, of_value};
use super::value::{Set, Value};
use crate::parse::python::{Argument, Expression, Kind, Made};

/// Most classes one above the other that are looked through.
const MOST_BASES: usize = 8;

/// How the members of a base are to be read.
#[derive(Debug)]
struct Above<'t> {
    frames: Vec<(Id, Option<Site<'t>>)>,
    site: Option<Site<'t>>,
}

impl<'t> Evaluator<'_, 't> {
    /// The calls of a function of the tree, or of a class that takes its fields.
    pub(super) fn sites(&mut self, id: Id) -> Rc<[Site<'t>]> {
        if let Some(known) = self.known_sites.get(&id) {
            return Rc::clone(known);
        }
        // Whoever asks again while it is looked for gets none, and an open set with it.
        self.known_sites.insert(id, Rc::from(Vec::new()));
        let program = self.program;
        let scopes = &program.modules[id.0];
        let scope = &scopes.scopes[id.1];
        let is_init = scope.name == "__init__";
        let class = scope.parent.filter(|p| matches!(scopes.scopes[*p].opens, Opens::Class { .. }));
        let name = match class.filter(|_| is_init) {
            Some(class) => scopes.scopes[class].name,
            None => scope.name,
        };
        self.wrappers.insert(name);
        let mut out = Vec::new();
        let frames = std::mem::take(&mut self.frames);
        let mut looked = 0;
        for (module, call) in program.calls_of(name) {
            looked += 1;
            if looked > 4 * MOST_CALLERS || out.len() >= MOST_CALLERS || !self.step(1) {
                break;
            }
            let here = Here { module, scope: call.scope, block: call.block };
            // Within its own body a function's own parameters say nothing new.
            if self.calls(call.function, here, id, class.filter(|_| is_init), class.is_some()) {
                let made = class.filter(|_| is_init).map(|class| (id.0, class));
                out.push(Site { arguments: call.arguments, here, made });
            }
        }
        if is_init && let Some(class) = class {
            self.heirs_sites((id.0, class), &mut out);
        }
        self.frames = frames;
        let out: Rc<[Site<'t>]> = Rc::from(out);
        self.known_sites.insert(id, Rc::clone(&out));
        out
    }

    /// `super().__init__(..)` in the classes that are made from this one.
    fn heirs_sites(&mut self, class: Id, out: &mut Vec<Site<'t>>) {
        let program = self.program;
        let name = program.modules[class.0].scopes[class.1].name;
        for (module, call) in program.calls_of("__init__") {
            let scopes = &program.modules[module];
            if out.len() >= MOST_CALLERS {
                break;
            }
            let Some(heir) = scopes.class_of(call.scope) else { continue };
            if program.heirs_of(name).contains(&(module, heir)) {
                out.push(Site {
                    arguments: call.arguments,
                    here: Here { module, scope: call.scope, block: call.block },
                    made: Some((module, heir)),
                });
            }
        }
        // A class that has no `__init__` of its own takes what this one does.
        for heir in program.heirs_of(name).iter().take(MOST_BASES) {
            let scope = &program.modules[heir.0].scopes[heir.1];
            if scope.names.contains_key("__init__") {
                continue;
            }
            for (module, call) in program.calls_of(scope.name).take(MOST_CALLERS) {
                let here = Here { module, scope: call.scope, block: call.block };
                if self.eval(call.function, here).values.iter().any(|v| matches!(v, Value::Class(c) if c == heir)) {
                    out.push(Site { arguments: call.arguments, here, made: Some(*heir) });
                }
            }
        }
    }

    /// Whether what is called is a function, or the class of an `__init__`.
    fn calls(&mut self, e: &'t Expression, here: Here, id: Id, class: Option<usize>, is_method: bool) -> bool {
        let set = self.eval(e, here);
        let is_it = |value: &Value<'t>| match value {
            Value::Function(found) => *found == id,
            Value::Class(found) => *found == id || class.is_some_and(|class| *found == (id.0, class)),
            _ => false,
        };
        if set.values.iter().any(is_it) {
            return true;
        }
        // A method of something that is not known, by a name that nothing else has.
        let is_unknown = set.open && set.values.is_empty();
        is_method && is_unknown && class.is_none() && e.last_name().is_some_and(|name| self.program.is_only(name))
    }

    /// What an attribute of something is.
    pub(super) fn attribute(&mut self, set: Set<'t>, object: &'t Expression, name: &'t str, here: Here) -> Set<'t> {
        let mut out = Set { values: Vec::new(), open: set.open };
        let mut found = false;
        if name == "param" && matches!(&object.kind, Kind::Name(name) if name == "request") {
            return self.fixture(here).unwrap_or_else(Set::open);
        }
        for value in &set.values {
            let one = match value {
                Value::Import(path) | Value::Result(path) => {
                    let dotted = format!("{path}.{name}");
                    if path.ends_with("FLAGS") {
                        self.option(here.module, name)
                    } else if let Some(module) =
                        matches!(value, Value::Import(_)).then(|| self.module(&dotted, here.module)).flatten()
                    {
                        Some(Set::one(Value::Module(module)))
                    } else {
                        (dotted.len() < 200).then(|| Set::one(Value::Import(dotted.into())))
                    }
                }
                Value::Module(module) => self.of_module(*module, name),
                Value::Instance(class, site) => self.member(*class, *site, name, 0),
                Value::Class(class) => self.member(*class, None, name, 0),
                Value::Options(module) => self.option(*module, name),
                // `OmegaConf.load(..).model.name`.
                Value::Node(_, at) if self.program.modules[at.module].module.holds_values => {
                    self.entry(&Set::one(value.clone()), name)
                }
                _ => None,
            };
            match one {
                Some(one) => {
                    found = true;
                    out.join(of_value(&set.values, value, one));
                }
                None => out.open = true,
            }
        }
        if !found && out.open && !matches!(&object.kind, Kind::Name(name) if name == "self" || name == "cls") {
            return self.guess(name, here);
        }
        out
    }

    /// `request.param` in a fixture of pytest: each of its parameters.
    fn fixture(&mut self, here: Here) -> Option<Set<'t>> {
        let scopes = &self.program.modules[here.module];
        let scope = &scopes.scopes[here.scope];
        let Opens::Function { decorators, .. } = scope.opens else { return None };
        let outer = Here { module: here.module, scope: scope.parent.unwrap_or(0), block: scope.block };
        decorators.iter().find_map(|decorator| {
            let Kind::Call(function, arguments) = &decorator.kind else { return None };
            let params = given(arguments, "params", NOWHERE).filter(|_| function.last_name() == Some("fixture"))?;
            Some(self.elements(&params.value, outer))
        })
    }

    /// An attribute of something unknown, where the module says what there is: its options, its fields.
    fn guess(&mut self, name: &'t str, here: Here) -> Set<'t> {
        if let Some(found) = self.option(here.module, name) {
            return found;
        }
        let program = self.program;
        let scopes = &program.modules[here.module];
        let mut out = Set::open();
        let settings = self.settings_of(here.module);
        for class in settings.iter().copied() {
            let of_class = &program.modules[class.0];
            let has_field = of_class.fields.get(name).is_some_and(|all| all.contains(&class.1));
            if let Some(all) = of_class.scopes[class.1].names.get(name).filter(|_| has_field && self.step(1)) {
                for binding in all.iter().filter(|b| matches!(b.what, What::Value(_))).take(4) {
                    let set = self.bound(binding, class.0).by_default();
                    set.values.into_iter().for_each(|value| out.push(value));
                }
            }
        }
        for number in scopes.fields.get(name).into_iter().flatten().copied().take(MOST_BASES) {
            let scope = &scopes.scopes[number];
            let Some(all) = scope.names.get(name).filter(|_| self.step(1)) else { continue };
            for binding in all.iter().filter(|b| matches!(b.what, What::Value(_))).take(4) {
                let set = self.bound(binding, here.module).by_default();
                // The values only: somebody else may be meant.
                set.values.into_iter().for_each(|value| out.push(value));
            }
            if let Some(class) = self.frames.iter().rev().find(|(id, _)| *id == (here.module, number)) {
                let site = class.1;
                if let Some(given) = site.and_then(|site| self.argument(site, name, NOWHERE)) {
                    return given;
                }
            }
        }
        out
    }

    /// Classes of settings that a module imports from others of the tree, by their names: what is read of a command
    /// line, or of a file, is one of them.
    fn settings_of(&mut self, module: usize) -> Rc<[Id]> {
        const ENDS: &[&str] = &["Args", "Arguments", "Config", "Options", "Params", "Settings"];
        if let Some(known) = self.known_settings.get(&module) {
            return Rc::clone(known);
        }
        self.known_settings.insert(module, Rc::from(Vec::new()));
        let program = self.program;
        let bound = program.modules[module].scopes[0].names.values().flatten();
        let mut all: Vec<_> = bound
            .filter_map(|binding| if let What::Import(import) = binding.what { Some(import) } else { None })
            .filter(|import| import.item.as_ref().is_some_and(|item| ENDS.iter().any(|end| item.ends_with(end))))
            .collect();
        // Names have no order of their own.
        all.sort_by(|a, b| (&a.module, &a.item).cmp(&(&b.module, &b.item)));
        let mut out: Vec<Id> = Vec::new();
        for import in all.into_iter().take(4 * MOST_BASES) {
            for value in self.import(import, module).values {
                if let Value::Class(class) = value
                    && !out.contains(&class)
                {
                    out.push(class);
                }
            }
        }
        let out: Rc<[Id]> = Rc::from(out);
        // What was not read yet is asked for again.
        if self.wanted.is_empty() {
            self.known_settings.insert(module, Rc::clone(&out));
        } else {
            self.known_settings.remove(&module);
        }
        out
    }

    /// What an option of a module's command line is by default.
    fn option(&mut self, module: usize, name: &str) -> Option<Set<'t>> {
        let program = self.program;
        let scopes = &program.modules[module];
        let calls = scopes.options.get(name)?;
        let mut out = Set::default();
        for number in calls.iter().take(MOST_CALLERS) {
            let call = &scopes.calls[*number];
            let here = Here { module, scope: call.scope, block: call.block };
            let is_flag = call.function.last_name().is_some_and(|name| name.starts_with("DEFINE"));
            let default = given(call.arguments, "default", if is_flag { 1 } else { NOWHERE });
            match default {
                Some(default) => {
                    let set = self.eval(&default.value, here).by_default();
                    out.open |= set.open || set.values.iter().any(|v| matches!(v, Value::Nothing));
                    out.join(set);
                }
                None => out.open = true,
            }
            // What may be said in its place.
            if let Some(choices) = given(call.arguments, "choices", NOWHERE) {
                let set = self.elements(&choices.value, here).by_default();
                set.values
                    .into_iter()
                    .filter(|value| matches!(value, Value::Text(_)))
                    .for_each(|value| out.push(value));
            }
        }
        Some(out)
    }

    /// What a class, or something made from it, has by a name.
    fn member(&mut self, class: Id, site: Option<Site<'t>>, name: &'t str, level: usize) -> Option<Set<'t>> {
        if level >= MOST_BASES || !self.step(1) {
            return Some(Set::open());
        }
        let program = self.program;
        let scope = &program.modules[class.0].scopes[class.1];
        let init = scope.names.get("__init__").and_then(|all| match all.last()?.what {
            What::Scope(init) => Some((class.0, init)),
            _ => None,
        });
        let mut out = Set::default();
        let mut is_found = false;
        if let Some(all) = scope.members.get(name) {
            is_found = true;
            let length = self.frames.len();
            if let (Some(init), Some(site)) = (init, site) {
                self.frames.push((init, Some(site)));
            }
            for binding in all.iter().take(MOST_CALLERS) {
                out.join(self.bound(binding, class.0));
            }
            self.frames.truncate(length);
        }
        // A class that is made from this one may say otherwise; which it is, the call that is looked at says.
        let heirs = if level == 0 && site.is_none() { program.heirs_of(scope.name) } else { &[] };
        let made = init.and_then(|init| self.frames.iter().rev().find(|(id, _)| *id == init)?.1?.made);
        let is_value = |binding: &&Binding<'t>| matches!(binding.what, What::Value(_));
        let says = |heir: &Id| {
            let all = program.modules[heir.0].scopes[heir.1].names.get(name);
            all.filter(|all| all.iter().any(|binding| is_value(&binding)))
        };
        let own_heirs: Vec<(usize, &Id)> = heirs
            .iter()
            .enumerate()
            .take(MOST_CALLERS)
            .filter(|(_, heir)| says(heir).is_some() && made.is_none_or(|made| made == **heir))
            .collect();
        let is_hidden = made.is_some_and(|made| own_heirs.iter().any(|(_, heir)| **heir == made));
        let point = Point::Heirs(class);
        if let Some(all) = scope.names.get(name).filter(|_| !is_hidden) {
            is_found = true;
            for binding in all.iter().rev().take(4) {
                let set = self.bound(binding, class.0);
                let is_field = matches!(binding.what, What::Value(_));
                let set = if is_field && init.is_none() { self.field(class, site, name, set) } else { set };
                let others = own_heirs.iter().map(|(number, _)| *number).collect::<Vec<usize>>();
                out.join(if others.is_empty() { set } else { set.chosen(point, &Among::Out(others)) });
            }
        }
        for (number, heir) in own_heirs {
            for binding in says(heir).into_iter().flatten().filter(is_value).take(4) {
                is_found = true;
                let set = self.bound(binding, heir.0);
                out.join(set.chosen(point, &Among::In(vec![number])));
            }
        }
        if is_found {
            return Some(out);
        }
        let Opens::Class { bases } = scope.opens else { return None };
        let here = Here { module: class.0, scope: scope.parent.unwrap_or(0), block: scope.block };
        for base in bases {
            for value in self.eval(base, here).values {
                let Value::Class(base) = value else { continue };
                let length = self.frames.len();
                let inner = self.above(class, init, base, site);
                self.frames.extend(inner.frames);
                let found = self.member(base, inner.site, name, level + 1);
                self.frames.truncate(length);
                if found.is_some() {
                    return found;
                }
            }
        }
        None
    }

    /// How a base's members are to be read for one of its heirs: as the heir's `__init__` calls the base's, not as
    /// others do.
    fn above(&self, class: Id, init: Option<Id>, base: Id, site: Option<Site<'t>>) -> Above<'t> {
        let program = self.program;
        let mut out = Above { frames: Vec::new(), site };
        let Some(init) = init else { return out };
        out.frames.extend(site.map(|site| (init, Some(site))));
        out.site = None;
        let scopes = &program.modules[class.0];
        let call = program
            .calls_of("__init__")
            .find(|(module, call)| *module == class.0 && scopes.class_of(call.scope) == Some(class.1));
        if let Some((module, call)) = call {
            let here = Here { module, scope: call.scope, block: call.block };
            let of_base = program.modules[base.0].scopes[base.1].names.get("__init__").and_then(|all| all.last());
            let site = Site { arguments: call.arguments, here, made: Some(class) };
            match of_base.map(|binding| &binding.what) {
                Some(What::Scope(of_base)) => out.frames.push(((base.0, *of_base), Some(site))),
                _ => out.site = Some(site),
            }
        }
        out
    }

    /// A field of a record: what the call that makes it says, or what it is by default.
    fn field(&mut self, class: Id, site: Option<Site<'t>>, name: &str, default: Set<'t>) -> Set<'t> {
        let framed = self.frames.iter().rev().find(|(id, _)| *id == class).and_then(|(_, site)| *site);
        if let Some(site) = site.or(framed) {
            return self.argument(site, name, NOWHERE).unwrap_or_else(|| default.by_default());
        }
        if !self.asked.contains(&class) {
            self.asked.push(class);
        }
        let (point, mut numbers, mut others) = (Point::Calls(class), Vec::new(), Set::default());
        for (number, site) in self.sites(class).iter().enumerate() {
            if let Some(given) = self.argument(*site, name, NOWHERE) {
                others.join(given.chosen(point, &Among::In(vec![number])));
                numbers.push(number);
            }
        }
        let mut out = default.by_default().chosen(point, &Among::Out(numbers));
        out.join(others);
        out
    }

    /// What a call gives.
    pub(super) fn call(
        &mut self,
        e: &'t Expression,
        function: &'t Expression,
        arguments: &'t [Argument],
        here: Here,
    ) -> Set<'t> {
        let first = arguments.iter().find(|a| a.name.is_none() && !matches!(a.value.kind, Kind::Splat(_)));
        if let Kind::Attribute(object, method) = &function.kind
            && let Some(out) = self.method(object, method, arguments, here, e)
        {
            return out;
        }
        if let (Kind::Name(name), Some(first)) = (&function.kind, first) {
            match name.as_str() {
                "str" | "list" | "tuple" | "set" | "sorted" | "reversed" => return self.eval(&first.value, here),
                "cast" => return given(arguments, "val", 1).map_or_else(Set::open, |a| self.eval(&a.value, here)),
                "getattr" => return self.getattr(arguments, here),
                "next" => return self.elements(&first.value, here),
                "iter" => return self.eval(&first.value, here),
                _ => {}
            }
        }
        if function.last_name() == Some("param")
            && let Some(first) = first
        {
            // One case of a test, alone or of several values.
            let parts: Vec<Set<'t>> =
                arguments.iter().filter(|a| a.name.is_none()).map(|a| self.eval(&a.value, here)).collect();
            let is_one = parts.len() == 1;
            return if is_one { self.eval(&first.value, here) } else { Set::one(Value::Group(Rc::new(parts))) };
        }
        if matches!(&function.kind, Kind::Name(name) if name == "dict") {
            return Set::one(Value::Node(e, here));
        }
        let mut out = match &function.kind {
            Kind::Attribute(object, name) => {
                let set = self.eval(object, here);
                match self.sent(&set, name, arguments, here) {
                    Some(out) => out,
                    None => {
                        let called = self.attribute(set, object, name, here);
                        self.given_by(called, arguments, here)
                    }
                }
            }
            _ => {
                let called = self.eval(function, here);
                self.given_by(called, arguments, here)
            }
        };
        if out.values.is_empty()
            && let Some(default) = given(arguments, "default", NOWHERE)
        {
            out = self.eval(&default.value, here).by_default();
            out.open = true;
        }
        out
    }

    /// What calls of functions and classes give.
    fn given_by(&mut self, called: Set<'t>, arguments: &'t [Argument], here: Here) -> Set<'t> {
        let mut out = Set { values: Vec::new(), open: called.open };
        for value in called.values {
            match value {
                Value::Function(id) => out.join(self.returned(id, Site { arguments, here, made: None })),
                Value::Class(id) => {
                    out.push(Value::Instance(id, Some(Site { arguments, here, made: Some(id) })));
                }
                Value::Import(path) => out.join(self.outer(&path, arguments, here)),
                _ => out.open = true,
            }
        }
        out
    }

    /// What a method gives for objects of which it is known how they are made; none where there are none of those.
    fn sent(&mut self, set: &Set<'t>, name: &'t str, arguments: &'t [Argument], here: Here) -> Option<Set<'t>> {
        if !set.values.iter().any(|value| matches!(value, Value::Instance(_, Some(_)))) {
            return None;
        }
        let mut out = Set { values: Vec::new(), open: set.open };
        for value in &set.values {
            let Value::Instance(class, site) = value else {
                out.open = true;
                continue;
            };
            let Some(found) = self.member(*class, *site, name, 0).filter(|_| self.step(1)) else {
                out.open = true;
                continue;
            };
            let methods =
                found.values.iter().filter_map(|v| if let Value::Function(id) = v { Some(*id) } else { None });
            let length = self.receivers.len();
            self.receivers.extend(methods.map(|id| (id, value.clone())));
            let given = self.given_by(found, arguments, here);
            self.receivers.truncate(length);
            out.join(of_value(&set.values, value, given));
        }
        Some(out)
    }

    /// `getattr(object, "name", default)`.
    fn getattr(&mut self, arguments: &'t [Argument], here: Here) -> Set<'t> {
        let [object, name, rest @ ..] = arguments else { return Set::open() };
        let mut out = match name.value.as_text() {
            Some(text) => {
                let set = self.eval(&object.value, here);
                self.attribute(set, &object.value, &text.text, here)
            }
            None => Set::open(),
        };
        if let Some(default) = rest.first() {
            out.join(self.eval(&default.value, here).by_default());
        }
        out
    }

    /// What a function of the tree returns to a call.
    fn returned(&mut self, id: Id, site: Site<'t>) -> Set<'t> {
        let program = self.program;
        let scope = &program.modules[id.0].scopes[id.1];
        if scope.returns.is_empty() || self.frames.iter().filter(|(frame, _)| *frame == id).count() > 1 {
            return Set::open();
        }
        self.frames.push((id, Some(site)));
        let mut out = Set::default();
        for (value, block) in scope.returns.iter().take(16) {
            out.join(self.eval(value, Here { module: id.0, scope: id.1, block: *block }));
        }
        self.frames.pop();
        out
    }

    /// What a function or class of a package gives.
    fn outer(&mut self, path: &str, arguments: &'t [Argument], here: Here) -> Set<'t> {
        if let Some(read) = self.values_of_file(path, arguments, here) {
            return read;
        }
        let last = path.rsplit('.').next().unwrap_or(path);
        let by_default = |me: &mut Self, name: &str, number: usize| {
            let argument = given(arguments, name, number)?;
            let mut set = me.eval(&argument.value, here).by_default();
            set.values.retain(|value| !matches!(value, Value::Import(_)));
            set.open = false;
            Some(set)
        };
        match last {
            "field" | "Field" | "Option" | "Argument" | "attrib" | "ib" | "Setting" | "ConfigField" => {
                let number = if matches!(last, "field" | "ib" | "attrib") { NOWHERE } else { 0 };
                if let Some(set) = by_default(self, "default", number) {
                    return set;
                }
                let factory =
                    given(arguments, "default_factory", NOWHERE).or_else(|| given(arguments, "factory", NOWHERE));
                match factory.map(|a| &a.value.kind) {
                    Some(Kind::Made(Made::Lambda, parts)) => {
                        parts.first().map_or_else(Set::open, |body| self.eval(body, here).by_default())
                    }
                    _ => Set::open(),
                }
            }
            "getenv" | "getenv_or_default" => {
                let mut out = by_default(self, "default", 1).unwrap_or_default();
                out.open = true;
                out
            }
            "expanduser" | "expandvars" | "abspath" | "fspath" | "Path" | "PurePath" | "str" => Set::open(),
            "partial" => arguments.first().map_or_else(Set::open, |a| self.eval(&a.value, here)),
            "deepcopy" | "copy" => arguments.first().map_or_else(Set::open, |a| self.eval(&a.value, here)),
            "OmegaConf" | "Namespace" | "SimpleNamespace" | "EasyDict" | "DictConfig" => Set::open(),
            _ if given(arguments, "default", NOWHERE).is_some() => {
                let mut out = by_default(self, "default", NOWHERE).unwrap_or_default();
                out.open = true;
                out
            }
            _ => Set::one(Value::Result(path.into())),
        }
    }
}
