//! Which values belong together: by which call, subclass, element or branch each was chosen. Parts that are joined to
//! one text come from one of each, so that no name is made that nothing in the tree asks for.

use std::rc::Rc;

use super::evaluate::Evaluator;
use super::program::{Here, Id, Site};
use super::scope::{Binding, Scopes, What};
use super::value::{Set, Text, Value};
use crate::parse::python::{Expression, Kind};
use crate::source::Span;

/// Choices that are kept of one value.
const MOST: usize = 16;

/// Where one of several is chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Point {
    /// The calls of a function or class.
    Calls(Id),
    /// The classes that are made from one.
    Heirs(Id),
    /// Lists, dictionaries or objects that one name may be, by the first of them.
    Values(usize),
    /// The elements of what a loop runs through.
    Elements(usize),
    /// The branches of one statement of a module.
    Branches(usize, usize),
}

/// What is chosen there: one of these, or none of these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Among {
    In(Vec<usize>),
    Out(Vec<usize>),
}

impl Among {
    /// What both may be; none where they are of different ones.
    fn meet(&self, other: &Self) -> Option<Self> {
        let kept = |of: &[usize], is_kept: &dyn Fn(&usize) -> bool| {
            let all: Vec<usize> = of.iter().copied().filter(is_kept).collect();
            (!all.is_empty()).then_some(Self::In(all))
        };
        match (self, other) {
            (Self::In(a), Self::In(b)) => kept(a, &|one| b.contains(one)),
            (Self::In(a), Self::Out(b)) | (Self::Out(b), Self::In(a)) => kept(a, &|one| !b.contains(one)),
            (Self::Out(a), Self::Out(b)) => {
                let mut all = a.clone();
                all.extend(b.iter().filter(|one| !a.contains(one)));
                Some(Self::Out(all))
            }
        }
    }
}

/// By what a value was chosen.
#[derive(Debug, Clone, Default)]
pub(super) struct Choices(Option<Rc<Vec<(Point, Among)>>>);

impl Choices {
    /// Those of two values that are taken together; none where no run of the program takes both.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        let (Some(a), Some(b)) = (&self.0, &other.0) else {
            return Some(Self(self.0.clone().or_else(|| other.0.clone())));
        };
        let mut out = (**a).clone();
        for (point, among) in b.iter() {
            let is_full = out.len() >= MOST;
            match out.iter_mut().find(|(known, _)| known == point) {
                Some((_, known)) => *known = known.meet(among)?,
                None if !is_full => out.push((*point, among.clone())),
                None => {}
            }
        }
        Some(Self(Some(Rc::new(out))))
    }

    /// With one more choice. What was chosen at the same point for something else further inside counts no more.
    fn with(&self, point: Point, among: &Among) -> Self {
        let mut all = self.0.as_ref().map_or_else(Vec::new, |all| (**all).clone());
        let is_full = all.len() >= MOST;
        match all.iter_mut().find(|(known, _)| *known == point) {
            Some((_, known)) => *known = known.meet(among).unwrap_or_else(|| among.clone()),
            None if !is_full => all.push((point, among.clone())),
            None => {}
        }
        Self(Some(Rc::new(all)))
    }
}

impl Set<'_> {
    /// The same, chosen at a point.
    pub(super) fn chosen(mut self, point: Point, among: &Among) -> Self {
        for value in &mut self.values {
            match value {
                Value::Text(text) => {
                    let choices = text.choices.with(point, among);
                    *text = Rc::new(Text { choices, ..(**text).clone() });
                }
                Value::Integer(_, choices) => *choices = choices.with(point, among),
                _ => {}
            }
        }
        self
    }
}

/// What a list, dictionary or object is told from others by.
fn mark_of(value: &Value<'_>) -> Option<usize> {
    match value {
        Value::Node(e, _) => Some(std::ptr::from_ref(*e) as usize),
        Value::Instance(_, Some(site)) => Some(site.arguments.as_ptr() as usize),
        _ => None,
    }
}

/// What is got from one of several values belongs to that one.
pub(super) fn of_value<'t>(all: &[Value<'t>], value: &Value<'t>, got: Set<'t>) -> Set<'t> {
    let first = all.iter().find_map(mark_of).filter(|_| all.len() > 1);
    match (first, mark_of(value)) {
        (Some(first), Some(own)) => got.chosen(Point::Values(first), &Among::In(vec![own])),
        _ => got,
    }
}

/// What one element gives belongs to that one.
pub(super) fn of_element<'t>(whole: &Expression, number: usize, got: Set<'t>) -> Set<'t> {
    got.chosen(Point::Elements(std::ptr::from_ref(whole) as usize), &Among::In(vec![number]))
}

