//! Whether a check stands before a use: every way to the use passes it, and its failure stops that way.
//!
//! A moment of a run is told by the frames it stands in: the script of a leg, the scripts and functions called
//! from there. Two moments are compared in the innermost frame that both share.

use std::ops::Range;
use std::rc::Rc;

use super::{Checked, Flaw, Stop, Strength};
use crate::commands::{guarded_by, is_fatal};
use crate::graph::kinds::workflow::Script;
use crate::parse::shell::{ListOp, Program, Scope, ScopeKind};
use crate::source::FileId;

/// A script or function while it runs.
#[derive(Debug, Clone)]
pub(super) struct Frame<'a> {
    /// Told apart from other runs of the same text.
    pub(super) instance: usize,
    /// Its script.
    pub(super) script: &'a Script,
    /// The file that stands in.
    pub(super) file: FileId,
    /// The commands of a function's body; none for a whole script.
    pub(super) body: Option<Range<usize>>,
    /// The command it is at.
    pub(super) command: usize,
}

/// What one leg of a routine runs under.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Terms {
    /// Position of the leg in all routines.
    pub(super) leg: usize,
    /// What follows runs also where it failed.
    pub(super) may_fail: bool,
    /// The condition it runs under.
    pub(super) condition: Option<String>,
}

/// A moment of a run.
#[derive(Debug, Clone)]
pub(super) struct Moment<'a> {
    /// Under which terms.
    pub(super) terms: Rc<Terms>,
    /// The frames, outermost first. Empty for what no command does.
    pub(super) frames: Vec<Frame<'a>>,
}

/// A check and when it was made.
#[derive(Debug)]
pub(super) struct Proof<'a> {
    /// The check.
    pub(super) at: Stop<'a>,
    /// When.
    pub(super) moment: Moment<'a>,
    /// Its failure ends its script.
    pub(super) is_fatal: bool,
    /// What it proves.
    pub(super) result: Result<Strength, Flaw>,
}

impl<'a> Moment<'a> {
    /// The frame that both stand in, innermost: each one's own.
    fn shared<'m>(&'m self, other: &'m Moment<'a>) -> Option<(usize, &'m Frame<'a>, &'m Frame<'a>)> {
        let pairs = self.frames.iter().zip(&other.frames).enumerate();
        let (at, (own, its)) = pairs.take_while(|(_, (own, its))| own.instance == its.instance).last()?;
        Some((at, own, its))
    }

    /// Whether both stand in one leg.
    pub(super) fn is_of_leg(&self, other: &Moment<'a>) -> bool {
        self.terms.leg == other.terms.leg
    }

    /// Whether both stand in the same run of one script, or one was called from the other's.
    pub(super) fn is_of_script(&self, other: &Moment<'a>) -> bool {
        self.shared(other).is_some()
    }

    /// Whether a run that passes the other moment may leave this one out.
    pub(super) fn may_be_left_out(&self, other: &Moment<'a>) -> bool {
        let from = match self.shared(other) {
            Some((at, own, its)) => {
                if branches(own).any(|s| !s.commands.contains(&its.command)) || is_second_choice(own) {
                    return true;
                }
                at + 1
            }
            None if self.terms.condition.is_some() && self.terms.condition != other.terms.condition => return true,
            None => 0,
        };
        self.frames.get(from..).unwrap_or_default().iter().any(|f| branches(f).next().is_some() || is_second_choice(f))
    }

    /// Whether no run passes both: they stand in different branches.
    pub(super) fn excludes(&self, other: &Moment<'a>) -> bool {
        let Some((_, own, its)) = self.shared(other) else { return false };
        let program = &own.script.program;
        branches(own).any(|scope| {
            branches(its).any(|its| match (&scope.kind, &its.kind) {
                (ScopeKind::Then(a), ScopeKind::Else(b)) | (ScopeKind::Else(a), ScopeKind::Then(b)) => a == b,
                (ScopeKind::Case, ScopeKind::Case) => {
                    scope.commands != its.commands && siblings(program, scope).any(|s| s.commands == its.commands)
                }
                _ => false,
            })
        })
    }
}

