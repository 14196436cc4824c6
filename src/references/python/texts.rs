//! Texts that are made of others: `f"..{a}"`, `a + b`, `a % b`, `a.format(b)`.

use std::rc::Rc;

use super::evaluate::{Evaluator, given};
use super::program::Here;
use super::together::Choices;
use super::value::{Set, Text, Value};
use crate::parse::python::{Argument, Expression, Kind, Piece};
use crate::references::Standing;

/// Most texts that one expression makes.
const MOST_TEXTS: usize = 64;
/// What stands in a text for a part that nobody knows, where the rest of it says enough.
pub(super) const UNKNOWN: char = '\u{1}';
/// Longest text that is made.
const LONGEST: usize = 2048;

/// A text in the making, and the only place it comes from, where there is one.
#[derive(Debug, Clone)]
struct Draft {
    text: String,
    standing: Standing,
    only: Option<Rc<Text>>,
    choices: Choices,
}

/// Texts in the making, and whether there may be others.
#[derive(Debug)]
struct Drafts {
    all: Vec<Draft>,
    open: bool,
    /// Whether a part that is not known leaves a mark.
    marks: bool,
}

impl Drafts {
    fn new(marks: bool) -> Self {
        let first = Draft { text: String::new(), standing: Standing::Runs, only: None, choices: Choices::default() };
        Self { all: vec![first], open: false, marks }
    }

    fn text(&mut self, text: &str) {
        for draft in self.all.iter_mut().filter(|_| !text.is_empty()) {
            draft.text.push_str(text);
            draft.only = None;
        }
        self.all.retain(|draft| draft.text.len() <= LONGEST);
    }

    fn set(&mut self, set: &Set<'_>) {
        self.open |= set.open;
        let is_known = set.values.iter().any(|value| matches!(value, Value::Text(_) | Value::Integer(..)));
        if self.marks && !is_known {
            return self.text(UNKNOWN.encode_utf8(&mut [0; 4]));
        }
        let mut next = Vec::new();
        for draft in &self.all {
            for value in &set.values {
                let mut draft = draft.clone();
                let choices = match value {
                    Value::Text(text) => &text.choices,
                    Value::Integer(_, choices) => choices,
                    _ => &Choices::default(),
                };
                // No run of the program takes both.
                let Some(choices) = draft.choices.meet(choices) else { continue };
                draft.choices = choices;
                match value {
                    Value::Text(text) => {
                        draft.only = draft.text.is_empty().then(|| Rc::clone(text));
                        draft.text.push_str(&text.text);
                        draft.standing = draft.standing.max(text.standing);
                    }
                    Value::Integer(number, _) => {
                        draft.text.push_str(&number.to_string());
                        draft.only = None;
                    }
                    _ => {
                        self.open = true;
                        continue;
                    }
                }
                if next.len() >= MOST_TEXTS || draft.text.len() > LONGEST {
                    self.open = true;
                } else {
                    next.push(draft);
                }
            }
        }
        self.open |= next.is_empty();
        self.all = next;
    }

    /// As values that stand at an expression, or where their only part does.
    fn finish<'t>(self, e: &Expression, here: Here) -> Set<'t> {
        let mut out = Set { values: Vec::new(), open: self.open };
        for draft in self.all {
            let (module, span) = draft.only.map_or((here.module, e.span), |only| (only.module, only.span));
            out.push(Value::Text(Rc::new(Text {
                text: draft.text,
                module,
                span,
                standing: draft.standing,
                choices: draft.choices,
            })));
        }
        out
    }
}

impl<'t> Evaluator<'_, 't> {
    pub(super) fn template(
        &mut self,
        e: &'t Expression,
        pieces: &'t [Piece],
        parts: &'t [Expression],
        here: Here,
    ) -> Set<'t> {
        let mut drafts = Drafts::new(self.marks);
        for piece in pieces {
            match piece {
                Piece::Text(text, _) => drafts.text(text),
                Piece::Value(number) => match parts.get(*number) {
                    Some(part) => {
                        let set = self.eval(part, here);
                        drafts.set(&set);
                    }
                    None => return Set::open(),
                },
                Piece::Formatted(_) if self.marks => drafts.text(UNKNOWN.encode_utf8(&mut [0; 4])),
                Piece::Formatted(_) => return Set::open(),
            }
        }
        drafts.finish(e, here)
    }

    pub(super) fn add(&mut self, e: &'t Expression, a: &'t Expression, b: &'t Expression, here: Here) -> Set<'t> {
        let (left, right) = (self.eval(a, here), self.eval(b, here));
        self.joined(e, left, right, here)
    }

    /// One value behind another: texts, or lists.
    pub(super) fn joined(&mut self, e: &'t Expression, left: Set<'t>, right: Set<'t>, here: Here) -> Set<'t> {
        let is_list = |set: &Set<'t>| set.values.iter().any(|v| matches!(v, Value::Node(..) | Value::Group(_)));
        if is_list(&left) || is_list(&right) {
            let mut out = left;
            out.join(right);
            return out;
        }
        let mut drafts = Drafts::new(self.marks);
        drafts.set(&left);
        drafts.set(&right);
        drafts.finish(e, here)
    }

    /// `"..%s.." % value`.
    pub(super) fn remainder(
        &mut self,
        e: &'t Expression,
        format: &'t Expression,
        given: &'t Expression,
        here: Here,
    ) -> Set<'t> {
        let formats = self.eval(format, here);
        let values: Vec<&'t Expression> = match &given.kind {
            Kind::List(parts) => parts.iter().collect(),
            _ => vec![given],
        };
        let mut out = Set { values: Vec::new(), open: formats.open };
        for text in formats.texts() {
            let pieces: Vec<&str> = text.text.split("%s").collect();
            if pieces.len() != values.len() + 1 || pieces.iter().any(|piece| piece.contains('%')) {
                out.open = true;
                continue;
            }
            let mut drafts = Drafts::new(self.marks);
            for (number, piece) in pieces.iter().enumerate() {
                drafts.text(piece);
                if let Some(value) = values.get(number) {
                    let set = self.eval(value, here);
                    drafts.set(&set);
                }
            }
            out.join(drafts.finish(e, here));
        }
        out
    }

    /// `"..{}..{name}".format(value, name=value)`.
    pub(super) fn formatted(
        &mut self,
        object: &'t Expression,
        arguments: &'t [Argument],
        here: Here,
        e: &'t Expression,
    ) -> Set<'t> {
        let formats = self.eval(object, here);
        let mut out = Set { values: Vec::new(), open: formats.open || formats.texts().next().is_none() };
        let texts: Vec<Rc<Text>> = formats.texts().cloned().collect();
        'formats: for text in texts {
            let mut drafts = Drafts::new(self.marks);
            let mut next = 0;
            let mut rest = text.text.as_str();
            while let Some((before, inner)) = rest.split_once('{') {
                let Some((name, after)) = inner.split_once('}') else { break };
                drafts.text(before);
                rest = after;
                let number = if name.is_empty() { next } else { name.parse().unwrap_or(usize::MAX) };
                next += 1;
                let Some(argument) = given(arguments, name, number).filter(|_| self.step(1)) else {
                    out.open = true;
                    continue 'formats;
                };
                let set = self.eval(&argument.value, here);
                drafts.set(&set);
            }
            drafts.text(rest);
            out.join(drafts.finish(e, here));
        }
        out
    }
}
