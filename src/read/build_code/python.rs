//! What Python code that runs while something is built fetches: `setup.py`, hooks of builds.

use std::collections::BTreeMap;

use super::code::{Call, Code, Download, Process, Words};
use super::idle;
use crate::graph::Document;
use crate::graph::kinds::build_code::{BuildCode, BuildForm, Fetched};
use crate::parse::Budget;
use crate::parse::python::{Argument, Expression, Kind, Module, Statement};
use crate::read::Facts;
use crate::source::{SourceFile, Span};

/// Deepest nesting looked into; it bounds the stack. The parser's own: what lies deeper it has said.
pub(super) const MAX_DEPTH: usize = 96;
/// Words of one list that are kept.
const MAX_WORDS: usize = 64;
/// Functions that start a process, by the last part of their name, and what they are called on.
const STARTING: &[(&str, &str)] = &[
    ("run", "subprocess"),
    ("call", "subprocess"),
    ("check_call", "subprocess"),
    ("check_output", "subprocess"),
    ("Popen", "subprocess"),
    ("getoutput", "subprocess"),
    ("getstatusoutput", "subprocess"),
    ("system", "os"),
    ("popen", "os"),
    ("spawn", "self"),
];
/// Functions that fetch, by the last part of their name, and what they are called on where the name alone does not
/// say it.
const FETCHING: &[(&str, Option<&str>)] = &[
    ("urlretrieve", None),
    ("urlopen", None),
    ("get", Some("requests")),
    ("get", Some("httpx")),
    ("stream", Some("httpx")),
    ("download", Some("wget")),
    ("download", Some("gdown")),
    ("download_url_to_file", None),
];

/// Tells what a module fetches, where it fetches something.
pub(in crate::read) fn of_module(
    file: &SourceFile,
    form: BuildForm,
    module: &Module,
    budget: &mut Budget,
    out: &mut Facts,
) {
    // Most of these files fetch nothing, and no word of them says that they could.
    const WORDS: &[&str] =
        &["url", "requests", "httpx", "subprocess", "os.system", "os.popen", "wget", "gdown", "spawn", "pip"];
    if !WORDS.iter().any(|word| file.text.contains(word)) {
        return;
    }
    let mut walk = Walk { file, code: Code::default(), values: BTreeMap::new() };
    walk.block(&module.statements, None, 0);
    let text = &file.text;
    let computes = ["sha256", "sha512", "sha384", "blake2", "blake3"].iter().any(|name| text.contains(name));
    let compares = text.lines().any(compares);
    // What stands in code that no build runs is nothing that a build fetches.
    let is_idle = |span: Span, within: Option<&str>| {
        form == BuildForm::SetupPy && usize::try_from(span.start).is_ok_and(|at| idle::is_idle(text, at, within))
    };
    walk.code.downloads.retain(|found| !is_idle(found.span, found.within.as_deref()));
    walk.code.processes.retain(|found| !is_idle(found.span, found.within.as_deref()));
    let fetches = walk.code.fetches(budget);
    if !fetches.is_empty() {
        let (switches, parts) = (walk.code.switches(), Vec::new());
        out.documents.push(Document::BuildCode(BuildCode {
            file: file.id,
            form,
            fetches,
            parts,
            switches,
            computes,
            compares,
        }));
    }
}

/// Whether a line compares a digest.
fn compares(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    has(&["sha", "hash", "digest", "checksum"])
        && has(&["==", "!=", "compare_digest", "verify", "known_hash", "check_"])
}

struct Walk<'s> {
    file: &'s SourceFile,
    code: Code,
    /// Lists that names are bound to.
    values: BTreeMap<String, Vec<String>>,
}

