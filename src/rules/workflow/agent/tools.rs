//! What an agent may do, by its inputs and options.

use super::table::{Action, Usual};
use crate::graph::kinds::workflow::Step;
use crate::source::{FileId, Place, Spanned};

/// What an agent may do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::rules::workflow) enum Tools {
    /// Answers, and nothing else.
    None,
    /// Some tools: edits, comments, named commands.
    Some(String),
    /// Any command, by what.
    Shell(String),
}

/// Words that let Claude Code run any command.
const ANY_COMMAND: &[&str] = &["Bash", "Bash(*)", "Bash(:*)", "Bash(**)"];
/// Commands that run others, or send what they are given to anybody: allowing one of them allows all.
const AS_GOOD_AS_ANY: &[&str] = &[
    "bash", "sh", "python", "python3", "node", "npx", "npm", "pnpm", "yarn", "bun", "uv", "uvx", "pip", "make", "curl",
    "wget", "env", "xargs", "find", "awk", "perl", "ruby", "cargo", "go", "docker", "ssh", "git", "pytest",
];
/// Texts in inputs that take the limits away.
const UNLIMITED: &[&str] = &[
    "--dangerously-skip-permissions",
    "bypassPermissions",
    "danger-full-access",
    "--dangerously-bypass-approvals-and-sandbox",
    "--yolo",
];

/// The tools of an action's step, and inputs that take its limits away.
pub(super) fn of_action(known: &Action, step: &Step, file: FileId) -> (Tools, Vec<(String, Place)>) {
    let mut unlimited = Vec::new();
    let inputs: Vec<(&str, &Spanned<String>)> =
        known.limits.iter().filter_map(|name| Some((*name, step.input(name)?))).collect();
    for (name, value) in &inputs {
        let place = Place::new(file, value.span);
        let says = UNLIMITED.iter().find(|text| value.value.contains(**text));
        let unsafe_strategy = *name == "safety-strategy" && value.value.trim() == "unsafe";
        if let Some(text) = says {
            unlimited.push((format!("{name}: {text}"), place));
        } else if unsafe_strategy {
            unlimited.push((format!("{name}: unsafe"), place));
        }
    }
    if let Some((what, _)) = unlimited.first() {
        return (Tools::Shell(what.clone()), unlimited);
    }
    let tools = match known.usual {
        Usual::Shell if known.limits.contains(&"settings") => gemini(&inputs),
        Usual::Shell => Tools::Shell("it runs commands unless it is told otherwise".to_owned()),
        Usual::Sandboxed => sandboxed(&inputs),
        Usual::Edits => {
            let named = inputs.iter().flat_map(|(_, value)| claude_tools(&value.value));
            claude(named).unwrap_or_else(|| Tools::Some("edits of files".to_owned()))
        }
        Usual::Answers => {
            let mcp = step.input("enable-github-mcp").is_some_and(|v| v.value.trim() == "true");
            if mcp { Tools::Some("GitHub's own tools".to_owned()) } else { Tools::None }
        }
    };
    (tools, unlimited)
}

fn sandboxed(inputs: &[(&str, &Spanned<String>)]) -> Tools {
    let read_only = inputs.iter().any(|(name, value)| {
        matches!(*name, "sandbox" | "safety-strategy" | "permission-profile") && value.value.contains("read-only")
    });
    if read_only { Tools::None } else { Tools::Some("commands in a sandbox".to_owned()) }
}

/// Gemini's settings: without a list of core tools it has all of them, and the action starts it with
/// `--yolo`. A name in brackets limits the shell to commands that begin so.
fn gemini(inputs: &[(&str, &Spanned<String>)]) -> Tools {
    let Some((_, settings)) = inputs.iter().find(|(name, _)| *name == "settings") else {
        return Tools::Shell("no `settings` name its core tools, so it has all, the shell among them".to_owned());
    };
    let text = settings.value.as_str();
    let list = ["\"coreTools\"", "\"core\""].iter().find_map(|key| {
        let (_, rest) = text.split_once(key)?;
        let (_, rest) = rest.split_once('[')?;
        Some(rest.split_once(']').map_or(rest, |(list, _)| list))
    });
    let Some(list) = list else {
        return Tools::Shell("its `settings` name no core tools, so it has all, the shell among them".to_owned());
    };
    let named: Vec<&str> = list.split(['"', '\n']).map(str::trim).filter(|t| t.len() > 1).collect();
    let shell = |tool: &&&str| matches!(**tool, "run_shell_command" | "ShellTool");
    if let Some(tool) = named.iter().find(shell) {
        return Tools::Shell(format!("core tool `{tool}`"));
    }
    let in_brackets = |tool: &str| {
        let inner = tool.strip_prefix("run_shell_command(").or_else(|| tool.strip_prefix("ShellTool("))?;
        inner.split([' ', ')']).next().map(str::to_owned)
    };
    if let Some(tool) = named.iter().find(|t| in_brackets(t).is_some_and(|c| AS_GOOD_AS_ANY.contains(&c.as_str()))) {
        return Tools::Shell(format!("core tool `{tool}`"));
    }
    if named.is_empty() { Tools::None } else { Tools::Some(listed(&named)) }
}

