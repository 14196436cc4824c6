//! PowerShell as far as fetch-and-execute needs it: commands, pipelines, parenthesised commands,
//! strings and simple variables, by a scanner of our own. Expressions that are no commands come
//! out as commands nobody knows, which is harmless.

use std::ops::Range;

use super::ir::{Assignment, Command, Part, Pipeline, Program, Scope, ScopeKind, Word};
use super::text::Source;
use crate::parse::{Budget, Problem};
use crate::source::Span;

/// Deepest parenthesis that opens a scope of its own.
const MAX_DEPTH: usize = 48;

/// Longest expression looked for within a string.
const MAX_EXPRESSION: usize = 1 << 10;
/// Expressions of one string that nothing closes, after which it is text.
const MAX_UNCLOSED: usize = 8;

/// Where the bracket that opens at `from` is closed: the byte behind it.
fn balanced(text: &str, from: usize) -> Option<usize> {
    let mut depth = 0usize;
    for (at, byte) in text.as_bytes().get(from..)?.iter().take(MAX_EXPRESSION).enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth <= 1 => return Some(from + at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// What an open bracket interrupted.
struct Frame {
    words: Vec<Word>,
    word: Option<Word>,
    stages: Vec<Range<usize>>,
    reserved: Option<usize>,
    /// The variable that is given what the command being read yields.
    target: Option<(String, Range<usize>)>,
    /// `&` stands before the command: a variable that begins it names a program.
    is_called: bool,
    scope: usize,
    close: char,
}

struct Scanner<'s> {
    source: &'s Source,
    program: Program,
    frames: Vec<Frame>,
    at: usize,
}

pub(super) fn script(text: &str, budget: &mut Budget) -> Program {
    if text.len() > super::MAX_BYTES.min(budget.bytes) || !budget.take_items(text.len() / 8) {
        let problems = vec![Problem::new(Span::new(0, text.len()), "script too large to read")];
        return Program { problems, ..Program::default() };
    }
    let source = Source::script(text);
    let mut scanner = Scanner { source: &source, program: Program::default(), frames: Vec::new(), at: 0 };
    scanner.program.expressions.clone_from(&source.expressions);
    scanner.open(ScopeKind::Script, '\0');
    scanner.scan(text.len());
    while !scanner.frames.is_empty() {
        scanner.close();
    }
    scanner.program
}

impl Scanner<'_> {
    /// Reads up to `end`.
    fn scan(&mut self, end: usize) {
        let text = self.source.text.get(..end).unwrap_or_default();
        while let Some(rest) = text.get(self.at..) {
            let Some(c) = rest.chars().next() else { break };
            let start = self.at;
            self.at += c.len_utf8();
            match c {
                '`' => {
                    // Escapes the next character; before a line break it continues the line.
                    if let Some(next) = rest.chars().nth(1) {
                        self.at += next.len_utf8();
                        if next == '\r' && rest.get(2..3) == Some("\n") {
                            self.at += 1;
                        }
                        if !next.is_whitespace() {
                            self.push(Part::Literal(next.to_string()), start..self.at, false);
                        }
                    }
                }
                '#' if self.at_word_start() => self.at = start + rest.find('\n').unwrap_or(rest.len()),
                '<' if rest.starts_with("<#") => self.at = start + rest.find("#>").map_or(rest.len(), |end| end + 2),
                '@' if rest.starts_with("@'\n") || rest.starts_with("@\"\n") => self.here_string(start, rest),
                '\'' | '"' => self.string(start, rest, c),
                '|' if rest.starts_with("||") => self.two(),
                '&' if rest.starts_with("&&") => self.two(),
                '|' => self.end_command(),
                // The call operator; the command is what follows.
                '&' if self.at_word_start() => {
                    if let Some(frame) = self.frames.last_mut() {
                        frame.is_called = true;
                    }
                }
                ';' => self.end_pipeline(),
                '\n' => {
                    // A line that ends in a pipe goes on.
                    let open = self
                        .frames
                        .last()
                        .is_some_and(|f| f.words.is_empty() && f.word.is_none() && !f.stages.is_empty());
                    if !open {
                        self.end_pipeline();
                    }
                }
                '(' => {
                    if !self.method_call() {
                        self.open_substitution(')');
                    }
                }
                '{' => self.open_substitution('}'),
                ')' | '}' => {
                    if self.frames.len() > 1 && self.frames.last().is_some_and(|f| f.close == c) {
                        self.close();
                    }
                }
                '$' if rest.starts_with("$(") => {
                    self.at += 1;
                    self.open_substitution(')');
                }
                '$' => {
                    let name: String = rest
                        .chars()
                        .skip(1)
                        .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
                        .collect();
                    self.at += name.len();
                    let part = if name.is_empty() { Part::Literal("$".to_owned()) } else { Part::Variable(name) };
                    self.push(part, start..self.at, false);
                }
                '=' if self.assigns() => self.assign(),
                ',' => self.end_word(),
                c if c.is_whitespace() => self.end_word(),
                // Both part the folders of a path; one spelling of them is enough to follow files.
                '\\' => self.push(Part::Literal("/".to_owned()), start..self.at, false),
                c => self.literal(c, start),
            }
        }
    }

    fn two(&mut self) {
        self.at += 1;
        self.end_pipeline();
    }

    fn at_word_start(&self) -> bool {
        self.frames.last().is_none_or(|f| f.word.is_none())
    }

    fn literal(&mut self, c: char, start: usize) {
        let found = self.source.expressions.binary_search_by_key(&start, |e| e.range.start).ok();
        if let Some(expression) = found.and_then(|index| self.source.expressions.get(index)) {
            self.at = expression.range.end;
            self.push(Part::Expression(expression.text.clone()), expression.range.clone(), false);
        } else {
            self.push(Part::Literal(c.to_string()), start..self.at, false);
        }
    }

    fn push(&mut self, part: Part, range: Range<usize>, quoted: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        let word = frame.word.get_or_insert_with(|| Word { range: range.clone(), ..Word::default() });
        word.range.end = range.end.max(word.range.end);
        word.quoted |= quoted;
        match (word.parts.last_mut(), part) {
            (Some(Part::Literal(last)), Part::Literal(more)) => last.push_str(&more),
            (_, part) => word.parts.push(part),
        }
    }

    fn string(&mut self, start: usize, rest: &str, quote: char) {
        let mut length = 1;
        let mut unclosed = 0;
        let mut chars = rest.char_indices().skip(1).peekable();
        while let Some((index, c)) = chars.next() {
            length = index + c.len_utf8();
            if c == '`' && quote == '"' {
                chars.next();
            } else if c == '$'
                && quote == '"'
                && unclosed < MAX_UNCLOSED
                && chars.peek().is_some_and(|(_, n)| *n == '(')
            {
                // `"a $(b "c") d"`: quotes of the expression do not end the string.
                match balanced(rest, index + 1) {
                    Some(end) => while chars.next_if(|(at, _)| *at < end).is_some() {},
                    None => unclosed += 1,
                }
            } else if c == quote {
                if chars.peek().is_some_and(|(_, next)| *next == quote) {
                    chars.next();
                } else {
                    break;
                }
            }
        }
        let inside = start + 1..(start + length).saturating_sub(1).max(start + 1);
        self.at = start + length;
        self.quoted(inside, start..start + length, quote == '"');
    }

    fn here_string(&mut self, start: usize, rest: &str) {
        let end = if rest.starts_with("@'") { "\n'@" } else { "\n\"@" };
        let length = rest.find(end).map_or(rest.len(), |at| at + end.len());
        let inside = start + 3..(start + length).saturating_sub(end.len()).max(start + 3);
        self.at = start + length;
        self.quoted(inside, start..start + length, end.contains('"'));
    }

    /// The inside of a string; in double quotes `$name` and expressions are parts of their own.
    fn quoted(&mut self, inside: Range<usize>, whole: Range<usize>, expands: bool) {
        let text = self.source.slice(inside.clone());
        self.push(Part::Literal(String::new()), whole.clone(), true);
        let mut from = 0;
        let chars = text.char_indices();
        for (at, c) in chars {
            if at < from {
                continue;
            }
            let found = self.source.expressions.binary_search_by_key(&(inside.start + at), |e| e.range.start).ok();
            let expression = found.and_then(|index| self.source.expressions.get(index));
            let (part, end) = if let Some(expression) = expression {
                (Part::Expression(expression.text.clone()), at + expression.range.len())
            } else if expands && c == '$' && text.get(at + 1..).is_some_and(|rest| rest.starts_with('(')) {
                let Some(end) = balanced(text, at + 1) else { continue };
                let before = text.get(from..at).unwrap_or_default().replace('\\', "/");
                self.push(Part::Literal(before), whole.clone(), true);
                self.expression(inside.start + at + 2, inside.start + end - 1);
                from = end;
                continue;
            } else if expands && c == '$' {
                let rest = text.get(at + 1..).unwrap_or_default();
                let braced = rest.starts_with('{');
                let name: String = rest
                    .chars()
                    .skip(usize::from(braced))
                    .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | ':'))
                    .collect();
                if name.is_empty() {
                    continue;
                }
                let end = at + 1 + name.len() + if braced { 2 } else { 0 };
                (Part::Variable(name), end)
            } else {
                continue;
            };
            let before = text.get(from..at).unwrap_or_default().replace('\\', "/");
            self.push(Part::Literal(before), whole.clone(), true);
            self.push(part, whole.clone(), true);
            from = end;
        }
        let rest = text.get(from..).unwrap_or_default().replace('\\', "/");
        self.push(Part::Literal(rest), whole, true);
    }

    /// The commands of a `$( .. )` within a string.
    fn expression(&mut self, start: usize, end: usize) {
        let (at, frames) = (self.at, self.frames.len());
        self.open_substitution(')');
        if self.frames.len() > frames {
            self.at = start;
            self.scan(end);
            self.at = end;
            while self.frames.len() > frames {
                self.close();
            }
        }
        self.at = at;
    }

    /// `(New-Object Net.WebClient).DownloadString(`: the method becomes a command of its own, whose
    /// arguments are in the parenthesis.
    fn method_call(&mut self) -> bool {
        let Some(frame) = self.frames.last_mut() else { return false };
        let Some(word) = &mut frame.word else { return false };
        let Some(Part::Literal(text)) = word.parts.last_mut() else { return false };
        let Some((_, method)) = text.rsplit_once('.') else { return false };
        if !matches!(
            method.to_ascii_lowercase().as_str(),
            "downloadstring" | "downloadfile" | "downloaddata" | "invoke"
        ) {
            return false;
        }
        let name = Word::constant(method, word.range.end.saturating_sub(method.len())..word.range.end);
        let kept = text.len() - method.len() - 1;
        text.truncate(kept);
        self.open_substitution(')');
        if let Some(frame) = self.frames.last_mut() {
            frame.words.push(name);
        }
        true
    }

    fn assigns(&self) -> bool {
        let Some(frame) = self.frames.last() else { return false };
        let target = match (&frame.word, frame.words.as_slice()) {
            (Some(word), []) | (None, [word]) => word,
            _ => return false,
        };
        matches!(target.parts.as_slice(), [Part::Variable(_)])
    }

    fn assign(&mut self) {
        self.end_word();
        let Some(frame) = self.frames.last_mut() else { return };
        let Some(word) = frame.words.pop() else { return };
        let Some(Part::Variable(name)) = word.parts.first() else { return };
        let name = name.clone();
        let text = self.source.text.as_str();
        // Only a lone string is taken as the value; what else stands there runs and is read as such.
        let line = text.get(self.at..).unwrap_or_default().lines().next().unwrap_or_default().trim();
        let body = line.strip_prefix(['"', '\'']).and_then(|l| l.strip_suffix(['"', '\'']));
        match body.filter(|b| !b.contains(['"', '\'', '$', '`'])) {
            Some(body) => {
                let range = word.range.start..self.at;
                let value = Word::constant(body, range.clone());
                self.program.define(&name, Some(value.clone()));
                let index = self.reserve();
                if let Some(command) = self.program.commands.get_mut(index) {
                    command.assignments.push(Assignment { name, value, partial: false, range: range.clone() });
                    command.range = range;
                }
                // It runs like a command: without a pipeline of its own it would claim the first.
                let end = self.program.commands.len();
                if let Some(frame) = self.frames.last_mut() {
                    if let Some(command) = self.program.commands.get_mut(index) {
                        command.position = frame.stages.len();
                    }
                    frame.reserved = None;
                    frame.stages.push(index..end);
                }
                self.end_pipeline();
                let rest = text.get(self.at..).unwrap_or_default();
                self.at += rest.find('\n').unwrap_or(rest.len());
            }
            None => {
                self.program.define(&name, None);
                if let Some(frame) = self.frames.last_mut() {
                    frame.target = Some((name, word.range));
                }
            }
        }
    }

    fn open(&mut self, kind: ScopeKind, close: char) {
        let parent = self.frames.last().map(|f| f.scope);
        let start = self.program.commands.len();
        self.program.scopes.push(Scope::new(kind, parent, start));
        let scope = self.program.scopes.len() - 1;
        self.frames.push(Frame {
            words: Vec::new(),
            word: None,
            stages: Vec::new(),
            reserved: None,
            target: None,
            is_called: false,
            scope,
            close,
        });
    }

    fn open_substitution(&mut self, close: char) {
        if self.frames.len() > MAX_DEPTH {
            return;
        }
        let owner = self.reserve();
        self.open(if close == ')' { ScopeKind::Substitution(owner) } else { ScopeKind::Group }, close);
    }

    /// The slot of the command being read, taken before what is nested in it.
    fn reserve(&mut self) -> usize {
        let next = self.program.commands.len();
        let Some(frame) = self.frames.last_mut() else { return next };
        if let Some(index) = frame.reserved {
            return index;
        }
        frame.reserved = Some(next);
        self.program.commands.push(Command { scope: frame.scope, ..Command::default() });
        next
    }

    fn end_word(&mut self) {
        if let Some(frame) = self.frames.last_mut()
            && let Some(word) = frame.word.take()
        {
            frame.words.push(word);
        }
    }

    fn end_command(&mut self) {
        self.end_word();
        let empty = self.frames.last().is_none_or(|f| f.words.is_empty() && f.reserved.is_none());
        if empty {
            return;
        }
        let index = self.reserve();
        let end = self.program.commands.len();
        let pipeline = self.program.pipelines.len();
        let Some(frame) = self.frames.last_mut() else { return };
        let words = std::mem::take(&mut frame.words);
        frame.reserved = None;
        let target = frame.target.take();
        // `if (Test-Path $x) { $x }`: without the operator a variable is a value and no command.
        let is_value = !std::mem::take(&mut frame.is_called)
            && words
                .first()
                .is_some_and(|word| self.source.text.get(word.range.clone()).is_some_and(|t| t.starts_with('$')));
        if let Some(command) = self.program.commands.get_mut(index) {
            command.pipeline = usize::MAX;
            command.position = frame.stages.len();
            if let (Some(first), Some(last)) = (words.first(), words.last()) {
                command.range = first.range.start..last.range.end;
            }
            // The value is what these commands yield, as far as it is told.
            command.assignments.extend(target.map(|(name, range)| Assignment {
                name,
                value: Word { range: range.clone(), parts: vec![Part::Substitution(index..end)], ..Word::default() },
                partial: true,
                range,
            }));
            let mut words = words.into_iter();
            command.name = if is_value { None } else { words.next() };
            command.args = words.collect();
            // The pipeline is known when it ends; until then the number it will have.
            command.pipeline = pipeline;
        }
        frame.stages.push(index..end);
    }

    fn end_pipeline(&mut self) {
        self.end_command();
        let Some(frame) = self.frames.last_mut() else { return };
        let stages = std::mem::take(&mut frame.stages);
        if stages.is_empty() {
            return;
        }
        let id = self.program.pipelines.len();
        for stage in &stages {
            if let Some(command) = self.program.commands.get_mut(stage.start) {
                command.pipeline = id;
            }
        }
        self.program.pipelines.push(Pipeline { stages });
    }

    fn close(&mut self) {
        self.end_pipeline();
        let end = self.program.commands.len();
        let Some(frame) = self.frames.pop() else { return };
        let Some(scope) = self.program.scopes.get_mut(frame.scope) else { return };
        scope.commands.end = end;
        let commands = scope.commands.clone();
        let substitution = matches!(scope.kind, ScopeKind::Substitution(_));
        let range = self.at.saturating_sub(1)..self.at;
        if substitution {
            self.push(Part::Substitution(commands), range, false);
        }
    }
}
