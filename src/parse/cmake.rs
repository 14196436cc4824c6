//! CMake's language as far as its grammar goes: a list of commands with their arguments and places. Source: CMake's
//! manual, "cmake-language", "Syntax". Nothing is evaluated and no variable is put in.

use std::collections::BTreeSet;

use super::problems::Problems;
use super::{Budget, Problem};
use crate::source::Span;

/// Longest bracket: real ones have one or two `=`.
const MAX_LEVEL: usize = 16;

/// A file, as far as it could be read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Listing {
    /// Its commands in order.
    pub commands: Vec<Command>,
    /// What could not be read.
    pub problems: Vec<Problem>,
}

/// `name(arguments)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its name as written; names mean the same in either case.
    pub name: String,
    /// From the name to the closing parenthesis.
    pub span: Span,
    /// The arguments in order. Inner parentheses are arguments of their own.
    pub arguments: Vec<Argument>,
}

/// One argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argument {
    /// Its text: without quotes or brackets, escapes taken away, references to variables as written.
    pub text: String,
    /// Its bytes, quotes included.
    pub span: Span,
    /// How it is written.
    pub form: ArgumentForm,
}

/// How an argument is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentForm {
    /// `[[text]]`: references mean nothing in it.
    Bracket,
    /// `"text"`: always one argument.
    Quoted,
    /// `text`: the value of a reference may be several.
    Plain,
}

impl Command {
    /// Whether it is the command of a name, in either case.
    #[must_use]
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Reads a file. Never fails: what could not be read is among the problems.
#[must_use]
pub fn parse(text: &str, budget: &mut Budget) -> Listing {
    let mut reader = Reader { text, at: 0, unclosed: BTreeSet::new(), problems: Problems::new(budget) };
    let mut commands = Vec::new();
    if text.len() > budget.bytes {
        reader.problems.push(Span::new(0, text.len()), "file too large to read");
    } else {
        reader.file(budget, &mut commands);
    }
    Listing { commands, problems: reader.problems.finish() }
}

struct Reader<'t> {
    text: &'t str,
    at: usize,
    /// Lengths of brackets that nothing closes from here on: they are looked for once.
    unclosed: BTreeSet<usize>,
    problems: Problems,
}

impl Reader<'_> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip_line(&mut self) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|b| *b == b'\n').unwrap_or(rest.len());
    }

    fn file(&mut self, budget: &mut Budget, commands: &mut Vec<Command>) {
        if self.text.starts_with('\u{feff}') {
            self.at = '\u{feff}'.len_utf8();
        }
        loop {
            self.blanks();
            let Some(byte) = self.byte() else { return };
            if !budget.take_items(1) {
                self.problems.push(Span::new(self.at, self.text.len()), "file has more commands than the limit");
                return;
            }
            let start = self.at;
            if !(byte.is_ascii_alphabetic() || byte == b'_') {
                self.skip_line();
                self.problems.push(Span::new(start, self.at), "not read as a command of CMake");
                continue;
            }
            while self.byte().is_some_and(|b| b.is_ascii_alphanumeric() || b == b'_') {
                self.at += 1;
            }
            let name = self.text.get(start..self.at).unwrap_or("").to_owned();
            while matches!(self.byte(), Some(b' ' | b'\t')) {
                self.at += 1;
            }
            if self.byte() != Some(b'(') {
                self.skip_line();
                self.problems.push(Span::new(start, self.at), "not read as a command of CMake");
                continue;
            }
            self.at += 1;
            let Some(arguments) = self.arguments(start, budget) else { return };
            commands.push(Command { name, span: Span::new(start, self.at), arguments });
        }
    }

    /// Blanks, line ends and comments.
    fn blanks(&mut self) {
        while let Some(byte) = self.byte() {
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
                b'#' => {
                    self.at += 1;
                    if self.bracket().is_none() {
                        self.skip_line();
                    }
                }
                _ => return,
            }
        }
    }

    /// `[==[ text ]==]`, without its brackets; nothing is taken where there is none.
    fn bracket(&mut self) -> Option<String> {
        let rest = self.text.get(self.at..)?;
        let inner = rest.strip_prefix('[')?;
        let level = inner.bytes().take_while(|b| *b == b'=').count();
        let inner = inner.get(level..)?.strip_prefix('[')?;
        if level > MAX_LEVEL || self.unclosed.contains(&level) {
            return None;
        }
        let close = format!("]{}]", "=".repeat(level));
        let Some(end) = inner.find(&close) else {
            self.unclosed.insert(level);
            return None;
        };
        self.at += 2 + level + end + close.len();
        let text = inner.get(..end)?;
        Some(text.strip_prefix('\n').unwrap_or(text).to_owned())
    }

    fn arguments(&mut self, start: usize, budget: &mut Budget) -> Option<Vec<Argument>> {
        let mut out = Vec::new();
        let mut depth = 0usize;
        loop {
            self.blanks();
            let from = self.at;
            if !budget.take_items(1) {
                self.problems.push(Span::new(start, self.text.len()), "file has more arguments than the limit");
                return None;
            }
            let Some(byte) = self.byte() else {
                self.problems.push(Span::new(start, self.text.len()), "unclosed parenthesis");
                return None;
            };
            let (text, form) = match byte {
                b')' if depth == 0 => {
                    self.at += 1;
                    return Some(out);
                }
                b'(' | b')' => {
                    depth = if byte == b'(' { depth + 1 } else { depth - 1 };
                    self.at += 1;
                    (char::from(byte).to_string(), ArgumentForm::Plain)
                }
                b'"' => {
                    let Some(text) = self.quoted() else {
                        self.problems.push(Span::new(from, self.text.len()), "unclosed string");
                        return None;
                    };
                    (text, ArgumentForm::Quoted)
                }
                b'[' => match self.bracket() {
                    Some(text) => (text, ArgumentForm::Bracket),
                    None => (self.plain(), ArgumentForm::Plain),
                },
                _ => (self.plain(), ArgumentForm::Plain),
            };
            out.push(Argument { text, span: Span::new(from, self.at), form });
        }
    }

    fn quoted(&mut self) -> Option<String> {
        self.at += 1;
        let mut out = String::new();
        let mut characters = self.text.get(self.at..)?.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                '"' => {
                    self.at += at + 1;
                    return Some(out);
                }
                '\\' => match characters.next()?.1 {
                    '\n' => {}
                    other => out.push(unescaped(other)),
                },
                _ => out.push(c),
            }
        }
        None
    }

    fn plain(&mut self) -> String {
        let mut out = String::new();
        let rest = self.text.get(self.at..).unwrap_or("");
        let mut characters = rest.char_indices();
        let mut end = rest.len();
        while let Some((at, c)) = characters.next() {
            match c {
                // `-Da="b c"` is one argument, as older releases take it; a quote begins none of its own.
                '"' => {
                    out.push(c);
                    for (_, c) in characters.by_ref() {
                        out.push(c);
                        if c == '"' {
                            break;
                        }
                    }
                }
                ' ' | '\t' | '\r' | '\n' | '(' | ')' | '#' => {
                    end = at;
                    break;
                }
                '\\' => out.extend(characters.next().map(|(_, c)| unescaped(c))),
                _ => out.push(c),
            }
        }
        // Where nothing is taken the caller would stand still.
        self.at += end.max(usize::from(end == 0 && !rest.is_empty()));
        out
    }
}

