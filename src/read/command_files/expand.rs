//! Variables of make and just, put into the lines of recipes.

use std::collections::BTreeMap;

use crate::source::{Embedded, Span};

/// Longest text a variable stands for; one that doubles itself forty times stops here.
const MAX_VALUE: usize = 4 << 10;
/// Variables looked up for one reference.
const MAX_LOOKUPS: usize = 64;
/// Variables inside of variables.
const MAX_DEPTH: usize = 8;
/// What stands for a value that is not known: the shell's spelling of a variable.
pub(super) const UNKNOWN: &str = "${_}";

/// Variables that are most often called after the program they hold, for files that set them elsewhere.
const PROGRAMS: &[(&str, &str)] = &[
    ("MAKE", "make"),
    ("SHELL", "sh"),
    ("PIP", "pip"),
    ("PIP3", "pip"),
    ("PYTHON", "python"),
    ("PYTHON3", "python"),
    ("PY", "python"),
    ("UV", "uv"),
    ("UVX", "uvx"),
    ("POETRY", "poetry"),
    ("PDM", "pdm"),
    ("PIPX", "pipx"),
    ("CONDA", "conda"),
];

/// What variables hold.
#[derive(Debug, Default)]
pub(super) struct Variables {
    values: BTreeMap<String, Option<String>>,
}

impl Variables {
    /// A value as written; `None` makes the variable unknown.
    pub(super) fn set(&mut self, name: &str, value: Option<String>) {
        self.values.insert(name.to_owned(), value.filter(|v| v.len() <= MAX_VALUE));
    }

    /// The value as written.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.as_deref()
    }

    /// Whether it was given any value.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// What a reference of make stands for, with the references in it.
    fn of_make(&self, name: &str, depth: usize, lookups: &mut usize, out: &mut String) {
        let name = name.trim();
        let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        if !is_name {
            return out.push_str(UNKNOWN);
        }
        let known = self.get(name).filter(|_| depth > 0 && *lookups > 0 && out.len() <= MAX_VALUE);
        match known {
            Some(value) => {
                *lookups -= 1;
                self.expand_make(value, depth - 1, lookups, out);
            }
            None => match PROGRAMS.iter().find(|(known, _)| *known == name && !self.knows(name)) {
                Some((_, program)) => out.push_str(program),
                None => {
                    out.push_str("${");
                    out.push_str(name);
                    out.push('}');
                }
            },
        }
    }

    fn expand_make(&self, text: &str, depth: usize, lookups: &mut usize, out: &mut String) {
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(rest.get(..at).unwrap_or(""));
            let reference = rest.get(at..).unwrap_or("");
            let length = length_of_make(reference);
            self.reference(reference.get(..length).unwrap_or(reference), "", depth, lookups, out);
            rest = reference.get(length..).unwrap_or("");
        }
        out.push_str(rest);
    }

    /// One reference: `$(X)`, `${X}`, `$X`, `$$`.
    fn reference(&self, text: &str, target: &str, depth: usize, lookups: &mut usize, out: &mut String) {
        let inner = text.get(1..).unwrap_or("");
        match inner.as_bytes() {
            [b'$'] | [] => out.push('$'),
            [b'(', .., b')'] | [b'{', .., b'}'] => {
                let name = inner.get(1..inner.len() - 1).unwrap_or("");
                self.of_make(name, depth, lookups, out);
            }
            [b'@'] if !target.is_empty() => out.push_str(target),
            [one] if one.is_ascii_alphabetic() => self.of_make(inner, depth, lookups, out),
            _ => out.push_str(UNKNOWN),
        }
    }

    /// A text of make's with its references put in.
    pub(super) fn make_text(&self, text: &str) -> String {
        let mut out = String::new();
        self.expand_make(text, MAX_DEPTH, &mut MAX_LOOKUPS.clone(), &mut out);
        out
    }

    /// Puts a line of a recipe of make's behind a script; `host` is where the line starts.
    pub(super) fn push_make(&self, line: &str, host: usize, target: &str, out: &mut Embedded) {
        let mut at = 0;
        while let Some(found) = line.get(at..).and_then(|rest| rest.find('$')) {
            let start = at + found;
            out.push_verbatim(line.get(at..start).unwrap_or(""), (host + at) as u64);
            let reference = line.get(start..).unwrap_or("");
            let length = length_of_make(reference);
            let mut value = String::new();
            let text = reference.get(..length).unwrap_or(reference);
            self.reference(text, target, MAX_DEPTH, &mut MAX_LOOKUPS.clone(), &mut value);
            out.push_replaced(&value, Span::new(host + start, host + start + length));
            at = start + length;
        }
        out.push_verbatim(line.get(at..).unwrap_or(""), (host + at) as u64);
    }

    /// Puts a line of a recipe of just's behind a script: `{{name}}` is a variable.
    pub(super) fn push_just(&self, line: &str, host: usize, out: &mut Embedded) {
        let mut at = 0;
        while let Some(found) = line.get(at..).and_then(|rest| rest.find("{{")) {
            let start = at + found;
            let Some(end) = line.get(start..).and_then(|rest| rest.find("}}")).map(|end| start + end + 2) else {
                break;
            };
            out.push_verbatim(line.get(at..start).unwrap_or(""), (host + at) as u64);
            let name = line.get(start + 2..end - 2).unwrap_or("").trim();
            // `{{{{` is a brace.
            let value = if name.starts_with("{{") { "{{" } else { self.get(name).unwrap_or(UNKNOWN) };
            out.push_replaced(value, Span::new(host + start, host + end));
            at = end;
        }
        out.push_verbatim(line.get(at..).unwrap_or(""), (host + at) as u64);
    }
}

