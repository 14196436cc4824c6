//! Variables of `ARG` and `ENV` put into a word, as BuildKit does it: `$X`, `${X}`, `${X:-d}`,
//! `${X-d}`, `${X:+y}`, `${X+y}`. Quotes and escapes are taken out along the way.

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// This text.
    Value(&'a str),
    /// Nothing, unless who builds says so: `ARG X`.
    Unset,
    /// Only who builds knows.
    Unknown,
}

/// A word with variables put in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text; what is not known stands as `${X}`.
    pub text: String,
    /// All of it is known.
    pub known: bool,
    /// A variable took part.
    pub substituted: bool,
}

/// Deepest `${X:-${Y:-...}}`.
const MAX_DEPTH: usize = 16;

/// Puts variables into a word. Text beyond `limit` bytes is not put in: the word counts as unknown.
pub fn expand<'v>(word: &str, escape: char, limit: usize, lookup: &dyn Fn(&str) -> Lookup<'v>) -> Expanded {
    let mut walk =
        Walk { chars: word.char_indices().peekable(), word, escape, limit, lookup, known: true, substituted: false };
    let text = walk.text(0, false);
    Expanded { known: walk.known, substituted: walk.substituted, text }
}

struct Walk<'w, 'l, 'v> {
    chars: std::iter::Peekable<std::str::CharIndices<'w>>,
    word: &'w str,
    escape: char,
    limit: usize,
    lookup: &'l dyn Fn(&str) -> Lookup<'v>,
    known: bool,
    substituted: bool,
}

impl Walk<'_, '_, '_> {
    /// Text up to the end, or up to the brace that ends a `${X:-`.
    fn text(&mut self, depth: usize, in_braces: bool) -> String {
        let mut out = String::new();
        let mut quote = None;
        while let Some((_, c)) = self.chars.next() {
            match (quote, c) {
                (None, '}') if in_braces => return out,
                (Some('\''), '\'') | (Some('"'), '"') => quote = None,
                (Some('\''), _) => out.push(c),
                (None, '\'' | '"') => quote = Some(c),
                (_, c) if c == self.escape => {
                    let next = self.chars.peek().map(|(_, c)| *c);
                    let special = quote.is_none() || matches!(next, Some('"' | '$')) || next == Some(self.escape);
                    if !special {
                        out.push(c);
                    }
                    out.extend(self.chars.next().map(|(_, c)| c));
                }
                (_, '$') => self.variable(depth, &mut out),
                _ => out.push(c),
            }
        }
        out
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(&(_, c)) = self.chars.peek() {
            if !(c == '_' || c.is_ascii_alphanumeric()) {
                break;
            }
            name.push(c);
            self.chars.next();
        }
        name
    }

    fn variable(&mut self, depth: usize, out: &mut String) {
        let braces = self.chars.next_if(|(_, c)| *c == '{').is_some();
        let name = self.name();
        if name.is_empty() {
            out.push('$');
            if braces {
                out.push('{');
            }
            return;
        }
        let found = (self.lookup)(&name);
        if !braces {
            self.put(&name, found, out);
            return;
        }
        let colon = self.chars.next_if(|(_, c)| *c == ':').is_some();
        let Some((at, operator)) = self.chars.next() else {
            self.put(&name, found, out);
            return;
        };
        match operator {
            '}' if !colon => self.put(&name, found, out),
            '-' | '+' if depth < MAX_DEPTH => {
                let outside = (self.known, self.substituted);
                let word = self.text(depth + 1, true);
                let set = match found {
                    Lookup::Value(value) => Some(!(colon && value.is_empty())),
                    Lookup::Unset => Some(false),
                    Lookup::Unknown => None,
                };
                match (operator, set) {
                    (_, None) => {
                        self.known = false;
                        out.push_str(&format!("${{{name}}}"));
                    }
                    ('-', Some(true)) => {
                        (self.known, self.substituted) = outside;
                        self.put(&name, found, out);
                    }
                    ('-', Some(false)) | ('+', Some(true)) => {
                        self.substituted = true;
                        self.push(&word, out);
                    }
                    _ => {
                        self.known = outside.0;
                        self.substituted = true;
                    }
                }
            }
            // `${X:?why}`, `${X#a}`, `${X%a}`, `${X/a/b}`: what comes out is not worked out here.
            _ => {
                self.known = false;
                out.push_str(&format!("${{{name}}}"));
                if operator != '}' {
                    let rest = self.word.get(at..).unwrap_or("");
                    let end = at + rest.find('}').unwrap_or(rest.len());
                    while self.chars.next_if(|(at, _)| *at <= end).is_some() {}
                }
            }
        }
    }

    fn put(&mut self, name: &str, found: Lookup<'_>, out: &mut String) {
        match found {
            Lookup::Value(value) => {
                self.substituted = true;
                self.push(value, out);
            }
            Lookup::Unset | Lookup::Unknown => {
                self.known = false;
                out.push_str(&format!("${{{name}}}"));
            }
        }
    }

    fn push(&mut self, text: &str, out: &mut String) {
        if out.len().saturating_add(text.len()) > self.limit {
            self.known = false;
        } else {
            out.push_str(text);
        }
    }
}
