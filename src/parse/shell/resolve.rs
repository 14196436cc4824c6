//! What variables hold at a command, put into words; and the way out of nested scopes.
//!
//! A variable holds what the last assignment before a command gave it, where every way to the command passes
//! that assignment: one in a subshell is lost, one in a branch tells nothing of what stands behind the branch,
//! one in a loop may be that of the round before.

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use super::ir::{ListOp, ListPosition, Part, Program, Scope, ScopeKind, Word};

/// Longest text a word resolves to; a script that doubles a variable forty times stops here.
const MAX_RESOLVED: usize = 8 << 10;
/// Most variables looked up for one word.
pub(super) const MAX_LOOKUPS: usize = 64;
/// Variables in variables.
const MAX_DEPTH: usize = 12;
/// Assignments that do not count passed over on the way to one that does.
const MAX_PASSED: usize = 24;
/// Elements of an array.
const MAX_ELEMENTS: usize = 256;

/// What is known of a variable.
#[derive(Debug, Clone, Default)]
pub(super) struct Variable {
    /// What a caller says it holds at the start; nothing where two say different things.
    assumed: Option<Option<Word>>,
    /// In the order of commands.
    sets: Vec<Definition>,
}

#[derive(Debug, Clone)]
struct Definition {
    /// The first command that may see it.
    from: usize,
    /// The command that gives it, where one does.
    by: Option<usize>,
    scope: usize,
    value: Option<Word>,
    elements: Option<Arc<Vec<Word>>>,
    is_local: bool,
}

/// How an assignment counts at a command.
enum Reach {
    Always,
    Never,
    Perhaps,
}

/// The arguments of a function that is called.
#[derive(Debug, Clone, Default)]
pub(super) struct Arguments {
    pub(super) words: Vec<Word>,
    /// Commands that shift them, with how many are gone from there on; nothing where that cannot be told.
    pub(super) shifts: Vec<(usize, Option<usize>)>,
    /// The commands that led to the function, the innermost call first.
    pub(super) callers: Vec<u32>,
}

impl Variable {
    /// The value, where there is only one anywhere.
    fn only(&self) -> Option<&Word> {
        let assumed = self.assumed.iter().map(Option::as_ref);
        let mut values = assumed.chain(self.sets.iter().map(|set| set.value.as_ref()));
        let first = values.next()??;
        values.all(|value| value.is_some_and(|v| v.parts == first.parts)).then_some(first)
    }
}

impl Arguments {
    /// Those left at a command.
    pub(super) fn at(&self, command: Option<u32>) -> Option<&[Word]> {
        let before = match command {
            Some(command) => self.shifts.partition_point(|(index, _)| *index < command as usize),
            None => 0,
        };
        let gone = match before.checked_sub(1).and_then(|last| self.shifts.get(last)) {
            Some((_, gone)) => (*gone)?,
            None => 0,
        };
        Some(self.words.get(gone..).unwrap_or_default())
    }
}

impl Program {
    /// Declares a variable the caller knows, an `env:` key for example. It holds until the script assigns
    /// another value.
    pub fn assume(&mut self, name: &str, value: &str) {
        self.called = OnceLock::new();
        let word = Word::constant(value, 0..0);
        let variable = self.variables.entry(name.to_owned()).or_default();
        match &mut variable.assumed {
            Some(known) if known.as_ref().is_none_or(|k| k.parts != word.parts) => *known = None,
            Some(_) => {}
            None => variable.assumed = Some(Some(word)),
        }
    }

    /// A variable is given a value by no command: one that cannot be told where there is none.
    pub(super) fn define(&mut self, name: &str, value: Option<Word>) {
        self.define_in(0, name, value);
    }

    /// As [`Program::define`], in a scope.
    pub(super) fn define_in(&mut self, scope: usize, name: &str, value: Option<Word>) {
        let from = self.commands.len();
        self.insert(name, Definition { from, by: None, scope, value, elements: None, is_local: false });
    }

