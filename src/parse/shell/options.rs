//! Shell options in force at each command: one walk over the commands, functions where they are called.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::invocation::is_shell;
use super::ir::{Command, Part, Program, ScopeKind, Word};

/// Functions called by functions.
const MAX_CALLS: usize = 8;

/// Whether an option is on, as far as the script says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Switch {
    Off,
    /// As at the start of the script.
    #[default]
    Start,
    /// As where the function is called that it stands in.
    Caller,
    On,
}

/// Options at one command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct State {
    errexit: Switch,
    pipefail: Switch,
}

/// What is left for later once a scope ends.
enum After {
    /// What stood before: a shell of its own.
    Restore(State),
    /// What is weaker: it may not have run.
    Weaker(State),
    Keep,
    Function(State),
}

impl Program {
    /// Whether a failing command ends the shell at this one.
    #[must_use]
    pub fn errexit_at(&self, command: usize) -> bool {
        self.is_on(command, self.options.errexit, |state| state.errexit)
    }

    /// Whether a pipeline fails with any of its stages at this command.
    #[must_use]
    pub fn pipefail_at(&self, command: usize) -> bool {
        self.is_on(command, self.options.pipefail, |state| state.pipefail)
    }

    fn is_on(&self, command: usize, start: bool, of: impl Fn(&State) -> Switch) -> bool {
        match self.states.get(command).map(of).unwrap_or_default() {
            Switch::On => true,
            Switch::Off => false,
            Switch::Start | Switch::Caller => start,
        }
    }

    /// The commands that call the function a scope is the body of.
    #[must_use]
    pub fn callers(&self, scope: &ScopeKind) -> &[usize] {
        match scope {
            ScopeKind::Function(name) => self.calls.get(name).map(Vec::as_slice).unwrap_or_default(),
            _ => &[],
        }
    }

    /// The branches of the condition of this number, as indices into [`Program::scopes`].
    #[must_use]
    pub fn branches_of(&self, condition: usize) -> &[usize] {
        self.branches.get(&condition).map(Vec::as_slice).unwrap_or_default()
    }

    /// The branches of the `case` that the branch of this index is one of.
    #[must_use]
    pub fn branches_beside(&self, scope: usize) -> &[usize] {
        self.scopes.get(scope).map(|s| self.branches_of(s.number)).unwrap_or_default()
    }

    /// Notes what is asked of the whole program, once it is read.
    pub(super) fn finish(&mut self) {
        for (index, scope) in self.scopes.iter().enumerate() {
            let number = match scope.kind {
                ScopeKind::Then(id) | ScopeKind::Else(id) | ScopeKind::Loop(id) => id,
                ScopeKind::Case => scope.number,
                _ => continue,
            };
            self.branches.entry(number).or_default().push(index);
        }
        self.names = self.functions.iter().enumerate().map(|(index, f)| (f.name.clone(), index)).collect();
        if !self.names.is_empty() {
            for (index, command) in self.commands.iter().enumerate() {
                let name = literal_name(command);
                if self.names.contains_key(name) {
                    self.calls.entry(name.to_owned()).or_default().push(index);
                }
            }
            self.bodies = Arc::new(self.bodies());
            self.passing = self.functions.iter().filter_map(|f| Some((f.name.clone(), self.passes_on(f)?))).collect();
        }
        if self.commands.iter().any(|c| sets_options(c) || starts_shell(c)) {
            self.states = Walk::of(self);
        }
    }

    /// How many arguments a function keeps for itself before it runs the rest as a command.
    fn passes_on(&self, function: &super::ir::Function) -> Option<usize> {
        let mut gone = 0;
        for command in self.commands.get(function.commands.clone())?.iter().take(64) {
            let mut words = command.name.iter().chain(&command.args);
            // Behind `sudo` or `timeout 5` at the most.
            let found = words.by_ref().take(4).find_map(rest_of);
            let name = command.name.as_ref().and_then(Word::literal).unwrap_or_default();
            let runs = command.name.as_ref().is_some_and(|n| rest_of(n).is_some())
                || matches!(name.as_str(), "sudo" | "timeout" | "env" | "time" | "command" | "eval" | "exec" | "nice");
            if let Some(from) = found.filter(|_| runs) {
                return Some(gone + from);
            }
            if name == "shift" {
                gone += command.args.first().map_or(Some(1), |n| n.literal()?.parse().ok())?;
            }
        }
        None
    }
}

