//! Values of JSON, YAML and TOML files that code loads: `json.load(open("config/models.json"))`.
//!
//! Such a file is made a module that binds one name, so that its values are followed like those of any other module
//! and have their places in that file.

use std::sync::Arc;

use super::evaluate::{Evaluator, given};
use super::module::Module;
use super::program::Here;
use super::scope::What;
use super::value::Set;
use crate::parse::python::{Argument, Expression, Kind, Made, Piece, Statement};
use crate::references::config::document::{self, Format, Node};
use crate::source::Span;

/// Bytes of the largest file whose values are followed.
pub(in crate::references) const MOST_BYTES: usize = 256 << 10;
/// Entries of a file that is chosen from by a key nobody knows.
pub(super) const MOST_ENTRIES: usize = 48;
/// The name that holds what a file says.
const HOLDER: &str = "held";
/// Deepest that a path is followed to where it is written.
const DEEPEST: usize = 8;
/// Files that one call may read.
const MOST_FILES: usize = 8;

/// How a file is written whose values code may load, by its path.
fn format(path: &str) -> Option<Format> {
    match path.rsplit_once('.').map(|(_, end)| end)? {
        "json" => Some(Format::Json),
        "yaml" | "yml" => Some(Format::Yaml),
        "toml" => Some(Format::Toml),
        _ => None,
    }
}

/// Whether a file may hold values that code loads.
pub(in crate::references) fn claims(path: &str) -> bool {
    format(path).is_some()
}

impl Module {
    /// A file of values as a module that binds them to one name.
    pub(in crate::references) fn of_values(path: &str, text: String) -> Option<Self> {
        let document = document::read(format(path)?, &text);
        let root = document.roots.iter().find(|root| !root.entries().is_empty() || !root.items().is_empty())?;
        let target = Expression { span: Span::default(), kind: Kind::Name(HOLDER.to_owned()) };
        let statements = vec![Statement::Assign { target, value: lowered(root) }];
        Some(Self {
            path: Arc::from(path),
            text,
            cells: None,
            statements,
            guards: Vec::new(),
            problems: Vec::new(),
            holds_values: true,
        })
    }
}

fn lowered(node: &Node) -> Expression {
    let kind = match &node.kind {
        document::Kind::Other => Kind::Other(Vec::new()),
        document::Kind::Bool(value) => Kind::Bool(*value),
        document::Kind::Text(text) => {
            let span = text.host_span(0..text.text.len());
            return Expression { span, kind: Kind::Text(Box::new(text.clone())) };
        }
        document::Kind::List(items) => Kind::List(items.iter().map(lowered).collect()),
        document::Kind::Map(entries) => Kind::Dict(
            entries
                .iter()
                .map(|entry| {
                    let text = crate::source::Embedded::verbatim(&entry.key, entry.key_span.start);
                    let key = Expression { span: entry.key_span, kind: Kind::Text(Box::new(text)) };
                    (Some(key), lowered(&entry.value))
                })
                .collect(),
        ),
    };
    Expression { span: node.span, kind }
}

/// Whether a function of a package gives what a file says, by its dotted name.
fn is_reader(path: &str) -> bool {
    let (before, last) = path.rsplit_once('.').unwrap_or(("", path));
    let package = before.split('.').next().unwrap_or("");
    match last {
        "load" | "loads" => {
            matches!(package, "json" | "json5" | "orjson" | "ujson" | "simplejson" | "toml" | "tomllib" | "tomli")
                || matches!(package, "yaml" | "omegaconf" | "OmegaConf")
                || before.ends_with("OmegaConf")
        }
        "safe_load" | "full_load" | "unsafe_load" => package == "yaml",
        "read_json" | "read_yaml" => package == "srsly",
        _ => false,
    }
}

