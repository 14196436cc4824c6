//! `${NAME...}` with an operator, and what a substitution of known words prints.

use std::ops::Range;

use super::ir::{Part, Program, RedirectOp, Word};

/// Longest pattern and value that are matched.
const MAX_MATCHED: usize = 1 << 10;
/// Variables that the runner or the login gives a value nobody sees here.
const GIVEN: &[&str] = &["GITHUB_", "RUNNER_", "ACTIONS_", "CI_"];
const GIVEN_NAMES: &[&str] = &["CI", "HOME", "PATH", "USER", "PWD", "SHELL", "TMPDIR", "HOSTNAME"];

impl Program {
    /// The text of `${NAME...}`, where all of it is known.
    pub(super) fn expansion(
        &self,
        text: &str,
        owner: Option<u32>,
        depth: usize,
        lookups: &mut usize,
    ) -> Option<String> {
        let inner = text.strip_prefix("${")?.strip_suffix('}')?;
        if let Some(name) = inner.strip_prefix('#').filter(|name| is_name(name)) {
            return Some(self.text_of(name, owner, depth, lookups)?.chars().count().to_string());
        }
        let length = name_length(inner);
        let (name, operator) = (inner.get(..length)?, inner.get(length..)?);
        if name.is_empty() {
            return None;
        }
        if let Some(index) = operator.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let elements = self.elements(name, owner)?;
            return match index {
                "@" | "*" => self.joined(elements, depth, lookups),
                index => {
                    let index: usize = index.parse().ok()?;
                    self.joined(elements.get(index..=index)?, depth, lookups)
                }
            };
        }
        if matches!(name, "@" | "*") {
            let words = self.rest_of_arguments(operator, owner)?;
            return self.joined(words, depth, lookups);
        }
        let held = self.text_of(name, owner, depth, lookups);
        let word = |word: &str, lookups: &mut usize| self.text(word, owner, depth, lookups);
        if let Some(default) = ["-", ":-", "=", ":="].iter().find_map(|op| operator.strip_prefix(op)) {
            let is_given = GIVEN.iter().any(|p| name.starts_with(p)) || GIVEN_NAMES.contains(&name);
            return match held {
                Some(value) if !value.is_empty() || !operator.starts_with(':') => Some(value),
                Some(_) => word(default, lookups),
                // Nothing here says that it holds something else.
                None if !is_given && !is_number(name) && self.is_unset(name, owner) => word(default, lookups),
                None if is_number(name) && self.argument_is_missing(name, owner) => word(default, lookups),
                None => None,
            };
        }
        let value = held?;
        if operator.starts_with('?') || operator.starts_with(":?") {
            return Some(value);
        }
        if let Some(other) = operator.strip_prefix(":+").or_else(|| operator.strip_prefix('+')) {
            return if value.is_empty() { Some(String::new()) } else { word(other, lookups) };
        }
        match operator {
            "" => return Some(value),
            "," | ",," | "^" | "^^" => return Some(cased(&value, operator)),
            _ => {}
        }
        if value.len() > MAX_MATCHED || operator.len() > MAX_MATCHED {
            return None;
        }
        let cut =
            |mark: &str, lookups: &mut usize| operator.strip_prefix(mark).and_then(|pattern| word(pattern, lookups));
        if operator.starts_with('#') {
            let longest = operator.starts_with("##");
            let pattern = cut(if longest { "##" } else { "#" }, lookups)?;
            return without_start(&value, &pattern, longest);
        }
        if operator.starts_with('%') {
            let longest = operator.starts_with("%%");
            let pattern = cut(if longest { "%%" } else { "%" }, lookups)?;
            return without_end(&value, &pattern, longest);
        }
        if let Some(rest) = operator.strip_prefix('/') {
            let all = rest.starts_with('/');
            let rest = rest.strip_prefix('/').unwrap_or(rest);
            let (from, to) = rest.split_once('/').unwrap_or((rest, ""));
            let (from, to) = (word(from, lookups)?, word(to, lookups)?);
            if from.is_empty() || from.contains(['*', '?', '[', '#', '%']) {
                return None;
            }
            return Some(if all { value.replace(&from, &to) } else { value.replacen(&from, &to, 1) });
        }
        let slice = operator.strip_prefix(':')?;
        let (start, length) = slice.split_once(':').map_or((slice, None), |(start, length)| (start, Some(length)));
        let start: usize = start.trim().parse().ok()?;
        let length: usize = length.map_or(Some(usize::MAX), |l| l.trim().parse().ok())?;
        Some(value.chars().skip(start).take(length).collect())
    }

    /// What `${@:2}` names: the operator is `:2`.
    pub(super) fn rest_of_arguments(&self, operator: &str, owner: Option<u32>) -> Option<&[Word]> {
        let words = self.arguments.as_ref()?.at(owner)?;
        let from: usize = match operator {
            "" => 1,
            operator => operator.strip_prefix(':')?.trim().parse().ok()?,
        };
        Some(words.get(from.saturating_sub(1)..).unwrap_or_default())
    }

    fn argument_is_missing(&self, name: &str, owner: Option<u32>) -> bool {
        let words = self.arguments.as_ref().and_then(|a| a.at(owner));
        words.is_some_and(|words| name.parse::<usize>().is_ok_and(|number| number > words.len()))
    }

    /// The text behind an operator: quotes are taken off, variables put in.
    fn text(&self, text: &str, owner: Option<u32>, depth: usize, lookups: &mut usize) -> Option<String> {
        if !text.contains(['$', '`', '\\', '"', '\'']) {
            return Some(text.to_owned());
        }
        let mut out = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            match c {
                '"' => rest = rest.get(1..)?,
                '\'' => {
                    let (inside, behind) = rest.get(1..)?.split_once('\'')?;
                    out.push_str(inside);
                    rest = behind;
                }
                '\\' => {
                    let next = rest.chars().nth(1)?;
                    out.push(next);
                    rest = rest.get(1 + next.len_utf8()..)?;
                }
                '`' => return None,
                '$' => {
                    let length =
                        if rest.starts_with("${") { closing(rest)? + 1 } else { 1 + name_length(rest.get(1..)?) };
                    let piece = rest.get(..length)?;
                    let value = if piece.starts_with("${") {
                        self.value_at(&Part::Other(piece.to_owned()), owner, depth, lookups)?
                    } else if piece.len() > 1 {
                        self.value_at(&Part::Variable(piece.get(1..)?.to_owned()), owner, depth, lookups)?
                    } else {
                        return None;
                    };
                    out.push_str(&value);
                    rest = rest.get(length..)?;
                }
                c => {
                    out.push(c);
                    rest = rest.get(c.len_utf8()..)?;
                }
            }
            if out.len() > MAX_MATCHED {
                return None;
            }
        }
        Some(out)
    }

    fn value_at(&self, part: &Part, owner: Option<u32>, depth: usize, lookups: &mut usize) -> Option<String> {
        let word = Word { parts: vec![part.clone()], owner, ..Word::default() };
        let (text, known) = self.expand(&word, depth.saturating_sub(1), lookups);
        known.then_some(text)
    }

    /// What commands print, where it is one that prints words that are known.
    pub(super) fn printed(&self, commands: Range<usize>, depth: usize, lookups: &mut usize) -> Option<String> {
        let [command] = self.commands.get(commands)? else { return None };
        let alone = self.pipelines.get(command.pipeline).is_none_or(|p| p.stages.len() <= 1);
        if !alone || command.redirects.iter().any(|r| !matches!(r.op, RedirectOp::HereDoc | RedirectOp::HereString)) {
            return None;
        }
        let name = command.name.as_ref()?.literal()?;
        let mut words = command.args.as_slice();
        let text = match name.as_str() {
            "echo" => {
                while let Some(first) = words.first().and_then(Word::literal) {
                    match first.as_str() {
                        "-n" | "-E" => words = words.get(1..)?,
                        "-e" => return None,
                        _ => break,
                    }
                }
                self.joined(words, depth, lookups)?
            }
            "printf" => {
                let format = words.first().and_then(Word::literal)?;
                match format.as_str() {
                    "%s" | "%s\\n" | "'%s'" if words.len() == 2 => self.joined(words.get(1..)?, depth, lookups)?,
                    plain if !plain.contains(['%', '\\']) && words.len() == 1 => format,
                    _ => return None,
                }
            }
            "cat" if words.is_empty() => {
                let [here] = command.redirects.as_slice() else { return None };
                let (text, known) = self.expand(&here.target, depth - 1, lookups);
                known.then_some(text)?
            }
            "basename" | "dirname" => {
                let path = self.joined(words.get(..1)?, depth, lookups)?;
                let path = path.trim_end_matches('/');
                let cut = path.rsplit_once('/');
                if name == "dirname" {
                    cut.map_or(".", |(above, _)| above).to_owned()
                } else {
                    let last = cut.map_or(path, |(_, last)| last);
                    match words.get(1) {
                        Some(_) => {
                            let suffix = self.joined(words.get(1..2)?, depth, lookups)?;
                            last.strip_suffix(suffix.as_str()).unwrap_or(last).to_owned()
                        }
                        None => last.to_owned(),
                    }
                }
            }
            _ => return None,
        };
        Some(text.trim_end_matches('\n').to_owned())
    }
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|b| b.is_ascii_digit())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len()
}

