//! A rating of Python that comes with a model: by the calls in it, never by running it.

use std::collections::BTreeMap;

use super::calls::{COMMON, DANGEROUS, DECODING, HARMLESS};
use super::{CODE, CODE_DANGEROUS};
use crate::parse::Budget;
use crate::parse::python_text::{Token, TokenKind, tokens};
use crate::scan::Context;
use crate::scan::quote::shown;

/// Calls that are told of one text.
const TOLD: usize = 10;

/// Roots whose attributes are got by a computed name to hide which.
const ROOTS: &[&str] = &["os", "subprocess", "builtins", "__builtins__", "sys", "socket", "ctypes", "shutil"];

/// Rates Python that runs when a model is loaded or served, and tells it: dangerous where it starts programs,
/// runs text as code or opens connections, suspicious otherwise. `offset` is where the text stands in what is
/// scanned.
pub fn python_code(text: &str, offset: Option<u64>, context: &mut Context<'_>) {
    let base = offset.unwrap_or(0);
    let Some(found) = dangers(text) else {
        return context.unread(offset, "the code is longer than is read");
    };
    for (at, call) in found.iter().take(TOLD) {
        let message = format!("the model brings code that calls `{}`", shown(call));
        context.find(&CODE_DANGEROUS, base + *at as u64, message);
    }
    if found.is_empty() {
        context.find(&CODE, offset, "the model brings code, in which no call is known for harm");
    }
}

/// Calls known for harm, with their places; none where the text is too long.
pub(super) fn dangers(text: &str) -> Option<Vec<(usize, String)>> {
    let mut budget = Budget::default();
    let tokens = (text.len() <= budget.bytes).then(|| tokens(text, &mut budget)).flatten()?;
    Some(dangers_of(&tokens).into_iter().map(|danger| (danger.at, danger.call)).collect())
}

/// A call known for harm.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::scan) struct Danger {
    /// Where it stands.
    pub at: usize,
    /// What is called.
    pub call: String,
    /// Whether code of well-known models calls it in the same way.
    pub is_common: bool,
}

/// The same of a text that was read as tokens, in order.
pub(in crate::scan) fn dangers_of(tokens: &[Token]) -> Vec<Danger> {
    let names = imports(tokens);
    let mut found = Vec::new();
    let mut decoded = Vec::new();
    let mut at = 0;
    let mut indent = 0;
    let danger = |at, call, is_common| Danger { at, call, is_common };
    while at < tokens.len() {
        if let TokenKind::Indent(blanks) = tokens[at].kind {
            indent = blanks;
        }
        let Some((path, next)) = dotted(tokens, at) else {
            at += 1;
            continue;
        };
        let is_call = mark(tokens, next) == Some('(');
        let is_attribute = at > 0 && mark(tokens, at - 1) == Some('.');
        let is_definition =
            at > 0 && matches!(&tokens[at - 1].kind, TokenKind::Word(word) if word == "def" || word == "class");
        let start = tokens[at].range.start;
        if !is_attribute && !is_definition {
            let path = resolved(&path, &names);
            if is_harmless(&path) {
                at = next.max(at + 1);
                continue;
            }
            if is_call && is_listed(&path, DANGEROUS) {
                if is_listed(&path, DECODING) {
                    decoded.push(danger(start, path, false));
                } else {
                    let is_common = indent > 0 && is_listed(&path, COMMON) && is_plain_call(tokens, next, &path);
                    found.push(danger(start, path, is_common));
                }
            } else if is_call && matches!(path.as_str(), "getattr" | "setattr" | "vars") {
                let (inner, behind) = dotted(tokens, next + 1).unwrap_or_default();
                let inner = resolved(&inner, &names);
                let root = inner.split('.').next().unwrap_or("");
                if (ROOTS.contains(&root) || inner.starts_with("__import__")) && !is_own(tokens, behind, &inner) {
                    found.push(danger(start, format!("{path}({inner})"), false));
                }
            } else if is_call && path == "importlib.import_module" {
                match tokens.get(next + 1).map(|token| &token.kind) {
                    Some(TokenKind::Text { value, .. }) if is_root(value) => {
                        found.push(danger(start, format!("{path}({value})"), false));
                    }
                    Some(TokenKind::Text { .. }) => {}
                    _ => decoded.push(danger(start, path, false)),
                }
            } else if path == "sys.modules" && mark(tokens, next) == Some('[') {
                if let Some(TokenKind::Text { value, .. }) = tokens.get(next + 1).map(|token| &token.kind)
                    && is_root(value)
                {
                    found.push(danger(start, format!("{path}[{value}]"), false));
                }
            } else if path == "from" && imports_all(tokens, next) {
                let module = dotted(tokens, next).map(|(module, _)| module).unwrap_or_default();
                if is_root(&module) {
                    found.push(danger(start, format!("from {module} import *"), false));
                }
            } else if !is_call
                && is_listed(&path, DANGEROUS)
                && (path.contains('.') || matches!(path.as_str(), "exec" | "__import__") || is_decorator(tokens, at))
                && !is_listed(&path, DECODING)
                && is_value(tokens, at, next)
            {
                // Handed on or kept under another name, to be called there.
                let is_common = indent > 0 && is_listed(&path, COMMON);
                found.push(danger(start, path, is_common));
            } else if (path.contains(".__dict__") && is_root(&path))
                || ["__globals__", "__subclasses__", "__builtins__", "__code__"]
                    .iter()
                    .any(|name| path.contains(&format!(".{name}")))
            {
                found.push(danger(start, path, false));
            }
        }
        at = next.max(at + 1);
    }
    if !found.is_empty() {
        // What is decoded may be what is run.
        if !decoded.is_empty() {
            found.iter_mut().filter(|danger| danger.call == "eval").for_each(|danger| danger.is_common = false);
        }
        if found.iter().all(|danger| danger.is_common) {
            decoded.clear();
        }
        found.extend(decoded);
        found.sort();
    }
    found
}