    /// A variable is given a value, or the elements of an array, by a command.
    pub(super) fn set(
        &mut self,
        command: usize,
        name: &str,
        value: Option<Word>,
        elements: Option<Vec<Word>>,
        is_local: bool,
    ) {
        let scope = self.commands.get(command).map_or(0, |c| c.scope);
        let elements = elements.filter(|e| e.len() <= MAX_ELEMENTS).map(Arc::new);
        self.insert(name, Definition { from: command + 1, by: Some(command), scope, value, elements, is_local });
    }

    fn insert(&mut self, name: &str, definition: Definition) {
        self.called = OnceLock::new();
        match self.variables.get_mut(name) {
            Some(variable) => {
                // What substitutions in its words assign was noted before.
                let at = variable.sets.partition_point(|set| set.from <= definition.from);
                variable.sets.insert(at, definition);
            }
            None => {
                self.variables.insert(name.to_owned(), Variable { assumed: None, sets: vec![definition] });
            }
        }
    }

    /// The text of a word where every part is constant or a variable with one known value.
    #[must_use]
    pub fn resolve(&self, word: &Word) -> Option<String> {
        let (text, known) = self.show(word);
        known.then_some(text)
    }

    /// The text of a word with every known variable put in and the rest in the shell's spelling,
    /// and whether all of it was known.
    #[must_use]
    pub fn show(&self, word: &Word) -> (String, bool) {
        let mut lookups = MAX_LOOKUPS;
        self.expand(word, MAX_DEPTH, &mut lookups)
    }

    pub(super) fn expand(&self, word: &Word, depth: usize, lookups: &mut usize) -> (String, bool) {
        // Most words are one piece of text.
        if let [Part::Literal(text)] = word.parts.as_slice() {
            return (text.clone(), true);
        }
        let mut out = String::new();
        let mut known = true;
        for part in &word.parts {
            if out.len() > MAX_RESOLVED {
                return (out, false);
            }
            if let Part::Literal(text) = part {
                out.push_str(text);
                continue;
            }
            match self.value_of(part, word.owner, depth, lookups) {
                Some(text) => out.push_str(&text),
                None => {
                    known = false;
                    // A name says more than half of a value, a number less.
                    match self.argument(part, word.owner).filter(|_| depth > 0) {
                        Some(argument) => out.push_str(&self.expand(argument, depth - 1, lookups).0),
                        None => out.push_str(&part.shown()),
                    }
                }
            }
        }
        (out, known)
    }

    /// The text of a part that is no literal, where all of it is known.
    fn value_of(&self, part: &Part, owner: Option<u32>, depth: usize, lookups: &mut usize) -> Option<String> {
        if depth == 0 || *lookups == 0 {
            return None;
        }
        *lookups -= 1;
        match part {
            Part::Variable(name) => self.text_of(name, owner, depth, lookups),
            Part::Other(text) => self.expansion(text, owner, depth, lookups),
            Part::Substitution(commands) => self.printed(commands.clone(), depth, lookups),
            _ => None,
        }
    }

    /// The text of a variable at a command, where all of it is known.
    pub(super) fn text_of(&self, name: &str, owner: Option<u32>, depth: usize, lookups: &mut usize) -> Option<String> {
        if name.bytes().next().is_some_and(|b| matches!(b, b'0'..=b'9' | b'@' | b'*' | b'#')) {
            let words = self.arguments.as_ref()?.at(owner)?;
            if name == "#" {
                return Some(words.len().to_string());
            }
            let chosen = match name.parse::<usize>() {
                Ok(0) => return None,
                Ok(number) => words.get(number - 1..number).unwrap_or_default(),
                Err(_) => words,
            };
            return self.joined(chosen, depth, lookups);
        }
        let value = self.variables.get(name).and_then(|variable| self.held(variable, owner))?;
        let (text, all) = self.expand(value, depth - 1, lookups);
        all.then_some(text)
    }

    fn argument(&self, part: &Part, owner: Option<u32>) -> Option<&Word> {
        let Part::Variable(name) = part else { return None };
        let number: usize = name.parse().ok()?;
        self.arguments.as_ref()?.at(owner)?.get(number.checked_sub(1)?)
    }

