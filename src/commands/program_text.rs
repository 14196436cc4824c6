//! Texts that a command line gives an interpreter to run, and the calls in them.

use std::ops::Range;

use super::site::Site;
use crate::parse::Budget;
use crate::parse::python::{self, Argument, Expression, Kind, Statement};
use crate::parse::shell::RedirectOp;

/// Bytes of such texts read in one script.
pub(super) const MAX_TEXTS: usize = 256 << 10;
/// Longest text read.
const MAX_TEXT: usize = 32 << 10;
/// Calls of one text.
const MAX_CALLS: usize = 512;
/// Deepest nesting followed.
const MAX_DEPTH: usize = 64;

/// A text with its language.
pub(super) struct ProgramText {
    /// `python`, `node`, `ruby`, `perl` or `php`.
    pub(super) language: &'static str,
    /// The text, known variables put in.
    pub(super) text: String,
}

/// The text that the command gives an interpreter: behind `-c` or `-e`, or in a here-document.
/// `left` is what remains of [`MAX_TEXTS`].
pub(super) fn of(site: &Site<'_>, left: &mut usize) -> Option<ProgramText> {
    let text = asked(site)?;
    *left = left.checked_sub(text.text.len())?;
    Some(text)
}

fn asked(site: &Site<'_>) -> Option<ProgramText> {
    let name = site.call.name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let (language, flags): (&'static str, &[&str]) = match name {
        "python" | "pypy" | "ipython" => ("python", &["-c"]),
        "uv" | "poetry" | "pdm" | "hatch" | "pipenv" | "pixi" | "conda" | "mamba" | "micromamba" | "rye"
        | "xvfb-run" => {
            let inner = site.call.args.iter().any(|a| a.text.starts_with("python"));
            return inner.then(|| text(site, "python", &["-c"])).flatten();
        }
        "node" | "nodejs" | "bun" => ("node", &["-e", "--eval", "-p"]),
        "ruby" => ("ruby", &["-e"]),
        "perl" => ("perl", &["-e", "-E"]),
        "php" => ("php", &["-r"]),
        _ => return None,
    };
    text(site, language, flags)
}

fn text(site: &Site<'_>, language: &'static str, flags: &[&str]) -> Option<ProgramText> {
    let args = &site.call.args;
    let is_flag = |text: &str| {
        let joined = text.starts_with('-') && !text.starts_with("--") && text.len() <= 6;
        flags.contains(&text) || (joined && flags.iter().any(|f| f.len() == 2 && text.ends_with(&f[1..])))
    };
    let text = match args.iter().position(|a| is_flag(&a.text)) {
        Some(at) => args.get(at + 1)?.text.clone(),
        None => {
            let wanted = |op| matches!(op, RedirectOp::HereDoc | RedirectOp::HereString);
            let document = site.command.redirects.iter().find(|r| wanted(r.op))?;
            site.program.show(&document.target).0
        }
    };
    (text.len() <= MAX_TEXT).then_some(ProgramText { language, text })
}

/// A call in a text of Python.
#[derive(Debug)]
pub(super) struct Call {
    /// The function or method.
    pub(super) name: String,
    /// What the method belongs to, by its last name: `requests` of `requests.get`.
    pub(super) of: Option<String>,
    /// Where it stands in the text.
    pub(super) range: Range<usize>,
    /// Its arguments: name and text; none where the text is not known.
    pub(super) arguments: Vec<(Option<String>, Option<String>)>,
}

impl Call {
    /// The text of an argument, by its name or its place.
    pub(super) fn text(&self, place: usize, name: &str) -> Option<&str> {
        let named = self.arguments.iter().find(|(n, _)| n.as_deref() == Some(name));
        let placed = || self.arguments.get(place).filter(|(n, _)| n.is_none());
        named.or_else(placed)?.1.as_deref()
    }

    /// Whether an argument of this name is given.
    pub(super) fn has(&self, name: &str) -> bool {
        self.arguments.iter().any(|(n, _)| n.as_deref() == Some(name))
    }
}

/// The calls of a text of Python, names put in that are assigned once.
pub(super) fn calls(text: &str) -> Vec<Call> {
    let module = python::parse(text, &mut Budget::default());
    let mut walk = Walk { names: Vec::new(), calls: Vec::new() };
    walk.statements(&module.statements, MAX_DEPTH);
    walk.calls
}

