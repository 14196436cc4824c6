//! What becomes of a command's failure.
//!
//! A failure goes outward: from the command to its chain, its group, its function, its shell. It is lost where
//! something swallows it or something else runs behind it, unless `set -e` or an `exit` written for it ends the
//! shell first. What ends is a shell or function; that is a failure again where it was called.

use std::ops::Range;

use crate::parse::shell::{Command, Invocation, ListOp, ListPosition, Program, ScopeKind};

/// Calls of one function that are looked at.
const MAX_CALLS: usize = 16;
/// Functions called by functions.
const MAX_DEPTH: usize = 6;
/// Commands of a branch looked through for an `exit`.
const MAX_HANDLER: usize = 256;
/// Scopes a failure goes through.
const MAX_STEPS: usize = 1_000;

/// Whether a failing command ends the script at this one: the last `set -e` or `set +e` on the way to it.
#[must_use]
pub fn errexit_at(program: &Program, command: usize) -> bool {
    program.errexit_at(command)
}

/// Whether a pipeline fails with any of its stages at this command.
#[must_use]
pub fn pipefail_at(program: &Program, command: usize) -> bool {
    program.pipefail_at(command)
}

/// Whether a failure of this command ends the script, by `set -e`, by an `exit` written for it, or as its last
/// status.
#[must_use]
pub fn is_fatal(program: &Program, index: usize) -> bool {
    let mut walk = Walk { program, steps: MAX_STEPS };
    match walk.left_by(index, 0) {
        Some(0) => true,
        // What a shell inside checks is used inside, as a rule.
        Some(scope) => program.scopes.get(scope).is_some_and(|s| matches!(s.kind, ScopeKind::NestedShell(_))),
        None => is_tried_again(program, index),
    }
}

/// `check && break`: only success leaves the loop, and what stands behind it deals with the last failure.
fn is_tried_again(program: &Program, index: usize) -> bool {
    let Some(at) = program.commands.get(index).and_then(|c| c.list) else { return false };
    let items = program.lists.get(at.list).map(|l| l.items.as_slice()).unwrap_or_default();
    let next = items.get(at.item + 1).filter(|next| next.op == Some(ListOp::And));
    let name = next.and_then(|next| program.commands.get(next.commands.start)?.name.as_ref()?.literal());
    matches!(name.as_deref(), Some("break" | "return"))
}

/// Whether `later` cannot run once `check` has failed: by `&&`, by the branch of an `if`, or because the shell or
/// function that both stand in ends.
#[must_use]
pub fn prevents(program: &Program, check: usize, later: usize) -> bool {
    if later <= check {
        return false;
    }
    let left = || Walk { program, steps: MAX_STEPS }.left_by(check, 0);
    guarded_by(program, check, later)
        || left().and_then(|s| program.scopes.get(s)).is_some_and(|s| s.commands.contains(&later))
}

/// `! a | b` turns the status of the whole pipeline around, and is written before its first stage.
fn is_negated(program: &Program, command: &Command) -> bool {
    let first = program.pipelines.get(command.pipeline).and_then(|p| p.stages.first()).map(|s| s.start);
    command.negated || first.and_then(|first| program.commands.get(first)).is_some_and(|first| first.negated)
}

/// Something that fails: a command, or a group whose status is its last command's.
struct Element {
    commands: Range<usize>,
    /// The command that stands for its place: options in force there count.
    at: usize,
    list: Option<ListPosition>,
    pipeline: Option<(usize, usize)>,
    background: bool,
    scope: usize,
    /// Its status is that of success.
    inverted: bool,
    /// `set -e` overlooks it: a chain failed before its end.
    is_overlooked: bool,
}

/// How a branch or the end of a chain deals with a failure.
enum Handled {
    /// `exit` there leaves this scope.
    Leaves(usize, How),
    /// It ends with a failing status of its own: `(exit 1)`.
    Fails,
    No,
}

