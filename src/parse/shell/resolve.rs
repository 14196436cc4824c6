//! Variables with one value, put into words; and the way out of nested scopes.

use super::ir::{Part, Program, Scope, Word};

/// Longest text a word resolves to; a script that doubles a variable forty times stops here.
const MAX_RESOLVED: usize = 8 << 10;
/// Most variables looked up for one word.
const MAX_LOOKUPS: usize = 64;

impl Program {
    /// Declares a variable the caller knows, an `env:` key for example. An assignment of another
    /// value in the script makes it unknown again.
    pub fn assume(&mut self, name: &str, value: &str) {
        let word = Word::constant(value, 0..0);
        self.define(name, Some(word));
    }

    pub(super) fn define(&mut self, name: &str, value: Option<Word>) {
        match self.variables.get_mut(name) {
            None => {
                self.variables.insert(name.to_owned(), value);
            }
            Some(known) => {
                let same = matches!((&*known, &value), (Some(a), Some(b)) if a.parts == b.parts);
                if !same {
                    *known = None;
                }
            }
        }
    }

    /// The text of a word where every part is constant or a variable with one known value.
    #[must_use]
    pub fn resolve(&self, word: &Word) -> Option<String> {
        let mut lookups = MAX_LOOKUPS;
        let (text, known) = self.expand(word, 8, &mut lookups);
        known.then_some(text)
    }

    /// The text of a word with every known variable put in and the rest in the shell's spelling,
    /// and whether all of it was known.
    #[must_use]
    pub fn show(&self, word: &Word) -> (String, bool) {
        let mut lookups = MAX_LOOKUPS;
        self.expand(word, 8, &mut lookups)
    }

    fn expand(&self, word: &Word, depth: usize, lookups: &mut usize) -> (String, bool) {
        // Most words are one piece of text.
        if let [Part::Literal(text)] = word.parts.as_slice() {
            return (text.clone(), true);
        }
        let mut out = String::new();
        let mut known = true;
        for part in &word.parts {
            if out.len() > MAX_RESOLVED {
                return (out, false);
            }
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Variable(name) => match self.variables.get(name) {
                    Some(Some(value)) if depth > 0 && *lookups > 0 => {
                        *lookups -= 1;
                        let (text, all) = self.expand(value, depth - 1, lookups);
                        if all {
                            out.push_str(&text);
                        } else {
                            // The name says more than half of a value.
                            known = false;
                            out.push_str(&part.shown());
                        }
                    }
                    _ => {
                        known = false;
                        out.push_str(&part.shown());
                    }
                },
                other => {
                    known = false;
                    out.push_str(&other.shown());
                }
            }
        }
        (out, known)
    }

    /// The scopes around a command, innermost first.
    pub fn scopes_of(&self, command: usize) -> impl Iterator<Item = &Scope> {
        let mut next = self.commands.get(command).map(|c| c.scope);
        std::iter::from_fn(move || {
            let scope = self.scopes.get(next?)?;
            next = scope.parent;
            Some(scope)
        })
    }

    /// Whether the scope `inner` is `outer` or stands within it.
    #[must_use]
    pub fn within(&self, inner: usize, outer: usize) -> bool {
        let mut at = Some(inner);
        while let Some(scope) = at {
            if scope == outer {
                return true;
            }
            at = self.scopes.get(scope).and_then(|s| s.parent);
        }
        false
    }
}