/// Bytes of the reference that a text starts with.
pub(super) fn length_of_make(text: &str) -> usize {
    let bytes = text.as_bytes();
    let (open, close) = match bytes.get(1) {
        Some(b'(') => (b'(', b')'),
        Some(b'{') => (b'{', b'}'),
        // One character, which may be of several bytes.
        Some(_) => return text.char_indices().nth(2).map_or(text.len(), |(at, _)| at),
        None => return text.len(),
    };
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate() {
        if *byte == open {
            depth += 1;
        } else if *byte == close {
            depth -= 1;
            if depth == 0 {
                return at + 1;
            }
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(of: &[(&str, &str)]) -> Variables {
        let mut out = Variables::default();
        of.iter().for_each(|(name, value)| out.set(name, Some((*value).to_owned())));
        out
    }

    #[test]
    fn references_of_make_are_put_in() {
        let known = variables(&[("A", "x$(B)"), ("B", "y"), ("LOOP", "a$(LOOP)")]);
        for (text, expected) in [
            ("$(A) ${B} $$HOME", "xy y $HOME"),
            ("$(PIP) install $(C)", "pip install ${C}"),
            ("$(shell cat $(x)) b", "${_} b"),
            ("$@ $<", "t ${_}"),
            ("end$", "end$"),
            ("$(open", "${_}"),
            ("$é", "${_}"),
        ] {
            let mut out = Embedded::new();
            known.push_make(text, 10, "t", &mut out);
            assert_eq!(out.text, expected, "{text}");
        }
        assert!(known.make_text("$(LOOP)").len() < 100);
    }

    #[test]
    fn places_lead_back_to_the_line() {
        let known = variables(&[("A", "long value")]);
        let mut out = Embedded::new();
        known.push_just("pip install {{A}} b {{ f(x) }}", 5, &mut out);
        assert_eq!(out.text, "pip install long value b ${_}");
        let at = out.text.find(" b ").unwrap() + 1;
        assert_eq!(out.host_span(at..at + 1), Span::new(23, 24));
    }
}
