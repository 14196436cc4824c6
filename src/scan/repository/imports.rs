//! Files of a folder that code of it imports.

use super::places::dir_of;
use crate::parse::python_text::{Token, TokenKind};
use crate::source::Folder;

/// Names of one path that are followed.
const PARTS: usize = 32;

/// Files that the code at `path` may import, by its tokens: relative ones as loaders of custom code copy them, and
/// others where a file of that name lies beside it.
pub(super) fn files(folder: &dyn Folder, path: &str, tokens: &[Token]) -> Vec<String> {
    let mut out = Vec::new();
    let here = dir_of(path);
    let mut at = 0;
    while at < tokens.len() {
        match word(tokens, at) {
            Some("from") => {
                let (up, module, next) = module(tokens, at + 1);
                at += 1;
                if word(tokens, next) == Some("import")
                    && let Some(base) = above(here, up)
                {
                    at = next + 1;
                    resolve(folder, base, &module, &mut out);
                    let base = module.iter().fold(base.to_owned(), |base, part| base + part + "/");
                    for name in names(tokens, at) {
                        resolve(folder, &base, &[name], &mut out);
                    }
                }
            }
            Some("import") => {
                at += 1;
                loop {
                    let (up, module, next) = module(tokens, at);
                    if next == at {
                        break;
                    }
                    at = next;
                    if let Some(base) = above(here, up) {
                        resolve(folder, base, &module, &mut out);
                    }
                    if word(tokens, at) == Some("as") {
                        at += 2;
                    }
                    if !is_mark(tokens, at, ',') {
                        break;
                    }
                    at += 1;
                }
            }
            _ => at += 1,
        }
    }
    out.sort();
    out.dedup();
    out
}

/// The files of a module and of the packages on the way to it, as far as they are there.
pub(super) fn resolve(folder: &dyn Folder, base: &str, module: &[&str], out: &mut Vec<String>) {
    let mut path = base.to_owned();
    for (index, part) in module.iter().enumerate() {
        path.push_str(part);
        let is_last = index + 1 == module.len();
        let file = format!("{path}.py");
        if is_last && folder.has(&file) {
            out.push(file);
        }
        path.push('/');
        let package = format!("{path}__init__.py");
        if folder.has(&package) {
            out.push(package);
        }
    }
}

/// Dots before a module, its names, and the token behind it.
fn module(tokens: &[Token], mut at: usize) -> (usize, Vec<&str>, usize) {
    let mut dots = 0;
    while is_mark(tokens, at, '.') {
        dots += 1;
        at += 1;
    }
    let mut parts = Vec::new();
    while let Some(name) = word(tokens, at).filter(|name| *name != "import") {
        if parts.len() < PARTS {
            parts.push(name);
        }
        at += 1;
        if !is_mark(tokens, at, '.') {
            break;
        }
        at += 1;
    }
    (dots, parts, at)
}

/// Names behind `from x import`.
fn names(tokens: &[Token], at: usize) -> Vec<&str> {
    let mut at = at + usize::from(is_mark(tokens, at, '('));
    let mut out = Vec::new();
    while let Some(name) = word(tokens, at) {
        out.push(name);
        at += 1;
        if word(tokens, at) == Some("as") {
            at += 2;
        }
        if !is_mark(tokens, at, ',') {
            break;
        }
        at += 1;
    }
    out
}

/// The folder that so many dots mean; one is that of the file itself.
fn above(here: &str, dots: usize) -> Option<&str> {
    let mut dir = here;
    for _ in 1..dots {
        if dir.is_empty() {
            return None;
        }
        dir = dir_of(dir.trim_end_matches('/'));
    }
    Some(dir)
}

fn word(tokens: &[Token], at: usize) -> Option<&str> {
    match tokens.get(at).map(|token| &token.kind) {
        Some(TokenKind::Word(word)) => Some(word),
        _ => None,
    }
}

fn is_mark(tokens: &[Token], at: usize, mark: char) -> bool {
    matches!(tokens.get(at).map(|token| &token.kind), Some(TokenKind::Mark(found)) if *found == mark)
}
