//! What becomes of what a command prints: read by an interpreter, written to files, unpacked, kept in a variable.

use super::act::{Act, ActKind, Input, Output};
use crate::parse::shell::{Invocation, Part, Program, RedirectOp, ScopeKind};

/// Downloads looked at in one script.
const MAX_FETCHES: usize = 1_000;

/// Fetches whose output an interpreter runs, with the interpretation: indices into the acts.
#[must_use]
pub fn pipe_to_interpreter(program: &Program, acts: &[Act]) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let piped = acts.iter().enumerate().filter(|(_, a)| matches!(a.kind, ActKind::Fetch { to: Output::Stdout, .. }));
    let fetches: Vec<(usize, &Act)> = piped.take(MAX_FETCHES).collect();
    for (index, act) in acts.iter().enumerate() {
        let ActKind::Interpret { input, .. } = &act.kind else { continue };
        let ranges = read_by(program, act.command, input);
        for (fetch, fetched) in fetches.iter().copied() {
            let inside = ranges.iter().any(|r| r.contains(&fetched.command));
            if inside && reaches(program, fetched.command, act.command, input) {
                out.push((fetch, index));
            }
        }
    }
    out
}

/// The commands whose output an interpreter reads.
#[must_use]
pub fn read_by(program: &Program, command: usize, input: &Input) -> Vec<std::ops::Range<usize>> {
    match input {
        Input::Stdin => before_in_pipe(program, command),
        Input::Substitution(commands) | Input::ProcessSubstitution(commands) => vec![commands.clone()],
        Input::File(_) | Input::Heredoc | Input::Text => Vec::new(),
    }
}

