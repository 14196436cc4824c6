//! What the variables of a script may hold, where the commands themselves do not tell which of it: several
//! assignments, loops, arrays, defaults. Read line by line; the parser of the shell knows what runs, this knows what
//! is written.

use std::collections::BTreeMap;
use std::ops::Range;

/// Values of one variable that are kept.
const MAX_VALUES: usize = 64;
/// Bytes of a line in which commands are looked for behind others.
const MAX_LINE: usize = 2_000;
/// How often one variable is looked for behind another one.
const MAX_DEPTH: usize = 4;

/// A value of a variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) text: String,
    /// Where it is written.
    pub(super) range: Range<usize>,
    /// Something else may be given in its place.
    pub(super) is_default: bool,
}

/// Which part of a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Take {
    /// The one of this number.
    Field(usize),
    /// Behind the last separator.
    Last,
}

/// A part of another variable's value: `${line%%|*}`, `read -r a b <<< "$line"`.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Part {
    of: String,
    separator: char,
    take: Take,
}

impl Part {
    fn take_from(&self, held: &Held) -> Option<Held> {
        let length = self.separator.len_utf8();
        let (at, text) = match self.take {
            Take::Field(number) => {
                let mut fields = held.text.split(self.separator);
                let before: usize = fields.by_ref().take(number).map(|field| field.len() + length).sum();
                (before, fields.next()?)
            }
            Take::Last => {
                let last = held.text.rsplit(self.separator).next()?;
                (held.text.len() - last.len(), last)
            }
        };
        let from = held.range.start + at;
        (!text.is_empty()).then(|| Held { text: text.to_owned(), range: from..from + text.len(), ..held.clone() })
    }
}

/// `${NAME%%|*}` and `${NAME##*|}`.
fn part_of(word: &str) -> Option<Part> {
    let inner = word.strip_prefix("${")?.strip_suffix('}')?;
    let length = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let (of, operator) = (inner.get(..length)?, inner.get(length..)?);
    let (pattern, take) = if operator.starts_with('%') {
        (operator.trim_start_matches('%').strip_suffix('*')?, Take::Field(0))
    } else {
        (operator.strip_prefix('#')?.trim_start_matches('#').strip_prefix('*')?, Take::Last)
    };
    let mut characters = pattern.trim_matches(['"', '\'', '\\']).chars();
    let separator = characters.next().filter(|_| characters.next().is_none())?;
    is_name(of).then(|| Part { of: of.to_owned(), separator, take })
}

/// The variables of one script.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, Vec<Held>>,
    /// Variables that are a part of another one.
    parts: BTreeMap<String, Part>,
    /// Variables that also get what is not known here.
    open: std::collections::BTreeSet<String>,
}

impl Variables {
    pub(super) fn of(text: &str) -> Self {
        let mut out = Self::default();
        let mut at = 0;
        // An array that goes on: its name.
        let mut array: Option<String> = None;
        for line in text.split_inclusive('\n') {
            let start = at;
            at += line.len();
            let trimmed = line.trim_start();
            let indented = start + (line.len() - trimmed.len());
            let from = indented;
            if trimmed.starts_with('#') {
                continue;
            }
            if let Some(name) = array.take() {
                let end = trimmed.find(')');
                out.words(&name, trimmed.get(..end.unwrap_or(trimmed.len())).unwrap_or(""), from);
                array = end.is_none().then_some(name);
                continue;
            }
            let (rest, from) = behind_words(trimmed, from);
            if let Some(loop_) = rest.strip_prefix("for ") {
                if let Some((name, words)) = loop_.split_once(" in ").filter(|(name, _)| is_name(name.trim())) {
                    let offset = from + rest.len() - words.len();
                    out.words(name.trim(), words.split(';').next().unwrap_or(""), offset);
                }
                continue;
            }
            array = out.assignment(rest, from);
            out.parted(rest);
            for (begin, _) in trimmed.match_indices([';', ')', '&', '|', ' ']) {
                let inner = trimmed.get(begin + 1..).unwrap_or("");
                let blank = inner.len() - inner.trim_start().len();
                let before = trimmed.get(..begin).unwrap_or("");
                // Behind an arm's pattern, a test, `then` and `do` stands a command.
                let is_command = trimmed.as_bytes().get(begin) != Some(&b' ')
                    || ["then", "else", "do", "{"].iter().any(|word| before.ends_with(word));
                if is_command && array.is_none() && begin < MAX_LINE {
                    let (inner, at) = behind_words(inner.trim_start(), indented + begin + 1 + blank);
                    array = out.assignment(inner, at);
                }
            }
        }
        out
    }