/// Which of the arguments a word stands for, counted from none: `"$@"`, `"${@:2}"`.
fn rest_of(word: &Word) -> Option<usize> {
    match word.parts.as_slice() {
        [Part::Variable(name)] if matches!(name.as_str(), "@" | "*") => Some(0),
        [Part::Other(text)] => {
            let inner = text.strip_prefix("${")?.strip_suffix('}')?.strip_prefix(['@', '*'])?;
            match inner.strip_prefix(':') {
                Some(from) => from.trim().parse::<usize>().ok()?.checked_sub(1),
                None => inner.is_empty().then_some(0),
            }
        }
        _ => None,
    }
}

fn literal_name(command: &Command) -> &str {
    match command.name.as_ref().map(|n| n.parts.as_slice()) {
        Some([Part::Literal(name)]) => name,
        _ => "",
    }
}

fn sets_options(command: &Command) -> bool {
    matches!(literal_name(command), "set" | "shopt")
}

fn starts_shell(command: &Command) -> bool {
    is_shell(super::invocation::basename(literal_name(command)))
}

/// Applies `set -e`, `set +o pipefail`, `shopt -so errexit`.
fn apply(command: &Command, state: &mut State) {
    let name = literal_name(command);
    let args: Vec<String> = command.args.iter().filter_map(Word::literal).collect();
    if name == "shopt" {
        let flags = args.iter().filter(|a| a.starts_with('-')).map(String::as_str).collect::<String>();
        let on = if flags.contains('s') { Switch::On } else { Switch::Off };
        if flags.contains('o') && flags.contains(['s', 'u']) {
            args.iter().for_each(|a| named(a, on, state));
        }
        return;
    }
    if name == "set" {
        switches(&args, state);
    }
}

/// The switches of `set` and of a shell's own command line.
fn switches(args: &[String], state: &mut State) {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let on = match arg.as_bytes().first() {
            Some(b'-') => Switch::On,
            Some(b'+') => Switch::Off,
            _ => break,
        };
        let letters = arg.get(1..).unwrap_or_default();
        if letters.starts_with('-') {
            // `--` ends them; `--norc` is a shell's.
            if letters == "-" {
                break;
            }
            continue;
        }
        if letters.contains('e') {
            state.errexit = on;
        }
        if letters.contains('o')
            && let Some(option) = args.next()
        {
            named(option, on, state);
        }
    }
}

fn named(option: &str, on: Switch, state: &mut State) {
    match option {
        "errexit" => state.errexit = on,
        "pipefail" => state.pipefail = on,
        _ => {}
    }
}

struct Walk<'p> {
    program: &'p Program,
    now: State,
    open: Vec<(usize, After)>,
    states: Vec<State>,
    /// What a call of a function leaves.
    left: BTreeMap<&'p str, State>,
}

impl<'p> Walk<'p> {
    fn of(program: &'p Program) -> Vec<State> {
        let states = Vec::with_capacity(program.commands.len());
        let mut walk = Self { program, now: State::default(), open: Vec::new(), states, left: BTreeMap::new() };
        for (index, command) in program.commands.iter().enumerate() {
            walk.go_to(command.scope);
            walk.states.push(walk.now);
            apply(command, &mut walk.now);
            if let Some(left) = walk.left.get(literal_name(program.commands.get(index).unwrap_or(command))) {
                let over = |now: Switch, left: Switch| if left == Switch::Caller { now } else { left };
                walk.now.errexit = over(walk.now.errexit, left.errexit);
                walk.now.pipefail = over(walk.now.pipefail, left.pipefail);
            }
        }
        walk.go_to(0);
        let last = walk.now;
        walk.settle(last)
    }

    fn go_to(&mut self, scope: usize) {
        let mut path: Vec<usize> = Vec::new();
        let mut next = Some(scope);
        while let Some(at) = next.filter(|at| !self.open.iter().any(|(open, _)| open == at)) {
            path.push(at);
            next = self.program.scopes.get(at).and_then(|s| s.parent);
        }
        let base = next.and_then(|at| self.open.iter().position(|(open, _)| *open == at)).map_or(0, |at| at + 1);
        while self.open.len() > base {
            self.leave();
        }
        for scope in path.into_iter().rev() {
            self.enter(scope);
        }
    }

