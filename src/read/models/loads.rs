//! Calls in the tree's Python that load a pickle of the tree. Looked for only where the tree holds one.

use std::collections::BTreeMap;

use crate::graph::Document;
use crate::graph::kinds::model::Load;
use crate::graph::kinds::model::Trust;
use crate::parse::Budget;
use crate::parse::json;
use crate::parse::python::{self, Argument, Expression, Kind, Statement};
use crate::read::Reading;
use crate::read::rounds::in_parallel;
use crate::source::{Embedded, Folder, Place, RepoPath, Role, Span};

use super::places;

/// Bytes of one module.
const MODULE: usize = 1 << 20;
/// Bytes of one notebook: pictures stand in them.
const NOTEBOOK: usize = 8 << 20;
/// Bytes of all of them.
const ALL: u64 = 256 << 20;
/// Calls kept of one file of the tree.
const CALLS: usize = 64;
/// Names followed to what they stand for, one after the other.
const NAMES: usize = 8;
/// How deep expressions are followed.
const DEPTH: usize = 48;

/// Words of which one stands in every file that holds such a call.
const WORDS: &[&str] = &[".load(", ".loads(", "read_pickle(", "load_model("];

/// A call that loads what a written path names.
#[derive(Debug)]
struct Call {
    span: Span,
    function: String,
    trust: Trust,
    path: Vec<String>,
}

/// Finds them and hangs them on the files they load.
pub(super) fn find(reading: &mut Reading, folder: &dyn Folder, threads: usize) {
    let pickles: Vec<(usize, RepoPath)> = reading
        .documents
        .iter()
        .enumerate()
        .filter_map(|(index, document)| match document {
            Document::Model(model) if model.report.pickle.is_some() => {
                let path = RepoPath::new(&model.report.path)?;
                (Role::of_path(&path) != Role::Vendored).then_some((index, path))
            }
            _ => None,
        })
        .collect();
    if pickles.is_empty() {
        return;
    }
    let mut by_name: BTreeMap<&str, Vec<&(usize, RepoPath)>> = BTreeMap::new();
    for pickle in &pickles {
        by_name.entry(pickle.1.name()).or_default().push(pickle);
    }
    let mut left = ALL;
    let mut sources: Vec<&String> = Vec::new();
    for path in folder.files() {
        let most = if path.ends_with(".py") {
            MODULE
        } else if path.ends_with(".ipynb") {
            NOTEBOOK
        } else {
            continue;
        };
        let is_vendored = RepoPath::new(path).is_none_or(|path| Role::of_path(&path) == Role::Vendored);
        let Some(rest) = left.checked_sub(4096).filter(|_| !is_vendored && most > 0) else { continue };
        left = rest;
        sources.push(path);
    }
    let names: Vec<&str> = by_name.keys().copied().collect();
    let found = in_parallel(threads, sources.len(), |index| sources.get(index).map(|path| calls(folder, path, &names)));
    let mut loads: Vec<(usize, String, Call)> = Vec::new();
    for (path, calls) in sources.iter().zip(found) {
        for call in calls.into_iter().flatten() {
            let Some(name) = call.path.last() else { continue };
            let Some(one) = by_name.get(name.as_str()).and_then(|named| meant(named, path, &call.path)) else {
                continue;
            };
            loads.push((one, (*path).clone(), call));
        }
    }
    for (index, path, call) in loads {
        let Some(file) = places::source(reading, &path, folder) else { continue };
        let Some(Document::Model(model)) = reading.documents.get_mut(index) else { continue };
        if model.loads.len() < CALLS {
            let place = Place::new(file, call.span);
            model.loads.push(Load { place, function: call.function, trust: call.trust });
        }
    }
}

/// The one file that a written path names: the one below the folder of the call, else the only one that ends so.
fn meant(named: &[&(usize, RepoPath)], from: &str, written: &[String]) -> Option<usize> {
    let written = written.join("/");
    let beside = RepoPath::new(from)?.parent().join(&written);
    if let Some((index, _)) = named.iter().find(|(_, path)| Some(path) == beside.as_ref()) {
        return Some(*index);
    }
    let ends =
        |path: &str| path.strip_suffix(written.as_str()).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    let mut all = named.iter().filter(|(_, path)| ends(path.as_str()));
    match (all.next(), all.next()) {
        (Some((index, _)), None) => Some(*index),
        _ => None,
    }
}

