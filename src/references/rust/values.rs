//! What a value may be, with what that depends on.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::scope::{File, unrolled};
use crate::parse::rust::{Arm, Kind, Part};
use crate::source::Span;

/// Deepest that values are followed.
const MAX_DEPTH: usize = 24;
/// Values of one expression.
const MAX_LEAVES: usize = 96;
/// Choices that one value depends on.
const MAX_DEPENDS: usize = 8;
/// Steps of all values of a file.
const MAX_WORK: usize = 50_000;

/// Something that a choice depends on, and what it is where this value is chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Depends {
    on: String,
    /// Patterns that choose it; none where it holds when nothing of `but` does.
    is: BTreeSet<String>,
    but: BTreeSet<String>,
}

impl Depends {
    fn agrees(&self, other: &Self) -> bool {
        if self.on != other.on {
            return true;
        }
        match (self.is.is_empty(), other.is.is_empty()) {
            (false, false) => !self.is.is_disjoint(&other.is),
            (false, true) => self.is.iter().any(|p| !other.but.contains(p)),
            (true, false) => other.is.iter().any(|p| !self.but.contains(p)),
            (true, true) => true,
        }
    }
}

/// One of the values that an expression may have.
#[derive(Debug, Clone)]
pub(super) struct Leaf<'t> {
    /// The literal, or what could not be followed any further.
    pub(super) node: &'t Part,
    /// The function it stands in.
    pub(super) scope: usize,
    /// The text, where it is known.
    pub(super) text: Option<String>,
    /// It is taken where nobody says otherwise.
    pub(super) is_default: bool,
    depends: Vec<Arc<Depends>>,
}

impl<'t> Leaf<'t> {
    fn new(node: &'t Part, scope: usize) -> Self {
        let text = if let Kind::Text(text) = &node.kind { Some(text.clone()) } else { None };
        Self { node, scope, text, is_default: false, depends: Vec::new() }
    }

    /// Whether two values may be taken in one run.
    pub(super) fn agrees(&self, other: &Leaf<'_>) -> bool {
        self.depends.iter().all(|a| other.depends.iter().all(|b| a.agrees(b)))
    }

    /// Where it is written.
    pub(super) fn span(&self) -> Span {
        self.node.span
    }

    fn after(mut self, outer: &Leaf<'_>) -> Self {
        self.is_default |= outer.is_default;
        self.depends.extend(outer.depends.iter().cloned());
        self.depends.truncate(MAX_DEPENDS);
        self
    }
}

/// Follows the values of one file.
pub(super) struct Values<'f, 't> {
    file: &'f File<'t>,
    work: usize,
}

impl<'f, 't> Values<'f, 't> {
    pub(super) fn new(file: &'f File<'t>) -> Self {
        Self { file, work: MAX_WORK }
    }

