//! Permissions: what each program's spelling of one allows.

use crate::graph::kinds::agents::{AgentFile, Grant, Reach};
use crate::parse::json::Value;
use crate::read::json_help::text;
use crate::source::Spanned;

/// Programs that run whatever they are given: shells, interpreters, runners of packages.
const INTERPRETERS: &[&str] = &[
    "bash",
    "bun",
    "bunx",
    "cmd",
    "dash",
    "deno",
    "docker",
    "env",
    "eval",
    "fish",
    "node",
    "npx",
    "perl",
    "php",
    "pipx",
    "powershell",
    "pwsh",
    "py",
    "python",
    "python3",
    "ruby",
    "sh",
    "ssh",
    "sudo",
    "uvx",
    "xargs",
    "zsh",
];

/// Programs that fetch from anywhere and send to anywhere.
const NETWORK: &[&str] = &["curl", "nc", "ncat", "scp", "wget", "invoke-webrequest"];

/// Tools of servers and programs that run commands.
const EXECUTES: &[&str] = &[
    "*",
    "bash",
    "exec",
    "execute_code",
    "execute_command",
    "execute_shell_command",
    "run_command",
    "run_shell_command",
    "run_terminal_cmd",
    "run_terminal_command",
    "shell",
    "shelltool",
    "terminal",
];

/// Reads `permissions.allow` of Claude Code and of Cursor.
pub(super) fn permissions(root: &Value, agent: &mut AgentFile) {
    let list = root.get("permissions").and_then(|p| p.get("allow"));
    push_all(list, "permissions.allow", agent);
}

/// Reads what Gemini CLI lets through without a question.
pub(super) fn gemini(root: &Value, agent: &mut AgentFile) {
    push_all(root.get("allowedTools"), "allowedTools", agent);
    push_all(root.get("tools").and_then(|t| t.get("allowed")), "tools.allowed", agent);
    let mode = root.get("general").and_then(|g| g.as_object()?.entry("defaultApprovalMode"));
    if let Some(mode) = mode.filter(|m| m.value.as_str() == Some("yolo")) {
        let text = Spanned::new("yolo".to_owned(), mode.span());
        agent.grants.push(Grant { text, key: "general.defaultApprovalMode", reach: Reach::Everything });
    }
}

/// Reads `permission` of opencode.
pub(super) fn open_code(root: &Value, agent: &mut AgentFile) {
    let Some(permission) = root.get("permission") else { return };
    let mut push = |value: &Value, span, text: &str, key| {
        if value.as_str() == Some("allow") {
            let text = Spanned::new(text.to_owned(), span);
            agent.grants.push(Grant { text, key, reach: Reach::Everything });
        }
    };
    push(permission, permission.span, "allow", "permission");
    for entry in permission.entries() {
        match entry.key.value.as_str() {
            "*" => push(&entry.value, entry.span(), "*", "permission"),
            "bash" => {
                push(&entry.value, entry.span(), "bash", "permission.bash");
                for pattern in entry.value.entries().iter().filter(|p| p.key.value == "*") {
                    push(&pattern.value, pattern.span(), "*", "permission.bash");
                }
            }
            _ => {}
        }
    }
    for (name, provider) in root.get("provider").and_then(Value::as_object).into_iter().flat_map(|o| o.iter()) {
        let url = provider.get("options").and_then(|options| options.as_object()?.entry("baseURL"));
        if let Some((key, value)) = url.and_then(|e| Some((e.key.clone(), text(Some(&e.value))?))) {
            agent.env.push((key.map(|key| format!("provider.{name}.options.{key}")), value));
        }
    }
}

/// Reads a list of tools that a server may use without a question.
pub(super) fn tools(list: Option<&Value>, key: &'static str, agent: &mut AgentFile) {
    for item in list.map_or(&[][..], Value::items) {
        let Some(text) = text(Some(item)) else { continue };
        let executes = EXECUTES.contains(&text.value.trim().to_ascii_lowercase().as_str());
        let reach = if executes { Reach::Everything } else { Reach::Narrow };
        agent.grants.push(Grant { text, key, reach });
    }
}

fn push_all(list: Option<&Value>, key: &'static str, agent: &mut AgentFile) {
    for item in list.map_or(&[][..], Value::items) {
        if let Some(text) = text(Some(item)) {
            let reach = reach(&text.value);
            agent.grants.push(Grant { text, key, reach });
        }
    }
}

/// How far a permission such as `Bash(npm run:*)`, `Shell(ls)` or `run_shell_command(git)` goes.
pub(super) fn reach(rule: &str) -> Reach {
    let rule = rule.trim();
    let (tool, inner) = match rule.split_once('(') {
        Some((tool, rest)) => (tool, Some(rest.strip_suffix(')').unwrap_or(rest))),
        None => (rule, None),
    };
    let tool = tool.trim().to_ascii_lowercase();
    if tool == "*" {
        return Reach::Everything;
    }
    // A prefix alone stands for the command with any arguments, but for Claude Code.
    let is_prefix = match tool.as_str() {
        "bash" | "powershell" => false,
        "shell" | "shelltool" | "run_shell_command" => true,
        _ => return Reach::Narrow,
    };
    match inner {
        None => Reach::Everything,
        Some(command) => of_command(command, is_prefix),
    }
}

/// How far a pattern of commands goes.
pub(super) fn of_command(pattern: &str, is_prefix: bool) -> Reach {
    let pattern = pattern.trim();
    let stem = pattern.trim_end_matches('*').trim_end_matches(':').trim_end();
    let is_open = is_prefix || pattern.ends_with('*');
    if stem.is_empty() {
        return Reach::Everything;
    }
    if !is_open {
        return Reach::Narrow;
    }
    let mut words = stem.split_whitespace().skip_while(|word| word.contains('=') && !word.starts_with('-'));
    let program = words.next().unwrap_or_default().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let rest: Vec<&str> = words.collect();
    // `python -m pytest:*` and `node scripts/a.js:*` run one thing; `bash -c:*` and `curl -s:*` anything.
    let is_any = match program.as_str() {
        "docker" => matches!(rest.as_slice(), [] | ["run" | "exec"]),
        "python" | "python3" | "py" => rest.iter().all(|word| word.starts_with('-') && *word != "-m"),
        _ => rest.iter().all(|word| word.starts_with('-')),
    };
    if is_any && INTERPRETERS.contains(&program.as_str()) {
        Reach::Interpreter
    } else if is_any && NETWORK.contains(&program.as_str()) {
        Reach::Network
    } else {
        Reach::Narrow
    }
}