impl Walk<'_> {
    fn block(&mut self, statements: &[Statement], within: Option<&str>, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        for statement in statements {
            match statement {
                Statement::Assign { target, value } => {
                    self.visit(value, within, depth);
                    if let Some(name) = target.last_name() {
                        self.bind(name, value);
                    }
                }
                Statement::Add { target, value } => {
                    self.visit(value, within, depth);
                    if let (Some(name), Kind::List(_)) = (target.last_name(), &value.kind) {
                        let more = self.list(value);
                        let list = self.values.entry(name.to_owned()).or_default();
                        let room = MAX_WORDS.saturating_sub(list.len());
                        list.extend(more.into_iter().take(room));
                    }
                }
                Statement::Value(value) | Statement::Return(value) => self.visit(value, within, depth),
                Statement::With { items, body } => {
                    items.iter().for_each(|(value, _)| self.visit(value, within, depth));
                    self.block(body, within, depth + 1);
                }
                Statement::Function { name, parameters, body, .. } => {
                    let parameters = parameters.iter().map(|(name, _)| name.clone()).filter(|name| name != "self");
                    self.code.functions.insert(name.clone(), parameters.collect());
                    self.block(body, Some(name), depth + 1);
                }
                Statement::For { target, values, body } => {
                    self.visit(values, within, depth);
                    if let (Some(name), Kind::List(items)) = (target.last_name(), &values.kind) {
                        items.iter().for_each(|item| self.bind(name, item));
                    }
                    self.block(body, within, depth + 1);
                }
                Statement::Class { body, .. } => self.block(body, within, depth + 1),
                Statement::Import(_) => {}
                Statement::Branches(blocks) => {
                    blocks.iter().for_each(|block| self.block(block, within, depth + 1));
                }
            }
        }
    }

    fn bind(&mut self, name: &str, value: &Expression) {
        match &value.kind {
            Kind::List(_) => {
                let list = self.list(value);
                self.values.insert(name.to_owned(), list);
            }
            Kind::Either(first, second) => {
                self.bind(name, first);
                self.bind(name, second);
            }
            // `Request(address)`: the address is what counts.
            Kind::Call(function, arguments) if function.last_name() == Some("Request") => {
                if let Some(first) = arguments.first() {
                    self.bind(name, &first.value);
                }
            }
            _ => {
                let text = text(self.file, value, 0);
                if !text.contains(UNKNOWN) {
                    self.code.names.set(name, text);
                }
            }
        }
    }

    fn visit(&mut self, expression: &Expression, within: Option<&str>, depth: usize) {
        if depth >= MAX_DEPTH {
            return;
        }
        let next = depth + 1;
        match &expression.kind {
            Kind::Call(function, arguments) => {
                self.call(expression, function, arguments, within);
                self.visit(function, within, next);
                arguments.iter().for_each(|a| self.visit(&a.value, within, next));
            }
            Kind::Attribute(object, _) | Kind::Splat(object) => self.visit(object, within, next),
            Kind::Item(first, second)
            | Kind::Add(first, second)
            | Kind::Divide(first, second)
            | Kind::Either(first, second) => {
                self.visit(first, within, next);
                self.visit(second, within, next);
            }
            Kind::List(items) | Kind::Other(items) | Kind::Made(_, items) => {
                items.iter().for_each(|item| self.visit(item, within, next));
            }
            Kind::Dict(pairs) => pairs.iter().for_each(|(_, value)| self.visit(value, within, next)),
            Kind::Each { body, loops } => {
                self.visit(body, within, next);
                loops.iter().for_each(|(_, values)| self.visit(values, within, next));
            }
            Kind::Text(_) | Kind::Bool(_) | Kind::Nothing | Kind::Name(_) => {}
        }
    }

    fn call(&mut self, whole: &Expression, function: &Expression, arguments: &[Argument], within: Option<&str>) {
        let Some(name) = function.last_name() else { return };
        let object = match &function.kind {
            Kind::Attribute(object, _) => object.last_name(),
            _ => None,
        };
        let within = within.map(str::to_owned);
        let first = arguments.iter().find(|a| a.name.is_none() || matches!(a.name.as_deref(), Some("url" | "args")));
        let is_off = |a: &Argument| a.name.as_deref() == Some("verify") && a.value.kind == Kind::Bool(false);
        if name == "getenv" || (name == "get" && object == Some("environ")) {
            self.code.asked.extend(first.and_then(|a| a.value.as_text()).map(|t| t.text.clone()));
        } else if STARTING.iter().any(|(known, on)| {
            *known == name && (object == Some(on) || (object.is_none() && *on == "subprocess" && name.contains('_')))
        }) {
            let Some(first) = first else { return };
            let words = match &first.value.kind {
                Kind::List(_) => Words::List(self.list(&first.value)),
                Kind::Name(name) if self.values.contains_key(name) => {
                    Words::List(self.values.get(name).cloned().unwrap_or_default())
                }
                _ => Words::Line(text(self.file, &first.value, 0)),
            };
            self.code.processes.push(Process { words, span: whole.span, within });
        } else if name == "main" && object.is_some_and(|o| o == "pip" || o == "_internal") {
            let mut words = vec!["pip".to_owned()];
            words.extend(first.map(|a| self.list(&a.value)).unwrap_or_default());
            self.code.processes.push(Process { words: Words::List(words), span: whole.span, within });
        } else if FETCHING.iter().any(|(known, on)| *known == name && (on.is_none() || *on == object)) {
            let Some(first) = first else { return };
            let address = match &first.value.kind {
                Kind::Call(inner, given) if inner.last_name() == Some("Request") => {
                    given.first().map_or_else(|| UNKNOWN.to_owned(), |a| text(self.file, &a.value, 0))
                }
                _ => text(self.file, &first.value, 0),
            };
            let by = object.filter(|o| *o != "request").map_or_else(|| name.to_owned(), |o| format!("{o}.{name}"));
            let tls_off = arguments.iter().any(is_off);
            self.code.downloads.push(Download { by, address, span: whole.span, within, what: Fetched::File, tls_off });
        } else {
            let texts = arguments.iter().map(|a| (a.name.clone(), text(self.file, &a.value, 0))).collect();
            self.code.calls.push(Call { name: name.to_owned(), arguments: texts, span: whole.span, within });
        }
    }

    /// Texts of a list; what is unpacked into it is put in where it is known.
    fn list(&self, expression: &Expression) -> Vec<String> {
        let Kind::List(items) = &expression.kind else { return vec![text(self.file, expression, 0)] };
        let mut out = Vec::new();
        for item in items.iter().take(64) {
            match &item.kind {
                Kind::Splat(inner) => match inner.last_name().and_then(|name| self.values.get(name)) {
                    Some(values) => out.extend(values.iter().take(64).cloned()),
                    None => out.push(UNKNOWN.to_owned()),
                },
                _ => out.push(text(self.file, item, 0)),
            }
        }
        out.truncate(MAX_WORDS);
        out
    }
}

