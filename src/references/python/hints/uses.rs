//! What is done with a text, as far as it can be seen where it stands.

use super::{WRITERS, compares};
use crate::references::python::calls::{Looker, is_look};
use crate::references::python::scope::{How, Literal, Opens};

/// Bytes behind a text that are searched for what is done with it: whoever loads it farther away is a call of its own.
const NEAR: usize = 4_096;

impl<'t> Looker<'_, 't, '_> {
    /// Whether a text is given to something that writes, shows or compares it.
    pub(super) fn is_written(&self, literal: &Literal<'t>) -> bool {
        literal.call.is_some_and(|call| {
            let call = &self.scopes().calls[call];
            is_look(call) || call.function.last_name().is_some_and(|name| WRITERS.contains(&name))
        })
    }

    /// Whether a variable of a function becomes a part of paths and texts only, or is handed only to functions of the
    /// tree that keep it: where one of those loads it, the call that does says so.
    pub(super) fn is_no_model(&self, literal: &Literal<'t>) -> bool {
        const KEEPS: &[&str] =
            &["upsert", "insert", "store", "write", "record", "log", "join", "Path", "open", "exists"];
        let scopes = self.scopes();
        let is_local = matches!(scopes.scopes[literal.scope].opens, Opens::Function { .. });
        if literal.how != How::Assigned || !is_local {
            return false;
        }
        let given = scopes.given_to(literal.scope, literal.to);
        if !given.is_empty() {
            return given.iter().all(|name| KEEPS.iter().any(|word| name.trim_start_matches('_').starts_with(word)));
        }
        // `f"data/{name}/x"`, and no other use of it nearby.
        let near = usize::try_from(literal.text.span.end).ok().and_then(|from| scopes.module.text.get(from..));
        let text = near.map_or("", |text| text.get(..text.floor_char_boundary(NEAR)).unwrap_or(text));
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let mut uses = 0;
        for (at, _) in text.match_indices(literal.to) {
            let (Some(before), Some(behind)) = (text.get(..at), text.get(at + literal.to.len()..)) else {
                return false;
            };
            let is_set = behind.trim_start().starts_with('=') && !behind.trim_start().starts_with("==");
            if is_set || is_word(before.chars().next_back()) || is_word(behind.chars().next()) {
                continue;
            }
            let line = before.rsplit('\n').next().unwrap_or(before);
            if !(before.ends_with("/{") || before.ends_with('{') && behind.starts_with("}/")) || line.contains("://") {
                return false;
            }
            uses += 1;
        }
        uses > 0
    }

    /// Whether an address is given to nothing but functions that look at it or compare it.
    pub(super) fn is_compared(&self, literal: &Literal<'t>) -> bool {
        let scopes = self.scopes();
        if let Some(call) = literal.call {
            return scopes.calls[call].function.last_name().is_some_and(compares);
        }
        let is_kept = literal.how == How::Assigned && literal.scope != 0;
        let given = if is_kept { scopes.given_to(literal.scope, literal.to) } else { &[] };
        !given.is_empty() && given.iter().all(|name| compares(name))
    }

    /// Whether the page of a data set is given to something that brings it, by its name: `prepare_data(..)`.
    pub(super) fn is_fetched(&self, literal: &Literal<'t>) -> bool {
        const WORDS: &[&str] = &["prepare", "download", "fetch", "load", "clone"];
        let name = literal.call.and_then(|call| self.scopes().calls[call].function.last_name());
        name.is_some_and(|name| WORDS.iter().any(|word| name.contains(word)) && !compares(name))
            && !self.is_written(literal)
    }
}