    /// What an expression may be.
    pub(super) fn of(&mut self, node: &'t Part, scope: usize) -> Vec<Leaf<'t>> {
        self.leaves(node, scope, MAX_DEPTH)
    }

    /// The values of a list, `vec![..]` or tuple, where the expression is one.
    pub(super) fn elements(&mut self, node: &'t Part, scope: usize) -> Vec<Leaf<'t>> {
        let mut out = Vec::new();
        for leaf in self.of(node, scope) {
            match &leaf.node.kind {
                Kind::List(parts, _) => {
                    for part in parts.iter().take(MAX_LEAVES) {
                        out.extend(self.leaves(part, leaf.scope, MAX_DEPTH / 2).into_iter().map(|l| l.after(&leaf)));
                    }
                }
                Kind::Macro(name, parts) if name == "vec" => {
                    for part in parts.iter().take(MAX_LEAVES) {
                        out.extend(self.leaves(part, leaf.scope, MAX_DEPTH / 2).into_iter().map(|l| l.after(&leaf)));
                    }
                }
                _ => out.push(leaf),
            }
            if out.len() > MAX_LEAVES {
                break;
            }
        }
        out
    }

    fn leaves(&mut self, node: &'t Part, scope: usize, depth: usize) -> Vec<Leaf<'t>> {
        if depth == 0 || self.work == 0 {
            return Vec::new();
        }
        self.work -= 1;
        let depth = depth - 1;
        let mut out = match &node.kind {
            Kind::Name(name) => self.named(node, name, scope, depth),
            Kind::Field(object, name) => self.field(node, object, name, scope, depth),
            Kind::Method { object, name, arguments, .. } => self.method(node, object, name, arguments, scope, depth),
            Kind::Call(function, arguments) => self.call(node, function, arguments, scope, depth),
            Kind::Macro(name, parts) => self.template(node, name, parts, scope, depth),
            Kind::Choice(arms) => self.choice(arms, scope, depth),
            Kind::Block(parts, true) => match parts.last() {
                Some(last) => self.leaves(last, scope, depth),
                None => Vec::new(),
            },
            // Nothing comes of it: it ends the function.
            Kind::Block(_, false) | Kind::Return(_) => Vec::new(),
            Kind::Closure(body) => self.leaves(body, scope, depth),
            _ => vec![Leaf::new(node, scope)],
        };
        out.truncate(MAX_LEAVES);
        out
    }

    fn named(&mut self, node: &'t Part, name: &str, scope: usize, depth: usize) -> Vec<Leaf<'t>> {
        let last = name.rsplit("::").next().unwrap_or("");
        let mut found = Vec::new();
        if last == name
            && let Some(bounds) = self.file.scopes.get(scope).and_then(|s| s.binds.get(name))
        {
            let visible = bounds.iter().filter(|b| b.visible.contains(node.span) && b.at <= node.span.start);
            let visible: Vec<_> = visible.copied().collect();
            let from = visible.iter().rposition(|b| !b.is_assignment).unwrap_or(0);
            found.extend(visible.into_iter().skip(from).map(|b| (b, scope)));
        }
        let is_parameter = self.file.scopes.get(scope).is_some_and(|s| s.parameters.contains(&name));
        if found.is_empty() && !is_parameter {
            let constants = self.file.scopes.first().and_then(|s| s.binds.get(last));
            found.extend(constants.into_iter().flatten().map(|b| (*b, 0)));
        }
        if found.is_empty() {
            return vec![Leaf::new(node, scope)];
        }
        let mut out = Vec::new();
        for (bound, scope) in found {
            match bound.element {
                None => out.extend(self.leaves(bound.value, scope, depth)),
                Some(at) => out.extend(self.element(bound.value, at, scope, depth)),
            }
        }
        out
    }

    /// One of the values of a tuple.
    fn element(&mut self, node: &'t Part, at: usize, scope: usize, depth: usize) -> Vec<Leaf<'t>> {
        let mut out = Vec::new();
        for leaf in self.leaves(node, scope, depth) {
            match &leaf.node.kind {
                Kind::List(parts, true) => {
                    if let Some(part) = parts.get(at) {
                        let inner = self.leaves(part, leaf.scope, depth);
                        out.extend(inner.into_iter().map(|l| l.after(&leaf)));
                    }
                }
                _ => out.push(Leaf { text: None, ..leaf }),
            }
        }
        out
    }

    fn field(&mut self, node: &'t Part, object: &'t Part, name: &str, scope: usize, depth: usize) -> Vec<Leaf<'t>> {
        if let Ok(at) = name.parse::<usize>() {
            return self.element(object, at, scope, depth);
        }
        let mut out = Vec::new();
        for (scope, value, is_default) in self.file.fields.get(name).into_iter().flatten().take(16) {
            let inner = self.leaves(value, *scope, depth);
            out.extend(inner.into_iter().map(|l| Leaf { is_default: l.is_default || *is_default, ..l }));
        }
        if out.is_empty() { vec![Leaf::new(node, scope)] } else { out }
    }

    fn method(
        &mut self,
        node: &'t Part,
        object: &'t Part,
        name: &str,
        arguments: &'t [Part],
        scope: usize,
        depth: usize,
    ) -> Vec<Leaf<'t>> {
        let first = arguments.first();
        match name {
            "to_string" | "to_owned" | "into" | "as_str" | "clone" | "cloned" | "as_ref" | "as_deref" | "unwrap"
            | "expect" | "context" | "with_context" | "trim" | "into_owned" | "to_str" | "as_mut" | "borrow" | "ok"
            | "map_err" | "copied" | "to_lowercase" | "try_into" | "into_string" | "unwrap_or_default" | "leak"
            | "ok_or" | "ok_or_else" | "take" | "filter" | "as_bytes" | "inspect" | "into_boxed_str" => {
                self.leaves(object, scope, depth)
            }
            "unwrap_or" | "unwrap_or_else" | "or" | "or_else" | "map_or" | "map_or_else" | "get_or_insert" => {
                let mut out = self.leaves(object, scope, depth);
                let other = first.map(|n| self.leaves(n, scope, depth)).unwrap_or_default();
                out.extend(other.into_iter().map(|l| Leaf { is_default: true, ..l }));
                out
            }
            // `x.map(|x| x.to_string())` is x, whatever its closure calls it.
            "map" | "and_then" => self.leaves(object, scope, depth),
            _ => {
                let results = self.results(name, true, depth);
                if results.is_empty() {
                    return vec![Leaf::new(node, scope)];
                }
                // What the method matches is what it is called on.
                let on = last_name(object);
                let renamed = |mut leaf: Leaf<'t>| {
                    for depends in leaf.depends.iter_mut().filter(|d| d.on == "self") {
                        *depends = Arc::new(Depends { on: on.clone(), ..Depends::clone(depends) });
                    }
                    leaf
                };
                results.into_iter().map(renamed).collect()
            }
        }
    }

    fn call(
        &mut self,
        node: &'t Part,
        function: &'t Part,
        arguments: &'t [Part],
        scope: usize,
        depth: usize,
    ) -> Vec<Leaf<'t>> {
        let Kind::Name(path) = &function.kind else { return vec![Leaf::new(node, scope)] };
        let last = path.rsplit("::").next().unwrap_or("");
        let passes = matches!(last, "Some" | "Ok")
            || ["String::from", "Cow::from", "Cow::Borrowed", "Arc::from", "Into::into", "Box::from", "str::to_owned"]
                .iter()
                .any(|end| path.ends_with(end));
        if let (true, Some(first)) = (passes, arguments.first()) {
            return self.leaves(first, scope, depth);
        }
        let results = if last == "new" || last == "from" { Vec::new() } else { self.results(last, false, depth) };
        if results.is_empty() { vec![Leaf::new(node, scope)] } else { results }
    }

    /// What the file's functions of this name give.
    fn results(&mut self, name: &str, is_method: bool, depth: usize) -> Vec<Leaf<'t>> {
        let mut out = Vec::new();
        let scopes: Vec<usize> = self.file.functions.get(name).into_iter().flatten().copied().take(4).collect();
        for at in scopes {
            let Some(scope) = self.file.scopes.get(at).filter(|s| s.is_method == is_method) else { continue };
            for result in scope.results.iter().copied().take(16).collect::<Vec<_>>() {
                out.extend(self.leaves(result, at, depth).into_iter().filter(|l| l.text.is_some() || is_tuple(l.node)));
            }
        }
        out
    }