/// The interpreters among the acts that read what a command prints, by index.
#[must_use]
pub fn readers(program: &Program, acts: &[Act], command: usize) -> Vec<usize> {
    let reads = |index: &usize| {
        let Some(act) = acts.get(*index) else { return false };
        let ActKind::Interpret { input, .. } = &act.kind else { return false };
        let is_inside = read_by(program, act.command, input).iter().any(|r| r.contains(&command));
        is_inside && reaches(program, command, act.command, input)
    };
    let mut found: Vec<usize> = may_read(program, acts, command).filter(reads).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// Acts of the stages behind a command, and of the commands it stands in the words of; the same for what it is
/// nested in. Others cannot read what it prints, and a script may have thousands.
fn may_read<'p>(program: &'p Program, acts: &'p [Act], command: usize) -> impl Iterator<Item = usize> + 'p {
    let stage_of = |command: usize| program.commands.get(command).map(|c| (c.pipeline, c.position));
    let nested = program.scopes_of(command).flat_map(move |scope| {
        // What a scope is part of has its slot right before it.
        let before = scope.commands.start.checked_sub(1);
        let owner = match scope.kind {
            ScopeKind::Substitution(owner) | ScopeKind::ProcessSubstitution(owner) => Some(owner),
            _ => None,
        };
        let itself = owner.map(|owner| owner..owner + 1);
        let stages = [scope.stage, before.and_then(stage_of), owner.and_then(stage_of)];
        stages.into_iter().flatten().filter_map(|stage| behind(program, stage)).chain(itself)
    });
    let own = stage_of(command).and_then(|stage| behind(program, stage));
    own.into_iter().chain(nested).flat_map(|range| {
        let first = acts.partition_point(|act| act.command < range.start);
        first..acts.partition_point(|act| act.command < range.end)
    })
}

/// The commands of the stages behind one.
fn behind(program: &Program, (pipeline, position): (usize, usize)) -> Option<std::ops::Range<usize>> {
    let later = program.pipelines.get(pipeline)?.stages.get(position + 1..)?;
    Some(later.first()?.start..later.last()?.end)
}

/// The commands of the stages before a command, in its pipeline and those it is nested in.
fn before_in_pipe(program: &Program, command: usize) -> Vec<std::ops::Range<usize>> {
    let own = program.commands.get(command).map(|c| (c.pipeline, c.position));
    let outer = program.scopes_of(command).filter_map(|s| s.stage);
    let stages = own.into_iter().chain(outer).flat_map(|(pipeline, position)| {
        let stages = program.pipelines.get(pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
        stages.get(..position).unwrap_or_default().to_vec()
    });
    stages.collect()
}

/// Whether a fetch inside a stage writes to that stage's output and not into a word of another
/// command: `echo "$(curl x)" | sh` does not pipe the fetch, `echo` does, and it is followed too,
/// but `foo --token "$(curl x)" | sh` is not.
fn reaches(program: &Program, fetch: usize, user: usize, input: &Input) -> bool {
    let within = match input {
        Input::Substitution(commands) | Input::ProcessSubstitution(commands) => commands.clone(),
        _ => 0..usize::MAX,
    };
    for scope in program.scopes_of(fetch) {
        if let ScopeKind::Substitution(owner) = scope.kind {
            if owner == user || !within.contains(&owner) {
                return owner == user || within.contains(&scope.commands.start);
            }
            let outer = program.commands.get(owner);
            // A PowerShell expression: its value is that of the call inside.
            let value = outer
                .and_then(|c| c.name.as_ref())
                .is_some_and(|n| matches!(n.parts.first(), Some(Part::Substitution(_))));
            let call = outer.and_then(|c| Invocation::of(program, c));
            if value {
                continue;
            }
            if !call.is_some_and(|c| matches!(c.name.as_str(), "echo" | "printf")) {
                return false;
            }
        }
    }
    true
}

/// Where a command's output is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// In a file.
    File(String),
    /// Unpacked into a folder; none for the one the command stands in.
    Unpacked(Option<String>),
    /// In a variable, as it is.
    Variable(String),
}

/// Programs that print what they read, in another form or in part.
const PASSES: &[&str] = &[
    "cat", "gunzip", "zcat", "gzip", "xz", "unxz", "xzcat", "bzip2", "bunzip2", "bzcat", "zstd", "unzstd", "zstdcat",
    "base64", "sed", "tr", "gpg", "funzip", "tee", "sponge", "envsubst", "dos2unix",
];

/// Whether a program prints what it reads, in another form or in part.
#[must_use]
pub fn passes_on(name: &str) -> bool {
    PASSES.contains(&name)
}

/// Where what a command prints is kept, by later stages of its pipeline or by the word it stands in.
#[must_use]
pub fn kept(program: &Program, acts: &[Act], command: usize) -> Vec<Kept> {
    let mut out = Vec::new();
    let Some(own) = program.commands.get(command) else { return out };
    let written_to = |command: &crate::parse::shell::Command| {
        let redirects = command.redirects.iter().rev();
        let mut written = redirects
            .filter(|r| matches!(r.op, RedirectOp::Write | RedirectOp::Append) && r.fd.is_none_or(|fd| fd == 1));
        written.next().map(|r| program.show(&r.target).0).filter(|path| !path.starts_with("/dev/"))
    };
    out.extend(written_to(own).map(Kept::File));
    let stages = program.pipelines.get(own.pipeline).map(|p| p.stages.as_slice()).unwrap_or_default();
    let end = stages.last().map_or(command, |s| s.end);
    let from = acts.partition_point(|a| a.command <= command);
    for act in acts.get(from..).unwrap_or_default().iter().take_while(|a| a.command < end) {
        let Some(later) = program.commands.get(act.command) else { continue };
        if later.pipeline != own.pipeline || later.position <= own.position {
            continue;
        }
        if let ActKind::Extract { archive: None, dir, members } = &act.kind {
            if members.is_empty() {
                out.push(Kept::Unpacked(dir.clone()));
            }
            let inside = |member: &String| match dir {
                Some(dir) if !member.starts_with('/') => Kept::File(format!("{dir}/{member}")),
                _ => Kept::File(member.clone()),
            };
            out.extend(members.iter().map(inside));
        }
    }
    let mut is_passed_on = true;
    for stage in stages.get(own.position + 1..).unwrap_or_default() {
        let Some(command) = program.commands.get(stage.start) else { continue };
        let Some(call) = Invocation::of(program, command) else { continue };
        if matches!(call.name.as_str(), "tee" | "sponge") {
            out.extend(call.operands(&[]).iter().map(|a| Kept::File(a.text.clone())));
        }
        is_passed_on &= passes_on(&call.name);
        if passes_on(&call.name) || call.name == "dd" {
            out.extend(written_to(command).map(Kept::File));
        }
        // `| dd of=f`
        if call.name == "dd" {
            out.extend(call.args.iter().filter_map(|a| Some(Kept::File(a.text.strip_prefix("of=")?.to_owned()))));
        }
    }
    if is_passed_on {
        out.extend(variable(program, command).map(Kept::Variable));
    }
    out
}

/// The variable that is given what a command prints: `x=$(curl u)`.
fn variable(program: &Program, command: usize) -> Option<String> {
    let owner = program.scopes_of(command).find_map(|scope| match scope.kind {
        ScopeKind::Substitution(owner) => Some(owner),
        _ => None,
    })?;
    let is_whole = |parts: &[Part]| matches!(parts, [Part::Substitution(commands)] if commands.contains(&command));
    let assigned = program.commands.get(owner)?.assignments.iter().find(|a| is_whole(&a.value.parts))?;
    Some(assigned.name.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::facts;
    use crate::parse::Budget;
    use crate::parse::shell;

    #[test]
    fn who_reads_is_found_without_asking_everyone() {
        for (text, expected) in [
            ("f | sh", "0>1"),
            ("f | tee x | sudo bash; sh y", "0>2 1>2"),
            ("sh -c \"$(f)\"", "1>0"),
            ("bash <(f | g)", "1>0 2>0"),
            ("echo \"$(f)\" | sh", "0>2 1>2"),
            ("echo --x \"$(foo \"$(f)\")\" | sh", "0>3 1>3"),
            ("(cd x; f) | sh", "0>2 1>2"),
            ("f | (cd x; sh)", "0>2"),
            ("bash -c 'f' | sh", "0>2 1>2"),
            ("{ a; b; } | if c; then sh; fi", "0>3 1>3"),
            ("f; sh", ""),
        ] {
            let program = shell::parse(text, &mut Budget::default());
            let acts = facts(&program);
            let all = |command: usize| {
                let reads = |(index, act): (usize, &Act)| {
                    let ActKind::Interpret { input, .. } = &act.kind else { return None };
                    let is_inside = read_by(&program, act.command, input).iter().any(|r| r.contains(&command));
                    (is_inside && reaches(&program, command, act.command, input)).then_some(index)
                };
                acts.iter().enumerate().filter_map(reads).collect::<Vec<_>>()
            };
            let mut shown = Vec::new();
            for command in 0..program.commands.len() {
                let found = readers(&program, &acts, command);
                assert_eq!(found, all(command), "{text}: {command}");
                shown.extend(found.iter().map(|act| format!("{command}>{}", acts[*act].command)));
            }
            assert_eq!(shown.join(" "), expected, "{text}");
        }
    }
}
