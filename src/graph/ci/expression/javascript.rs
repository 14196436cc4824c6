//! What steps of `actions/github-script` hand on, as far as single lines of them tell.

use super::outputs::asks;
use super::value::{Nature, Origin, Value};

/// What an output of a step of `actions/github-script` holds, as far as one line of it tells.
pub(super) fn output(text: &str, name: &str) -> Value {
    let mut out = Value::default();
    let quoted = ['\'', '"', '`'].map(|q| format!("{q}{name}{q}"));
    for line in text.lines().filter(|l| !l.trim_start().starts_with("//")) {
        let sets = line.contains("setOutput") && quoted.iter().any(|q| line.contains(q.as_str()));
        let returns = name == "result" && line.trim_start().starts_with("return ");
        if !sets && !returns {
            continue;
        }
        let handed = if sets { line.split_once(',').map_or("", |(_, rest)| rest) } else { line };
        out = out.or(javascript(text, handed));
    }
    let branch = asks(text, name);
    if out.nature() != Nature::Stranger
        && let Some(origin) = branch
    {
        return Value::of(origin);
    }
    out
}

/// What an expression of JavaScript yields, by the fields it reads; a name is looked up once.
fn javascript(text: &str, written: &str) -> Value {
    const FIELDS: &[(&str, &str, bool)] = &[
        (".head.ref", "the branch name of a pull request", false),
        (".head.label", "the branch name of a pull request", false),
        (".head_branch", "the branch name of a pull request", false),
        (".title", "a title", false),
        (".body", "a body", true),
    ];
    let changes =
        [".replace", ".match", ".includes", "===", "==", ".length", ".test(", ".startsWith", "parseInt", "Number("];
    let read = |line: &str| {
        let field = FIELDS.iter().find(|(field, ..)| ends_with_field(line, field))?;
        (!changes.iter().any(|c| line.contains(c))).then_some(field)
    };
    let name = written.trim().trim_start_matches("return ").trim_end_matches([')', ';', ' ']);
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '$'));
    let assigned = || {
        let starts = [format!("const {name} ="), format!("let {name} ="), format!("var {name} =")];
        text.lines().find(|l| starts.iter().any(|s| l.trim_start().starts_with(s.as_str())))
    };
    let found = if is_name { assigned().and_then(read) } else { read(written) };
    match found {
        Some((_, context, multiline)) => Value::of(Origin {
            multiline: *multiline,
            events: vec!["issue_comment", "issues", "pull_request", "pull_request_target", "workflow_run"],
            ..Origin::new(Nature::Stranger, *context)
        }),
        None => Value::new(Nature::Unknown, "script"),
    }
}

fn ends_with_field(line: &str, field: &str) -> bool {
    line.match_indices(field).any(|(at, _)| {
        let rest = line.get(at + field.len()..).unwrap_or("");
        !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | '.'))
    })
}