impl<'t> Evaluator<'_, 't> {
    /// What the bindings of a name give, each with the branches it holds in. Where several additions to a text may
    /// or may not be made, nobody knows what it is.
    pub(super) fn bound_together(&mut self, name: &str, bindings: &[&Binding<'t>], at: Span, here: Here) -> Set<'t> {
        let scopes = &self.program.modules[here.module];
        if let [first, rest @ ..] = bindings
            && is_added_often(scopes, name, first, rest)
        {
            return self.added_often(first, rest, at, here);
        }
        let mut out = Set::default();
        for (number, binding) in bindings.iter().enumerate() {
            let mut set = self.bound(binding, here.module);
            if bindings.len() > 1 {
                let later = bindings.get(number + 1..).unwrap_or_default();
                for (point, among) in branches_of(scopes, here.module, binding, later) {
                    set = set.chosen(point, &among);
                }
            }
            out.join(set);
        }
        out
    }

    /// What has several additions of which each may or may not be made: a list may have all of them, of a text nobody
    /// knows which come together.
    fn added_often(&mut self, first: &Binding<'t>, rest: &[&Binding<'t>], at: Span, here: Here) -> Set<'t> {
        let mut out = self.bound(first, here.module);
        if !is_list(&out) {
            self.lost.insert((here.module, at));
            return Set::open();
        }
        for binding in rest {
            out.join(match binding.what {
                What::Added(_, value) => self.eval(value, Here { scope: binding.scope, block: binding.block, ..here }),
                _ => self.bound(binding, here.module),
            });
        }
        out
    }

    /// `name += value`: what it was, and the value behind it.
    pub(super) fn added(&mut self, name: &'t str, value: &'t Expression, binding: &Binding<'t>, here: Here) -> Set<'t> {
        let at = value.span.start;
        let Some(before) = self.bindings(name, at, here) else { return Set::open() };
        let scopes = &self.program.modules[here.module];
        let is_itself = |one: &&&Binding<'t>| std::ptr::eq(**one, binding) || one.from > at;
        let is_repeated = before.iter().any(|one| scopes.repeats(one.block, binding.block));
        if before.iter().any(|one| is_itself(&one)) || before.len() > MOST {
            return Set::open();
        }
        let left = self.bound_together(name, &before, value.span, here);
        if is_repeated && !is_list(&left) {
            return Set::open();
        }
        let right = self.eval(value, here);
        self.joined(value, left, right, here)
    }

    /// The choice of the class that an instance was made of, where its call says it.
    pub(super) fn of_class(&self, class: Id, site: &Site<'t>, set: Set<'t>) -> Set<'t> {
        let Some(made) = site.made else { return set };
        let name = self.program.modules[class.0].scopes[class.1].name;
        let heirs = self.program.heirs_of(name);
        let among = match heirs.iter().position(|heir| *heir == made) {
            Some(number) => Among::In(vec![number]),
            None if made == class => Among::Out((0..heirs.len()).collect()),
            None => return set,
        };
        set.chosen(Point::Heirs(class), &among)
    }
}

fn is_list(set: &Set<'_>) -> bool {
    set.values.iter().any(|value| matches!(value, Value::Node(..) | Value::Group(_)))
}

/// Whether what a name was first has more than one addition of which each may or may not be made.
fn is_added_often(scopes: &Scopes<'_>, name: &str, first: &Binding<'_>, rest: &[&Binding<'_>]) -> bool {
    let mut groups: Vec<(usize, u64)> = Vec::new();
    let mut is_repeated = false;
    for binding in rest.iter().filter(|binding| adds_to(&binding.what, name)) {
        // Branches of one statement exclude one another.
        let group = scopes.branch_of(binding.block).map_or((0, binding.from), |(group, _)| (group, 0));
        if !groups.contains(&group) {
            groups.push(group);
        }
        is_repeated |= scopes.repeats(first.block, binding.block);
    }
    groups.len() > 1 || is_repeated
}

/// Whether a binding puts something behind what its name was.
fn adds_to(what: &What<'_>, name: &str) -> bool {
    let is_it = |e: &Expression| matches!(&e.kind, Kind::Name(own) if own == name);
    match what {
        What::Added(..) => true,
        What::Value(e) => match &e.kind {
            Kind::Add(a, b) => is_it(a) || is_it(b) || matches!(&a.kind, Kind::Add(inner, _) if is_it(inner)),
            Kind::Made(crate::parse::python::Made::Template(_), parts) => parts.iter().any(is_it),
            _ => false,
        },
        _ => false,
    }
}

/// The branches in which a binding holds, and those in which a later one takes its place.
fn branches_of(
    scopes: &Scopes<'_>,
    module: usize,
    binding: &Binding<'_>,
    later: &[&Binding<'_>],
) -> Vec<(Point, Among)> {
    let mut out = Vec::new();
    if let Some((group, branch)) = scopes.branch_of(binding.block) {
        out.push((Point::Branches(module, group), Among::In(vec![branch])));
    }
    for other in later {
        let Some((group, branch)) = scopes.branch_of(other.block) else { continue };
        let point = Point::Branches(module, group);
        match out.iter_mut().find(|(known, _)| *known == point) {
            Some((_, Among::Out(known))) => known.push(branch),
            Some(_) => {}
            None => out.push((point, Among::Out(vec![branch]))),
        }
    }
    out.truncate(MOST);
    out
}