/// Scopes around a frame's command that may not be run, within the frame. A loop over files is taken to run.
fn branches<'m>(frame: &'m Frame<'_>) -> impl Iterator<Item = &'m Scope> + use<'m> {
    let body = frame.body.clone();
    let is_within = move |scope: &&Scope| match (&scope.kind, &body) {
        (ScopeKind::Function(_), Some(body)) => scope.commands != *body,
        (ScopeKind::Script, _) => false,
        _ => true,
    };
    frame
        .script
        .program
        .scopes_of(frame.command)
        .take_while(is_within)
        .filter(|s| matches!(s.kind, ScopeKind::Then(_) | ScopeKind::Else(_) | ScopeKind::Case))
}

/// Whether a command runs only where the one before it failed: `a || b`.
fn is_second_choice(frame: &Frame<'_>) -> bool {
    op_before(frame) == Some(ListOp::Or)
}

fn op_before(frame: &Frame<'_>) -> Option<ListOp> {
    let program = &frame.script.program;
    let position = program.commands.get(frame.command)?.list?;
    program.lists.get(position.list)?.items.get(position.item)?.op
}

/// The branches of the `case` that a branch is one of: they follow one another.
fn siblings<'p>(program: &'p Program, branch: &Scope) -> impl Iterator<Item = &'p Scope> + use<'p> {
    let cases: Vec<&Scope> =
        program.scopes.iter().filter(|s| s.kind == ScopeKind::Case && s.parent == branch.parent).collect();
    let at = cases.iter().position(|s| s.commands == branch.commands).unwrap_or(0);
    let mut from = at;
    while from > 0 && cases.get(from - 1).zip(cases.get(from)).is_some_and(|(a, b)| a.commands.end == b.commands.start)
    {
        from -= 1;
    }
    let mut to = at;
    while cases.get(to).zip(cases.get(to + 1)).is_some_and(|(a, b)| a.commands.end == b.commands.start) {
        to += 1;
    }
    cases.into_iter().skip(from).take(to + 1 - from)
}

/// The best that is known of a file at a use of it: one that every way passes, else what is wrong with those
/// there are.
pub(super) fn checked<'a>(proofs: &[Rc<Proof<'a>>], fetched: &Moment<'a>, usage: &Moment<'a>) -> Checked<'a> {
    let mut best: Option<(Strength, &Proof<'a>)> = None;
    let mut flawed: Option<(Flaw, &Proof<'a>)> = None;
    for proof in proofs {
        let flaw = match (standing(proof, proofs, fetched, usage), proof.result) {
            (Ok(()), Ok(strength)) => {
                if best.is_none_or(|(known, _)| strength > known) {
                    best = Some((strength, proof));
                }
                continue;
            }
            (Ok(()), Err(flaw)) => flaw,
            (Err(flaw), _) => flaw,
        };
        // What is said of the check itself weighs more than that it can be passed by.
        if flawed.is_none_or(|(known, _)| flaw > known) {
            flawed = Some((flaw, proof));
        }
    }
    match (best, flawed) {
        (Some((strength, proof)), _) => Checked::Yes { at: proof.at.clone(), strength },
        (None, Some((flaw, proof))) => Checked::Flawed { at: proof.at.clone(), flaw },
        (None, None) => Checked::No,
    }
}

/// Whether a check stands before a use, or why not.
fn standing<'a>(
    proof: &Proof<'a>,
    all: &[Rc<Proof<'a>>],
    fetched: &Moment<'a>,
    usage: &Moment<'a>,
) -> Result<(), Flaw> {
    let check = &proof.moment;
    let shared = check.shared(usage);
    let outer = shared.map(|(at, ..)| at);
    // Frames entered after the shared one: a failure must come out of each of them.
    let inner = check.frames.get(outer.map_or(0, |at| at + 1)..).unwrap_or_default();
    let is_skipped_inside = inner.iter().any(|frame| is_skipped_in(frame, None, all, fetched));
    let end = outcome(inner, proof);
    if end == Some(End::Nothing) {
        return Err(Flaw::Ignored);
    }
    let Some((_, own, its)) = shared else {
        if check.terms.may_fail {
            return Err(Flaw::Ignored);
        }
        let terms = &check.terms.condition;
        let is_asked = terms.is_some() && *terms != usage.terms.condition && *terms != fetched.terms.condition;
        return if is_skipped_inside || is_asked { Err(Flaw::Bypassed) } else { Ok(()) };
    };
    let program = &own.script.program;
    let is_fatal_here = match end {
        None => proof.is_fatal,
        Some(End::Shell) => true,
        Some(_) => is_fatal(program, own.command),
    };
    // One command that calls both, one after another, stops with the first.
    let is_guarded = match own.command == its.command {
        true => !inner.is_empty(),
        false => guarded_by(program, own.command, its.command),
    };
    if is_guarded {
        return if is_skipped_inside { Err(Flaw::Bypassed) } else { Ok(()) };
    }
    if !is_fatal_here {
        return Err(Flaw::Ignored);
    }
    let is_skipped = is_skipped_inside || is_skipped_in(own, Some(its.command), all, fetched);
    if is_skipped { Err(Flaw::Bypassed) } else { Ok(()) }
}

/// What ends with a check that fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// The script or function, with a failure.
    Frame,
    /// The shell: the function and the script that called it.
    Shell,
    /// What follows runs.
    Nothing,
}

