//! Parts of lists and dictionaries, and the methods of those and of texts.

use std::rc::Rc;

use super::evaluate::{Evaluator, LONGEST_TEXT, given};
use super::program::Here;
use super::together::{Choices, of_element, of_value};
use super::value::{MOST, Set, Text, Value};
use crate::parse::python::{Argument, Expression, Kind};

impl<'t> Evaluator<'_, 't> {
    /// A part of values by its place in them.
    pub(super) fn part(&mut self, set: Set<'t>, path: &[usize]) -> Set<'t> {
        let Some((first, rest)) = path.split_first() else { return set };
        let mut out = Set { values: Vec::new(), open: set.open };
        for value in &set.values {
            let one = match value {
                Value::Node(Expression { kind: Kind::List(parts), .. }, here) => {
                    let is_plain = !parts.iter().any(|p| matches!(p.kind, Kind::Splat(_)));
                    parts.get(*first).filter(|_| is_plain).map(|part| self.eval(part, *here))
                }
                Value::Group(parts) => parts.get(*first).cloned(),
                _ => None,
            };
            match one {
                Some(one) => {
                    let one = self.part(one, rest);
                    out.join(of_value(&set.values, value, one));
                }
                None => out.open = true,
            }
        }
        out
    }

    /// What `object[key]` is.
    pub(super) fn item(&mut self, object: Set<'t>, key: &Set<'t>) -> Set<'t> {
        let mut out = Set { values: Vec::new(), open: object.open };
        for value in &object.values {
            match value {
                Value::Node(e, here) if matches!(e.kind, Kind::List(_)) => match key.values.as_slice() {
                    [Value::Integer(number, _)] if !key.open => {
                        let Kind::List(parts) = &e.kind else { continue };
                        let length = i64::try_from(parts.len()).unwrap_or(0);
                        let at = if *number < 0 { number + length } else { *number };
                        match usize::try_from(at).ok().and_then(|at| parts.get(at)) {
                            Some(part) => {
                                let one = self.eval(part, *here);
                                out.join(of_value(&object.values, value, one));
                            }
                            None => out.open = true,
                        }
                    }
                    _ => {
                        let all = self.elements(e, *here);
                        out.join(all);
                    }
                },
                Value::Node(e, here) => {
                    let known: Vec<Rc<Text>> = key.texts().cloned().collect();
                    if known.is_empty() || key.open {
                        out.join(self.all_entries(e, *here));
                        out.open |= known.is_empty() && out.values.is_empty();
                        continue;
                    }
                    for text in known {
                        match self.entry_of(e, *here, &text.text) {
                            Some(found) => out.join(of_value(&object.values, value, found)),
                            None => out.open = true,
                        }
                    }
                }
                Value::Group(parts) => match key.values.as_slice() {
                    [Value::Integer(number, _)] => match usize::try_from(*number).ok().and_then(|at| parts.get(at)) {
                        Some(part) => out.join(part.clone()),
                        None => out.open = true,
                    },
                    _ => out.open = true,
                },
                Value::Options(_) | Value::Instance(..) => out.open = true,
                _ => out.open = true,
            }
        }
        out
    }

    /// All that a dictionary may give, where it is small.
    fn all_entries(&mut self, e: &'t Expression, here: Here) -> Set<'t> {
        /// Entries of a dictionary that is chosen from, as by language or size; a longer one is a catalogue.
        const SMALL: usize = MOST;
        let most =
            if self.program.modules[here.module].module.holds_values { super::files::MOST_ENTRIES } else { SMALL };
        match &e.kind {
            Kind::Dict(pairs) if pairs.len() <= most => {
                let mut out = Set::default();
                for (key, value) in pairs {
                    if key.is_some() {
                        out.join(self.eval(value, here));
                    }
                }
                out
            }
            _ => Set::open(),
        }
    }

    /// What dictionaries have by a key; none where no dictionary has it.
    pub(super) fn entry(&mut self, set: &Set<'t>, key: &str) -> Option<Set<'t>> {
        let mut out = None;
        for value in &set.values {
            if let Value::Node(e, here) = value
                && let Some(found) = self.entry_of(e, *here, key)
            {
                out.get_or_insert_with(Set::default).join(found);
            }
        }
        out
    }

    fn entry_of(&mut self, e: &'t Expression, here: Here, key: &str) -> Option<Set<'t>> {
        match &e.kind {
            Kind::Dict(pairs) => {
                if !self.step(pairs.len() / 8) {
                    return Some(Set::open());
                }
                // The last one counts.
                for (found, value) in pairs.iter().rev() {
                    match found {
                        Some(found) if found.as_text().is_some_and(|text| text.text == key) => {
                            return Some(self.eval(value, here));
                        }
                        Some(found) if found.as_text().is_none() && !matches!(found.kind, Kind::Made(..)) => {
                            let keys = self.eval(found, here);
                            let is_it = keys.texts().any(|text| text.text == key);
                            if is_it {
                                return Some(self.eval(value, here));
                            }
                        }
                        Some(_) => {}
                        None => {
                            let inner = self.eval(value, here);
                            if let Some(found) = self.entry(&inner, key) {
                                return Some(found);
                            }
                        }
                    }
                }
                None
            }
            Kind::Call(_, arguments) => given(arguments, key, usize::MAX).map(|a| self.eval(&a.value, here)),
            _ => None,
        }
    }

    /// Each element of what an expression gives.
    pub(super) fn elements(&mut self, e: &'t Expression, here: Here) -> Set<'t> {
        if let Kind::Call(function, arguments) = &e.kind {
            let plain: Vec<&'t Argument> = arguments.iter().filter(|a| a.name.is_none()).collect();
            match (&function.kind, plain.as_slice()) {
                (Kind::Name(name), [first, ..]) if name == "enumerate" => {
                    let inner = self.elements(&first.value, here);
                    return Set::one(Value::Group(Rc::new(vec![Set::open(), inner])));
                }
                (Kind::Name(name), all) if name == "range" => return self.numbers(all, here),
                (Kind::Name(name), all) if name == "zip" => {
                    let parts = all.iter().map(|a| self.column(e, &a.value, here)).collect();
                    return Set::one(Value::Group(Rc::new(parts)));
                }
                (Kind::Name(name), [first, ..]) if matches!(name.as_str(), "tqdm" | "track" | "trange") => {
                    return self.elements(&first.value, here);
                }
                (Kind::Attribute(object, method), _) if matches!(method.as_str(), "items" | "values" | "keys") => {
                    let set = self.eval(object, here);
                    return self.pairs(&set, method);
                }
                _ => {}
            }
        }
        let set = self.eval(e, here);
        self.elements_of(set)
    }

    /// What one of the lists of `zip(..)` gives: what stands at one place of each belongs together.
    fn column(&mut self, whole: &'t Expression, list: &'t Expression, here: Here) -> Set<'t> {
        let set = self.eval(list, here);
        let [Value::Node(Expression { kind: Kind::List(parts), .. }, at)] = set.values.as_slice() else {
            return self.elements(list, here);
        };
        if parts.len() > MOST || parts.iter().any(|part| matches!(part.kind, Kind::Splat(_))) {
            return self.elements(list, here);
        }
        let mut out = Set { values: Vec::new(), open: set.open };
        for (number, part) in parts.iter().enumerate() {
            let one = self.eval(part, *at);
            out.join(of_element(whole, number, one));
        }
        out
    }

    /// The numbers of `range(..)`, where they are few and known.
    fn numbers(&mut self, arguments: &[&'t Argument], here: Here) -> Set<'t> {
        /// Numbers that are counted.
        const FEW: i64 = 64;
        let mut ends = Vec::new();
        for argument in arguments {
            match self.eval(&argument.value, here).values.as_slice() {
                [Value::Integer(number, _)] => ends.push(*number),
                _ => return Set::open(),
            }
        }
        let (from, to) = match ends.as_slice() {
            [to] => (0, *to),
            [from, to] => (*from, *to),
            _ => return Set::open(),
        };
        if to.saturating_sub(from) > FEW {
            return Set::open();
        }
        Set { values: (from..to).map(|number| Value::Integer(number, Choices::default())).collect(), open: false }
    }

    pub(super) fn elements_of(&mut self, set: Set<'t>) -> Set<'t> {
        let mut out = Set { values: Vec::new(), open: set.open };
        for value in set.values {
            match value {
                Value::Node(e, here) => match &e.kind {
                    Kind::List(parts) => {
                        for part in parts.iter().take(MOST + 1) {
                            match &part.kind {
                                Kind::Splat(inner) => {
                                    let inner = self.elements(inner, here);
                                    out.join(inner);
                                }
                                _ => out.join(self.eval(part, here)),
                            }
                        }
                    }
                    Kind::Each { body, .. } => {
                        let scope = self.program.modules[here.module].each.get(&e.span).copied();
                        out.join(self.eval(body, Here { scope: scope.unwrap_or(here.scope), ..here }));
                    }
                    Kind::Dict(pairs) => {
                        for (key, _) in pairs.iter().take(MOST + 1) {
                            match key {
                                Some(key) => out.join(self.eval(key, here)),
                                None => out.open = true,
                            }
                        }
                    }
                    _ => out.open = true,
                },
                Value::Group(parts) => parts.iter().for_each(|part| out.join(part.clone())),
                _ => out.open = true,
            }
        }
        out
    }

    /// `.items()`, `.values()`, `.keys()` of dictionaries.
    fn pairs(&mut self, set: &Set<'t>, method: &str) -> Set<'t> {
        let mut out = Set { values: Vec::new(), open: set.open };
        for value in &set.values {
            let Value::Node(dictionary @ Expression { kind: Kind::Dict(pairs), .. }, here) = value else {
                out.open = true;
                continue;
            };
            for (number, (key, value)) in pairs.iter().take(MOST + 1).enumerate() {
                let Some(key) = key else {
                    out.open = true;
                    continue;
                };
                match method {
                    "keys" => out.join(self.eval(key, *here)),
                    "values" => out.join(self.eval(value, *here)),
                    _ => {
                        let pair = [self.eval(key, *here), self.eval(value, *here)];
                        let pair = pair.into_iter().map(|part| of_element(dictionary, number, part)).collect();
                        out.push(Value::Group(Rc::new(pair)));
                    }
                }
            }
        }
        out
    }

    /// What a method that is known by its name gives; none where it is not known.
    pub(super) fn method(
        &mut self,
        object: &'t Expression,
        method: &str,
        arguments: &'t [Argument],
        here: Here,
        whole: &'t Expression,
    ) -> Option<Set<'t>> {
        match method {
            "format" => Some(self.formatted(object, arguments, here, whole)),
            "strip" | "rstrip" | "lstrip" | "copy" | "as_posix" | "get_secret_value" => {
                let set = self.eval(object, here);
                (!set.values.iter().any(|v| matches!(v, Value::Import(_) | Value::Class(_)))).then_some(set)
            }
            "replace" => {
                let [old, new, ..] = arguments else { return None };
                let (old, new) = (old.value.as_text()?.text.clone(), new.value.as_text()?.text.clone());
                let mut set = self.eval(object, here);
                if set.texts().next().is_none() || old.is_empty() {
                    return None;
                }
                for value in &mut set.values {
                    let Value::Text(text) = value else { continue };
                    let many = text.text.matches(old.as_str()).count();
                    if text.text.len() + many * new.len() > LONGEST_TEXT {
                        return Some(Set::open());
                    }
                    if many > 0 {
                        *text = Rc::new(Text { text: text.text.replace(old.as_str(), &new), ..(**text).clone() });
                    }
                }
                Some(set)
            }
            "get" | "pop" | "setdefault" => {
                let set = self.eval(object, here);
                let is_environment = |value: &Value<'t>| matches!(value, Value::Import(path) if path.ends_with("environ") || &**path == "env");
                let default = given(arguments, "default", 1);
                // Whoever calls says at which revision, and passes it on with what else is not known.
                let is_revision =
                    arguments.first().and_then(|a| a.value.as_text()).is_some_and(|t| t.text == "revision");
                if is_revision && set.open && set.values.is_empty() {
                    return Some(Set::open());
                }
                if set.values.iter().any(is_environment) || set.values.is_empty() {
                    let mut out = default.map_or_else(Set::open, |a| self.eval(&a.value, here).by_default());
                    out.open = true;
                    return Some(out);
                }
                if !set.values.iter().any(|value| matches!(value, Value::Node(..))) {
                    return None;
                }
                let key = arguments.first().map_or_else(Set::open, |a| self.eval(&a.value, here));
                let mut out = self.item(set, &key);
                if let Some(default) = default {
                    out.join(self.eval(&default.value, here).by_default());
                }
                Some(out)
            }
            "parse_args" | "parse_intermixed_args" | "parse_arguments" => {
                let called = self.eval(object, here);
                let is_own = called.values.iter().any(|v| matches!(v, Value::Instance(..) | Value::Module(_)));
                (!is_own).then(|| Set::one(Value::Options(here.module)))
            }
            "parse_known_args" => {
                let parts = vec![Set::one(Value::Options(here.module)), Set::open()];
                Some(Set::one(Value::Group(Rc::new(parts))))
            }
            "choice" => {
                let set = self.eval(object, here);
                let is_random = set.values.iter().any(|v| matches!(v, Value::Import(path) if path.contains("random")));
                let first = arguments.first().filter(|_| is_random)?;
                Some(self.elements(&first.value, here))
            }
            _ => None,
        }
    }
}