/// Whether a path begins with a module that reaches the machine.
fn is_root(path: &str) -> bool {
    let root = path.split('.').next().unwrap_or(path);
    ROOTS.contains(&root) && root != "sys"
        || matches!(root, "posix" | "nt" | "pty" | "_posixsubprocess" | "marshal" | "runpy" | "pickle" | "code")
}

/// Whether what is got of a module by its name is the text's own module, or a name that stands there and is known for
/// no harm. `at` is behind the name of the module.
fn is_own(tokens: &[Token], at: usize, module: &str) -> bool {
    let kind = |at: usize| tokens.get(at).map(|token| &token.kind);
    if module == "sys.modules" && mark(tokens, at) == Some('[') {
        return matches!(kind(at + 1), Some(TokenKind::Word(word)) if word == "__name__" || word == "cls");
    }
    match (mark(tokens, at), kind(at + 1), mark(tokens, at + 2)) {
        (Some(','), Some(TokenKind::Text { value, is_format: false, .. }), Some(',' | ')')) => {
            let whole = format!("{module}.{value}");
            !value.contains('\\') && !value.contains("__") && !is_listed(&whole, DANGEROUS)
        }
        _ => false,
    }
}

/// Whether all names of a module are imported, by the tokens behind `from`.
fn imports_all(tokens: &[Token], at: usize) -> bool {
    let Some((_, next)) = dotted(tokens, at) else { return false };
    matches!(tokens.get(next).map(|token| &token.kind), Some(TokenKind::Word(word)) if word == "import")
        && mark(tokens, next + 1) == Some('*')
}

/// Whether a name is called with the class or function below it.
fn is_decorator(tokens: &[Token], at: usize) -> bool {
    at.checked_sub(1).and_then(|before| mark(tokens, before)) == Some('@')
        && at.checked_sub(2).is_none_or(|first| matches!(tokens[first].kind, TokenKind::LineEnd | TokenKind::Indent(_)))
}

/// Whether a name of a module that is known for harm does none.
fn is_harmless(path: &str) -> bool {
    is_listed(path, HARMLESS)
        || path.strip_prefix("builtins.").is_some_and(super::rated::is_plain_builtin)
        || path.rsplit_once(".__code__.").is_some_and(|(_, last)| last.starts_with("co_") && last != "co_code")
}

/// Whether a call is given what its caller was given: no address that stands in the code, and for `eval` no more than
/// a name.
fn is_plain_call(tokens: &[Token], open: usize, path: &str) -> bool {
    let first = tokens.get(open + 1).map(|token| &token.kind);
    match first {
        Some(TokenKind::Text { value, .. }) => path != "eval" && !value.contains("://"),
        Some(TokenKind::Word(_)) if path == "eval" => matches!(mark(tokens, open + 2), Some(')')),
        _ => path != "eval",
    }
}