    /// `format!("a/{b}")` and `concat!`: the place of the whole is that of its first text.
    fn template(&mut self, node: &'t Part, name: &str, parts: &'t [Part], scope: usize, depth: usize) -> Vec<Leaf<'t>> {
        let unknown = || vec![Leaf::new(node, scope)];
        let name = name.rsplit("::").next().unwrap_or("");
        let Some(first) = parts.first() else { return unknown() };
        let Kind::Text(pattern) = &first.kind else { return unknown() };
        if name == "concat" {
            let texts: Option<String> =
                parts.iter().map(|p| if let Kind::Text(t) = &p.kind { Some(t.as_str()) } else { None }).collect();
            return vec![Leaf { text: texts, ..Leaf::new(first, scope) }];
        }
        if name != "format" {
            return unknown();
        }
        let mut rest = parts.iter().skip(1);
        let mut made = vec![Leaf { text: Some(String::new()), ..Leaf::new(first, scope) }];
        for piece in pieces(pattern) {
            let values = match piece {
                Piece::Text(text) => {
                    for leaf in &mut made {
                        if let Some(so_far) = &mut leaf.text {
                            so_far.push_str(&text);
                        }
                    }
                    continue;
                }
                Piece::Next => match rest.next() {
                    Some(value) => self.leaves(value, scope, depth),
                    None => return unknown(),
                },
                Piece::Name(name) => self.named(first, &name, scope, depth),
            };
            let known: Vec<_> = values.into_iter().filter(|v| v.text.is_some()).collect();
            if known.is_empty() {
                return unknown();
            }
            let mut next = Vec::new();
            for leaf in &made {
                for value in known.iter().filter(|v| leaf.agrees(v)) {
                    let text =
                        Some(format!("{}{}", leaf.text.as_deref().unwrap_or(""), value.text.as_deref().unwrap_or("")));
                    if text.as_ref().is_some_and(|t| t.len() <= 400) && next.len() < MAX_LEAVES {
                        next.push(Leaf { text, ..leaf.clone().after(value) });
                    }
                }
            }
            made = next;
        }
        made
    }

    fn choice(&mut self, arms: &'t [Arm], scope: usize, depth: usize) -> Vec<Leaf<'t>> {
        let all: BTreeSet<String> = arms.iter().flat_map(|arm| arm.patterns.iter().cloned()).take(MAX_LEAVES).collect();
        let has_given =
            arms.iter().any(|a| a.patterns.iter().any(|p| p.contains("Some(")) || a.on.contains("let Some("));
        let mut out = Vec::new();
        for arm in arms.iter().take(MAX_LEAVES) {
            let is_none = arm.patterns.iter().all(|p| p.contains("None"));
            let mut is: BTreeSet<String> = arm.patterns.iter().cloned().collect();
            let mut but = if is.is_empty() { all.clone() } else { BTreeSet::new() };
            let mut on = arm.on.as_str();
            // `if which == Which::A` is a match with two arms.
            if let Some((left, right)) = on.split_once(" == ").filter(|_| !on.contains(['&', '|', '('])) {
                on = left.trim();
                let value = BTreeSet::from([right.trim().to_owned()]);
                if is.is_empty() { but = value } else { is = value }
            }
            let on = if on.starts_with('(') {
                on
            } else {
                on.trim_start_matches(['&', '*']).rsplit('.').next().unwrap_or("")
            };
            let on = on.trim().to_owned();
            // Options say nothing of one another: `Some(x)` of one is not that of the next.
            let tells = !on.is_empty() && !has_given;
            let depends = Arc::new(Depends { on, is, but });
            for mut leaf in self.leaves(&arm.value, scope, depth) {
                leaf.is_default |= has_given && is_none;
                if tells && leaf.depends.len() < MAX_DEPENDS {
                    leaf.depends.push(Arc::clone(&depends));
                }
                out.push(leaf);
            }
            if out.len() > MAX_LEAVES {
                break;
            }
        }
        out
    }
}