    /// What a command sets that begins a text; the name of an array that goes on in the next line.
    fn assignment(&mut self, rest: &str, from: usize) -> Option<String> {
        let (name, value) = rest.split_once('=')?;
        let name = name.trim_end_matches('+');
        // `NAME[key]=value` is one of an array's values.
        let name = name.split_once('[').filter(|(_, key)| key.ends_with(']')).map_or(name, |(name, _)| name);
        if !is_name(name) {
            return None;
        }
        let offset = from + rest.len() - value.len();
        let Some(inner) = value.strip_prefix('(') else {
            self.value(name, value, offset);
            return None;
        };
        let end = inner.find(')');
        self.words(name, inner.get(..end.unwrap_or(inner.len())).unwrap_or(""), offset + 1);
        end.is_none().then(|| name.to_owned())
    }

    /// `IFS='|' read -r a b <<< "$line"`: each name is a part of what the line may be.
    fn parted(&mut self, rest: &str) {
        let Some((before, words)) = rest.split_once("read -r ") else { return };
        let Some((names, given)) = words.split_once("<<<") else { return };
        let separator =
            before.split_once("IFS=").and_then(|(_, s)| s.trim_start_matches(['"', '\'', '$']).chars().next());
        let given = given.trim().trim_matches(['"', '\'']);
        let Some(of) = variable(given) else { return };
        for (at, name) in names.split_whitespace().enumerate().take(16).filter(|(_, name)| is_name(name)) {
            let part = Part { of: of.to_owned(), separator: separator.unwrap_or(' '), take: Take::Field(at) };
            self.parts.insert(name.to_owned(), part);
        }
    }

    /// Keeps each of some words.
    fn words(&mut self, name: &str, text: &str, start: usize) {
        let mut at = 0;
        for word in text.split_whitespace() {
            let Some(found) = text.get(at..).and_then(|rest| rest.find(word)) else { return };
            at += found;
            if word.starts_with('#') {
                return;
            }
            // `[key]=value` of an array by keys.
            let value = word.strip_prefix('[').and_then(|w| w.split_once("]=")).map_or(word, |(_, value)| value);
            self.value(name, value, start + at + word.len() - value.len());
            at += word.len();
        }
    }

    fn value(&mut self, name: &str, value: &str, start: usize) {
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (inner, offset) = match quote {
            Some(quote) => (value.get(1..).and_then(|v| v.split(quote).next()).unwrap_or(""), 1),
            None => (value.split([' ', '\t', ';', '\n', '\r', '&', '|']).next().unwrap_or(""), 0),
        };
        let (inner, offset, is_default) = match given(inner) {
            Some((_, default)) if !default.is_empty() => {
                let plain = default.trim_matches(['"', '\'']);
                let at = inner.find(plain).unwrap_or(0);
                (plain, offset + at, true)
            }
            _ => (inner, offset, false),
        };
        if let Some(part) = part_of(inner) {
            self.parts.insert(name.to_owned(), part);
            return;
        }
        if inner.contains('$') && variable(inner).is_none() {
            self.open.insert(name.to_owned());
            return;
        }
        let values = self.values.entry(name.to_owned()).or_default();
        if !inner.is_empty() && values.len() < MAX_VALUES {
            let from = start + offset;
            values.push(Held { text: inner.to_owned(), range: from..from + inner.len(), is_default });
        }
    }

    /// What a word that is one variable may hold: `${NAME}`, `${NAME[@]}`, `${NAME:-x}`.
    pub(super) fn held(&self, word: &str) -> Vec<Held> {
        let mut out = Vec::new();
        self.follow(word, false, MAX_DEPTH, &mut out);
        out
    }

