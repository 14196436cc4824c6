//! `noxfile.py`: what sessions install and run, as far as calls are given constants. Python is taken
//! apart into tokens and never run. Source: nox's "API".

use std::collections::{BTreeMap, BTreeSet};

use super::expand::UNKNOWN;
use super::{LINE_BY_LINE, folders, may_act, script};
use crate::commands::is_setting;
use crate::graph::Document;
use crate::graph::kinds::commands::{CommandBlock, CommandFile, CommandForm};
use crate::graph::kinds::workflow::Pair;
use crate::parse::python_text::{Token, TokenKind, tokens};
use crate::parse::shell::Dialect;
use crate::parse::{Budget, Problem};
use crate::read::{Facts, Format, Reader};
use crate::source::{Embedded, RepoPath, SourceFile, Span, Spanned};

/// Reads noxfiles.
#[derive(Debug)]
pub struct NoxReader;

impl Reader for NoxReader {
    fn id(&self) -> &'static str {
        "nox"
    }

    fn claims(&self, path: &RepoPath) -> bool {
        path.name() == "noxfile.py"
    }

    fn describe(&self) -> Option<Format> {
        Some(Format {
            files: "`noxfile.py`",
            read: "what sessions install and run, lists and constants of the file put in",
            not_read: "values that code works out, which stay unknown words",
        })
    }

    fn read(&self, file: &SourceFile, budget: &mut Budget, out: &mut Facts) {
        let text: &str = &file.text;
        let Some(tokens) = tokens(text, budget) else {
            out.problems.push(Problem::new(Span::new(0, text.len()), "too many words; it is not read"));
            return;
        };
        let mut reading = Reading {
            text,
            tokens: &tokens,
            lists: BTreeMap::new(),
            texts: BTreeMap::new(),
            wrappers: wrappers(&tokens),
            sessions: Vec::new(),
            uv: false,
        };
        reading.go();
        let installer = if reading.uv { "uv pip install" } else { "pip install" };
        let folders = folders(&file.path);
        let mut blocks = Vec::new();
        for session in reading.sessions {
            let mut script_text = Embedded::new();
            for call in &session.calls {
                call.push(installer, &mut script_text);
            }
            if !may_act(script_text.text.as_bytes()) {
                continue;
            }
            if !budget.take_entry(script_text.text.len()) {
                out.problems.push(Problem::new(session.name.span, "too many sessions; the rest is not read"));
                break;
            }
            let shell = (Dialect::Bash, LINE_BY_LINE);
            let script = script(script_text, session.span, &shell, &[], &folders, budget, out);
            blocks.push(CommandBlock { name: session.name, script, env: session.env, ..CommandBlock::default() });
        }
        if blocks.is_empty() {
            return;
        }
        let form = CommandForm::Nox;
        out.documents.push(Document::Commands(CommandFile { file: file.id, form, env: Vec::new(), blocks }));
    }
}

/// Words kept of one call, those of lists put in included.
const MAX_WORDS: usize = 256;

/// Words of a condition between two lists.
const MAX_CONDITION: usize = 32;

/// Functions that hand what they are given behind the session to `session.install`: `def f(session, *args)` with
/// `session.install(*args)` in it.
fn wrappers(tokens: &[Token]) -> BTreeSet<&str> {
    let word = |at: usize| match &tokens.get(at)?.kind {
        TokenKind::Word(word) => Some(word.as_str()),
        _ => None,
    };
    let is_mark = |at: usize, mark: char| tokens.get(at).is_some_and(|t| t.kind == TokenKind::Mark(mark));
    let mut out = BTreeSet::new();
    // The function around, and the name of all it is given.
    let mut around: Option<(&str, &str)> = None;
    for at in 0..tokens.len() {
        match word(at) {
            Some("def") => {
                let end = (at + 2..tokens.len().min(at + 2 + MAX_CONDITION)).find(|at| is_mark(*at, ')'));
                let rest = (at + 2..end.unwrap_or(at)).find(|at| is_mark(*at, '*') && !is_mark(at + 1, '*'));
                let rest = rest.filter(|rest| !is_mark(rest - 1, '*')).and_then(|rest| word(rest + 1));
                around = word(at + 1).zip(rest);
            }
            Some("install") if at > 0 && is_mark(at - 1, '.') && is_mark(at + 1, '(') && is_mark(at + 2, '*') => {
                if let Some((name, rest)) = around
                    && word(at + 3) == Some(rest)
                {
                    out.insert(name);
                }
            }
            _ => {}
        }
    }
    out
}

