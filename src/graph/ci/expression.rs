//! What `${{ ... }}` may hold, and who wrote it: constants, ids, names of few characters, texts of maintainers,
//! secrets, and texts of strangers, followed through `env`, inputs, outputs and matrices.
//!
//! [`value`] answers for an expression in an [`Environment`]. What cannot be told from the files is
//! [`Nature::Unknown`], never harmless.

mod actions;
mod contexts;
mod environment;
mod evaluate;
mod javascript;
mod outputs;
mod references;
mod value;

pub(crate) use environment::{Environment, Tree};
pub(crate) use evaluate::{text, value};
pub(crate) use outputs::{printed, words};
pub(crate) use value::{Nature, Origin, Value};

use std::ops::Range;

use crate::parse::expression::embedded;

/// Whether a character may stand in a name of an expression.
fn identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// A name after `env.`, `inputs.` or the like that the expression yields as it is.
pub(crate) fn plain_name<'e>(expression: &'e str, context: &str) -> Option<&'e str> {
    let text = expression.trim();
    let (head, name) = text.split_once('.')?;
    (head.trim().eq_ignore_ascii_case(context) && !name.is_empty() && name.chars().all(identifier)).then_some(name)
}

/// Id and output name of `steps.ID.outputs.NAME`.
pub(crate) fn step_output(expression: &str) -> Option<(&str, &str)> {
    let (id, name) = expression.trim().strip_prefix("steps.")?.split_once(".outputs.")?;
    (id.chars().all(identifier) && name.chars().all(identifier)).then_some((id, name))
}

/// Expressions of a text: byte range of the whole, braces included, and the part between them.
pub(crate) fn expressions(text: &str) -> Vec<(Range<usize>, &str)> {
    embedded(text).into_iter().map(|(all, inner)| (all, text.get(inner).unwrap_or(""))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::kinds::workflow::Workflow;

    #[test]
    fn only_values_of_strangers_are_tainted() {
        for (text, expected) in [
            ("github.event.issue.title", true),
            ("github.event.pull_request['title']", true),
            ("GITHUB.HEAD_REF || github.ref_name", true),
            ("github.event_name == 'pull_request' && github.head_ref || github.ref", true),
            ("format('a {0}', github.event.comment.body)", true),
            ("toJSON(github.event)", true),
            ("(github.head_ref)", true),
            ("contains(github.event.comment.body, '/x')", false),
            ("github.head_ref == 'main'", false),
            ("github.head_ref && 'a' || 'b'", false),
            ("github.event.pull_request.head.sha", false),
            ("github.event.number", false),
            ("toJSON(github.event.pull_request.labels)", false),
            ("github.event", false),
            ("(github.event.issue || github.event.pull_request).title", true),
            ("(github.event.issue || github.event.pull_request).number", false),
            ("fromJSON(toJSON(github.event)).x", true),
            ("github.event.commits[0].message", true),
            ("case(github.event.issue.title == 'a', 'b', 'c')", false),
            ("case(true, github.event.issue.title, 'c')", true),
            ("github.event_name == 'push' && github.event.issue.title || 'x'", false),
            ("github.event.pull_request.user.login", false),
        ] {
            let (tree, workflow) = (Tree::default(), Workflow::default());
            let found = value(text, &Environment::of_workflow(&tree, &workflow));
            assert_eq!(found.nature() == Nature::Stranger, expected, "{text}: {found:?}");
        }
    }

    #[test]
    fn expressions_are_found_with_their_bytes() {
        let text = "a ${{ b }} c ${{d}} ${{ open";
        let found: Vec<_> = expressions(text).into_iter().map(|(range, inner)| (&text[range], inner)).collect();
        assert_eq!(found, [("${{ b }}", "b"), ("${{d}}", "d")]);
        assert_eq!(plain_name("env.A", "env"), Some("A"));
        assert_eq!(plain_name("env.A == 'x'", "env"), None);
    }
}