/// Length of the name a text starts with; `@` and `*` are names of one letter.
fn name_length(text: &str) -> usize {
    if text.starts_with(['@', '*']) {
        return 1;
    }
    text.bytes().take_while(|b| *b == b'_' || b.is_ascii_alphanumeric()).count()
}

/// Where the brace closes that a text starts with, behind its `$`.
fn closing(text: &str) -> Option<usize> {
    let mut open = 0_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => {
                open = open.checked_sub(1)?;
                if open == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

fn cased(value: &str, operator: &str) -> String {
    let first = value.chars().next().map_or(0, char::len_utf8);
    let (head, tail) = value.split_at(first);
    match operator {
        "," => head.to_lowercase() + tail,
        "^" => head.to_uppercase() + tail,
        "^^" => value.to_uppercase(),
        _ => value.to_lowercase(),
    }
}

/// The value without what a pattern of plain text, `*text` or `text*` takes off its start.
fn without_start(value: &str, pattern: &str, longest: bool) -> Option<String> {
    let plain = |text: &str| !text.contains(['*', '?', '[']);
    let rest = match pattern.strip_prefix('*') {
        Some("") => {
            if longest {
                ""
            } else {
                value
            }
        }
        Some(text) if plain(text) => {
            let at = if longest { value.rfind(text) } else { value.find(text) };
            at.map_or(value, |at| value.get(at + text.len()..).unwrap_or_default())
        }
        None if plain(pattern) => value.strip_prefix(pattern).unwrap_or(value),
        _ => return None,
    };
    Some(rest.to_owned())
}

/// As [`without_start`], off its end.
fn without_end(value: &str, pattern: &str, longest: bool) -> Option<String> {
    let plain = |text: &str| !text.contains(['*', '?', '[']);
    let rest = match pattern.strip_suffix('*') {
        Some("") => {
            if longest {
                ""
            } else {
                value
            }
        }
        Some(text) if plain(text) => {
            let at = if longest { value.find(text) } else { value.rfind(text) };
            at.map_or(value, |at| value.get(..at).unwrap_or_default())
        }
        None if plain(pattern) => value.strip_suffix(pattern).unwrap_or(value),
        _ => return None,
    };
    Some(rest.to_owned())
}