/// Whether a name stands where a value does: assigned, given, or listed.
fn is_value(tokens: &[Token], at: usize, next: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| mark(tokens, before));
    matches!(before, Some('=' | '(' | ',' | '[' | ':' | '@'))
        && !matches!(mark(tokens, next), Some('=' | ':'))
        && !tokens[..at]
            .iter()
            .rev()
            .take_while(|t| !matches!(t.kind, TokenKind::LineEnd))
            .take(64)
            .any(|t| matches!(&t.kind, TokenKind::Word(word) if word == "import" || word == "except"))
}

fn mark(tokens: &[Token], at: usize) -> Option<char> {
    match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Mark(mark)) => Some(*mark),
        _ => None,
    }
}

/// A name with its attributes, and the token behind it.
fn dotted(tokens: &[Token], at: usize) -> Option<(String, usize)> {
    let TokenKind::Word(first) = &tokens.get(at)?.kind else { return None };
    if first.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let mut path = first.clone();
    let mut next = at + 1;
    while mark(tokens, next) == Some('.') {
        let Some(TokenKind::Word(name)) = tokens.get(next + 1).map(|token| &token.kind) else { break };
        path.push('.');
        path.push_str(name);
        next += 2;
    }
    Some((path, next))
}

/// A path whose first name is written out as it was imported.
fn resolved(path: &str, names: &BTreeMap<String, String>) -> String {
    let (first, rest) = path.split_once('.').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let Some(whole) = names.get(first) else { return path.to_owned() };
    rest.map_or_else(|| whole.clone(), |rest| format!("{whole}.{rest}"))
}

