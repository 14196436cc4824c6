//! What an expression may be: a small set of constants, and whether it may be something else.

use std::rc::Rc;

use super::program::{Here, Id, Site};
use super::together::Choices;
use crate::parse::python::Expression;
use crate::references::Standing;
use crate::source::Span;

/// Most values one expression is followed to.
pub(super) const MOST: usize = 320;

/// A text, with the place where it is written.
#[derive(Debug, Clone)]
pub(super) struct Text {
    /// The text.
    pub text: String,
    /// The module it is written in.
    pub module: usize,
    /// Where in it.
    pub span: Span,
    /// Whether somebody may say otherwise.
    pub standing: Standing,
    /// By what it was chosen.
    pub choices: Choices,
}

/// A value.
#[derive(Debug, Clone)]
pub(super) enum Value<'t> {
    /// A text.
    Text(Rc<Text>),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    Nothing,
    /// A whole number, and by what it was chosen.
    Integer(i64, Choices),
    /// A list, dictionary or comprehension that is written somewhere.
    Node(&'t Expression, Here),
    /// Several values in order.
    Group(Rc<Vec<Set<'t>>>),
    /// A function of the tree.
    Function(Id),
    /// A class of the tree.
    Class(Id),
    /// Something made from a class of the tree, and the call that made it.
    Instance(Id, Option<Site<'t>>),
    /// A module of the tree.
    Module(usize),
    /// Something of a package, with its dots.
    Import(Rc<str>),
    /// What a function or class of a package gives.
    Result(Rc<str>),
    /// What the command line of a module says.
    Options(usize),
}

/// What an expression may be.
#[derive(Debug, Clone, Default)]
pub(super) struct Set<'t> {
    /// Known values.
    pub values: Vec<Value<'t>>,
    /// Whether it may be something that is not known.
    pub open: bool,
}

impl<'t> Set<'t> {
    /// Nothing is known.
    pub(super) fn open() -> Self {
        Self { values: Vec::new(), open: true }
    }

    /// One value.
    pub(super) fn one(value: Value<'t>) -> Self {
        Self { values: vec![value], open: false }
    }

    /// Adds a value.
    pub(super) fn push(&mut self, value: Value<'t>) {
        if self.values.len() < MOST {
            self.values.push(value);
        } else {
            self.open = true;
        }
    }

    /// Adds what another may be.
    pub(super) fn join(&mut self, other: Self) {
        self.open |= other.open;
        other.values.into_iter().for_each(|value| self.push(value));
    }

    /// The same, where somebody may say otherwise.
    pub(super) fn by_default(mut self) -> Self {
        for value in &mut self.values {
            if let Value::Text(text) = value
                && text.standing != Standing::Default
            {
                *text = Rc::new(Text { standing: Standing::Default, ..(**text).clone() });
            }
        }
        self
    }

    /// The texts in it.
    pub(super) fn texts(&self) -> impl Iterator<Item = &Rc<Text>> {
        self.values.iter().filter_map(|value| if let Value::Text(text) = value { Some(text) } else { None })
    }
}