impl<'t> Evaluator<'_, 't> {
    /// What a function of a package reads of a file of the tree; none where it reads none.
    pub(super) fn values_of_file(&mut self, path: &str, arguments: &'t [Argument], here: Here) -> Option<Set<'t>> {
        if !is_reader(path) {
            return None;
        }
        let first = arguments.first().filter(|a| a.name.is_none())?;
        let mut out = Set::default();
        for written in self.path_of(&first.value, here, 0) {
            let Some(file) = self.file(&written, here.module) else { continue };
            match self.program.at(self.program.paths.path(file)) {
                Some(module) => out.join(self.of_module(module, HOLDER).unwrap_or_else(Set::open)),
                None => {
                    self.wanted.insert(file);
                }
            }
        }
        (!out.values.is_empty()).then_some(out)
    }

    /// The paths that an expression may be, as far as their ends are written.
    fn path_of(&mut self, e: &'t Expression, here: Here, depth: usize) -> Vec<String> {
        if depth >= DEEPEST || !self.step(1) {
            return Vec::new();
        }
        match &e.kind {
            Kind::Divide(before, last) => {
                let before = self.path_of(before, here, depth + 1);
                let last = self.path_of(last, here, depth + 1);
                joined(&before, last)
            }
            // A folder that is not known in front of a name that is.
            Kind::Made(Made::Template(pieces), _) => {
                let known = self.eval(e, here).texts().map(|text| text.text.clone()).collect::<Vec<_>>();
                match pieces.last() {
                    Some(Piece::Text(end, _)) if known.is_empty() && end.starts_with('/') => vec![end.clone()],
                    _ => known,
                }
            }
            Kind::Call(function, arguments) => {
                if let Kind::Attribute(object, name) = &function.kind {
                    match name.as_str() {
                        "read" | "read_text" | "read_bytes" | "resolve" | "absolute" | "as_posix" => {
                            return self.path_of(object, here, depth + 1);
                        }
                        "open" if object.last_name().is_none_or(|o| !matches!(o, "io" | "codecs" | "gzip")) => {
                            return self.path_of(object, here, depth + 1);
                        }
                        "joinpath" => {
                            let before = self.path_of(object, here, depth + 1);
                            return self.all_joined(before, arguments, here, depth);
                        }
                        "join" => return self.all_joined(Vec::new(), arguments, here, depth),
                        _ => {}
                    }
                }
                match function.last_name() {
                    Some("open" | "Path" | "PurePath" | "str" | "abspath" | "realpath" | "expanduser" | "fspath") => {
                        let inner = given(arguments, "file", 0);
                        inner.map_or_else(Vec::new, |a| self.path_of(&a.value, here, depth + 1))
                    }
                    _ => self.eval(e, here).texts().map(|text| text.text.clone()).collect(),
                }
            }
            Kind::Name(name) => {
                let known = self.eval(e, here).texts().map(|text| text.text.clone()).collect::<Vec<_>>();
                if !known.is_empty() {
                    return known;
                }
                let mut out = Vec::new();
                for binding in self.bindings(name, e.span.start, here).into_iter().flatten().take(4) {
                    if let What::Value(value) = binding.what
                        && !std::ptr::eq(value, e)
                    {
                        let inner = Here { module: here.module, scope: binding.scope, block: binding.block };
                        out.extend(self.path_of(value, inner, depth + 1));
                    }
                }
                out
            }
            _ => self.eval(e, here).texts().map(|text| text.text.clone()).collect(),
        }
    }

    fn all_joined(
        &mut self,
        mut before: Vec<String>,
        arguments: &'t [Argument],
        here: Here,
        depth: usize,
    ) -> Vec<String> {
        for argument in arguments {
            let last = self.path_of(&argument.value, here, depth + 1);
            before = joined(&before, last);
        }
        before
    }

    /// The file of the tree that a path means: from the folder of the module, from one above it, or the only one that
    /// ends so.
    fn file(&mut self, written: &str, from: usize) -> Option<usize> {
        if !claims(written) || written.contains("..") || !self.step(1) {
            return None;
        }
        let tail = written.trim_start_matches("./").trim_start_matches('/');
        let program = self.program;
        program.paths.file(&program.modules[from].module.path, tail)
    }
}

/// Each of some ends behind each of what may stand before it.
fn joined(before: &[String], last: Vec<String>) -> Vec<String> {
    if before.is_empty() || last.is_empty() {
        return last;
    }
    let all = before.iter().flat_map(|a| last.iter().map(move |b| format!("{}/{b}", a.trim_end_matches('/'))));
    all.filter(|path| path.len() < 400).take(MOST_FILES).collect()
}
