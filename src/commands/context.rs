//! What becomes of a command's failure.

use crate::parse::shell::{Command, Invocation, ListOp, Program, ScopeKind};

/// Whether a failing command ends the script at this one: the last `set -e` or `set +e` before it.
#[must_use]
pub fn errexit_at(program: &Program, command: usize) -> bool {
    option_at(program, command, 'e', "errexit", program.options.errexit)
}

/// Whether a pipeline fails with any of its stages at this command.
#[must_use]
pub fn pipefail_at(program: &Program, command: usize) -> bool {
    option_at(program, command, '\0', "pipefail", program.options.pipefail)
}

fn option_at(program: &Program, command: usize, letter: char, name: &str, start: bool) -> bool {
    let mut on = start;
    for set in program.commands.get(..command).unwrap_or_default() {
        if set.name.as_ref().and_then(|n| n.literal()).as_deref() != Some("set") {
            continue;
        }
        let args: Vec<String> = set.args.iter().filter_map(|a| a.literal()).collect();
        for (index, arg) in args.iter().enumerate() {
            let sign = match arg.as_bytes().first() {
                Some(b'-') => true,
                Some(b'+') => false,
                _ => continue,
            };
            let letters = arg.get(1..).unwrap_or_default();
            let named = letters.contains('o') && args.get(index + 1).is_some_and(|a| a == name);
            if named || letters.contains(letter) {
                on = sign;
            }
        }
    }
    on
}

/// Whether a failure of this command ends the script, by `set -e` or by an `exit` written for it.
#[must_use]
pub fn is_fatal(program: &Program, index: usize) -> bool {
    let Some(command) = program.commands.get(index) else { return false };
    if command.background {
        return false;
    }
    if !is_pipeline_status(program, index, command.pipeline, command.position) {
        return false;
    }
    let mut negated = is_negated(program, command) != tests_difference(command);
    let mut list = command.list;
    let mut scope = Some(command.scope);
    let mut at = index;
    // That of the shell around it, once a shell inside is left.
    let mut pipeline_here = command.pipeline;
    // Outward: a failure of the last command of a group is the group's.
    loop {
        if let Some(position) = list {
            match chain(program, position.list, position.item, negated) {
                Chain::Ends => return true,
                Chain::Passed => {}
                // `check && use` at the end of the script: its status is the script's.
                Chain::Left if ends_list(program, position.list, scope) => return true,
                Chain::Left | Chain::Swallowed => return false,
            }
        }
        let Some(inner) = scope.and_then(|s| program.scopes.get(s)) else { break };
        match &inner.kind {
            ScopeKind::Script => break,
            ScopeKind::Condition(id) => {
                let branch = |kind: &ScopeKind| match kind {
                    ScopeKind::Then(then) => negated && then == id,
                    ScopeKind::Else(other) => !negated && other == id,
                    _ => false,
                };
                let scopes = program.scopes.iter().filter(|s| branch(&s.kind));
                return scopes.into_iter().any(|s| ends(program, s.commands.clone()));
            }
            // Its status is lost in the word, or not waited for.
            ScopeKind::Substitution(owner) => {
                // `x=$(cmd)` takes over the status.
                let kept = program.commands.get(*owner).is_some_and(|c| c.name.is_none());
                if !kept {
                    return false;
                }
            }
            ScopeKind::ProcessSubstitution(_) => return false,
            // `bash -c` starts without the outer shell's options: only its last status counts.
            ScopeKind::NestedShell(owner) => {
                // What it checks for is used inside, as a rule; and it is the inner script that ends.
                if sets_errexit(program, inner.commands.start..index) || starts_with_errexit(program, *owner) {
                    return !is_negated(program, command) && !tests_difference(command);
                }
                if inner.commands.end != end_of(program, at) {
                    return false;
                }
                pipeline_here = program.commands.get(*owner).map_or(pipeline_here, |c| c.pipeline);
            }
            _ => {}
        }
        if let Some((pipeline, position)) = inner.stage
            && !is_pipeline_status(program, index, pipeline, position)
        {
            return false;
        }
        at = inner.commands.start;
        list = inner.list;
        scope = inner.parent;
        negated = false;
    }
    // Without `set -e` the last command's status is still the script's.
    let last = ends_script(program, pipeline_here);
    (errexit_at(program, index) || last) && !is_negated(program, command) && !tests_difference(command)
}

/// `! a | b` turns the status of the whole pipeline around, and is written before its first stage.
fn is_negated(program: &Program, command: &Command) -> bool {
    let first = program.pipelines.get(command.pipeline).and_then(|p| p.stages.first()).map(|s| s.start);
    command.negated || first.and_then(|first| program.commands.get(first)).is_some_and(|first| first.negated)
}

/// Whether nothing of the script stands behind a pipeline.
fn ends_script(program: &Program, pipeline: usize) -> bool {
    let end = program.pipelines.get(pipeline).and_then(|p| p.stages.last()).map(|s| s.end);
    end.is_some() && end == program.scopes.first().map(|s| s.commands.end)
}

/// Whether a chain stands in the script itself with nothing behind it.
fn ends_list(program: &Program, list: usize, scope: Option<usize>) -> bool {
    if !scope.and_then(|s| program.scopes.get(s)).is_some_and(|s| s.kind == ScopeKind::Script) {
        return false;
    }
    let end = program.lists.get(list).and_then(|l| l.items.last()).map(|i| i.commands.end);
    end.is_some() && end == program.scopes.first().map(|s| s.commands.end)
}

