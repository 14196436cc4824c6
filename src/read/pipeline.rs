//! What the readers of pipelines share whose services are not GitHub: scripts put together of pieces, with
//! variables that hold around them.

use std::collections::{BTreeMap, BTreeSet};

use super::yaml_help::{keyed, text};
use super::{Facts, mentions};
use crate::commands;
use crate::graph::kinds::workflow::{Pair, Script};
use crate::parse::shell::{Dialect, Options, Program};
use crate::parse::yaml::{Node, NodeKind};
use crate::parse::{Budget, Problem};
use crate::source::{Embedded, RepoPath, Span, Spanned};

/// Longest value of a variable that is put into another one.
const MAX_VALUE: usize = 4 << 10;
/// Variables followed into variables.
const MAX_EXPANSIONS: usize = 8;

/// Variables of a file or job, by name, as written.
pub(super) type Variables = BTreeMap<String, String>;

/// Keys with texts; a mapping with `value` stands for that.
pub(super) fn variables(node: Option<&Node>) -> Vec<Pair> {
    let entries = node.into_iter().flat_map(keyed);
    entries
        .filter_map(|(name, value)| {
            let written = match &value.kind {
                NodeKind::Mapping(_) => text(value.get("value"))?,
                _ => text(Some(value)).unwrap_or_else(|| Spanned::new(String::new(), value.place())),
            };
            Some((name, written))
        })
        .collect()
}

/// The values of pairs, those of later lists over those of earlier ones.
pub(super) fn table<'p>(lists: impl IntoIterator<Item = &'p [Pair]>) -> Variables {
    lists.into_iter().flatten().map(|(name, value)| (name.value.clone(), value.value.clone())).collect()
}

/// A text with the variables put in that have a known value. What is not known stays as written.
pub(super) fn expand(text: &str, known: &Variables) -> String {
    let mut out = text.to_owned();
    for _ in 0..MAX_EXPANSIONS {
        let Some(next) = expand_once(&out, known).filter(|next| next.len() <= MAX_VALUE) else { break };
        out = next;
    }
    out
}

/// One round of it; none where nothing is known.
fn expand_once(text: &str, known: &Variables) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut found = false;
    while let Some((before, after)) = rest.split_once('$') {
        out.push_str(before);
        let (name, tail) = match after.strip_prefix('{') {
            Some(inner) => inner.split_once('}').unwrap_or(("", after)),
            None => after.split_at(name_length(after)),
        };
        match known.get(name).filter(|_| is_name(name)) {
            Some(value) => {
                out.push_str(value);
                found = true;
                rest = tail;
            }
            None => {
                out.push('$');
                rest = after;
            }
        }
        if out.len() > MAX_VALUE {
            return None;
        }
    }
    out.push_str(rest);
    found.then_some(out)
}

fn name_length(text: &str) -> usize {
    text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len())
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && name_length(text) == text.len() && !text.starts_with(|c: char| c.is_ascii_digit())
}

/// Names behind a `$` in a text.
fn mentioned(text: &str) -> BTreeSet<&str> {
    let starts = text.match_indices('$').map(|(at, _)| text.get(at + 1..).unwrap_or_default());
    let names = starts.map(|rest| {
        let rest = rest.strip_prefix('{').unwrap_or(rest);
        let rest = rest.strip_prefix("env:").unwrap_or(rest);
        rest.get(..name_length(rest)).unwrap_or_default()
    });
    names.filter(|name| is_name(name)).collect()
}

/// A text of the same length with the same places.
pub(super) fn masked(text: &Embedded, same_length: &str) -> Embedded {
    let mut out = Embedded::new();
    for segment in text.segments() {
        let part = same_length.get(segment.inner.clone()).unwrap_or_default();
        if segment.verbatim {
            out.push_verbatim(part, segment.host.start);
        } else {
            out.push_replaced(part, segment.host);
        }
    }
    out
}

/// How a script is run.
#[derive(Debug, Clone)]
pub(super) struct Shell {
    /// What reads it.
    pub(super) dialect: Dialect,
    /// Whether that is a guess: what is no bash may be PowerShell.
    pub(super) is_guess: bool,
    /// What is in force at its start.
    pub(super) options: Options,
}

/// Lowers a script.
pub(super) fn script(
    text: Embedded,
    span: Span,
    shell: &Shell,
    known: &Variables,
    budget: &mut Budget,
    out: &mut Facts,
) -> Script {
    let mut dialect = shell.dialect.clone();
    let mut program = Program::read(&text.text, &dialect, budget);
    if shell.is_guess && !program.problems.is_empty() {
        let other = Program::read(&text.text, &Dialect::PowerShell, budget);
        if other.problems.is_empty() {
            (dialect, program) = (Dialect::PowerShell, other);
        }
    }
    program.options = shell.options;
    let values = mentioned(&text.text).into_iter().filter_map(|name| Some((name, expand(known.get(name)?, known))));
    for (name, value) in values.filter(|(_, value)| !value.contains('$')) {
        if !budget.take_copies(value.len().max(64), 1) {
            out.problems.push(Problem::new(span, "too many variables to know in every script"));
            break;
        }
        program.assume(name, &value);
    }
    let whole = text.host_span(0..text.text.len());
    for problem in &program.problems {
        let at = problem.span.range(text.text.len());
        out.problems.push(Problem::new(text.host_span(at), problem.message.clone()).within(whole));
    }
    let acts = commands::facts(&program);
    let folders = [RepoPath::default()];
    mentions::of_script(&acts, &folders, false, &mut out.mentions);
    mentions::of_calls(&acts, &folders, false, &mut out.mentions);
    Script { text, span, dialect, explicit_shell: true, program, acts }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_put_in_as_far_as_they_are_known() {
        let known: Variables = [("A", "x"), ("B", "${A}y"), ("LOOP", "$LOOP$LOOP"), ("C", "$D")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into();
        for (text, wanted) in
            [("$A/$B", "x/xy"), ("${A}1 $A1", "x1 $A1"), ("$C", "$D"), ("$$A ${A", "$x ${A"), ("a${}b$", "a${}b$")]
        {
            assert_eq!(expand(text, &known), wanted, "{text}");
        }
        assert!(expand("$LOOP", &known).len() <= MAX_VALUE);
    }
}