    /// Words with blanks between them, where all are known.
    pub(super) fn joined(&self, words: &[Word], depth: usize, lookups: &mut usize) -> Option<String> {
        let mut out = String::new();
        for (index, word) in words.iter().enumerate() {
            let (text, all) = self.expand(word, depth - 1, lookups);
            if !all || out.len() > MAX_RESOLVED {
                return None;
            }
            if index > 0 {
                out.push(' ');
            }
            out.push_str(&text);
        }
        Some(out)
    }

    /// Whether nothing that is known gives a variable a value before a command.
    pub(super) fn is_unset(&self, name: &str, owner: Option<u32>) -> bool {
        let Some(variable) = self.variables.get(name) else { return true };
        let Some(mut at) = owner else { return false };
        let mut callers = self.arguments.iter().flat_map(|a| &a.callers);
        loop {
            match (self.search(variable, at as usize), callers.next()) {
                (Search::Start, _) => return variable.assumed.is_none(),
                (Search::Caller, Some(caller)) => at = *caller,
                _ => return false,
            }
        }
    }

    /// The elements of an array at a command.
    pub(super) fn elements(&self, name: &str, owner: Option<u32>) -> Option<&[Word]> {
        let variable = self.variables.get(name)?;
        let elements = match owner {
            Some(owner) => self.last_set(variable, owner as usize)?.elements.as_ref(),
            None => variable.sets.first().filter(|_| variable.sets.len() == 1)?.elements.as_ref(),
        };
        elements.map(|e| e.as_slice())
    }