    fn follow(&self, word: &str, is_default: bool, depth: usize, out: &mut Vec<Held>) {
        let Some(name) = variable(word).filter(|_| depth > 0) else { return };
        let is_default = is_default || self.open.contains(name);
        if let Some(part) = self.parts.get(name) {
            let mut whole = Vec::new();
            self.follow(&format!("${{{}}}", part.of), is_default, depth - 1, &mut whole);
            out.extend(
                whole.iter().filter_map(|held| part.take_from(held)).take(MAX_VALUES - out.len().min(MAX_VALUES)),
            );
        }
        for held in self.values.get(name).into_iter().flatten() {
            if out.len() >= MAX_VALUES {
                return;
            }
            if held.text.contains('$') {
                // A number is what a caller gives.
                self.follow(&held.text, is_default || held.is_default, depth - 1, out);
            } else {
                out.push(Held { is_default: held.is_default || is_default, ..held.clone() });
            }
        }
    }
}

/// A line without the words in front of what it sets.
fn behind_words(line: &str, at: usize) -> (&str, usize) {
    let mut rest = line;
    for word in ["export ", "local ", "readonly ", "declare ", "typeset ", "-x ", "-r ", "-a ", "-A ", "-g ", "-gA "] {
        if let Some(behind) = rest.strip_prefix(word) {
            rest = behind.trim_start();
        }
    }
    (rest, at + line.len() - rest.len())
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// `${NAME:-x}` as its name and what it is where nothing is given.
pub(super) fn given(word: &str) -> Option<(&str, &str)> {
    let inner = word.strip_prefix("${")?.strip_suffix('}')?;
    let length = inner.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
    let (name, operator) = (inner.get(..length)?, inner.get(length..)?);
    let default = [":-", ":=", "-", "="].iter().find_map(|o| operator.strip_prefix(o))?;
    (!name.is_empty()).then_some((name, default))
}

/// The name of a word that is one variable.
fn variable(word: &str) -> Option<&str> {
    let inner = word.strip_prefix('$')?;
    let inner = inner.strip_prefix('{').and_then(|i| i.strip_suffix('}')).unwrap_or(inner);
    let name = inner.split(['[', ':', '-', '=']).next().unwrap_or("");
    is_name(name).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_hold_what_is_written() {
        let text = "\
A=org/a
export B=\"org/b\"
C=${1:-org/c}
models=(
  \"org/d\" # the first
  org/e
)
for m in \"${models[@]}\"; do
  run $m
done
D=org/f
D=$2
# E=org/no
F=$A
for x in org/g org/h; do run $x; done
case $1 in
  small) G=\"org/i\" ;;
  *) G=org/j;;
esac
if [ -z \"$H\" ]; then H=org/k; fi
[ -n \"$2\" ] && H=\"org/l\"
declare -A table=( [one]=\"org/m\" [two]=org/n )
table[three]=org/o
rows=(
  \"org/p|one.bin\"
)
for row in \"${rows[@]}\"; do
  IFS='|' read -r name file <<< \"$row\"
  start=\"${row%%|*}\"
  last=\"${row##*|}\"
done
";
        let variables = Variables::of(text);
        for (word, expected) in [
            ("${A}", vec![("org/a", false)]),
            ("$B", vec![("org/b", false)]),
            ("${C}", vec![("org/c", true)]),
            ("${m}", vec![("org/d", false), ("org/e", false)]),
            ("${D}", vec![("org/f", true)]),
            ("${E}", vec![]),
            ("${F}", vec![("org/a", false)]),
            ("${x}", vec![("org/g", false), ("org/h", false)]),
            ("${G}", vec![("org/i", false), ("org/j", false)]),
            ("${H}", vec![("org/k", false), ("org/l", false)]),
            ("${table[$k]}", vec![("org/m", false), ("org/n", false), ("org/o", false)]),
            ("${name}", vec![("org/p", false)]),
            ("${file}", vec![("one.bin", false)]),
            ("${start}", vec![("org/p", false)]),
            ("${last}", vec![("one.bin", false)]),
            ("${A}/x", vec![]),
        ] {
            let held = variables.held(word);
            let found: Vec<(&str, bool)> = held.iter().map(|h| (h.text.as_str(), h.is_default)).collect();
            assert_eq!(found, expected, "{word}");
            for held in &held {
                assert_eq!(text.get(held.range.clone()), Some(held.text.as_str()));
            }
        }
    }
}