/// A word of a call.
#[derive(Debug, Clone)]
enum Piece {
    /// Constant text and where it stands; verbatim where the file spells it so.
    Text(Embedded),
    /// Something that is only known when it runs.
    Unknown(Span),
}

/// `session.install(...)` and its like.
struct Call {
    method: String,
    span: Span,
    words: Vec<Piece>,
}

impl Call {
    /// Puts it behind a script as the command it starts.
    fn push(&self, installer: &str, out: &mut Embedded) {
        let start = Span { start: self.span.start, end: self.span.start };
        match self.method.as_str() {
            "install" => out.push_replaced(installer, start),
            "conda_install" => out.push_replaced("conda install", start),
            _ => {}
        }
        for word in &self.words {
            match word {
                Piece::Text(text) => {
                    let end = text.text.len();
                    // What stands between quotes of Python is one word.
                    let quote = if text.text.contains(['"', '$', '`', '\\']) { "'" } else { "\"" };
                    if text.text.contains('\'') && quote == "'" {
                        continue;
                    }
                    out.push_replaced(" ", text.host_span(0..0));
                    out.push_replaced(quote, text.host_span(0..0));
                    out.append(text);
                    out.push_replaced(quote, text.host_span(end..end));
                }
                Piece::Unknown(span) => {
                    out.push_replaced(" ", *span);
                    out.push_replaced(UNKNOWN, *span);
                }
            }
        }
        out.push_replaced("\n", Span { start: self.span.end, end: self.span.end });
    }
}

struct Session {
    name: Spanned<String>,
    span: Span,
    calls: Vec<Call>,
    env: Vec<Pair>,
}

struct Reading<'a> {
    text: &'a str,
    tokens: &'a [Token],
    /// Functions of the file that install what they are given behind the session.
    wrappers: BTreeSet<&'a str>,
    /// `DEPS = ["a", "b"]`, and of `{"x": ["a"], "y": ["b"]}` what any of its lists holds.
    lists: BTreeMap<String, Vec<Piece>>,
    /// `BLACK_VERSION = "black==22.3.0"`, of the module.
    texts: BTreeMap<String, Piece>,
    sessions: Vec<Session>,
    /// Environments are uv's.
    uv: bool,
}

