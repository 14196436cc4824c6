//! One step: a script of some shell, or a task, which may hold a script.

use std::borrow::Cow;

use super::macros::{plain, readable};
use crate::graph::kinds::workflow::{Pair, Step, Uses};
use crate::parse::shell::{Dialect, Options};
use crate::parse::yaml::Node;
use crate::parse::{Budget, Problem};
use crate::read::Facts;
use crate::read::pipeline::{Shell, Variables, script, variables};
use crate::read::yaml_help::text;
use crate::source::Spanned;

/// What a variable known to a step costs of the budget.
const VARIABLE: usize = 8;

/// Keys that make a mapping a step.
pub(super) const KEYS: &[&str] = &["script", "bash", "pwsh", "powershell", "task", "checkout", "download", "publish"];

/// What a pool's machines run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum System {
    Unix,
    Windows,
    Unknown,
}

impl System {
    /// What the name of an image of a pool says.
    pub(super) fn of(image: &str) -> Self {
        let lower = image.to_ascii_lowercase();
        if lower.contains("windows") || lower.starts_with("win") || lower.starts_with("vs20") {
            Self::Windows
        } else if ["ubuntu", "linux", "macos"].iter().any(|word| lower.contains(word)) {
            Self::Unix
        } else {
            Self::Unknown
        }
    }
}

/// A script fails by its last command.
const OPTIONS: Options = Options { errexit: false, pipefail: false };

/// Reads a step.
pub(super) fn read(
    index: usize,
    node: &Node,
    known: &Variables,
    system: System,
    budget: &mut Budget,
    out: &mut Facts,
) -> Step {
    let with = variables(node.get("inputs"));
    let task = text(node.get("task"));
    let source = KEYS[..4].iter().find_map(|key| Some((*key, node.get(key)?)));
    let source = source.or_else(|| inline(task.as_ref()?.value.as_str(), &with, node));
    let run = source.and_then(|(kind, value)| {
        let scalar = value.as_scalar()?;
        if !budget.take_script() {
            out.problems.push(Problem::new(value.place(), "too many scripts; this one is not read"));
            return None;
        }
        let shell = shell(kind, system, &scalar.text.text);
        let env = variables(node.get("env"));
        let mut names = Cow::Borrowed(known);
        if !env.is_empty() && budget.take_items((known.len() + env.len()).saturating_mul(VARIABLE)) {
            names.to_mut().extend(env.into_iter().map(|(name, value)| (plain(&name.value), value.value)));
        }
        Some(script(readable(&scalar.text), value.place(), &shell, &names, budget, out))
    });
    Step {
        index,
        span: node.span,
        name: text(node.get("displayName")).filter(|name| !name.value.contains("${{")),
        condition: text(node.get("condition")),
        uses: task.map(|task| task.map(Uses::Other)),
        with,
        env: variables(node.get("env")),
        run,
        working_directory: text(node.get("workingDirectory")),
        continue_on_error: node.get("continueOnError").and_then(Node::as_bool) == Some(true),
        ..Step::default()
    }
}

/// The script that a task is given in the file. Source: Azure Pipelines task reference.
fn inline<'n>(task: &str, with: &[Pair], node: &'n Node) -> Option<(&'static str, &'n Node)> {
    let kind = task.split('@').next().unwrap_or_default().to_ascii_lowercase();
    let input = |key: &str| {
        with.iter()
            .find(|(name, _)| name.value.eq_ignore_ascii_case(key))
            .map(|(_, value)| value.value.to_ascii_lowercase())
    };
    let (shell, keys): (&str, &[&str]) = match kind.as_str() {
        "bash" => ("bash", &["script"]),
        "cmdline" => ("script", &["script"]),
        "powershell" => ("powershell", &["script"]),
        "azurepowershell" => ("powershell", &["Inline"]),
        "azurecli" => match input("scriptType").as_deref() {
            Some("bash") | None => ("bash", &["inlineScript"]),
            Some("batch") => ("cmd", &["inlineScript"]),
            Some(_) => ("pwsh", &["inlineScript"]),
        },
        "pythonscript" => ("python", &["script"]),
        _ => return None,
    };
    let inputs = node.get("inputs")?;
    keys.iter().find_map(|key| inputs.get(key)).map(|value| (shell, value))
}

fn shell(kind: &str, system: System, text: &str) -> Shell {
    let dialect = match kind {
        "bash" => Dialect::Bash,
        "pwsh" | "powershell" => Dialect::PowerShell,
        "cmd" => Dialect::Cmd,
        "python" => Dialect::Python,
        // `script` is cmd on Windows and bash elsewhere.
        _ if system == System::Windows || system == System::Unknown && is_cmd(text) => Dialect::Cmd,
        _ => Dialect::Bash,
    };
    Shell { dialect, is_guess: false, options: OPTIONS }
}

/// Whether a script whose machine is not known is written for cmd.
fn is_cmd(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start().to_ascii_lowercase();
        let starts = ["call ", "set ", "@echo", "rem ", "copy ", "del ", "if not exist ", "if exist ", "xcopy "];
        starts.iter().any(|start| line.starts_with(start) && !line.starts_with("set -"))
            || line.split('%').nth(1).is_some_and(|name| !name.is_empty() && !name.contains(' '))
                && line.matches('%').count() >= 2
    })
}

/// The step's place, for those that are given no name.
pub(super) fn id(node: &Node) -> Option<Spanned<String>> {
    text(node.get("name"))
}