/// The calls of one file.
fn calls(folder: &dyn Folder, path: &str, names: &[&str]) -> Vec<Call> {
    let most = if path.ends_with(".py") { MODULE } else { NOTEBOOK };
    let Some(bytes) = folder.open(path).ok().and_then(|bytes| bytes.up_to(0, most + 1).ok()) else { return Vec::new() };
    let Some(text) = String::from_utf8(bytes).ok().filter(|text| text.len() <= most) else { return Vec::new() };
    if !WORDS.iter().any(|word| text.contains(word)) || !names.iter().any(|name| text.contains(name)) {
        return Vec::new();
    }
    let mut budget = Budget::default();
    let mut search = Search::default();
    if path.ends_with(".py") {
        let module = python::parse(&text, &mut budget);
        search.statements(&module.statements, 0);
        return search.found;
    }
    let read = json::parse_without(&text, &["outputs"], &mut budget);
    let cells = read.root.as_ref().and_then(|root| root.get("cells")).map(json::Value::items).unwrap_or_default();
    let mut out = Vec::new();
    for cell in cells {
        let Some(source) = cell.get("source") else { continue };
        let mut code = Embedded::new();
        match source.as_text() {
            Some(whole) => code.append(whole),
            None => source.items().iter().filter_map(json::Value::as_text).for_each(|line| code.append(line)),
        }
        // What shells run is no Python.
        let plain: String = code.text.split_inclusive('\n').map(without_magic).collect();
        let module = python::parse(&plain, &mut budget);
        search.statements(&module.statements, 0);
        out.extend(search.found.drain(..).map(|call| Call {
            span:
                code.host_span(
                    usize::try_from(call.span.start).unwrap_or(0)..usize::try_from(call.span.end).unwrap_or(0),
                ),
            ..call
        }));
    }
    out
}

/// A line of a cell, blank where it is IPython's; as long as it was.
fn without_magic(line: &str) -> String {
    if line.trim_start().starts_with(['!', '%', '?']) {
        line.chars().flat_map(|c| std::iter::repeat_n(if c == '\n' { '\n' } else { ' ' }, c.len_utf8())).collect()
    } else {
        line.to_owned()
    }
}

/// What names stand for, and the calls that were found.
#[derive(Debug, Default)]
struct Search {
    /// Names with the parts of the path they stand for; none where that is not known.
    names: BTreeMap<String, Option<Vec<String>>>,
    found: Vec<Call>,
}

impl Search {
    fn statements(&mut self, statements: &[Statement], depth: usize) {
        if depth > DEPTH {
            return;
        }
        for statement in statements {
            match statement {
                Statement::Assign { target, value } => {
                    self.expression(value, depth);
                    if let Kind::Name(name) = &target.kind {
                        self.bind(name, value);
                    }
                }
                Statement::Add { value, .. } | Statement::Value(value) | Statement::Return(value) => {
                    self.expression(value, depth);
                }
                Statement::With { items, body } => {
                    for (value, name) in items {
                        self.expression(value, depth);
                        if let Some(name) = name {
                            self.bind(name, value);
                        }
                    }
                    self.statements(body, depth + 1);
                }
                Statement::Function { parameters, body, .. } => {
                    let before = self.names.clone();
                    for (name, value) in parameters {
                        match value {
                            Some(value) => self.bind(name, value),
                            None => {
                                self.names.insert(name.clone(), None);
                            }
                        }
                    }
                    self.statements(body, depth + 1);
                    self.names = before;
                }
                Statement::For { values, body, target } => {
                    self.expression(values, depth);
                    if let Kind::Name(name) = &target.kind {
                        self.names.insert(name.clone(), None);
                    }
                    self.statements(body, depth + 1);
                }
                Statement::Class { body, .. } => self.statements(body, depth + 1),
                Statement::Import(_) => {}
                Statement::Branches(all) => all.iter().for_each(|body| self.statements(body, depth + 1)),
            }
        }
    }

    fn bind(&mut self, name: &str, value: &Expression) {
        let path = path(value, &self.names, 0);
        self.names.insert(name.to_owned(), path);
    }

    fn expression(&mut self, expression: &Expression, depth: usize) {
        if depth > DEPTH {
            return;
        }
        let next = depth + 1;
        match &expression.kind {
            Kind::Call(function, arguments) => {
                if let Some(call) = self.load(expression.span, function, arguments) {
                    self.found.push(call);
                }
                self.expression(function, next);
                arguments.iter().for_each(|argument| self.expression(&argument.value, next));
            }
            Kind::Attribute(inner, _) | Kind::Splat(inner) => self.expression(inner, next),
            Kind::Item(one, two) | Kind::Add(one, two) | Kind::Divide(one, two) | Kind::Either(one, two) => {
                self.expression(one, next);
                self.expression(two, next);
            }
            Kind::List(all) | Kind::Other(all) | Kind::Made(_, all) => {
                all.iter().for_each(|one| self.expression(one, next))
            }
            Kind::Dict(all) => all.iter().for_each(|(_, value)| self.expression(value, next)),
            Kind::Each { body, loops } => {
                self.expression(body, next);
                loops.iter().for_each(|(_, values)| self.expression(values, next));
            }
            Kind::Text(_) | Kind::Bool(_) | Kind::Nothing | Kind::Name(_) => {}
        }
    }

