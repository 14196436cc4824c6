//! A module of Python as it was read, and where its bytes lie in the file.

use std::sync::Arc;

use super::slim;
use crate::parse::Budget;
use crate::parse::python;
use crate::parse::python::Guard;
use crate::parse::python::Statement;
use crate::references::At;
use crate::source::{Embedded, Span};

/// A module that was read.
#[derive(Debug)]
pub(in crate::references) struct Module {
    /// The file, from the root of the tree.
    pub path: Arc<str>,
    /// The text that was parsed; of a notebook, its cells behind one another.
    pub text: String,
    /// Of a notebook, where the text stands in the file.
    pub cells: Option<Embedded>,
    /// Its statements.
    pub statements: Vec<Statement>,
    /// What decides which parts of it run.
    pub guards: Vec<Guard>,
    /// What of it could not be read.
    pub problems: Vec<String>,
    /// Whether it is a file of values that other modules load.
    pub holds_values: bool,
}

impl Module {
    /// Reads a file.
    pub(in crate::references) fn of_file(path: &str, text: String) -> Self {
        let mut read = python::parse(&text, &mut Budget::default());
        let problems = told(&text, &read);
        slim::statements(&mut read.statements);
        Self {
            path: path.into(),
            text,
            cells: None,
            statements: read.statements,
            guards: read.guards,
            problems,
            holds_values: false,
        }
    }

    /// Reads a text that stands within a file of another language.
    pub(in crate::references) fn of_part(path: &str, mut part: Embedded) -> Self {
        let read = python::parse(&part.text, &mut Budget::default());
        let problems = told(&part.text, &read);
        let text = std::mem::take(&mut part.text);
        let (statements, guards) = (read.statements, read.guards);
        Self { path: path.into(), text, cells: Some(part), statements, guards, problems, holds_values: false }
    }

    /// Reads the cells of a notebook, which share their names.
    pub(in crate::references) fn of_cells(path: &str, mut cells: Embedded) -> Self {
        let mut read = python::parse_cell(&cells.text, &mut Budget::default());
        let problems = told(&cells.text, &read);
        slim::statements(&mut read.statements);
        let text = std::mem::take(&mut cells.text);
        Self {
            path: path.into(),
            text,
            cells: Some(cells),
            statements: read.statements,
            guards: read.guards,
            problems,
            holds_values: false,
        }
    }

    /// A place in the file.
    pub(in crate::references) fn at(&self, span: Span) -> At {
        let span = match &self.cells {
            Some(cells) => cells.host_span(span.range(self.text.len())),
            None => span,
        };
        At { path: Arc::clone(&self.path), span }
    }

    /// The text of a span, in one line and cut.
    pub(in crate::references) fn shown(&self, span: Span) -> String {
        /// Characters shown.
        const LENGTH: usize = 80;
        let text = self.text.get(span.range(self.text.len())).unwrap_or("");
        let words: Vec<&str> = text.split_whitespace().take(LENGTH).collect();
        let line = words.join(" ");
        if line.chars().count() > LENGTH { line.chars().take(LENGTH - 1).chain(['…']).collect() } else { line }
    }
}

/// What a person must know of what was not read; a mistake in a line costs that line only.
fn told(text: &str, read: &python::Module) -> Vec<String> {
    let whole = |problem: &&crate::parse::Problem| problem.span.len() >= text.len() as u64;
    read.problems.iter().filter(|p| whole(p) || p.message.contains("too")).map(|p| p.message.clone()).take(1).collect()
}
