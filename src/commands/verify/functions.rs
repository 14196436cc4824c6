//! Calls of functions of the script that check what they are given.

use crate::commands::act::{Act, ActKind, Check};
use crate::commands::context::is_fatal;
use crate::commands::site::Site;
use crate::parse::shell::{Function, Invocation, Part, Program};

/// Checks taken over from one function.
const MAX_INNER: usize = 8;
/// Functions looked for by name.
const MAX_FUNCTIONS: usize = 256;

/// A call of a function that checks its arguments is a check of them.
pub(super) fn recognise(site: &Site<'_>, acts: &mut Vec<Act>) -> bool {
    let program = site.program;
    let Some(function) = program.functions.iter().take(MAX_FUNCTIONS).find(|f| f.name == site.call.name) else {
        return false;
    };
    if function.commands.contains(&site.index) {
        return false;
    }
    let start = acts.partition_point(|a| a.command < function.commands.start);
    let end = acts.partition_point(|a| a.command < function.commands.end);
    let inner: Vec<ActKind> =
        acts.get(start..end).unwrap_or_default().iter().map(|a| a.kind.clone()).take(1_000).collect();
    let mut found = false;
    for kind in inner.into_iter().filter(|k| matches!(k, ActKind::Verify { .. })).take(MAX_INNER) {
        let ActKind::Verify { kind, check, targets, fatal } = kind else { continue };
        let given: Vec<Option<String>> = targets.iter().map(|t| argument(program, function, t, &site.call)).collect();
        if given.is_empty() || given.iter().all(Option::is_none) {
            continue;
        }
        let targets = targets.into_iter().zip(given).map(|(own, given)| given.unwrap_or(own)).collect();
        let check = match check {
            Check::Variable(name) => passed(program, function, &name, site),
            Check::File(path) => argument(program, function, &path, &site.call).map_or(Check::File(path), Check::File),
            other => other,
        };
        // `exit` and `set -e` inside end the script wherever it is called; a `return` needs its caller.
        let fatal = fatal && (exits(program, function) || is_fatal(program, site.index));
        acts.push(site.act(ActKind::Verify { kind, check, targets, fatal }));
        found = true;
    }
    found
}

fn exits(program: &Program, function: &Function) -> bool {
    let commands = program.commands.get(function.commands.clone()).unwrap_or_default();
    commands.iter().filter_map(|c| c.name.as_ref()?.literal()).any(|n| matches!(n.as_str(), "exit" | "die" | "fail"))
}

/// The argument of a call that a text within the function stands for: `${1}`, or a variable that holds it.
pub(super) fn argument(program: &Program, function: &Function, text: &str, call: &Invocation<'_>) -> Option<String> {
    let mut out = String::new();
    let mut rest = text;
    let mut any = false;
    while let Some((before, after)) = rest.split_once("${") {
        let (name, later) = after.split_once('}')?;
        let number = position(program, function, name)?;
        out.push_str(before);
        out.push_str(&call.args.get(number.checked_sub(1)?)?.text);
        any = true;
        rest = later;
    }
    out.push_str(rest);
    any.then_some(out)
}

/// Which argument of a function a variable holds.
fn position(program: &Program, function: &Function, name: &str) -> Option<usize> {
    if let Ok(number) = name.parse::<usize>() {
        return Some(number);
    }
    let commands = program.commands.get(function.commands.clone())?;
    let value = commands.iter().flat_map(|c| &c.assignments).find(|a| a.name == name)?;
    match value.value.parts.as_slice() {
        [Part::Variable(number)] => number.parse().ok(),
        // `${1:-default}`, `${1:?message}`
        [Part::Other(text)] => {
            let digits: String = text.trim_start_matches(['$', '{']).chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        }
        _ => None,
    }
}

/// Where the digest comes from that a call passes on.
fn passed(program: &Program, function: &Function, name: &str, site: &Site<'_>) -> Check {
    let arg = position(program, function, name).and_then(|n| site.call.args.get(n.checked_sub(1)?));
    arg.map_or_else(|| Check::Variable(name.to_owned()), |arg| super::expected::of(program, site.index, arg.word))
}