impl Reading<'_> {
    fn word(&self, at: usize) -> Option<&str> {
        match &self.tokens.get(at)?.kind {
            TokenKind::Word(word) => Some(word),
            _ => None,
        }
    }

    fn is_mark(&self, at: usize, mark: char) -> bool {
        self.tokens.get(at).is_some_and(|t| t.kind == TokenKind::Mark(mark))
    }

    fn go(&mut self) {
        let mut at = 0;
        while at < self.tokens.len() {
            let word = self.word(at).map(str::to_owned);
            match word.as_deref() {
                Some("def") => {
                    if let (Some(name), Some(token)) = (self.word(at + 1), self.tokens.get(at + 1)) {
                        let span = Span::new(token.range.start, token.range.end);
                        let name = Spanned::new(name.to_owned(), span);
                        self.sessions.push(Session { name, span, calls: Vec::new(), env: Vec::new() });
                    }
                }
                // `nox.options.default_venv_backend = "uv"`, `@nox.session(venv_backend="uv")`.
                Some("default_venv_backend" | "venv_backend") if self.is_mark(at + 1, '=') => {
                    let value = self.tokens.get(at + 2).map(|t| &t.kind);
                    self.uv |= matches!(value, Some(TokenKind::Text { value, .. }) if value.starts_with("uv"));
                }
                Some(name) if self.is_mark(at + 1, '=') && !self.is_mark(at + 2, '=') => {
                    if let Some(words) = self.list(at + 2).filter(|_| self.lists.len() < MAX_WORDS) {
                        self.lists.insert(name.to_owned(), words);
                    } else if let Some(text) = self.constant(at) {
                        self.texts.insert(name.to_owned(), text);
                    }
                }
                // `session.env["PIP_INDEX_URL"] = ".."`
                Some("env") if self.is_mark(at + 1, '[') => self.environment(at),
                Some("install" | "conda_install" | "run" | "run_always" | "run_install")
                    if at > 0 && self.is_mark(at - 1, '.') && self.is_mark(at + 1, '(') =>
                {
                    self.call(at, None);
                }
                // `install_timed(session, "a")`
                Some(name) if self.is_mark(at + 1, '(') && self.wrappers.contains(name) => {
                    let is_other = at > 0 && (self.is_mark(at - 1, '.') || self.word(at - 1) == Some("def"));
                    if !is_other {
                        self.call(at, Some("install"));
                    }
                }
                _ => {}
            }
            at += 1;
        }
    }

    /// The words of a list that starts at a token: `["a"]`, `[] if old else ["a"]`, `DEPS[version]`,
    /// `{"x": ["a"]}`. What is chosen when it runs may be any of them.
    fn list(&self, at: usize) -> Option<Vec<Piece>> {
        if self.is_mark(at, '{') {
            return Some(self.lists_within(at));
        }
        if let Some(known) = self.word(at).and_then(|name| self.lists.get(name)) {
            return self.is_mark(at + 1, '[').then(|| known.clone());
        }
        if !self.is_mark(at, '[') && !self.is_mark(at, '(') {
            return None;
        }
        let (mut words, end) = self.words(at + 1);
        if self.word(end + 1) == Some("if") {
            let rest = (end + 2..end + 2 + MAX_CONDITION).find(|at| self.word(*at) == Some("else"));
            if let Some(other) = rest.filter(|at| self.is_mark(at + 1, '[')) {
                words.extend(self.words(other + 2).0);
                words.truncate(MAX_WORDS);
            }
        }
        Some(words)
    }

    /// What the lists within a table hold.
    fn lists_within(&self, open: usize) -> Vec<Piece> {
        let mut out = Vec::new();
        let mut at = open + 1;
        while let Some(token) = self.tokens.get(at) {
            match token.kind {
                TokenKind::Mark('[' | '(') if out.len() < MAX_WORDS => {
                    let (words, end) = self.words(at + 1);
                    out.extend(words);
                    at = end;
                }
                TokenKind::Mark('}') => break,
                _ => {}
            }
            at += 1;
        }
        out.truncate(MAX_WORDS);
        out
    }

    /// The text that the name at a position is given for good: at the start of a line, alone on its right
    /// side, and only there.
    fn constant(&self, at: usize) -> Option<Piece> {
        let (name, value) = (self.tokens.get(at)?, self.tokens.get(at + 2)?);
        let TokenKind::Text { value: text, inner, is_format: false } = &value.kind else { return None };
        let starts_line = name.range.start == 0 || self.text.get(..name.range.start)?.ends_with('\n');
        let rest = self.text.get(value.range.end..)?.lines().next().unwrap_or("").trim_start();
        let is_new = self.texts.len() < MAX_WORDS && !self.texts.contains_key(self.word(at)?);
        let is_alone = rest.is_empty() || rest.starts_with('#');
        (starts_line && is_alone && is_new)
            .then(|| self.text_piece(text, inner, false, Span::new(value.range.start, value.range.end)))
    }

    /// Takes a call; one of a function of the file does what `stands_for` says with what follows the session.
    fn call(&mut self, at: usize, stands_for: Option<&str>) {
        let (mut words, end) = self.words(at + 2);
        let Some(method) = stands_for.or(self.word(at)).map(str::to_owned) else { return };
        if stands_for.is_some() && !words.is_empty() {
            words.remove(0);
        }
        let start = self.tokens.get(at).map_or(0, |t| t.range.start);
        let end = self.tokens.get(end).map_or(self.text.len(), |t| t.range.end);
        let Some(session) = self.sessions.last_mut() else { return };
        let span = Span::new(start, end);
        session.span = session.span.to(span);
        session.calls.push(Call { method, span, words });
    }

    fn environment(&mut self, at: usize) {
        let text = |at: usize| match &self.tokens.get(at)?.kind {
            TokenKind::Text { value, is_format: false, .. } => Some(value.clone()),
            _ => None,
        };
        let (Some(name), Some(value)) = (text(at + 2), text(at + 5)) else { return };
        if !is_setting(&name) || !self.is_mark(at + 3, ']') || !self.is_mark(at + 4, '=') {
            return;
        }
        let span = |at: usize| self.tokens.get(at).map_or(Span::default(), |t| Span::new(t.range.start, t.range.end));
        let pair = (Spanned::new(name, span(at + 2)), Spanned::new(value, span(at + 5)));
        if let Some(session) = self.sessions.last_mut() {
            session.env.push(pair);
        }
    }

    /// The words of a call or list from its first token on, and the token that closes it.
    fn words(&self, first: usize) -> (Vec<Piece>, usize) {
        let mut out: Vec<Piece> = Vec::new();
        let mut depth = 0_usize;
        // The tokens of one argument.
        let mut argument: Vec<&Token> = Vec::new();
        let mut at = first;
        while let Some(token) = self.tokens.get(at) {
            let closes = matches!(token.kind, TokenKind::Mark(')' | ']' | '}'));
            if depth == 0 && (closes || token.kind == TokenKind::Mark(',')) {
                self.argument(&argument, &mut out);
                argument.clear();
                if closes {
                    break;
                }
            } else {
                match token.kind {
                    TokenKind::Mark('(' | '[' | '{') => depth += 1,
                    TokenKind::Mark(')' | ']' | '}') => depth -= 1,
                    _ => {}
                }
                argument.push(token);
            }
            at += 1;
        }
        out.truncate(MAX_WORDS);
        (out, at)
    }

    fn argument(&self, tokens: &[&Token], out: &mut Vec<Piece>) {
        let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else { return };
        let span = Span::new(first.range.start, last.range.end);
        match tokens {
            [one] => {
                out.push(match &one.kind {
                    TokenKind::Text { value, inner, is_format } => self.text_piece(value, inner, *is_format, span),
                    TokenKind::Word(name) => self.texts.get(name).cloned().unwrap_or(Piece::Unknown(span)),
                    _ => Piece::Unknown(span),
                });
            }
            // `*DEPS`
            [star, name] if star.kind == TokenKind::Mark('*') => {
                let known = match &name.kind {
                    TokenKind::Word(name) => self.lists.get(name),
                    _ => None,
                };
                match known {
                    Some(words) => out.extend(words.iter().take(MAX_WORDS).cloned()),
                    None => out.push(Piece::Unknown(span)),
                }
            }
            // `*DEPS[version]`
            [star, name, open, ..] if star.kind == TokenKind::Mark('*') && open.kind == TokenKind::Mark('[') => {
                let known = match &name.kind {
                    TokenKind::Word(name) => self.lists.get(name),
                    _ => None,
                };
                match known {
                    Some(words) => out.extend(words.iter().take(MAX_WORDS).cloned()),
                    None => out.push(Piece::Unknown(span)),
                }
            }
            // `external=True`: said to nox.
            [name, sign, ..] if matches!(name.kind, TokenKind::Word(_)) && sign.kind == TokenKind::Mark('=') => {}
            _ => out.push(Piece::Unknown(span)),
        }
    }

    fn text_piece(&self, value: &str, inner: &std::ops::Range<usize>, is_format: bool, span: Span) -> Piece {
        let mut text = Embedded::new();
        let written = self.text.get(inner.clone()).unwrap_or("");
        if is_format && written.contains('{') {
            // `f"torch=={VERSION}"`: the name is there, the version elsewhere.
            let mut at = 0;
            while let Some(open) = written.get(at..).and_then(|r| r.find('{')).map(|o| at + o) {
                let Some(close) = written.get(open..).and_then(|r| r.find('}')).map(|c| open + c + 1) else { break };
                text.push_verbatim(written.get(at..open).unwrap_or(""), (inner.start + at) as u64);
                text.push_replaced("{}", Span::new(inner.start + open, inner.start + close));
                at = close;
            }
            text.push_verbatim(written.get(at..).unwrap_or(""), (inner.start + at) as u64);
        } else if written == value {
            text.push_verbatim(value, inner.start as u64);
        } else {
            text.push_replaced(value, span);
        }
        Piece::Text(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn sessions_install_what_calls_are_given() {
        let text = "import nox\nnox.options.default_venv_backend = 'uv|virtualenv'\nDEPS = ['a>=1', \"b\"]\nBLACK = 'black==22.3.0'  # kept\nURL = 'x' + y\n@nox.session(python=['3.9'])\n\
            def tests(session: nox.Session) -> None:\n    \"\"\"session.install('no')\"\"\"\n    session.install('pytest', *DEPS, '-r', \"req.txt\", silent=True)\n\
            \x20   # session.install('x')\n    session.install(f'torch=={v}', *other, str(p))\n    session.run('pip', 'install', 'c', external=True)\n    session.run('pytest')\n\
            @nox.session\ndef lint(s):\n    s.env['UV_INDEX'] = 'https://example.com/simple'\n    s.install(\n        'ruff', BLACK, URL,\n    )\ndef none(s):\n    s.run('x')\n\
            TABLE = {'x': ['p', 'q>1'], 'y': []}\ndef timed(session, *args, **kwargs):\n    session.install(*args, **kwargs)\n\
            def more(session):\n    deps = TABLE[session.name]\n    uv = [] if old else ['uv']\n    timed(session, '-r', req(session), 'z')\n    session.install(*deps, *uv, *TABLE['x'])\n";
        let file = SourceFile::new(FileId(0), RepoPath::new("noxfile.py").unwrap(), text.as_bytes().to_vec());
        let mut facts = Facts::default();
        NoxReader.read(&file, &mut Budget::default(), &mut facts);
        let Some(Document::Commands(read)) = facts.documents.first() else { panic!("no document") };
        let blocks: Vec<String> = read
            .blocks
            .iter()
            .map(|b| format!("{}: {}", b.name.value, b.script.as_ref().unwrap().text.text.trim().replace('\n', "|")))
            .collect();
        assert_eq!(
            blocks,
            [
                "tests: uv pip install \"pytest\" \"a>=1\" \"b\" \"-r\" \"req.txt\"|uv pip install \"torch=={}\" ${_} ${_}| \"pip\" \"install\" \"c\"| \"pytest\"",
                "lint: uv pip install \"ruff\" \"black==22.3.0\" ${_}",
                "timed: uv pip install ${_} ${_}",
                "more: uv pip install \"-r\" ${_} \"z\"|uv pip install \"p\" \"q>1\" \"uv\" \"p\" \"q>1\"",
            ]
        );
        let script = read.blocks[0].script.as_ref().unwrap();
        let at = script.text.text.find("a>=1").unwrap();
        assert_eq!(file.text_at(script.text.host_span(at..at + 4)), "a>=1");
        assert_eq!(read.blocks[1].env[0].1.value, "https://example.com/simple");
    }
}
