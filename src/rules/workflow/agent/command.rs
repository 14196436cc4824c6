//! Agents that a script starts by their command.

use super::Agent;
use super::table::{PROGRAMS, Program, Usual};
use super::tools::{self, Tools};
use crate::parse::shell::Invocation;
use crate::rules::workflow::reach::{Piece, Run};
use crate::source::Place;

/// Bytes of a script from which on its commands are looked at instead of its text.
const LONG: usize = 256 << 10;

/// The agents that a script starts.
pub(super) fn agents<'a>(run: &Run<'a>, piece: &Piece<'a>) -> Vec<Agent<'a>> {
    let script = piece.script;
    let mut out = Vec::new();
    // Most scripts start no agent, and their text tells so at once. Those of megabytes are manifests and few
    // commands.
    let says = |text: &str| script.text.text.contains(text);
    if script.text.text.len() < LONG && !PROGRAMS.iter().any(|p| says(p.name) && p.headless.iter().any(|h| says(h))) {
        return out;
    }
    for command in &script.program.commands {
        let Some((known, args)) = Invocation::of(&script.program, command).and_then(|call| known(&call)) else {
            continue;
        };
        let text = |at: usize| args.get(at).map(String::as_str);
        let says = |option: &str| match option.split_once('=') {
            Some((name, value)) => {
                args.iter().enumerate().any(|(at, a)| a == option || (a == name && text(at + 1) == Some(value)))
            }
            None => args.iter().any(|a| a == option),
        };
        if !known.headless.iter().any(|h| says(h)) {
            continue;
        }
        let place = Place::new(run.file, script.text.host_span(command.range.clone()));
        let unlimited_by: Vec<(String, Place)> =
            known.unlimited.iter().filter(|o| says(o)).map(|o| (o.replace('=', " "), place)).collect();
        let allowed = args.iter().enumerate().filter_map(|(at, a)| {
            let (name, value) = a.split_once('=').map_or((a.as_str(), None), |(n, v)| (n, Some(v)));
            known.allows.contains(&name).then(|| value.or(text(at + 1)).unwrap_or("").to_owned())
        });
        let allowed: Vec<String> = allowed.collect();
        let tools = match (unlimited_by.first(), known.usual) {
            (Some((what, _)), _) => Tools::Shell(format!("`{what}`")),
            (None, Usual::Shell) => Tools::Shell("it runs commands unless it is told otherwise".to_owned()),
            (None, Usual::Sandboxed) => Tools::Some("commands in a sandbox".to_owned()),
            (None, Usual::Edits) => Tools::Some("edits of files".to_owned()),
            (None, Usual::Answers) => {
                tools::claude(allowed.iter().flat_map(|a| tools::names(a))).unwrap_or(Tools::None)
            }
        };
        out.push(Agent {
            name: known.name.to_owned(),
            place,
            step: piece.step,
            checks_person: false,
            opened_by: None,
            reads_event: false,
            tools,
            unlimited_by,
        });
    }
    out
}

/// The program that is called, by its name or by the package that brings it, and its arguments.
fn known(call: &Invocation<'_>) -> Option<(&'static Program, Vec<String>)> {
    let args = |from: usize| call.args.iter().skip(from).map(|a| a.text.clone()).collect::<Vec<_>>();
    if let Some(program) = PROGRAMS.iter().find(|p| p.name == call.name) {
        return Some((program, args(0)));
    }
    if !matches!(call.name.as_str(), "npx" | "bunx" | "uvx" | "pnpx" | "pipx") {
        return None;
    }
    let at = call.args.iter().position(|a| !a.text.starts_with('-') && a.text != "run")?;
    let package = call.args.get(at)?.text.as_str();
    // `@scope/name@version`: the version begins at the second sign.
    let end = package.get(1..).and_then(|rest| rest.find('@')).map_or(package.len(), |i| i + 1);
    let name = package.get(..end).unwrap_or(package);
    let program = PROGRAMS.iter().find(|p| p.name == name || p.packages.contains(&name))?;
    Some((program, args(at + 1)))
}