    /// A call of a loader whose path is known.
    fn load(&self, span: Span, function: &Expression, arguments: &[Argument]) -> Option<Call> {
        let written = dotted(function)?;
        let trust = trust(&written, arguments)?;
        const KEYWORDS: &[&str] = &["f", "file", "filename", "filepath", "filepath_or_buffer"];
        let is_path = |argument: &&Argument| argument.name.as_deref().is_none_or(|name| KEYWORDS.contains(&name));
        let path = path(&arguments.iter().find(is_path)?.value, &self.names, 0)?;
        Some(Call { span, function: written, trust, path })
    }
}

/// How far a function of that name trusts what it loads; none where it is no loader of pickles.
fn trust(function: &str, arguments: &[Argument]) -> Option<Trust> {
    let said = |keyword: &str| {
        let argument = arguments.iter().find(|argument| argument.name.as_deref() == Some(keyword))?;
        if let Kind::Bool(value) = argument.value.kind { Some(value) } else { None }
    };
    let (module, name) = function.rsplit_once('.').unwrap_or(("", function));
    match (module, name) {
        ("torch", "load") => Some(match said("weights_only") {
            Some(true) => Trust::Restricted,
            Some(false) => Trust::Whole,
            None if arguments.iter().any(|argument| argument.name.as_deref() == Some("weights_only")) => return None,
            None if arguments.iter().any(|argument| argument.name.as_deref() == Some("pickle_module")) => Trust::Whole,
            None => Trust::Unsaid,
        }),
        ("pickle" | "pkl" | "cPickle" | "_pickle" | "dill" | "cloudpickle", "load" | "loads") | ("joblib", "load") => {
            Some(Trust::Whole)
        }
        ("pd" | "pandas", "read_pickle") => Some(Trust::Whole),
        ("np" | "numpy", "load") => (said("allow_pickle") == Some(true)).then_some(Trust::Whole),
        (_, "load_model") => (said("safe_mode") == Some(false)).then_some(Trust::Whole),
        _ => None,
    }
}

/// `a.b.c` as it is written.
fn dotted(expression: &Expression) -> Option<String> {
    match &expression.kind {
        Kind::Name(name) => Some(name.clone()),
        Kind::Attribute(inner, name) => Some(format!("{}.{name}", dotted(inner)?)),
        _ => None,
    }
}

/// The last parts of the path that an expression stands for, or of the file that it opens; none where its name is
/// not known.
fn path(expression: &Expression, names: &BTreeMap<String, Option<Vec<String>>>, depth: usize) -> Option<Vec<String>> {
    if depth > NAMES {
        return None;
    }
    let follow = |expression: &Expression| path(expression, names, depth + 1);
    match &expression.kind {
        Kind::Text(text) => parts(&text.text),
        Kind::Name(name) => names.get(name).cloned().flatten(),
        Kind::Divide(left, right) => Some(joined(follow(left), follow(right)?)),
        Kind::Add(left, right) => {
            let right = right.as_text()?;
            match left.as_text() {
                Some(left) => parts(&format!("{}{}", left.text, right.text)),
                // What stands before a slash is a folder.
                None => right.text.strip_prefix('/').and_then(parts).map(|right| joined(follow(left), right)),
            }
        }
        Kind::Call(function, arguments) => {
            let first = arguments.first().filter(|argument| argument.name.is_none()).map(|argument| &argument.value);
            match (&function.kind, function.last_name()?) {
                (_, "join" | "joinpath") => {
                    let mut out = match &function.kind {
                        Kind::Attribute(inner, name) if name == "joinpath" => follow(inner),
                        _ => None,
                    };
                    let mut last = None;
                    for argument in arguments {
                        last = follow(&argument.value);
                        out = last.clone().map(|parts| joined(out, parts));
                    }
                    last.and(out)
                }
                (
                    Kind::Attribute(inner, _),
                    "read" | "read_bytes" | "resolve" | "absolute" | "as_posix" | "expanduser",
                ) => follow(inner),
                (_, "Path" | "PurePath" | "str" | "abspath" | "realpath" | "normpath" | "fspath") => {
                    // `Path(a, b)`.
                    let mut out = follow(first?);
                    for argument in arguments.iter().skip(1) {
                        out = Some(joined(out, follow(&argument.value)?));
                    }
                    out
                }
                (Kind::Attribute(inner, _), "open") if !is_module(inner) => follow(inner),
                (_, "open" | "BytesIO" | "BufferedReader") => follow(first?),
                _ => None,
            }
        }
        _ => None,
    }
}