/// What names of Claude Code's tools allow; none where there are no names.
pub(super) fn claude(named: impl Iterator<Item = String>) -> Option<Tools> {
    let named: Vec<String> = named.collect();
    if named.is_empty() {
        return None;
    }
    let any = |tool: &&String| {
        let command = tool.strip_prefix("Bash(").map(|c| c.split([' ', ':', ')', '*']).next().unwrap_or(""));
        ANY_COMMAND.contains(&tool.as_str()) || command.is_some_and(|c| AS_GOOD_AS_ANY.contains(&c) && !is_narrow(tool))
    };
    if let Some(tool) = named.iter().find(any) {
        return Some(Tools::Shell(format!("tool `{tool}`")));
    }
    let names: Vec<&str> = named.iter().map(String::as_str).collect();
    let reads = |tool: &str| {
        matches!(
            tool,
            "Read" | "Grep" | "Glob" | "LS" | "Task" | "TodoWrite" | "Agent" | "Skill" | "View" | "BashOutput"
        )
    };
    Some(if names.iter().all(|t| reads(t)) { Tools::None } else { Tools::Some(listed(&names)) })
}

/// Whether a command is held to a subcommand that runs and sends nothing: `Bash(git diff:*)`.
fn is_narrow(tool: &str) -> bool {
    const READING: &[&str] = &[
        "diff",
        "log",
        "show",
        "status",
        "blame",
        "grep",
        "ls-files",
        "branch",
        "fetch",
        "rev-parse",
        "add",
        "commit",
        "merge-base",
        "describe",
    ];
    tool.strip_prefix("Bash(git ").is_some_and(|rest| READING.iter().any(|sub| rest.starts_with(sub)))
}

/// Names of tools in arguments, a list, or settings in JSON.
fn claude_tools(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let options = ["--allowedTools", "--allowed-tools"];
    let has_option = options.iter().any(|o| text.contains(o));
    if has_option {
        for (at, _) in text.match_indices("--allowed") {
            let rest = text.get(at..).unwrap_or("");
            let rest =
                rest.trim_start_matches(|c: char| c.is_alphanumeric() || c == '-').trim_start_matches(['=', ' ', '\n']);
            out.extend(names(until_option(rest)));
        }
    } else if text.trim_start().starts_with('{') {
        if let Some(list) = text.split_once("\"allow\"").and_then(|(_, r)| r.split_once('[')).map(|(_, r)| r) {
            out.extend(names(list.split_once(']').map_or(list, |(list, _)| list)));
        }
    } else if !text.trim_start().starts_with('-') {
        out.extend(names(text));
    }
    out
}

/// A text up to the next option.
fn until_option(text: &str) -> &str {
    let mut depth = 0usize;
    for (at, c) in text.char_indices() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            '-' if depth == 0 && text.get(at..).is_some_and(|r| r.starts_with("--")) => {
                return text.get(..at).unwrap_or(text);
            }
            _ => {}
        }
    }
    text
}

/// Names in a list: separated by commas, blanks or lines, outside of brackets.
pub(super) fn names(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let (mut depth, mut name) = (0usize, String::new());
    for c in text.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (c == ',' || c.is_whitespace() || matches!(c, '"' | '\'' | '\\')) {
            out.push(std::mem::take(&mut name));
        } else {
            name.push(c);
        }
    }
    out.push(name);
    let is_tool =
        |name: &String| name.chars().next().is_some_and(|c| c.is_ascii_uppercase()) || name.starts_with("mcp__");
    out.retain(is_tool);
    out
}

/// The first few.
fn listed(names: &[&str]) -> String {
    let more = names.len().saturating_sub(3);
    let shown = names.iter().take(3).map(|n| format!("`{n}`")).collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{shown} and {more} more") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> &'static str {
        match claude(claude_tools(text).into_iter()) {
            None => "usual",
            Some(Tools::None) => "none",
            Some(Tools::Some(_)) => "some",
            Some(Tools::Shell(_)) => "shell",
        }
    }

    #[test]
    fn tools_of_claude_are_read_from_arguments_lists_and_settings() {
        for (text, expected) in [
            ("--model opus", "usual"),
            ("--allowedTools Edit,Write", "some"),
            ("--allowedTools \"Read,Grep\" --model x", "none"),
            ("--allowed-tools Bash(uv:*) Bash(gh:*)", "shell"),
            ("--allowedTools 'Bash(gh pr comment:*),Bash(git diff *)'", "some"),
            ("--allowedTools \"Bash,Read\"", "shell"),
            ("Bash(*)", "shell"),
            ("Bash(git push:*)", "shell"),
            ("Bash(git diff:*)\nRead", "some"),
            (
                "{\"permissions\": {\"allow\": [\"Write(src/**)\", \"Edit(a/**)\"], \"deny\": [\"Bash(git *)\"]}}",
                "some",
            ),
            ("{\"permissions\": {\"allow\": [\"Bash(*)\"]}}", "shell"),
            ("settings.json", "usual"),
        ] {
            assert_eq!(of(text), expected, "{text}");
        }
    }
}