/// What a failing check ends of the frames it stands in, seen from the outermost of them; none without any.
fn outcome(frames: &[Frame<'_>], proof: &Proof<'_>) -> Option<End> {
    let mut out: Option<End> = None;
    for frame in frames.iter().rev() {
        let is_fatal = match out {
            None => proof.is_fatal,
            Some(End::Frame) => is_fatal(&frame.script.program, frame.command),
            Some(End::Shell) if frame.body.is_some() => continue,
            Some(End::Shell) => {
                out = Some(End::Frame);
                continue;
            }
            Some(End::Nothing) => return out,
        };
        out = Some(match (&frame.body, is_fatal) {
            // `|| exit 1` inside of a function ends the script, whatever its call says.
            (Some(_), true) if exits(frame) => End::Shell,
            (_, true) => End::Frame,
            (Some(_), false) if is_last_of_body(frame) => End::Frame,
            _ => End::Nothing,
        });
    }
    out
}

/// Whether some way through a frame leaves the check out and still comes to the use with the file.
fn is_skipped_in<'a>(frame: &Frame<'a>, usage: Option<usize>, all: &[Rc<Proof<'a>>], fetched: &Moment<'a>) -> bool {
    let fetch = fetched.frames.iter().find(|f| f.instance == frame.instance).map(|f| f.command);
    let is_on_way = |commands: &Range<usize>| {
        usage.is_some_and(|u| commands.contains(&u)) || fetch.is_some_and(|f| commands.contains(&f))
    };
    let others: Vec<usize> = all
        .iter()
        .filter_map(|proof| proof.moment.frames.iter().find(|f| f.instance == frame.instance))
        .map(|f| f.command)
        .collect();
    let program = &frame.script.program;
    if branches(frame).any(|scope| !is_on_way(&scope.commands) && !all_branches(program, scope, &others)) {
        return true;
    }
    let Some(position) = program.commands.get(frame.command).and_then(|c| c.list) else { return false };
    let items = program.lists.get(position.list).map_or(&[][..], |l| l.items.as_slice());
    let before = items.get(..position.item).unwrap_or_default();
    match items.get(position.item).and_then(|i| i.op) {
        // `other || check`: it is another check that stands in for it, or none.
        Some(ListOp::Or) => !before.iter().any(|i| others.iter().any(|o| i.commands.contains(o))),
        // `[ -n "$X" ] && check`
        Some(ListOp::And) => {
            let asks = before.iter().any(|i| program.commands.get(i.commands.start).is_some_and(is_question));
            asks && !items.iter().any(|i| is_on_way(&i.commands))
        }
        None => false,
    }
}

fn is_question(command: &crate::parse::shell::Command) -> bool {
    let name = command.name.as_ref().and_then(|n| n.literal()).unwrap_or_default();
    matches!(name.as_str(), "[" | "[[" | "test" | "command" | "which" | "grep" | "type")
}

/// Whether each branch beside this one makes a check too.
fn all_branches(program: &Program, scope: &Scope, checks: &[usize]) -> bool {
    match &scope.kind {
        ScopeKind::Then(id) | ScopeKind::Else(id) => {
            let has = |wanted: ScopeKind| {
                let branch = program.scopes.iter().find(|s| s.kind == wanted);
                branch.is_some_and(|b| checks.iter().any(|c| b.commands.contains(c)) && is_covered(program, b, checks))
            };
            has(ScopeKind::Then(*id)) && has(ScopeKind::Else(*id))
        }
        ScopeKind::Case => {
            siblings(program, scope).all(|s| s.commands.is_empty() || checks.iter().any(|c| s.commands.contains(c)))
        }
        _ => false,
    }
}

/// Whether a branch is checked as a whole: its own commands do, or the `elif` it consists of in each branch.
fn is_covered(program: &Program, branch: &Scope, checks: &[usize]) -> bool {
    let inner = program.scopes.iter().filter(|s| {
        matches!(s.kind, ScopeKind::Then(_))
            && s.commands.start >= branch.commands.start
            && s.commands.end <= branch.commands.end
            && s.commands != branch.commands
    });
    let inner: Vec<&Scope> = inner.collect();
    let is_direct = |check: &usize| {
        branch.commands.contains(check) && {
            let mut scopes = program.scopes_of(*check);
            let first = scopes.find(|s| matches!(s.kind, ScopeKind::Then(_) | ScopeKind::Else(_) | ScopeKind::Case));
            first.is_some_and(|s| s.kind == branch.kind)
        }
    };
    if checks.iter().any(is_direct) {
        return true;
    }
    // The first `if` inside: those further in stand in its branches.
    let Some(first) = inner.iter().min_by_key(|s| (s.commands.start, std::cmp::Reverse(s.commands.end))) else {
        return false;
    };
    let ScopeKind::Then(id) = first.kind else { return false };
    let other = program.scopes.iter().find(|s| s.kind == ScopeKind::Else(id));
    other.is_some_and(|other| {
        let is_smaller = other.commands.len() < branch.commands.len() && first.commands.len() < branch.commands.len();
        is_smaller && is_covered(program, first, checks) && is_covered(program, other, checks)
    })
}

/// Whether a command is the last of its function: the function fails with it.
fn is_last_of_body(frame: &Frame<'_>) -> bool {
    let program = &frame.script.program;
    let Some(command) = program.commands.get(frame.command) else { return false };
    let end = match command.list.and_then(|position| program.lists.get(position.list)) {
        Some(list) if list.items.iter().all(|i| i.op != Some(ListOp::Or)) => list.items.last().map(|i| i.commands.end),
        Some(_) => None,
        None => program.pipelines.get(command.pipeline).and_then(|p| p.stages.last()).map(|s| s.end),
    };
    end.is_some() && end == frame.body.as_ref().map(|b| b.end) && branches(frame).next().is_none()
}

/// Whether `exit` is written for the failure of a command: behind it, or in the branch that it leads to.
fn exits(frame: &Frame<'_>) -> bool {
    let program = &frame.script.program;
    let is_exit = |commands: Range<usize>| {
        let commands = program.commands.get(commands).unwrap_or_default();
        commands.iter().any(|c| c.name.as_ref().and_then(|n| n.literal()).as_deref() == Some("exit"))
    };
    let list = program.commands.get(frame.command).and_then(|c| c.list);
    let behind = list.and_then(|position| program.lists.get(position.list)?.items.get(position.item + 1..));
    if behind.unwrap_or_default().iter().any(|item| is_exit(item.commands.clone())) {
        return true;
    }
    let asked = program.scopes_of(frame.command).find_map(|s| match s.kind {
        ScopeKind::Condition(id) => Some(id),
        _ => None,
    });
    asked.is_some_and(|id| {
        let leads = |s: &&Scope| s.kind == ScopeKind::Then(id) || s.kind == ScopeKind::Else(id);
        program.scopes.iter().filter(leads).any(|s| is_exit(s.commands.clone()))
    })
}
