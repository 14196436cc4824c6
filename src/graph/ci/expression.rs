//! Texts of a stranger in `${{ ... }}`: which expressions yield one. Shallow on purpose: what is not
//! certainly a stranger's text is none.

/// A stranger's text and the events that carry it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tainted {
    /// The context, as written.
    pub(crate) context: String,
    /// May hold a line break.
    pub(crate) multiline: bool,
    /// Events that fill it; empty for all.
    pub(crate) events: &'static [&'static str],
}

impl Tainted {
    /// The context itself, without the way by which it comes.
    pub(crate) fn source(&self) -> &str {
        self.context.split_once(" by env.").map_or(self.context.as_str(), |(source, _)| source).trim_matches('`')
    }
}

const PULL: &[&str] = &["pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment"];
const ISSUE: &[&str] = &["issues", "issue_comment"];
const COMMENT: &[&str] = &["issue_comment", "discussion_comment", "pull_request_review_comment", "commit_comment"];
const DISCUSSION: &[&str] = &["discussion", "discussion_comment"];
const RUN: &[&str] = &["workflow_run"];

/// Contexts, whether they may hold line breaks, and the events that fill them. Names of branches
/// hold no spaces, but `$(...)`, `;` and `"` are allowed in them (git-check-ref-format).
const CONTEXTS: &[(&str, bool, &[&str])] = &[
    ("github.head_ref", false, &["pull_request", "pull_request_target"]),
    ("github.event.pull_request.title", false, PULL),
    ("github.event.pull_request.body", true, PULL),
    ("github.event.pull_request.head.ref", false, PULL),
    ("github.event.pull_request.head.label", false, PULL),
    ("github.event.pull_request.head.repo.default_branch", false, PULL),
    ("github.event.pull_request.head.repo.description", false, PULL),
    ("github.event.pull_request.head.repo.homepage", false, PULL),
    ("github.event.issue.title", false, ISSUE),
    ("github.event.issue.body", true, ISSUE),
    ("github.event.comment.body", true, COMMENT),
    ("github.event.review.body", true, &["pull_request_review"]),
    ("github.event.discussion.title", false, DISCUSSION),
    ("github.event.discussion.body", true, DISCUSSION),
    ("github.event.workflow_run.head_branch", false, RUN),
    ("github.event.workflow_run.display_title", false, RUN),
    ("github.event.workflow_run.head_commit.message", true, RUN),
    ("github.event.workflow_run.head_commit.author.name", false, RUN),
    ("github.event.workflow_run.head_commit.author.email", false, RUN),
    ("github.event.workflow_run.head_repository.description", false, RUN),
];

/// Whole objects that hold such texts, for `toJSON`.
const OBJECTS: &[(&str, &[&str])] = &[
    ("github", &[]),
    ("github.event", &[]),
    ("github.event.pull_request", PULL),
    ("github.event.pull_request.head", PULL),
    ("github.event.issue", ISSUE),
    ("github.event.comment", COMMENT),
    ("github.event.discussion", DISCUSSION),
    ("github.event.workflow_run", RUN),
];

/// Whether a character may stand in a name of an expression.
pub(crate) fn identifier(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '_' | '-')
}

/// Parts of an expression followed; a hostile one has more.
const MAX_DEPTH: usize = 16;

/// A stranger's text that an expression may yield, given without its braces.
pub(crate) fn tainted(expression: &str) -> Option<Tainted> {
    value(expression, false, 0)
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
pub(crate) fn expressions(text: &str) -> Vec<(std::ops::Range<usize>, &str)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("${{")).map(|at| at + from) {
        let Some(length) = text.get(start..).and_then(|rest| rest.find("}}")) else { break };
        let end = start + length + 2;
        out.push((start..end, text.get(start + 3..end - 2).unwrap_or("").trim()));
        from = end;
    }
    out
}

fn value(text: &str, json: bool, depth: usize) -> Option<Tainted> {
    let text = text.trim();
    if depth > MAX_DEPTH {
        return None;
    }
    let alternatives = split(text, "||");
    if alternatives.len() > 1 {
        return alternatives.into_iter().find_map(|part| value(part, json, depth + 1));
    }
    // `a && b` yields `b`, or an `a` that is empty.
    if let [.., last] = split(text, "&&").as_slice()
        && last.len() < text.len()
    {
        return value(last, json, depth + 1);
    }
    if text.starts_with('!') || ["==", "!=", "<", ">"].iter().any(|op| split(text, op).len() > 1) {
        return None;
    }
    if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        return value(inner, json, depth + 1);
    }
    if let Some((name, arguments)) = text.strip_suffix(')').and_then(|t| t.split_once('(')) {
        let json = name.trim().eq_ignore_ascii_case("tojson");
        let passes = json || ["format", "join", "fromjson"].iter().any(|f| name.trim().eq_ignore_ascii_case(f));
        return passes
            .then(|| split(arguments, ",").into_iter().find_map(|part| value(part, json, depth + 1)))
            .flatten();
    }
    let name = text.to_ascii_lowercase().replace("['", ".").replace("']", "");
    if let Some((_, multiline, events)) = CONTEXTS.iter().find(|(context, ..)| *context == name) {
        return Some(Tainted { context: text.to_owned(), multiline: *multiline, events });
    }
    let (_, events) = OBJECTS.iter().filter(|_| json).find(|(object, _)| *object == name)?;
    Some(Tainted { context: format!("toJSON({text})"), multiline: true, events })
}

/// Parts between an operator that stands outside of quotes and calls.
fn split<'t>(text: &'t str, operator: &str) -> Vec<&'t str> {
    let mut parts = Vec::new();
    let (mut quoted, mut open, mut from) = (false, 0usize, 0);
    let mut skip = 0;
    for (at, c) in text.char_indices() {
        if at < skip {
            continue;
        }
        match c {
            '\'' => quoted = !quoted,
            '(' | '[' if !quoted => open += 1,
            ')' | ']' if !quoted => open = open.saturating_sub(1),
            _ if !quoted && open == 0 && text.get(at..).is_some_and(|rest| rest.starts_with(operator)) => {
                parts.extend(text.get(from..at));
                skip = at + operator.len();
                from = skip;
            }
            _ => {}
        }
    }
    parts.extend(text.get(from..));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(tainted(text).is_some(), expected, "{text}");
        }
    }

    #[test]
    fn expressions_are_found_with_their_bytes() {
        let text = "a ${{ b }} c ${{d}} ${{ open";
        let found: Vec<_> = expressions(text).into_iter().map(|(range, inner)| (&text[range], inner)).collect();
        assert_eq!(found, [("${{ b }}", "b"), ("${{d}}", "d")]);
        assert_eq!(step_output(" steps.pr.outputs.head_ref "), Some(("pr", "head_ref")));
        assert_eq!(plain_name("env.A", "env"), Some("A"));
        assert_eq!(plain_name("env.A == 'x'", "env"), None);
    }
}