/// What names stand for after the imports, and after plain assignments of one name to another.
fn imports(tokens: &[Token]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let word = |at: usize| match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => Some(word.as_str()),
        _ => None,
    };
    for at in 0..tokens.len() {
        match word(at) {
            Some("import") if !(at > 0 && is_from(tokens, at)) => {
                let mut next = at + 1;
                while let Some((path, behind)) = dotted(tokens, next).filter(|(path, _)| path != "import") {
                    next = behind;
                    if word(next) == Some("as") {
                        if let Some(name) = word(next + 1) {
                            out.insert(name.to_owned(), path.clone());
                        }
                        next += 2;
                    }
                    if mark(tokens, next) != Some(',') {
                        break;
                    }
                    next += 1;
                }
            }
            Some("from") => {
                let Some((module, next)) = dotted(tokens, at + 1) else { continue };
                if word(next) != Some("import") {
                    continue;
                }
                let mut next = next + 1;
                if mark(tokens, next) == Some('(') {
                    next += 1;
                }
                while let Some(name) = word(next) {
                    let whole = format!("{module}.{name}");
                    next += 1;
                    let mut kept = name;
                    if word(next) == Some("as") {
                        kept = word(next + 1).unwrap_or(name);
                        next += 2;
                    }
                    out.insert(kept.to_owned(), whole);
                    if mark(tokens, next) != Some(',') {
                        break;
                    }
                    next += 1;
                }
            }
            Some(name) if mark(tokens, at + 1) == Some('=') && mark(tokens, at + 2) != Some('=') => {
                // `run = os.system`, `o = __import__("os")`.
                if word(at + 2) == Some("__import__") && mark(tokens, at + 3) == Some('(') {
                    if let Some(TokenKind::Text { value, .. }) = tokens.get(at + 4).map(|token| &token.kind) {
                        out.insert(name.to_owned(), value.clone());
                    }
                } else if let Some((path, behind)) = dotted(tokens, at + 2)
                    && matches!(tokens.get(behind).map(|token| &token.kind), None | Some(TokenKind::LineEnd))
                {
                    let whole = resolved(&path, &out);
                    if whole != name && is_listed(&whole, DANGEROUS) {
                        out.insert(name.to_owned(), whole);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// Whether an `import` belongs to a `from` on the same line.
fn is_from(tokens: &[Token], at: usize) -> bool {
    let line = tokens[..at].iter().rev().take_while(|token| !matches!(token.kind, TokenKind::LineEnd));
    line.take(64).any(|token| matches!(&token.kind, TokenKind::Word(word) if word == "from"))
}

fn is_listed(path: &str, list: &[&str]) -> bool {
    list.iter().any(|listed| match listed.strip_suffix('*') {
        Some(start) => path.starts_with(start),
        None => path == *listed,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_under_any_name() {
        for (text, expected) in [
            ("import os\nos.system('id')\n", &["os.system"][..]),
            ("from os import system as s\ns('id')", &["os.system"]),
            ("import subprocess as sp, json\nsp.run(['a'])", &["subprocess.run"]),
            ("import os\nr = os.system\nr('id')", &["os.system", "os.system"]),
            ("exec(base64.b64decode('aW1w'))", &["exec", "base64.b64decode"]),
            ("import base64\nx = base64.b64decode(data)", &[]),
            ("model.eval()\nself.compile(x)\nre.compile('a')", &[]),
            ("getattr(os, 'sys' + 'tem')('id')", &["getattr(os)"]),
            ("getattr(self, 'a')", &[]),
            ("import sys\nsetattr(sys.modules[__name__], name, value)", &[]),
            ("import sys\ngetattr(sys, 'frozen', False)", &[]),
            ("import os\ngetattr(os, 'cpu_count')()", &[]),
            ("import os\ngetattr(os, 'system')('id')", &["getattr(os)"]),
            ("import os\ngetattr(os, name)('id')", &["getattr(os)"]),
            ("# os.system('x')\ns = 'os.system(1)'", &[]),
            ("__import__('os').system('id')", &["__import__"]),
            ("o = __import__('os')\no.system('id')", &["__import__", "os.system"]),
            ("().__class__.__base__.__subclasses__()", &[]),
            ("x.__class__.__base__.__subclasses__()", &["x.__class__.__base__.__subclasses__"]),
            ("def eval(self):\n  return 1", &[]),
            ("import subprocess\nx = dict(stdout=subprocess.PIPE)", &[]),
            ("import builtins\ndef f(cls: builtins.type[T]): pass", &[]),
            ("n = f.__code__.co_varnames", &[]),
            ("import importlib\nimportlib.import_module('os').system('id')", &["importlib.import_module(os)"]),
            ("import importlib\nimportlib.import_module('transformers')", &[]),
            ("import sys\nsys.modules['os'].system('id')", &["sys.modules[os]"]),
            ("from os import *\nsystem('id')", &["from os import *"]),
            ("from torch.nn import *\n", &[]),
            ("import os\nos.__dict__['system']('id')", &["os.__dict__"]),
            ("@exec\n@input\nclass X: pass", &["exec"]),
            ("list(map(exec, ['1']))", &["exec"]),
            ("def f(self, exec=None): pass", &[]),
            ("threading.Thread(target=os.system, args=('id',))", &["os.system"]),
            ("import requests\nrequests.post('https://example.com', data=x)", &["requests.post"]),
            ("class H:\n  def handle(self, d, c):\n    return self.model(d)", &[]),
        ] {
            let found: Vec<String> = dangers(text).unwrap().into_iter().map(|(_, call)| call).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn what_well_known_models_call_is_told_apart() {
        for (text, expected) in [
            ("import requests\ndef load(path):\n    return requests.get(path)\n", true),
            ("import requests\nrequests.get(path)\n", false),
            ("import requests\ndef load():\n    requests.get('https://example.com')\n", false),
            ("import os\ndef save(self):\n    os.remove(name)\n", true),
            ("def f(box):\n    return eval(box)\n", true),
            ("def f(box):\n    return eval(g(box))\n", false),
            ("import base64\ndef f(box):\n    x = base64.b64decode(y)\n    return eval(x)\n", false),
            ("import subprocess\ndef f():\n    subprocess.run(['id'])\n", false),
        ] {
            let read = tokens(text, &mut Budget::default()).unwrap();
            let found = dangers_of(&read);
            assert!(!found.is_empty(), "{text}");
            assert_eq!(found.iter().all(|danger| danger.is_common), expected, "{text}");
        }
    }

    #[test]
    fn hostile_text_is_read_in_one_pass() {
        for unit in ["import,", "import import,", "(os.system,", "from a import b,", "a.", "os.system=os.system,"] {
            let text = format!("import os\nx = {}", unit.repeat(60_000));
            let read = tokens(&text, &mut Budget::default()).unwrap();
            assert!(dangers_of(&read).len() <= 60_000, "{unit}");
        }
    }
}