/// What stands for something that is no text and no name.
pub(super) const UNKNOWN: &str = "${..}";

/// The text that an expression gives, with `${name}` for what it refers to.
pub(super) fn text(file: &SourceFile, expression: &Expression, depth: usize) -> String {
    if depth >= 16 {
        return UNKNOWN.to_owned();
    }
    match &expression.kind {
        Kind::Text(text) => text.text.clone(),
        // The interpreter that runs this.
        Kind::Attribute(object, name) if name == "executable" && object.last_name() == Some("sys") => {
            "python".to_owned()
        }
        Kind::Name(name) | Kind::Attribute(_, name) => format!("${{{name}}}"),
        Kind::Add(left, right) => text(file, left, depth + 1) + &text(file, right, depth + 1),
        Kind::Divide(left, right) => format!("{}/{}", text(file, left, depth + 1), text(file, right, depth + 1)),
        Kind::Either(first, _) => text(file, first, depth + 1),
        // `"..{}..".format(x)`, `str(x)`, `os.path.join(..)`.
        Kind::Call(function, arguments) => match (&function.kind, function.last_name()) {
            (Kind::Attribute(object, _), Some("format")) => formatted(file, object, arguments, depth),
            (_, Some("str")) => {
                arguments.first().map_or_else(|| UNKNOWN.to_owned(), |a| text(file, &a.value, depth + 1))
            }
            (Kind::Attribute(object, _), Some("strip" | "rstrip" | "lower")) => text(file, object, depth + 1),
            _ => UNKNOWN.to_owned(),
        },
        Kind::Other(parts) | Kind::Made(_, parts) => template(file, expression, parts, depth),
        _ => UNKNOWN.to_owned(),
    }
}

fn formatted(file: &SourceFile, object: &Expression, arguments: &[Argument], depth: usize) -> String {
    let mut given = arguments.iter().filter(|a| a.name.is_none()).map(|a| text(file, &a.value, depth + 1));
    let inner = text(file, object, depth + 1);
    braces(&inner, |name| if name.is_empty() { given.next() } else { None })
}

