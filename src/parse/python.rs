//! Python as far as data goes: assignments, calls and literals, with places. Nothing is run.
//!
//! The parser of ruff gives the syntax tree, which survives mistakes; [`tangle`] refuses first what would nest it
//! deeper than any stack, and [`lower`] makes a small tree of our own from it. What is neither a value nor a name
//! keeps its parts, so that whoever reads can see what it is made of.

mod expressions;
mod guards;
mod lower;
mod tangle;
#[cfg(test)]
mod tests;
mod text;

use super::{Budget, Problem};
use crate::source::{Embedded, Span};

/// Largest file read. The largest real `setup.py` has a hundred kilobytes, the largest module of models four hundred.
const MAX_BYTES: usize = 1 << 20;

/// A file of Python, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Module {
    /// Its statements in order.
    pub statements: Vec<Statement>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// Where what is compared decides what runs, in the order of their beginnings.
    pub guards: Vec<Guard>,
}

/// A part of a module that runs where something is one of several values: a branch of `if x == a`, a case of `match`.
#[derive(Debug, Clone, PartialEq)]
pub struct Guard {
    /// The part.
    pub body: Span,
    /// What is compared.
    pub subject: Expression,
    /// What it is there; nothing where only what it is not is known.
    pub is: Vec<Expression>,
    /// What it is not there.
    pub is_not: Vec<Expression>,
}

/// A statement.
#[derive(Debug, Clone, PartialEq)]
pub enum Statement {
    /// `target = value`.
    Assign {
        /// What it is assigned to: a name, an item, an attribute, several of them.
        target: Expression,
        /// The value.
        value: Expression,
    },
    /// `target += value`; other operators are [`Statement::Value`].
    Add {
        /// What it is added to.
        target: Expression,
        /// What is added.
        value: Expression,
    },
    /// An expression by itself.
    Value(Expression),
    /// `return value`.
    Return(Expression),
    /// `with value as name:`, for each value, and what stands in it.
    With {
        /// The values with the names they get.
        items: Vec<(Expression, Option<String>)>,
        /// The statements in it.
        body: Vec<Statement>,
    },
    /// `def name(..):`.
    Function {
        /// Its name.
        name: String,
        /// Its parameters in order, with what they are by default.
        parameters: Vec<(String, Option<Expression>)>,
        /// What it is decorated with, from the outermost.
        decorators: Vec<Expression>,
        /// The statements in it.
        body: Vec<Statement>,
    },
    /// `class name(..):`.
    Class {
        /// Its name.
        name: String,
        /// What it is made from, without keywords.
        bases: Vec<Expression>,
        /// What it is decorated with, from the outermost.
        decorators: Vec<Expression>,
        /// The statements in it.
        body: Vec<Statement>,
    },
    /// `import a.b as c`, `from a import b as c`.
    Import(Vec<Imported>),
    /// `for target in values:`.
    For {
        /// What takes each value.
        target: Expression,
        /// The values.
        values: Expression,
        /// The statements in it.
        body: Vec<Statement>,
    },
    /// Statements of which some may not run: those of `if`, `try`, `while` and `match`.
    Branches(Vec<Vec<Statement>>),
}

/// A name that an import gives to something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    /// The module with its dots: `a.b`; relative ones begin with as many dots as are written.
    pub module: String,
    /// What of the module; none for the module itself. `*` for everything.
    pub item: Option<String>,
    /// The name it gets: of `import a.b` without `as` it is `a`.
    pub name: String,
}

/// An expression with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// Its bytes.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
}

/// The kinds of an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// A string without a prefix that makes it bytes or a template; adjoining ones are one.
    Text(Box<Embedded>),
    /// `True` or `False`.
    Bool(bool),
    /// `None`.
    Nothing,
    /// A name.
    Name(String),
    /// `object.name`.
    Attribute(Box<Expression>, String),
    /// `object[index]`.
    Item(Box<Expression>, Box<Expression>),
    /// A list, tuple or set.
    List(Vec<Expression>),
    /// `{key: value}`; without a key where `**` stands.
    Dict(Vec<(Option<Expression>, Expression)>),
    /// `function(arguments)`.
    Call(Box<Expression>, Vec<Argument>),
    /// `left + right`.
    Add(Box<Expression>, Box<Expression>),
    /// `left / right`, which joins paths.
    Divide(Box<Expression>, Box<Expression>),
    /// `first if condition else second`; the condition is left out.
    Either(Box<Expression>, Box<Expression>),
    /// `*values` within a list or a call.
    Splat(Box<Expression>),
    /// `[body for .. in values]`, for each of its loops the target and the values; a dictionary's body is
    /// [`Kind::Other`].
    Each {
        /// What is made of each.
        body: Box<Expression>,
        /// Targets and values.
        loops: Vec<(Expression, Expression)>,
    },
    /// Something that is made of others in a known way.
    Made(Made, Vec<Expression>),
    /// Anything else, with the expressions it is made of.
    Other(Vec<Expression>),
}

/// How something is made of its parts.
#[derive(Debug, Clone, PartialEq)]
pub enum Made {
    /// `f"..{a}.."`: the pieces in order.
    Template(Vec<Piece>),
    /// `a or b`.
    Or,
    /// `a % b`.
    Remainder,
    /// `lambda ..: a`; the parameters are left out.
    Lambda,
    /// `(name := a)`.
    Named(String),
    /// A whole number; there are no parts.
    Integer(i64),
}

/// A piece of a template.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    /// Text, decoded, with its bytes.
    Text(String, Span),
    /// The part of this number, as it is.
    Value(usize),
    /// The part of this number in some format: `{a:>10}`, `{a!r}`.
    Formatted(usize),
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Argument {
    /// The keyword; none where it stands by its place. `**` for an unpacked dictionary.
    pub name: Option<String>,
    /// The value.
    pub value: Expression,
    /// The whole argument.
    pub span: Span,
}

impl Expression {
    /// The text of a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&Embedded> {
        if let Kind::Text(text) = &self.kind { Some(&**text) } else { None }
    }

    /// The last part of a name: `setup` of `setuptools.setup`.
    #[must_use]
    pub fn last_name(&self) -> Option<&str> {
        match &self.kind {
            Kind::Name(name) | Kind::Attribute(_, name) => Some(name),
            _ => None,
        }
    }
}

/// Reads a file of Python. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Module {
    lower::module(text, lower::Form::File, budget)
}

/// Reads a cell of a notebook, in which `!command` and `%magic` may stand.
#[must_use]
pub fn parse_cell(text: &str, budget: &mut Budget) -> Module {
    lower::module(text, lower::Form::Cell, budget)
}