/// How a shell or function is left.
#[derive(Clone, Copy, PartialEq, Eq)]
enum How {
    /// The shell ends.
    Exit,
    /// It is done, with a failure.
    Return,
}

struct Walk<'p> {
    program: &'p Program,
    steps: usize,
}

impl Walk<'_> {
    /// The outermost shell or function that ends with a failure once this command fails.
    fn left_by(&mut self, index: usize, depth: usize) -> Option<usize> {
        let command = self.program.commands.get(index)?;
        let inverted = is_negated(self.program, command) != tests_difference(command);
        let start = Element { inverted, ..self.element_of(index)? };
        self.follow(start, depth)
    }

    fn element_of(&self, index: usize) -> Option<Element> {
        let command = self.program.commands.get(index)?;
        Some(Element {
            commands: index..end_of(self.program, index),
            at: index,
            list: command.list,
            pipeline: Some((command.pipeline, command.position)),
            background: command.background,
            scope: command.scope,
            inverted: is_negated(self.program, command),
            is_overlooked: is_negated(self.program, command),
        })
    }

    fn follow(&mut self, mut now: Element, depth: usize) -> Option<usize> {
        let mut left = None;
        loop {
            self.steps = self.steps.checked_sub(1)?;
            if now.background || !self.is_status_of_pipeline(&now) {
                return left;
            }
            if let Some((pipeline, _)) = now.pipeline {
                now.commands = self.pipeline_commands(pipeline, now.commands);
            }
            if let Some(position) = now.list {
                match self.chain(position, now.inverted) {
                    Chain::Handled(Handled::Leaves(scope, how)) => {
                        left = Some(scope);
                        now = match self.outside(scope, how, depth, &now)? {
                            Outside::Element(next) => next,
                            Outside::Left(done) => return done.or(left),
                        };
                        continue;
                    }
                    Chain::Handled(Handled::Fails) => {
                        now.inverted = false;
                        now.is_overlooked = false;
                    }
                    Chain::Handled(Handled::No) => return left,
                    Chain::Passed => {}
                    Chain::Left => now.is_overlooked = true,
                }
                now.commands = self.list_commands(position.list, now.commands);
            }
            let exits = !now.inverted
                && !now.is_overlooked
                && self.program.errexit_at(now.at)
                && !self.is_ignored(now.scope, depth);
            let (scope, how) = if exits {
                let scope = self.shell_of(now.scope);
                left = Some(scope);
                (scope, How::Exit)
            } else {
                let inner = self.program.scopes.get(now.scope)?;
                match &inner.kind {
                    ScopeKind::Condition(id) => match self.branch(*id, now.inverted) {
                        Handled::Leaves(scope, how) => {
                            left = Some(scope);
                            (scope, how)
                        }
                        Handled::Fails | Handled::No => return left,
                    },
                    // The next round has a status of its own.
                    ScopeKind::Loop(_) => return left,
                    _ if now.commands.end < inner.commands.end => return left,
                    ScopeKind::Script => return if now.inverted { left } else { Some(0) },
                    ScopeKind::Then(_) | ScopeKind::Else(_) | ScopeKind::Case | ScopeKind::Group => {
                        now = self.around(now.scope, &now)?;
                        continue;
                    }
                    _ if now.inverted => return left,
                    _ => (now.scope, How::Return),
                }
            };
            now = match self.outside(scope, how, depth, &now)? {
                Outside::Element(next) => next,
                Outside::Left(done) => return done.or(left),
            };
        }
    }

    /// The element that a scope is, once its status is that of what failed in it.
    fn around(&self, index: usize, inner: &Element) -> Option<Element> {
        let scope = self.program.scopes.get(index)?;
        let branches = match scope.kind {
            ScopeKind::Then(id) | ScopeKind::Else(id) => self.program.branches_of(id),
            ScopeKind::Case => self.program.branches_beside(index),
            _ => &[],
        };
        let ends = branches.iter().filter_map(|b| self.program.scopes.get(*b)).map(|s| s.commands.end);
        let end = ends.fold(scope.commands.end, usize::max);
        Some(Element {
            commands: scope.commands.start..end,
            at: inner.at,
            list: scope.list,
            pipeline: scope.stage,
            background: scope.background,
            scope: scope.parent?,
            inverted: inner.inverted != scope.negated,
            // `set -e` overlooks what it overlooked inside, and what `!` stands before.
            is_overlooked: inner.is_overlooked || scope.negated,
        })
    }

    /// What fails where a shell or function ends.
    fn outside(&mut self, index: usize, how: How, depth: usize, inner: &Element) -> Option<Outside> {
        let scope = self.program.scopes.get(index)?;
        let owner = match &scope.kind {
            ScopeKind::Script => return Some(Outside::Left(Some(0))),
            ScopeKind::ProcessSubstitution(_) => return Some(Outside::Left(None)),
            ScopeKind::Function(_) => return Some(Outside::Left(self.calls(index, how, depth))),
            // `x=$(cmd)` takes over the status; as a word of a command it is lost.
            ScopeKind::Substitution(owner) => {
                if self.program.commands.get(*owner)?.name.is_some() {
                    return Some(Outside::Left(None));
                }
                *owner
            }
            ScopeKind::NestedShell(owner) => *owner,
            _ => {
                let mut element = self.around(index, inner)?;
                element.at = scope.commands.start;
                element.inverted = scope.negated;
                element.is_overlooked = scope.negated;
                return Some(Outside::Element(element));
            }
        };
        let element = self.element_of(owner)?;
        let commands = owner..element.commands.end.max(scope.commands.end);
        Some(Outside::Element(Element { commands, ..element }))
    }

    /// What ends where a function fails: what ends with every call of it.
    fn calls(&mut self, index: usize, how: How, depth: usize) -> Option<usize> {
        let program = self.program;
        let scope = program.scopes.get(index)?;
        let calls = program.callers(&scope.kind);
        if depth >= MAX_DEPTH {
            return None;
        }
        // Where nobody calls it, it is for those to say who do.
        let outer = calls.iter().filter(|call| !scope.commands.contains(call)).take(MAX_CALLS);
        let all = outer.into_iter().all(|call| match how {
            How::Return => self.left_by(*call, depth + 1) == Some(0),
            How::Exit => {
                let Some(shell) = program.commands.get(*call).map(|c| self.shell_of(c.scope)) else { return false };
                let Some(element) = self.element_of(*call) else { return false };
                match self.outside(shell, how, depth + 1, &element) {
                    Some(Outside::Left(left)) => left == Some(0),
                    Some(Outside::Element(next)) => self.follow(next, depth + 1) == Some(0),
                    None => false,
                }
            }
        });
        all.then_some(0)
    }

    /// The shell that a scope runs in: what `exit` and `set -e` end.
    fn shell_of(&self, scope: usize) -> usize {
        let mut at = scope;
        while let Some(inner) = self.program.scopes.get(at) {
            let is_shell = match &inner.kind {
                ScopeKind::Script
                | ScopeKind::Subshell
                | ScopeKind::Substitution(_)
                | ScopeKind::ProcessSubstitution(_)
                // Its callers say which one.
                | ScopeKind::Function(_) => true,
                ScopeKind::NestedShell(owner) => !self.is_same_shell(*owner),
                _ => inner.stage.is_some_and(|(pipeline, _)| self.stages(pipeline) > 1),
            };
            if is_shell {
                return at;
            }
            match inner.parent {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    fn is_same_shell(&self, owner: usize) -> bool {
        let name = self.program.commands.get(owner).and_then(|c| c.name.as_ref()?.literal());
        matches!(name.as_deref(), Some("eval" | "trap"))
    }

    fn stages(&self, pipeline: usize) -> usize {
        self.program.pipelines.get(pipeline).map_or(1, |p| p.stages.len())
    }

    /// Whether `set -e` does nothing in a scope: it is run for its status.
    fn is_ignored(&mut self, scope: usize, depth: usize) -> bool {
        let mut next = Some(scope);
        while let Some(inner) = next.and_then(|s| self.program.scopes.get(s)) {
            // One started anew knows nothing of what is around it.
            if matches!(inner.kind, ScopeKind::NestedShell(owner) if !self.is_same_shell(owner)) {
                return false;
            }
            let asked = matches!(inner.kind, ScopeKind::Condition(_)) || inner.negated || self.is_asked(inner.list);
            if asked {
                return true;
            }
            match &inner.kind {
                ScopeKind::Function(_) if depth < MAX_DEPTH => {
                    let calls = self.program.callers(&inner.kind);
                    return calls.iter().take(MAX_CALLS).any(|call| {
                        let Some(command) = self.program.commands.get(*call) else { return false };
                        let Some(steps) = self.steps.checked_sub(1) else { return true };
                        self.steps = steps;
                        let is_inside = inner.commands.contains(call);
                        !is_inside
                            && (is_negated(self.program, command)
                                || self.is_asked(command.list)
                                || self.is_ignored(command.scope, depth + 1))
                    });
                }
                _ => {}
            }
            next = inner.parent;
        }
        false
    }

    /// Whether a member of a chain has others behind it.
    fn is_asked(&self, list: Option<ListPosition>) -> bool {
        let items = list.and_then(|at| Some((at.item, self.program.lists.get(at.list)?.items.len())));
        items.is_some_and(|(item, items)| item + 1 < items)
    }

    fn is_status_of_pipeline(&self, now: &Element) -> bool {
        let Some((pipeline, position)) = now.pipeline else { return true };
        is_pipeline_status(self.program, now.at, pipeline, position)
    }

    fn pipeline_commands(&self, pipeline: usize, own: Range<usize>) -> Range<usize> {
        let end = self.program.pipelines.get(pipeline).and_then(|p| p.stages.last()).map_or(own.end, |s| s.end);
        own.start..end.max(own.end)
    }

    fn list_commands(&self, list: usize, own: Range<usize>) -> Range<usize> {
        let end = self.program.lists.get(list).and_then(|l| l.items.last()).map_or(own.end, |i| i.commands.end);
        own.start..end.max(own.end)
    }

    fn chain(&self, at: ListPosition, inverted: bool) -> Chain {
        let Some(list) = self.program.lists.get(at.list) else { return Chain::Passed };
        let after = list.items.get(at.item + 1..).unwrap_or_default();
        let caught = if inverted { ListOp::And } else { ListOp::Or };
        match after.iter().find(|i| i.op == Some(caught)) {
            // `check || exit 1`, `! check && exit 1`
            Some(next) => Chain::Handled(self.handled(next.commands.clone())),
            None if after.is_empty() => Chain::Passed,
            None if inverted => Chain::Handled(Handled::No),
            None => Chain::Left,
        }
    }

    /// What the branches do that run where a condition fails, or holds.
    fn branch(&self, condition: usize, holds: bool) -> Handled {
        let scopes = self.program.branches_of(condition).iter().filter_map(|b| self.program.scopes.get(*b));
        let runs = scopes.filter(|s| match s.kind {
            ScopeKind::Then(_) => holds,
            ScopeKind::Else(_) => !holds,
            _ => false,
        });
        for scope in runs {
            let handled = self.handled(scope.commands.clone());
            if !matches!(handled, Handled::No) {
                return handled;
            }
        }
        Handled::No
    }

    /// Whether these commands leave the script, a shell or a function with a failure.
    fn handled(&self, commands: Range<usize>) -> Handled {
        let looked_at = commands.clone().take(MAX_HANDLER);
        for index in looked_at {
            let Some(command) = self.program.commands.get(index) else { break };
            let name = command.name.as_ref().and_then(|n| n.literal()).unwrap_or_default();
            let first = command.args.first().and_then(|a| a.literal());
            let (scope, how) = match name.as_str() {
                "exit" if first.as_deref() != Some("0") => (self.shell_of(command.scope), How::Exit),
                "return" if first.as_deref() != Some("0") => (self.function_of(command.scope), How::Return),
                "false" => return Handled::Fails,
                "die" | "fail" | "fatal" | "abort" | "err_exit" | "error_exit" | "exit_with_error" | "bail" => {
                    (self.shell_of(command.scope), How::Exit)
                }
                name if self.is_exit(name) => (self.shell_of(command.scope), How::Exit),
                _ => continue,
            };
            // `(echo no; exit 1)`: only the shell made for it ends.
            let is_inner = self.program.scopes.get(scope).is_some_and(|s| {
                s.commands.start >= commands.start && s.commands.end <= commands.end && s.kind == ScopeKind::Subshell
            });
            return if is_inner { Handled::Fails } else { Handled::Leaves(scope, how) };
        }
        Handled::No
    }

    /// Whether a function of the script exits with a failure.
    fn is_exit(&self, name: &str) -> bool {
        let Some(function) = self.program.function_named(name) else { return false };
        let body = self.program.commands.get(function.commands.clone()).unwrap_or_default();
        body.iter().take(MAX_HANDLER).any(|command| {
            let is_exit = command.name.as_ref().and_then(|n| n.literal()).as_deref() == Some("exit");
            let first = command.args.first().and_then(|a| a.literal());
            let kind = self.program.scopes.get(command.scope).map(|s| &s.kind);
            let is_plain = matches!(kind, Some(ScopeKind::Function(_) | ScopeKind::Group));
            is_exit && first.as_deref() != Some("0") && is_plain && command.list.is_none()
        })
    }

    /// What `return` leaves.
    fn function_of(&self, scope: usize) -> usize {
        let mut at = scope;
        while let Some(inner) = self.program.scopes.get(at) {
            match (&inner.kind, inner.parent) {
                (ScopeKind::Function(_) | ScopeKind::Script | ScopeKind::Subshell | ScopeKind::NestedShell(_), _)
                | (_, None) => return at,
                (_, Some(parent)) => at = parent,
            }
        }
        0
    }
}

enum Outside {
    Element(Element),
    /// Nothing further out is to be looked at; the scope that is left in the end.
    Left(Option<usize>),
}

enum Chain {
    Handled(Handled),
    Passed,
    /// The rest of the chain is left out, and the shell goes on behind it.
    Left,
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
            // `if a || check`: the other one may have held.
            if list.is_some_and(|at| !is_needed(program, at, negated)) {
                return false;
            }
            let wanted = if negated { ScopeKind::Else(id) } else { ScopeKind::Then(id) };
            let mut branches = program.branches_of(id).iter().filter_map(|b| program.scopes.get(*b));
            return branches.any(|s| s.kind == wanted && s.commands.contains(&later));
        }
        // Only the last command's status is the group's.
        let passes = matches!(inner.kind, ScopeKind::Subshell | ScopeKind::Group)
            && inner.commands.end == end_of(program, check);
        if !passes || inner.background {
            return false;
        }
        list = inner.list;
        scope = inner.parent;
        negated = inner.negated;
    }
}

/// Whether a chain as a whole has the status that a member's failure gives it, whatever the others do.
fn is_needed(program: &Program, at: ListPosition, negated: bool) -> bool {
    let Some(list) = program.lists.get(at.list) else { return true };
    let other = if negated { ListOp::And } else { ListOp::Or };
    list.items.iter().all(|item| item.op != Some(other))
}

/// `[ a != b ]`: success means the two differ.
fn tests_difference(command: &Command) -> bool {
    let name = command.name.as_ref().and_then(|n| n.literal()).unwrap_or_default();
    matches!(name.as_str(), "[" | "[[" | "test") && command.args.iter().any(|a| a.literal().as_deref() == Some("!="))
}