    fn enter(&mut self, index: usize) {
        let Some(scope) = self.program.scopes.get(index) else { return };
        let before = self.now;
        let is_stage = scope
            .stage
            .is_some_and(|(pipeline, _)| self.program.pipelines.get(pipeline).is_some_and(|p| p.stages.len() > 1));
        let after = match &scope.kind {
            _ if is_stage => After::Restore(before),
            ScopeKind::Script | ScopeKind::Group | ScopeKind::Condition(_) => After::Keep,
            ScopeKind::Then(_) | ScopeKind::Else(_) | ScopeKind::Case | ScopeKind::Loop(_) => After::Weaker(before),
            ScopeKind::Subshell | ScopeKind::ProcessSubstitution(_) => After::Restore(before),
            // bash does not hand `-e` on to them.
            ScopeKind::Substitution(_) => {
                self.now.errexit = Switch::Off;
                After::Restore(before)
            }
            ScopeKind::Function(_) => {
                self.now = State { errexit: Switch::Caller, pipefail: Switch::Caller };
                After::Function(before)
            }
            ScopeKind::NestedShell(owner) => {
                let owner = self.program.commands.get(*owner);
                if owner.is_some_and(|c| matches!(literal_name(c), "eval" | "trap")) {
                    After::Keep
                } else {
                    self.now = State { errexit: Switch::Off, pipefail: Switch::Off };
                    if let Some(owner) = owner {
                        let words: Vec<String> =
                            owner.name.iter().chain(&owner.args).map(|w| w.literal().unwrap_or_default()).collect();
                        let shell = words.iter().position(|w| is_shell(super::invocation::basename(w)));
                        switches(words.get(shell.map_or(0, |at| at + 1)..).unwrap_or_default(), &mut self.now);
                    }
                    After::Restore(before)
                }
            }
        };
        self.open.push((index, after));
    }

    fn leave(&mut self) {
        let Some((scope, after)) = self.open.pop() else { return };
        match after {
            After::Restore(before) => self.now = before,
            After::Weaker(before) => {
                self.now.errexit = self.now.errexit.min(before.errexit);
                self.now.pipefail = self.now.pipefail.min(before.pipefail);
            }
            After::Keep => {}
            After::Function(before) => {
                if let Some(ScopeKind::Function(name)) = self.program.scopes.get(scope).map(|s| &s.kind) {
                    self.left.insert(name, self.now);
                }
                self.now = before;
            }
        }
    }

    /// Puts in what functions find where they are called: the weakest of it.
    fn settle(self, last: State) -> Vec<State> {
        let mut entries: BTreeMap<&str, State> = BTreeMap::new();
        for function in &self.program.functions {
            let calls = self.program.calls.get(&function.name).map(Vec::as_slice).unwrap_or_default();
            let mut entry: Option<State> = None;
            for call in calls {
                let state = self.states.get(*call).copied().unwrap_or_default();
                entry = Some(entry.map_or(state, |e| State {
                    errexit: e.errexit.min(state.errexit),
                    pipefail: e.pipefail.min(state.pipefail),
                }));
            }
            entries.insert(&function.name, entry.unwrap_or(last));
        }
        let owner_of = |index: usize| {
            self.program.scopes_of(index).find_map(|s| match &s.kind {
                ScopeKind::Function(name) => Some(name.as_str()),
                _ => None,
            })
        };
        // A function called by a function has what that one has.
        let resolve = |index: usize, of: &dyn Fn(&State) -> Switch| {
            let mut at = index;
            for _ in 0..MAX_CALLS {
                let Some(name) = owner_of(at) else { return Switch::Start };
                let found = entries.get(name).map(of).unwrap_or_default();
                if found != Switch::Caller {
                    return found;
                }
                match self.program.calls.get(name).and_then(|calls| calls.first()) {
                    Some(call) => at = *call,
                    None => return Switch::Start,
                }
            }
            Switch::Start
        };
        let mut memory: BTreeMap<&str, State> = BTreeMap::new();
        let mut states = self.states.clone();
        for (index, state) in states.iter_mut().enumerate() {
            if state.errexit != Switch::Caller && state.pipefail != Switch::Caller {
                continue;
            }
            let Some(name) = owner_of(index) else { continue };
            let entry = *memory.entry(name).or_insert_with(|| State {
                errexit: resolve(index, &|s| s.errexit),
                pipefail: resolve(index, &|s| s.pipefail),
            });
            if state.errexit == Switch::Caller {
                state.errexit = entry.errexit;
            }
            if state.pipefail == Switch::Caller {
                state.pipefail = entry.pipefail;
            }
        }
        states
    }
}