    /// What a variable holds at a command.
    fn held<'v>(&self, variable: &'v Variable, owner: Option<u32>) -> Option<&'v Word> {
        let Some(mut at) = owner else { return variable.only() };
        let mut callers = self.arguments.iter().flat_map(|a| &a.callers);
        loop {
            match self.search(variable, at as usize) {
                Search::Set(index) => return variable.sets.get(index)?.value.as_ref(),
                Search::Start => return variable.assumed.as_ref()?.as_ref(),
                Search::Unsure => return variable.only(),
                Search::Caller => match callers.next() {
                    Some(caller) => at = *caller,
                    None => return variable.only(),
                },
            }
        }
    }

    fn last_set<'v>(&self, variable: &'v Variable, command: usize) -> Option<&'v Definition> {
        match self.search(variable, command) {
            Search::Set(index) => variable.sets.get(index),
            Search::Unsure | Search::Caller if variable.sets.len() == 1 => variable.sets.first(),
            _ => None,
        }
    }

    fn search(&self, variable: &Variable, command: usize) -> Search {
        let Some(scope) = self.commands.get(command).map(|c| c.scope) else { return Search::Unsure };
        if variable.sets.is_empty() {
            return Search::Start;
        }
        let around: Vec<usize> = self.around(scope).collect();
        let before = variable.sets.partition_point(|set| set.from <= command);
        let earlier = variable.sets.get(..before).unwrap_or_default();
        for (index, set) in earlier.iter().enumerate().rev().take(MAX_PASSED) {
            match self.reach(set, command, &around) {
                Reach::Never => {}
                Reach::Perhaps => return Search::Unsure,
                Reach::Always => {
                    let later = variable.sets.get(index + 1..).unwrap_or_default();
                    return self.comes_round(Some(set.scope), &around, later).unwrap_or(Search::Set(index));
                }
            }
        }
        if before > MAX_PASSED {
            return Search::Unsure;
        }
        self.comes_round(None, &around, &variable.sets).unwrap_or(Search::Start)
    }

    /// How an assignment counts at a command with these scopes around it.
    fn reach(&self, set: &Definition, command: usize, around: &[usize]) -> Reach {
        let by = set.by.and_then(|by| self.commands.get(by));
        if by.is_some_and(|by| self.is_part_of_pipeline(by.pipeline)) {
            return Reach::Never;
        }
        let mut sure = by.is_none_or(|by| self.always_runs(by.list, command));
        let mut inner = Some(set.scope);
        while let Some(index) = inner.filter(|index| !around.contains(index)) {
            let Some(scope) = self.scopes.get(index) else { break };
            let in_other = |wanted: &dyn Fn(&Scope) -> bool| {
                around.iter().filter_map(|a| self.scopes.get(*a)).any(|s| s.parent == scope.parent && wanted(s))
            };
            match &scope.kind {
                ScopeKind::Subshell
                | ScopeKind::Substitution(_)
                | ScopeKind::ProcessSubstitution(_)
                | ScopeKind::NestedShell(_) => return Reach::Never,
                ScopeKind::Function(_) if set.is_local => return Reach::Never,
                ScopeKind::Then(id) | ScopeKind::Else(id) => {
                    let other = |s: &Scope| matches!(&s.kind, ScopeKind::Then(o) | ScopeKind::Else(o) if o == id);
                    if in_other(&other) {
                        return Reach::Never;
                    }
                    sure = false;
                }
                ScopeKind::Case => {
                    if in_other(&|s| s.kind == ScopeKind::Case && s.number == scope.number) {
                        return Reach::Never;
                    }
                    sure = false;
                }
                ScopeKind::Loop(_) | ScopeKind::Function(_) => sure = false,
                ScopeKind::Script | ScopeKind::Group | ScopeKind::Condition(_) => {}
            }
            if scope.stage.is_some_and(|(pipeline, _)| self.is_part_of_pipeline(pipeline)) {
                return Reach::Never;
            }
            sure &= self.always_runs(scope.list, command);
            inner = scope.parent;
        }
        if sure { Reach::Always } else { Reach::Perhaps }
    }

    fn is_part_of_pipeline(&self, pipeline: usize) -> bool {
        self.pipelines.get(pipeline).is_some_and(|p| p.stages.len() > 1)
    }

    /// Whether the member of a chain has run where a command does: it is the first, or both are joined by `&&`.
    fn always_runs(&self, list: Option<ListPosition>, command: usize) -> bool {
        let Some(at) = list.filter(|at| at.item > 0) else { return true };
        let Some(list) = self.lists.get(at.list) else { return true };
        let Some(item) = list.items.iter().skip(at.item).position(|i| i.commands.contains(&command)) else {
            return false;
        };
        // Of long chains only what stands near is looked at.
        item <= MAX_LOOKUPS && list.items.iter().skip(at.item + 1).take(item).all(|i| i.op == Some(ListOp::And))
    }

    /// Whether an assignment behind a command may come before it all the same: in the next round of a loop, or
    /// before a function is called.
    fn comes_round(&self, set: Option<usize>, around: &[usize], later: &[Definition]) -> Option<Search> {
        let inside = |range: &Range<usize>| {
            let first = later.partition_point(|l| l.from <= range.start);
            later.get(first).is_some_and(|l| l.from <= range.end)
        };
        let outside = |range: &Range<usize>| {
            later.first().is_some_and(|l| l.from <= range.start) || later.last().is_some_and(|l| l.from > range.end)
        };
        let scopes = around.iter().take_while(|index| set != Some(**index));
        scopes.filter_map(|index| Some((*index, self.scopes.get(*index)?))).find_map(|(index, scope)| {
            let holds_set = || set.is_some_and(|set| self.within(set, index));
            match scope.kind {
                ScopeKind::Loop(_) if inside(&scope.commands) && !holds_set() => Some(Search::Unsure),
                ScopeKind::Function(_) if outside(&scope.commands) && !holds_set() => Some(Search::Caller),
                _ => None,
            }
        })
    }

    /// A scope and those around it, innermost first.
    pub(super) fn around(&self, scope: usize) -> impl Iterator<Item = usize> {
        std::iter::successors(Some(scope), |scope| self.scopes.get(*scope)?.parent)
    }

    /// The scopes around a command, innermost first.
    pub fn scopes_of(&self, command: usize) -> impl Iterator<Item = &Scope> {
        let mut next = self.commands.get(command).map(|c| c.scope);
        std::iter::from_fn(move || {
            let scope = self.scopes.get(next?)?;
            next = scope.parent;
            Some(scope)
        })
    }

    /// Whether the scope `inner` is `outer` or stands within it.
    #[must_use]
    pub fn within(&self, inner: usize, outer: usize) -> bool {
        self.around(inner).any(|scope| scope == outer)
    }
}

enum Search {
    /// This assignment.
    Set(usize),
    /// None; what was assumed.
    Start,
    /// What it held where the function is called.
    Caller,
    Unsure,
}