struct Walk {
    names: Vec<(String, Option<String>)>,
    calls: Vec<Call>,
}

impl Walk {
    fn statements(&mut self, statements: &[Statement], depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        for statement in statements {
            match statement {
                Statement::Assign { target, value } => {
                    if let Kind::Name(name) = &target.kind
                        && self.names.len() < MAX_CALLS
                    {
                        // A name with several values has none.
                        let text = self.constant(value);
                        match self.names.iter_mut().find(|(n, _)| n == name) {
                            Some(known) => known.1 = None,
                            None => self.names.push((name.clone(), text)),
                        }
                    }
                    self.expression(value, depth);
                }
                Statement::Add { value, .. } | Statement::Value(value) | Statement::Return(value) => {
                    self.expression(value, depth);
                }
                Statement::With { items, body } => {
                    items.iter().for_each(|(value, _)| self.expression(value, depth));
                    self.statements(body, depth);
                }
                Statement::Function { body, .. } | Statement::Class { body, .. } => self.statements(body, depth),
                Statement::For { values, body, .. } => {
                    self.expression(values, depth);
                    self.statements(body, depth);
                }
                Statement::Branches(arms) => arms.iter().for_each(|arm| self.statements(arm, depth)),
                Statement::Import(_) => {}
            }
        }
    }

    fn constant(&self, value: &Expression) -> Option<String> {
        match &value.kind {
            Kind::Text(text) => Some(text.text.clone()),
            Kind::Name(name) => self.names.iter().find(|(n, _)| n == name)?.1.clone(),
            Kind::Add(left, right) => match (&left.kind, &right.kind) {
                // A long sum is walked no deeper than its last part.
                (Kind::Text(_) | Kind::Name(_), Kind::Text(_) | Kind::Name(_)) => {
                    Some(format!("{}{}", self.constant(left)?, self.constant(right)?)).filter(|t| t.len() < MAX_TEXT)
                }
                _ => None,
            },
            _ => None,
        }
    }

    fn expression(&mut self, expression: &Expression, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else { return };
        match &expression.kind {
            Kind::Call(function, arguments) => {
                self.call(expression.span.start as usize..expression.span.end as usize, function, arguments);
                self.expression(function, depth);
                arguments.iter().for_each(|a| self.expression(&a.value, depth));
            }
            Kind::Attribute(inner, _) | Kind::Splat(inner) => self.expression(inner, depth),
            Kind::Item(a, b) | Kind::Add(a, b) | Kind::Divide(a, b) | Kind::Either(a, b) => {
                self.expression(a, depth);
                self.expression(b, depth);
            }
            Kind::List(values) | Kind::Other(values) | Kind::Made(_, values) => {
                values.iter().for_each(|v| self.expression(v, depth))
            }
            Kind::Dict(pairs) => pairs.iter().for_each(|(_, v)| self.expression(v, depth)),
            Kind::Each { body, loops } => {
                self.expression(body, depth);
                loops.iter().for_each(|(_, values)| self.expression(values, depth));
            }
            Kind::Text(_) | Kind::Bool(_) | Kind::Nothing | Kind::Name(_) => {}
        }
    }

    fn call(&mut self, range: Range<usize>, function: &Expression, arguments: &[Argument]) {
        let Some(name) = function.last_name().filter(|_| self.calls.len() < MAX_CALLS) else { return };
        let of = match &function.kind {
            Kind::Attribute(inner, _) => match &inner.kind {
                Kind::Call(inner, _) => inner.last_name().map(str::to_owned),
                _ => inner.last_name().map(str::to_owned),
            },
            _ => None,
        };
        // An option that is turned off, or left as it is, is as good as not given: `trust_remote_code=False`.
        let off = |a: &&Argument| a.name.is_some() && matches!(a.value.kind, Kind::Bool(false) | Kind::Nothing);
        let arguments = arguments.iter().filter(|a| !off(a));
        let arguments = arguments.map(|a| (a.name.clone(), self.constant(&a.value))).collect();
        self.calls.push(Call { name: name.to_owned(), of, range, arguments });
    }
}

/// The texts between quotes.
pub(super) fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let start = rest.find(['"', '\'', '`'])?;
        let quote = rest.get(start..=start)?;
        let inner = rest.get(start + 1..)?;
        let end = inner.find(quote)?;
        let found = inner.get(..end)?;
        rest = inner.get(end + 1..).unwrap_or_default();
        Some(found)
    })
}