/// Whether one of these commands is `set -e`.
fn sets_errexit(program: &Program, commands: std::ops::Range<usize>) -> bool {
    program.commands.get(commands).unwrap_or_default().iter().any(|c| {
        c.name.as_ref().and_then(|n| n.literal()).as_deref() == Some("set")
            && c.args.iter().filter_map(|a| a.literal()).any(|a| a.starts_with('-') && a.contains('e'))
    })
}

/// Whether a shell is started as `bash -e`.
fn starts_with_errexit(program: &Program, owner: usize) -> bool {
    let call = program.commands.get(owner).and_then(|c| Invocation::of(program, c));
    let options = call.iter().flat_map(|c| &c.args).take_while(|a| a.text.starts_with('-'));
    options.into_iter().any(|a| !a.text.starts_with("--") && a.text.contains('e'))
}

/// One past the last command nested in this one.
fn end_of(program: &Program, index: usize) -> usize {
    let pipeline = program.commands.get(index).and_then(|c| program.pipelines.get(c.pipeline));
    pipeline.and_then(|p| p.stages.last()).map_or(index + 1, |s| s.end)
}

/// Whether a stage's status is its pipeline's. `grep` and `tee` behind a check pass on or restate
/// what it printed; only the first does so with a status.
fn is_pipeline_status(program: &Program, index: usize, pipeline: usize, position: usize) -> bool {
    let Some(pipeline) = program.pipelines.get(pipeline) else { return true };
    if position + 1 >= pipeline.stages.len() || pipefail_at(program, index) {
        return true;
    }
    pipeline.stages.get(position + 1..).unwrap_or_default().iter().all(|stage| {
        let call = program.commands.get(stage.start).and_then(|c| Invocation::of(program, c));
        call.is_some_and(|c| c.name == "grep" && c.args.iter().any(|a| a.text.contains("OK")))
    })
}

enum Chain {
    Ends,
    Passed,
    /// The rest of the chain is left out, and the shell goes on behind it.
    Left,
    Swallowed,
}

fn chain(program: &Program, list: usize, item: usize, negated: bool) -> Chain {
    let Some(list) = program.lists.get(list) else { return Chain::Passed };
    let after = list.items.get(item + 1..).unwrap_or_default();
    let caught = if negated { ListOp::And } else { ListOp::Or };
    match after.iter().find(|i| i.op == Some(caught)) {
        // `check || exit 1`, `! check && exit 1`
        Some(next) => {
            if ends(program, next.commands.clone()) {
                Chain::Ends
            } else {
                Chain::Swallowed
            }
        }
        None if after.is_empty() => Chain::Passed,
        // `check && break` in a loop of attempts, `check && return`: only what passed goes on from there.
        None if !negated && after.iter().any(|i| leaves(program, i.commands.clone())) => Chain::Ends,
        None if negated => Chain::Swallowed,
        None => Chain::Left,
    }
}

/// Whether these commands leave a loop or a function, and no failure is told.
fn leaves(program: &Program, commands: std::ops::Range<usize>) -> bool {
    program.commands.get(commands).unwrap_or_default().iter().any(|command| {
        let name = command.name.as_ref().and_then(|n| n.literal()).unwrap_or_default();
        let status = command.args.first().and_then(|a| a.literal());
        name == "break" || (name == "return" && status.is_none_or(|s| s == "0"))
    })
}

/// Whether these commands leave the script with a failure.
fn ends(program: &Program, commands: std::ops::Range<usize>) -> bool {
    program.commands.get(commands).unwrap_or_default().iter().any(|command| {
        let name = command.name.as_ref().and_then(|n| n.literal()).unwrap_or_default();
        let first = command.args.first().and_then(|a| a.literal());
        match name.as_str() {
            "exit" | "return" => first.as_deref() != Some("0"),
            "false" | "die" | "fail" | "fatal" | "abort" => true,
            _ => false,
        }
    })
}

/// Whether `later` runs only where `check` succeeded, by `&&` or by the condition of an `if`.
#[must_use]
pub fn guarded_by(program: &Program, check: usize, later: usize) -> bool {
    let Some(command) = program.commands.get(check) else { return false };
    if later <= check || command.background {
        return false;
    }
    if !is_pipeline_status(program, check, command.pipeline, command.position) {
        return false;
    }
    let mut list = command.list;
    let mut scope = Some(command.scope);
    let mut negated = is_negated(program, command) != tests_difference(command);
    loop {
        if let Some(position) = list {
            let items = program.lists.get(position.list).map(|l| l.items.as_slice()).unwrap_or_default();
            for item in items.get(position.item + 1..).unwrap_or_default() {
                if item.op != Some(if negated { ListOp::Or } else { ListOp::And }) {
                    break;
                }
                if item.commands.contains(&later) {
                    return true;
                }
            }
        }
        let Some(inner) = scope.and_then(|s| program.scopes.get(s)) else { return false };
        if let ScopeKind::Condition(id) = inner.kind {
            let wanted = if negated { ScopeKind::Else(id) } else { ScopeKind::Then(id) };
            return program.scopes.iter().any(|s| s.kind == wanted && s.commands.contains(&later));
        }
        // Only the last command's status is the group's.
        let passes = matches!(inner.kind, ScopeKind::Subshell | ScopeKind::Group)
            && inner.commands.end == end_of(program, check);
        if !passes {
            return false;
        }
        list = inner.list;
        scope = inner.parent;
        negated = false;
    }
}

/// `[ a != b ]`: success means the two differ.
fn tests_difference(command: &Command) -> bool {
    let name = command.name.as_ref().and_then(|n| n.literal()).unwrap_or_default();
    matches!(name.as_str(), "[" | "[[" | "test") && command.args.iter().any(|a| a.literal().as_deref() == Some("!="))
}