/// The last name of what a method is called on.
fn last_name(node: &Part) -> String {
    let (root, _) = unrolled(node);
    match &root.kind {
        Kind::Field(_, name) => name.clone(),
        Kind::Name(name) => name.rsplit("::").next().unwrap_or("").to_owned(),
        _ => String::new(),
    }
}

fn is_tuple(node: &Part) -> bool {
    matches!(node.kind, Kind::List(_, true))
}

/// A piece of a template.
enum Piece {
    Text(String),
    /// `{}`: what is given next.
    Next,
    /// `{name}`.
    Name(String),
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut text = String::new();
    let mut characters = pattern.chars().peekable();
    while let Some(c) = characters.next() {
        match c {
            '{' if characters.next_if_eq(&'{').is_some() => text.push('{'),
            '}' => {
                characters.next_if_eq(&'}');
                text.push('}');
            }
            '{' => {
                let inner: String = characters.by_ref().take_while(|c| *c != '}').collect();
                let inner = inner.split(':').next().unwrap_or("").trim().to_owned();
                out.push(Piece::Text(std::mem::take(&mut text)));
                out.push(if inner.is_empty() { Piece::Next } else { Piece::Name(inner) });
            }
            c => text.push(c),
        }
    }
    out.push(Piece::Text(text));
    out
}