/// `f"..{x}.."` and `"..%s.." % x`.
fn template(file: &SourceFile, expression: &Expression, parts: &[Expression], depth: usize) -> String {
    let source = file.text_at(expression.span).trim();
    if let [left, _] = parts
        && matches!(left.kind, Kind::Text(_))
    {
        return text(file, left, depth + 1).replace("%s", UNKNOWN).replace("%d", UNKNOWN);
    }
    let prefix = source.find(['"', '\'']).unwrap_or(0);
    let is_template =
        source.get(..prefix).is_some_and(|p| !p.is_empty() && p.len() <= 2 && p.to_ascii_lowercase().contains('f'));
    if !is_template {
        return UNKNOWN.to_owned();
    }
    let quoted = source.get(prefix..).unwrap_or("");
    let quote = quoted.get(..1).unwrap_or("\"");
    // Several beside one another are one.
    let joined: String = quoted
        .split('\n')
        .map(|line| line.trim().trim_start_matches(['f', 'r', 'F', 'R']).trim_matches(|c| quote.contains(c)))
        .collect();
    braces(&joined, |_| None)
}

/// A text with `{name}` as references.
fn braces(text: &str, mut placed: impl FnMut(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        out.push_str(rest.get(..at).unwrap_or(""));
        let Some(end) = rest.get(at..).and_then(|tail| tail.find('}')).map(|end| at + end) else { break };
        let inner = rest.get(at + 1..end).unwrap_or("");
        // A reference that stands there already.
        if out.ends_with('$') {
            out.push_str(rest.get(at..=end).unwrap_or(""));
        } else {
            let name = inner.split([':', '!', '.', '[', '(']).next().unwrap_or("").trim();
            let value = placed(name)
                .unwrap_or_else(|| if name.is_empty() { UNKNOWN.to_owned() } else { format!("${{{name}}}") });
            out.push_str(&value);
        }
        rest = rest.get(end + 1..).unwrap_or("");
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::parse::python;
    use crate::source::{FileId, RepoPath};

    fn read(text: &str) -> Vec<(String, String)> {
        let file = SourceFile::new(FileId(0), RepoPath::new("setup.py").unwrap(), text.as_bytes().to_vec());
        let mut budget = Budget::default();
        let module = python::parse(&file.text, &mut budget);
        let mut facts = Facts::default();
        of_module(&file, BuildForm::SetupPy, &module, &mut budget, &mut facts);
        match facts.documents.pop() {
            Some(Document::BuildCode(code)) => code.fetches.into_iter().map(|f| (f.by, f.url.text)).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn downloads_are_found_in_every_spelling() {
        for (text, by, url) in [
            ("urllib.request.urlretrieve('https://x.example/a.tgz', 'a')", "urlretrieve", "https://x.example/a.tgz"),
            (
                "V = '1'\ndef get(url):\n  urlopen(url)\nget(f'https://x.example/v{V}/a.so')",
                "urlopen",
                "https://x.example/v1/a.so",
            ),
            ("r = requests.get('https://x.example/{}/a'.format(v))", "requests.get", "https://x.example/${v}/a"),
            ("urlopen(Request('https://x.example/' + name))", "urlopen", "https://x.example/${name}"),
            ("subprocess.check_call(['curl', '-LO', 'https://x.example/a'])", "curl", "https://x.example/a"),
            ("os.system('wget https://x.example/a && tar xf a')", "wget", "https://x.example/a"),
            ("subprocess.run([sys.executable, '-m', 'pip', 'install', 'torch'])", "pip install", "torch"),
            ("cmd = 'curl https://x.example/a | sh'\nos.system(cmd)", "curl", "https://x.example/a"),
            (
                "cmd = ['curl', '-LO']\ncmd += ['https://x.example/a']\nsubprocess.run(cmd)",
                "curl",
                "https://x.example/a",
            ),
        ] {
            assert_eq!(read(text), [(by.to_owned(), url.to_owned())], "{text}");
        }
    }

    #[test]
    fn what_a_setup_usually_does_is_silent() {
        for text in [
            "subprocess.check_output(['nvcc', '--version'])",
            "subprocess.check_call(['git', 'rev-parse', 'HEAD'])",
            "setup(url='https://x.example/a.tgz')",
            "urlopen('https://api.x.example/releases')",
            "d.get('https://x.example/a')",
            "subprocess.run(['cmake', '--build', '.'])",
        ] {
            assert_eq!(read(text), [], "{text}");
        }
    }
}