/// Whether `x` of `x.open(path)` is a module that opens.
fn is_module(expression: &Expression) -> bool {
    matches!(&expression.kind, Kind::Name(name) if ["gzip", "bz2", "lzma", "io", "builtins", "codecs", "zstandard"].contains(&name.as_str()))
}

fn joined(left: Option<Vec<String>>, mut right: Vec<String>) -> Vec<String> {
    let mut out = left.unwrap_or_default();
    out.append(&mut right);
    out
}

/// The parts of a relative path; none of one that leads elsewhere.
fn parts(text: &str) -> Option<Vec<String>> {
    if text.starts_with(['/', '~']) || text.contains("://") || text.contains(['{', '*']) || text.is_empty() {
        return None;
    }
    let mut out: Vec<String> = Vec::new();
    for part in text.split(['/', '\\']) {
        match part {
            "" | "." => {}
            // From where it goes up is not known: what follows still ends the path.
            ".." => out.clear(),
            part => out.push(part.to_owned()),
        }
    }
    (!out.is_empty()).then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let module = python::parse(text, &mut Budget::default());
        let mut search = Search::default();
        search.statements(&module.statements, 0);
        search.found.iter().map(|call| format!("{} {:?} {}", call.function, call.trust, call.path.join("/"))).collect()
    }

    #[test]
    fn calls_are_found_with_the_path_they_name() {
        for (text, expected) in [
            ("torch.load('a/m.pt')", Some("torch.load Unsaid a/m.pt")),
            ("torch.load(f='a/m.pt', weights_only=False)", Some("torch.load Whole a/m.pt")),
            ("x = torch.load('m.pt', weights_only=True)", Some("torch.load Restricted m.pt")),
            ("torch.load('m.pt', weights_only=flag)", None),
            ("m.load_state_dict(torch.load('m.pt', weights_only=False)['x'])", Some("torch.load Whole m.pt")),
            ("with open('d/m.pkl', 'rb') as f:\n    m = pickle.load(f)", Some("pickle.load Whole d/m.pkl")),
            ("pickle.loads(open('m.pkl', 'rb').read())", Some("pickle.loads Whole m.pkl")),
            ("pickle.loads(Path('d', 'm.pkl').read_bytes())", Some("pickle.loads Whole d/m.pkl")),
            (
                "P = os.path.join(HERE, 'd', 'm.pkl')\ndef f():\n    return joblib.load(P)",
                Some("joblib.load Whole d/m.pkl"),
            ),
            ("P = Path(__file__).parent / 'd' / 'm.pkl'\nx = pd.read_pickle(P)", Some("pd.read_pickle Whole d/m.pkl")),
            ("pickle.load(gzip.open('m.pkl.gz'))", Some("pickle.load Whole m.pkl.gz")),
            ("pickle.load((HERE / 'm.pkl').open('rb'))", Some("pickle.load Whole m.pkl")),
            ("np.load('m.npy')", None),
            ("np.load('m.npy', allow_pickle=True)", Some("np.load Whole m.npy")),
            ("keras.models.load_model('m.keras', safe_mode=False)", Some("keras.models.load_model Whole m.keras")),
            ("keras.models.load_model('m.keras')", None),
            ("pickle.load(open('/etc/m.pkl', 'rb'))", None),
            ("pickle.load(open(f'{x}/m.pkl', 'rb'))", None),
            ("def f(P):\n    return joblib.load(P)", None),
            ("joblib.load(root + '/m.pkl')", Some("joblib.load Whole m.pkl")),
            ("json.load(open('m.json'))", None),
        ] {
            assert_eq!(told(text), expected.into_iter().collect::<Vec<_>>(), "{text}");
        }
    }

    #[test]
    fn a_path_means_the_file_beside_or_the_only_one() {
        let paths = ["a/m.pkl", "b/m.pkl", "b/n.pkl"].map(|path| RepoPath::new(path).unwrap());
        let all: Vec<(usize, RepoPath)> = paths.into_iter().enumerate().collect();
        let of = |name: &str| all.iter().filter(|(_, path)| path.name() == name).collect::<Vec<_>>();
        let words = |text: &str| text.split('/').map(str::to_owned).collect::<Vec<_>>();
        for (from, written, expected) in [
            ("a/x.py", "m.pkl", Some(0)),
            ("b/x.py", "m.pkl", Some(1)),
            ("x.py", "m.pkl", None),
            ("x.py", "b/m.pkl", Some(1)),
            ("c/x.py", "n.pkl", Some(2)),
            ("c/x.py", "d/n.pkl", None),
        ] {
            let written = words(written);
            assert_eq!(meant(&of(written.last().unwrap()), from, &written), expected, "{from} {written:?}");
        }
    }
}