fn unescaped(c: char) -> char {
    match c {
        'n' => '\n',
        't' => '\t',
        'r' => '\r',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Vec<String>, Vec<String>) {
        let listing = parse(text, &mut Budget::default());
        let show = |c: &Command| {
            let arguments: Vec<&str> = c.arguments.iter().map(|a| a.text.as_str()).collect();
            format!("{}<{}>", c.name, arguments.join("|"))
        };
        (listing.commands.iter().map(show).collect(), listing.problems.into_iter().map(|p| p.message).collect())
    }

    #[test]
    fn commands_are_read_with_their_arguments() {
        for (text, commands) in [
            ("set(A b \"c d\") # x(y)\n", vec!["set<A|b|c d>"]),
            ("#[[ f(x)\n ]] f (1)\n", vec!["f<1>"]),
            ("#[=[ ]] f(x) ]=]\ng()\n", vec!["g<>"]),
            ("f([==[\na ]] $b]==] [x])\n", vec!["f<a ]] $b|[x]>"]),
            ("if(NOT (A AND B))\nendif()\n", vec!["if<NOT|(|A|AND|B|)>", "endif<>"]),
            ("f(\"a\\\"b\\\nc\" d\\ e)\n", vec!["f<a\"bc|d e>"]),
            ("f(-DX=\"a b\" ${Y}/z)\n", vec!["f<-DX=\"a b\"|${Y}/z>"]),
            ("f(a # b)\n c)\n", vec!["f<a|c>"]),
        ] {
            assert_eq!(read(text), (commands.into_iter().map(str::to_owned).collect(), vec![]), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_rest_kept() {
        for (text, commands, problem) in [
            ("@X@\nf(a)\n", vec!["f<a>"], "not read as a command of CMake"),
            ("name\nf(a)\n", vec!["f<a>"], "not read as a command of CMake"),
            ("f(a)\ng(b\n", vec!["f<a>"], "unclosed parenthesis"),
            ("f(a)\ng(\"b\n", vec!["f<a>"], "unclosed string"),
        ] {
            let wanted: Vec<String> = commands.into_iter().map(str::to_owned).collect();
            assert_eq!(read(text), (wanted, vec![problem.to_owned()]), "{text}");
        }
    }
}
