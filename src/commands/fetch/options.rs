//! Command lines of downloaders: options with their values, and operands.

use crate::parse::shell::{Arg, Invocation};

/// Options and operands of one call, joined short options taken apart.
pub(super) struct Parsed<'p> {
    pub(super) options: Vec<(String, Option<String>)>,
    pub(super) operands: Vec<Arg<'p>>,
}

impl Parsed<'_> {
    /// The last value of an option under any of these names.
    pub(super) fn value(&self, names: &[&str]) -> Option<&str> {
        let found = self.options.iter().rev().find(|(n, v)| v.is_some() && names.contains(&n.as_str()));
        found.and_then(|(_, v)| v.as_deref())
    }

    /// Whether an option stands there under any of these names.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|(n, _)| names.contains(&n.as_str()))
    }
}

/// Reads a call; `short` are the letters and `long` the names that take a value.
pub(super) fn parsed<'p>(call: &Invocation<'p>, short: &str, long: &[&str]) -> Parsed<'p> {
    let mut out = Parsed { options: Vec::new(), operands: Vec::new() };
    let mut args = call.args.iter();
    while let Some(arg) = args.next() {
        let text = arg.text.as_str();
        if let Some(name) = text.strip_prefix("--") {
            match name.split_once('=') {
                Some((name, value)) => out.options.push((name.to_owned(), Some(value.to_owned()))),
                None if long.contains(&name) => {
                    out.options.push((name.to_owned(), args.next().map(|a| a.text.clone())));
                    // The URL may be given as an option; its word is kept as an operand.
                }
                None => out.options.push((name.to_owned(), None)),
            }
            continue;
        }
        let Some(letters) = text.strip_prefix('-').filter(|l| !l.is_empty()) else {
            out.operands.push(arg.clone());
            continue;
        };
        for (at, letter) in letters.char_indices() {
            if short.contains(letter) {
                let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
                let value = if rest.is_empty() { args.next().map(|a| a.text.clone()) } else { Some(rest.to_owned()) };
                out.options.push((letter.to_string(), value));
                break;
            }
            out.options.push((letter.to_string(), None));
        }
    }
    out
}
